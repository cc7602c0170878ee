//! StatefulSets: pods with ordinals, one after the other.
//!
//! Source: pkg/controller/statefulset stateful_set_control.go, stateful_pod_control.go.

use kubernetes::object::Value;
use kubernetes::validation::meta;

use super::Controller;
use super::objects::{is_active, is_available, is_deleting, is_ready, set_count};
use super::pod_control::{claim_pods, owner_keys};
use super::statefulset_pods as pods;
use super::{deployment::REVISION, history};
use crate::apiserver::Key;
use crate::engine::{ControllerContext, Retry};

pub const STATEFUL_SET: Controller = Controller {
    component: "statefulset-controller",
    keys: |server, event| match event.key.kind {
        "StatefulSet" => vec![event.key.clone()],
        "Pod" => owner_keys(server, event, "apps", "StatefulSet"),
        _ => Vec::new(),
    },
    sync,
    delay: (13, 15),
};

const HASH_LABEL: &str = "controller.kubernetes.io/hash";

/// The input of one sync.
pub struct Set {
    pub key: Key,
    pub object: Value,
    pub current: Value,
    pub update: Value,
    pub status: Value,
}

impl Set {
    pub fn start(&self) -> i64 {
        self.object["spec"]["ordinals"].int("start")
    }

    pub fn replicas(&self) -> i64 {
        self.object["spec"].int("replicas")
    }

    pub fn is_parallel(&self) -> bool {
        self.object["spec"].str("podManagementPolicy") == "Parallel"
    }

    pub fn min_ready(&self) -> i64 {
        self.object["spec"].int("minReadySeconds")
    }

    pub fn partition(&self) -> i64 {
        self.object["spec"]["updateStrategy"]["rollingUpdate"].int("partition")
    }

    pub fn is_on_delete(&self) -> bool {
        self.object["spec"]["updateStrategy"].str("type") == "OnDelete"
    }

    pub fn current_name(&self) -> &str {
        self.current["metadata"].str("name")
    }

    pub fn update_name(&self) -> &str {
        self.update["metadata"].str("name")
    }
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(object) = context.server.storage.get(key).cloned() else { return Ok(()) };
    let parent = object["metadata"].str("name").to_owned();
    let selector = object["spec"]["selector"].clone();
    let claimed: Vec<Value> =
        claim_pods(context, &object, |labels| meta::selects(&selector, labels))
            .into_iter()
            .filter(|pod| pods::ordinal(pod, &parent).is_some())
            .collect();
    let revisions = history::list(context, &object);
    let (current, update) = revisions_of(context, &object, &revisions);
    let mut status = Value::map();
    status.set("observedGeneration", object["metadata"].int("generation"));
    status.set("currentRevision", current["metadata"]["name"].clone());
    status.set("updateRevision", update["metadata"]["name"].clone());
    status.set("collisionCount", object["status"].int("collisionCount"));
    let mut set = Set { key: key.clone(), object, current, update, status };
    let result = if is_deleting(&set.object) {
        count(context, &mut set, &claimed);
        Ok(())
    } else {
        pods::retain_claims(context, &set, &claimed);
        update_set(context, &mut set, &claimed)
    };
    finish(context, &mut set);
    let live = live_revisions(&set, &claimed);
    let limit = set.object["spec"]["revisionHistoryLimit"].as_int().unwrap_or(10);
    let revisions = history::list(context, &set.object);
    history::truncate(context, &revisions, &live, limit);
    wait_for_available(context, &set, &claimed);
    result
}

fn wait_for_available(context: &mut ControllerContext<'_>, set: &Set, claimed: &[Value]) {
    let after = super::objects::next_available(claimed.iter(), set.min_ready(), context.now);
    if let Some(after) = after {
        context.wake(&set.key, after);
    }
}

fn live_revisions(set: &Set, claimed: &[Value]) -> Vec<String> {
    let mut live = vec![set.current_name().to_owned(), set.update_name().to_owned()];
    live.extend(claimed.iter().map(|pod| pods::revision(pod).to_owned()));
    live
}

/// The revisions of the pods as they were and as they are to be. Source: getStatefulSetRevisions.
fn revisions_of(
    context: &mut ControllerContext<'_>,
    object: &Value,
    revisions: &[Value],
) -> (Value, Value) {
    let next = revisions.last().map_or(1, |last| last.int("revision") + 1);
    let data = history::data_of(object);
    let equal = revisions.iter().rev().find(|one| one["data"] == data);
    let update = match equal {
        Some(equal) if revisions.last() == Some(equal) => equal.clone(),
        Some(equal) => history::renumber(context, equal, next),
        None => {
            let annotations = copied_annotations(object);
            history::create(context, object, next, HASH_LABEL, annotations)
        }
    };
    let wanted = object["status"].str("currentRevision");
    let current = revisions
        .iter()
        .find(|one| !wanted.is_empty() && one["metadata"].str("name") == wanted)
        .cloned()
        .unwrap_or_else(|| update.clone());
    (current, update)
}

/// Annotations that a revision takes from its owner.
fn copied_annotations(object: &Value) -> Value {
    let mut annotations = object["metadata"]["annotations"].clone();
    if annotations.as_map().is_some() {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        annotations.remove(REVISION);
    }
    annotations
}

/// Counts pods into the status. Source: computeReplicaStatus.
fn count(context: &ControllerContext<'_>, set: &mut Set, claimed: &[Value]) {
    let now = context.seconds();
    let min_ready = set.min_ready();
    let (current, update) = (set.current_name().to_owned(), set.update_name().to_owned());
    let number =
        |counts: &dyn Fn(&Value) -> bool| claimed.iter().filter(|pod| counts(pod)).count() as i64;
    let running = |pod: &Value| pod["status"].str("phase") == "Running" && is_ready(pod);
    let of = |pod: &Value, name: &str| is_active_or_new(pod) && pods::revision(pod) == name;
    let ready = number(&running);
    let available = number(&|pod| running(pod) && is_available(pod, min_ready, now));
    let (currents, updates) = (number(&|pod| of(pod, &current)), number(&|pod| of(pod, &update)));
    let status = &mut set.status;
    status.set("replicas", number(&|pod| !pod["status"].str("phase").is_empty()));
    set_count(status, "readyReplicas", ready);
    status.set("availableReplicas", available);
    set_count(status, "currentReplicas", currents);
    set_count(status, "updatedReplicas", updates);
}

/// A pod that exists and is not being deleted; its phase does not matter.
fn is_active_or_new(pod: &Value) -> bool {
    !is_deleting(pod)
}

/// Writes the status. Source: completeRollingUpdate, updateStatefulSetStatus.
fn finish(context: &mut ControllerContext<'_>, set: &mut Set) {
    let wanted = set.replicas();
    let rolling = !set.is_on_delete();
    let status = &mut set.status;
    let done = rolling
        && ["updatedReplicas", "readyReplicas", "replicas"]
            .iter()
            .all(|key| status.int(key) == wanted);
    if done {
        set_count(status, "currentReplicas", status.int("updatedReplicas"));
        status.set("currentRevision", status["updateRevision"].clone());
    }
    if let Some(mut object) = context.server.storage.get(&set.key).cloned() {
        object.set("status", set.status.clone());
        context.server.write(&set.key, object);
    }
}

/// One step towards the wanted pods. Source: updateStatefulSet.
fn update_set(
    context: &mut ControllerContext<'_>,
    set: &mut Set,
    claimed: &[Value],
) -> Result<(), Retry> {
    let (first, end) = (set.start(), set.start() + set.replicas());
    let parent = set.object["metadata"].str("name").to_owned();
    count(context, set, claimed);
    let mut slots: Vec<Option<Value>> = vec![None; set.replicas().max(0) as usize];
    let mut condemned: Vec<Value> = Vec::new();
    for pod in claimed {
        let ordinal = pods::ordinal(pod, &parent).unwrap_or_default();
        if (first..end).contains(&ordinal) {
            if let Some(slot) = slots.get_mut((ordinal - first) as usize) {
                *slot = Some(pod.clone());
            }
        } else {
            condemned.push(pod.clone());
        }
    }
    condemned.sort_by_key(|pod| -pods::ordinal(pod, &parent).unwrap_or_default());
    let unhealthy = first_unhealthy(&slots, &condemned, &parent);
    for at in 0..slots.len() {
        let ordinal = first + at as i64;
        let goes_on = pods::replica(context, set, &mut slots, at, ordinal)?;
        if !goes_on {
            return Ok(());
        }
    }
    for pod in &condemned {
        if !pods::condemned(context, set, pod, &unhealthy) {
            return Ok(());
        }
    }
    if !set.is_on_delete() {
        roll(context, set, &slots);
    }
    Ok(())
}

/// The name of the first pod that is not healthy, in the order of ordinals.
fn first_unhealthy(slots: &[Option<Value>], condemned: &[Value], parent: &str) -> Option<String> {
    let mut all: Vec<&Value> = slots.iter().flatten().chain(condemned).collect();
    all.sort_by_key(|pod| pods::ordinal(pod, parent).unwrap_or_default());
    all.into_iter()
        .find(|pod| !pods::is_healthy(pod))
        .map(|pod| pod["metadata"].str("name").to_owned())
}

/// Deletes the last pod of an old revision, unless one above it is not healthy.
fn roll(context: &mut ControllerContext<'_>, set: &mut Set, slots: &[Option<Value>]) {
    let lowest = (set.partition() - set.start()).max(0) as usize;
    for pod in slots.iter().skip(lowest).rev().flatten() {
        if pods::revision(pod) != set.update_name() && !is_deleting(pod) {
            pods::delete(context, set, pod);
            if is_active(pod) && pods::revision(pod) == set.current_name() {
                let count = set.status.int("currentReplicas") - 1;
                set_count(&mut set.status, "currentReplicas", count.max(0));
            }
            return;
        }
        let ready = is_available(pod, set.min_ready(), context.seconds());
        if !pods::is_healthy(pod) || !ready {
            return;
        }
    }
}
