//! `puppetdb_sd_configs`: targets from PuppetDB: one for each resource that a query returns.

use super::super::{DURATION, INT};
use super::http_sd::web_url;
use super::{Mechanism, Meta};
use crate::validate::required;
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: puppetdb.SDConfig.
pub static PUPPETDB: Record = Record {
    name: "puppetdb_sd_config",
    go_type: "puppetdb.plain",
    doc: "Targets from PuppetDB: one for each resource that a query returns.",
    fields: &[
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to PuppetDB.",
            example: r#"refresh_interval: 1m
url: https://puppetdb:8081
query: resources { type = "Package" }"#,
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "url",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "PuppetDB's URL",
            doc: "The URL of PuppetDB's root. Required.",
            example: r#"url: https://puppetdb:8081
query: resources { type = "Package" }"#,
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "query",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "what to ask",
            doc: "A query in PQL that returns resources. Required.",
            example: r#"query: resources { type = "Package" }
url: https://puppetdb:8081"#,
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "include_parameters",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "parameters become labels",
            doc: "If true, the parameters of the resources become labels. They may contain secrets.",
            example: r#"include_parameters: true
url: https://puppetdb:8081
query: resources { type = "Package" }"#,
            since: Version(2, 31),
            ..FIELD
        },
        Field {
            key: "port",
            always_printed: true,
            ty: INT,
            default: DefaultValue::Literal("80"),
            note: "port of the targets",
            doc: "The port that is scraped on every node.",
            example: r#"port: 9100
url: https://puppetdb:8081
query: resources { type = "Package" }"#,
            since: Version(2, 31),
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
    web_url(cx, &view);
    required(cx, &view, &[("query", "query missing")]);
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "puppetdb_sd_configs",
        ty: Type::List(&Type::Record(&PUPPETDB)),
        default: DefaultValue::None,
        note: "targets from PuppetDB",
        doc: "Targets from PuppetDB: one for each resource that a query returns.",
        example: r#"puppetdb_sd_configs:
  - refresh_interval: 1m
    url: https://puppetdb:8081
    query: resources { type = "Package" }"#,
        since: Version(2, 31),
        ..FIELD
    },
    go_type: &["[]*puppetdb.SDConfig"],
    records: &[(&PUPPETDB, "puppetdb.SDConfig")],
    address: "The node's certificate name and the `port` given here.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_puppetdb_query", doc: "the query", roles: "" },
    Meta { name: "__meta_puppetdb_certname", doc: "node of the resource", roles: "" },
    Meta { name: "__meta_puppetdb_resource", doc: "hash of the resource", roles: "" },
    Meta { name: "__meta_puppetdb_type", doc: "type of the resource", roles: "" },
    Meta { name: "__meta_puppetdb_title", doc: "title of the resource", roles: "" },
    Meta { name: "__meta_puppetdb_exported", doc: "whether the resource is exported", roles: "" },
    Meta { name: "__meta_puppetdb_tags", doc: "tags, joined by commas", roles: "" },
    Meta { name: "__meta_puppetdb_file", doc: "manifest that declares the resource", roles: "" },
    Meta { name: "__meta_puppetdb_environment", doc: "environment of the node", roles: "" },
    Meta {
        name: "__meta_puppetdb_parameter_<name>",
        doc: "each parameter of the resource",
        roles: "",
    },
];
