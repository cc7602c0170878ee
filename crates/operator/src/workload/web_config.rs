//! The web configuration of a program: its Secret, and how a pod mounts it.
//!
//! Source: prometheus-operator pkg/webconfig.

use kubernetes::object::Value;

use super::names;
use super::volumes::{config_map_volume, read_only_mount, secret_volume};
use crate::store::Checked;
use crate::tree::{self, Data, Entries, Field, Tree};

const FILE: &str = "web-config.yaml";

/// A reference to a Secret or ConfigMap in a folder of its own.
struct Reference<'a> {
    kind: &'static str,
    name: &'a str,
    key: &'a str,
    folder: String,
}

/// The web configuration of a workload.
pub struct WebConfig<'a> {
    /// `spec.web`; null without one.
    web: Field<'a>,
    /// The folder in the pod.
    folder: &'a str,
}

impl<'a> WebConfig<'a> {
    /// Reads `web` of a spec. The error is the Operator's.
    pub fn new(web: Field<'a>, folder: &'a str) -> Checked<Self> {
        valid_tls(&web.value["tlsConfig"])?;
        Ok(Self { web, folder })
    }

    /// The path of the file in the pod.
    pub fn path(&self) -> String {
        format!("{}/{FILE}", self.folder)
    }

    fn reference(&self, of: &'a Value, what: &str) -> Option<Reference<'a>> {
        for kind in ["secret", "configMap"] {
            let part = &of[kind];
            if !part.is_null() {
                let name = part.str("name");
                let lower = kind.to_lowercase();
                let folder = format!("{}/{lower}/{name}-{what}", self.folder);
                return Some(Reference { kind, name, key: part.str("key"), folder });
            }
        }
        None
    }

    fn references(&self) -> Vec<(&'static str, Reference<'a>)> {
        let tls = &self.web.value["tlsConfig"];
        if tls.is_null() {
            return Vec::new();
        }
        let key = &tls["keySecret"];
        let name = key.str("name");
        let folder = format!("{}/secret/{name}-key", self.folder);
        let key = Reference { kind: "secret", name, key: key.str("key"), folder };
        let mut all = vec![("key", key)];
        all.extend(self.reference(&tls["cert"], "cert").map(|one| ("cert", one)));
        all.extend(self.reference(&tls["client_ca"], "ca").map(|one| ("client-ca", one)));
        all
    }

    /// The volumes and mounts. `secret` is the name of the Secret with the file.
    pub fn mounts(&self, secret: &str) -> Checked<(Vec<Value>, Vec<Value>)> {
        let mut volumes = vec![secret_volume("web-config", secret)];
        let mut mounts = vec![object! {
            "name": "web-config",
            "readOnly": true,
            "mountPath": self.path(),
            "subPath": FILE,
        }];
        for (what, one) in self.references() {
            let prefix = format!("web-config-tls-{}-{what}-", one.kind.to_lowercase());
            let name = names::unique_label(&prefix, one.name)?;
            volumes.push(match one.kind {
                "secret" => secret_volume(&name, one.name),
                _ => config_map_volume(&name, one.name, false),
            });
            mounts.push(read_only_mount(&name, &one.folder));
        }
        Ok((volumes, mounts))
    }

    /// The text of the file; empty without settings.
    pub fn text(&self) -> String {
        let (tls, http) = (self.web.get("tlsConfig"), self.web.get("httpConfig"));
        let mut file = Entries::default();
        if tls.is_set() {
            file.put("tls_server_config", self.tls(&tls));
        }
        if http.is_set() {
            file.put("http_server_config", http_server(&http));
        }
        if file.0.is_empty() {
            return String::new();
        }
        tree::print(&Data::Map(file.0).into()).text
    }

    fn tls(&self, tls: &Field<'a>) -> Tree {
        let mut out = Entries::default();
        let references = self.references();
        let file = |out: &mut Entries, key: &str, field: &str, what: &str| {
            let own = tls.get(field);
            let found = references.iter().find(|(name, _)| *name == what);
            if !own.text().is_empty() {
                out.copy(key, &own);
            } else if let Some((_, one)) = found {
                out.put(key, Tree::text(format!("{}/{}", one.folder, one.key)).from(tls));
            }
        };
        file(&mut out, "cert_file", "certFile", "cert");
        file(&mut out, "key_file", "keyFile", "key");
        out.copy_text("client_auth_type", &tls.get("clientAuthType"));
        file(&mut out, "client_ca_file", "clientCAFile", "client-ca");
        out.copy_text("min_version", &tls.get("minVersion"));
        out.copy_text("max_version", &tls.get("maxVersion"));
        out.copy_list("cipher_suites", &tls.get("cipherSuites"));
        out.copy("prefer_server_cipher_suites", &tls.get("preferServerCipherSuites"));
        out.copy_list("curve_preferences", &tls.get("curvePreferences"));
        out.tree().from(tls)
    }
}

/// Headers: name, field, whether the value is written in lower case.
static HEADERS: &[(&str, &str, bool)] = &[
    ("Content-Security-Policy", "contentSecurityPolicy", false),
    ("Strict-Transport-Security", "strictTransportSecurity", false),
    ("X-Content-Type-Options", "xContentTypeOptions", true),
    ("X-Frame-Options", "xFrameOptions", true),
    ("X-XSS-Protection", "xXSSProtection", false),
];

fn http_server(http: &Field<'_>) -> Tree {
    let mut out = Entries::default();
    out.copy("http2", &http.get("http2"));
    let headers = http.get("headers");
    if headers.is_set() {
        let mut entries = Entries::default();
        for (name, field, lower) in HEADERS {
            let field = headers.get(field);
            if !field.text().is_empty() {
                let text = field.text();
                let text = if *lower { text.to_lowercase() } else { text.to_owned() };
                entries.put(name, Tree::text(text).from(&field));
            }
        }
        out.put("headers", entries.tree().from(&headers));
    }
    out.tree().from(http)
}

/// Source: pkg/apis/monitoring/v1 WebTLSConfig.Validate.
fn valid_tls(tls: &Value) -> Checked {
    if tls.is_null() {
        return Ok(());
    }
    let file = |key: &str| !tls.str(key).is_empty();
    let (ca, cert) = (!tls["client_ca"].is_empty(), !tls["cert"].is_empty());
    let key = !tls["keySecret"].str("name").is_empty() || !tls["keySecret"].str("key").is_empty();
    let both = |part: &Value| !part["secret"].is_null() && !part["configMap"].is_null();
    for (refused, reason) in [
        (ca && file("clientCAFile"), "cannot specify both clientCAFile and clientCA"),
        (both(&tls["client_ca"]), "invalid client CA: cannot specify both Secret and ConfigMap"),
        (cert && file("certFile"), "cannot specify both cert and certFile"),
        (both(&tls["cert"]), "invalid TLS certificate: cannot specify both Secret and ConfigMap"),
        (key && file("keyFile"), "cannot specify both keyFile and keySecret"),
        (!key && !file("keyFile"), "TLS private key must be defined"),
        (!cert && !file("certFile"), "TLS certificate must be defined"),
    ] {
        if refused {
            return Err(reason.to_owned());
        }
    }
    Ok(())
}
