//! NetworkPolicies.

use std::net::IpAddr;

use crate::cluster::Cluster;
use crate::objects::{
    NetworkPeer, NetworkPolicy, NetworkRule, ObjectRef, Pod, PortTarget, Resource, StringMap, Text,
};

/// One end of a connection.
#[derive(Clone, Debug)]
pub struct Party<'a> {
    /// None if it is not a pod, or a pod on the host network.
    pub pod: Option<&'a Pod>,
    pub namespace: &'a str,
    pub labels: &'a StringMap,
    pub ip: Text,
}

impl<'a> Party<'a> {
    pub fn of(pod: &'a Pod) -> Self {
        Self {
            pod: (!pod.spec.host_network).then_some(pod),
            namespace: &pod.meta.namespace.value,
            labels: &pod.meta.labels,
            ip: pod.status.pod_ip.clone(),
        }
    }
}

/// The direction that a policy restricts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ingress,
    Egress,
}

/// A connection that is denied: the policies that select the pod, none of which allows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Denied {
    pub direction: Direction,
    pub policies: Vec<ObjectRef>,
}

/// Checks the egress policies of the client, then the ingress policies of the server.
pub fn check(
    cluster: &Cluster,
    from: &Party<'_>,
    to: &Party<'_>,
    port: i32,
    protocol: &str,
) -> Result<(), Denied> {
    side(cluster, Direction::Egress, from, to, to, port, protocol)?;
    side(cluster, Direction::Ingress, to, from, to, port, protocol)
}

/// Checks one direction. `own` is the pod whose policies apply, `peer` the other end, `server` the
/// end with the port.
fn side(
    cluster: &Cluster,
    direction: Direction,
    own: &Party<'_>,
    peer: &Party<'_>,
    server: &Party<'_>,
    port: i32,
    protocol: &str,
) -> Result<(), Denied> {
    if own.pod.is_none() {
        return Ok(());
    }
    let restricts = |policy: &NetworkPolicy| match direction {
        Direction::Ingress => policy.restricts_ingress,
        Direction::Egress => policy.restricts_egress,
    };
    let mut policies = Vec::new();
    for policy in cluster.network_policies.in_namespace(own.namespace) {
        if !restricts(policy) || !policy.pod_selector.matches(own.labels) {
            continue;
        }
        let rules = match direction {
            Direction::Ingress => &policy.ingress,
            Direction::Egress => &policy.egress,
        };
        let home = &policy.meta.namespace.value;
        if rules.iter().any(|rule| allows(cluster, rule, home, peer, server, port, protocol)) {
            return Ok(());
        }
        policies.push(policy.reference());
    }
    if policies.is_empty() { Ok(()) } else { Err(Denied { direction, policies }) }
}

fn allows(
    cluster: &Cluster,
    rule: &NetworkRule,
    home: &str,
    peer: &Party<'_>,
    server: &Party<'_>,
    port: i32,
    protocol: &str,
) -> bool {
    let peer_fits = rule.peers.is_empty()
        || rule.peers.iter().any(|one| peer_matches(cluster, one, home, peer));
    let port_fits = rule.ports.is_empty()
        || rule.ports.iter().any(|one| {
            &*one.protocol == protocol
                && match one.port.as_ref().map(|port| &port.target) {
                    None => true,
                    Some(PortTarget::Number(first)) => {
                        (*first..=one.end_port.unwrap_or(*first)).contains(&port)
                    }
                    Some(PortTarget::Name(name)) => named_port(server, name) == Some(port),
                }
        });
    peer_fits && port_fits
}

fn named_port(server: &Party<'_>, name: &str) -> Option<i32> {
    let containers = &server.pod?.spec.containers;
    let mut ports = containers.iter().flat_map(|container| &container.ports);
    ports.find(|port| &*port.name.value == name).map(|port| port.container_port.value)
}

fn peer_matches(cluster: &Cluster, one: &NetworkPeer, home: &str, peer: &Party<'_>) -> bool {
    if let Some(block) = &one.ip_block {
        let inside = |cidr: &str| in_cidr(cidr, &peer.ip);
        return inside(&block.cidr) && !block.except.iter().any(|except| inside(except));
    }
    if peer.pod.is_none() && peer.labels.is_empty() {
        return false;
    }
    let namespace_fits = match &one.namespace_selector {
        // Without a namespaceSelector only pods in the policy's namespace match.
        None => peer.namespace == home,
        Some(selector) => cluster
            .namespaces
            .get("", peer.namespace)
            .is_some_and(|namespace| selector.matches(&namespace.meta.labels)),
    };
    namespace_fits && one.pod_selector.as_ref().is_none_or(|selector| selector.matches(peer.labels))
}

/// Returns true if an address is in a CIDR block: `10.0.0.0/8` or `fd00::/8`.
pub fn in_cidr(cidr: &str, ip: &str) -> bool {
    let parse = || {
        let (base, length) = cidr.split_once('/')?;
        let length: u32 = length.parse().ok()?;
        let (base, ip): (IpAddr, IpAddr) = (base.parse().ok()?, ip.parse().ok()?);
        match (base, ip) {
            (IpAddr::V4(base), IpAddr::V4(ip)) if length <= 32 => {
                let shift = 32 - length;
                let cut = |ip: u32| ip.checked_shr(shift).unwrap_or(0);
                Some(cut(base.into()) == cut(ip.into()))
            }
            (IpAddr::V6(base), IpAddr::V6(ip)) if length <= 128 => {
                let shift = 128 - length;
                let cut = |ip: u128| ip.checked_shr(shift).unwrap_or(0);
                Some(cut(base.into()) == cut(ip.into()))
            }
            _ => None,
        }
    };
    parse().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_addresses() {
        for (cidr, ip, inside) in [
            ("10.0.0.0/8", "10.244.0.5", true),
            ("10.244.1.0/24", "10.244.0.5", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("10.244.0.5/32", "10.244.0.5", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "10.0.0.1", false),
            ("10.0.0.0/33", "10.0.0.1", false),
            ("x", "10.0.0.1", false),
        ] {
            assert_eq!(in_cidr(cidr, ip), inside, "{cidr} {ip}");
        }
    }
}
