//! ResourceQuotas: what an object uses, and whether it still fits.
//!
//! Source: plugin/pkg/admission/resourcequota, pkg/quota/v1/evaluator/core.

use std::collections::BTreeMap;

use kubernetes::kinds::Kind;
use kubernetes::object::{Map, Quantity, Value};
use kubernetes::validation::resources::{count, is_extended, quantity};

use crate::apiserver::{ApiServer, Key, Status};

/// Amounts by the name of a resource.
pub type Usage = BTreeMap<String, Quantity>;

/// The usage of an object, by all names that a quota can have for it.
pub fn usage(group: &str, kind: &str, plural: &str, object: &Value) -> Usage {
    let mut usage = Usage::new();
    let one = count(1);
    let resource = if group.is_empty() { plural.to_owned() } else { format!("{plural}.{group}") };
    usage.insert(format!("count/{resource}"), one);
    if !group.is_empty() {
        return usage;
    }
    let spec = &object["spec"];
    match kind {
        "Pod" if matches!(object["status"].str("phase"), "Succeeded" | "Failed") => {}
        "Pod" => pod_usage(&mut usage, spec),
        "Service" => service_usage(&mut usage, spec),
        "PersistentVolumeClaim" => {
            let size = quantity(&spec["resources"]["requests"]["storage"]);
            usage.insert("persistentvolumeclaims".to_owned(), one);
            usage.insert("requests.storage".to_owned(), size);
            let class = spec.str("storageClassName");
            if !class.is_empty() {
                let prefix = format!("{class}.storageclass.storage.k8s.io");
                usage.insert(format!("{prefix}/requests.storage"), size);
                usage.insert(format!("{prefix}/persistentvolumeclaims"), one);
            }
        }
        "ConfigMap" | "Secret" | "ReplicationController" | "ResourceQuota" => {
            usage.insert(plural.to_owned(), one);
        }
        _ => {}
    }
    usage
}

fn service_usage(usage: &mut Usage, spec: &Value) {
    usage.insert("services".to_owned(), count(1));
    let ty = spec.str("type");
    let ports = spec.list("ports").len() as i64;
    let balanced = ty == "LoadBalancer";
    let node_ports = if matches!(ty, "NodePort" | "LoadBalancer") { ports } else { 0 };
    usage.insert("services.nodeports".to_owned(), count(node_ports));
    usage.insert("services.loadbalancers".to_owned(), count(i64::from(balanced)));
}

fn pod_usage(usage: &mut Usage, spec: &Value) {
    usage.insert("pods".to_owned(), count(1));
    let (requests, limits) = (pod_total(spec, "requests"), pod_total(spec, "limits"));
    for (name, value) in requests.as_map().into_iter().flat_map(Map::iter) {
        let amount = quantity(value);
        if matches!(&**name, "cpu" | "memory" | "ephemeral-storage") {
            usage.insert(name.to_string(), amount);
        }
        if matches!(&**name, "cpu" | "memory" | "ephemeral-storage") || is_extended(name) {
            usage.insert(format!("requests.{name}"), amount);
        }
    }
    for (name, value) in limits.as_map().into_iter().flat_map(Map::iter) {
        if matches!(&**name, "cpu" | "memory" | "ephemeral-storage") {
            usage.insert(format!("limits.{name}"), quantity(value));
        }
    }
}

/// The request of a pod: its containers and sidecars together, or the largest init container
/// if that is more. Source: component-helpers/resource PodRequests.
pub fn pod_total(spec: &Value, key: &str) -> Value {
    let mut total = Value::map();
    let add = |total: &mut Value, container: &Value| {
        for (name, value) in container["resources"].entries(key) {
            let sum = quantity(&total[&**name]).plus(quantity(value));
            total.set(name, sum.canonical());
        }
    };
    for container in spec.list("containers") {
        add(&mut total, container);
    }
    let mut sidecars = Value::map();
    let mut largest = Value::map();
    for container in spec.list("initContainers") {
        let mut at_once = sidecars.clone();
        add(&mut at_once, container);
        if container.str("restartPolicy") == "Always" {
            add(&mut total, container);
            sidecars = at_once.clone();
        }
        for (name, value) in at_once.as_map().into_iter().flat_map(Map::iter) {
            if quantity(value) > quantity(&largest[&**name]) {
                largest.set(name, value.clone());
            }
        }
    }
    for (name, value) in largest.as_map().into_iter().flat_map(Map::iter) {
        if quantity(value) > quantity(&total[&**name]) {
            total.set(name, value.clone());
        }
    }
    total
}

/// True if the quota is about the object. Source: podMatchesScopeFunc.
pub fn in_scope(quota: &Value, kind: &str, object: &Value) -> bool {
    let spec = &object["spec"];
    let best_effort = kubernetes::kinds::qos_class(spec) == "BestEffort";
    let terminating = spec.has("activeDeadlineSeconds");
    let holds = |scope: &str| match scope {
        "BestEffort" => best_effort,
        "NotBestEffort" => !best_effort,
        "Terminating" => terminating,
        "NotTerminating" => !terminating,
        "PriorityClass" => !spec.str("priorityClassName").is_empty(),
        _ => true,
    };
    let scopes = quota["spec"].list("scopes");
    if scopes.is_empty() {
        return true;
    }
    kind == "Pod" && scopes.iter().filter_map(Value::as_str).all(holds)
}

/// Resources that each container must name if a quota limits them.
fn missing(spec: &Value, limited: &[&str]) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for resource in limited {
        let (part, name) = match resource.split_once('.') {
            Some((part @ ("requests" | "limits"), name)) => (part, name),
            _ => ("requests", *resource),
        };
        if !matches!(name, "cpu" | "memory") {
            continue;
        }
        let lacking: Vec<&str> = ["containers", "initContainers"]
            .iter()
            .flat_map(|list| spec.list(list))
            .filter(|container| !container["resources"][part].has(name))
            .map(|container| container.str("name"))
            .collect();
        if !lacking.is_empty() {
            rows.push(format!("{resource} for: {}", lacking.join(",")));
        }
    }
    rows
}

/// Refuses an object that does not fit into the quotas of its namespace.
pub fn check(
    server: &ApiServer,
    kind: &'static Kind,
    namespace: &str,
    object: &Value,
    old: Option<&Value>,
) -> Result<(), Status> {
    if !kind.namespaced {
        return Ok(());
    }
    let name = object["metadata"].str("name");
    let mut used = usage(kind.group, kind.kind, kind.plural, object);
    if let Some(old) = old {
        let before = usage(kind.group, kind.kind, kind.plural, old);
        used.retain(|resource, amount| {
            amount.nano -= before.get(resource).map_or(0, |quantity| quantity.nano);
            amount.nano > 0
        });
    }
    for (key, quota) in server.storage.list("", "ResourceQuota", namespace) {
        if !in_scope(quota, kind.kind, object) {
            continue;
        }
        fits(quota, &key.name, &used, kind, object, old.is_some())
            .map_err(|message| Status::forbidden(kind, name, &message))?;
    }
    Ok(())
}

fn fits(
    quota: &Value,
    name: &str,
    used: &Usage,
    kind: &Kind,
    object: &Value,
    is_update: bool,
) -> Result<(), String> {
    let hard = &quota["status"]["hard"];
    let limited: Vec<&str> = quota["spec"].entries("hard").map(|(name, _)| &**name).collect();
    if kind.kind == "Pod" && kind.group.is_empty() && !is_update {
        let missing = missing(&object["spec"], &limited);
        if !missing.is_empty() {
            return Err(format!("failed quota: {name}: must specify {}", missing.join("; ")));
        }
    }
    let asked: Vec<(&String, &Quantity)> =
        used.iter().filter(|(resource, _)| limited.contains(&resource.as_str())).collect();
    let unknown: Vec<&str> = asked
        .iter()
        .filter(|(resource, _)| !hard.has(resource))
        .map(|(resource, _)| resource.as_str())
        .collect();
    if !unknown.is_empty() {
        return Err(format!("status unknown for quota: {name}, resources: {}", unknown.join(",")));
    }
    let so_far = |resource: &str| quantity(&quota["status"]["used"][resource]);
    let over: Vec<&(&String, &Quantity)> = asked
        .iter()
        .filter(|(resource, amount)| {
            let total = so_far(resource).plus(**amount);
            amount.nano > 0 && total > quantity(&hard[resource.as_str()])
        })
        .collect();
    if over.is_empty() {
        return Ok(());
    }
    let list = |amount: &dyn Fn(&str, &Quantity) -> String| {
        let rows: Vec<String> =
            over.iter().map(|(name, asked)| format!("{name}={}", amount(name, asked))).collect();
        rows.join(",")
    };
    Err(format!(
        "exceeded quota: {name}, requested: {}, used: {}, limited: {}",
        list(&|_, asked| asked.canonical()),
        list(&|name, _| so_far(name).canonical()),
        list(&|name, _| quantity(&hard[name]).canonical()),
    ))
}

/// Adds an accepted object to the used amounts of the quotas, as admission does before the
/// controller counts again.
pub fn charge(server: &mut ApiServer, kind: &'static Kind, namespace: &str, object: &Value) {
    if !kind.namespaced {
        return;
    }
    let used = usage(kind.group, kind.kind, kind.plural, object);
    let keys: Vec<Key> = server
        .storage
        .list("", "ResourceQuota", namespace)
        .filter(|(_, quota)| in_scope(quota, kind.kind, object))
        .map(|(key, _)| key.clone())
        .collect();
    for key in keys {
        let Some(mut quota) = server.storage.get(&key).cloned() else { continue };
        for (resource, amount) in &used {
            if quota["status"]["hard"].has(resource) && amount.nano > 0 {
                let total = quantity(&quota["status"]["used"][resource.as_str()]).plus(*amount);
                quota.entry_at(&["status", "used"]).set(resource, total.canonical());
            }
        }
        server.storage.put(key, quota);
    }
}
