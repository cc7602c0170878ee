//! Namespaces.
//!
//! Source: pkg/registry/core/namespace/strategy.go.

use super::{KIND, Kind, keep_status};
use crate::object::Value;
use crate::validation::{Path, meta, names};

pub const NAMESPACE: Kind = Kind {
    kind: "Namespace",
    columns: crate::columns::NAMESPACE,
    plural: "namespaces",
    short_names: &["ns"],
    namespaced: false,
    name_form: names::dns1123_label,
    description: "A space for names of objects.",
    defaults: |object| {
        // The label with the name is always there.
        let name = object["metadata"]["name"].clone();
        if !name.is_null() {
            object.entry_at(&["metadata", "labels"]).set("kubernetes.io/metadata.name", name);
        }
    },
    prepare_create: |object| {
        let mut status = Value::map();
        status.set("phase", "Active");
        object.set("status", status);
        let finalizers = object.entry("spec").entry("finalizers").list_mut();
        if !finalizers.iter().any(|one| one.as_str() == Some("kubernetes")) {
            finalizers.push("kubernetes".into());
        }
    },
    validate_create: |errors, object| {
        let path = Path::new("spec");
        let at = path.child("finalizers");
        for name in object["spec"].list("finalizers").iter().filter_map(Value::as_str) {
            errors.invalid_each(&at, name, names::qualified_name(name));
            if !meta::is_known_finalizer(name) {
                errors.invalid(&at, name, meta::UNKNOWN_FINALIZER);
            }
        }
    },
    prepare_update: |new, old| {
        keep_status(new, old);
        new.set("spec", old["spec"].clone());
    },
    ..KIND
};
