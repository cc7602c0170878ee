//! Certificates.

pub(crate) mod check;

use super::values;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: common.TLSConfig, config.TLSConfig.
pub static TLS: Record = Record {
    name: "tls_config",
    go_type: "config.plain",
    doc: "The TLS settings: trusted certificate authorities and the client certificate.",
    fields: &[
        Field {
            key: "ca",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "trusted CA certificate, as text",
            doc: "The certificates of the authorities to trust, in PEM. Without any the system's are used.",
            example: "ca: |\n  -----BEGIN CERTIFICATE-----",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "cert",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "own certificate, as text",
            doc: "The client's own certificate in PEM, for servers that ask for one. It needs a key.",
            example: "cert: |\n  -----BEGIN CERTIFICATE-----\nkey_file: /etc/prometheus/client.key",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "key",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "own key, as text",
            doc: "The key of the client's certificate, in PEM.",
            example: "key: |\n  -----BEGIN PRIVATE KEY-----\ncert_file: /etc/prometheus/client.crt",
            since: Version(2, 45),
            secret: true,
            ..FIELD
        },
        Field {
            key: "ca_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "trusted CA certificate",
            doc: "A file with the certificates of the authorities to trust. Inside a Kubernetes pod the cluster's is `/var/run/secrets/kubernetes.io/serviceaccount/ca.crt`.",
            example: "ca_file: /etc/prometheus/ca.crt",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "cert_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "own certificate",
            doc: "A file with the client's own certificate. It needs a key.",
            example: "cert_file: /etc/prometheus/client.crt\nkey_file: /etc/prometheus/client.key",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "key_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "own key",
            doc: "A file with the key of the client's certificate.",
            example: "key_file: /etc/prometheus/client.key\ncert_file: /etc/prometheus/client.crt",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "ca_ref",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in a secret manager",
            doc: "The name under which a secret manager keeps the authorities' certificates. Prometheus itself ships without a secret manager.",
            example: "ca_ref: ca",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "cert_ref",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in a secret manager",
            doc: "The name under which a secret manager keeps the client's certificate. Prometheus itself ships without a secret manager.",
            example: "cert_ref: client-cert\nkey_ref: client-key",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "key_ref",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name in a secret manager",
            doc: "The name under which a secret manager keeps the client's key. Prometheus itself ships without a secret manager.",
            example: "key_ref: client-key\ncert_ref: client-cert",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "server_name",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "name that the certificate must have",
            doc: "The expected name in the certificate of the server, if it differs from the host of the URL. It is also sent as SNI.",
            mistakes: "Targets are scraped by address; a certificate for a name then needs this.",
            example: "server_name: web.example.com",
            since: Version(0, 20),
            ..FIELD
        },
        Field {
            key: "insecure_skip_verify",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "trust any certificate",
            doc: "Does not check the server's certificate at all.",
            mistakes: "An attacker on the network can then impersonate the server and read credentials.",
            example: "insecure_skip_verify: true",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "min_version",
            ty: Type::OneOf(&[Type::Enum(values::TLS_VERSIONS), Type::String]),
            default: DefaultValue::Computed("TLS 1.2, Go's own minimum"),
            note: "oldest TLS version",
            doc: "The oldest version of TLS that is accepted.",
            example: "min_version: TLS13",
            since: Version(2, 35),
            ..FIELD
        },
        Field {
            key: "max_version",
            ty: Type::OneOf(&[Type::Enum(values::TLS_VERSIONS), Type::String]),
            default: DefaultValue::Computed("the newest that Go knows"),
            note: "newest TLS version",
            doc: "The newest version of TLS that is offered.",
            example: "max_version: TLS12",
            since: Version(2, 41),
            ..FIELD
        },
    ],
    check: Some(check::check),
    ..RECORD
};
