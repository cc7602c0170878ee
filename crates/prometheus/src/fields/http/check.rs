//! Checks of the HTTP client settings.
//!
//! Source: prometheus/common `HTTPClientConfig.Validate`, `ProxyConfig.Validate`.

use go::quote::quote;
use schema::CheckCx;
use yaml::Node;

use crate::validate::{CONFLICT, HEADER, INVALID, fault, missing, url_field};
use schema::Section;

/// Headers that Prometheus sets itself, as Go writes header names.
const RESERVED: [&str; 18] = [
    "Authorization",
    "Host",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "User-Agent",
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Www-Authenticate",
    "Accept-Encoding",
    "X-Prometheus-Remote-Write-Version",
    "X-Prometheus-Remote-Read-Version",
    "X-Prometheus-Scrape-Timeout-Seconds",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
];

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Keys of the HTTP client; any of them makes the settings differ from the default.
pub const KEYS: [&str; 13] = [
    "basic_auth",
    "authorization",
    "oauth2",
    "bearer_token",
    "bearer_token_file",
    "tls_config",
    "follow_redirects",
    "enable_http2",
    "proxy_url",
    "no_proxy",
    "proxy_from_environment",
    "proxy_connect_header",
    "http_headers",
];

/// Checks the decoding only, for mechanisms that do not validate the HTTP client settings.
pub fn decoding(cx: &mut CheckCx<'_>, node: &Node) {
    if let Some(view) = Section::new(node) {
        url_field(cx, &view, "proxy_url");
    }
}

pub fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    credentials(cx, &view);
    if let Some(oauth2) = view.section("oauth2") {
        oauth(cx, &oauth2);
    }
    proxy(cx, &view);
    if let Some(headers) = view.get("http_headers") {
        for entry in headers.entries() {
            if let Some(name) = reserved_header(entry.name().unwrap_or_default()) {
                let message = format!("setting header {} is not allowed", quote(&name));
                fault(cx, HEADER, entry.key.span, message);
            }
        }
    }
}

fn credentials(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    let [basic, oauth2, authorization] =
        ["basic_auth", "oauth2", "authorization"].map(|key| view.has(key));
    let [token, token_file] = ["bearer_token", "bearer_token_file"].map(|key| view.filled(key));
    let bearer = if token { "bearer_token" } else { "bearer_token_file" };
    if token && token_file {
        at_most_one(cx, view, "bearer_token_file", "bearer_token & bearer_token_file");
    } else if (basic || oauth2) && (token || token_file) {
        at_most_one(cx, view, bearer, "basic_auth, oauth2, bearer_token & bearer_token_file");
    }
    if let Some(basic) = view.section("basic_auth") {
        several(
            cx,
            &basic,
            ["username", "username_file", "username_ref"],
            "basic_auth username, username_file & username_ref",
        );
        several(
            cx,
            &basic,
            ["password", "password_file", "password_ref"],
            "basic_auth password, password_file & password_ref",
        );
    }
    if let Some(section) = view.section("authorization") {
        if token || token_file {
            let message = "authorization is not compatible with bearer_token & bearer_token_file";
            fault(cx, CONFLICT, view.key_at(bearer), message);
        }
        several(
            cx,
            &section,
            ["credentials", "credentials_file", "credentials_ref"],
            "authorization credentials & credentials_file",
        );
        if section.text("type").trim().eq_ignore_ascii_case("basic") {
            let message =
                "authorization type cannot be set to \"basic\", use \"basic_auth\" instead";
            fault(cx, INVALID, section.at("type"), message);
        }
    }
    let others = [(basic, "basic_auth"), (oauth2, "oauth2"), (authorization, "authorization")];
    let mut set = others.iter().filter(|(set, _)| *set);
    if let (Some(_), Some((_, second))) = (set.next(), set.next()) {
        at_most_one(cx, view, second, "basic_auth, oauth2 & authorization");
    }
}

fn at_most_one(cx: &mut CheckCx<'_>, view: &Section<'_>, key: &str, which: &str) {
    let message = format!("at most one of {which} must be configured");
    fault(cx, CONFLICT, view.key_at(key), message);
}

/// Complains at the second of `keys` that is filled.
pub fn several<const N: usize>(
    cx: &mut CheckCx<'_>,
    view: &Section<'_>,
    keys: [&str; N],
    which: &str,
) {
    if let Some(key) = keys.into_iter().filter(|key| view.filled(key)).nth(1) {
        at_most_one(cx, view, key, which);
    }
}

fn oauth(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    if !view.filled("client_id") {
        missing(cx, view, "client_id", "oauth2 client_id must be configured");
    }
    if !view.filled("token_url") {
        missing(cx, view, "token_url", "oauth2 token_url must be configured");
    }
    if view.text("grant_type") == JWT_BEARER {
        let keys =
            ["client_certificate_key", "client_certificate_key_file", "client_certificate_key_ref"];
        if let Some(key) = keys.into_iter().filter(|key| view.filled(key)).nth(1) {
            let message = format!(
                "at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type={JWT_BEARER}"
            );
            fault(cx, CONFLICT, view.key_at(key), message);
        }
        let algorithm = view.text("signature_algorithm");
        if !["", "RS256", "RS384", "RS512"].contains(&&*algorithm) {
            let message = "valid signature algorithms are RS256, RS384 and RS512";
            fault(cx, INVALID, view.at("signature_algorithm"), message);
        }
    } else {
        let keys = ["client_secret", "client_secret_file", "client_secret_ref"];
        if let Some(key) = keys.into_iter().filter(|key| view.filled(key)).nth(1) {
            let message = "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials";
            fault(cx, CONFLICT, view.key_at(key), message);
        }
    }
    proxy(cx, view);
}

fn proxy(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    let proxy_url = view.filled("proxy_url");
    let from_environment = view.flag("proxy_from_environment", false);
    url_field(cx, view, "proxy_url");
    let has_headers =
        view.get("proxy_connect_header").is_some_and(|node| node.entries().next().is_some());
    let mut conflict = |key: &str, message: &str| fault(cx, CONFLICT, view.key_at(key), message);
    if has_headers && !from_environment && !proxy_url {
        conflict(
            "proxy_connect_header",
            "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured",
        );
    }
    if from_environment && proxy_url {
        conflict(
            "proxy_url",
            "if proxy_from_environment is configured, proxy_url must not be configured",
        );
    }
    if from_environment && view.filled("no_proxy") {
        conflict(
            "no_proxy",
            "if proxy_from_environment is configured, no_proxy must not be configured",
        );
    } else if view.filled("no_proxy") && !view.has("proxy_url") {
        conflict("no_proxy", "if no_proxy is configured, proxy_url must also be configured");
    }
}

/// Returns the name of a header as Go writes it if the client sets the header itself.
pub fn reserved_header(name: &str) -> Option<String> {
    let name = canonical(name);
    RESERVED.contains(&&*name).then_some(name)
}

/// A header's name as Go writes it: `x-amz-date` is `X-Amz-Date`.
pub fn canonical(name: &str) -> String {
    let mut upper = true;
    name.chars()
        .map(|c| {
            let c = if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
            upper = c == '-';
            c
        })
        .collect()
}

/// Returns true if the settings equal the defaults.
pub fn is_default(view: &Section<'_>) -> bool {
    // An empty map differs from none, as Go compares them.
    let pointers = [
        "basic_auth",
        "authorization",
        "oauth2",
        "http_headers",
        "proxy_connect_header",
        "proxy_url",
    ];
    let texts = ["bearer_token", "bearer_token_file", "no_proxy"];
    !pointers.iter().any(|key| view.has(key))
        && !texts.iter().any(|key| view.filled(key))
        && view.flag("follow_redirects", true)
        && view.flag("enable_http2", true)
        && !view.flag("proxy_from_environment", false)
        && view.section("tls_config").is_none_or(|tls| {
            tls.node.entries().all(|entry| {
                let key = entry.name().unwrap_or_default();
                !tls.flag(key, false) && (key == "insecure_skip_verify" || !tls.filled(key))
            })
        })
}
