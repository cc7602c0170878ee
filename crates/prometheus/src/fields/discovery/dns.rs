//! `dns_sd_configs`: targets from DNS records.

use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Type, Version};

/// Upstream: dns.SDConfig, config.DNSSDConfig.
pub static DNS: Record = Record {
    name: "dns_sd_config",
    go_type: "dns.plain",
    doc: "Targets from DNS records. The names are looked up again and again; this is how a headless Service can be followed without access to the Kubernetes API.",
    fields: &[
        Field {
            key: "names",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "names to look up",
            doc: "The names to look up.",
            example: "names: [web.default.svc.cluster.local]\ntype: A\nport: 8080",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("30s"),
            note: "look up every {value}",
            doc: "How often the names are looked up.",
            example: "refresh_interval: 30s\nnames: [_web._tcp.example.com]",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "type",
            ty: Type::OneOf(&[Type::Enum(values::DNS_TYPES), Type::String]),
            default: DefaultValue::Literal("SRV"),
            note: "kind of record",
            doc: "The kind of record to ask for. SRV records carry a port, the others need `port`.",
            example: "type: A\nnames: [web.example.com]\nport: 8080",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "port",
            ty: INT,
            default: DefaultValue::Zero,
            note: "port for records without one",
            doc: "The port of the targets. SRV records bring their own.",
            example: "port: 8080\nnames: [web.example.com]\ntype: A",
            since: Version(0, 16),
            ..FIELD
        },
    ],
    check: Some(validate::sd::dns),
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "dns_sd_configs",
    record: &DNS,
    address: "Target and port of an SRV record, otherwise the record's address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_dns_name", doc: "the name that was looked up", roles: "" },
    Meta { name: "__meta_dns_srv_record_target", doc: "target field of the SRV record", roles: "" },
    Meta { name: "__meta_dns_srv_record_port", doc: "port field of the SRV record", roles: "" },
    Meta { name: "__meta_dns_mx_record_target", doc: "target field of the MX record", roles: "" },
    Meta { name: "__meta_dns_ns_record_target", doc: "target field of the NS record", roles: "" },
];
