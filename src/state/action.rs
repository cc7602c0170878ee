//! Actions that change the state of the page, and effects outside of the state.

use super::{Dialog, Page, SavedWork, Side, Theme};
use protocol::PageQuery;
use protocol::Update;
use protocol::{File, Request};
use text::{FileId, Fix, Location};

/// An action of the visitor, the worker or the browser.
#[derive(Clone, Debug)]
pub enum Action {
    OpenScenario(String),
    /// Replaces the workspace with the work of a link.
    OpenWork(Box<SavedWork>),
    /// Replaces the workspace with imported files.
    OpenFiles(Vec<(String, String)>),
    /// Creates an empty file with this name.
    NewFile(String),
    /// Creates a file with this name and text. An existing file is opened; its text is replaced
    /// only if `replace` is true.
    WriteFile {
        name: String,
        text: String,
        replace: bool,
    },
    /// Renames the active file.
    RenameFile(String),
    CloseFile(FileId),
    /// Restores the work before the last replacement or removal.
    Undo,
    /// The visitor typed. `text` is the complete new text.
    Typed {
        file: FileId,
        text: String,
    },
    /// The cursor of the editor moved to an offset in UTF-16 units.
    CursorMoved {
        file: FileId,
        utf16: u32,
    },
    Activate(FileId),
    /// Shows the source of a result in the editor.
    ShowSource(Location),
    /// Highlights the source of the result under the pointer.
    Highlight(Option<Location>),
    ApplyFix(Fix),
    Show(Page),
    /// Sets the query of the active page.
    SetQuery(PageQuery),
    /// Opens the page "Query" with this expression.
    Graph(String),
    ShowSide(Side),
    SetTheme(Theme),
    ToggleNotes,
    SetSplit(f64),
    Play(bool),
    SetSpeed(u32),
    NextScrape,
    Seek(u64),
    /// Advances simulated time by a number of milliseconds.
    Advance(u64),
    /// Cancels a long run.
    StopRun,
    /// Turns on or off the time that an edit takes to reach Prometheus.
    SetDelays(bool),
    /// A number of real milliseconds has passed.
    Tick(f64),
    Act(protocol::Action),
    /// Shows the documentation of a check.
    ShowCheck(String),
    /// Hides or shows the findings of a check.
    Silence {
        code: String,
        silent: bool,
    },
    Updated(Box<Update>),
    /// The worker failed and was terminated. `gave_up` is true after repeated failures.
    WorkerFailed {
        failure: Failure,
        gave_up: bool,
    },
    /// Starts the worker again after it was given up.
    RestartWorker,
    StorageFailed(String),
    Notify(String),
    Dismiss(u32),
    OpenDialog(Option<Dialog>),
    Export,
    Share,
    /// Copies text to the clipboard.
    Copy(String),
    /// Downloads a file.
    Download(File),
    /// Sends a request that never ends. Available with `?debug`.
    Spin,
    /// Sends a request that panics. Available with `?debug`.
    PanicWorker,
}

/// The cause of a failure of the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The worker did not answer in time.
    Timeout,
    /// The worker did not start.
    NotStarted(String),
    /// The worker stopped or dropped a request.
    Crashed(String),
}

/// A report of an error that the page cannot handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorReport {
    /// The error as the program states it.
    pub message: String,
    /// The consequences, in plain words.
    pub explanation: &'static str,
    /// The label of a button that starts the worker again.
    pub restart: Option<&'static str>,
}

/// An effect outside of the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Send(Request),
    /// Saves text and view.
    Save,
    /// Shows the active document in the editor.
    ShowDocument,
    /// Drops the editor state of a file, or of all files.
    DropEditorState(Option<FileId>),
    /// Draws the annotations of the active document.
    Annotate,
    /// Moves the cursor to a location in the active document.
    Reveal {
        location: Location,
        focus: bool,
    },
    Highlight(Option<Location>),
    ApplyTheme(Theme),
    Download(Vec<File>),
    CopyLink(Box<SavedWork>),
    CopyText(String),
    ReportError(ErrorReport),
}
