//! TLS material that a pod mounts from Secrets and ConfigMaps.
//!
//! Source: prometheus-operator pkg/webconfig/tls_credentials.go.

use kubernetes::object::Value;

use super::names;
use super::volumes::{config_map_volume, read_only_mount, secret_volume};
use crate::store::Checked;

/// A key of a Secret or ConfigMap in a folder of its own.
pub struct Reference<'a> {
    /// `key`, `cert` or `client-ca`.
    pub what: &'static str,
    kind: &'static str,
    name: &'a str,
    key: &'a str,
    folder: String,
}

impl Reference<'_> {
    /// The path of the file in the pod.
    pub fn path(&self) -> String {
        format!("{}/{}", self.folder, self.key)
    }
}

fn reference<'a>(of: &'a Value, what: &'static str, folder: &str) -> Option<Reference<'a>> {
    for kind in ["secret", "configMap"] {
        let part = &of[kind];
        if !part.is_null() {
            let (name, lower) = (part.str("name"), kind.to_lowercase());
            let short = if what == "client-ca" { "ca" } else { what };
            let folder = format!("{folder}/{lower}/{name}-{short}");
            return Some(Reference { what, kind, name, key: part.str("key"), folder });
        }
    }
    None
}

/// Returns the references of a private key, a certificate and a certificate authority.
pub fn references<'a>(
    key: &'a Value,
    cert: &'a Value,
    ca: &'a Value,
    folder: &str,
) -> Vec<Reference<'a>> {
    let name = key.str("name");
    let key_folder = format!("{folder}/secret/{name}-key");
    let key =
        Reference { what: "key", kind: "secret", name, key: key.str("key"), folder: key_folder };
    let mut all = vec![key];
    all.extend(reference(cert, "cert", folder));
    all.extend(reference(ca, "client-ca", folder));
    all
}

/// Returns the volumes and mounts. Names of volumes begin with the prefix.
pub fn mounts(references: &[Reference<'_>], prefix: &str) -> Checked<(Vec<Value>, Vec<Value>)> {
    let (mut volumes, mut mounts) = (Vec::new(), Vec::new());
    for one in references {
        let prefix = format!("{prefix}{}-{}-", one.kind.to_lowercase(), one.what);
        let name = names::unique_label(&prefix, one.name)?;
        volumes.push(match one.kind {
            "secret" => secret_volume(&name, one.name),
            _ => config_map_volume(&name, one.name, false),
        });
        mounts.push(read_only_mount(&name, &one.folder));
    }
    Ok((volumes, mounts))
}
