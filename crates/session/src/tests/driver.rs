//! The driver of all tests: a session with the files that the page would hold.

use crate::Session;
use std::collections::BTreeMap;

use protocol::{
    Action, Annotations, Envelope, EventLog, File, PageQuery, Progress, Reply, Request, Stage,
    Stored, Summary, Update, View, Workspace,
};
use text::FileId;

/// The files of a scenario as it opens.
pub fn workspace(scenario: &str) -> Workspace {
    let scenario = scenarios::scenario(scenario).expect("a scenario of this name");
    Workspace::from_files(scenario.name, scenario.texts(), 1)
}

/// A session, with the state that the page keeps of its answers.
pub struct Driver {
    pub session: Session,
    pub workspace: Workspace,
    number: u32,
    /// The last update.
    pub last: Update,
    /// The last view.
    pub view: Option<View>,
    /// The time, and the events so far.
    pub log: EventLog,
    /// The stored objects, as far as they differ from the text.
    pub stored: Stored,
    pub summary: Summary,
    pub annotations: BTreeMap<FileId, Annotations>,
    /// The progress in the lesson that was opened last.
    pub lesson: Option<Progress>,
}

impl Driver {
    /// Opens a scenario.
    pub fn open(scenario: &str) -> Self {
        Self::with_workspace(workspace(scenario))
    }

    /// Opens files by name and text, without a scenario.
    pub fn with_files(files: &[(&str, &str)]) -> Self {
        Self::with_workspace(Workspace::from_files("", files.iter().copied(), 1))
    }

    pub fn with_workspace(workspace: Workspace) -> Self {
        Self::with_log(workspace, EventLog::default())
    }

    /// Opens a workspace, and continues until the time of the log is reached.
    pub fn with_log(workspace: Workspace, log: EventLog) -> Self {
        let mut driver = Self {
            session: Session::new(),
            workspace: workspace.clone(),
            number: 0,
            last: Update::default(),
            view: None,
            log: log.clone(),
            stored: Stored::default(),
            summary: Summary::default(),
            annotations: BTreeMap::new(),
            lesson: None,
        };
        driver.run(Request::Open { workspace, revision: 1, log });
        driver
    }

    pub fn send(&mut self, request: Request) -> Reply {
        self.number += 1;
        let message = self.session.handle(Envelope { number: self.number, request });
        assert_eq!(message.number, self.number);
        if let Reply::Updated(update) = &message.reply {
            self.log.now = update.clock.now;
            if let Some(events) = &update.clock.events {
                self.log.events.clone_from(events);
            }
            if let Some(stored) = &update.stored {
                self.stored = (**stored).clone();
            }
            if let Some(summary) = &update.summary {
                self.summary = summary.clone();
            }
            for one in &update.annotations {
                self.annotations.insert(one.file, one.clone());
            }
            if let Some(progress) = &update.lesson {
                self.lesson = Some((**progress).clone());
            }
            if let Some(view) = &update.view {
                self.view = Some((**view).clone());
            }
            self.last = (**update).clone();
        }
        message.reply
    }

    /// Sends a request, and continues until its goal is reached.
    pub fn run(&mut self, request: Request) {
        self.send(request);
        while self.last.clock.goal.is_some() {
            self.send(Request::Continue { show: false });
        }
    }

    pub fn advance(&mut self, millis: u64) {
        self.run(Request::Advance { millis });
    }

    /// Performs an action, given as text; see [`Action::parse`].
    pub fn act(&mut self, action: impl Into<String>) {
        let action = action.into();
        let action = Action::parse(&action).unwrap_or_else(|| panic!("{action}"));
        self.send(Request::Act { action });
    }

    /// Sends the text of a file, and applies it after a pause.
    pub fn edited(&mut self, file: File) {
        self.send(Request::Edit { file, revision: self.number });
        self.send(Request::FollowText);
    }

    /// Removes a file, and applies the others after a pause.
    pub fn remove(&mut self, file: FileId) {
        self.send(Request::Remove { file, revision: self.number });
        self.send(Request::FollowText);
    }

    /// Replaces text in a file.
    pub fn edit(&mut self, name: &str, from: &str, to: &str) {
        let file = self.workspace.files.iter_mut().find(|file| file.name == name).unwrap();
        assert!(file.text.contains(from), "{from} in {}", file.text);
        file.text = file.text.replacen(from, to, 1);
        let file = file.clone();
        self.edited(file);
    }

    /// Replaces text in a file, and lets a minute pass.
    pub fn edit_and_wait(&mut self, name: &str, from: &str, to: &str) {
        self.edit(name, from, to);
        self.send(Request::Advance { millis: 60_000 });
    }

    /// Creates a file or replaces its text.
    pub fn write(&mut self, id: FileId, name: &str, text: &str) {
        let file = File { id, name: name.into(), text: text.into() };
        self.edited(file);
    }

    /// Opens a page and returns its view.
    pub fn watch(&mut self, query: PageQuery) -> View {
        self.send(Request::Watch { query: PageQuery::Nothing });
        self.view = None;
        self.send(Request::Watch { query });
        self.view.clone().expect("an open page has a view")
    }

    /// The stage of the rollout with this name.
    pub fn stage(&self, name: &str) -> &Stage {
        let stages = &self.last.clock.rollout;
        stages.iter().find(|stage| stage.name == name).unwrap_or_else(|| panic!("{stages:?}"))
    }
}
