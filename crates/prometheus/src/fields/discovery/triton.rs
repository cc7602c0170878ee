//! `triton_sd_configs`: targets from Triton's container monitor.

use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, required};
use go::Duration;
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use yaml::Node;

/// Upstream: triton.SDConfig, config.TritonSDConfig.
pub static TRITON: Record = Record {
    name: "triton_sd_config",
    go_type: "triton.plain",
    doc: "Targets from Triton's container monitor.",
    fields: &[
        Field {
            key: "account",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "account",
            doc: "The account to list. Required.",
            example: "account: web\ndns_suffix: triton.example.com\nendpoint: triton.example.com",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "role",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::TRITON_ROLES), Type::String]),
            default: DefaultValue::Literal("container"),
            note: "objects that become targets",
            doc: "The resources that become targets: containers or compute nodes.",
            example: "role: cn\naccount: web\ndns_suffix: triton.example.com\nendpoint: triton.example.com",
            since: Version(2, 19),
            ..FIELD
        },
        Field {
            key: "dns_suffix",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "suffix of the targets' names",
            doc: "The suffix that is appended to the ID to form the name of the target. Required.",
            example: "dns_suffix: triton.example.com\naccount: web\nendpoint: triton.example.com",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "endpoint",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "Triton's host",
            doc: "The host of the discovery endpoint. Required.",
            example: "endpoint: triton.example.com\naccount: web\ndns_suffix: triton.example.com",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "groups",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "which groups",
            doc: "Only containers of these groups.",
            example: "groups: [web]\naccount: web\ndns_suffix: triton.example.com\nendpoint: triton.example.com",
            since: Version(2, 5),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("9163"),
            note: "port of endpoint and targets",
            doc: "The port of discovery and of scraping.",
            example: "port: 9163\naccount: web\ndns_suffix: triton.example.com\nendpoint: triton.example.com",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to Triton. It must be greater than 0.",
            example: "refresh_interval: 1m\naccount: web\ndns_suffix: triton.example.com\nendpoint: triton.example.com",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "tls_config",
            ty: Type::Record(&super::super::tls::TLS),
            default: DefaultValue::None,
            note: "certificates",
            doc: "Certificates for the connection to Triton.",
            example: "tls_config:\n  insecure_skip_verify: true\naccount: web\ndns_suffix: triton.example.com\nendpoint: triton.example.com",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "version",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("1"),
            note: "version of the API",
            doc: "The version of Triton's discovery API.",
            example: "version: 1\naccount: web\ndns_suffix: triton.example.com\nendpoint: triton.example.com",
            since: Version(1, 5),
            ..FIELD
        },
    ],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if !["container", "cn"].contains(&&*view.text_or("role", "container")) {
        let message = "triton SD configuration requires role to be 'container' or 'cn'";
        fault(cx, INVALID, view.at("role"), message);
    }
    required(
        cx,
        &view,
        &[
            ("account", "triton SD configuration requires an account"),
            ("dns_suffix", "triton SD configuration requires a dns_suffix"),
            ("endpoint", "triton SD configuration requires an endpoint"),
        ],
    );
    if view.duration("refresh_interval", Duration::from_secs(60)).millis() <= 0 {
        let message = "triton SD configuration requires RefreshInterval to be a positive integer";
        fault(cx, INVALID, view.at("refresh_interval"), message);
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "triton_sd_configs",
        ty: Type::List(&Type::Record(&TRITON)),
        default: DefaultValue::None,
        note: "targets from Triton's container monitor",
        doc: "Targets from Triton's container monitor.",
        example: "triton_sd_configs:\n  - tls_config:\n      insecure_skip_verify: true\n    account: web\n    dns_suffix: triton.example.com\n    endpoint: triton.example.com",
        since: Version(1, 5),
        ..FIELD
    },
    go_type: &["[]*triton.SDConfig"],
    records: &[(&TRITON, "triton.SDConfig")],
    address: "The container's or node's id under `dns_suffix`, and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta {
        name: "__meta_triton_groups",
        doc: "groups of the container, joined by commas",
        roles: "container",
    },
    Meta {
        name: "__meta_triton_machine_alias",
        doc: "alias of the container or host name of the node",
        roles: "",
    },
    Meta { name: "__meta_triton_machine_brand", doc: "brand of the container", roles: "container" },
    Meta { name: "__meta_triton_machine_id", doc: "UUID of the container or node", roles: "" },
    Meta { name: "__meta_triton_machine_image", doc: "image of the container", roles: "container" },
    Meta {
        name: "__meta_triton_server_id",
        doc: "server that the container runs on",
        roles: "container",
    },
];
