//! The session: answers requests, and remembers what the page has already received.

use crate::analysis::Analysis;
use crate::analysis::stored::Difference;
use crate::ide;
use crate::lesson::Observed;
use crate::pages;
use crate::terminal::{Places, Terminals};
use crate::workspace::charts::changes::Renderings;
use crate::workspace::sources::{FileKind, Part, Source, Sources};
use crate::world::{Snapshot, Timeline, actions};
use ::world::World;
use kubernetes::openapi::Descriptions;
use lessons::{Grader, Lesson};
use protocol::{
    Annotations, ApplyMode, Clock, Envelope, EventLog, File, LineCompletions, Message, MovedText,
    OpenLesson, PageQuery, Progress, Reply, Request, Revision, Stored, Summary, TerminalUpdate,
    Update, View, Workspace,
};
use simulation::world::Reach;
use std::sync::Arc;
use text::{Diagnostic, FileId};

/// The state behind one page: its files, the analysis of them, and simulated time.
#[derive(Default)]
pub struct Session {
    workspace: Workspace,
    revision: Revision,
    query: PageQuery,
    sources: Sources,
    /// The analysis of the text.
    pub(crate) analysis: Analysis,
    /// The analysis of the stored objects.
    pub(crate) stored: Analysis,
    pub(crate) difference: Arc<Difference>,
    /// Fields of the text that the running cluster has with another value.
    drift: Vec<Diagnostic>,
    /// The renderings of the charts that were applied.
    renderings: Renderings,
    pub(crate) timeline: Timeline,
    sent: Sent,
    descriptions: Descriptions,
    lesson: Option<Grader>,
    terminals: Terminals,
    /// The number of applied texts and actions.
    changes: u64,
    /// True if the text was edited and not applied.
    edited: bool,
}

/// What terminals read of the session. A macro, because the other parts stay free to be changed.
macro_rules! places {
    ($session:ident) => {
        Places {
            files: &$session.workspace.files,
            applied: &$session.analysis.applied,
            sources: &$session.sources,
            descriptions: &$session.descriptions,
        }
    };
}

/// The interval at which a lesson observes the state, in milliseconds.
const LESSON_STEP: u64 = 5_000;

/// The most states that a lesson observes, and the most samples that are made, in one request.
const MOST_STEPS: usize = 60;
const MOST_NEW_SAMPLES: usize = 150_000;

/// The last data sent to the page. Only changes are sent again.
#[derive(Debug, Default)]
struct Sent {
    /// The generations of the analyses that the annotations were made from.
    generation: Option<(u64, u64)>,
    annotations: Vec<Annotations>,
    stored: Option<Stored>,
    summary: Option<Summary>,
    view: Option<View>,
    lesson: Option<Progress>,
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
            Request::CompleteLine { terminal, line, offset } => {
                Reply::LineCompletions(Box::new(self.complete_line(terminal, line, offset)))
            }
            Request::Import { files } => Reply::Imported(Box::new(import::import(files))),
            Request::Spin => loop {
                std::hint::spin_loop();
            },
            Request::Panic => panic!("the request Panic was received"),
            request => {
                let quiet = request == Request::Continue { show: false };
                self.count(&request);
                self.change(request);
                self.follow_lesson();
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
            stored: &self.stored,
            difference: &self.difference,
            drift: &self.drift,
            renderings: &self.renderings,
            timeline: &self.timeline,
        }
    }

    fn change(&mut self, request: Request) {
        match request {
            Request::Open { workspace, revision, log } => self.open(workspace, revision, log),
            Request::Edit { file, revision } => {
                self.revision = revision;
                self.edit(file);
                self.read_files();
            }
            Request::EditFiles { files, revision } => {
                self.revision = revision;
                files.into_iter().for_each(|file| self.edit(file));
                self.read_files();
            }
            Request::Remove { file, revision } => {
                self.revision = revision;
                self.workspace.files.retain(|known| known.id != file);
                self.read_files();
            }
            request @ (Request::FollowText
            | Request::Apply
            | Request::SetApplyMode { .. }
            | Request::DeleteObjects { .. }
            | Request::RecreateObjects { .. }) => self.change_stored(request),
            Request::Advance { millis } => self.timeline.advance(millis),
            Request::Continue { .. } => _ = self.timeline.work(),
            Request::Silence { codes } => {
                self.workspace.silenced = codes;
                self.sent.generation = None;
            }
            Request::ShowDefaults { file } => {
                self.workspace.defaults_of = file;
                self.sent.generation = None;
            }
            Request::Stop => self.timeline.stop(),
            Request::SetDelays { on } => self.timeline.set_delays(on),
            Request::SetRunning { on } => self.timeline.set_running(on),
            Request::NextScrape => self.timeline.seek_next_scrape(),
            Request::Seek { at } => self.timeline.seek(at),
            Request::Act { action } => self.timeline.act(action),
            Request::SetLesson { lesson } => self.set_lesson(lesson.map(|lesson| *lesson)),
            Request::AnswerGoal { goal, answer } => {
                self.with_lesson(|grader, state| grader.answer(&goal, &answer, state));
            }
            Request::Predict { answer } => {
                self.with_lesson(|grader, state| grader.predict(&answer, state));
            }
            Request::Terminal(request) => {
                let (terminals, places) = (&mut self.terminals, places!(self));
                let handle = |world: &mut World| terminals.handle(world, &request, &places);
                match self.timeline.with_cluster(handle) {
                    Some(()) => self.timeline.note_command(&request),
                    None => self.terminals.refuse(&request),
                }
            }
            // The page may have dropped the last view because another page was open when it came.
            Request::Watch { query } => {
                self.query = query;
                self.sent.view = None;
            }
            // The other requests only read the session and are answered by `handle`.
            _ => {}
        }
        self.refresh();
    }

    /// Replaces everything but what the page has asked for.
    fn open(&mut self, workspace: Workspace, revision: Revision, log: EventLog) {
        let now = log.now;
        let timeline = Timeline::with_log(log, &workspace.scenario);
        let query = std::mem::take(&mut self.query);
        let descriptions = std::mem::take(&mut self.descriptions);
        *self = Self { workspace, revision, query, timeline, descriptions, ..Self::default() };
        self.read_files();
        self.renderings.note_applied(self.sources.releases());
        self.restore_stored();
        self.timeline.seek(now);
    }

    /// Makes the analyses those of the current text and time.
    fn refresh(&mut self) {
        self.analysis = self.timeline.analysis();
        self.stored = self.timeline.stored_analysis();
        self.difference = self.timeline.difference();
        let drift = self.timeline.drift(&self.analysis.applied, &self.sources);
        if self.drift != drift {
            self.drift = drift;
            self.sent.generation = None;
        }
    }

    /// Counts the changes of the learner: texts when they are applied, and actions.
    fn count(&mut self, request: &Request) {
        match request {
            Request::Edit { .. } | Request::EditFiles { .. } | Request::Remove { .. } => {
                self.edited = true;
            }
            Request::FollowText | Request::Apply => {
                self.changes += u64::from(std::mem::take(&mut self.edited));
            }
            Request::Act { .. }
            | Request::DeleteObjects { .. }
            | Request::RecreateObjects { .. } => self.changes += 1,
            _ => {}
        }
    }

    /// Opens or closes a lesson. A lesson that cannot be read is not opened.
    fn set_lesson(&mut self, lesson: Option<OpenLesson>) {
        self.lesson = lesson.and_then(|OpenLesson { json, kept }| {
            let lesson = Lesson::from_json(&json).ok()?;
            self.changes = kept.as_ref().map_or(0, |kept| kept.changes);
            Some(Grader::new(lesson, kept))
        });
        self.timeline.stop_every(self.lesson.as_ref().map(|_| LESSON_STEP));
        self.sent.lesson = None;
    }

    fn with_lesson(&mut self, change: impl FnOnce(&mut Grader, &Observed<'_>)) {
        let Some(mut grader) = self.lesson.take() else { return };
        change(&mut grader, &Observed { snapshot: self.snapshot(), changes: self.changes });
        self.lesson = Some(grader);
    }

    /// Lets the lesson observe the state, and the states on the way to the goal of the clock.
    fn follow_lesson(&mut self) {
        if self.lesson.is_none() {
            return;
        }
        let samples = self.timeline.store().samples;
        for _ in 0..MOST_STEPS {
            self.with_lesson(|grader, state| grader.observe(state));
            let made = self.timeline.store().samples.saturating_sub(samples);
            if self.timeline.goal().is_none() || made > MOST_NEW_SAMPLES as u64 {
                return;
            }
            let reached = self.timeline.work();
            self.refresh();
            if !reached {
                return;
            }
        }
    }

    /// Changes the stored manifests.
    fn change_stored(&mut self, request: Request) {
        match request {
            Request::FollowText if self.workspace.apply_mode == ApplyMode::ByHand => {
                self.timeline.store_manifests(|compared| compared.with_other_files());
            }
            Request::FollowText | Request::Apply => self.apply(),
            Request::SetApplyMode { mode } => {
                self.workspace.apply_mode = mode;
                if mode == ApplyMode::FollowText {
                    self.apply();
                }
            }
            Request::DeleteObjects { objects } => {
                self.timeline.store_manifests(|compared| compared.without(&objects));
            }
            Request::RecreateObjects { objects } => {
                self.timeline.store_manifests(|compared| compared.recreated(&objects));
            }
            _ => {}
        }
    }

    /// Applies the text.
    fn apply(&mut self) {
        self.renderings.note_applied(self.sources.releases());
        self.timeline.apply_text(self.workspace.apply_mode);
    }

    /// Restores the stored objects that differ from the text. The text of edits that were on their way
    /// is not kept, so that a text that is followed is applied again.
    fn restore_stored(&mut self) {
        let Some(files) = &self.workspace.stored else { return };
        let parts = files.iter().cloned().map(Part::Text);
        let others = self.sources.iter().filter(|source| source.kind != FileKind::Manifest);
        let parts = others.cloned().map(Part::Read).chain(parts).collect();
        self.timeline.set_stored(Sources::joined(parts, &[&self.sources]));
        if self.workspace.apply_mode == ApplyMode::FollowText {
            self.apply();
        }
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
        let stored = self.stored_state();
        if self.sent.stored.as_ref() != Some(&stored) {
            update.stored = Some(Box::new(stored.clone()));
            self.sent.stored = Some(stored);
        }
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
        self.add_progress(&mut update);
        update.terminals = self.terminal_updates();
        update
    }

    /// Lets the commands of terminals go on, and takes what they have printed.
    fn terminal_updates(&mut self) -> Vec<TerminalUpdate> {
        if !self.terminals.is_used() {
            return Vec::new();
        }
        let (terminals, places) = (&mut self.terminals, places!(self));
        if terminals.has_waiting() {
            self.timeline.with_cluster(|world| terminals.continue_lines(world, &places));
        }
        self.terminals.updates(self.timeline.cluster_mut(), &places)
    }

    fn complete_line(&mut self, terminal: u32, line: String, offset: u32) -> LineCompletions {
        let places = places!(self);
        match self.timeline.cluster_mut() {
            Some(world) => Terminals::complete(world, terminal, line, offset, &places),
            None => LineCompletions { terminal, line, ..LineCompletions::default() },
        }
    }

    fn add_progress(&mut self, update: &mut Update) {
        let Some(progress) = self.lesson.as_ref().map(Grader::progress) else { return };
        if self.sent.lesson.as_ref() != Some(progress) {
            update.lesson = Some(Box::new(progress.clone()));
            self.sent.lesson = Some(progress.clone());
        }
    }

    /// Adds annotations and actions that have changed. Both follow from the analysis.
    fn annotate(&mut self, update: &mut Update) {
        let complete = self.sources.written().all(|source| self.has_annotations(source.id));
        let generation = (self.analysis.generation, self.stored.generation);
        if self.sent.generation == Some(generation) && complete {
            return;
        }
        let snapshot = self.snapshot();
        let all: Vec<Annotations> =
            self.sources.written().map(|source| ide::annotate(source, &snapshot)).collect();
        for annotations in all {
            if !self.sent.annotations.contains(&annotations) {
                self.sent.annotations.retain(|sent| sent.file != annotations.file);
                self.sent.annotations.push(annotations.clone());
                update.annotations.push(annotations);
            }
        }
        update.actions = Some(actions::possible(&self.stored));
        self.sent.generation = Some(generation);
    }

    fn has_annotations(&self, file: FileId) -> bool {
        self.sent.annotations.iter().any(|sent| sent.file == file)
    }

    /// The stored objects, as far as they differ from the text.
    fn stored_state(&self) -> Stored {
        let stored = self.timeline.stored();
        let difference = &self.difference;
        let mut state = Stored {
            mode: self.workspace.apply_mode,
            objects: self.stored.applied.stored().count() as u32,
            changes: difference.changes,
            refused: difference.refused.clone(),
            orphans: difference.orphans.clone(),
            unparsed: difference.unparsed.clone(),
            ..Stored::default()
        };
        if *stored == self.sources {
            return state;
        }
        let file = |source: &Arc<Source>| File {
            id: source.id,
            name: source.name.clone(),
            text: source.text.clone(),
        };
        state.files = Some(stored.of_kind(FileKind::Manifest).map(file).collect());
        // A place in a rendered file is that of the newest template when it leaves the session.
        for source in stored.iter().filter(|source| source.part.is_none()) {
            let written = self.sources.get(source.id).filter(|one| one.text != source.text);
            state
                .moved
                .extend(written.map(|one| MovedText::between(source.id, &source.text, &one.text)));
        }
        state
    }

    pub(crate) fn summary(&self) -> Summary {
        let read = self.stored.config_text.as_ref();
        let stored = self.timeline.stored();
        let file = read.map(|text| text.parsed.file);
        let source = file.and_then(|file| stored.get(file));
        let generated = file.and_then(|file| self.stored.generated.configuration(file));
        let configuration = match generated {
            Some(generated) => Some(format!("Prometheus {}", generated.resource.name)),
            None => source.map(|source| source.name.clone()),
        };
        let command = pages::command(&self.snapshot(), &self.query);
        let monitors = self.stored.generated.selected_objects().count() as u32;
        let charts = self.sources.releases().len() as u32;
        let mut summary =
            Summary { configuration, command, monitors, charts, ..Summary::default() };
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
