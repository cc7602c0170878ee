//! Warnings about the ports of containers.
//!
//! Source: pkg/api/pod/warnings.go warningsForPodSpecAndMeta.

use super::containers;
use crate::object::Value;
use crate::validation::Path;

/// Ports of all containers with the number and the protocol of an earlier one, and addresses of the
/// host that no port of the host goes with.
pub fn overlaps(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let mut earlier: Vec<(&Value, String)> = Vec::new();
    containers(spec, path, &mut |container, at| {
        let ports = at.child("ports");
        for (number, port) in container.list("ports").iter().enumerate() {
            let place = ports.index(number).to_string();
            if !port.str("hostIP").is_empty() && port.int("hostPort") == 0 {
                found.push(format!("{place}: hostIP set without hostPort: {}", printed(port)));
            }
            for (other, first) in &earlier {
                if let Some(what) = overlap(port, other) {
                    found.push(format!("{place}: {what} port definition with {first}"));
                }
            }
            earlier.push((port, place));
        }
    });
}

/// A port as Go prints the struct.
fn printed(port: &Value) -> String {
    format!(
        "{{Name:{} HostPort:{} ContainerPort:{} Protocol:{} HostIP:{}}}",
        port.str("name"),
        port.int("hostPort"),
        port.int("containerPort"),
        port.str("protocol"),
        port.str("hostIP")
    )
}

/// The overlap of two ports; None if there is none.
fn overlap(port: &Value, other: &Value) -> Option<&'static str> {
    let host = |port: &Value| port.int("hostPort");
    let address = |port: &Value| port.str("hostIP").to_owned();
    if port["containerPort"] != other["containerPort"] || port["protocol"] != other["protocol"] {
        return None;
    }
    if address(port) == address(other) && host(port) == host(other) {
        return Some("duplicate");
    }
    if host(port) == 0 || host(other) == 0 {
        return Some("overlapping");
    }
    let one_is_open = address(port).is_empty() != address(other).is_empty();
    (host(port) == host(other) && one_is_open).then_some("dangerously ambiguous")
}

/// Ports that several containers call by one name.
pub fn names(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let mut seen: Vec<(&str, String)> = Vec::new();
    containers(spec, path, &mut |container, at| {
        let ports = at.child("ports");
        for (number, port) in container.list("ports").iter().enumerate() {
            let name = port.str("name");
            if name.is_empty() {
                continue;
            }
            let place = ports.index(number).to_string();
            match seen.iter().find(|(known, _)| *known == name) {
                Some((_, first)) => found.push(format!(
                    "{place}: duplicate port name {} with {first}, services and probes that select ports by name will use {first}",
                    go::quote::quote(name)
                )),
                None => seen.push((name, place)),
            }
        }
    });
}
