//! Conditions of a pod.
//!
//! Source: pkg/kubelet/status/generate.go.

use kubernetes::object::Value;

use super::actions::is_sidecar;

/// Types of conditions that the kubelet owns.
pub const OWNED: &[&str] =
    &["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/// All conditions that the kubelet owns, and those of others that the pod has.
pub fn all(pod: &Value, status: &Value, sandbox_ready: bool) -> Vec<Value> {
    let containers_ready = containers_ready(pod, status);
    let mut list = vec![
        of("PodReadyToStartContainers", sandbox_ready, "", ""),
        initialized(pod, status),
        ready(pod, &containers_ready),
        containers_ready,
        of("PodScheduled", true, "", ""),
    ];
    let generation = pod["metadata"].int("generation");
    if generation > 0 {
        list.iter_mut().for_each(|one| one.set("observedGeneration", generation));
    }
    let foreign = pod["status"].list("conditions").iter();
    list.extend(foreign.filter(|one| !OWNED.contains(&one.str("type"))).cloned());
    list
}

pub fn of(ty: &str, holds: bool, reason: &str, message: &str) -> Value {
    let mut condition = Value::map();
    condition.set("type", ty);
    condition.set("status", if holds { "True" } else { "False" });
    condition.set("lastProbeTime", Value::Null);
    for (key, text) in [("reason", reason), ("message", message)] {
        if !text.is_empty() {
            condition.set(key, text);
        }
    }
    condition
}

fn status_of<'a>(status: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    status.list(list).iter().find(|one| one.str("name") == name)
}

fn message(prefix: &str, names: &[&str]) -> String {
    format!("containers with {prefix} status: [{}]", names.join(" "))
}

/// Names of the containers that count for readiness and are not ready.
fn unready<'a>(pod: &'a Value, status: &Value) -> Vec<&'a str> {
    let spec = &pod["spec"];
    let sidecars = spec.list("initContainers").iter().filter(|one| is_sidecar(one));
    let init = sidecars.map(|one| (one.str("name"), "initContainerStatuses"));
    let main = spec.list("containers").iter().map(|one| (one.str("name"), "containerStatuses"));
    init.chain(main)
        .filter(|(name, list)| !status_of(status, list, name).is_some_and(|one| one.bool("ready")))
        .map(|(name, _)| name)
        .collect()
}

pub fn containers_ready(pod: &Value, status: &Value) -> Value {
    const TYPE: &str = "ContainersReady";
    match status.str("phase") {
        "Succeeded" => of(TYPE, false, "PodCompleted", ""),
        "Failed" => of(TYPE, false, "PodFailed", ""),
        _ => match unready(pod, status) {
            names if names.is_empty() => of(TYPE, true, "", ""),
            names => of(TYPE, false, "ContainersNotReady", &message("unready", &names)),
        },
    }
}

pub fn ready(pod: &Value, containers: &Value) -> Value {
    const TYPE: &str = "Ready";
    if containers.str("status") != "True" {
        return of(TYPE, false, containers.str("reason"), containers.str("message"));
    }
    let conditions = pod["status"].list("conditions");
    let closed: Vec<String> = pod["spec"]
        .list("readinessGates")
        .iter()
        .filter_map(|gate| {
            let ty = gate.str("conditionType");
            match conditions.iter().find(|one| one.str("type") == ty) {
                None => Some(format!(
                    "corresponding condition of pod readiness gate {} does not exist.",
                    go::quote::quote(ty)
                )),
                Some(one) if one.str("status") != "True" => Some(format!(
                    "the status of pod readiness gate {} is not \"True\", but {}",
                    go::quote::quote(ty),
                    one.str("status")
                )),
                Some(_) => None,
            }
        })
        .collect();
    if closed.is_empty() {
        return of(TYPE, true, "", "");
    }
    of(TYPE, false, "ReadinessGatesNotReady", &closed.join(", "))
}

fn initialized(pod: &Value, status: &Value) -> Value {
    const TYPE: &str = "Initialized";
    if status.str("phase") == "Succeeded" {
        return of(TYPE, true, "PodCompleted", "");
    }
    let begun = status.list("containerStatuses").iter().any(|one| {
        one.bool("started")
            || one["state"].has("running")
            || one["state"].has("terminated")
            || one["lastState"].has("terminated")
    });
    let incomplete: Vec<&str> = pod["spec"]
        .list("initContainers")
        .iter()
        .filter(|container| {
            let one = status_of(status, "initContainerStatuses", container.str("name"));
            let field = if is_sidecar(container) { "started" } else { "ready" };
            !one.is_some_and(|one| one.bool(field))
        })
        .map(|container| container.str("name"))
        .collect();
    if begun || incomplete.is_empty() {
        return of(TYPE, true, "", "");
    }
    of(TYPE, false, "ContainersNotInitialized", &message("incomplete", &incomplete))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn readiness_names_what_is_missing() {
        let pod = r#"{"spec":{"containers":[{"name":"a"},{"name":"b"}],
            "initContainers":[{"name":"s","restartPolicy":"Always"},{"name":"i"}],
            "readinessGates":[{"conditionType":"x/y"}]},"status":GATES}"#;
        let all = r#"{"phase":"Running","initContainerStatuses":[{"name":"s","ready":true}],
            "containerStatuses":[{"name":"a","ready":true},{"name":"b","ready":B}]}"#;
        for (gates, b, expected) in [
            ("{}", "false", "containers with unready status: [b]"),
            ("{}", "true", "corresponding condition of pod readiness gate \"x/y\" does not exist."),
            (
                r#"{"conditions":[{"type":"x/y","status":"False"}]}"#,
                "true",
                "the status of pod readiness gate \"x/y\" is not \"True\", but False",
            ),
            (r#"{"conditions":[{"type":"x/y","status":"True"}]}"#, "true", ""),
        ] {
            let pod = parse_json(&pod.replace("GATES", gates)).expect("JSON");
            let status = parse_json(&all.replace('B', b)).expect("JSON");
            let ready = ready(&pod, &containers_ready(&pod, &status));
            assert_eq!(ready.str("message"), expected);
            assert_eq!(ready.str("status") == "True", expected.is_empty());
        }
    }
}
