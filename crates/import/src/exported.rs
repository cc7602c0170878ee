//! Objects that `kubectl get -o yaml` or `-o json` printed, as manifests.
//!
//! Fields that the API server sets are removed, because an object that has them is no manifest: with a
//! `resourceVersion` a later `kubectl apply` ends in a conflict. Objects that a controller creates from
//! others are left out; the simulated controllers create them again.

use std::collections::BTreeMap;

use kubernetes::object::{Value, to_yaml};
use protocol::ImportedFile;

/// Kinds of which controllers and the API server create all objects.
const CREATED: [&str; 5] =
    ["ComponentStatus", "ControllerRevision", "Event", "Lease", "PodMetrics"];
/// Fields of the metadata that the API server sets.
const SERVER_METADATA: [&str; 7] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
];
/// Annotations that commands and controllers write.
const SERVER_ANNOTATIONS: [&str; 3] = [
    "deployment.kubernetes.io/revision",
    "endpoints.kubernetes.io/last-change-trigger-time",
    "kubectl.kubernetes.io/last-applied-configuration",
];

/// Manifests, by namespace, and what was left out.
#[derive(Debug, Default)]
pub struct Exported {
    pub files: Vec<ImportedFile>,
    pub notes: Vec<String>,
}

/// Returns true if an object carries fields that only an API server sets.
pub fn is_exported(object: &Value) -> bool {
    let of_server = |object: &Value| {
        let metadata = &object["metadata"];
        ["uid", "resourceVersion"].iter().any(|key| !metadata[*key].is_empty())
    };
    let first = object.list("items").first();
    !object.str("kind").is_empty() && (of_server(object) || first.is_some_and(of_server))
}

/// Returns the manifests of exported objects, a file for each namespace. `stem` names the file of
/// objects without a namespace.
pub fn manifests(objects: Vec<Value>, stem: &str) -> Exported {
    let mut by_namespace: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    let mut items = Vec::new();
    for object in objects {
        flatten(object, &mut items, 0);
    }
    for mut object in items {
        if is_created(&object) {
            *left_out.entry(object.str("kind").to_owned()).or_default() += 1;
            continue;
        }
        clean(&mut object);
        let namespace = object["metadata"].str("namespace").to_owned();
        by_namespace.entry(namespace).or_default().push(to_yaml(&object));
    }
    let mut exported = Exported::default();
    for (namespace, documents) in by_namespace {
        let name = match namespace.as_str() {
            "" => format!("{stem}.yaml"),
            name => format!("{stem}-{name}.yaml"),
        };
        exported.files.push(ImportedFile { name, text: documents.join("---\n") });
    }
    if !left_out.is_empty() {
        let list: Vec<String> =
            left_out.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        exported.notes.push(format!(
            "Objects that controllers and the API server create are left out: {}.",
            list.join(", ")
        ));
    }
    exported
}

/// Lists in lists that are looked into.
const MOST_DEPTH: usize = 3;

fn flatten(object: Value, into: &mut Vec<Value>, depth: usize) {
    let is_list = object.str("kind").ends_with("List") && object["items"].as_list().is_some();
    if !is_list || depth >= MOST_DEPTH {
        into.push(object);
        return;
    }
    for item in object.list("items").iter().filter(|item| item.as_map().is_some()) {
        flatten(item.clone(), into, depth + 1);
    }
}

/// Returns true if a controller or the API server creates the object.
fn is_created(object: &Value) -> bool {
    let metadata = &object["metadata"];
    if metadata.list("ownerReferences").iter().any(|owner| owner.bool("controller")) {
        return true;
    }
    let has = |field: &str, key: &str| !metadata[field][key].is_null();
    let kind = object.str("kind");
    match (kind, metadata.str("name")) {
        ("Service" | "Endpoints" | "EndpointSlice", "kubernetes")
            if metadata.str("namespace") == "default" =>
        {
            true
        }
        ("ConfigMap", "kube-root-ca.crt") | ("ServiceAccount", "default") => true,
        // Endpoints of a Service with a selector have the annotation of their controller.
        ("Endpoints", _) => has("annotations", "endpoints.kubernetes.io/last-change-trigger-time"),
        ("EndpointSlice", _) => has("labels", "endpointslice.kubernetes.io/managed-by"),
        _ => CREATED.contains(&kind),
    }
}

/// Removes what the API server sets.
fn clean(object: &mut Value) {
    let kind = object.str("kind").to_owned();
    // The status of a node has the addresses and the capacity that nothing else says.
    if kind != "Node" {
        object.remove("status");
    }
    if object["metadata"].as_map().is_some() {
        let metadata = object.entry("metadata");
        metadata.remove("uid");
        for key in SERVER_METADATA {
            metadata.remove(key);
        }
        if metadata["annotations"].as_map().is_some() {
            let annotations = metadata.entry("annotations").map_mut();
            annotations.retain(|name, _| !SERVER_ANNOTATIONS.contains(&name));
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    if object["spec"].as_map().is_none() {
        return;
    }
    match kind.as_str() {
        // Addresses of another cluster are outside of the range of this one.
        "Service" if object["spec"].str("clusterIP") != "None" => {
            for key in ["clusterIP", "clusterIPs", "healthCheckNodePort"] {
                object.entry("spec").remove(key);
            }
        }
        "Namespace" => {
            object.remove("spec");
        }
        "PersistentVolumeClaim" => {
            object.entry("spec").remove("volumeName");
        }
        _ => {}
    }
}
