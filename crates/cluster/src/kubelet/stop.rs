//! Stopping a container: preStop hook, SIGTERM, grace period, SIGKILL.
//!
//! Source: pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer,
//! kuberuntime_termination_order.go.

use kubernetes::object::Value;

use super::Env;
use super::actions::{KillReason, is_sidecar};
use super::pod::PodWorker;
use super::runtime::{Container, Stop, StopStage};
use crate::recorder::Type;

/// The shortest time that a program gets after SIGTERM. Source: minimumGracePeriodInSeconds.
const SHORTEST: i64 = 2000;
/// Milliseconds from SIGTERM until the kubelet reports the end of a program that exits at once, as
/// recorded in updates of workloads: from and to.
const STOP_LATENCY: (i64, i64) = (350, 800);
/// Time of the event about a hook that runs until the container ends.
const AT_END: i64 = i64::MAX;

impl Container {
    /// When the current stage of stopping ends.
    pub fn stop_time(&self) -> Option<i64> {
        let stop = self.stop.as_ref()?;
        let stage = match stop.stage {
            StopStage::Hook { until, .. } | StopStage::Turn { until, .. } => Some(until),
            StopStage::Signalled { .. } => None,
        };
        let hook = stop.hook_fails_at.filter(|at| *at != AT_END);
        stage.into_iter().chain(hook).min()
    }
}

/// The grace period of a container in milliseconds. Source: setTerminationGracePeriod.
fn grace(pod: &Value, spec: &Value, reason: KillReason) -> i64 {
    let seconds = pod["metadata"]["deletionGracePeriodSeconds"].as_int().unwrap_or_else(|| {
        let of_probe = match reason {
            KillReason::LivenessProbe => &spec["livenessProbe"],
            KillReason::StartupProbe => &spec["startupProbe"],
            KillReason::Other => &Value::Null,
        };
        let own = of_probe["terminationGracePeriodSeconds"].as_int();
        let of_pod = || pod["spec"]["terminationGracePeriodSeconds"].as_int().unwrap_or(30);
        own.unwrap_or_else(of_pod)
    });
    seconds.clamp(0, i64::from(u32::MAX)) * 1000
}

impl PodWorker {
    /// The specification of a container, and the field that names it in events.
    pub(super) fn spec_of(&self, name: &str) -> (Value, String) {
        for (list, field) in [("containers", "containers"), ("initContainers", "initContainers")] {
            let found = self.pod["spec"].list(list).iter().find(|one| one.str("name") == name);
            if let Some(found) = found {
                return (found.clone(), format!("spec.{field}{{{name}}}"));
            }
        }
        (Value::Null, String::new())
    }

    /// Writes an event about a container.
    pub(super) fn container_event(
        &self,
        env: &mut Env<'_>,
        name: &str,
        ty: Type,
        reason: &str,
        message: &str,
    ) {
        let (_, field) = self.spec_of(name);
        env.event(&self.pod, &field, ty, reason, message);
    }

    /// Begins to stop a running container.
    pub(super) fn begin_stop(
        &mut self,
        env: &mut Env<'_>,
        number: usize,
        message: &str,
        reason: KillReason,
    ) {
        let name = self.containers[number].record.name.clone();
        self.container_event(env, &name, Type::Normal, "Killing", message);
        let (spec, _) = self.spec_of(&name);
        let grace = grace(&self.pod, &spec, reason);
        let hook = &spec["lifecycle"]["preStop"];
        let now = env.now;
        let mut stop = Stop {
            grace,
            stage: StopStage::Turn { since: now, until: now + grace },
            hook_fails_at: None,
        };
        if !hook.is_empty() && grace > 0 {
            let (takes, error) = self.run_hook(number, &spec, hook, now);
            let until = now + takes.min(grace);
            stop.stage = StopStage::Hook { since: now, until };
            stop.hook_fails_at = if takes > grace {
                // The command is cut off when the container ends.
                Some(AT_END)
            } else {
                error.map(|_| now + takes)
            };
        }
        self.containers[number].stop = Some(stop);
        self.advance_stop(env, number);
    }

    /// Ends containers whose time is over, and continues with stopping others.
    pub(super) fn settle_containers(&mut self, env: &mut Env<'_>) -> bool {
        let mut changed = false;
        for number in 0..self.containers.len() {
            let cut = self.containers[number].stop.as_ref().and_then(|stop| stop.hook_fails_at);
            if self.containers[number].settle(env.now) {
                changed = true;
                if cut == Some(AT_END) {
                    self.hook_failed(env, number);
                }
                self.mark_dirty(env);
            }
        }
        for number in 0..self.containers.len() {
            changed |= self.advance_stop(env, number);
        }
        changed
    }

    fn hook_failed(&self, env: &mut Env<'_>, number: usize) {
        let name = self.containers[number].record.name.clone();
        let message = "PreStopHook failed";
        self.container_event(env, &name, Type::Warning, "FailedPreStopHook", message);
    }

    /// True if a container need not wait for others: sidecars end after the containers, the last one
    /// first.
    fn has_turn(&self, number: usize) -> bool {
        let init = self.pod["spec"].list("initContainers");
        let place =
            |name: &str| init.iter().position(|one| one.str("name") == name && is_sidecar(one));
        let Some(own) = place(&self.containers[number].record.name) else { return true };
        !self.containers.iter().any(|other| {
            let later = place(&other.record.name).is_none_or(|place| place > own);
            later && other.record.is_running()
        })
    }

    /// Goes on with stopping a container if the current stage has ended.
    fn advance_stop(&mut self, env: &mut Env<'_>, number: usize) -> bool {
        let now = env.now;
        let Some(mut stop) = self.containers[number].stop.clone() else { return false };
        let mut changed = false;
        if stop.hook_fails_at.is_some_and(|at| at <= now) {
            stop.hook_fails_at = None;
            changed = true;
            self.hook_failed(env, number);
        }
        if let StopStage::Hook { since, until } = stop.stage
            && until <= now
        {
            // The kubelet counts whole seconds.
            stop.grace -= (until - since) / 1000 * 1000;
            stop.stage = StopStage::Turn { since: now, until: now + stop.grace.max(0) };
            changed = true;
        }
        if let StopStage::Turn { since, until } = stop.stage
            && (until <= now || self.has_turn(number))
        {
            let left = stop.grace - (now - since) / 1000 * 1000;
            let hook = stop.hook_fails_at;
            let latency = env.random.between(STOP_LATENCY.0, STOP_LATENCY.1);
            self.containers[number].signal(now, left.max(SHORTEST), hook, latency);
            return true;
        }
        if changed {
            self.containers[number].stop = Some(stop);
        }
        changed
    }
}
