//! From JSON to a stored object: what Go's decoder takes, refuses and drops.
//!
//! A decoded object has the form in which the API server writes it: fields with a zero value are
//! left out where Go leaves them out, structs that are always written are there, quantities are
//! canonical. Errors have Go's words; only the first type error counts, unknown fields all do.
//!
//! Source: sigs.k8s.io/json, encoding/json decode.go, apimachinery DefaultUnstructuredConverter.

use std::sync::Arc;

use crate::object::{Map, Value, quantity};
use crate::types::{Field, Type, TypeId, types};

/// The decoder whose errors are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// JSON of a created object: `json: cannot unmarshal …`.
    Json,
    /// An object after a patch: `cannot convert int64 to string`.
    Unstructured,
}

/// The result of decoding.
#[derive(Debug, Default)]
pub struct Decoded {
    pub value: Value,
    /// Unknown fields in order: `unknown field "spec.replica"`.
    pub unknown: Vec<String>,
}

/// Decodes a value as a struct. The error is that of the decoder, without `strict decoding error`.
pub fn decode(id: TypeId, value: &Value, mode: Mode) -> Result<Decoded, String> {
    let mut decoder = Decoder { mode, first: None, unknown: Vec::new(), path: String::new() };
    let decoded = decoder.structure(id, value, &DecoderPath { owner: "", path: None, key: "" })?;
    match decoder.first {
        Some(error) => Err(error),
        None => Ok(Decoded { value: decoded, unknown: decoder.unknown }),
    }
}

/// Decodes a value that stands at a field of a struct which the table does not have, only to see
/// whether it decodes. Unknown fields are no error.
pub fn decode_field(
    id: TypeId,
    owner: &'static str,
    key: &str,
    value: &Value,
    mode: Mode,
) -> Result<(), String> {
    let mut decoder = Decoder { mode, first: None, unknown: Vec::new(), path: String::new() };
    decoder.structure(id, value, &DecoderPath { owner, path: None, key })?;
    decoder.first.map_or(Ok(()), Err)
}

struct Decoder {
    mode: Mode,
    /// The first type error; decoding continues after it.
    first: Option<String>,
    unknown: Vec<String>,
    /// Path with indices, for unknown fields.
    path: String,
}

/// The position of Go's decoder: the innermost struct, and the path of field names without indices.
struct DecoderPath<'a> {
    owner: &'static str,
    path: Option<&'a DecoderPath<'a>>,
    key: &'a str,
}

impl DecoderPath<'_> {
    fn write(&self, out: &mut String) {
        if let Some(above) = self.path {
            above.write(out);
        }
        if !self.key.is_empty() {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(self.key);
        }
    }
}

impl Decoder {
    fn structure(
        &mut self,
        id: TypeId,
        value: &Value,
        place: &DecoderPath<'_>,
    ) -> Result<Value, String> {
        let ty = types().get(id);
        let map = match value {
            Value::Map(map) => map,
            Value::Null => return Ok(empty_struct(id)),
            other => {
                self.mismatch(other, &ty.go_name(), place);
                return Ok(empty_struct(id));
            }
        };
        let mut out = Map::new();
        let mut fields = ty.fields.iter().peekable();
        for (key, value) in map.iter() {
            while let Some(missing) = fields.next_if(|field| field.key < &**key) {
                fill(&mut out, missing);
            }
            let before = self.path.len();
            if before > 0 {
                self.path.push('.');
            }
            self.path.push_str(key);
            match fields.next_if(|field| field.key == &**key) {
                Some(field) => {
                    let place =
                        DecoderPath { owner: ty.short_name(), path: Some(place), key: field.key };
                    let decoded = self.field(field, value, &place)?;
                    put(&mut out, field, key, decoded);
                }
                None => self.unknown.push(format!("unknown field \"{}\"", self.path)),
            }
            self.path.truncate(before);
        }
        for missing in fields {
            fill(&mut out, missing);
        }
        Ok(out.into())
    }

    fn field(
        &mut self,
        field: &Field,
        value: &Value,
        place: &DecoderPath<'_>,
    ) -> Result<Value, String> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        let go = if field.go.is_empty() { None } else { Some(field.go) };
        self.value(&field.ty, go, value, place)
    }

    fn value(
        &mut self,
        ty: &Type,
        go: Option<&str>,
        value: &Value,
        place: &DecoderPath<'_>,
    ) -> Result<Value, String> {
        match (ty, value) {
            (_, Value::Null) => Ok(zero(ty)),
            (Type::Any, _)
            | (Type::String, Value::String(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Int64, Value::Int(_))
            | (Type::Float, Value::Int(_) | Value::Float(_)) => Ok(value.clone()),
            (Type::Int32, Value::Int(int)) if i32::try_from(*int).is_ok() => Ok(value.clone()),
            (Type::Struct(id), _) => self.structure(*id, value, place),
            (Type::List(item), Value::List(list)) => {
                let go = go.map(|go| item.go_item(go));
                self.list(item, go.as_deref(), list, place)
            }
            (Type::Map(item), Value::Map(map)) => {
                let go = go.and_then(|go| go.strip_prefix("map[string]"));
                self.mapping(item, go, map, place)
            }
            (Type::Quantity, _) => quantity_value(value),
            (Type::IntOrString, _) => int_or_string(value),
            (Type::Time, _) => time_value(value),
            (Type::Bytes, Value::String(text)) => self.bytes(text, value),
            _ => {
                let go = go.map_or_else(|| ty.go(), str::to_owned);
                self.mismatch(value, &go, place);
                Ok(zero(ty))
            }
        }
    }

    fn list(
        &mut self,
        item: &Type,
        go: Option<&str>,
        list: &[Value],
        place: &DecoderPath<'_>,
    ) -> Result<Value, String> {
        let mut out = Vec::with_capacity(list.len());
        let before = self.path.len();
        for (number, value) in list.iter().enumerate() {
            use std::fmt::Write as _;
            let _ = write!(self.path, "[{number}]");
            out.push(self.value(item, go, value, place)?);
            self.path.truncate(before);
        }
        Ok(out.into())
    }

    fn mapping(
        &mut self,
        item: &Type,
        go: Option<&str>,
        map: &Map,
        place: &DecoderPath<'_>,
    ) -> Result<Value, String> {
        let mut out = Map::new();
        let before = self.path.len();
        for (key, value) in map.iter() {
            self.path.push('.');
            self.path.push_str(key);
            out.insert(Arc::clone(key), self.value(item, go, value, place)?);
            self.path.truncate(before);
        }
        Ok(out.into())
    }

    /// Base64, which is checked and kept as it is written.
    fn bytes(&mut self, text: &str, value: &Value) -> Result<Value, String> {
        if let Err(at) = go::base64::decode(text) {
            self.first.get_or_insert(format!("illegal base64 data at input byte {at}"));
        }
        Ok(value.clone())
    }

    fn mismatch(&mut self, value: &Value, go: &str, place: &DecoderPath<'_>) {
        if self.first.is_some() {
            return;
        }
        let message = match self.mode {
            Mode::Json => json_mismatch(value, go, place),
            Mode::Unstructured => unstructured_mismatch(value, go),
        };
        self.first = Some(message);
    }
}

fn json_mismatch(value: &Value, go: &str, place: &DecoderPath<'_>) -> String {
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::List(_) => "array".to_owned(),
        Value::Map(_) => "object".to_owned(),
        // A number of the wrong kind is named, one where no number belongs is not.
        Value::Int(int) if go.starts_with("int") => format!("number {int}"),
        Value::Float(float) if go.starts_with("int") => {
            format!("number {}", crate::object::json::json_float(*float))
        }
        Value::Int(_) | Value::Float(_) => "number".to_owned(),
    };
    if place.owner.is_empty() {
        return format!("json: cannot unmarshal {found} into Go value of type {go}");
    }
    let mut path = String::new();
    place.write(&mut path);
    format!(
        "json: cannot unmarshal {found} into Go struct field {}.{path} of type {go}",
        place.owner
    )
}

fn unstructured_mismatch(value: &Value, go: &str) -> String {
    let found = match value {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
    };
    let kind = match value {
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "slice",
        Value::Map(_) => "map",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Null => "invalid",
    };
    if go.starts_with("[]") {
        format!("cannot restore slice from {kind}")
    } else if go.starts_with("map[") {
        format!("cannot restore map from {kind}")
    } else if matches!(go, "string" | "bool" | "int32" | "int64" | "float64")
        || !go.contains('.')
        || !matches!(value, Value::Map(_)) && is_scalar(go)
    {
        format!("cannot convert {found} to {go}")
    } else {
        format!("cannot restore struct from: {kind}")
    }
}

/// A named type that is no struct.
fn is_scalar(go: &str) -> bool {
    let types = types();
    let name = go.rsplit('.').next().unwrap_or(go);
    !["core", "apps", "batch", "networking", "rbac", "policy", "storage"]
        .iter()
        .any(|group| types.named(&format!("io.k8s.api.{group}.v1.{name}")).is_some())
}

fn quantity_value(value: &Value) -> Result<Value, String> {
    let text = match value {
        Value::String(text) => Arc::clone(text),
        Value::Int(int) => int.to_string().into(),
        Value::Float(float) => crate::object::json::json_float(*float).into(),
        other => crate::object::to_json(other).into(),
    };
    match quantity::canonical(&text) {
        Some(canonical) if canonical == *text => Ok(Value::String(text)),
        Some(canonical) => Ok(canonical.into()),
        None => Err(quantity::FORMAT_ERROR.to_owned()),
    }
}

fn int_or_string(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(_) => Ok(value.clone()),
        Value::Int(int) if i32::try_from(*int).is_ok() => Ok(value.clone()),
        other => {
            let place = DecoderPath { owner: "", path: None, key: "" };
            Err(json_mismatch(other, "int32", &place))
        }
    }
}

fn time_value(value: &Value) -> Result<Value, String> {
    match value {
        Value::String(text) if go::rfc3339::parse(text).is_some() => Ok(value.clone()),
        Value::String(text) => {
            let quoted = go::quote::quote(text);
            Err(format!(
                "parsing time {quoted} as \"2006-01-02T15:04:05Z07:00\": cannot parse {quoted} as \"2006\""
            ))
        }
        other => {
            let place = DecoderPath { owner: "", path: None, key: "" };
            Err(json_mismatch(other, "string", &place))
        }
    }
}

/// The zero value of an item: what null in a list or a mapping becomes.
fn zero(ty: &Type) -> Value {
    match ty {
        Type::String => "".into(),
        Type::Bool => Value::Bool(false),
        Type::Int32 | Type::Int64 => Value::Int(0),
        Type::Quantity => "0".into(),
        Type::Struct(id) => empty_struct(*id),
        _ => Value::Null,
    }
}

/// A struct with nothing set: only fields that are always written.
pub fn empty_struct(id: TypeId) -> Value {
    let mut out = Map::new();
    for field in &types().get(id).fields {
        fill(&mut out, field);
    }
    out.into()
}

/// Writes a field that is not in the input, if Go writes it.
fn fill(out: &mut Map, field: &Field) {
    if field.pointer && field.omit_empty {
        return;
    }
    if let Some(value) = always_written(field) {
        out.insert(field.key, value);
    }
}

/// Returns the value that Go writes for an unset field. None if it omits the field.
fn always_written(field: &Field) -> Option<Value> {
    match &field.ty {
        _ if field.pointer => (!field.omit_empty).then_some(Value::Null),
        // `omitempty` leaves no struct out. Metadata is written by the server anyway.
        Type::Struct(id) => Some(empty_struct(*id)),
        Type::IntOrString => Some(Value::Int(0)),
        Type::Quantity => Some("0".into()),
        _ if field.omit_empty => None,
        Type::String => Some("".into()),
        Type::Bool => Some(Value::Bool(false)),
        Type::Int32 | Type::Int64 => Some(Value::Int(0)),
        _ => Some(Value::Null),
    }
}

/// Puts a decoded field, unless Go would not write it.
fn put(out: &mut Map, field: &Field, key: &Arc<str>, value: Value) {
    if value.is_null() {
        return fill(out, field);
    }
    let zero = match &value {
        Value::String(text) => text.is_empty(),
        Value::Int(int) => *int == 0 && !matches!(field.ty, Type::IntOrString),
        Value::Bool(bool) => !bool,
        _ => false,
    };
    let empty = match &value {
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty() && matches!(field.ty, Type::Map(_)),
        _ => false,
    };
    // Storage does not tell an empty list or mapping from none.
    if empty && !field.pointer || zero && field.omit_empty && !field.pointer {
        return fill(out, field);
    }
    out.insert(Arc::clone(key), value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{parse_json, to_json};

    fn read(kind: (&str, &str), json: &str, mode: Mode) -> Result<(String, Vec<String>), String> {
        let id = types().kind(kind.0, kind.1).expect("the kind is there");
        let decoded = decode(id, &parse_json(json).expect("it is JSON"), mode)?;
        Ok((to_json(&decoded.value), decoded.unknown))
    }

    #[test]
    fn a_time_that_is_none_is_quoted_as_go_quotes() {
        let quoted = r#""soon\x7f""#;
        assert_eq!(
            time_value(&Value::from("soon\u{7f}")).unwrap_err(),
            format!(
                r#"parsing time {quoted} as "2006-01-02T15:04:05Z07:00": cannot parse {quoted} as "2006""#
            )
        );
    }

    #[test]
    fn type_errors_name_the_innermost_struct() {
        for (kind, json, message) in [
            (
                ("apps/v1", "Deployment"),
                r#"{"spec":{"replicas":"2"}}"#,
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
            ),
            (
                ("apps/v1", "Deployment"),
                r#"{"spec":{"replicas":1.5}}"#,
                "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
            ),
            (
                ("apps/v1", "Deployment"),
                r#"{"spec":{"template":{"spec":{"containers":[{"ports":[80]}]}}}}"#,
                "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.ports of type v1.ContainerPort",
            ),
            (
                ("v1", "Pod"),
                r#"{"spec":{"containers":"a"}}"#,
                "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container",
            ),
            (
                ("v1", "ConfigMap"),
                r#"{"data":{"a":{}}}"#,
                "json: cannot unmarshal object into Go struct field ConfigMap.data of type string",
            ),
            (
                ("v1", "Secret"),
                r#"{"data":{"a":5}}"#,
                "json: cannot unmarshal number into Go struct field Secret.data of type []uint8",
            ),
            (
                ("v1", "Secret"),
                r#"{"data":{"a":"hallo welt"}}"#,
                "illegal base64 data at input byte 5",
            ),
            (
                ("v1", "Service"),
                r#"{"spec":{"type":7}}"#,
                "json: cannot unmarshal number into Go struct field ServiceSpec.spec.type of type v1.ServiceType",
            ),
            (
                ("v1", "Pod"),
                r#"{"spec":{"containers":[{"resources":{"limits":{"cpu":"1 core"}}}]}}"#,
                quantity::FORMAT_ERROR,
            ),
        ] {
            assert_eq!(read(kind, json, Mode::Json), Err(message.to_owned()), "{json}");
        }
        let patched = read(("v1", "ConfigMap"), r#"{"data":{"a":3}}"#, Mode::Unstructured);
        assert_eq!(patched, Err("cannot convert int64 to string".to_owned()));
    }

    #[test]
    fn unknown_fields_are_listed_in_order() {
        let json = r#"{"spec":{"replica":3,"template":{"spec":{"containers":[{"imagePulPolicy":"x","name":"a"}]}}}}"#;
        let (_, unknown) = read(("apps/v1", "Deployment"), json, Mode::Json).expect("it decodes");
        assert_eq!(
            unknown,
            [
                "unknown field \"spec.replica\"",
                "unknown field \"spec.template.spec.containers[0].imagePulPolicy\""
            ]
        );
    }

    #[test]
    fn zero_values_are_dropped_where_go_drops_them() {
        for (kind, json, stored) in [
            (
                ("v1", "ConfigMap"),
                r#"{"data":{},"kind":"ConfigMap"}"#,
                r#"{"kind":"ConfigMap","metadata":{}}"#,
            ),
            (("v1", "ConfigMap"), r#"{"data":{"a":null}}"#, r#"{"data":{"a":""},"metadata":{}}"#),
            (("rbac.authorization.k8s.io/v1", "Role"), r#"{}"#, r#"{"metadata":{},"rules":null}"#),
            (
                ("v1", "Service"),
                r#"{"spec":{"ports":[{"port":80,"nodePort":0}]}}"#,
                r#"{"metadata":{},"spec":{"ports":[{"port":80,"targetPort":0}]},"status":{"loadBalancer":{}}}"#,
            ),
        ] {
            let (found, _) = read(kind, json, Mode::Json).expect("it decodes");
            assert_eq!(found, stored, "{json}");
        }
    }
}
