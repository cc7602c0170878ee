//! HTTP clients.
//!
//! Source: prometheus-operator pkg/alertmanager/amcfg.go convertHTTPConfig, prometheus/common
//! config/http_config.go.

use super::{Kind, Row, Source, Type, any, field, flag, row, secret, special, switch, text};
use crate::alertmanager::{convert, load};

/// The key `http_config` of a receiver.
pub const HTTP: Row = field("http_config", "httpConfig", Kind::Pointer(&HTTP_CLIENT));

const PROXY_URL: Row = special("proxy_url", Kind::Text, convert::proxy_url);
const NO_PROXY: Row = text("no_proxy", "noProxy");
const PROXY_FROM_ENVIRONMENT: Row = flag("proxy_from_environment", "proxyFromEnvironment");
const PROXY_CONNECT_HEADER: Row =
    special("proxy_connect_header", Kind::TextsMap, convert::proxy_headers);

pub static HTTP_CLIENT: Type = Type {
    operator: "alertmanager.httpClientConfig",
    alertmanager: "config.plain",
    rows: &[
        special("authorization", Kind::Pointer(&AUTHORIZATION), convert::authorization),
        special("basic_auth", Kind::Pointer(&BASIC_AUTH), convert::basic_auth),
        field("oauth2", "oauth2", Kind::Pointer(&OAUTH2)),
        secret("bearer_token", "bearerTokenSecret"),
        text("bearer_token_file", ""),
        field("tls_config", "tlsConfig", Kind::Pointer(&TLS)),
        switch("follow_redirects", "followRedirects"),
        switch("enable_http2", "enableHttp2"),
        field("http_headers", "", Kind::Headers(&HEADER)),
        PROXY_URL,
        NO_PROXY,
        PROXY_FROM_ENVIRONMENT,
        PROXY_CONNECT_HEADER,
    ],
    check: load::http_client,
};

/// Values of a header. The Operator masks those of `secrets`.
static HEADER: Type = Type {
    operator: "config.Header",
    alertmanager: "config.Header",
    rows: &[
        field("values", "", Kind::Texts),
        field("secrets", "", Kind::MaskedTexts),
        field("files", "", Kind::Texts),
    ],
    check: any,
};

pub static TLS: Type = Type {
    operator: "alertmanager.tlsConfig",
    alertmanager: "config.plain",
    rows: &[
        text("ca", "").in_alertmanager(),
        text("cert", "").in_alertmanager(),
        text("key", "").in_alertmanager(),
        special("ca_file", Kind::Text, |_, tls| Ok(convert::tls_file(&tls.get("ca")))),
        special("cert_file", Kind::Text, |_, tls| Ok(convert::tls_file(&tls.get("cert")))),
        special("key_file", Kind::Text, |_, tls| Ok(convert::tls_file(&tls.get("keySecret")))),
        text("ca_ref", "").in_alertmanager(),
        text("cert_ref", "").in_alertmanager(),
        text("key_ref", "").in_alertmanager(),
        text("server_name", "serverName"),
        flag("insecure_skip_verify", "insecureSkipVerify").always(),
        text("min_version", "minVersion"),
        text("max_version", "maxVersion"),
    ],
    check: load::tls,
};

static AUTHORIZATION: Type = Type {
    operator: "alertmanager.authorization",
    alertmanager: "config.Authorization",
    rows: &[
        text("type", "type"),
        secret("credentials", "credentials"),
        text("credentials_file", ""),
        text("credentials_ref", "").in_alertmanager(),
    ],
    check: any,
};

static BASIC_AUTH: Type = Type {
    operator: "alertmanager.basicAuth",
    alertmanager: "config.BasicAuth",
    rows: &[
        secret("username", "username"),
        text("username_file", "").in_alertmanager(),
        text("username_ref", "").in_alertmanager(),
        secret("password", "password"),
        text("password_file", ""),
        text("password_ref", "").in_alertmanager(),
    ],
    check: any,
};

static OAUTH2: Type = Type {
    operator: "alertmanager.oauth2",
    alertmanager: "config.plain",
    rows: &[
        special("client_id", Kind::Text, convert::client_id).always(),
        row("client_secret", Source::Secret("clientSecret"), Kind::Text).always(),
        text("client_secret_file", ""),
        text("client_secret_ref", "").in_alertmanager(),
        text("client_certificate_key_id", "").in_alertmanager(),
        text("client_certificate_key", "").in_alertmanager(),
        text("client_certificate_key_file", "").in_alertmanager(),
        text("client_certificate_key_ref", "").in_alertmanager(),
        text("grant_type", "").in_alertmanager(),
        text("signature_algorithm", "").in_alertmanager(),
        text("iss", "").in_alertmanager(),
        text("audience", "").in_alertmanager(),
        field("claims", "", Kind::AnyMap).in_alertmanager(),
        field("scopes", "scopes", Kind::Texts),
        text("token_url", "tokenUrl").always(),
        field("endpoint_params", "endpointParams", Kind::TextMap),
        PROXY_URL,
        NO_PROXY,
        PROXY_FROM_ENVIRONMENT,
        PROXY_CONNECT_HEADER,
        // The field `tlsConfig` of the custom resource is not written.
        field("tls_config", "", Kind::Pointer(&TLS)),
    ],
    check: load::oauth2,
};
