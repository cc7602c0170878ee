//! The way of a status to the API server.
//!
//! Source: pkg/kubelet/status/status_manager.go.

use kubernetes::object::Value;

use super::Env;
use super::conditions::{self, OWNED, containers_ready, ready};
use super::pod::{PodWorker, Stage};
use super::runtime::Snapshot;
use super::status::{Input, add_conditions, generate};
use crate::controllers::objects::{condition, is_deleting, set_condition};
use crate::recorder::Type;

const DEADLINE: (&str, &str) =
    ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");

fn is_terminal_phase(phase: &str) -> bool {
    matches!(phase, "Succeeded" | "Failed")
}

impl PodWorker {
    /// Makes the status of the pod from its containers.
    pub(super) fn make_status(
        &mut self,
        env: &mut Env<'_>,
        terminal: bool,
        snapshot: &Snapshot,
    ) -> Value {
        let evicted = self.is_past_deadline(env.now).then_some(DEADLINE);
        if let Some((reason, message)) = evicted {
            env.event(&self.pod, "", Type::Normal, reason, message);
        }
        let (pod, old) = (self.pod.clone(), self.status.clone());
        let input = Input {
            pod: &pod,
            snapshot,
            old: &old,
            reasons: &self.reasons.clone(),
            host_address: &env.node.address,
            terminal,
            evicted,
        };
        let mut status = generate(&input);
        self.apply_probes(&mut status);
        add_conditions(&input, &mut status);
        status
    }

    /// Takes over a new status and reports it if it differs.
    pub(super) fn set_status(&mut self, env: &mut Env<'_>, mut status: Value) {
        let time = env.server.timestamp();
        let start = match (self.status.str("startTime"), self.pod["status"].str("startTime")) {
            ("", "") => time.clone(),
            ("", stored) => stored.to_owned(),
            (known, _) => known.to_owned(),
        };
        status.set("startTime", start);
        for one in status.items_mut("conditions") {
            let of = |status: &Value| {
                let mut all = status.list("conditions").iter();
                all.find(|old| old.str("type") == one.str("type")).cloned()
            };
            let old = of(&self.status).or_else(|| of(&self.pod["status"]));
            let same = old.filter(|old| old.str("status") == one.str("status"));
            let since =
                same.map_or_else(|| time.clone(), |old| old.str("lastTransitionTime").to_owned());
            if OWNED.contains(&one.str("type")) {
                one.set("lastTransitionTime", since);
            }
        }
        if self.status == status && !is_deleting(&self.pod) {
            return;
        }
        self.status = status;
        self.write_status(env);
    }

    /// Reports that the sandbox is ready before its containers start.
    pub(super) fn report_sandbox(&mut self, env: &mut Env<'_>) {
        let mut status = self.status.clone();
        let mut one = conditions::of("PodReadyToStartContainers", true, "", "");
        let generation = self.pod["metadata"].int("generation");
        if generation > 0 {
            one.set("observedGeneration", generation);
        }
        set_condition(status.entry("conditions"), one);
        self.set_status(env, status);
    }

    /// Changes the readiness of a running container. Source: SetContainerReadiness.
    pub(super) fn report_readiness(&mut self, env: &mut Env<'_>, id: &str, is_ready: bool) {
        let mut status = self.status.clone();
        let mut changed = false;
        for list in ["containerStatuses", "initContainerStatuses"] {
            for one in status.items_mut(list) {
                if one.str("containerID") == id && one.bool("ready") != is_ready {
                    one.set("ready", is_ready);
                    changed = true;
                }
            }
        }
        if !changed {
            return;
        }
        let containers = containers_ready(&self.pod, &status);
        let generation = self.pod["metadata"].int("generation");
        for mut one in [ready(&self.pod, &containers), containers] {
            if generation > 0 {
                one.set("observedGeneration", generation);
            }
            set_condition(status.entry("conditions"), one);
        }
        self.set_status(env, status);
    }

    /// Changes whether a container has started. Source: SetContainerStartup.
    pub(super) fn report_startup(&mut self, env: &mut Env<'_>, id: &str, started: bool) {
        let mut status = self.status.clone();
        for list in ["containerStatuses", "initContainerStatuses"] {
            for one in status.items_mut(list) {
                if one.str("containerID") == id {
                    one.set("started", started);
                }
            }
        }
        self.set_status(env, status);
    }

    /// Gives a pod that has ended a phase that says so, and removes it if it was deleted.
    /// Source: TerminatePod.
    pub(super) fn terminate_status(&mut self, env: &mut Env<'_>) {
        let mut status = self.status.clone();
        let begun = status
            .list("containerStatuses")
            .iter()
            .any(|one| !one["state"].has("waiting") || one["lastState"].has("terminated"));
        for one in status.items_mut("containerStatuses") {
            if begun && !one["state"].has("terminated") {
                let mut state = Value::map();
                let terminated = state.entry("terminated");
                terminated.set("exitCode", 137);
                terminated.set("reason", "ContainerStatusUnknown");
                let message = "The container could not be located when the pod was terminated";
                terminated.set("message", message);
                one.set("state", state);
            }
        }
        if !is_terminal_phase(status.str("phase")) {
            status.set("phase", "Failed");
        }
        self.status = status;
        self.write_status(env);
        if !is_deleting(&self.pod) || self.removed {
            return;
        }
        let Some(row) = env.server.row_of(&self.key) else { return };
        let (namespace, name) = (&self.key.namespace, &self.key.name);
        let _ = env.server.delete_with(row, namespace, name, Default::default(), Some(0));
    }

    /// Writes the status into the stored pod. Source: mergePodStatus.
    fn write_status(&mut self, env: &mut Env<'_>) {
        let Some(stored) = env.server.storage.get(&self.key) else { return };
        if stored["metadata"].str("uid") != &*self.uid {
            return;
        }
        let mut pod = stored.clone();
        let old = &pod["status"];
        let mut merged = self.status.clone();
        let foreign = old.list("conditions").iter();
        let foreign: Vec<Value> =
            foreign.filter(|one| !OWNED.contains(&one.str("type"))).cloned().collect();
        let conditions = merged.entry("conditions").list_mut();
        conditions.retain(|one| OWNED.contains(&one.str("type")));
        conditions.extend(foreign);
        for field in ["nominatedNodeName", "resize"] {
            if old.has(field) {
                merged.set(field, old[field].clone());
            }
        }
        let may_run = matches!(self.stage, Stage::Setup | Stage::Terminating);
        let ends = !is_terminal_phase(old.str("phase")) && is_terminal_phase(merged.str("phase"));
        if ends && may_run {
            for field in ["phase", "reason", "message"] {
                match old.has(field) {
                    true => merged.set(field, old[field].clone()),
                    false => drop(merged.remove(field)),
                }
            }
        }
        if is_terminal_phase(merged.str("phase")) {
            let reason = if merged.str("phase") == "Failed" { "PodFailed" } else { "PodCompleted" };
            for ty in ["Ready", "ContainersReady"] {
                let mut holder = Value::map();
                holder.set("status", merged.clone());
                if condition(&holder, ty).is_some_and(|one| one.str("status") == "True") {
                    let mut one = conditions::of(ty, false, reason, "");
                    one.set("lastTransitionTime", env.server.timestamp());
                    set_condition(merged.entry("conditions"), one);
                }
            }
        }
        pod.set("status", merged.clone());
        self.pod.set("status", merged);
        env.server.write(&self.key, pod);
    }
}
