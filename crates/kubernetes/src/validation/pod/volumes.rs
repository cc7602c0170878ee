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
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("flexVolume", &["driver"]),
    ("azureFile", &["secretName", "shareName"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("storageos", &["volumeName"]),
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
    let created = created_claims(spec, owner);
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
        let claim = volume["persistentVolumeClaim"].str("claimName");
        if created.iter().any(|created| created == claim) {
            let source = at.child("persistentVolumeClaim");
            let message = "must not reference a PVC that gets created for an ephemeral volume";
            errors.invalid(&source.child("claimName"), claim, message);
        }
    }
    known
}

/// The claims that a pod creates for its ephemeral volumes.
fn created_claims(spec: &Value, owner: SpecOwner<'_>) -> Vec<String> {
    let Some(pod) = owner.pod_name.filter(|pod| !pod.is_empty()) else { return Vec::new() };
    let volumes = spec.list("volumes").iter().filter(|volume| volume.has("ephemeral"));
    volumes.map(|volume| format!("{pod}-{}", volume.str("name"))).collect()
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
        let (source, at) = (&volume[*key], path.child(field_of(key)));
        required_fields(errors, key, source, &at);
        network_source(errors, key, source, &at);
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
            "csi" => {
                csi_driver(errors, source, &at);
                secret_of_pod(errors, source, &at);
            }
            "image" => image(errors, source, owner, &at),
            "ephemeral" => ephemeral(errors, volume, path, owner),
            _ => {}
        }
    }
    if sources == 0 {
        errors.required(path, "must specify a volume type");
    }
}

/// The name of a source in a path.
pub const fn field_of(key: &str) -> &str {
    match key.as_bytes() {
        b"gcePersistentDisk" => "persistentDisk",
        _ => key,
    }
}

/// Rules of sources beyond the fields that they need, in pods and in persistent volumes.
pub fn network_source(errors: &mut Errors, key: &str, source: &Value, path: &Path<'_>) {
    match key {
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            in_range(errors, &source["partition"], (0, 255), &path.child("partition"));
        }
        "iscsi" => iscsi(errors, source, path),
        "fc" => fibre_channel(errors, source, path),
        "azureDisk" => azure_disk(errors, source, path),
        "flexVolume" => {
            for (option, _) in source.entries("options") {
                let domain = option.split_once('/').map_or(&**option, |(domain, _)| domain);
                let domain = format!(".{}", go::case::lower(domain));
                if domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io") {
                    let message = "kubernetes.io and k8s.io namespaces are reserved";
                    errors.invalid(&path.child("options").key(option), &**option, message);
                }
            }
        }
        "cinder" | "storageos" => {
            if key == "storageos" {
                for field in ["volumeName", "volumeNamespace"] {
                    let name = source.str(field);
                    if !name.is_empty() {
                        errors.invalid_each(&path.child(field), name, names::dns1123_label(name));
                    }
                }
            }
            if source.has("secretRef") && source["secretRef"].str("name").is_empty() {
                errors.required(&path.child("secretRef").child("name"), "");
            }
        }
        _ => {}
    }
}

fn in_range(errors: &mut Errors, value: &Value, (from, to): (i64, i64), path: &Path<'_>) {
    if let Some(number) = value.as_int()
        && !(from..=to).contains(&number)
    {
        errors.invalid(path, number, &names::range(from, to));
    }
}

fn iscsi(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    let name = source.str("iqn");
    if !name.is_empty() {
        qualified_iscsi_name(errors, name, &path.child("iqn"));
    }
    in_range(errors, &source["lun"], (0, 255), &path.child("lun"));
    let secured = source.bool("chapAuthDiscovery") || source.bool("chapAuthSession");
    if secured && !source.has("secretRef") {
        errors.required(&path.child("secretRef"), "");
    }
    if let Some(name) = source["initiatorName"].as_str() {
        qualified_iscsi_name(errors, name, &path.child("initiatorname"));
    }
}

/// A name in one of the formats of iSCSI: `iqn.2001-04.com.example:storage`.
fn qualified_iscsi_name(errors: &mut Errors, name: &str, path: &Path<'_>) {
    let is_alphanumeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_valid = match name.get(..3) {
        Some("iqn") => is_iqn(name),
        // Any character may stand where the dot should.
        Some("eui") => name.len() == 20 && name.get(4..).is_some_and(is_alphanumeric),
        Some("naa") => name.len() == 36 && name.get(4..).is_some_and(is_alphanumeric),
        _ => {
            let message = "must be valid format starting with iqn, eui, or naa";
            return errors.invalid(path, name, message);
        }
    };
    if !is_valid {
        errors.invalid(path, name, "must be valid format");
    }
}

/// `iqn.YYYY-MM.DOMAIN:NAME`.
fn is_iqn(name: &str) -> bool {
    let Some((head, tail)) = name.split_once(':') else { return false };
    let Some(rest) = head.strip_prefix("iqn.") else { return false };
    let date = rest.as_bytes();
    let is_date = date.len() > 8
        && date[..4].iter().all(u8::is_ascii_digit)
        && date[4] == b'-'
        && date[5..7].iter().all(u8::is_ascii_digit)
        && date[7] == b'.';
    let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let is_forbidden = |one: char| ",;*&$|".contains(one) || one.is_whitespace();
    is_date && date[8..].iter().all(is_domain) && !tail.is_empty() && !tail.contains(is_forbidden)
}

fn fibre_channel(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    let (names, ids) = (source.list("targetWWNs"), source.list("wwids"));
    let at = path.child("targetWWNs");
    if names.is_empty() && ids.is_empty() {
        errors.required(&at, "must specify either targetWWNs or wwids, but not both");
    }
    if !names.is_empty() && !ids.is_empty() {
        let message = "targetWWNs and wwids can not be specified simultaneously";
        errors.invalid(&at, &source["targetWWNs"], message);
    }
    if !names.is_empty() {
        let at = path.child("lun");
        if source.has("lun") {
            in_range(errors, &source["lun"], (0, 255), &at);
        } else {
            errors.required(&at, "lun is required if targetWWNs is specified");
        }
    }
}

fn azure_disk(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    const MANAGED: &str = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
    const BLOB: &str =
        "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
    if let Some(mode) = source["cachingMode"].as_str() {
        errors.one_of(&path.child("cachingMode"), mode, &["None", "ReadOnly", "ReadWrite"]);
    }
    let Some(kind) = source["kind"].as_str() else { return };
    errors.one_of(&path.child("kind"), kind, &["Dedicated", "Managed", "Shared"]);
    let (uri, at) = (source.str("diskURI"), path.child("diskURI"));
    if kind == "Managed" && !uri.starts_with("/subscriptions/") {
        errors.not_supported(&at, uri, &[MANAGED]);
    } else if kind != "Managed" && !uri.starts_with("https://") {
        errors.not_supported(&at, uri, &[BLOB]);
    }
}

/// The Secret of a CSI volume of a pod. The path of a wrong name is that of the volume.
fn secret_of_pod(errors: &mut Errors, source: &Value, path: &Path<'_>) {
    let secret = &source["nodePublishSecretRef"];
    if secret.is_null() {
        return;
    }
    let name = secret.str("name");
    if name.is_empty() {
        errors.required(&path.child("nodePublishSecretRef").child("name"), "");
    } else {
        errors.invalid_each(&path.child("name"), name, names::dns1123_subdomain(name));
    }
}

/// An image as a volume. A template may leave its name open.
fn image(errors: &mut Errors, source: &Value, owner: SpecOwner<'_>, path: &Path<'_>) {
    if owner.is_pod && source.str("reference").is_empty() {
        errors.required(&path.child("reference"), "");
    }
    let policy = source.str("pullPolicy");
    let policies = ["Always", "IfNotPresent", "Never"];
    errors.required_one_of(&path.child("pullPolicy"), policy, &policies);
}

/// Fields that a source of a pod's or a persistent volume lacks.
pub fn required_fields(errors: &mut Errors, key: &str, source: &Value, path: &Path<'_>) {
    let fields = REQUIRED.iter().find(|(known, _)| *known == key).map_or(&[][..], |row| row.1);
    for field in fields {
        if source[*field].is_empty() {
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
    errors.invalid_each(&at, name, names::dns1123_subdomain(&go::case::lower(name)));
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
    for key in OTHER_METADATA {
        if !own[*key].is_empty() {
            errors.forbidden(&metadata.child(key), "cannot be set");
        }
    }
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

/// Metadata that the template of a claim cannot have, in the order of `ObjectMeta`.
const OTHER_METADATA: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "ownerReferences",
    "finalizers",
];

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
    same_source(errors, spec, path);
    let class = spec.str("volumeAttributesClassName");
    if !class.is_empty() {
        let wrong = names::dns1123_subdomain(class);
        errors.invalid_each(&path.child("volumeAttributesClassName"), class, wrong);
    }
}

/// Both forms of a source name the same object. The server shows the path as the wrong value.
fn same_source(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let (source, reference) = (&spec["dataSource"], &spec["dataSourceRef"]);
    if source.is_null() || reference.is_null() {
        return;
    }
    let has_namespace = !reference.str("namespace").is_empty();
    let same = ["apiGroup", "kind", "name"].iter().all(|key| source[*key] == reference[*key]);
    let message = match has_namespace {
        true => "may not be specified when dataSourceRef.namespace is specified",
        false if !same => "must match dataSourceRef",
        false => return,
    };
    errors.invalid(path, &path.child("dataSource").to_string(), message);
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
    let namespace = source.str("namespace");
    if !namespace.is_empty() {
        let wrong = names::dns1123_label(namespace);
        errors.invalid_each(&path.child("namespace"), namespace, wrong);
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
