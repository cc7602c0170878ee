//! `marathon_sd_configs`: targets from the tasks that Marathon runs.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate::{CONFLICT, fault, missing};
use schema::{
    CheckCx, DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Section, Type, Version,
};
use yaml::Node;

/// Upstream: marathon.SDConfig, config.MarathonSDConfig.
pub static MARATHON: Record = Record {
    name: "marathon_sd_config",
    go_type: "marathon.plain",
    doc: "Targets from the tasks that Marathon runs.",
    fields: &[
        Field {
            key: "servers",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "Marathon's URLs",
            doc: "URLs of the Marathon servers; one is chosen for each request. Required.",
            example: "servers: ['https://marathon:8443']",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("30s"),
            note: "refresh every {value}",
            doc: "The time between two requests to Marathon.",
            example: "refresh_interval: 30s\nservers: ['https://marathon:8443']",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "auth_token",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "token",
            doc: "The token of DC/OS.",
            example: "auth_token: abc\nservers: ['https://marathon:8443']",
            since: Version(2, 3),
            secret: true,
            ..FIELD
        },
        Field {
            key: "auth_token_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "file with the token",
            doc: "A file with the token of DC/OS.",
            example: "auth_token_file: /etc/prometheus/marathon\nservers: ['https://marathon:8443']",
            since: Version(2, 3),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.items("servers").is_empty() {
        let message = "marathon_sd: must contain at least one Marathon server";
        missing(cx, &view, "servers", message);
    }
    let (token, file) = (view.filled("auth_token"), view.filled("auth_token_file"));
    let key = if token { "auth_token" } else { "auth_token_file" };
    let which = if token && file {
        "auth_token & auth_token_file"
    } else if !token && !file {
        return;
    } else if view.has("basic_auth") {
        "basic_auth, auth_token & auth_token_file"
    } else if view.filled("bearer_token") || view.filled("bearer_token_file") {
        "bearer_token, bearer_token_file, auth_token & auth_token_file"
    } else if view.has("authorization") {
        "auth_token, auth_token_file & authorization"
    } else {
        return;
    };
    let message = format!("marathon_sd: at most one of {which} must be configured");
    fault(cx, CONFLICT, view.key_at(key), message);
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "marathon_sd_configs",
        ty: Type::List(&Type::Record(&MARATHON)),
        default: DefaultValue::None,
        note: "targets from the tasks that Marathon runs",
        doc: "Targets from the tasks that Marathon runs.",
        example: "marathon_sd_configs:\n  - refresh_interval: 30s\n    servers: ['https://marathon:8443']",
        since: Version(0, 16),
        ..FIELD
    },
    go_type: &["[]*marathon.SDConfig"],
    records: &[(&MARATHON, "marathon.SDConfig")],
    address: "The host of the task and each of its ports.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta {
        name: "__meta_marathon_app",
        doc: "name of the app, slashes replaced by dashes",
        roles: "",
    },
    Meta { name: "__meta_marathon_image", doc: "image of the app", roles: "" },
    Meta { name: "__meta_marathon_task", doc: "id of the Mesos task", roles: "" },
    Meta { name: "__meta_marathon_app_label_<label>", doc: "each label of the app", roles: "" },
    Meta {
        name: "__meta_marathon_port_definition_label_<label>",
        doc: "each label of the port definition",
        roles: "",
    },
    Meta {
        name: "__meta_marathon_port_mapping_label_<label>",
        doc: "each label of the port mapping",
        roles: "",
    },
    Meta { name: "__meta_marathon_port_index", doc: "number of the port, from 0", roles: "" },
];
