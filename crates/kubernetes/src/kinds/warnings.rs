//! Warnings about objects that are accepted.
//!
//! Source: pkg/api/pod/warnings.go, pkg/api/persistentvolume/util.go.

use crate::object::{Quantity, Value};
use crate::validation::Path;

/// Warnings about a template, whose path begins at the spec of its workload.
pub fn template(template: &Value, path: &Path<'_>) -> Vec<String> {
    let template_path = path.child("template");
    pod_spec(&template["spec"], &template_path.child("spec"))
}

/// Warnings about the spec of a pod.
pub fn pod_spec(spec: &Value, path: &Path<'_>) -> Vec<String> {
    let mut found = Vec::new();
    deprecated_keys(&mut found, spec, path);
    volumes(&mut found, spec, path);
    duplicate_host_aliases(&mut found, spec, path);
    let grace = spec["terminationGracePeriodSeconds"].as_int();
    if grace.is_some_and(|grace| grace < 0) {
        found.push(format!(
            "{}: must be >= 0; negative values are invalid and will be treated as 1",
            path.child("terminationGracePeriodSeconds")
        ));
    }
    for key in ["initContainers", "containers"] {
        let list = path.child(key);
        for (number, container) in spec.list(key).iter().enumerate() {
            self::container(&mut found, container, &list.index(number));
        }
    }
    port_names(&mut found, spec, path);
    overlapping_ports(&mut found, spec, path);
    found
}

/// Labels of nodes that have other names today.
const NODE_LABELS: &[(&str, &str)] = &[
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
];

fn deprecated_keys(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let selector = path.child("nodeSelector");
    for (key, _) in spec.entries("nodeSelector") {
        if let Some((_, message)) = NODE_LABELS.iter().find(|(label, _)| *label == &**key) {
            found.push(format!("{}: {message}", selector.key(key)));
        }
    }
    let constraints = path.child("topologySpreadConstraints");
    for (number, constraint) in spec.list("topologySpreadConstraints").iter().enumerate() {
        let at = constraints.index(number);
        let key = constraint.str("topologyKey");
        if let Some((_, message)) = NODE_LABELS.iter().find(|(label, _)| *label == key) {
            found.push(format!("{}: {key} is {message}", at.child("topologyKey")));
        }
        if constraint["labelSelector"].is_null() {
            found.push(format!(
                "{}: a null labelSelector results in matching no pod",
                at.child("labelSelector")
            ));
        }
    }
}

/// Sources of volumes that are deprecated or gone.
const OLD_SOURCES: &[(&str, &str)] = &[
    ("gitRepo", "deprecated in v1.11"),
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
];

fn volumes(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let list = path.child("volumes");
    for (number, volume) in spec.list("volumes").iter().enumerate() {
        let at = list.index(number);
        for (key, message) in OLD_SOURCES {
            if volume.has(key) {
                found.push(format!("{}: {message}", at.child(key)));
            }
        }
        if volume["ephemeral"].has("volumeClaimTemplate") {
            let source = at.child("ephemeral");
            let template = source.child("volumeClaimTemplate");
            let claim = &volume["ephemeral"]["volumeClaimTemplate"]["spec"];
            found.extend(claim_spec(claim, &template.child("spec")));
        }
    }
}

fn duplicate_host_aliases(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let aliases = spec.list("hostAliases");
    for (number, alias) in aliases.iter().enumerate() {
        let ip = alias.str("ip");
        if aliases.iter().take(number).any(|other| other.str("ip") == ip) {
            let list = path.child("hostAliases");
            found.push(format!(
                "{}: duplicate ip {}",
                list.index(number).child("ip"),
                go::quote::quote(ip)
            ));
        }
    }
    let secrets = spec.list("imagePullSecrets");
    for (number, secret) in secrets.iter().enumerate() {
        let list = path.child("imagePullSecrets");
        let name = secret.str("name");
        if name.is_empty() {
            found.push(format!(
                "{}: invalid empty name {}",
                list.index(number),
                go::quote::quote(name)
            ));
        } else if secrets.iter().take(number).any(|other| other.str("name") == name) {
            found.push(format!(
                "{}: duplicate name {}",
                list.index(number).child("name"),
                go::quote::quote(name)
            ));
        }
    }
}

fn container(found: &mut Vec<String>, container: &Value, path: &Path<'_>) {
    let variables = container.list("env");
    let list = path.child("env");
    for (number, variable) in variables.iter().enumerate() {
        let name = variable.str("name");
        let value = variable.str("value");
        let hidden = variables.iter().take(number).rev().find(|other| other.str("name") == name);
        // A variable that is made from its former value does not hide it.
        if hidden.is_some() && !value.contains(&format!("$({name})")) {
            found.push(format!(
                "{}: hides previous definition of {}, which may be dropped when using apply",
                list.index(number),
                go::quote::quote(name)
            ));
        }
    }
    let resources_path = path.child("resources");
    for key in ["limits", "requests"] {
        let list = resources_path.child(key);
        for name in ["memory", "ephemeral-storage"] {
            let value = &container["resources"][key][name];
            if let Some(message) = fractional(value) {
                found.push(format!("{}: {message}", list.key(name)));
            }
        }
    }
}

/// Bytes cannot be divided.
fn fractional(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let quantity = Quantity::parse(text)?;
    (quantity.milli_value() % 1000 != 0).then(|| {
        let text = go::quote::quote(text);
        format!("fractional byte value {text} is invalid, must be an integer")
    })
}

/// Ports that several containers call by one name.
fn port_names(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let mut seen: Vec<(&str, String)> = Vec::new();
    let containers = path.child("containers");
    for (number, container) in spec.list("containers").iter().enumerate() {
        let at = containers.index(number);
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
    }
}

/// Ports of all containers with the number and the protocol of an earlier one.
/// Source: pkg/api/pod/warnings.go warningsForPodSpecAndMeta.
fn overlapping_ports(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let mut earlier: Vec<(&Value, String)> = Vec::new();
    for list in ["initContainers", "containers"] {
        let containers = path.child(list);
        for (number, container) in spec.list(list).iter().enumerate() {
            let at = containers.index(number);
            let ports = at.child("ports");
            for (number, port) in container.list("ports").iter().enumerate() {
                let place = ports.index(number).to_string();
                for (other, first) in &earlier {
                    if let Some(what) = overlap(port, other) {
                        found.push(format!("{place}: {what} port definition with {first}"));
                    }
                }
                earlier.push((port, place));
            }
        }
    }
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

/// Warnings about the templates of claims.
pub fn claim_templates(spec: &Value) -> Vec<String> {
    let path = Path::new("spec");
    let list = path.child("volumeClaimTemplates");
    let templates = spec.list("volumeClaimTemplates").iter().enumerate();
    templates
        .flat_map(|(number, claim)| {
            let at = list.index(number);
            claim_spec(&claim["spec"], &at.child("spec"))
        })
        .collect()
}

/// Warnings about a claim.
pub fn claim_spec(spec: &Value, path: &Path<'_>) -> Vec<String> {
    let resources = path.child("resources");
    let requests = resources.child("requests");
    let value = &spec["resources"]["requests"]["storage"];
    fractional(value)
        .map(|message| format!("{}: {message}", requests.key("storage")))
        .into_iter()
        .collect()
}

/// Warnings about a persistent volume.
pub fn volume_spec(spec: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if spec.str("persistentVolumeReclaimPolicy") == "Recycle" {
        found.push("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.".to_owned());
    }
    let path = Path::new("spec");
    for (key, message) in OLD_SOURCES {
        if spec.has(key) {
            found.push(format!("{}: {message}", path.child(key)));
        }
    }
    found
}
