//! `nomad_sd_configs`: targets from services that Nomad registers itself.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate::missing;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: nomad.SDConfig.
pub static NOMAD: Record = Record {
    name: "nomad_sd_config",
    go_type: "nomad.plain",
    doc: "Targets from services that Nomad registers itself.",
    fields: &[
        Field {
            key: "allow_stale",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "any server may answer",
            doc: "If true, any server may answer, and answers may be slightly outdated.",
            example: "allow_stale: false",
            since: Version(2, 37),
            ..FIELD
        },
        Field {
            key: "namespace",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Literal("default"),
            note: "Nomad namespace",
            doc: "The namespace to ask for.",
            example: "namespace: web",
            since: Version(2, 37),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to Nomad.",
            example: "refresh_interval: 1m",
            since: Version(2, 37),
            ..FIELD
        },
        Field {
            key: "region",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Literal("global"),
            note: "Nomad region",
            doc: "The region to ask for.",
            example: "region: eu",
            since: Version(2, 37),
            ..FIELD
        },
        Field {
            key: "server",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Literal("http://localhost:4646"),
            note: "Nomad's URL",
            doc: "The URL of Nomad's API.",
            example: "server: http://nomad:4646",
            since: Version(2, 37),
            ..FIELD
        },
        Field {
            key: "tag_separator",
            ty: Type::String,
            default: DefaultValue::Literal(","),
            note: "joins tags",
            doc: "The separator between tags in their label.",
            example: "tag_separator: ','",
            since: Version(2, 37),
            ..FIELD
        },
    ],
    inlined_before: "namespace",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.text_or("server", "http://localhost:4646").trim().is_empty() {
        missing(cx, &view, "server", "nomad SD configuration requires a server address");
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "nomad_sd_configs",
        ty: Type::List(&Type::Record(&NOMAD)),
        default: DefaultValue::None,
        note: "targets from services that Nomad registers itself",
        doc: "Targets from services that Nomad registers itself.",
        example: "nomad_sd_configs:\n  - allow_stale: false",
        since: Version(2, 37),
        ..FIELD
    },
    go_type: &["[]*nomad.SDConfig"],
    records: &[(&NOMAD, "nomad.SDConfig")],
    address: "Address and port of the service.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_nomad_address", doc: "address of the service", roles: "" },
    Meta { name: "__meta_nomad_dc", doc: "data center", roles: "" },
    Meta { name: "__meta_nomad_namespace", doc: "namespace of the service", roles: "" },
    Meta { name: "__meta_nomad_node_id", doc: "node that it runs on", roles: "" },
    Meta { name: "__meta_nomad_service", doc: "name of the service", roles: "" },
    Meta { name: "__meta_nomad_service_address", doc: "address of the service", roles: "" },
    Meta { name: "__meta_nomad_service_id", doc: "id of the service", roles: "" },
    Meta { name: "__meta_nomad_service_port", doc: "port of the service", roles: "" },
    Meta {
        name: "__meta_nomad_tags",
        doc: "tags, joined and surrounded by the tag separator",
        roles: "",
    },
];
