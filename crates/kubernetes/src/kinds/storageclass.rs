//! StorageClasses.
//!
//! Source: pkg/apis/storage/validation.

use super::{KIND, Kind, Update};
use crate::object::Value;
use crate::validation::{Errors, Path, names};

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
    validate: class,
    validate_update: Update::With(|errors, new, old| {
        class(errors, new);
        for key in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
            errors.immutable(&Path::new(key), &new[key], &old[key]);
        }
    }),
    ..KIND
};

fn class(errors: &mut Errors, object: &Value) {
    let provisioner = object.str("provisioner");
    let path = Path::new("provisioner");
    if provisioner.is_empty() {
        errors.required(&path, "");
    } else {
        let wrong = names::qualified_name(&provisioner.to_lowercase());
        errors.invalid_each(&path, provisioner, wrong);
    }
    let parameters = Path::new("parameters");
    let mut size = 0;
    for (key, value) in object.entries("parameters") {
        if key.is_empty() {
            errors.invalid(&parameters, &**key, "field can not be empty.");
        }
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > 256 * 1024 {
        errors.too_long(&parameters, 256 * 1024);
    }
    let policy = object.str("reclaimPolicy");
    errors.one_of(&Path::new("reclaimPolicy"), policy, &["Delete", "Retain"]);
    let modes = ["Immediate", "WaitForFirstConsumer"];
    let mode = object.str("volumeBindingMode");
    errors.required_one_of(&Path::new("volumeBindingMode"), mode, &modes);
}
