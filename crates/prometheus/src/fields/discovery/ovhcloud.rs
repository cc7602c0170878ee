//! `ovhcloud_sd_configs`: targets from OVHcloud: dedicated or virtual private servers.

use super::super::{DURATION, values};
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, missing, required};
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: ovhcloud.SDConfig.
pub static OVHCLOUD: Record = Record {
    name: "ovhcloud_sd_config",
    go_type: "ovhcloud.plain",
    doc: "Targets from OVHcloud: dedicated or virtual private servers.",
    fields: &[
        Field {
            key: "endpoint",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::Literal("ovh-eu"),
            note: "API",
            doc: "The API's name or URL.",
            example: "endpoint: ovh-eu",
            since: Version(2, 40),
            ..FIELD
        },
        Field {
            key: "application_key",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "application",
            doc: "The application's key. Required.",
            example: "application_key: abc",
            since: Version(2, 40),
            ..FIELD
        },
        Field {
            key: "application_secret",
            always_printed: true,
            ty: Type::Secret,
            default: DefaultValue::None,
            note: "its secret",
            doc: "The application's secret. Required.",
            example: "application_secret: abc",
            since: Version(2, 40),
            secret: true,
            ..FIELD
        },
        Field {
            key: "consumer_key",
            always_printed: true,
            ty: Type::Secret,
            default: DefaultValue::None,
            note: "consumer",
            doc: "The consumer's key. Required.",
            example: "consumer_key: abc",
            since: Version(2, 40),
            secret: true,
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to OVHcloud.",
            example: "refresh_interval: 1m",
            since: Version(2, 40),
            ..FIELD
        },
        Field {
            key: "service",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::OVH_SERVICES), Type::String]),
            default: DefaultValue::None,
            note: "kind of server",
            doc: "The servers that become targets. Required.",
            example: "service: vps",
            since: Version(2, 40),
            ..FIELD
        },
    ],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.text_or("endpoint", "ovh-eu").is_empty() {
        missing(cx, &view, "endpoint", "endpoint can not be empty");
    }
    required(
        cx,
        &view,
        &[
            ("application_key", "application key can not be empty"),
            ("application_secret", "application secret can not be empty"),
            ("consumer_key", "consumer key can not be empty"),
        ],
    );
    let service = view.text("service");
    if !["dedicated_server", "vps"].contains(&&*service) {
        fault(cx, INVALID, view.at("service"), format!("unknown service: {service}"));
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "ovhcloud_sd_configs",
        ty: Type::List(&Type::Record(&OVHCLOUD)),
        default: DefaultValue::None,
        note: "targets from OVHcloud",
        doc: "Targets from OVHcloud: dedicated or virtual private servers.",
        example: "ovhcloud_sd_configs:\n  - application_key: abc\n    application_secret: abc\n    consumer_key: abc\n    service: vps",
        since: Version(2, 40),
        ..FIELD
    },
    go_type: &["[]*ovhcloud.SDConfig"],
    records: &[(&OVHCLOUD, "ovhcloud.SDConfig")],
    address: "The server's first IPv4 address, or else IPv6, without a port.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_ovhcloud_vps_cluster", doc: "vps cluster", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_datacenter", doc: "vps datacenter", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_disk", doc: "vps disk", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_display_name", doc: "vps display name", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_ipv4", doc: "vps IPv4", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_ipv6", doc: "vps IPv6", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_keymap", doc: "vps keymap", roles: "" },
    Meta {
        name: "__meta_ovhcloud_vps_maximum_additional_ip",
        doc: "vps maximum additional IP",
        roles: "",
    },
    Meta { name: "__meta_ovhcloud_vps_memory_limit", doc: "vps memory limit", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_memory", doc: "vps memory", roles: "" },
    Meta {
        name: "__meta_ovhcloud_vps_monitoring_ip_blocks",
        doc: "vps monitoring IP blocks",
        roles: "",
    },
    Meta { name: "__meta_ovhcloud_vps_name", doc: "vps name", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_netboot_mode", doc: "vps netboot mode", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_offer_type", doc: "vps offer type", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_offer", doc: "vps offer", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_state", doc: "vps state", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_vcore", doc: "vps vcore", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_version", doc: "vps version", roles: "" },
    Meta { name: "__meta_ovhcloud_vps_zone", doc: "vps zone", roles: "" },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_commercial_range",
        doc: "dedicated server commercial range",
        roles: "",
    },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_datacenter",
        doc: "dedicated server datacenter",
        roles: "",
    },
    Meta { name: "__meta_ovhcloud_dedicated_server_ipv4", doc: "dedicated server IPv4", roles: "" },
    Meta { name: "__meta_ovhcloud_dedicated_server_ipv6", doc: "dedicated server IPv6", roles: "" },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_link_speed",
        doc: "dedicated server link speed",
        roles: "",
    },
    Meta { name: "__meta_ovhcloud_dedicated_server_name", doc: "dedicated server name", roles: "" },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_no_intervention",
        doc: "dedicated server no intervention",
        roles: "",
    },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_os",
        doc: "dedicated server operating system",
        roles: "",
    },
    Meta { name: "__meta_ovhcloud_dedicated_server_rack", doc: "dedicated server rack", roles: "" },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_reverse",
        doc: "dedicated server reverse",
        roles: "",
    },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_server_id",
        doc: "dedicated server server ID",
        roles: "",
    },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_state",
        doc: "dedicated server state",
        roles: "",
    },
    Meta {
        name: "__meta_ovhcloud_dedicated_server_support_level",
        doc: "dedicated server support level",
        roles: "",
    },
];
