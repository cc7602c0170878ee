//! `ionos_sd_configs`: targets from servers of an IONOS data center.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::validate::required;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: ionos.SDConfig.
pub static IONOS: Record = Record {
    name: "ionos_sd_config",
    go_type: "ionos.plain",
    doc: "Targets from servers of an IONOS data center.",
    fields: &[
        Field {
            key: "datacenter_id",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "data center",
            doc: "The ID of the data center. Required.",
            example: "datacenter_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 36),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            always_printed: true,
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to IONOS.",
            example: "refresh_interval: 1m\ndatacenter_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 36),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every server.",
            example: "port: 9100\ndatacenter_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 36),
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
    required(cx, &view, &[("datacenter_id", "datacenter id can't be empty")]);
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "ionos_sd_configs",
        ty: Type::List(&Type::Record(&IONOS)),
        default: DefaultValue::None,
        note: "targets from servers of an IONOS data center",
        doc: "Targets from servers of an IONOS data center.",
        example: "ionos_sd_configs:\n  - refresh_interval: 1m\n    datacenter_id: 11111111-1111-1111-1111-111111111111",
        since: Version(2, 36),
        ..FIELD
    },
    go_type: &["[]*ionos.SDConfig"],
    records: &[(&IONOS, "ionos.SDConfig")],
    address: "The server's first address and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta {
        name: "__meta_ionos_server_availability_zone",
        doc: "server availability zone",
        roles: "",
    },
    Meta { name: "__meta_ionos_server_boot_cdrom_id", doc: "server boot cdrom ID", roles: "" },
    Meta { name: "__meta_ionos_server_boot_image_id", doc: "server boot image ID", roles: "" },
    Meta { name: "__meta_ionos_server_boot_volume_id", doc: "server boot volume ID", roles: "" },
    Meta { name: "__meta_ionos_server_cpu_family", doc: "server CPU family", roles: "" },
    Meta { name: "__meta_ionos_server_id", doc: "server ID", roles: "" },
    Meta { name: "__meta_ionos_server_ip", doc: "server IP", roles: "" },
    Meta { name: "__meta_ionos_server_lifecycle", doc: "server lifecycle", roles: "" },
    Meta { name: "__meta_ionos_server_name", doc: "server name", roles: "" },
    Meta {
        name: "__meta_ionos_server_nic_ip_<nic_name>",
        doc: "each server network card IP",
        roles: "",
    },
    Meta { name: "__meta_ionos_server_servers_id", doc: "server servers ID", roles: "" },
    Meta { name: "__meta_ionos_server_state", doc: "server state", roles: "" },
    Meta { name: "__meta_ionos_server_type", doc: "server type", roles: "" },
];
