//! The graph of the objects of a cluster: nodes in columns, edges from left to right.
//!
//! | column | objects |
//! | --- | --- |
//! | 0 | Services and Ingresses |
//! | 1 | pods with their containers and ports |
//! | 2 | ConfigMaps, Secrets, PersistentVolumeClaims and ServiceAccounts that pods use |
//! | 3 | role bindings |
//! | 4 | roles |

use text::IndexSort;
mod pods;
mod services;

use std::collections::HashMap;

use kubernetes::controllers::ClusterState;
use kubernetes::objects::{Field, Kind, ObjectOrigin, ObjectRef, Pod, Resource, Text};
use kubernetes::prometheus::is_prometheus;
use protocol::pages::cluster::{Edge, Graph, Health, Line, Node};
use text::Location;

/// Pods of a workload that have a node each; further pods share one node.
const PODS_OF_A_WORKLOAD: usize = 4;

/// Lines of a shared node; further pods are only counted.
const LINES_OF_A_NODE: usize = 50;

/// The largest number of nodes in a graph.
const MAX_NODES: usize = 200;

/// Returns the graph of a cluster. Pods of Prometheus come first.
pub fn graph(state: &ClusterState) -> Graph {
    let mut builder = GraphBuilder { state, graph: Graph::default(), known: HashMap::new() };
    let mut pods: Vec<&Pod> = state.cluster.pods.iter().map(|pod| &**pod).collect();
    pods.index_sort_by_key(|pod| !runs_prometheus(pod));
    let mut drawn: HashMap<ObjectRef, usize> = HashMap::new();
    for pod in pods {
        builder.pod(pod, &mut drawn);
    }
    for (owner, (event, cause)) in &state.refused {
        builder.refused(owner, &event.message, &cause.message, cause.at);
    }
    for service in &state.cluster.services {
        builder.service(service);
    }
    builder.ingresses();
    builder.unused();
    builder.graph
}

fn runs_prometheus(pod: &Pod) -> bool {
    pod.spec.containers.iter().any(is_prometheus)
}

struct GraphBuilder<'a> {
    state: &'a ClusterState,
    graph: Graph,
    /// Index of the node of each object. Pods that share a node have the same index.
    known: HashMap<ObjectRef, u32>,
}

impl GraphBuilder<'_> {
    /// Adds a node unless the object has one. Returns its index, or None if the graph is full.
    fn add(&mut self, reference: ObjectRef, node: Node) -> Option<u32> {
        if let Some(known) = self.known.get(&reference) {
            return Some(*known);
        }
        if self.graph.nodes.len() >= MAX_NODES {
            self.graph.hidden += 1;
            return None;
        }
        let number = self.graph.nodes.len() as u32;
        self.graph.nodes.push(node);
        self.known.insert(reference, number);
        Some(number)
    }

    fn edge(&mut self, from: u32, to: u32, label: String, health: Health, at: Option<Location>) {
        let same = |edge: &Edge| edge.from == from && edge.to == to && edge.label == label;
        if !self.graph.edges.iter().any(same) {
            self.graph.edges.push(Edge { from, to, label, health, at });
        }
    }

    fn health(&self, number: u32) -> Health {
        self.graph.nodes.get(number as usize).map_or(Health::Neutral, |node| node.health)
    }

    /// Adds an object that pods use. Objects that do not exist get a node too.
    fn given(&mut self, reference: ObjectRef) -> Option<u32> {
        let cluster = &self.state.cluster;
        let ObjectRef { kind, namespace, name } = &reference;
        let meta = cluster.meta(*kind, namespace, name);
        let (mut health, mut state, mut reason) = (Health::Good, String::new(), None);
        let mut lines = Vec::new();
        match kind {
            Kind::ConfigMap => {
                for entry in
                    cluster.config_maps.get(namespace, name).iter().flat_map(|map| &map.data)
                {
                    let text = entry.key.to_string();
                    lines.push(Line { text, health: Health::Neutral, at: entry.key_at });
                }
            }
            Kind::PersistentVolumeClaim => {
                if let Some(claim) = cluster.persistent_volume_claims.get(namespace, name) {
                    state = claim.phase.to_string();
                    let text = format!("{} {}", claim.request.value, modes(&claim.access_modes));
                    lines.push(Line { text, health: Health::Neutral, at: claim.request.at });
                    if &*claim.phase == "Pending" {
                        health = Health::Waiting;
                        let key = (namespace.clone(), name.clone());
                        reason = self.state.pending_claims.get(&key).map(|one| one.message.clone());
                    }
                }
            }
            _ => {}
        }
        if meta.is_none() {
            // Secrets are often created outside of the manifests, so their absence is no fault.
            let secret = *kind == Kind::Secret;
            health = if secret { Health::Neutral } else { Health::Bad };
            state = if secret { "not among the manifests" } else { "does not exist" }.into();
        }
        let node = Node {
            kind: kind.name().into(),
            namespace: namespace.to_string(),
            name: name.to_string(),
            column: 2,
            health,
            state,
            reason,
            lines,
            hidden: 0,
            at: meta.and_then(|meta| meta.place()),
            prometheus: false,
        };
        self.add(reference, node)
    }

    /// Adds the ConfigMaps and PersistentVolumeClaims that no pod uses.
    fn unused(&mut self) {
        let state = self.state;
        let maps = state.cluster.config_maps.iter().map(|one| (one.reference(), &one.meta));
        let claims =
            state.cluster.persistent_volume_claims.iter().map(|one| (one.reference(), &one.meta));
        for (reference, meta) in maps.chain(claims) {
            if meta.origin != ObjectOrigin::Written || self.known.contains_key(&reference) {
                continue;
            }
            if let Some(number) = self.given(reference)
                && let Some(node) = self.graph.nodes.get_mut(number as usize)
            {
                node.health = Health::Neutral;
                node.state = "used by no pod".into();
            }
        }
    }
}

/// A node of neutral health without lines.
fn simple(reference: &ObjectRef, column: u8, at: Option<Location>) -> Node {
    Node {
        kind: reference.kind.name().into(),
        namespace: reference.namespace.to_string(),
        name: reference.name.to_string(),
        column,
        health: Health::Neutral,
        state: String::new(),
        reason: None,
        lines: Vec::new(),
        hidden: 0,
        at,
        prometheus: false,
    }
}

fn modes(modes: &[Field<Text>]) -> String {
    let names: Vec<&str> = modes.iter().map(|mode| &*mode.value).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
