//! `gce_sd_configs`: targets from Google Cloud's virtual machines.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::validate::required;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: gce.SDConfig, config.GCESDConfig.
pub static GCE: Record = Record {
    name: "gce_sd_config",
    go_type: "gce.plain",
    doc: "Targets from Google Cloud's virtual machines. Credentials are found as Google's libraries find them.",
    fields: &[
        Field {
            key: "project",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "Google Cloud project",
            doc: "The project's id. Required.",
            example: "project: web-prod\nzone: europe-west1-b",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "zone",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "one zone",
            doc: "The zone. Several zones need several entries. Required.",
            example: "zone: europe-west1-b\nproject: web-prod",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "filter",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "which machines",
            doc: "A filter of the Compute API.",
            example: "filter: labels.metrics=true\nproject: web-prod\nzone: europe-west1-b",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests for the list of virtual machines.",
            example: "refresh_interval: 1m\nproject: web-prod\nzone: europe-west1-b",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every machine.",
            example: "port: 9100\nproject: web-prod\nzone: europe-west1-b",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "tag_separator",
            ty: Type::String,
            default: DefaultValue::Literal(","),
            note: "joins tags",
            doc: "The separator between tags in their label. The value also starts and ends with it.",
            example: "tag_separator: ','\nproject: web-prod\nzone: europe-west1-b",
            since: Version(1, 2),
            ..FIELD
        },
    ],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    required(
        cx,
        &view,
        &[
            ("project", "GCE SD configuration requires a project"),
            ("zone", "GCE SD configuration requires a zone"),
        ],
    );
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "gce_sd_configs",
        ty: Type::List(&Type::Record(&GCE)),
        default: DefaultValue::None,
        note: "targets from Google Cloud's virtual machines",
        doc: "Targets from Google Cloud's virtual machines. Credentials are found as Google's libraries find them.",
        example: "gce_sd_configs:\n  - filter: labels.metrics=true\n    project: web-prod\n    zone: europe-west1-b",
        since: Version(1, 2),
        ..FIELD
    },
    go_type: &["[]*gce.SDConfig"],
    records: &[(&GCE, "gce.SDConfig")],
    address: "The machine's private address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_gce_instance_id", doc: "instance ID", roles: "" },
    Meta { name: "__meta_gce_instance_name", doc: "instance name", roles: "" },
    Meta { name: "__meta_gce_label_<labelname>", doc: "each label", roles: "" },
    Meta { name: "__meta_gce_machine_type", doc: "machine type", roles: "" },
    Meta { name: "__meta_gce_metadata_<name>", doc: "each metadata", roles: "" },
    Meta { name: "__meta_gce_network", doc: "network", roles: "" },
    Meta { name: "__meta_gce_private_ip", doc: "private IP", roles: "" },
    Meta { name: "__meta_gce_interface_ipv4_<name>", doc: "each interface IPv4", roles: "" },
    Meta { name: "__meta_gce_project", doc: "project", roles: "" },
    Meta { name: "__meta_gce_public_ip", doc: "public IP", roles: "" },
    Meta { name: "__meta_gce_subnetwork", doc: "subnetwork", roles: "" },
    Meta { name: "__meta_gce_tags", doc: "tags", roles: "" },
    Meta { name: "__meta_gce_zone", doc: "zone", roles: "" },
];
