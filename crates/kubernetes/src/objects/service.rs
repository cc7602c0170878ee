//! Services, and the addresses behind them.

use super::meta::resource;
use super::{Field, ObjectMeta, PortRef, StringMap, Text};
use text::Location;

#[derive(Clone, Debug, Default)]
pub struct Service {
    pub meta: ObjectMeta,
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`.
    pub service_type: Field<Text>,
    /// Empty: no controller fills in the endpoints.
    pub selector: StringMap,
    pub selector_at: Option<Location>,
    pub ports: Vec<ServicePort>,
    /// `None` for a headless Service; empty for an ExternalName.
    pub cluster_ip: Field<Text>,
    pub external_name: Field<Text>,
    pub publish_not_ready_addresses: bool,
    /// The deprecated `spec.loadBalancerIP`.
    pub load_balancer_ip: Text,
    /// The IPs of `status.loadBalancer.ingress`.
    pub load_balancer_ingress_ips: Vec<Text>,
    pub ip_families: Vec<Text>,
    /// `SingleStack`, `PreferDualStack` or `RequireDualStack`; empty where not set.
    pub ip_family_policy: Text,
}

resource!(Service);

impl Service {
    pub fn is_headless(&self) -> bool {
        &*self.cluster_ip.value == "None"
    }

    pub fn is_external_name(&self) -> bool {
        &*self.service_type.value == "ExternalName"
    }

    /// Returns true if the Service has node ports.
    pub fn has_node_ports(&self) -> bool {
        matches!(&*self.service_type.value, "NodePort" | "LoadBalancer")
    }
}

#[derive(Clone, Debug)]
pub struct ServicePort {
    /// Empty where the port has no name.
    pub name: Field<Text>,
    pub port: Field<i32>,
    /// The Service's own port where none is given.
    pub target_port: PortRef,
    pub protocol: Text,
    pub node_port: Option<Field<i32>>,
    pub app_protocol: Option<Text>,
    pub location: Option<Location>,
}

#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    pub meta: ObjectMeta,
    pub subsets: Vec<EndpointSubset>,
}

resource!(Endpoints);

#[derive(Clone, Debug, Default)]
pub struct EndpointSubset {
    pub addresses: Vec<EndpointAddress>,
    pub not_ready_addresses: Vec<EndpointAddress>,
    pub ports: Vec<EndpointPort>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointAddress {
    pub ip: Field<Text>,
    pub hostname: Text,
    pub node_name: Option<Text>,
    pub target_ref: Option<TargetRef>,
}

/// The object behind an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetRef {
    pub kind: Text,
    pub namespace: Text,
    pub name: Text,
    pub uid: Text,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointPort {
    /// Empty where the port has no name. In an EndpointSlice the name may also be absent.
    pub name: Option<Text>,
    pub port: Option<Field<i32>>,
    pub protocol: Option<Text>,
    pub app_protocol: Option<Text>,
}

#[derive(Clone, Debug, Default)]
pub struct EndpointSlice {
    pub meta: ObjectMeta,
    /// `IPv4`, `IPv6` or `FQDN`.
    pub address_type: Text,
    pub endpoints: Vec<Endpoint>,
    pub ports: Vec<EndpointPort>,
}

resource!(EndpointSlice);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    pub addresses: Vec<Field<Text>>,
    pub ready: Option<bool>,
    pub serving: Option<bool>,
    pub terminating: Option<bool>,
    pub hostname: Option<Text>,
    pub node_name: Option<Text>,
    pub zone: Option<Text>,
    pub target_ref: Option<TargetRef>,
    pub deprecated_topology: StringMap,
}

#[derive(Clone, Debug, Default)]
pub struct Ingress {
    pub meta: ObjectMeta,
    pub class_name: Option<Field<Text>>,
    pub tls_hosts: Vec<Field<Text>>,
    pub rules: Vec<IngressRule>,
}

resource!(Ingress);

#[derive(Clone, Debug, Default)]
pub struct IngressRule {
    pub host: Field<Text>,
    /// None if the rule has no `http`; Prometheus then uses the path `/`.
    pub paths: Option<Vec<IngressPath>>,
    pub location: Option<Location>,
}

#[derive(Clone, Debug, Default)]
pub struct IngressPath {
    pub path: Field<Text>,
    /// The Service that answers; empty for a resource backend.
    pub service: Field<Text>,
    pub service_port: Option<PortRef>,
}
