//! Requests of the page.

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::event_log::EventLog;
use crate::import::RawFile;
use crate::lessons::OpenLesson;
use crate::pages::PageQuery;
use crate::stored::{ApplyMode, ObjectKey};
use crate::terminal::TerminalRequest;
use crate::workspace::{File, Workspace};
use text::FileId;

/// The number of changes of the text, from 1. The page counts; the worker repeats the number.
pub type Revision = u32;

/// A request with its number. Numbers are not used again, also not after a restart of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    pub number: u32,
    pub request: Request,
}

/// A request of the page. The first group changes the session and is answered by
/// [`Reply::Updated`](crate::Reply::Updated); the second only reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Replaces the session with these files, and replays the events up to the log's time.
    Open {
        workspace: Workspace,
        revision: Revision,
        log: EventLog,
    },
    /// Creates a file or replaces its text. What runs changes when the text is applied, with
    /// [`Request::FollowText`] or [`Request::Apply`].
    Edit {
        file: File,
        revision: Revision,
    },
    /// As [`Request::Edit`], for several files.
    EditFiles {
        files: Vec<File>,
        revision: Revision,
    },
    Remove {
        file: FileId,
        revision: Revision,
    },
    /// Applies the text after a pause in typing. In [`ApplyMode::ByHand`] only files that are no
    /// manifests are taken over.
    FollowText,
    /// Applies the text as `kubectl apply -f` does.
    Apply,
    /// Changes how the text is applied. [`ApplyMode::FollowText`] applies it at once.
    SetApplyMode {
        mode: ApplyMode,
    },
    /// Deletes stored objects.
    DeleteObjects {
        objects: Vec<ObjectKey>,
    },
    /// Deletes stored objects and creates them from the text.
    RecreateObjects {
        objects: Vec<ObjectKey>,
    },
    /// Hides the findings with these codes.
    Silence {
        codes: Vec<String>,
    },
    /// Advances simulated time by a number of milliseconds. This request, `NextScrape` and `Seek`
    /// do a limited amount of work; [`Clock::goal`](crate::Clock::goal) is set until
    /// [`Request::Continue`] has done the rest.
    Advance {
        millis: u64,
    },
    /// Advances to the moment after the next scrape of any target.
    NextScrape,
    /// Moves to a time, in milliseconds since the start. Moving back replays all events.
    Seek {
        at: u64,
    },
    /// Continues toward [`Clock::goal`](crate::Clock::goal). The open page is answered only if
    /// `show` is set or the goal is reached.
    Continue {
        show: bool,
    },
    /// Gives up the goal; the clock stays where it is.
    Stop,
    /// Shows the fields that the stored objects of a file have beyond its text, or hides them.
    ShowDefaults {
        file: Option<FileId>,
    },
    /// Turns on or off the time that an edit takes to reach a running Prometheus.
    SetDelays {
        on: bool,
    },
    /// Lets the cluster run in simulated time, or shows the state that the text leads to. The
    /// simulation begins again.
    SetRunning {
        on: bool,
    },
    /// Performs an action now.
    Act {
        action: Action,
    },
    /// Opens a lesson over the files that are open, or closes it with None. The text is graded after
    /// every change and at each step of time; see [`Update::lesson`](crate::Update::lesson).
    SetLesson {
        lesson: Option<Box<OpenLesson>>,
    },
    /// Answers the question of a goal of the lesson.
    AnswerGoal {
        goal: String,
        answer: String,
    },
    /// Answers the question that the lesson asks at the start.
    Predict {
        answer: String,
    },
    /// Sets the page that is answered from now on.
    Watch {
        query: PageQuery,
    },

    /// Asks for the hover card at a byte offset.
    Hover {
        file: FileId,
        offset: u32,
    },
    /// Asks for completions at a byte offset.
    Complete {
        file: FileId,
        offset: u32,
    },
    /// Asks for the hover card at a byte offset of a PromQL query.
    HoverQuery {
        query: String,
        offset: u32,
    },
    /// Asks for completions at a byte offset of a PromQL query.
    CompleteQuery {
        query: String,
        offset: u32,
    },
    /// Runs, ends or closes something in a terminal.
    Terminal(TerminalRequest),
    /// Asks for completions at a byte offset of a command line.
    CompleteLine {
        terminal: u32,
        line: String,
        offset: u32,
    },
    /// Reads files that are imported, and answers with [`Reply::Imported`](crate::Reply::Imported).
    Import {
        files: Vec<RawFile>,
    },
    /// Never returns. Tests use it to see that the page restarts a worker that hangs.
    Spin,
    /// Panics. Tests use it to see that the page reports a worker that fails.
    Panic,
}

impl Request {
    /// Returns true if the request changes the session.
    pub fn changes(&self) -> bool {
        !matches!(
            self,
            Self::Hover { .. }
                | Self::Complete { .. }
                | Self::HoverQuery { .. }
                | Self::CompleteQuery { .. }
                | Self::CompleteLine { .. }
                | Self::Import { .. }
                | Self::Spin
                | Self::Panic
        )
    }
}
