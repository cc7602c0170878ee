//! Checks of TLS settings.
//!
//! Source: prometheus/common `TLSConfig.Validate`.

use crate::fields::values::TLS_VERSIONS;
use schema::CheckCx;
use yaml::Node;

use crate::validate::{CONFLICT, fault, word};
use schema::Section;

pub fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    for (keys, message) in [
        (["ca", "ca_file", "ca_ref"], "at most one of ca, ca_file & ca_ref must be configured"),
        (
            ["cert", "cert_file", "cert_ref"],
            "at most one of cert, cert_file & cert_ref must be configured",
        ),
        (["key", "key_file", "key_ref"], "at most one of key and key_file must be configured"),
    ] {
        if let Some(key) = keys.into_iter().filter(|key| view.filled(key)).nth(1) {
            fault(cx, CONFLICT, view.key_at(key), message);
        }
    }
    let first = |keys: [&'static str; 3]| keys.into_iter().find(|key| view.filled(key));
    match (first(["cert", "cert_file", "cert_ref"]), first(["key", "key_file", "key_ref"])) {
        (Some(cert), None) => fault(
            cx,
            CONFLICT,
            view.key_at(cert),
            "exactly one of key or key_file must be configured when a client certificate is configured",
        ),
        (None, Some(key)) => fault(
            cx,
            CONFLICT,
            view.key_at(key),
            "exactly one of cert or cert_file must be configured when a client key is configured",
        ),
        _ => {}
    }
    let versions: Vec<&str> = TLS_VERSIONS.iter().map(|version| version.value).collect();
    for key in ["min_version", "max_version"] {
        word(cx, &view, key, &versions, |value| format!("unknown TLS version: {value}"));
    }
}
