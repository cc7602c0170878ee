//! Traces of Prometheus itself.

pub(crate) mod check;

use super::{DURATION, values};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: config.TracingConfig.
pub static TRACING: Record = Record {
    name: "tracing",
    go_type: "config.plain",
    go_names: &[("client_type", &["config.plain"])],
    doc: "The destination of the traces of Prometheus.",
    fields: &[
        Field {
            key: "client_type",
            ty: Type::OneOf(&[Type::Enum(values::CLIENTS), Type::String]),
            default: DefaultValue::Literal("grpc"),
            note: "grpc or http",
            doc: "The protocol that traces are sent by.",
            example: "client_type: http",
            since: Version(2, 34),
            ..FIELD
        },
        Field {
            key: "endpoint",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "host and port of the collector",
            doc: "The host and port to send traces to. Required.",
            example: "endpoint: collector:4317",
            since: Version(2, 34),
            ..FIELD
        },
        Field {
            key: "sampling_fraction",
            ty: Type::Float,
            default: DefaultValue::Zero,
            note: "share of traces that are sent",
            doc: "The probability that a trace is sent, from 0 to 1. 0 sends none.",
            example: "sampling_fraction: 0.1",
            since: Version(2, 34),
            ..FIELD
        },
        Field {
            key: "insecure",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "no TLS",
            doc: "If true, the collector is reached without TLS.",
            example: "insecure: true",
            since: Version(2, 34),
            ..FIELD
        },
        Field {
            key: "tls_config",
            ty: Type::Record(&super::tls::TLS),
            default: DefaultValue::None,
            note: "certificates",
            doc: "Certificates for the connection to the collector.",
            example: "tls_config:\n  ca_file: /etc/prometheus/ca.crt",
            since: Version(2, 34),
            ..FIELD
        },
        Field {
            key: "headers",
            ty: Type::Map { key: &Type::String, value: &Type::String },
            default: DefaultValue::None,
            note: "headers to send along",
            doc: "Headers that are sent with each batch of traces.",
            example: "headers:\n  x-tenant: a",
            since: Version(2, 34),
            ..FIELD
        },
        Field {
            key: "compression",
            ty: Type::OneOf(&[Type::Enum(values::COMPRESSIONS), Type::String]),
            default: DefaultValue::Zero,
            note: "gzip or nothing",
            doc: "The compression of batches.",
            example: "compression: gzip",
            since: Version(2, 34),
            ..FIELD
        },
        Field {
            key: "timeout",
            ty: DURATION,
            default: DefaultValue::Computed("10s"),
            note: "a scrape fails after {value}",
            doc: "The timeout of a request that sends a batch.",
            example: "timeout: 5s",
            since: Version(2, 34),
            ..FIELD
        },
    ],
    check: Some(check::check),
    ..RECORD
};
