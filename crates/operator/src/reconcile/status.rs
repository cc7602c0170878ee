//! The status of a workload, from its StatefulSets and pods.
//!
//! Source: prometheus-operator pkg/prometheus/operator.go StatusReporter,
//! pkg/operator/statefulset_reporter.go.

use kubernetes::object::Value;

use crate::workload::object;

/// The pods of one StatefulSet.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    replicas: i64,
    updated: i64,
    available: i64,
}

/// The availability of a StatefulSet's pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Available {
    True,
    Degraded,
    False,
}

impl Available {
    fn text(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::Degraded => "Degraded",
            Self::False => "False",
        }
    }
}

/// The result of the last sync: the status of the condition `Reconciled`, its reason and message.
#[derive(Clone, Debug)]
pub struct Reconciled<'a> {
    pub succeeded: bool,
    pub reason: &'a str,
    pub message: &'a str,
}

/// The objects of a cluster from which a status is made.
pub struct Cluster<'a> {
    pub sets: &'a [Value],
    pub pods: &'a [Value],
    /// The time of a change, as objects hold it.
    pub now: &'a str,
}

/// Reads the pods of a StatefulSet. Returns the counts and the messages of pods that wait.
fn pods_of(set: &Value, pods: &[Value]) -> (Counts, Vec<String>) {
    let metadata = &set["metadata"];
    let (name, namespace) = (metadata.str("name"), metadata.str("namespace"));
    let owned = pods.iter().filter(|pod| {
        pod["metadata"].str("namespace") == namespace
            && pod["metadata"]
                .list("ownerReferences")
                .iter()
                .any(|owner| owner.str("kind") == "StatefulSet" && owner.str("name") == name)
    });
    let mut owned: Vec<&Value> = owned.collect();
    let ordinal = |pod: &Value| {
        let name = pod["metadata"].str("name");
        name.rsplit('-').next().and_then(|number| number.parse::<i64>().ok()).unwrap_or(0)
    };
    owned.sort_by_key(|pod| ordinal(pod));
    let revision = set["status"].str("updateRevision");
    let mut counts = Counts { replicas: owned.len() as i64, ..Counts::default() };
    let mut messages = Vec::new();
    for pod in owned {
        let own = pod["metadata"]["labels"].str("controller-revision-hash");
        counts.updated += i64::from(own == revision);
        counts.available += i64::from(is_ready(pod));
        let message = message(pod);
        if !message.is_empty() {
            messages.push(format!("pod {}: {message}", pod["metadata"].str("name")));
        }
    }
    (counts, messages)
}

fn condition<'v>(pod: &'v Value, kind: &str) -> Option<&'v Value> {
    pod["status"].list("conditions").iter().find(|one| one.str("type") == kind)
}

fn is_ready(pod: &Value) -> bool {
    pod["status"].str("phase") == "Running"
        && condition(pod, "Ready").is_some_and(|one| one.str("status") == "True")
}

/// The message of the first condition of a pod that is false.
fn message(pod: &Value) -> &str {
    let kinds = ["PodScheduled", "Initialized", "ContainersReady", "Ready"];
    let mut found = kinds.iter().filter_map(|kind| condition(pod, kind));
    found.find(|one| one.str("status") == "False").map_or("", |one| one.str("message"))
}

fn availability(available: i64, expected: i64) -> (Available, &'static str) {
    match available {
        available if available >= expected => (Available::True, ""),
        0 => (Available::False, "NoPodReady"),
        _ => (Available::Degraded, "SomePodsNotReady"),
    }
}

/// A condition. One that has not changed keeps its time.
fn make_condition(
    workload: &Value,
    kind: &str,
    status: &str,
    reason: &str,
    message: &str,
    now: &str,
) -> Value {
    let old = condition(workload, kind).filter(|old| old.str("status") == status);
    object! {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "observedGeneration": workload["metadata"].int("generation"),
        "lastTransitionTime": old.map_or(now, |old| old.str("lastTransitionTime")),
    }
}

fn conditions(
    workload: &Value,
    available: (Available, &str, String),
    reconciled: &Reconciled<'_>,
    now: &str,
) -> Vec<Value> {
    let (status, reason, message) = available;
    let done = if reconciled.succeeded { "True" } else { "False" };
    vec![
        make_condition(workload, "Available", status.text(), reason, &message, now),
        make_condition(workload, "Reconciled", done, reconciled.reason, reconciled.message, now),
    ]
}

/// The status of a Prometheus or PrometheusAgent.
pub fn prometheus(
    workload: &Value,
    base: &str,
    selector: &str,
    cluster: &Cluster<'_>,
    reconciled: &Reconciled<'_>,
) -> Value {
    let spec = &workload["spec"];
    let namespace = workload["metadata"].str("namespace");
    let expected = spec["replicas"].as_int().unwrap_or(1);
    let shards = spec["shards"].as_int().unwrap_or(1);
    let (mut total, mut states) = (Counts::default(), Vec::new());
    let (mut statuses, mut messages) = (Vec::new(), Vec::new());
    for shard in 0..shards.max(1) {
        let name = if shard == 0 { base.to_owned() } else { format!("{base}-shard-{shard}") };
        let set = cluster.sets.iter().find(|set| {
            set["metadata"].str("name") == name && set["metadata"].str("namespace") == namespace
        });
        let mut counts = Counts::default();
        match set {
            None => {
                statuses.push((Available::False, "StatefulSetNotFound"));
                messages.push(format!("shard {shard}: statefulset {namespace}/{name} not found"));
            }
            Some(set) => {
                let (found, waiting) = pods_of(set, cluster.pods);
                counts = found;
                let (status, reason) = availability(counts.available, expected);
                statuses.push((status, reason));
                if status != Available::True {
                    messages.extend(waiting.iter().map(|text| format!("shard {shard}: {text}")));
                }
            }
        }
        total.replicas += counts.replicas;
        total.updated += counts.updated;
        total.available += counts.available;
        let mut state = numbers(counts);
        state.set("shardID", shard.to_string());
        states.push(state);
    }
    let status = statuses.iter().map(|(status, _)| *status).max().unwrap_or(Available::True);
    let reason = statuses.iter().find(|(_, reason)| !reason.is_empty()).map_or("", |one| one.1);
    let available = (status, reason, messages.join("\n"));
    let mut out = numbers(total);
    out.set("paused", spec.bool("paused"));
    out.set("shards", shards);
    out.set("selector", selector);
    out.set("shardStatuses", states);
    out.set("conditions", conditions(workload, available, reconciled, cluster.now));
    out
}

fn numbers(counts: Counts) -> Value {
    object! {
        "replicas": counts.replicas,
        "updatedReplicas": counts.updated,
        "availableReplicas": counts.available,
        "unavailableReplicas": counts.replicas - counts.available,
    }
}

/// The status of an Alertmanager or ThanosRuler. `selector` is empty for none.
pub fn single(
    workload: &Value,
    set: &str,
    selector: &str,
    cluster: &Cluster<'_>,
    reconciled: &Reconciled<'_>,
) -> Value {
    let namespace = workload["metadata"].str("namespace");
    let expected = workload["spec"]["replicas"].as_int().unwrap_or(1);
    let found = cluster.sets.iter().find(|one| {
        one["metadata"].str("name") == set && one["metadata"].str("namespace") == namespace
    });
    let (counts, available) = match found {
        None => (Counts::default(), (Available::False, "StatefulSetNotFound", String::new())),
        Some(set) => {
            let (counts, messages) = pods_of(set, cluster.pods);
            let (status, reason) = availability(counts.available, expected);
            (counts, (status, reason, messages.join("\n")))
        }
    };
    let mut out = numbers(counts);
    out.set("paused", workload["spec"].bool("paused"));
    if !selector.is_empty() {
        out.set("selector", selector);
    }
    out.set("conditions", conditions(workload, available, reconciled, cluster.now));
    out
}
