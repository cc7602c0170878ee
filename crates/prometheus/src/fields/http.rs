//! The HTTP client's settings, which are inlined into the section that uses them.

pub(crate) mod check;

pub use check::{canonical, reserved_header};

use schema::{DefaultValue, Deprecated, FIELD, Field, RECORD, Record, STRINGS, Type, Version};

/// Upstream: common.HTTPClientConfig, common.ProxyConfig, config.HTTPClientConfig, config.ScrapeConfig.
pub static HTTP: Record = Record {
    name: "http_config",
    go_type: "config.plain",
    go_names: &[
        ("proxy_connect_header", &["config.ProxyHeader", "[]config.Secret", "config.plain"]),
        ("http_headers", &["config.Headers"]),
    ],
    doc: "The HTTP client settings: authentication, TLS, proxy and headers.",
    fields: &[
        Field {
            key: "basic_auth",
            ty: Type::Record(&BASIC_AUTH),
            default: DefaultValue::None,
            note: "user name and password",
            doc: "Sends the header `Authorization: Basic …`. Only one of `basic_auth`, `authorization` and `oauth2` may be set.",
            example: "basic_auth:\n  username: prometheus\n  password_file: /etc/prometheus/password",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "authorization",
            ty: Type::Record(&AUTHORIZATION),
            default: DefaultValue::None,
            note: "a token in the Authorization header",
            doc: "Sends the header `Authorization` with a token, `Bearer` by default. Only one of `basic_auth`, `authorization` and `oauth2` may be set.",
            example: "authorization:\n  credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "oauth2",
            ty: Type::Record(&super::oauth2::OAUTH2),
            default: DefaultValue::None,
            note: "fetch a token first",
            doc: "Fetches a token from an OAuth 2.0 server and sends that. Only one of `basic_auth`, `authorization` and `oauth2` may be set.",
            example: "oauth2:\n  client_id: prometheus\n  client_secret_file: /etc/prometheus/oauth\n  token_url: https://login.example.com/token",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "bearer_token",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "deprecated; use `authorization`",
            doc: "The older way to send a token.",
            mistakes: "It excludes `authorization`, `basic_auth` and `oauth2`.",
            example: "bearer_token: abc",
            since: Version(0, 16),
            deprecated: Some(Deprecated {
                since: Version(2, 26),
                instead: "Use `authorization.credentials`.",
                moved: Some(("authorization", "credentials")),
            }),
            secret: true,
            ..FIELD
        },
        Field {
            key: "bearer_token_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "deprecated; use `authorization`",
            doc: "The deprecated setting for a bearer token that is read from a file.",
            example: "bearer_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token",
            since: Version(0, 16),
            deprecated: Some(Deprecated {
                since: Version(2, 26),
                instead: "Use `authorization.credentials_file`.",
                moved: Some(("authorization", "credentials_file")),
            }),
            ..FIELD
        },
        Field {
            key: "tls_config",
            ty: Type::Record(&super::tls::TLS),
            default: DefaultValue::None,
            note: "certificates and server name",
            doc: "The TLS settings: trusted certificate authorities and the client certificate.",
            example: "tls_config:\n  ca_file: /etc/prometheus/ca.crt",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "follow_redirects",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "follow redirects",
            doc: "If true, redirects are followed.",
            example: "follow_redirects: false",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "enable_http2",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Computed("true; false for remote_write"),
            note: "allow HTTP/2",
            doc: "If true, HTTP/2 is allowed over TLS.",
            example: "enable_http2: false",
            since: Version(2, 35),
            ..FIELD
        },
        Field {
            key: "proxy_url",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "proxy for all requests",
            doc: "The URL of the HTTP proxy for all requests.",
            example: "proxy_url: http://proxy.example.com:3128",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "no_proxy",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "hosts reached without the proxy",
            doc: "A comma-separated list of hosts, domains and address ranges for which the proxy is not used.",
            mistakes: "It needs `proxy_url`.",
            example: "no_proxy: 10.0.0.0/8,.example.com\nproxy_url: http://proxy.example.com:3128",
            since: Version(2, 43),
            ..FIELD
        },
        Field {
            key: "proxy_from_environment",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "proxy from environment variables",
            doc: "Takes the proxy from the environment variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
            mistakes: "It excludes `proxy_url` and `no_proxy`.",
            example: "proxy_from_environment: true",
            since: Version(2, 43),
            ..FIELD
        },
        Field {
            key: "proxy_connect_header",
            ty: Type::Map { key: &Type::String, value: &Type::List(&Type::Secret) },
            default: DefaultValue::None,
            note: "headers for the proxy",
            doc: "The headers of CONNECT requests to the proxy. They are treated as secrets.",
            example: "proxy_connect_header:\n  Proxy-Authorization: [secret-token]\nproxy_url: http://proxy.example.com:3128",
            since: Version(2, 41),
            secret: true,
            ..FIELD
        },
        Field {
            key: "http_headers",
            ty: Type::Map { key: &Type::String, value: &Type::Record(&HEADER) },
            default: DefaultValue::None,
            note: "more headers for each request",
            doc: "Headers to add to every request, each with values, secrets or files.",
            mistakes: "Headers that Prometheus sets itself, such as `Authorization`, `Host` or `User-Agent`, are refused.",
            example: "http_headers:\n  X-Scope-OrgID:\n    values: [team-a]",
            since: Version(2, 53),
            ..FIELD
        },
    ],
    check: Some(check::check),
    ..RECORD
};

/// Upstream: common.BasicAuth, config.BasicAuth.
pub static BASIC_AUTH: Record = Record {
    name: "basic_auth",
    go_type: "config.plain",
    doc: "User name and password of HTTP basic authentication.",
    fields: &[
        Field {
            key: "username",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "the user",
            doc: "The user name.",
            example: "username: prometheus",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "username_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the user name",
            doc: "A file with the user name. It is read for every request.",
            example: "username_file: /etc/prometheus/user",
            since: Version(2, 49),
            ..FIELD
        },
        Field {
            key: "username_ref",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in a secret manager",
            doc: "The name of the user name in a secret manager. Prometheus itself ships without a secret manager.",
            example: "username_ref: prometheus-user",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "password",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "prefer the file setting",
            doc: "The password. It is masked on the configuration page, but anyone who can read this file can read it.",
            example: "password: secret",
            since: Version(0, 14),
            secret: true,
            ..FIELD
        },
        Field {
            key: "password_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the password",
            doc: "A file with the password. It is read for every request.",
            example: "password_file: /etc/prometheus/password",
            since: Version(2, 3),
            ..FIELD
        },
        Field {
            key: "password_ref",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in a secret manager",
            doc: "The name of the password in a secret manager. Prometheus itself ships without a secret manager.",
            example: "password_ref: prometheus-password",
            since: Version(2, 53),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: common.Authorization.
pub static AUTHORIZATION: Record = Record {
    name: "authorization",
    go_type: "config.Authorization",
    doc: "The Authorization header: a type and a token.",
    fields: &[
        Field {
            key: "type",
            ty: Type::String,
            default: DefaultValue::Literal("Bearer"),
            note: "authentication type",
            doc: "The authentication type, which is the first word of the header.",
            mistakes: "`Basic` is refused here: use `basic_auth`.",
            example: "type: Bearer",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "credentials",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "prefer the file setting",
            doc: "The token that follows the type.",
            example: "credentials: abc",
            since: Version(2, 26),
            secret: true,
            ..FIELD
        },
        Field {
            key: "credentials_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the token",
            doc: "A file with the token. It is read for every request, so that a rotated token is used immediately.",
            example: "credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "credentials_ref",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in a secret manager",
            doc: "The name of the token in a secret manager. Prometheus itself ships without a secret manager.",
            example: "credentials_ref: scrape-token",
            since: Version(2, 53),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: common.Header.
pub static HEADER: Record = Record {
    name: "http_header",
    go_type: "config.Header",
    doc: "The values of one header. They are sent in the order values, secrets, files.",
    fields: &[
        Field {
            key: "values",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "plain values",
            doc: "Values that are not secret.",
            example: "values: [team-a]",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "secrets",
            ty: Type::List(&Type::Secret),
            default: DefaultValue::None,
            note: "masked values",
            doc: "Values that are masked on the configuration page.",
            example: "secrets: [abc]",
            since: Version(2, 53),
            secret: true,
            ..FIELD
        },
        Field {
            key: "files",
            ty: Type::List(&Type::Path { glob: false }),
            default: DefaultValue::None,
            note: "values read from files",
            doc: "Files whose contents are the values.",
            example: "files: [/etc/prometheus/tenant]",
            since: Version(2, 53),
            ..FIELD
        },
    ],
    ..RECORD
};
