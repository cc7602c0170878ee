//! The timeline while the cluster runs: the world decides what there is, and the timeline scrapes it.

use std::sync::Arc;

use protocol::{Action, ActionKind, Choice, LoggedEvent, Scope, TerminalRequest, UNTIL_ENDED};
use simulation::events::{EventKind, FOREVER, Fault};
use simulation::world::Budget;

use super::{EVALUATION, SEED, START, Timeline, end_of, options, since_start};
use crate::analysis::Analysis;
use crate::analysis::apply::Applied;
use crate::analysis::drift::drift;
use crate::analysis::programs;
use crate::analysis::tsdb_durability::{TsdbDurability, tsdb_durability};
use crate::workspace::charts::Release;
use crate::workspace::sources::{Source, Sources};
use crate::world::actions::Effect;
use crate::world::live::{Live, ServerChange, ServerRun};
use crate::world::rollout::{Facts, ReloadError, Rollout, Version};
use kubernetes::controllers::Overrides;
use promql::Labels;
use promql::storage::Storage;
use text::{Diagnostic, FileId};
use world::workloads::Catalog;

/// Milliseconds between two looks at a cluster in which something happens.
const STEP: i64 = 500;
/// Characters of a command line in the log.
const LABEL: usize = 60;
/// Events of a log to which commands are added.
const MOST_LOGGED: usize = 1_500;

impl Timeline {
    /// The running cluster.
    pub fn live(&self) -> Option<&Live> {
        self.live.as_deref()
    }

    /// Uses the running cluster for commands: the servers in it have the data of the timeline
    /// meanwhile. None if the cluster does not run.
    pub fn with_cluster<T>(&mut self, change: impl FnOnce(&mut ::world::World) -> T) -> Option<T> {
        let result = self.with_data(change);
        self.follow_live();
        result
    }

    fn with_data<T>(&mut self, change: impl FnOnce(&mut ::world::World) -> T) -> Option<T> {
        let live = self.live.as_mut()?;
        let world = &mut self.world;
        let storage = std::mem::take(&mut world.storage);
        let report = |job: &str, labels: &Labels| world.status(job, labels)?.0.cloned();
        let groups = self.rules.groups().map(|(run, _)| run);
        let metrics = world.server().and_then(|own| world.metrics(own));
        let kept = live.provide(storage, &report, groups, metrics);
        let result = change(&mut live.world);
        self.world.storage =
            kept.or_else(|| live.take_back()).unwrap_or_else(|| Storage::new(options()));
        Some(result)
    }

    /// Writes a request of a terminal into the log, so that it is repeated after a step back.
    pub fn note_command(&mut self, request: &TerminalRequest) {
        let (action, label) = match request {
            TerminalRequest::Run { terminal, line } => {
                let action = Action::Command { terminal: *terminal, line: line.clone() };
                (action, line.chars().take(LABEL).collect())
            }
            TerminalRequest::Interrupt { terminal } | TerminalRequest::Close { terminal } => {
                (Action::Interrupt { terminal: *terminal }, "Ctrl+C".to_owned())
            }
        };
        if self.live.is_none() {
            return;
        }
        if self.events.len() >= MOST_LOGGED {
            // A replay does not repeat the command.
            return self.snapshots.stop(self.done);
        }
        self.leave_future();
        self.events.push(LoggedEvent { at: self.now(), action, label, until: None });
        self.done = self.events.len();
        self.events_sent = false;
    }

    /// The running cluster, to be looked at. Its servers have no data: see [`Self::with_cluster`].
    pub fn cluster_mut(&mut self) -> Option<&mut ::world::World> {
        self.live.as_mut().map(|live| &mut live.world)
    }

    /// The fields of applied files that the running cluster has with another value.
    pub fn drift(&self, applied: &Applied, sources: &Sources) -> Vec<Diagnostic> {
        let Some(live) = self.live.as_ref() else { return Vec::new() };
        let is_applied =
            |source: &&Arc<Source>| self.stored().iter().any(|stored| Arc::ptr_eq(stored, source));
        drift(&live.world, applied, sources.iter().filter(is_applied))
    }

    /// Lets the cluster run, or shows what the text leads to. Everything until now happens again.
    pub fn set_running(&mut self, on: bool) {
        if self.runs == on {
            return;
        }
        let now = self.now();
        self.runs = on;
        let newest = self.versions.last().unwrap_or(self.stored()).clone();
        self.at_once(newest);
        self.begin_again();
        self.seek(now);
    }

    /// Starts the cluster with the stored manifests if it should run and does not.
    pub(super) fn start_live(&mut self) {
        if !self.runs || self.live.is_some() {
            return;
        }
        let stored = self.stored().clone();
        let analysis = self.analyses.stored(&stored, &Overrides::default());
        let catalog = Arc::new(programs::catalog(&stored, analysis.scenario));
        let installed = self.start_with_releases(&stored, &catalog);
        let Some(mut live) = installed.or_else(|| self.start_without_releases(&stored, &catalog))
        else {
            return;
        };
        live.set_files(self.analyses.sources());
        live.note_version(version(&stored, &analysis), &analysis);
        self.live = Some(Box::new(live));
        self.live_base = Some(stored);
    }

    /// A cluster in which helm has installed the charts of the workspace. None if there are none, or
    /// if helm refuses one.
    fn start_with_releases(&mut self, stored: &Sources, catalog: &Arc<Catalog>) -> Option<Live> {
        let charts = stored.releases().iter().chain(self.analyses.sources().releases());
        let mut releases: Vec<Arc<Release>> = Vec::new();
        for release in charts.filter(|release| release.is_stored(stored)) {
            if !releases.iter().any(|known| known.folder == release.folder) {
                releases.push(Arc::clone(release));
            }
        }
        let of_helm = |file: FileId| {
            releases.iter().flat_map(|release| &release.files).any(|one| one.id == file)
        };
        let others = stored.filtered(|source| !of_helm(source.id));
        if releases.is_empty() {
            return None;
        }
        let mut live = self.start_without_releases(&others, catalog)?;
        releases.iter().all(|release| live.install(release)).then_some(live)
    }

    /// A cluster in which all manifests were applied.
    fn start_without_releases(&mut self, stored: &Sources, catalog: &Arc<Catalog>) -> Option<Live> {
        let server = self.analyses.api_server(stored)?;
        Some(Live::start(server, Arc::clone(catalog), self.world.now(), SEED))
    }

    /// The analysis of what runs, as it was at the last look at the cluster.
    pub(super) fn running_analysis(&mut self) -> Option<Analysis> {
        self.look_at_cluster(false)
    }

    fn look_at_cluster(&mut self, look: bool) -> Option<Analysis> {
        let live = self.live.as_mut()?;
        let stored = self.live_base.clone()?;
        let written = self.analyses.stored(&stored, &Overrides::default());
        let state = live.state(&written, look);
        let read = live.loaded().map_or_else(|| stored.clone(), |one| one.sources.clone());
        let overrides = live.overrides();
        Some(self.analyses.observed(&stored, (&read, true), state, &overrides))
    }

    /// Lets the cluster and its scrapes go on until `to`, in milliseconds since the start, or until
    /// it changes, if states are observed. Returns false if the budget was used up before.
    ///
    /// The cluster is looked at only at multiples of [`STEP`], so that what is seen does not depend
    /// on the times at which a run is divided.
    pub(super) fn run_live(&mut self, to: u64, budget: &mut Budget) -> bool {
        let end = START.saturating_add_unsigned(to);
        loop {
            let Some(live) = &mut self.live else { return self.scrape_until(to, budget) };
            let change = live.next_change().unwrap_or(i64::MAX);
            let look = if change == i64::MAX { change } else { next_look(change) };
            let next = look.min(end);
            let runs_commands = live.world.runs_commands();
            let at = since_start(next);
            if !self.scrape_until(at, budget) {
                return false;
            }
            let before = self.shown_live;
            if runs_commands {
                // A command in a terminal can ask a server for data at any time.
                self.with_data(|world| world.advance(next));
            } else if let Some(live) = &mut self.live {
                live.world.advance(next);
            }
            if next == look {
                self.follow_live();
            } else if let Some(live) = &mut self.live
                && change <= next
            {
                live.unseen.get_or_insert(change);
            }
            // A state that is observed is observed at each change.
            let stops = self.stops_every.is_some() && before != self.shown_live;
            if at >= to || stops {
                return true;
            }
            if !budget.take(EVALUATION / 5) {
                return false;
            }
        }
    }

    /// Takes over what has changed in the cluster.
    pub(super) fn follow_live(&mut self) {
        self.cause_requested();
        let Some(mut analysis) = self.look_at_cluster(true) else { return };
        let Some(live) = &mut self.live else { return };
        live.unseen = None;
        let change = live.look_at_server(&analysis);
        if change != ServerChange::default() {
            let Some(changed) = self.running_analysis() else { return };
            analysis = changed;
        }
        if let Some((last, new)) = &change.replaced
            && is_lost(&analysis, last, new)
        {
            self.world.lose_samples();
        }
        if self.shown_live != Some(analysis.generation) {
            self.shown_live = Some(analysis.generation);
            self.fit();
        }
        if change.read {
            let worked = self.live.as_ref().is_some_and(|live| live.refused().is_none());
            self.tell_reload(&analysis, worked);
        }
        self.observe_rollout();
    }

    /// Requests of the terminal move the counters of the programs.
    fn cause_requested(&mut self) {
        let Some(live) = &mut self.live else { return };
        for caused in live.world.take_caused() {
            let world::Caused { namespace, pod, container, port, stream } = caused;
            let process = format!("{namespace}/{pod}/{container}:{port}").into();
            self.world.push(EventKind::Cause { process, stream, count: 1 }, None);
        }
    }

    /// Stores another version of the text in the running cluster.
    pub(super) fn apply_live(&mut self, newest: &Sources) {
        let Some(before) = self.live_base.replace(newest.clone()) else { return };
        let earlier = self.analyses.stored(&before, &Overrides::default());
        let later = self.analyses.stored(newest, &Overrides::default());
        let facts = self.running_analysis().map(|analysis| Facts::of(&analysis));
        let Some(live) = &mut self.live else { return };
        live.set_files(newest);
        live.apply((&before, &earlier), (newest, &later));
        let version = version(newest, &later);
        live.note_version(version.clone(), &later);
        let facts = facts.unwrap_or_else(|| Facts::of(&later));
        let base = live.loaded().cloned().unwrap_or_else(|| version.clone());
        let mut rollout = self.rollout.take().unwrap_or_else(|| Rollout::new(facts.clone(), base));
        rollout.facts = facts;
        rollout.api = version;
        rollout.settled = None;
        self.rollout = Some(rollout);
        self.follow_live();
    }

    /// The way of an edit, as far as it can be seen in the cluster.
    fn observe_rollout(&mut self) {
        let now = self.now();
        let (Some(live), Some(rollout)) = (&mut self.live, &mut self.rollout) else { return };
        let at_rest = live.is_at_rest();
        let (mounted, loaded) = (live.mounted().cloned(), live.loaded().cloned());
        let refused = live.refused().map(str::to_owned);
        rollout.observed(at_rest, mounted, loaded, now);
        rollout.refused = refused.map(|error| match rollout.memory.rules_refused {
            true => ReloadError::Rules(error),
            false => ReloadError::Configuration(error),
        });
    }

    /// Performs an action of the menu in the running cluster. Returns false if it does not concern
    /// the cluster.
    pub(super) fn start_in_live(&mut self, choice: &Choice, effect: &Effect) -> bool {
        let analysis = self.running();
        let now = self.world.now();
        let Some(live) = &mut self.live else { return false };
        match (&choice.kind, &choice.scope, effect) {
            (ActionKind::Workload(change), Scope::Workload(wanted), _) => {
                let found = crate::world::actions::workload(&analysis, wanted);
                let Some((workload, replicas)) = found else { return true };
                live.change(*change, &workload, replicas);
            }
            (ActionKind::RestartContainer, Scope::Process(key), _) => {
                live.kill(&key.namespace, &key.pod, &key.container);
            }
            (ActionKind::ReloadConfiguration, ..) => live.reload(),
            (ActionKind::StopPrometheus, _, Effect::World(_, lasts)) => {
                let found = crate::world::actions::server_workload(&analysis);
                let Some((workload, replicas)) = found else { return true };
                live.stop_server(workload, replicas);
                let until = lasts.map(|lasts| since_start(now.saturating_add(lasts.millis())));
                self.back = until;
                self.note_end(Some(until.unwrap_or(UNTIL_ENDED)));
            }
            (_, _, Effect::World(EventKind::Fault { process, fault: Fault::CrashLoop }, lasts)) => {
                let until = lasts.map_or(FOREVER, |lasts| now.saturating_add(lasts.millis()));
                live.crash(process.clone(), until);
                self.note_end(Some(end_of(until)));
            }
            (_, _, Effect::World(EventKind::Cause { process, stream, count }, _)) => {
                // The pages count what the program counts.
                if !live.world.cause(process, stream, *count) {
                    return false;
                }
            }
            _ => return false,
        }
        self.disturb_live();
        self.follow_live();
        true
    }

    /// Ends an action in the running cluster. Returns false if it does not concern the cluster.
    pub(super) fn end_in_live(&mut self, kind: &EventKind) -> bool {
        let Some(live) = &mut self.live else { return false };
        match kind {
            EventKind::PrometheusDown => {
                self.back = None;
                live.start_server();
            }
            EventKind::Fault { fault: Fault::CrashLoop, .. } => live.end_crash(kind),
            _ => return false,
        }
        self.disturb_live();
        self.follow_live();
        true
    }

    /// Starts the server of the running cluster again. Returns false if the cluster does not run.
    pub(super) fn start_server_in_live(&mut self) -> bool {
        let Some(live) = &mut self.live else { return false };
        live.start_server();
        self.follow_live();
        true
    }

    /// Hands traffic and faults to the programs of the running cluster.
    pub(super) fn disturb_live(&mut self) {
        if let Some(live) = &mut self.live {
            live.disturb(&self.world);
        }
    }
}

/// Returns true if a run of the server does not have the samples of the one before.
fn is_lost(analysis: &Analysis, before: &ServerRun, after: &ServerRun) -> bool {
    let durability = tsdb_durability(analysis);
    match before.container == after.container {
        true => durability == TsdbDurability::Container,
        false => durability < TsdbDurability::Persistent,
    }
}

/// The time of the look at the cluster that follows a change.
fn next_look(change: i64) -> i64 {
    let since = change - START;
    START + since.div_euclid(STEP) * STEP + if since.rem_euclid(STEP) == 0 { 0 } else { STEP }
}

fn version(sources: &Sources, analysis: &Analysis) -> Version {
    Version { sources: sources.clone(), reads: analysis.reads, rules_refused: false }
}
