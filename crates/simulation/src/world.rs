//! The system in simulated time: processes that expose, a server that scrapes them, and what
//! happened to both. The same inputs, events and seed always give the same samples.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::events::{
    Event, EventKind, FOREVER, Fault, RESTART_TAKES, start_after_crash, traffic_changes,
};
use super::exposition::{Escaping, Format, Wire};
use super::scrape::{
    Answer, PlannedAnswer, ScrapeReport, ScrapeSettings, TargetLoop, first_scrape, offset,
};
use super::scrape_attempt::{ResponseKind, ScrapeAttempt};
use super::signal::{TrafficChange, mix, seed_of};
use super::workload::{Influences, Plan, Process, Readings, Workload};
use go::Duration;
use promql::storage::Storage;
use promql::{Labels, Timestamp};

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
    /// After relabeling, those with two underscores among them: they tell targets apart.
    pub labels: Labels,
    /// Those that series get.
    pub public: Labels,
    pub job: Arc<str>,
    pub url: Arc<str>,
    /// The address that is dialed, its name resolved: what Go prints when nobody listens.
    pub dialed: Arc<str>,
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

struct ActiveTarget {
    spec: TargetSpec,
    scraper: TargetLoop,
    last: Option<ScrapeReport>,
    next: Timestamp,
}

impl ActiveTarget {
    /// What a reload says of a target that stays. Where its job's settings are others, a new loop
    /// takes over that knows nothing of what the old one scraped.
    ///
    /// Source: prometheus scrape/scrape.go `restartLoops`, `reusableCache`.
    fn take(&mut self, spec: TargetSpec) -> Option<PendingStaleness> {
        let mut ended = None;
        if self.spec.settings.same_but_sample_limit(&spec.settings) {
            self.scraper.set_limits(spec.settings.clone(), spec.timeout);
        } else {
            let next = TargetLoop::new(spec.public.clone(), spec.settings.clone(), spec.timeout);
            let scraper = std::mem::replace(&mut self.scraper, next);
            ended = PendingStaleness::of(scraper, self.next, self.spec.interval);
        }
        self.spec = spec;
        ended
    }
}

/// A loop that has ended, and has its staleness markers still to write: the target might come
/// back, so they wait for the time of the scrape after the next one and a tenth of an interval.
/// They have the time of the next scrape; where the target was scraped again meanwhile, they come
/// too late to count.
///
/// Source: prometheus scrape/scrape.go `endOfRunStaleness`.
struct PendingStaleness {
    scraper: TargetLoop,
    /// The time of the markers.
    stale: Timestamp,
    /// When they are written.
    write: Timestamp,
}

impl PendingStaleness {
    /// Nothing of a loop that never scraped.
    fn of(scraper: TargetLoop, next: Timestamp, interval: Duration) -> Option<Self> {
        let interval = interval.millis().max(1);
        let write = next + interval + interval / 10;
        scraper.has_scraped().then_some(Self { scraper, stale: next, write })
    }
}

pub struct World {
    pub storage: Storage,
    seed: u64,
    start: Timestamp,
    now: Timestamp,
    /// A target that is gone leaves its slot empty, so that the queue's numbers stay what they are.
    targets: Vec<Option<ActiveTarget>>,
    pending_staleness: Vec<PendingStaleness>,
    queue: BinaryHeap<Reverse<(Timestamp, usize)>>,
    processes: Processes,
    /// The server's own process, if it is one of them.
    server: Option<Arc<str>>,
    /// What goes on now, or went on a moment ago.
    events: Vec<Event>,
    /// All changes of traffic: when, until when, how much.
    surges: Vec<(Timestamp, Timestamp, f64)>,
    traffic: Vec<TrafficChange>,
    /// Used by each scrape in turn.
    values: Readings,
}

/// By key.
pub(super) type Processes = BTreeMap<Arc<str>, Running>;

pub(super) struct Running {
    pub spec: ProcessSpec,
    pub process: Process,
    /// For each stream the times of events that somebody caused.
    pub extra: BTreeMap<Arc<str>, Vec<Timestamp>>,
    /// When it ran before its last start: from, until.
    lifetimes: Vec<(Timestamp, Timestamp)>,
    /// Values that follow from what happened, by the sample's place in the plan.
    pinned: Vec<(usize, f64)>,
}

/// One run of a process, from its start to its end.
pub(super) struct Lifetime {
    pub started: Timestamp,
    pub ended: Timestamp,
}

/// The longest time for which a container can be made to crash.
const LONGEST_CRASH: i64 = 7 * 24 * 3_600_000;

/// Those that crash: one, or all but the server's own.
fn crashing<'a>(
    processes: &'a mut Processes,
    key: Option<&'a Arc<str>>,
    server: Option<&'a Arc<str>>,
) -> impl Iterator<Item = &'a mut Running> {
    let all = processes.iter_mut();
    let crashes = move |known: &Arc<str>| match key {
        Some(key) => key == known,
        None => server != Some(known),
    };
    all.filter(move |(known, _)| crashes(known)).map(|(_, running)| running)
}

impl Running {
    pub fn lifetimes(&self) -> impl Iterator<Item = Lifetime> {
        let before = self.lifetimes.iter().map(|&(started, ended)| Lifetime { started, ended });
        before.chain([Lifetime { started: self.process.started, ended: Timestamp::MAX }])
    }

    /// Ends at `at` and starts anew at `start`.
    fn restart(&mut self, at: Timestamp, start: Timestamp) {
        if self.process.started < at {
            self.lifetimes.push((self.process.started, at));
        }
        self.process = self.process.restarted(start);
    }

    pub fn pin(&self, values: &mut [f64]) {
        for &(place, value) in &self.pinned {
            if let Some(slot) = values.get_mut(place) {
                *slot = value;
            }
        }
    }
}

/// How much of a run is done at once, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(pub usize);

impl Budget {
    pub fn endless() -> Self {
        Self(usize::MAX)
    }

    /// False where nothing was left before.
    pub fn take(&mut self, samples: usize) -> bool {
        let had = self.0 > 0;
        self.0 = self.0.saturating_sub(samples);
        had
    }
}

/// What a scrape stores besides the samples of the target.
const REPORTS: usize = 5;

/// What a scrape of a target would bring at this instant.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Text { content_type: Arc<str>, text: String },
    Error(String),
}

/// The samples of a program at an instant.
#[derive(Clone, Debug)]
pub struct Exposed {
    pub plan: Arc<Plan>,
    pub wire: Wire,
    /// How names in UTF-8 are written.
    pub escaping: Escaping,
    pub values: Readings,
}

impl World {
    pub fn new(seed: u64, start: Timestamp, storage: Storage) -> Self {
        Self {
            storage,
            seed,
            start,
            now: start,
            targets: Vec::new(),
            pending_staleness: Vec::new(),
            queue: BinaryHeap::new(),
            processes: BTreeMap::new(),
            server: None,
            events: Vec::new(),
            surges: Vec::new(),
            traffic: Vec::new(),
            values: Readings::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// What goes on now.
    pub fn going_on(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.lasts_at(self.now))
    }

    /// Whether Prometheus stands still at a moment.
    pub fn is_down(&self, at: Timestamp) -> bool {
        let server = self.server();
        self.events.iter().any(|event| event.lasts_at(at) && event.kind.stops_server(server))
    }

    /// Which process is the server's own.
    pub fn set_server(&mut self, key: Option<Arc<str>>) {
        self.server = key;
    }

    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// The processes that run from now on. One with the same key and workload goes on running.
    pub fn set_processes(&mut self, specs: Vec<ProcessSpec>) {
        let mut before = std::mem::take(&mut self.processes);
        for spec in specs {
            let running = match before.remove(&spec.key) {
                Some(running) if running.spec.workload.goes_on_as(&spec.workload) => {
                    Running { spec, ..running }
                }
                _ => {
                    let seed = seed_of(self.seed, &spec.key);
                    // Nothing begins at the very instant at which it is first looked at.
                    let age = if self.now == self.start { 600_000 } else { 0 };
                    let process = Process::new(spec.workload.clone(), seed, self.now - age)
                        .given_at(self.now);
                    let (extra, lifetimes, pinned) = Default::default();
                    Running { spec, process, extra, lifetimes, pinned }
                }
            };
            self.processes.insert(running.spec.key.clone(), running);
        }
    }

    /// The targets that are scraped from now on, as after a reload: those that stay keep their
    /// place in time and their series, those that go end with staleness markers, see [`PendingStaleness`].
    /// `pools` says whether a job is still there: the loops of one that is gone end without.
    pub fn set_targets(&mut self, specs: Vec<TargetSpec>, pools: &dyn Fn(&str) -> bool) {
        let mut places: FxHashMap<(Arc<str>, Labels), usize> = FxHashMap::default();
        let mut specs = specs.into_iter().peekable();
        // Nearly always nothing has changed, or little: as long as both lists go together, there is
        // nothing to look up.
        let mut together = true;
        for (place, live) in self.targets.iter_mut().enumerate() {
            let Some(live) = live else { continue };
            let same =
                |spec: &TargetSpec| spec.job == live.spec.job && spec.labels == live.spec.labels;
            if together && let Some(spec) = specs.next_if(same) {
                self.pending_staleness.extend(live.take(spec));
                continue;
            }
            together = false;
            places.insert((live.spec.job.clone(), live.spec.labels.clone()), place);
        }
        for spec in specs {
            let key = (spec.job.clone(), spec.labels.clone());
            match places.remove(&key).and_then(|place| self.targets.get_mut(place)?.as_mut()) {
                Some(live) => self.pending_staleness.extend(live.take(spec)),
                None => self.start_target(spec),
            }
        }
        let mut gone: Vec<usize> = places.into_values().collect();
        gone.sort_unstable();
        for place in gone {
            let live = self.targets.get_mut(place).and_then(Option::take);
            let live = live.filter(|live| pools(&live.spec.job));
            let ended = live
                .and_then(|live| PendingStaleness::of(live.scraper, live.next, live.spec.interval));
            self.pending_staleness.extend(ended);
        }
    }

    fn start_target(&mut self, spec: TargetSpec) {
        let hash = spec.labels.iter().fold(seed_of(self.seed, &spec.url), |hash, label| {
            mix(seed_of(hash, &label.name), seed_of(0, &label.value))
        });
        let next = first_scrape(self.now, offset(hash, self.seed, spec.interval), spec.interval);
        let scraper = TargetLoop::new(spec.public.clone(), spec.settings.clone(), spec.timeout);
        self.queue.push(Reverse((next, self.targets.len())));
        self.targets.push(Some(ActiveTarget { spec, scraper, last: None, next }));
    }

    /// Lets something happen now. `lasts` is for what has a length and does not bring its own.
    /// Answers with its end, where it lasts.
    pub fn push(&mut self, kind: EventKind, lasts: Option<Duration>) -> Option<Timestamp> {
        let at = self.now;
        let mut until = lasts.map_or(FOREVER, |lasts| at.saturating_add(lasts.millis().max(1)));
        match &kind {
            EventKind::Cause { process, stream, count } => {
                if let Some(running) = self.processes.get_mut(process) {
                    let times = running.extra.entry(stream.clone()).or_default();
                    // A hand can cause no more than this at once.
                    let count = (*count).min(100_000) as usize;
                    times.extend(std::iter::repeat_n(at + 1, count));
                }
                return None;
            }
            EventKind::Traffic { factor } => {
                self.surges.push((at, until, factor.clamp(0.0, 1e6)));
                self.traffic = traffic_changes(&self.surges);
            }
            EventKind::Restart { process } => {
                until = at + RESTART_TAKES.millis();
                if let Some(running) = self.processes.get_mut(process) {
                    running.restart(at, until);
                }
            }
            EventKind::Fault { process, fault: Fault::CrashLoop } => {
                until = start_after_crash(at, until.min(at + LONGEST_CRASH));
                let server = self.server.as_ref();
                for running in crashing(&mut self.processes, process.as_ref(), server) {
                    running.restart(at, until);
                }
            }
            EventKind::PrometheusDown => {
                if let Some(own) = self.server.as_ref().and_then(|own| self.processes.get_mut(own))
                {
                    own.restart(at, until);
                }
                self.forget_loops();
            }
            EventKind::Fault { .. } => {}
        }
        self.events.push(Event { at, until, kind });
        Some(until)
    }

    /// The server begins anew: it does not know what it scraped before, so what is gone by then
    /// gets no staleness markers.
    fn forget_loops(&mut self) {
        self.pending_staleness.clear();
        for ActiveTarget { spec, scraper, last, .. } in self.targets.iter_mut().flatten() {
            *scraper = TargetLoop::new(spec.public.clone(), spec.settings.clone(), spec.timeout);
            *last = None;
        }
    }

    /// The server begins anew, without what it had stored.
    pub fn lose_samples(&mut self) {
        self.forget_loops();
        self.storage.clear();
    }

    /// Ends what goes on of this kind. A container that crashes is up at the kubelet's next try.
    /// Answers with the end.
    pub fn end(&mut self, kind: &EventKind) -> Option<Timestamp> {
        let now = self.now;
        let mut end = None;
        for event in self.events.iter_mut().filter(|event| event.kind == *kind) {
            if !event.lasts_at(now) {
                continue;
            }
            event.until = now;
            match kind {
                EventKind::Fault { process, fault: Fault::CrashLoop } => {
                    event.until = start_after_crash(event.at, now);
                    let server = self.server.as_ref();
                    for running in crashing(&mut self.processes, process.as_ref(), server) {
                        running.process = running.process.restarted(event.until);
                    }
                }
                EventKind::PrometheusDown => {
                    let own = self.server.as_ref().and_then(|own| self.processes.get_mut(own));
                    if let Some(own) = own {
                        own.process = own.process.restarted(now);
                    }
                }
                _ => {}
            }
            end = Some(event.until);
        }
        if let EventKind::Traffic { factor } = kind {
            let same = |surge: &&mut (Timestamp, Timestamp, f64)| {
                surge.2 == *factor && surge.0 <= now && now < surge.1
            };
            self.surges.iter_mut().filter(same).for_each(|surge| surge.1 = now);
            self.traffic = traffic_changes(&self.surges);
        }
        end
    }

    /// From now on processes of these keys show `value` for all series of a metric.
    pub fn pin(&mut self, process: &str, metric: &str, value: f64) {
        let Some(running) = self.processes.get_mut(process) else { return };
        let samples = running.process.plan().samples.iter().enumerate();
        let places = samples.filter(|(_, sample)| sample.labels.metric_name() == metric);
        for (place, _) in places {
            running.pinned.retain(|(pinned, _)| *pinned != place);
            running.pinned.push((place, value));
        }
    }

    /// When the next scrape is due.
    pub fn next_scrape(&self) -> Option<Timestamp> {
        self.targets.iter().flatten().map(|live| live.next).min()
    }

    /// Makes the scrapes that are due up to `to`, as far as the budget goes. True when it got
    /// there; otherwise the clock stands at the last scrape made.
    pub fn advance(&mut self, to: Timestamp, budget: &mut Budget) -> bool {
        self.events.retain(|event| event.until >= self.now);
        while let Some(&Reverse((at, place))) = self.queue.peek() {
            if at > to {
                break;
            }
            if budget.0 == 0 {
                return false;
            }
            self.write_pending_staleness(at);
            self.queue.pop();
            let Some(live) = self.targets.get_mut(place).and_then(Option::as_mut) else { continue };
            self.now = self.now.max(at);
            let next = at + live.spec.interval.millis().max(1);
            live.next = next;
            self.queue.push(Reverse((next, place)));
            budget.take(self.scrape(place, at));
        }
        self.write_pending_staleness(to);
        self.now = self.now.max(to);
        true
    }

    /// Writes the markers that are due, oldest first.
    fn write_pending_staleness(&mut self, to: Timestamp) {
        if self.pending_staleness.iter().all(|pending| pending.write > to) {
            return;
        }
        let (mut due, later): (Vec<PendingStaleness>, Vec<PendingStaleness>) =
            std::mem::take(&mut self.pending_staleness)
                .into_iter()
                .partition(|pending| pending.write <= to);
        self.pending_staleness = later;
        due.sort_by_key(|pending| pending.write);
        for mut pending in due {
            pending.scraper.stop(pending.stale, &mut self.storage);
        }
    }

    /// The number of samples that it brought.
    fn scrape(&mut self, place: usize, at: Timestamp) -> usize {
        let Some(Some(live)) = self.targets.get_mut(place) else { return 1 };
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

    /// A scrape of a target as things stand.
    fn attempt<'a>(&'a self, spec: &'a TargetSpec) -> ScrapeAttempt<'a> {
        let Self { processes, events, traffic, seed, .. } = self;
        let server = self.server.as_deref();
        ScrapeAttempt { spec, processes, events, traffic, server, seed: *seed }
    }

    /// What the target would answer now, as a person would see it with curl.
    pub fn body(&self, job: &str, labels: &Labels) -> Option<Body> {
        let live = self.find(job, labels)?;
        let attempt = self.attempt(&live.spec);
        Some(match attempt.at(self.now, &mut Readings::default()).kind {
            ResponseKind::Error(error) => Body::Error(error),
            ResponseKind::Status(status) => Body::Error(format!("HTTP/1.1 {status}")),
            ResponseKind::Body { content_type, text } => Body::Text { content_type, text },
            ResponseKind::Planned { wire, .. } => {
                let Reach::Process { key, .. } = &live.spec.reach else { return None };
                let text = attempt.text(self.processes.get(key)?, self.now, wire);
                Body::Text { content_type: wire.content_type().into(), text }
            }
        })
    }

    /// The same in plain text, whatever the scrape asked for: what a browser shows.
    pub fn plain_body(&self, job: &str, labels: &Labels) -> Option<String> {
        let live = self.find(job, labels)?;
        let Reach::Process { key, .. } = &live.spec.reach else { return None };
        let attempt = self.attempt(&live.spec);
        Some(attempt.text(self.processes.get(key)?, self.now, Wire::Text(Format::PrometheusText)))
    }

    /// The samples that a scrape now would find, those that Prometheus makes itself among them.
    /// Nothing where it finds no samples of a known program.
    pub fn exposed(&self, job: &str, labels: &Labels) -> Option<Exposed> {
        let live = self.find(job, labels)?;
        let attempt = self.attempt(&live.spec);
        let mut values = Readings::default();
        match attempt.at(self.now, &mut values).kind {
            ResponseKind::Planned { process, wire, escaping, .. } => {
                Some(Exposed { plan: process.plan().clone(), wire, escaping, values })
            }
            _ => None,
        }
    }

    fn find(&self, job: &str, labels: &Labels) -> Option<&ActiveTarget> {
        let mut targets = self.targets.iter().flatten();
        targets.find(|live| &*live.spec.job == job && live.spec.labels == *labels)
    }

    /// The last scrape of a target, and when the next is due.
    pub fn status(&self, job: &str, labels: &Labels) -> Option<(Option<&ScrapeReport>, Timestamp)> {
        self.find(job, labels).map(|live| (live.last.as_ref(), live.next))
    }

    /// The last scrapes of all targets.
    pub fn reports(&self) -> impl Iterator<Item = (&TargetSpec, Option<&ScrapeReport>, Timestamp)> {
        let targets = self.targets.iter().flatten();
        targets.map(|live| (&live.spec, live.last.as_ref(), live.next))
    }

    /// When a stream's events really happened, in `(from, to]`, at most `limit` of them, over all
    /// restarts of the process.
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

    pub(super) fn traffic(&self) -> &[TrafficChange] {
        &self.traffic
    }

    pub fn process(&self, key: &str) -> Option<&ProcessSpec> {
        self.processes.get(key).map(|running| &running.spec)
    }

    pub fn processes(&self) -> impl Iterator<Item = &ProcessSpec> {
        self.processes.values().map(|running| &running.spec)
    }
}
