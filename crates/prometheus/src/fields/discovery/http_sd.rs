//! `http_sd_configs`: targets that a web service returns as a JSON list of groups, in the form of file discovery.

use super::super::DURATION;
use super::{Mechanism, Meta};
use crate::validate;
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: http.SDConfig.
pub static HTTP_SD: Record = Record {
    name: "http_sd_config",
    go_type: "http.plain",
    doc: "Targets that a web service returns as a JSON list of groups, in the form of file discovery.",
    fields: &[
        Field {
            key: "refresh_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            note: "ask every {value}",
            doc: "How often the service is asked.",
            mistakes: "The answer must have the content type `application/json` and hold all targets, not only new ones.",
            example: "refresh_interval: 1m\nurl: http://inventory:8080/targets",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "url",
            ty: Type::String,
            default: DefaultValue::None,
            note: "who is asked",
            doc: "The URL of the service, with `http` or `https`.",
            example: "url: http://inventory:8080/targets",
            since: Version(2, 28),
            ..FIELD
        },
    ],
    inline: &[&super::super::http::HTTP],
    check: Some(validate::sd::http),
    ..RECORD
};

pub static MECHANISM: Mechanism = Mechanism {
    key: "http_sd_configs",
    record: &HTTP_SD,
    address: "Each entry of `targets` becomes the address.",
    meta: &[META],
};

pub static META: &[Meta] =
    &[Meta { name: "__meta_url", doc: "the URL that the target was got from", roles: "" }];
