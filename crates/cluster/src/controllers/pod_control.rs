//! Creating and deleting pods of an owner, with the events that are written about it.
//!
//! Source: pkg/controller/controller_utils.go RealPodControl.

use kubernetes::object::Value;
use kubernetes::validation::meta;

use super::deployment::{adopt, release};
use super::objects::{controller_of, is_controlled_by, is_deleting, is_ready, pod_key, seconds_of};
use crate::apiserver::{Key, Status};
use crate::engine::ControllerContext;
use crate::recorder::Type;

/// Creates a pod; an event about the owner says whether it worked.
pub fn create_pod(
    context: &mut ControllerContext<'_>,
    owner: &Value,
    pod: &Value,
) -> Result<Value, Status> {
    let namespace = owner["metadata"].str("namespace").to_owned();
    let Some(row) = context.server.kind("v1", "Pod") else {
        return Ok(Value::Null);
    };
    match context.server.create(row, &namespace, pod) {
        Ok(accepted) => {
            let message = format!("Created pod: {}", accepted.object["metadata"].str("name"));
            context.event(owner, Type::Normal, "SuccessfulCreate", &message);
            Ok(accepted.object)
        }
        Err(refused) => {
            if !refused.message.contains("because it is being terminated") {
                let message = format!("Error creating: {}", refused.message);
                context.event(owner, Type::Warning, "FailedCreate", &message);
            }
            Err(refused)
        }
    }
}

/// Deletes a pod of an owner.
pub fn delete_pod(context: &mut ControllerContext<'_>, owner: &Value, pod: &Value) {
    let (namespace, name) = (pod["metadata"].str("namespace"), pod["metadata"].str("name"));
    let Some(row) = context.server.kind("v1", "Pod") else { return };
    if is_deleting(pod) {
        return;
    }
    if context.server.delete(row, namespace, name, Default::default()).is_ok() {
        let message = format!("Deleted pod: {name}");
        context.event(owner, Type::Normal, "SuccessfulDelete", &message);
    }
}

/// Creates pods in growing batches: 1, 2, 4 …; the first failure ends it.
/// Source: slowStartBatch.
pub fn create_in_batches(
    context: &mut ControllerContext<'_>,
    owner: &Value,
    count: i64,
    mut pod: impl FnMut(i64) -> Value,
) -> Result<(), Status> {
    let (mut done, mut size) = (0, 1);
    while done < count {
        let batch = size.min(count - done);
        let mut failure = None;
        for number in done..done + batch {
            if let Err(refused) = create_pod(context, owner, &pod(number)) {
                failure.get_or_insert(refused);
            }
        }
        if let Some(refused) = failure {
            return Err(refused);
        }
        done += batch;
        size *= 2;
    }
    Ok(())
}

/// Pods that the owner controls. Orphans that it selects are taken over, pods that it no longer
/// selects are let go.
pub fn claim_pods(
    context: &mut ControllerContext<'_>,
    owner: &Value,
    selects: impl Fn(&Value) -> bool,
) -> Vec<Value> {
    let namespace = owner["metadata"].str("namespace");
    let all: Vec<(Key, Value)> = context
        .server
        .storage
        .list("", "Pod", namespace)
        .map(|(key, pod)| (key.clone(), pod.clone()))
        .collect();
    let mut pods = Vec::new();
    for (key, mut pod) in all {
        let selected = selects(&pod["metadata"]["labels"]);
        if is_controlled_by(&pod, owner) {
            if !selected && !is_deleting(owner) {
                release(context, &key, pod, owner);
                continue;
            }
        } else {
            let orphan = controller_of(&pod).is_none() && selected;
            if !orphan
                || is_deleting(owner)
                || is_deleting(&pod)
                || super::objects::is_terminal(&pod)
            {
                continue;
            }
            adopt(context, &key, &mut pod, owner);
        }
        pods.push(pod);
    }
    pods
}

/// The order in which surplus pods are deleted. Source: ActivePodsWithRanks.
pub fn deletion_order(pods: &mut [Value], rank: impl Fn(&Value) -> usize, now: i64) {
    pods.sort_by_cached_key(|pod| {
        let phase = match pod["status"].str("phase") {
            "Pending" => 0,
            "Unknown" => 1,
            _ => 2,
        };
        let cost: i64 = pod["metadata"]["annotations"]
            .str("controller.kubernetes.io/pod-deletion-cost")
            .parse()
            .unwrap_or_default();
        let restarts: i64 = pod["status"]
            .list("containerStatuses")
            .iter()
            .map(|status| status.int("restartCount"))
            .max()
            .unwrap_or_default();
        // Times are compared in steps of powers of two.
        let age = |since: Option<i64>| {
            let seconds = since.map_or(0, |since| (now - since).max(0));
            64 - (seconds as u64).leading_zeros()
        };
        (
            !pod["spec"].str("nodeName").is_empty(),
            phase,
            is_ready(pod),
            cost,
            usize::MAX - rank(pod),
            age(super::objects::ready_since(pod)),
            -restarts,
            age(seconds_of(&pod["metadata"]["creationTimestamp"])),
            pod["metadata"].str("uid").to_owned(),
        )
    });
}

/// Keys of owners of a kind whose selector may select a pod without an owner.
pub fn selecting<'a>(owners: impl Iterator<Item = (&'a Key, &'a Value)>, pod: &Value) -> Vec<Key> {
    let labels = &pod["metadata"]["labels"];
    owners
        .filter(|(_, owner)| {
            let selector = &owner["spec"]["selector"];
            if owner.str("kind") == "ReplicationController" {
                return selects_map(selector, labels);
            }
            meta::selects(selector, labels)
        })
        .map(|(key, _)| key.clone())
        .collect()
}

/// True if the labels have all entries of a plain selector that has some.
pub fn selects_map(selector: &Value, labels: &Value) -> bool {
    let Some(map) = selector.as_map().filter(|map| !map.is_empty()) else { return false };
    map.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// Keys of the owner of a changed pod, before and after; for a pod without one, of all that select
/// it.
pub fn owner_keys(
    server: &crate::apiserver::ApiServer,
    event: &crate::apiserver::Event,
    group: &'static str,
    kind: &'static str,
) -> Vec<Key> {
    let mut keys: Vec<Key> = super::objects::owner_key(&event.object, group, kind)
        .into_iter()
        .chain(super::objects::owner_key(&event.previous, group, kind))
        .collect();
    keys.dedup();
    if controller_of(&event.object).is_none() {
        let owners = server.storage.list(group, kind, &event.key.namespace);
        keys.extend(selecting(owners, &event.object));
    }
    keys
}

/// The key of a pod.
pub fn key(pod: &Value) -> Key {
    pod_key(pod["metadata"].str("namespace"), pod["metadata"].str("name"))
}
