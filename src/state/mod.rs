//! What the page knows, and how it changes: `update(state, action) → effects`, without a browser.

mod action;
mod document;
mod saved;
mod shared;
pub mod traffic;
mod update;

use serde::{Deserialize, Serialize};

pub use action::{Action, Effect};
pub use document::Document;
pub use saved::{SavedView, SavedWork};
pub use shared::Shared;
pub use update::{replay, update};

pub use protocol::Page;
use protocol::{ActionSpec, Annotations, EventLog, Stage, Store, Summary};
use protocol::{PageQuery, View};
use protocol::{Revision, Workspace};
use text::FileId;

/// Speeds of simulated time, in simulated seconds for a second.
pub const SPEEDS: [u32; 5] = [1, 5, 10, 30, 60];

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// Which pane a narrow screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    #[default]
    Text,
    Results,
}

/// What the visitor chose to see.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    pub page: Page,
    pub side: Side,
    pub theme: Theme,
    /// Notes at the end of lines.
    pub notes: bool,
    /// Width of the left pane in percent.
    pub split: f64,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            page: Page::default(),
            side: Side::default(),
            theme: Theme::default(),
            notes: true,
            split: 46.0,
        }
    }
}

/// A sentence at the page's corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub id: u32,
    pub text: String,
    /// Whether it offers to bring back what was put aside.
    pub takes_back: bool,
}

/// A way through simulated time that takes more than one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Milliseconds since the start of time.
    pub from: u64,
    pub to: u64,
    /// Microseconds that the worker spent on it.
    pub spent: u64,
    /// And those since the results were shown last.
    pub unseen: u64,
}

impl Run {
    /// Short ones are over before anybody could read of them.
    pub fn is_long(&self) -> bool {
        self.spent > 300_000
    }
}

/// Everything that the page knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub scenario: String,
    pub documents: Vec<Shared<Document>>,
    /// Codes of findings that the visitor does not want to see.
    pub silenced: Vec<String>,
    /// The work that another one, or one file less, took the place of.
    pub aside: Option<Shared<SavedWork>>,
    pub active: FileId,
    /// Byte offset of the cursor in the active document.
    pub cursor: u32,
    pub next_file: u32,
    pub revision: Revision,
    pub look: Look,
    pub playing: bool,
    pub speed: u32,
    pub past: Shared<EventLog>,
    pub actions: Shared<Vec<ActionSpec>>,
    /// A long way through simulated time that is not at its end.
    pub run: Option<Run>,
    /// It was given up, and the worker has not heard of it yet.
    pub stopping: bool,
    pub store: Store,
    pub rollout: Shared<Vec<Stage>>,
    pub annotations: Vec<Shared<Annotations>>,
    pub summary: Shared<Summary>,
    pub view: Option<Shared<View>>,
    pub question: PageQuery,
    /// What each page was last asked, so that coming back shows the same.
    pub asked: Vec<(Page, PageQuery)>,
    pub toasts: Shared<Vec<Toast>>,
    pub next_toast: u32,
    /// Whether it was said that nothing can be saved.
    pub storage_failed: bool,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// Whether an answer to the first request has come.
    pub ready: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    Help,
    NewFile,
    /// The name of the open file, and its removal.
    File,
    Import,
}

impl State {
    /// Without files; an [`Action::OpenScenario`] or a [`SavedWork`] brings them.
    pub fn empty() -> Self {
        Self {
            scenario: String::new(),
            documents: Vec::new(),
            silenced: Vec::new(),
            aside: None,
            active: FileId(0),
            cursor: 0,
            next_file: 1,
            revision: 0,
            look: Look::default(),
            playing: false,
            speed: 10,
            past: Shared::default(),
            actions: Shared::default(),
            run: None,
            stopping: false,
            store: Store::default(),
            rollout: Shared::default(),
            annotations: Vec::new(),
            summary: Shared::default(),
            view: None,
            question: PageQuery::Nothing,
            asked: Vec::new(),
            toasts: Shared::default(),
            next_toast: 0,
            storage_failed: false,
            dialog: None,
            ready: false,
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

    /// The files as the worker wants them.
    pub fn workspace(&self) -> Workspace {
        Workspace {
            scenario: self.scenario.clone(),
            files: self.documents.iter().map(|document| document.file()).collect(),
            silenced: self.silenced.clone(),
        }
    }

    fn toast(&mut self, text: impl Into<String>) {
        self.push_toast(text.into(), false);
    }

    /// A sentence with the offer to bring back what was put aside.
    fn offer(&mut self, text: &str) {
        self.push_toast(text.to_owned(), true);
    }

    /// What is said already is said once.
    fn push_toast(&mut self, text: String, takes_back: bool) {
        let mut toasts = (*self.toasts).clone();
        toasts.retain(|toast| toast.text != text);
        toasts.push(Toast { id: self.next_toast, text, takes_back });
        self.next_toast += 1;
        self.toasts = Shared::new(toasts);
    }
}
