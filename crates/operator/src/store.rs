//! Keys of Secrets and ConfigMaps that custom resources refer to.

use kubernetes::object::Value;

use crate::tree::{Entries, Field, Tree};

/// A reference that cannot be resolved. The Operator leaves out the whole monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub kind: &'static str,
    pub namespace: String,
    pub name: String,
    pub key: String,
    /// The field that refers to it.
    pub path: String,
}

/// The objects of the cluster that hold values.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a> {
    objects: &'a [Value],
}

impl<'a> Store<'a> {
    pub fn new(objects: &'a [Value]) -> Self {
        Self { objects }
    }

    /// Returns the value of a Secret's key, decoded. Secrets are looked for in the namespace of the
    /// object that refers to them.
    pub fn secret(&self, reference: &Field<'_>) -> Result<String, Missing> {
        self.find("Secret", reference)
    }

    /// Returns the value behind `secret` or `configMap`.
    pub fn secret_or_config_map(&self, reference: &Field<'_>) -> Result<String, Missing> {
        if reference.get("configMap").is_set() {
            self.find("ConfigMap", &reference.get("configMap"))
        } else {
            self.find("Secret", &reference.get("secret"))
        }
    }

    fn find(&self, kind: &'static str, reference: &Field<'_>) -> Result<String, Missing> {
        let (name, key) = (reference.value.str("name"), reference.value.str("key"));
        let namespace = &*reference.resource.namespace;
        let missing = || Missing {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            key: key.to_owned(),
            path: reference.path.clone(),
        };
        let object = self.objects.iter().find(|object| {
            object.str("kind") == kind
                && object["metadata"].str("name") == name
                && object["metadata"].str("namespace") == namespace
        });
        let object = object.ok_or_else(missing)?;
        if let Some(text) = object["stringData"][key].as_str() {
            return Ok(text.to_owned());
        }
        let text = object["data"][key].as_str().ok_or_else(missing)?;
        match kind {
            "Secret" => {
                let bytes = go::base64::decode(text).map_err(|_| missing())?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => Ok(text.to_owned()),
        }
    }

    /// Puts a resolved reference into a mapping, with the reference as its origin.
    pub fn put(&self, to: &mut Entries, key: &str, secret: &Field<'_>) -> Result<(), Missing> {
        let text = self.secret(secret)?;
        to.put(key, Tree::text(text).from(secret));
        Ok(())
    }
}

/// The file in the Pod that holds a key: `KIND_NAMESPACE_NAME_KEY`. The kind is 0 for a Secret and 1
/// for a ConfigMap.
pub fn tls_asset(reference: &Field<'_>) -> String {
    let (kind, part) = match (reference.get("secret"), reference.get("configMap")) {
        (_, config_map) if config_map.is_set() => (1, config_map),
        (secret, _) if secret.is_set() => (0, secret),
        _ => (0, reference.clone()),
    };
    let namespace = &part.resource.namespace;
    let (name, key) = (part.value.str("name"), part.value.str("key"));
    format!("/etc/prometheus/certs/{kind}_{namespace}_{name}_{key}")
}
