//! The end of a namespace: everything in it is deleted, then the namespace itself.
//!
//! Source: pkg/controller/namespace/deletion.

use std::collections::BTreeMap;

use kubernetes::object::Value;

use super::Reconciler;
use super::objects::{condition, set_condition};
use crate::apiserver::{ApiServer, Key, Presence, Propagation};

pub const NAMESPACES: Reconciler = Reconciler {
    name: "namespace-controller",
    keys: |server, event| {
        if event.key.kind == "Namespace" {
            return vec![event.key.clone()];
        }
        let key = Key {
            kind: "Namespace",
            group: "",
            namespace: "".into(),
            name: event.key.namespace.clone(),
        };
        if is_ending(server, &key) { vec![key] } else { Vec::new() }
    },
    reconcile,
};

fn is_ending(server: &ApiServer, key: &Key) -> bool {
    server.storage.presence(key) == Presence::Ending
}

fn reconcile(server: &mut ApiServer, key: &Key) {
    if !is_ending(server, key) {
        return;
    }
    let inside: Vec<Key> = server
        .storage
        .iter()
        .filter(|(one, _)| one.namespace == key.name && !one.namespace.is_empty())
        .map(|(one, _)| one.clone())
        .collect();
    for one in &inside {
        let marked = server
            .storage
            .get(one)
            .is_some_and(|object| object["metadata"].has("deletionTimestamp"));
        if let Some(kind) = server.row_of(one)
            && !marked
        {
            let _ = server.delete(kind, &one.namespace, &one.name, Propagation::Background);
        }
    }
    let left = server.storage.iter().any(|(one, _)| one.namespace == key.name);
    let Some(mut object) = server.storage.get(key).cloned() else { return };
    if left {
        set_conditions(server, key, &mut object);
    } else {
        object.entry("spec").remove("finalizers");
    }
    server.write(key, object);
}

/// Says what is left in a namespace that cannot go yet. Source: status_condition_utils.go.
fn set_conditions(server: &ApiServer, key: &Key, object: &mut Value) {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut finalizers: BTreeMap<String, usize> = BTreeMap::new();
    for (one, left) in server.storage.iter().filter(|(one, _)| one.namespace == key.name) {
        if let Some(row) = server.row_of(one) {
            let resource = format!("{}.{}", row.plural, row.group);
            *kinds.entry(resource).or_default() += 1;
        }
        for finalizer in left["metadata"].list("finalizers").iter().filter_map(Value::as_str) {
            *finalizers.entry(finalizer.to_owned()).or_default() += 1;
        }
    }
    let list = |verb: &str, counts: &BTreeMap<String, usize>| {
        let texts: Vec<String> = counts
            .iter()
            .map(|(name, count)| format!("{name} {verb} {count} resource instances"))
            .collect();
        texts.join(", ")
    };
    let remaining = format!("Some resources are remaining: {}", list("has", &kinds));
    let held = format!(
        "Some content in the namespace has finalizers remaining: {}",
        list("in", &finalizers)
    );
    let rows = [
        (
            "NamespaceDeletionDiscoveryFailure",
            "False",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        (
            "NamespaceDeletionContentFailure",
            "False",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        ("NamespaceContentRemaining", "True", "SomeResourcesRemain", &*remaining),
        ("NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain", &*held),
    ];
    for (ty, status, reason, message) in rows {
        if ty != "NamespaceFinalizersRemaining" || !finalizers.is_empty() {
            put(server, object, [ty, status, reason, message]);
        }
    }
}

fn put(server: &ApiServer, object: &mut Value, [ty, status, reason, message]: [&str; 4]) {
    let known = condition(object, ty).filter(|one| one.str("status") == status);
    let time =
        known.map_or_else(|| server.timestamp(), |one| one.str("lastTransitionTime").to_owned());
    let mut one = Value::map();
    one.set("type", ty);
    one.set("status", status);
    one.set("lastTransitionTime", time);
    one.set("reason", reason);
    one.set("message", message);
    set_condition(object.entry("status").entry("conditions"), one);
}
