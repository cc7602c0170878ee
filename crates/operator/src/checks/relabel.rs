//! Relabeling rules, in the words of the Operator.
//!
//! Source: prometheus-operator pkg/prometheus/validation/validator.go.

use go::Regex;
use kubernetes::object::Value;

use crate::store::Checked;
use crate::version::Version;

/// Checks a list of rules of a custom resource.
pub fn rules(rules: &Value, version: Version) -> Checked {
    for (number, one) in rules.as_list().unwrap_or_default().iter().enumerate() {
        super::at(rule(one, version), &format!("[{number}]"))?;
    }
    Ok(())
}

/// Returns true for a label name of this version: UTF-8 from 3.0 on, the old form before.
pub fn is_label_name(name: &str, version: Version) -> bool {
    if version >= Version(3, 0, 0) {
        return !name.is_empty();
    }
    let mut rest = name.chars();
    rest.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && rest.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The pattern of target labels with variables that versions before 3.0 have.
const LEGACY_TARGET: &str = r"^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$";

fn is_template(text: &str, version: Version) -> bool {
    if version >= Version(3, 0, 0) {
        return !text.is_empty();
    }
    Regex::unanchored(LEGACY_TARGET).is_ok_and(|regex| regex.is_match(text))
}

/// Defaults of Prometheus.
const REGEX: &str = "(.*)";
const SEPARATOR: &str = ";";
const REPLACEMENT: &str = "$1";

fn rule(rule: &Value, version: Version) -> Checked {
    let written = rule["action"].as_str().filter(|text| !text.is_empty()).unwrap_or("replace");
    let action = go::case::lower(written);
    let case = matches!(&*action, "lowercase" | "uppercase");
    let equal = matches!(&*action, "keepequal" | "dropequal");
    for (concerns, since, text) in
        [(case, Version(2, 36, 0), "2.36.0"), (equal, Version(2, 41, 0), "2.41.0")]
    {
        if concerns && version < since {
            return Err(format!(
                "{written} relabel action is only supported from Prometheus version {text}"
            ));
        }
    }
    let regex = rule.str("regex");
    if let Err(error) = Regex::new(regex) {
        return Err(format!("invalid regex {regex} for relabel configuration: {error}"));
    }
    if action == "hashmod" && rule.int("modulus") == 0 {
        return Err("relabel configuration for hashmod requires non-zero modulus".to_owned());
    }
    let target = rule.str("targetLabel");
    let has_target = case || equal || matches!(&*action, "replace" | "hashmod");
    if has_target && target.is_empty() {
        return Err(format!("relabel configuration for {written} action needs targetLabel value"));
    }
    let invalid = |value: &str, field: &str| {
        Err(format!("{} is invalid '{field}' for {written} action", go::quote::quote(value)))
    };
    if action != "hashmod" && has_target && !is_label_name(target, version) {
        return invalid(target, "target_label");
    }
    let replacement = rule["replacement"].as_str();
    let replaced = replacement.is_some_and(|text| text != REPLACEMENT);
    if (case || equal) && replaced {
        return Err(format!("'replacement' can not be set for {written} action"));
    }
    if action == "labelmap" && replacement.is_some_and(|text| !is_template(text, version)) {
        return invalid(replacement.unwrap_or_default(), "replacement");
    }
    if action == "hashmod" && !is_label_name(target, version) {
        return invalid(target, "target_label");
    }
    let separated = rule["separator"].as_str().is_some_and(|text| text != SEPARATOR);
    let others = rule.int("modulus") != 0 || separated || replaced;
    if equal && (!matches!(regex, "" | REGEX) || others) {
        return Err(format!(
            "{written} action requires only 'source_labels' and `target_label`, and no other fields"
        ));
    }
    let sourced = !rule.list("sourceLabels").is_empty() || !target.is_empty();
    if matches!(&*action, "labeldrop" | "labelkeep") && (sourced || others) {
        return Err(format!("{written} action requires only 'regex', and no other fields"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn rules_are_refused_in_the_words_of_the_operator() {
        let (new, old) = (Version(3, 14, 0), Version(2, 30, 0));
        for (rule, version, expected) in [
            (r#"{"targetLabel":"a"}"#, new, None),
            (
                r#"{}"#,
                new,
                Some("[0]: relabel configuration for replace action needs targetLabel value"),
            ),
            (
                r#"{"action":"Lowercase","targetLabel":"a"}"#,
                old,
                Some(
                    "[0]: Lowercase relabel action is only supported from Prometheus version 2.36.0",
                ),
            ),
            (r#"{"targetLabel":"a-b"}"#, new, None),
            (
                r#"{"targetLabel":"a-b"}"#,
                old,
                Some("[0]: \"a-b\" is invalid 'target_label' for replace action"),
            ),
            (
                r#"{"action":"labelmap","replacement":"a-$1"}"#,
                old,
                Some("[0]: \"a-$1\" is invalid 'replacement' for labelmap action"),
            ),
            (
                r#"{"action":"labeldrop","regex":"a","sourceLabels":["b"]}"#,
                new,
                Some("[0]: labeldrop action requires only 'regex', and no other fields"),
            ),
            (
                r#"{"action":"KeepEqual","targetLabel":"a","modulus":2}"#,
                new,
                Some(
                    "[0]: KeepEqual action requires only 'source_labels' and `target_label`, and no other fields",
                ),
            ),
        ] {
            let list = Value::from(vec![parse_json(rule).expect("JSON")]);
            assert_eq!(rules(&list, version).err().as_deref(), expected, "{rule}");
        }
    }
}
