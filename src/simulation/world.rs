//! The system in simulated time: processes that expose, a server that scrapes them, and what
//! happened to both. The same inputs, events and seed always give the same samples.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;

use super::events::{Event, EventKind, Fault, RESTART_TAKES, status_line};
use super::exposition::{Format, write};
use super::motion::{TrafficChange, mix, seed_of, unit};
use super::scrape::{Answer, ScrapeReport, ScrapeSettings, TargetLoop, first_scrape, offset};
use super::workload::{Influences, Process, Workload};
use crate::model::{Duration, Labels, Timestamp};
use crate::storage::Storage;

/// A program that runs in some container.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessSpec {
    /// Tells it from all others: `namespace/pod/container:port`.
    pub key: Arc<str>,
    pub workload: Arc<Workload>,
    /// Where it exposes; any other path is a 404.
    pub path: Arc<str>,
    /// Set where it answers every request with this status instead.
    pub status: Option<u16>,
}

/// Who answers a scrape.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// Nobody; the error as Go prints it, without the URL, and how long it takes to come to it.
    Nobody { error: Arc<str>, takes: Takes },
    /// A process, asked for this path.
    Process { key: Arc<str>, path: Arc<str> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A few milliseconds.
    Moment,
    /// Until the scrape's timeout.
    Timeout,
}

/// A target as the target table has it.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// After relabelling, those with two underscores among them: they tell targets apart.
    pub labels: Labels,
    /// Those that series get.
    pub public: Labels,
    pub job: Arc<str>,
    pub url: Arc<str>,
    pub interval: Duration,
    pub timeout: Duration,
    pub settings: Arc<ScrapeSettings>,
    /// Fails every scrape, as `target_limit` does.
    pub forced_error: Option<Arc<str>>,
    pub reach: Reach,
}

/// A target's last scrape, as the target table shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Health {
    /// Not scraped yet.
    Unknown,
    Up,
    Down,
}

struct Live {
    spec: TargetSpec,
    scraper: TargetLoop,
    last: Option<ScrapeReport>,
    next: Timestamp,
    /// The latest content type fault etc. need no state; a target that is gone keeps its slot empty.
    gone: bool,
}

pub struct World {
    pub storage: Storage,
    seed: u64,
    start: Timestamp,
    now: Timestamp,
    targets: Vec<Live>,
    queue: BinaryHeap<Reverse<(Timestamp, usize)>>,
    processes: HashMap<Arc<str>, Running>,
    /// Sorted by time.
    events: Vec<Event>,
    traffic: Vec<TrafficChange>,
}

struct Running {
    spec: ProcessSpec,
    process: Process,
    extra: BTreeMap<Arc<str>, Vec<Timestamp>>,
}

/// What a scrape of a target would bring at this instant.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Text { content_type: Arc<str>, text: String },
    Error(String),
}

impl World {
    pub fn new(seed: u64, start: Timestamp, storage: Storage) -> Self {
        Self {
            storage,
            seed,
            start,
            now: start,
            targets: Vec::new(),
            queue: BinaryHeap::new(),
            processes: HashMap::new(),
            events: Vec::new(),
            traffic: Vec::new(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub fn start(&self) -> Timestamp {
        self.start
    }

    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The processes that run from now on. One with the same key and workload goes on running.
    pub fn set_processes(&mut self, specs: Vec<ProcessSpec>) {
        let mut before = std::mem::take(&mut self.processes);
        for spec in specs {
            let running = match before.remove(&spec.key) {
                Some(running) if running.spec.workload == spec.workload => {
                    Running { spec, ..running }
                }
                _ => {
                    let seed = seed_of(self.seed, &spec.key);
                    // Nothing begins at the very instant at which it is first looked at.
                    let age = if self.now == self.start { 600_000 } else { 0 };
                    let process = Process::new(spec.workload.clone(), seed, self.now - age);
                    Running { spec, process, extra: BTreeMap::new() }
                }
            };
            self.processes.insert(running.spec.key.clone(), running);
        }
    }

    /// The targets that are scraped from now on, as after a reload: those that stay keep their
    /// place in time and their series, those that go end with staleness markers.
    pub fn set_targets(&mut self, specs: Vec<TargetSpec>) {
        let mut places: HashMap<(Arc<str>, Labels), usize> = HashMap::new();
        for (place, live) in self.targets.iter().enumerate().filter(|(_, live)| !live.gone) {
            places.insert((live.spec.job.clone(), live.spec.labels.clone()), place);
        }
        for spec in specs {
            let key = (spec.job.clone(), spec.labels.clone());
            match places.remove(&key).and_then(|place| self.targets.get_mut(place)) {
                Some(live) => {
                    if !Arc::ptr_eq(&live.spec.settings, &spec.settings) {
                        live.scraper.set_settings(spec.settings.clone(), spec.timeout);
                    }
                    live.spec = spec;
                }
                None => self.start_target(spec),
            }
        }
        for place in places.into_values() {
            if let Some(live) = self.targets.get_mut(place) {
                live.scraper.stop(self.now, &mut self.storage);
                live.gone = true;
            }
        }
    }

    fn start_target(&mut self, spec: TargetSpec) {
        let hash = spec.labels.iter().fold(seed_of(self.seed, &spec.url), |hash, label| {
            mix(seed_of(hash, &label.name), seed_of(0, &label.value))
        });
        let next = first_scrape(self.now, offset(hash, self.seed, spec.interval), spec.interval);
        let scraper = TargetLoop::new(spec.public.clone(), spec.settings.clone(), spec.timeout);
        self.queue.push(Reverse((next, self.targets.len())));
        self.targets.push(Live { spec, scraper, last: None, next, gone: false });
    }

    /// Adds an event; one before now counts as happening now.
    pub fn push(&mut self, kind: EventKind) {
        let at = self.now;
        match &kind {
            EventKind::Cause { process, stream, count } => {
                if let Some(running) = self.processes.get_mut(process) {
                    let times = running.extra.entry(stream.clone()).or_default();
                    // A hand can cause no more than this at once.
                    let count = (*count).min(100_000) as usize;
                    times.extend(std::iter::repeat_n(at + 1, count));
                }
            }
            EventKind::Traffic { factor } => {
                let factor = factor.clamp(0.0, 1e6);
                self.traffic.push(TrafficChange { at, factor });
            }
            EventKind::Restart { process } => {
                if let Some(running) = self.processes.get_mut(process) {
                    running.process = running.process.restarted(at + RESTART_TAKES.millis());
                }
            }
            EventKind::Fault { .. } | EventKind::PrometheusDown { .. } => {}
        }
        self.events.push(Event { at, kind });
    }

    /// When the next scrape is due.
    pub fn next_scrape(&self) -> Option<Timestamp> {
        self.queue.iter().map(|Reverse((at, _))| *at).min()
    }

    /// Makes the scrapes that are due up to `to`, at most `limit` of them. True when it got there;
    /// otherwise the clock stands at the last scrape made.
    pub fn advance(&mut self, to: Timestamp, limit: usize) -> bool {
        let mut made = 0;
        while let Some(&Reverse((at, place))) = self.queue.peek() {
            if at > to {
                break;
            }
            if made >= limit {
                return false;
            }
            self.queue.pop();
            self.now = self.now.max(at);
            let Some(live) = self.targets.get(place) else { continue };
            if live.gone {
                continue;
            }
            let interval = live.spec.interval.millis().max(1);
            made += 1;
            self.scrape(place, at);
            self.queue.push(Reverse((at + interval, place)));
            if let Some(live) = self.targets.get_mut(place) {
                live.next = at + interval;
            }
        }
        self.now = self.now.max(to);
        true
    }

    fn scrape(&mut self, place: usize, at: Timestamp) {
        let Some(live) = self.targets.get_mut(place) else { return };
        let lasting = |event: &&Event| event.lasts_at(at);
        if self.events.iter().filter(lasting).any(|event| event.stops_scrapes(&live.spec.reach)) {
            return;
        }
        let meeting = Meeting {
            spec: &live.spec,
            processes: &self.processes,
            events: &self.events,
            traffic: &self.traffic,
            seed: self.seed,
        };
        let mut values = Vec::new();
        let met = meeting.at(at, &mut values);
        let answer = match &met.outcome {
            Outcome::Error(error) => Answer::Failed(error),
            Outcome::Status(status) => Answer::Status(status),
            Outcome::Body { content_type, text } => Answer::Body { content_type, body: text },
            Outcome::Planned { process, bytes } => {
                Answer::Planned { plan: process.plan(), values: &values, bytes: *bytes }
            }
        };
        live.last = Some(live.scraper.scrape(at, met.takes, answer, &mut self.storage));
    }

    /// What the target would answer now, as a person would see it with curl.
    pub fn body(&self, job: &str, labels: &Labels) -> Option<Body> {
        let live = self.find(job, labels)?;
        let meeting = Meeting {
            spec: &live.spec,
            processes: &self.processes,
            events: &self.events,
            traffic: &self.traffic,
            seed: self.seed,
        };
        Some(match meeting.at(self.now, &mut Vec::new()).outcome {
            Outcome::Error(error) => Body::Error(error),
            Outcome::Status(status) => Body::Error(format!("HTTP/1.1 {status}")),
            Outcome::Body { content_type, text } => Body::Text { content_type, text },
            Outcome::Planned { process, .. } => {
                let families = process.families(self.now, meeting.influences(process));
                let text = write(&families, Format::PrometheusText);
                Body::Text { content_type: Format::PrometheusText.content_type().into(), text }
            }
        })
    }

    fn find(&self, job: &str, labels: &Labels) -> Option<&Live> {
        self.targets
            .iter()
            .find(|live| !live.gone && &*live.spec.job == job && live.spec.labels == *labels)
    }

    /// The last scrape of a target, and when the next is due.
    pub fn status(&self, job: &str, labels: &Labels) -> Option<(Option<&ScrapeReport>, Timestamp)> {
        self.find(job, labels).map(|live| (live.last.as_ref(), live.next))
    }

    /// The last scrapes of all targets.
    pub fn reports(&self) -> impl Iterator<Item = (&TargetSpec, Option<&ScrapeReport>, Timestamp)> {
        self.targets
            .iter()
            .filter(|live| !live.gone)
            .map(|live| (&live.spec, live.last.as_ref(), live.next))
    }

    /// When a stream's events really happened, in `(from, to]`.
    pub fn truth(
        &self,
        process: &str,
        stream: &str,
        range: (Timestamp, Timestamp),
        limit: usize,
    ) -> Vec<Timestamp> {
        self.processes.get(process).map_or(Vec::new(), |running| {
            let influences = Influences { changes: &self.traffic, extra: Some(&running.extra) };
            running.process.stream_times(stream, influences, range, limit)
        })
    }

    pub fn process(&self, key: &str) -> Option<&ProcessSpec> {
        self.processes.get(key).map(|running| &running.spec)
    }

    pub fn processes(&self) -> impl Iterator<Item = &ProcessSpec> {
        self.processes.values().map(|running| &running.spec)
    }
}

impl Event {
    fn concerns(&self, reach: &Reach) -> bool {
        let EventKind::Fault { process, .. } = &self.kind else { return false };
        match (process, reach) {
            (None, _) => true,
            (Some(process), Reach::Process { key, .. }) => process == key,
            (Some(_), Reach::Nobody { .. }) => false,
        }
    }

    fn stops_scrapes(&self, reach: &Reach) -> bool {
        match &self.kind {
            EventKind::PrometheusDown { .. } => true,
            EventKind::Fault { fault: Fault::Missed, .. } => self.concerns(reach),
            _ => false,
        }
    }
}

/// A scrape on its way to its target.
struct Meeting<'a> {
    spec: &'a TargetSpec,
    processes: &'a HashMap<Arc<str>, Running>,
    events: &'a [Event],
    traffic: &'a [TrafficChange],
    seed: u64,
}

struct Met<'a> {
    outcome: Outcome<'a>,
    takes: Duration,
}

enum Outcome<'a> {
    Error(String),
    Status(String),
    Body { content_type: Arc<str>, text: String },
    Planned { process: &'a Process, bytes: Option<u64> },
}

impl<'a> Meeting<'a> {
    /// What the scrape meets at `t`; a workload's numbers go to `values`.
    fn at(&self, t: Timestamp, values: &mut Vec<f64>) -> Met<'a> {
        let moment = self.moment(t);
        if let Some(error) = &self.spec.forced_error {
            return Met { outcome: Outcome::Error(error.to_string()), takes: Duration(0) };
        }
        let (key, path) = match &self.spec.reach {
            Reach::Process { key, path } => (key, path),
            Reach::Nobody { takes: Takes::Timeout, .. } => return self.deadline(),
            Reach::Nobody { error, .. } => return self.failed(error, moment),
        };
        let Some(running) = self.processes.get(key) else {
            return self.failed("EOF", moment);
        };
        let mut takes = moment;
        let mut content_type = None;
        for event in self.events.iter().filter(|event| event.lasts_at(t)) {
            match &event.kind {
                EventKind::Restart { process } if process == key => {
                    return self.refused(moment);
                }
                EventKind::Fault { fault, .. } if event.concerns(&self.spec.reach) => match fault {
                    Fault::NetworkCut => return self.deadline(),
                    Fault::CrashLoop => return self.refused(moment),
                    Fault::Slow { takes: slow } if *slow >= self.spec.timeout => {
                        return self.deadline();
                    }
                    Fault::Slow { takes: slow } => takes = *slow,
                    Fault::Status { code } => {
                        return Met { outcome: Outcome::Status(status_line(*code)), takes };
                    }
                    Fault::ContentType { content_type: given } => {
                        content_type = Some(given.clone())
                    }
                    Fault::Missed | Fault::ClockSkew { .. } => {}
                },
                _ => {}
            }
        }
        let status = match running.spec.status {
            Some(code) => Some(code),
            None => (running.spec.path != *path).then_some(404),
        };
        if let Some(code) = status {
            return Met { outcome: Outcome::Status(status_line(code)), takes };
        }
        let influences = self.influences(&running.process);
        let outcome = match content_type {
            Some(content_type) => {
                let families = running.process.families(t, influences);
                let text = write(&families, Format::PrometheusText);
                Outcome::Body { content_type, text }
            }
            None => {
                running.process.values(t, influences, values);
                let bytes = (self.spec.settings.body_size_limit > 0
                    || self.spec.settings.extra_scrape_metrics)
                    .then(|| {
                        let families = running.process.families(t, influences);
                        write(&families, Format::PrometheusText).len() as u64
                    });
                Outcome::Planned { process: &running.process, bytes }
            }
        };
        Met { outcome, takes }
    }

    fn influences(&self, process: &Process) -> Influences<'a> {
        let extra = self
            .processes
            .values()
            .find(|running| Arc::ptr_eq(running.process.plan(), process.plan()))
            .map(|running| &running.extra);
        Influences { changes: self.traffic, extra }
    }

    /// Some milliseconds, other ones for each target and scrape.
    fn moment(&self, t: Timestamp) -> Duration {
        let mixed = mix(seed_of(self.seed, &self.spec.url), t as u64);
        Duration(2 + (unit(mixed) * unit(mix(mixed, 1)) * 14.0) as i64)
    }

    fn failed(&self, error: &str, takes: Duration) -> Met<'a> {
        let error = format!("Get {:?}: {error}", self.spec.url);
        Met { outcome: Outcome::Error(error), takes }
    }

    fn deadline(&self) -> Met<'a> {
        self.failed("context deadline exceeded", self.spec.timeout)
    }

    fn refused(&self, takes: Duration) -> Met<'a> {
        let address = self.spec.labels.get("__address__");
        self.failed(&format!("dial tcp {address}: connect: connection refused"), takes)
    }
}
