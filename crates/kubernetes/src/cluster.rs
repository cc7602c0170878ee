//! The objects of an API server, by kind, namespace and name.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::objects::{
    ConfigMap, EndpointSlice, Endpoints, Ingress, Kind, Namespace, NetworkPolicy, Node, ObjectMeta,
    ObjectRef, Other, PersistentVolume, PersistentVolumeClaim, Pod, Resource, Role, RoleBinding,
    Secret, Service, ServiceAccount, StorageClass, Text, Workload,
};

/// Objects in insertion order, at most one for each kind, namespace and name.
#[derive(Clone, Debug)]
pub struct Table<T> {
    items: Vec<Arc<T>>,
    index: FxHashMap<(Kind, Text, Text), usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: Vec::new(), index: FxHashMap::default() }
    }
}

impl<T: Resource> Table<T> {
    /// Adds an object, or replaces the one with the same name and returns it.
    pub fn insert(&mut self, object: T) -> Option<Arc<T>> {
        self.insert_shared(Arc::new(object))
    }

    /// Adds an object that another table has, too.
    pub fn insert_shared(&mut self, object: Arc<T>) -> Option<Arc<T>> {
        let ObjectRef { kind, namespace, name } = object.reference();
        match self.index.entry((kind, namespace, name)) {
            Entry::Occupied(at) => {
                let slot = self.items.get_mut(*at.get())?;
                Some(std::mem::replace(slot, object))
            }
            Entry::Vacant(place) => {
                place.insert(self.items.len());
                self.items.push(object);
                None
            }
        }
    }

    /// Returns an object of a kind. `namespace` is empty for cluster-scoped kinds.
    pub fn get_kind(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Arc<T>> {
        let at = *self.index.get(&(kind, namespace.into(), name.into()))?;
        self.items.get(at)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Arc<T>> {
        self.items.iter()
    }

    /// The objects of a namespace, in insertion order.
    pub fn in_namespace<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Arc<T>> {
        self.items.iter().filter(move |object| &*object.meta().namespace.value == namespace)
    }

    /// Mutable access for the controllers.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Arc<T>> {
        self.items.iter_mut()
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Implements `get` for tables of a single kind.
macro_rules! get {
    ($($type:ident)*) => {$(
        impl Table<$type> {
            /// Returns the object with a name. `namespace` is empty for cluster-scoped kinds.
            pub fn get(&self, namespace: &str, name: &str) -> Option<&Arc<$type>> {
                self.get_kind(Kind::$type, namespace, name)
            }
        }
    )*};
}

get! {
    Namespace Node Pod Service Endpoints EndpointSlice Ingress NetworkPolicy ConfigMap Secret
    PersistentVolume PersistentVolumeClaim StorageClass ServiceAccount
}

impl<'a, T> IntoIterator for &'a Table<T> {
    type Item = &'a Arc<T>;
    type IntoIter = std::slice::Iter<'a, Arc<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// All objects of a cluster.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pub namespaces: Table<Namespace>,
    pub nodes: Table<Node>,
    pub pods: Table<Pod>,
    /// Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs.
    pub workloads: Table<Workload>,
    pub services: Table<Service>,
    pub endpoints: Table<Endpoints>,
    pub endpoint_slices: Table<EndpointSlice>,
    pub ingresses: Table<Ingress>,
    pub network_policies: Table<NetworkPolicy>,
    pub config_maps: Table<ConfigMap>,
    pub secrets: Table<Secret>,
    pub persistent_volumes: Table<PersistentVolume>,
    pub persistent_volume_claims: Table<PersistentVolumeClaim>,
    pub storage_classes: Table<StorageClass>,
    pub service_accounts: Table<ServiceAccount>,
    /// Roles and ClusterRoles.
    pub roles: Table<Role>,
    /// RoleBindings and ClusterRoleBindings.
    pub role_bindings: Table<RoleBinding>,
    /// Objects of unknown kinds.
    pub others: Vec<Other>,
}

impl Cluster {
    /// Adds all objects of another cluster, which share their memory with it.
    pub fn share(&mut self, other: &Self) {
        macro_rules! add {
            ($($table:ident)*) => {$(
                other.$table.iter().for_each(|one| _ = self.$table.insert_shared(one.clone()));
            )*};
        }
        add! {
            namespaces nodes workloads pods services endpoints endpoint_slices ingresses
            network_policies config_maps secrets persistent_volumes persistent_volume_claims
            storage_classes service_accounts roles role_bindings
        }
        self.others.extend_from_slice(&other.others);
    }

    pub fn workload(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Arc<Workload>> {
        self.workloads.get_kind(kind, namespace, name)
    }

    /// Returns the metadata of an object.
    pub fn meta(&self, kind: Kind, namespace: &str, name: &str) -> Option<&ObjectMeta> {
        macro_rules! of {
            ($table:ident) => {
                self.$table.get_kind(kind, namespace, name).map(|object| object.meta())
            };
        }
        match kind {
            Kind::Namespace => of!(namespaces),
            Kind::Node => of!(nodes),
            Kind::Pod => of!(pods),
            Kind::Deployment
            | Kind::ReplicaSet
            | Kind::ReplicationController
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job
            | Kind::CronJob => of!(workloads),
            Kind::Service => of!(services),
            Kind::Endpoints => of!(endpoints),
            Kind::EndpointSlice => of!(endpoint_slices),
            Kind::Ingress => of!(ingresses),
            Kind::NetworkPolicy => of!(network_policies),
            Kind::ConfigMap => of!(config_maps),
            Kind::Secret => of!(secrets),
            Kind::PersistentVolume => of!(persistent_volumes),
            Kind::PersistentVolumeClaim => of!(persistent_volume_claims),
            Kind::StorageClass => of!(storage_classes),
            Kind::ServiceAccount => of!(service_accounts),
            Kind::Role | Kind::ClusterRole => of!(roles),
            Kind::RoleBinding | Kind::ClusterRoleBinding => of!(role_bindings),
        }
    }

    /// The metadata of every known object, kind by kind.
    pub fn all(&self) -> Vec<(Kind, &ObjectMeta)> {
        let mut all = Vec::new();
        macro_rules! add {
            ($($table:ident)*) => {$(
                all.extend(self.$table.iter().map(|object| (object.kind(), object.meta())));
            )*};
        }
        add! {
            namespaces nodes workloads pods services endpoints endpoint_slices ingresses
            network_policies config_maps secrets persistent_volumes persistent_volume_claims
            storage_classes service_accounts roles role_bindings
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Field;

    fn pod(namespace: &str, name: &str, ip: &str) -> Pod {
        let mut pod = Pod::default();
        pod.meta.namespace = Field::text(namespace);
        pod.meta.name = Field::text(name);
        pod.status.pod_ip = ip.into();
        pod
    }

    #[test]
    fn the_last_of_a_name_stays_in_its_place() {
        let mut cluster = Cluster::default();
        assert!(cluster.pods.insert(pod("a", "x", "1")).is_none());
        assert!(cluster.pods.insert(pod("b", "x", "2")).is_none());
        assert!(cluster.pods.insert(pod("a", "x", "3")).is_some());
        assert_eq!(cluster.pods.len(), 2);
        assert_eq!(cluster.pods.get("a", "x").map(|pod| &*pod.status.pod_ip), Some("3"));
        assert!(cluster.pods.get("c", "x").is_none());
        assert_eq!(cluster.pods.iter().filter(|pod| &*pod.status.pod_ip == "2").count(), 1);
        assert!(cluster.meta(Kind::Pod, "b", "x").is_some());
        assert_eq!(cluster.all().len(), 2);
    }
}
