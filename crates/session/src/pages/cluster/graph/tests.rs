//! Graphs of small clusters.

use super::*;
use kubernetes::testing::{at, change, prometheus_and_web, simulate};

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
    let code = kubernetes::checks::codes().find(|one| one.code == "discovery-forbidden");
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
