//! The `global` section.

pub(crate) mod check;

use super::{DURATION, UINT, derived, values};
use schema::{DefaultValue, FIELD, Field, LABELS, RECORD, Record, Type, Version};

/// Upstream: config.GlobalConfig.
pub static GLOBAL: Record = Record {
    name: "global",
    go_type: "config.plain",
    go_names: &[("scrape_protocols", &["[]config.ScrapeProtocol", "config.ScrapeProtocol"])],
    doc: "Default settings for all jobs and rule groups.",
    fields: &[
        Field {
            key: "scrape_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            zero_is_unset: true,
            note: "scrape every {value} by default",
            doc: "The time between two scrapes of a target, for jobs without their own `scrape_interval`. It is the resolution of the data: changes between two scrapes are not recorded.",
            mistakes: "A range such as `rate(x[1m])` needs at least two samples in its window; four intervals are a safe window. With an interval above two minutes, a single failed scrape causes gaps, because instant queries look back five minutes only.",
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
            note: "a scrape fails after {value}",
            doc: "The time after which a scrape fails. It must not be greater than the scrape interval.",
            mistakes: "The timeout of a job with an interval below 10s is limited to that interval. A global timeout greater than the global interval is refused.",
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
            note: "exposition formats, in order of preference",
            doc: "The exposition formats to negotiate with targets, in order of preference. The target chooses one that it supports.",
            mistakes: "Names are case sensitive. Duplicates and an empty list are refused.",
            example: "scrape_protocols: [OpenMetricsText1.0.0, PrometheusText0.0.4]",
            since: Version(2, 49),
            ..FIELD
        },
        Field {
            key: "evaluation_interval",
            ty: DURATION,
            default: DefaultValue::Literal("1m"),
            zero_is_unset: true,
            note: "evaluate rules every {value} by default",
            doc: "The time between two evaluations of rule groups without their own `interval`. An alert fires after its `for` plus at most one interval.",
            example: "evaluation_interval: 15s",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "rule_query_offset",
            ty: DURATION,
            default: DefaultValue::Literal("0s"),
            note: "rules query data of {value} ago",
            doc: "The offset into the past for the evaluation of rules. It ensures that late samples, such as those received by remote write, have arrived.",
            example: "rule_query_offset: 30s",
            since: Version(2, 53),
            ..FIELD
        },
        Field {
            key: "query_log_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "log of every query",
            doc: "The log file for queries. Each query is a line of JSON with its timings. A reload of the configuration reopens the file.",
            example: "query_log_file: /var/log/prometheus/queries.log",
            since: Version(2, 16),
            ..FIELD
        },
        Field {
            key: "scrape_failure_log_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Zero,
            note: "log of failed scrapes",
            doc: "The log file for failed scrapes of jobs without their own log file.",
            example: "scrape_failure_log_file: /var/log/prometheus/scrape-failures.log",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "external_labels",
            ty: LABELS,
            default: DefaultValue::None,
            note: "added to alerts and remote data",
            doc: "Labels that are added to alerts, to samples for remote storage and to federated series, unless a series already has a label of that name. `$NAME` and `${NAME}` are replaced by environment variables; `$$` is a dollar sign.",
            mistakes: "They are not added to the series in the local storage or to targets. A variable that is not set is replaced by the empty string.",
            example: "external_labels:\n  cluster: eu-1",
            since: Version(0, 16),
            ..FIELD
        },
        Field {
            key: "body_size_limit",
            ty: Type::Size,
            default: DefaultValue::Zero,
            note: "maximum body size of a scrape: {value}",
            doc: "The maximum size of an uncompressed response. A larger response fails the scrape. A unit is required: `10MB`. 0 means no limit.",
            mistakes: "A number without a unit is refused. `MB` and `MiB` both mean powers of 1024.",
            example: "body_size_limit: 10MB",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "sample_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "maximum samples per scrape: {value}",
            doc: "The maximum number of samples after `metric_relabel_configs`. A scrape with more samples fails, and its target is down. 0 means no limit.",
            example: "sample_limit: 50000",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "target_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "maximum targets per job: {value}",
            doc: "The maximum number of targets of a job after relabeling. If a job has more targets, all of them fail without being scraped. 0 means no limit.",
            example: "target_limit: 500",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "label_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "maximum labels per sample: {value}",
            doc: "The maximum number of labels per sample after `metric_relabel_configs`. A scrape with a sample with more labels fails. 0 means no limit.",
            example: "label_limit: 30",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "label_name_length_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "maximum length of label names: {value}",
            doc: "The maximum length of label names in bytes. A scrape with a longer name fails. 0 means no limit.",
            example: "label_name_length_limit: 100",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "label_value_length_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "maximum length of label values: {value}",
            doc: "The maximum length of label values in bytes. A scrape with a longer value fails. 0 means no limit.",
            example: "label_value_length_limit: 500",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "keep_dropped_targets",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "keep {value} dropped targets",
            doc: "The maximum number of targets dropped by relabeling that are kept for each job, for the Service discovery page. 0 means no limit.",
            example: "keep_dropped_targets: 100",
            since: Version(2, 47),
            ..FIELD
        },
        Field {
            key: "metric_name_validation_scheme",
            ty: Type::OneOf(&[Type::Enum(values::VALIDATION), Type::String]),
            default: DefaultValue::Literal("utf8"),
            zero_is_unset: true,
            note: "validation of names",
            doc: "The validation of metric and label names: any UTF-8 text, or letters, digits and underscores, and colons in metric names.",
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
            note: "escaping requested from targets",
            doc: "The escaping of names outside the legacy character set that is requested from targets.",
            mistakes: "`allow-utf-8` is refused together with `metric_name_validation_scheme: legacy`.",
            example: "metric_name_escaping_scheme: underscores",
            since: Version(3, 4),
            ..FIELD
        },
        Field {
            key: "scrape_native_histograms",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "ingest native histograms",
            doc: "If true, native histograms are ingested. Otherwise only their classic buckets are. Prometheus then also prefers protobuf, because the text formats cannot carry native histograms.",
            mistakes: "Before 3.8 this was the feature flag `native-histograms`.",
            example: "scrape_native_histograms: true",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "convert_classic_histograms_to_nhcb",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "convert classic histograms to native ones",
            doc: "If true, scraped classic histograms are converted to native histograms with custom buckets: one series instead of one per bucket.",
            mistakes: "Queries for `_bucket` series return nothing, unless classic histograms are kept with `always_scrape_classic_histograms`.",
            example: "convert_classic_histograms_to_nhcb: true",
            since: Version(3, 4),
            ..FIELD
        },
        Field {
            key: "always_scrape_classic_histograms",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "also keep classic buckets",
            doc: "If true, classic buckets of a histogram are kept although it is also ingested, or converted, as a native histogram. This helps while dashboards are migrated.",
            example: "always_scrape_classic_histograms: true",
            since: Version(3, 5),
            ..FIELD
        },
        Field {
            key: "extra_scrape_metrics",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "three additional series per target",
            doc: "If true, `scrape_timeout_seconds`, `scrape_sample_limit` and `scrape_body_size_bytes` are stored for each target. They allow alerts before a limit is reached.",
            mistakes: "Before 3.10 this was the feature flag `extra-scrape-metrics`.",
            example: "extra_scrape_metrics: true",
            since: Version(3, 10),
            ..FIELD
        },
    ],
    check: Some(check::check),
    ..RECORD
};
