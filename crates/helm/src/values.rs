//! Template values from YAML and JSON, and back to JSON.

use std::sync::Arc;

use go::number::format_general;
use go::template::{Entries, Map, Value};
use text::FileId;
use yaml::scalars::{self, Value as Scalar};
use yaml::{Kind, Node};

pub use crate::from_json::from_json;
pub use crate::objects::VALUES;

/// The deepest nesting of values that functions build.
pub const MAX_HEIGHT: usize = 100;
/// The largest number of nodes in a value that is put into another.
pub const MAX_NODES: usize = 1_000_000;

/// Decodes the first document of a YAML text as sigs.k8s.io/yaml does: numbers are floats and keys
/// are strings. The error is Go's.
pub fn from_yaml(text: &str) -> Result<Value, String> {
    read_yaml(text, Numbers::Floats)
}

/// The types that numbers of a YAML text get.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// All are float64, as encoding/json decodes them.
    Floats,
    /// Integers are integers.
    Typed,
}

/// Decodes the first document of a YAML text. Keys are strings; the last of equal keys counts.
pub fn read_yaml(text: &str, numbers: Numbers) -> Result<Value, String> {
    let parsed = yaml::parse(FileId(0), text);
    if let Some(refusal) = &parsed.refusal
        && !refusal.contains("already set in map")
    {
        return Err(refusal.clone());
    }
    parsed.root().map_or(Ok(Value::Nil), |root| node_value(root, numbers))
}

fn node_value(node: &Node, numbers: Numbers) -> Result<Value, String> {
    Ok(match &node.kind {
        Kind::Scalar(_) => match scalar(node)? {
            Scalar::Null => Value::Nil,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Int(value) if numbers == Numbers::Typed => Value::Int64(value),
            Scalar::Uint(value) if numbers == Numbers::Typed => Value::Uint64(value),
            Scalar::Int(value) => Value::Float(value as f64),
            Scalar::Uint(value) => Value::Float(value as f64),
            Scalar::Float(value) => Value::Float(value),
            Scalar::Text(text) => Value::string(&*text),
            Scalar::Timestamp(text) => Value::string(text),
        },
        Kind::Sequence(sequence) => {
            let items = sequence.items.iter().map(|item| node_value(item, numbers));
            Value::list(items.collect::<Result<_, _>>()?)
        }
        Kind::Mapping(mapping) => {
            let mut entries = Entries::new();
            for entry in mapping.iter() {
                entries.insert(key(&entry.key)?.into(), node_value(&entry.value, numbers)?);
            }
            Value::map(entries)
        }
    })
}

fn scalar(node: &Node) -> Result<Scalar<'_>, String> {
    let resolved = scalars::resolve(node).ok_or("yaml: a key is not a scalar")?;
    resolved.map_err(|error| format!("yaml: {error}"))
}

fn key(node: &Node) -> Result<String, String> {
    Ok(match scalar(node)? {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
        Scalar::Uint(value) => value.to_string(),
        Scalar::Float(value) => format_general(value, None),
        Scalar::Text(text) => text.into_owned(),
        Scalar::Timestamp(text) => text.to_owned(),
    })
}

/// Converts to JSON. Infinities and NaN are an error, as in Go.
pub fn to_json(value: &Value) -> Result<serde_json::Value, String> {
    use serde_json::Value as Json;
    Ok(match value {
        Value::Nil => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Float(float) => {
            let number = serde_json::Number::from_f64(*float);
            let shown = format_general(*float, None);
            Json::Number(number.ok_or_else(|| format!("json: unsupported value: {shown}"))?)
        }
        Value::String(text) => Json::String(text.to_string()),
        Value::List(list) => Json::Array(list.items.iter().map(to_json).collect::<Result<_, _>>()?),
        Value::Map(map) => {
            let mut object = serde_json::Map::new();
            for (key, value) in map.entries().iter() {
                object.insert(key.to_string(), to_json(value)?);
            }
            Json::Object(object)
        }
        Value::Object(object) => Json::String(object.print()),
        other => match (other.as_signed(), other.as_unsigned()) {
            (Some(number), _) => Json::from(number),
            (_, Some(number)) => Json::from(number),
            _ => return Err(format!("json: unsupported type: {}", other.type_name())),
        },
    })
}

/// Checks that a value may be put into another one, so that values stay walkable by recursion. The
/// error says which limit was reached.
pub fn check_size(value: &Value) -> Result<(), String> {
    let mut left = MAX_NODES;
    check(value, MAX_HEIGHT, &mut left)
}

fn check(value: &Value, height: usize, left: &mut usize) -> Result<(), String> {
    let Some(lower) = height.checked_sub(1) else {
        return Err(format!("the value is nested more than {MAX_HEIGHT} levels deep"));
    };
    *left =
        left.checked_sub(1).ok_or_else(|| format!("the value has more than {MAX_NODES} nodes"))?;
    match value {
        Value::List(list) => list.items.iter().try_for_each(|item| check(item, lower, left)),
        Value::Map(map) => map.entries().values().try_for_each(|item| check(item, lower, left)),
        _ => Ok(()),
    }
}

/// Returns true if a map is somewhere in a value. The value is one that passed [`check_size`].
pub fn holds(value: &Value, wanted: &Map) -> bool {
    match value {
        Value::List(list) => list.items.iter().any(|item| holds(item, wanted)),
        Value::Map(map) => {
            map.is_same(wanted) || map.entries().values().any(|item| holds(item, wanted))
        }
        _ => false,
    }
}

/// A copy that shares no map with the original.
pub fn deep_copy(value: &Value) -> Value {
    match value {
        Value::List(list) => {
            let mut list = list.clone();
            list.items = Arc::new(list.items.iter().map(deep_copy).collect());
            Value::List(list)
        }
        Value::Map(map) => {
            let entries = map.entries();
            let copied = entries.iter().map(|(key, value)| (key.clone(), deep_copy(value)));
            Value::Map(Map::new(map.kind, copied.collect()))
        }
        other => other.clone(),
    }
}

/// Compares as Go's `reflect.DeepEqual`: numbers of different types differ.
pub fn deep_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.kind.name == b.kind.name
                && a.items.len() == b.items.len()
                && a.items.iter().zip(b.items.iter()).all(|(a, b)| deep_equal(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let (left, right) = (a.entries(), b.entries());
            a.kind.name == b.kind.name
                && left.len() == right.len()
                && left.iter().zip(right.iter()).all(|(a, b)| a.0 == b.0 && deep_equal(a.1, b.1))
        }
        (Value::Nil, Value::Nil) => true,
        _ => a.type_name() == b.type_name() && a.print() == b.print(),
    }
}
