//! Volumes and mounts of a pod, and the storage of a StatefulSet.

use kubernetes::object::Value;

use super::{copy, names, set_filled};
use crate::store::Checked;

pub fn secret_volume(name: &str, secret: &str) -> Value {
    object! { "name": name, "secret": object! { "secretName": secret } }
}

pub fn config_map_volume(name: &str, map: &str, optional: bool) -> Value {
    let mut source = object! { "name": map };
    if optional {
        source.set("optional", true);
    }
    object! { "name": name, "configMap": source }
}

pub fn empty_dir(name: &str) -> Value {
    object! { "name": name, "emptyDir": Value::map() }
}

pub fn memory_dir(name: &str) -> Value {
    object! { "name": name, "emptyDir": object! { "medium": "Memory" } }
}

/// A volume with the keys of several Secrets.
pub fn projected(name: &str, secrets: &[String]) -> Value {
    let source = |secret: &String| object! { "secret": object! { "name": &**secret } };
    let sources: Vec<Value> = secrets.iter().map(source).collect();
    object! { "name": name, "projected": object! { "sources": sources } }
}

pub fn mount(name: &str, path: &str) -> Value {
    object! { "name": name, "mountPath": path }
}

pub fn read_only_mount(name: &str, path: &str) -> Value {
    object! { "name": name, "readOnly": true, "mountPath": path }
}

/// Volumes and mounts of the Secrets and ConfigMaps that a spec lists.
pub fn listed(
    spec: &Value,
    folder: &str,
    volumes: &mut Vec<Value>,
    mounts: &mut Vec<Value>,
) -> Checked {
    for (key, prefix, below) in
        [("secrets", "secret", "secrets"), ("configMaps", "configmap", "configmaps")]
    {
        for one in spec.list(key).iter().filter_map(Value::as_str) {
            let name = names::label(prefix, one)?;
            volumes.push(match prefix {
                "secret" => secret_volume(&name, one),
                _ => config_map_volume(&name, one, false),
            });
            mounts.push(read_only_mount(&name, &format!("{folder}/{below}/{one}")));
        }
    }
    Ok(())
}

/// The name of the volume with the data.
pub fn data_volume(spec: &Value, default: &str) -> String {
    let named = spec["storage"]["volumeClaimTemplate"]["metadata"].str("name");
    if named.is_empty() { default.to_owned() } else { named.to_owned() }
}

/// The mount of the data. A claim is mounted with a sub-path.
pub fn data_mount(spec: &Value, default: &str, path: &str, sub_path: &str) -> Value {
    let storage = &spec["storage"];
    let mut mount = mount(&data_volume(spec, default), path);
    if !storage.is_null() && !storage.bool("disableMountSubPath") {
        mount.set("subPath", sub_path);
    }
    mount
}

/// Adds the storage to a StatefulSet: a volume, or a template of claims.
pub fn storage(set: &mut Value, spec: &Value, default: &str) {
    let storage = &spec["storage"];
    let volume = if storage.is_null() {
        empty_dir(default)
    } else if !storage["emptyDir"].is_null() {
        object! { "name": default, "emptyDir": storage["emptyDir"].clone() }
    } else if !storage["ephemeral"].is_null() {
        object! { "name": default, "ephemeral": storage["ephemeral"].clone() }
    } else {
        let claim = claim_template(&storage["volumeClaimTemplate"], default);
        set.entry("spec").set("volumeClaimTemplates", vec![claim]);
        return;
    };
    set.entry_at(&["spec", "template", "spec", "volumes"]).list_mut().push(volume);
}

fn claim_template(template: &Value, default: &str) -> Value {
    let own = &template["metadata"];
    let mut metadata = Value::map();
    let name = own.str("name");
    metadata.set("name", if name.is_empty() { default } else { name });
    set_filled(&mut metadata, "labels", own["labels"].clone());
    set_filled(&mut metadata, "annotations", own["annotations"].clone());
    let mut spec = template["spec"].clone();
    if spec.is_null() {
        spec = Value::map();
    }
    if spec["accessModes"].is_null() {
        spec.set("accessModes", &["ReadWriteOnce"][..]);
    }
    let mut claim = object! { "metadata": metadata, "spec": spec };
    copy(&mut claim, "status", &template["status"]);
    claim
}
