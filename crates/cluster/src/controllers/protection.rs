//! Claims in use by pods and volumes in use by claims are not removed.
//!
//! Source: pkg/controller/volume/pvcprotection, pvprotection.

use super::{Reconciler, garbage::remove_finalizer};
use crate::apiserver::{ApiServer, Key};

pub const PROTECTION: Reconciler = Reconciler {
    name: "persistentvolumeclaim-protection-controller",
    keys: |server, event| match event.key.kind {
        "PersistentVolumeClaim" | "PersistentVolume" => {
            let mut keys = vec![event.key.clone()];
            keys.extend(marked(server, "PersistentVolume"));
            keys
        }
        "Pod" => marked(server, "PersistentVolumeClaim"),
        _ => Vec::new(),
    },
    reconcile,
};

/// Objects of a kind that are marked for deletion.
fn marked(server: &ApiServer, kind: &'static str) -> Vec<Key> {
    server
        .storage
        .list("", kind, "")
        .filter(|(_, object)| object["metadata"].has("deletionTimestamp"))
        .map(|(key, _)| key.clone())
        .collect()
}

fn reconcile(server: &mut ApiServer, key: &Key) {
    let Some(mut object) = server.storage.get(key).cloned() else { return };
    if !object["metadata"].has("deletionTimestamp") {
        return;
    }
    let (finalizer, in_use) = if key.kind == "PersistentVolume" {
        ("kubernetes.io/pv-protection", object["status"].str("phase") == "Bound")
    } else {
        let used = server.storage.list("", "Pod", &key.namespace).any(|(_, pod)| {
            !matches!(pod["status"].str("phase"), "Succeeded" | "Failed")
                && pod["spec"]
                    .list("volumes")
                    .iter()
                    .any(|volume| volume["persistentVolumeClaim"].str("claimName") == &*key.name)
        });
        ("kubernetes.io/pvc-protection", used)
    };
    if !in_use {
        remove_finalizer(&mut object, finalizer);
        server.write(key, object);
    }
}
