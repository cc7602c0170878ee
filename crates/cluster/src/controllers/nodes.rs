//! Taints that follow from the state of a node, and the pods that must leave for them.
//!
//! Source: pkg/controller/nodelifecycle node_lifecycle_controller.go, pkg/controller/tainteviction.

use kubernetes::object::Value;

use super::Controller;
use super::objects::{condition, is_deleting, seconds_of, set_condition};
use crate::apiserver::{ApiServer, Event, Key, disruption_target};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;
use crate::scheduler::taints::tolerates;

pub const NODE_LIFECYCLE: Controller = Controller {
    component: "node-controller",
    keys: |_, event| match event.key.kind {
        "Node" => vec![event.key.clone()],
        _ => Vec::new(),
    },
    sync: lifecycle,
    delay: (5, 30),
};

pub const TAINT_EVICTION: Controller = Controller {
    component: "taint-eviction-controller",
    keys: eviction_keys,
    sync: evict,
    delay: (5, 30),
};

/// Taints of a node by the conditions it has: key, effect, when.
fn wanted(node: &Value) -> Vec<(&'static str, &'static str)> {
    let mut taints = Vec::new();
    if node["spec"].bool("unschedulable") {
        taints.push(("node.kubernetes.io/unschedulable", "NoSchedule"));
    }
    match condition(node, "Ready").map(|one| one.str("status")) {
        Some("False") => {
            taints.push(("node.kubernetes.io/not-ready", "NoSchedule"));
            taints.push(("node.kubernetes.io/not-ready", "NoExecute"));
        }
        Some("Unknown") => {
            taints.push(("node.kubernetes.io/unreachable", "NoSchedule"));
            taints.push(("node.kubernetes.io/unreachable", "NoExecute"));
        }
        _ => {}
    }
    for (ty, key) in [
        ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "node.kubernetes.io/pid-pressure"),
    ] {
        if condition(node, ty).is_some_and(|one| one.str("status") == "True") {
            taints.push((key, "NoSchedule"));
        }
    }
    taints
}

const OWN: &[&str] = &[
    "node.kubernetes.io/unschedulable",
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/memory-pressure",
    "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/pid-pressure",
];

/// Says once that a node is there. Source: node_lifecycle_controller.go monitorNodeHealth.
fn register(context: &mut ControllerContext<'_>, node: &Value) {
    let uid = node["metadata"].str("uid");
    let known = context.server.storage.list("", "Event", "default").any(|(_, event)| {
        event.str("reason") == "RegisteredNode" && event["involvedObject"].str("uid") == uid
    });
    if !known {
        let name = node["metadata"].str("name");
        let message = format!("Node {name} event: Registered Node {name} in Controller");
        context.event(node, Type::Normal, "RegisteredNode", &message);
    }
}

fn lifecycle(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(mut node) = context.server.storage.get(key).cloned() else { return Ok(()) };
    register(context, &node);
    let wanted = wanted(&node);
    let old = node["spec"].list("taints").to_vec();
    let is_wanted = |taint: &Value| {
        wanted
            .iter()
            .any(|(key, effect)| taint.str("key") == *key && taint.str("effect") == *effect)
    };
    let mut taints: Vec<Value> = old
        .iter()
        .filter(|one| !OWN.contains(&one.str("key")) || is_wanted(one))
        .cloned()
        .collect();
    for (name, effect) in wanted {
        let known = taints.iter().any(|one| one.str("key") == name && one.str("effect") == effect);
        if !known {
            let mut taint = Value::map();
            taint.set("effect", effect);
            taint.set("key", name);
            let time = context.timestamp();
            taint.set("timeAdded", time);
            taints.push(taint);
        }
    }
    annotate(context, key, &mut node);
    if taints != old {
        match taints.is_empty() {
            true => drop(node.entry("spec").remove("taints")),
            false => node.entry("spec").set("taints", taints),
        }
        context.server.write(key, node);
    }
    Ok(())
}

/// The time for which kubelets may keep what they read, in seconds, by the size of the cluster.
/// Source: pkg/controller/ttl ttl_controller.go.
fn annotate(context: &mut ControllerContext<'_>, key: &Key, node: &mut Value) {
    const TTL: &str = "node.alpha.kubernetes.io/ttl";
    let seconds = match context.server.storage.list("", "Node", "").count() {
        0..=100 => "0",
        101..=500 => "15",
        501..=1000 => "30",
        1001..=2000 => "60",
        _ => "300",
    };
    let annotations = node.entry("metadata").entry("annotations");
    if annotations.str(TTL) != seconds {
        annotations.set(TTL, seconds);
        context.server.write(key, node.clone());
    }
}

fn eviction_keys(server: &ApiServer, event: &Event) -> Vec<Key> {
    match event.key.kind {
        "Pod" if event.previous["spec"]["nodeName"] != event.object["spec"]["nodeName"] => {
            vec![event.key.clone()]
        }
        "Node" if event.previous["spec"]["taints"] != event.object["spec"]["taints"] => {
            let name = &*event.key.name;
            let pods = server.storage.list("", "Pod", "");
            pods.filter(|(_, pod)| pod["spec"].str("nodeName") == name)
                .map(|(key, _)| key.clone())
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Deletes a pod that does not tolerate a taint of its node, at once or when its time is over.
fn evict(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(pod) = context.server.storage.get(key).cloned() else { return Ok(()) };
    let name = pod["spec"].str("nodeName");
    let node_key = Key { kind: "Node", group: "", namespace: "".into(), name: name.into() };
    let Some(node) = context.server.storage.get(&node_key).cloned() else { return Ok(()) };
    if is_deleting(&pod) {
        return Ok(());
    }
    let mut deadline: Option<i64> = None;
    for taint in node["spec"].list("taints").iter().filter(|one| one.str("effect") == "NoExecute") {
        let tolerations = pod["spec"].list("tolerations");
        let tolerated: Vec<&Value> =
            tolerations.iter().filter(|one| tolerates(one, taint)).collect();
        if tolerated.is_empty() {
            deadline = Some(context.seconds());
            break;
        }
        let limits = tolerated.iter().filter_map(|one| one["tolerationSeconds"].as_int()).min();
        if let Some(limit) = limits {
            let since = seconds_of(&taint["timeAdded"]).unwrap_or_else(|| context.seconds());
            let end = since + limit;
            deadline = Some(deadline.map_or(end, |known| known.min(end)));
        }
    }
    let Some(deadline) = deadline else { return Ok(()) };
    if deadline > context.seconds() {
        let after = deadline * 1000 - context.now;
        context.wake(key, after);
        return Ok(());
    }
    let message = format!("Marking for deletion Pod {}/{}", key.namespace, key.name);
    context.event(&pod, Type::Normal, "TaintManagerEviction", &message);
    mark(context, key, pod);
    if let Some(row) = context.server.row_of(key) {
        let _ = context.server.delete(row, &key.namespace, &key.name, Default::default());
    }
    Ok(())
}

fn mark(context: &mut ControllerContext<'_>, key: &Key, mut pod: Value) {
    let message = "Taint manager: deleting due to NoExecute taint";
    let time = context.timestamp();
    let mut condition = disruption_target("DeletionByTaintManager", message, time);
    condition.set("observedGeneration", pod["metadata"].int("generation"));
    set_condition(pod.entry("status").entry("conditions"), condition);
    context.server.write(key, pod);
}
