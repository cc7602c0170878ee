//! The web configuration of a program: its Secret, and how a pod mounts it.
//!
//! Source: prometheus-operator pkg/webconfig.

use kubernetes::object::Value;

use super::tls_references::{Reference, mounts as mounts_of, references};
use super::volumes::secret_volume;
use crate::store::Checked;
use crate::tree::{self, Data, Entries, Field, Tree};

const FILE: &str = "web-config.yaml";

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

    fn references(&self) -> Vec<Reference<'a>> {
        let tls = &self.web.value["tlsConfig"];
        if tls.is_null() {
            return Vec::new();
        }
        references(&tls["keySecret"], &tls["cert"], &tls["client_ca"], self.folder)
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
        let (more, more_mounts) = mounts_of(&self.references(), "web-config-tls-")?;
        volumes.extend(more);
        mounts.extend(more_mounts);
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
        server_file(&mut out, tls, &references, ("cert_file", "certFile", "cert"));
        server_file(&mut out, tls, &references, ("key_file", "keyFile", "key"));
        out.copy_text("client_auth_type", &tls.get("clientAuthType"));
        server_file(&mut out, tls, &references, ("client_ca_file", "clientCAFile", "client-ca"));
        server_options(&mut out, tls);
        out.tree().from(tls)
    }
}

/// Writes the path of a file: that of the field, or that of a reference. `names` are the key, the
/// field and the reference.
pub fn server_file(
    out: &mut Entries,
    tls: &Field<'_>,
    references: &[Reference<'_>],
    (key, field, what): (&str, &str, &str),
) {
    let own = tls.get(field);
    if !own.text().is_empty() {
        out.copy(key, &own);
    } else if let Some(one) = references.iter().find(|one| one.what == what) {
        out.put(key, Tree::text(one.path()).from(tls));
    }
}

/// Writes versions, ciphers and curves of a server.
pub fn server_options(out: &mut Entries, tls: &Field<'_>) {
    out.copy_text("min_version", &tls.get("minVersion"));
    out.copy_text("max_version", &tls.get("maxVersion"));
    out.copy_list("cipher_suites", &tls.get("cipherSuites"));
    out.copy("prefer_server_cipher_suites", &tls.get("preferServerCipherSuites"));
    out.copy_list("curve_preferences", &tls.get("curvePreferences"));
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

/// Checks the TLS settings of a server. Source: pkg/apis/monitoring/v1 WebTLSConfig.Validate.
pub fn valid_tls(tls: &Value) -> Checked {
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
