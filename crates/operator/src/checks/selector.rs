//! Label selectors in the words of apimachinery.
//!
//! Source: apimachinery pkg/apis/meta/v1 LabelSelectorAsSelector, pkg/labels NewRequirement.

use kubernetes::object::Value;
use kubernetes::validation::names;

use crate::store::Checked;

/// Checks a label selector.
pub fn label_selector(selector: &Value) -> Checked {
    for (key, value) in selector.entries("matchLabels") {
        label_key(key)?;
        label_value(value.as_str().unwrap_or_default(), key)?;
    }
    for expression in selector.list("matchExpressions") {
        let (key, operator) = (expression.str("key"), expression.str("operator"));
        let values = expression.list("values");
        if !matches!(operator, "In" | "NotIn" | "Exists" | "DoesNotExist") {
            return Err(format!("\"{operator}\" is not a valid label selector operator"));
        }
        label_key(key)?;
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                let reason = "for 'in', 'notin' operators, values set can't be empty";
                let shown = if expression["values"].is_null() { "null" } else { "[]" };
                return Err(format!("values: Invalid value: {shown}: {reason}"));
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let shown = kubernetes::object::to_json(&expression["values"]);
                let reason = "values set must be empty for exists and does not exist";
                return Err(format!("values: Invalid value: {shown}: {reason}"));
            }
            _ => {}
        }
        for value in values.iter().filter_map(Value::as_str) {
            label_value(value, key)?;
        }
    }
    Ok(())
}

fn label_key(key: &str) -> Checked {
    let problems = names::qualified_name(key);
    match problems.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("key: Invalid value: {}: {}", go::quote::quote(key), problems.join("; ")))
        }
    }
}

fn label_value(value: &str, key: &str) -> Checked {
    let problems = names::label_value(value);
    match problems.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "values[0][{key}]: Invalid value: {}: {}",
            go::quote::quote(value),
            problems.join("; ")
        )),
    }
}
