//! `eureka_sd_configs`: targets from a Eureka registry, as Spring applications use it.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, missing, url_field};
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: eureka.SDConfig.
pub static EUREKA: Record = Record {
    name: "eureka_sd_config",
    go_type: "eureka.plain",
    doc: "Targets from a Eureka registry, as Spring applications use it.",
    fields: &[
        Field {
            key: "server",
            ty: Type::String,
            default: DefaultValue::None,
            note: "Eureka's URL",
            doc: "The URL of the registry.",
            example: "server: http://eureka:8761/eureka",
            since: Version(2, 21),
            ..FIELD
        },
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("30s"),
            note: "refresh every {value}",
            doc: "The time between two requests to the registry.",
            example: "refresh_interval: 30s\nserver: http://eureka:8761/eureka",
            since: Version(2, 21),
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
    if !view.filled("server") {
        missing(cx, &view, "server", "eureka_sd: empty or null eureka server");
    } else if url_field(cx, &view, "server")
        .is_some_and(|url| url.scheme.is_empty() || url.host.is_empty())
    {
        fault(cx, INVALID, view.at("server"), "eureka_sd: invalid eureka server URL");
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "eureka_sd_configs",
        ty: Type::List(&Type::Record(&EUREKA)),
        default: DefaultValue::None,
        note: "targets from a Eureka registry, as Spring applications use it",
        doc: "Targets from a Eureka registry, as Spring applications use it.",
        example: "eureka_sd_configs:\n  - refresh_interval: 30s\n    server: http://eureka:8761/eureka",
        since: Version(2, 21),
        ..FIELD
    },
    go_type: &["[]*eureka.SDConfig"],
    records: &[(&EUREKA, "eureka.SDConfig")],
    address: "The instance's host name and port.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_eureka_app_name", doc: "app name", roles: "" },
    Meta { name: "__meta_eureka_app_instance_id", doc: "app instance ID", roles: "" },
    Meta { name: "__meta_eureka_app_instance_hostname", doc: "app instance hostname", roles: "" },
    Meta {
        name: "__meta_eureka_app_instance_homepage_url",
        doc: "app instance homepage URL",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_statuspage_url",
        doc: "app instance statuspage URL",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_healthcheck_url",
        doc: "app instance healthcheck URL",
        roles: "",
    },
    Meta { name: "__meta_eureka_app_instance_ip_addr", doc: "app instance IP addr", roles: "" },
    Meta {
        name: "__meta_eureka_app_instance_vip_address",
        doc: "app instance VIP address",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_secure_vip_address",
        doc: "app instance secure VIP address",
        roles: "",
    },
    Meta { name: "__meta_eureka_app_instance_status", doc: "app instance status", roles: "" },
    Meta { name: "__meta_eureka_app_instance_port", doc: "app instance port", roles: "" },
    Meta {
        name: "__meta_eureka_app_instance_port_enabled",
        doc: "app instance port enabled",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_secure_port",
        doc: "app instance secure port",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_secure_port_enabled",
        doc: "app instance secure port enabled",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_country_id",
        doc: "app instance country ID",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_metadata_<metadataname>",
        doc: "each app instance metadata",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_datacenterinfo_name",
        doc: "app instance datacenterinfo name",
        roles: "",
    },
    Meta {
        name: "__meta_eureka_app_instance_datacenterinfo_<metadataname>",
        doc: "each app instance datacenterinfo",
        roles: "",
    },
];
