//! `nerve_sd_configs`: targets from Nerve's entries in ZooKeeper.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, missing};
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use yaml::Node;

/// Upstream: zookeeper.NerveSDConfig, config.NerveSDConfig.
pub static NERVE: Record = Record {
    name: "nerve_sd_config",
    go_type: "zookeeper.plain",
    doc: "Targets from Nerve's entries in ZooKeeper.",
    fields: &[
        Field {
            key: "servers",
            always_printed: true,
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
            always_printed: true,
            ty: STRINGS,
            default: DefaultValue::None,
            note: "paths in ZooKeeper",
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
            doc: "The session timeout of ZooKeeper.",
            example: "timeout: 10s\nservers: ['zookeeper:2181']\npaths: [/services]",
            since: Version(0, 17),
            ..FIELD
        },
    ],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    zookeeper(cx, node, "nerve");
}

pub(super) fn zookeeper(cx: &mut CheckCx<'_>, node: &Node, name: &str) {
    let Some(view) = Section::new(node) else { return };
    for (key, what) in [("servers", "Zookeeper server"), ("paths", "path")] {
        if view.items(key).is_empty() {
            let message = format!("{name} SD config must contain at least one {what}");
            missing(cx, &view, key, &message);
        }
    }
    for (path, node) in view.texts("paths") {
        if !path.starts_with('/') {
            let message = format!("{name} SD config paths must begin with '/': {path}");
            fault(cx, INVALID, node.written_span(), message);
        }
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "nerve_sd_configs",
        ty: Type::List(&Type::Record(&NERVE)),
        default: DefaultValue::None,
        note: "targets from Nerve's entries in ZooKeeper",
        doc: "Targets from Nerve's entries in ZooKeeper.",
        example: "nerve_sd_configs:\n  - timeout: 10s\n    servers: ['zookeeper:2181']\n    paths: [/services]",
        since: Version(0, 17),
        ..FIELD
    },
    go_type: &["[]*zookeeper.NerveSDConfig"],
    records: &[(&NERVE, "zookeeper.NerveSDConfig")],
    address: "Host and port of the entry.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_nerve_path", doc: "path of the entry in ZooKeeper", roles: "" },
    Meta { name: "__meta_nerve_endpoint_host", doc: "host of the endpoint", roles: "" },
    Meta { name: "__meta_nerve_endpoint_port", doc: "port of the endpoint", roles: "" },
    Meta { name: "__meta_nerve_endpoint_name", doc: "name of the endpoint", roles: "" },
];
