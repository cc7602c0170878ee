//! The session: answers requests, and remembers what the page has already received.

use crate::analysis::Analysis;
use crate::ide;
use crate::pages;
use crate::workspace::sources::Sources;
use crate::world::{Snapshot, Timeline, actions};
use kubernetes::openapi::Descriptions;
use protocol::{
    Annotations, Clock, Envelope, File, Message, PageQuery, Reply, Request, Revision, Summary,
    Update, View, Workspace,
};
use simulation::world::Reach;
use text::FileId;

/// The state behind one page: its files, the analysis of them, and simulated time.
#[derive(Default)]
pub struct Session {
    workspace: Workspace,
    revision: Revision,
    query: PageQuery,
    sources: Sources,
    pub(crate) analysis: Analysis,
    pub(crate) timeline: Timeline,
    sent: Sent,
    descriptions: Descriptions,
}

/// The last data sent to the page. Only changes are sent again.
#[derive(Debug, Default)]
struct Sent {
    /// The generation of the analysis that the annotations were made from.
    generation: Option<u64>,
    annotations: Vec<Annotations>,
    summary: Option<Summary>,
    view: Option<View>,
}

impl Session {
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a hash of all simulated samples. The same text, events and time give the same hash
    /// on every machine.
    pub fn fingerprint(&self) -> u64 {
        self.timeline.world.storage.fingerprint()
    }

    /// Provides the descriptions of Kubernetes fields, a JSON list of strings. Returns false, and
    /// changes nothing, if the text is anything else.
    pub fn provide_descriptions(&mut self, json: &str) -> bool {
        self.descriptions.provide(json)
    }

    /// Answers one request. Does not return from [`Request::Spin`].
    pub fn handle(&mut self, envelope: Envelope) -> Message {
        let snapshot = self.snapshot();
        let reply = match envelope.request {
            Request::Hover { file, offset } => Reply::Hover(ide::hover(&snapshot, file, offset)),
            Request::Complete { file, offset } => {
                Reply::Completions(ide::complete(&snapshot, file, offset))
            }
            Request::HoverQuery { query, offset } => {
                Reply::Hover(ide::hover_query(&snapshot, &query, offset))
            }
            Request::CompleteQuery { query, offset } => {
                Reply::Completions(ide::complete_query(&snapshot, &query, offset))
            }
            Request::Spin => loop {
                std::hint::spin_loop();
            },
            Request::Panic => panic!("the request Panic was received"),
            request => {
                let quiet = request == Request::Continue { show: false };
                self.change(request);
                // The page does not show every slice of a long run.
                let quiet = quiet && self.timeline.goal().is_some();
                Reply::Updated(Box::new(self.update(quiet)))
            }
        };
        let lacks_descriptions = self.descriptions.take_lacking();
        Message { number: envelope.number, reply, lacks_descriptions }
    }

    /// The state that language features and presenters read.
    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            descriptions: &self.descriptions,
            workspace: &self.workspace,
            sources: &self.sources,
            analysis: &self.analysis,
            timeline: &self.timeline,
        }
    }

    fn change(&mut self, request: Request) {
        match request {
            Request::Open { workspace, revision, log } => {
                let query = std::mem::take(&mut self.query);
                let now = log.now;
                let timeline = Timeline::with_log(log, &workspace.scenario);
                let descriptions = std::mem::take(&mut self.descriptions);
                *self =
                    Self { workspace, revision, query, timeline, descriptions, ..Self::default() };
                self.read_files();
                self.timeline.seek(now);
            }
            Request::Edit { file, revision } => {
                self.revision = revision;
                self.edit(file);
                self.read_files();
                self.timeline.edited();
            }
            Request::Remove { file, revision } => {
                self.revision = revision;
                self.workspace.files.retain(|known| known.id != file);
                self.read_files();
                self.timeline.edited();
            }
            Request::Advance { millis } => self.timeline.advance(millis),
            Request::Continue { .. } => self.timeline.work(),
            Request::Silence { codes } => {
                self.workspace.silenced = codes;
                self.sent.generation = None;
            }
            Request::Stop => self.timeline.stop(),
            Request::SetDelays { on } => self.timeline.set_delays(on),
            Request::NextScrape => self.timeline.seek_next_scrape(),
            Request::Seek { at } => self.timeline.seek(at),
            Request::Act { action } => self.timeline.act(action),
            // The page may have dropped the last view because another page was open when it came.
            Request::Watch { query } => {
                self.query = query;
                self.sent.view = None;
            }
            // The other requests only read the session and are answered by `handle`.
            _ => {}
        }
        self.analysis = self.timeline.analysis();
    }

    /// Annotations of an edited file are sent again in any case: the page drops those of an older
    /// text.
    fn edit(&mut self, file: File) {
        self.sent.annotations.retain(|sent| sent.file != file.id);
        match self.workspace.file_mut(file.id) {
            Some(known) => *known = file,
            None => self.workspace.files.push(file),
        }
    }

    /// Parses the files that have changed.
    fn read_files(&mut self) {
        self.sources.update(&self.workspace.files);
        self.timeline.set_sources(self.sources.clone());
    }

    /// Returns the changes since the last update.
    fn update(&mut self, quiet: bool) -> Update {
        let mut update = Update {
            revision: self.revision,
            clock: Clock {
                now: self.timeline.now(),
                events: self.timeline.take_changed_events(),
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
        let view = pages::answer(&self.snapshot(), &self.query);
        if view != self.sent.view {
            update.view = view.clone().map(Box::new);
            self.sent.view = view;
        }
        update
    }

    /// Adds annotations and actions that have changed. Both follow from the analysis.
    fn annotate(&mut self, update: &mut Update) {
        let complete = self.sources.iter().all(|source| self.has_annotations(source.id));
        if self.sent.generation == Some(self.analysis.generation) && complete {
            return;
        }
        let snapshot = self.snapshot();
        let all: Vec<Annotations> =
            self.sources.iter().map(|source| ide::annotate(source, &snapshot)).collect();
        for annotations in all {
            if !self.sent.annotations.contains(&annotations) {
                self.sent.annotations.retain(|sent| sent.file != annotations.file);
                self.sent.annotations.push(annotations.clone());
                update.annotations.push(annotations);
            }
        }
        update.actions = Some(actions::possible(&self.analysis));
        self.sent.generation = Some(self.analysis.generation);
    }

    fn has_annotations(&self, file: FileId) -> bool {
        self.sent.annotations.iter().any(|sent| sent.file == file)
    }

    pub(crate) fn summary(&self) -> Summary {
        let read = self.analysis.config_text.as_ref();
        let source = read.and_then(|text| self.sources.get(text.parsed.file));
        let configuration = source.map(|source| source.name.clone());
        let mut summary = Summary { configuration, ..Summary::default() };
        for (target, report, _) in self.timeline.world.reports() {
            summary.targets += 1;
            let count = match report {
                _ if target.reach == Reach::Unknown => &mut summary.undescribed,
                Some(report) if report.error.is_none() => &mut summary.up,
                Some(_) => &mut summary.down,
                None => continue,
            };
            *count += 1;
        }
        summary
    }
}
