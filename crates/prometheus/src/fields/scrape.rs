//! Scrape configs.

pub(crate) mod check;

use super::{DURATION, UINT, derived, values};
use schema::{DefaultValue, FIELD, Field, RECORD, Record, STRINGS, Type, Version};

/// Upstream: config.ScrapeConfig, config.DefaultedScrapeConfig.
pub static SCRAPE: Record = Record {
    name: "scrape_config",
    go_type: "config.ScrapeConfig",
    go_names: &[
        ("relabel_configs", &["[]*relabel.Config"]),
        ("metric_relabel_configs", &["[]*relabel.Config"]),
        ("params", &["url.Values"]),
        ("scrape_protocols", &["[]config.ScrapeProtocol", "config.ScrapeProtocol"]),
        ("fallback_scrape_protocol", &["config.ScrapeProtocol"]),
    ],
    doc: "A scrape job: the discovery of its targets, the settings of its scrapes, and the relabeling of targets and series.",
    fields: &[
        Field {
            key: "job_name",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "value of the `job` label",
            doc: "The name of the job. It becomes the label `job` of every target and every series, unless relabeling changes it. It must be unique over all jobs, including those of `scrape_config_files`.",
            mistakes: "Combine two lists of targets of one job into one job with two `static_configs` entries.",
            example: "job_name: web",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "honor_labels",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "scraped labels take precedence",
            doc: "The handling of labels that both the scraped series and the target have, such as `job` or `instance`. If false, the label of the target is used and the scraped one is renamed to `exported_job`. If true, the scraped label is used.",
            mistakes: "Set it for federation and the Pushgateway only. Otherwise a target can expose samples in the name of another one.",
            example: "honor_labels: true",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "honor_timestamps",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "use timestamps of the target",
            doc: "If true, timestamps that the target exposes with its samples are used. If false, every sample gets the time of the scrape.",
            mistakes: "Samples with explicit timestamps get no staleness markers, so their series remain visible for five minutes. See `track_timestamps_staleness`.",
            example: "honor_timestamps: false",
            since: Version(2, 9),
            ..FIELD
        },
        Field {
            key: "track_timestamps_staleness",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "staleness for timestamped samples too",
            doc: "If true, series with explicit timestamps also become stale as soon as they disappear from the target.",
            mistakes: "cAdvisor in the kubelet exposes timestamps. Without this setting, a removed container remains visible for five minutes.",
            example: "track_timestamps_staleness: true",
            since: Version(2, 48),
            ..FIELD
        },
        Field {
            key: "params",
            ty: Type::Map { key: &Type::String, value: &STRINGS },
            default: DefaultValue::None,
            note: "query parameters of the scrape",
            doc: "The parameters of the scrape URL. Each has a list of values. Relabeling can read and set the first value of each as `__param_NAME`.",
            mistakes: "Each value must be a list, even with a single item: `module: [http_2xx]`.",
            example: "params:\n  module: [http_2xx]",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "scrape_interval",
            ty: DURATION,
            default: DefaultValue::Inherited("global.scrape_interval"),
            note: "scrape every {value}",
            doc: "The time between two scrapes of a target of this job. Relabeling can change it for a target with `__scrape_interval__`.",
            mistakes: "Each target has its own offset within the interval, so targets are not scraped at the same time. The window of `rate` should be at least four intervals.",
            example: "scrape_interval: 30s",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "scrape_timeout",
            ty: DURATION,
            default: DefaultValue::Derived {
                text: "the global timeout, or the interval of the job if that is shorter",
                value: derived::job_timeout,
            },
            note: "a scrape fails after {value}",
            doc: "The time after which a scrape of this job fails and `up` becomes 0. It must not be greater than the scrape interval. Relabeling can change it for a target with `__scrape_timeout__`.",
            example: "scrape_timeout: 10s",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "scrape_protocols",
            ty: Type::List(&Type::OneOf(&[Type::Enum(values::PROTOCOLS), Type::String])),
            default: DefaultValue::Derived {
                text: "the global list, or the text formats; protobuf comes first if native histograms are scraped",
                value: derived::job_protocols,
            },
            note: "exposition formats, in order of preference",
            doc: "The exposition formats to negotiate with the target, in order of preference. If they are set neither here nor in `global`, the order depends on `scrape_native_histograms`.",
            mistakes: "Names are case sensitive. Duplicates and an empty list are refused.",
            example: "scrape_protocols: [PrometheusText0.0.4]",
            since: Version(2, 49),
            ..FIELD
        },
        Field {
            key: "fallback_scrape_protocol",
            ty: Type::OneOf(&[Type::Enum(values::PROTOCOLS), Type::String]),
            default: DefaultValue::Zero,
            note: "format if the target specifies none",
            doc: "The format that is used if the `Content-Type` of a response is missing or unknown.",
            mistakes: "Prometheus 2 used the text format. Prometheus 3 fails the scrape unless this is set.",
            example: "fallback_scrape_protocol: PrometheusText0.0.4",
            since: Version(3, 0),
            ..FIELD
        },
        Field {
            key: "scrape_native_histograms",
            ty: Type::Bool,
            default: DefaultValue::Inherited("global.scrape_native_histograms"),
            note: "ingest native histograms",
            doc: "If true, native histograms of this job are ingested.",
            example: "scrape_native_histograms: true",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "always_scrape_classic_histograms",
            ty: Type::Bool,
            default: DefaultValue::Inherited("global.always_scrape_classic_histograms"),
            note: "also keep classic buckets",
            doc: "If true, classic buckets of histograms are kept although they are also ingested, or converted, as native histograms.",
            mistakes: "The name in Prometheus 2 was `scrape_classic_histograms`, which is refused now.",
            example: "always_scrape_classic_histograms: true",
            since: Version(3, 0),
            ..FIELD
        },
        Field {
            key: "convert_classic_histograms_to_nhcb",
            ty: Type::Bool,
            default: DefaultValue::Inherited("global.convert_classic_histograms_to_nhcb"),
            note: "convert classic histograms to native ones",
            doc: "If true, classic histograms of this job are converted to native histograms with custom buckets.",
            example: "convert_classic_histograms_to_nhcb: true",
            since: Version(3, 0),
            ..FIELD
        },
        Field {
            key: "scrape_failure_log_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Inherited("global.scrape_failure_log_file"),
            note: "log of failed scrapes",
            doc: "The log file for failed scrapes of this job. A reload of the configuration reopens the file.",
            example: "scrape_failure_log_file: /var/log/prometheus/web-failures.log",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "metrics_path",
            ty: Type::String,
            default: DefaultValue::Literal("/metrics"),
            note: "path of the scrape URL",
            doc: "The HTTP path under which targets expose their metrics. Relabeling can read and set it as `__metrics_path__`.",
            mistakes: "A path behind the port in `targets` is refused.",
            example: "metrics_path: /actuator/prometheus",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "scheme",
            ty: Type::OneOf(&[Type::Enum(values::SCHEME), Type::String]),
            default: DefaultValue::Literal("http"),
            note: "http or https",
            doc: "The protocol of scrapes: HTTP or HTTPS. Relabeling can read and set it as `__scheme__`. `tls_config` applies to `https` only.",
            mistakes: "Without a CA that signed the certificate of the target, `https` fails with `x509: certificate signed by unknown authority`.",
            example: "scheme: https",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "enable_compression",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "request gzip compression",
            doc: "If true, Prometheus requests compressed responses. Disable it to save CPU on the targets.",
            example: "enable_compression: false",
            since: Version(2, 49),
            ..FIELD
        },
        Field {
            key: "body_size_limit",
            ty: Type::Size,
            default: DefaultValue::Inherited("global.body_size_limit"),
            note: "maximum body size of a scrape: {value}",
            doc: "The maximum size of the uncompressed response. A larger response fails the scrape. 0 uses the global limit.",
            mistakes: "A number without a unit is refused; write `10MB`.",
            example: "body_size_limit: 10MB",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "sample_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.sample_limit"),
            note: "maximum samples per scrape: {value}",
            doc: "The maximum number of samples after `metric_relabel_configs`. A scrape with more samples fails. 0 uses the global limit.",
            example: "sample_limit: 10000",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "target_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.target_limit"),
            note: "maximum targets: {value}",
            doc: "The maximum number of targets of the job after relabeling. If there are more targets, all of them fail without being scraped. 0 uses the global limit.",
            example: "target_limit: 200",
            since: Version(2, 21),
            ..FIELD
        },
        Field {
            key: "label_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.label_limit"),
            note: "maximum labels per sample: {value}",
            doc: "The maximum number of labels per sample. A scrape with a sample with more labels fails. 0 uses the global limit.",
            example: "label_limit: 30",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "label_name_length_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.label_name_length_limit"),
            note: "maximum length of label names: {value}",
            doc: "The maximum length of label names in bytes. A scrape with a longer name fails. 0 uses the global limit.",
            example: "label_name_length_limit: 100",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "label_value_length_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.label_value_length_limit"),
            note: "maximum length of label values: {value}",
            doc: "The maximum length of label values in bytes. A scrape with a longer value fails. 0 uses the global limit.",
            example: "label_value_length_limit: 500",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "native_histogram_bucket_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "maximum buckets per native histogram: {value}",
            doc: "The maximum number of buckets of a native histogram. The resolution of larger histograms is reduced until they fit. If that is not possible, the scrape fails. 0 means no limit.",
            example: "native_histogram_bucket_limit: 160",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "native_histogram_min_bucket_factor",
            ty: Type::Float,
            default: DefaultValue::Zero,
            note: "minimum growth factor of buckets",
            doc: "The minimum growth factor between buckets of a native histogram. The resolution of finer histograms is reduced. 1.1 yields buckets that are about 9% wide. 0 disables the limit.",
            example: "native_histogram_min_bucket_factor: 1.1",
            since: Version(2, 50),
            ..FIELD
        },
        Field {
            key: "keep_dropped_targets",
            ty: UINT,
            default: DefaultValue::Inherited("global.keep_dropped_targets"),
            note: "keep {value} dropped targets",
            doc: "The maximum number of targets dropped by relabeling that are kept for the Service discovery page. 0 uses the global setting.",
            example: "keep_dropped_targets: 100",
            since: Version(2, 47),
            ..FIELD
        },
        Field {
            key: "metric_name_validation_scheme",
            ty: Type::OneOf(&[Type::Enum(values::VALIDATION), Type::String]),
            default: DefaultValue::Inherited("global.metric_name_validation_scheme"),
            note: "validation of names",
            doc: "The validation of metric and label names of this job: any UTF-8 text, or the legacy character set.",
            example: "metric_name_validation_scheme: legacy",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "metric_name_escaping_scheme",
            ty: Type::OneOf(&[Type::Enum(values::ESCAPING), Type::String]),
            default: DefaultValue::Derived {
                text: "the global scheme; if the job sets a validation scheme, the one that fits it",
                value: derived::job_escaping,
            },
            note: "escaping requested from targets",
            doc: "The escaping of names outside the legacy character set that is requested from targets of this job.",
            example: "metric_name_escaping_scheme: values",
            since: Version(3, 4),
            ..FIELD
        },
        Field {
            key: "extra_scrape_metrics",
            ty: Type::Bool,
            default: DefaultValue::Inherited("global.extra_scrape_metrics"),
            note: "three additional series per target",
            doc: "If true, `scrape_timeout_seconds`, `scrape_sample_limit` and `scrape_body_size_bytes` are stored for each target of this job.",
            example: "extra_scrape_metrics: true",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: DefaultValue::None,
            note: "relabel targets before the scrape",
            doc: "The relabeling rules for targets. They are applied in order to each discovered target before it is scraped. They read the discovered labels (`__meta_…`, `__address__`, `__scheme__` and others), drop targets, and set labels of the series. Labels that begin with `__` are removed afterwards.",
            mistakes: "Metric names do not exist before the scrape. Use `metric_relabel_configs` to drop series.",
            example: "relabel_configs:\n  - source_labels: [__meta_kubernetes_namespace]\n    target_label: namespace",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "metric_relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: DefaultValue::None,
            note: "relabel or drop scraped series",
            doc: "The relabeling rules for samples. They are applied in order to each scraped series before it is stored. The metric name is the label `__name__`. They can drop series and rename labels.",
            mistakes: "`__meta_…` labels do not exist at this stage. The rules do not apply to `up` and the other series that Prometheus adds for each scrape.",
            example: "metric_relabel_configs:\n  - source_labels: [__name__]\n    regex: go_gc_.*\n    action: drop",
            since: Version(0, 15),
            ..FIELD
        },
    ],
    inlined_before: "relabel_configs",
    inline: &[&super::http::HTTP, &super::discovery::DISCOVERY],
    check: Some(check::check),
    ..RECORD
};
