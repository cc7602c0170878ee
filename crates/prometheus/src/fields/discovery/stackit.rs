//! `stackit_sd_configs`: targets from servers in STACKIT's cloud.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, missing};
use go::quote::quote;
use go::url;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: stackit.SDConfig.
pub static STACKIT: Record = Record {
    name: "stackit_sd_config",
    go_type: "stackit.plain",
    doc: "Targets from servers in STACKIT's cloud.",
    fields: &[
        Field {
            key: "project",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "project",
            doc: "The project's id.",
            example: "project: 11111111-1111-1111-1111-111111111111",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to STACKIT.",
            example: "refresh_interval: 1m",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "port",
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every server.",
            example: "port: 9100",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "region",
            ty: Type::String,
            default: DefaultValue::Literal("eu01"),
            note: "region",
            doc: "The region.",
            example: "region: eu01",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "endpoint",
            ty: Type::String,
            default: DefaultValue::Computed("the API of the region"),
            note: "API's URL",
            doc: "The URL of the API.",
            example: "endpoint: https://iaas.api.eu01.stackit.cloud",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "service_account_key",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "service account",
            doc: "The service account's key as JSON.",
            example: "service_account_key: abc",
            since: Version(3, 5),
            secret: true,
            ..FIELD
        },
        Field {
            key: "private_key",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "private key",
            doc: "The private key of the service account.",
            example: "private_key: abc",
            since: Version(3, 5),
            secret: true,
            ..FIELD
        },
        Field {
            key: "service_account_key_path",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file of the service account",
            doc: "A file with the service account's key.",
            example: "service_account_key_path: /etc/prometheus/stackit.json",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "private_key_path",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file of the private key",
            doc: "A file with the private key.",
            example: "private_key_path: /etc/prometheus/stackit.pem",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "credentials_file_path",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "credentials file",
            doc: "A file with STACKIT's credentials.",
            example: "credentials_file_path: /etc/prometheus/stackit-credentials.json",
            since: Version(3, 5),
            ..FIELD
        },
    ],
    inlined_before: "project",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let endpoint = view.text("endpoint");
    if endpoint.is_empty() && view.text_or("region", "eu01").is_empty() {
        missing(cx, &view, "endpoint", "stackit_sd: endpoint and region missing");
    }
    if let Err(reason) = url::parse(&endpoint) {
        let message = format!("stackit_sd: invalid endpoint {}: {reason}", quote(&endpoint));
        fault(cx, INVALID, view.at("endpoint"), message);
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "stackit_sd_configs",
        ty: Type::List(&Type::Record(&STACKIT)),
        default: DefaultValue::None,
        note: "targets from servers in STACKIT's cloud",
        doc: "Targets from servers in STACKIT's cloud.",
        example: "stackit_sd_configs:\n  - project: 11111111-1111-1111-1111-111111111111",
        since: Version(3, 5),
        ..FIELD
    },
    go_type: &["[]*stackit.SDConfig"],
    records: &[(&STACKIT, "stackit.SDConfig")],
    address: "The server's address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_stackit_availability_zone", doc: "availability zone", roles: "" },
    Meta { name: "__meta_stackit_label_<labelname>", doc: "each label", roles: "" },
    Meta { name: "__meta_stackit_labelpresent_<labelname>", doc: "each labelpresent", roles: "" },
    Meta { name: "__meta_stackit_private_ipv4_<networkname>", doc: "each private IPv4", roles: "" },
    Meta { name: "__meta_stackit_public_ipv4", doc: "public IPv4", roles: "" },
    Meta { name: "__meta_stackit_id", doc: "ID", roles: "" },
    Meta { name: "__meta_stackit_type", doc: "type", roles: "" },
    Meta { name: "__meta_stackit_name", doc: "name", roles: "" },
    Meta { name: "__meta_stackit_status", doc: "status", roles: "" },
    Meta { name: "__meta_stackit_power_status", doc: "power status", roles: "" },
];
