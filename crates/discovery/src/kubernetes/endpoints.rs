//! Role `endpoints`. Source: prometheus discovery/kubernetes/endpoints.go.

use super::labels::{
    META, NAMESPACE, add_container_port_labels, add_namespace_labels, add_node_labels,
    add_object_labels, pod_labels, service_labels,
};
use super::store::Store;
use crate::{GroupTarget, MetaLabels, TargetGroup};
use go::net::join_host_port;
use kubernetes::objects::{
    EndpointAddress, EndpointPort, Endpoints, Pod, Resource, TargetRef, Text,
};

/// Returns one target for each address and port. If the address belongs to a pod, each other
/// container port of the pod is a target too.
pub(super) fn group(endpoints: &Endpoints, store: &Store<'_>) -> TargetGroup {
    let meta = &endpoints.meta;
    let namespace = &*meta.namespace.value;
    let mut labels = MetaLabels::default();
    labels.set(NAMESPACE, meta.namespace.value.clone(), meta.namespace.at);
    if let Some(service) = store.service(namespace, &meta.name.value) {
        labels.merge(&service_labels(service));
    }
    add_object_labels(&mut labels, meta, "endpoints");
    if store.attach_namespace {
        add_namespace_labels(&mut labels, store, namespace);
    }
    let mut targets = Targets::new(store);
    for subset in &endpoints.subsets {
        for port in &subset.ports {
            let sides = [(&subset.addresses, "true"), (&subset.not_ready_addresses, "false")];
            for (addresses, ready) in sides {
                for address in addresses {
                    let labels = address_labels(address, port, ready, store);
                    let number = port.port.map_or(0, |port| port.value);
                    let protocol = port.protocol.clone().unwrap_or_default();
                    let target = GroupTarget {
                        labels,
                        object: Some(endpoints.reference()),
                        at: meta.place(),
                    };
                    let of_pod = Port { number: Some(number), protocol: Some(protocol) };
                    targets.add(target, address.target_ref.as_ref(), of_pod);
                }
            }
        }
    }
    TargetGroup {
        source: format!("endpoints/{namespace}/{}", meta.name.value).into(),
        labels,
        targets: targets.finish(),
    }
}

fn address_labels(
    address: &EndpointAddress,
    port: &EndpointPort,
    ready: &'static str,
    store: &Store<'_>,
) -> MetaLabels {
    let mut labels = MetaLabels::default();
    let number = port.port.map_or(0, |port| port.value);
    labels.set("__address__", join_host_port(&address.ip.value, number), address.ip.at);
    let name = |name: &str| format!("{META}endpoint_{name}");
    labels.set(name("port_name"), port.name.clone().unwrap_or_default(), None);
    labels.set(name("port_protocol"), port.protocol.clone().unwrap_or_default(), None);
    labels.set(name("ready"), ready, None);
    if let Some(target) = &address.target_ref {
        labels.set(name("address_target_kind"), target.kind.clone(), None);
        labels.set(name("address_target_name"), target.name.clone(), None);
    }
    if let Some(node) = &address.node_name {
        labels.set(name("node_name"), node.clone(), None);
    }
    if !address.hostname.is_empty() {
        labels.set(name("hostname"), address.hostname.clone(), None);
    }
    if store.attach_node {
        let target = address.target_ref.as_ref().filter(|target| &*target.kind == "Node");
        let node = address.node_name.as_ref().or(target.map(|target| &target.name));
        if let Some(node) = node {
            add_node_labels(&mut labels, store, node);
        }
    }
    labels
}

/// The port of an endpoint.
pub(super) struct Port {
    pub number: Option<i32>,
    /// The protocol in the label of the container port. None uses that of the container port.
    pub protocol: Option<Text>,
}

/// The targets of Endpoints or EndpointSlices, and the pods that they refer to.
pub(super) struct Targets<'s, 'a> {
    store: &'s Store<'a>,
    targets: Vec<GroupTarget>,
    pods: Vec<SeenPod<'a>>,
}

struct SeenPod<'a> {
    pod: &'a Pod,
    labels: MetaLabels,
    ports: Vec<i32>,
}

impl<'s, 'a> Targets<'s, 'a> {
    pub(super) fn new(store: &'s Store<'a>) -> Self {
        Self { store, targets: Vec::new(), pods: Vec::new() }
    }

    /// Adds a target, with the labels of the pod that it refers to.
    pub(super) fn add(&mut self, mut target: GroupTarget, of: Option<&TargetRef>, port: Port) {
        let pod = of.filter(|of| &*of.kind == "Pod");
        let Some(pod) = pod.and_then(|of| self.store.pod(&of.namespace, &of.name)) else {
            self.targets.push(target);
            return;
        };
        let seen = self.seen(pod);
        target.labels.merge(&seen.labels);
        target.object = Some(pod.reference());
        target.at = pod.meta.place().or(target.at);
        if let Some(number) = port.number {
            for (container, is_init) in pod.spec.all_containers() {
                // If several containers have the port, the last one wins.
                let found = container.ports.iter().find(|one| one.container_port.value == number);
                if let Some(found) = found {
                    let protocol = port.protocol.as_ref().unwrap_or(&found.protocol);
                    let labels = &mut target.labels;
                    add_container_port_labels(labels, container, is_init, found, protocol);
                    target.at = container.location.or(target.at);
                }
            }
            seen.ports.push(number);
        }
        self.targets.push(target);
    }

    fn seen(&mut self, pod: &'a Pod) -> &mut SeenPod<'a> {
        let same = |seen: &SeenPod<'a>| std::ptr::eq(seen.pod, pod);
        let at = self.pods.iter().position(same).unwrap_or(self.pods.len());
        if at == self.pods.len() {
            let labels = pod_labels(pod, self.store);
            self.pods.push(SeenPod { pod, labels, ports: Vec::new() });
        }
        &mut self.pods[at]
    }

    /// Adds targets for container ports that no endpoint refers to.
    pub(super) fn finish(mut self) -> Vec<GroupTarget> {
        for SeenPod { pod, labels: shared, ports } in &self.pods {
            if pod.status.pod_ip.is_empty() {
                continue;
            }
            for (container, is_init) in pod.spec.all_containers() {
                for port in &container.ports {
                    let number = port.container_port;
                    if ports.contains(&number.value) {
                        continue;
                    }
                    let mut labels = MetaLabels::default();
                    let address = join_host_port(&pod.status.pod_ip, number.value);
                    labels.set("__address__", address, number.at);
                    add_container_port_labels(
                        &mut labels,
                        container,
                        is_init,
                        port,
                        &port.protocol,
                    );
                    labels.merge(shared);
                    self.targets.push(GroupTarget {
                        labels,
                        object: Some(pod.reference()),
                        at: container.location.or(pod.meta.place()),
                    });
                }
            }
        }
        self.targets
    }
}
