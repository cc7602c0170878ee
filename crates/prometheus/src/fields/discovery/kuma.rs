//! `kuma_sd_configs`: targets from a Kuma service mesh: its data plane proxies.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, missing, url_field};
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: xds.SDConfig.
pub static KUMA: Record = Record {
    name: "kuma_sd_config",
    go_type: "xds.plainKumaConf",
    doc: "Targets from a Kuma service mesh: its data plane proxies.",
    fields: &[
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("15s"),
            note: "wait between asking",
            doc: "The time between two requests.",
            example: "refresh_interval: 15s\nserver: http://kuma-control-plane.kuma-system:5676",
            since: Version(2, 29),
            ..FIELD
        },
        Field {
            key: "fetch_timeout",
            ty: DURATION,
            default: DefaultValue::Literal("2m"),
            note: "a scrape fails after {value}",
            doc: "The timeout of a request. The control plane answers a request when there is a change.",
            example: "fetch_timeout: 2m\nserver: http://kuma-control-plane.kuma-system:5676",
            since: Version(2, 29),
            ..FIELD
        },
        Field {
            key: "server",
            ty: Type::String,
            default: DefaultValue::None,
            note: "control plane's URL",
            doc: "The URL of Kuma's monitoring service. Required.",
            example: "server: http://kuma-control-plane.kuma-system:5676",
            since: Version(2, 29),
            ..FIELD
        },
        Field {
            key: "client_id",
            ty: Type::String,
            default: DefaultValue::Computed("the host name"),
            note: "name of this client",
            doc: "The name under which Prometheus identifies itself.",
            example: "client_id: prometheus-1\nserver: http://kuma-control-plane.kuma-system:5676",
            since: Version(2, 50),
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
    let server = view.text("server");
    if server.is_empty() {
        missing(cx, &view, "server", "kuma SD server must not be empty: ");
    } else if url_field(cx, &view, "server")
        .is_some_and(|url| url.scheme.is_empty() || url.host.is_empty())
    {
        let message = format!("kuma SD server must not be empty and have a scheme: {server}");
        fault(cx, INVALID, view.at("server"), message);
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "kuma_sd_configs",
        ty: Type::List(&Type::Record(&KUMA)),
        default: DefaultValue::None,
        note: "targets from a Kuma service mesh",
        doc: "Targets from a Kuma service mesh: its data plane proxies.",
        example: "kuma_sd_configs:\n  - refresh_interval: 15s\n    server: http://kuma-control-plane.kuma-system:5676",
        since: Version(2, 29),
        ..FIELD
    },
    go_type: &["[]*xds.SDConfig"],
    records: &[(&KUMA, "xds.SDConfig")],
    address: "The address that the control plane assigns for metrics.",
    meta: &[META],
};

pub static META: &[Meta] = &[
    Meta { name: "__meta_kuma_mesh", doc: "mesh of the proxy", roles: "" },
    Meta { name: "__meta_kuma_dataplane", doc: "name of the proxy", roles: "" },
    Meta { name: "__meta_kuma_service", doc: "service of the proxy", roles: "" },
    Meta { name: "__meta_kuma_label_<tag>", doc: "each tag of the proxy", roles: "" },
];
