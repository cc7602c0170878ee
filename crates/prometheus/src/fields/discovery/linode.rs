//! `linode_sd_configs`: targets from Linode's instances.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: linode.SDConfig.
pub static LINODE: Record = Record {
    name: "linode_sd_config",
    go_type: "linode.plain",
    doc: "Targets from Linode's instances.",
    fields: &[
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to Linode.",
            example: "refresh_interval: 1m",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every instance.",
            example: "port: 9100",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "tag_separator",
            ty: Type::String,
            default: DefaultValue::Literal(","),
            note: "joins tags",
            doc: "The separator between tags in their label.",
            example: "tag_separator: ','",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "region",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "only this region",
            doc: "Only instances of this region. Empty means all.",
            example: "region: eu-central",
            since: Version(2, 52),
            ..FIELD
        },
    ],
    inlined_before: "refresh_interval",
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "linode_sd_configs",
        ty: Type::List(&Type::Record(&LINODE)),
        default: DefaultValue::None,
        note: "targets from Linode's instances",
        doc: "Targets from Linode's instances.",
        example: "linode_sd_configs:\n  - refresh_interval: 1m",
        since: Version(2, 28),
        ..FIELD
    },
    go_type: &["[]*linode.SDConfig"],
    records: &[(&LINODE, "linode.SDConfig")],
    address: "The instance's public IPv4 address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_linode_instance_id", doc: "instance ID", roles: "" },
    Meta { name: "__meta_linode_instance_label", doc: "instance label", roles: "" },
    Meta { name: "__meta_linode_image", doc: "image", roles: "" },
    Meta { name: "__meta_linode_private_ipv4", doc: "private IPv4", roles: "" },
    Meta { name: "__meta_linode_public_ipv4", doc: "public IPv4", roles: "" },
    Meta { name: "__meta_linode_public_ipv6", doc: "public IPv6", roles: "" },
    Meta {
        name: "__meta_linode_private_ipv4_rdns",
        doc: "private IPv4 reverse DNS name",
        roles: "",
    },
    Meta { name: "__meta_linode_public_ipv4_rdns", doc: "public IPv4 reverse DNS name", roles: "" },
    Meta { name: "__meta_linode_public_ipv6_rdns", doc: "public IPv6 reverse DNS name", roles: "" },
    Meta { name: "__meta_linode_region", doc: "region", roles: "" },
    Meta { name: "__meta_linode_type", doc: "type", roles: "" },
    Meta { name: "__meta_linode_status", doc: "status", roles: "" },
    Meta { name: "__meta_linode_tags", doc: "tags", roles: "" },
    Meta { name: "__meta_linode_group", doc: "group", roles: "" },
    Meta { name: "__meta_linode_gpus", doc: "gpus", roles: "" },
    Meta { name: "__meta_linode_hypervisor", doc: "hypervisor", roles: "" },
    Meta { name: "__meta_linode_backups", doc: "backups", roles: "" },
    Meta { name: "__meta_linode_specs_disk_bytes", doc: "specs disk bytes", roles: "" },
    Meta { name: "__meta_linode_specs_memory_bytes", doc: "specs memory bytes", roles: "" },
    Meta { name: "__meta_linode_specs_vcpus", doc: "specs virtual CPUs", roles: "" },
    Meta { name: "__meta_linode_specs_transfer_bytes", doc: "specs transfer bytes", roles: "" },
    Meta { name: "__meta_linode_extra_ips", doc: "extra ips", roles: "" },
    Meta { name: "__meta_linode_ipv6_ranges", doc: "IPv6 ranges", roles: "" },
];
