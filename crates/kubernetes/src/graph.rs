//! How the objects of the cluster are tied together, as a picture draws it: nodes in columns, and
//! edges from left to right.
//!
//! | column | what stands there |
//! | --- | --- |
//! | 0 | Services and Ingresses: how something is reached |
//! | 1 | pods with their containers and ports: what runs |
//! | 2 | ConfigMaps, Secrets, claims and ServiceAccounts: what pods are given |
//! | 3 | bindings |
//! | 4 | roles |

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::controllers::{ClusterState, target_port};
use super::mounts;
use super::objects::{
    Container, ContainerPort, Kind, ObjectOrigin, ObjectRef, Pod, Resource, Service, SourceKind,
    Text, VolumeSource, contains_all,
};
use super::prometheus::is_prometheus;
use super::rbac::{Account, roles_of};
use text::Location;

/// Pods of one workload that are drawn one by one; the others stand in one node together.
const PODS_OF_A_WORKLOAD: usize = 4;

/// Of more pods in one node only the number is told.
const LINES_OF_A_NODE: usize = 50;

/// More nodes than this are not drawn.
const MAX_NODES: usize = 200;

/// How something does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Health {
    /// Nothing can be said for or against it.
    Neutral,
    Good,
    /// It exists, but does not do its work yet.
    Waiting,
    Bad,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub column: u8,
    pub health: Health,
    /// In a few words how it does: `Running`, `no ready endpoints`.
    pub state: String,
    /// Why it does not do well, as a whole sentence.
    pub reason: Option<String>,
    /// Containers with their ports, ports of a Service, keys of a ConfigMap.
    pub lines: Vec<Line>,
    /// Lines that were left out because there are too many.
    pub hidden: u32,
    /// Where a click leads.
    pub at: Option<Location>,
    /// Whether Prometheus runs in it.
    pub prometheus: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub text: String,
    pub health: Health,
    pub at: Option<Location>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Places in [`Graph::nodes`].
    pub from: u32,
    pub to: u32,
    /// `80 → 8080`, `mounted at /etc/prometheus`, `runs as`.
    pub label: String,
    pub health: Health,
    pub at: Option<Location>,
}

/// Nodes in the order of their columns from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// Objects that were left out because there are too many.
    pub hidden: u32,
}

/// The picture of a cluster, Prometheus first.
pub fn graph(state: &ClusterState) -> Graph {
    let mut maker = Maker { state, graph: Graph::default(), known: HashMap::new() };
    let mut pods: Vec<&Pod> = state.cluster.pods.iter().map(|pod| &**pod).collect();
    pods.sort_by_key(|pod| !runs_prometheus(pod));
    let mut drawn: HashMap<ObjectRef, usize> = HashMap::new();
    for pod in pods {
        maker.pod(pod, &mut drawn);
    }
    for (owner, (event, cause)) in &state.refused {
        maker.refused(owner, &event.message, &cause.message, cause.at);
    }
    for service in &state.cluster.services {
        maker.service(service);
    }
    maker.ingresses();
    maker.unused();
    maker.graph
}

fn runs_prometheus(pod: &Pod) -> bool {
    pod.spec.containers.iter().any(is_prometheus)
}

struct Maker<'a> {
    state: &'a ClusterState,
    graph: Graph,
    /// Nodes by object; pods that stand in one node with others have the same.
    known: HashMap<ObjectRef, u32>,
}

impl<'a> Maker<'a> {
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

    fn pod(&mut self, pod: &'a Pod, drawn: &mut HashMap<ObjectRef, usize>) {
        let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
        let replica = self.state.replicas.get(&key);
        let owner = replica.map_or_else(|| pod.reference(), |(owner, _)| owner.clone());
        let count = drawn.entry(owner.clone()).or_default();
        *count += 1;
        if let Some(more) = count.checked_sub(PODS_OF_A_WORKLOAD).filter(|more| *more > 0) {
            self.more(pod, &owner, more);
            return;
        }
        let report = self.state.reports.get(&key);
        let status = report.map(|report| report.status.to_string()).unwrap_or_default();
        let cause = report.and_then(|report| report.cause.as_ref());
        let ready = pod.status.is_ready() || pod.status.is_terminal();
        let health = match (ready, &*status) {
            (true, _) => Health::Good,
            (false, "Running" | "Pending") => Health::Waiting,
            (false, _) => Health::Bad,
        };
        let state = match (ready, &*status) {
            (false, "Running") => "Running, not ready".to_owned(),
            _ => status,
        };
        let node = Node {
            kind: "Pod".into(),
            namespace: key.0.to_string(),
            name: key.1.to_string(),
            column: 1,
            health,
            state,
            reason: cause.map(|cause| cause.message.clone()),
            lines: containers(pod),
            hidden: 0,
            at: pod.meta.place(),
            prometheus: runs_prometheus(pod),
        };
        let Some(number) = self.add(pod.reference(), node) else { return };
        self.volumes(pod, number);
        self.account(pod, number);
    }

    /// One more pod of a workload that has enough of them drawn, the `count`th.
    fn more(&mut self, pod: &Pod, owner: &ObjectRef, count: usize) {
        // The workload's own name marks the node of its other pods.
        if let Some(known) = self.known.get(owner).copied() {
            if let Some(node) = self.graph.nodes.get_mut(known as usize) {
                node.name = format!("{count} more of {}", owner.name);
                if node.lines.len() < LINES_OF_A_NODE {
                    node.lines.push(pod_line(pod));
                } else {
                    node.hidden += 1;
                }
            }
            self.known.insert(pod.reference(), known);
            return;
        }
        let node = Node {
            kind: "Pod".into(),
            namespace: owner.namespace.to_string(),
            name: format!("1 more of {}", owner.name),
            column: 1,
            health: Health::Neutral,
            state: String::new(),
            reason: None,
            lines: vec![pod_line(pod)],
            hidden: 0,
            at: pod.meta.place(),
            prometheus: false,
        };
        if let Some(number) = self.add(owner.clone(), node) {
            self.known.insert(pod.reference(), number);
        }
    }

    /// A workload of which no pod could be made.
    fn refused(&mut self, owner: &ObjectRef, event: &str, reason: &str, at: Option<Location>) {
        let node = Node {
            kind: owner.kind.name().into(),
            namespace: owner.namespace.to_string(),
            name: owner.name.to_string(),
            column: 1,
            health: Health::Bad,
            state: "no pods".into(),
            reason: Some(reason.to_owned()),
            lines: vec![Line { text: event.to_owned(), health: Health::Bad, at: None }],
            hidden: 0,
            at,
            prometheus: false,
        };
        self.add(owner.clone(), node);
    }

    /// ConfigMap → volume → mount, drawn from the pod to what it is given.
    fn volumes(&mut self, pod: &Pod, number: u32) {
        let namespace = &pod.meta.namespace.value;
        for volume in &pod.spec.volumes {
            let sources: Vec<(Kind, Text, Option<Location>)> = match &volume.source {
                VolumeSource::ConfigMap(one) => {
                    vec![(Kind::ConfigMap, one.name.value.clone(), one.name.at)]
                }
                VolumeSource::Secret(one) => {
                    vec![(Kind::Secret, one.name.value.clone(), one.name.at)]
                }
                VolumeSource::Projected(parts) => parts
                    .iter()
                    .map(|(kind, one)| (source_kind(*kind), one.name.value.clone(), one.name.at))
                    .collect(),
                VolumeSource::PersistentVolumeClaim { claim_name, .. } => {
                    vec![(Kind::PersistentVolumeClaim, claim_name.value.clone(), claim_name.at)]
                }
                _ => continue,
            };
            let paths: Vec<String> = pod
                .spec
                .containers
                .iter()
                .chain(&pod.spec.init_containers)
                .flat_map(|container| &container.volume_mounts)
                .filter(|mount| mount.name.value == volume.name.value)
                .map(|mount| mounts::clean_path("/", &mount.mount_path.value))
                .collect();
            let label = match paths.first() {
                Some(first) => format!("volume {} at {first}", volume.name.value),
                None => format!("volume {}, mounted nowhere", volume.name.value),
            };
            for (kind, name, at) in sources {
                let reference = ObjectRef { kind, namespace: namespace.clone(), name };
                let Some(to) = self.given(reference) else { continue };
                let health = self.health(to);
                self.edge(number, to, label.clone(), health, at.or(volume.location));
            }
        }
        for container in &pod.spec.containers {
            self.environment(container, namespace, number);
        }
    }

    fn environment(&mut self, container: &Container, namespace: &Text, number: u32) {
        let keys = container.env.iter().filter_map(|one| one.value_from.as_ref());
        let mut sources: Vec<_> = keys.map(|from| (from.source, &from.name)).collect();
        sources.extend(container.env_from.iter().map(|from| (from.source, &from.name)));
        for (source, name) in sources {
            let kind = source_kind(source);
            let reference =
                ObjectRef { kind, namespace: namespace.clone(), name: name.value.clone() };
            if let Some(to) = self.given(reference) {
                let health = self.health(to);
                self.edge(number, to, "variables".into(), health, name.at);
            }
        }
    }

    fn health(&self, number: u32) -> Health {
        self.graph.nodes.get(number as usize).map_or(Health::Neutral, |node| node.health)
    }

    /// Something that pods are given; a ConfigMap that does not exist is drawn too.
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
            // Secrets are rarely kept beside manifests.
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

    /// Prometheus → ServiceAccount → binding → role. Accounts of other pods are drawn only where a
    /// manifest has them.
    fn account(&mut self, pod: &Pod, number: u32) {
        let cluster = &self.state.cluster;
        let (namespace, name) = (&pod.meta.namespace.value, &pod.spec.service_account_name);
        let account = cluster.service_accounts.get(namespace, &name.value);
        let written = account.is_some_and(|one| one.meta.origin == ObjectOrigin::Written);
        if !written && !runs_prometheus(pod) {
            return;
        }
        let reference = ObjectRef {
            kind: Kind::ServiceAccount,
            namespace: namespace.clone(),
            name: name.value.clone(),
        };
        let bearer = Account { namespace, name: &name.value };
        let bound: Vec<_> = roles_of(cluster, bearer).collect();
        let mut node = simple(&reference, 2, account.and_then(|one| one.meta.place()));
        node.health = Health::Good;
        if account.is_none() {
            node.health = Health::Bad;
            node.state = "does not exist".into();
        } else if bound.is_empty() && runs_prometheus(pod) {
            node.health = Health::Neutral;
            node.state = "bound to no role".into();
        }
        let health = node.health;
        let Some(to) = self.add(reference, node) else { return };
        self.edge(number, to, "runs as".into(), health, name.at);
        for (binding, role) in bound {
            let mut node = simple(&binding.reference(), 3, binding.meta.place());
            node.health = Health::Good;
            let Some(middle) = self.add(binding.reference(), node) else { continue };
            self.edge(to, middle, "is bound by".into(), Health::Good, binding.meta.name.at);
            let (kind, home) = match &*binding.role_kind.value {
                "Role" => (Kind::Role, binding.meta.namespace.value.clone()),
                _ => (Kind::ClusterRole, Text::default()),
            };
            let reference =
                ObjectRef { kind, namespace: home, name: binding.role_name.value.clone() };
            let mut node = simple(&reference, 4, role.and_then(|role| role.meta.place()));
            match role {
                Some(role) => {
                    node.health = Health::Good;
                    node.lines = role.rules.iter().map(rule_line).collect();
                }
                None => node.state = "not among the manifests".into(),
            }
            if let Some(end) = self.add(reference, node) {
                self.edge(middle, end, "to".into(), Health::Good, binding.role_name.at);
            }
        }
    }

    fn service(&mut self, service: &Service) {
        let (namespace, name) = (&service.meta.namespace.value, &service.meta.name.value);
        if service.meta.origin == ObjectOrigin::BuiltIn {
            return;
        }
        let endpoints = self.state.cluster.endpoints.get(namespace, name);
        let ready: usize =
            endpoints.iter().flat_map(|one| &one.subsets).map(|one| one.addresses.len()).sum();
        let (health, state, reason) = if service.is_external_name() {
            (Health::Neutral, format!("leads to {}", service.external_name.value), None)
        } else if ready == 0 {
            let reason = "The selector matches no ready pod with these ports, so connections are refused at once.";
            (Health::Bad, "no ready endpoints".into(), Some(reason.to_owned()))
        } else {
            (Health::Good, service.service_type.value.to_string(), None)
        };
        let lines = service
            .ports
            .iter()
            .map(|port| {
                // As kubectl writes a port that is open on the nodes.
                let node_port =
                    port.node_port.map_or(String::new(), |one| format!(":{}", one.value));
                let name = if port.name.value.is_empty() {
                    String::new()
                } else {
                    format!(" {}", port.name.value)
                };
                Line {
                    text: format!("{}{node_port}/{}{name}", port.port.value, port.protocol),
                    health: Health::Neutral,
                    at: port.port.at,
                }
            })
            .collect();
        let node = Node {
            kind: "Service".into(),
            namespace: namespace.to_string(),
            name: name.to_string(),
            column: 0,
            health,
            state,
            reason,
            lines,
            hidden: 0,
            at: service.meta.place(),
            prometheus: false,
        };
        let Some(from) = self.add(service.reference(), node) else { return };
        if service.selector.is_empty() {
            return;
        }
        let state = self.state;
        let selected = state
            .cluster
            .pods
            .in_namespace(namespace)
            .filter(|pod| contains_all(&service.selector, &pod.meta.labels));
        for pod in selected {
            let Some(to) = self.known.get(&pod.reference()).copied() else { continue };
            let ways: Vec<String> = service
                .ports
                .iter()
                .map(|port| match target_port(pod, port) {
                    Some(target) => format!("{} → {}", port.port.value, target.value),
                    None => format!("{} → no such port", port.port.value),
                })
                .collect();
            let broken = service.ports.iter().any(|port| target_port(pod, port).is_none());
            let health = match (broken, pod.status.is_ready()) {
                (true, _) => Health::Bad,
                (false, true) => Health::Good,
                (false, false) => Health::Waiting,
            };
            self.edge(from, to, ways.join(", "), health, service.selector_at);
        }
    }

    /// Ingresses stand beside the Services that they lead to.
    fn ingresses(&mut self) {
        let state = self.state;
        for ingress in &state.cluster.ingresses {
            let mut node = simple(&ingress.reference(), 0, ingress.meta.place());
            let mut services = Vec::new();
            for rule in &ingress.rules {
                for path in rule.paths.iter().flatten() {
                    let service = ObjectRef {
                        kind: Kind::Service,
                        namespace: ingress.meta.namespace.value.clone(),
                        name: path.service.value.clone(),
                    };
                    let known = self.known.get(&service).copied();
                    let text =
                        format!("{}{} → {}", rule.host.value, path.path.value, path.service.value);
                    let health = if known.is_some() { Health::Good } else { Health::Bad };
                    node.health = node.health.max(health);
                    let label = format!("{}{}", rule.host.value, path.path.value);
                    services.extend(known.map(|known| (known, label, path.service.at)));
                    node.lines.push(Line { text, health, at: path.service.at });
                }
            }
            let Some(from) = self.add(ingress.reference(), node) else { continue };
            for (to, label, at) in services {
                let health = self.health(to);
                self.edge(from, to, label, health, at);
            }
        }
    }

    /// ConfigMaps and claims of the manifests that no pod uses.
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

const fn source_kind(kind: SourceKind) -> Kind {
    match kind {
        SourceKind::ConfigMap => Kind::ConfigMap,
        SourceKind::Secret => Kind::Secret,
    }
}

fn modes(modes: &[super::objects::Field<Text>]) -> String {
    let names: Vec<&str> = modes.iter().map(|mode| &*mode.value).collect();
    names.join(", ")
}

fn rule_line(rule: &super::objects::PolicyRule) -> Line {
    let list = |values: &[super::objects::Field<Text>]| {
        values.iter().map(|one| &*one.value).collect::<Vec<_>>().join(", ")
    };
    let what = if rule.resources.is_empty() {
        list(&rule.non_resource_urls)
    } else {
        list(&rule.resources)
    };
    let text = format!("{}: {what}", list(&rule.verbs));
    Line { text, health: Health::Neutral, at: rule.location }
}

fn containers(pod: &Pod) -> Vec<Line> {
    pod.spec
        .all_containers()
        .map(|(container, init)| {
            let port = |port: &ContainerPort| {
                let name = match &*port.name.value {
                    "" => String::new(),
                    name => format!("{name} "),
                };
                // Of several ports there is room for what is unusual only.
                let protocol = match &*port.protocol {
                    "TCP" if container.ports.len() > 1 => String::new(),
                    protocol => format!("/{protocol}"),
                };
                format!("{name}{}{protocol}", port.container_port.value)
            };
            let ports: Vec<String> = container.ports.iter().map(port).collect();
            let statuses =
                pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
            let ready = statuses
                .filter(|one| one.name == container.name.value)
                .map(|one| if one.ready { Health::Good } else { Health::Waiting });
            let init = if init && !container.is_sidecar() { "init " } else { "" };
            let text = format!("{init}{}  {}", container.name.value, ports.join(", "));
            Line {
                text: text.trim_end().to_owned(),
                health: ready.max().unwrap_or(Health::Neutral),
                at: container.location,
            }
        })
        .collect()
}

fn pod_line(pod: &Pod) -> Line {
    let health = if pod.status.is_ready() { Health::Good } else { Health::Waiting };
    Line { text: pod.meta.name.value.to_string(), health, at: pod.meta.place() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, change, prometheus_and_web, simulate};

    fn find<'g>(graph: &'g Graph, kind: &str, name: &str) -> (u32, &'g Node) {
        let is_it = |node: &&Node| node.kind == kind && node.name.starts_with(name);
        let number = graph.nodes.iter().position(|node| is_it(&node));
        let number = number.unwrap_or_else(|| panic!("no {kind} {name} in {:#?}", graph.nodes));
        (number as u32, &graph.nodes[number])
    }

    fn edge(graph: &Graph, from: u32, to: u32) -> &Edge {
        graph.edges.iter().find(|edge| edge.from == from && edge.to == to).expect("an edge")
    }

    #[test]
    fn services_lead_to_pods_and_pods_to_what_they_mount() {
        let text = prometheus_and_web();
        let graph = graph(&simulate(&text));
        let (service, node) = find(&graph, "Service", "web");
        assert_eq!((node.column, node.health), (0, Health::Good));
        let (pod, node) = find(&graph, "Pod", "web-");
        assert_eq!(node.lines[0].text, "web  http 8080/TCP");
        let text = change(
            &prometheus_and_web(),
            "containerPort: 8080}",
            "containerPort: 8080}, {containerPort: 53}, {containerPort: 53, protocol: UDP}",
        );
        let graph = super::graph(&simulate(&text));
        assert_eq!(find(&graph, "Pod", "web").1.lines[0].text, "web  http 8080, 53, 53/UDP");
        assert_eq!(edge(&graph, service, pod).label, "80 → 8080");
        let (prometheus, node) = find(&graph, "Pod", "prometheus-");
        assert!(node.prometheus && prometheus == 0, "Prometheus comes first");
        let (map, node) = find(&graph, "ConfigMap", "config");
        assert_eq!(node.lines[0].text, "prometheus.yml");
        assert_eq!(edge(&graph, prometheus, map).label, "volume config at /etc/prometheus");
        assert!(graph.nodes.iter().all(|node| node.name != "kubernetes"));
    }

    #[test]
    fn what_is_missing_is_drawn_in_red() {
        let text =
            change(&prometheus_and_web(), "configMap: {name: config}", "configMap: {name: confg}");
        let graph = graph(&simulate(&text));
        let (pod, node) = find(&graph, "Pod", "prometheus-");
        assert_eq!((node.health, &*node.state), (Health::Bad, "ContainerCreating"));
        let (map, node) = find(&graph, "ConfigMap", "confg");
        assert_eq!((node.health, &*node.state), (Health::Bad, "does not exist"));
        let edge = edge(&graph, pod, map);
        assert_eq!(edge.health, Health::Bad);
        assert_eq!(at(&text, edge.at), "confg");
        assert_eq!(find(&graph, "ConfigMap", "config").1.state, "used by no pod");
    }

    #[test]
    fn many_pods_share_a_node() {
        let text = change(&prometheus_and_web(), "replicas: 2", "replicas: 50");
        let graph = graph(&simulate(&text));
        let (_, node) = find(&graph, "Pod", "46 more of web");
        assert_eq!((node.lines.len(), node.hidden), (46, 0));
        assert!(graph.nodes.len() < 12, "{}", graph.nodes.len());
        let graph = super::graph(&simulate(&text.replace("replicas: 50", "replicas: 500")));
        let (_, node) = find(&graph, "Pod", "496 more of web");
        assert_eq!((node.lines.len(), node.hidden), (50, 446));
    }

    #[test]
    fn an_ingress_leads_to_its_services() {
        let ingress = "---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: edge}
spec:
  rules:
  - host: shop.example
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}, {path: /x, pathType: Prefix, backend: {service: {name: gone, port: {number: 80}}}}]}
";
        let graph = graph(&simulate(&format!("{}{ingress}", prometheus_and_web())));
        let (ingress, node) = find(&graph, "Ingress", "edge");
        let (service, _) = find(&graph, "Service", "web");
        assert_eq!(edge(&graph, ingress, service).label, "shop.example/");
        assert_eq!((node.health, node.lines[1].health), (Health::Bad, Health::Bad));
    }

    #[test]
    fn rights_are_drawn_from_the_account_to_the_role() {
        let code = crate::checks::codes().find(|one| one.code == "discovery-forbidden");
        let graph = graph(&simulate(code.unwrap().example));
        let (pod, _) = find(&graph, "Pod", "prometheus-");
        let (account, _) = find(&graph, "ServiceAccount", "prometheus");
        let (binding, _) = find(&graph, "ClusterRoleBinding", "prometheus");
        let (role, node) = find(&graph, "ClusterRole", "prometheus");
        edge(&graph, pod, account);
        edge(&graph, account, binding);
        edge(&graph, binding, role);
        assert_eq!(node.health, Health::Good);
        assert_eq!(node.lines[0].text, "get, list, watch: nodes, services, endpoints, pods");
    }
}
