//! Tokens from an OAuth 2.0 server.

use super::values;
use schema::{ANY_MAP, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Type, Version};

/// Upstream: common.OAuth2, common.ProxyConfig.
pub static OAUTH2: Record = Record {
    name: "oauth2",
    go_type: "config.plain",
    go_names: &[(
        "proxy_connect_header",
        &["config.ProxyHeader", "[]config.Secret", "config.plain"],
    )],
    doc: "A token is fetched with these credentials and renewed before it ends.",
    fields: &[
        Field {
            key: "client_id",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "client of the token request",
            doc: "The client's name at the OAuth server. Required.",
            example: "client_id: prometheus",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "client_secret",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "prefer the file setting",
            doc: "The client's secret.",
            example: "client_secret: abc",
            since: Version(2, 27),
            secret: true,
            ..FIELD
        },
        Field {
            key: "client_secret_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the secret",
            doc: "A file with the client's secret.",
            example: "client_secret_file: /etc/prometheus/oauth",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "client_secret_ref",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in a secret manager",
            doc: "The name under which a secret manager keeps the client's secret. Prometheus itself ships without a secret manager.",
            example: "client_secret_ref: oauth",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "client_certificate_key_id",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "`kid` of the signing key",
            doc: "The key's name in the header of the signed token, for the JWT bearer grant.",
            example: "client_certificate_key_id: key-1",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "client_certificate_key",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "signing key, as text",
            doc: "The private key that signs the token request, for the JWT bearer grant.",
            example: "client_certificate_key: abc",
            since: Version(3, 8),
            secret: true,
            ..FIELD
        },
        Field {
            key: "client_certificate_key_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the signing key",
            doc: "A file with the private key, for the JWT bearer grant.",
            example: "client_certificate_key_file: /etc/prometheus/oauth.key",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "client_certificate_key_ref",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in a secret manager",
            doc: "The name under which a secret manager keeps the private key. Prometheus itself ships without a secret manager.",
            example: "client_certificate_key_ref: oauth-key",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "grant_type",
            ty: Type::OneOf(&[Type::Enum(values::GRANTS), Type::String]),
            default: DefaultValue::Literal("client_credentials"),
            note: "how the token is requested",
            doc: "The grant type: the client authenticates with a secret or with a signed token.",
            example: "grant_type: client_credentials",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "signature_algorithm",
            ty: Type::OneOf(&[Type::Enum(values::SIGNATURES), Type::String]),
            default: DefaultValue::Literal("RS256"),
            note: "how the request is signed",
            doc: "The algorithm of the signature, for the JWT bearer grant.",
            example: "signature_algorithm: RS512",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "iss",
            ty: Type::String,
            default: DefaultValue::Computed("the client_id"),
            note: "issuer of the signed token",
            doc: "The `iss` claim, for the JWT bearer grant.",
            example: "iss: prometheus",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "audience",
            ty: Type::String,
            default: DefaultValue::Computed("the token_url"),
            note: "audience of the signed token",
            doc: "The `aud` claim, for the JWT bearer grant.",
            example: "audience: https://login.example.com",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "claims",
            ty: ANY_MAP,
            default: DefaultValue::None,
            note: "more claims",
            doc: "More claims in the signed token, for the JWT bearer grant.",
            example: "claims:\n  tenant: a",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "scopes",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "what the token is for",
            doc: "The scopes to ask for.",
            example: "scopes: [metrics.read]",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "token_url",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "URL of the token endpoint",
            doc: "The URL that issues the token. Required.",
            example: "token_url: https://login.example.com/token",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "endpoint_params",
            ty: Type::Map { key: &Type::String, value: &Type::String },
            default: DefaultValue::None,
            note: "more parameters for the token URL",
            doc: "Parameters added to the token request.",
            example: "endpoint_params:\n  resource: metrics",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "tls_config",
            ty: Type::Record(&super::tls::TLS),
            default: DefaultValue::None,
            note: "certificates for the token URL",
            doc: "Certificates for the connection to the OAuth server.",
            example: "tls_config:\n  ca_file: /etc/prometheus/ca.crt",
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "proxy_url",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "proxy for the token URL",
            doc: "URL of the proxy through which the token is fetched.",
            example: "proxy_url: http://proxy.example.com:3128",
            since: Version(2, 35),
            ..FIELD
        },
        Field {
            key: "no_proxy",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "hosts reached without the proxy",
            doc: "Hosts for which the proxy is not used.",
            example: "no_proxy: login.example.com\nproxy_url: http://proxy.example.com:3128",
            since: Version(2, 43),
            ..FIELD
        },
        Field {
            key: "proxy_from_environment",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "proxy from the environment",
            doc: "Takes the proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
            example: "proxy_from_environment: true",
            since: Version(2, 43),
            ..FIELD
        },
        Field {
            key: "proxy_connect_header",
            ty: Type::Map { key: &Type::String, value: &Type::List(&Type::Secret) },
            default: DefaultValue::None,
            note: "headers for the proxy",
            doc: "The headers of CONNECT requests to the proxy.",
            example: "proxy_connect_header:\n  Proxy-Authorization: [secret-token]\nproxy_url: http://proxy.example.com:3128",
            since: Version(2, 43),
            secret: true,
            ..FIELD
        },
    ],
    ..RECORD
};
