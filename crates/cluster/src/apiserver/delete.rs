//! Deleting an object: at once, or when its finalizers have done their work.

use kubernetes::kinds::{self, Kind};
use kubernetes::object::Value;

use crate::controllers::objects::seconds_of;

use super::{Accepted, ApiServer, Key, Status};

/// The treatment of objects that a deleted one owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    #[default]
    Background,
    Foreground,
    Orphan,
}

/// Namespaces that cannot be deleted.
/// Source: plugin/pkg/admission/namespace/lifecycle immortalNamespaces.
const KEPT_NAMESPACES: &[&str] = &["default", "kube-public", "kube-system"];

impl ApiServer {
    /// Deletes an object. One with finalizers, and a pod on a node, stays, marked, until its time
    /// has come.
    pub fn delete(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        propagation: Propagation,
    ) -> Result<Accepted, Status> {
        self.delete_with(kind, namespace, name, propagation, None)
    }

    /// Deletes an object; `grace` is the time in seconds that the request gives a pod.
    pub fn delete_with(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        propagation: Propagation,
        grace: Option<i64>,
    ) -> Result<Accepted, Status> {
        self.authorize("delete", kind, namespace, name)?;
        let key = Key::new(kind, namespace, name);
        let Some(mut object) = self.storage.get(&key).cloned() else {
            return Err(Status::not_found(kind, name));
        };
        if kind.kind == "Namespace" && KEPT_NAMESPACES.contains(&name) {
            return Err(Status::forbidden(kind, name, "this namespace may not be deleted"));
        }
        let Some(seconds) = self.new_grace_period(kind, &object, grace) else {
            return Ok(Accepted { object, warnings: Vec::new() });
        };
        mark(kind, &mut object, propagation, seconds, self.timestamp_in(seconds));
        self.storage.put(key.clone(), object.clone());
        self.finish_deletion(kind, namespace, name);
        if !self.storage.contains(&key) {
            self.forget_definition(kind, &object);
        }
        Ok(Accepted { object, warnings: Vec::new() })
    }

    /// Returns the grace period in seconds that the object gets; None if it is being deleted and
    /// does not end earlier by this request.
    ///
    /// Source: staging/src/k8s.io/apiserver pkg/registry/rest/delete.go BeforeDelete.
    fn new_grace_period(&self, kind: &Kind, object: &Value, grace: Option<i64>) -> Option<i64> {
        let seconds = grace_period(kind, object, grace);
        let metadata = &object["metadata"];
        if seconds == 0 || !metadata.has("deletionTimestamp") {
            return Some(seconds);
        }
        if seconds >= metadata.int("deletionGracePeriodSeconds") {
            return None;
        }
        Some(if self.has_passed(object, seconds) { 1 } else { seconds })
    }

    /// True if a grace period that counts from the first deletion of an object is over.
    fn has_passed(&self, object: &Value, seconds: i64) -> bool {
        let metadata = &object["metadata"];
        let marked = seconds_of(&metadata["deletionTimestamp"]);
        let first = marked.map(|at| at - metadata.int("deletionGracePeriodSeconds"));
        first.is_some_and(|first| first.saturating_add(seconds) <= self.time())
    }

    /// Removes an object that is marked and that nothing holds any more.
    pub(crate) fn finish_deletion(&mut self, kind: &'static Kind, namespace: &str, name: &str) {
        let key = Key::new(kind, namespace, name);
        let Some(object) = self.storage.get(&key) else { return };
        let marked = object["metadata"].has("deletionTimestamp");
        let held = !object["metadata"].list("finalizers").is_empty()
            || object["metadata"].int("deletionGracePeriodSeconds") > 0
            || kind.kind == "Namespace" && !object["spec"].list("finalizers").is_empty();
        if marked && !held {
            self.storage.remove(&key);
        }
    }

    /// Writes an object for a controller, without admission and validation.
    pub fn write(&mut self, key: &Key, object: Value) {
        if !self.storage.contains(key) {
            return;
        }
        self.storage.put(key.clone(), object);
        if let Some(kind) = self.row_of(key) {
            self.finish_deletion(kind, &key.namespace, &key.name);
        }
    }

    /// Writes the changed spec of an object for a controller: as [`write`](Self::write), with a new
    /// generation if anything but metadata and status has changed.
    pub fn update(&mut self, key: &Key, mut object: Value) {
        let Some(stored) = self.storage.get(key) else { return };
        let Some(kind) = self.row_of(key) else { return };
        if kind.generation && super::update::generation_changes(kind, &object, stored) {
            let generation = stored["metadata"].int("generation") + 1;
            object.entry("metadata").set("generation", generation);
        }
        self.write(key, object);
    }

    /// The row of a stored object.
    pub fn row_of(&self, key: &Key) -> Option<&'static Kind> {
        let same = |row: &&Kind| row.kind == key.kind && row.group == key.group;
        kinds::KINDS.iter().find(same).or_else(|| {
            self.note_definitions();
            self.custom.iter().find(|row| same(row)).copied()
        })
    }
}

/// Writes into the metadata of an object that it is being deleted.
fn mark(
    kind: &Kind,
    object: &mut Value,
    propagation: Propagation,
    seconds: i64,
    timestamp: String,
) {
    let metadata = object.entry("metadata");
    let marked = metadata.has("deletionTimestamp");
    let stays = seconds > 0 || !metadata.list("finalizers").is_empty();
    let generation = metadata.int("generation");
    if !marked && stays && generation > 0 {
        metadata.set("generation", generation + 1);
    }
    let finalizer = match propagation {
        Propagation::Background => None,
        Propagation::Foreground => Some("foregroundDeletion"),
        Propagation::Orphan => Some("orphan"),
    };
    if let Some(finalizer) = finalizer {
        let finalizers = metadata.entry("finalizers").list_mut();
        if !finalizers.contains(&finalizer.into()) {
            finalizers.push(finalizer.into());
        }
    }
    if !marked || kind.kind == "Pod" {
        metadata.set("deletionTimestamp", timestamp);
        metadata.set("deletionGracePeriodSeconds", seconds);
    }
    if kind.kind == "Namespace" {
        metadata.remove("deletionGracePeriodSeconds");
        object.entry("status").set("phase", "Terminating");
    }
}

/// Seconds that a deleted object may remain: a pod's own time or that of the request; none for a pod
/// that no kubelet runs or that has ended, and for other kinds.
/// Source: pkg/registry/core/pod/strategy.go CheckGracefulDelete.
fn grace_period(kind: &Kind, object: &Value, asked: Option<i64>) -> i64 {
    if kind.kind != "Pod" || !kind.group.is_empty() {
        return 0;
    }
    let ended = matches!(object["status"].str("phase"), "Succeeded" | "Failed");
    if object["spec"].str("nodeName").is_empty() || ended {
        return 0;
    }
    asked.unwrap_or_else(|| object["spec"].int("terminationGracePeriodSeconds")).max(0)
}
