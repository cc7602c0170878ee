//! `hetzner_sd_configs`: targets from Hetzner's cloud or its dedicated servers.

use super::super::{DURATION, INT, values};
use super::{Mechanism, Meta};
use crate::validate::role;
use go::quote::quote;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: hetzner.SDConfig.
pub static HETZNER: Record = Record {
    name: "hetzner_sd_config",
    go_type: "hetzner.plain",
    doc: "Targets from Hetzner's cloud or its dedicated servers.",
    fields: &[
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to Hetzner.",
            example: "refresh_interval: 1m\nrole: hcloud",
            since: Version(2, 21),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every server.",
            example: "port: 9100\nrole: hcloud",
            since: Version(2, 21),
            ..FIELD
        },
        Field {
            key: "role",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::HETZNER_ROLES), Type::String]),
            default: DefaultValue::None,
            note: "cloud or dedicated",
            doc: "The resources that become targets: cloud servers or dedicated servers. Required.",
            example: "role: hcloud",
            since: Version(2, 21),
            ..FIELD
        },
        Field {
            key: "label_selector",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "which servers",
            doc: "A selector over the servers' labels, for the cloud.",
            example: "label_selector: env=prod\nrole: hcloud",
            since: Version(3, 5),
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
    let absent = "role missing (one of: robot, hcloud)";
    role(cx, &view, "role", &["robot", "hcloud"], absent, |role| {
        format!("unknown role {}", quote(role))
    });
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "hetzner_sd_configs",
        ty: Type::List(&Type::Record(&HETZNER)),
        default: DefaultValue::None,
        note: "targets from Hetzner's cloud or its dedicated servers",
        doc: "Targets from Hetzner's cloud or its dedicated servers.",
        example: "hetzner_sd_configs:\n  - role: hcloud",
        since: Version(2, 21),
        ..FIELD
    },
    go_type: &["[]*hetzner.SDConfig"],
    records: &[(&HETZNER, "hetzner.SDConfig")],
    address: "The server's public IPv4 address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_hetzner_server_id", doc: "server ID", roles: "" },
    Meta { name: "__meta_hetzner_server_name", doc: "server name", roles: "" },
    Meta { name: "__meta_hetzner_server_status", doc: "server status", roles: "" },
    Meta { name: "__meta_hetzner_public_ipv4", doc: "public IPv4", roles: "" },
    Meta { name: "__meta_hetzner_public_ipv6_network", doc: "public IPv6 network", roles: "" },
    Meta { name: "__meta_hetzner_hcloud_image_name", doc: "hcloud image name", roles: "hcloud" },
    Meta {
        name: "__meta_hetzner_hcloud_image_description",
        doc: "hcloud image description",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_hcloud_image_os_flavor",
        doc: "hcloud image operating system flavor",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_hcloud_image_os_version",
        doc: "hcloud image operating system version",
        roles: "hcloud",
    },
    Meta { name: "__meta_hetzner_hcloud_location", doc: "hcloud location", roles: "hcloud" },
    Meta {
        name: "__meta_hetzner_hcloud_location_network_zone",
        doc: "hcloud location network zone",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_hcloud_datacenter_location",
        doc: "hcloud datacenter location",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_hcloud_datacenter_location_network_zone",
        doc: "hcloud datacenter location network zone",
        roles: "hcloud",
    },
    Meta { name: "__meta_hetzner_hcloud_server_type", doc: "hcloud server type", roles: "hcloud" },
    Meta { name: "__meta_hetzner_hcloud_cpu_cores", doc: "hcloud CPU cores", roles: "hcloud" },
    Meta { name: "__meta_hetzner_hcloud_cpu_type", doc: "hcloud CPU type", roles: "hcloud" },
    Meta {
        name: "__meta_hetzner_hcloud_memory_size_gb",
        doc: "hcloud memory size GB",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_hcloud_disk_size_gb",
        doc: "hcloud disk size GB",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_hcloud_private_ipv4_<networkname>",
        doc: "each hcloud private IPv4",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_hcloud_label_<labelname>",
        doc: "each hcloud label",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_hcloud_labelpresent_<labelname>",
        doc: "`true` for each hcloud label",
        roles: "hcloud",
    },
    Meta {
        name: "__meta_hetzner_datacenter",
        doc: "the older name of `__meta_hetzner_robot_datacenter`",
        roles: "robot",
    },
    Meta { name: "__meta_hetzner_robot_datacenter", doc: "robot datacenter", roles: "robot" },
    Meta { name: "__meta_hetzner_robot_product", doc: "robot product", roles: "robot" },
    Meta { name: "__meta_hetzner_robot_cancelled", doc: "robot cancelled", roles: "robot" },
];
