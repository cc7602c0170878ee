//! Fields of Go structs from YAML, with the messages of Go.
//!
//! Source: sigs.k8s.io/yaml `convertToJSONableObject`, which turns scalars into text where a field
//! is a string, and encoding/json, which continues after a wrong type and reports the first one.

use go::number::format_general;
use go::template::Value;

use crate::values::{self, Numbers};

/// In front of a message of encoding/json.
pub const WHILE: &str = "error unmarshaling JSON: while decoding JSON: ";

/// Reads the first document of a YAML text with integers as integers. The error is that of
/// sigs.k8s.io/yaml.
pub fn yaml(text: &str) -> Result<Value, String> {
    values::read_yaml(text, Numbers::Typed)
        .map_err(|error| format!("error converting YAML to JSON: {error}"))
}

/// The kind of a JSON value as encoding/json names it.
pub fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "null",
        Value::Map(_) => "object",
        Value::List(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        _ => "number",
    }
}

/// Reads values into fields and remembers the first that does not fit.
#[derive(Debug, Default)]
pub struct Decoder {
    error: Option<String>,
}

impl Decoder {
    /// Remembers that a value does not fit the field `place`, written `Struct.path`.
    pub fn mismatch(&mut self, value: &Value, place: &str, go_type: &str) {
        let kind = json_kind(value);
        let place = match place {
            "" => "Go value".to_owned(),
            place => format!("Go struct field {place}"),
        };
        self.error.get_or_insert_with(|| {
            format!("{WHILE}json: cannot unmarshal {kind} into {place} of type {go_type}")
        });
    }

    /// A field of type string.
    pub fn string(&mut self, value: &Value, place: &str) -> String {
        if let Some(text) = scalar_text(value) {
            return text;
        }
        if !matches!(value, Value::Nil) {
            self.mismatch(value, place, "string");
        }
        String::new()
    }

    /// A field of type bool.
    pub fn bool(&mut self, value: &Value, place: &str) -> bool {
        match value {
            Value::Bool(value) => *value,
            Value::Nil => false,
            other => {
                self.mismatch(other, place, "bool");
                false
            }
        }
    }

    /// A field of type []string.
    pub fn strings(&mut self, value: &Value, place: &str) -> Vec<String> {
        self.list(value, place, "[]string", |decoder, item| decoder.string(item, place))
    }

    /// A field that is a slice.
    pub fn list<T>(
        &mut self,
        value: &Value,
        place: &str,
        go_type: &str,
        mut item: impl FnMut(&mut Self, &Value) -> T,
    ) -> Vec<T> {
        match value {
            Value::List(list) => list.items.iter().map(|value| item(self, value)).collect(),
            Value::Nil => Vec::new(),
            other => {
                self.mismatch(other, place, go_type);
                Vec::new()
            }
        }
    }

    /// A field of type map[string]string.
    pub fn string_map(&mut self, value: &Value, place: &str) -> Vec<(String, String)> {
        match value {
            Value::Map(map) => {
                let entries = map.entries();
                entries
                    .iter()
                    .map(|(key, value)| (key.to_string(), self.string(value, place)))
                    .collect()
            }
            Value::Nil => Vec::new(),
            other => {
                self.mismatch(other, place, "map[string]string");
                Vec::new()
            }
        }
    }

    /// The first error.
    pub fn finish(self) -> Result<(), String> {
        self.error.map_or(Ok(()), Err)
    }
}

/// The text of a scalar that stands where a string is expected.
fn scalar_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Float(value) => format_general(*value, None),
        other => match (other.as_signed(), other.as_unsigned()) {
            (Some(number), _) => number.to_string(),
            (_, Some(number)) => number.to_string(),
            _ => return None,
        },
    })
}
