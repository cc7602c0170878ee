//! JSON and YAML.
//!
//! Source: helm pkg/engine funcs.go, sprig defaults.go.

use go::json;
use go::template::{Entries, Value};

use super::{A, Function, S, any, row, string, text};
use crate::from_json::from_json;
use crate::objects::KubeVersionObject;
use crate::to_yaml::{pretty_yaml, to_yaml};
use crate::values::{from_yaml, to_json};

pub(super) static TABLE: &[Function] = &[
    row("toYaml", &[A], None, "Prints a value as YAML; empty if that fails.", |a, _| {
        string(to_yaml(any(a, 0)).unwrap_or_default())
    }),
    row("mustToYaml", &[A], None, "Prints a value as YAML.", |a, _| {
        to_yaml(any(a, 0)).and_then(string)
    }),
    row("toYamlPretty", &[A], None, "Prints a value as YAML with indented lists.", |a, _| {
        string(pretty_yaml(any(a, 0)).unwrap_or_default())
    }),
    row("toJson", &[A], None, "Prints a value as JSON.", |a, _| {
        if let Some(version) = any(a, 0).downcast::<KubeVersionObject>() {
            return string(version.json());
        }
        string(to_json(any(a, 0)).map_or(String::new(), |value| json::marshal(&value)))
    }),
    row("mustToJson", &[A], None, "Prints a value as JSON.", |a, _| {
        string(json::marshal(&to_json(any(a, 0))?))
    }),
    row("toPrettyJson", &[A], None, "Prints a value as JSON over several lines.", |a, _| {
        string(json::marshal_indent(&to_json(any(a, 0))?, "  "))
    }),
    row("mustToPrettyJson", &[A], None, "Prints a value as JSON over several lines.", |a, _| {
        string(json::marshal_indent(&to_json(any(a, 0))?, "  "))
    }),
    row("toRawJson", &[A], None, "Prints a value as JSON without escapes of HTML.", |a, _| {
        string(json::print_raw(&to_json(any(a, 0))?, None))
    }),
    row("mustToRawJson", &[A], None, "Prints a value as JSON without escapes of HTML.", |a, _| {
        string(json::print_raw(&to_json(any(a, 0))?, None))
    }),
    row(
        "fromYaml",
        &[S],
        None,
        "Reads a YAML mapping; the key Error holds what went wrong.",
        |a, _| Ok(parsed(text(a, 0))),
    ),
    row(
        "fromJson",
        &[S],
        None,
        "Reads a JSON object; the key Error holds what went wrong.",
        |a, _| {
            let error = match from_json(text(a, 0)) {
                Ok(Value::Nil) => return Ok(Value::map(Entries::new())),
                Ok(map @ Value::Map(_)) => return Ok(map),
                Ok(other) => mismatch(&other, "map[string]interface {}"),
                Err(error) => error,
            };
            Ok(Value::map([("Error".into(), Value::string(error))].into()))
        },
    ),
    row(
        "fromJsonArray",
        &[S],
        None,
        "Reads a JSON list; its item is the message of a fault.",
        |a, _| {
            let error = match from_json(text(a, 0)) {
                Ok(Value::Nil) => return Ok(Value::list(Vec::new())),
                Ok(list @ Value::List(_)) => return Ok(list),
                Ok(other) => mismatch(&other, "[]interface {}"),
                Err(error) => error,
            };
            Ok(Value::list(vec![Value::string(error)]))
        },
    ),
    row("mustFromJson", &[S], None, "Reads JSON.", |a, _| from_json(text(a, 0))),
    row("fromYamlArray", &[S], None, "Reads a YAML list.", |a, _| {
        Ok(match from_yaml(text(a, 0)) {
            Ok(Value::Nil) => Value::list(Vec::new()),
            Ok(list @ Value::List(_)) => list,
            Ok(other) => Value::list(vec![Value::string(format!(
                "{WHILE}{}",
                mismatch(&other, "[]interface {}")
            ))]),
            Err(error) => {
                Value::list(vec![Value::string(format!("error converting YAML to JSON: {error}"))])
            }
        })
    }),
];

const WHILE: &str = "error unmarshaling JSON: while decoding JSON: ";

fn parsed(text: &str) -> Value {
    let error = match from_yaml(text) {
        Ok(Value::Nil) => return Value::map(Entries::new()),
        Ok(map @ Value::Map(_)) => return map,
        Ok(other) => format!("{WHILE}{}", mismatch(&other, "map[string]interface {}")),
        Err(error) => format!("error converting YAML to JSON: {error}"),
    };
    Value::map([("Error".into(), Value::string(error))].into())
}

/// The message of encoding/json for a value of another type.
fn mismatch(value: &Value, wanted: &str) -> String {
    let found = match value {
        Value::Map(_) => "object",
        Value::List(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        _ => "number",
    };
    format!("json: cannot unmarshal {found} into Go value of type {wanted}")
}
