//! Object metadata, labels and selectors.
//!
//! Source: apimachinery pkg/api/validation/objectmeta.go, pkg/apis/meta/v1/validation.

use super::{Errors, Path, names};
use crate::object::Value;

const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// The form of a kind's names: what is wrong with one.
pub type NameForm = fn(&str) -> Vec<String>;

/// Metadata of an object that is created or changed.
pub fn object_meta(errors: &mut Errors, meta: &Value, namespaced: bool, form: NameForm) {
    let path = Path::new("metadata");
    let name = meta.str("name");
    if name.is_empty() {
        errors.required(&path.child("name"), "name or generateName is required");
    } else {
        errors.invalid_each(&path.child("name"), name, form(name));
    }
    if namespaced {
        let namespace = meta.str("namespace");
        if namespace.is_empty() {
            errors.required(&path.child("namespace"), "");
        } else {
            let wrong = names::dns1123_label(namespace);
            errors.invalid_each(&path.child("namespace"), namespace, wrong);
        }
    } else if !meta.str("namespace").is_empty() {
        errors.forbidden(&path.child("namespace"), "not allowed on this type");
    }
    common(errors, meta, &path);
    finalizers(errors, meta, &path.child("finalizers"));
}

/// Metadata of an object that is changed, against the stored one.
pub fn object_meta_update(errors: &mut Errors, new: &Value, old: &Value) {
    let path = Path::new("metadata");
    for key in ["name", "namespace", "uid", "creationTimestamp"] {
        errors.immutable(&path.child(key), &new[key], &old[key]);
    }
    common(errors, new, &path);
    kube_finalizers(errors, new, &path.child("finalizers"));
}

fn common(errors: &mut Errors, meta: &Value, path: &Path<'_>) {
    errors.non_negative(&path.child("generation"), meta.int("generation"));
    labels(errors, &meta["labels"], &path.child("labels"));
    annotations(errors, &meta["annotations"], &path.child("annotations"));
    for (number, owner) in meta.list("ownerReferences").iter().enumerate() {
        let references = path.child("ownerReferences");
        let path = references.index(number);
        for key in ["apiVersion", "kind", "name", "uid"] {
            if owner.str(key).is_empty() {
                errors.required(&path.child(key), "must not be empty");
            }
        }
    }
}

fn finalizers(errors: &mut Errors, meta: &Value, path: &Path<'_>) {
    for finalizer in meta.list("finalizers").iter().filter_map(Value::as_str) {
        errors.invalid_each(path, finalizer, names::qualified_name(finalizer));
    }
    kube_finalizers(errors, meta, path);
}

pub const UNKNOWN_FINALIZER: &str =
    "name is neither a standard finalizer name nor is it fully qualified";

/// Returns true for a finalizer of Kubernetes, or one with a domain.
pub fn is_known_finalizer(name: &str) -> bool {
    name.contains('/') || matches!(name, "kubernetes" | "orphan" | "foregroundDeletion")
}

fn kube_finalizers(errors: &mut Errors, meta: &Value, path: &Path<'_>) {
    for (number, finalizer) in meta.list("finalizers").iter().enumerate() {
        let name = finalizer.as_str().unwrap_or_default();
        if !is_known_finalizer(name) {
            errors.invalid(&path.index(number), name, UNKNOWN_FINALIZER);
        }
    }
}

/// A mapping of labels: both keys and values are checked, all at the path of the mapping.
pub fn labels(errors: &mut Errors, labels: &Value, path: &Path<'_>) {
    for (key, value) in labels.as_map().into_iter().flat_map(|map| map.iter()) {
        errors.invalid_each(path, key, names::qualified_name(key));
        let value = value.as_str().unwrap_or_default();
        errors.invalid_each(path, value, names::label_value(value));
    }
}

pub fn label_name(errors: &mut Errors, name: &str, path: &Path<'_>) {
    errors.invalid_each(path, name, names::qualified_name(name));
}

pub fn annotations(errors: &mut Errors, annotations: &Value, path: &Path<'_>) {
    let mut size = 0;
    for (key, value) in annotations.as_map().into_iter().flat_map(|map| map.iter()) {
        errors.invalid_each(path, key, names::qualified_name(&go::case::lower(key)));
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > ANNOTATIONS_LIMIT {
        errors.too_long(path, ANNOTATIONS_LIMIT);
    }
}

/// A label selector.
pub fn label_selector(errors: &mut Errors, selector: &Value, path: &Path<'_>) {
    labels(errors, &selector["matchLabels"], &path.child("matchLabels"));
    for (number, expression) in selector.list("matchExpressions").iter().enumerate() {
        let expressions = path.child("matchExpressions");
        requirement(errors, expression, &expressions.index(number));
    }
}

fn requirement(errors: &mut Errors, requirement: &Value, path: &Path<'_>) {
    let values = requirement.list("values");
    match requirement.str("operator") {
        "In" | "NotIn" if values.is_empty() => {
            let message = "must be specified when `operator` is 'In' or 'NotIn'";
            errors.required(&path.child("values"), message);
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let message = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
            errors.forbidden(&path.child("values"), message);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => errors.invalid(&path.child("operator"), other, "not a valid selector operator"),
    }
    label_name(errors, requirement.str("key"), &path.child("key"));
    for (number, value) in values.iter().filter_map(Value::as_str).enumerate() {
        let values = path.child("values");
        errors.invalid_each(&values.index(number), value, names::label_value(value));
    }
}

/// True if the selector is well formed, so that it can select at all.
pub fn is_valid_selector(selector: &Value) -> bool {
    let mut errors = Errors::default();
    label_selector(&mut errors, selector, &Path::new(""));
    errors.is_empty()
}

/// True if the selector has no requirement.
pub fn is_empty_selector(selector: &Value) -> bool {
    selector["matchLabels"].is_empty() && selector["matchExpressions"].is_empty()
}

/// True if a mapping of labels meets all requirements of a label selector.
pub fn selects(selector: &Value, labels: &Value) -> bool {
    let equal = selector
        .entries("matchLabels")
        .all(|(key, value)| labels.get(key).is_some_and(|found| found == value));
    equal
        && selector.list("matchExpressions").iter().all(|expression| {
            let found = labels.get(expression.str("key"));
            let listed = found.is_some_and(|found| expression.list("values").contains(found));
            match expression.str("operator") {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => found.is_some(),
                "DoesNotExist" => found.is_none(),
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn selectors_select() {
        let labels = parse_json(r#"{"app":"web","tier":"front"}"#).unwrap();
        for (selector, selected) in [
            (r#"{}"#, true),
            (r#"{"matchLabels":{"app":"web"}}"#, true),
            (r#"{"matchLabels":{"app":"db"}}"#, false),
            (r#"{"matchExpressions":[{"key":"app","operator":"In","values":["a","web"]}]}"#, true),
            (r#"{"matchExpressions":[{"key":"x","operator":"NotIn","values":["a"]}]}"#, true),
            (r#"{"matchExpressions":[{"key":"tier","operator":"DoesNotExist"}]}"#, false),
            (r#"{"matchExpressions":[{"key":"tier","operator":"Exists"}]}"#, true),
        ] {
            assert_eq!(selects(&parse_json(selector).unwrap(), &labels), selected, "{selector}");
        }
    }

    #[test]
    fn metadata_is_checked_in_order() {
        let meta =
            parse_json(r#"{"name":"A","namespace":"","labels":{"a b":"c d"},"finalizers":["x"]}"#)
                .unwrap();
        let mut errors = Errors::default();
        object_meta(&mut errors, &meta, true, names::dns1123_subdomain);
        let paths: Vec<&str> = errors.list.iter().map(|error| &*error.path).collect();
        assert_eq!(
            paths,
            [
                "metadata.name",
                "metadata.namespace",
                "metadata.labels",
                "metadata.labels",
                "metadata.finalizers[0]"
            ]
        );
    }
}
