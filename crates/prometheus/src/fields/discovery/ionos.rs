//! `ionos_sd_configs`: targets from servers of an IONOS data centre.

use super::super::{DURATION, INT};
use super::{Mechanism, Meta};
use crate::validate;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: ionos.SDConfig.
pub static IONOS: Record = Record {
    name: "ionos_sd_config",
    go_type: "ionos.plain",
    doc: "Targets from servers of an IONOS data centre.",
    fields: &[
        Field {
            key: "datacenter_id",
            ty: Type::String,
            default: DefaultValue::None,
            note: "data centre",
            doc: "The data centre's id. Required.",
            example: "datacenter_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 36),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "ask every {value}",
            doc: "How often IONOS is asked.",
            example: "refresh_interval: 1m\ndatacenter_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 36),
            ..FIELD
        },
        Field {
            key: "port",
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every server.",
            example: "port: 9100\ndatacenter_id: 11111111-1111-1111-1111-111111111111",
            since: Version(2, 36),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(validate::sd::ionos),
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "ionos_sd_configs",
    record: &IONOS,
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
