//! Keys of Secrets and ConfigMaps that custom resources refer to.
//!
//! Source: prometheus-operator pkg/assets.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use go::quote::quote;
use kubernetes::object::Value;

use crate::tree::Field;

/// A check that passed, or the Operator's reason for a refusal.
pub type Checked<T = ()> = Result<T, String>;

/// The objects of the cluster that hold values, and the TLS assets that were asked for.
#[derive(Debug)]
pub struct Store<'a> {
    objects: HashMap<(&'a str, &'a str, &'a str), &'a Value>,
    tls: RefCell<BTreeMap<String, String>>,
}

impl<'a> Store<'a> {
    pub fn new(objects: &'a [Value]) -> Self {
        let held = |kind: &str| matches!(kind, "Secret" | "ConfigMap" | "Service" | "StorageClass");
        let objects = objects
            .iter()
            .filter(|object| held(object.str("kind")))
            .map(|object| {
                let metadata = &object["metadata"];
                ((object.str("kind"), metadata.str("namespace"), metadata.str("name")), object)
            })
            .collect();
        Self { objects, tls: RefCell::default() }
    }

    /// Returns a Secret, ConfigMap, Service or StorageClass.
    pub fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<&'a Value> {
        self.objects.get(&(kind, namespace, name)).copied()
    }

    /// Returns the value of a Secret's key, decoded. Secrets are looked for in the namespace of the
    /// object that refers to them.
    pub fn secret(&self, reference: &Field<'_>) -> Checked<String> {
        let (name, key) = (reference.value.str("name"), reference.value.str("key"));
        self.secret_key(&reference.resource.namespace, name, key)
    }

    /// Returns the value of a Secret's key, decoded.
    pub fn secret_key(&self, namespace: &str, name: &str, key: &str) -> Checked<String> {
        let object = self.object("Secret", namespace, name);
        let object = object.ok_or_else(|| {
            format!("unable to get secret \"{name}\": secrets \"{name}\" not found")
        })?;
        secret_value(object, key)
            .ok_or_else(|| format!("key \"{key}\" in secret \"{name}\" not found"))
    }

    fn config_map(&self, reference: &Field<'_>) -> Checked<String> {
        let (name, key) = (reference.value.str("name"), reference.value.str("key"));
        let object = self.object("ConfigMap", &reference.resource.namespace, name);
        let object = object.ok_or_else(|| {
            format!("unable to get configmap \"{name}\": configmaps \"{name}\" not found")
        })?;
        let value = object["data"][key].as_str().map(str::to_owned);
        value.ok_or_else(|| format!("key \"{key}\" in configmap \"{name}\" not found"))
    }

    /// Returns the value behind `secret` or `configMap`; an empty text behind neither.
    pub fn key(&self, reference: &Field<'_>) -> Checked<String> {
        let (secret, config_map) = (reference.get("secret"), reference.get("configMap"));
        if secret.is_set() {
            self.secret(&secret)
        } else if config_map.is_set() {
            self.config_map(&config_map)
        } else {
            Ok(String::new())
        }
    }

    /// Checks the PEM blocks behind `ca`, `cert` and `keySecret` and notes them as TLS assets.
    /// Source: pkg/assets/tls.go addTLSAssets.
    pub fn add_tls(&self, tls: &Field<'_>) -> Checked {
        let (ca, cert, key) = (tls.get("ca"), tls.get("cert"), tls.get("keySecret"));
        let named = |part: &Field<'_>| shown(part.value);
        let ca_text = self
            .key(&ca)
            .map_err(|reason| format!("failed to get ca {}: {reason}", quote(&named(&ca))))?;
        let cert_text = self
            .key(&cert)
            .map_err(|reason| format!("failed to get cert {}: {reason}", quote(&named(&cert))))?;
        let key_name = format!("{}/{}", key.value.str("name"), key.value.str("key"));
        let key_text = if key.is_set() {
            self.secret(&key).map_err(|reason| format!("failed to get key {key_name}: {reason}"))?
        } else {
            String::new()
        };
        if !ca_text.is_empty() {
            go::pem::certificate(&ca_text)
                .map_err(|reason| format!("ca {}: {reason}", named(&ca)))?;
            self.note(&ca, ca_text);
        }
        if !cert_text.is_empty() && !key_text.is_empty() {
            go::pem::key_pair(&cert_text, &key_text)
                .map_err(|reason| format!("cert {}, key <{key_name}>: {reason}", named(&cert)))?;
            self.note(&cert, cert_text);
            self.note(&key, key_text);
        }
        Ok(())
    }

    fn note(&self, reference: &Field<'_>, text: String) {
        self.tls.borrow_mut().insert(asset_name(reference), text);
    }

    /// The TLS assets that were asked for, by file name.
    pub fn tls_assets(&self) -> BTreeMap<String, String> {
        self.tls.borrow().clone()
    }
}

/// The decoded value of a key of a Secret.
pub fn secret_value(secret: &Value, key: &str) -> Option<String> {
    if let Some(text) = secret["stringData"][key].as_str() {
        return Some(text.to_owned());
    }
    let bytes = go::base64::decode(secret["data"][key].as_str()?).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// A reference as the Operator writes it in messages: `<secret=NAME,key=KEY>`.
pub fn shown(reference: &Value) -> String {
    for (field, word) in [("secret", "secret"), ("configMap", "configmap")] {
        let part = &reference[field];
        if !part.is_null() {
            return format!("<{word}={},key={}>", part.str("name"), part.str("key"));
        }
    }
    "<empty>".to_owned()
}

/// The name of the file that holds a key: `KIND_NAMESPACE_NAME_KEY`. The kind is 0 for a Secret and
/// 1 for a ConfigMap.
pub fn asset_name(reference: &Field<'_>) -> String {
    let (secret, config_map) = (reference.get("secret"), reference.get("configMap"));
    let (kind, part) = match (secret.is_set(), config_map.is_set()) {
        (true, _) => (0, secret),
        (false, true) => (1, config_map),
        (false, false) => (0, reference.clone()),
    };
    let namespace = &part.resource.namespace;
    format!("{kind}_{namespace}_{}_{}", part.value.str("name"), part.value.str("key"))
}
