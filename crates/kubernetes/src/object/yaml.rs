//! YAML to objects and back, as `sigs.k8s.io/yaml` does it.
//!
//! kubectl turns YAML into JSON before anything else: scalars are those of YAML 1.1, of a key that
//! stands twice the last one wins, and keys become texts.

use std::fmt;
use std::sync::Arc;
use text::IndexSort;

use text::Span;
use yaml::scalars::{self, Value as Scalar};
use yaml::{Collection, Entry, Kind, Mapping, Node, Printer, ScalarStyle, Sequence};

use super::{Map, Value, json};

/// A tree that has no form in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YamlError {
    /// In Go's words.
    pub message: String,
    pub span: Span,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The object that a YAML tree stands for. Trees are at most [`yaml::MAX_DEPTH`] levels deep.
pub fn from_yaml(node: &Node) -> Result<Value, YamlError> {
    match &node.kind {
        Kind::Scalar(_) => scalar(node),
        Kind::Sequence(sequence) => {
            let items: Result<Vec<Value>, YamlError> =
                sequence.items.iter().map(from_yaml).collect();
            Ok(items?.into())
        }
        Kind::Mapping(mapping) => {
            let mut map = Map::new();
            for entry in mapping.iter() {
                map.insert(key(&entry.key)?, from_yaml(&entry.value)?);
            }
            Ok(map.into())
        }
    }
}

fn scalar(node: &Node) -> Result<Value, YamlError> {
    let fail = |message: String| YamlError { message, span: node.written_span() };
    match scalars::resolve(node) {
        None | Some(Ok(Scalar::Null)) => Ok(Value::Null),
        Some(Ok(Scalar::Bool(bool))) => Ok(Value::Bool(bool)),
        Some(Ok(Scalar::Int(int))) => Ok(Value::Int(int)),
        Some(Ok(Scalar::Uint(int))) => Ok(Value::Float(int as f64)),
        Some(Ok(Scalar::Float(float))) if float.is_finite() => Ok(whole(float)),
        Some(Ok(Scalar::Float(float))) => {
            Err(fail(format!("json: unsupported value: {}", go_infinity(float))))
        }
        Some(Ok(Scalar::Text(_) | Scalar::Timestamp(_))) => match node.as_scalar() {
            // The text of most scalars is shared with the tree.
            Some(scalar) if node.tag.is_none() => Ok(Value::String(scalar.text.clone())),
            _ => match scalars::string(node) {
                Ok(text) => Ok(Value::from(&*text)),
                Err(error) => Err(fail(format!("yaml: {error}"))),
            },
        },
        Some(Err(error)) => Err(fail(format!("yaml: {error}"))),
    }
}

/// JSON writes a float without a fraction as an integer, which is what is read back.
fn whole(float: f64) -> Value {
    if float.fract() == 0.0 && float.abs() < 9e18 {
        Value::Int(float as i64)
    } else {
        Value::Float(float)
    }
}

fn go_infinity(float: f64) -> &'static str {
    if float.is_nan() {
        "NaN"
    } else if float > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    }
}

/// A key as text. Source: sigs.k8s.io/yaml convertToJSONableObject.
fn key(node: &Node) -> Result<Arc<str>, YamlError> {
    let fail = |message: String| YamlError { message, span: node.written_span() };
    if node.as_scalar().is_none() {
        return Err(fail(format!("yaml: invalid map key: {}", go_syntax(node))));
    }
    match scalars::resolve(node) {
        Some(Ok(Scalar::Text(_) | Scalar::Timestamp(_))) => {
            let scalar = node.as_scalar();
            Ok(scalar.map_or_else(|| "".into(), |scalar| scalar.text.clone()))
        }
        Some(Ok(Scalar::Int(int))) => Ok(int.to_string().into()),
        Some(Ok(Scalar::Uint(int))) => Ok(int.to_string().into()),
        Some(Ok(Scalar::Bool(bool))) => Ok(if bool { "true" } else { "false" }.into()),
        Some(Ok(Scalar::Float(float))) => Ok(json::json_float(float).into()),
        _ => Err(fail("unsupported map key of type: <nil>".to_owned())),
    }
}

/// Go's `%#v` of a tree: `map[interface {}]interface {}{"a":interface {}(nil)}`.
fn go_syntax(node: &Node) -> String {
    match &node.kind {
        Kind::Mapping(mapping) => {
            let mut entries: Vec<String> = mapping
                .iter()
                .map(|entry| format!("{}:{}", go_syntax(&entry.key), go_syntax(&entry.value)))
                .collect();
            entries.index_sort();
            format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
        }
        Kind::Sequence(sequence) => {
            let items: Vec<String> = sequence.items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Kind::Scalar(_) => match scalars::resolve(node) {
            Some(Ok(Scalar::Text(text))) => go::quote::quote(&text),
            Some(Ok(Scalar::Timestamp(text))) => go::quote::quote(text),
            Some(Ok(Scalar::Bool(bool))) => bool.to_string(),
            Some(Ok(Scalar::Int(int))) => int.to_string(),
            Some(Ok(Scalar::Uint(int))) => format!("{int:#x}"),
            Some(Ok(Scalar::Float(float))) => json::json_float(float),
            _ => "interface {}(nil)".to_owned(),
        },
    }
}

/// The tree that stands for an object, without places. Texts are shared with the object.
pub fn to_node(value: &Value) -> Node {
    let scalar = |text: Arc<str>, style| Kind::Scalar(yaml::Scalar { text, style });
    let plain = |text: String| scalar(text.into(), ScalarStyle::Plain);
    let (mut weight, mut height) = (1, 0);
    let mut child = |value: &Value| {
        let node = to_node(value);
        weight += node.weight;
        height = height.max(node.height + 1);
        node
    };
    let kind = match value {
        Value::Null => plain("null".to_owned()),
        Value::Bool(bool) => plain(bool.to_string()),
        Value::Int(int) => plain(int.to_string()),
        Value::Float(float) => plain(json::json_float(*float)),
        Value::String(text) => scalar(text.clone(), ScalarStyle::Double),
        Value::List(items) => Kind::Sequence(Arc::new(Sequence {
            style: Collection::Flow,
            items: items.iter().map(child).collect(),
        })),
        Value::Map(map) => {
            let entry = |(key, value): (&Arc<str>, &Value)| Entry {
                key: leaf(scalar(key.clone(), ScalarStyle::Double)),
                value: child(value),
            };
            let entries: Vec<Entry> = map.iter().map(entry).collect();
            weight += u32::try_from(entries.len()).unwrap_or(u32::MAX);
            Kind::Mapping(Arc::new(Mapping {
                style: Collection::Flow,
                entries,
                merged: Vec::new(),
            }))
        }
    };
    Node { weight, height, ..leaf(kind) }
}

/// A node without children.
fn leaf(kind: Kind) -> Node {
    let span = Span::default();
    Node { span, kind, tag: None, anchor: None, alias: None, weight: 1, height: 0 }
}

/// The object as `kubectl get -o yaml` prints it.
pub fn to_yaml(value: &Value) -> String {
    let mut printer = Printer::new();
    print(&mut printer, value);
    printer.finish()
}

fn print(printer: &mut Printer, value: &Value) {
    match value {
        Value::Null => printer.raw("null"),
        Value::Bool(bool) => printer.raw(if *bool { "true" } else { "false" }),
        Value::Int(int) => printer.raw(&int.to_string()),
        Value::Float(float) => printer.raw(&json::json_float(*float)),
        Value::String(text) => printer.string(text),
        Value::List(list) => {
            printer.begin_list();
            for item in list.iter() {
                printer.item();
                print(printer, item);
            }
            printer.end();
        }
        Value::Map(map) => {
            printer.begin_map();
            for (key, value) in map.iter() {
                printer.key(key);
                print(printer, value);
            }
            printer.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::to_json;
    use text::FileId;

    fn read(text: &str) -> Result<String, String> {
        let parsed = yaml::parse(FileId(0), text);
        let root = parsed.root().expect("there is a document");
        from_yaml(root).map(|value| to_json(&value)).map_err(|error| error.message)
    }

    #[test]
    fn yaml_becomes_json() {
        for (text, json) in [
            (
                "{b: yes, a: off, c: 0644, d: 1_000}",
                "{\"a\":false,\"b\":true,\"c\":420,\"d\":1000}",
            ),
            ("{a: 1:30, b: 2024-05-01, c: 1.0}", "{\"a\":\"1:30\",\"b\":\"2024-05-01\",\"c\":1}"),
            ("{1: a, true: b}", "{\"1\":\"a\",\"true\":\"b\"}"),
            ("a: ~\nb:\n", "{\"a\":null,\"b\":null}"),
            (
                "x: &a {k: v}\nz:\n  <<: *a\n  z: 1\n",
                "{\"x\":{\"k\":\"v\"},\"z\":{\"k\":\"v\",\"z\":1}}",
            ),
            ("a: 1\nb: 2\na: 3\n", "{\"a\":3,\"b\":2}"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(json), "{text}");
        }
    }

    #[test]
    fn what_json_cannot_hold_is_refused() {
        for (text, message) in [
            ("a: .inf", "json: unsupported value: +Inf"),
            (
                "a: {{ b }}",
                "yaml: invalid map key: map[interface {}]interface {}{\"b\":interface {}(nil)}",
            ),
        ] {
            assert_eq!(read(text).as_ref().map_err(String::as_str), Err(message), "{text}");
        }
    }

    #[test]
    fn objects_are_printed_with_sorted_keys() {
        let parsed = yaml::parse(FileId(0), "{b: [1, {c: 'yes', a: ''}], a: {}, l: \"x\\ny\\n\"}");
        let value = from_yaml(parsed.root().unwrap()).unwrap();
        assert_eq!(to_yaml(&value), "a: {}\nb:\n- 1\n- a: \"\"\n  c: \"yes\"\nl: |\n  x\n  y\n");
    }
}
