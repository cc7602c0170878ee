//! Mistakes between monitors and what they should find, with fixes as data.

use kubernetes::object::Value;
use kubernetes::validation::meta::selects;

use crate::funnel::{Stage, funnel, has_port, searched, selected_services};
use crate::options::Options;
use crate::select::{KINDS, Kind, kind_of};
use crate::tree::Resource;

/// The kind of the finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No Prometheus object is there to take the object.
    NoPrometheus,
    /// No Prometheus object takes the object.
    NotTaken,
    /// The Operator rejects the object.
    Rejected,
    /// No Service that is selected has the port.
    PortNotNamed,
    /// The selector fits pods, but no Service.
    SelectsPodsOnly,
    /// The prober of a Probe is a Service that does not exist.
    NoProber,
}

/// A change that would help: a field of an object and its new value.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    pub title: String,
    pub resource: Resource,
    /// The path of the field; keys with dots are in brackets.
    pub path: String,
    pub value: Value,
}

/// A mistake and the object that has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub problem: Problem,
    pub resource: Resource,
    /// The field at fault.
    pub path: String,
    pub message: String,
    pub fixes: Vec<Fix>,
}

/// Returns the findings about all monitors, Probes, ScrapeConfigs and rules.
pub fn findings(objects: &[Value], options: &Options) -> Vec<Finding> {
    let servers: Vec<&Value> = objects
        .iter()
        .filter(|object| matches!(object.str("kind"), "Prometheus" | "PrometheusAgent"))
        .filter(|object| options.manages(object))
        .collect();
    let chosen =
        objects.iter().filter(|object| KINDS.iter().any(|kind| kind.kind == object.str("kind")));
    let mut found = Vec::new();
    for object in chosen {
        let Some(kind) = kind_of(object.str("kind")) else { continue };
        match taken_by(object, kind, &servers, objects, options) {
            Ok(server) => found.extend(below(server, object, objects)),
            Err(finding) => found.push(*finding),
        }
    }
    found
}

fn is_past(steps: &[crate::funnel::FunnelStep], stage: Stage) -> bool {
    steps.iter().any(|step| step.stage == stage && step.passed > 0)
}

/// The first Prometheus object that takes an object, or why none does.
fn taken_by<'a>(
    object: &Value,
    kind: &Kind,
    servers: &[&'a Value],
    objects: &[Value],
    options: &Options,
) -> Result<&'a Value, Box<Finding>> {
    let mut best: Option<(usize, &Value, Problem, String)> = None;
    for server in servers {
        let steps = funnel(server, object, objects, options);
        if is_past(&steps, Stage::Accepted) {
            return Ok(server);
        }
        let last = steps.last();
        let problem = match last.map(|step| step.stage) {
            Some(Stage::Accepted) => Problem::Rejected,
            _ => Problem::NotTaken,
        };
        let reason = last.map(|step| step.reason.clone()).unwrap_or_default();
        if best.as_ref().is_none_or(|(passed, ..)| steps.len() > *passed) {
            best = Some((steps.len(), *server, problem, reason));
        }
    }
    let Some((_, server, problem, reason)) = best else {
        return Err(Box::new(Finding {
            problem: Problem::NoPrometheus,
            resource: Resource::of(object),
            path: "metadata".to_owned(),
            message: "No Prometheus object is there to take this object.".to_owned(),
            fixes: Vec::new(),
        }));
    };
    let message = match problem {
        Problem::Rejected => format!("The Operator rejects this object: {reason}"),
        _ => format!(
            "Prometheus {} does not take this object. {reason}",
            server["metadata"].str("name")
        ),
    };
    let fixes = match problem {
        Problem::NotTaken => missing_labels(object, &server["spec"][kind.selector]),
        _ => Vec::new(),
    };
    let path = if problem == Problem::Rejected { "spec" } else { "metadata.labels" }.to_owned();
    Err(Box::new(Finding { problem, resource: Resource::of(object), path, message, fixes }))
}

/// The labels that a selector requests and an object lacks, one fix each.
fn missing_labels(object: &Value, selector: &Value) -> Vec<Fix> {
    let labels = &object["metadata"]["labels"];
    let missing = selector.entries("matchLabels").filter(|(key, value)| labels[&***key] != **value);
    let fix = |(key, value): (&std::sync::Arc<str>, &Value)| Fix {
        title: format!("Add the label {key}: {}", value.as_str().unwrap_or_default()),
        resource: Resource::of(object),
        path: format!("metadata.labels[{key}]"),
        value: value.clone(),
    };
    missing.map(fix).collect()
}

/// Findings about what a monitor that is taken finds.
fn below(server: &Value, object: &Value, objects: &[Value]) -> Vec<Finding> {
    match object.str("kind") {
        "ServiceMonitor" => service_monitor(server, object, objects),
        "Probe" => prober(object, objects).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn service_monitor(server: &Value, monitor: &Value, objects: &[Value]) -> Vec<Finding> {
    let selected = selected_services(server, monitor, objects);
    if selected.is_empty() {
        return pods_only(server, monitor, objects).into_iter().collect();
    }
    let endpoints = monitor["spec"].list("endpoints").iter().enumerate();
    let missing = endpoints.filter(|(_, endpoint)| {
        !endpoint.str("port").is_empty() && !selected.iter().any(|one| has_port(endpoint, one))
    });
    missing.map(|(number, endpoint)| no_port(monitor, number, endpoint, &selected)).collect()
}

fn no_port(monitor: &Value, number: usize, endpoint: &Value, services: &[&Value]) -> Finding {
    let wanted = endpoint.str("port");
    let path = format!("spec.endpoints[{number}].port");
    let mut names: Vec<&str> = services
        .iter()
        .flat_map(|service| service["spec"].list("ports"))
        .map(|port| port.str("name"))
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    let fix = |name: &&str| Fix {
        title: format!("Use the port {name}"),
        resource: Resource::of(monitor),
        path: path.clone(),
        value: (*name).into(),
    };
    let listed = match names.is_empty() {
        true => "Their ports have no names.".to_owned(),
        false => format!("They have {}.", names.join(", ")),
    };
    Finding {
        problem: Problem::PortNotNamed,
        resource: Resource::of(monitor),
        message: format!("No selected Service has a port with the name {wanted}. {listed}"),
        fixes: names.iter().map(fix).collect(),
        path,
    }
}

/// A selector that fits pods only, with the labels of a Service in front of them as a fix.
fn pods_only(server: &Value, monitor: &Value, objects: &[Value]) -> Option<Finding> {
    let namespaces = searched(server, monitor);
    let is_searched = |object: &&Value| {
        let namespace = object["metadata"].str("namespace");
        namespaces.as_ref().is_none_or(|names| names.contains(&namespace))
    };
    let selector = &monitor["spec"]["selector"];
    let pod = objects
        .iter()
        .filter(|object| object.str("kind") == "Pod")
        .filter(is_searched)
        .find(|pod| selects(selector, &pod["metadata"]["labels"]))?;
    let in_front = objects.iter().filter(|object| object.str("kind") == "Service").filter(|one| {
        let selector = one["spec"]["selector"].as_map();
        one["metadata"].str("namespace") == pod["metadata"].str("namespace")
            && selector.is_some_and(|map| {
                map.iter().all(|(key, value)| pod["metadata"]["labels"][&**key] == *value)
            })
    });
    let labeled = in_front.filter(|service| !service["metadata"]["labels"].is_empty());
    let fixes = labeled.map(|service| Fix {
        title: format!("Select the labels of the Service {}", service["metadata"].str("name")),
        resource: Resource::of(monitor),
        path: "spec.selector.matchLabels".to_owned(),
        value: service["metadata"]["labels"].clone(),
    });
    Some(Finding {
        problem: Problem::SelectsPodsOnly,
        resource: Resource::of(monitor),
        path: "spec.selector".to_owned(),
        message:
            "The selector matches the labels of pods, but of no Service. A ServiceMonitor selects \
                  Services."
                .to_owned(),
        fixes: fixes.collect(),
    })
}

/// A prober whose name is that of no Service.
fn prober(probe: &Value, objects: &[Value]) -> Option<Finding> {
    let url = probe["spec"]["prober"].str("url");
    let host = url.split(':').next().unwrap_or_default();
    let mut parts = host.split('.');
    let name = parts.next().filter(|name| !name.is_empty())?;
    // A short name is looked up in the namespace of Prometheus, which is not known here.
    let (namespace, kind) = (parts.next()?, parts.next());
    if kind.is_some_and(|kind| kind != "svc") {
        return None;
    }
    let exists = objects.iter().any(|object| {
        object.str("kind") == "Service"
            && object["metadata"].str("name") == name
            && object["metadata"].str("namespace") == namespace
    });
    (!exists).then(|| Finding {
        problem: Problem::NoProber,
        resource: Resource::of(probe),
        path: "spec.prober.url".to_owned(),
        message: format!(
            "There is no Service {name} in the namespace {namespace} to probe the targets."
        ),
        fixes: Vec::new(),
    })
}
