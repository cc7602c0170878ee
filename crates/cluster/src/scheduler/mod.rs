//! The scheduler: a node for each pod that has none.
//!
//! | file | content |
//! | --- | --- |
//! | `filters` | whether a node can take a pod, and why not |
//! | `affinity`, `taints`, `resources`, `volumes` | what filters look at |
//! | `preemption` | pods of lower priority that make room |
//!
//! Source: pkg/scheduler schedule_one.go, framework/types.go FitError.

pub mod affinity;
mod filters;
mod preemption;
pub mod resources;
pub mod taints;
pub mod volumes;

use std::collections::BTreeMap;

use kubernetes::object::Value;

use crate::apiserver::{ApiServer, Change, Event, Key};
use crate::controllers::Controller;
use crate::controllers::objects::{is_deleting, is_terminal, key_of, seconds_of};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;
use filters::{Refusal, Snapshot, filter};

pub const SCHEDULER: Controller =
    Controller { component: "default-scheduler", keys, sync, delay: (2, 10) };

/// Time after which a pod that did not fit is looked at again, in milliseconds.
/// Source: DefaultPodMaxInUnschedulablePodsDuration.
const FLUSH: i64 = 5 * 60 * 1000;
/// Waiting time after a failed attempt, in milliseconds.
const BACKOFF: (i64, i64) = (1000, 10_000);

/// Source: ErrNoNodesAvailable.
const NO_NODES: &str = "no nodes available to schedule pods";

fn is_pending(pod: &Value) -> bool {
    pod["spec"].str("nodeName").is_empty()
        && !is_terminal(pod)
        && !is_deleting(pod)
        && pod["spec"].list("schedulingGates").is_empty()
        && pod["spec"].str("schedulerName") == "default-scheduler"
}

fn keys(server: &ApiServer, event: &Event) -> Vec<Key> {
    let others = match event.key.kind {
        "Pod" => {
            let gone = event.change == Change::Deleted
                || is_terminal(&event.object) && !is_terminal(&event.previous);
            if gone || is_deleting(&event.object) && !is_deleting(&event.previous) {
                !event.object["spec"].str("nodeName").is_empty()
            } else if is_pending(&event.object) {
                let changed = event.previous.is_null()
                    || event.previous["spec"] != event.object["spec"]
                    || event.previous["metadata"]["labels"] != event.object["metadata"]["labels"];
                return if changed { vec![event.key.clone()] } else { Vec::new() };
            } else {
                // A pod with affinity may wait for one that was bound.
                event.previous["spec"].str("nodeName").is_empty()
            }
        }
        "Node" => {
            let (old, new) = (&event.previous, &event.object);
            old.is_null()
                || old["spec"] != new["spec"]
                || old["metadata"]["labels"] != new["metadata"]["labels"]
                || old["status"]["allocatable"] != new["status"]["allocatable"]
        }
        "PersistentVolumeClaim" | "PersistentVolume" | "StorageClass" => true,
        _ => false,
    };
    if !others {
        return Vec::new();
    }
    let pods = server.storage.list("", "Pod", "");
    let waits = |pod: &Value| is_pending(pod) && may_fit_after(event, pod);
    pods.filter(|(_, pod)| waits(pod)).map(|(key, _)| key.clone()).collect()
}

/// Words of refusals that a change of another pod can mend, and those that a claim, a volume or a
/// class can.
const OF_PODS: &[&str] =
    &["Insufficient", "Too many pods", "free ports", "affinity rules", "topology spread", "in-use"];
const OF_VOLUMES: &[&str] = &["olume"];

/// Returns true if a change can mend what kept a pod from its node.
/// Source: QueueingHint of each plugin.
fn may_fit_after(event: &Event, pod: &Value) -> bool {
    let Some(condition) = crate::controllers::objects::condition(pod, "PodScheduled") else {
        return true;
    };
    let words = match event.key.kind {
        "Node" => return true,
        "Pod" => OF_PODS,
        _ => OF_VOLUMES,
    };
    words.iter().any(|word| condition.str("message").contains(word))
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(pod) = context.server.storage.get(key).cloned() else { return Ok(()) };
    if !is_pending(&pod) {
        return Ok(());
    }
    if let Some(wait) = waits(context, &pod) {
        context.wake(key, wait);
        return Ok(());
    }
    match decide(context, &pod) {
        Decision::Bind(node) => bind(context, key, pod, &node),
        Decision::Wait(message) => {
            let waited = waited(context, &pod).unwrap_or_default();
            refuse(context, key, pod, &message, None);
            if message == NO_NODES {
                // No filter refused the pod, so nothing can announce that it is worth a try.
                context.wake_periodic(key, until_next_attempt(waited));
            }
        }
        Decision::Preempt { message, node } => refuse(context, key, pod, &message, Some(&node)),
    }
    Ok(())
}

enum Decision {
    Bind(Value),
    Wait(String),
    Preempt { message: String, node: String },
}

/// Milliseconds since the first attempt of a pod that still waits.
fn waited(context: &ControllerContext<'_>, pod: &Value) -> Option<i64> {
    let condition = crate::controllers::objects::condition(pod, "PodScheduled")?;
    let first = seconds_of(&condition["lastTransitionTime"])? * 1000;
    Some((context.now - first).max(0))
}

/// Milliseconds until the next attempt of a pod whose first one was some time ago. The time between
/// two attempts doubles up to a limit. Source: backend/queue backoff_queue.go.
fn until_next_attempt(waited: i64) -> i64 {
    let (first, longest) = BACKOFF;
    let (mut at, mut step) = (first, first);
    while at <= waited && step < longest {
        step = (2 * step).min(longest);
        at += step;
    }
    if at > waited { at - waited } else { longest - (waited - at) % longest }
}

/// Milliseconds that a pod has to wait after its last attempt.
fn waits(context: &ControllerContext<'_>, pod: &Value) -> Option<i64> {
    let condition = crate::controllers::objects::condition(pod, "PodScheduled")?;
    let message = condition.str("message");
    // Pods leave the back-off queue early while no other pod waits for its turn. Claims are often
    // bound within a second.
    if condition.str("reason") != "Unschedulable" || message.contains(volumes::UNBOUND) {
        return None;
    }
    let last = seconds_of(&condition["lastTransitionTime"])? * 1000;
    let (first, longest) = BACKOFF;
    let after = last + first - context.now;
    (after > 0 && after <= longest).then_some(after)
}

fn decide(context: &mut ControllerContext<'_>, pod: &Value) -> Decision {
    let snapshot = Snapshot::of(context.server);
    let total = snapshot.nodes.len();
    if total == 0 {
        return Decision::Wait(NO_NODES.to_owned());
    }
    if let Some(reason) = volumes::refuses_all(context.server, pod) {
        return Decision::Wait(format!("0/{total} nodes are available: {reason}. not found"));
    }
    let named = affinity::named_nodes(&pod["spec"]);
    let mut refusals: Vec<(&Value, Refusal)> = Vec::new();
    let mut feasible: Vec<&Value> = Vec::new();
    for node in &snapshot.nodes {
        let left_out = named
            .as_ref()
            .is_some_and(|names| !names.iter().any(|name| name == node["metadata"].str("name")));
        if left_out {
            let reason = "node(s) didn't satisfy plugin(s) [NodeAffinity]".to_owned();
            refusals.push((node, Refusal { reasons: vec![reason], unresolvable: true }));
            continue;
        }
        match filter(&snapshot, pod, node) {
            Some(refusal) => refusals.push((node, refusal)),
            None => feasible.push(node),
        }
    }
    if feasible.is_empty() {
        let message = print(total, refusals.iter().flat_map(|(_, refusal)| &refusal.reasons));
        return match preemption::plan(&snapshot, pod, &refusals) {
            preemption::Plan::Nominate { node, victims } => {
                let node = node["metadata"].str("name").to_owned();
                let victims: Vec<Value> = victims.into_iter().cloned().collect();
                preemption::evict(context, pod, &node, &victims);
                Decision::Preempt { message: format!("{message}."), node }
            }
            preemption::Plan::Nothing(text) => Decision::Wait(format!(
                "{message}. no new claims to deallocate, preemption: {text}"
            )),
        };
    }
    let scores: Vec<i64> = feasible.iter().map(|node| score(&snapshot, pod, node)).collect();
    let best = scores.iter().max().copied().unwrap_or_default();
    let chosen: Vec<Value> = feasible
        .iter()
        .zip(&scores)
        .filter(|(_, score)| **score == best)
        .map(|(node, _)| (*node).clone())
        .collect();
    let number = context.random.between(0, chosen.len() as i64 - 1) as usize;
    match chosen.into_iter().nth(number) {
        Some(node) => Decision::Bind(node),
        None => Decision::Wait(NO_NODES.to_owned()),
    }
}

/// Reasons with the number of nodes, sorted as text. Source: FitError.Error.
fn print<'a>(total: usize, reasons: impl Iterator<Item = &'a String>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let mut texts: Vec<String> =
        counts.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    texts.sort();
    format!("0/{total} nodes are available: {}", texts.join(", "))
}

/// The score of a node for a pod: room, preferences, and few pods of the same owner.
fn score(snapshot: &Snapshot<'_>, pod: &Value, node: &Value) -> i64 {
    let spec = &pod["spec"];
    let (used, _) = snapshot.used(node);
    let wanted = resources::requests(spec);
    let room = resources::least_allocated(&wanted, &used, &resources::allocatable(node));
    let owner = crate::controllers::objects::controller_of(pod).map(|owner| owner.str("uid"));
    let siblings = snapshot
        .on(node)
        .filter(|other| {
            let same = crate::controllers::objects::controller_of(other).map(|one| one.str("uid"));
            owner.is_some() && same == owner && !is_deleting(other)
        })
        .count() as i64;
    let others = snapshot.on(node).count() as i64;
    let skew: i64 = spec
        .list("topologySpreadConstraints")
        .iter()
        .map(|rule| filters::spread_count(snapshot, pod, rule, node))
        .sum();
    room - others - 20 * siblings - 40 * skew - 300 * taints::avoided(spec, node)
        + 2 * affinity::preference(spec, node)
        + 2 * affinity::pod_preference(pod, node, &snapshot.placed)
}

/// The condition that says whether a pod has a node.
fn scheduled(context: &ControllerContext<'_>, pod: &Value, value: &str) -> Value {
    let old = crate::controllers::objects::condition(pod, "PodScheduled");
    let time = match old.filter(|old| old.str("status") == value) {
        Some(old) => old.str("lastTransitionTime").to_owned(),
        None => context.timestamp(),
    };
    let mut condition = Value::map();
    condition.set("type", "PodScheduled");
    condition.set("status", value);
    condition.set("lastProbeTime", Value::Null);
    condition.set("lastTransitionTime", time);
    condition.set("observedGeneration", pod["metadata"].int("generation"));
    condition
}

/// Puts a pod on a node. It gets the zone and the region of the node as labels.
/// Source: pkg/registry/core/pod/storage assignPod, plugin PodTopologyLabels.
fn bind(context: &mut ControllerContext<'_>, key: &Key, mut pod: Value, node: &Value) {
    let name = node["metadata"].str("name");
    crate::controllers::bind_for_pod(context.server, &pod, node);
    let condition = scheduled(context, &pod, "True");
    pod.entry("spec").set("nodeName", name);
    for label in ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"] {
        let value = node["metadata"]["labels"].str(label);
        if !value.is_empty() {
            pod.entry("metadata").entry("labels").set(label, value);
        }
    }
    crate::controllers::objects::set_condition(pod.entry("status").entry("conditions"), condition);
    pod.entry("status").remove("nominatedNodeName");
    let message = format!("Successfully assigned {}/{} to {name}", key.namespace, key.name);
    context.server.write(key, pod.clone());
    context.event(&pod, Type::Normal, "Scheduled", &message);
}

/// Notes why a pod has no node.
fn refuse(
    context: &mut ControllerContext<'_>,
    key: &Key,
    mut pod: Value,
    message: &str,
    node: Option<&str>,
) {
    context.event(&pod, Type::Warning, "FailedScheduling", message);
    let mut condition = scheduled(context, &pod, "False");
    condition.set("reason", "Unschedulable");
    condition.set("message", message);
    crate::controllers::objects::set_condition(pod.entry("status").entry("conditions"), condition);
    if let Some(node) = node {
        pod.entry("status").set("nominatedNodeName", node);
    }
    context.server.write(key, pod);
    context.wake_periodic(key, FLUSH);
}

/// The key of a pod.
pub fn pod_key_of(pod: &Value) -> Key {
    key_of("", "Pod", pod)
}

#[cfg(test)]
mod tests {
    use super::until_next_attempt;

    #[test]
    fn attempts_back_off() {
        // Attempts at 1, 3, 7, 15, 25, 35 seconds.
        for (waited, expected) in
            [(0, 1000), (1000, 2000), (3000, 4000), (7500, 7500), (15_000, 10_000), (26_000, 9000)]
        {
            assert_eq!(until_next_attempt(waited), expected, "{waited}");
        }
    }
}
