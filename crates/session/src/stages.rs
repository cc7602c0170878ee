//! A session: the workspace, what follows from it, and what has happened in it.

use super::actions;
use super::annotate::annotate;
use super::pages;
use super::sources::Sources;
use super::system::{Causes, Stages, System};
use super::timeline::{Follow, Timeline};
use kubernetes::controllers::Overrides;
use protocol::{
    Annotations, Clock, Envelope, File, Message, PageQuery, Reply, Request, Revision, Summary,
    Update, View, Workspace,
};
use text::{Diagnostic, FileId, Severity};

/// Everything the worker knows.
#[derive(Default)]
pub struct Session {
    pub(super) workspace: Workspace,
    revision: Revision,
    query: PageQuery,
    pub(super) sources: Sources,
    stages: Stages,
    /// For a world that runs by an older text.
    lagging: Stages,
    pub(super) system: System,
    pub(super) timeline: Timeline,
    sent: Sent,
}

/// What the page has already; only what differs is sent again.
#[derive(Debug, Default)]
struct Sent {
    /// What the annotations were made from.
    generation: Option<u64>,
    annotations: Vec<Annotations>,
    summary: Option<Summary>,
    view: Option<View>,
}

/// The stages with all their inputs but one.
struct Following<'a> {
    stages: &'a mut Stages,
    lagging: &'a mut Stages,
    sources: &'a Sources,
    scenario: &'a str,
}

/// Tells the generations of lagging systems from the others.
const LAGGING: u64 = 1 << 63;

impl Follow for Following<'_> {
    fn follow(&mut self, overrides: &Overrides) -> System {
        self.stages.run(Causes {
            sources: self.sources.clone(),
            read: None,
            overrides: overrides.clone(),
            scenario: self.scenario.to_owned(),
        })
    }

    fn sources(&self) -> Sources {
        self.sources.clone()
    }

    fn lagging(&mut self, cluster: &Sources, read: &Sources, overrides: &Overrides) -> System {
        let system = self.lagging.run(Causes {
            sources: cluster.clone(),
            read: Some(read.clone()),
            overrides: overrides.clone(),
            scenario: self.scenario.to_owned(),
        });
        System { generation: system.generation | LAGGING, ..system }
    }
}

impl Session {
    pub fn new() -> Self {
        Self::default()
    }

    /// One number for all simulated samples: the same text, events and moment give the same one, on
    /// every machine.
    pub fn fingerprint(&self) -> u64 {
        self.timeline.world.storage.fingerprint()
    }

    /// Answers one request. Does not return from [`Request::Spin`].
    pub fn handle(&mut self, envelope: Envelope) -> Message {
        let reply = match envelope.request {
            Request::Hover { file, offset } => Reply::Hover(self.hover(file, offset)),
            Request::Complete { file, offset } => Reply::Completions(self.complete(file, offset)),
            Request::HoverQuery { query, offset } => Reply::Hover(self.hover_query(&query, offset)),
            Request::CompleteQuery { query, offset } => {
                Reply::Completions(self.complete_query(&query, offset))
            }
            Request::Spin => loop {
                std::hint::spin_loop();
            },
            Request::Panic => panic!("a panic that was asked for"),
            request => {
                let quiet = request == Request::Continue { show: false };
                self.change(request);
                // On a long way nobody looks at every slice.
                let quiet = quiet && self.timeline.goal().is_some();
                Reply::Updated(Box::new(self.update(quiet)))
            }
        };
        Message { number: envelope.number, reply }
    }

    fn change(&mut self, request: Request) {
        match request {
            Request::Open { workspace, revision, log } => {
                let query = std::mem::take(&mut self.query);
                let now = log.now;
                let timeline = Timeline::with_log(log);
                *self = Self { workspace, revision, query, timeline, ..Self::default() };
                self.sources.update(&self.workspace.files);
                self.live(|timeline, follow| timeline.seek(now, follow));
            }
            Request::Edit { file, revision } => {
                self.revision = revision;
                self.edit(file);
                self.reread();
            }
            Request::Remove { file, revision } => {
                self.revision = revision;
                self.workspace.files.retain(|known| known.id != file);
                self.reread();
            }
            Request::Advance { millis } => {
                self.live(|timeline, follow| timeline.advance(millis, follow));
            }
            Request::Continue { .. } => self.live(|timeline, follow| timeline.work(follow)),
            Request::Silence { codes } => {
                self.workspace.silenced = codes;
                self.sent.generation = None;
            }
            Request::Stop => self.timeline.stop(),
            Request::SetDelays { on } => {
                self.live(|timeline, follow| timeline.set_delays(on, follow));
            }
            Request::NextScrape => self.live(|timeline, follow| {
                // Without any target, time goes on by itself.
                let to = timeline.next_scrape().unwrap_or(timeline.now() + 15_000);
                timeline.seek(to.max(timeline.now() + 1), follow);
            }),
            Request::Seek { at } => self.live(|timeline, follow| timeline.seek(at, follow)),
            Request::Act { action } => self.live(|timeline, follow| timeline.act(action, follow)),
            Request::Watch { query } => self.query = query,
            // The rest only looks, and is answered elsewhere.
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

    /// After a change of the text: the stages, and the world that they describe.
    fn reread(&mut self) {
        self.sources.update(&self.workspace.files);
        self.live(|timeline, follow| timeline.edited(follow));
    }

    /// Lets time do something, and takes over what the system is afterwards.
    fn live(&mut self, step: impl FnOnce(&mut Timeline, &mut dyn Follow)) {
        let mut following = Following {
            stages: &mut self.stages,
            lagging: &mut self.lagging,
            sources: &self.sources,
            scenario: &self.workspace.scenario,
        };
        step(&mut self.timeline, &mut following);
        self.system = following.follow(&self.timeline.overrides);
    }

    /// What the page does not know yet.
    fn update(&mut self, quiet: bool) -> Update {
        let events = (!self.timeline.told).then(|| self.timeline.events().to_vec());
        self.timeline.told = true;
        let mut update = Update {
            revision: self.revision,
            clock: Clock {
                now: self.timeline.now(),
                events,
                goal: self.timeline.goal(),
                store: self.timeline.store(),
                rollout: self.timeline.stages(),
            },
            ..Update::default()
        };
        if quiet {
            return update;
        }
        self.annotate(&mut update);
        let summary = self.summary();
        if self.sent.summary.as_ref() != Some(&summary) {
            update.summary = Some(summary.clone());
            self.sent.summary = Some(summary);
        }
        let view = pages::answer(self, &self.query);
        if view != self.sent.view {
            update.view = view.clone().map(Box::new);
            self.sent.view = view;
        }
        update
    }

    /// The annotations and actions that the page does not have yet; they follow from the system.
    fn annotate(&mut self, update: &mut Update) {
        let complete = self.sources.iter().all(|source| self.has_annotations(source.id));
        if self.sent.generation == Some(self.system.generation) && complete {
            return;
        }
        for source in self.sources.iter() {
            let annotations = annotate(source, self);
            if !self.sent.annotations.contains(&annotations) {
                self.sent.annotations.retain(|sent| sent.file != source.id);
                self.sent.annotations.push(annotations.clone());
                update.annotations.push(annotations);
            }
        }
        update.actions = Some(actions::possible(&self.system));
        self.sent.generation = Some(self.system.generation);
    }

    /// The findings of a file that are wanted: all errors, and what was not silenced.
    pub(super) fn diagnostics_of(&self, file: FileId) -> impl Iterator<Item = &Diagnostic> {
        let silenced = &self.workspace.silenced;
        self.system.diagnostics.iter().filter(move |found| {
            let wanted = found.severity == Severity::Error
                || !silenced.iter().any(|code| **code == *found.code);
            found.location.file == file && wanted
        })
    }

    fn has_annotations(&self, file: FileId) -> bool {
        self.sent.annotations.iter().any(|sent| sent.file == file)
    }

    fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for (_, report, _) in self.timeline.world.reports() {
            summary.targets += 1;
            summary.up += u32::from(report.is_some_and(|report| report.error.is_none()));
        }
        summary
    }
}
