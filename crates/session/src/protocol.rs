//! The messages between page and worker.

use serde::{Deserialize, Serialize};

use super::pages::{Question, View};
use super::workspace::{File, Workspace};
use text::{Diagnostic, FileId, Span};

/// Counts the changes of the text, from 1. The page counts; the worker repeats what it was told.
pub type Revision = u32;

/// A request with its number. Numbers rise by one, also over a restart of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    pub number: u32,
    pub request: Request,
}

/// What the page may ask. The first group changes the session and is answered by an update; the
/// second only looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Begins anew with these files, and lives through the same events up to the same moment.
    Open {
        workspace: Workspace,
        revision: Revision,
        past: Past,
    },
    /// A file has new text, or is new.
    Edit {
        file: File,
        revision: Revision,
    },
    Remove {
        file: FileId,
        revision: Revision,
    },
    /// The codes of all findings that are not to be shown.
    Silence {
        codes: Vec<String>,
    },
    /// Simulated time goes on by so many milliseconds. This and the next two do no more at once
    /// than takes a moment; [`Clock::goal`] says what is left for [`Request::Continue`].
    Advance {
        millis: u64,
    },
    /// To the moment right after the next scrape of any target.
    NextScrape,
    /// To this moment. Going back lives through everything again from the start.
    Seek {
        at: u64,
    },
    /// Goes on towards [`Clock::goal`]. What is in view is answered only where `show` is set or
    /// the goal is reached.
    Continue {
        show: bool,
    },
    /// The goal is given up; the clock stands where it is.
    Stop,
    /// Whether edits take the time that they would take in a cluster.
    Delays {
        on: bool,
    },
    /// Something happens now: an [`Action::id`] with whom it concerns and how long it lasts, as
    /// [`Action::choice`] writes it, `end` and a choice, or `skip`.
    Act {
        action: String,
    },
    /// The results that are in view, from now on.
    Watch {
        question: Question,
    },

    /// What a pointer at this place should see.
    Hover {
        file: FileId,
        offset: u32,
    },
    /// What could be written at this place.
    Complete {
        file: FileId,
        offset: u32,
        explicit: bool,
    },
    /// What could be written at this place of a query.
    CompleteQuery {
        query: String,
        offset: u32,
    },
    HoverQuery {
        query: String,
        offset: u32,
    },
    /// Never comes back: a test of what the page does about it.
    Spin,
}

impl Request {
    /// Whether the session is another one afterwards.
    pub fn changes(&self) -> bool {
        !matches!(
            self,
            Self::Hover { .. }
                | Self::Complete { .. }
                | Self::CompleteQuery { .. }
                | Self::HoverQuery { .. }
                | Self::Spin
        )
    }
}

/// What has happened in simulated time, so that it can be lived through again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Milliseconds since the start.
    pub now: u64,
    pub events: Vec<Happening>,
    /// See [`Request::Delays`].
    #[serde(default)]
    pub delays: bool,
}

/// An event at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// Milliseconds since the start.
    pub at: u64,
    /// The action's id; see [`Action::id`].
    pub action: String,
    /// In a few words, for the track.
    pub label: String,
    /// Where it lasts: its end, [`UNTIL_ENDED`] where it has none yet.
    #[serde(default)]
    pub until: Option<u64>,
}

/// The end of what goes on until somebody ends it.
pub const UNTIL_ENDED: u64 = u64::MAX;

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The request it answers.
    pub number: u32,
    pub reply: Reply,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Updated(Box<Update>),
    Hover(Option<Card>),
    Completions(Option<Completions>),
}

/// What has changed. A part that is absent is as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    pub revision: Revision,
    /// The files whose annotations are new.
    pub annotations: Vec<Annotations>,
    /// The file that Prometheus reads, with the place of its text.
    pub summary: Option<Summary>,
    pub clock: Clock,
    /// What may happen next.
    pub actions: Option<Vec<Action>>,
    /// The answer to the open question.
    pub view: Option<Box<View>>,
    /// Microseconds that the worker spent, as its caller measured them; 0 where nobody did.
    pub micros: u32,
}

/// What is drawn over a file's text. Offsets are bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Annotations {
    pub file: FileId,
    pub diagnostics: Vec<Diagnostic>,
    pub notes: Vec<Note>,
    /// Colours inside embedded YAML.
    pub tokens: Vec<Token>,
    /// Where YAML is embedded.
    pub inner: Vec<Span>,
}

/// A few words at the end of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Any place in the line.
    pub at: u32,
    pub text: String,
    pub kind: NoteKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoteKind {
    /// What the field does.
    Meaning,
    /// What follows from it here.
    Consequence,
    /// What is wrong with it.
    Trouble,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub span: Span,
    pub kind: TokenKind,
}

/// The order is the one that `static/js/editor.js` has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenKind {
    Key,
    Text,
    Number,
    Comment,
    Punctuation,
}

/// What the frame of the page shows, whatever is in view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Targets that are up, of those that are scraped.
    pub up: u32,
    pub targets: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Milliseconds since the start.
    pub now: u64,
    /// What happened so far, where that has changed.
    pub events: Option<Vec<Happening>>,
    /// Where the clock is going, while it is not there.
    pub goal: Option<u64>,
    pub store: Store,
    /// The way of the last edit to Prometheus, as long as it is under way.
    pub rollout: Vec<Stage>,
}

/// What is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Store {
    pub samples: u64,
    pub series: u64,
    pub bytes: u64,
    /// The oldest samples go when more bytes than this are needed.
    pub limit: u64,
    /// What is older than this, in milliseconds since the start, had to go for want of room.
    pub since: Option<u64>,
}

/// A place on an edit's way to Prometheus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub name: String,
    /// Why it takes its time, in a sentence.
    pub text: String,
    pub state: StageState,
    /// When it will be through, in milliseconds since the start, where that is known.
    pub due: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StageState {
    Done,
    /// Its time runs.
    Now,
    /// After the ones before it.
    Later,
    /// Somebody has to do something.
    Stuck,
}

/// Something that a visitor may let happen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Stable over edits as long as its object is there.
    pub id: String,
    pub label: String,
    /// What follows from it, in a sentence or two.
    pub help: String,
    pub group: Group,
    /// Shown as a button of its own, not in the menu.
    pub prominent: bool,
    /// Whom it can concern; empty where that is no question.
    pub subjects: Vec<Subject>,
    /// Seconds that it can last, the usual first, 0 for "until it is ended"; empty where that is
    /// no question.
    pub lasts: Vec<u32>,
}

impl Action {
    /// The request's text for a choice of subject and length.
    pub fn choice(&self, subject: Option<&str>, seconds: Option<u32>) -> String {
        super::happenings::write(&self.id, subject, seconds)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    pub id: String,
    pub label: String,
}

/// The parts of the menu, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Group {
    #[default]
    Visitors,
    Traffic,
    Pods,
    Faults,
    Prometheus,
}

impl Group {
    pub const ALL: [Group; 5] =
        [Group::Visitors, Group::Traffic, Group::Pods, Group::Faults, Group::Prometheus];

    pub fn title(self) -> &'static str {
        match self {
            Group::Visitors => "Visitors",
            Group::Traffic => "Traffic",
            Group::Pods => "Pods and rollouts",
            Group::Faults => "Faults",
            Group::Prometheus => "Prometheus",
        }
    }
}

/// A hover card. Text between backticks is set as code; nothing else is markup.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// What the card is about.
    pub span: Span,
    pub title: String,
    /// In small letters beside the title: a type.
    pub kind: String,
    pub body: Vec<String>,
    pub facts: Vec<(String, String)>,
    pub code: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Completions {
    /// What is replaced.
    pub span: Span,
    pub items: Vec<Completion>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    pub label: String,
    /// What is put in; the label where it is empty.
    pub insert: String,
    pub detail: String,
    pub doc: String,
    /// Order among the others; higher comes first.
    pub rank: i32,
}
