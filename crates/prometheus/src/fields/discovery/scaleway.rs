//! `scaleway_sd_configs`: targets from Scaleway's instances or bare metal servers.

use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Type, Version};

/// Upstream: scaleway.SDConfig.
pub static SCALEWAY: Record = Record {
    name: "scaleway_sd_config",
    go_type: "scaleway.plain",
    doc: "Targets from Scaleway's instances or bare metal servers.",
    fields: &[
        Field {
            key: "project_id",
            ty: Type::String,
            default: DefaultValue::None,
            note: "project",
            doc: "The project's id. Required.",
            example: "project_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "api_url",
            ty: Type::String,
            default: DefaultValue::Literal("https://api.scaleway.com"),
            note: "API's URL",
            doc: "The URL of the API.",
            example: "api_url: https://api.scaleway.com",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "zone",
            ty: Type::String,
            default: DefaultValue::Literal("fr-par-1"),
            note: "zone",
            doc: "The zone. Several zones need several entries.",
            example: "zone: nl-ams-1",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "access_key",
            ty: Type::String,
            default: DefaultValue::None,
            note: "access key",
            doc: "The access key. Required.",
            example: "access_key: SCWXXXXXXXXXXXXXXXXX",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "secret_key",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "secret key",
            doc: "The secret key.",
            example: "secret_key: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 26),
            secret: true,
            ..FIELD
        },
        Field {
            key: "secret_key_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the secret key",
            doc: "A file that holds the secret key.",
            example: "secret_key_file: /etc/prometheus/scaleway",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "name_filter",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "which names",
            doc: "Only servers with this name.",
            example: "name_filter: web",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "tags_filter",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "which tags",
            doc: "Only servers with all of these tags.",
            example: "tags_filter: [metrics]",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "ask every {value}",
            doc: "How often Scaleway is asked.",
            example: "refresh_interval: 1m",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "port",
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every server.",
            example: "port: 9100",
            since: Version(2, 26),
            ..FIELD
        },
        Field {
            key: "role",
            ty: Type::OneOf(&[Type::Enum(values::SCALEWAY_ROLES), Type::String]),
            default: DefaultValue::None,
            note: "what becomes a target",
            doc: "Whether instances or bare metal servers become targets. Required.",
            example: "role: instance",
            since: Version(2, 26),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(validate::sd::scaleway),
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "scaleway_sd_configs",
    record: &SCALEWAY,
    address: "An instance's private address or a server's public one, and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_scaleway_instance_boot_type", doc: "instance boot type", roles: "" },
    Meta { name: "__meta_scaleway_instance_hostname", doc: "instance hostname", roles: "" },
    Meta { name: "__meta_scaleway_instance_id", doc: "instance ID", roles: "" },
    Meta { name: "__meta_scaleway_instance_image_arch", doc: "instance image arch", roles: "" },
    Meta { name: "__meta_scaleway_instance_image_id", doc: "instance image ID", roles: "" },
    Meta { name: "__meta_scaleway_instance_image_name", doc: "instance image name", roles: "" },
    Meta {
        name: "__meta_scaleway_instance_location_cluster_id",
        doc: "instance location cluster ID",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_instance_location_hypervisor_id",
        doc: "instance location hypervisor ID",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_instance_location_node_id",
        doc: "instance location node ID",
        roles: "",
    },
    Meta { name: "__meta_scaleway_instance_name", doc: "instance name", roles: "" },
    Meta {
        name: "__meta_scaleway_instance_organization_id",
        doc: "instance organization ID",
        roles: "",
    },
    Meta { name: "__meta_scaleway_instance_private_ipv4", doc: "instance private IPv4", roles: "" },
    Meta { name: "__meta_scaleway_instance_project_id", doc: "instance project ID", roles: "" },
    Meta { name: "__meta_scaleway_instance_public_ipv4", doc: "instance public IPv4", roles: "" },
    Meta { name: "__meta_scaleway_instance_public_ipv6", doc: "instance public IPv6", roles: "" },
    Meta {
        name: "__meta_scaleway_instance_public_ipv4_addresses",
        doc: "instance public IPv4 addresses",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_instance_public_ipv6_addresses",
        doc: "instance public IPv6 addresses",
        roles: "",
    },
    Meta { name: "__meta_scaleway_instance_region", doc: "instance region", roles: "" },
    Meta {
        name: "__meta_scaleway_instance_security_group_id",
        doc: "instance security group ID",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_instance_security_group_name",
        doc: "instance security group name",
        roles: "",
    },
    Meta { name: "__meta_scaleway_instance_status", doc: "instance status", roles: "" },
    Meta { name: "__meta_scaleway_instance_tags", doc: "instance tags", roles: "" },
    Meta { name: "__meta_scaleway_instance_type", doc: "instance type", roles: "" },
    Meta { name: "__meta_scaleway_instance_zone", doc: "instance zone", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_id", doc: "baremetal ID", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_public_ipv4", doc: "baremetal public IPv4", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_public_ipv6", doc: "baremetal public IPv6", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_name", doc: "baremetal name", roles: "" },
    Meta {
        name: "__meta_scaleway_baremetal_os_name",
        doc: "baremetal operating system name",
        roles: "",
    },
    Meta {
        name: "__meta_scaleway_baremetal_os_version",
        doc: "baremetal operating system version",
        roles: "",
    },
    Meta { name: "__meta_scaleway_baremetal_project_id", doc: "baremetal project ID", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_status", doc: "baremetal status", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_tags", doc: "baremetal tags", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_type", doc: "baremetal type", roles: "" },
    Meta { name: "__meta_scaleway_baremetal_zone", doc: "baremetal zone", roles: "" },
];
