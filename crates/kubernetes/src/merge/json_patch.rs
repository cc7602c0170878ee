//! JSON merge patches: mappings are merged, everything else is replaced, null deletes.
//!
//! Source: RFC 7386, apimachinery pkg/util/jsonmergepatch.

use crate::object::{Map, Value};

/// The object after a merge patch.
pub fn merge_patch(object: &Value, patch: &Value) -> Value {
    let Value::Map(changes) = patch else { return patch.clone() };
    let mut merged = match object {
        Value::Map(map) => (**map).clone(),
        _ => Map::new(),
    };
    for (key, change) in changes.iter() {
        if change.is_null() {
            merged.remove(key);
        } else {
            let before = merged.get(key).cloned().unwrap_or_default();
            merged.insert(key.clone(), merge_patch(&before, change));
        }
    }
    merged.into()
}

/// The merge patch that `kubectl apply` sends for custom resources.
pub fn three_way_merge_patch(original: &Map, modified: &Map, current: &Map) -> Map {
    let mut patch = difference(current, modified);
    keep(&mut patch, &|value| !value.is_null());
    let mut deletions = difference(original, modified);
    keep(&mut deletions, &Value::is_null);
    merge_raw(&mut patch, &deletions);
    patch
}

/// Returns the merge patch that changes one mapping into another.
fn difference(from: &Map, to: &Map) -> Map {
    let mut patch = Map::new();
    for (key, value) in to.iter() {
        match (from.get(key), value) {
            (Some(Value::Map(before)), Value::Map(after)) => {
                let inner = difference(before, after);
                if !inner.is_empty() {
                    patch.insert(key.clone(), inner.into());
                }
            }
            (Some(before), value) if before == value => {}
            _ => {
                patch.insert(key.clone(), value.clone());
            }
        }
    }
    for key in from.keys().filter(|key| !to.contains(key)) {
        patch.insert(key.clone(), Value::Null);
    }
    patch
}

/// Keeps the leaves that a test names; mappings that become empty are dropped.
fn keep(map: &mut Map, test: &impl Fn(&Value) -> bool) {
    map.retain(|_, value| {
        if let Value::Map(_) = value {
            let was_empty = value.is_empty();
            keep(value.map_mut(), test);
            return !value.is_empty() || was_empty && test(value);
        }
        test(value)
    });
}

fn merge_raw(into: &mut Map, from: &Map) {
    for (key, value) in from.iter() {
        match (into.get_mut(key), value) {
            (Some(old @ Value::Map(_)), Value::Map(new)) => merge_raw(old.map_mut(), new),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}
