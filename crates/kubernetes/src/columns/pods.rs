//! The columns of pods.
//!
//! Source: pkg/printers/internalversion/printers.go printPod.

use super::{AGE, Column, NAME, age, column, or_none, wide};
use crate::object::Value;

pub const POD: &[Column] = &[
    NAME,
    column("READY", |pod, now| Summary::of(pod, now).ready),
    column("STATUS", |pod, now| Summary::of(pod, now).reason),
    column("RESTARTS", |pod, now| Summary::of(pod, now).restarts),
    AGE,
    wide("IP", |pod, _| {
        let status = &pod["status"];
        let first = status.list("podIPs").first().map_or("", |ip| ip.str("ip"));
        or_none(if first.is_empty() { status.str("podIP") } else { first })
    }),
    wide("NODE", |pod, _| or_none(pod["spec"].str("nodeName"))),
    wide("NOMINATED NODE", |pod, _| or_none(pod["status"].str("nominatedNodeName"))),
    wide("READINESS GATES", readiness_gates),
];

fn readiness_gates(pod: &Value, _: i64) -> String {
    let gates = pod["spec"].list("readinessGates");
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let passed = gates.iter().filter(|gate| condition(pod, gate.str("conditionType"))).count();
    format!("{passed}/{}", gates.len())
}

fn condition(pod: &Value, name: &str) -> bool {
    let mut conditions = pod["status"].list("conditions").iter();
    conditions.any(|one| one.str("type") == name && one.str("status") == "True")
}

/// The columns that are computed together.
struct Summary {
    ready: String,
    reason: String,
    restarts: String,
}

/// Restarts of containers with the time of the last one.
#[derive(Default)]
struct Restarts<'a> {
    count: i64,
    last: &'a str,
}

impl<'a> Restarts<'a> {
    fn add(&mut self, status: &'a Value) {
        self.count += status.int("restartCount");
        let finished = status.at(&["lastState", "terminated"]).str("finishedAt");
        // Times of the same form sort as text.
        self.last = self.last.max(finished);
    }
}

/// The reason of a container that has ended.
fn ended(terminated: &Value, prefix: &str) -> String {
    match (terminated.str("reason"), terminated.int("signal")) {
        ("", 0) => format!("{prefix}ExitCode:{}", terminated.int("exitCode")),
        ("", signal) => format!("{prefix}Signal:{signal}"),
        (reason, _) => format!("{prefix}{reason}"),
    }
}

impl Summary {
    fn of(pod: &Value, now: i64) -> Self {
        let (spec, status) = (&pod["spec"], &pod["status"]);
        let sidecars = spec.list("initContainers").iter().filter(|one| is_sidecar(one));
        let total = spec.list("containers").len() + sidecars.count();
        let mut counts = Counts::default();
        let mut reason = reason_of_pod(status);
        let initializing = counts.init_containers(pod);
        let is_initializing = initializing.is_some();
        reason = initializing.unwrap_or(reason);
        if !is_initializing || condition(pod, "Initialized") {
            reason = counts.containers(pod, reason);
        }
        if pod["metadata"].has("deletionTimestamp") {
            if status.str("reason") == "NodeLost" {
                reason = "Unknown".to_owned();
            } else if !matches!(status.str("phase"), "Failed" | "Succeeded") {
                reason = "Terminating".to_owned();
            }
        }
        let restarts = match (counts.restarts.count, counts.restarts.last) {
            (count, last) if count != 0 && !last.is_empty() => {
                format!("{count} ({} ago)", age(last, now))
            }
            (count, _) => count.to_string(),
        };
        Self { ready: format!("{}/{total}", counts.ready), reason, restarts }
    }
}

/// Returns the reason, the phase, or `SchedulingGated`.
fn reason_of_pod(status: &Value) -> String {
    let mut conditions = status.list("conditions").iter();
    let gated = conditions
        .any(|one| one.str("type") == "PodScheduled" && one.str("reason") == "SchedulingGated");
    match status.str("reason") {
        _ if gated => "SchedulingGated",
        "" => status.str("phase"),
        reason => reason,
    }
    .to_owned()
}

/// Returns true if an init container is a sidecar.
fn is_sidecar(container: &Value) -> bool {
    container.str("restartPolicy") == "Always"
}

/// Ready containers, and restarts of the containers that count.
#[derive(Default)]
struct Counts<'a> {
    ready: usize,
    restarts: Restarts<'a>,
    of_sidecars: Restarts<'a>,
}

impl<'a> Counts<'a> {
    /// Counts init containers up to the first one that has not succeeded, and returns its reason.
    fn init_containers(&mut self, pod: &'a Value) -> Option<String> {
        let containers = pod["spec"].list("initContainers");
        for (number, one) in pod["status"].list("initContainerStatuses").iter().enumerate() {
            self.restarts.add(one);
            let state = &one["state"];
            let mut named = containers.iter().filter(|found| found.str("name") == one.str("name"));
            let sidecar = named.any(is_sidecar);
            if sidecar {
                self.of_sidecars.add(one);
            }
            let terminated = &state["terminated"];
            if !terminated.is_null() && terminated.int("exitCode") == 0 {
                continue;
            }
            if sidecar && one.bool("started") {
                self.ready += usize::from(one.bool("ready"));
                continue;
            }
            let waiting = state["waiting"].str("reason");
            return Some(if !terminated.is_null() {
                ended(terminated, "Init:")
            } else if !waiting.is_empty() && waiting != "PodInitializing" {
                format!("Init:{waiting}")
            } else {
                format!("Init:{number}/{}", containers.len())
            });
        }
        None
    }

    /// Counts containers and returns the reason of the pod. Of init containers only the restarts
    /// of sidecars count then.
    fn containers(&mut self, pod: &'a Value, mut reason: String) -> String {
        self.restarts = std::mem::take(&mut self.of_sidecars);
        let mut running = false;
        for one in pod["status"].list("containerStatuses").iter().rev() {
            self.restarts.add(one);
            let state = &one["state"];
            let waiting = state["waiting"].str("reason");
            if !waiting.is_empty() {
                reason = waiting.to_owned();
            } else if state.has("terminated") {
                reason = ended(&state["terminated"], "");
            } else if one.bool("ready") && state.has("running") {
                running = true;
                self.ready += 1;
            }
        }
        if reason == "Completed" && running {
            reason = if condition(pod, "Ready") { "Running" } else { "NotReady" }.to_owned();
        }
        reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn the_status_names_what_holds_the_pod() {
        let one = r#""spec":{"containers":[{"name":"a"}]}"#;
        for (pod, expected) in [
            (format!(r#"{{{one},"status":{{"phase":"Pending"}}}}"#), ["0/1", "Pending", "0"]),
            (
                format!(
                    r#"{{{one},"status":{{"phase":"Running","containerStatuses":[{{"ready":true,"restartCount":2,"state":{{"running":{{}}}},"lastState":{{"terminated":{{"finishedAt":"1970-01-01T00:00:10Z"}}}}}}]}}}}"#
                ),
                ["1/1", "Running", "2 (50s ago)"],
            ),
            (
                format!(
                    r#"{{{one},"status":{{"phase":"Failed","containerStatuses":[{{"restartCount":0,"state":{{"terminated":{{"exitCode":3}}}}}}]}}}}"#
                ),
                ["0/1", "ExitCode:3", "0"],
            ),
            (
                r#"{"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"waiting":{"reason":"PodInitializing"}}}]}}"#.to_owned(),
                ["0/1", "Init:0/1", "0"],
            ),
            (
                format!(
                    r#"{{{one},"metadata":{{"deletionTimestamp":"1970-01-01T00:00:00Z"}},"status":{{"phase":"Running"}}}}"#
                ),
                ["0/1", "Terminating", "0"],
            ),
        ] {
            let found = Summary::of(&parse_json(&pod).expect("JSON"), 60);
            assert_eq!([&*found.ready, &*found.reason, &*found.restarts], expected, "{pod}");
        }
    }
}
