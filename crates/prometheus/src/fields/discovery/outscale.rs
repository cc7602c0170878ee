//! `outscale_sd_configs`: targets from virtual machines at Outscale.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::validate::{CONFLICT, fault, missing, required};
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: outscale.SDConfig.
pub static OUTSCALE: Record = Record {
    name: "outscale_sd_config",
    go_type: "outscale.plain",
    doc: "Targets from virtual machines at Outscale.",
    fields: &[
        Field {
            key: "endpoint",
            ty: Type::String,
            default: DefaultValue::Computed("the API of the region"),
            note: "API's URL",
            doc: "The URL of the API.",
            example: "endpoint: https://api.eu-west-2.outscale.com/api/v1",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "region",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Literal("eu-west-2"),
            note: "region",
            doc: "The region.",
            example: "region: eu-west-2",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "access_key",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "access key",
            doc: "The access key's id. Required.",
            example: "access_key: A1B2C3\nsecret_key: abc",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "secret_key",
            always_printed: true,
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "secret key",
            doc: "The secret that belongs to the access key.",
            example: "secret_key: abc\naccess_key: A1B2C3",
            since: Version(3, 12),
            secret: true,
            ..FIELD
        },
        Field {
            key: "secret_key_file",
            always_printed: true,
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the secret key",
            doc: "A file with the secret.",
            example: "secret_key_file: /etc/prometheus/outscale\naccess_key: A1B2C3",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to Outscale.",
            example: "refresh_interval: 1m",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every machine.",
            example: "port: 9100",
            since: Version(3, 12),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.text_or("region", "eu-west-2").is_empty() {
        missing(cx, &view, "region", "outscale SD configuration requires a region");
    }
    required(cx, &view, &[("access_key", "outscale SD configuration requires access_key")]);
    secret_key(cx, &view);
}

/// A secret that is given either as text or by a file.
pub(super) fn secret_key(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    match (view.filled("secret_key"), view.filled("secret_key_file")) {
        (false, false) => {
            let message = "one of secret_key & secret_key_file must be configured";
            missing(cx, view, "secret_key", message);
        }
        (true, true) => {
            let message = "at most one of secret_key & secret_key_file must be configured";
            fault(cx, CONFLICT, view.key_at("secret_key_file"), message);
        }
        _ => {}
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "outscale_sd_configs",
        ty: Type::List(&Type::Record(&OUTSCALE)),
        default: DefaultValue::None,
        note: "targets from virtual machines at Outscale",
        doc: "Targets from virtual machines at Outscale.",
        example: "outscale_sd_configs:\n  - access_key: A1B2C3\n    secret_key_file: /etc/prometheus/outscale",
        since: Version(3, 12),
        ..FIELD
    },
    go_type: &["[]*outscale.SDConfig"],
    records: &[(&OUTSCALE, "outscale.SDConfig")],
    address: "The machine's private address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_outscale_vm_instance_id", doc: "vm instance ID", roles: "" },
    Meta { name: "__meta_outscale_vm_region", doc: "vm region", roles: "" },
    Meta { name: "__meta_outscale_vm_subregion", doc: "vm subregion", roles: "" },
    Meta { name: "__meta_outscale_vm_state", doc: "vm state", roles: "" },
    Meta { name: "__meta_outscale_vm_private_ip", doc: "vm private IP", roles: "" },
    Meta { name: "__meta_outscale_vm_public_ip", doc: "vm public IP", roles: "" },
    Meta { name: "__meta_outscale_vm_tag_<key>", doc: "each vm tag", roles: "" },
];
