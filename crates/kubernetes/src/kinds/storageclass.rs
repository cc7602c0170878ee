//! StorageClasses.
//!
//! Source: pkg/apis/storage/validation.

use super::{KIND, Kind, Update, warnings};
use crate::object::Value;
use crate::validation::{Errors, Path, meta, names};

pub const STORAGE_CLASS: Kind = Kind {
    group: "storage.k8s.io",
    kind: "StorageClass",
    columns: crate::columns::STORAGE_CLASS,
    plural: "storageclasses",
    short_names: &["sc"],
    namespaced: false,
    description: "How volumes of a class are made.",
    defaults: |object| {
        object.set_default("reclaimPolicy", "Delete");
        object.set_default("volumeBindingMode", "Immediate");
    },
    warnings: old_topologies,
    validate: class,
    validate_update: Update::With(|errors, new, old| {
        class(errors, new);
        for key in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
            errors.immutable(&Path::new(key), &new[key], &old[key]);
        }
    }),
    ..KIND
};

/// The name of a driver.
pub fn provisioner(errors: &mut Errors, name: &str, path: &Path<'_>) {
    if name.is_empty() {
        errors.required(path, "");
    } else {
        errors.invalid_each(path, name, names::qualified_name(&go::case::lower(name)));
    }
}

/// The parameters of a class: their number and their size.
pub fn parameters(errors: &mut Errors, object: &Value, path: &Path<'_>) {
    const MOST: usize = 512;
    const MOST_BYTES: usize = 256 * 1024;
    let (mut count, mut size) = (0, 0);
    for (key, value) in object.entries("parameters") {
        count += 1;
        if key.is_empty() {
            errors.invalid(path, &**key, "field can not be empty.");
        }
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if count > MOST {
        errors.too_long(path, MOST);
    } else if size > MOST_BYTES {
        errors.too_long(path, MOST_BYTES);
    }
}

fn class(errors: &mut Errors, object: &Value) {
    provisioner(errors, object.str("provisioner"), &Path::new("provisioner"));
    parameters(errors, object, &Path::new("parameters"));
    let policy = object.str("reclaimPolicy");
    errors.one_of(&Path::new("reclaimPolicy"), policy, &["Delete", "Retain"]);
    let modes = ["Immediate", "WaitForFirstConsumer"];
    let mode = object.str("volumeBindingMode");
    errors.required_one_of(&Path::new("volumeBindingMode"), mode, &modes);
    topologies(errors, object);
}

/// Warnings about labels of nodes that have other names today.
/// Source: pkg/api/storage GetWarningsForStorageClass.
fn old_topologies(object: &Value) -> Vec<String> {
    let path = Path::new("allowedTopologies");
    let mut found = Vec::new();
    for (number, term) in object.list("allowedTopologies").iter().enumerate() {
        let at = path.index(number);
        let list = at.child("matchLabelExpressions");
        for (number, one) in term.list("matchLabelExpressions").iter().enumerate() {
            if let Some(message) = warnings::node_label(one.str("key")) {
                found.push(format!("{}: {message}", list.index(number).child("key")));
            }
        }
    }
    found
}

/// Topologies in which volumes can be. The paths of their requirements have no index of the term.
/// Source: pkg/apis/storage/validation validateAllowedTopologies.
fn topologies(errors: &mut Errors, object: &Value) {
    let path = Path::new("allowedTopologies");
    let expressions = path.child("matchLabelExpressions");
    let mut seen: Vec<Value> = Vec::new();
    for (number, term) in object.list("allowedTopologies").iter().enumerate() {
        let mut keys = Value::map();
        for (number, one) in term.list("matchLabelExpressions").iter().enumerate() {
            let at = expressions.index(number);
            let values = at.child("values");
            if one.list("values").is_empty() {
                errors.required(&values, "");
            }
            let mut known: Vec<&str> = Vec::new();
            for (number, value) in one.list("values").iter().filter_map(Value::as_str).enumerate() {
                if known.contains(&value) {
                    errors.duplicate(&values.index(number), value);
                } else {
                    known.push(value);
                }
            }
            let key = one.str("key");
            meta::label_name(errors, key, &at.child("key"));
            if keys.has(key) {
                errors.duplicate(&at.child("key"), key);
            }
            known.sort_unstable();
            keys.set(key, &known[..]);
        }
        if seen.contains(&keys) {
            errors.duplicate(&path.index(number).child("matchLabelExpressions"), "");
        }
        seen.push(keys);
    }
}
