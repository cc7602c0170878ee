//! Objects that `kubectl get -o yaml` or `-o json` printed, as manifests.
//!
//! Fields that the API server sets are removed, because an object that has them is no manifest:
//! `kubectl apply` refuses a `resourceVersion` of an object that is new. Objects that a controller
//! creates from others are left out; the simulated controllers create them again.

use std::collections::BTreeMap;

use protocol::ImportedFile;
use serde_json::{Map, Value};

use crate::json;

/// Kinds that controllers and the API server create by themselves.
const CREATED: [&str; 7] = [
    "ComponentStatus",
    "ControllerRevision",
    "Endpoints",
    "EndpointSlice",
    "Event",
    "Lease",
    "PodMetrics",
];
/// Kinds whose Endpoints and EndpointSlices have an owner only if a controller wrote them.
const KEPT_WITHOUT_OWNER: [&str; 2] = ["Endpoints", "EndpointSlice"];
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
pub fn is_exported(object: &Map<String, Value>) -> bool {
    let of_server = |object: &Map<String, Value>| {
        let metadata = object.get("metadata").and_then(Value::as_object);
        metadata.is_some_and(|metadata| {
            ["uid", "resourceVersion"]
                .iter()
                .any(|key| metadata.get(*key).is_some_and(|value| value != ""))
        })
    };
    let items = object.get("items").and_then(Value::as_array);
    let first = items.and_then(|items| items.first()).and_then(Value::as_object);
    text(object, "kind").is_some_and(|kind| !kind.is_empty())
        && (of_server(object) || first.is_some_and(of_server))
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

/// Returns the manifests of exported objects, a file for each namespace. `stem` names the file of
/// objects without a namespace.
pub fn manifests(objects: Vec<Map<String, Value>>, stem: &str) -> Exported {
    let mut by_namespace: BTreeMap<String, Vec<Map<String, Value>>> = BTreeMap::new();
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    let mut items = Vec::new();
    for object in objects {
        flatten(object, &mut items, 0);
    }
    for mut object in items {
        let kind = text(&object, "kind").unwrap_or_default().to_owned();
        if is_created(&object, &kind) {
            *left_out.entry(kind).or_default() += 1;
            continue;
        }
        clean(&mut object, &kind);
        let metadata = object.get("metadata").and_then(Value::as_object);
        let namespace = metadata.and_then(|metadata| text(metadata, "namespace"));
        by_namespace.entry(namespace.unwrap_or_default().to_owned()).or_default().push(object);
    }
    let mut exported = Exported::default();
    for (namespace, objects) in by_namespace {
        let name = match namespace.as_str() {
            "" => format!("{stem}.yaml"),
            name => format!("{stem}-{name}.yaml"),
        };
        let documents: Vec<String> =
            objects.into_iter().map(|object| json::to_yaml(&Value::Object(object))).collect();
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

fn flatten(mut object: Map<String, Value>, into: &mut Vec<Map<String, Value>>, depth: usize) {
    let is_list = text(&object, "kind").is_some_and(|kind| kind.ends_with("List"));
    match object.get_mut("items").filter(|_| is_list && depth < MOST_DEPTH) {
        Some(Value::Array(items)) => {
            for item in std::mem::take(items) {
                if let Value::Object(item) = item {
                    flatten(item, into, depth + 1);
                }
            }
        }
        _ => into.push(object),
    }
}

/// Returns true if a controller or the API server creates the object.
fn is_created(object: &Map<String, Value>, kind: &str) -> bool {
    let empty = Map::new();
    let metadata = object.get("metadata").and_then(Value::as_object).unwrap_or(&empty);
    let (name, namespace) = (
        text(metadata, "name").unwrap_or_default(),
        text(metadata, "namespace").unwrap_or_default(),
    );
    let owners = metadata.get("ownerReferences").and_then(Value::as_array);
    let is_controller = |owner: &Value| owner.get("controller") == Some(&Value::Bool(true));
    if owners.is_some_and(|owners| owners.iter().any(is_controller)) {
        return true;
    }
    let manager = metadata
        .get("labels")
        .and_then(|labels| labels.get("endpointslice.kubernetes.io/managed-by"));
    match (kind, name) {
        ("Service", "kubernetes") if namespace == "default" => true,
        ("Endpoints" | "EndpointSlice", "kubernetes") if namespace == "default" => true,
        ("ConfigMap", "kube-root-ca.crt") | ("ServiceAccount", "default") => true,
        // Endpoints of a Service with a selector have the annotation of their controller.
        ("Endpoints", _) => metadata.get("annotations").is_some_and(|annotations| {
            annotations.get("endpoints.kubernetes.io/last-change-trigger-time").is_some()
        }),
        ("EndpointSlice", _) => manager.is_some(),
        _ => CREATED.contains(&kind) && !KEPT_WITHOUT_OWNER.contains(&kind),
    }
}

/// Removes what the API server sets.
fn clean(object: &mut Map<String, Value>, kind: &str) {
    // The status of a node has the addresses and the capacity that nothing else says.
    if kind != "Node" {
        object.remove("status");
    }
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.remove("uid");
        for key in SERVER_METADATA {
            metadata.remove(key);
        }
        if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
            annotations.retain(|name, _| !SERVER_ANNOTATIONS.contains(&name.as_str()));
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    let Some(Value::Object(spec)) = object.get_mut("spec") else { return };
    match kind {
        // Addresses of another cluster are outside of the range of this one.
        "Service" if text(spec, "clusterIP") != Some("None") => {
            for key in ["clusterIP", "clusterIPs", "healthCheckNodePort"] {
                spec.remove(key);
            }
        }
        "Namespace" => {
            object.remove("spec");
        }
        "PersistentVolumeClaim" => {
            spec.remove("volumeName");
        }
        _ => {}
    }
}
