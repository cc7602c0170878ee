//! Warnings about objects that are accepted.
//!
//! Source: pkg/api/pod/warnings.go.

mod ports;
mod volumes;

pub use volumes::{claim_spec, claim_templates, persistent_volume};

use crate::object::{Quantity, Value};
use crate::validation::pod::app_armor_of_annotation;
use crate::validation::{Path, names};

/// A pod or a template, with the paths of its two halves.
struct Pod<'a> {
    object: &'a Value,
    metadata: &'a Path<'a>,
    spec: &'a Path<'a>,
    is_template: bool,
}

/// Warnings about a template, whose path begins at the spec of its workload.
pub fn template(template: &Value, path: &Path<'_>) -> Vec<String> {
    let at = path.child("template");
    let (metadata, spec) = (&at.child("metadata"), &at.child("spec"));
    Pod { object: template, metadata, spec, is_template: true }.warnings()
}

/// Warnings about a Pod.
pub fn pod(object: &Value) -> Vec<String> {
    let (metadata, spec) = (&Path::new("metadata"), &Path::new("spec"));
    Pod { object, metadata, spec, is_template: false }.warnings()
}

/// Visits the containers of a pod in the server's order.
fn containers<'a>(spec: &'a Value, path: &Path<'_>, visit: &mut dyn FnMut(&'a Value, &Path<'_>)) {
    for key in ["initContainers", "containers", "ephemeralContainers"] {
        let list = path.child(key);
        for (number, container) in spec.list(key).iter().enumerate() {
            visit(container, &list.index(number));
        }
    }
}

/// Annotations that have no effect any more.
const OLD_ANNOTATIONS: &[(&str, &str)] = &[
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "non-functional in v1.11+; use the \"sysctls\" field instead",
    ),
];

const NO_SECCOMP: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
const NO_SELECTOR: &str = "a null labelSelector results in matching no pod";

impl Pod<'_> {
    fn warnings(&self) -> Vec<String> {
        let mut found = Vec::new();
        let (spec, path) = (&self.object["spec"], self.spec);
        scheduling(&mut found, spec, path);
        for (key, message) in OLD_ANNOTATIONS {
            if self.has_annotation(key) {
                found.push(self.about_annotation(key, message));
            }
        }
        volumes::sources(&mut found, spec, path);
        volumes::overlapping_paths(&mut found, spec);
        duplicates(&mut found, spec, path);
        let overhead = path.child("overhead");
        bytes(&mut found, &spec["overhead"], &overhead);
        if spec["securityContext"]["seccompProfile"].is_null()
            && self.has_annotation("seccomp.security.alpha.kubernetes.io/pod")
        {
            let key = "seccomp.security.alpha.kubernetes.io/pod";
            found.push(self.about_annotation(key, NO_SECCOMP));
        }
        containers(spec, path, &mut |container, at| {
            self.profiles(&mut found, container);
            let resources = at.child("resources");
            for key in ["limits", "requests"] {
                bytes(&mut found, &container["resources"][key], &resources.child(key));
            }
            hidden_variables(&mut found, container, &at.child("env"));
        });
        ports::overlaps(&mut found, spec, path);
        ports::names(&mut found, spec, path);
        if spec["terminationGracePeriodSeconds"].as_int().is_some_and(|grace| grace < 0) {
            found.push(format!(
                "{}: must be >= 0; negative values are invalid and will be treated as 1",
                path.child("terminationGracePeriodSeconds")
            ));
        }
        pod_affinity(&mut found, spec, path);
        addresses(&mut found, spec, path);
        found
    }

    fn has_annotation(&self, key: &str) -> bool {
        self.object["metadata"]["annotations"].has(key)
    }

    fn about_annotation(&self, key: &str, message: &str) -> String {
        format!("{}: {message}", self.metadata.child("annotations").key(key))
    }

    /// Profiles of a container that only an annotation names.
    fn profiles(&self, found: &mut Vec<String>, container: &Value) {
        let name = container.str("name");
        let context = &container["securityContext"];
        let key = format!("container.seccomp.security.alpha.kubernetes.io/{name}");
        if context["seccompProfile"].is_null() && self.has_annotation(&key) {
            found.push(self.about_annotation(&key, NO_SECCOMP));
        }
        let key = format!("container.apparmor.security.beta.kubernetes.io/{name}");
        let annotation = self.object["metadata"]["annotations"].get(&key).and_then(Value::as_str);
        // The annotation of a Pod is warned of when the field is derived from it.
        if let Some(annotation) = annotation
            && self.is_template
            && context["appArmorProfile"].is_null()
        {
            let of_pod = &self.object["spec"]["securityContext"]["appArmorProfile"];
            if of_pod.is_null() || app_armor_of_annotation(annotation).as_ref() != Some(of_pod) {
                found.push(self.about_annotation(&key, APP_ARMOR));
            }
        }
    }
}

/// The end of a warning about a profile of AppArmor in an annotation.
pub const APP_ARMOR: &str = "deprecated since v1.30; use the \"appArmorProfile\" field instead";

/// Labels of nodes that have other names today. Source: pkg/api/node.
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
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    (
        "scheduler.alpha.kubernetes.io/preferAvoidPods",
        "deprecated since v1.22; use Taints and Tolerations instead",
    ),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
];

/// What is to be said of a label of nodes, if it is deprecated.
pub fn node_label(key: &str) -> Option<&'static str> {
    NODE_LABELS.iter().find(|(label, _)| *label == key).map(|(_, message)| *message)
}

/// A term that selects nodes. The values of a preference are not validated, but warned of.
pub fn node_selector_term(found: &mut Vec<String>, term: &Value, values: bool, path: &Path<'_>) {
    let list = path.child("matchExpressions");
    for (number, expression) in term.list("matchExpressions").iter().enumerate() {
        let at = list.index(number);
        let key = expression.str("key");
        if let Some(message) = node_label(key) {
            found.push(format!("{}: {key} is {message}", at.child("key")));
        }
        let checked = expression.list("values").iter().filter(|_| values);
        for (number, value) in checked.filter_map(Value::as_str).enumerate() {
            for message in names::label_value(value) {
                let at = at.child("values");
                found.push(format!("{}: {value} is invalid, {message}", at.index(number)));
            }
        }
    }
}

fn scheduling(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let selector = path.child("nodeSelector");
    for (key, _) in spec.entries("nodeSelector") {
        if let Some(message) = node_label(key) {
            found.push(format!("{}: {message}", selector.key(key)));
        }
    }
    let affinity = path.child("affinity");
    let node = affinity.child("nodeAffinity");
    let own = &spec["affinity"]["nodeAffinity"];
    let required = node.child("requiredDuringSchedulingIgnoredDuringExecution");
    let terms = required.child("nodeSelectorTerms");
    let list = own["requiredDuringSchedulingIgnoredDuringExecution"].list("nodeSelectorTerms");
    for (number, term) in list.iter().enumerate() {
        node_selector_term(found, term, false, &terms.index(number));
    }
    let preferred = node.child("preferredDuringSchedulingIgnoredDuringExecution");
    let list = own.list("preferredDuringSchedulingIgnoredDuringExecution");
    for (number, term) in list.iter().enumerate() {
        let at = preferred.index(number);
        node_selector_term(found, &term["preference"], true, &at.child("preference"));
    }
    let constraints = path.child("topologySpreadConstraints");
    for (number, constraint) in spec.list("topologySpreadConstraints").iter().enumerate() {
        let at = constraints.index(number);
        let key = constraint.str("topologyKey");
        if let Some(message) = node_label(key) {
            found.push(format!("{}: {key} is {message}", at.child("topologyKey")));
        }
        if constraint["labelSelector"].is_null() {
            found.push(format!("{}: {NO_SELECTOR}", at.child("labelSelector")));
        }
    }
}

fn pod_affinity(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let affinity = path.child("affinity");
    for key in ["podAffinity", "podAntiAffinity"] {
        let at = affinity.child(key);
        let required = "requiredDuringSchedulingIgnoredDuringExecution";
        let list = at.child(required);
        for (number, term) in spec["affinity"][key].list(required).iter().enumerate() {
            if term["labelSelector"].is_null() {
                let at = list.index(number);
                found.push(format!("{}: {NO_SELECTOR}", at.child("labelSelector")));
            }
        }
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        let list = at.child(preferred);
        for (number, term) in spec["affinity"][key].list(preferred).iter().enumerate() {
            if term["podAffinityTerm"]["labelSelector"].is_null() {
                let at = list.index(number);
                let at = at.child("podAffinityTerm");
                found.push(format!("{}: {NO_SELECTOR}", at.child("labelSelector")));
            }
        }
    }
}

fn duplicates(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let list = path.child("hostAliases");
    let aliases = spec.list("hostAliases");
    for (number, alias) in aliases.iter().enumerate() {
        let ip = alias.str("ip");
        if aliases.iter().take(number).any(|other| other.str("ip") == ip) {
            let at = list.index(number);
            found.push(format!("{}: duplicate ip {}", at.child("ip"), go::quote::quote(ip)));
        }
    }
    let list = path.child("imagePullSecrets");
    let secrets = spec.list("imagePullSecrets");
    for (number, secret) in secrets.iter().enumerate() {
        let name = secret.str("name");
        if secrets.iter().take(number).any(|other| other.str("name") == name) {
            let at = list.index(number);
            found.push(format!("{}: duplicate name {}", at.child("name"), go::quote::quote(name)));
        }
    }
    for (number, _) in secrets.iter().enumerate().filter(|(_, one)| one.str("name").is_empty()) {
        let at = list.index(number);
        found.push(format!("{}: invalid empty name \"\"", at.child("name")));
    }
}

/// Variables of the same name. One that is made from its former value does not hide it.
fn hidden_variables(found: &mut Vec<String>, container: &Value, path: &Path<'_>) {
    let variables = container.list("env");
    for (number, variable) in variables.iter().enumerate() {
        let (name, value) = (variable.str("name"), variable.str("value"));
        let reference = format!("$({name})");
        let extends =
            !variable.has("valueFrom") && value != reference && value.contains(&reference);
        let hides = variables.iter().take(number).any(|other| other.str("name") == name);
        if hides && !extends {
            found.push(format!(
                "{}: hides previous definition of {}, which may be dropped when using apply",
                path.index(number),
                go::quote::quote(name)
            ));
        }
    }
}

fn bytes(found: &mut Vec<String>, amounts: &Value, path: &Path<'_>) {
    for name in ["memory", "ephemeral-storage"] {
        if let Some(message) = fractional(&amounts[name]) {
            found.push(format!("{}: {message}", path.key(name)));
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

fn addresses(found: &mut Vec<String>, spec: &Value, path: &Path<'_>) {
    let config = path.child("dnsConfig");
    let list = config.child("nameservers");
    let servers = spec["dnsConfig"].list("nameservers");
    for (number, server) in servers.iter().filter_map(Value::as_str).enumerate() {
        found.extend(ip(server, &list.index(number)));
    }
    let list = path.child("hostAliases");
    for (number, alias) in spec.list("hostAliases").iter().enumerate() {
        let at = list.index(number);
        found.extend(ip(alias.str("ip"), &at.child("ip")));
    }
}

/// An IPv6 address that is not in canonical form.
/// Source: apimachinery pkg/util/validation GetWarningsForIP.
pub fn ip(text: &str, path: &Path<'_>) -> Option<String> {
    let canonical = text.parse::<std::net::Ipv6Addr>().ok()?.to_string();
    (canonical != text).then(|| {
        let (text, canonical) = (go::quote::quote(text), go::quote::quote(&canonical));
        format!("{path}: IPv6 address {text} should be in RFC 5952 canonical format ({canonical})")
    })
}

/// An IPv6 range that is not in canonical form.
/// Source: apimachinery pkg/util/validation GetWarningsForCIDR.
pub fn cidr(text: &str, path: &Path<'_>) -> Option<String> {
    let (address, length) = names::parse_cidr(text).filter(|(address, _)| address.is_ipv6())?;
    let canonical = format!("{address}/{length}");
    (canonical != text).then(|| {
        let (text, canonical) = (go::quote::quote(text), go::quote::quote(&canonical));
        format!(
            "{path}: IPv6 CIDR value {text} should be in RFC 5952 canonical format ({canonical})"
        )
    })
}
