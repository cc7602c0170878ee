//! CustomResourceDefinitions: kinds that a workspace brings with it.
//!
//! A definition gives a row of the table ([`rows`]). Its schema fills in defaults and names unknown
//! fields ([`decode`]), and checks values ([`check`]). Rules in CEL are evaluated if they are within
//! the subset of [`cel`]; [`unchecked`] lists the others, so that the page can say so. [`record()`] makes the fields known to
//! the editor.
//!
//! Source: staging/src/k8s.io/apiextensions-apiserver.

pub mod cel;
mod lists;
mod record;
mod rules;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::kinds::{KIND, Kind};
use crate::object::{Map, Value, json, to_json};
use crate::validation::{Bad, ErrorKind, Errors, FieldError, Path, names};

pub use record::record;
pub use rules::{Unchecked, unchecked};

/// Defaults of a definition.
pub fn defaults(object: &mut Value) {
    let kind = object["spec"]["names"].str("kind").to_owned();
    let names = object.entry_at(&["spec", "names"]);
    names.set_default_str("singular", &kind.to_lowercase());
    names.set_default_str("listKind", &format!("{kind}List"));
    let conversion = object.entry_at(&["spec", "conversion"]);
    conversion.set_default_str("strategy", "None");
}

/// Checks a definition.
pub fn validate(errors: &mut Errors, object: &Value) {
    let spec = &object["spec"];
    let path = Path::new("spec");
    let expected = format!("{}.{}", spec["names"].str("plural"), spec.str("group"));
    let name = object["metadata"].str("name");
    if name != expected {
        let metadata = Path::new("metadata");
        let message = "must be spec.names.plural+\".\"+spec.group";
        errors.invalid(&metadata.child("name"), name, message);
    }
    let group = spec.str("group");
    if group.is_empty() {
        errors.required(&path.child("group"), "");
    } else {
        errors.invalid_each(&path.child("group"), group, names::dns1123_subdomain(group));
    }
    errors.required_one_of(&path.child("scope"), spec.str("scope"), &["Cluster", "Namespaced"]);
    let versions = path.child("versions");
    let list = spec.list("versions");
    if list.iter().filter(|version| version.bool("storage")).count() != 1 {
        let message = "must have exactly one version marked as storage version";
        errors.invalid(&versions, Bad::raw(to_json(&spec["versions"])), message);
    }
    for (number, version) in list.iter().enumerate() {
        if !version["schema"].has("openAPIV3Schema") {
            let at = versions.index(number);
            let schema = at.child("schema");
            let message = "schemas are required";
            errors.required(&schema.child("openAPIV3Schema"), message);
        }
    }
}

/// A text that is never freed. Equal texts are kept once.
fn kept(text: &str) -> &'static str {
    static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(text) {
        return known;
    }
    let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
    texts.insert(text);
    text
}

/// Rows for the versions that a definition serves. Rows live as long as the program, as those of
/// the table do; equal definitions share theirs.
pub fn rows(object: &Value) -> Vec<&'static Kind> {
    static ROWS: Mutex<Vec<&'static Kind>> = Mutex::new(Vec::new());
    let spec = &object["spec"];
    let names = &spec["names"];
    let mut rows = ROWS.lock().unwrap_or_else(PoisonError::into_inner);
    let served = spec.list("versions").iter().filter(|version| version.bool("served"));
    served
        .map(|version| {
            let texts = |key: &str| -> Vec<&str> {
                names.list(key).iter().filter_map(Value::as_str).collect()
            };
            let same = |row: &&&'static Kind| {
                row.group == spec.str("group")
                    && row.version == version.str("name")
                    && row.kind == names.str("kind")
                    && row.plural == names.str("plural")
                    && row.namespaced == (spec.str("scope") != "Cluster")
                    && row.short_names == texts("shortNames")
                    && row.categories == texts("categories")
            };
            if let Some(known) = rows.iter().find(same) {
                return *known;
            }
            let row: &'static Kind = Box::leak(Box::new(Kind {
                group: kept(spec.str("group")),
                version: kept(version.str("name")),
                kind: kept(names.str("kind")),
                plural: kept(names.str("plural")),
                short_names: Vec::leak(texts("shortNames").into_iter().map(kept).collect()),
                categories: Vec::leak(texts("categories").into_iter().map(kept).collect()),
                namespaced: spec.str("scope") != "Cluster",
                generation: true,
                description: "A custom resource.",
                ..KIND
            }));
            rows.push(row);
            row
        })
        .collect()
}

/// Deepest schema that is followed.
const MAX_DEPTH: usize = 64;

/// A custom resource with the defaults of its schema. Unknown fields are an error, as strict
/// validation has it; metadata and type are not the schema's business.
pub fn decode(schema: &Value, object: &Value) -> Result<Value, String> {
    let mut unknown = Vec::new();
    let mut object = object.clone();
    structure(schema, &mut object, "", &mut unknown, 0);
    if unknown.is_empty() {
        return Ok(object);
    }
    Err(format!("strict decoding error: {}", unknown.join(", ")))
}

fn structure(
    schema: &Value,
    value: &mut Value,
    path: &str,
    unknown: &mut Vec<String>,
    depth: usize,
) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Map(_) => {
            let keeps = schema.bool("x-kubernetes-preserve-unknown-fields");
            let properties = &schema["properties"];
            for (key, property) in schema.entries("properties") {
                if let Some(default) = property.get("default")
                    && value[&**key].is_null()
                {
                    value.set(key, default.clone());
                }
            }
            for (key, inner) in value.map_mut().iter_mut() {
                let top = path.is_empty() && matches!(&**key, "apiVersion" | "kind" | "metadata");
                let at = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
                let below = properties.get(key).or_else(|| {
                    let more = &schema["additionalProperties"];
                    more.as_map().map(|_| more)
                });
                match below {
                    _ if top => {}
                    Some(below) => structure(below, inner, &at, unknown, depth + 1),
                    None if keeps || schema["additionalProperties"].as_bool() == Some(true) => {}
                    None => unknown.push(format!("unknown field \"{at}\"")),
                }
            }
        }
        Value::List(_) => {
            for (number, item) in value.list_mut().iter_mut().enumerate() {
                let at = format!("{path}[{number}]");
                structure(&schema["items"], item, &at, unknown, depth + 1);
            }
        }
        _ => {}
    }
}

/// Checks a custom resource: its values, lists that are sets or maps, and the rules in CEL, which
/// are left out if the values have errors that could mislead them. `old` is the object before an
/// update. Returns the rules that have no answer here.
/// Source: apiextensions-apiserver pkg/registry/customresource/strategy.go.
pub fn check(
    errors: &mut Errors,
    schema: &Value,
    object: &Value,
    old: Option<&Value>,
) -> Vec<Unchecked> {
    let before = errors.list.len();
    check_values(errors, schema, object);
    lists::check(errors, schema, object);
    if !rules::has_rules(schema) {
        return Vec::new();
    }
    if errors.list[before..].iter().any(|error| blocks_rules(error.kind)) {
        let message = "Invalid value: null: some validation rules were not checked because the object \
                       was invalid; correct the existing errors to complete validation";
        let (path, kind) = ("<nil>".to_owned(), ErrorKind::Invalid);
        errors.list.push(FieldError { path, kind, message: message.to_owned(), rule: None });
        return Vec::new();
    }
    rules::check(errors, schema, object, old)
}

fn blocks_rules(kind: ErrorKind) -> bool {
    use ErrorKind::{NotSupported, Required, TooLong, TooMany, TypeInvalid};
    matches!(kind, NotSupported | Required | TooLong | TooMany | TypeInvalid)
}

/// Checks types and values. Source: kube-openapi pkg/validation/validate.
fn check_values(errors: &mut Errors, schema: &Value, object: &Value) {
    for (key, property) in schema.entries("properties") {
        if matches!(&**key, "apiVersion" | "kind" | "metadata") {
            continue;
        }
        if let Some(value) = object.get(key) {
            check_value(errors, property, value, key, 0);
        }
    }
    required(errors, schema, object, "");
}

fn required(errors: &mut Errors, schema: &Value, object: &Value, path: &str) {
    for name in schema.list("required").iter().filter_map(Value::as_str) {
        if object.get(name).is_none() {
            let at = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            errors.required(&Path::new(&at), "");
        }
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

fn check_value(errors: &mut Errors, schema: &Value, value: &Value, path: &str, depth: usize) {
    if depth > MAX_DEPTH || value.is_null() && schema.bool("nullable") {
        return;
    }
    let (wanted, found) = (schema.str("type"), type_name(value));
    let at = Path::new(path);
    if schema.bool("x-kubernetes-int-or-string") {
        if !matches!(found, "integer" | "string") {
            let message = format!("{path} in body must be of type integer,string: \"{found}\"");
            return errors.type_invalid(&at, found, &message);
        }
        return check_scalar(errors, schema, value, path);
    }
    let fits = wanted.is_empty() || wanted == found || wanted == "number" && found == "integer";
    if !fits {
        let message = format!("{path} in body must be of type {wanted}: \"{found}\"");
        return errors.type_invalid(&at, found, &message);
    }
    check_scalar(errors, schema, value, path);
    match value {
        Value::Map(map) => {
            for (key, inner) in map.iter() {
                let below =
                    schema["properties"].get(key).or(match &schema["additionalProperties"] {
                        more @ Value::Map(_) => Some(more),
                        _ => None,
                    });
                if let Some(below) = below {
                    check_value(errors, below, inner, &format!("{path}.{key}"), depth + 1);
                }
            }
            required(errors, schema, value, path);
        }
        Value::List(list) => {
            count(errors, schema, list.len(), path);
            for (number, item) in list.iter().enumerate() {
                check_value(
                    errors,
                    &schema["items"],
                    item,
                    &format!("{path}[{number}]"),
                    depth + 1,
                );
            }
        }
        _ => {}
    }
}

fn count(errors: &mut Errors, schema: &Value, items: usize, path: &str) {
    let at = Path::new(path);
    if let Some(limit) = schema["maxItems"].as_int()
        && items as i64 > limit
    {
        errors.too_many(&at, items, limit);
    }
    if let Some(limit) = schema["minItems"].as_int()
        && (items as i64) < limit
    {
        let head = Bad::raw(items.to_string());
        errors.invalid(&at, head, &format!("{path} in body should have at least {limit} items"));
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(int) => Some(*int as f64),
        Value::Float(float) => Some(*float),
        _ => None,
    }
}

fn check_scalar(errors: &mut Errors, schema: &Value, value: &Value, path: &str) {
    let at = Path::new(path);
    if let Some(list) = schema["enum"].as_list()
        && !list.contains(value)
    {
        let texts: Vec<String> = list
            .iter()
            .map(|one| one.as_str().map_or_else(|| to_json(one), str::to_owned))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        errors.not_supported(&at, value, &texts);
    }
    if let Some(found) = number(value) {
        let bounds = [
            ("maximum", "less", found > number(&schema["maximum"]).unwrap_or(f64::INFINITY)),
            ("minimum", "greater", found < number(&schema["minimum"]).unwrap_or(f64::NEG_INFINITY)),
        ];
        for (key, word, over) in bounds {
            if over {
                let limit = number(&schema[key]).unwrap_or_default();
                let limit = json::json_float(limit);
                let message = format!("{path} in body should be {word} than or equal to {limit}");
                errors.invalid(&at, value, &message);
            }
        }
    }
    if let Some(text) = value.as_str() {
        let length = text.chars().count() as i64;
        if let Some(limit) = schema["maxLength"].as_int()
            && length > limit
        {
            errors.too_long(&at, usize::try_from(limit).unwrap_or_default());
        }
        if let Some(limit) = schema["minLength"].as_int()
            && length < limit
        {
            let message = format!("{path} in body should be at least {limit} chars long");
            errors.invalid(&at, text, &message);
        }
        if let Some(pattern) = schema["pattern"].as_str()
            && go::Regex::unanchored(pattern).is_ok_and(|regex| !regex.is_match(text))
        {
            let message = format!("{path} in body should match '{pattern}'");
            errors.invalid(&at, text, &message);
        }
    }
}

/// The schema of a key in an object and the path of its value; None if the schema does not know it.
fn below<'s>(schema: &'s Value, key: &str, path: &str) -> Option<(&'s Value, String)> {
    let more = &schema["additionalProperties"];
    let below = schema["properties"].get(key).or_else(|| more.as_map().map(|_| more))?;
    let at = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    Some((below, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    const SCHEMA: &str = r#"{"type":"object","required":["spec"],"properties":{"spec":{"type":"object","required":["size"],"properties":{"size":{"type":"integer","minimum":1,"maximum":5},"mode":{"type":"string","enum":["A","B"],"default":"A"},"name":{"type":"string","pattern":"^[a-z]+$"},"extra":{"type":"object","x-kubernetes-preserve-unknown-fields":true}},"x-kubernetes-validations":[{"rule":"self.size > 0"}]}}}"#;

    const UNCHECKED: &str = "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

    fn errors(object: &str) -> Vec<String> {
        let (schema, object) = (parse_json(SCHEMA).unwrap(), parse_json(object).unwrap());
        let mut errors = Errors::default();
        check(&mut errors, &schema, &object, None);
        errors.list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn schemas_fill_in_defaults_and_name_unknown_fields() {
        let schema = parse_json(SCHEMA).unwrap();
        let decode = |object: &str| decode(&schema, &parse_json(object).unwrap());
        let object = decode(r#"{"kind":"X","spec":{"size":1,"extra":{"any":1}}}"#).unwrap();
        assert_eq!(object["spec"].str("mode"), "A");
        assert_eq!(
            decode(r#"{"spec":{"sise":1}}"#),
            Err("strict decoding error: unknown field \"spec.sise\"".to_owned())
        );
    }

    #[test]
    fn schemas_check_values() {
        for (object, expected) in [
            (r#"{"spec":{"size":1}}"#, &[][..]),
            (r#"{}"#, &["spec: Required value", UNCHECKED]),
            (
                r#"{"spec":{"size":"1"}}"#,
                &[
                    "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"",
                    UNCHECKED,
                ],
            ),
            (
                r#"{"spec":{"size":9}}"#,
                &[
                    "spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5",
                ],
            ),
            (
                r#"{"spec":{"size":1,"mode":"C"}}"#,
                &["spec.mode: Unsupported value: \"C\": supported values: \"A\", \"B\"", UNCHECKED],
            ),
            (
                r#"{"spec":{"size":1,"name":"X1"}}"#,
                &["spec.name: Invalid value: \"X1\": spec.name in body should match '^[a-z]+$'"],
            ),
        ] {
            assert_eq!(errors(object), expected, "{object}");
        }
    }

    #[test]
    fn definitions_are_rows() {
        let definition = parse_json(
            r#"{"spec":{"group":"x.io","scope":"Namespaced","names":{"kind":"Widget","plural":"widgets","shortNames":["w"]},"versions":[{"name":"v1","served":true},{"name":"v0","served":false}]}}"#,
        )
        .unwrap();
        let (first, second) = (rows(&definition), rows(&definition));
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].api_version(), "x.io/v1");
        assert!(std::ptr::eq(first[0], second[0]), "equal rows are shared");
    }
}
