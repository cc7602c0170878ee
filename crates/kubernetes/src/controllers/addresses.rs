//! Allocation of addresses: ClusterIPs and node ports of Services, IPs of pods.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{ClusterState, Overrides};
use crate::cluster::Cluster;
use crate::hash::Hash;
use crate::objects::{Field, Text};

/// Gives a ClusterIP to each Service that needs one, and node ports if its type has them.
/// Both come from the Service's name, so that they stay when other Services come and go.
pub(super) fn assign_services(cluster: &mut Cluster) {
    let mut ips: HashSet<Text> =
        cluster.services.iter().map(|service| service.cluster_ip.value.clone()).collect();
    // The DNS Service's, which is there in every cluster even if no manifest shows it.
    ips.insert("10.96.0.10".into());
    let mut node_ports: HashSet<i32> = cluster
        .services
        .iter()
        .flat_map(|service| service.ports.iter())
        .filter_map(|port| Some(port.node_port?.value))
        .collect();
    for service in cluster.services.iter_mut() {
        if service.is_external_name() {
            continue;
        }
        let (namespace, name) =
            (service.meta.namespace.value.clone(), service.meta.name.value.clone());
        let needs_ip = service.cluster_ip.value.is_empty();
        let needs_port =
            service.has_node_ports() && service.ports.iter().any(|port| port.node_port.is_none());
        if !needs_ip && !needs_port && !service.ip_families.is_empty() {
            continue;
        }
        let service = Arc::make_mut(service);
        if needs_ip {
            let ip = cluster_ip(&namespace, &name, &ips);
            ips.insert(ip.clone());
            service.cluster_ip = Field::derived(ip);
        }
        if service.ip_families.is_empty() {
            let v6 = service.cluster_ip.value.contains(':');
            service.ip_families.push(if v6 { "IPv6" } else { "IPv4" }.into());
        }
        if service.ip_family_policy.is_empty() {
            service.ip_family_policy = "SingleStack".into();
        }
        if service.has_node_ports() {
            for port in service.ports.iter_mut().filter(|port| port.node_port.is_none()) {
                let number = node_port(&namespace, &name, port.port.value, &node_ports);
                node_ports.insert(number);
                port.node_port = Some(Field::derived(number));
            }
        }
    }
}

/// Returns a free address of 10.96.0.0/12, the usual range.
fn cluster_ip(namespace: &str, name: &str, taken: &HashSet<Text>) -> Text {
    let mut hash = Hash::of(&["ClusterIP", namespace, name]);
    loop {
        let value = hash.value();
        let second = 96 + (value % 16);
        let third = value >> 8 & 0xff;
        let last = 1 + (value >> 16) % 254;
        let ip = Text::from(format!("10.{second}.{third}.{last}"));
        if !taken.contains(&ip) {
            return ip;
        }
        hash.add("next");
    }
}

/// Returns a free port of 30000 to 32767, or the first one if all are allocated.
fn node_port(namespace: &str, name: &str, port: i32, taken: &HashSet<i32>) -> i32 {
    let size = 2768;
    let value = Hash::of(&["NodePort", namespace, name, &port.to_string()]).value() % size;
    (0..size)
        .map(|step| 30_000 + ((value + step) % size) as i32)
        .find(|number| !taken.contains(number))
        .unwrap_or(30_000)
}

/// The creation of a pod, as far as its address depends on it.
#[derive(Clone, Copy, PartialEq)]
enum Arrival {
    WithTheManifests,
    /// A pod of its place in the order was there before and keeps its address to itself.
    Replaced,
    /// By scaling up.
    Added,
}

/// Gives each scheduled pod without an address one, in the order of the pods; those that came by
/// an event come last, so that all others keep theirs.
pub(super) fn assign_pods(state: &mut ClusterState, overrides: &Overrides) {
    let nodes: Vec<(Text, Text)> = state
        .cluster
        .nodes
        .iter()
        .map(|node| {
            let ip = node.address("InternalIP").unwrap_or_default().into();
            (node.meta.name.value.clone(), ip)
        })
        .collect();
    let mut taken: HashSet<Text> =
        state.cluster.pods.iter().map(|pod| pod.status.pod_ip.clone()).collect();
    let mut next = vec![2u32; nodes.len()];
    let mut given = HashMap::new();
    let mut late = Vec::new();
    for pod in &state.cluster.pods {
        let node = nodes.iter().position(|(name, _)| *name == pod.spec.node_name.value);
        let Some(node) =
            node.filter(|_| pod.status.pod_ip.is_empty() && pod.status.phase.is_empty())
        else {
            continue;
        };
        let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
        if pod.spec.host_network {
            given.insert(key, nodes.get(node).map(|(_, ip)| ip.clone()).unwrap_or_default());
            continue;
        }
        match arrival(state, overrides, &key) {
            Arrival::WithTheManifests => {
                given.insert(key, pod_ip(node, &mut next, &mut taken));
            }
            Arrival::Replaced => {
                pod_ip(node, &mut next, &mut taken);
                late.push((key, node));
            }
            Arrival::Added => late.push((key, node)),
        }
    }
    for (key, node) in late {
        given.insert(key, pod_ip(node, &mut next, &mut taken));
    }
    for pod in state.cluster.pods.iter_mut() {
        let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
        let Some(ip) = given.remove(&key) else { continue };
        let host = nodes.iter().find(|(name, _)| *name == pod.spec.node_name.value);
        let pod = Arc::make_mut(pod);
        pod.status.pod_ips = vec![ip.clone()];
        pod.status.pod_ip = ip;
        pod.status.host_ip = host.map(|(_, ip)| ip.clone()).unwrap_or_default();
    }
}

fn arrival(state: &ClusterState, overrides: &Overrides, key: &(Text, Text)) -> Arrival {
    let Some(replica) = state.replicas.get(key) else { return Arrival::WithTheManifests };
    let (owner, number) = replica;
    let workload = state.cluster.workload(owner.kind, &owner.namespace, &owner.name);
    let beyond = workload.is_some_and(|workload| *number as i64 >= workload.desired());
    if beyond && overrides.scale.contains_key(owner) {
        Arrival::Added
    } else if overrides.replaced.contains_key(replica) {
        Arrival::Replaced
    } else {
        Arrival::WithTheManifests
    }
}

/// The next address of a node's range: 10.244.N.2 and on, into the following range when full.
fn pod_ip(node: usize, next: &mut [u32], taken: &mut HashSet<Text>) -> Text {
    loop {
        let number = next.get_mut(node).map_or(2, |next| {
            *next += 1;
            *next - 1
        });
        let third = (node as u32 + number / 256) % 256;
        let second = 244 + (node as u32 + number / 256) / 256;
        let ip = Text::from(format!("10.{}.{third}.{}", second.min(255), number % 256));
        if number % 256 < 2 || !taken.insert(ip.clone()) {
            continue;
        }
        return ip;
    }
}
