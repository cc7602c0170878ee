//! Lists that are sets or maps: no item occurs twice.
//!
//! Source: apiextensions-apiserver pkg/apiserver/schema/listtype.

use std::collections::BTreeSet;

use super::MAX_DEPTH;
use crate::object::{Value, to_json};
use crate::validation::{Bad, Errors, Path};

/// Reports the duplicates of every list with `x-kubernetes-list-type` `set` or `map`.
pub fn check(errors: &mut Errors, schema: &Value, value: &Value) {
    walk(errors, schema, value, "", 0);
}

fn walk(errors: &mut Errors, schema: &Value, value: &Value, path: &str, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Map(map) => {
            for (key, inner) in map.iter() {
                let Some((below, at)) = super::below(schema, key, path) else { continue };
                walk(errors, below, inner, &at, depth + 1);
            }
        }
        Value::List(list) => {
            duplicates(errors, schema, list, path);
            for (number, item) in list.iter().enumerate() {
                walk(errors, &schema["items"], item, &format!("{path}[{number}]"), depth + 1);
            }
        }
        _ => {}
    }
}

fn duplicates(errors: &mut Errors, schema: &Value, list: &[Value], path: &str) {
    let keys = schema.list("x-kubernetes-list-map-keys");
    let kind = schema.str("x-kubernetes-list-type");
    if !matches!(kind, "set" | "map") {
        return;
    }
    let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
    for (number, item) in list.iter().enumerate() {
        let shown = match kind {
            "set" => item.clone(),
            _ => {
                let mut key = Value::map();
                for name in keys.iter().filter_map(Value::as_str) {
                    let default = &schema["items"]["properties"][name]["default"];
                    if let Some(value) =
                        item.get(name).or_else(|| default.as_str().map(|_| default))
                    {
                        key.set(name, value.clone());
                    }
                }
                key
            }
        };
        let text = to_json(&shown);
        // Each value is reported once, at its second place.
        if !seen.insert(text.clone()) && told.insert(text.clone()) {
            let at = format!("{path}[{number}]");
            errors.duplicate(&Path::new(&at), Bad::raw(text));
        }
    }
}
