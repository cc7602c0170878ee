//! Endpoints and EndpointSlices: the addresses of a Service, with which ports.
//!
//! Source: Kubernetes's endpoints, endpointslice and endpointslicemirroring controllers.

use std::net::IpAddr;
use std::sync::Arc;
use text::IndexSort;

use super::builtin::{identify_meta, zone};
use super::workloads::derived_meta;
use crate::cluster::Cluster;
use crate::hash;
use crate::objects::{
    Endpoint, EndpointAddress, EndpointPort, EndpointSlice, EndpointSubset, Endpoints, Field, Kind,
    ObjectMeta, Pod, PortTarget, Service, ServicePort, TargetRef, Text, contains_all,
};

const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const SKIP_MIRROR: &str = "endpointslice.kubernetes.io/skip-mirror";
const HEADLESS: &str = "service.kubernetes.io/headless";
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";
const LAST_CHANGE: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A slice holds this many endpoints; a larger Service has several.
const SLICE_SIZE: usize = 100;

/// Endpoints hold this many addresses, and as many of a subset are mirrored; the rest is left out.
const MAX_ADDRESSES: usize = 1_000;

/// Derives what the controllers would make of each Service, unless it is in the manifests.
pub(super) fn fill(cluster: &mut Cluster) {
    let services: Vec<Arc<Service>> = cluster.services.iter().cloned().collect();
    for service in services {
        if service.is_external_name() {
            continue;
        }
        let (namespace, name) = (&*service.meta.namespace.value, &*service.meta.name.value);
        if service.selector.is_empty() {
            mirror(cluster, &service);
            continue;
        }
        let backends = backends(cluster, &service);
        if cluster.endpoints.get(namespace, name).is_none() {
            cluster.endpoints.insert(endpoints(&service, &backends));
        }
        if !has_slices(cluster, namespace, name) {
            for slice in slices(cluster, &service, &backends) {
                cluster.endpoint_slices.insert(slice);
            }
        }
    }
}

fn has_slices(cluster: &Cluster, namespace: &str, service: &str) -> bool {
    cluster
        .endpoint_slices
        .in_namespace(namespace)
        .any(|slice| slice.meta.labels.value(SERVICE_NAME) == Some(service))
}

/// A pod that a Service selects, with the ports it answers the Service on.
struct Backend {
    pod: Arc<Pod>,
    ports: Vec<EndpointPort>,
}

fn backends(cluster: &Cluster, service: &Service) -> Vec<Backend> {
    cluster
        .pods
        .in_namespace(&service.meta.namespace.value)
        .filter(|pod| contains_all(&service.selector, &pod.meta.labels))
        .filter(|pod| !pod.status.pod_ip.is_empty() && !pod.status.is_terminal())
        .map(|pod| Backend {
            pod: pod.clone(),
            ports: service.ports.iter().filter_map(|port| endpoint_port(pod, port)).collect(),
        })
        .collect()
}

/// The port of a pod that a Service's port leads to, or nothing where no container has a port of
/// that name.
pub fn target_port(pod: &Pod, port: &ServicePort) -> Option<Field<i32>> {
    match &port.target_port.target {
        PortTarget::Number(number) => Some(Field::new(*number, port.target_port.at)),
        PortTarget::Name(name) => pod
            .spec
            .running_containers()
            .flat_map(|container| &container.ports)
            .find(|one| one.name.value == *name && one.protocol == port.protocol)
            .map(|one| one.container_port),
    }
}

fn endpoint_port(pod: &Pod, port: &ServicePort) -> Option<EndpointPort> {
    Some(EndpointPort {
        name: Some(port.name.value.clone()),
        port: Some(target_port(pod, port)?),
        protocol: Some(port.protocol.clone()),
        app_protocol: port.app_protocol.clone(),
    })
}

fn target_ref(pod: &Pod) -> TargetRef {
    TargetRef {
        kind: "Pod".into(),
        namespace: pod.meta.namespace.value.clone(),
        name: pod.meta.name.value.clone(),
        uid: pod.meta.uid.clone(),
    }
}

/// A pod's own name in DNS, if the Service is the one that governs it.
fn hostname(pod: &Pod, service: &Service) -> Option<Text> {
    (!pod.spec.hostname.is_empty() && pod.spec.subdomain == service.meta.name.value)
        .then(|| pod.spec.hostname.clone())
}

fn node_name(pod: &Pod) -> Option<Text> {
    Some(pod.spec.node_name.value.clone()).filter(|name| !name.is_empty())
}

fn labels(service: &Service, meta: &mut ObjectMeta) {
    meta.labels = service.meta.labels.clone();
    if service.is_headless() {
        meta.labels.set(HEADLESS, "");
    }
}

fn endpoints(service: &Service, backends: &[Backend]) -> Endpoints {
    let mut meta = derived_meta(&service.meta, Kind::Service, &service.meta.name.value);
    // Endpoints go with their Service by name and have no owner.
    meta.owner_references.clear();
    labels(service, &mut meta);
    identify_meta(&mut meta, "Endpoints");
    // Each port, and whether each backend has it: ports with the same backends share a subset.
    let mut ports: Vec<(EndpointPort, Vec<usize>)> = Vec::new();
    let mut portless = Vec::new();
    for (number, backend) in backends.iter().enumerate() {
        if service.ports.is_empty() && service.is_headless() {
            portless.push(number);
        }
        for port in &backend.ports {
            match ports.iter_mut().find(|(one, _)| same_port(one, port)) {
                Some((_, numbers)) => numbers.push(number),
                None => ports.push((port.clone(), vec![number])),
            }
        }
    }
    let mut groups: Vec<(Vec<usize>, Vec<EndpointPort>)> = Vec::new();
    if !portless.is_empty() {
        groups.push((portless, Vec::new()));
    }
    for (port, numbers) in ports {
        match groups.iter_mut().find(|(one, _)| *one == numbers) {
            Some((_, ports)) => ports.push(port),
            None => groups.push((numbers, vec![port])),
        }
    }
    let subset = |(numbers, ports): (Vec<usize>, Vec<EndpointPort>)| {
        let pods = numbers.iter().filter_map(|number| backends.get(*number));
        let mut subset = EndpointSubset { ports, ..EndpointSubset::default() };
        for backend in pods {
            let pod = &backend.pod;
            let deleted = pod.meta.deletion_timestamp.is_some();
            let address = EndpointAddress {
                ip: Field::derived(pod.status.pod_ip.clone()),
                hostname: hostname(pod, service).unwrap_or_default(),
                node_name: node_name(pod),
                target_ref: Some(target_ref(pod)),
            };
            if service.publish_not_ready_addresses || pod.status.is_ready() && !deleted {
                subset.addresses.push(address);
            } else if !deleted {
                subset.not_ready_addresses.push(address);
            }
        }
        subset
    };
    let mut subsets: Vec<EndpointSubset> = groups.into_iter().map(subset).collect();
    if truncate(&mut subsets) {
        meta.annotations.set(OVER_CAPACITY, "truncated");
    }
    Endpoints { meta, subsets }
}

/// Leaves out what is beyond a thousand addresses, those that are not ready first; each subset
/// keeps its share.
fn truncate(subsets: &mut [EndpointSubset]) -> bool {
    let ready: usize = subsets.iter().map(|subset| subset.addresses.len()).sum();
    let not_ready: usize = subsets.iter().map(|subset| subset.not_ready_addresses.len()).sum();
    if ready + not_ready <= MAX_ADDRESSES {
        return false;
    }
    let only_ready = ready > MAX_ADDRESSES;
    let (all, most) =
        if only_ready { (ready, MAX_ADDRESSES) } else { (not_ready, MAX_ADDRESSES - ready) };
    let mut left = most;
    for subset in subsets {
        // The lowest addresses are kept, in the order of their text.
        subset.addresses.index_sort_by(|one, other| one.ip.value.cmp(&other.ip.value));
        subset.not_ready_addresses.index_sort_by(|one, other| one.ip.value.cmp(&other.ip.value));
        if only_ready {
            subset.not_ready_addresses.clear();
        }
        let cut = if only_ready { &mut subset.addresses } else { &mut subset.not_ready_addresses };
        cut.truncate((cut.len() * most).div_ceil(all).min(left));
        left -= cut.len();
    }
    true
}

fn same_port(one: &EndpointPort, other: &EndpointPort) -> bool {
    let number = |port: &EndpointPort| port.port.map(|port| port.value);
    one.name == other.name && number(one) == number(other) && one.protocol == other.protocol
}

fn same_ports(one: &[EndpointPort], other: &[EndpointPort]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_port(one, other))
}

fn slices(cluster: &Cluster, service: &Service, backends: &[Backend]) -> Vec<EndpointSlice> {
    let mut groups: Vec<(&[EndpointPort], Vec<&Backend>)> = Vec::new();
    for backend in backends {
        match groups.iter_mut().find(|(ports, _)| same_ports(ports, &backend.ports)) {
            Some((_, pods)) => pods.push(backend),
            None => groups.push((&backend.ports, vec![backend])),
        }
    }
    if groups.is_empty() {
        // A Service without pods has one empty slice.
        groups.push((&[], Vec::new()));
    }
    let v6 = service.ip_families.first().is_some_and(|family| &**family == "IPv6");
    let mut slices = Vec::new();
    for (ports, pods) in groups {
        let parts: Vec<&[&Backend]> =
            if pods.is_empty() { vec![&[]] } else { pods.chunks(SLICE_SIZE).collect() };
        for part in parts {
            let mut meta = slice_meta(service, "endpointslice-controller.k8s.io", slices.len());
            labels(service, &mut meta);
            meta.labels.set(SERVICE_NAME, &service.meta.name.value);
            meta.labels.set(MANAGED_BY, "endpointslice-controller.k8s.io");
            identify_meta(&mut meta, "EndpointSlice");
            slices.push(EndpointSlice {
                meta,
                address_type: if v6 { "IPv6" } else { "IPv4" }.into(),
                endpoints: part.iter().map(|one| endpoint(cluster, service, &one.pod)).collect(),
                ports: ports.to_vec(),
            });
        }
    }
    slices
}

fn slice_meta(service: &Service, controller: &str, number: usize) -> ObjectMeta {
    let prefix = format!("{}-", service.meta.name.value);
    let parts = [controller, &*service.meta.namespace.value, &prefix, &number.to_string()];
    let name = hash::generate_name(&prefix, &parts);
    let mut meta = derived_meta(&service.meta, Kind::Service, &name);
    meta.generate_name = prefix.into();
    meta
}

fn endpoint(cluster: &Cluster, service: &Service, pod: &Pod) -> Endpoint {
    let terminating = pod.meta.deletion_timestamp.is_some();
    let serving = pod.status.is_ready();
    let node = cluster.nodes.get("", &pod.spec.node_name.value);
    Endpoint {
        addresses: vec![Field::derived(pod.status.pod_ip.clone())],
        ready: Some(service.publish_not_ready_addresses || serving && !terminating),
        serving: Some(serving),
        terminating: Some(terminating),
        hostname: hostname(pod, service),
        node_name: node_name(pod),
        zone: node.and_then(|node| zone(&node.meta.labels)),
        target_ref: Some(target_ref(pod)),
        ..Endpoint::default()
    }
}

/// Endpoints of a manifest for a Service without a selector are mirrored to slices.
fn mirror(cluster: &mut Cluster, service: &Service) {
    let (namespace, name) = (&*service.meta.namespace.value, &*service.meta.name.value);
    let Some(endpoints) = cluster.endpoints.get(namespace, name).cloned() else { return };
    if has_slices(cluster, namespace, name)
        || endpoints.meta.labels.value(SKIP_MIRROR) == Some("true")
    {
        return;
    }
    for (number, mirror) in mirrored(&endpoints).into_iter().enumerate() {
        let controller = "endpointslicemirroring-controller.k8s.io";
        let mut meta = slice_meta(service, controller, number);
        meta.labels = endpoints.meta.labels.clone();
        meta.labels.set(SERVICE_NAME, name);
        meta.labels.set(MANAGED_BY, controller);
        let annotations = endpoints.meta.annotations.iter();
        let kept = annotations.filter(|one| ![LAST_CHANGE, LAST_APPLIED].contains(&&*one.key));
        meta.annotations = kept.cloned().collect();
        meta.location = endpoints.meta.location;
        identify_meta(&mut meta, "EndpointSlice");
        cluster.endpoint_slices.insert(EndpointSlice {
            meta,
            address_type: if mirror.v6 { "IPv6" } else { "IPv4" }.into(),
            endpoints: mirror.endpoints,
            ports: mirror.ports.to_vec(),
        });
    }
}

/// The addresses of one slice: those of a family on the same ports.
struct Mirror<'a> {
    v6: bool,
    ports: &'a [EndpointPort],
    endpoints: Vec<Endpoint>,
}

fn mirrored(endpoints: &Endpoints) -> Vec<Mirror<'_>> {
    let mut mirrors: Vec<Mirror<'_>> = Vec::new();
    for subset in &endpoints.subsets {
        let ready = subset.addresses.iter().map(|one| (one, true));
        let not_ready = subset.not_ready_addresses.iter().map(|one| (one, false));
        let valid = ready.chain(not_ready).filter_map(|(address, ready)| {
            let ip: IpAddr = address.ip.value.parse().ok()?;
            let endpoint = Endpoint {
                addresses: vec![address.ip.clone()],
                ready: Some(ready),
                hostname: Some(address.hostname.clone()).filter(|name| !name.is_empty()),
                node_name: address.node_name.clone(),
                target_ref: address.target_ref.clone(),
                ..Endpoint::default()
            };
            Some((ip.is_ipv6(), endpoint))
        });
        for (v6, endpoint) in valid.take(MAX_ADDRESSES) {
            let same = |one: &&mut Mirror<'_>| one.v6 == v6 && same_ports(one.ports, &subset.ports);
            match mirrors.iter_mut().find(same) {
                Some(mirror) => mirror.endpoints.push(endpoint),
                None => {
                    let endpoints = vec![endpoint];
                    mirrors.push(Mirror { v6, ports: &subset.ports, endpoints });
                }
            }
        }
    }
    mirrors
}
