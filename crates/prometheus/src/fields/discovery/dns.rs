//! `dns_sd_configs`: targets from DNS records.

use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, missing};
use go::case;
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use yaml::Node;

/// Upstream: dns.SDConfig, config.DNSSDConfig.
pub static DNS: Record = Record {
    name: "dns_sd_config",
    go_type: "dns.plain",
    doc: "Targets from DNS records, which are looked up periodically. A headless Service can be discovered this way without access to the Kubernetes API.",
    fields: &[
        Field {
            key: "names",
            always_printed: true,
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
            doc: "The time between two lookups of the names.",
            example: "refresh_interval: 30s\nnames: [_web._tcp.example.com]",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "type",
            always_printed: true,
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
            always_printed: true,
            ty: INT,
            default: DefaultValue::Zero,
            note: "port for records without one",
            doc: "The port of the targets. SRV records bring their own.",
            example: "port: 8080\nnames: [web.example.com]\ntype: A",
            since: Version(0, 16),
            ..FIELD
        },
    ],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.items("names").is_empty() {
        let message = "DNS-SD config must contain at least one SRV record name";
        missing(cx, &view, "names", message);
    }
    let kind = view.text_or("type", "SRV");
    match &*case::upper(&kind) {
        "SRV" => {}
        "A" | "AAAA" | "MX" | "NS" => {
            if view.int("port", 0) == 0 {
                let message =
                    "a port is required in DNS-SD configs for all record types except SRV";
                missing(cx, &view, "port", message);
            }
        }
        _ => fault(cx, INVALID, view.at("type"), format!("invalid DNS-SD records type {kind}")),
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "dns_sd_configs",
        ty: Type::List(&Type::Record(&DNS)),
        default: DefaultValue::None,
        note: "targets from DNS records",
        doc: "Targets from DNS records, which are looked up periodically. A headless Service can be discovered this way without access to the Kubernetes API.",
        example: "dns_sd_configs:\n  - names: [web.default.svc.cluster.local]\n    type: A\n    port: 8080",
        since: Version(0, 15),
        ..FIELD
    },
    go_type: &["[]*dns.SDConfig"],
    records: &[(&DNS, "dns.SDConfig")],
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
