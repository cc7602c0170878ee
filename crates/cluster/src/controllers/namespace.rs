//! The end of a namespace: everything in it is deleted, then the namespace itself.
//!
//! Source: pkg/controller/namespace/deletion.

use super::Reconciler;
use crate::apiserver::{ApiServer, Key, Propagation};

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
    server.storage.get(key).is_some_and(|object| object["metadata"].has("deletionTimestamp"))
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
    if !left && let Some(mut object) = server.storage.get(key).cloned() {
        object.entry("spec").remove("finalizers");
        server.write(key, object);
    }
}
