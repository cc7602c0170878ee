//! Claims bound to volumes.
//!
//! Source: pkg/controller/volume/persistentvolume pv_controller.go, index.go findMatchingVolume.

use kubernetes::object::Value;
use kubernetes::validation::{meta, resources::quantity};

use super::objects::is_deleting;
use super::provisioner::is_own;
use super::{Controller, Reconciler};
use crate::apiserver::{ApiServer, Key};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;
use crate::scheduler::volumes as claims;

const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";

/// Both names of the annotation that says who makes the volume.
const PROVISIONER: &[&str] =
    &["volume.beta.kubernetes.io/storage-provisioner", claims::PROVISIONER];

pub const BINDER: Reconciler = Reconciler {
    name: "persistentvolume-binder-controller",
    keys: |server, event| match event.key.kind {
        "PersistentVolumeClaim" => {
            let mut keys = vec![event.key.clone()];
            let volume = event.object["spec"].str("volumeName");
            if !volume.is_empty() {
                keys.push(volume_key(volume));
            }
            keys
        }
        "PersistentVolume" => {
            let mut keys = vec![event.key.clone()];
            keys.extend(
                server.storage.list("", "PersistentVolumeClaim", "").map(|(key, _)| key.clone()),
            );
            keys
        }
        _ => Vec::new(),
    },
    reconcile: |server, key| match key.kind {
        "PersistentVolume" => volume(server, key),
        _ => claim(server, key),
    },
};

fn volume_key(name: &str) -> Key {
    Key { kind: "PersistentVolume", group: "", namespace: "".into(), name: name.into() }
}

/// The phase of a volume: Available, Bound, Released.
fn volume(server: &mut ApiServer, key: &Key) {
    let Some(mut object) = server.storage.get(key).cloned() else { return };
    let reference = &object["spec"]["claimRef"];
    let phase = if !reference.has("uid") {
        "Available"
    } else {
        let claim = Key {
            kind: "PersistentVolumeClaim",
            group: "",
            namespace: reference.str("namespace").into(),
            name: reference.str("name").into(),
        };
        let found = server.storage.get(&claim);
        match found.filter(|claim| claim["metadata"]["uid"] == reference["uid"]) {
            Some(_) => "Bound",
            None => "Released",
        }
    };
    let known = object["status"].str("phase");
    if known == phase || known == "Failed" && phase == "Released" {
        return;
    }
    let timestamp = server.timestamp();
    let status = object.entry("status");
    status.set("phase", phase);
    status.set("lastPhaseTransitionTime", timestamp);
    server.write(key, object);
}

fn claim(server: &mut ApiServer, key: &Key) {
    let Some(mut object) = server.storage.get(key).cloned() else { return };
    if object["status"].str("phase") == "Bound" || object["metadata"].has("deletionTimestamp") {
        return;
    }
    let wanted = object["spec"].str("volumeName").to_owned();
    let found = if wanted.is_empty() {
        best_volume(server, key, &object)
    } else {
        Some(volume_key(&wanted))
    };
    let Some(volume_key) = found else { return provisioner(server, key, object) };
    let Some(mut volume) = server.storage.get(&volume_key).cloned() else { return };
    if !is_free(&volume, key, &object) {
        return;
    }
    let by_controller = !volume["spec"].has("claimRef");
    bind_volume(server, &mut volume, key, &object, by_controller);
    bind_claim(&mut object, &volume, wanted.is_empty());
    server.write(&volume_key, volume);
    server.write(key, object);
}

/// Names the program that is to make a volume for the claim, if its class has one.
fn provisioner(server: &mut ApiServer, key: &Key, mut claim: Value) {
    let wanted = claim["spec"].str("storageClassName");
    let found = {
        let mut classes = server.storage.list("storage.k8s.io", "StorageClass", "");
        classes.find(|(key, _)| &*key.name == wanted).map(|(_, class)| class.clone())
    };
    let Some(class) = found.filter(|_| !waits_for_consumer(server, wanted)) else { return };
    let name = class.str("provisioner");
    if name == "kubernetes.io/no-provisioner" {
        return;
    }
    let annotations = claim.entry("metadata").entry("annotations");
    for annotation in PROVISIONER {
        annotations.set(annotation, name);
    }
    server.write(key, claim);
}

/// The reference of a volume to its claim.
pub(super) fn claim_reference(key: &Key, claim: &Value) -> Value {
    let mut reference = Value::map();
    reference.set("apiVersion", "v1");
    reference.set("kind", "PersistentVolumeClaim");
    reference.set("name", &*key.name);
    reference.set("namespace", &*key.namespace);
    for field in ["resourceVersion", "uid"] {
        reference.set(field, claim["metadata"][field].clone());
    }
    reference
}

fn bind_volume(
    server: &ApiServer,
    volume: &mut Value,
    key: &Key,
    claim: &Value,
    by_controller: bool,
) {
    volume.entry("spec").set("claimRef", claim_reference(key, claim));
    if by_controller {
        let annotations = volume.entry("metadata").entry("annotations");
        annotations.set(BOUND_BY_CONTROLLER, "yes");
    }
    let timestamp = server.timestamp();
    let status = volume.entry("status");
    status.set("phase", "Bound");
    status.set("lastPhaseTransitionTime", timestamp);
}

fn bind_claim(claim: &mut Value, volume: &Value, by_controller: bool) {
    let annotations = claim.entry("metadata").entry("annotations");
    annotations.set(BIND_COMPLETED, "yes");
    if by_controller {
        annotations.set(BOUND_BY_CONTROLLER, "yes");
    }
    let name = volume["metadata"]["name"].clone();
    claim.entry("spec").set("volumeName", name);
    let status = claim.entry("status");
    status.set("phase", "Bound");
    status.set("accessModes", volume["spec"]["accessModes"].clone());
    status.set("capacity", volume["spec"]["capacity"].clone());
}

/// True if the volume has no claim, or this one.
fn is_free(volume: &Value, key: &Key, claim: &Value) -> bool {
    let reference = &volume["spec"]["claimRef"];
    if reference.is_null() {
        return true;
    }
    let uid = reference.str("uid");
    reference.str("name") == &*key.name
        && reference.str("namespace") == &*key.namespace
        && (uid.is_empty() || uid == claim["metadata"].str("uid"))
}

/// The volume for a claim that need not wait for a pod.
fn best_volume(server: &ApiServer, key: &Key, claim: &Value) -> Option<Key> {
    if waits_for_consumer(server, claim["spec"].str("storageClassName")) {
        return None;
    }
    smallest_volume(server, key, claim, None)
}

/// The smallest volume that fits and that the node, if one is given, reaches. One that names the
/// claim comes first.
fn smallest_volume(
    server: &ApiServer,
    key: &Key,
    claim: &Value,
    node: Option<&Value>,
) -> Option<Key> {
    let class = claim["spec"].str("storageClassName");
    let fits = |volume: &Value| {
        let (spec, asked) = (&volume["spec"], &claim["spec"]);
        let modes = spec.list("accessModes");
        let selector = &asked["selector"];
        spec.str("storageClassName") == class
            && spec.str("volumeMode") == asked.str("volumeMode")
            && asked.list("accessModes").iter().all(|mode| modes.contains(mode))
            && quantity(&spec["capacity"]["storage"])
                >= quantity(&asked["resources"]["requests"]["storage"])
            && (selector.is_null() || meta::selects(selector, &volume["metadata"]["labels"]))
            && !volume["metadata"].has("deletionTimestamp")
    };
    let mut volumes: Vec<(&Key, &Value)> = server
        .storage
        .list("", "PersistentVolume", "")
        .filter(|(_, volume)| is_free(volume, key, claim) && fits(volume))
        .filter(|(_, volume)| node.is_none_or(|node| claims::reaches(volume, node)))
        .collect();
    volumes.sort_by_key(|(_, volume)| {
        (!volume["spec"].has("claimRef"), quantity(&volume["spec"]["capacity"]["storage"]))
    });
    volumes.first().map(|(key, _)| (*key).clone())
}

/// True if the class binds when a pod comes.
fn waits_for_consumer(server: &ApiServer, class: &str) -> bool {
    let mut classes = server.storage.list("storage.k8s.io", "StorageClass", "");
    classes.any(|(key, object)| {
        &*key.name == class && object.str("volumeBindingMode") == "WaitForFirstConsumer"
    })
}

/// True if a free volume of the claim's class can be used on a node.
pub fn has_volume_on(server: &ApiServer, claim: &Value, node: &Value) -> bool {
    let metadata = &claim["metadata"];
    let key = claims::claim_key(metadata.str("namespace"), metadata.str("name"));
    smallest_volume(server, &key, claim, Some(node)).is_some()
}

/// Binds the claims of a pod that waited for its node, or requests a volume there.
pub fn bind_for_pod(server: &mut ApiServer, pod: &Value, node: &Value) {
    let namespace = pod["metadata"].str("namespace");
    for name in claims::claims_of(pod) {
        let key = claims::claim_key(namespace, &name);
        let Some(mut claim) = server.storage.get(&key).cloned() else { continue };
        if !claim["spec"].str("volumeName").is_empty()
            || !claims::waits_for_consumer(server, &claim)
        {
            continue;
        }
        if let Some(volume_key) = smallest_volume(server, &key, &claim, Some(node))
            && let Some(mut volume) = server.storage.get(&volume_key).cloned()
        {
            bind_volume(server, &mut volume, &key, &claim, true);
            bind_claim(&mut claim, &volume, true);
            server.write(&volume_key, volume);
        } else if let Some(class) = claims::class_of(server, &claim).cloned() {
            let annotations = claim.entry("metadata").entry("annotations");
            annotations.set("volume.kubernetes.io/selected-node", node["metadata"].str("name"));
            for annotation in PROVISIONER {
                annotations.set(annotation, class.str("provisioner"));
            }
        }
        server.write(&key, claim);
    }
}

/// Events of the binder about claims that stay pending and volumes that it cannot delete.
pub const EVENTS: Controller = Controller {
    component: "persistentvolume-controller",
    keys: |server, event| match event.key.kind {
        "PersistentVolumeClaim" | "PersistentVolume" => vec![event.key.clone()],
        "StorageClass" => {
            let all = server.storage.list("", "PersistentVolumeClaim", "");
            all.map(|(key, _)| key.clone()).collect()
        }
        _ => Vec::new(),
    },
    sync: say,
    // Later than the binder itself, which may still find a volume.
    delay: (120, 160),
};

/// Time between two checks of an open claim, in milliseconds. Source: PVClaimBinderSyncPeriod.
const PERIOD: i64 = 15_000;

fn say(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(object) = context.server.storage.get(key).cloned() else { return Ok(()) };
    if key.kind == "PersistentVolume" {
        delete_released(context, key, object);
        return Ok(());
    }
    if object["status"].str("phase") != "Pending"
        || !object["spec"].str("volumeName").is_empty()
        || is_deleting(&object)
    {
        return Ok(());
    }
    context.wake_periodic(key, PERIOD);
    let class_name = object["spec"].str("storageClassName");
    let class = claims::class_of(context.server, &object).cloned();
    let selected = object["metadata"]["annotations"].has("volume.kubernetes.io/selected-node");
    let (ty, reason, message) = match class {
        None if class_name.is_empty() => (
            Type::Normal,
            "FailedBinding",
            "no persistent volumes available for this claim and no storage class is set".to_owned(),
        ),
        None => (
            Type::Warning,
            "ProvisioningFailed",
            format!("storageclass.storage.k8s.io \"{class_name}\" not found"),
        ),
        Some(_) if waits_for_consumer(context.server, class_name) && !selected => (
            Type::Normal,
            "WaitForFirstConsumer",
            "waiting for first consumer to be created before binding".to_owned(),
        ),
        Some(class) => external(class.str("provisioner")),
    };
    context.event(&object, ty, reason, &message);
    Ok(())
}

fn external(provisioner: &str) -> (Type, &'static str, String) {
    if provisioner == "kubernetes.io/no-provisioner" {
        let message = format!("no volume plugin matched name: {provisioner}");
        return (Type::Warning, "ProvisioningFailed", message);
    }
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
    );
    (Type::Normal, "ExternalProvisioning", message)
}

/// A released volume of the policy Delete. Only a hostPath under /tmp can be deleted.
fn delete_released(context: &mut ControllerContext<'_>, key: &Key, mut volume: Value) {
    let policy = volume["spec"].str("persistentVolumeReclaimPolicy");
    if volume["status"].str("phase") != "Released" || policy != "Delete" || is_own(&volume) {
        return;
    }
    let path = volume["spec"]["hostPath"].str("path").to_owned();
    if path.is_empty() {
        return;
    }
    if path.starts_with("/tmp/") {
        context.server.storage.remove(key);
        return;
    }
    let message = format!("host_path deleter only supports /tmp/.+ but received provided {path}");
    context.event(&volume, Type::Warning, "VolumeFailedDelete", &message);
    let time = context.timestamp();
    let status = volume.entry("status");
    status.set("phase", "Failed");
    status.set("message", message);
    status.set("lastPhaseTransitionTime", time);
    context.server.write(key, volume);
}
