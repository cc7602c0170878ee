//! Endpoints of monitors whose port no selected Service or pod has.

use kubernetes::object::Value;

use crate::findings::{Change, Finding, Fix, Problem};
use crate::funnel::{container_ports, has_port, pod_has_port};
use crate::index::Index;
use crate::tree::Resource;

/// Most proposals of a finding.
const MOST_FIXES: usize = 8;

fn is_pod(object: &Value) -> bool {
    object.str("kind") == "Pod"
}

/// The name of the list of endpoints of a monitor.
fn list_of(monitor: &Value) -> &'static str {
    if monitor.str("kind") == "PodMonitor" { "podMetricsEndpoints" } else { "endpoints" }
}

fn fits(endpoint: &Value, object: &Value, index: &Index<'_>) -> bool {
    if is_pod(object) { pod_has_port(endpoint, object) } else { has_port(endpoint, object, index) }
}

/// The field that an endpoint names its port with, and the port.
fn wanted(endpoint: &Value) -> Option<(&'static str, String)> {
    ["port", "portNumber", "targetPort"].into_iter().find_map(|field| match &endpoint[field] {
        Value::String(name) if !name.is_empty() => Some((field, name.to_string())),
        Value::Int(number) => Some((field, number.to_string())),
        _ => None,
    })
}

/// A named port of a Service or of a pod, and the numbers and names that people take for it.
struct Named<'a> {
    name: &'a str,
    others: Vec<String>,
}

/// The named ports of Services or pods, those first that are known by another name or number.
fn named<'a>(objects: &[&'a Value], wanted: &str) -> Vec<&'a str> {
    let texts = |values: [&Value; 3]| {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.to_string()),
            Value::Int(number) => Some(number.to_string()),
            _ => None,
        };
        values.into_iter().filter_map(text).collect()
    };
    let mut all: Vec<Named<'a>> = Vec::new();
    for object in objects {
        let ports: Vec<&'a Value> = match is_pod(object) {
            true => container_ports(object).collect(),
            false => object["spec"].list("ports").iter().collect(),
        };
        all.extend(ports.into_iter().map(|port| Named {
            name: port.str("name"),
            others: texts([&port["port"], &port["targetPort"], &port["containerPort"]]),
        }));
    }
    all.retain(|port| !port.name.is_empty());
    let is_meant = |port: &Named<'_>| port.others.iter().any(|one| one == wanted);
    all.sort_by(|a, b| (!is_meant(a), a.name).cmp(&(!is_meant(b), b.name)));
    let mut names: Vec<&str> = Vec::new();
    for port in all {
        if !names.contains(&port.name) {
            names.push(port.name);
        }
    }
    names
}

/// Returns a finding for each endpoint whose port none of the selected objects has.
pub fn missing(monitor: &Value, selected: &[&Value], index: &Index<'_>) -> Vec<Finding> {
    let endpoints = monitor["spec"].list(list_of(monitor)).iter().enumerate();
    let found = endpoints.filter_map(|(number, endpoint)| {
        let (field, wanted) = wanted(endpoint)?;
        let has = selected.iter().any(|one| fits(endpoint, one, index));
        (!has).then(|| no_port(monitor, (number, field, &wanted), selected))
    });
    found.collect()
}

fn no_port(
    monitor: &Value,
    (number, field, wanted): (usize, &str, &str),
    selected: &[&Value],
) -> Finding {
    let endpoint = format!("spec.{}[{number}]", list_of(monitor));
    let names = named(selected, wanted);
    let pods = monitor.str("kind") == "PodMonitor";
    let what = if pods { "pod" } else { "Service" };
    let listed = match names.is_empty() {
        true if pods => "Their containers declare no port with a name.".to_owned(),
        true => "Their ports have no names.".to_owned(),
        false => format!("They have {}.", names.join(", ")),
    };
    let message = match field {
        "port" => format!("No selected {what} has a port with the name {wanted}. {listed}"),
        _ => format!("No selected {what} leads to a container port {wanted}. {listed}"),
    };
    let mut fixes: Vec<Fix> = Vec::new();
    if field == "port" {
        fixes.extend(names.iter().take(MOST_FIXES).map(|name| Fix {
            title: format!("Use the port {name}"),
            changes: vec![Change::new(monitor, format!("{endpoint}.port"), *name)],
        }));
        fixes.extend(naming(selected, wanted).filter(|_| names.is_empty()));
    } else {
        // The field of the container port would count beside `port`, so that the endpoint is
        // replaced.
        let own = monitor["spec"].list(list_of(monitor)).get(number);
        fixes.extend(own.into_iter().flat_map(|own| {
            names.iter().take(MOST_FIXES).map(|name| {
                let map = own.as_map().into_iter().flat_map(|map| map.iter());
                let kept = map.filter(|(key, _)| !matches!(&***key, "targetPort" | "portNumber"));
                let mut value = Value::map();
                value.set("port", *name);
                kept.for_each(|(key, one)| value.set(key, one.clone()));
                Fix {
                    title: format!("Use the port {name}"),
                    changes: vec![Change::new(monitor, endpoint.clone(), value)],
                }
            })
        }));
    }
    Finding {
        problem: Problem::PortNotNamed,
        resource: Resource::of(monitor),
        message,
        fixes,
        path: format!("{endpoint}.{field}"),
    }
}

/// Gives the single, unnamed port of the only Service the name that is wanted.
fn naming(selected: &[&Value], wanted: &str) -> Option<Fix> {
    let [service] = selected else { return None };
    let [port] = service["spec"].list("ports") else { return None };
    let is_name = wanted.bytes().any(|byte| byte.is_ascii_lowercase());
    if is_pod(service) || !port.str("name").is_empty() || !is_name {
        return None;
    }
    let name = service["metadata"].str("name");
    Some(Fix {
        title: format!("Name the port of the Service {name} {wanted}"),
        changes: vec![Change::new(service, "spec.ports[0].name", wanted)],
    })
}

/// The changes with which the endpoints of a monitor name ports of a Service or of a pod.
pub fn fitting(monitor: &Value, object: &Value, index: &Index<'_>) -> Vec<Change> {
    let endpoints = monitor["spec"].list(list_of(monitor)).iter().enumerate();
    let changes = endpoints.filter_map(|(number, endpoint)| {
        let (field, wanted) = wanted(endpoint)?;
        if field != "port" || fits(endpoint, object, index) {
            return None;
        }
        let name = *named(&[object], &wanted).first()?;
        Some(Change::new(monitor, format!("spec.{}[{number}].port", list_of(monitor)), name))
    });
    changes.collect()
}
