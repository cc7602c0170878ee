//! The HTTP client's settings: what it trusts, and what it shows of itself.

use std::sync::Arc;

use crate::config::{Credentials, HttpSettings, Secret, TlsSettings};
use schema::Section;
use text::FileId;
use yaml::Node;

use super::place;

/// The settings that stand in a section beside other keys, as in a job.
///
/// Source: prometheus/common config `HTTPClientConfig`; `bearer_token` and `bearer_token_file` mean
/// `authorization` of type Bearer.
pub fn settings(file: FileId, view: &Section<'_>) -> HttpSettings {
    HttpSettings {
        tls: view.section("tls_config").map(|section| tls(file, &section)).unwrap_or_default(),
        credentials: credentials(file, view),
        proxy: located(file, view, "proxy_url"),
    }
}

fn tls(file: FileId, view: &Section<'_>) -> TlsSettings {
    TlsSettings {
        at: Some(place(file, view.node)),
        ca: secret(file, view, "ca", "ca_file"),
        cert: secret(file, view, "cert", "cert_file"),
        key: secret(file, view, "key", "key_file"),
        server_name: located(file, view, "server_name"),
        insecure_skip_verify: view.flag("insecure_skip_verify", false),
    }
}

fn credentials(file: FileId, view: &Section<'_>) -> Credentials {
    if let Some(section) = view.section("authorization") {
        let word = section.text("type");
        let scheme = if word.trim().is_empty() { "Bearer" } else { word.trim() };
        let secret = secret(file, &section, "credentials", "credentials_file");
        return Credentials::Token { scheme: scheme.into(), secret };
    }
    if let Some(token) = secret(file, view, "bearer_token", "bearer_token_file") {
        return Credentials::Token { scheme: "Bearer".into(), secret: Some(token) };
    }
    if let Some(section) = view.section("basic_auth") {
        return Credentials::Basic {
            at: place(file, section.node),
            password: secret(file, &section, "password", "password_file"),
        };
    }
    match view.section("oauth2") {
        Some(section) => Credentials::OAuth2 { at: place(file, section.node) },
        None => Credentials::None,
    }
}

/// A value that stands in the text or in a file.
fn secret(file: FileId, view: &Section<'_>, inline: &str, in_file: &str) -> Option<Secret> {
    let at = |node: &Node| place(file, node);
    if let Some(node) = view.get(inline).filter(|_| view.filled(inline)) {
        return Some(Secret { file: None, at: at(node) });
    }
    let node = view.get(in_file).filter(|_| view.filled(in_file))?;
    Some(Secret { file: Some(view.text(in_file).as_ref().into()), at: at(node) })
}

fn located(file: FileId, view: &Section<'_>, key: &str) -> Option<(Arc<str>, text::Location)> {
    let node = view.get(key).filter(|_| view.filled(key))?;
    Some((view.text(key).as_ref().into(), place(file, node)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yaml::parse;

    fn read(text: &str) -> HttpSettings {
        let parsed = parse(FileId(1), text);
        let root = parsed.root().expect("a document");
        settings(FileId(1), &Section::new(root).expect("a mapping"))
    }

    #[test]
    fn credentials_have_three_spellings() {
        for (text, scheme, file) in [
            ("authorization: {credentials_file: /t}", "Bearer", Some("/t")),
            ("authorization: {type: ' Token ', credentials: x}", "Token", None),
            ("bearer_token_file: /t", "Bearer", Some("/t")),
            ("bearer_token: x", "Bearer", None),
        ] {
            let Credentials::Token { scheme: found, secret } = read(text).credentials else {
                panic!("{text}")
            };
            assert_eq!((&*found, secret.unwrap().file.as_deref()), (scheme, file), "{text}");
        }
        assert!(matches!(read("basic_auth: {username: a}").credentials, Credentials::Basic { .. }));
        assert!(matches!(read("oauth2: {client_id: a}").credentials, Credentials::OAuth2 { .. }));
        assert_eq!(read("scheme: https").credentials, Credentials::None);
    }

    #[test]
    fn tls_settings() {
        let tls = read("tls_config: {ca_file: /ca, server_name: a, insecure_skip_verify: on}").tls;
        assert_eq!(tls.ca.unwrap().file.as_deref(), Some("/ca"));
        assert_eq!(&*tls.server_name.unwrap().0, "a");
        assert!(tls.insecure_skip_verify);
        assert_eq!(read("tls_config:").tls, TlsSettings::default());
    }
}
