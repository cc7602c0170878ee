//! Alerts on their way to the Alertmanager.

pub(crate) mod check;

use super::{DURATION, values};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: config.AlertingConfig.
pub static ALERTING: Record = Record {
    name: "alerting",
    go_type: "config.plain",
    go_names: &[
        ("alertmanagers", &["config.AlertmanagerConfigs"]),
        ("alert_relabel_configs", &["[]*relabel.Config"]),
    ],
    doc: "The destinations of alerts, and the relabeling rules for alerts.",
    fields: &[
        Field {
            key: "alert_relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: DefaultValue::None,
            note: "change alerts for all Alertmanagers",
            doc: "Rules that run on the labels of each alert before it is sent. They see the external labels too.",
            mistakes: "Two servers of a pair must send the same labels: drop the label that tells them apart here, or every alert comes twice.",
            example: "alert_relabel_configs:\n  - regex: replica\n    action: labeldrop",
            since: Version(1, 1),
            ..FIELD
        },
        Field {
            key: "alertmanagers",
            ty: Type::List(&Type::Record(&ALERTMANAGER)),
            default: DefaultValue::None,
            note: "Alertmanagers to notify",
            doc: "Groups of Alertmanagers. Each alert is sent to all that are found.",
            example: "alertmanagers:\n  - static_configs:\n      - targets: ['alertmanager:9093']",
            since: Version(1, 4),
            ..FIELD
        },
    ],
    ..RECORD
};

/// Upstream: config.AlertmanagerConfig.
pub static ALERTMANAGER: Record = Record {
    name: "alertmanager_config",
    go_type: "config.AlertmanagerConfig",
    go_names: &[
        ("api_version", &["config.plain"]),
        ("relabel_configs", &["[]*relabel.Config"]),
        ("alert_relabel_configs", &["[]*relabel.Config"]),
    ],
    doc: "The discovery of Alertmanagers and the HTTP settings to reach them.",
    fields: &[
        Field {
            key: "sigv4",
            ty: Type::Record(&super::cloud::SIGV4),
            default: DefaultValue::None,
            note: "sign requests for AWS",
            doc: "Signs requests with AWS Signature Version 4. It excludes `basic_auth`, `authorization` and `oauth2`.",
            example: "sigv4:\n  region: eu-west-1",
            since: Version(2, 48),
            ..FIELD
        },
        Field {
            key: "scheme",
            ty: Type::OneOf(&[Type::Enum(values::SCHEME), Type::String]),
            default: DefaultValue::Literal("http"),
            note: "http or https",
            doc: "The protocol to reach Alertmanagers with: HTTP or HTTPS.",
            example: "scheme: https",
            since: Version(1, 4),
            ..FIELD
        },
        Field {
            key: "path_prefix",
            ty: Type::String,
            default: DefaultValue::Zero,
            note: "path before `/api/v2/alerts`",
            doc: "The path prefix under which Alertmanager is served.",
            example: "path_prefix: /alertmanager",
            since: Version(1, 4),
            ..FIELD
        },
        Field {
            key: "timeout",
            ty: DURATION,
            default: DefaultValue::Literal("10s"),
            note: "a scrape fails after {value}",
            doc: "The timeout of a request that sends alerts.",
            example: "timeout: 10s",
            since: Version(1, 4),
            ..FIELD
        },
        Field {
            key: "api_version",
            always_printed: true,
            ty: Type::OneOf(&[Type::Enum(values::API_VERSIONS), Type::String]),
            default: DefaultValue::Literal("v2"),
            note: "version of Alertmanager's API",
            doc: "The API that is used. Only `v2` is left.",
            mistakes: "`v1` is refused since version 3.",
            example: "api_version: v2",
            since: Version(2, 11),
            ..FIELD
        },
        Field {
            key: "relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: DefaultValue::None,
            note: "choose Alertmanagers",
            doc: "Rules that run on each Alertmanager that was found, as for scrape targets.",
            example: "relabel_configs:\n  - source_labels: [__meta_kubernetes_service_name]\n    regex: alertmanager\n    action: keep",
            since: Version(1, 4),
            ..FIELD
        },
        Field {
            key: "alert_relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: DefaultValue::None,
            note: "change alerts for these Alertmanagers",
            doc: "Rules that run on each alert before it is sent to these Alertmanagers, after the ones of `alerting`.",
            example: "alert_relabel_configs:\n  - source_labels: [severity]\n    regex: critical\n    action: keep",
            since: Version(2, 51),
            ..FIELD
        },
    ],
    inlined_before: "sigv4",
    inline: &[&super::http::HTTP, &super::discovery::DISCOVERY],
    check: Some(check::check),
    ..RECORD
};
