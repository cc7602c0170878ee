//! `nerve_sd_configs`: targets from Nerve's entries in ZooKeeper.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Version};

/// Upstream: zookeeper.NerveSDConfig, config.NerveSDConfig.
pub static NERVE: Record = Record {
    name: "nerve_sd_config",
    go_type: "zookeeper.plain",
    doc: "Targets from Nerve's entries in ZooKeeper.",
    fields: &[
        Field {
            key: "servers",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "ZooKeeper's addresses",
            doc: "Hosts and ports of the ZooKeeper servers. Required.",
            example: "servers: ['zookeeper:2181']\npaths: [/services]",
            since: Version(0, 17),
            ..FIELD
        },
        Field {
            key: "paths",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "where to look",
            doc: "Paths of services, or of their parents. Each begins with a slash. Required.",
            example: "paths: [/services]\nservers: ['zookeeper:2181']",
            since: Version(0, 17),
            ..FIELD
        },
        Field {
            key: "timeout",
            ty: DURATION,
            default: DefaultValue::Literal("10s"),
            note: "session timeout",
            doc: "How long a session may be silent.",
            example: "timeout: 10s\nservers: ['zookeeper:2181']\npaths: [/services]",
            since: Version(0, 17),
            ..FIELD
        },
    ],
    check: Some(validate::sd::nerve),
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "nerve_sd_configs",
    record: &NERVE,
    address: "Host and port of the entry.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_nerve_path", doc: "path of the entry in ZooKeeper", roles: "" },
    Meta { name: "__meta_nerve_endpoint_host", doc: "host of the endpoint", roles: "" },
    Meta { name: "__meta_nerve_endpoint_port", doc: "port of the endpoint", roles: "" },
    Meta { name: "__meta_nerve_endpoint_name", doc: "name of the endpoint", roles: "" },
];
