//! The gates between a monitor and its targets, with a number and a reason at each.
//!
//! The first gates belong to the Operator: what a Prometheus object takes. The others belong to
//! Prometheus: which Services or pods the job finds.

use kubernetes::object::Value;

use crate::index::{Index, Server};
use crate::prometheus::check;
use crate::select::{Gate, kind_of};

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
pub fn funnel(server: &Server<'_>, monitor: &Value, index: &Index<'_>) -> Vec<FunnelStep> {
    let mut steps = to_acceptance(server, monitor, index);
    if is_accepted(&steps) {
        match monitor.str("kind") {
            "ServiceMonitor" => services(server.object, monitor, index, &mut steps),
            "PodMonitor" => pods(server.object, monitor, index, &mut steps),
            _ => {}
        }
    }
    steps
}

/// Returns true if the Operator takes and accepts the monitor.
pub fn is_accepted(steps: &[FunnelStep]) -> bool {
    steps.iter().any(|step| step.stage == Stage::Accepted && step.passed > 0)
}

/// The gates of the Operator.
pub fn to_acceptance(server: &Server<'_>, monitor: &Value, index: &Index<'_>) -> Vec<FunnelStep> {
    let mut steps = Vec::new();
    let one = |stage: Stage, reason: String| FunnelStep {
        stage,
        passed: usize::from(reason.is_empty()),
        of: 1,
        reason,
    };
    let Some(kind) = kind_of(monitor.str("kind")) else { return steps };
    let prometheus = server.object;
    let gate = index.namespaces.gate(prometheus, monitor, kind);
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
    let checked = server.context.as_ref().map_err(Clone::clone);
    let checked = checked.and_then(|context| check(context, monitor));
    steps.push(one(Stage::Accepted, checked.err().unwrap_or_default()));
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

/// Adds a step. Returns true if anything passed.
fn add(steps: &mut Vec<FunnelStep>, stage: Stage, passed: usize, of: usize, reason: &str) -> bool {
    let reason = if passed < of || passed == 0 { reason.to_owned() } else { String::new() };
    steps.push(FunnelStep { stage, passed, of, reason });
    passed > 0
}

/// The Services or pods that a monitor selects.
pub fn selected<'a>(
    kind: &str,
    prometheus: &Value,
    monitor: &Value,
    index: &Index<'a>,
) -> Vec<&'a Value> {
    let namespaces = searched(prometheus, monitor);
    let mut found = index.matching(kind, &monitor["spec"]["selector"]);
    found.retain(|object| {
        let namespace = object["metadata"].str("namespace");
        namespaces.as_ref().is_none_or(|names| names.contains(&namespace))
    });
    found
}

/// Returns true if a Service has the port of an endpoint. `targetPort` is the name or the number of
/// a container port of a pod behind the Service. Without a pod the Service's own fields decide.
///
/// Source: prometheus-operator pkg/prometheus/promcfg.go generateServiceMonitorConfig.
pub fn has_port(endpoint: &Value, service: &Value, index: &Index<'_>) -> bool {
    let name = endpoint.str("port");
    let target = &endpoint["targetPort"];
    let mut ports = service["spec"].list("ports").iter();
    if !name.is_empty() {
        return ports.any(|port| port.str("name") == name);
    }
    if target.is_null() {
        return true;
    }
    let pods = index.pods_behind(service);
    if pods.is_empty() {
        return ports.any(|port| port["targetPort"] == *target || port["port"] == *target);
    }
    pods.iter().any(|pod| {
        container_ports(pod).any(|own| {
            let fits = match target {
                Value::String(name) => own.str("name") == &**name,
                number => own["containerPort"] == *number,
            };
            fits && service["spec"].list("ports").iter().any(|port| leads_to(port, own))
        })
    })
}

/// Returns true if a port of a Service leads to a container port.
fn leads_to(port: &Value, own: &Value) -> bool {
    match &port["targetPort"] {
        Value::Null => port["port"] == own["containerPort"],
        Value::String(name) => own.str("name") == &**name,
        number => *number == own["containerPort"],
    }
}

/// The ports that the containers of a pod declare.
pub fn container_ports(pod: &Value) -> impl Iterator<Item = &Value> {
    pod["spec"].list("containers").iter().flat_map(|one| one.list("ports"))
}

/// Adds the steps of the namespaces and the selector. Returns what is selected.
fn add_selected<'a>(
    kind: &str,
    (prometheus, monitor): (&Value, &Value),
    index: &Index<'a>,
    steps: &mut Vec<FunnelStep>,
    reasons: [&str; 2],
) -> Vec<&'a Value> {
    let namespaces = searched(prometheus, monitor);
    let found = index.count(kind, namespaces.as_deref());
    if !add(steps, Stage::Searched, found, index.of_kind(kind).len(), reasons[0]) {
        return Vec::new();
    }
    let selected = selected(kind, prometheus, monitor, index);
    add(steps, Stage::Selected, selected.len(), found, reasons[1]);
    selected
}

fn services(prometheus: &Value, monitor: &Value, index: &Index<'_>, steps: &mut Vec<FunnelStep>) {
    let reasons = [
        "Services in other namespaces are not searched.",
        "The selector is compared with the labels of Services, not with those of pods.",
    ];
    let selected = add_selected("Service", (prometheus, monitor), index, steps, reasons);
    if selected.is_empty() {
        return;
    }
    let endpoints = monitor["spec"].list("endpoints");
    let with_port: Vec<&Value> = selected
        .iter()
        .filter(|service| endpoints.iter().any(|endpoint| has_port(endpoint, service, index)))
        .copied()
        .collect();
    let reason = "`port` is the name of a port of the Service.";
    if !add(steps, Stage::Port, with_port.len(), selected.len(), reason) {
        return;
    }
    let (ready, total) = with_port
        .iter()
        .map(|service| addresses(service, index))
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    add(steps, Stage::Addresses, ready, total, "No ready pod is behind the Service.");
}

/// Ready addresses behind a Service, and all of them.
fn addresses(service: &Value, index: &Index<'_>) -> (usize, usize) {
    let slices = index.slices(service).iter();
    let endpoints: Vec<&Value> = slices.flat_map(|slice| slice.list("endpoints")).collect();
    let is_ready = |endpoint: &&&Value| endpoint["conditions"]["ready"].as_bool().unwrap_or(true);
    (endpoints.iter().filter(is_ready).count(), endpoints.len())
}

fn pods(prometheus: &Value, monitor: &Value, index: &Index<'_>, steps: &mut Vec<FunnelStep>) {
    let reasons = [
        "Pods in other namespaces are not searched.",
        "The labels of the pods do not match the selector.",
    ];
    let selected = add_selected("Pod", (prometheus, monitor), index, steps, reasons);
    if selected.is_empty() {
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

/// Returns true if a container of a pod has the port of an endpoint.
pub fn pod_has_port(endpoint: &Value, pod: &Value) -> bool {
    let (name, number) = (endpoint.str("port"), endpoint["portNumber"].as_int());
    let target = &endpoint["targetPort"];
    container_ports(pod).any(|port| match (name, number, target) {
        ("", None, Value::Null) => true,
        ("", None, Value::String(name)) => port.str("name") == &**name,
        ("", None, number) => port["containerPort"] == *number,
        ("", number, _) => port["containerPort"].as_int() == number,
        (name, ..) => port.str("name") == name,
    }) || (name.is_empty() && number.is_none() && target.is_null())
}
