//! ConfigMaps and Secrets.
//!
//! Source: pkg/apis/core/validation ValidateConfigMap, ValidateSecret.

use super::{KIND, Kind, Update};
use crate::object::{Value, parse_json};
use crate::validation::{Errors, Path, names};

const LIMIT: usize = 1024 * 1024;

pub const CONFIG_MAP: Kind = Kind {
    kind: "ConfigMap",
    columns: crate::columns::CONFIG_MAP,
    plural: "configmaps",
    short_names: &["cm"],
    description: "Files and values that pods can read.",
    validate: config_map,
    validate_update: Update::With(|errors, new, old| {
        immutable(errors, new, old, &["data", "binaryData"]);
        config_map(errors, new);
    }),
    ..KIND
};

pub const SECRET: Kind = Kind {
    kind: "Secret",
    columns: crate::columns::SECRET,
    plural: "secrets",
    description: "Values that are kept apart from the rest, in base64.",
    defaults: |object| {
        // Entries of `stringData` are stored as data and override it.
        if let Some(texts) = object.remove("stringData") {
            for (key, text) in texts.as_map().into_iter().flat_map(|map| map.iter()) {
                let text = text.as_str().unwrap_or_default();
                object.entry("data").set(key, go::base64::encode(text.as_bytes()));
            }
        }
        object.set_default_str("type", "Opaque");
    },
    validate: secret,
    warnings: key_pair,
    validate_update: Update::With(|errors, new, old| {
        errors.immutable(&Path::new("type"), &new["type"], &old["type"]);
        immutable(errors, new, old, &["data"]);
        secret(errors, new);
    }),
    ..KIND
};

/// A warning about a certificate and a key that do not fit.
/// Source: pkg/registry/core/secret/strategy.go warningsForSecret.
fn key_pair(object: &Value) -> Vec<String> {
    if object.str("type") != "kubernetes.io/tls" {
        return Vec::new();
    }
    let text = |key: &str| {
        let bytes = go::base64::decode(object["data"].str(key)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    go::pem::key_pair(&text("tls.crt"), &text("tls.key")).err().into_iter().collect()
}

/// Refuses changes that `immutable: true` forbids.
fn immutable(errors: &mut Errors, new: &Value, old: &Value, keys: &[&str]) {
    const MESSAGE: &str = "field is immutable when `immutable` is set";
    if !old.bool("immutable") {
        return;
    }
    if !new.bool("immutable") {
        errors.forbidden(&Path::new("immutable"), MESSAGE);
    }
    for key in keys {
        if new[*key] != old[*key] {
            errors.forbidden(&Path::new(key), MESSAGE);
        }
    }
}

fn config_map(errors: &mut Errors, object: &Value) {
    let mut size = 0;
    for list in ["data", "binaryData"] {
        let path = Path::new(list);
        for (key, value) in object.entries(list) {
            let at = path.key(key);
            errors.invalid_each(&at, key, names::config_map_key(key));
            if list == "data" && object["binaryData"].get(key).is_some() {
                errors.invalid(&at, &**key, "duplicate of key present in binaryData");
            }
            let text = value.as_str().unwrap_or_default();
            size += if list == "data" { text.len() } else { text.len() / 4 * 3 };
        }
    }
    if size > LIMIT {
        errors.too_long(&Path::new(""), LIMIT);
    }
}

fn secret(errors: &mut Errors, object: &Value) {
    let path = Path::new("data");
    let data = &object["data"];
    let bytes = |key: &str| {
        data.get(key).and_then(Value::as_str).and_then(|text| go::base64::decode(text).ok())
    };
    let mut size = 0;
    for (key, value) in object.entries("data") {
        errors.invalid_each(&path.key(key), key, names::config_map_key(key));
        size += value.as_str().map_or(0, str::len) / 4 * 3;
    }
    if size > LIMIT {
        errors.too_long(&path, LIMIT);
    }
    let has = |key: &str| data.get(key).is_some();
    match object.str("type") {
        "kubernetes.io/service-account-token" => {
            const NAME: &str = "kubernetes.io/service-account.name";
            if object["metadata"]["annotations"].str(NAME).is_empty() {
                let metadata = Path::new("metadata");
                let annotations = metadata.child("annotations");
                errors.required(&annotations.key(NAME), "");
            }
        }
        "kubernetes.io/dockercfg" => docker(errors, bytes(".dockercfg"), ".dockercfg"),
        "kubernetes.io/dockerconfigjson" => {
            docker(errors, bytes(".dockerconfigjson"), ".dockerconfigjson");
        }
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            errors.required(&path.key("username"), "");
            errors.required(&path.key("password"), "");
        }
        "kubernetes.io/ssh-auth" if bytes("ssh-privatekey").unwrap_or_default().is_empty() => {
            errors.required(&path.key("ssh-privatekey"), "");
        }
        "kubernetes.io/tls" => {
            for key in ["tls.crt", "tls.key"] {
                if !has(key) {
                    errors.required(&path.key(key), "");
                }
            }
        }
        _ => {}
    }
}

/// The configuration of a registry's client must be JSON.
fn docker(errors: &mut Errors, bytes: Option<Vec<u8>>, key: &str) {
    let path = Path::new("data");
    let Some(bytes) = bytes else { return errors.required(&path.key(key), "") };
    let text = String::from_utf8_lossy(&bytes);
    let message = match parse_json(&text) {
        Ok(Value::Map(_) | Value::Null) => return,
        Ok(other) => {
            let kind = match other {
                Value::Bool(_) => "bool",
                Value::String(_) => "string",
                Value::List(_) => "array",
                _ => "number",
            };
            format!("json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}")
        }
        Err(_) => go::json::syntax_error(&text).unwrap_or_default(),
    };
    errors.invalid(&path.key(key), "<secret contents redacted>", &message);
}
