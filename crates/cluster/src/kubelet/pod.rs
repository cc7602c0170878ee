//! The worker of a pod: it notices changes and syncs the pod with its containers.
//!
//! Source: pkg/kubelet/pod_workers.go, pkg/kubelet/pleg/generic.go, pkg/kubelet/kubelet.go syncLoop.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::object::Value;

use super::prober::Probe;
use super::runtime::{Container, Sandbox, Snapshot};
use super::status::Reasons;
use super::sync::Work;
use super::volumes::Volumes;
use super::{Env, Node};
use crate::apiserver::Key;
use crate::controllers::objects::{is_deleting, seconds_of};

/// Milliseconds between two relists of the runtime and between two checks of due work.
pub const TICK: i64 = 1000;
/// Waiting time after a failed sync. Source: backOffPeriod.
pub const BACKOFF: i64 = 10_000;
/// Time between two syncs of a pod that needs nothing. Source: SyncFrequency.
pub const RESYNC: i64 = 60_000;
/// Chance is added to both. Source: workerResyncIntervalJitterFactor, workerBackOffPeriodJitterFactor.
pub const JITTER: f64 = 0.5;
/// Rounds of one step; more mean that a pod does not come to rest at a moment.
const MAX_ROUNDS: usize = 200;

/// The state of a pod's worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Containers are started and kept running.
    Setup,
    /// Containers are stopped.
    Terminating,
    /// All containers have ended; the rest is cleaned up.
    Terminated,
    /// The pod has ended and no work is left.
    Finished,
}

/// Waiting time of a container that ends again and again. Source: client-go util/flowcontrol Backoff.
#[derive(Clone, Debug)]
pub struct Backoff {
    pub delay: i64,
    pub updated: i64,
}

impl Backoff {
    const FIRST: i64 = 10_000;
    const LONGEST: i64 = 300_000;

    /// The state after another failure at `event`; `now` is the time of the restart.
    pub fn next(known: Option<&Self>, event: i64, now: i64) -> Self {
        let delay = match known {
            Some(known) if !known.is_forgotten(event) => (known.delay * 2).min(Self::LONGEST),
            _ => Self::FIRST,
        };
        Self { delay, updated: now }
    }

    pub fn is_forgotten(&self, event: i64) -> bool {
        event - self.updated > 2 * Self::LONGEST
    }
}

/// A pod on a node, with its containers.
#[derive(Clone, Debug)]
pub struct PodWorker {
    pub key: Key,
    pub uid: Arc<str>,
    pub node: Arc<str>,
    /// The object as the kubelet has seen it last.
    pub pod: Value,
    /// True if the object was removed from the API server.
    pub removed: bool,
    /// When a change of the object is noticed.
    pub notice_at: Option<i64>,
    pub stage: Stage,
    /// True if a sync is asked for.
    pub pending: bool,
    pub work: Option<Work>,
    /// When the next sync is due without another reason.
    pub requeue: Option<i64>,
    /// When the last sync ended; None if the runtime was listed since.
    synced_at: Option<i64>,
    /// Syncs that failed since the last one that did not.
    failed_syncs: usize,
    pub relist_at: Option<i64>,
    /// The runtime at the last relist that found a change.
    pub cache: Snapshot,
    pub containers: Vec<Container>,
    pub sandbox: Option<Sandbox>,
    pub sandboxes: i64,
    pub created_containers: u64,
    pub reasons: Reasons,
    pub restart_backoff: BTreeMap<String, Backoff>,
    pub pull_backoff: BTreeMap<String, Backoff>,
    /// The last error of a pull, by image.
    pub pull_errors: BTreeMap<String, String>,
    /// The status that the kubelet made last; null before the first.
    pub status: Value,
    pub probes: Vec<Probe>,
    pub volumes: Volumes,
    /// Position among the pods of the namespace in the order of their first start, from 1.
    pub number: Option<usize>,
    /// The same among the pods that run an image, by image.
    pub image_numbers: BTreeMap<String, usize>,
    /// Number of starts, by container.
    pub starts: BTreeMap<String, usize>,
}

impl PodWorker {
    pub fn new(key: Key, pod: Value, node: &Node, at: i64) -> Self {
        Self {
            key,
            uid: pod["metadata"].str("uid").into(),
            node: node.name.clone(),
            pod,
            removed: false,
            notice_at: Some(at),
            stage: Stage::Setup,
            pending: false,
            work: None,
            requeue: None,
            synced_at: None,
            failed_syncs: 0,
            relist_at: None,
            cache: Snapshot::default(),
            containers: Vec::new(),
            sandbox: None,
            sandboxes: 0,
            created_containers: 0,
            reasons: Reasons::new(),
            restart_backoff: BTreeMap::new(),
            pull_backoff: BTreeMap::new(),
            pull_errors: BTreeMap::new(),
            status: Value::Null,
            probes: Vec::new(),
            volumes: Volumes::default(),
            number: None,
            image_numbers: BTreeMap::new(),
            starts: BTreeMap::new(),
        }
    }

    /// Does everything that is due now.
    pub fn step(&mut self, env: &mut Env<'_>) {
        for _ in 0..MAX_ROUNDS {
            if !self.round(env) {
                return;
            }
        }
    }

    fn round(&mut self, env: &mut Env<'_>) -> bool {
        let noticed = self.notice(env);
        let settled = self.settle_containers(env);
        let mounted = self.mount(env);
        let listed = self.relist(env);
        let ticked = self.tick(env);
        let synced = self.sync(env);
        let probed = self.probe(env);
        noticed || settled || mounted || listed || ticked || synced || probed
    }

    /// The time of the next thing to do.
    pub fn next_time(&self, node: &Node) -> Option<i64> {
        let work = self.work.as_ref().and_then(|work| work.wait_until);
        let probes = self.probes.iter().filter_map(Probe::next_time).min();
        let others = [
            self.notice_at,
            self.volume_time(),
            self.relist_at,
            self.requeue.filter(|_| self.stage != Stage::Finished),
            self.deadline(node),
            work,
            probes,
        ];
        let stops = self.containers.iter().flat_map(|one| [one.end_time(), one.stop_time()]);
        stops.chain(others).flatten().min()
    }

    /// The time of the next thing to do that is more than repetition.
    pub fn next_progress(&self, node: &Node) -> Option<i64> {
        let probes = self.probes.iter().filter(|probe| self.probe_counts(probe));
        let probes = probes.filter_map(Probe::next_time).min();
        let others = [self.notice_at, self.deadline(node), probes];
        let retries = self.stage != Stage::Setup || self.retries_count();
        let failed = self.requeue.filter(|_| self.failed_syncs > 0);
        let work = self.work.as_ref().and_then(|work| work.wait_until);
        let work = work.filter(|_| !self.volumes.has_failed());
        let stops = self.containers.iter().flat_map(|one| [one.end_time(), one.stop_time()]);
        let own = stops.chain([failed, work, self.relist_at]).filter(|_| retries);
        own.chain(others).flatten().min()
    }

    /// True if retries may still lead to something new. A cluster at rest does not wait for the
    /// sixth restart of a container, nor for an object that is missing again and again.
    fn retries_count(&self) -> bool {
        const MOST: i64 = 5;
        let restarts = self.containers.iter().map(|one| one.record.restarts).max();
        restarts.unwrap_or_default() < MOST && (self.failed_syncs as i64) < MOST
    }

    fn volume_time(&self) -> Option<i64> {
        self.volumes.next_attempt().filter(|_| self.stage == Stage::Setup)
    }

    /// Notes that the object has changed; it is read after the delay of a watch.
    pub fn changed(&mut self, at: i64) {
        self.notice_at = Some(self.notice_at.map_or(at, |known| known.min(at)));
    }

    /// Reads the object again if it has changed.
    fn notice(&mut self, env: &mut Env<'_>) -> bool {
        if self.notice_at.is_none_or(|at| at > env.now) {
            return false;
        }
        self.notice_at = None;
        let stored = env.server.storage.get(&self.key);
        let stored = stored.filter(|pod| pod["metadata"].str("uid") == &*self.uid).cloned();
        let ending = stored.as_ref().is_none_or(is_deleting);
        self.removed = stored.is_none();
        if let Some(pod) = stored {
            self.pod = pod;
        }
        if ending && self.stage == Stage::Setup {
            self.stage = Stage::Terminating;
            if self.work.as_ref().is_some_and(Work::is_cancellable) {
                self.work = None;
            }
        }
        if self.stage != Stage::Finished {
            self.pending = true;
        }
        true
    }

    /// Notes that containers or the sandbox have changed.
    pub fn mark_dirty(&mut self, env: &Env<'_>) {
        self.ask_relist(env);
    }

    fn ask_relist(&mut self, env: &Env<'_>) {
        let next = after(env.now, env.node.relist_phase);
        self.relist_at = Some(self.relist_at.map_or(next, |known| known.min(next)));
    }

    /// Lists the runtime if it is time; a change requests a sync.
    fn relist(&mut self, env: &Env<'_>) -> bool {
        if self.relist_at.is_none_or(|at| at > env.now) {
            return false;
        }
        self.relist_at = None;
        let snapshot = Snapshot::of(&self.containers, self.sandbox.as_ref());
        if self.cache.differs(&snapshot) {
            self.pending |= self.stage != Stage::Finished;
            self.cache = snapshot;
        }
        self.synced_at = None;
        true
    }

    /// When the pod has run for too long, if it may.
    fn deadline(&self, node: &Node) -> Option<i64> {
        if self.stage != Stage::Setup {
            return None;
        }
        let seconds = self.pod["spec"]["activeDeadlineSeconds"].as_int()?;
        let start = seconds_of(&self.status["startTime"])?;
        Some(at_or_after(start.saturating_add(seconds).saturating_mul(1000), node.tick_phase))
    }

    pub fn is_past_deadline(&self, now: i64) -> bool {
        let limit = self.pod["spec"]["activeDeadlineSeconds"].as_int();
        let start = seconds_of(&self.status["startTime"]);
        limit.zip(start).is_some_and(|(limit, start)| start.saturating_add(limit) * 1000 <= now)
    }

    /// Asks for a sync that is due without a change.
    fn tick(&mut self, env: &Env<'_>) -> bool {
        let due = self.requeue.is_some_and(|at| at <= env.now);
        let late = self.deadline(env.node).is_some_and(|at| at <= env.now);
        if due {
            self.requeue = None;
        }
        let asks = (due || late) && self.stage != Stage::Finished && !self.pending;
        self.pending |= asks;
        due || asks
    }

    /// Continues a sync, or begins one that is asked for.
    fn sync(&mut self, env: &mut Env<'_>) -> bool {
        if self.work.is_some() {
            return self.resume(env);
        }
        if !self.pending {
            return false;
        }
        // The runtime is listed every second, whether anything changes or not.
        let listed = self.synced_at.map(|at| after(at, env.node.relist_phase));
        if listed.is_some_and(|at| at > env.now) {
            if self.relist_at.is_none() {
                self.ask_relist(env);
            }
            return false;
        }
        self.pending = false;
        match self.stage {
            Stage::Setup => self.begin_setup(env),
            Stage::Terminating => self.begin_terminating(env),
            Stage::Terminated => self.finish(env),
            Stage::Finished => {}
        }
        true
    }

    /// Ends a sync: when is the next one due?
    pub fn complete(&mut self, env: &mut Env<'_>, outcome: SyncResult) {
        self.work = None;
        self.synced_at = Some(env.now);
        let delay = match outcome {
            SyncResult::NextStage => 0,
            SyncResult::Done { acted } => {
                self.failed_syncs = 0;
                if acted {
                    self.relist_at = Some(env.now);
                }
                env.random.jitter(RESYNC, JITTER)
            }
            SyncResult::Failed { retry_at } => {
                self.failed_syncs += 1;
                let wait = retry_at.map_or(BACKOFF, |at| (at - env.now).clamp(0, RESYNC));
                env.random.jitter(wait, JITTER)
            }
        };
        self.requeue = Some(at_or_after(env.now + delay, env.node.tick_phase));
    }
}

/// The result of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncResult {
    /// The worker continues with the next stage at once.
    NextStage,
    /// Everything worked. `acted` is true if something was done.
    Done { acted: bool },
    /// Something failed; `retry_at` is the end of a waiting time if there is one.
    Failed { retry_at: Option<i64> },
}

/// The first time after `now` that has a phase of a second.
fn after(now: i64, phase: i64) -> i64 {
    now + TICK - (now - phase).rem_euclid(TICK)
}

/// The first time not before `time` that has a phase of a second.
fn at_or_after(time: i64, phase: i64) -> i64 {
    time + (phase - time).rem_euclid(TICK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_aligned_to_a_phase() {
        for (now, phase, next, same) in
            [(0, 0, 1000, 0), (1, 300, 300, 300), (300, 300, 1300, 300), (999, 998, 1998, 1998)]
        {
            assert_eq!((after(now, phase), at_or_after(now, phase)), (next, same));
        }
    }

    #[test]
    fn waits_double_until_they_are_forgotten() {
        let mut known: Option<Backoff> = None;
        let mut delays = Vec::new();
        for event in [0, 20, 60, 130, 300, 700, 800, 1500] {
            let next = Backoff::next(known.as_ref(), event * 1000, event * 1000);
            delays.push(next.delay / 1000);
            known = Some(next);
        }
        assert_eq!(delays, [10, 20, 40, 80, 160, 300, 300, 10]);
    }
}
