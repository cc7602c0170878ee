//! Environment variables and where their values come from.
//!
//! Source: pkg/apis/core/validation ValidateEnv, ValidateEnvFrom.

use super::{no_backsteps, os};
use crate::object::Value;
use crate::validation::{Errors, Path, names, resources};

/// Fields that a variable can take its value from, in the order in which they are listed.
const ENV_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields that a file of the downward API can hold.
pub const VOLUME_FIELDS: &[&str] = &[
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

const RESOURCES: &[&str] = &[
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// The list `env` of a container.
pub fn variables(errors: &mut Errors, container: &Value, path: &Path<'_>) {
    for (number, variable) in container.list("env").iter().enumerate() {
        let at = path.index(number);
        let name = variable.str("name");
        if name.is_empty() {
            errors.required(&at.child("name"), "");
        } else {
            errors.invalid_each(&at.child("name"), name, names::env_name(name));
        }
        if variable.has("valueFrom") {
            value_from(errors, variable, &at.child("valueFrom"));
        }
    }
}

fn value_from(errors: &mut Errors, variable: &Value, path: &Path<'_>) {
    let source = &variable["valueFrom"];
    let mut sources = 0;
    for key in ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] {
        if !source.has(key) {
            continue;
        }
        sources += 1;
        let (value, at) = (&source[key], path.child(key));
        match key {
            "fieldRef" => field_selector(errors, value, ENV_FIELDS, &at),
            "resourceFieldRef" => resource_selector(errors, value, false, &at),
            "fileKeyRef" => file_selector(errors, value, &at),
            _ => key_selector(errors, value, &at),
        }
    }
    if sources == 0 {
        let message = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
        errors.invalid(path, "", message);
    } else if !variable.str("value").is_empty() {
        errors.invalid(path, "", "may not be specified when `value` is not empty");
    } else if sources > 1 {
        errors.invalid(path, "", "may not have more than one field specified at a time");
    }
}

fn key_selector(errors: &mut Errors, selector: &Value, path: &Path<'_>) {
    let (name, key) = (selector.str("name"), selector.str("key"));
    errors.invalid_each(&path.child("name"), name, names::dns1123_subdomain(name));
    if key.is_empty() {
        errors.required(&path.child("key"), "");
    } else {
        errors.invalid_each(&path.child("key"), key, names::config_map_key(key));
    }
}

/// A variable of a file. Source: validateFileKeySelector.
fn file_selector(errors: &mut Errors, selector: &Value, path: &Path<'_>) {
    let at = path.child("key");
    match selector.str("key") {
        "" => errors.required(&at, ""),
        key => errors.invalid_each(&at, key, names::env_name(key)),
    }
    let at = path.child("volumeName");
    match selector.str("volumeName") {
        "" => errors.required(&at, ""),
        name => errors.invalid_each(&at, name, names::dns1123_label(name)),
    }
    let at = path.child("path");
    match selector.str("path") {
        "" => errors.required(&at, ""),
        text => no_backsteps(errors, text, &at),
    }
}

/// The volumes of files with variables are empty directories. Source: validateFileKeyRefVolumes.
pub fn file_volumes(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    for key in os::LISTS {
        let list = path.child(key);
        for (number, container) in spec.list(key).iter().enumerate() {
            let at = list.index(number);
            let variables = at.child("env");
            for (number, variable) in container.list("env").iter().enumerate() {
                let Some(file) = variable["valueFrom"].get("fileKeyRef") else { continue };
                let at = variables.index(number);
                let source = at.child("valueFrom");
                let file_at = source.child("fileKeyRef");
                let at = file_at.child("volumeName");
                let name = file.str("volumeName");
                let mut volumes = spec.list("volumes").iter();
                match volumes.rfind(|volume| volume.str("name") == name) {
                    None => errors.not_found(&at, name, ""),
                    Some(volume) if !volume.has("emptyDir") => {
                        let message = "referenced volume must be of type emptyDir";
                        errors.invalid(&at, name, message);
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

/// A field of the pod: `metadata.labels['app']`.
pub fn field_selector(errors: &mut Errors, selector: &Value, known: &[&str], path: &Path<'_>) {
    let (version, field) = (selector.str("apiVersion"), selector.str("fieldPath"));
    if version.is_empty() {
        return errors.required(&path.child("apiVersion"), "");
    }
    if field.is_empty() {
        return errors.required(&path.child("fieldPath"), "");
    }
    if version != "v1" {
        let message = format!("error converting fieldPath: unsupported pod version: {version}");
        return errors.invalid(&path.child("fieldPath"), field, &message);
    }
    if let Some((head, key)) = field.strip_suffix("']").and_then(|field| field.split_once("['")) {
        return match head {
            "metadata.annotations" => {
                let key = go::case::lower(key);
                errors.invalid_each(path, &key, names::qualified_name(&key));
            }
            "metadata.labels" => errors.invalid_each(path, key, names::qualified_name(key)),
            head => {
                let message = format!(
                    "error converting fieldPath: field label does not support subscript: {head}"
                );
                errors.invalid(&path.child("fieldPath"), field, &message);
            }
        };
    }
    let convertible = ENV_FIELDS.contains(&field)
        || VOLUME_FIELDS.contains(&field)
        || matches!(
            field,
            "spec.restartPolicy" | "spec.schedulerName" | "status.phase" | "spec.host"
        );
    if !convertible {
        let message = format!("error converting fieldPath: field label not supported: {field}");
        return errors.invalid(&path.child("fieldPath"), field, &message);
    }
    errors.one_of(&path.child("fieldPath"), field, known);
}

/// A resource of a container: `limits.memory`.
pub fn resource_selector(errors: &mut Errors, selector: &Value, volume: bool, path: &Path<'_>) {
    let name = selector.str("resource");
    let huge = name.starts_with("requests.hugepages-") || name.starts_with("limits.hugepages-");
    if volume && selector.str("containerName").is_empty() {
        errors.required(&path.child("containerName"), "");
    } else if name.is_empty() {
        errors.required(&path.child("resource"), "");
    } else if !huge {
        errors.one_of(&path.child("resource"), name, RESOURCES);
    }
    divisor(errors, selector, name, &path.child("divisor"));
}

fn divisor(errors: &mut Errors, selector: &Value, name: &str, path: &Path<'_>) {
    const UNITS: &str = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";
    let value = &selector["divisor"];
    if value.is_null() || resources::quantity(value).is_zero() {
        return;
    }
    let text = resources::quantity(value).canonical();
    let text = text.as_str();
    let (allowed, list, what) = match name {
        "limits.cpu" | "requests.cpu" => (matches!(text, "1m" | "1"), "1m and 1", "cpu"),
        "limits.memory" | "requests.memory" => (is_unit(text), UNITS, "memory"),
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => {
            (is_unit(text), UNITS, "local ephemeral storage")
        }
        name if name.contains(".hugepages-") => (is_unit(text), UNITS, "hugepages"),
        _ => return,
    };
    if !allowed {
        let message =
            format!("only divisor's values {list} are supported with the {what} resource");
        errors.invalid(path, name, &message);
    }
}

fn is_unit(text: &str) -> bool {
    const SUFFIXES: &[&str] =
        &["", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    text.strip_prefix('1').is_some_and(|suffix| SUFFIXES.contains(&suffix))
}

/// The list `envFrom` of a container. The path of an error about the number of sources is that of
/// the list.
pub fn sources(errors: &mut Errors, container: &Value, path: &Path<'_>) {
    for (number, source) in container.list("envFrom").iter().enumerate() {
        let at = path.index(number);
        let prefix = source.str("prefix");
        if !prefix.is_empty() {
            errors.invalid_each(&at.child("prefix"), prefix, names::env_name(prefix));
        }
        let mut sources = 0;
        for key in ["configMapRef", "secretRef"] {
            if !source.has(key) {
                continue;
            }
            sources += 1;
            let (name, at) = (source[key].str("name"), at.child(key));
            if name.is_empty() {
                errors.required(&at.child("name"), "");
            } else {
                let wrong = names::dns1123_subdomain(name);
                errors.invalid_each(&at.child("name"), name, wrong);
            }
        }
        if sources == 0 {
            errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
        } else if sources > 1 {
            errors.invalid(path, "", "may not have more than one field specified at a time");
        }
    }
}
