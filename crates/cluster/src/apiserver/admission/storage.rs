//! Admission of claims and volumes: the default class, protection, growth.
//!
//! Source: plugin/pkg/admission/storage.

use kubernetes::kinds::Kind;
use kubernetes::object::Value;
use kubernetes::validation::resources;

use crate::apiserver::{ApiServer, Status};

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

/// Sets the class of a claim that names none, and the finalizers that protect claims and volumes.
pub fn fill(server: &ApiServer, kind: &Kind, object: &mut Value) {
    let finalizer = match kind.kind {
        "PersistentVolumeClaim" => "kubernetes.io/pvc-protection",
        "PersistentVolume" => "kubernetes.io/pv-protection",
        _ => return,
    };
    if kind.kind == "PersistentVolumeClaim" && !object["spec"].has("storageClassName") {
        let classes = server.storage.list("storage.k8s.io", "StorageClass", "");
        let default = classes
            .filter(|(_, class)| class["metadata"]["annotations"].str(DEFAULT_CLASS) == "true")
            .max_by_key(|(_, class)| class["metadata"].str("creationTimestamp").to_owned());
        if let Some((key, _)) = default {
            let name = key.name.to_string();
            object.entry("spec").set("storageClassName", name);
        }
    }
    let finalizers = object.entry("metadata").entry("finalizers").list_mut();
    if !finalizers.iter().any(|one| one.as_str() == Some(finalizer)) {
        finalizers.push(finalizer.into());
    }
}

/// A bound claim may grow only if its class allows it. Source: PersistentVolumeClaimResize.
pub fn may_grow(
    server: &ApiServer,
    kind: &'static Kind,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    let Some(old) = old.filter(|_| kind.kind == "PersistentVolumeClaim") else { return Ok(()) };
    let size =
        |claim: &Value| resources::quantity(&claim["spec"]["resources"]["requests"]["storage"]);
    if size(object) <= size(old) {
        return Ok(());
    }
    let name = object["metadata"].str("name");
    if old["status"].str("phase") != "Bound" {
        let message = "Only bound persistent volume claims can be expanded";
        return Err(Status::forbidden(kind, name, message));
    }
    let class = object["spec"].str("storageClassName");
    let allowed = server
        .storage
        .list("storage.k8s.io", "StorageClass", "")
        .any(|(key, found)| &*key.name == class && found.bool("allowVolumeExpansion"));
    if allowed {
        return Ok(());
    }
    let message = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    Err(Status::forbidden(kind, name, message))
}
