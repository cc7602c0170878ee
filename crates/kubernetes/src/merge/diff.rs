//! The strategic merge patch that leads from one object to another.
//!
//! Source: strategicpatch.CreateThreeWayMergePatch.

use super::{
    DELETE_FROM, DIRECTIVE, Options, RETAIN_KEYS, SET_ORDER, Schema, deduplicate, go_sort, lookup,
    merge_map, normalize_order, shown,
};
use crate::object::{Map, Value};

/// The changes that a difference omits.
#[derive(Clone, Copy, Default)]
struct Rules {
    no_deletions: bool,
    no_changes: bool,
    /// The mapping drops keys that the patch does not name.
    retain_keys: bool,
}

/// The patch of `kubectl apply`: what the file changes against the stored object, and what it no
/// longer says against the last one applied.
pub fn three_way_patch(
    original: &Map,
    modified: &Map,
    current: &Map,
    schema: Schema,
) -> Result<Map, String> {
    let additions = Rules { no_deletions: true, ..Rules::default() };
    let mut delta = diff_maps(current, modified, schema, additions)?;
    let deletions = Rules { no_changes: true, ..Rules::default() };
    let mut patch = diff_maps(original, modified, schema, deletions)?;
    merge_map(&mut patch, &mut delta, schema, Options::default())?;
    Ok(patch)
}

/// The patch that leads from one object to another.
pub fn two_way_patch(original: &Map, modified: &Map, schema: Schema) -> Result<Map, String> {
    diff_maps(original, modified, schema, Rules::default())
}

fn same_type(left: &Value, right: &Value) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

fn diff_maps(original: &Map, modified: &Map, schema: Schema, rules: Rules) -> Result<Map, String> {
    let mut patch = Map::new();
    let mut retained: Vec<Value> = Vec::new();
    for (key, value) in modified.iter() {
        if rules.retain_keys && !value.is_null() {
            retained.push(Value::String(key.clone()));
        }
        let Some(before) = original.get(key) else {
            if !rules.no_changes {
                patch.insert(key.clone(), value.clone());
            }
            continue;
        };
        if &**key == DIRECTIVE {
            if before != value {
                patch.insert(key.clone(), value.clone());
            }
            continue;
        }
        match (before, value) {
            (Value::Map(before), Value::Map(after)) => {
                let (below, meta) = lookup(schema, key);
                let rules = Rules { retain_keys: meta.retain_keys, ..rules };
                if meta.replace {
                    if !rules.no_changes {
                        patch.insert(key.clone(), value.clone());
                    }
                    continue;
                }
                let inner = diff_maps(before, after, below, rules)?;
                if !inner.is_empty() {
                    patch.insert(key.clone(), inner.into());
                }
            }
            (Value::List(before), Value::List(after)) => {
                diff_slices(key, before, after, &mut patch, (schema, rules))?;
            }
            _ if !rules.no_changes && (!same_type(before, value) || before != value) => {
                patch.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
    if !rules.no_deletions {
        for key in original.keys().filter(|key| !modified.contains(key)) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    let dropped =
        || original.iter().any(|(key, value)| !value.is_null() && !modified.contains(key));
    if !retained.is_empty() && (!patch.is_empty() || dropped()) {
        go_sort(&mut retained, shown);
        patch.insert(RETAIN_KEYS, retained.into());
    }
    Ok(patch)
}

fn diff_slices(
    key: &str,
    before: &[Value],
    after: &[Value],
    patch: &mut Map,
    (schema, rules): (Schema, Rules),
) -> Result<(), String> {
    let (below, meta) = lookup(schema, key);
    if !meta.merge {
        if !rules.no_changes && before != after {
            patch.insert(key, after.to_vec().into());
        }
        return Ok(());
    }
    let rules = Rules { retain_keys: meta.retain_keys, ..rules };
    let lists = diff_lists(before, after, below, meta.merge_key, rules)?;
    let parts = [
        (key.to_owned(), lists.patch),
        (format!("{DELETE_FROM}{key}"), lists.deleted),
        (format!("{SET_ORDER}{key}"), lists.order),
    ];
    for (key, list) in parts {
        if !list.is_empty() {
            patch.insert(key, list.into());
        }
    }
    Ok(())
}

#[derive(Default)]
struct Lists {
    patch: Vec<Value>,
    deleted: Vec<Value>,
    order: Vec<Value>,
}

fn diff_lists(
    original: &[Value],
    modified: &[Value],
    schema: Schema,
    merge_key: &str,
    rules: Rules,
) -> Result<Lists, String> {
    if original.is_empty() {
        let patch = if rules.no_changes { Vec::new() } else { modified.to_vec() };
        return Ok(Lists { patch, ..Lists::default() });
    }
    let mut items = original.iter().chain(modified);
    let of_maps = items.clone().next().is_some_and(|item| item.as_map().is_some());
    if items.any(|item| item.as_map().is_some() != of_maps) {
        return Err("list element types are not identical".to_owned());
    }
    if of_maps {
        return diff_lists_of_maps(original, modified, schema, merge_key, rules);
    }
    let (added, deleted) = diff_scalars(original, modified, rules);
    let patch = normalize_order(added, modified, "");
    let ordered =
        !rules.no_deletions && !deleted.is_empty() || !rules.no_changes && original != modified;
    let order = if ordered { modified.to_vec() } else { Vec::new() };
    Ok(Lists { patch, deleted, order })
}

fn diff_lists_of_maps(
    original: &[Value],
    modified: &[Value],
    schema: Schema,
    merge_key: &str,
    rules: Rules,
) -> Result<Lists, String> {
    for item in original.iter().chain(modified) {
        if !item.as_map().is_some_and(|map| map.contains(merge_key)) {
            let item = shown(item);
            return Err(format!("map: {item} does not contain declared merge key: {merge_key}"));
        }
    }
    let (changed, deleted) = diff_items(original, modified, schema, merge_key, rules)?;
    let mut patch = normalize_order(changed, modified, merge_key);
    let same_order = original.len() == modified.len()
        && original.iter().zip(modified).all(|(one, other)| one[merge_key] == other[merge_key]);
    patch.extend(deleted);
    let ordered = !rules.no_changes && (!patch.is_empty() || !same_order)
        || !rules.no_deletions && !patch.is_empty();
    let mut order = Vec::new();
    if ordered {
        for item in modified {
            let mut key = Value::map();
            key.set(merge_key, item[merge_key].clone());
            order.push(key);
        }
    }
    Ok(Lists { patch, order, ..Lists::default() })
}

/// Changed items and directives that delete others, side by side in the order of the merge key.
fn diff_items(
    original: &[Value],
    modified: &[Value],
    schema: Schema,
    merge_key: &str,
    rules: Rules,
) -> Result<(Vec<Value>, Vec<Value>), String> {
    let sorted = |list: &[Value]| {
        let mut list = list.to_vec();
        go_sort(&mut list, |item| shown(&item[merge_key]));
        list
    };
    let (original, modified) = (sorted(original), sorted(modified));
    let (mut changed, mut deleted) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < original.len() || j < modified.len() {
        let before = original.get(i).map(|item| shown(&item[merge_key]));
        let after = modified.get(j).map(|item| shown(&item[merge_key]));
        if before.is_some() && before == after {
            let (Some(one), Some(other)) = (original[i].as_map(), modified[j].as_map()) else {
                return Err("list element types are not identical".to_owned());
            };
            let mut inner = diff_maps(one, other, schema, rules)?;
            if !inner.is_empty() {
                inner.insert(merge_key, modified[j][merge_key].clone());
                changed.push(inner.into());
            }
            (i, j) = (i + 1, j + 1);
        } else if before.is_none() || after.is_some() && before > after {
            if !rules.no_changes {
                changed.push(modified[j].clone());
            }
            j += 1;
        } else {
            if !rules.no_deletions {
                let mut directive = Value::map();
                directive.set(merge_key, original[i][merge_key].clone());
                directive.set(DIRECTIVE, "delete");
                deleted.push(directive);
            }
            i += 1;
        }
    }
    Ok((changed, deleted))
}

fn diff_scalars(original: &[Value], modified: &[Value], rules: Rules) -> (Vec<Value>, Vec<Value>) {
    let sorted = |list: &[Value]| {
        let mut list = list.to_vec();
        go_sort(&mut list, shown);
        list
    };
    let (original, modified) = (sorted(original), sorted(modified));
    let (mut added, mut deleted) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < original.len() || j < modified.len() {
        let (before, after) = (original.get(i).map(shown), modified.get(j).map(shown));
        if before.is_some() && before == after {
            (i, j) = (i + 1, j + 1);
        } else if before.is_none() || after.is_some() && before > after {
            if !rules.no_changes {
                added.push(modified[j].clone());
            }
            j += 1;
        } else {
            if !rules.no_deletions {
                deleted.push(original[i].clone());
            }
            i += 1;
        }
    }
    (added, deduplicate(deleted))
}
