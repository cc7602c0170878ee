//! Pods without a node.

use super::PodFacts;
use super::refusals;
use crate::controllers::Cause;
use crate::objects::{Container, Field, Kind, Text, VolumeSource};
use crate::quantity;
use text::Location;

/// The reason for which the scheduler has no node for a pod. None before its first attempt.
pub(super) fn of_pod(facts: PodFacts<'_>) -> Option<Cause> {
    let condition = facts.pod.status.condition("PodScheduled");
    let message = match facts.event("FailedScheduling", "") {
        Some(event) => event.message.clone(),
        None => condition.filter(|one| &*one.status == "False")?.message.to_string(),
    };
    if let Some(cause) = claim(facts, &message) {
        return Some(cause);
    }
    let reasons = reasons(&message);
    let at = place(facts, reasons).or(facts.place());
    Some(Cause { message: format!("No node takes the pod: {reasons}."), at })
}

/// The part of a message that says what is against each node.
fn reasons(message: &str) -> &str {
    let start = message.find("available: ").map_or(0, |at| at + "available: ".len());
    let rest = message.get(start..).unwrap_or(message);
    let ends = [". preemption:", ". no new claims", ", preemption:"];
    let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
    rest.get(..end).unwrap_or(rest).trim_end_matches(['.', ' '])
}

/// The claim that keeps a pod from its node.
fn claim(facts: PodFacts<'_>, message: &str) -> Option<Cause> {
    if !["persistentvolumeclaim", "PersistentVolumeClaim"].iter().any(|one| message.contains(one)) {
        return None;
    }
    let PodFacts { state, pod, .. } = facts;
    let namespace = &pod.meta.namespace.value;
    for volume in &pod.spec.volumes {
        let VolumeSource::PersistentVolumeClaim { claim_name, .. } = &volume.source else {
            continue;
        };
        let name = &claim_name.value;
        let at = claim_name.at.or(volume.location);
        match state.cluster.persistent_volume_claims.get(namespace, name) {
            None => {
                let message = format!("The volume names the claim {name}, which does not exist.");
                return Some(Cause { message, at });
            }
            Some(claim) if &*claim.phase == "Pending" => {
                let event = state.pending_claims.get(&(namespace.clone(), name.clone()));
                let known = event.map(|event| refusals::of_claim(state, claim, event));
                let why = known.as_ref().map(|known| format!(": {}", known.message));
                let message = format!("The claim {name} is not bound{}.", why.unwrap_or_default());
                let place = known.and_then(|known| known.at).or(claim.meta.place());
                return Some(Cause { message, at: place.or(at) });
            }
            Some(_) => {}
        }
    }
    None
}

/// The field that rules out the nodes, by the words of the scheduler.
fn place(facts: PodFacts<'_>, reasons: &str) -> Option<Location> {
    let spec = &facts.pod.spec;
    if reasons.contains("node affinity/selector") {
        let nodes = &facts.state.cluster.nodes;
        let missing = spec.node_selector.iter().find(|one| {
            !nodes.iter().any(|node| node.meta.labels.value(&one.key) == Some(&*one.value))
        });
        return missing.or(spec.node_selector.iter().next()).and_then(|one| one.key_at);
    }
    if reasons.contains("Insufficient cpu") {
        return largest(facts, |one| one.cpu_request.as_ref().or(one.cpu_limit.as_ref()));
    }
    if reasons.contains("Insufficient memory") {
        return largest(facts, |one| one.memory_request.as_ref().or(one.memory_limit.as_ref()));
    }
    if reasons.contains("free ports") {
        let ports = facts.containers().flat_map(|container| &container.ports);
        return ports
            .filter(|port| port.host_port.is_some())
            .find_map(|port| port.container_port.at);
    }
    if reasons.contains("Too many pods") {
        let owner = facts.owner;
        let workload = match owner.kind {
            Kind::Pod => None,
            kind => facts.state.cluster.workload(kind, &owner.namespace, &owner.name),
        };
        return workload.and_then(|one| one.replicas.and_then(|replicas| replicas.at));
    }
    if reasons.contains("volume") {
        return spec.volumes.iter().find_map(|volume| match &volume.source {
            VolumeSource::PersistentVolumeClaim { claim_name, .. } => claim_name.at,
            _ => None,
        });
    }
    None
}

/// The place of the largest of some quantities of the containers.
fn largest<'a>(
    facts: PodFacts<'a>,
    field: impl Fn(&'a Container) -> Option<&'a Field<Text>>,
) -> Option<Location> {
    let fields = facts.containers().filter_map(field);
    let amounts = fields.filter_map(|field| Some((quantity::parse(&field.value)?, field.at)));
    amounts.max_by(|a, b| a.0.total_cmp(&b.0)).and_then(|(_, at)| at)
}
