//! The gates between a monitor and a Prometheus object: namespace, then labels.

use kubernetes::object::{NULL, Value};

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
        selector if !matches(selector, &namespace_labels(namespace, objects)) => {
            return Gate::NamespaceLabels;
        }
        _ => {}
    }
    match &spec[&*format!("{prefix}Selector")] {
        Value::Null => Gate::SelectorAbsent,
        selector if matches(selector, &object["metadata"]["labels"]) => Gate::Selected,
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

/// Returns true if a `LabelSelector` matches labels. An empty selector matches everything.
pub fn matches(selector: &Value, labels: &Value) -> bool {
    let exact = selector
        .entries("matchLabels")
        .all(|(key, value)| labels[&**key].as_str().is_some_and(|one| value.as_str() == Some(one)));
    exact
        && selector.list("matchExpressions").iter().all(|expression| {
            let found = labels[expression.str("key")].as_str();
            let listed = found.is_some_and(|one| {
                expression.list("values").iter().any(|value| value.as_str() == Some(one))
            });
            match expression.str("operator") {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => found.is_some(),
                "DoesNotExist" => found.is_none(),
                _ => false,
            }
        })
}
