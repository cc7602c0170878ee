//! The sections of the configuration file.

pub(crate) mod check;

use schema::{DefaultValue, FIELD, Field, RECORD, Record, Type, Version};

/// Upstream: config.Config.
pub static ROOT: Record = Record {
    name: "prometheus.yml",
    go_type: "config.plain",
    go_names: &[
        ("scrape_configs", &["[]*config.ScrapeConfig"]),
        ("remote_write", &["[]*config.RemoteWriteConfig"]),
        ("remote_read", &["[]*config.RemoteReadConfig"]),
    ],
    doc: "The configuration of a Prometheus server: the targets it scrapes, the rules it evaluates, and the destinations of alerts and samples.",
    fields: &[
        Field {
            key: "global",
            always_printed: true,
            ty: Type::Record(&super::global::GLOBAL),
            default: DefaultValue::None,
            note: "defaults for every job and rule",
            doc: "Settings that hold for the whole server, and defaults for every job that does not set them itself.",
            example: "global:\n  scrape_interval: 15s",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "runtime",
            ty: Type::Record(&super::runtime::RUNTIME),
            default: DefaultValue::None,
            note: "the process itself",
            doc: "Tunes the Prometheus process. At present that is its garbage collector alone.",
            example: "runtime:\n  gogc: 75",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "alerting",
            ty: Type::Record(&super::alerting::ALERTING),
            default: DefaultValue::None,
            note: "destinations of alerts",
            doc: "The Alertmanagers that receive alerts, and the relabeling rules that are applied to alerts before they are sent.",
            mistakes: "Without this section, alerts fire and are shown on the Alerts page, but no notification is sent.",
            example: "alerting:\n  alertmanagers:\n    - static_configs:\n        - targets: ['alertmanager:9093']",
            since: Version(1, 1),
            ..FIELD
        },
        Field {
            key: "rule_files",
            ty: Type::List(&Type::Path { glob: true }),
            default: DefaultValue::None,
            note: "files with recording and alerting rules",
            doc: "File names of rule files. A `*` is allowed only in the last element of the path. Relative names are resolved against the directory of this file.",
            mistakes: "A pattern that matches no file is no error: the rules are simply not there. A `*` in a folder's name is refused.",
            example: "rule_files:\n  - rules/*.yml",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "scrape_config_files",
            ty: Type::List(&Type::Path { glob: true }),
            default: DefaultValue::None,
            note: "files with more scrape jobs",
            doc: "Files with further scrape configs. Each has its own `scrape_configs` list, whose jobs are added to this configuration. The `global` settings apply to them.",
            mistakes: "A job name may not appear twice, also not in different files.",
            example: "scrape_config_files:\n  - jobs/*.yml",
            since: Version(2, 43),
            ..FIELD
        },
        Field {
            key: "scrape_configs",
            ty: Type::List(&Type::Record(&super::scrape::SCRAPE)),
            default: DefaultValue::None,
            note: "the jobs to scrape",
            doc: "The jobs: each defines how its targets are discovered and scraped. `static_configs` and every `*_sd_configs` belong to a job.",
            mistakes: "Leaving it out gives a server that scrapes nothing, not even itself.",
            example: "scrape_configs:\n  - job_name: web\n    static_configs:\n      - targets: ['web:8080']",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "storage",
            ty: Type::Record(&super::storage::STORAGE),
            default: DefaultValue::None,
            note: "retention and out-of-order samples",
            doc: "Settings of the local time series database that can be changed by a reload: retention, out-of-order samples, exemplars.",
            example: "storage:\n  tsdb:\n    out_of_order_time_window: 30m",
            since: Version(2, 29),
            ..FIELD
        },
        Field {
            key: "tracing",
            ty: Type::Record(&super::tracing::TRACING),
            default: DefaultValue::None,
            note: "destination of Prometheus's own traces",
            doc: "The OpenTelemetry collector that receives traces of Prometheus, such as the steps of a slow query.",
            example: "tracing:\n  endpoint: collector:4317\n  sampling_fraction: 0.1",
            since: Version(2, 34),
            ..FIELD
        },
        Field {
            key: "remote_write",
            ty: Type::List(&Type::Record(&super::remote::REMOTE_WRITE)),
            default: DefaultValue::None,
            note: "also send samples there",
            doc: "Every sample that is scraped or computed by a rule is also sent to each of these endpoints.",
            example: "remote_write:\n  - url: https://metrics.example.com/api/v1/write",
            since: Version(1, 2),
            ..FIELD
        },
        Field {
            key: "remote_read",
            ty: Type::List(&Type::Record(&super::remote::REMOTE_READ)),
            default: DefaultValue::None,
            note: "also ask there when querying",
            doc: "Queries also read samples from these endpoints, usually data that is older than the retention of the local storage.",
            example: "remote_read:\n  - url: https://metrics.example.com/api/v1/read",
            since: Version(1, 6),
            ..FIELD
        },
        Field {
            key: "otlp",
            ty: Type::Record(&super::otlp::OTLP),
            default: DefaultValue::None,
            note: "how OpenTelemetry metrics are ingested",
            doc: "How metrics that applications push to the OTLP endpoint become series: names, attributes, histograms. The endpoint itself is switched on by the flag `--web.enable-otlp-receiver`.",
            example: "otlp:\n  promote_resource_attributes: [service.namespace]",
            since: Version(2, 55),
            ..FIELD
        },
    ],
    check: Some(check::check),
    ..RECORD
};

/// Upstream: config.ScrapeConfigs.
pub static SCRAPE_FILE: Record = Record {
    name: "scrape_config_file",
    go_type: "config.ScrapeConfigs",
    go_names: &[("scrape_configs", &["[]*config.ScrapeConfig"])],
    doc: "A file that `scrape_config_files` brings in: nothing but more jobs.",
    fields: &[Field {
        key: "scrape_configs",
        ty: Type::List(&Type::Record(&super::scrape::SCRAPE)),
        default: DefaultValue::None,
        note: "more jobs",
        doc: "Jobs that are added to those of the main file.",
        example: "scrape_configs:\n  - job_name: node\n    static_configs:\n      - targets: ['node:9100']",
        since: Version(2, 43),
        ..FIELD
    }],
    ..RECORD
};
