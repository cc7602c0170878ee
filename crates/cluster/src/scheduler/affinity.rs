//! Node selectors, node affinity, and affinity between pods.
//!
//! Source: component-helpers scheduling/corev1/nodeaffinity, scheduler plugins interpodaffinity.

use kubernetes::object::Value;
use kubernetes::validation::meta;

/// True if a node has what the selector and the required affinity of a pod ask for.
pub fn matches_node(spec: &Value, node: &Value) -> bool {
    let labels = &node["metadata"]["labels"];
    let selected = spec
        .entries("nodeSelector")
        .all(|(key, value)| labels.get(key).is_some_and(|found| found == value));
    let required =
        &spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    selected && (required.is_null() || matches_terms(required.list("nodeSelectorTerms"), node))
}

/// True if a node meets one of the terms. A term without requirements meets nothing.
pub fn matches_terms(terms: &[Value], node: &Value) -> bool {
    terms.iter().any(|term| matches_term(term, node))
}

/// True if a node meets all requirements of a term.
pub fn matches_term(term: &Value, node: &Value) -> bool {
    let (expressions, fields) = (term.list("matchExpressions"), term.list("matchFields"));
    if expressions.is_empty() && fields.is_empty() {
        return false;
    }
    let labels = &node["metadata"]["labels"];
    let name = node["metadata"].str("name");
    expressions
        .iter()
        .all(|one| requirement(one, labels.get(one.str("key")).and_then(Value::as_str)))
        && fields.iter().all(|one| requirement(one, Some(name)))
}

fn requirement(one: &Value, found: Option<&str>) -> bool {
    let listed = found
        .is_some_and(|found| one.list("values").iter().any(|value| value.as_str() == Some(found)));
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i64>().ok());
    let bound = number(one.list("values").first().and_then(Value::as_str));
    match one.str("operator") {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        "Gt" => number(found).zip(bound).is_some_and(|(found, bound)| found > bound),
        "Lt" => number(found).zip(bound).is_some_and(|(found, bound)| found < bound),
        _ => false,
    }
}

/// The names of nodes to which required fields restrict a pod; None if they do not.
/// Source: NodeAffinity PreFilter.
pub fn named_nodes(spec: &Value) -> Option<Vec<String>> {
    let required =
        &spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let terms = required.list("nodeSelectorTerms");
    let mut names = Vec::new();
    for term in terms {
        let mut named = term
            .list("matchFields")
            .iter()
            .filter(|field| field.str("key") == "metadata.name" && field.str("operator") == "In");
        let field = named.next()?;
        names.extend(field.list("values").iter().filter_map(Value::as_str).map(str::to_owned));
    }
    (!terms.is_empty()).then_some(names)
}

/// The sum of the weights of preferred terms that a node meets.
pub fn preference(spec: &Value, node: &Value) -> i64 {
    let preferred =
        spec["affinity"]["nodeAffinity"].list("preferredDuringSchedulingIgnoredDuringExecution");
    preferred
        .iter()
        .filter(|one| matches_term(&one["preference"], node))
        .map(|one| one.int("weight"))
        .sum()
}

/// A pod with the labels of its node.
pub struct Placed<'a> {
    pub pod: &'a Value,
    pub node: &'a Value,
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

/// True if a term of `owner` selects a pod: labels and namespace.
fn selects(term: &Value, owner: &Value, pod: &Value) -> bool {
    let namespace = pod["metadata"].str("namespace");
    let listed = term.list("namespaces").iter().any(|one| one.as_str() == Some(namespace));
    let everywhere = term["namespaceSelector"].as_map().is_some_and(|map| map.is_empty());
    let own = term.list("namespaces").is_empty()
        && !term.has("namespaceSelector")
        && owner["metadata"].str("namespace") == namespace;
    (listed || everywhere || own)
        && meta::selects(&term["labelSelector"], &pod["metadata"]["labels"])
}

fn same_domain(key: &str, one: &Value, other: &Value) -> bool {
    let value = |node: &Value| node["metadata"]["labels"].get(key).cloned();
    value(one).is_some() && value(one) == value(other)
}

/// The reason why affinity between pods keeps a pod from a node; the second value is true if
/// removing pods would not help.
pub fn refuses(pod: &Value, node: &Value, placed: &[Placed<'_>]) -> Option<(&'static str, bool)> {
    let affinity = &pod["spec"]["affinity"];
    for term in affinity["podAffinity"].list(REQUIRED) {
        let key = term.str("topologyKey");
        let met = placed
            .iter()
            .any(|one| selects(term, pod, one.pod) && same_domain(key, node, one.node));
        // The first of a group that looks for itself may go anywhere.
        let anyone = placed.iter().any(|one| selects(term, pod, one.pod));
        let first = !anyone && selects(term, pod, pod) && node["metadata"]["labels"].has(key);
        if !met && !first {
            return Some(("node(s) didn't match pod affinity rules", true));
        }
    }
    for term in affinity["podAntiAffinity"].list(REQUIRED) {
        let key = term.str("topologyKey");
        if placed.iter().any(|one| selects(term, pod, one.pod) && same_domain(key, node, one.node))
        {
            return Some(("node(s) didn't match pod anti-affinity rules", false));
        }
    }
    let existing = placed.iter().any(|one| {
        let terms = one.pod["spec"]["affinity"]["podAntiAffinity"].list(REQUIRED);
        terms.iter().any(|term| {
            selects(term, one.pod, pod) && same_domain(term.str("topologyKey"), node, one.node)
        })
    });
    existing.then_some(("node(s) didn't satisfy existing pods anti-affinity rules", false))
}

/// The weight of preferred affinity between pods on a node.
pub fn pod_preference(pod: &Value, node: &Value, placed: &[Placed<'_>]) -> i64 {
    let weight = |kind: &str| -> i64 {
        pod["spec"]["affinity"][kind]
            .list("preferredDuringSchedulingIgnoredDuringExecution")
            .iter()
            .map(|one| {
                let term = &one["podAffinityTerm"];
                let count = placed.iter().filter(|other| {
                    selects(term, pod, other.pod)
                        && same_domain(term.str("topologyKey"), node, other.node)
                });
                one.int("weight") * count.count() as i64
            })
            .sum()
    };
    weight("podAffinity") - weight("podAntiAffinity")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn selectors_of_nodes() {
        let node = parse_json(r#"{"metadata":{"name":"n","labels":{"disk":"ssd","cores":"8"}}}"#)
            .expect("it is JSON");
        for (spec, expected) in [
            (r#"{}"#, true),
            (r#"{"nodeSelector":{"disk":"ssd"}}"#, true),
            (r#"{"nodeSelector":{"disk":"hdd"}}"#, false),
            (r#"{"key":"cores","operator":"Gt","values":["4"]}"#, true),
            (r#"{"key":"cores","operator":"Lt","values":["4"]}"#, false),
            (r#"{"key":"zone","operator":"DoesNotExist"}"#, true),
        ] {
            let parsed = parse_json(spec).expect("it is JSON");
            let found = if parsed.has("key") {
                let mut term = Value::map();
                term.set("matchExpressions", vec![parsed]);
                matches_term(&term, &node)
            } else {
                matches_node(&parsed, &node)
            };
            assert_eq!(found, expected, "{spec}");
        }
    }
}
