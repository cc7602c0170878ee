//! `uyuni_sd_configs`: targets from systems that Uyuni manages.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, required};
use go::url;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: uyuni.SDConfig.
pub static UYUNI: Record = Record {
    name: "uyuni_sd_config",
    go_type: "uyuni.plain",
    doc: "Targets from systems that Uyuni manages.",
    fields: &[
        Field {
            key: "server",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "Uyuni's URL",
            doc: "The URL of the server. Required.",
            example: "server: https://uyuni\nusername: prometheus\npassword: abc",
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "username",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "user name",
            doc: "The user's name. Required.",
            example: "username: prometheus\nserver: https://uyuni\npassword: abc",
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "password",
            always_printed: true,
            ty: Type::Secret,
            default: DefaultValue::None,
            note: "password",
            doc: "The user's password. Required.",
            example: "password: abc\nserver: https://uyuni\nusername: prometheus",
            since: Version(2, 31),
            secret: true,
            ..FIELD
        },
        Field {
            key: "entitlement",
            ty: Type::String,
            default: DefaultValue::Literal("monitoring_entitled"),
            note: "which systems",
            doc: "Only systems with this entitlement.",
            example: "entitlement: monitoring_entitled",
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "separator",
            ty: Type::String,
            default: DefaultValue::Literal(","),
            note: "joins groups",
            doc: "The separator between groups in their label.",
            example: "separator: ','",
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to Uyuni.",
            example: "refresh_interval: 1m",
            since: Version(2, 31),
            ..FIELD
        },
    ],
    inlined_before: "entitlement",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    required(cx, &view, &[("server", "Uyuni SD configuration requires server host")]);
    if let Err(reason) = url::parse(&view.text("server")) {
        fault(cx, INVALID, view.at("server"), format!("Uyuni Server URL is not valid: {reason}"));
    }
    required(
        cx,
        &view,
        &[
            ("username", "Uyuni SD configuration requires a username"),
            ("password", "Uyuni SD configuration requires a password"),
        ],
    );
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "uyuni_sd_configs",
        ty: Type::List(&Type::Record(&UYUNI)),
        default: DefaultValue::None,
        note: "targets from systems that Uyuni manages",
        doc: "Targets from systems that Uyuni manages.",
        example: "uyuni_sd_configs:\n  - server: https://uyuni\n    username: prometheus\n    password: abc",
        since: Version(2, 31),
        ..FIELD
    },
    go_type: &["[]*uyuni.SDConfig"],
    records: &[(&UYUNI, "uyuni.SDConfig")],
    address: "The system's name or address and the exporter's port.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_uyuni_endpoint_name", doc: "endpoint name", roles: "" },
    Meta { name: "__meta_uyuni_exporter", doc: "exporter", roles: "" },
    Meta { name: "__meta_uyuni_groups", doc: "groups", roles: "" },
    Meta { name: "__meta_uyuni_metrics_path", doc: "metrics path", roles: "" },
    Meta { name: "__meta_uyuni_minion_hostname", doc: "minion hostname", roles: "" },
    Meta { name: "__meta_uyuni_primary_fqdn", doc: "primary FQDN", roles: "" },
    Meta { name: "__meta_uyuni_proxy_module", doc: "proxy module", roles: "" },
    Meta { name: "__meta_uyuni_scheme", doc: "scheme", roles: "" },
    Meta { name: "__meta_uyuni_system_id", doc: "system ID", roles: "" },
];
