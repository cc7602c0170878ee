//! Role `node`. Source: prometheus discovery/kubernetes/node.go.

use super::labels::{META, add_object_labels, sanitize};
use crate::{GroupTarget, MetaLabels, TargetGroup};
use go::case;
use go::net::join_host_port;
use kubernetes::objects::{Node, Resource};

/// Address types in the order of preference.
const PREFERRED: [&str; 6] =
    ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];

/// Returns None if the node has no address.
pub(super) fn group(node: &Node) -> Option<TargetGroup> {
    let mut shared = MetaLabels::default();
    shared.set(
        format!("{META}node_provider_id"),
        node.provider_id.value.clone(),
        node.provider_id.at,
    );
    for condition in &node.conditions {
        let name = sanitize(&case::lower(&condition.kind));
        shared.set(format!("{META}node_condition_{name}"), case::lower(&condition.status), None);
    }
    add_object_labels(&mut shared, &node.meta, "node");

    let host = PREFERRED
        .iter()
        .find_map(|kind| node.addresses.iter().find(|address| &*address.kind == *kind))?;
    let mut labels = MetaLabels::default();
    let address = join_host_port(&host.address.value, node.kubelet_port);
    labels.set("__address__", address, host.address.at);
    labels.set("instance", node.meta.name.value.clone(), node.meta.name.at);
    for address in &node.addresses {
        let name = format!("{META}node_address_{}", sanitize(&address.kind));
        if labels.get(&name).is_none() {
            labels.set(name, address.address.value.clone(), address.address.at);
        }
    }
    let target = GroupTarget { labels, object: Some(node.reference()), at: node.meta.place() };
    Some(TargetGroup {
        source: format!("node/{}", node.meta.name.value).into(),
        labels: shared,
        targets: vec![target],
    })
}
