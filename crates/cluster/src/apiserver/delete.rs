//! Deleting an object: at once, or when its finalizers have done their work.

use kubernetes::kinds::{self, Kind};
use kubernetes::object::Value;

use super::{Accepted, ApiServer, Key, Status};

/// What becomes of objects that are owned by a deleted one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    #[default]
    Background,
    Foreground,
    Orphan,
}

impl ApiServer {
    /// Deletes an object. One with finalizers stays, marked, until they are gone.
    pub fn delete(
        &mut self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
        propagation: Propagation,
    ) -> Result<Accepted, Status> {
        let key = Key::new(kind, namespace, name);
        let Some(mut object) = self.storage.get(&key).cloned() else {
            return Err(Status::not_found(kind, name));
        };
        let timestamp = self.timestamp();
        let metadata = object.entry("metadata");
        let finalizer = match propagation {
            Propagation::Background => None,
            Propagation::Foreground => Some("foregroundDeletion"),
            Propagation::Orphan => Some("orphan"),
        };
        if let Some(finalizer) = finalizer {
            metadata.entry("finalizers").list_mut().push(finalizer.into());
        }
        metadata.set_default("deletionTimestamp", timestamp);
        metadata.set_default("deletionGracePeriodSeconds", 0);
        if kind.kind == "Namespace" {
            object.entry("status").set("phase", "Terminating");
        }
        self.storage.put(key.clone(), object.clone());
        self.finish_deletion(kind, namespace, name);
        if !self.storage.contains(&key) {
            self.forget_definition(kind, &object);
        }
        Ok(Accepted { object, warnings: Vec::new() })
    }

    /// Removes an object that is marked and that nothing holds any more.
    pub(crate) fn finish_deletion(&mut self, kind: &'static Kind, namespace: &str, name: &str) {
        let key = Key::new(kind, namespace, name);
        let Some(object) = self.storage.get(&key) else { return };
        let marked = object["metadata"].has("deletionTimestamp");
        let held = !object["metadata"].list("finalizers").is_empty()
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

    /// The row of a stored object.
    pub fn row_of(&self, key: &Key) -> Option<&'static Kind> {
        let same = |row: &&Kind| row.kind == key.kind && row.group == key.group;
        kinds::KINDS.iter().find(same).or_else(|| self.custom.iter().find(|row| same(row)).copied())
    }
}
