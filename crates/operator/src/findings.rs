//! Mistakes between monitors and what they should find, with fixes as data.

use kubernetes::object::{Map, Value};

use crate::findings_of_ports as ports;
use crate::funnel::{self, Stage, is_accepted, searched, to_acceptance};
use crate::index::{Index, Server};
use crate::options::Options;
use crate::select::{Gate, KINDS, Kind, label_gate};
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
    /// No Service or pod that is selected has the port.
    PortNotNamed,
    /// The selector fits pods, but no Service; or Services, but no pod.
    SelectsOtherKind,
    /// The selector fits objects in namespaces that are not searched.
    NotSearched,
    /// The prober of a Probe is a Service or a port that does not exist.
    NoProber,
}

/// The new value of a field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub resource: Resource,
    /// The path of the field; keys with dots are in brackets.
    pub path: String,
    pub value: Value,
}

impl Change {
    pub fn new(object: &Value, path: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { resource: Resource::of(object), path: path.into(), value: value.into() }
    }
}

/// Changes that mend a mistake.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    pub title: String,
    pub changes: Vec<Change>,
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
    let index = Index::new(objects, options);
    let servers = index.servers();
    let mut found = Vec::new();
    for kind in KINDS {
        for object in index.of_kind(kind.kind) {
            let (server, finding) = taken_by(object, kind, &servers, &index);
            let rejected = finding.as_ref().is_some_and(|one| one.problem == Problem::Rejected);
            found.extend(finding);
            // A monitor that is not taken yet has its other mistakes all the same.
            if let Some(server) = server.filter(|_| !rejected) {
                found.extend(below(server, object, &index));
            }
        }
    }
    found
}

/// The Prometheus object that takes an object or, if none does, the one whose gates it passes
/// farthest, with the finding.
fn taken_by<'s, 'a>(
    object: &Value,
    kind: &Kind,
    servers: &'s [Server<'a>],
    index: &Index<'a>,
) -> (Option<&'s Server<'a>>, Option<Finding>) {
    let mut best: Option<(usize, &Server<'a>, Problem, String)> = None;
    for server in servers {
        let steps = to_acceptance(server, object, index);
        if is_accepted(&steps) {
            return (Some(server), None);
        }
        let last = steps.last();
        let problem = match last.map(|step| step.stage) {
            Some(Stage::Accepted) => Problem::Rejected,
            _ => Problem::NotTaken,
        };
        let reason = last.map(|step| step.reason.clone()).unwrap_or_default();
        if best.as_ref().is_none_or(|(passed, ..)| steps.len() > *passed) {
            best = Some((steps.len(), server, problem, reason));
        }
    }
    let finding = |problem, path: &str, message, fixes| Finding {
        problem,
        resource: Resource::of(object),
        path: path.to_owned(),
        message,
        fixes,
    };
    let Some((_, server, problem, reason)) = best else {
        let message = "No Prometheus object is there to take this object.".to_owned();
        return (None, Some(finding(Problem::NoPrometheus, "metadata", message, Vec::new())));
    };
    let one = match problem {
        Problem::Rejected => {
            let message = format!("The Operator rejects this object: {reason}");
            finding(problem, "spec", message, Vec::new())
        }
        _ => {
            let name = server.object["metadata"].str("name");
            let message = format!("Prometheus {name} does not take this object. {reason}");
            let fixes = taking(server.object, object, kind, index).into_iter().collect();
            finding(problem, "metadata.labels", message, fixes)
        }
    };
    (Some(server), Some(one))
}

/// The changes with which a Prometheus object takes an object: labels that its selectors request, or
/// `{}` for an absent selector.
fn taking(server: &Value, object: &Value, kind: &Kind, index: &Index<'_>) -> Option<Fix> {
    if !index.options.watches(object["metadata"].str("namespace")) || server["spec"].bool("paused")
    {
        return None;
    }
    let name = server["metadata"].str("name");
    let mut fix = Fix { title: String::new(), changes: Vec::new() };
    let mut add = |title: String, change: Change| {
        let joined = if fix.title.is_empty() {
            title
        } else {
            format!("{}, and {}", fix.title, lower(&title))
        };
        fix.title = joined;
        fix.changes.push(change);
    };
    let open = |selector: &str| {
        (
            format!("Set {selector}: {{}} in Prometheus {name}"),
            Change::new(server, format!("spec.{selector}"), Value::map()),
        )
    };
    match index.namespaces.namespace_gate(server, object, kind) {
        Some(Gate::NamespaceLabels) => {
            let selector = &server["spec"][kind.namespace_selector];
            let namespace = index.namespace(object["metadata"].str("namespace"))?;
            let (title, change) = labeling(namespace, selector)?;
            add(format!("{title} to the namespace"), change);
        }
        Some(_) => {
            let (title, change) = open(kind.namespace_selector);
            add(title, change);
        }
        None => {}
    }
    match label_gate(server, object, kind) {
        Some(Gate::Labels) => {
            let (title, change) = labeling(object, &server["spec"][kind.selector])?;
            add(title, change);
        }
        Some(_) => {
            let (title, change) = open(kind.selector);
            add(title, change);
        }
        None => {}
    }
    (!fix.changes.is_empty()).then_some(fix)
}

fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The change that gives an object the labels that a selector requests. None if the selector
/// excludes a label that the object has.
fn labeling(object: &Value, selector: &Value) -> Option<(String, Change)> {
    let labels = &object["metadata"]["labels"];
    let mut missing: Vec<(&str, Value)> = selector
        .entries("matchLabels")
        .filter(|(key, value)| labels[&***key] != **value)
        .map(|(key, value)| (&**key, value.clone()))
        .collect();
    for one in selector.list("matchExpressions") {
        let key = one.str("key");
        let found = labels.get(key);
        match one.str("operator") {
            "In" if found.is_some_and(|found| one.list("values").contains(found)) => {}
            "In" => missing.push((key, one.list("values").first()?.clone())),
            "Exists" if found.is_none() => missing.push((key, "true".into())),
            "Exists" => {}
            "NotIn" if found.is_none_or(|found| !one.list("values").contains(found)) => {}
            "DoesNotExist" if found.is_none() => {}
            _ => return None,
        }
    }
    let names: Vec<String> = missing
        .iter()
        .map(|(key, value)| format!("{key}: {}", value.as_str().unwrap_or_default()))
        .collect();
    let title = |word: &str| format!("Add the {word} {}", names.join(", "));
    match &missing[..] {
        [] => None,
        [(key, value)] => {
            let change = Change::new(object, format!("metadata.labels[{key}]"), value.clone());
            Some((title("label"), change))
        }
        several => {
            let mut all = labels.as_map().cloned().unwrap_or_default();
            for (key, value) in several {
                all.insert(*key, value.clone());
            }
            Some((title("labels"), Change::new(object, "metadata.labels", all)))
        }
    }
}

/// Findings about what a monitor finds if a Prometheus object takes it.
fn below(server: &Server<'_>, object: &Value, index: &Index<'_>) -> Vec<Finding> {
    match object.str("kind") {
        "ServiceMonitor" | "PodMonitor" => monitor(server.object, object, index),
        "Probe" => prober(server.object, object, index).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn monitor(server: &Value, monitor: &Value, index: &Index<'_>) -> Vec<Finding> {
    let kind = if monitor.str("kind") == "PodMonitor" { "Pod" } else { "Service" };
    let selected = funnel::selected(kind, server, monitor, index);
    if !selected.is_empty() {
        return ports::missing(monitor, &selected, index);
    }
    not_searched(kind, server, monitor, index)
        .or_else(|| other_kind(kind, server, monitor, index))
        .into_iter()
        .collect()
}

/// A selector that fits objects in namespaces that are not searched.
fn not_searched(kind: &str, server: &Value, monitor: &Value, index: &Index<'_>) -> Option<Finding> {
    let elsewhere = index.matching(kind, &monitor["spec"]["selector"]);
    let selects_all = monitor["spec"]["selector"].is_empty();
    let first = elsewhere.first().filter(|_| !selects_all)?;
    let (name, namespace) = (first["metadata"].str("name"), first["metadata"].str("namespace"));
    let mut names: Vec<&str> = searched(server, monitor)?;
    let own = monitor["metadata"].str("namespace");
    let of_own: Vec<&str> = names.iter().copied().filter(|one| *one != own).collect();
    let mut fix = Vec::new();
    if !server["spec"].bool("ignoreNamespaceSelectors") {
        // The own namespace has nothing to select, so that only other names are kept.
        names = of_own;
        names.push(namespace);
        let mut selector = Value::map();
        selector.set("matchNames", names.into_iter().map(Value::from).collect::<Vec<_>>());
        let mut changes = vec![Change::new(monitor, "spec.namespaceSelector", selector)];
        changes.extend(ports::fitting(monitor, first, index));
        fix.push(Fix { title: format!("Search the namespace {namespace}"), changes });
    }
    let what = if kind == "Pod" { "pod" } else { "Service" };
    let reason = match fix.is_empty() {
        true => {
            "The Prometheus object sets `ignoreNamespaceSelectors`, so only the own namespace is searched."
        }
        false => "Without `namespaceSelector` only the namespace of the monitor is searched.",
    };
    Some(Finding {
        problem: Problem::NotSearched,
        resource: Resource::of(monitor),
        path: "spec.selector".to_owned(),
        message: format!(
            "The selector matches the {what} {name} in the namespace {namespace}, which is not searched. {reason}"
        ),
        fixes: fix,
    })
}

/// A selector that fits pods where Services are selected, or the other way round.
fn other_kind(kind: &str, server: &Value, monitor: &Value, index: &Index<'_>) -> Option<Finding> {
    let selector = &monitor["spec"]["selector"];
    if selector.is_empty() {
        return None;
    }
    let (other, message) = match kind {
        "Service" => (
            "Pod",
            "The selector matches the labels of pods, but of no Service. A ServiceMonitor selects Services.",
        ),
        _ => (
            "Service",
            "The selector matches the labels of a Service, but of no pod. A PodMonitor selects pods.",
        ),
    };
    let matched = *funnel::selected(other, server, monitor, index).first()?;
    let select = |title: String, labels: &Map, first: &Value| {
        let mut value = Value::map();
        value.set("matchLabels", labels.clone());
        let mut changes = vec![Change::new(monitor, "spec.selector", value)];
        changes.extend(ports::fitting(monitor, first, index));
        Fix { title, changes }
    };
    let fixes: Vec<Fix> = if kind == "Service" {
        let in_front = index.services_of(matched);
        let fix = |service: &&Value| {
            let name = service["metadata"].str("name");
            let labels = service["metadata"]["labels"].as_map();
            match labels.filter(|map| map.iter().next().is_some()) {
                Some(labels) => {
                    let title = format!("Select the labels of the Service {name}");
                    Some(select(title, labels, service))
                }
                None => {
                    let (title, change) = labeling(service, selector)?;
                    let mut changes = vec![change];
                    changes.extend(ports::fitting(monitor, service, index));
                    Some(Fix { title: format!("{title} to the Service {name}"), changes })
                }
            }
        };
        in_front.iter().filter_map(fix).collect()
    } else {
        let behind = index.pods_behind(matched);
        let labels = matched["spec"]["selector"].as_map();
        let fix = labels.zip(behind.first()).map(|(labels, pod)| {
            let name = matched["metadata"].str("name");
            select(format!("Select the pods behind the Service {name}"), labels, pod)
        });
        fix.into_iter().collect()
    };
    Some(Finding {
        problem: Problem::SelectsOtherKind,
        resource: Resource::of(monitor),
        path: "spec.selector".to_owned(),
        message: message.to_owned(),
        fixes,
    })
}

/// A prober that names no Service, or a port that the Service does not have.
fn prober(server: &Value, probe: &Value, index: &Index<'_>) -> Option<Finding> {
    let url = probe["spec"]["prober"].str("url");
    let (host, port) = url.rsplit_once(':').unwrap_or((url, ""));
    let mut parts = host.split('.');
    let name = parts.next().filter(|name| !name.is_empty() && *name != "localhost")?;
    // A short name is looked up in the namespace of Prometheus.
    let namespace = parts.next().unwrap_or_else(|| server["metadata"].str("namespace"));
    let is_address = host.parse::<std::net::IpAddr>().is_ok() || host.starts_with('[');
    if is_address || parts.next().is_some_and(|kind| kind != "svc") {
        return None;
    }
    let number = |one: &Value| one["port"].as_int().map(|port| port.to_string());
    let service = index.service(namespace, name);
    let has_port = |service: &Value| {
        service["spec"].list("ports").iter().any(|one| number(one).as_deref() == Some(port))
    };
    let message = match service {
        None => {
            format!("There is no Service {name} in the namespace {namespace} to probe the targets.")
        }
        Some(service) if !port.is_empty() && !has_port(service) => {
            format!("The Service {name} in the namespace {namespace} has no port {port}.")
        }
        Some(_) => return None,
    };
    let is_prober = |one: &&&Value| match service {
        Some(service) => std::ptr::eq(**one, service),
        None => {
            one["metadata"].str("name").contains("blackbox") || one["metadata"].str("name") == name
        }
    };
    let fix = |one: &&Value| {
        let metadata = &one["metadata"];
        let ports = one["spec"].list("ports");
        let same = ports.iter().find(|own| number(own).as_deref() == Some(port));
        let port = number(same.or_else(|| ports.first())?)?;
        let url = format!("{}.{}.svc:{port}", metadata.str("name"), metadata.str("namespace"));
        let changes = vec![Change::new(probe, "spec.prober.url", url.clone())];
        Some(Fix { title: format!("Use the prober {url}"), changes })
    };
    Some(Finding {
        problem: Problem::NoProber,
        resource: Resource::of(probe),
        path: "spec.prober.url".to_owned(),
        message,
        fixes: index.of_kind("Service").iter().filter(is_prober).filter_map(fix).take(5).collect(),
    })
}
