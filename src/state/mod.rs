//! The state of the page and its transitions: `update(state, action) → effects`, without a browser.

mod action;
pub mod address;
mod document;
pub mod lesson;
mod manifests;
pub mod request_queue;
pub mod restarts;
mod saved;
mod shared;
pub mod terminals;
mod update;
pub mod valid;
pub mod workspaces;

use serde::{Deserialize, Serialize};

pub use action::{Action, Effect, ErrorReport, Failure, ShareForm, TerminalAction};
pub use address::{Address, Place};
pub use document::Document;
pub use lesson::{Learner, LessonState};
pub use saved::{Position, SavedView, SavedWork};
pub use shared::Shared;
pub use terminals::Terminals;
pub use update::{canceled_view, replay, update};

pub use protocol::Page;
use protocol::{ActionSpec, Annotations, EventLog, Imported, Stage, Store, Stored, Summary};
use protocol::{PageQuery, View};
use protocol::{Revision, Workspace};
use text::FileId;
use workspaces::{CurrentWorkspace, Opening, StoredWorkspace, WorkspaceRecord};

/// Speeds, in simulated seconds per second.
pub const SPEEDS: [u32; 5] = [1, 5, 10, 30, 60];

/// The color theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// The pane that a narrow screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    #[default]
    Text,
    Results,
    /// The lesson, while one is open.
    Lesson,
}

/// Preferences of the visitor.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewPreferences {
    pub page: Page,
    pub side: Side,
    pub theme: Theme,
    /// Shows notes at the ends of lines.
    pub notes: bool,
    /// Shows the defaults of the stored objects in the text.
    pub defaults: bool,
    /// Width of the left pane in percent.
    pub split: f64,
}

impl Default for ViewPreferences {
    fn default() -> Self {
        Self {
            page: Page::default(),
            side: Side::default(),
            theme: Theme::default(),
            notes: true,
            defaults: false,
            split: 46.0,
        }
    }
}

/// A notification.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    pub id: u32,
    pub text: String,
    /// True if the notification offers an undo.
    pub offers_undo: bool,
}

/// An undo of the last replacement or removal.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// Restores files of the open workspace.
    Files(Shared<SavedWork>),
    /// Opens the workspace that was open before.
    Workspace(String),
    /// Opens the scenario that was open before.
    Scenario(String),
}

/// A run of simulated time that takes more than one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Milliseconds since the start of simulated time.
    pub from: u64,
    pub to: u64,
    /// Microseconds that the worker has spent on the run.
    pub spent: u64,
    /// Microseconds since the results were last shown.
    pub since_shown: u64,
}

impl Run {
    /// Returns true if the run takes long enough to show its progress.
    pub fn is_long(&self) -> bool {
        self.spent > 300_000
    }
}

/// The state of the worker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum WorkerStatus {
    /// Its code is loading, or it restores the session.
    #[default]
    Starting,
    /// Its code has been loading for a long time.
    StartingSlowly,
    /// It did not start, for this reason, and is started again after a delay.
    Retrying(String),
    /// It did not start, for this reason. The visitor can try again.
    NotStarted(String),
    /// Its code is of another build than the page.
    Outdated,
    /// It answers requests.
    Working,
    /// It failed repeatedly and was given up. A change of the visitor starts it again.
    Stopped,
}

impl WorkerStatus {
    /// Returns how long no answer will come, such as `while the simulation is stopped`. Returns None if
    /// the worker answers or starts.
    pub fn unavailable(&self) -> Option<&'static str> {
        match self {
            Self::Starting | Self::StartingSlowly | Self::Working => None,
            Self::Retrying(_) | Self::NotStarted(_) => Some("until the simulation has loaded"),
            Self::Outdated => Some("until the page is reloaded"),
            Self::Stopped => Some("while the simulation is stopped"),
        }
    }

    /// Returns true if a request starts a worker while there is none.
    pub fn is_started_by(&self, request: &protocol::Request) -> bool {
        use protocol::Request::{Continue, Stop, Watch};
        match self {
            Self::Starting | Self::StartingSlowly | Self::Working => true,
            // Another page would be answered by the same files that made the worker fail.
            Self::Stopped => !matches!(request, Watch { .. } | Continue { .. } | Stop),
            Self::Retrying(_) | Self::NotStarted(_) | Self::Outdated => false,
        }
    }
}

/// The state of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub scenario: String,
    pub documents: Vec<Shared<Document>>,
    /// Codes of hidden checks.
    pub silenced: Vec<String>,
    pub undo: Option<Undo>,
    /// The identifier of this tab, from which ids of workspaces are made.
    pub tab: String,
    pub next_workspace: u32,
    /// The time of day, such as `14:32`.
    pub time_of_day: String,
    /// The workspace that the documents belong to.
    pub current: CurrentWorkspace,
    /// All stored workspaces.
    pub workspaces: Shared<Vec<WorkspaceRecord>>,
    /// Files that wait for a confirmation, because the visitor changed the open ones.
    pub opening: Option<Shared<Opening>>,
    /// Files that were read, while the visitor chooses what becomes of them.
    pub imported: Option<Shared<Imported>>,
    /// True while files are being read.
    pub importing: bool,
    /// True if files of the workspace hold data of a live system.
    pub live: bool,
    /// The version of the open workspace that another tab stored, while both have changes.
    pub conflict: Option<Shared<StoredWorkspace>>,
    pub active: FileId,
    /// Byte offset of the cursor in the active document.
    pub cursor: u32,
    pub next_file: u32,
    pub revision: Revision,
    pub preferences: ViewPreferences,
    pub playing: bool,
    /// True if the system requests reduced motion. The clock then starts only when it is told to.
    pub reduced_motion: bool,
    pub speed: u32,
    pub past: Shared<EventLog>,
    pub actions: Shared<Vec<ActionSpec>>,
    /// The current run of simulated time.
    pub run: Option<Run>,
    /// The time to which a new worker has to restore the session, until it is reached.
    pub restoring: Option<u64>,
    /// True if the run was canceled and the worker has not confirmed it.
    pub stopping: bool,
    pub store: Store,
    pub rollout: Shared<Vec<Stage>>,
    /// The stored objects, as far as they differ from the text.
    pub stored: Shared<Stored>,
    pub annotations: Vec<Shared<Annotations>>,
    pub summary: Shared<Summary>,
    pub view: Option<Shared<View>>,
    pub query: PageQuery,
    /// The last query of each page, which is restored when the page is opened again.
    pub page_queries: Vec<(Page, PageQuery)>,
    /// Queries that took too long or failed, at most one of each page. They are not asked again
    /// until the visitor asks for it, also after a reload.
    pub canceled: Vec<PageQuery>,
    pub notifications: Shared<Vec<Notification>>,
    pub next_notification: u32,
    /// The reason why workspaces cannot be stored, as shown to the visitor.
    pub storage_failed: Option<String>,
    /// True if the notification about descriptions of fields that did not load was shown.
    pub descriptions_missing: bool,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// The open lesson.
    pub lesson: Option<Shared<LessonState>>,
    /// The progress in all lessons, as the browser keeps it.
    pub learner: Shared<Learner>,
    /// Counts the lessons that were opened.
    pub lessons_opened: u32,
    /// A place that waits for the work in which it is.
    pub place: Option<Place>,
    /// True if files cannot be changed.
    pub read_only: bool,
    /// True in a frame of another page: nothing is stored, and the header is short.
    pub embedded: bool,
    /// The introduction, while it is shown.
    pub tour: Option<Tour>,
    pub terminals: Terminals,
    /// True after the first answer of the worker.
    pub ready: bool,
    pub worker: WorkerStatus,
}

/// The introduction at the first visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tour {
    /// The number of the part of the page that is shown; None before the first one.
    pub stop: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    Help,
    NewFile,
    /// Rename or remove the active file.
    File,
    Import,
    /// The choice of what becomes of imported files.
    ImportReview,
    /// Confirms that a link contains data of a live system.
    ShareLive,
    /// The list of workspaces.
    Workspaces,
    /// Confirms that other files are opened.
    Opening,
    /// Two tabs changed the same workspace.
    Conflict,
    /// The list of lessons.
    Lessons,
    /// Links to the open work.
    Share,
    /// The form for a lesson of one's own.
    Homework,
}

impl State {
    /// A state without files. [`Action::OpenScenario`] or a [`SavedWork`] adds files.
    pub fn empty() -> Self {
        Self {
            scenario: String::new(),
            documents: Vec::new(),
            silenced: Vec::new(),
            undo: None,
            tab: String::new(),
            next_workspace: 0,
            time_of_day: String::new(),
            current: CurrentWorkspace::default(),
            workspaces: Shared::default(),
            opening: None,
            imported: None,
            importing: false,
            live: false,
            conflict: None,
            active: FileId(0),
            cursor: 0,
            next_file: 1,
            revision: 0,
            preferences: ViewPreferences::default(),
            playing: false,
            reduced_motion: false,
            speed: 10,
            past: Shared::default(),
            actions: Shared::default(),
            run: None,
            restoring: None,
            stopping: false,
            store: Store::default(),
            rollout: Shared::default(),
            stored: Shared::default(),
            annotations: Vec::new(),
            summary: Shared::default(),
            view: None,
            query: PageQuery::Nothing,
            page_queries: Vec::new(),
            canceled: Vec::new(),
            notifications: Shared::default(),
            next_notification: 0,
            storage_failed: None,
            descriptions_missing: false,
            dialog: None,
            lesson: None,
            learner: Shared::default(),
            lessons_opened: 0,
            place: None,
            read_only: false,
            embedded: false,
            tour: None,
            terminals: Terminals::default(),
            ready: false,
            worker: WorkerStatus::default(),
        }
    }

    pub fn document(&self, id: FileId) -> Option<&Shared<Document>> {
        self.documents.iter().find(|document| document.id == id)
    }

    pub fn active_document(&self) -> Option<&Shared<Document>> {
        self.document(self.active)
    }

    pub fn annotations_of(&self, id: FileId) -> Option<&Shared<Annotations>> {
        self.annotations.iter().find(|annotations| annotations.file == id)
    }

    /// Returns true if the query of the open page was canceled and is not asked.
    pub fn is_canceled(&self) -> bool {
        self.canceled.contains(&self.query)
    }

    /// Returns the query that the worker answers.
    pub fn asked_query(&self) -> PageQuery {
        if self.is_canceled() { PageQuery::Nothing } else { self.query.clone() }
    }

    /// Returns the workspace as the worker needs it.
    pub fn workspace(&self) -> Workspace {
        Workspace {
            scenario: self.scenario.clone(),
            files: self.documents.iter().map(|document| document.file()).collect(),
            silenced: self.silenced.clone(),
            apply_mode: self.stored.mode,
            stored: self.stored.files.clone(),
            defaults_of: self.defaults_of(),
        }
    }

    /// The file whose defaults are shown.
    fn defaults_of(&self) -> Option<FileId> {
        self.preferences.defaults.then_some(self.active)
    }

    /// Returns the events and the time. While a new worker restores the session, the time is the one
    /// to which it does.
    pub fn log(&self) -> EventLog {
        let now = self.restoring.unwrap_or(self.past.now);
        EventLog { now, ..(*self.past).clone() }
    }

    fn notify(&mut self, text: impl Into<String>) {
        self.push_notification(text.into(), false);
    }

    /// Shows a notification that offers an undo.
    fn notify_with_undo(&mut self, text: &str) {
        self.push_notification(text.to_owned(), true);
    }

    /// Adds a notification. An equal notification is replaced.
    fn push_notification(&mut self, text: String, offers_undo: bool) {
        let mut notifications = (*self.notifications).clone();
        notifications.retain(|notification| notification.text != text);
        notifications.push(Notification { id: self.next_notification, text, offers_undo });
        self.next_notification += 1;
        self.notifications = Shared::new(notifications);
    }
}
