//! The gates between a monitor and its targets, with a number and a reason at each.
//!
//! The first gates belong to the Operator: what a Prometheus object takes. The others belong to
//! Prometheus: which Services or pods the job finds.

use kubernetes::object::Value;
use kubernetes::validation::meta::selects;

use crate::options::Options;
use crate::prometheus::{ConfigContext, check};
use crate::select::{Gate, Namespaces, kind_of};

/// A gate of the funnel, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The Operator watches the namespace of the monitor.
    Watched,
    /// The Prometheus object is not paused.
    Running,
    /// The namespace selector of the Prometheus object takes the namespace.
    Namespace,
    /// The selector of the Prometheus object takes the labels of the monitor.
    Labels,
    /// The Operator finds the monitor valid.
    Accepted,
    /// Services or pods in the namespaces that the monitor searches.
    Searched,
    /// Those that the selector of the monitor takes.
    Selected,
    /// Those that have the port.
    Port,
    /// Ready addresses behind them, for each endpoint of the monitor.
    Addresses,
}

/// The objects that passed a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunnelStep {
    pub stage: Stage,
    /// Objects that passed: the monitor itself, Services, pods or addresses.
    pub passed: usize,
    /// Objects that came to the gate.
    pub of: usize,
    /// The reasons why objects were stopped; empty if all passed.
    pub reason: String,
}

/// The way of one monitor through the gates of one Prometheus object. It ends at the first gate
/// that lets nothing pass.
pub fn funnel(
    prometheus: &Value,
    monitor: &Value,
    objects: &[Value],
    options: &Options,
) -> Vec<FunnelStep> {
    let mut steps = Vec::new();
    let one = |stage: Stage, reason: String| FunnelStep {
        stage,
        passed: usize::from(reason.is_empty()),
        of: 1,
        reason,
    };
    let Some(kind) = kind_of(monitor.str("kind")) else { return steps };
    let namespaces = Namespaces::new(objects, options);
    let gate = namespaces.gate(prometheus, monitor, kind);
    let paused = prometheus["spec"].bool("paused");
    for (stage, stops) in [
        (Stage::Watched, gate == Gate::NotWatched),
        (Stage::Running, paused),
        (Stage::Namespace, matches!(gate, Gate::OtherNamespace | Gate::NamespaceLabels)),
        (Stage::Labels, matches!(gate, Gate::SelectorAbsent | Gate::Labels)),
    ] {
        let reason = if stops { reason_of(stage, gate, kind, prometheus) } else { String::new() };
        steps.push(one(stage, reason));
        if stops {
            return steps;
        }
    }
    let accepted = ConfigContext::new(prometheus, objects, options)
        .and_then(|context| check(&context, monitor))
        .err()
        .unwrap_or_default();
    let stops = !accepted.is_empty();
    steps.push(one(Stage::Accepted, accepted));
    if !stops {
        match monitor.str("kind") {
            "ServiceMonitor" => services(prometheus, monitor, objects, &mut steps),
            "PodMonitor" => pods(prometheus, monitor, objects, &mut steps),
            _ => {}
        }
    }
    steps
}

fn reason_of(stage: Stage, gate: Gate, kind: &crate::Kind, prometheus: &Value) -> String {
    let (selector, namespaces) = (kind.selector, kind.namespace_selector);
    let own = prometheus["metadata"].str("namespace");
    match (stage, gate) {
        (Stage::Running, _) => "The Prometheus object is paused.".to_owned(),
        (_, Gate::NotWatched) => "The Operator does not watch this namespace.".to_owned(),
        (_, Gate::OtherNamespace) => {
            format!("`{namespaces}` is not set, so only objects in the namespace {own} are taken.")
        }
        (_, Gate::NamespaceLabels) => {
            format!("The labels of the namespace do not match `{namespaces}`.")
        }
        (_, Gate::SelectorAbsent) => {
            format!("`{selector}` is not set, so no object of this kind is taken.")
        }
        _ => format!("The labels of the object do not match `{selector}`."),
    }
}

/// The namespaces that a monitor searches; None for all.
pub fn searched<'a>(prometheus: &Value, monitor: &'a Value) -> Option<Vec<&'a str>> {
    let selector = &monitor["spec"]["namespaceSelector"];
    let own = monitor["metadata"].str("namespace");
    let named: Vec<&str> = selector.list("matchNames").iter().filter_map(Value::as_str).collect();
    if prometheus["spec"].bool("ignoreNamespaceSelectors") {
        return Some(vec![own]);
    }
    if selector.bool("any") {
        return None;
    }
    Some(if named.is_empty() { vec![own] } else { named })
}

/// Objects of a kind in the namespaces that a monitor searches.
fn candidates<'a>(
    kind: &str,
    prometheus: &Value,
    monitor: &Value,
    objects: &'a [Value],
) -> (usize, Vec<&'a Value>) {
    let namespaces = searched(prometheus, monitor);
    let all: Vec<&Value> = objects.iter().filter(|object| object.str("kind") == kind).collect();
    let is_searched = |object: &&&Value| {
        let namespace = object["metadata"].str("namespace");
        namespaces.as_ref().is_none_or(|names| names.contains(&namespace))
    };
    let found = all.iter().filter(is_searched).copied().collect();
    (all.len(), found)
}

/// Adds a step. Returns true if anything passed.
fn add(steps: &mut Vec<FunnelStep>, stage: Stage, passed: usize, of: usize, reason: &str) -> bool {
    let reason = if passed < of || passed == 0 { reason.to_owned() } else { String::new() };
    steps.push(FunnelStep { stage, passed, of, reason });
    passed > 0
}

/// The Services that a ServiceMonitor selects.
pub fn selected_services<'a>(
    prometheus: &Value,
    monitor: &Value,
    objects: &'a [Value],
) -> Vec<&'a Value> {
    let (_, found) = candidates("Service", prometheus, monitor, objects);
    let selector = &monitor["spec"]["selector"];
    found.into_iter().filter(|one| selects(selector, &one["metadata"]["labels"])).collect()
}

/// Returns true if a Service or pod has the port of an endpoint.
pub fn has_port(endpoint: &Value, service: &Value) -> bool {
    let name = endpoint.str("port");
    let target = &endpoint["targetPort"];
    let mut ports = service["spec"].list("ports").iter();
    if !name.is_empty() {
        return ports.any(|port| port.str("name") == name);
    }
    target.is_null() || ports.any(|port| port["targetPort"] == *target || port["port"] == *target)
}

fn services(prometheus: &Value, monitor: &Value, objects: &[Value], steps: &mut Vec<FunnelStep>) {
    let (all, found) = candidates("Service", prometheus, monitor, objects);
    let reason = "Services in other namespaces are not searched.";
    if !add(steps, Stage::Searched, found.len(), all, reason) {
        return;
    }
    let selected = selected_services(prometheus, monitor, objects);
    let reason = "The selector is compared with the labels of Services, not with those of pods.";
    if !add(steps, Stage::Selected, selected.len(), found.len(), reason) {
        return;
    }
    let endpoints = monitor["spec"].list("endpoints");
    let with_port: Vec<&Value> = selected
        .iter()
        .filter(|service| endpoints.iter().any(|endpoint| has_port(endpoint, service)))
        .copied()
        .collect();
    let reason = "`port` is the name of a port of the Service.";
    if !add(steps, Stage::Port, with_port.len(), selected.len(), reason) {
        return;
    }
    let (ready, total) = with_port
        .iter()
        .map(|service| addresses(service, objects))
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    add(steps, Stage::Addresses, ready, total, "No ready pod is behind the Service.");
}

/// Ready addresses behind a Service, and all of them.
fn addresses(service: &Value, objects: &[Value]) -> (usize, usize) {
    let metadata = &service["metadata"];
    let of_service = |slice: &&Value| {
        slice.str("kind") == "EndpointSlice"
            && slice["metadata"].str("namespace") == metadata.str("namespace")
            && slice["metadata"]["labels"].str("kubernetes.io/service-name") == metadata.str("name")
    };
    let slices = objects.iter().filter(of_service);
    let endpoints: Vec<&Value> = slices.flat_map(|slice| slice.list("endpoints")).collect();
    let is_ready = |endpoint: &&&Value| endpoint["conditions"]["ready"].as_bool().unwrap_or(true);
    (endpoints.iter().filter(is_ready).count(), endpoints.len())
}

fn pods(prometheus: &Value, monitor: &Value, objects: &[Value], steps: &mut Vec<FunnelStep>) {
    let (all, found) = candidates("Pod", prometheus, monitor, objects);
    let reason = "Pods in other namespaces are not searched.";
    if !add(steps, Stage::Searched, found.len(), all, reason) {
        return;
    }
    let selector = &monitor["spec"]["selector"];
    let selected: Vec<&Value> =
        found.iter().filter(|pod| selects(selector, &pod["metadata"]["labels"])).copied().collect();
    let reason = "The labels of the pods do not match the selector.";
    if !add(steps, Stage::Selected, selected.len(), found.len(), reason) {
        return;
    }
    let endpoints = monitor["spec"].list("podMetricsEndpoints");
    let with_port: Vec<&Value> = selected
        .iter()
        .filter(|pod| endpoints.iter().any(|endpoint| pod_has_port(endpoint, pod)))
        .copied()
        .collect();
    let reason = "`port` is the name of a port of a container.";
    if !add(steps, Stage::Port, with_port.len(), selected.len(), reason) {
        return;
    }
    let ended = |pod: &&&Value| matches!(pod["status"].str("phase"), "Failed" | "Succeeded");
    let running = with_port.len() - with_port.iter().filter(ended).count();
    add(steps, Stage::Addresses, running, with_port.len(), "Pods that have ended are dropped.");
}

fn pod_has_port(endpoint: &Value, pod: &Value) -> bool {
    let (name, number) = (endpoint.str("port"), endpoint["portNumber"].as_int());
    if name.is_empty() && number.is_none() {
        return true;
    }
    let containers = pod["spec"].list("containers").iter();
    containers.flat_map(|one| one.list("ports")).any(|port| match name {
        "" => port["containerPort"].as_int() == number,
        name => port.str("name") == name,
    })
}
