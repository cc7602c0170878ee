//! Field selectors: which fields each kind offers, and whether an object has them.
//!
//! Source: pkg/apis/core/v1/conversion.go AddFieldLabelConversionsForPod and the like;
//! pkg/registry/*/strategy.go.

use kubernetes::kinds::Kind;
use kubernetes::object::{Value, go_value};
use selectors::{FieldTerm, parse_fields};

/// Fields that a kind offers besides the name and the namespace.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "Pod",
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
    ),
    (
        "Event",
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    ),
    ("Node", &["spec.unschedulable"]),
    ("Namespace", &["status.phase"]),
    ("Secret", &["type"]),
    ("Service", &["spec.clusterIP", "spec.type"]),
    ("ReplicaSet", &["status.replicas"]),
    ("ReplicationController", &["status.replicas"]),
    ("Job", &["status.successful"]),
];

/// Parses a field selector for a kind. The error is the server's.
pub(super) fn parse(kind: &Kind, text: &str) -> Result<Vec<FieldTerm>, String> {
    let terms = parse_fields(text)?;
    let own = FIELDS.iter().find(|(name, _)| *name == kind.kind).map_or(&[][..], |(_, own)| own);
    for term in &terms {
        let field = term.field.as_str();
        let known = field == "metadata.name"
            || field == "metadata.namespace" && kind.namespaced
            || own.contains(&field);
        if !known {
            return Err(format!("field label not supported: {field}"));
        }
    }
    Ok(terms)
}

/// Returns true if an object meets all terms.
pub(super) fn matches(terms: &[FieldTerm], object: &Value) -> bool {
    terms.iter().all(|term| (value(object, &term.field) == term.value) == term.equal)
}

fn value(object: &Value, field: &str) -> String {
    let path: Vec<&str> = match field {
        "status.successful" => vec!["status", "succeeded"],
        "source" => {
            let component = object["source"].str("component");
            let reporting = object.str("reportingComponent");
            return if component.is_empty() { reporting } else { component }.to_owned();
        }
        field => field.split('.').collect(),
    };
    match object.at(&path) {
        Value::Null if matches!(field, "spec.unschedulable" | "spec.hostNetwork") => {
            "false".to_owned()
        }
        Value::Null if matches!(field, "status.replicas" | "status.successful") => "0".to_owned(),
        Value::Null => String::new(),
        value => go_value(value),
    }
}

#[cfg(test)]
mod tests {
    use kubernetes::kinds::find;
    use kubernetes::object::parse_json;

    use super::*;

    #[test]
    fn fields_are_checked_and_compared() {
        let pod = find("v1", "Pod").expect("pods are known");
        let object = parse_json(r#"{"metadata":{"name":"a"},"status":{"phase":"Running"}}"#);
        let object = object.expect("valid JSON");
        for (text, expected) in [
            ("status.phase=Running", Ok(true)),
            ("status.phase!=Running", Ok(false)),
            ("metadata.name=a,status.phase==Running", Ok(true)),
            ("spec.nodeName=", Ok(true)),
            ("spec.containers=x", Err("field label not supported: spec.containers".to_owned())),
        ] {
            let found = parse(pod, text).map(|terms| matches(&terms, &object));
            assert_eq!(found, expected, "{text}");
        }
    }
}
