//! The objects that a piece of work reads and writes.
//!
//! The result of the work is the same as long as nothing that it has read differs. So it can be
//! kept, and its writes can be repeated, when other objects change.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use kubernetes::object::Value;

use super::addresses::has_same_addresses;
use super::storage::{Key, is_service};

/// The keys that a piece of work has read and written.
#[derive(Clone, Debug, Default)]
pub struct Access {
    objects: HashSet<Key>,
    /// Objects of which only the [`Presence`] was read.
    presences: HashSet<Key>,
    /// Group, kind and namespace of lists. An empty namespace means all.
    lists: HashSet<(&'static str, &'static str, Arc<str>)>,
    everything: bool,
    /// The addresses and ports of all Services.
    addresses: bool,
    /// The objects before the first write; null if there was none.
    written: BTreeMap<Key, Value>,
}

/// The existence of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Absent,
    Stored,
    /// Marked for deletion.
    Ending,
}

impl Presence {
    pub(super) fn of(object: Option<&Value>) -> Self {
        match object {
            None => Self::Absent,
            Some(object) if object["metadata"].has("deletionTimestamp") => Self::Ending,
            Some(_) => Self::Stored,
        }
    }
}

impl Access {
    /// The keys that were written, also those of deleted objects, with the objects before; null if
    /// there was none.
    pub fn written(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.written.iter()
    }

    /// Returns true if the work can have another result after an object has changed.
    pub fn is_affected(&self, key: &Key, old: Option<&Value>, new: Option<&Value>) -> bool {
        self.everything
            || self.objects.contains(key)
            || self.presences.contains(key) && Presence::of(old) != Presence::of(new)
            || self.addresses && is_service(key) && !has_same_addresses(old, new)
            || self.lists.iter().any(|(group, kind, namespace)| {
                key.group == *group
                    && key.kind == *kind
                    && (namespace.is_empty() || key.namespace == *namespace)
            })
    }

    pub(super) fn read(&mut self, key: &Key) {
        if !self.objects.contains(key) {
            self.objects.insert(key.clone());
        }
    }

    pub(super) fn read_presence(&mut self, key: &Key) {
        if !self.presences.contains(key) {
            self.presences.insert(key.clone());
        }
    }

    pub(super) fn read_list(&mut self, group: &'static str, kind: &'static str, namespace: &str) {
        self.lists.insert((group, kind, namespace.into()));
    }

    pub(super) fn read_everything(&mut self) {
        self.everything = true;
    }

    pub(super) fn read_addresses(&mut self) {
        self.addresses = true;
    }

    pub(super) fn write(&mut self, key: &Key, previous: Option<&Value>) {
        self.read(key);
        if !self.written.contains_key(key) {
            self.written.insert(key.clone(), previous.cloned().unwrap_or_default());
        }
    }
}
