//! The object after a strategic merge patch.
//!
//! Source: strategicpatch.StrategicMergeMapPatch. The patch is changed on the way as in Go: a
//! message of the server prints what is left of it.

use super::{
    DELETE_FROM, DIRECTIVE, RETAIN_KEYS, SET_ORDER, Schema, deduplicate, index_of, lookup,
    normalize_order, shown,
};
use crate::object::{Map, Value};
use crate::types::Patch;

/// The target of a merge: an object, or another patch.
#[derive(Clone, Copy, Default)]
pub struct Options {
    /// Directives are carried out, not kept.
    pub into_object: bool,
}

/// The object after the patch. The patch keeps what Go leaves in it.
pub fn strategic_merge(object: &Map, patch: &mut Map, schema: Schema) -> Result<Map, String> {
    let mut merged = object.clone();
    merge_map(&mut merged, patch, schema, Options { into_object: true })?;
    Ok(merged)
}

/// Merges a patch into an object or into another patch.
pub fn merge_map(
    original: &mut Map,
    patch: &mut Map,
    schema: Schema,
    options: Options,
) -> Result<(), String> {
    if let Some(directive) = patch.get(DIRECTIVE).cloned() {
        return match directive.as_str() {
            Some("replace") => {
                patch.remove(DIRECTIVE);
                *original = patch.clone();
                Ok(())
            }
            Some("delete") => {
                *original = Map::new();
                Ok(())
            }
            _ => {
                let (directive, patch) = (shown(&directive), shown(&patch.clone().into()));
                Err(format!("unknown patch type: {directive} in map: {patch}"))
            }
        };
    }
    retain_keys(original, patch, options)?;
    set_orders(original, patch, schema, options)?;
    let keys: Vec<_> = patch.keys().cloned().collect();
    for key in keys {
        merge_key(original, patch, &key, schema, options)?;
    }
    Ok(())
}

fn merge_key(
    original: &mut Map,
    patch: &mut Map,
    key: &str,
    schema: Schema,
    options: Options,
) -> Result<(), String> {
    let Some(value) = patch.get_mut(key) else { return Ok(()) };
    let deletes = key.starts_with(DELETE_FROM);
    if deletes && !options.into_object {
        original.insert(key, value.clone());
        return Ok(());
    }
    let key = key.strip_prefix(DELETE_FROM).unwrap_or(key);
    if value.is_null() {
        original.remove(key);
        if options.into_object {
            return Ok(());
        }
    }
    let same_type = original
        .get(key)
        .is_some_and(|old| std::mem::discriminant(old) == std::mem::discriminant(&*value));
    if !same_type {
        if !deletes {
            if options.into_object {
                discard_nulls(value);
            }
            put(original, key, value);
        }
        return Ok(());
    }
    let (below, meta) = lookup(schema, key);
    match (original.entry(key), value) {
        (Value::Map(old), Value::Map(new)) => {
            let old = std::sync::Arc::make_mut(old);
            let new = std::sync::Arc::make_mut(new);
            if meta.replace {
                *old = new.clone();
                return Ok(());
            }
            merge_map(old, new, below, options)
        }
        (Value::List(old), Value::List(new)) => {
            let new = std::sync::Arc::make_mut(new);
            let merged = merge_lists(old, new, below, meta, deletes, options)?;
            original.insert(key, merged.into());
            Ok(())
        }
        (_, value) => {
            put(original, key, value);
            Ok(())
        }
    }
}

fn put(original: &mut Map, key: &str, value: &Value) {
    match without_directives(value) {
        Some(value) => {
            original.insert(key, value);
        }
        None => {
            original.remove(key);
        }
    }
}

fn merge_lists(
    original: &[Value],
    patch: &mut [Value],
    schema: Schema,
    meta: Patch,
    deletes: bool,
    options: Options,
) -> Result<Vec<Value>, String> {
    if !meta.merge && !deletes {
        return Ok(patch.to_vec());
    }
    if original.is_empty() && patch.is_empty() {
        return Ok(Vec::new());
    }
    let of_maps =
        original.iter().chain(patch.iter()).next().is_some_and(|item| item.as_map().is_some());
    if !of_maps {
        if options.into_object && deletes {
            return Ok(original.iter().filter(|item| !patch.contains(item)).cloned().collect());
        }
        let merged = deduplicate(original.iter().chain(patch.iter()).cloned().collect());
        return Ok(in_order(merged, patch, original, ""));
    }
    let merge_key = meta.merge_key;
    let (kept, mut rest) = special_items(original, patch, merge_key)?;
    let mut merged = kept.clone();
    for item in &mut rest {
        merge_item(&mut merged, item, schema, merge_key, options)?;
    }
    Ok(in_order(merged, &rest, &kept, merge_key))
}

fn merge_item(
    merged: &mut Vec<Value>,
    item: &mut Value,
    schema: Schema,
    merge_key: &str,
    options: Options,
) -> Result<(), String> {
    if !item.as_map().is_some_and(|map| map.contains(merge_key)) {
        let item = shown(item);
        return Err(format!("map: {item} does not contain declared merge key: {merge_key}"));
    }
    match index_of(merged, item, merge_key).and_then(|at| merged.get_mut(at)) {
        Some(old) => merge_map(old.map_mut(), item.map_mut(), schema, options),
        None => {
            merged.push(item.clone());
            Ok(())
        }
    }
}

/// Carries out the items of a patch that are directives: returns what is left of the list, and
/// the other items of the patch.
fn special_items(
    original: &[Value],
    patch: &[Value],
    merge_key: &str,
) -> Result<(Vec<Value>, Vec<Value>), String> {
    let mut kept = original.to_vec();
    let mut rest = Vec::new();
    let mut replace = false;
    for item in patch {
        match item.get(DIRECTIVE).map(|directive| directive.as_str().unwrap_or_default()) {
            None => rest.push(item.clone()),
            Some("delete") => kept.retain(|one| one[merge_key] != item[merge_key]),
            Some("replace") => replace = true,
            Some(other) => return Err(format!("unknown patch type: {other}")),
        }
    }
    if replace { Ok((rest, Vec::new())) } else { Ok((kept, rest)) }
}

/// Items that the patch names in its order, the others in the server's, merged.
fn in_order(merged: Vec<Value>, patch: &[Value], server: &[Value], merge_key: &str) -> Vec<Value> {
    let (named, own): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| index_of(patch, item, merge_key).is_some());
    let named = normalize_order(named, patch, merge_key);
    let own = normalize_order(own, server, merge_key);
    let (mut named, mut own) = (named.into_iter().peekable(), own.into_iter().peekable());
    let mut out = Vec::new();
    loop {
        let own_first = match (own.peek(), named.peek()) {
            (None, None) => return out,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(left), Some(right)) => {
                match (index_of(server, left, merge_key), index_of(server, right, merge_key)) {
                    (Some(left), Some(right)) => left < right,
                    _ => false,
                }
            }
        };
        out.extend(if own_first { own.next() } else { named.next() });
    }
}

fn retain_keys(original: &mut Map, patch: &mut Map, options: Options) -> Result<(), String> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    if !options.into_object {
        original.insert(RETAIN_KEYS, retained);
        return Ok(());
    }
    let keys = retained.as_list().unwrap_or_default();
    let named = |key: &str| keys.iter().any(|one| one.as_str() == Some(key));
    let is_directive = |key: &str| key.starts_with(DELETE_FROM) || key.starts_with(SET_ORDER);
    if patch.iter().any(|(key, value)| !value.is_null() && !is_directive(key) && !named(key)) {
        return Err("invalid patch format of retainKeys".to_owned());
    }
    original.retain(|key, _| named(key));
    Ok(())
}

/// Lists whose order the patch gives.
fn set_orders(
    original: &mut Map,
    patch: &mut Map,
    schema: Schema,
    options: Options,
) -> Result<(), String> {
    let keys: Vec<_> = patch.keys().filter(|key| key.starts_with(SET_ORDER)).cloned().collect();
    for order_key in keys {
        let Some(order) = patch.remove(&order_key) else { continue };
        if !options.into_object {
            original.insert(order_key.clone(), order.clone());
        }
        let Some(key) = order_key.strip_prefix(SET_ORDER) else { continue };
        let order = order.as_list().unwrap_or_default();
        let (below, meta) = lookup(schema, key);
        let old = original.get(key).and_then(Value::as_list).map(<[Value]>::to_vec);
        let new = patch.remove(key);
        let merged = match (&old, new) {
            (None, None) => continue,
            (Some(old), None) => old.clone(),
            (old, Some(Value::List(mut list))) => {
                let list = std::sync::Arc::make_mut(&mut list);
                match old {
                    Some(old) => merge_lists(old, list, below, meta, false, options)?,
                    None => list.iter().filter_map(without_directives).collect(),
                }
            }
            (_, Some(other)) => {
                patch.insert(key, other);
                continue;
            }
        };
        let server = old.unwrap_or_default();
        original.insert(key, in_order(merged, order, &server, meta.merge_key).into());
    }
    Ok(())
}

/// The value without items and mappings that are directives; None if it is one itself.
fn without_directives(value: &Value) -> Option<Value> {
    match value {
        Value::Map(map) if map.contains(DIRECTIVE) => None,
        Value::Map(map) => {
            let entries = map
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), without_directives(value)?)));
            Some(entries.collect::<Map>().into())
        }
        Value::List(list) => {
            Some(list.iter().filter_map(without_directives).collect::<Vec<_>>().into())
        }
        other => Some(other.clone()),
    }
}

fn discard_nulls(value: &mut Value) {
    match value {
        Value::Map(_) => value.map_mut().retain(|_, value| {
            discard_nulls(value);
            !value.is_null()
        }),
        Value::List(_) => value.list_mut().iter_mut().for_each(discard_nulls),
        _ => {}
    }
}
