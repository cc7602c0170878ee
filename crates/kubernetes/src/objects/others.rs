//! The other kinds: namespaces, nodes, configuration, storage, permissions, network policies.

use super::meta::resource;
use super::{Condition, Field, Kind, LabelSelector, ObjectMeta, PortRef, Resource, Text};
use text::Location;

#[derive(Clone, Debug, Default)]
pub struct Namespace {
    pub meta: ObjectMeta,
}

#[derive(Clone, Debug, Default)]
pub struct Node {
    pub meta: ObjectMeta,
    pub provider_id: Field<Text>,
    pub unschedulable: bool,
    pub taints: Vec<Taint>,
    pub addresses: Vec<NodeAddress>,
    pub conditions: Vec<Condition>,
    /// `status.daemonEndpoints.kubeletEndpoint.Port`; 0 where not given.
    pub kubelet_port: i32,
}

impl Node {
    pub fn address(&self, kind: &str) -> Option<&str> {
        self.addresses
            .iter()
            .find(|address| &*address.kind == kind)
            .map(|address| &*address.address.value)
    }

    pub fn is_ready(&self) -> bool {
        self.conditions.iter().any(|one| &*one.kind == "Ready" && &*one.status == "True")
    }
}

#[derive(Clone, Debug, Default)]
pub struct Taint {
    pub key: Text,
    pub value: Text,
    pub effect: Text,
}

#[derive(Clone, Debug, Default)]
pub struct NodeAddress {
    /// `InternalIP`, `ExternalIP`, `Hostname`, `InternalDNS`, `ExternalDNS`.
    pub kind: Text,
    pub address: Field<Text>,
}

/// One key of a ConfigMap or Secret.
#[derive(Clone, Debug)]
pub struct DataEntry {
    pub key: Text,
    pub value: Text,
    pub key_at: Option<Location>,
    /// The location of the value. A Secret's `data` is decoded, so the text there is another one.
    pub at: Option<Location>,
    /// The value as a node of the manifest's tree, for reading YAML inside it with places in the
    /// manifest. None if the text there is encoded.
    pub node: Option<yaml::Node>,
}

#[derive(Clone, Debug, Default)]
pub struct ConfigMap {
    pub meta: ObjectMeta,
    pub data: Vec<DataEntry>,
    pub immutable: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Secret {
    pub meta: ObjectMeta,
    pub data: Vec<DataEntry>,
    pub immutable: bool,
}

#[derive(Clone, Debug, Default)]
pub struct PersistentVolume {
    pub meta: ObjectMeta,
    pub capacity: Field<Text>,
    pub access_modes: Vec<Field<Text>>,
    pub storage_class_name: Field<Text>,
    pub claim: Option<(Text, Text)>,
    pub phase: Text,
}

#[derive(Clone, Debug, Default)]
pub struct PersistentVolumeClaim {
    pub meta: ObjectMeta,
    pub access_modes: Vec<Field<Text>>,
    /// None requests the default class; an empty name requests no class.
    pub storage_class_name: Option<Field<Text>>,
    pub request: Field<Text>,
    pub volume_name: Field<Text>,
    /// `Bound`, `Pending`, `Lost`; empty where the status was not given.
    pub phase: Text,
}

#[derive(Clone, Debug, Default)]
pub struct StorageClass {
    pub meta: ObjectMeta,
    pub provisioner: Field<Text>,
    /// `Immediate` or `WaitForFirstConsumer`.
    pub volume_binding_mode: Text,
    pub is_default: bool,
}

#[derive(Clone, Debug, Default)]
pub struct ServiceAccount {
    pub meta: ObjectMeta,
    pub automount_token: Option<bool>,
}

resource!(Namespace Node ConfigMap Secret PersistentVolume PersistentVolumeClaim StorageClass);
resource!(ServiceAccount NetworkPolicy);

/// A Role or ClusterRole.
#[derive(Clone, Debug)]
pub struct Role {
    pub meta: ObjectMeta,
    pub kind: Kind,
    pub rules: Vec<PolicyRule>,
    /// A ClusterRole that takes its rules from others, by label.
    pub aggregation: Vec<LabelSelector>,
    pub rules_at: Option<Location>,
}

#[derive(Clone, Debug, Default)]
pub struct PolicyRule {
    pub api_groups: Vec<Field<Text>>,
    pub resources: Vec<Field<Text>>,
    pub resource_names: Vec<Field<Text>>,
    pub verbs: Vec<Field<Text>>,
    pub non_resource_urls: Vec<Field<Text>>,
    /// The location of the list of resources.
    pub resources_at: Option<Location>,
    pub location: Option<Location>,
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Clone, Debug)]
pub struct RoleBinding {
    pub meta: ObjectMeta,
    pub kind: Kind,
    /// `Role` or `ClusterRole`.
    pub role_kind: Field<Text>,
    pub role_name: Field<Text>,
    pub subjects: Vec<Subject>,
}

#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// `ServiceAccount`, `User` or `Group`.
    pub kind: Field<Text>,
    pub name: Field<Text>,
    pub namespace: Field<Text>,
    pub location: Option<Location>,
}

impl Resource for Role {
    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    fn kind(&self) -> Kind {
        self.kind
    }
}

impl Resource for RoleBinding {
    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }

    fn kind(&self) -> Kind {
        self.kind
    }
}

#[derive(Clone, Debug, Default)]
pub struct NetworkPolicy {
    pub meta: ObjectMeta,
    pub pod_selector: LabelSelector,
    pub restricts_ingress: bool,
    pub restricts_egress: bool,
    pub ingress: Vec<NetworkRule>,
    pub egress: Vec<NetworkRule>,
}

/// Peers and ports of one rule; no peers means from or to anywhere, no ports means every port.
#[derive(Clone, Debug, Default)]
pub struct NetworkRule {
    pub peers: Vec<NetworkPeer>,
    pub ports: Vec<NetworkPort>,
    pub location: Option<Location>,
}

#[derive(Clone, Debug, Default)]
pub struct NetworkPeer {
    pub pod_selector: Option<LabelSelector>,
    pub namespace_selector: Option<LabelSelector>,
    pub ip_block: Option<IpBlock>,
}

#[derive(Clone, Debug, Default)]
pub struct IpBlock {
    pub cidr: Text,
    pub except: Vec<Text>,
}

#[derive(Clone, Debug)]
pub struct NetworkPort {
    pub protocol: Text,
    pub port: Option<PortRef>,
    pub end_port: Option<i32>,
}

/// An object of a kind that the playground does not know: it is kept and named.
#[derive(Clone, Debug)]
pub struct Other {
    pub meta: ObjectMeta,
    pub api_version: Field<Text>,
    pub kind: Field<Text>,
}
