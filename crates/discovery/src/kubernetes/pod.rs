//! Role `pod`. Source: prometheus discovery/kubernetes/pod.go.

use super::labels::{
    META, NAMESPACE, add_container_port_labels, add_namespace_labels, add_node_labels, pod_labels,
};
use super::store::Store;
use crate::{GroupTarget, MetaLabels, TargetGroup};
use go::net::join_host_port;
use kubernetes::objects::{Container, Pod, Resource};

/// Returns one target for each container port, and one without a port for a container that has
/// none. A pod without an IP has no targets.
pub(super) fn group(pod: &Pod, store: &Store<'_>) -> TargetGroup {
    let meta = &pod.meta;
    let source = format!("pod/{}/{}", meta.namespace.value, meta.name.value).into();
    let mut group = TargetGroup { source, ..TargetGroup::default() };
    let node_name = &*pod.spec.node_name.value;
    // With attached nodes, pods on nodes that do not match the selectors are skipped.
    let hidden = store.attach_node && store.node(node_name).is_none();
    if pod.status.pod_ip.is_empty() || hidden {
        return group;
    }
    group.labels = pod_labels(pod, store);
    group.labels.set(NAMESPACE, meta.namespace.value.clone(), meta.namespace.at);
    if store.attach_node {
        add_node_labels(&mut group.labels, store, node_name);
    }
    if store.attach_namespace {
        add_namespace_labels(&mut group.labels, store, &meta.namespace.value);
    }
    for (container, is_init) in pod.spec.all_containers() {
        let at = container.location.or(meta.place());
        for labels in container_targets(pod, container, is_init) {
            group.targets.push(GroupTarget { labels, object: Some(pod.reference()), at });
        }
    }
    group
}

fn container_targets(pod: &Pod, container: &Container, is_init: bool) -> Vec<MetaLabels> {
    let status = &pod.status;
    let statuses =
        if is_init { &status.init_container_statuses } else { &status.container_statuses };
    let id = statuses.iter().find(|one| one.name == container.name.value);
    let id = id.map(|one| one.container_id.clone()).unwrap_or_default();
    let id_label = format!("{META}pod_container_id");
    if container.ports.is_empty() {
        let mut labels = MetaLabels::default();
        labels.set("__address__", status.pod_ip.clone(), None);
        let (name, image) = (&container.name, &container.image);
        labels.set(format!("{META}pod_container_name"), name.value.clone(), name.at);
        labels.set(id_label, id, None);
        labels.set(format!("{META}pod_container_image"), image.value.clone(), image.at);
        labels.set(format!("{META}pod_container_init"), is_init.to_string(), None);
        return vec![labels];
    }
    let with_port = container.ports.iter().map(|port| {
        let mut labels = MetaLabels::default();
        let number = port.container_port;
        labels.set("__address__", join_host_port(&status.pod_ip, number.value), number.at);
        labels.set(id_label.clone(), id.clone(), None);
        add_container_port_labels(&mut labels, container, is_init, port, &port.protocol);
        labels
    });
    with_port.collect()
}
