//! `serverset_sd_configs`: targets from Finagle's server sets in ZooKeeper.

use super::super::DURATION;
use super::nerve::zookeeper;
use super::{Mechanism, Meta};
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Type, Version};
use yaml::Node;

/// Upstream: zookeeper.ServersetSDConfig, config.ServersetSDConfig.
pub static SERVERSET: Record = Record {
    name: "serverset_sd_config",
    go_type: "zookeeper.plain",
    doc: "Targets from Finagle's server sets in ZooKeeper.",
    fields: &[
        Field {
            key: "servers",
            always_printed: true,
            ty: STRINGS,
            default: DefaultValue::None,
            note: "ZooKeeper's addresses",
            doc: "Hosts and ports of the ZooKeeper servers. Required.",
            example: "servers: ['zookeeper:2181']\npaths: [/services]",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "paths",
            always_printed: true,
            ty: STRINGS,
            default: DefaultValue::None,
            note: "paths in ZooKeeper",
            doc: "Paths of server sets, or of their parents. Each begins with a slash. Required.",
            example: "paths: [/services]\nservers: ['zookeeper:2181']",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "timeout",
            ty: DURATION,
            default: DefaultValue::Literal("10s"),
            note: "session timeout",
            doc: "The session timeout of ZooKeeper.",
            example: "timeout: 10s\nservers: ['zookeeper:2181']\npaths: [/services]",
            since: Version(0, 15),
            ..FIELD
        },
    ],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    zookeeper(cx, node, "serverset");
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "serverset_sd_configs",
        ty: Type::List(&Type::Record(&SERVERSET)),
        default: DefaultValue::None,
        note: "targets from Finagle's server sets in ZooKeeper",
        doc: "Targets from Finagle's server sets in ZooKeeper.",
        example: "serverset_sd_configs:\n  - timeout: 10s\n    servers: ['zookeeper:2181']\n    paths: [/services]",
        since: Version(0, 15),
        ..FIELD
    },
    go_type: &["[]*zookeeper.ServersetSDConfig"],
    records: &[(&SERVERSET, "zookeeper.ServersetSDConfig")],
    address: "Host and port of the member's default endpoint.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_serverset_path", doc: "path of the member in ZooKeeper", roles: "" },
    Meta { name: "__meta_serverset_endpoint_host", doc: "host of the default endpoint", roles: "" },
    Meta { name: "__meta_serverset_endpoint_port", doc: "port of the default endpoint", roles: "" },
    Meta {
        name: "__meta_serverset_endpoint_host_<endpoint>",
        doc: "host of each named endpoint",
        roles: "",
    },
    Meta {
        name: "__meta_serverset_endpoint_port_<endpoint>",
        doc: "port of each named endpoint",
        roles: "",
    },
    Meta { name: "__meta_serverset_shard", doc: "shard number of the member", roles: "" },
    Meta { name: "__meta_serverset_status", doc: "status of the member", roles: "" },
];
