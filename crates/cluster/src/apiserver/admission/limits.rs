//! LimitRanges: defaults and bounds of what pods and claims ask for.
//!
//! Source: plugin/pkg/admission/limitranger.

use kubernetes::kinds::Kind;
use kubernetes::object::{Quantity, Value};
use kubernetes::validation::resources::quantity;

use crate::apiserver::{ApiServer, Status};

/// Items of a type in the namespace's LimitRanges.
fn items<'a>(
    server: &'a ApiServer,
    namespace: &'a str,
    ty: &'a str,
) -> impl Iterator<Item = &'a Value> {
    server
        .storage
        .list("", "LimitRange", namespace)
        .flat_map(|(_, range)| range["spec"].list("limits"))
        .filter(move |item| item.str("type") == ty)
}

/// Gives containers the default requests and limits, and notes it in an annotation.
pub fn fill(server: &ApiServer, kind: &Kind, namespace: &str, object: &mut Value) {
    if kind.kind != "Pod" || !kind.group.is_empty() {
        return;
    }
    let (mut requests, mut limits) = (Value::map(), Value::map());
    for item in items(server, namespace, "Container") {
        merge(&mut requests, &item["defaultRequest"]);
        merge(&mut limits, &item["default"]);
    }
    let mut notes: Vec<String> = Vec::new();
    for (list, what) in [("containers", "container"), ("initContainers", "init container")] {
        for container in object.entry("spec").items_mut(list) {
            let name = container.str("name").to_owned();
            for (key, defaults, part) in
                [("requests", &requests, "request"), ("limits", &limits, "limit")]
            {
                let set = merge_resources(container, key, defaults);
                if !set.is_empty() {
                    notes.push(format!("{} {part} for {what} {name}", set.join(", ")));
                }
            }
        }
    }
    if !notes.is_empty() {
        let note = format!("LimitRanger plugin set: {}", notes.join("; "));
        let annotations = object.entry("metadata").entry("annotations");
        annotations.set("kubernetes.io/limit-ranger", note);
    }
}

fn merge(into: &mut Value, from: &Value) {
    for (name, value) in from.as_map().into_iter().flat_map(|map| map.iter()) {
        into.set_default(name, value.clone());
    }
}

/// Sets what a container lacks; returns the names of it.
fn merge_resources(container: &mut Value, key: &str, defaults: &Value) -> Vec<String> {
    let mut set = Vec::new();
    for (name, value) in defaults.as_map().into_iter().flat_map(|map| map.iter()) {
        if !container["resources"][key].has(name) {
            container.entry_at(&["resources", key]).set(name, value.clone());
            set.push(name.to_string());
        }
    }
    set
}

/// Refuses pods and claims that are out of bounds.
pub fn check(
    server: &ApiServer,
    kind: &'static Kind,
    namespace: &str,
    object: &Value,
) -> Result<(), Status> {
    let wrong = match kind.kind {
        "Pod" if kind.group.is_empty() => pod_errors(server, namespace, object),
        "PersistentVolumeClaim" => {
            let requests = &object["spec"]["resources"];
            items(server, namespace, "PersistentVolumeClaim")
                .flat_map(|item| bounds(item, requests, "PersistentVolumeClaim"))
                .collect()
        }
        _ => return Ok(()),
    };
    if wrong.is_empty() {
        return Ok(());
    }
    let message = if wrong.len() == 1 { wrong.concat() } else { format!("[{}]", wrong.join(", ")) };
    Err(Status::forbidden(kind, object["metadata"].str("name"), &message))
}

fn pod_errors(server: &ApiServer, namespace: &str, pod: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let spec = &pod["spec"];
    for item in items(server, namespace, "Container") {
        for list in ["containers", "initContainers"] {
            for container in spec.list(list) {
                wrong.extend(bounds(item, &container["resources"], "Container"));
            }
        }
    }
    for item in items(server, namespace, "Pod") {
        let mut total = Value::map();
        for key in ["requests", "limits"] {
            let sum = super::quota::pod_total(spec, key);
            total.set(key, sum);
        }
        wrong.extend(bounds(item, &total, "Pod"));
    }
    wrong
}

/// Violations of one item. Source: minConstraint, maxConstraint, limitRequestRatioConstraint.
fn bounds(item: &Value, resources: &Value, ty: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let find = |list: &str, name: &str| resources[list].get(name).map(quantity);
    for (name, value) in item.entries("min") {
        let (min, text) = (quantity(value), value.as_str().unwrap_or_default());
        match find("requests", name) {
            None => wrong
                .push(format!("minimum {name} usage per {ty} is {text}.  No request is specified")),
            Some(request) if request < min => wrong.push(format!(
                "minimum {name} usage per {ty} is {text}, but request is {}",
                request.canonical()
            )),
            Some(_) => {}
        }
    }
    for (name, value) in item.entries("max") {
        let (max, text) = (quantity(value), value.as_str().unwrap_or_default());
        // Claims have no limits.
        let part = if ty == "PersistentVolumeClaim" { "requests" } else { "limits" };
        match find(part, name) {
            None => wrong
                .push(format!("maximum {name} usage per {ty} is {text}.  No limit is specified")),
            Some(limit) if limit > max => {
                let what = if part == "requests" { "request" } else { "limit" };
                wrong.push(format!(
                    "maximum {name} usage per {ty} is {text}, but {what} is {}",
                    limit.canonical()
                ));
            }
            Some(_) => {}
        }
    }
    for (name, value) in item.entries("maxLimitRequestRatio") {
        let (limit, request) = (find("limits", name), find("requests", name));
        wrong.extend(ratio(name, value, limit, request, ty));
    }
    wrong
}

fn ratio(
    name: &str,
    value: &Value,
    limit: Option<Quantity>,
    request: Option<Quantity>,
    ty: &str,
) -> Option<String> {
    let text = value.as_str().unwrap_or_default();
    let start = format!("{name} max limit to request ratio per {ty} is {text}, but");
    let positive = |quantity: &Quantity| quantity.nano > 0;
    let Some(request) = request.filter(positive) else {
        return Some(format!("{start} no request is specified or request is 0"));
    };
    let Some(limit) = limit.filter(positive) else {
        return Some(format!("{start} no limit is specified or limit is 0"));
    };
    let found = limit.nano as f64 / request.nano as f64;
    let allowed = quantity(value).nano as f64 / 1e9;
    (found > allowed).then(|| format!("{start} provided ratio is {found:.6}"))
}
