//! One sync of a pod, as steps that may take time.
//!
//! Source: pkg/kubelet/kubelet.go SyncPod, SyncTerminatingPod, SyncTerminatedPod,
//! pkg/kubelet/kuberuntime/kuberuntime_manager.go SyncPod.

use std::collections::VecDeque;

use kubernetes::hash::Hash;

use super::Env;
use super::actions::{self, Kill, KillReason, is_sidecar};
use super::pod::{PodWorker, Stage, SyncResult};
use super::runtime::{Sandbox, Snapshot};
use super::start::Starting;
use super::volumes;
use crate::recorder::Type;

/// Milliseconds that a runtime needs for a sandbox, from and to.
const SANDBOX: (i64, i64) = (20, 60);

/// A sync that is under way.
#[derive(Clone, Debug)]
pub struct Work {
    since: i64,
    /// The runtime as it was when the sync began.
    pub snapshot: Snapshot,
    steps: VecDeque<SyncStep>,
    /// True if something was done.
    acted: bool,
    /// For each failure the end of its waiting time, if it has one.
    failures: Vec<Option<i64>>,
    /// When the current step continues; None if a container has to end first.
    pub wait_until: Option<i64>,
}

#[derive(Clone, Debug)]
enum SyncStep {
    Mount,
    Plan,
    Kill(Kill),
    /// Kills all containers.
    KillAll,
    StopSandbox,
    /// Creates the sandbox; it is ready then.
    CreateSandbox(Option<i64>),
    Start(Starting),
    /// Ends the stage in which containers are stopped.
    Stopped,
}

/// The result of a step.
pub enum Progress {
    Done,
    /// The step continues then, or when a container has ended.
    Wait(Option<i64>),
    /// A container could not be started; the end of its waiting time if it has one.
    Failed(Option<i64>),
}

impl Work {
    fn new(now: i64, snapshot: Snapshot, steps: Vec<SyncStep>) -> Self {
        Self {
            since: now,
            snapshot,
            steps: steps.into(),
            acted: false,
            failures: Vec::new(),
            wait_until: None,
        }
    }

    /// True if the deletion of the pod ends the sync at once.
    pub fn is_cancellable(&self) -> bool {
        matches!(self.steps.front(), Some(SyncStep::Mount))
    }

    fn fail(&mut self, retry_at: Option<i64>) {
        self.failures.push(retry_at);
    }

    fn outcome(&self) -> SyncResult {
        if self.failures.is_empty() {
            return SyncResult::Done { acted: self.acted };
        }
        SyncResult::Failed { retry_at: self.failures.iter().flatten().min().copied() }
    }
}

impl PodWorker {
    /// Begins a sync that starts containers and keeps them running.
    pub(super) fn begin_setup(&mut self, env: &mut Env<'_>) {
        let status = self.make_status(env, false, &self.cache.clone());
        let ended = matches!(status.str("phase"), "Succeeded" | "Failed");
        self.set_status(env, status);
        if ended {
            self.stage = Stage::Terminating;
            self.pending = true;
            return self.complete(env, SyncResult::NextStage);
        }
        self.volumes.process(&self.pod, env.now);
        let steps = vec![SyncStep::Mount, SyncStep::Plan];
        self.work = Some(Work::new(env.now, self.cache.clone(), steps));
    }

    /// Begins to stop all containers for good.
    pub(super) fn begin_terminating(&mut self, env: &mut Env<'_>) {
        let status = self.make_status(env, false, &self.cache.clone());
        self.set_status(env, status);
        self.stop_liveness();
        let steps = vec![SyncStep::KillAll, SyncStep::StopSandbox, SyncStep::Stopped];
        self.work = Some(Work::new(env.now, self.cache.clone(), steps));
    }

    /// Cleans up after all containers have ended.
    pub(super) fn finish(&mut self, env: &mut Env<'_>) {
        let status = self.make_status(env, true, &self.cache.clone());
        self.set_status(env, status);
        self.stage = Stage::Finished;
        self.terminate_status(env);
        self.complete(env, SyncResult::NextStage);
        self.requeue = None;
        self.relist_at = None;
    }

    /// Continues a sync until it has to wait or is done.
    pub(super) fn resume(&mut self, env: &mut Env<'_>) -> bool {
        let Some(mut work) = self.work.take() else { return false };
        if work.wait_until.is_some_and(|at| at > env.now) {
            self.work = Some(work);
            return false;
        }
        work.wait_until = None;
        let mut moved = false;
        while let Some(step) = work.steps.pop_front() {
            match self.run(env, &mut work, step) {
                (_, Progress::Done) => moved = true,
                (step, Progress::Wait(until)) => {
                    work.steps.push_front(step);
                    work.wait_until = until;
                    self.work = Some(work);
                    return moved;
                }
                (step, Progress::Failed(retry_at)) => {
                    moved = true;
                    work.fail(retry_at);
                    if self.ends_sync(&step) {
                        work.steps.clear();
                    }
                }
            }
        }
        let outcome = match self.stage {
            Stage::Terminated => SyncResult::NextStage,
            _ => work.outcome(),
        };
        self.complete(env, outcome);
        true
    }

    /// A failed init container, and volumes that are missing, end a sync.
    fn ends_sync(&self, step: &SyncStep) -> bool {
        match step {
            SyncStep::Mount => true,
            SyncStep::Start(starting) if starting.init => {
                let mut all = self.pod["spec"].list("initContainers").iter();
                let own = all.find(|one| one.str("name") == starting.name);
                !own.is_some_and(is_sidecar)
            }
            _ => false,
        }
    }

    fn run(
        &mut self,
        env: &mut Env<'_>,
        work: &mut Work,
        mut step: SyncStep,
    ) -> (SyncStep, Progress) {
        let progress = match &mut step {
            SyncStep::Mount => self.await_volumes(env.now, work.since),
            SyncStep::Plan => {
                self.plan(env, work);
                Progress::Done
            }
            SyncStep::Kill(kill) => self.kill_one(env, kill),
            SyncStep::KillAll => self.kill_all(env),
            SyncStep::StopSandbox => {
                if let Some(sandbox) = self.sandbox.as_mut().filter(|sandbox| sandbox.ready) {
                    sandbox.ready = false;
                    self.mark_dirty(env);
                }
                Progress::Done
            }
            SyncStep::CreateSandbox(ready_at) => {
                let (low, high) = SANDBOX;
                let at = *ready_at.get_or_insert_with(|| env.now + env.random.between(low, high));
                if at > env.now {
                    Progress::Wait(Some(at))
                } else {
                    self.create_sandbox(env);
                    Progress::Done
                }
            }
            SyncStep::Start(starting) => self.start(env, &work.snapshot, starting),
            SyncStep::Stopped => {
                self.stopped(env);
                Progress::Done
            }
        };
        (step, progress)
    }

    /// Waits for volumes in steps, as the kubelet polls.
    fn await_volumes(&self, now: i64, since: i64) -> Progress {
        let waited = now - since;
        if self.volumes.all_mounted() && waited % volumes::POLL == 0 {
            return Progress::Done;
        }
        if waited >= volumes::TIMEOUT {
            return Progress::Failed(None);
        }
        let next = waited.div_euclid(volumes::POLL) + 1;
        Progress::Wait(Some(since + (next * volumes::POLL).min(volumes::TIMEOUT)))
    }

    fn plan(&mut self, env: &mut Env<'_>, work: &mut Work) {
        self.add_probes(env.now);
        let actions = actions::compute(&self.pod, &work.snapshot, &*self);
        let mut steps = Vec::new();
        if actions.kill_pod {
            steps.extend([SyncStep::KillAll, SyncStep::StopSandbox]);
        }
        steps.extend(actions.kill.into_iter().map(SyncStep::Kill));
        if actions.create_sandbox {
            steps.push(SyncStep::CreateSandbox(None));
        }
        let start = |init: bool| move |name| SyncStep::Start(Starting::new(name, init));
        steps.extend(actions.start_init.into_iter().map(start(true)));
        steps.extend(actions.start.into_iter().map(start(false)));
        work.acted = !steps.is_empty();
        work.steps.extend(steps);
    }

    fn kill_one(&mut self, env: &mut Env<'_>, kill: &Kill) -> Progress {
        let Some(number) = self.containers.iter().position(|one| one.record.id == kill.id) else {
            return Progress::Done;
        };
        let container = &self.containers[number];
        if !container.record.is_running() {
            return Progress::Done;
        }
        if container.stop.is_none() {
            self.begin_stop(env, number, &kill.message, kill.reason);
        }
        Progress::Wait(None)
    }

    fn kill_all(&mut self, env: &mut Env<'_>) -> Progress {
        let running: Vec<usize> = (0..self.containers.len())
            .filter(|number| self.containers[*number].record.is_running())
            .collect();
        for number in &running {
            let container = &self.containers[*number];
            if container.stop.is_none() {
                let message = format!("Stopping container {}", container.record.name);
                self.begin_stop(env, *number, &message, KillReason::Other);
            }
        }
        if running.is_empty() { Progress::Done } else { Progress::Wait(None) }
    }

    fn create_sandbox(&mut self, env: &mut Env<'_>) {
        let address = if self.pod["spec"].bool("hostNetwork") {
            env.node.address.clone()
        } else {
            self.free_address(env)
        };
        self.sandbox = Some(Sandbox { attempt: self.sandboxes, ready: true, address });
        self.sandboxes += 1;
        self.mark_dirty(env);
        self.report_sandbox(env);
    }

    /// A free address of the node. The search begins at a place that follows from the
    /// pod, so that it does not depend on other pods.
    fn free_address(&self, env: &mut Env<'_>) -> String {
        const SIZE: u64 = 253;
        let start = Hash::of(&["address", &self.uid]).value();
        let number = |step: u64| 2 + ((start % SIZE + step) % SIZE) as i64;
        let of_node = |number| (env.node.name.clone(), number);
        let is_free = |number: &i64| !env.shared.addresses.contains_key(&of_node(*number));
        let number = (0..SIZE).map(number).find(is_free).unwrap_or(number(0));
        env.shared.addresses.insert(of_node(number), self.uid.clone());
        format!("{}.{number}", env.node.pod_network)
    }

    /// All containers have ended: the last status of their ends is reported.
    fn stopped(&mut self, env: &mut Env<'_>) {
        self.probes.clear();
        let snapshot = Snapshot::of(&self.containers, self.sandbox.as_ref());
        let status = self.make_status(env, true, &snapshot);
        self.stage = Stage::Terminated;
        self.pending = true;
        self.set_status(env, status);
    }

    /// Mounts volumes that are due, with an event for each failure.
    pub(super) fn mount(&mut self, env: &mut Env<'_>) -> bool {
        if self.stage != Stage::Setup || self.volumes.next_attempt().is_none_or(|at| at > env.now) {
            return false;
        }
        for message in self.volumes.attempt(env.server, &self.pod, env.now) {
            env.event(&self.pod.clone(), "", Type::Warning, "FailedMount", &message);
        }
        true
    }
}
