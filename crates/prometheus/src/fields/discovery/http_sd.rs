//! `http_sd_configs`: targets that a web service returns as a JSON list of groups, in the form of file discovery.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate::{INVALID, fault, missing, url_field};
use schema::{CheckCx, DefaultValue, FIELD, Field, RECORD, Record, Section, Type, Version};
use yaml::Node;

/// Upstream: http.SDConfig.
pub static HTTP_SD: Record = Record {
    name: "http_sd_config",
    go_type: "http.plain",
    doc: "Targets from an HTTP endpoint. The response is a JSON list of target groups, as in file discovery.",
    fields: &[
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "refresh every {value}",
            doc: "The time between two requests to the service.",
            mistakes: "The answer must have the content type `application/json` and hold all targets, not only new ones.",
            example: "refresh_interval: 1m\nurl: http://inventory:8080/targets",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "url",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "the requested audience",
            doc: "The URL of the service, with `http` or `https`.",
            example: "url: http://inventory:8080/targets",
            since: Version(2, 28),
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
}

/// The check of `url` of HTTP and PuppetDB discovery.
pub(super) fn web_url(cx: &mut CheckCx<'_>, view: &Section<'_>) {
    if !view.filled("url") {
        missing(cx, view, "url", "URL is missing");
        return;
    }
    let Some(url) = url_field(cx, view, "url") else { return };
    if !["http", "https"].contains(&&*url.scheme) {
        fault(cx, INVALID, view.at("url"), "URL scheme must be 'http' or 'https'");
    } else if url.host.is_empty() {
        fault(cx, INVALID, view.at("url"), "host is missing in URL");
    }
}

pub static MECHANISM: Mechanism = Mechanism {
    field: Field {
        key: "http_sd_configs",
        ty: Type::List(&Type::Record(&HTTP_SD)),
        default: DefaultValue::None,
        note: "targets from an HTTP endpoint, in the JSON format of file discovery",
        doc: "Targets from an HTTP endpoint. The response is a JSON list of target groups, as in file discovery.",
        example: "http_sd_configs:\n  - refresh_interval: 1m\n    url: http://inventory:8080/targets",
        since: Version(2, 28),
        ..FIELD
    },
    go_type: &["[]*http.SDConfig"],
    records: &[(&HTTP_SD, "http.SDConfig")],
    address: "Each entry of `targets` becomes the address.",
    meta: &[META],
};

pub static META: &[Meta] =
    &[Meta { name: "__meta_url", doc: "the URL that the target was got from", roles: "" }];
