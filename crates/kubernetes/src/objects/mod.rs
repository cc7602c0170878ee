//! Typed objects as the API server holds them, each value with the field of the manifest behind it.

mod meta;
pub mod names;
mod others;
mod pod;
mod selector;
mod service;
mod workload;

pub use meta::{
    Entry, Field, KINDS, Kind, KindInfo, ObjectMeta, ObjectOrigin, ObjectRef, OwnerReference,
    Resource, StringMap, Text,
};
pub use others::{
    ConfigMap, DataEntry, IpBlock, Namespace, NetworkPeer, NetworkPolicy, NetworkPort, NetworkRule,
    Node, NodeAddress, Other, PersistentVolume, PersistentVolumeClaim, PolicyRule, Role,
    RoleBinding, Secret, ServiceAccount, StorageClass, Subject, Taint,
};
pub use pod::{
    Condition, Container, ContainerPort, ContainerState, ContainerStatus, EnvFrom, EnvVar,
    KeySelector, KeyToPath, Pod, PodFile, PodSpec, PodStatus, PortRef, PortTarget, Probe,
    Projection, SourceKind, Toleration, Volume, VolumeMount, VolumeSource,
};
pub use selector::{LabelSelector, Operator, Requirement, contains_all};
pub use service::{
    Endpoint, EndpointAddress, EndpointPort, EndpointSlice, EndpointSubset, Endpoints, Ingress,
    IngressPath, IngressRule, Service, ServicePort, TargetRef,
};
pub use workload::{PodTemplate, Workload};
