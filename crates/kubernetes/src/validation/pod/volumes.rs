//! Volumes of pods, persistent volumes and claims.
//!
//! Source: pkg/apis/core/validation validateVolumeSource, ValidatePersistentVolumeClaimSpec.

use super::{SpecOwner, containers, env, no_backsteps, relative_path};
use crate::object::Value;
use crate::validation::{Errors, Path, meta, names, resources};

pub use containers::host_path;

const MODE: &str = "must be a number between 0 and 0777 (octal), both inclusive";
const ONE_TYPE: &str = "may not specify more than 1 volume type";

/// Sources in the server's order: key, name in a message about a second source.
const SOURCES: &[(&str, &str)] = &[
    ("emptyDir", "emptyDir"),
    ("hostPath", "hostPath"),
    ("gitRepo", "gitRepo"),
    ("gcePersistentDisk", "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("secret", "secret"),
    ("nfs", "nfs"),
    ("iscsi", "iscsi"),
    ("glusterfs", "glusterfs"),
    ("flocker", "flocker"),
    ("persistentVolumeClaim", "persistentVolumeClaim"),
    ("rbd", "rbd"),
    ("cinder", "cinder"),
    ("cephfs", "cephFS"),
    ("quobyte", "quobyte"),
    ("downwardAPI", "downwarAPI"),
    ("fc", "fc"),
    ("flexVolume", "flexVolume"),
    ("configMap", "configMap"),
    ("azureFile", "azureFile"),
    ("vsphereVolume", "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume"),
    ("azureDisk", "azureDisk"),
    ("storageos", "storageos"),
    ("projected", "projected"),
    ("scaleIO", "scaleIO"),
    ("csi", "csi"),
    ("ephemeral", "ephemeral"),
    ("image", "image"),
];

/// Fields that a source must have, in the server's order.
const REQUIRED: &[(&str, &[&str])] = &[
    ("gitRepo", &["repository"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("persistentVolumeClaim", &["claimName"]),
    ("cinder", &["volumeID"]),
    ("flexVolume", &["driver"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
];

/// Checks the volumes and returns those that are well formed, by name.
pub fn volumes<'a>(
    errors: &mut Errors,
    spec: &'a Value,
    path: &Path<'_>,
    owner: SpecOwner<'_>,
) -> Vec<(&'a str, &'a Value)> {
    let mut known: Vec<(&str, &Value)> = Vec::new();
    for (number, volume) in spec.list("volumes").iter().enumerate() {
        let at = path.index(number);
        let name = volume.str("name");
        let before = errors.list.len();
        volume_source(errors, volume, &at, owner);
        if name.is_empty() {
            errors.required(&at.child("name"), "");
        } else {
            errors.invalid_each(&at.child("name"), name, names::dns1123_label(name));
        }
        if known.iter().any(|(known, _)| *known == name) {
            errors.duplicate(&at.child("name"), name);
        }
        if errors.list.len() == before {
            known.push((name, volume));
        }
    }
    known
}

fn volume_source(errors: &mut Errors, volume: &Value, path: &Path<'_>, owner: SpecOwner<'_>) {
    let mut sources = 0;
    for (key, name) in SOURCES {
        if !volume.has(key) {
            continue;
        }
        if sources > 0 {
            errors.forbidden(&path.child(name), ONE_TYPE);
            continue;
        }
        sources += 1;
        let (source, at) = (&volume[*key], path.child(key));
        required_fields(errors, key, source, &at);
        match *key {
            "emptyDir" if resources::quantity(&source["sizeLimit"]).nano < 0 => {
                let message = "SizeLimit field must be a valid resource quantity";
                errors.forbidden(&at.child("sizeLimit"), message);
            }
            "hostPath" => host_path(errors, source, &at),
            "gitRepo" => relative_path(errors, source.str("directory"), &at.child("directory")),
            "secret" => files(errors, source, "secretName", &at),
            "configMap" => files(errors, source, "name", &at),
            "nfs" => absolute_path(errors, source.str("path"), &at.child("path")),
            "downwardAPI" => {
                mode(errors, source, "defaultMode", &at);
                for file in source.list("items") {
                    downward_file(errors, file, &at);
                }
            }
            "projected" => projected(errors, source, &at),
            "csi" => csi_driver(errors, source, &at),
            "ephemeral" => ephemeral(errors, volume, path, owner),
            _ => {}
        }
    }
    if sources == 0 {
        errors.required(path, "must specify a volume type");
    }
}

/// Fields that a source of a pod's or a persistent volume lacks.
pub fn required_fields(errors: &mut Errors, key: &str, source: &Value, path: &Path<'_>) {
    let fields = REQUIRED.iter().find(|(known, _)| *known == key).map_or(&[][..], |row| row.1);
    for field in fields {
        if source.str(field).is_empty() {
            errors.required(&path.child(field), "");
        }
    }
}

pub fn absolute_path(errors: &mut Errors, text: &str, path: &Path<'_>) {
    if !text.starts_with('/') {
        errors.invalid(path, text, "must be an absolute path");
    }
}

fn mode(errors: &mut Errors, source: &Value, key: &str, path: &Path<'_>) {
    if let Some(mode) = source[key].as_int()
        && !(0..=0o777).contains(&mode)
    {
        errors.invalid(&path.child(key), mode, MODE);
    }
}

/// Files of a ConfigMap or a Secret.
fn files(errors: &mut Errors, source: &Value, name: &str, path: &Path<'_>) {
    if source.str(name).is_empty() {
        errors.required(&path.child(name), "");
    }
    mode(errors, source, "defaultMode", path);
    let items = path.child("items");
    for (number, item) in source.list("items").iter().enumerate() {
        key_to_path(errors, item, &items.index(number));
    }
}

fn key_to_path(errors: &mut Errors, item: &Value, path: &Path<'_>) {
    for key in ["key", "path"] {
        if item.str(key).is_empty() {
            errors.required(&path.child(key), "");
        }
    }
    unreserved_path(errors, item.str("path"), &path.child("path"));
    mode(errors, item, "mode", path);
}

fn unreserved_path(errors: &mut Errors, text: &str, path: &Path<'_>) {
    relative_path(errors, text, path);
    if text.starts_with("..") && !text.starts_with("../") && text != ".." {
        errors.invalid(path, text, "must not start with '..'");
    }
}

fn downward_file(errors: &mut Errors, file: &Value, path: &Path<'_>) {
    let text = file.str("path");
    if text.is_empty() {
        errors.required(&path.child("path"), "");
    }
    unreserved_path(errors, text, &path.child("path"));
    if file.has("fieldRef") {
        let at = path.child("fieldRef");
        env::field_selector(errors, &file["fieldRef"], env::VOLUME_FIELDS, &at);
        if file.has("resourceFieldRef") {
            let message = "fieldRef and resourceFieldRef can not be specified simultaneously";
            errors.invalid(path, "resource", message);
        }
    } else if file.has("resourceFieldRef") {
        let at = path.child("resourceFieldRef");
        env::resource_selector(errors, &file["resourceFieldRef"], true, &at);
    } else {
        errors.required(path, "one of fieldRef and resourceFieldRef is required");
    }
    mode(errors, file, "mode", path);
}

fn projected(errors: &mut Errors, volume: &Value, path: &Path<'_>) {
    mode(errors, volume, "defaultMode", path);
    let mut seen: Vec<&str> = Vec::new();
    let list = path.child("sources");
    for (number, source) in volume.list("sources").iter().enumerate() {
        let at = list.index(number);
        let mut sources = 0;
        for key in ["secret", "configMap"] {
            if !source.has(key) {
                continue;
            }
            sources += 1;
            let (source, at) = (&source[key], at.child(key));
            if source.str("name").is_empty() {
                errors.required(&at.child("name"), "");
            }
            let items = at.child("items");
            for (number, item) in source.list("items").iter().enumerate() {
                key_to_path(errors, item, &items.index(number));
                unique_path(errors, &mut seen, item, source.str("name"), path);
            }
        }
        if source.has("downwardAPI") {
            sources += 1;
            for file in source["downwardAPI"].list("items") {
                downward_file(errors, file, &at.child("downwardAPI"));
                unique_path(errors, &mut seen, file, file.str("path"), path);
            }
        }
        if source.has("serviceAccountToken") {
            sources += 1;
            token(errors, &source["serviceAccountToken"], path, &at.child("serviceAccountToken"));
        }
        if sources > 1 {
            errors.forbidden(&at, "may not specify more than 1 volume type per source");
        }
    }
}

fn unique_path<'a>(
    errors: &mut Errors,
    seen: &mut Vec<&'a str>,
    item: &'a Value,
    shown: &str,
    path: &Path<'_>,
) {
    let text = item.str("path");
    if text.is_empty() {
        return;
    }
    if seen.contains(&text) {
        errors.invalid(path, shown, "conflicting duplicate paths");
    } else {
        seen.push(text);
    }
}

fn token(errors: &mut Errors, token: &Value, path: &Path<'_>, at: &Path<'_>) {
    let seconds = token.int("expirationSeconds");
    if seconds < 600 {
        let message = "may not specify a duration less than 10 minutes";
        errors.invalid(&at.child("expirationSeconds"), seconds, message);
    }
    if seconds > 1 << 32 {
        let message = "may not specify a duration larger than 2^32 seconds";
        errors.invalid(&at.child("expirationSeconds"), seconds, message);
    }
    let text = token.str("path");
    if text.is_empty() {
        errors.required(&path.child("path"), "");
    } else {
        unreserved_path(errors, text, &path.child("path"));
    }
}

/// The name of a CSI driver.
pub fn csi_driver(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    let name = source.str("driver");
    let at = path.child("driver");
    if name.is_empty() {
        errors.required(&at, "");
    }
    if name.len() > 63 {
        errors.too_long(&at, 63);
    }
    errors.invalid_each(&at, name, names::dns1123_subdomain(&name.to_lowercase()));
}

fn ephemeral(errors: &mut Errors, volume: &Value, path: &Path<'_>, owner: SpecOwner<'_>) {
    let template = &volume["ephemeral"]["volumeClaimTemplate"];
    let source = path.child("ephemeral");
    let at = source.child("volumeClaimTemplate");
    if template.is_null() {
        return errors.required(&at, "");
    }
    let metadata = at.child("metadata");
    let own = &template["metadata"];
    meta::annotations(errors, &own["annotations"], &metadata.child("annotations"));
    meta::labels(errors, &own["labels"], &metadata.child("labels"));
    claim_spec(errors, &template["spec"], &at.child("spec"));
    let (pod, name) = (owner.pod_name.unwrap_or_default(), volume.str("name"));
    if !pod.is_empty() && !name.is_empty() {
        let claim = format!("{pod}-{name}");
        for message in names::dns1123_subdomain(&claim) {
            let message = format!("PVC name {}: {message}", go::quote::quote(&claim));
            errors.invalid(&path.child("name"), name, &message);
        }
    }
}

const ACCESS_MODES: &[&str] =
    &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// The access modes of a claim or a volume.
pub fn access_modes(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let modes: Vec<&str> = spec.list("accessModes").iter().filter_map(Value::as_str).collect();
    for mode in &modes {
        errors.one_of(&path.child("accessModes"), mode, ACCESS_MODES);
    }
    let others = |mode: &&str| *mode != "ReadWriteOncePod" && ACCESS_MODES.contains(mode);
    if modes.contains(&"ReadWriteOncePod") && modes.iter().any(others) {
        let message = "may not use ReadWriteOncePod with other access modes";
        errors.forbidden(&path.child("accessModes"), message);
    }
}

/// The spec of a claim, also in templates.
pub fn claim_spec(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    if spec.list("accessModes").is_empty() {
        errors.required(&path.child("accessModes"), "at least 1 access mode is required");
    }
    meta::label_selector(errors, &spec["selector"], &path.child("selector"));
    access_modes(errors, spec, path);
    let resources = path.child("resources");
    let at = resources.key("storage");
    match spec["resources"]["requests"].get("storage") {
        None => errors.required(&at, ""),
        Some(size) => {
            let before = errors.list.len();
            resources::positive_quantity(errors, size, &at);
            if errors.list.len() == before {
                resources::resource_quantity(errors, "storage", size, &at);
            }
        }
    }
    let class = spec.str("storageClassName");
    if !class.is_empty() {
        let wrong = names::dns1123_subdomain(class);
        errors.invalid_each(&path.child("storageClassName"), class, wrong);
    }
    volume_mode(errors, spec, path);
    for key in ["dataSource", "dataSourceRef"] {
        if spec.has(key) {
            data_source(errors, &spec[key], &path.child(key));
        }
    }
}

pub fn volume_mode(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    if let Some(mode) = spec["volumeMode"].as_str() {
        errors.one_of(&path.child("volumeMode"), mode, &["Block", "Filesystem"]);
    }
}

fn data_source(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    for key in ["name", "kind"] {
        if source.str(key).is_empty() {
            errors.required(&path.child(key), "");
        }
    }
    let (group, kind) = (source.str("apiGroup"), source.str("kind"));
    if group.is_empty() && kind != "PersistentVolumeClaim" {
        let message = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
        errors.invalid(path, kind, message);
    }
    if !group.is_empty() {
        errors.invalid_each(&path.child("apiGroup"), group, names::dns1123_subdomain(group));
    }
}

/// A directory of a node for a persistent volume.
pub fn local(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    let text = source.str("path");
    if text.is_empty() {
        return errors.required(&path.child("path"), "");
    }
    no_backsteps(errors, text, &path.child("path"));
}
