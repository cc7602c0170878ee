//! `digitalocean_sd_configs`: targets from DigitalOcean's droplets or databases.

use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate::role;
use go::quote::quote;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: digitalocean.SDConfig.
pub static DIGITALOCEAN: Record = Record {
    name: "digitalocean_sd_config",
    go_type: "digitalocean.plain",
    doc: "Targets from DigitalOcean's droplets or databases.",
    fields: &[
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to DigitalOcean.",
            example: "refresh_interval: 1m",
            since: Version(2, 20),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every droplet.",
            example: "port: 9100",
            since: Version(2, 20),
            ..FIELD
        },
        Field {
            key: "role",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::DO_ROLES), Type::String]),
            default: DefaultValue::Literal("droplets"),
            note: "objects that become targets",
            doc: "The resources that become targets: droplets or databases.",
            example: "role: droplets",
            since: Version(3, 12),
            ..FIELD
        },
        Field {
            key: "httpclient",
            always_printed: true,
            ty: Type::Any,
            default: DefaultValue::None,
            note: "printed by Prometheus, not for writing",
            doc: "A part of the program that Prometheus 3.14 prints on its configuration page by oversight, as `null`.",
            example: "httpclient: null",
            since: Version(3, 12),
            ..FIELD
        },
    ],
    inlined_before: "refresh_interval",
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    let absent = match view.entry("role") {
        Some(_) => "role missing (one of: droplets, databases)",
        None => "",
    };
    role(cx, &view, "role", &["droplets", "databases"], absent, |role| {
        format!("unknown DigitalOcean SD role {}", quote(role))
    });
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "digitalocean_sd_configs",
        ty: Type::List(&Type::Record(&DIGITALOCEAN)),
        default: DefaultValue::None,
        note: "targets from DigitalOcean's droplets or databases",
        doc: "Targets from DigitalOcean's droplets or databases.",
        example: "digitalocean_sd_configs:\n  - refresh_interval: 1m",
        since: Version(2, 20),
        ..FIELD
    },
    go_type: &["[]*digitalocean.SDConfig"],
    records: &[(&DIGITALOCEAN, "digitalocean.SDConfig")],
    address: "A droplet's public address and the `port` given here; a database's host and port.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_digitalocean_droplet_id", doc: "droplet ID", roles: "droplets" },
    Meta { name: "__meta_digitalocean_droplet_name", doc: "droplet name", roles: "droplets" },
    Meta { name: "__meta_digitalocean_image", doc: "image", roles: "droplets" },
    Meta { name: "__meta_digitalocean_image_name", doc: "image name", roles: "droplets" },
    Meta { name: "__meta_digitalocean_private_ipv4", doc: "private IPv4", roles: "droplets" },
    Meta { name: "__meta_digitalocean_public_ipv4", doc: "public IPv4", roles: "droplets" },
    Meta { name: "__meta_digitalocean_public_ipv6", doc: "public IPv6", roles: "droplets" },
    Meta { name: "__meta_digitalocean_region", doc: "region", roles: "droplets" },
    Meta { name: "__meta_digitalocean_size", doc: "size", roles: "droplets" },
    Meta { name: "__meta_digitalocean_status", doc: "status", roles: "droplets" },
    Meta { name: "__meta_digitalocean_features", doc: "features", roles: "droplets" },
    Meta { name: "__meta_digitalocean_tags", doc: "tags", roles: "droplets" },
    Meta { name: "__meta_digitalocean_vpc", doc: "VPC", roles: "droplets" },
    Meta { name: "__meta_digitalocean_db_id", doc: "database ID", roles: "databases" },
    Meta { name: "__meta_digitalocean_db_name", doc: "database name", roles: "databases" },
    Meta { name: "__meta_digitalocean_db_engine", doc: "database engine", roles: "databases" },
    Meta { name: "__meta_digitalocean_db_version", doc: "database version", roles: "databases" },
    Meta { name: "__meta_digitalocean_db_status", doc: "database status", roles: "databases" },
    Meta { name: "__meta_digitalocean_db_region", doc: "database region", roles: "databases" },
    Meta { name: "__meta_digitalocean_db_size", doc: "database size", roles: "databases" },
    Meta {
        name: "__meta_digitalocean_db_num_nodes",
        doc: "database num nodes",
        roles: "databases",
    },
    Meta { name: "__meta_digitalocean_db_host", doc: "database host", roles: "databases" },
    Meta {
        name: "__meta_digitalocean_db_private_host",
        doc: "database private host",
        roles: "databases",
    },
    Meta {
        name: "__meta_digitalocean_db_tag_<tagname>",
        doc: "each database tag",
        roles: "databases",
    },
];
