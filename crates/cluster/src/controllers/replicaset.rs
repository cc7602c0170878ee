//! ReplicaSets and ReplicationControllers: so many pods of one template.
//!
//! Source: pkg/controller/replicaset replica_set.go, replica_set_utils.go.

use kubernetes::object::Value;
use kubernetes::validation::meta;

use super::Controller;
use super::objects::{
    condition, is_active, is_available, is_controlled_by, is_deleting, is_ready, is_terminating,
    next_available, pod_from_template, remove_condition, set_condition, set_count,
};
use super::pod_control::{
    claim_pods, create_in_batches, delete_pod, deletion_order, owner_keys, selects_map,
};
use crate::apiserver::{Key, Status};
use crate::engine::{ControllerContext, Retry};

pub const REPLICA_SET: Controller = Controller {
    component: "replicaset-controller",
    keys: |server, event| match event.key.kind {
        "ReplicaSet" => vec![event.key.clone()],
        "Pod" => owner_keys(server, event, "apps", "ReplicaSet"),
        _ => Vec::new(),
    },
    sync,
    delay: (13, 15),
};

pub const REPLICATION_CONTROLLER: Controller = Controller {
    component: "replication-controller",
    keys: |server, event| match event.key.kind {
        "ReplicationController" => vec![event.key.clone()],
        "Pod" => owner_keys(server, event, "", "ReplicationController"),
        _ => Vec::new(),
    },
    sync,
    delay: (13, 15),
};

fn selects(set: &Value, labels: &Value) -> bool {
    let selector = &set["spec"]["selector"];
    if set.str("kind") == "ReplicationController" {
        return selects_map(selector, labels);
    }
    meta::selects(selector, labels)
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(set) = context.server.storage.get(key).cloned() else { return Ok(()) };
    let pods = claim_pods(context, &set, |labels| selects(&set, labels));
    let active: Vec<Value> = pods.iter().filter(|pod| is_active(pod)).cloned().collect();
    let terminating = pods.iter().filter(|pod| is_terminating(pod)).count() as i64;
    let surplus = active.len() as i64 - set["spec"].int("replicas");
    let managed = if is_deleting(&set) { Ok(()) } else { manage(context, &set, &active, surplus) };
    let status = calculate(context, &set, &active, terminating, surplus, &managed);
    if let Some(current) = context.server.storage.get(key).cloned()
        && current["status"] != status
    {
        let mut changed = current;
        changed.set("status", status);
        context.server.write(key, changed);
    }
    let min_ready = set["spec"].int("minReadySeconds");
    if let Some(after) = next_available(active.iter(), min_ready, context.now) {
        context.wake(key, after);
    }
    managed.map_err(|_| Retry)
}

/// Creates pods that lack, or deletes those that are too many.
fn manage(
    context: &mut ControllerContext<'_>,
    set: &Value,
    active: &[Value],
    surplus: i64,
) -> Result<(), Status> {
    const BURST: i64 = 500;
    if surplus < 0 {
        let template = &set["spec"]["template"];
        let created = create_in_batches(context, set, (-surplus).min(BURST), |_| {
            pod_from_template(template, set)
        });
        return match created {
            Err(refused) if refused.message.contains("because it is being terminated") => Ok(()),
            other => other,
        };
    }
    if surplus > 0 {
        let ranks = related_by_node(context, set);
        let mut pods = active.to_vec();
        let rank = |pod: &Value| {
            let node = pod["spec"].str("nodeName");
            ranks.iter().filter(|one| *one == node).count()
        };
        deletion_order(&mut pods, rank, context.seconds());
        for pod in pods.iter().take(surplus.min(BURST) as usize) {
            delete_pod(context, set, pod);
        }
    }
    Ok(())
}

/// Nodes of the active pods of all sets of the same owner, once for each pod.
fn related_by_node(context: &ControllerContext<'_>, set: &Value) -> Vec<String> {
    let namespace = set["metadata"].str("namespace");
    let storage = &context.server.storage;
    let owner = super::objects::controller_of(set).map(|owner| owner.str("uid").to_owned());
    let sets: Vec<&Value> = match owner {
        None => vec![set],
        Some(uid) => storage
            .list("apps", "ReplicaSet", namespace)
            .map(|(_, one)| one)
            .filter(|one| {
                super::objects::controller_of(one).is_some_and(|owner| owner.str("uid") == uid)
            })
            .collect(),
    };
    storage
        .list("", "Pod", namespace)
        .filter(|(_, pod)| is_active(pod) && sets.iter().any(|set| is_controlled_by(pod, set)))
        .map(|(_, pod)| pod["spec"].str("nodeName").to_owned())
        .collect()
}

fn calculate(
    context: &ControllerContext<'_>,
    set: &Value,
    active: &[Value],
    terminating: i64,
    surplus: i64,
    managed: &Result<(), Status>,
) -> Value {
    let min_ready = set["spec"].int("minReadySeconds");
    let now = context.seconds();
    let labels = &set["spec"]["template"]["metadata"]["labels"];
    let count =
        |counts: &dyn Fn(&Value) -> bool| active.iter().filter(|pod| counts(pod)).count() as i64;
    let labeled = count(&|pod| {
        let own = &pod["metadata"]["labels"];
        labels.as_map().is_none_or(|map| map.iter().all(|(key, value)| own.get(key) == Some(value)))
    });
    let mut status = Value::map();
    status.set("replicas", active.len() as i64);
    set_count(&mut status, "fullyLabeledReplicas", labeled);
    set_count(&mut status, "readyReplicas", count(&is_ready));
    let available = count(&|pod| is_available(pod, min_ready, now));
    set_count(&mut status, "availableReplicas", available);
    if set.str("kind") == "ReplicaSet" {
        status.set("terminatingReplicas", terminating);
    }
    status.set("observedGeneration", set["metadata"].int("generation"));
    if set["status"].has("conditions") {
        status.set("conditions", set["status"]["conditions"].clone());
    }
    let failure = condition(set, "ReplicaFailure").is_some();
    match managed {
        Err(refused) if !failure => {
            let mut condition = Value::map();
            condition.set("type", "ReplicaFailure");
            condition.set("status", "True");
            condition.set("lastTransitionTime", context.timestamp());
            condition.set("reason", if surplus < 0 { "FailedCreate" } else { "FailedDelete" });
            condition.set("message", &*refused.message);
            set_condition(status.entry("conditions"), condition);
        }
        Ok(()) if failure => remove_condition(&mut status, "ReplicaFailure"),
        _ => {}
    }
    status
}
