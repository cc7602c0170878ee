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
        let sidecar = |name: &str| {
            let mut all = spec.list("initContainers").iter();
            all.any(|one| one.str("name") == name && one.str("restartPolicy") == "Always")
        };
        let sidecars = spec.list("initContainers").iter();
        let total = spec.list("containers").len()
            + sidecars.filter(|one| one.str("restartPolicy") == "Always").count();
        let mut reason = match status.str("reason") {
            "" => status.str("phase").to_owned(),
            reason => reason.to_owned(),
        };
        let gated = status
            .list("conditions")
            .iter()
            .any(|one| one.str("type") == "PodScheduled" && one.str("reason") == "SchedulingGated");
        if gated {
            reason = "SchedulingGated".to_owned();
        }
        let (mut ready, mut restarts, mut of_sidecars) =
            (0, Restarts::default(), Restarts::default());
        let mut initializing = false;
        for (number, one) in status.list("initContainerStatuses").iter().enumerate() {
            restarts.add(one);
            let (state, is_sidecar) = (&one["state"], sidecar(one.str("name")));
            if is_sidecar {
                of_sidecars.add(one);
            }
            let terminated = &state["terminated"];
            if !terminated.is_null() && terminated.int("exitCode") == 0 {
                continue;
            }
            if is_sidecar && one.bool("started") {
                ready += usize::from(one.bool("ready"));
                continue;
            }
            let waiting = state["waiting"].str("reason");
            reason = if !terminated.is_null() {
                ended(terminated, "Init:")
            } else if !waiting.is_empty() && waiting != "PodInitializing" {
                format!("Init:{waiting}")
            } else {
                format!("Init:{number}/{}", spec.list("initContainers").len())
            };
            initializing = true;
            break;
        }
        if !initializing || condition(pod, "Initialized") {
            restarts = of_sidecars;
            let mut running = false;
            for one in status.list("containerStatuses").iter().rev() {
                restarts.add(one);
                let state = &one["state"];
                let waiting = state["waiting"].str("reason");
                if !waiting.is_empty() {
                    reason = waiting.to_owned();
                } else if state.has("terminated") {
                    reason = ended(&state["terminated"], "");
                } else if one.bool("ready") && state.has("running") {
                    running = true;
                    ready += 1;
                }
            }
            if reason == "Completed" && running {
                reason = if condition(pod, "Ready") { "Running" } else { "NotReady" }.to_owned();
            }
        }
        if pod["metadata"].has("deletionTimestamp") {
            if status.str("reason") == "NodeLost" {
                reason = "Unknown".to_owned();
            } else if !matches!(status.str("phase"), "Failed" | "Succeeded") {
                reason = "Terminating".to_owned();
            }
        }
        let restarts = match (restarts.count, restarts.last) {
            (count, last) if count != 0 && !last.is_empty() => {
                format!("{count} ({} ago)", age(last, now))
            }
            (count, _) => count.to_string(),
        };
        Self { ready: format!("{ready}/{total}"), reason, restarts }
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
