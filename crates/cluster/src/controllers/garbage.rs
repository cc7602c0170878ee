//! Objects whose owners are gone, and owners that wait for what they own.
//!
//! Source: pkg/controller/garbagecollector.

use kubernetes::object::Value;

use super::Reconciler;
use crate::apiserver::{ApiServer, Change, Key, Propagation};

pub const GARBAGE: Reconciler = Reconciler {
    name: "garbage-collector-controller",
    keys: |server, event| {
        let mut keys = Vec::new();
        if event.change != Change::Deleted {
            let metadata = &event.object["metadata"];
            if !metadata.list("ownerReferences").is_empty() || metadata.has("deletionTimestamp") {
                keys.push(event.key.clone());
            }
        }
        if event.change == Change::Deleted {
            keys.extend(owned_by(server, event.object["metadata"].str("uid")));
            keys.extend(owners(server, &event.object));
        }
        keys
    },
    reconcile,
};

/// Objects that name an owner with this uid.
fn owned_by(server: &ApiServer, uid: &str) -> Vec<Key> {
    let names = |object: &Value| {
        let owners = object["metadata"].list("ownerReferences");
        owners.iter().any(|owner| owner.str("uid") == uid)
    };
    server.storage.iter().filter(|(_, object)| names(object)).map(|(key, _)| key.clone()).collect()
}

/// Owners of an object that are stored.
fn owners(server: &ApiServer, object: &Value) -> Vec<Key> {
    let uids: Vec<&str> =
        object["metadata"].list("ownerReferences").iter().map(|owner| owner.str("uid")).collect();
    server
        .storage
        .iter()
        .filter(|(_, other)| uids.contains(&other["metadata"].str("uid")))
        .map(|(key, _)| key.clone())
        .collect()
}

fn reconcile(server: &mut ApiServer, key: &Key) {
    let Some(object) = server.storage.get(key).cloned() else { return };
    let Some(kind) = server.row_of(key) else { return };
    if object["metadata"].has("deletionTimestamp") {
        return end_of_owner(server, key, object);
    }
    let references = object["metadata"].list("ownerReferences");
    if references.is_empty() {
        return;
    }
    let uids: Vec<String> = references.iter().map(|owner| owner.str("uid").to_owned()).collect();
    let alive = server
        .storage
        .iter()
        .any(|(_, other)| uids.iter().any(|uid| other["metadata"].str("uid") == uid));
    if !alive {
        let _ = server.delete(kind, &key.namespace, &key.name, Propagation::Background);
    }
}

/// Carries out the finalizers of a deleted owner.
fn end_of_owner(server: &mut ApiServer, key: &Key, mut object: Value) {
    let has = |name: &str| {
        let finalizers = object["metadata"].list("finalizers");
        finalizers.iter().any(|one| one.as_str() == Some(name))
    };
    let uid = object["metadata"].str("uid").to_owned();
    let owned = owned_by(server, &uid);
    if has("orphan") {
        for one in owned {
            let Some(mut child) = server.storage.get(&one).cloned() else { continue };
            let references = child.entry("metadata").entry("ownerReferences").list_mut();
            references.retain(|owner| owner.str("uid") != uid);
            if references.is_empty() {
                child.entry("metadata").remove("ownerReferences");
            }
            server.write(&one, child);
        }
        remove_finalizer(&mut object, "orphan");
        return server.write(key, object);
    }
    if has("foregroundDeletion") {
        for one in &owned {
            if let Some(kind) = server.row_of(one) {
                let _ = server.delete(kind, &one.namespace, &one.name, Propagation::Background);
            }
        }
        if owned_by(server, &uid).is_empty() {
            remove_finalizer(&mut object, "foregroundDeletion");
            server.write(key, object);
        }
    }
}

/// Takes a finalizer out of an object.
pub fn remove_finalizer(object: &mut Value, name: &str) {
    let metadata = object.entry("metadata");
    let finalizers = metadata.entry("finalizers").list_mut();
    finalizers.retain(|one| one.as_str() != Some(name));
    if finalizers.is_empty() {
        metadata.remove("finalizers");
    }
}
