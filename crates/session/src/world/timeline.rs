//! Simulated time: the world that is scraped, and its events.
//!
//! Events are kept with their times. Going back creates the world again, or takes an earlier
//! snapshot of it, and replays the events. The world depends on its seed and its events only, so the
//! result is the same. An edit that takes effect with a delay is an event with its text; an edit
//! without a delay applies to the whole past.
//!
//! A long run is done in slices: the goal stays until it is reached or given up.

mod events;
mod running;
mod snapshots;

use super::actions::ClusterChange;
use super::live::Live;
use super::rollout::{Cause, Facts, ReloadError, Rollout, RolloutStep, Version};
use super::rule_runs::RuleRuns;
use crate::analysis::rule_files::RuleRefusal;
use crate::analysis::stored::{Comparison, Difference};
use crate::analysis::tsdb_durability::{TsdbDurability, tsdb_durability};
use crate::analysis::{Analyses, Analysis};
use crate::workspace::sources::Sources;
use go::Duration;
use kubernetes::controllers::Overrides;
use promql::Timestamp;
use promql::storage::{Options, Storage};
use protocol::{
    Action, ActionKind, ApplyMode, Choice, EventLog, LAST_TIME, LoggedEvent, Stage, Store,
    UNTIL_ENDED,
};
use rustc_hash::FxHashSet;
use simulation::events::FOREVER;
use simulation::world::{Budget, World};
use snapshots::Snapshots;
use std::sync::Arc;
use text::IndexSort;

/// Simulated time begins on 1 January 2026.
pub const START: Timestamp = 1_767_225_600_000;

const SEED: u64 = 11;

/// Samples that one request makes at most, so that the worker can answer something else between
/// two of them.
const SLICE: usize = 150_000;

/// The cost of the evaluation of a rule group, in samples, besides that of its series.
const EVALUATION: usize = 500;

/// A rollout that came to its end is shown for so many milliseconds more.
const SHOWN_AFTER: u64 = 20_000;

/// Versions of the text that are kept for going back; with one more, the oldest counts for what
/// was before it.
pub(super) const MOST_VERSIONS: usize = 200;

/// Samples are kept for a day, and no more of them than a browser's tab can hold.
fn options() -> Options {
    Options {
        retention: Some(Duration::from_secs(24 * 3600)),
        max_bytes: 512 << 20,
        max_series: 200_000,
        max_label_bytes: 256 << 10,
        ..Options::default()
    }
}

/// The world and its past.
pub struct Timeline {
    pub world: World,
    pub rules: RuleRuns,
    analyses: Analyses,
    /// All that happened, and after a step back what will happen again, by time.
    events: Vec<LoggedEvent>,
    /// The number of events that are in the past.
    done: usize,
    /// The time that the clock moves to, in milliseconds since the start.
    goal: Option<u64>,
    /// Work stops at the multiples of this number of milliseconds, so that the state can be observed.
    stops_every: Option<u64>,
    overrides: Overrides,
    /// Changes of the cluster that are on their way, by time.
    later: Vec<(u64, ClusterChange)>,
    /// When a server that does not run starts again.
    back: Option<u64>,
    /// True if edits take the time that they take in a cluster.
    delays: bool,
    /// The text before the first edit that took its time, and after each of them.
    versions: Vec<Sources>,
    rollout: Option<Rollout>,
    /// The text that was applied last.
    applied: Option<Sources>,
    /// True if the page has the current events.
    events_sent: bool,
    /// The system that the world was last fitted to.
    fitted: Option<u64>,
    /// True if the cluster runs, and the pages show what is in it now.
    runs: bool,
    live: Option<Box<Live>>,
    /// The manifests that the running cluster stores.
    live_base: Option<Sources>,
    /// The analysis of the running cluster that was last fitted.
    shown_live: Option<u64>,
    snapshots: Snapshots,
}

impl Default for Timeline {
    fn default() -> Self {
        Self {
            world: World::new(SEED, START, Storage::new(options())),
            rules: RuleRuns::default(),
            analyses: Analyses::default(),
            events: Vec::new(),
            done: 0,
            goal: None,
            stops_every: None,
            overrides: Overrides::default(),
            later: Vec::new(),
            back: None,
            delays: false,
            versions: Vec::new(),
            rollout: None,
            applied: None,
            events_sent: false,
            fitted: None,
            runs: false,
            live: None,
            live_base: None,
            shown_live: None,
            snapshots: Snapshots::default(),
        }
    }
}

impl Timeline {
    /// With everything still to come.
    pub fn with_log(log: EventLog, scenario: &str) -> Self {
        let mut events = log.events;
        // The texts of earlier edits are not stored.
        events.retain(|event| !is_edit(event));
        events.index_sort_by_key(|event| event.at);
        let runs = log.running;
        Self {
            events,
            runs,
            delays: log.delays,
            analyses: Analyses::new(scenario),
            ..Self::default()
        }
    }

    /// Milliseconds since the start.
    pub fn now(&self) -> u64 {
        (self.world.now() - START).max(0) as u64
    }

    pub fn goal(&self) -> Option<u64> {
        self.goal
    }

    /// The events that have happened.
    pub fn past_events(&self) -> &[LoggedEvent] {
        self.events.get(..self.done).unwrap_or_default()
    }

    /// Lets work stop at the multiples of a number of milliseconds, or only at its goal.
    pub fn stop_every(&mut self, millis: Option<u64>) {
        self.stops_every = millis.filter(|millis| *millis > 0);
    }

    /// Returns the events if they have changed since the last call.
    pub fn take_changed_events(&mut self) -> Option<Vec<LoggedEvent>> {
        let changed = !std::mem::replace(&mut self.events_sent, true);
        changed.then(|| self.events.clone())
    }

    /// Replaces the text. What runs stays the same until the text is applied.
    pub fn set_sources(&mut self, sources: Sources) {
        self.analyses.set_sources(sources, self.applied.as_ref());
    }

    /// Sets the manifests that the stored objects come from. Without this call they are those of
    /// the text.
    pub fn set_stored(&mut self, stored: Sources) {
        self.snapshots.clear();
        self.applied = Some(stored);
    }

    /// Returns the analysis of the current text with the changes of the cluster so far.
    pub fn analysis(&mut self) -> Analysis {
        let stored = self.stored().clone();
        self.analyses.current(&stored, &self.overrides)
    }

    /// The manifests that the stored objects come from, and the other files.
    pub fn stored(&self) -> &Sources {
        self.applied.as_ref().unwrap_or(self.analyses.sources())
    }

    /// Returns the analysis of the stored manifests.
    pub fn stored_analysis(&mut self) -> Analysis {
        if let Some(running) = self.running_analysis() {
            return running;
        }
        let stored = self.stored().clone();
        let at_start = self.analyses.stored(&stored, &self.overrides);
        // Rules with errors end Prometheus at its start only.
        let reload = self.rollout.as_ref().is_some_and(Rollout::is_reload);
        if !reload || at_start.rules.refusal.is_none() {
            return at_start;
        }
        self.analyses.analysis_at(&stored, (&stored, true), &self.overrides)
    }

    /// Returns the difference between the stored manifests and the text.
    pub fn difference(&mut self) -> Arc<Difference> {
        let stored = self.stored().clone();
        self.analyses.difference(&stored)
    }

    /// Stores the manifests that follow from a comparison of the stored ones with the text.
    pub fn store_manifests(&mut self, next: impl FnOnce(Comparison<'_>) -> Sources) {
        let stored = self.stored().clone();
        let next = self.analyses.compare(&stored, next);
        self.take_over(next);
    }

    /// Applies the text. An object that is kept because its change is refused can lose what it needs
    /// by another change, such as its namespace; then its text counts, too.
    pub fn apply_text(&mut self, mode: ApplyMode) {
        for pass in 0..2 {
            let stored = self.stored().clone();
            let next = self.analyses.compare(&stored, |compared| compared.applied(mode));
            if pass > 0 && next == stored {
                return;
            }
            let is_whole = next == *self.analyses.sources();
            self.take_over(next);
            if is_whole {
                return;
            }
        }
    }

    /// Milliseconds since the start at which the next scrape is due.
    fn next_scrape(&self) -> Option<u64> {
        self.world.next_scrape().map(since_start)
    }

    pub fn store(&self) -> Store {
        let storage = &self.world.storage;
        Store {
            samples: storage.sample_count() as u64,
            series: storage.series_count() as u64,
            bytes: storage.bytes() as u64,
            limit: storage.options().max_bytes as u64,
            since: storage.dropped_before().map(since_start),
        }
    }

    /// The way of the last edit, as long as it is under way or was a moment ago.
    pub fn stages(&self) -> Vec<Stage> {
        let Some(rollout) = &self.rollout else { return Vec::new() };
        rollout.stages(self.first_scrape(rollout))
    }

    /// Returns the labels of actions in progress that can make scrapes fail.
    pub fn troubles(&self) -> Vec<&str> {
        let now = self.now();
        let harmless = |event: &LoggedEvent| {
            let kind = |choice: &Choice| matches!(choice.kind, ActionKind::Traffic { .. });
            is_edit(event) || matches!(&event.action, Action::Start(choice) if kind(choice))
        };
        let goes_on = |event: &&LoggedEvent| event.lasts_at(now) && !harmless(event);
        self.events.iter().take(self.done).filter(goes_on).map(|event| &*event.label).collect()
    }

    /// When the first of the targets is scraped that were not yet.
    fn first_scrape(&self, rollout: &Rollout) -> Option<u64> {
        if !rollout.is_through() {
            return None;
        }
        let reports = self.world.reports();
        reports.filter(|(_, report, _)| report.is_none()).map(|(.., at)| since_start(at)).min()
    }

    /// Returns the analysis that the simulated world runs by.
    fn running(&mut self) -> Analysis {
        if let Some(running) = self.running_analysis() {
            return running;
        }
        match (&self.rollout, &self.applied) {
            (Some(rollout), _) => {
                let Rollout { cluster, targets, .. } = rollout;
                let read = (&targets.sources, targets.rules_refused);
                self.analyses.analysis_at(&cluster.sources, read, &self.overrides)
            }
            (None, Some(applied)) => self.analyses.stored(applied, &self.overrides),
            (None, None) => self.analysis(),
        }
    }

    /// Makes programs and targets those of the system that runs.
    fn fit(&mut self) {
        let analysis = self.running();
        if self.fitted == Some(analysis.generation) {
            return;
        }
        self.world.set_processes((*analysis.processes).clone());
        self.world.set_server(analysis.server_process().map(|own| own.key.clone()));
        let specs = analysis.routes.iter().map(|route| route.spec.clone()).collect();
        let jobs: FxHashSet<&str> = analysis.table.pools.iter().map(|pool| &*pool.name).collect();
        self.world.set_targets(specs, &|job| jobs.contains(job));
        // Rules that are refused at a reload leave the former ones.
        if !self.rollout.as_ref().is_some_and(|rollout| rollout.targets.rules_refused) {
            self.rules.fit(&analysis.rules, self.world.now());
        }
        self.fitted = Some(analysis.generation);
    }

    /// The API server stores other manifests, or Prometheus has other files.
    fn take_over(&mut self, newest: Sources) {
        let before = self.applied.clone().filter(|applied| *applied != newest);
        match before {
            Some(before) if (self.delays || self.runs) && self.now() > 0 && self.goal.is_none() => {
                self.leave_future();
                if self.versions.is_empty() {
                    self.versions.push(before);
                }
                self.keep_version(newest.clone());
                self.apply(newest);
                self.fit();
            }
            _ => {
                self.at_once(newest);
                if self.runs {
                    let now = self.now();
                    self.begin_again();
                    return self.seek(self.goal.unwrap_or(now));
                }
                self.fit();
                // Events at the target time itself are included, as after a seek. Events beyond the
                // limit of a slice are applied by the next run.
                if self.goal.is_none() {
                    self.run(self.now(), &mut Budget(SLICE));
                }
            }
        }
    }

    /// These files count for all time.
    fn at_once(&mut self, newest: Sources) {
        self.snapshots.clear();
        self.applied = Some(newest);
        self.rollout = None;
        if !self.versions.is_empty() {
            self.versions.clear();
            let before = self.events.len();
            let done = self.events.iter().take(self.done).filter(|event| !is_edit(event)).count();
            self.events.retain(|event| !is_edit(event));
            self.done = done;
            self.events_sent &= before == self.events.len();
        }
    }

    /// Edits of one rollout are one event, with the newest text.
    fn keep_version(&mut self, newest: Sources) {
        let now = self.now();
        let underway = self.rollout.as_ref().is_some_and(|rollout| rollout.file != rollout.api);
        let last = self.events.last();
        if underway
            && last.is_some_and(|event| matches!(event.action, Action::Edit { .. }))
            && let Some(version) = self.versions.last_mut()
        {
            *version = newest;
            // A replay applies the newest text at the time of the first edit.
            self.snapshots.stop(self.done - 1);
            return;
        }
        if self.versions.len() > MOST_VERSIONS {
            self.snapshots.stop(self.done);
            return;
        }
        self.versions.push(newest);
        self.events.push(LoggedEvent {
            at: now,
            action: Action::Edit { version: self.versions.len() as u32 - 1 },
            label: "Edit applied".into(),
            until: Some(UNTIL_ENDED),
        });
        self.done = self.events.len();
        self.events_sent = false;
    }

    /// The API server takes a version of the text; everything else follows later.
    fn apply(&mut self, newest: Sources) {
        if self.live.is_some() {
            self.applied = Some(newest.clone());
            return self.apply_live(&newest);
        }
        let now = self.now();
        let before = self.applied.clone().unwrap_or_else(|| newest.clone());
        let whole = self.analyses.analysis_at(&newest, (&newest, true), &self.overrides);
        let reads = whole.reads;
        let version = Version { sources: newest.clone(), reads, rules_refused: false };
        let running = self.running();
        let facts = Facts::of(&running);
        let rollout = self.rollout.take();
        let mut rollout = rollout.unwrap_or_else(|| {
            let reads = running.reads;
            let base = Version { sources: before, reads, rules_refused: false };
            Rollout::new(facts.clone(), base)
        });
        rollout.facts = facts;
        let read = (&rollout.targets.sources, rollout.targets.rules_refused);
        let next = self.analyses.analysis_at(&newest, read, &self.overrides);
        let cause = changes(&running, &next);
        rollout.apply(version, cause, now, SEED);
        self.rollout = Some(rollout);
        self.applied = Some(newest);
    }

    /// Turns the delays of edits on or off. Without delays, a rollout that is under way ends at once.
    pub fn set_delays(&mut self, on: bool) {
        self.delays = on;
        if !on {
            self.at_once(self.versions.last().unwrap_or(self.stored()).clone());
            self.fit();
        }
    }

    /// A place on the way of an edit takes the newest version over.
    fn step(&mut self, step: RolloutStep) {
        let now = self.now();
        let running = self.running();
        let Some(rollout) = &mut self.rollout else { return };
        match step {
            RolloutStep::Controllers => {
                rollout.controllers_done();
                let new = self.running();
                if new.server.pod.is_some() && new.server.pod != running.server.pod {
                    rollout_facts(&mut self.rollout, &new);
                    self.begin_server(lost_with_pod(&running, &new), true);
                }
            }
            RolloutStep::Sync => rollout.synced(now),
            RolloutStep::Reload => self.reload(),
            RolloutStep::Discovery => rollout.discovered(),
        }
        self.fit();
    }

    /// Prometheus reads its file: takes it over, or continues as before.
    fn reload(&mut self) {
        let now = self.now();
        let Some(rollout) = &self.rollout else { return };
        let (cluster, file) = (rollout.cluster.sources.clone(), rollout.file.sources.clone());
        let analysis = self.analyses.analysis_at(&cluster, (&file, true), &self.overrides);
        let configuration = analysis.refusal.as_ref().map(|error| error.to_string());
        let rules = analysis.rules.refusal.as_ref().map(RuleRefusal::lines);
        let refused =
            configuration.map(ReloadError::Configuration).or_else(|| rules.map(ReloadError::Rules));
        self.tell_reload(&analysis, refused.is_none());
        if refused.is_none() {
            self.rules.fit(&analysis.rules, self.world.now());
        }
        if let Some(rollout) = &mut self.rollout {
            rollout.reloaded(refused, now);
        }
    }

    /// Prometheus shows in its own metrics how the reload went.
    fn tell_reload(&mut self, analysis: &Analysis, worked: bool) {
        let Some(own) = analysis.server_process() else { return };
        let seconds = self.world.now() as f64 / 1000.0;
        let successful = f64::from(u8::from(worked));
        self.world.pin(&own.key, "prometheus_config_last_reload_successful", successful);
        if worked {
            let time = "prometheus_config_last_reload_success_timestamp_seconds";
            self.world.pin(&own.key, time, seconds);
        }
    }

    /// Goes to a moment, at most the last one; back by living through everything again.
    pub fn seek(&mut self, to: u64) {
        let to = to.min(LAST_TIME);
        if to < self.now() && !self.take_snapshot(to) {
            self.begin_again();
        }
        if self.applied.is_none() {
            self.applied = Some(self.analyses.sources().clone());
        }
        self.start_live();
        self.goal = Some(to);
        self.work();
    }

    /// Goes back to the start, with everything still to come.
    fn begin_again(&mut self) {
        *self = Self {
            events_sent: self.events_sent,
            delays: self.delays,
            runs: self.runs,
            stops_every: self.stops_every,
            analyses: std::mem::take(&mut self.analyses),
            events: std::mem::take(&mut self.events),
            applied: self.versions.first().or(self.applied.as_ref()).cloned(),
            versions: std::mem::take(&mut self.versions),
            snapshots: std::mem::take(&mut self.snapshots),
            ..Self::default()
        };
        self.snapshots.go_on();
    }

    /// Moves to the moment after the next scrape; without targets, by the default interval.
    pub fn seek_next_scrape(&mut self) {
        let to = self.next_scrape().unwrap_or(self.now() + 15_000);
        self.seek(to.max(self.now() + 1));
    }

    /// Moves forward, from the goal if there is one.
    pub fn advance(&mut self, millis: u64) {
        let from = self.goal.unwrap_or(self.now());
        self.seek(from.saturating_add(millis));
    }

    pub fn stop(&mut self) {
        self.goal = None;
    }

    /// Lives on towards the goal, through the events on the way, for one slice. Returns true if the
    /// goal or a stop before it is reached.
    pub fn work(&mut self) -> bool {
        let mut budget = Budget(SLICE);
        self.fit();
        let stop = self.stops_every.map(|every| (self.now() / every + 1).saturating_mul(every));
        while let Some(goal) = self.goal {
            let end = stop.map_or(goal, |stop| stop.min(goal));
            let next = self.next_change().filter(|&at| at <= end).unwrap_or(end);
            let next = next.min(self.next_snapshot());
            if !self.run(next, &mut budget) {
                return false;
            }
            if self.now() < next {
                self.settle();
                return true;
            }
            self.keep_snapshot();
            if !self.change(next) && next >= end {
                if end < goal {
                    self.settle();
                    return true;
                }
                self.goal = None;
            }
        }
        self.settle();
        true
    }

    /// When something comes that is no scrape.
    fn next_change(&self) -> Option<u64> {
        let event = self.events.get(self.done).map(|event| event.at);
        let rollout = self.rollout.as_ref().filter(|_| self.live.is_none());
        let step = rollout.and_then(|rollout| Some(rollout.due()?.0));
        let later = self.later.first().map(|(at, _)| *at);
        [event, step, later, self.back].into_iter().flatten().min()
    }

    /// Lets one thing happen that is due at a moment; false where there is none.
    fn change(&mut self, at: u64) -> bool {
        if self.later.first().is_some_and(|(due, _)| *due <= at) {
            self.change_cluster(at);
            return true;
        }
        if self.back.is_some_and(|back| back <= at) {
            self.back = None;
            if self.start_server_in_live() {
                return true;
            }
            self.server_reads(false);
            self.fit();
            return true;
        }
        let rollout = self.rollout.as_ref().filter(|_| self.live.is_none());
        let step = rollout.and_then(Rollout::due);
        if let Some((_, step)) = step.filter(|(due, _)| *due <= at) {
            self.step(step);
            return true;
        }
        let Some(event) = self.events.get(self.done).filter(|event| event.at <= at) else {
            return false;
        };
        let action = event.action.clone();
        self.done += 1;
        self.happen(&action);
        true
    }

    /// A rollout that is through is forgotten a while after its targets were scraped.
    fn settle(&mut self) {
        let now = self.now();
        let Some(rollout) = &self.rollout else { return };
        if !rollout.is_through() || self.first_scrape(rollout).is_some() {
            return;
        }
        let settled = rollout.settled;
        match settled {
            None => {
                if let Some(rollout) = &mut self.rollout {
                    rollout.settled = Some(now);
                }
                let mut edits = self.events.iter_mut().take(self.done).rev();
                if let Some(edit) = edits.find(|event| matches!(event.action, Action::Edit { .. }))
                {
                    edit.until = Some(now);
                    self.events_sent = false;
                }
            }
            Some(at) if now >= at + SHOWN_AFTER => self.rollout = None,
            Some(_) => {}
        }
    }

    /// Scrapes, and evaluates rules where they are due. Rules see the scrapes of their own moment.
    fn run(&mut self, to: u64, budget: &mut Budget) -> bool {
        match self.live {
            Some(_) => self.run_live(to, budget),
            None => self.scrape_until(to, budget),
        }
    }

    fn scrape_until(&mut self, to: u64, budget: &mut Budget) -> bool {
        let to = START.saturating_add_unsigned(to);
        loop {
            let Some(due) = self.rules.next().filter(|&due| due <= to) else {
                return self.world.advance(to, budget);
            };
            if !self.world.advance(due, budget) || !budget.take(EVALUATION) {
                return false;
            }
            if self.world.is_down(due) {
                self.rules.skip(due);
            } else {
                budget.take(self.rules.evaluate(&mut self.world.storage, due));
            }
        }
    }
}

fn rollout_facts(rollout: &mut Option<Rollout>, analysis: &Analysis) {
    if let Some(rollout) = rollout {
        rollout.facts = Facts::of(analysis);
    }
}

fn is_edit(event: &LoggedEvent) -> bool {
    matches!(event.action, Action::Edit { .. } | Action::SkipDelays)
}

fn since_start(at: Timestamp) -> u64 {
    (at - START).max(0) as u64
}

fn end_of(until: Timestamp) -> u64 {
    if until == FOREVER { UNTIL_ENDED } else { since_start(until) }
}

/// Returns the work of the controllers between two analyses with the same configuration.
fn changes(before: &Analysis, after: &Analysis) -> Option<Cause> {
    if before.processes != after.processes {
        return Some(Cause::Pods);
    }
    let of = |analysis: &Analysis| -> Vec<_> {
        let specs = analysis.routes.iter().map(|route| &route.spec);
        specs.map(|spec| (spec.labels.clone(), spec.reach.clone())).collect()
    };
    (of(before) != of(after)).then_some(Cause::Endpoints)
}

/// Returns true if the next pod does not have the samples of the last one.
fn lost_with_pod(before: &Analysis, after: &Analysis) -> bool {
    let last = if before.server.pod.is_some() { before } else { after };
    tsdb_durability(last) < TsdbDurability::Persistent
}
