//! A session: the workspace, what follows from it, and the order in which it follows.

use super::annotate::annotate;
use super::pages::{self, Question, View};
use super::protocol::{
    Annotations, Clock, Envelope, Happening, Message, Reply, Request, Revision, Summary, Update,
};
use super::sources::Sources;
use super::system::{Stages, System};
use super::workspace::{File, Workspace};
use crate::text::FileId;

/// Everything the worker knows.
#[derive(Debug, Default)]
pub struct Session {
    pub(super) workspace: Workspace,
    revision: Revision,
    pub(super) now: u64,
    events: Vec<Happening>,
    question: Question,
    sources: Sources,
    stages: Stages,
    pub(super) system: System,
    sent: Sent,
}

/// What the page has already; only what differs is sent again.
#[derive(Debug, Default)]
struct Sent {
    /// What the annotations were made from.
    sources: Option<Sources>,
    annotations: Vec<Annotations>,
    summary: Option<Summary>,
    view: Option<View>,
}

impl Session {
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers one request. Does not return from [`Request::Spin`].
    pub fn handle(&mut self, envelope: Envelope) -> Message {
        let reply = match envelope.request {
            Request::Hover { .. } => Reply::Hover(None),
            Request::HoverQuery { .. } => Reply::Hover(None),
            Request::Complete { .. } => Reply::Completions(None),
            Request::CompleteQuery { .. } => Reply::Completions(None),
            Request::Spin => loop {
                std::hint::spin_loop();
            },
            request => {
                self.change(request);
                Reply::Updated(Box::new(self.update()))
            }
        };
        Message { number: envelope.number, reply }
    }

    fn change(&mut self, request: Request) {
        match request {
            Request::Open { workspace, revision, past } => {
                *self = Self {
                    workspace,
                    revision,
                    question: std::mem::take(&mut self.question),
                    ..Self::default()
                };
                self.events = past.events;
                self.now = past.now;
            }
            Request::Edit { file, revision } => {
                self.revision = revision;
                self.edit(file);
            }
            Request::Remove { file, revision } => {
                self.revision = revision;
                self.remove(file);
            }
            Request::Advance { millis } => self.now += millis,
            Request::Seek { at } => self.now = at,
            Request::Watch { question } => self.question = question,
            _ => {}
        }
    }

    /// What is drawn over an edited file is sent in any case: the page may have dropped the last.
    fn edit(&mut self, file: File) {
        self.sent.annotations.retain(|sent| sent.file != file.id);
        match self.workspace.file_mut(file.id) {
            Some(known) => *known = file,
            None => self.workspace.files.push(file),
        }
    }

    fn remove(&mut self, file: FileId) {
        self.workspace.files.retain(|known| known.id != file);
    }

    /// What the page does not know yet.
    fn update(&mut self) -> Update {
        self.sources.update(&self.workspace.files);
        self.system = self.stages.run(&self.sources);
        let mut update = Update {
            revision: self.revision,
            clock: Clock { now: self.now, events: None },
            ..Update::default()
        };
        self.annotate(&mut update);
        let view = pages::answer(self, &self.question);
        if view != self.sent.view {
            update.view = view.clone().map(Box::new);
            self.sent.view = view;
        }
        let summary = Summary::default();
        if self.sent.summary.as_ref() != Some(&summary) {
            update.summary = Some(summary.clone());
            self.sent.summary = Some(summary);
        }
        update
    }

    /// The annotations that the page does not have yet; they follow from the text alone.
    fn annotate(&mut self, update: &mut Update) {
        if self.sent.sources.as_ref() == Some(&self.sources) {
            return;
        }
        for source in self.sources.iter() {
            let annotations = annotate(source, &self.system);
            if !self.sent.annotations.contains(&annotations) {
                self.sent.annotations.retain(|sent| sent.file != source.id);
                self.sent.annotations.push(annotations.clone());
                update.annotations.push(annotations);
            }
        }
        self.sent.sources = Some(self.sources.clone());
    }
}
