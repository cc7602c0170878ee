//! Object metadata: name, labels, annotations, owners, and the location in the text.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use text::Location;

/// Text of a manifest; cheap to clone, since labels travel from a Deployment to each of its pods.
pub type Text = Arc<str>;

/// A value, and the field of the manifest that gave it. Nothing is named where the API server or a
/// controller filled the value in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Field<T> {
    pub value: T,
    pub at: Option<Location>,
}

impl<T> Field<T> {
    pub const fn new(value: T, at: Option<Location>) -> Self {
        Self { value, at }
    }

    /// A value that is in no manifest.
    pub const fn derived(value: T) -> Self {
        Self { value, at: None }
    }
}

impl<T> Deref for Field<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Field<Text> {
    pub fn text(value: &str) -> Self {
        Self::derived(Text::from(value))
    }
}

/// One entry of labels, annotations, a selector or a node selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: Text,
    pub value: Text,
    /// The location of the key.
    pub key_at: Option<Location>,
    /// The location of the value.
    pub at: Option<Location>,
}

/// A map from text to text in the order of the manifest; a key occurs once.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct StringMap(Vec<Entry>);

impl StringMap {
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| &*entry.key == key)
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.get(key).map(|entry| &*entry.value)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a value that no manifest gave.
    pub fn set(&mut self, key: &str, value: &str) {
        self.insert(Entry { key: key.into(), value: value.into(), key_at: None, at: None });
    }

    /// Adds an entry, in the place of one with the same key.
    pub fn insert(&mut self, entry: Entry) {
        match self.0.iter_mut().find(|old| old.key == entry.key) {
            Some(old) => *old = entry,
            None => self.0.push(entry),
        }
    }
}

impl<'a> IntoIterator for &'a StringMap {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl FromIterator<Entry> for StringMap {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut map = StringMap::default();
        for entry in entries {
            map.insert(entry);
        }
        map
    }
}

/// The object that an object belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerReference {
    pub kind: Text,
    pub name: Text,
    pub uid: Text,
    pub controller: bool,
}

/// The way in which an object was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub enum ObjectOrigin {
    /// It is in a manifest.
    #[default]
    Written,
    /// A controller made it from the object at [`ObjectMeta::location`].
    Derived,
    /// It exists in every cluster without a manifest.
    BuiltIn,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ObjectMeta {
    pub name: Field<Text>,
    /// Empty for objects that live in no namespace.
    pub namespace: Field<Text>,
    pub generate_name: Text,
    pub uid: Text,
    pub labels: StringMap,
    pub annotations: StringMap,
    pub owner_references: Vec<OwnerReference>,
    pub creation_timestamp: Text,
    pub deletion_timestamp: Option<Text>,
    /// The object's document, or that of the object it was derived from. Without meaning for what
    /// is built in.
    pub location: Location,
    pub origin: ObjectOrigin,
}

impl ObjectMeta {
    /// The owner that controls the object, as Kubernetes's `GetControllerOf` finds it.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller)
    }

    /// Returns true if another workload controls the object, and represents it. A StatefulSet that a
    /// custom resource controls represents itself.
    pub fn has_controlling_workload(&self) -> bool {
        let is_workload = |owner: &OwnerReference| Kind::from_name(&owner.kind).is_some();
        self.controller().is_some_and(is_workload)
    }

    /// The place to show for the object as a whole; nothing for what is built in.
    pub fn place(&self) -> Option<Location> {
        (self.origin != ObjectOrigin::BuiltIn).then_some(self.location)
    }

    /// The place of the name where it appears in a manifest, else the object's.
    pub fn name_place(&self) -> Location {
        self.name.at.unwrap_or(self.location)
    }

    pub fn is_named(&self, namespace: &str, name: &str) -> bool {
        &*self.name.value == name && &*self.namespace.value == namespace
    }
}

/// The kinds that the playground knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Namespace,
    Node,
    Pod,
    Deployment,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Service,
    Endpoints,
    EndpointSlice,
    Ingress,
    NetworkPolicy,
    ConfigMap,
    Secret,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageClass,
    ServiceAccount,
    Role,
    ClusterRole,
    RoleBinding,
    ClusterRoleBinding,
}

/// The API resource of a kind.
pub struct KindInfo {
    pub kind: Kind,
    pub name: &'static str,
    pub api_version: &'static str,
    /// The name in URLs and in RBAC rules.
    pub resource: &'static str,
    pub namespaced: bool,
}

macro_rules! kinds {
    ($($kind:ident $api:literal $resource:literal $namespaced:literal,)*) => {
        /// All known kinds.
        pub const KINDS: &[KindInfo] = &[$(KindInfo {
            kind: Kind::$kind,
            name: stringify!($kind),
            api_version: $api,
            resource: $resource,
            namespaced: $namespaced,
        },)*];

        impl Kind {
            pub const fn name(self) -> &'static str {
                match self { $(Kind::$kind => stringify!($kind),)* }
            }

            /// The name in URLs and in RBAC rules.
            pub const fn resource(self) -> &'static str {
                match self { $(Kind::$kind => $resource,)* }
            }

            pub const fn api_version(self) -> &'static str {
                match self { $(Kind::$kind => $api,)* }
            }

            pub const fn is_namespaced(self) -> bool {
                match self { $(Kind::$kind => $namespaced,)* }
            }
        }
    };
}

kinds! {
    Namespace "v1" "namespaces" false,
    Node "v1" "nodes" false,
    Pod "v1" "pods" true,
    Deployment "apps/v1" "deployments" true,
    ReplicaSet "apps/v1" "replicasets" true,
    ReplicationController "v1" "replicationcontrollers" true,
    StatefulSet "apps/v1" "statefulsets" true,
    DaemonSet "apps/v1" "daemonsets" true,
    Job "batch/v1" "jobs" true,
    CronJob "batch/v1" "cronjobs" true,
    Service "v1" "services" true,
    Endpoints "v1" "endpoints" true,
    EndpointSlice "discovery.k8s.io/v1" "endpointslices" true,
    Ingress "networking.k8s.io/v1" "ingresses" true,
    NetworkPolicy "networking.k8s.io/v1" "networkpolicies" true,
    ConfigMap "v1" "configmaps" true,
    Secret "v1" "secrets" true,
    PersistentVolume "v1" "persistentvolumes" false,
    PersistentVolumeClaim "v1" "persistentvolumeclaims" true,
    StorageClass "storage.k8s.io/v1" "storageclasses" false,
    ServiceAccount "v1" "serviceaccounts" true,
    Role "rbac.authorization.k8s.io/v1" "roles" true,
    ClusterRole "rbac.authorization.k8s.io/v1" "clusterroles" false,
    RoleBinding "rbac.authorization.k8s.io/v1" "rolebindings" true,
    ClusterRoleBinding "rbac.authorization.k8s.io/v1" "clusterrolebindings" false,
}

impl Kind {
    pub fn from_name(name: &str) -> Option<Kind> {
        KINDS.iter().find(|info| info.name == name).map(|info| info.kind)
    }

    /// The part of `apiVersion` before the slash; empty for the core group.
    pub fn api_group(self) -> &'static str {
        self.api_version().split_once('/').map_or("", |(group, _)| group)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names one object of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectRef {
    pub kind: Kind,
    pub namespace: Text,
    pub name: Text,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)
    }
}

/// An object of a kind that is known.
pub trait Resource {
    fn meta(&self) -> &ObjectMeta;
    fn kind(&self) -> Kind;

    fn reference(&self) -> ObjectRef {
        ObjectRef {
            kind: self.kind(),
            namespace: self.meta().namespace.value.clone(),
            name: self.meta().name.value.clone(),
        }
    }
}

/// Declares that a struct with a field `meta` is an object of a kind.
macro_rules! resource {
    ($($type:ident)*) => {$(
        impl $crate::objects::Resource for $type {
            fn meta(&self) -> &$crate::objects::ObjectMeta {
                &self.meta
            }

            fn kind(&self) -> $crate::objects::Kind {
                $crate::objects::Kind::$type
            }
        }
    )*};
}
pub(super) use resource;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_name() {
        for info in KINDS {
            assert_eq!(Kind::from_name(info.name), Some(info.kind));
            assert_eq!(info.kind.resource(), info.resource);
        }
        assert_eq!(Kind::from_name("ServiceMonitor"), None);
        assert_eq!(Kind::Deployment.api_group(), "apps");
        assert_eq!(Kind::Pod.api_group(), "");
    }

    #[test]
    fn a_map_keeps_order_and_holds_a_key_once() {
        let mut map = StringMap::default();
        map.set("b", "1");
        map.set("a", "2");
        map.set("b", "3");
        let pairs: Vec<_> = map.iter().map(|e| (&*e.key, &*e.value)).collect();
        assert_eq!(pairs, [("b", "3"), ("a", "2")]);
        assert_eq!(map.value("a"), Some("2"));
        assert_eq!(map.value("c"), None);
    }
}
