//! The messages between page and worker.

use serde::{Deserialize, Serialize};

use super::pages::{Question, View};
use super::workspace::{File, Workspace};
use crate::text::{Diagnostic, FileId, Span};

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
    /// Simulated time goes on by so many milliseconds.
    Advance {
        millis: u64,
    },
    /// To the moment right after the next scrape of any target.
    NextScrape,
    /// To this moment. Going back lives through everything again from the start.
    Seek {
        at: u64,
    },
    /// Something happens now, by its number in [`Update::actions`].
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
}

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
}

/// Something that a visitor may let happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// Stable over edits as long as its object is there.
    pub id: String,
    pub label: String,
    pub help: String,
    /// Shown as a button of its own, not in the menu.
    pub prominent: bool,
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
