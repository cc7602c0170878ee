//! Meta labels that several roles have in common.

use super::store::Store;
use crate::MetaLabels;
use kubernetes::objects::{Container, ContainerPort, Kind, ObjectMeta, Pod, Service, Text};
use text::Location;

pub(super) const META: &str = "__meta_kubernetes_";
pub(super) const NAMESPACE: &str = "__meta_kubernetes_namespace";

/// Replaces each character that is not allowed in label names by an underscore.
pub(super) fn sanitize(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

/// Adds the labels and annotations of an object, each with its value and its presence.
pub(super) fn add_map_labels(labels: &mut MetaLabels, meta: &ObjectMeta, resource: &str) {
    for (what, map) in [("label", &meta.labels), ("annotation", &meta.annotations)] {
        for entry in map {
            let name = sanitize(&entry.key);
            let value = entry.value.clone();
            labels.set(format!("{META}{resource}_{what}_{name}"), value, entry.at);
            labels.set(format!("{META}{resource}_{what}present_{name}"), "true", entry.key_at);
        }
    }
}

pub(super) fn add_object_labels(labels: &mut MetaLabels, meta: &ObjectMeta, resource: &str) {
    labels.set(format!("{META}{resource}_name"), meta.name.value.clone(), meta.name.at);
    add_map_labels(labels, meta, resource);
}

/// Adds the labels of `attach_metadata: {namespace: true}`.
pub(super) fn add_namespace_labels(labels: &mut MetaLabels, store: &Store<'_>, namespace: &str) {
    if let Some(namespace) = store.namespace(namespace) {
        add_map_labels(labels, &namespace.meta, "namespace");
    }
}

/// Adds the labels of `attach_metadata: {node: true}`.
pub(super) fn add_node_labels(labels: &mut MetaLabels, store: &Store<'_>, name: &str) {
    if let Some(node) = store.node(name) {
        add_object_labels(labels, &node.meta, "node");
    }
}

pub(super) fn service_labels(service: &Service) -> MetaLabels {
    let mut labels = MetaLabels::default();
    let namespace = &service.meta.namespace;
    labels.set(NAMESPACE, namespace.value.clone(), namespace.at);
    add_object_labels(&mut labels, &service.meta, "service");
    labels
}

/// Returns the labels of a pod that its targets have in all roles.
pub(super) fn pod_labels(pod: &Pod, store: &Store<'_>) -> MetaLabels {
    let mut labels = MetaLabels::default();
    let mut set = |name: &str, value: &Text, at: Option<Location>| {
        labels.set(format!("{META}pod_{name}"), value.clone(), at);
    };
    set("ip", &pod.status.pod_ip, None);
    set("ready", &pod.status.ready_label().into(), None);
    set("phase", &pod.status.phase, None);
    set("node_name", &pod.spec.node_name.value, pod.spec.node_name.at);
    set("host_ip", &pod.status.host_ip, None);
    set("uid", &pod.meta.uid, None);
    if let Some(owner) = pod.meta.controller() {
        set("controller_kind", &owner.kind, None);
        set("controller_name", &owner.name, None);
        let namespace = &*pod.meta.namespace.value;
        let grand_owner = |kind: Kind, wanted: &str| {
            let workload = store.workload(kind, namespace, &owner.name)?;
            let owner = workload.meta.controller()?;
            (*owner.kind == *wanted).then(|| owner.name.clone())
        };
        match &*owner.kind {
            "ReplicaSet" if store.attach_deployment => {
                if let Some(name) = grand_owner(Kind::ReplicaSet, "Deployment") {
                    set("deployment_name", &name, None);
                }
            }
            "Job" => {
                if store.attach_job {
                    set("job_name", &owner.name, None);
                }
                if store.attach_cronjob
                    && let Some(name) = grand_owner(Kind::Job, "CronJob")
                {
                    set("cronjob_name", &name, None);
                }
            }
            _ => {}
        }
    }
    add_object_labels(&mut labels, &pod.meta, "pod");
    labels
}

/// Adds the labels of a container port that its targets have in all roles.
pub(super) fn add_container_port_labels(
    labels: &mut MetaLabels,
    container: &Container,
    is_init: bool,
    port: &ContainerPort,
    protocol: &Text,
) {
    let mut set = |name: &str, value: Text, at: Option<Location>| {
        labels.set(format!("{META}pod_container_{name}"), value, at);
    };
    set("name", container.name.value.clone(), container.name.at);
    set("image", container.image.value.clone(), container.image.at);
    set("port_name", port.name.value.clone(), port.name.at);
    set("port_number", port.container_port.value.to_string().into(), port.container_port.at);
    set("port_protocol", protocol.clone(), None);
    set("init", is_init.to_string().into(), None);
}
