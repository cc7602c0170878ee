//! Trees of JSON from YAML and to YAML, for objects of Kubernetes.

use serde_json::{Map, Number, Value};
use yaml::scalars::{self, Value as Scalar};
use yaml::{Kind, Node, Printer};

/// Nodes of a document beyond which it is not read.
const MOST_NODES: usize = 2_000_000;
/// Mappings and lists in each other.
const MOST_DEPTH: usize = 100;

/// Returns the value of a YAML node; None if it is too large or has keys that are no texts.
pub fn of_yaml(node: &Node) -> Option<Value> {
    let mut left = MOST_NODES;
    value(node, MOST_DEPTH, &mut left)
}

fn value(node: &Node, depth: usize, left: &mut usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    let depth = depth.checked_sub(1)?;
    Some(match &node.kind {
        Kind::Sequence(list) => {
            let items: Option<Vec<Value>> =
                list.items.iter().map(|item| value(item, depth, left)).collect();
            Value::Array(items?)
        }
        Kind::Mapping(mapping) => {
            let mut fields = Map::new();
            for entry in mapping.iter() {
                fields.insert(entry.name()?.to_owned(), value(&entry.value, depth, left)?);
            }
            Value::Object(fields)
        }
        Kind::Scalar(text) => match scalars::resolve(node) {
            Some(Ok(Scalar::Null)) => Value::Null,
            Some(Ok(Scalar::Bool(is))) => Value::Bool(is),
            Some(Ok(Scalar::Int(number))) => Value::Number(number.into()),
            Some(Ok(Scalar::Float(number))) => {
                Number::from_f64(number).map_or(Value::Null, Value::Number)
            }
            _ => Value::String(text.text.to_string()),
        },
    })
}

/// Prints a value as kubectl does.
pub fn to_yaml(value: &Value) -> String {
    let mut printer = Printer::new();
    print(&mut printer, value);
    printer.finish()
}

fn print(printer: &mut Printer, value: &Value) {
    match value {
        Value::Null => printer.raw("null"),
        Value::Bool(_) | Value::Number(_) => printer.raw(&value.to_string()),
        Value::String(text) => printer.string(text),
        Value::Array(items) => {
            printer.begin_list();
            for item in items {
                printer.item();
                print(printer, item);
            }
            printer.end();
        }
        Value::Object(fields) => {
            printer.begin_map();
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in fields {
                printer.key(name);
                print(printer, value);
            }
            printer.end();
        }
    }
}
