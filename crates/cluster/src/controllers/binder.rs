//! Claims bound to volumes.
//!
//! Source: pkg/controller/volume/persistentvolume pv_controller.go, index.go findMatchingVolume.

use kubernetes::object::Value;
use kubernetes::validation::{meta, resources::quantity};

use super::Reconciler;
use crate::apiserver::{ApiServer, Key};

const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";

/// Both names of the annotation that says who makes the volume.
const PROVISIONER: &[&str] =
    &["volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"];

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
    if object["status"].str("phase") == phase {
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

fn bind_volume(
    server: &ApiServer,
    volume: &mut Value,
    key: &Key,
    claim: &Value,
    by_controller: bool,
) {
    let mut reference = Value::map();
    reference.set("apiVersion", "v1");
    reference.set("kind", "PersistentVolumeClaim");
    reference.set("name", &*key.name);
    reference.set("namespace", &*key.namespace);
    for field in ["resourceVersion", "uid"] {
        reference.set(field, claim["metadata"][field].clone());
    }
    volume.entry("spec").set("claimRef", reference);
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

/// The smallest volume that fits. One that names the claim comes first.
fn best_volume(server: &ApiServer, key: &Key, claim: &Value) -> Option<Key> {
    let class = claim["spec"].str("storageClassName");
    if waits_for_consumer(server, class) {
        return None;
    }
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
