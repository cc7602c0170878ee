//! The messages between page and worker, as plain types.
//!
//! The page owns text and view; the worker owns the session. The page sends an [`Envelope`] with a
//! [`Request`]; the worker answers with a [`WorkerEvent`]. Every answer names the request that it
//! belongs to and the [`Revision`] of the text that it was computed from, so that the page can drop
//! answers that are out of date.
//!
//! Messages travel as bytes; [`encode`] and [`decode`] are the only places that know the format.
//! Work that the browser stores, and links that hold it, are JSON of the same types.
//!
//! | module | content |
//! | --- | --- |
//! | [`request`] | requests of the page |
//! | [`update`] | answers of the worker |
//! | [`workspace`] | files |
//! | [`stored`] | the stored objects of the cluster, as far as they differ from the text |
//! | [`action`] | actions of the visitor in simulated time, and the menu of possible ones |
//! | [`import`](mod@import) | files that are imported |
//! | [`event_log`] | the actions so far, with their times |
//! | [`pages`] | the registry of pages, and for each page its query and its view |
//! | [`lab`] | the model behind the page "Rate lab" |
//! | [`labels`] | label sets |
//! | [`lessons`] | the progress in a lesson |
//! | [`number`](mod@number) | numbers as pages print them |
//! | [`terminal`] | command lines of terminals, and what they print |
//!
//! To add a page: one entry in [`for_each_page`], a module in [`pages`] with the types `Query` and
//! `View`, a presenter in `session/src/pages`, and a component in `src/pages`. The compiler reports
//! each of them that is missing.

pub mod action;
pub mod event_log;
pub mod import;
pub mod lab;
pub mod labels;
pub mod lessons;
pub mod number;
pub mod pages;
pub mod request;
pub mod stored;
pub mod terminal;
pub mod update;
mod wire;
pub mod workspace;

pub use action::{
    Action, ActionKind, ActionSpec, Choice, Fault, Group, ProcessKey, Scope, Subject,
};
pub use event_log::{EventLog, LAST_TIME, LoggedEvent, UNTIL_ENDED};
pub use import::{Given, Imported, ImportedFile, RawFile};
pub use labels::Labels;
pub use lessons::{GoalProgress, GoalState, GuardProgress, OpenLesson, Prediction, Progress};
pub use pages::{Page, PageQuery, View};
pub use request::{Envelope, Request, Revision};
pub use stored::{ApplyMode, Changes, LEFT_OVER, MovedText, ObjectKey, RefusedChange, Stored};
pub use terminal::{
    LineCompletions, LinkTarget, Opened, OutputLink, OutputPiece, TerminalRequest, TerminalUpdate,
    WrittenFile,
};
pub use update::{
    Annotations, Card, Clock, Completion, Completions, DefaultField, Grade, InlayHint,
    InlayHintKind, Message, Reply, SemanticToken, SemanticTokenKind, Stage, StageState, Store,
    Summary, Update, WorkerEvent, WorkerFailure,
};
pub use wire::{DecodeError, decode, encode};
pub use workspace::{File, Workspace, rendered_id, template_of, with_template};
