//! Server-side apply: who manages which field, and what applying an object changes.
//!
//! Fields are kept as the API writes them (`fieldsV1`): `f:name` is a field, `k:{"name":"a"}` an
//! item of a list by its keys, `v:1` an item of a set, `.` the item itself.
//!
//! Source: sigs.k8s.io/structured-merge-diff, apimachinery pkg/util/managedfields.

use crate::object::{Map, Value, parse_json, to_json};
use crate::types::{Field, ListType, Type, types};

/// Structs that are one value: no part of them has a manager of its own.
const ATOMIC: &[&str] = &[
    "ConfigMapKeySelector",
    "CrossVersionObjectReference",
    "LabelSelector",
    "LocalObjectReference",
    "NodeSelector",
    "NodeSelectorTerm",
    "ObjectFieldSelector",
    "ObjectReference",
    "ResourceFieldSelector",
    "RoleRef",
    "ScopeSelector",
    "SecretKeySelector",
    "SecretReference",
    "Subject",
    "TopologySelectorTerm",
    "TypedLocalObjectReference",
];

/// Metadata that no one manages.
const UNMANAGED: &[&str] = &[
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "managedFields",
    "selfLink",
];

/// The way in which the fields of a value have owners.
pub(super) enum Shape<'a> {
    /// It is one value.
    Atomic,
    /// By keys; fields have types of their own if the mapping is a struct.
    Map(Option<&'a Type>),
    /// By the keys of its items.
    ListMap(&'a Type, &'a [&'static str]),
    Set,
}

/// The type of a value, and the field that holds it. None where nothing is known, as in custom
/// resources: mappings are divided, lists are not.
#[derive(Clone, Copy, Default)]
pub(super) struct At<'a> {
    pub ty: Option<&'a Type>,
    pub field: Option<&'a Field>,
}

impl<'a> At<'a> {
    pub fn shape(self, value: &Value) -> Shape<'a> {
        match (self.ty, value) {
            (Some(Type::Struct(id)), Value::Map(_)) => {
                if ATOMIC.contains(&types().get(*id).short_name()) {
                    Shape::Atomic
                } else {
                    Shape::Map(self.ty)
                }
            }
            (Some(Type::Map(item)), Value::Map(_)) => {
                // The selector of a Service is one value.
                match self.field {
                    Some(field) if field.key == "selector" => Shape::Atomic,
                    _ => Shape::Map(Some(item)),
                }
            }
            (Some(Type::List(item)), Value::List(_)) => match self.field {
                Some(field) if field.list == ListType::Map => {
                    Shape::ListMap(item, &field.list_keys)
                }
                Some(field) if field.list == ListType::Set => Shape::Set,
                _ => Shape::Atomic,
            },
            (None, Value::Map(_)) => Shape::Map(None),
            _ => Shape::Atomic,
        }
    }

    /// Returns the schema of the value of a key.
    pub fn below(ty: Option<&'a Type>, key: &str) -> Self {
        match ty {
            Some(Type::Struct(id)) => {
                let field = types().get(*id).field(key);
                Self { ty: field.map(|field| &field.ty), field }
            }
            other => Self { ty: other, field: None },
        }
    }
}

fn item_key(item: &Value, keys: &[&str]) -> String {
    let key: Map = keys
        .iter()
        .map(|key| {
            let value = match (*key, &item[*key]) {
                // The key has a default.
                ("protocol", Value::Null) => Value::from("TCP"),
                (_, value) => value.clone(),
            };
            (*key, value)
        })
        .collect();
    format!("k:{}", to_json(&key.into()))
}

/// The fields of an object, given its kind's type.
pub fn fields_of(ty: Option<&Type>, object: &Value) -> Map {
    changed(ty, &Value::Null, object)
}

/// The fields that an object has and an older one has not, or has with another value.
pub fn changed(ty: Option<&Type>, old: &Value, new: &Value) -> Map {
    let mut fields = compare(At { ty, field: None }, old, new).unwrap_or_default();
    for key in ["f:apiVersion", "f:kind", "f:status"] {
        fields.remove(key);
    }
    if let Some(metadata) = fields.get_mut("f:metadata") {
        for key in UNMANAGED {
            metadata.remove(&format!("f:{key}"));
        }
        if metadata.is_empty() {
            fields.remove("f:metadata");
        }
    }
    fields
}

/// Fields that differ; None if nothing does.
fn compare(at: At<'_>, old: &Value, new: &Value) -> Option<Map> {
    if new.is_null() || old == new {
        return None;
    }
    match (at.shape(new), new) {
        (Shape::Map(ty), Value::Map(map)) if !map.is_empty() => {
            let fields = map.iter().filter_map(|(key, value)| {
                let below = compare(At::below(ty, key), &old[&**key], value)?;
                Some((format!("f:{key}"), below.into()))
            });
            let fields: Map = fields.collect();
            (!fields.is_empty()).then_some(fields)
        }
        (Shape::ListMap(item, keys), Value::List(list)) if !list.is_empty() => {
            let before = old.as_list().unwrap_or_default();
            let fields = list.iter().filter_map(|one| {
                let key = item_key(one, keys);
                let other = before.iter().find(|other| item_key(other, keys) == key);
                let at = At { ty: Some(item), field: None };
                let mut below = compare(at, other.unwrap_or(&Value::Null), one)?;
                if other.is_none() {
                    below.insert(".", Value::map());
                }
                Some((key, below.into()))
            });
            let fields: Map = fields.collect();
            (!fields.is_empty()).then_some(fields)
        }
        (Shape::Set, Value::List(list)) => {
            let before = old.as_list().unwrap_or_default();
            let added = list.iter().filter(|one| !before.contains(one));
            let fields: Map =
                added.map(|one| (format!("v:{}", to_json(one)), Value::map())).collect();
            (!fields.is_empty()).then_some(fields)
        }
        _ => Some(Map::new()),
    }
}

/// Fields of both.
pub fn union(left: &Map, right: &Map) -> Map {
    let mut fields = left.clone();
    for (key, below) in right.iter() {
        let merged = match (fields.get(key), below) {
            (Some(Value::Map(own)), Value::Map(below)) => union(own, below).into(),
            _ => below.clone(),
        };
        fields.insert(key.clone(), merged);
    }
    fields
}

/// Fields of the first that the second lacks.
pub fn without(left: &Map, right: &Map) -> Map {
    let mut fields = Map::new();
    for (key, below) in left.iter() {
        match (below, right.get(key)) {
            (Value::Map(own), Some(Value::Map(other))) => {
                let rest = without(own, other);
                if !rest.is_empty() {
                    fields.insert(key.clone(), rest.into());
                }
            }
            (_, Some(_)) => {}
            (below, None) => {
                fields.insert(key.clone(), below.clone());
            }
        }
    }
    fields
}

/// Fields that both have.
pub fn intersection(left: &Map, right: &Map) -> Map {
    let mut fields = Map::new();
    for (key, below) in left.iter() {
        let (Value::Map(own), Some(Value::Map(other))) = (below, right.get(key)) else { continue };
        let common = intersection(own, other);
        if !common.is_empty() || own.is_empty() && other.is_empty() {
            fields.insert(key.clone(), common.into());
        }
    }
    fields
}

/// Paths of fields as messages print them: `.spec.containers[name="a"].image`.
pub fn paths(fields: &Map) -> Vec<String> {
    let mut found = Vec::new();
    collect_paths(fields, "", &mut found);
    found
}

/// The place of an item in a list that has keys: `[name="a"]`.
pub(super) fn item_path(item: &Value, keys: &[&str]) -> String {
    keys_path(item_key(item, keys).trim_start_matches("k:"))
}

fn keys_path(json: &str) -> String {
    let keys = parse_json(json).unwrap_or_default();
    let entries = keys.as_map().into_iter().flat_map(Map::iter);
    let parts: Vec<String> =
        entries.map(|(key, value)| format!("{key}={}", to_json(value))).collect();
    format!("[{}]", parts.join(","))
}

fn collect_paths(fields: &Map, path: &str, found: &mut Vec<String>) {
    if fields.is_empty() {
        found.push(path.to_owned());
    }
    for (key, below) in fields.iter().filter(|(key, _)| &***key != ".") {
        let at = match key.split_once(':') {
            Some(("f", name)) => format!("{path}.{name}"),
            Some(("k", keys)) => format!("{path}{}", keys_path(keys)),
            Some((_, value)) => format!("{path}[={value}]"),
            None => continue,
        };
        if let Some(below) = below.as_map() {
            collect_paths(below, &at, found);
        }
    }
}

/// The live object with the applied one laid over it.
pub fn merge(ty: Option<&Type>, live: &Value, applied: &Value) -> Value {
    merge_at(At { ty, field: None }, live, applied)
}

fn merge_at(at: At<'_>, live: &Value, applied: &Value) -> Value {
    match (at.shape(applied), live, applied) {
        (Shape::Map(ty), Value::Map(_), Value::Map(map)) => {
            let mut merged = live.clone();
            for (key, value) in map.iter() {
                let below = merge_at(At::below(ty, key), &live[&**key], value);
                merged.set(key, below);
            }
            merged
        }
        (Shape::ListMap(item, keys), Value::List(old), Value::List(new)) => {
            let at = At { ty: Some(item), field: None };
            let mut merged = (**old).clone();
            for one in new.iter() {
                let key = item_key(one, keys);
                match merged.iter_mut().find(|other| item_key(other, keys) == key) {
                    Some(known) => *known = merge_at(at, known, one),
                    None => merged.push(one.clone()),
                }
            }
            merged.into()
        }
        (Shape::Set, Value::List(old), Value::List(new)) => {
            let mut merged = (**old).clone();
            merged.extend(new.iter().filter(|one| !old.contains(one)).cloned());
            merged.into()
        }
        _ => applied.clone(),
    }
}

/// Takes fields out of an object. Mappings and lists that become empty go, too.
pub fn remove(object: &mut Value, fields: &Map) {
    for (key, below) in fields.iter() {
        let below = below.as_map().cloned().unwrap_or_default();
        match key.split_once(':') {
            Some(("f", name)) => {
                if below.is_empty() {
                    object.remove(name);
                } else if object.has(name) {
                    let inner = object.entry(name);
                    remove(inner, &below);
                    if inner.is_empty() {
                        object.remove(name);
                    }
                }
            }
            Some(("k", keys)) => {
                let keys = parse_json(keys).unwrap_or_default();
                let matches = |item: &Value| {
                    keys.as_map().into_iter().flat_map(Map::iter).all(|(key, value)| {
                        let found = &item[&**key];
                        found == value || found.is_null() && value.as_str() == Some("TCP")
                    })
                };
                let Value::List(_) = object else { continue };
                let list = object.list_mut();
                if below.contains(".") {
                    list.retain(|item| !matches(item));
                } else if let Some(item) = list.iter_mut().find(|item| matches(item)) {
                    remove(item, &below);
                }
            }
            Some(("v", value)) => {
                let value = parse_json(value).unwrap_or_default();
                if let Value::List(_) = object {
                    object.list_mut().retain(|item| *item != value);
                }
            }
            _ => {}
        }
    }
}

/// A manager of fields, as the metadata lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Manager {
    pub name: String,
    /// `Apply` for server-side apply, `Update` for everything else.
    pub operation: &'static str,
    pub api_version: String,
    pub time: String,
    pub fields: Map,
}

/// The managers of an object.
pub fn managers(object: &Value) -> Vec<Manager> {
    let entries = object["metadata"].list("managedFields").iter();
    entries
        .map(|entry| Manager {
            name: entry.str("manager").to_owned(),
            operation: if entry.str("operation") == "Apply" { "Apply" } else { "Update" },
            api_version: entry.str("apiVersion").to_owned(),
            time: entry.str("time").to_owned(),
            fields: entry["fieldsV1"].as_map().cloned().unwrap_or_default(),
        })
        .collect()
}

/// Writes the managers into an object; those without fields are left out.
pub fn set_managers(object: &mut Value, managers: &[Manager]) {
    let entries = managers.iter().filter(|manager| !manager.fields.is_empty()).map(|manager| {
        let mut entry = Value::map();
        entry.set("apiVersion", &*manager.api_version);
        entry.set("fieldsType", "FieldsV1");
        entry.set("fieldsV1", manager.fields.clone());
        entry.set("manager", &*manager.name);
        entry.set("operation", manager.operation);
        entry.set("time", &*manager.time);
        entry
    });
    let entries: Vec<Value> = entries.collect();
    let metadata = object.entry("metadata");
    if entries.is_empty() {
        metadata.remove("managedFields");
    } else {
        metadata.set("managedFields", entries);
    }
}

impl Manager {
    /// The manager as a conflict names it: without the time, which is no part of its identity.
    fn shown(&self) -> String {
        let name = go::quote::quote(&self.name);
        match self.operation {
            "Update" => format!("{name} using {}", self.api_version),
            _ => name,
        }
    }
}

/// Returns the server's error about fields that others manage. None if there are none.
pub fn conflict_message(conflicts: &[(&Manager, Vec<String>)]) -> Option<String> {
    let count: usize = conflicts.iter().map(|(_, paths)| paths.len()).sum();
    if count == 0 {
        return None;
    }
    if count == 1 {
        let (manager, paths) = conflicts.iter().find(|(_, paths)| !paths.is_empty())?;
        let (manager, path) = (manager.shown(), paths.first()?);
        return Some(format!("Apply failed with 1 conflict: conflict with {manager}: {path}"));
    }
    let mut lines = Vec::new();
    for (manager, paths) in conflicts.iter().filter(|(_, paths)| !paths.is_empty()) {
        lines.push(format!("conflicts with {}:", manager.shown()));
        lines.extend(paths.iter().map(|path| format!("- {path}")));
    }
    Some(format!("Apply failed with {count} conflicts: {}", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(json: &str) -> (Type, Value) {
        let id = types().kind("apps/v1", "Deployment").unwrap();
        (Type::Struct(id), parse_json(json).unwrap())
    }

    #[test]
    fn fields_are_those_of_the_api() {
        let (ty, object) = deployment(
            r#"{"kind":"Deployment","metadata":{"name":"a","labels":{"x":"y"}},"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"containers":[{"name":"c","image":"i","args":["1"],"ports":[{"containerPort":80}]}]}}}}"#,
        );
        let fields = fields_of(Some(&ty), &object);
        assert_eq!(
            to_json(&fields.clone().into()),
            r#"{"f:metadata":{"f:labels":{"f:x":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:args":{},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}}}"#
        );
        assert!(
            paths(&fields).contains(
                &".spec.template.spec.containers[name=\"c\"].ports[containerPort=80,protocol=\"TCP\"].containerPort".to_owned()
            )
        );
    }

    #[test]
    fn applied_objects_are_merged_by_the_keys_of_lists() {
        let (ty, live) = deployment(
            r#"{"spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"a","image":"x","stdin":true},{"name":"b"}]}}}}"#,
        );
        let applied = parse_json(
            r#"{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"y"},{"name":"c"}]}}}}"#,
        )
        .unwrap();
        let mut merged = merge(Some(&ty), &live, &applied);
        assert_eq!(
            to_json(&merged),
            r#"{"spec":{"replicas":1,"template":{"spec":{"containers":[{"image":"y","name":"a","stdin":true},{"name":"b"},{"name":"c"}]}}}}"#
        );
        let gone = without(&fields_of(Some(&ty), &live), &fields_of(Some(&ty), &applied));
        remove(&mut merged, &gone);
        assert_eq!(
            to_json(&merged),
            r#"{"spec":{"template":{"spec":{"containers":[{"image":"y","name":"a"},{"name":"c"}]}}}}"#
        );
    }

    #[test]
    fn conflicts_name_the_other_manager() {
        let manager = Manager {
            name: "kubectl".to_owned(),
            operation: "Update",
            api_version: "apps/v1".to_owned(),
            time: "2026-01-01T00:00:00Z".to_owned(),
            fields: Map::new(),
        };
        let one = [(&manager, vec![".spec.replicas".to_owned()])];
        assert_eq!(
            conflict_message(&one).as_deref(),
            Some(
                "Apply failed with 1 conflict: conflict with \"kubectl\" using apps/v1: .spec.replicas"
            )
        );
        let two = [(&manager, vec![".a".to_owned(), ".b".to_owned()])];
        assert!(conflict_message(&two).is_some_and(|text| text.ends_with(":\n- .a\n- .b")));
        assert_eq!(conflict_message(&[(&manager, Vec::new())]), None);
    }
}
