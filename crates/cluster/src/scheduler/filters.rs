//! Filters: the reasons why a node cannot take a pod.
//!
//! Source: pkg/scheduler/framework/plugins, in the order of the default configuration.

use kubernetes::object::Value;
use kubernetes::validation::meta;

use super::affinity::{self, Placed};
use super::{resources, taints, volumes};
use crate::apiserver::ApiServer;
use crate::controllers::objects::is_terminal;

/// A reason for which a node does not take a pod.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub reasons: Vec<String>,
    /// Removing pods from the node would not help.
    pub unresolvable: bool,
}

fn refusal(reason: &str, unresolvable: bool) -> Option<Refusal> {
    Some(Refusal { reasons: vec![reason.to_owned()], unresolvable })
}

/// Pods with their nodes, as a decision sees them.
pub struct Snapshot<'a> {
    pub server: &'a ApiServer,
    pub nodes: Vec<&'a Value>,
    pub placed: Vec<Placed<'a>>,
}

impl<'a> Snapshot<'a> {
    pub fn of(server: &'a ApiServer) -> Self {
        let nodes: Vec<&Value> =
            server.storage.list("", "Node", "").map(|(_, node)| node).collect();
        let mut placed = Vec::new();
        for (_, pod) in server.storage.list("", "Pod", "") {
            let name = pod["spec"].str("nodeName");
            if name.is_empty() || is_terminal(pod) {
                continue;
            }
            if let Some(node) = nodes.iter().find(|node| node["metadata"].str("name") == name) {
                placed.push(Placed { pod, node });
            }
        }
        Self { server, nodes, placed }
    }

    /// Pods on a node.
    pub fn on<'b>(&'b self, node: &'b Value) -> impl Iterator<Item = &'a Value> + 'b {
        let name = node["metadata"].str("name");
        self.placed
            .iter()
            .filter(move |one| one.node["metadata"].str("name") == name)
            .map(|one| one.pod)
    }

    pub fn used(&self, node: &Value) -> (resources::Amounts, i64) {
        let mut total = resources::Amounts::new();
        let mut count = 0;
        for pod in self.on(node) {
            resources::add(&mut total, &resources::requests(&pod["spec"]));
            count += 1;
        }
        (total, count)
    }
}

/// The refusal of the first plugin that does not let a pod onto a node; None if all do.
pub fn filter(snapshot: &Snapshot<'_>, pod: &Value, node: &Value) -> Option<Refusal> {
    let spec = &pod["spec"];
    if node["spec"].bool("unschedulable") && !tolerates_cordon(spec) {
        return refusal("node(s) were unschedulable", true);
    }
    if taints::first_untolerated(spec, node, &["NoSchedule", "NoExecute"]).is_some() {
        return refusal("node(s) had untolerated taint(s)", true);
    }
    if !affinity::matches_node(spec, node) {
        return refusal("node(s) didn't match Pod's node affinity/selector", true);
    }
    if snapshot.on(node).any(|other| ports_clash(spec, &other["spec"])) {
        return refusal("node(s) didn't have free ports for the requested pod ports", false);
    }
    let (used, count) = snapshot.used(node);
    let lacking =
        resources::lacking(&resources::requests(spec), &used, count, &resources::allocatable(node));
    if !lacking.is_empty() {
        let unresolvable = lacking.iter().any(|(_, too_small)| *too_small);
        let reasons = lacking.into_iter().map(|(reason, _)| reason).collect();
        return Some(Refusal { reasons, unresolvable });
    }
    if let Some((reason, unresolvable)) = volumes::refuses(snapshot, pod, node) {
        return refusal(reason, unresolvable);
    }
    if let Some((reason, unresolvable)) = spread_refuses(snapshot, pod, node) {
        return refusal(reason, unresolvable);
    }
    let (reason, unresolvable) = affinity::refuses(pod, node, &snapshot.placed)?;
    refusal(reason, unresolvable)
}

fn tolerates_cordon(spec: &Value) -> bool {
    let mut taint = Value::map();
    taint.set("key", "node.kubernetes.io/unschedulable");
    taint.set("effect", "NoSchedule");
    spec.list("tolerations").iter().any(|one| taints::tolerates(one, &taint))
}

/// Ports of the host that a pod takes: address, protocol, number.
fn host_ports(spec: &Value) -> Vec<(&str, &str, i64)> {
    let containers = spec.list("containers").iter().chain(spec.list("initContainers"));
    containers
        .flat_map(|container| container.list("ports"))
        .filter(|port| port.int("hostPort") > 0)
        .map(|port| {
            let address = match port.str("hostIP") {
                "" => "0.0.0.0",
                address => address,
            };
            (address, port.str("protocol"), port.int("hostPort"))
        })
        .collect()
}

fn ports_clash(one: &Value, other: &Value) -> bool {
    let wanted = host_ports(one);
    !wanted.is_empty()
        && host_ports(other).iter().any(|taken| {
            wanted.iter().any(|port| {
                let any = port.0 == "0.0.0.0" || taken.0 == "0.0.0.0";
                (any || port.0 == taken.0) && port.1 == taken.1 && port.2 == taken.2
            })
        })
}

/// Pods that a spread constraint counts, on the nodes of a domain.
pub fn spread_count(snapshot: &Snapshot<'_>, pod: &Value, rule: &Value, domain: &Value) -> i64 {
    let key = rule.str("topologyKey");
    let value = &domain["metadata"]["labels"][key];
    let namespace = pod["metadata"].str("namespace");
    let counted = snapshot.placed.iter().filter(|one| {
        one.node["metadata"]["labels"][key] == *value
            && one.pod["metadata"].str("namespace") == namespace
            && !one.pod["metadata"].has("deletionTimestamp")
            && meta::selects(&rule["labelSelector"], &one.pod["metadata"]["labels"])
    });
    counted.count() as i64
}

/// Source: plugins podtopologyspread filtering.go.
fn spread_refuses(
    snapshot: &Snapshot<'_>,
    pod: &Value,
    node: &Value,
) -> Option<(&'static str, bool)> {
    for rule in pod["spec"].list("topologySpreadConstraints") {
        if rule.str("whenUnsatisfiable") != "DoNotSchedule" {
            continue;
        }
        let key = rule.str("topologyKey");
        if !node["metadata"]["labels"].has(key) {
            let reason =
                "node(s) didn't match pod topology spread constraints (missing required label)";
            return Some((reason, true));
        }
        let eligible = snapshot.nodes.iter().filter(|node| {
            node["metadata"]["labels"].has(key) && affinity::matches_node(&pod["spec"], node)
        });
        let counts = eligible.map(|node| spread_count(snapshot, pod, rule, node));
        let least = counts.min().unwrap_or_default();
        let own = i64::from(meta::selects(&rule["labelSelector"], &pod["metadata"]["labels"]));
        if spread_count(snapshot, pod, rule, node) + own - least > rule.int("maxSkew") {
            return Some(("node(s) didn't match pod topology spread constraints", false));
        }
    }
    None
}
