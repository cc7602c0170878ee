//! `consul_sd_configs`: targets from Consul's catalog of services.

use super::super::{DURATION, values};
use super::{Mechanism, Meta};
use crate::validate::{CONFLICT, fault, missing};
use schema::{
    CheckCx, DefaultValue, Deprecated, FIELD, Field, RECORD, Record, STRINGS, Section, Type,
    Version,
};
use yaml::Node;

/// Upstream: consul.SDConfig, config.ConsulSDConfig.
pub static CONSUL: Record = Record {
    name: "consul_sd_config",
    go_type: "consul.plain",
    doc: "Targets from the Consul catalog of services.",
    fields: &[
        Field {
            key: "server",
            ty: Type::String,
            default: DefaultValue::Literal("localhost:8500"),
            note: "Consul's address",
            doc: "Host and port of the Consul agent.",
            example: "server: consul:8500",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "path_prefix",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "path before Consul's API",
            doc: "The path prefix of the API if Consul is behind a gateway.",
            example: "path_prefix: /consul",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "token",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "ACL token",
            doc: "The ACL token. It excludes `authorization` and `oauth2`.",
            example: "token: abc",
            since: Version(0, 15),
            secret: true,
            ..FIELD
        },
        Field {
            key: "datacenter",
            ty: Type::String,
            default: DefaultValue::Computed("that of the agent"),
            note: "data center",
            doc: "The data center to query.",
            example: "datacenter: eu-1",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "namespace",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "Consul namespace",
            doc: "The namespace to ask for, in Consul Enterprise.",
            example: "namespace: web",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "partition",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "admin partition",
            doc: "The admin partition to ask for, in Consul Enterprise.",
            example: "partition: web",
            since: Version(2, 40),
            ..FIELD
        },
        Field {
            key: "tag_separator",
            ty: Type::String,
            default: DefaultValue::Literal(","),
            note: "joins tags",
            doc: "The separator between tags in their label. The value also starts and ends with it.",
            mistakes: "Match a single tag with `.*,web,.*`.",
            example: "tag_separator: ','",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "scheme",
            ty: Type::OneOf(&[Type::Enum(values::SCHEME), Type::String]),
            default: DefaultValue::Literal("http"),
            note: "how Consul is reached",
            doc: "The protocol to reach Consul with: HTTP or HTTPS.",
            example: "scheme: https",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "username",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "user name",
            doc: "The older way to give a user name.",
            example: "username: prometheus",
            since: Version(0, 15),
            deprecated: Some(Deprecated {
                since: Version(2, 26),
                instead: "Use `basic_auth.username`.",
                moved: None,
            }),
            ..FIELD
        },
        Field {
            key: "password",
            ty: Type::Secret,
            default: DefaultValue::Zero,
            note: "password",
            doc: "The older way to give a password.",
            example: "password: abc\nusername: prometheus",
            since: Version(0, 15),
            deprecated: Some(Deprecated {
                since: Version(2, 26),
                instead: "Use `basic_auth.password`.",
                moved: None,
            }),
            secret: true,
            ..FIELD
        },
        Field {
            key: "allow_stale",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "any server may answer",
            doc: "If true, any Consul server may answer, and answers may be slightly outdated. This reduces the load on the leader.",
            example: "allow_stale: false",
            since: Version(2, 3),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("30s"),
            note: "refresh every {value}",
            doc: "The time between two requests for the list of services.",
            example: "refresh_interval: 1m",
            since: Version(2, 3),
            ..FIELD
        },
        Field {
            key: "services",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "services to take",
            doc: "Names of the services. None means all.",
            example: "services: [web]",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "tags",
            ty: STRINGS,
            default: DefaultValue::None,
            note: "tags that a service must have",
            doc: "Only services with all of these tags are taken.",
            example: "tags: [metrics]",
            since: Version(2, 9),
            ..FIELD
        },
        Field {
            key: "node_meta",
            ty: Type::Map { key: &Type::String, value: &Type::String },
            default: DefaultValue::None,
            note: "metadata that a node must have",
            doc: "Only nodes with all of these metadata are taken. Since Consul 1.14 a filter does this.",
            example: "node_meta:\n  zone: a",
            since: Version(2, 3),
            deprecated: Some(Deprecated {
                since: Version(2, 55),
                instead: "Use `filter`.",
                moved: None,
            }),
            ..FIELD
        },
        Field {
            key: "filter",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "filter for the catalog",
            doc: "A filter expression for the Consul catalog.",
            example: r#"filter: 'ServiceName == "web"'"#,
            since: Version(3, 0),
            ..FIELD
        },
        Field {
            key: "health_filter",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "filter for health",
            doc: "A filter expression for Consul's health API.",
            example: r#"health_filter: 'Service.Meta.env == "prod"'"#,
            since: Version(3, 12),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(check),
    ..RECORD
};

fn check(cx: &mut CheckCx<'_>, node: &Node) {
    let Some(view) = Section::new(node) else { return };
    if view.text_or("server", "localhost:8500").trim().is_empty() {
        missing(cx, &view, "server", "consul SD configuration requires a server address");
    }
    let user = ["username", "password"].into_iter().find(|key| view.filled(key));
    if let Some(key) = user.filter(|_| view.has("basic_auth")) {
        let message = "at most one of consul SD configuration username and password and basic auth can be configured";
        fault(cx, CONFLICT, view.key_at(key), message);
    }
    // They become `basic_auth`, which is held against the other ways then.
    if let Some(key) = user.filter(|_| !view.has("basic_auth")) {
        let which = if view.filled("bearer_token") || view.filled("bearer_token_file") {
            "basic_auth, oauth2, bearer_token & bearer_token_file"
        } else {
            "basic_auth, oauth2 & authorization"
        };
        let ways = ["bearer_token", "bearer_token_file", "authorization", "oauth2"];
        if ways.iter().any(|way| view.has(way)) {
            let message = format!("at most one of {which} must be configured");
            fault(cx, CONFLICT, view.key_at(key), message);
        }
    }
    if view.filled("token") && (view.has("authorization") || view.has("oauth2")) {
        let message = "at most one of consul SD token, authorization, or oauth2 can be configured";
        fault(cx, CONFLICT, view.key_at("token"), message);
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "consul_sd_configs",
        ty: Type::List(&Type::Record(&CONSUL)),
        default: DefaultValue::None,
        note: "targets from the Consul catalog of services",
        doc: "Targets from the Consul catalog of services.",
        example: "consul_sd_configs:\n  - password: abc\n    username: prometheus",
        since: Version(0, 15),
        ..FIELD
    },
    go_type: &["[]*consul.SDConfig"],
    records: &[(&CONSUL, "consul.SDConfig")],
    address: "The address of the service, or of its node if the service has none, and the port of the service.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_consul_address", doc: "address of the node", roles: "" },
    Meta { name: "__meta_consul_dc", doc: "data center", roles: "" },
    Meta { name: "__meta_consul_health", doc: "health of the service", roles: "" },
    Meta { name: "__meta_consul_partition", doc: "admin partition of the service", roles: "" },
    Meta {
        name: "__meta_consul_metadata_<key>",
        doc: "each metadata value of the node",
        roles: "",
    },
    Meta { name: "__meta_consul_node", doc: "name of the node", roles: "" },
    Meta { name: "__meta_consul_namespace", doc: "namespace of the service", roles: "" },
    Meta { name: "__meta_consul_service_address", doc: "address of the service", roles: "" },
    Meta { name: "__meta_consul_service_id", doc: "id of the service", roles: "" },
    Meta {
        name: "__meta_consul_service_metadata_<key>",
        doc: "each metadata value of the service",
        roles: "",
    },
    Meta { name: "__meta_consul_service_port", doc: "port of the service", roles: "" },
    Meta { name: "__meta_consul_service", doc: "name of the service", roles: "" },
    Meta {
        name: "__meta_consul_tagged_address_<key>",
        doc: "each tagged address of the node",
        roles: "",
    },
    Meta {
        name: "__meta_consul_tags",
        doc: "tags, joined and surrounded by the tag separator",
        roles: "",
    },
];
