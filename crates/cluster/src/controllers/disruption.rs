//! PodDisruptionBudgets: how many pods may be evicted now.
//!
//! Source: pkg/controller/disruption disruption.go.

use kubernetes::object::{Map, Value};
use kubernetes::validation::meta;

use super::Controller;
use super::objects::{controller_of, is_active, is_ready, is_terminal, scaled, set_condition};
use crate::apiserver::{Event, Key};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;

pub const DISRUPTION: Controller =
    Controller { component: "controllermanager", keys, sync, delay: (10, 40) };

fn keys(server: &crate::ApiServer, event: &Event) -> Vec<Key> {
    match event.key.kind {
        "PodDisruptionBudget" => vec![event.key.clone()],
        "Pod" => {
            let budgets =
                server.storage.list("policy", "PodDisruptionBudget", &event.key.namespace);
            let labels = &event.object["metadata"]["labels"];
            budgets
                .filter(|(_, budget)| meta::selects(&budget["spec"]["selector"], labels))
                .map(|(key, _)| key.clone())
                .collect()
        }
        "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController" => server
            .storage
            .list("policy", "PodDisruptionBudget", &event.key.namespace)
            .map(|(key, _)| key.clone())
            .collect(),
        _ => Vec::new(),
    }
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(budget) = context.server.storage.get(key).cloned() else { return Ok(()) };
    let selector = &budget["spec"]["selector"];
    let pods: Vec<Value> = context
        .server
        .storage
        .list("", "Pod", &key.namespace)
        .filter(|(_, pod)| meta::selects(selector, &pod["metadata"]["labels"]) && !is_terminal(pod))
        .map(|(_, pod)| pod.clone())
        .collect();
    if pods.is_empty() {
        context.event(&budget, Type::Normal, "NoPods", "No matching pods found");
    }
    let (expected, desired, unmanaged) = wanted(context, &budget, &pods);
    if unmanaged {
        let message = format!(
            "Pods selected by this PodDisruptionBudget (selector: {}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.",
            print_selector(selector)
        );
        context.event(&budget, Type::Warning, "UnmanagedPods", &message);
    }
    let now = context.seconds();
    let disrupted = still_disrupted(&budget, &pods, now);
    let healthy = pods
        .iter()
        .filter(|pod| {
            is_active(pod) && is_ready(pod) && !disrupted.contains(pod["metadata"].str("name"))
        })
        .count() as i64;
    let allowed = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    write(context, key, &budget, [expected, desired, healthy, allowed], disrupted);
    Ok(())
}

/// Pods that were granted an eviction less than two minutes ago and are not gone yet.
fn still_disrupted(budget: &Value, pods: &[Value], now: i64) -> Map {
    const TIMEOUT: i64 = 120;
    budget["status"]
        .entries("disruptedPods")
        .filter(|(name, time)| {
            let pod = pods.iter().find(|pod| pod["metadata"].str("name") == &***name);
            pod.is_some_and(is_active)
                && super::objects::seconds_of(time).is_some_and(|since| since + TIMEOUT > now)
        })
        .map(|(name, time)| (name.clone(), time.clone()))
        .collect()
}

/// The number of pods that should be there, how many of them healthy, and whether some have no
/// controller that says so. Source: getExpectedPodCount.
fn wanted(context: &ControllerContext<'_>, budget: &Value, pods: &[Value]) -> (i64, i64, bool) {
    let spec = &budget["spec"];
    if spec.has("maxUnavailable") {
        let (expected, unmanaged) = expected_scale(context, pods);
        let most = scaled(&spec["maxUnavailable"], expected, true);
        return (expected, (expected - most).max(0), unmanaged);
    }
    if spec["minAvailable"].as_str().is_some() {
        let (expected, unmanaged) = expected_scale(context, pods);
        return (expected, scaled(&spec["minAvailable"], expected, true), unmanaged);
    }
    (pods.len() as i64, spec.int("minAvailable"), false)
}

/// The sum of the sizes of all controllers of the pods.
fn expected_scale(context: &ControllerContext<'_>, pods: &[Value]) -> (i64, bool) {
    let mut seen: Vec<String> = Vec::new();
    let (mut sum, mut unmanaged) = (0, false);
    for pod in pods {
        let Some(owner) = controller_of(pod) else {
            unmanaged = true;
            continue;
        };
        let found = find(context, pod, owner);
        let root = found.as_ref().and_then(|found| {
            let above = controller_of(found)?;
            find(context, found, above)
        });
        let Some(owner) = root.or(found) else {
            unmanaged = true;
            continue;
        };
        let uid = owner["metadata"].str("uid").to_owned();
        if !seen.contains(&uid) {
            seen.push(uid);
            sum += owner["spec"].int("replicas");
        }
    }
    (sum, unmanaged)
}

fn find(context: &ControllerContext<'_>, object: &Value, owner: &Value) -> Option<Value> {
    let row = context.server.kind(owner.str("apiVersion"), owner.str("kind"))?;
    let namespace = object["metadata"].str("namespace");
    let found = context.server.storage.get(&Key::new(row, namespace, owner.str("name")))?;
    let scalable = ["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"];
    (found["metadata"].str("uid") == owner.str("uid") && scalable.contains(&row.kind))
        .then(|| found.clone())
}

fn write(
    context: &mut ControllerContext<'_>,
    key: &Key,
    budget: &Value,
    [expected, desired, healthy, allowed]: [i64; 4],
    disrupted: Map,
) {
    let generation = budget["metadata"].int("generation");
    let old = &budget["status"];
    let mut status = Value::map();
    if old.has("conditions") {
        status.set("conditions", old["conditions"].clone());
    }
    let (value, reason) =
        if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let known = old.list("conditions").first().cloned().unwrap_or_default();
    let mut condition = Value::map();
    condition.set("type", "DisruptionAllowed");
    condition.set("status", value);
    condition.set("observedGeneration", generation);
    let time = context.timestamp();
    let same = known.str("status") == value;
    let time = if same { known.str("lastTransitionTime").to_owned() } else { time };
    condition.set("lastTransitionTime", time);
    condition.set("reason", reason);
    condition.set("message", "");
    set_condition(status.entry("conditions"), condition);
    status.set("currentHealthy", healthy);
    status.set("desiredHealthy", desired);
    status.set("disruptionsAllowed", allowed);
    status.set("expectedPods", expected);
    status.set("observedGeneration", generation);
    if !disrupted.is_empty() {
        status.set("disruptedPods", disrupted);
    }
    let mut budget = budget.clone();
    budget.set("status", status);
    context.server.write(key, budget);
}

/// A selector as Go prints it.
fn print_selector(selector: &Value) -> String {
    let labels: Vec<String> = selector
        .entries("matchLabels")
        .map(|(key, value)| format!("{key}: {},", value.as_str().unwrap_or_default()))
        .collect();
    let expressions: Vec<String> = selector
        .list("matchExpressions")
        .iter()
        .map(|one| {
            let values: Vec<&str> = one.list("values").iter().filter_map(Value::as_str).collect();
            format!(
                "LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},",
                one.str("key"),
                one.str("operator"),
                values.join(" ")
            )
        })
        .collect();
    format!(
        "&LabelSelector{{MatchLabels:map[string]string{{{}}},MatchExpressions:[]LabelSelectorRequirement{{{}}},}}",
        labels.join(""),
        expressions.join("")
    )
}
