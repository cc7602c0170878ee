//! Admission of Pods that ask for a container runtime: overhead and scheduling of its class.
//!
//! Source: plugin/pkg/admission/runtimeclass.

use kubernetes::kinds::Kind;
use kubernetes::object::{NULL, Value};

use crate::apiserver::{ApiServer, Key, Status};

fn class_of<'a>(server: &'a ApiServer, pod: &Value) -> Option<&'a Value> {
    let name = pod["spec"].str("runtimeClassName");
    server.storage.get(&Key {
        kind: "RuntimeClass",
        group: "node.k8s.io",
        namespace: "".into(),
        name: name.into(),
    })
}

/// Gives a pod the overhead and the scheduling constraints of its class.
pub fn fill(server: &ApiServer, kind: &'static Kind, pod: &mut Value) -> Result<(), Status> {
    let Some(name) = pod["spec"]["runtimeClassName"].as_str() else { return Ok(()) };
    let refused = |message: &str| Status::forbidden(kind, pod["metadata"].str("name"), message);
    let Some(class) = class_of(server, pod) else {
        let name = go::quote::quote(name);
        return Err(refused(&format!("pod rejected: RuntimeClass {name} not found")));
    };
    let overhead = &class["overhead"]["podFixed"];
    let own = &pod["spec"]["overhead"];
    if class.has("overhead") && !own.is_null() && own != overhead {
        let message = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
        return Err(refused(message));
    }
    for (key, value) in class["scheduling"].entries("nodeSelector") {
        let own = pod["spec"]["nodeSelector"].get(key).and_then(Value::as_str);
        let wanted = value.as_str().unwrap_or_default();
        if let Some(own) = own.filter(|own| *own != wanted) {
            return Err(refused(&format!(
                "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {wanted}; pod.spec.nodeSelector[{key}] = {own}"
            )));
        }
    }
    let (overhead, scheduling) = (overhead.clone(), class["scheduling"].clone());
    let has_overhead = class.has("overhead");
    let spec = pod.entry("spec");
    if has_overhead {
        spec.set("overhead", overhead);
    }
    for (key, value) in scheduling.entries("nodeSelector") {
        spec.entry("nodeSelector").set(key, value.clone());
    }
    // Those of the class come first.
    let mut tolerations = scheduling.list("tolerations").to_vec();
    if !tolerations.is_empty() {
        let own = spec.list("tolerations").iter().filter(|one| !tolerations.contains(one));
        let own: Vec<Value> = own.cloned().collect();
        tolerations.extend(own);
        spec.set("tolerations", tolerations);
    }
    Ok(())
}

/// A pod has no overhead but that of its class.
pub fn check(server: &ApiServer, kind: &'static Kind, pod: &Value) -> Result<(), Status> {
    let class = class_of(server, pod).unwrap_or(&NULL);
    if pod["spec"].has("overhead") && !class.has("overhead") {
        let message =
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
        return Err(Status::forbidden(kind, pod["metadata"].str("name"), message));
    }
    Ok(())
}
