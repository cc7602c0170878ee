//! The fields of a custom resource as a record for the editor, made of its schema.
//!
//! Records live as long as the program, as those of the table do. Equal schemas share theirs, so that
//! an edit of a definition adds only the records on the way to the place of the edit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use schema::{Allowed, DefaultValue, FIELD, Field, RECORD, Record, Type};

use super::{MAX_DEPTH, kept};
use crate::fields;
use crate::object::{Value, to_json};

/// The record of a kind by the schema of its version.
pub fn record(kind: &str, schema: &Value) -> &'static Record {
    record_at(kind, schema, 0)
}

fn record_at(name: &str, schema: &Value, depth: usize) -> &'static Record {
    static RECORDS: Mutex<Option<HashMap<String, &'static Record>>> = Mutex::new(None);
    let key = format!("{depth} {name} {}", to_json(schema));
    let known = |key: &str| {
        let records = RECORDS.lock().unwrap_or_else(PoisonError::into_inner);
        records.as_ref().and_then(|records| records.get(key).copied())
    };
    if let Some(known) = known(&key) {
        return known;
    }
    let required: Vec<&str> = schema.list("required").iter().filter_map(Value::as_str).collect();
    let mut fields: Vec<Field> = if depth == 0 { common_fields() } else { Vec::new() };
    for (key, property) in schema.entries("properties") {
        if !fields.iter().any(|field| field.key == &**key) {
            fields.push(field(key, property, required.contains(&&**key), depth));
        }
    }
    let record: &'static Record = Box::leak(Box::new(Record {
        name: kept(name),
        doc: kept(schema.str("description")),
        fields: Vec::leak(fields),
        ..RECORD
    }));
    let mut records = RECORDS.lock().unwrap_or_else(PoisonError::into_inner);
    records.get_or_insert_default().insert(key, record);
    record
}

/// The fields that every object has, as a ConfigMap has them.
fn common_fields() -> Vec<Field> {
    let Some(record) = fields::table().kind("v1", "ConfigMap") else { return Vec::new() };
    let common = ["apiVersion", "kind", "metadata"].iter().filter_map(|key| record.field(key));
    common.copied().collect()
}

fn field(key: &str, schema: &Value, required: bool, depth: usize) -> Field {
    let default = match schema.get("default") {
        Some(Value::String(text)) => DefaultValue::Literal(kept(text)),
        Some(value) => DefaultValue::Literal(kept(&to_json(value))),
        None => DefaultValue::None,
    };
    Field {
        key: kept(key),
        ty: type_of(key, schema, depth + 1),
        required,
        default,
        doc: kept(schema.str("description")),
        ..FIELD
    }
}

fn type_of(name: &str, schema: &Value, depth: usize) -> Type {
    const COUNT: Type = Type::Int { min: i64::MIN, max: i64::MAX };
    const INT_OR_STRING: Type = Type::OneOf(&[COUNT, Type::String]);
    let boxed = |ty: Type| -> &'static Type { Box::leak(Box::new(ty)) };
    if depth > MAX_DEPTH {
        return Type::Any;
    }
    if schema.bool("x-kubernetes-int-or-string") {
        return INT_OR_STRING;
    }
    let allowed: Vec<&str> = schema.list("enum").iter().filter_map(Value::as_str).collect();
    let has_properties = !schema["properties"].is_empty();
    match schema.str("type") {
        "string" if !allowed.is_empty() => {
            let allowed = allowed.into_iter().map(|value| Allowed { value: kept(value), doc: "" });
            Type::Enum(Vec::leak(allowed.collect()))
        }
        "string" => Type::String,
        "boolean" => Type::Bool,
        "integer" => COUNT,
        "number" => Type::Float,
        "array" => Type::List(boxed(type_of(name, &schema["items"], depth + 1))),
        "object" if has_properties && !schema.bool("x-kubernetes-preserve-unknown-fields") => {
            Type::Record(record_at(name, schema, depth))
        }
        "object" if schema["additionalProperties"].as_map().is_some() => Type::Map {
            key: &Type::String,
            value: boxed(type_of(name, &schema["additionalProperties"], depth + 1)),
        },
        _ => Type::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn a_schema_gives_the_fields_of_its_kind() {
        let schema = parse_json(
            r#"{"type":"object","properties":{"spec":{"type":"object","required":["size"],"properties":{
                "size":{"type":"integer","description":"Its size.","default":3},
                "mode":{"type":"string","enum":["A","B"]},
                "labels":{"type":"object","additionalProperties":{"type":"string"}},
                "port":{"x-kubernetes-int-or-string":true},
                "parts":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"}}}}}}}}"#,
        );
        let record = record("Top", &schema.unwrap());
        assert!(record.field("metadata").is_some_and(|field| matches!(field.ty, Type::Record(_))));
        let Type::Record(spec) = record.field("spec").unwrap().ty else { panic!("spec") };
        let size = spec.field("size").unwrap();
        assert_eq!((size.required, size.doc, size.default.text()), (true, "Its size.", Some("3")));
        assert!(matches!(spec.field("mode").unwrap().ty, Type::Enum([a, _]) if a.value == "A"));
        assert!(matches!(spec.field("labels").unwrap().ty, Type::Map { value: Type::String, .. }));
        assert!(matches!(spec.field("port").unwrap().ty, Type::OneOf(_)));
        assert!(matches!(spec.field("parts").unwrap().ty, Type::List(Type::Record(_))));
    }

    #[test]
    fn equal_schemas_share_their_records() {
        let schema = |size: &str| {
            parse_json(&format!(
                r#"{{"type":"object","properties":{{"a":{{"type":"object","properties":{{"b":{{"type":"string"}}}}}},"size":{{"type":"{size}"}}}}}}"#
            ))
            .unwrap()
        };
        let (one, same) = (record("T", &schema("integer")), record("T", &schema("integer")));
        assert!(std::ptr::eq(one, same));
        let other = record("T", &schema("string"));
        let part = |record: &'static Record| match record.field("a").unwrap().ty {
            Type::Record(part) => part,
            other => panic!("{other:?}"),
        };
        assert!(!std::ptr::eq(one, other) && std::ptr::eq(part(one), part(other)));
    }
}
