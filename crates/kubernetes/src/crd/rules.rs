//! Rules in CEL of a schema, evaluated on a custom resource.
//!
//! Source: apiextensions-apiserver pkg/apiserver/schema/cel/validation.go.

use std::collections::BTreeMap;

use super::cel::{Expression, Failure, Input, Outside};
use super::{MAX_DEPTH, Map};
use crate::object::Value;
use crate::validation::{ErrorKind, Errors, FieldError};

/// A rule that is not checked, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// The path of the value: `spec.items[0]`; of the schema: `spec.items[*]`.
    pub path: String,
    pub rule: String,
    /// The part of the rule that is outside of the subset: `function duration`.
    pub reason: String,
}

/// Evaluates the rules of a schema. Transition rules need the object before the update. Returns the
/// rules that have no answer here.
pub fn check(
    errors: &mut Errors,
    schema: &Value,
    object: &Value,
    old: Option<&Value>,
) -> Vec<Unchecked> {
    let mut walker = Walker { errors, parsed: BTreeMap::new(), unchecked: Vec::new() };
    walker.walk(schema, object, old, "", 0);
    walker.unchecked
}

/// Returns true if a schema has a rule anywhere.
pub fn has_rules(schema: &Value) -> bool {
    let mut found = false;
    visit(schema, "", 0, &mut |_, _| found = true);
    found
}

/// Returns the rules that are outside of the subset, with the path of the schema that has each.
pub fn unchecked(schema: &Value) -> Vec<Unchecked> {
    let mut rules = Vec::new();
    visit(schema, "", 0, &mut |path, rule| {
        if let Err(outside) = Expression::parse(rule.str("rule")) {
            let (path, rule) = (path.to_owned(), rule.str("rule").to_owned());
            rules.push(Unchecked { path, rule, reason: outside.what });
        }
    });
    rules
}

fn visit(schema: &Value, path: &str, depth: usize, each: &mut dyn FnMut(&str, &Value)) {
    if depth > MAX_DEPTH {
        return;
    }
    for rule in schema.list("x-kubernetes-validations") {
        each(path, rule);
    }
    for (key, below) in schema["properties"].as_map().into_iter().flat_map(Map::iter) {
        let at = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
        visit(below, &at, depth + 1, each);
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].as_map().is_some() {
            visit(&schema[key], &format!("{path}[*]"), depth + 1, each);
        }
    }
}

struct Walker<'a> {
    errors: &'a mut Errors,
    parsed: BTreeMap<String, Result<Expression, Outside>>,
    unchecked: Vec<Unchecked>,
}

impl Walker<'_> {
    fn walk(
        &mut self,
        schema: &Value,
        value: &Value,
        old: Option<&Value>,
        path: &str,
        depth: usize,
    ) {
        if depth > MAX_DEPTH || value.is_null() {
            return;
        }
        for rule in schema.list("x-kubernetes-validations") {
            self.rule(rule, Input { this: value, old }, path);
        }
        match value {
            Value::Map(map) => {
                for (key, inner) in map.iter() {
                    let Some((below, at)) = super::below(schema, key, path) else { continue };
                    self.walk(below, inner, old.and_then(|old| old.get(key)), &at, depth + 1);
                }
            }
            Value::List(list) => {
                for (number, item) in list.iter().enumerate() {
                    let before = old.and_then(|old| same_item(schema, old, item));
                    let at = format!("{path}[{number}]");
                    self.walk(&schema["items"], item, before, &at, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn rule(&mut self, rule: &Value, input: Input<'_>, path: &str) {
        let text = rule.str("rule");
        let skip =
            |reason: String| Unchecked { path: path.to_owned(), rule: text.to_owned(), reason };
        let expression = match self.expression(text) {
            Ok(expression) => expression,
            Err(outside) => return self.unchecked.push(skip(outside.what)),
        };
        if rule.bool("optionalOldSelf") {
            return self.unchecked.push(skip("optionalOldSelf".to_owned()));
        }
        if expression.uses_old() && input.old.is_none() {
            return;
        }
        let detail = match expression.evaluate(input) {
            Ok(Value::Bool(true)) => return,
            Ok(_) => self.message(rule, input),
            Err(Failure::TooLong) => return self.unchecked.push(skip("too many steps".to_owned())),
            Err(Failure::Error(problem)) => {
                let message = rule.str("message").trim();
                let told =
                    if message.is_empty() { format!("Rule: {text}") } else { message.to_owned() };
                match &*problem {
                    "no such overload" => format!(
                        "'{problem}': call arguments did not match a supported operator, function or \
                         macro signature for rule: {told}"
                    ),
                    _ => format!("{problem} evaluating rule: {told}"),
                }
            }
        };
        let at = format!("{path}{}", rule.str("fieldPath"));
        let at = at.strip_prefix('.').unwrap_or(&at).to_owned();
        // The value itself is left out of the message.
        let (kind, message) = match rule.str("reason") {
            "FieldValueForbidden" => (ErrorKind::Forbidden, format!("Forbidden: {detail}")),
            "FieldValueRequired" => (ErrorKind::Required, format!("Required value: {detail}")),
            "FieldValueDuplicate" => (ErrorKind::Duplicate, "Duplicate value".to_owned()),
            _ => (ErrorKind::Invalid, format!("Invalid value: {detail}")),
        };
        let path = if at.is_empty() { "<nil>".to_owned() } else { at };
        self.errors.list.push(FieldError { path, kind, message, rule: None });
    }

    fn expression(&mut self, text: &str) -> Result<Expression, Outside> {
        let parse = || Expression::parse(text);
        self.parsed.entry(text.to_owned()).or_insert_with(parse).clone()
    }

    /// The message of a failed rule.
    fn message(&mut self, rule: &Value, input: Input<'_>) -> String {
        let computed = rule["messageExpression"].as_str().and_then(|text| {
            let found = self.expression(text).ok()?.evaluate(input).ok()?;
            found.as_str().map(|text| text.trim().to_owned())
        });
        if let Some(text) = computed.filter(|text| !text.is_empty() && !text.contains('\n')) {
            return text;
        }
        match rule.str("message").trim() {
            "" => format!("failed rule: {}", rule.str("rule").trim()),
            message => message.to_owned(),
        }
    }
}

/// The item with the same keys in the list before the update. Other lists have no counterpart.
fn same_item<'v>(schema: &Value, old: &'v Value, item: &Value) -> Option<&'v Value> {
    if schema.str("x-kubernetes-list-type") != "map" {
        return None;
    }
    let keys = schema.list("x-kubernetes-list-map-keys");
    let same =
        |other: &&Value| keys.iter().filter_map(Value::as_str).all(|key| other[key] == item[key]);
    old.as_list()?.iter().find(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crd::check as check_all;
    use crate::object::parse_json;

    const SCHEMA: &str = r#"{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[
        {"rule":"!has(self.a) || !has(self.b)","message":" a and b exclude each other "},
        {"rule":"self.size <= 3"},
        {"rule":"!has(oldSelf.size) || self.size >= oldSelf.size","message":"no shrinking","fieldPath":".size","reason":"FieldValueForbidden"},
        {"rule":"duration(self.every) > duration('1s')"}],
        "properties":{"a":{"type":"string"},"b":{"type":"string"},"size":{"type":"integer"},"every":{"type":"string"},
        "set":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},
        "map":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}}},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"]}}}}}"#;

    fn messages(object: &str, old: Option<&str>) -> Vec<String> {
        let (schema, object) =
            (parse_json(SCHEMA).expect("JSON"), parse_json(object).expect("JSON"));
        let old = old.map(|old| parse_json(old).expect("JSON"));
        let mut errors = Errors::default();
        let unchecked = check_all(&mut errors, &schema, &object, old.as_ref());
        assert!(unchecked.iter().all(|one| one.reason == "function duration"), "{unchecked:?}");
        errors.list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rules_lists_and_transitions_are_checked() {
        for (object, old, expected) in [
            (r#"{"spec":{"size":1}}"#, None, &[][..]),
            (
                r#"{"spec":{"size":4,"a":"","b":""}}"#,
                None,
                &[
                    "spec: Invalid value: a and b exclude each other",
                    "spec: Invalid value: failed rule: self.size <= 3",
                ],
            ),
            (
                r#"{"spec":{}}"#,
                None,
                &["spec: Invalid value: no such key: size evaluating rule: Rule: self.size <= 3"],
            ),
            (
                r#"{"spec":{"size":1}}"#,
                Some(r#"{"spec":{"size":2}}"#),
                &["spec.size: Forbidden: no shrinking"],
            ),
            (
                r#"{"spec":{"size":1,"set":["a","a","a"],"map":[{"name":"x"},{"name":"x"}]}}"#,
                None,
                &[
                    "spec.map[1]: Duplicate value: {\"name\":\"x\"}",
                    "spec.set[1]: Duplicate value: \"a\"",
                ],
            ),
        ] {
            assert_eq!(messages(object, old), expected, "{object}");
        }
    }

    #[test]
    fn rules_outside_of_the_subset_are_listed() {
        let listed = unchecked(&parse_json(SCHEMA).expect("JSON"));
        assert_eq!(listed.len(), 1);
        assert_eq!((&*listed[0].path, &*listed[0].reason), ("spec", "function duration"));
    }
}
