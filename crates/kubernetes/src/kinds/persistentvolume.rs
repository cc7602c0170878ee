//! PersistentVolumes.
//!
//! Source: pkg/apis/core/validation ValidatePersistentVolumeSpec.

use super::{KIND, Kind, Update, keep_status, pod_defaults};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::pod::{node_selector, volumes};
use crate::validation::{Bad, Errors, Path, names, resources};

pub const PERSISTENT_VOLUME: Kind = Kind {
    kind: "PersistentVolume",
    columns: crate::columns::PERSISTENT_VOLUME,
    plural: "persistentvolumes",
    short_names: &["pv"],
    namespaced: false,
    description: "A piece of storage.",
    defaults: |object| {
        let spec = object.entry("spec");
        spec.set_default_str("persistentVolumeReclaimPolicy", "Retain");
        spec.set_default("volumeMode", "Filesystem");
        pod_defaults::host_path(spec);
        object.entry("status").set_default_str("phase", "Pending");
    },
    prepare_create: |object| {
        let mut status = Value::map();
        status.set("phase", "Pending");
        status.set("lastPhaseTransitionTime", NOW);
        object.set("status", status);
    },
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"]),
    validate_update: Update::With(update),
    warnings: super::warnings::persistent_volume,
    ..KIND
};

/// Stands for the time of the request; the server puts its clock there.
pub const NOW: &str = "\u{1}now";

/// Sources in the server's order: key, name in a message about a second source.
const SOURCES: &[(&str, &str)] = &[
    ("hostPath", "hostPath"),
    ("gcePersistentDisk", "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("glusterfs", "glusterfs"),
    ("flocker", "flocker"),
    ("nfs", "nfs"),
    ("rbd", "rbd"),
    ("quobyte", "quobyte"),
    ("cephfs", "cephFS"),
    ("iscsi", "iscsi"),
    ("cinder", "cinder"),
    ("fc", "fc"),
    ("flexVolume", "flexVolume"),
    ("azureFile", "azureFile"),
    ("vsphereVolume", "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume"),
    ("azureDisk", "azureDisk"),
    ("scaleIO", "scaleIO"),
    ("local", "local"),
    ("storageos", "storageos"),
    ("csi", "csi"),
];

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    if spec.list("accessModes").is_empty() {
        errors.required(&path.child("accessModes"), "");
    }
    volumes::access_modes(errors, spec, &path);
    capacity(errors, spec, &path.child("capacity"));
    let policy = spec.str("persistentVolumeReclaimPolicy");
    let at = path.child("persistentVolumeReclaimPolicy");
    if !policy.is_empty() {
        errors.one_of(&at, policy, &["Delete", "Recycle", "Retain"]);
    }
    let affinity = path.child("nodeAffinity");
    if spec.has("nodeAffinity") {
        if spec["nodeAffinity"].has("required") {
            let required = &spec["nodeAffinity"]["required"];
            node_selector(errors, required, &affinity.child("required"));
        } else {
            let message = "must specify required node constraints";
            errors.required(&affinity.child("required"), message);
        }
    }
    sources(errors, spec, &path);
    let root = clean(spec["hostPath"].str("path")) == "/";
    if root && policy == "Recycle" {
        errors.forbidden(&at, "may not be 'recycle' for a hostPath mount of '/'");
    }
    let class = spec.str("storageClassName");
    if !class.is_empty() {
        let wrong = names::dns1123_subdomain(class);
        errors.invalid_each(&path.child("storageClassName"), class, wrong);
    }
    volumes::volume_mode(errors, spec, &path);
    if let Some(class) = spec["volumeAttributesClassName"].as_str() {
        let at = path.child("volumeAttributesClassName");
        if class.is_empty() {
            errors.required(&at, "an empty string is disallowed");
        } else {
            errors.invalid_each(&at, class, names::dns1123_subdomain(class));
        }
        if !spec.has("csi") {
            let message = "has to be specified when using volumeAttributesClassName";
            errors.required(&path.child("csi"), message);
        }
    }
}

fn capacity(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let capacity = &spec["capacity"];
    if capacity.is_empty() {
        errors.required(path, "");
    }
    let entries = capacity.as_map().map_or(0, crate::object::Map::len);
    if !capacity.has("storage") || entries > 1 {
        errors.not_supported(path, capacity, &["storage"]);
    }
    for (name, value) in spec.entries("capacity") {
        let at = path.key(name);
        let quantity = resources::quantity(value);
        if quantity.value() < 0 {
            errors.invalid(&at, quantity.value(), "must be a valid resource quantity");
        }
        resources::positive_quantity(errors, value, &at);
    }
}

fn sources(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let mut found = 0;
    for (key, name) in SOURCES {
        if !spec.has(key) {
            continue;
        }
        if found > 0 {
            errors.forbidden(&path.child(name), "may not specify more than 1 volume type");
            continue;
        }
        found += 1;
        let (source, at) = (&spec[*key], path.child(volumes::field_of(key)));
        volumes::required_fields(errors, key, source, &at);
        volumes::network_source(errors, key, source, &at);
        match *key {
            "hostPath" => volumes::host_path(errors, source, &at),
            "nfs" => volumes::absolute_path(errors, source.str("path"), &at.child("path")),
            "local" => {
                volumes::local(errors, source, &at);
                if !spec["nodeAffinity"].has("required") {
                    let message = "Local volume requires node affinity";
                    errors.required(&path.child("nodeAffinity"), message);
                }
            }
            "csi" => {
                volumes::csi_driver(errors, source, &at);
                if source.str("volumeHandle").is_empty() {
                    errors.required(&at.child("volumeHandle"), "");
                }
                for key in SECRETS {
                    if source.has(key) {
                        secret_reference(errors, &source[*key], &at.child(key));
                    }
                }
            }
            _ => {}
        }
    }
    if found == 0 {
        errors.required(path, "must specify a volume type");
    }
}

/// References of a CSI volume to Secrets, in the server's order.
const SECRETS: &[&str] = &[
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
];

fn secret_reference(errors: &mut Errors, secret: &Value, path: &Path<'_>) {
    type Form = fn(&str) -> Vec<String>;
    let fields: [(&str, Form); 2] =
        [("name", names::dns1123_subdomain), ("namespace", names::dns1123_label)];
    for (key, form) in fields {
        let text = secret.str(key);
        if text.is_empty() {
            errors.required(&path.child(key), "");
        } else {
            errors.invalid_each(&path.child(key), text, form(text));
        }
    }
}

/// A path without empty and `.` parts.
fn clean(path: &str) -> String {
    let parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

fn update(errors: &mut Errors, new: &Value, old: &Value) {
    spec(errors, &new["spec"]);
    let (new, old) = (&new["spec"], &old["spec"]);
    let source = |spec: &Value| {
        let keys = SOURCES.iter().filter(|(key, _)| spec.has(key));
        keys.map(|(key, _)| (*key, spec[*key].clone())).collect::<crate::object::Map>()
    };
    let (mut new_source, old_source) = (source(new), source(old));
    // The secret for growing the volume may be named later.
    let secret = "controllerExpandSecretRef";
    if old_source.get("csi").is_some_and(|csi| !csi.has(secret))
        && let Some(csi) = new_source.get_mut("csi")
    {
        csi.remove(secret);
    }
    if new_source != old_source
        && let Some(id) = types().named("io.k8s.api.core.v1.PersistentVolumeSpec")
    {
        let path = Path::new("spec");
        // Only the sources are compared; the other fields are the same in both.
        let diff = internal::diff(id, &old_source.into(), &new_source.into());
        let message = format!("spec.persistentvolumesource is immutable after creation\n{diff}");
        errors.forbidden(&path.child("persistentvolumesource"), &message);
    }
    errors.immutable(&Path::new("volumeMode"), &new["volumeMode"], &old["volumeMode"]);
    if old.has("nodeAffinity") && new["nodeAffinity"] != old["nodeAffinity"] {
        let id = types().named("io.k8s.api.core.v1.VolumeNodeAffinity");
        let affinity = &new["nodeAffinity"];
        let bad = match id {
            Some(id) if !affinity.is_null() => internal::to_json(id, affinity),
            _ => "null".to_owned(),
        };
        let message = "field is immutable, except for updating from beta label to GA";
        errors.invalid(&Path::new("nodeAffinity"), Bad::raw(bad), message);
    }
    let class = "volumeAttributesClassName";
    if old.has(class) && !new.has(class) {
        let path = Path::new("spec");
        errors.forbidden(&path.child(class), "update from non-nil value to nil is forbidden");
    }
}
