//! Role `endpointslice`. Source: prometheus discovery/kubernetes/endpointslice.go.

use super::endpoints::{Port, Targets};
use super::labels::{
    META, NAMESPACE, add_namespace_labels, add_node_labels, add_object_labels, sanitize,
    service_labels,
};
use super::store::Store;
use crate::{GroupTarget, MetaLabels, TargetGroup};
use go::net::join_host_port;
use kubernetes::objects::{Endpoint, EndpointPort, EndpointSlice, Field, Resource, Service, Text};

const SERVICE_NAME: &str = "kubernetes.io/service-name";

/// Returns one target for each endpoint address and port, and, as role `endpoints`, one for each
/// other container port of the pods.
pub(super) fn group(slice: &EndpointSlice, store: &Store<'_>) -> TargetGroup {
    let meta = &slice.meta;
    let namespace = &*meta.namespace.value;
    let mut labels = MetaLabels::default();
    labels.set(NAMESPACE, meta.namespace.value.clone(), meta.namespace.at);
    labels.set(format!("{META}endpointslice_address_type"), slice.address_type.clone(), None);
    add_object_labels(&mut labels, meta, "endpointslice");
    let service = meta.labels.value(SERVICE_NAME).and_then(|name| store.service(namespace, name));
    if let Some(service) = service {
        labels.merge(&service_labels(service));
    }
    if store.attach_namespace {
        add_namespace_labels(&mut labels, store, namespace);
    }
    let source = format!("endpointslice/{namespace}/{}", meta.name.value).into();
    if service.is_some_and(|service| is_secondary_family(service, slice)) {
        return TargetGroup { source, labels, targets: Vec::new() };
    }
    let mut targets = Targets::new(store);
    for endpoint in &slice.endpoints {
        for port in &slice.ports {
            for address in &endpoint.addresses {
                let labels = address_labels(address, endpoint, port, store);
                let target =
                    GroupTarget { labels, object: Some(slice.reference()), at: meta.place() };
                let number = port.port.map(|port| port.value);
                let port = Port { number, protocol: None };
                targets.add(target, endpoint.target_ref.as_ref(), port);
            }
        }
    }
    TargetGroup { source, labels, targets: targets.finish() }
}

/// Returns true if the slice has the secondary IP family of a dual-stack Service. Discovering it
/// would duplicate the targets.
fn is_secondary_family(service: &Service, slice: &EndpointSlice) -> bool {
    matches!(&*service.ip_family_policy, "PreferDualStack" | "RequireDualStack")
        && service.ip_families.first().is_some_and(|primary| *primary != slice.address_type)
}

fn address_labels(
    address: &Field<Text>,
    endpoint: &Endpoint,
    port: &EndpointPort,
    store: &Store<'_>,
) -> MetaLabels {
    let mut labels = MetaLabels::default();
    match &port.port {
        Some(port) => {
            labels.set("__address__", join_host_port(&address.value, port.value), address.at);
        }
        None => labels.set("__address__", address.value.clone(), address.at),
    }
    let number: Option<Text> = port.port.map(|port| port.value.to_string().into());
    let flag = |flag: Option<bool>| flag.map(|flag| Text::from(flag.to_string()));
    let target = endpoint.target_ref.as_ref();
    for (name, value) in [
        ("port_name", port.name.clone()),
        ("port_protocol", port.protocol.clone()),
        ("port", number),
        ("port_app_protocol", port.app_protocol.clone()),
        ("endpoint_conditions_ready", flag(endpoint.ready)),
        ("endpoint_conditions_serving", flag(endpoint.serving)),
        ("endpoint_conditions_terminating", flag(endpoint.terminating)),
        ("endpoint_hostname", endpoint.hostname.clone()),
        ("address_target_kind", target.map(|target| target.kind.clone())),
        ("address_target_name", target.map(|target| target.name.clone())),
        ("endpoint_node_name", endpoint.node_name.clone()),
        ("endpoint_zone", endpoint.zone.clone()),
    ] {
        if let Some(value) = value {
            labels.set(format!("{META}endpointslice_{name}"), value, None);
        }
    }
    for entry in &endpoint.deprecated_topology {
        let key = sanitize(&entry.key);
        let prefix = format!("{META}endpointslice_endpoint_topology");
        labels.set(format!("{prefix}_{key}"), entry.value.clone(), entry.at);
        labels.set(format!("{prefix}_present_{key}"), "true", entry.key_at);
    }
    if store.attach_node {
        let of_node = target.filter(|target| &*target.kind == "Node").map(|target| &target.name);
        if let Some(node) = of_node.or(endpoint.node_name.as_ref()) {
            add_node_labels(&mut labels, store, node);
        }
    }
    labels
}
