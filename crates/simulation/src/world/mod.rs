//! The simulated system: processes, the server that scrapes them, and its storage.
//!
//! The same inputs, events and seed always give the same samples.
//!
//! | file | content |
//! | --- | --- |
//! | `process` | processes that run, their restarts |
//! | `target` | targets |
//! | `events` | events that change processes and traffic |
//! | `body` | answers of targets outside of scrapes |

mod body;
mod events;
mod process;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::events::Event;
use super::scrape::{Answer, PlannedAnswer, ScrapeLoops, ScrapeReport};
use super::scrape_attempt::{ResponseKind, ScrapeAttempt};
use super::signal::{TrafficChange, seed_of};
use super::workload::{Influences, Process, Readings};
use promql::storage::Storage;
use promql::{Labels, Timestamp};

pub use body::{Body, Exposed};
pub use process::ProcessSpec;
pub(super) use process::{Processes, Running};
pub use target::{FailureDelay, Reach, TargetSpec};

/// A simulated Prometheus server, the processes that it scrapes, and the simulated time. A clone
/// shares the sealed chunks of the storage.
#[derive(Clone)]
pub struct World {
    pub storage: Storage,
    seed: u64,
    start: Timestamp,
    now: Timestamp,
    loops: ScrapeLoops<TargetSpec>,
    processes: Processes,
    /// The key of the process of the server itself, if the server runs in the cluster.
    server: Option<Arc<str>>,
    /// Events that last at `now` or ended since the last advance.
    events: Vec<Event>,
    /// Start, end and factor of every traffic event.
    surges: Vec<(Timestamp, Timestamp, f64)>,
    traffic: Vec<TrafficChange>,
    /// Reused by each scrape.
    values: Readings,
}

/// The number of samples that one call of [`World::advance`] may store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(pub usize);

impl Budget {
    /// A budget without a limit.
    pub fn unlimited() -> Self {
        Self(usize::MAX)
    }

    /// Subtracts `samples`. Returns false if the budget was used up before.
    pub fn take(&mut self, samples: usize) -> bool {
        let had = self.0 > 0;
        self.0 = self.0.saturating_sub(samples);
        had
    }
}

/// The number of report series that each scrape stores: `up`, `scrape_duration_seconds`, …
const REPORTS: usize = 5;

impl World {
    /// Creates a system without processes and targets whose time begins at `start`.
    pub fn new(seed: u64, start: Timestamp, storage: Storage) -> Self {
        Self {
            storage,
            seed,
            start,
            now: start,
            loops: ScrapeLoops::new(seed),
            processes: BTreeMap::new(),
            server: None,
            events: Vec::new(),
            surges: Vec::new(),
            traffic: Vec::new(),
            values: Readings::default(),
        }
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The time at which the simulation began.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// Events that last at the current time.
    pub fn going_on(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.lasts_at(self.now))
    }

    /// Returns true if Prometheus does not run at `at`.
    pub fn is_down(&self, at: Timestamp) -> bool {
        let server = self.server();
        self.events.iter().any(|event| event.lasts_at(at) && event.kind.stops_server(server))
    }

    /// Sets the key of the process of the server itself.
    pub fn set_server(&mut self, key: Option<Arc<str>>) {
        self.server = key;
    }

    /// The key of the process of the server itself.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Replaces the processes. A process with the same key and a compatible workload continues.
    pub fn set_processes(&mut self, specs: Vec<ProcessSpec>) {
        let mut before = std::mem::take(&mut self.processes);
        for spec in specs {
            let running = match before.remove(&spec.key) {
                Some(mut running) if running.spec.workload.goes_on_as(&spec.workload) => {
                    if let Some(started) = spec.started
                        && running.spec.started.is_some_and(|before| before != started)
                    {
                        running.restart(started.min(self.now), started);
                    }
                    // A container that waits for its restart has no start.
                    let started = spec.started.or(running.spec.started);
                    Running { spec: ProcessSpec { started, ..spec }, ..running }
                }
                _ => {
                    let seed = seed_of(self.seed, &spec.key);
                    // Processes of the initial state started ten minutes before the simulation.
                    let age = if self.now == self.start { 600_000 } else { 0 };
                    let started = spec.started.unwrap_or(self.now - age);
                    let process =
                        Process::new(spec.workload.clone(), seed, started).given_at(self.now);
                    let (extra, lifetimes, pinned) = Default::default();
                    Running { spec, process, extra, lifetimes, pinned }
                }
            };
            self.processes.insert(running.spec.key.clone(), running);
        }
    }

    /// Replaces the targets, as a reload does; see [`ScrapeLoops::set_targets`].
    pub fn set_targets(&mut self, specs: Vec<TargetSpec>, pools: &dyn Fn(&str) -> bool) {
        self.loops.set_targets(specs, self.now, pools);
    }

    /// The time of the next scrape.
    pub fn next_scrape(&self) -> Option<Timestamp> {
        self.loops.iter().map(|live| live.next).min()
    }

    /// Makes the scrapes that are due up to `to`. Returns false if the budget was used up before;
    /// the clock then stands at the last scrape.
    pub fn advance(&mut self, to: Timestamp, budget: &mut Budget) -> bool {
        self.events.retain(|event| event.until >= self.now);
        while let Some((at, _)) = self.loops.peek() {
            if at > to {
                break;
            }
            if budget.0 == 0 {
                return false;
            }
            self.loops.write_pending_staleness(at, &mut self.storage);
            let Some((at, Some(place))) = self.loops.pop() else { continue };
            self.now = self.now.max(at);
            budget.take(self.scrape(place, at));
        }
        self.loops.write_pending_staleness(to, &mut self.storage);
        self.now = self.now.max(to);
        true
    }

    /// Makes one scrape. Returns the number of samples that it stored.
    fn scrape(&mut self, place: usize, at: Timestamp) -> usize {
        let Some(live) = self.loops.at_mut(place) else { return 1 };
        if live.spec.reach == Reach::Unknown {
            return 1;
        }
        let server = self.server.as_deref();
        let stops =
            |event: &Event| event.lasts_at(at) && event.stops_scrapes(&live.spec.reach, server);
        if self.events.iter().any(stops) {
            return 1;
        }
        let attempt = ScrapeAttempt {
            spec: &live.spec,
            processes: &self.processes,
            events: &self.events,
            traffic: &self.traffic,
            server,
            seed: self.seed,
        };
        let response = attempt.at(at, &mut self.values);
        let answer = match &response.kind {
            ResponseKind::Error(error) => Answer::Failed(error),
            ResponseKind::Status(status) => Answer::Status(status),
            ResponseKind::Body { content_type, text } => Answer::Body { content_type, body: text },
            ResponseKind::Planned { process, wire, escaping, bytes, stamp } => {
                Answer::Planned(PlannedAnswer {
                    plan: process.plan(),
                    values: &self.values,
                    wire: *wire,
                    escaping: *escaping,
                    started: process.started_in(*wire),
                    bytes: *bytes,
                    stamp: *stamp,
                })
            }
        };
        let report = live.scraper.scrape(at, response.takes, answer, &mut self.storage);
        let samples = report.samples_scraped as usize + REPORTS;
        live.last = Some(report);
        samples
    }

    /// Returns a scrape attempt with the current state of the system.
    fn attempt<'a>(&'a self, spec: &'a TargetSpec) -> ScrapeAttempt<'a> {
        let Self { processes, events, traffic, seed, .. } = self;
        let server = self.server.as_deref();
        ScrapeAttempt { spec, processes, events, traffic, server, seed: *seed }
    }

    /// The last scrape of a target and the time of the next.
    pub fn status(&self, job: &str, labels: &Labels) -> Option<(Option<&ScrapeReport>, Timestamp)> {
        self.loops.find(job, labels).map(|live| (live.last.as_ref(), live.next))
    }

    /// The last scrape of each target and the time of the next.
    pub fn reports(&self) -> impl Iterator<Item = (&TargetSpec, Option<&ScrapeReport>, Timestamp)> {
        self.loops.iter().map(|live| (&live.spec, live.last.as_ref(), live.next))
    }

    /// The times of a stream's events in `(from, to]`, over all restarts of the process; at most
    /// `limit`.
    pub fn ground_truth(
        &self,
        process: &str,
        stream: &str,
        (from, to): (Timestamp, Timestamp),
        limit: usize,
    ) -> Vec<Timestamp> {
        let Some(running) = self.processes.get(process) else { return Vec::new() };
        let influences = Influences { changes: &self.traffic, extra: Some(&running.extra) };
        let mut times = Vec::new();
        for lifetime in running.lifetimes() {
            let (from, to) = (lifetime.started.max(from), lifetime.ended.min(to));
            if from < to && times.len() < limit {
                let left = limit - times.len();
                let process = running.process.restarted(lifetime.started);
                times.extend(process.stream_times(stream, influences, (from, to), left));
            }
        }
        times
    }

    pub(super) fn running(&self, key: &str) -> Option<&Running> {
        self.processes.get(key)
    }

    /// The factor of the traffic over time.
    pub fn traffic(&self) -> &[TrafficChange] {
        &self.traffic
    }

    /// The events that last at the current time, or have ended since the last advance.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The process with a key.
    pub fn process(&self, key: &str) -> Option<&ProcessSpec> {
        self.processes.get(key).map(|running| &running.spec)
    }

    /// All processes, sorted by key.
    pub fn processes(&self) -> impl Iterator<Item = &ProcessSpec> {
        self.processes.values().map(|running| &running.spec)
    }
}
