//! Changes of objects: what a patch says, and what an object is after it.
//!
//! | file | holds |
//! | --- | --- |
//! | `diff` | the strategic merge patch that leads from one object to another |
//! | `apply` | the object after a strategic merge patch |
//! | `json_patch` | JSON merge patches, for custom resources |
//! | `operations` | JSON patches: lists of operations |
//! | `managed` | server-side apply: who manages which field |
//!
//! Source: apimachinery pkg/util/strategicpatch, pkg/util/jsonmergepatch.

mod apply;
mod diff;
mod json_patch;
pub mod managed;
mod operations;
pub mod typed;

pub use apply::{Options, merge_map, strategic_merge};
pub use diff::{three_way_patch, two_way_patch};
pub use json_patch::{merge_patch, three_way_merge_patch};
pub use operations::{PatchError, json_patch};

use crate::object::{Value, go_value};
use crate::types::{Patch, Type, TypeId, types};

pub(crate) const DIRECTIVE: &str = "$patch";
pub(crate) const RETAIN_KEYS: &str = "$retainKeys";
pub(crate) const DELETE_FROM: &str = "$deleteFromPrimitiveList/";
pub(crate) const SET_ORDER: &str = "$setElementOrder/";

/// The type at a place of an object; None where fields have no type.
pub type Schema = Option<TypeId>;

/// The schema below a key, and how a patch treats it.
pub(crate) fn lookup(schema: Schema, key: &str) -> (Schema, Patch) {
    let Some(field) = schema.and_then(|id| types().get(id).field(key)) else {
        return (None, Patch::default());
    };
    let mut ty = &field.ty;
    while let Type::List(item) | Type::Map(item) = ty {
        ty = item;
    }
    let below = match ty {
        Type::Struct(id) => Some(*id),
        _ => None,
    };
    (below, field.patch)
}

/// A value as a text to compare and sort by.
pub(crate) fn shown(value: &Value) -> String {
    go_value(value)
}

/// Sorts as Go's insertion sort does with a comparison that also holds for equal items: equal ones
/// change places.
pub(crate) fn go_sort<T>(items: &mut [T], key: impl Fn(&T) -> String) {
    let mut keys: Vec<String> = items.iter().map(&key).collect();
    for at in 1..items.len() {
        let mut place = at;
        while place > 0 && keys[place] <= keys[place - 1] {
            items.swap(place, place - 1);
            keys.swap(place, place - 1);
            place -= 1;
        }
    }
}

/// Drops items that stand twice; the last item takes the place of each, as in Go.
pub(crate) fn deduplicate(mut items: Vec<Value>) -> Vec<Value> {
    let mut at = 0;
    while at < items.len() {
        let mut other = at + 1;
        while other < items.len() {
            if items[at] == items[other] {
                items.swap_remove(other);
            } else {
                other += 1;
            }
        }
        at += 1;
    }
    items
}

/// The place of an item in a list, by its merge key, or by itself if there is none.
pub(crate) fn index_of(list: &[Value], item: &Value, merge_key: &str) -> Option<usize> {
    let by = |value: &Value| match merge_key {
        "" => value.clone(),
        key => value[key].clone(),
    };
    let wanted = by(item);
    list.iter().position(|one| by(one) == wanted)
}

/// Sorts items in the order of another list; those to be deleted go to the end.
pub(crate) fn normalize_order(items: Vec<Value>, order: &[Value], merge_key: &str) -> Vec<Value> {
    let (deleted, mut kept): (Vec<Value>, Vec<Value>) =
        items.into_iter().partition(|item| item[DIRECTIVE].as_str() == Some("delete"));
    let mut places: Vec<Option<usize>> =
        kept.iter().map(|item| index_of(order, item, merge_key)).collect();
    for at in 1..kept.len() {
        let mut place = at;
        while place > 0 {
            let before = match (places[place], places[place - 1]) {
                (Some(one), Some(other)) => one < other,
                _ => true,
            };
            if !before {
                break;
            }
            kept.swap(place, place - 1);
            places.swap(place, place - 1);
            place -= 1;
        }
    }
    kept.extend(deleted);
    kept
}

#[cfg(test)]
mod tests;
