//! Field selectors: whether an object has the fields.

use kubernetes::field_labels::supports_field;
use kubernetes::kinds::Kind;
use kubernetes::object::{Value, go_value};
use selectors::{FieldTerm, parse_fields};

/// Parses a field selector for a kind. The error is the server's.
pub(super) fn parse(kind: &Kind, text: &str) -> Result<Vec<FieldTerm>, String> {
    let terms = parse_fields(text)?;
    for term in &terms {
        let field = term.field.as_str();
        if !supports_field(kind.kind, kind.namespaced, field) {
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
