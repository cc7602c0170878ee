//! The status of a pod, made from its containers.
//!
//! Source: pkg/kubelet/kubelet_pods.go generateAPIPodStatus, convertToAPIContainerStatuses, getPhase.

use std::collections::BTreeMap;

use kubernetes::object::Value;

use super::actions::{is_sidecar, restarts_after, should_start};
use super::conditions;
use super::runtime::{Record, Snapshot};
use crate::apiserver::timestamp_of;

/// The reason and message of a container that could not be started.
pub type Reasons = BTreeMap<String, (&'static str, String)>;

/// The input of a status.
pub struct Input<'a> {
    pub pod: &'a Value,
    pub snapshot: &'a Snapshot,
    /// The status that the kubelet made last; null before the first one.
    pub old: &'a Value,
    pub reasons: &'a Reasons,
    pub host_address: &'a str,
    /// True if no container of the pod will be started again.
    pub terminal: bool,
    /// Phase reason and message of a pod that has to end whatever its containers do.
    pub evicted: Option<(&'static str, &'static str)>,
}

/// The status of a pod before its probes are considered.
pub fn generate(input: &Input<'_>) -> Value {
    let spec = &input.pod["spec"];
    let mut status = Value::map();
    let init = statuses(input, spec.list("initContainers"), "initContainerStatuses", true);
    let mut main = statuses(input, spec.list("containers"), "containerStatuses", false);
    // Only init containers keep the order of the specification.
    main.sort_by(|a, b| a.str("name").cmp(b.str("name")));
    if !init.is_empty() {
        status.set("initContainerStatuses", init);
    }
    status.set("containerStatuses", main);
    let phase = phase(input.pod, &status, input.terminal);
    status.set("phase", phase);
    if let Some((reason, message)) = input.evicted {
        status.set("phase", "Failed");
        status.set("reason", reason);
        status.set("message", message);
    }
    let stored = input.pod["status"].str("phase");
    if matches!(stored, "Failed" | "Succeeded") {
        status.set("phase", stored);
    }
    status.set("qosClass", kubernetes::kinds::qos_class(spec));
    let generation = input.pod["metadata"].int("generation");
    if generation > 0 {
        status.set("observedGeneration", generation);
    }
    set_addresses(&mut status, input);
    status
}

/// Makes the conditions of a status whose containers are complete.
pub fn add_conditions(input: &Input<'_>, status: &mut Value) {
    let ready = input.snapshot.sandbox.as_ref().is_some_and(|sandbox| sandbox.ready);
    status.set("conditions", conditions::all(input.pod, status, ready));
}

fn set_addresses(status: &mut Value, input: &Input<'_>) {
    let one = |address: &str| {
        let mut one = Value::map();
        one.set("ip", address);
        vec![one]
    };
    status.set("hostIP", input.host_address);
    status.set("hostIPs", one(input.host_address));
    let address = if input.pod["spec"].bool("hostNetwork") {
        input.host_address
    } else if let Some(sandbox) = &input.snapshot.sandbox {
        &*sandbox.address
    } else {
        input.old.str("podIP")
    };
    if !address.is_empty() {
        status.set("podIP", address);
        status.set("podIPs", one(address));
    }
}

/// Statuses of containers, in the order of the specification.
fn statuses(input: &Input<'_>, containers: &[Value], list: &str, init: bool) -> Vec<Value> {
    let initializing = !input.pod["spec"].list("initContainers").is_empty() || init;
    let default = if initializing { "PodInitializing" } else { "ContainerCreating" };
    let old = input.old.list(list);
    containers
        .iter()
        .map(|container| {
            let name = container.str("name");
            let old = old.iter().find(|one| one.str("name") == name);
            let mut seen = input.snapshot.records.iter().filter(|one| one.name == name);
            let mut status = match seen.next() {
                Some(record) => of_record(record, old),
                None => waiting(container, default, old),
            };
            if let Some(earlier) = seen.next() {
                status.set("lastState", state_of(earlier));
            }
            apply_reason(input, container, &mut status);
            for field in ["state", "lastState"] {
                status.set_default(field, Value::map());
            }
            status
        })
        .collect()
}

/// The status of a container that does not exist.
fn waiting(container: &Value, reason: &str, old: Option<&Value>) -> Value {
    if let Some(old) = old
        && old["state"].has("terminated")
    {
        return old.clone();
    }
    let mut status = Value::map();
    status.set("name", container.str("name"));
    status.set("image", container.str("image"));
    status.set("imageID", "");
    status.set("ready", false);
    status.set("started", false);
    status.set("restartCount", old.map_or(0, |old| old.int("restartCount")));
    status.entry_at(&["state", "waiting"]).set("reason", reason);
    if let Some(old) = old {
        status.set("lastState", old["lastState"].clone());
    }
    status
}

fn of_record(record: &Record, old: Option<&Value>) -> Value {
    let mut status = Value::map();
    status.set("name", &*record.name);
    status.set("image", &*record.image);
    status.set("imageID", &*record.image_id);
    status.set("containerID", &*record.id);
    status.set("ready", false);
    let started = record.is_running() && old.is_some_and(|old| old.bool("started"));
    status.set("started", started);
    status.set("restartCount", record.restarts);
    status.set("state", state_of(record));
    status
}

fn state_of(record: &Record) -> Value {
    let time = |millis: i64| timestamp_of(millis.div_euclid(1000));
    let mut state = Value::map();
    match &record.ended {
        None => state.entry("running").set("startedAt", time(record.started)),
        Some(ended) => {
            let terminated = state.entry("terminated");
            terminated.set("containerID", &*record.id);
            terminated.set("exitCode", ended.code);
            terminated.set("finishedAt", time(ended.at));
            terminated.set("reason", ended.reason);
            terminated.set("startedAt", time(record.started));
            if !ended.message.is_empty() {
                terminated.set("message", &*ended.message);
            }
        }
    }
    state
}

/// A container that is to be started and could not be is waiting.
fn apply_reason(input: &Input<'_>, container: &Value, status: &mut Value) {
    if !should_start(input.pod, container, input.snapshot) {
        return;
    }
    let Some((reason, message)) = input.reasons.get(container.str("name")) else { return };
    if status["state"].has("terminated") {
        status.set("lastState", status["state"].clone());
    }
    let mut state = Value::map();
    let waiting = state.entry("waiting");
    waiting.set("reason", *reason);
    if !message.is_empty() {
        waiting.set("message", &**message);
    }
    status.set("state", state);
}

/// Counts of containers by state.
#[derive(Default)]
struct Counts {
    waiting: usize,
    running: usize,
    stopped: usize,
    succeeded: usize,
    restarting: usize,
}

/// The phase of a pod.
fn phase(pod: &Value, status: &Value, terminal: bool) -> &'static str {
    let spec = &pod["spec"];
    let of = |list: &str, name: &str| -> Value {
        status.list(list).iter().find(|one| one.str("name") == name).cloned().unwrap_or_default()
    };
    let counts = count(pod, |name| of("containerStatuses", name));
    let (mut pending, mut failed, mut sidecars, mut pending_sidecars) = (0, 0, 0, 0);
    for container in spec.list("initContainers") {
        let one = of("initContainerStatuses", container.str("name"));
        let state = &one["state"];
        if is_sidecar(container) {
            let running = state.has("running");
            sidecars += usize::from(running);
            let waits = !running && !state.has("terminated");
            pending_sidecars += usize::from(waits || running && !one.bool("started"));
        } else if state.has("terminated") {
            failed += usize::from(state["terminated"].int("exitCode") != 0);
        } else if state.has("waiting") && one["lastState"].has("terminated") {
            failed += usize::from(one["lastState"]["terminated"].int("exitCode") != 0);
        } else {
            pending += 1;
        }
    }
    if failed > 0 && spec.str("restartPolicy") == "Never" {
        return "Failed";
    }
    let begun = counts.running + counts.stopped > 0;
    if pending > 0 || pending_sidecars > 0 && !begun || counts.waiting > 0 {
        return "Pending";
    }
    if counts.running > 0 {
        return "Running";
    }
    match (counts.stopped > 0, counts.stopped == counts.succeeded) {
        (false, _) => "Pending",
        (true, true) if terminal => "Succeeded",
        (true, false) if terminal => "Failed",
        _ if counts.restarting > 0 || sidecars > 0 => "Running",
        (true, true) => "Succeeded",
        (true, false) => "Failed",
    }
}

fn count(pod: &Value, of: impl Fn(&str) -> Value) -> Counts {
    let mut counts = Counts::default();
    for container in pod["spec"].list("containers") {
        let one = of(container.str("name"));
        let terminated = match (&one["state"], &one["lastState"]) {
            (state, _) if state.has("running") => {
                counts.running += 1;
                continue;
            }
            (state, _) if state.has("terminated") => &state["terminated"],
            (_, last) if last.has("terminated") => &last["terminated"],
            _ => {
                counts.waiting += 1;
                continue;
            }
        };
        counts.stopped += 1;
        let code = terminated.int("exitCode");
        // A waiting container is to be started again; its last exit is not an end.
        let ended = one["state"].has("terminated");
        counts.succeeded += usize::from(ended && code == 0);
        counts.restarting += usize::from(!ended || restarts_after(pod, container, code));
    }
    counts
}
