//! The pods and claims of a StatefulSet.
//!
//! Source: pkg/controller/statefulset stateful_set_utils.go, stateful_pod_control.go.

use kubernetes::object::Value;

use super::objects::{
    is_available, is_deleting, is_ready, owner_reference, pod_from_template, pod_key, set_count,
};
use super::statefulset::Set;
use crate::apiserver::Key;
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;

const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
const POD_INDEX: &str = "apps.kubernetes.io/pod-index";
const REVISION: &str = "controller-revision-hash";

/// The ordinal in the name of a pod of the set; None for other names.
pub fn ordinal(pod: &Value, parent: &str) -> Option<i64> {
    let (name, number) = pod["metadata"].str("name").rsplit_once('-')?;
    if name != parent || number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse().ok()
}

/// The name of the revision that a pod was made from.
pub fn revision(pod: &Value) -> &str {
    pod["metadata"]["labels"].str(REVISION)
}

pub fn is_healthy(pod: &Value) -> bool {
    pod["status"].str("phase") == "Running" && is_ready(pod) && !is_deleting(pod)
}

fn template_of(set: &Set, revision: &Value) -> Value {
    if revision["metadata"]["name"] == set.update["metadata"]["name"] {
        return set.object["spec"]["template"].clone();
    }
    let mut template = revision["data"]["spec"]["template"].clone();
    template.remove("$patch");
    template
}

/// A new pod of an ordinal; ordinals below the partition keep the current revision.
fn new_pod(set: &Set, ordinal: i64) -> Value {
    // Source: newVersionedStatefulSetPod.
    let strategy = &set.object["spec"]["updateStrategy"];
    let rolling = strategy.str("type") == "RollingUpdate";
    let currents = set.status.int("currentReplicas");
    let keeps = rolling
        && (!strategy.has("rollingUpdate") && ordinal < set.start() + currents
            || strategy.has("rollingUpdate") && ordinal < set.partition());
    let revision = if keeps { &set.current } else { &set.update };
    let parent = set.object["metadata"].str("name");
    let name = format!("{parent}-{ordinal}");
    let mut pod = pod_from_template(&template_of(set, revision), &set.object);
    let metadata = pod.entry("metadata");
    metadata.set("name", &*name);
    let labels = metadata.entry("labels");
    labels.set(POD_NAME, &*name);
    labels.set(POD_INDEX, ordinal.to_string());
    labels.set(REVISION, revision["metadata"]["name"].clone());
    let spec = pod.entry("spec");
    spec.set("hostname", &*name);
    let service = set.object["spec"].str("serviceName");
    if !service.is_empty() {
        spec.set("subdomain", service);
    }
    let mut volumes: Vec<Value> = Vec::new();
    for claim in set.object["spec"].list("volumeClaimTemplates") {
        let mut volume = Value::map();
        let template = claim["metadata"].str("name");
        volume.set("name", template);
        volume.entry("persistentVolumeClaim").set("claimName", format!("{template}-{name}"));
        volumes.push(volume);
    }
    if !volumes.is_empty() {
        let taken: Vec<String> =
            volumes.iter().map(|volume| volume.str("name").to_owned()).collect();
        let own = spec.list("volumes").iter();
        volumes
            .extend(own.filter(|one| !taken.iter().any(|name| name == one.str("name"))).cloned());
        spec.set("volumes", volumes);
    }
    pod
}

/// Brings one slot forward. Returns false if the ordinals after it have to wait.
pub fn replica(
    context: &mut ControllerContext<'_>,
    set: &mut Set,
    slots: &mut [Option<Value>],
    at: usize,
    ordinal: i64,
) -> Result<bool, Retry> {
    let monotonic = !set.is_parallel();
    let pod = slots.get(at).cloned().flatten();
    let Some(pod) = pod else {
        let created = create(context, set, ordinal)?;
        if let Some(slot) = slots.get_mut(at) {
            *slot = Some(created);
        }
        return Ok(!monotonic);
    };
    if matches!(pod["status"].str("phase"), "Failed" | "Succeeded") {
        if !is_deleting(&pod) {
            delete(context, set, &pod);
        }
        return Ok(!monotonic);
    }
    if is_deleting(&pod) && monotonic {
        return Ok(false);
    }
    if pod["status"].str("phase") == "Pending" {
        create_claims(context, set, ordinal)?;
    }
    let running = pod["status"].str("phase") == "Running" && is_ready(&pod);
    if !running && monotonic {
        return Ok(false);
    }
    if !is_available(&pod, set.min_ready(), context.seconds()) && monotonic {
        return Ok(false);
    }
    Ok(true)
}

/// Deletes a pod beyond the wanted size. Returns false if the others have to wait.
pub fn condemned(
    context: &mut ControllerContext<'_>,
    set: &mut Set,
    pod: &Value,
    unhealthy: &Option<String>,
) -> bool {
    let monotonic = !set.is_parallel();
    if is_deleting(pod) {
        return !monotonic;
    }
    let name = pod["metadata"].str("name");
    let running = pod["status"].str("phase") == "Running" && is_ready(pod);
    let first = unhealthy.as_deref() == Some(name);
    if !running && monotonic && !first {
        return false;
    }
    if monotonic && !is_available(pod, set.min_ready(), context.seconds()) && !first {
        return false;
    }
    delete(context, set, pod);
    if revision(pod) == set.current_name() {
        let count = set.status.int("currentReplicas") - 1;
        set_count(&mut set.status, "currentReplicas", count.max(0));
    }
    if revision(pod) == set.update_name() {
        let count = set.status.int("updatedReplicas") - 1;
        set_count(&mut set.status, "updatedReplicas", count.max(0));
    }
    !monotonic
}

fn create(
    context: &mut ControllerContext<'_>,
    set: &mut Set,
    ordinal: i64,
) -> Result<Value, Retry> {
    let parent = set.object["metadata"].str("name").to_owned();
    let name = format!("{parent}-{ordinal}");
    create_claims(context, set, ordinal)?;
    let pod = new_pod(set, ordinal);
    let of_current = pod["metadata"]["labels"].str(REVISION) == set.current_name();
    let of_update = pod["metadata"]["labels"].str(REVISION) == set.update_name();
    let Some(row) = context.server.kind("v1", "Pod") else { return Err(Retry) };
    let namespace = set.key.namespace.clone();
    match context.server.create(row, &namespace, &pod) {
        Ok(accepted) => {
            let message = format!("Create Pod {name} in StatefulSet {parent} successful");
            context.event(&set.object.clone(), Type::Normal, "SuccessfulCreate", &message);
            set.status.set("replicas", set.status.int("replicas") + 1);
            for (counts, key) in [(of_current, "currentReplicas"), (of_update, "updatedReplicas")] {
                if counts {
                    let count = set.status.int(key) + 1;
                    set.status.set(key, count);
                }
            }
            Ok(accepted.object)
        }
        Err(refused) => {
            let message = format!(
                "Create Pod {name} in StatefulSet {parent} failed error: {}",
                refused.message
            );
            context.event(&set.object.clone(), Type::Warning, "FailedCreate", &message);
            Err(Retry)
        }
    }
}

pub fn delete(context: &mut ControllerContext<'_>, set: &Set, pod: &Value) {
    let (namespace, name) = (pod["metadata"].str("namespace"), pod["metadata"].str("name"));
    let Some(row) = context.server.kind("v1", "Pod") else { return };
    if context.server.delete(row, namespace, name, Default::default()).is_ok() {
        let parent = set.object["metadata"].str("name");
        let message = format!("Delete Pod {name} in StatefulSet {parent} successful");
        context.event(&set.object, Type::Normal, "SuccessfulDelete", &message);
    }
}

fn claim_key(set: &Set, template: &str, ordinal: i64) -> Key {
    let name = format!("{template}-{}-{ordinal}", set.object["metadata"].str("name"));
    Key {
        kind: "PersistentVolumeClaim",
        group: "",
        namespace: set.key.namespace.clone(),
        name: name.into(),
    }
}

/// Creates the claims of a pod that are not there.
fn create_claims(
    context: &mut ControllerContext<'_>,
    set: &Set,
    ordinal: i64,
) -> Result<(), Retry> {
    let parent = set.object["metadata"].str("name");
    for template in set.object["spec"].list("volumeClaimTemplates") {
        let key = claim_key(set, template["metadata"].str("name"), ordinal);
        if context.server.storage.contains(&key) {
            continue;
        }
        let mut claim = template.clone();
        claim.set("apiVersion", "v1");
        claim.set("kind", "PersistentVolumeClaim");
        claim.remove("status");
        let metadata = claim.entry("metadata");
        metadata.set("name", &*key.name);
        metadata.set("namespace", &*key.namespace);
        let selected = set.object["spec"]["selector"]["matchLabels"].clone();
        for (label, value) in selected.as_map().into_iter().flat_map(|map| map.iter()) {
            metadata.entry("labels").set(label, value.clone());
        }
        let Some(row) = context.server.row_of(&key) else { continue };
        let pod = format!("{parent}-{ordinal}");
        let name = &key.name;
        match context.server.create(row, &key.namespace, &claim) {
            Ok(_) => {
                let message =
                    format!("Create Claim {name} Pod {pod} in StatefulSet {parent} success");
                context.event(&set.object, Type::Normal, "SuccessfulCreate", &message);
            }
            Err(refused) => {
                let message = format!(
                    "Create Claim {name} for Pod {pod} in StatefulSet {parent} failed error: {}",
                    refused.message
                );
                context.event(&set.object, Type::Warning, "FailedCreate", &message);
                return Err(Retry);
            }
        }
    }
    Ok(())
}

/// Makes the set or the pod the owner of claims that are to go with it.
/// Source: persistentVolumeClaimRetentionPolicy, updateClaimOwnerRefForSetAndPod.
pub fn retain_claims(context: &mut ControllerContext<'_>, set: &Set, claimed: &[Value]) {
    let policy = &set.object["spec"]["persistentVolumeClaimRetentionPolicy"];
    let with_set = policy.str("whenDeleted") == "Delete";
    let with_pod = policy.str("whenScaled") == "Delete";
    if !with_set && !with_pod {
        return;
    }
    let parent = set.object["metadata"].str("name");
    for pod in claimed {
        let number = ordinal(pod, parent).unwrap_or_default();
        let scaled_down = number >= set.start() + set.replicas() || number < set.start();
        for template in set.object["spec"].list("volumeClaimTemplates") {
            let key = claim_key(set, template["metadata"].str("name"), number);
            let Some(mut claim) = context.server.storage.get(&key).cloned() else { continue };
            let live =
                context.server.storage.get(&pod_key(&key.namespace, pod["metadata"].str("name")));
            let pod = live.unwrap_or(pod).clone();
            set_owner(&mut claim, &set.object, with_set && !(with_pod && scaled_down));
            set_owner(&mut claim, &pod, with_pod && scaled_down);
            context.server.write(&key, claim);
        }
    }
}

fn set_owner(claim: &mut Value, owner: &Value, wanted: bool) {
    let uid = owner["metadata"].str("uid");
    let metadata = claim.entry("metadata");
    let has = metadata.list("ownerReferences").iter().any(|one| one.str("uid") == uid);
    if has == wanted {
        return;
    }
    let references = metadata.entry("ownerReferences").list_mut();
    if wanted {
        references.push(owner_reference(owner));
    } else {
        references.retain(|one| one.str("uid") != uid);
    }
    if references.is_empty() {
        metadata.remove("ownerReferences");
    }
}
