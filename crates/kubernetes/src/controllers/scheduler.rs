//! Which node a pod runs on.

use go::quote::quote;
use std::sync::Arc;

use super::{Cause, ClusterState, Event, PodReport};
use crate::objects::{Field, Node, Pod, Taint, Text, VolumeSource};

/// Taints that the DaemonSet controller lets its pods tolerate.
const DAEMON_TOLERATIONS: &[&str] = &[
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/memory-pressure",
    "node.kubernetes.io/pid-pressure",
    "node.kubernetes.io/unschedulable",
];

/// Gives each pod a node, or the event that says why it has none.
pub(super) fn place(state: &mut ClusterState) {
    let nodes: Vec<Arc<Node>> = state.cluster.nodes.iter().cloned().collect();
    let mut turn = 0;
    let waiting: Vec<Arc<Pod>> = state
        .cluster
        .pods
        .iter()
        .filter(|pod| pod.spec.node_name.value.is_empty() && pod.status.phase.is_empty())
        .cloned()
        .collect();
    for pod in waiting {
        let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
        if let Some((message, cause)) = claim_problem(state, &pod, nodes.len()) {
            unscheduled(state, key, message, Some(cause));
            continue;
        }
        let fitting: Vec<&Arc<Node>> = nodes.iter().filter(|node| fits(&pod, node)).collect();
        let Some(node) = fitting.get(turn % fitting.len().max(1)) else {
            let (message, cause) = no_node(&pod, &nodes);
            unscheduled(state, key, message, cause);
            continue;
        };
        turn += 1;
        let mut pod = (*pod).clone();
        pod.spec.node_name = Field::derived(node.meta.name.value.clone());
        state.cluster.pods.insert(pod);
    }
}

/// Returns true if the pod can be bound to a node: by its labels, its taints, and its readiness.
pub(super) fn fits(pod: &Pod, node: &Node) -> bool {
    let daemon = pod.meta.controller().is_some_and(|owner| &*owner.kind == "DaemonSet");
    is_selected(pod, node)
        && (!node.unschedulable || daemon)
        && node.taints.iter().all(|taint| tolerates(pod, taint, daemon))
        // Without conditions nothing is known against the node.
        && (node.conditions.iter().all(|one| &*one.kind != "Ready") || node.is_ready() || daemon)
}

/// Labels that kubelets still set beside their stable forms, with the same values. Nodes of manifests
/// may have the stable ones only.
///
/// Source: pkg/kubelet/kubelet_node_status.go `initialNode`.
const BETA_LABELS: [(&str, &str); 2] = [
    ("beta.kubernetes.io/arch", "kubernetes.io/arch"),
    ("beta.kubernetes.io/os", "kubernetes.io/os"),
];

/// Returns true if the node has the labels of the pod's `nodeSelector`.
fn is_selected(pod: &Pod, node: &Node) -> bool {
    let value = |key: &str| {
        let stable = BETA_LABELS.iter().find(|(beta, _)| *beta == key);
        let labels = &node.meta.labels;
        labels.value(key).or_else(|| labels.value(stable?.1))
    };
    pod.spec.node_selector.iter().all(|one| value(&one.key) == Some(&*one.value))
}

/// Source: core/v1 `Toleration.ToleratesTaint`.
fn tolerates(pod: &Pod, taint: &Taint, daemon: bool) -> bool {
    !matches!(&*taint.effect, "NoSchedule" | "NoExecute")
        || daemon && DAEMON_TOLERATIONS.contains(&&*taint.key)
        || pod.spec.tolerations.iter().any(|one| {
            (one.key == taint.key || one.key.is_empty() && one.exists)
                && (one.exists || one.value == taint.value)
                && (one.effect.is_empty() || one.effect == taint.effect)
        })
}

fn unscheduled(state: &mut ClusterState, key: (Text, Text), message: String, cause: Option<Cause>) {
    let report = PodReport {
        status: "Pending".into(),
        events: vec![Event::warning("FailedScheduling", "default-scheduler", message)],
        logs: Vec::new(),
        cause,
    };
    state.reports.insert(key, report);
}

fn no_node(pod: &Pod, nodes: &[Arc<Node>]) -> (String, Option<Cause>) {
    let total = nodes.len();
    let selected = nodes.iter().filter(|node| is_selected(pod, node));
    let unselected = total - selected.count();
    let mut parts = Vec::new();
    if unselected > 0 {
        parts.push(format!("{unselected} node(s) didn't match Pod's node affinity/selector"));
    }
    if unselected < total {
        parts.push(format!("{} node(s) had untolerated taint(s)", total - unselected));
    }
    let at = pod.spec.node_selector.iter().next().and_then(|entry| entry.key_at);
    let cause = Cause {
        message:
            "No node takes the pod: its nodeSelector or the nodes' taints rule all of them out."
                .into(),
        at: at.or(pod.spec.location),
    };
    let message = format!(
        "0/{total} nodes are available: {}. preemption: 0/{total} nodes are available: {total} Preemption is not helpful for scheduling.",
        parts.join(", ")
    );
    (message, Some(cause))
}

/// The claim that keeps a pod from being scheduled.
fn claim_problem(state: &ClusterState, pod: &Pod, nodes: usize) -> Option<(String, Cause)> {
    for volume in &pod.spec.volumes {
        let VolumeSource::PersistentVolumeClaim { claim_name, .. } = &volume.source else {
            continue;
        };
        let namespace = &pod.meta.namespace.value;
        let claim = state.cluster.persistent_volume_claims.get(namespace, &claim_name.value);
        let at = claim_name.at.or(volume.location);
        let name = &*claim_name.value;
        match claim {
            None => {
                let message = format!(
                    "0/{nodes} nodes are available: persistentvolumeclaim {name} not found. preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.",
                    name = quote(name)
                );
                let message_for_people =
                    format!("The volume names the claim {name}, which does not exist.");
                return Some((message, Cause { message: message_for_people, at }));
            }
            Some(claim) if &*claim.phase == "Pending" => {
                let message = format!(
                    "0/{nodes} nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling."
                );
                let why = state
                    .pending_claims
                    .get(&(namespace.clone(), claim_name.value.clone()))
                    .map(|event| format!(": {}", event.message))
                    .unwrap_or_default();
                let message_for_people = format!("The claim {name} is not bound{why}.");
                let at = claim.meta.place().or(at);
                return Some((message, Cause { message: message_for_people, at }));
            }
            Some(_) => {}
        }
    }
    None
}
