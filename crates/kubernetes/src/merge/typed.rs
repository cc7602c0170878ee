//! The check of an object against its schema that server-side apply makes before it merges.
//!
//! Source: sigs.k8s.io/structured-merge-diff typed/validate.go.

use super::managed::{At, Shape, item_path};
use crate::object::{Value, go_value, to_json};
use crate::types::{Type, types};

/// The errors of an object in one text; None if it fits its type.
pub fn errors(ty: Option<&Type>, object: &Value) -> Option<String> {
    let mut found = Vec::new();
    check(At { ty, field: None }, object, "", &mut found);
    match &found[..] {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("errors:\n  {}", many.join("\n  "))),
    }
}

fn check(at: At<'_>, value: &Value, path: &str, found: &mut Vec<String>) {
    if value.is_null() {
        return;
    }
    let expected = match (at.ty, value) {
        (Some(Type::Struct(_) | Type::Map(_)), Value::Map(_)) => {
            return map(at, value, path, found);
        }
        (Some(Type::List(_)), Value::List(list)) => return items(at, list, path, found),
        (Some(Type::Struct(_) | Type::Map(_)), other) => {
            format!("expected map, got &{{{}}}", go_value(other))
        }
        (Some(Type::List(_)), other) => format!("expected list, got &{{{}}}", go_value(other)),
        (Some(Type::String | Type::Bytes), other) if other.as_str().is_none() => {
            format!("expected string, got &value.valueUnstructured{{Value:{}}}", go_syntax(other))
        }
        (Some(Type::Int32 | Type::Int64 | Type::Float), other)
            if !matches!(other, Value::Int(_) | Value::Float(_)) =>
        {
            format!("expected numeric (int or float), got {}", go_type(other))
        }
        (Some(Type::Bool), other) if other.as_bool().is_none() => {
            format!("expected boolean, got {}", go_type(other))
        }
        _ => return,
    };
    found.push(format!("{path}: {expected}"));
}

fn map(at: At<'_>, value: &Value, path: &str, found: &mut Vec<String>) {
    for (key, below) in value.as_map().into_iter().flat_map(|map| map.iter()) {
        let path = format!("{path}.{key}");
        match at.ty {
            Some(Type::Struct(id)) if types().get(*id).field(key).is_none() => {
                found.push(format!("{path}: field not declared in schema"));
            }
            Some(Type::Map(item)) => check(At { ty: Some(item), field: None }, below, &path, found),
            ty => check(At::below(ty, key), below, &path, found),
        }
    }
}

fn items(at: At<'_>, list: &[Value], path: &str, found: &mut Vec<String>) {
    let Some(Type::List(item_type)) = at.ty else { return };
    let below = At { ty: Some(item_type), field: None };
    let mut seen: Vec<String> = Vec::new();
    for (number, item) in list.iter().enumerate() {
        let place = match at.shape(&list.to_vec().into()) {
            Shape::ListMap(_, keys) => match omitted(item, keys) {
                Some(reason) => {
                    found.push(format!("{path}: element {number}: {reason}"));
                    continue;
                }
                None => item_path(item, keys),
            },
            Shape::Set => format!("[={}]", to_json(item)),
            _ => format!("[{number}]"),
        };
        if seen.contains(&place) {
            found.push(format!("{path}: duplicate entries for key {place}"));
            continue;
        }
        check(below, item, &format!("{path}{place}"), found);
        seen.push(place);
    }
}

/// The reason why an item of a list has no place in it.
fn omitted(item: &Value, keys: &[&str]) -> Option<String> {
    if item.is_null() {
        return Some("associative list with keys may not have null elements".to_owned());
    }
    if item.as_map().is_none() {
        return Some("associative list with keys may not have non-map elements".to_owned());
    }
    let key = keys.iter().find(|key| !item.has(key) && **key != "protocol")?;
    Some(format!(
        "associative list with keys has an element that omits key field {} (and doesn't have default value)",
        go::quote::quote(key)
    ))
}

/// A value's type in Go, as an untyped JSON decoder makes it.
const fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    }
}

/// A value in Go's syntax.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::String(text) => go::quote::quote(text),
        Value::List(list) => {
            let items: Vec<String> = list.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Map(map) => {
            let entries = map.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("{}:{}", go::quote::quote(key), go_syntax(value)))
                .collect();
            format!("map[string]interface {{}}{{{}}}", entries.join(", "))
        }
        other => to_json(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn objects_are_checked_against_the_schema() {
        let deployment = types().kind("apps/v1", "Deployment").map(Type::Struct);
        let pod = |spec: &str| format!(r#"{{"spec":{{"template":{{"spec":{{{spec}}}}}}}}}"#);
        for (json, expected) in [
            (r#"{"kind":"Deployment","spec":{"replicas":2}}"#.to_owned(), None),
            (
                r#"{"spec":{"replica":2}}"#.to_owned(),
                Some(".spec.replica: field not declared in schema"),
            ),
            (
                r#"{"spec":{"replicas":"2"}}"#.to_owned(),
                Some(".spec.replicas: expected numeric (int or float), got string"),
            ),
            (
                pod(r#""containers":[{"name":"a","env":[{"name":"A","value":8080}]}]"#),
                Some(
                    ".spec.template.spec.containers[name=\"a\"].env[name=\"A\"].value: expected string, got &value.valueUnstructured{Value:8080}",
                ),
            ),
            (
                pod(r#""containers":[{"image":"a"}],"hostNetwork":"yes""#),
                Some(
                    "errors:\n  .spec.template.spec.containers: element 0: associative list with keys has an element that omits key field \"name\" (and doesn't have default value)\n  .spec.template.spec.hostNetwork: expected boolean, got string",
                ),
            ),
            (
                pod(
                    r#""containers":[{"name":"a","ports":[{"containerPort":80},{"containerPort":80,"protocol":"TCP"}]}]"#,
                ),
                Some(
                    ".spec.template.spec.containers[name=\"a\"].ports: duplicate entries for key [containerPort=80,protocol=\"TCP\"]",
                ),
            ),
            (
                pod(r#""containers":{"name":"a"}"#),
                Some(".spec.template.spec.containers: expected list, got &{map[name:a]}"),
            ),
        ] {
            let object = parse_json(&json).unwrap();
            assert_eq!(errors(deployment.as_ref(), &object).as_deref(), expected, "{json}");
        }
    }
}
