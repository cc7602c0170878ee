//! Probe workers: when a container is probed, and what follows from the results.
//!
//! Source: pkg/kubelet/prober/worker.go, prober_manager.go.

use kubernetes::object::Value;

use super::Env;
use super::actions::{ProbeResults, is_sidecar};
use super::pod::{PodWorker, Stage};
use super::probes::{Answer, Verdict};
use crate::controllers::objects::{is_deleting, seconds_of};
use crate::recorder::Type;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Startup,
    Readiness,
    Liveness,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Startup, Self::Readiness, Self::Liveness];

    const fn field(self) -> &'static str {
        match self {
            Self::Startup => "startupProbe",
            Self::Readiness => "readinessProbe",
            Self::Liveness => "livenessProbe",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Startup => "Startup",
            Self::Readiness => "Readiness",
            Self::Liveness => "Liveness",
        }
    }

    /// The result of a container that has not been probed.
    const fn initial(self) -> Verdict {
        match self {
            Self::Startup => Verdict::Unknown,
            Self::Readiness => Verdict::Failure,
            Self::Liveness => Verdict::Success,
        }
    }
}

/// One probe of one container.
#[derive(Clone, Debug)]
pub struct Probe {
    pub container: String,
    pub kind: Kind,
    spec: Value,
    next_tick: i64,
    /// True if a tick came while a probe was under way.
    tick_waits: bool,
    /// True if a probe is asked for out of turn.
    triggered: bool,
    /// A probe that is under way: when it ends, and with what.
    under_way: Option<(i64, Answer)>,
    /// The container that was probed last.
    id: String,
    /// The result that counts; None if the container is new.
    result: Option<Verdict>,
    last: Option<Verdict>,
    run: i64,
    /// True until a new container is there.
    on_hold: bool,
}

impl Probe {
    fn period(&self) -> i64 {
        self.spec["periodSeconds"].as_int().unwrap_or(10).max(1) * 1000
    }

    pub fn next_time(&self) -> Option<i64> {
        match &self.under_way {
            Some((until, _)) => Some((*until).min(self.next_tick)),
            None => Some(self.next_tick),
        }
    }

    /// Consecutive results that the probe needs to change its mind.
    fn threshold(&self, verdict: Verdict) -> i64 {
        match verdict {
            Verdict::Success => self.spec["successThreshold"].as_int().unwrap_or(1),
            _ => self.spec["failureThreshold"].as_int().unwrap_or(3),
        }
    }
}

impl ProbeResults for PodWorker {
    fn failed_liveness(&self, id: &str) -> bool {
        self.result(Kind::Liveness, id) == Some(Verdict::Failure)
    }

    fn startup(&self, id: &str) -> Option<bool> {
        match self.result(Kind::Startup, id)? {
            Verdict::Success => Some(true),
            Verdict::Failure => Some(false),
            Verdict::Unknown => None,
        }
    }
}

impl PodWorker {
    fn result(&self, kind: Kind, id: &str) -> Option<Verdict> {
        self.probes.iter().find(|probe| probe.kind == kind && probe.id == id)?.result
    }

    fn has_probe(&self, kind: Kind, container: &str) -> bool {
        self.probes.iter().any(|probe| probe.kind == kind && probe.container == container)
    }

    /// Adds workers for the probes of containers that have none.
    pub(super) fn add_probes(&mut self, now: i64) {
        let spec = self.pod["spec"].clone();
        let sidecars = spec.list("initContainers").iter().filter(|one| is_sidecar(one));
        for container in spec.list("containers").iter().chain(sidecars) {
            for kind in Kind::ALL {
                let name = container.str("name");
                let probe = &container[kind.field()];
                if probe.is_empty() || self.has_probe(kind, name) {
                    continue;
                }
                let mut probe = Probe {
                    container: name.to_owned(),
                    kind,
                    spec: probe.clone(),
                    next_tick: now,
                    tick_waits: false,
                    triggered: false,
                    under_way: None,
                    id: String::new(),
                    result: None,
                    last: None,
                    run: 0,
                    on_hold: false,
                };
                probe.next_tick = now + probe.period();
                self.probes.push(probe);
            }
        }
    }

    /// Ends the liveness and startup probes of a pod that is being stopped.
    pub(super) fn stop_liveness(&mut self) {
        self.probes.retain(|probe| probe.kind == Kind::Readiness);
    }

    /// True if the results of a probe can still change without a change of the pod.
    pub(super) fn probe_counts(&self, probe: &Probe) -> bool {
        let running = self.containers.iter().rev().find(|one| one.record.name == probe.container);
        let Some(container) = running.filter(|one| one.record.is_running()) else { return false };
        let changes = container.process.as_ref().map_or(0, |process| process.last_change());
        let needed = probe.threshold(Verdict::Failure).max(probe.threshold(Verdict::Success));
        let delay = probe.spec.int("initialDelaySeconds") * 1000;
        let settled = container.record.started + changes.max(delay) + (needed + 2) * probe.period();
        probe.next_tick <= settled
    }

    /// Marks containers as started and ready by the results of their probes.
    /// Source: prober_manager.go UpdatePodStatus.
    pub(super) fn apply_probes(&mut self, status: &mut Value) {
        let init = self.pod["spec"].list("initContainers").to_vec();
        for list in ["containerStatuses", "initContainerStatuses"] {
            for one in status.items_mut(list) {
                let started = self.is_started(one);
                one.set("started", started);
                let name = one.str("name").to_owned();
                let plain = list == "initContainerStatuses"
                    && !init.iter().any(|spec| spec.str("name") == name && is_sidecar(spec));
                if plain {
                    let terminated = &one["state"]["terminated"];
                    let succeeded = !terminated.is_null() && terminated.int("exitCode") == 0;
                    one.set("ready", succeeded);
                } else if started {
                    let id = one.str("containerID").to_owned();
                    let ready = self.is_ready(&name, &id);
                    one.set("ready", ready);
                }
            }
        }
    }

    fn is_started(&self, status: &Value) -> bool {
        if !status["state"].has("running") {
            return false;
        }
        match self.result(Kind::Startup, status.str("containerID")) {
            Some(result) => result == Verdict::Success,
            None => status.bool("started") || !self.has_probe(Kind::Startup, status.str("name")),
        }
    }

    /// True if a started container is ready. One that is not is probed out of turn.
    fn is_ready(&mut self, name: &str, id: &str) -> bool {
        if self.result(Kind::Readiness, id) == Some(Verdict::Success) {
            return true;
        }
        let mut probes = self.probes.iter_mut();
        match probes.find(|probe| probe.kind == Kind::Readiness && probe.container == name) {
            Some(probe) => {
                probe.triggered = true;
                false
            }
            None => true,
        }
    }

    /// Does the probes that are due.
    pub(super) fn probe(&mut self, env: &mut Env<'_>) -> bool {
        let mut did = false;
        let mut number = 0;
        while number < self.probes.len() {
            let count = self.probes.len();
            did |= self.probe_one(env, number);
            // A worker that has ended is gone.
            if self.probes.len() == count {
                number += 1;
            }
        }
        did
    }

    fn probe_one(&mut self, env: &mut Env<'_>, number: usize) -> bool {
        let now = env.now;
        let probe = &mut self.probes[number];
        let ticked = probe.next_tick <= now;
        if ticked {
            probe.tick_waits = true;
            while probe.next_tick <= now {
                probe.next_tick += probe.period();
            }
        }
        match &probe.under_way {
            Some((until, _)) if *until > now => return ticked,
            Some(_) => {
                if let Some((_, answer)) = probe.under_way.take() {
                    self.conclude(env, number, &answer);
                }
                return true;
            }
            None => {}
        }
        if probe.triggered {
            probe.triggered = false;
            probe.next_tick = now + probe.period();
        } else if probe.tick_waits {
            probe.tick_waits = false;
        } else {
            return ticked;
        }
        if !self.do_probe(env, number) {
            self.probes.remove(number);
        }
        true
    }

    /// Probes a container once. Returns false if the worker ends.
    fn do_probe(&mut self, env: &mut Env<'_>, number: usize) -> bool {
        if matches!(self.status.str("phase"), "Failed" | "Succeeded") {
            return false;
        }
        let probe = &self.probes[number];
        let kind = probe.kind;
        let lists = ["containerStatuses", "initContainerStatuses"];
        let found = lists.iter().find_map(|list| {
            self.status.list(list).iter().find(|one| one.str("name") == probe.container)
        });
        let Some(status) = found.filter(|one| !one.str("containerID").is_empty()).cloned() else {
            return true;
        };
        let id = status.str("containerID").to_owned();
        if probe.id != id {
            let probe = &mut self.probes[number];
            probe.id.clone_from(&id);
            probe.result = None;
            probe.on_hold = false;
            self.set_result(env, number, kind.initial());
        }
        if self.probes[number].on_hold {
            return true;
        }
        if !status["state"].has("running") {
            self.set_result(env, number, Verdict::Failure);
            let never = self.pod["spec"].str("restartPolicy") == "Never";
            return !status["state"].has("terminated") || !never;
        }
        if is_deleting(&self.pod) && kind != Kind::Readiness {
            self.set_result(env, number, Verdict::Success);
            return false;
        }
        let started = seconds_of(&status["state"]["running"]["startedAt"]).unwrap_or_default();
        let spec = self.probes[number].spec.clone();
        if (env.now - started * 1000).div_euclid(1000) < spec.int("initialDelaySeconds") {
            return true;
        }
        // Other probes wait for the startup probe, which ends with its success.
        if status.bool("started") == (kind == Kind::Startup) {
            return true;
        }
        let (container, _) = self.spec_of(&self.probes[number].container.clone());
        let answer = self.ask(&container, &spec, &id, env.now);
        if answer.takes > 0 {
            self.probes[number].under_way = Some((env.now + answer.takes, answer));
        } else {
            self.conclude(env, number, &answer);
        }
        true
    }

    /// Counts an answer; enough of one kind change the result.
    fn conclude(&mut self, env: &mut Env<'_>, number: usize, answer: &Answer) {
        let (name, kind) = {
            let probe = &self.probes[number];
            (probe.container.clone(), probe.kind)
        };
        let title = kind.title();
        let (reason, message) = match answer.verdict {
            Verdict::Failure => ("Unhealthy", format!("{title} probe failed: {}", answer.output)),
            Verdict::Unknown => (
                "Unhealthy",
                format!("{title} probe errored and resulted in unknown state: {}", answer.output),
            ),
            Verdict::Success if answer.warning => {
                ("ProbeWarning", format!("{title} probe warning: {}", answer.output))
            }
            Verdict::Success => ("", String::new()),
        };
        if !reason.is_empty() {
            self.container_event(env, &name, Type::Warning, reason, &message);
        }
        if answer.verdict == Verdict::Unknown {
            return;
        }
        let probe = &mut self.probes[number];
        if probe.last == Some(answer.verdict) {
            probe.run += 1;
        } else {
            probe.last = Some(answer.verdict);
            probe.run = 1;
        }
        if probe.run < probe.threshold(answer.verdict) {
            return;
        }
        if answer.verdict == Verdict::Failure && kind != Kind::Readiness {
            // The container is going to be restarted.
            probe.on_hold = true;
            probe.run = 0;
        }
        self.set_result(env, number, answer.verdict);
    }

    /// Sets the result of a probe; a change is reported and requests a sync.
    fn set_result(&mut self, env: &mut Env<'_>, number: usize, verdict: Verdict) {
        let probe = &mut self.probes[number];
        if probe.result == Some(verdict) {
            return;
        }
        probe.result = Some(verdict);
        let (kind, id) = (probe.kind, probe.id.clone());
        let succeeded = verdict == Verdict::Success;
        match kind {
            Kind::Liveness if verdict != Verdict::Failure => return,
            Kind::Liveness => {}
            Kind::Readiness => self.report_readiness(env, &id, succeeded),
            Kind::Startup => self.report_startup(env, &id, succeeded),
        }
        self.pending |= self.stage != Stage::Finished;
    }
}
