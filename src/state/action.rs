//! Actions that change the state of the page, and effects outside of the state.

use super::address::{Address, Place};
use super::lesson::Learner;
use super::restarts::Recovery;
use super::valid::ValidWork;
use super::workspaces::{Keep, StoreRequest, Stored, StoredWorkspace, WorkspaceRecord};
use super::{Dialog, Page, SavedWork, Side, Theme};
use lessons::homework::Draft;
use protocol::PageQuery;
use protocol::Update;
use protocol::{ApplyMode, LineCompletions, LinkTarget, ObjectKey};
use protocol::{File, Imported, RawFile, Request};
use text::{FileId, Fix, Location};

/// An action of the visitor, the worker or the browser.
#[derive(Clone, Debug)]
pub enum Action {
    OpenScenario(String),
    /// Opens the work of a link as a workspace.
    OpenWork(Box<ValidWork>),
    /// Reads files that the visitor dropped, chose or pasted.
    Import(Vec<RawFile>),
    /// The files have been read. The visitor chooses what becomes of them.
    ImportRead(Box<Imported>),
    /// The worker failed before it had read the files.
    ImportFailed,
    /// Opens the imported files as a workspace.
    OpenImport,
    /// Adds the imported files to the open ones. A file with the name of an open one replaces its
    /// text if `replace` is true, and gets another name otherwise.
    AddImport {
        replace: bool,
    },
    /// Opens what waits for a confirmation.
    ConfirmOpening,
    /// The stored workspaces, from the browser.
    ListWorkspaces(Vec<WorkspaceRecord>),
    /// Opens a stored workspace by its id.
    OpenWorkspace(String),
    /// A stored workspace that was asked for has been read.
    WorkspaceRead(Box<StoredWorkspace>),
    /// The same for the version that another tab stored.
    NewerVersionRead(Box<StoredWorkspace>),
    RenameWorkspace {
        id: String,
        name: String,
    },
    /// Deletes a workspace, or restores a deleted one.
    DeleteWorkspace {
        id: String,
        deleted: bool,
    },
    /// The outcome of storing the workspace with this id.
    Stored {
        id: String,
        outcome: Stored,
    },
    /// Another tab stored, renamed or deleted the workspace with this id.
    ChangedElsewhere(String),
    /// Ends a conflict between two tabs.
    ResolveConflict(Keep),
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
    /// The visitor has not typed for a moment.
    TypingPaused,
    /// Applies the text as `kubectl apply -f` does.
    ApplyText,
    SetApplyMode(ApplyMode),
    /// Deletes stored objects.
    DeleteObjects(Vec<ObjectKey>),
    /// Deletes stored objects and creates them from the text.
    RecreateObjects(Vec<ObjectKey>),
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
    /// Shows a place in the editor.
    ShowSource(Location),
    /// Shows the source of a result in the editor.
    ShowOrigin(Location),
    /// Highlights the source of the result under the pointer.
    Highlight(Option<Location>),
    ApplyFix(Fix),
    Show(Page),
    /// Sets the query of the active page.
    SetQuery(PageQuery),
    /// Asks the query of the active page again after it was canceled.
    AskAgain,
    /// Opens the page "Query" with this expression.
    Graph(String),
    ShowSide(Side),
    SetTheme(Theme),
    ToggleNotes,
    ToggleDefaults,
    SetSplit(f64),
    Play(bool),
    SetSpeed(u32),
    NextScrape,
    Seek(u64),
    /// Shows a part of the page in the introduction.
    VisitStop(usize),
    CloseTour,
    /// Opens a lesson by its name.
    OpenLesson(String),
    /// A lesson has been fetched; `continued` if its files are open already.
    LessonFetched {
        json: String,
        continued: bool,
    },
    /// Shows the start of the lesson again.
    ResetLesson,
    CloseLesson,
    /// Answers the question of a goal.
    AnswerGoal {
        goal: String,
        answer: String,
    },
    /// Answers the question at the start of the lesson.
    Predict(String),
    /// Opens what the address of the page names.
    FollowAddress(Box<Address>),
    /// Opens a shared lesson, given as JSON.
    OpenHomework(String),
    /// Changes the lesson that is being made.
    SetDraft(Box<Draft>),
    /// Makes the open work the start of the lesson that is being made.
    TakeStart,
    /// Opens the lesson that is being made.
    TryDraft,
    /// Copies a link to the lesson that is being made.
    ShareDraft,
    /// Copies a link to the shared lesson that is open.
    ShareLesson,
    /// Downloads the lesson that is being made.
    DownloadDraft,
    /// The learner's progress, from the browser.
    LearnerRead(Box<Learner>),
    SetLearnerName(String),
    /// Forgets which lessons are solved.
    ForgetProgress,
    /// Downloads the progress.
    ExportProgress,
    /// Advances simulated time by a number of milliseconds.
    Advance(u64),
    /// Cancels a long run.
    StopRun,
    /// Turns on or off the time that an edit takes to reach Prometheus.
    SetDelays(bool),
    /// Lets the cluster run, or shows what the text leads to.
    SetRunning(bool),
    /// A number of real milliseconds has passed.
    Tick(f64),
    Act(protocol::Action),
    Terminal(TerminalAction),
    /// Shows the documentation of a check.
    ShowCheck(String),
    /// Hides or shows the findings of a check.
    Silence {
        code: String,
        silent: bool,
    },
    Updated(Box<Update>),
    /// The worker failed and was terminated.
    WorkerFailed {
        failure: Failure,
        recovery: Recovery,
        /// The query of a page, if the worker failed at it.
        query: Option<Box<PageQuery>>,
    },
    /// The worker has been starting for a long time.
    WorkerStartsSlowly,
    /// The code of the worker is of another build than the page.
    WorkerOutdated,
    /// Starts the worker again after it was given up, or while it is loading.
    RestartWorker,
    StorageFailed(String),
    /// The descriptions of Kubernetes fields did not load.
    DescriptionsMissing,
    Notify(String),
    Dismiss(u32),
    OpenDialog(Option<Dialog>),
    Export,
    Share,
    /// Shares work with data of a live system, after a question.
    ShareLive,
    /// Copies a link to the open work.
    CopyShare {
        form: ShareForm,
        /// True if the link leads to what the page shows now.
        place: bool,
    },
    /// Copies text to the clipboard.
    Copy(String),
    /// Downloads a file.
    Download(File),
    /// Sends a request that never ends. Available with `?debug`.
    Spin,
    /// Sends a request that panics. Available with `?debug`.
    PanicWorker,
}

/// An action of the terminals. Actions without a number are of the one that is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum TerminalAction {
    /// Shows the terminals or the problems.
    Show(bool),
    Toggle,
    /// Gives the terminals most of the height.
    SetTall(bool),
    Add,
    Select(u32),
    Close(u32),
    /// The visitor typed; this is the new line.
    Type(String),
    /// Puts a line at the prompt, and shows the terminals.
    Put(String),
    Enter,
    /// Ctrl+C.
    Interrupt,
    /// Shows an older line of the history.
    Older,
    Newer,
    /// Ctrl+R: searches the history, or goes to the next older line.
    Search,
    /// Ends the search. The found line is taken if the value is true.
    EndSearch(bool),
    /// Completes the word before a byte offset of the line.
    Complete {
        offset: u32,
    },
    Completed(Box<LineCompletions>),
    Clear,
    /// Shows the commands for beginners.
    Help,
    /// Goes where a name in the output leads.
    Follow(LinkTarget),
}

/// The form of a link to the open work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareForm {
    Link,
    /// HTML of a frame for another page.
    Frame,
    Markdown,
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
    /// True if a file did not load, which is no fault of the program.
    pub missing_file: bool,
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
    /// Calls [`Action::TypingPaused`] after a pause. A further effect of this kind starts it again.
    AwaitPause,
    /// Starts a new worker after a number of milliseconds. It restores the session first.
    StartWorker {
        delay: u32,
    },
    /// Saves text and view after a short delay.
    Save,
    /// Stores a workspace that is no longer shown.
    Store(Box<StoreRequest>),
    /// Fetches a lesson, and calls [`Action::LessonFetched`].
    FetchLesson {
        name: String,
        continued: bool,
    },
    /// Stores the learner's progress.
    KeepLearner(Box<Learner>),
    /// Reads the list of stored workspaces.
    ListWorkspaces,
    /// Reads a stored workspace to open it.
    ReadWorkspace(String),
    /// Reads the version of the open workspace that another tab stored.
    ReadNewerVersion(String),
    RenameWorkspace {
        id: String,
        name: String,
    },
    DeleteWorkspace {
        id: String,
        deleted: bool,
    },
    /// Removes a workspace permanently.
    RemoveWorkspace(String),
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
    CopyLink {
        work: Box<SavedWork>,
        form: ShareForm,
        /// The place in the work to which the link leads.
        place: Option<Place>,
    },
    /// Copies a link to a lesson, given as JSON.
    CopyHomework(String),
    CopyText(String),
    ReportError(ErrorReport),
}
