//! What may happen to the page, and what the page then does to the world.

use super::{Dialog, Page, SavedWork, Side, Theme};
use protocol::PageQuery;
use protocol::Update;
use protocol::{File, Request};
use text::{FileId, Fix, Location};

/// What a visitor, the worker or the browser did.
#[derive(Clone, Debug)]
pub enum Action {
    OpenScenario(String),
    /// The work of a link replaces the workspace.
    OpenWork(Box<SavedWork>),
    /// Files from outside replace the workspace.
    OpenFiles(Vec<(String, String)>),
    /// An empty file of this name.
    NewFile(String),
    /// A file of this name with this text. One that is there is opened; its text gives way only
    /// where `replace` says so.
    WriteFile {
        name: String,
        text: String,
        replace: bool,
    },
    /// The open file gets this name.
    RenameFile(String),
    CloseFile(FileId),
    /// What was put aside takes the place of what is open.
    TakeBack,
    /// The visitor typed; the whole new text.
    Typed {
        file: FileId,
        text: String,
    },
    /// The editor's offset, in UTF-16 units.
    CursorMoved {
        file: FileId,
        utf16: u32,
    },
    Activate(FileId),
    /// Show the text behind a result.
    Jump(Location),
    /// The text under the pointer's result is marked while it is there.
    Point(Option<Location>),
    ApplyFix(Fix),
    Show(Page),
    /// The page in view wants to see something else.
    Ask(PageQuery),
    /// The page of queries with this one.
    Graph(String),
    ShowSide(Side),
    SetTheme(Theme),
    ToggleNotes,
    SetSplit(f64),
    Play(bool),
    SetSpeed(u32),
    NextScrape,
    Seek(u64),
    /// So many milliseconds of simulated time at once.
    Ahead(u64),
    /// Gives a long way up.
    StopRun,
    /// Whether edits take the time that they would take in a cluster.
    SetDelays(bool),
    /// Real milliseconds went by.
    Tick(f64),
    Act(protocol::Action),
    /// What is meant by a finding of this code.
    Why(String),
    /// Findings of this code are not to be shown, or shown again.
    Silence {
        code: String,
        silent: bool,
    },
    Updated(Box<Update>),
    /// The worker was ended and replaced.
    WorkerRestarted {
        gave_up: bool,
    },
    StorageFailed(String),
    Say(String),
    Dismiss(u32),
    OpenDialog(Option<Dialog>),
    Export,
    Share,
    /// To the clipboard.
    Copy(String),
    /// To the visitor's disk.
    Download(File),
    /// Where `?debug` is in the address: a job that never ends.
    Spin,
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Send(Request),
    /// The text or the view changed and should be kept.
    Save,
    /// The editor is to show the active document.
    ShowDocument,
    /// The editor is to forget what it knew of a file, or of all.
    Forget(Option<FileId>),
    /// The annotations of the active document are new.
    Annotate,
    /// The cursor goes to a place of the active document.
    Reveal {
        location: Location,
        focus: bool,
    },
    Mark(Option<Location>),
    ApplyTheme(Theme),
    Download(Vec<File>),
    CopyLink(Box<SavedWork>),
    CopyText(String),
}
