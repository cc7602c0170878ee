//! Defaults for all jobs and rules.

pub(crate) mod check;

use super::{DURATION, UINT, derived, values};
use schema::{DefaultValue, FIELD, Field, LABELS, RECORD, Record, Type, Version};

/// Upstream: config.GlobalConfig.
pub static GLOBAL: Record = Record {
    name: "global",
    go_type: "config.plain",
    go_names: &[("scrape_protocols", &["[]config.ScrapeProtocol", "config.ScrapeProtocol"])],
    doc: "Settings that hold for every job and rule group unless they say otherwise.",
    fields: &[
        Field {
            key: "scrape_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            zero_is_unset: true,
            note: "scrape every {value} unless a job says otherwise",
            doc: "How often targets are scraped, for every job that has no `scrape_interval` of its own. It sets the resolution of all data: nothing that comes and goes between two scrapes is seen.",
            mistakes: "A range such as `rate(x[1m])` needs at least two samples in its window; a window of four intervals is a safe rule. Above two minutes, gaps appear when a single scrape fails, because an instant query looks back five minutes only.",
            example: "scrape_interval: 15s",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "scrape_timeout",
            ty: DURATION,
            default: DefaultValue::Derived {
                text: "10s, or the scrape interval if that is shorter",
                value: derived::global_timeout,
            },
            note: "give up a scrape after {value}",
            doc: "How long a target may take to answer before the scrape counts as failed. It may not exceed the scrape interval.",
            mistakes: "A job with an interval below 10s and no timeout is fine: its timeout follows the interval. A global timeout above the global interval is refused.",
            example: "scrape_timeout: 10s",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "scrape_protocols",
            ty: Type::List(&Type::OneOf(&[Type::Enum(values::PROTOCOLS), Type::String])),
            default: DefaultValue::Computed(
                "text formats, OpenMetrics first; with native histograms, protobuf before them",
            ),
            note: "formats to ask for, best first",
            doc: "Which exposition formats Prometheus asks a target for, the most wanted first. The target picks one that it knows.",
            mistakes: "Names are case sensitive and may not repeat; an empty list is refused.",
            example: "scrape_protocols: [OpenMetricsText1.0.0, PrometheusText0.0.4]",
            since: Version(2, 49),
            ..FIELD
        },
        Field {
            key: "evaluation_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            zero_is_unset: true,
            note: "evaluate rules every {value}",
            doc: "How often rule groups without an `interval` of their own are evaluated. An alert cannot fire earlier than its `for` plus up to one interval.",
            example: "evaluation_interval: 15s",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "rule_query_offset",
            ty: DURATION,
            default: DefaultValue::Literal("0s"),
            note: "rules look {value} into the past",
            doc: "Rules are evaluated as of this much before now. It helps when samples arrive late, as they do when this server is written to by others.",
            example: "rule_query_offset: 30s",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "query_log_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "log of every query",
            doc: "A file in which each query is written as a line of JSON, with its times. Reloading opens the file anew.",
            example: "query_log_file: /var/log/prometheus/queries.log",
            since: Version(2, 16),
            ..FIELD
        },
        Field {
            key: "scrape_failure_log_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "log of failed scrapes",
            doc: "A file in which failed scrapes are written, for every job that names none itself.",
            example: "scrape_failure_log_file: /var/log/prometheus/scrape-failures.log",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "external_labels",
            ty: LABELS,
            default: DefaultValue::None,
            note: "added to everything that leaves this server",
            doc: "Labels that name this server to others: they are added to alerts, to what is written to remote storage and to federated series, wherever the series has no such label yet. `$NAME` and `${NAME}` are replaced by environment variables, `$$` is a dollar sign.",
            mistakes: "They are not on the series that you query here, nor in the target table. A variable that is not set becomes the empty string.",
            example: "external_labels:\n  cluster: eu-1",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "body_size_limit",
            ty: Type::Size,
            default: DefaultValue::Zero,
            note: "a scrape may bring {value}",
            doc: "A scrape whose uncompressed body is larger fails as a whole. A unit is required: `10MB`. 0 means no limit.",
            mistakes: "A bare number is refused: `100` has no unit. Units count in powers of 1024, whether written `MB` or `MiB`.",
            example: "body_size_limit: 10MB",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "sample_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "a scrape may bring {value} samples",
            doc: "A scrape that brings more samples, counted after `metric_relabel_configs`, fails as a whole and its target is down. 0 means no limit.",
            example: "sample_limit: 50000",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "target_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "a job may have {value} targets",
            doc: "When discovery and relabelling leave a job with more targets than this, all of them fail without being scraped. 0 means no limit.",
            example: "target_limit: 500",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "label_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "a sample may have {value} labels",
            doc: "A scrape in which any sample has more labels, after `metric_relabel_configs`, fails as a whole. 0 means no limit.",
            example: "label_limit: 30",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "label_name_length_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "label names up to {value} bytes",
            doc: "A scrape in which any label name is longer than this many bytes fails as a whole. 0 means no limit.",
            example: "label_name_length_limit: 100",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "label_value_length_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "label values up to {value} bytes",
            doc: "A scrape in which any label value is longer than this many bytes fails as a whole. 0 means no limit.",
            example: "label_value_length_limit: 500",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "keep_dropped_targets",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "remember {value} dropped targets",
            doc: "How many targets that relabelling dropped are remembered for each job, to be shown on the Service discovery page. 0 keeps all.",
            example: "keep_dropped_targets: 100",
            since: Version(2, 47),
            ..FIELD
        },
        Field {
            key: "metric_name_validation_scheme",
            ty: Type::OneOf(&[Type::Enum(values::VALIDATION), Type::String]),
            default: DefaultValue::Literal("utf8"),
            zero_is_unset: true,
            note: "which names are allowed",
            doc: "Whether metric and label names may be any UTF-8 text, or only letters, digits, underscores and, for metrics, colons.",
            mistakes: r#"Names with dots or spaces must be quoted in queries: `{"http.requests"}`."#,
            example: "metric_name_validation_scheme: legacy",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "metric_name_escaping_scheme",
            ty: Type::OneOf(&[Type::Enum(values::ESCAPING), Type::String]),
            default: DefaultValue::Derived {
                text: "allow-utf-8, or underscores if names are validated as legacy",
                value: derived::global_escaping,
            },
            note: "how targets shall escape names",
            doc: "How a target is asked to write names that are outside the old character set.",
            mistakes: "`allow-utf-8` contradicts `metric_name_validation_scheme: legacy` and is refused.",
            example: "metric_name_escaping_scheme: underscores",
            since: Version(3, 4),
            ..FIELD
        },
        Field {
            key: "scrape_native_histograms",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "take in native histograms",
            doc: "Whether native histograms that a target exposes are taken in as such. Otherwise only their classic buckets count. It also makes Prometheus ask for protobuf first, because the text formats carry no native histograms.",
            mistakes: "In version 2 and up to 3.8 this was a feature flag of the server.",
            example: "scrape_native_histograms: true",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "convert_classic_histograms_to_nhcb",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "turn `_bucket` series into native histograms",
            doc: "Turns scraped classic histograms into native histograms with custom buckets: one series instead of one for each bucket.",
            mistakes: "Queries with `_bucket` and `le` find nothing any more, unless classic histograms are kept too.",
            example: "convert_classic_histograms_to_nhcb: true",
            since: Version(3, 4),
            ..FIELD
        },
        Field {
            key: "always_scrape_classic_histograms",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "keep classic buckets too",
            doc: "Keeps the classic buckets of a histogram that is also taken in, or converted, as a native one. Useful while dashboards move from one to the other.",
            example: "always_scrape_classic_histograms: true",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "extra_scrape_metrics",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "three more series for each target",
            doc: "Stores `scrape_timeout_seconds`, `scrape_sample_limit` and `scrape_body_size_bytes` for each target, so that one can alert before a limit is hit.",
            mistakes: "Before 3.10 this was the feature flag `extra-scrape-metrics`.",
            example: "extra_scrape_metrics: true",
            since: Version(3, 10),
            ..FIELD
        },
    ],
    check: Some(check::check),
    ..RECORD
};
