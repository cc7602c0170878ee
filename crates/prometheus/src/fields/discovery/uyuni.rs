//! `uyuni_sd_configs`: targets from systems that Uyuni manages.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: uyuni.SDConfig.
pub static UYUNI: Record = Record {
    name: "uyuni_sd_config",
    go_type: "uyuni.plain",
    doc: "Targets from systems that Uyuni manages.",
    fields: &[
        Field {
            key: "server",
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
            doc: "What joins the groups in their label.",
            example: "separator: ','",
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "ask every {value}",
            doc: "How often Uyuni is asked.",
            example: "refresh_interval: 1m",
            since: Version(2, 31),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(validate::sd::uyuni),
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "uyuni_sd_configs",
    record: &UYUNI,
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
