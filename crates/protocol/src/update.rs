//! Answers of the worker.

use serde::{Deserialize, Serialize};

use crate::action::ActionSpec;
use crate::event_log::LoggedEvent;
use crate::import::Imported;
use crate::lessons::Progress;
use crate::pages::View;
use crate::request::Revision;
use crate::stored::Stored;
use crate::terminal::{LineCompletions, TerminalUpdate};
use text::{Diagnostic, FileId, Span};

/// A message of the worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WorkerEvent {
    /// The worker has started and accepts requests.
    Ready,
    /// The answer to a request.
    Answer(Message),
    /// The worker failed. After [`WorkerFailure::Panic`] it does not answer any more.
    Failed(WorkerFailure),
    /// The descriptions of Kubernetes fields did not load. The next answer that lacks one requests
    /// them again.
    DescriptionsMissing,
}

/// A failure of the worker, with the data of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkerFailure {
    /// The code panicked. The worker is unusable and must be replaced.
    Panic {
        message: String,
        /// `FILE:LINE:COLUMN` in the source.
        location: String,
    },
    /// A request could not be decoded and was not carried out.
    UndecodableRequest {
        /// The number of bytes received.
        length: u32,
        reason: String,
    },
}

impl std::fmt::Display for WorkerFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Panic { message, location } => write!(f, "panicked at {location}: {message}"),
            Self::UndecodableRequest { length, reason } => {
                write!(f, "cannot decode a request of {length} bytes: {reason}")
            }
        }
    }
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The number of the request.
    pub number: u32,
    pub reply: Reply,
    /// True if the reply lacks descriptions of Kubernetes fields because they are not loaded yet.
    pub lacks_descriptions: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    Updated(Box<Update>),
    /// None if there is nothing to explain at the place.
    Hover(Option<Card>),
    Completions(Option<Completions>),
    Imported(Box<Imported>),
    /// The answer to [`Request::CompleteLine`](crate::Request::CompleteLine).
    LineCompletions(Box<LineCompletions>),
}

/// The changes since the last update. A part that is absent has not changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    pub revision: Revision,
    /// Annotations of the files whose annotations changed.
    pub annotations: Vec<Annotations>,
    pub summary: Option<Summary>,
    pub clock: Clock,
    /// The stored objects, as far as they differ from the text.
    pub stored: Option<Box<Stored>>,
    /// The actions that are possible now.
    pub actions: Option<Vec<ActionSpec>>,
    /// The view of the open page.
    pub view: Option<Box<View>>,
    /// The progress in the open lesson.
    pub lesson: Option<Box<Progress>>,
    /// What happened in terminals.
    pub terminals: Vec<TerminalUpdate>,
    /// Microseconds that the worker spent, as its caller measured them; 0 if not measured.
    pub micros: u32,
}

/// Annotations of one file's text. Offsets are bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Annotations {
    pub file: FileId,
    pub diagnostics: Vec<Diagnostic>,
    /// The source of each diagnostic; None outside of manifests.
    pub grades: Vec<Option<Grade>>,
    pub inlay_hints: Vec<InlayHint>,
    /// Fields of the stored objects that the text does not have; see
    /// [`Request::ShowDefaults`](crate::Request::ShowDefaults).
    pub defaults: Vec<DefaultField>,
    /// Colors inside embedded documents.
    pub semantic_tokens: Vec<SemanticToken>,
    /// The places of embedded documents.
    pub embedded: Vec<Span>,
}

/// The severity of a verdict on a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grade {
    /// The API server or kubectl refuses the object.
    Refused,
    /// The API server refuses to change the stored object into this one.
    ChangeRefused,
    /// The API server accepts the object, with a warning.
    Accepted,
    /// The server accepts it without a warning; the finding is this page's own.
    Advice,
}

impl Grade {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Refused => "the API server refuses this",
            Self::ChangeRefused => "the change is refused",
            Self::Accepted => "accepted, but …",
            Self::Advice => "advice",
        }
    }
}

/// A few words at the end of a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InlayHint {
    /// Any offset in the line.
    pub at: u32,
    pub text: String,
    pub kind: InlayHintKind,
}

/// A field that a stored object has and its manifest has not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefaultField {
    /// Any offset in the line that the field would follow.
    pub at: u32,
    /// The lines of the field, indented as they would stand in the text.
    pub lines: Vec<String>,
    /// The origin of the value: `default`, or a part of the API server.
    pub by: String,
    /// The effect of the value; may be empty.
    pub why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InlayHintKind {
    /// The purpose of the field.
    Meaning,
    /// The effect of the value in this workspace.
    Consequence,
    /// A problem with the value.
    Problem,
}

/// A colored piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SemanticToken {
    pub span: Span,
    pub kind: SemanticTokenKind,
}

/// The order is the order of `static/js/editor.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SemanticTokenKind {
    Key,
    Text,
    Number,
    Comment,
    Punctuation,
}

/// Counts that the page's frame shows, whatever page is open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Targets that are up.
    pub up: u32,
    /// Targets whose last scrape failed.
    pub down: u32,
    /// Targets of which no file says what answers, so that nothing is known of them.
    pub undescribed: u32,
    /// All targets.
    pub targets: u32,
    /// The name of the file with the configuration that Prometheus reads, if there is one.
    pub configuration: Option<String>,
    /// The command that shows in a terminal what the open page shows, if there is one.
    pub command: Option<String>,
    /// Monitors, Probes, ScrapeConfigs and PrometheusRules of the Prometheus Operator.
    pub monitors: u32,
    /// Charts of Helm in the workspace.
    pub charts: u32,
}

/// The state of simulated time. Times are milliseconds since the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    pub now: u64,
    /// The events so far, if they changed.
    pub events: Option<Vec<LoggedEvent>>,
    /// The time that the clock moves to, as long as it has not arrived.
    pub goal: Option<u64>,
    pub store: Store,
    /// The stages of the last edit's rollout, as long as it is under way.
    pub rollout: Vec<Stage>,
}

/// The size of the time series database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Store {
    pub samples: u64,
    pub series: u64,
    pub bytes: u64,
    /// The oldest samples are dropped if the database needs more bytes than this.
    pub limit: u64,
    /// Samples before this time were dropped for lack of space, in milliseconds since the start.
    pub since: Option<u64>,
}

/// A stage of an edit's rollout to Prometheus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub name: String,
    /// The reason for the delay, as a sentence.
    pub text: String,
    pub state: StageState,
    /// The time at which the stage ends, in milliseconds since the start, if it is known.
    pub due: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StageState {
    Done,
    /// In progress.
    Now,
    /// Waits for the stages before it.
    Later,
    /// Waits for an action, for example a reload of Prometheus.
    Stuck,
}

/// A hover card. Text between backticks is code; there is no other markup.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The text that the card explains.
    pub span: Span,
    pub title: String,
    /// A type, shown beside the title.
    pub kind: String,
    pub body: Vec<String>,
    /// Names and values.
    pub facts: Vec<(String, String)>,
    pub code: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Completions {
    /// The text that a completion replaces.
    pub span: Span,
    pub items: Vec<Completion>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    pub label: String,
    /// The text to insert; the label if it is empty.
    pub insert: String,
    pub detail: String,
    pub doc: String,
    /// Position among the others; a higher rank comes first.
    pub rank: i32,
}
