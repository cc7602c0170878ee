//! The gates between a monitor and a Prometheus object: namespace, then labels.

use kubernetes::object::{NULL, Value};
use kubernetes::validation::meta::selects;

/// The verdict on one monitor, rule or probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The Prometheus object takes it.
    Selected,
    /// The namespace selector is absent, and the object is in another namespace.
    OtherNamespace,
    /// The labels of the Namespace object do not match the namespace selector.
    NamespaceLabels,
    /// The selector is absent, which takes nothing of this kind.
    SelectorAbsent,
    /// The labels of the object do not match the selector.
    Labels,
}

/// Kinds that a Prometheus object selects, with the start of its fields' names.
pub static KINDS: &[(&str, &str)] = &[
    ("ServiceMonitor", "serviceMonitor"),
    ("PodMonitor", "podMonitor"),
    ("Probe", "probe"),
    ("ScrapeConfig", "scrapeConfig"),
    ("PrometheusRule", "rule"),
];

/// Returns the first gate that stops an object, or `Selected`. `objects` holds the Namespaces.
pub fn gate(prometheus: &Value, object: &Value, objects: &[Value]) -> Gate {
    let prefix = KINDS.iter().find(|(kind, _)| object.str("kind") == *kind);
    let Some((_, prefix)) = prefix else { return Gate::SelectorAbsent };
    let spec = &prometheus["spec"];
    let namespace = object["metadata"].str("namespace");
    match &spec[&*format!("{prefix}NamespaceSelector")] {
        Value::Null if namespace == prometheus["metadata"].str("namespace") => {}
        Value::Null => return Gate::OtherNamespace,
        selector if !selects(selector, &namespace_labels(namespace, objects)) => {
            return Gate::NamespaceLabels;
        }
        _ => {}
    }
    match &spec[&*format!("{prefix}Selector")] {
        Value::Null => Gate::SelectorAbsent,
        selector if selects(selector, &object["metadata"]["labels"]) => Gate::Selected,
        _ => Gate::Labels,
    }
}

/// The labels of a namespace. The API server sets `kubernetes.io/metadata.name` on each.
fn namespace_labels(name: &str, objects: &[Value]) -> Value {
    let found = objects
        .iter()
        .find(|one| one.str("kind") == "Namespace" && one["metadata"].str("name") == name);
    let mut labels = found.map_or(&NULL, |one| &one["metadata"]["labels"]).clone();
    labels.set("kubernetes.io/metadata.name", name);
    labels
}
