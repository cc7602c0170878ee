//! Stored objects by kind, namespace and name, and the changes of them as events.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::kinds::Kind;
use kubernetes::object::Value;

use super::addresses::Taken;
use super::recording::{Access, Presence};

/// The key of a stored object. Keys sort by kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub kind: &'static str,
    pub group: &'static str,
    /// Empty for objects of the cluster.
    pub namespace: Arc<str>,
    pub name: Arc<str>,
}

impl Key {
    pub fn new(kind: &Kind, namespace: &str, name: &str) -> Self {
        let namespace = if kind.namespaced { namespace } else { "" };
        Self { kind: kind.kind, group: kind.group, namespace: namespace.into(), name: name.into() }
    }
}

/// The type of a change of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    Modified,
    Deleted,
}

/// A change, as a watch reports it.
#[derive(Clone, Debug)]
pub struct Event {
    pub change: Change,
    pub key: Key,
    /// The object after the change; the last one if it was deleted.
    pub object: Value,
    /// The object before the change; null if it was added.
    pub previous: Value,
}

/// All objects, and the events that no one has taken yet.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    objects: BTreeMap<Key, Value>,
    /// Addresses and ports of all Services.
    taken: Taken,
    revision: u64,
    events: Vec<Event>,
    /// The reads and writes since [`Storage::record`].
    recording: Option<RefCell<Access>>,
}

impl Storage {
    fn note(&self, access: impl FnOnce(&mut Access)) {
        if let Some(recording) = &self.recording {
            access(&mut recording.borrow_mut());
        }
    }

    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.note(|access| access.read(key));
        self.objects.get(key)
    }

    pub fn contains(&self, key: &Key) -> bool {
        self.presence(key) != Presence::Absent
    }

    /// The presence of an object.
    pub fn presence(&self, key: &Key) -> Presence {
        self.note(|access| access.read_presence(key));
        Presence::of(self.objects.get(key))
    }

    /// All objects, sorted by kind, namespace and name.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.note(Access::read_everything);
        self.objects.iter()
    }

    /// Objects of a kind in a namespace; an empty namespace means all.
    pub fn list<'a>(
        &'a self,
        group: &'static str,
        kind: &'static str,
        namespace: &'a str,
    ) -> impl Iterator<Item = (&'a Key, &'a Value)> {
        self.note_list(group, kind, namespace);
        let first = Key { kind, group, namespace: namespace.into(), name: "".into() };
        self.objects.range(first..).take_while(move |(key, _)| {
            key.kind == kind
                && key.group == group
                && (namespace.is_empty() || &*key.namespace == namespace)
        })
    }

    /// The number of objects of a kind. The count is not recorded as an access: it only decides
    /// about limits.
    pub(super) fn count(&self, group: &'static str, kind: &'static str) -> usize {
        let first = Key { kind, group, namespace: "".into(), name: "".into() };
        let of_kind = |key: &&Key| key.kind == kind && key.group == group;
        self.objects.range(first..).map(|(key, _)| key).take_while(of_kind).count()
    }

    /// Records that a result depends on the objects of a kind.
    pub(super) fn note_list(&self, group: &'static str, kind: &'static str, namespace: &str) {
        self.note(|access| access.read_list(group, kind, namespace));
    }

    /// Stores an object under a new revision. An object that does not differ keeps its own.
    ///
    /// While accesses are recorded each object counts its revisions alone, so that they do not
    /// depend on others.
    pub fn put(&mut self, key: Key, mut object: Value) -> Value {
        self.note(|access| access.write(&key, self.objects.get(&key)));
        let (change, previous) = match self.objects.get(&key) {
            Some(old) if *old == object => return object,
            Some(old) => (Change::Modified, old.clone()),
            None => (Change::Added, Value::Null),
        };
        let revision = match &self.recording {
            None => self.revision + 1,
            Some(_) => revision_of(&previous) + 1,
        };
        self.revision = self.revision.max(revision);
        object.entry("metadata").set("resourceVersion", revision.to_string());
        if is_service(&key) {
            self.taken.remove(&previous);
            self.taken.add(&object);
        }
        self.events.push(Event { change, key: key.clone(), object: object.clone(), previous });
        self.objects.insert(key, object.clone());
        object
    }

    /// Stores an object that another server has stored, with its revision and without an event.
    pub fn restore(&mut self, key: Key, object: Value) {
        self.revision = self.revision.max(revision_of(&object));
        if is_service(&key) {
            if let Some(known) = self.objects.get(&key) {
                self.taken.remove(known);
            }
            self.taken.add(&object);
        }
        self.objects.insert(key, object);
    }

    /// Removes an object and returns it.
    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        self.note(|access| access.write(key, self.objects.get(key)));
        let object = self.objects.remove(key)?;
        if is_service(key) {
            self.taken.remove(&object);
        }
        self.revision += 1;
        let event = Event {
            change: Change::Deleted,
            key: key.clone(),
            object: object.clone(),
            previous: object.clone(),
        };
        self.events.push(event);
        Some(object)
    }

    /// Addresses and ports of the stored Services.
    pub(crate) fn taken(&self) -> &Taken {
        self.note(Access::read_addresses);
        &self.taken
    }

    /// The events since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Puts events back that were taken.
    pub fn add_events(&mut self, events: &[Event]) {
        self.events.extend_from_slice(events);
    }

    /// Records reads and writes from now on.
    pub(super) fn record(&mut self) {
        self.recording = Some(RefCell::default());
    }

    /// Returns true while reads and writes are recorded.
    pub(super) fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// Ends the recording.
    pub fn take_record(&mut self) -> Access {
        self.recording.take().map(RefCell::into_inner).unwrap_or_default()
    }

    /// Removes an object that another server has removed, without an event.
    pub fn forget(&mut self, key: &Key) {
        if let Some(object) = self.objects.remove(key)
            && is_service(key)
        {
            self.taken.remove(&object);
        }
    }

    /// The revision of the last change.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

fn revision_of(object: &Value) -> u64 {
    object["metadata"].str("resourceVersion").parse().unwrap_or_default()
}

pub(super) fn is_service(key: &Key) -> bool {
    key.kind == "Service" && key.group.is_empty()
}
