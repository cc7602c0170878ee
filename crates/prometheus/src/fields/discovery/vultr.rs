//! `vultr_sd_configs`: targets from Vultr's instances.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: vultr.SDConfig.
pub static VULTR: Record = Record {
    name: "vultr_sd_config",
    go_type: "vultr.plain",
    doc: "Targets from Vultr's instances.",
    fields: &[
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to Vultr.",
            example: "refresh_interval: 1m",
            since: Version(2, 36),
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
            since: Version(2, 36),
            ..FIELD
        },
    ],
    inlined_before: "refresh_interval",
    inline: &[&super::super::http::HTTP],
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "vultr_sd_configs",
        ty: Type::List(&Type::Record(&VULTR)),
        default: DefaultValue::None,
        note: "targets from Vultr's instances",
        doc: "Targets from Vultr's instances.",
        example: "vultr_sd_configs:\n  - refresh_interval: 1m",
        since: Version(2, 36),
        ..FIELD
    },
    go_type: &["[]*vultr.SDConfig"],
    records: &[(&VULTR, "vultr.SDConfig")],
    address: "The instance's public IPv4 address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_vultr_instance_id", doc: "instance ID", roles: "" },
    Meta { name: "__meta_vultr_instance_label", doc: "instance label", roles: "" },
    Meta { name: "__meta_vultr_instance_os", doc: "instance operating system", roles: "" },
    Meta { name: "__meta_vultr_instance_os_id", doc: "instance operating system ID", roles: "" },
    Meta { name: "__meta_vultr_instance_region", doc: "instance region", roles: "" },
    Meta { name: "__meta_vultr_instance_plan", doc: "instance plan", roles: "" },
    Meta { name: "__meta_vultr_instance_main_ip", doc: "instance main IP", roles: "" },
    Meta { name: "__meta_vultr_instance_internal_ip", doc: "instance internal IP", roles: "" },
    Meta { name: "__meta_vultr_instance_main_ipv6", doc: "instance main IPv6", roles: "" },
    Meta { name: "__meta_vultr_instance_features", doc: "instance features", roles: "" },
    Meta { name: "__meta_vultr_instance_tags", doc: "instance tags", roles: "" },
    Meta { name: "__meta_vultr_instance_hostname", doc: "instance hostname", roles: "" },
    Meta { name: "__meta_vultr_instance_server_status", doc: "instance server status", roles: "" },
    Meta { name: "__meta_vultr_instance_vcpu_count", doc: "instance virtual CPU count", roles: "" },
    Meta { name: "__meta_vultr_instance_ram_mb", doc: "instance RAM MB", roles: "" },
    Meta { name: "__meta_vultr_instance_disk_gb", doc: "instance disk GB", roles: "" },
    Meta {
        name: "__meta_vultr_instance_allowed_bandwidth_gb",
        doc: "instance allowed bandwidth GB",
        roles: "",
    },
];
