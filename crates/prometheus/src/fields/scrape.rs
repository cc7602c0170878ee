//! A job: how its targets are found and scraped.

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
    doc: "One job: where its targets come from, how each is scraped, and what happens to labels on the way.",
    fields: &[
        Field {
            key: "job_name",
            always_printed: true,
            ty: Type::String,
            default: DefaultValue::None,
            note: "the `job` label of every series",
            doc: "The job's name. It becomes the label `job` of every target and so of every series, unless relabelling changes it. It must be unique over all jobs, those of `scrape_config_files` included.",
            mistakes: "Two lists of targets for one job belong into one job with two `static_configs` entries.",
            example: "job_name: web",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "honor_labels",
            ty: Type::Bool,
            default: DefaultValue::Literal("false"),
            note: "scraped labels win over the target's",
            doc: "What happens when a scraped series has a label that the target has too, such as `job` or `instance`. With false the target's label wins and the scraped one is kept as `exported_job`; with true the scraped one wins.",
            mistakes: "Set it for federation and for the Pushgateway only. Anywhere else it lets a target pretend to be another one.",
            example: "honor_labels: true",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "honor_timestamps",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "keep timestamps that the target sends",
            doc: "Whether a timestamp that stands beside a sample is used. With false every sample gets the time of the scrape.",
            mistakes: "Samples with own timestamps get no staleness markers, so their series linger for five minutes; see `track_timestamps_staleness`.",
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
            doc: "Whether series whose samples carry timestamps of their own end at once when they vanish from the target, as all others do.",
            mistakes: "cAdvisor in the kubelet exposes such timestamps: a removed container stays visible for five minutes without this.",
            example: "track_timestamps_staleness: true",
            since: Version(2, 48),
            ..FIELD
        },
        Field {
            key: "params",
            ty: Type::Map { key: &Type::String, value: &STRINGS },
            default: DefaultValue::None,
            note: "query parameters of the scrape",
            doc: "Parameters appended to the scrape URL. Each has a list of values. Relabelling sees and may set the first value of each as `__param_NAME`.",
            mistakes: "A value must be a list, also when there is one: `module: [http_2xx]`.",
            example: "params:\n  module: [http_2xx]",
            since: Version(0, 15),
            ..FIELD
        },
        Field {
            key: "scrape_interval",
            ty: DURATION,
            default: DefaultValue::Inherited("global.scrape_interval"),
            note: "scrape every {value}",
            doc: "How often each target of the job is scraped. Relabelling can change it for a target by `__scrape_interval__`.",
            mistakes: "The targets are not scraped at the same instant: each has its own offset within the interval. The window of `rate` should be four intervals or more.",
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
            note: "give up after {value}",
            doc: "How long a target may take before the scrape counts as failed and `up` becomes 0. It may not exceed the job's interval. Relabelling can change it by `__scrape_timeout__`.",
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
            note: "formats to ask for, best first",
            doc: "Which exposition formats are asked for, the most wanted first. Without it here and in `global` the order depends on `scrape_native_histograms`.",
            mistakes: "Names are case sensitive and may not repeat; an empty list is refused.",
            example: "scrape_protocols: [PrometheusText0.0.4]",
            since: Version(2, 49),
            ..FIELD
        },
        Field {
            key: "fallback_scrape_protocol",
            ty: Type::OneOf(&[Type::Enum(values::PROTOCOLS), Type::String]),
            default: DefaultValue::Zero,
            note: "format when the target names none",
            doc: "Which format is assumed for an answer whose `Content-Type` is missing or unknown.",
            mistakes: "Version 2 silently assumed the old text format. Version 3 fails the scrape unless this is set.",
            example: "fallback_scrape_protocol: PrometheusText0.0.4",
            since: Version(3, 0),
            ..FIELD
        },
        Field {
            key: "scrape_native_histograms",
            ty: Type::Bool,
            default: DefaultValue::Inherited("global.scrape_native_histograms"),
            note: "take in native histograms",
            doc: "Whether native histograms of this job's targets are taken in as such.",
            example: "scrape_native_histograms: true",
            since: Version(3, 8),
            ..FIELD
        },
        Field {
            key: "always_scrape_classic_histograms",
            ty: Type::Bool,
            default: DefaultValue::Inherited("global.always_scrape_classic_histograms"),
            note: "keep classic buckets too",
            doc: "Keeps classic buckets of histograms that are taken in, or converted, as native ones.",
            mistakes: "Its name in version 2 was `scrape_classic_histograms`, which is refused now.",
            example: "always_scrape_classic_histograms: true",
            since: Version(3, 0),
            ..FIELD
        },
        Field {
            key: "convert_classic_histograms_to_nhcb",
            ty: Type::Bool,
            default: DefaultValue::Inherited("global.convert_classic_histograms_to_nhcb"),
            note: "turn `_bucket` series into native histograms",
            doc: "Turns classic histograms of this job into native histograms with custom buckets.",
            example: "convert_classic_histograms_to_nhcb: true",
            since: Version(3, 0),
            ..FIELD
        },
        Field {
            key: "scrape_failure_log_file",
            ty: Type::Path { glob: false },
            default: DefaultValue::Inherited("global.scrape_failure_log_file"),
            note: "log of failed scrapes",
            doc: "A file in which failed scrapes of this job are written. Reloading opens the file anew.",
            example: "scrape_failure_log_file: /var/log/prometheus/web-failures.log",
            since: Version(2, 55),
            ..FIELD
        },
        Field {
            key: "metrics_path",
            ty: Type::String,
            default: DefaultValue::Literal("/metrics"),
            note: "path of the scrape URL",
            doc: "The path under which targets expose their metrics. Relabelling sees and may set it as `__metrics_path__`.",
            mistakes: "The path belongs here and not behind the port in `targets`, which is refused.",
            example: "metrics_path: /actuator/prometheus",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "scheme",
            ty: Type::OneOf(&[Type::Enum(values::SCHEME), Type::String]),
            default: DefaultValue::Literal("http"),
            note: "http or https",
            doc: "Whether targets are scraped over HTTP or HTTPS. Relabelling sees and may set it as `__scheme__`. `tls_config` matters for https only.",
            mistakes: "Writing `https` without a CA that signed the target's certificate gives `x509: certificate signed by unknown authority`.",
            example: "scheme: https",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "enable_compression",
            always_printed: true,
            ty: Type::Bool,
            default: DefaultValue::Literal("true"),
            note: "ask for gzip",
            doc: "Whether answers may be compressed. Switch it off where targets are close and their CPU is dear.",
            example: "enable_compression: false",
            since: Version(2, 49),
            ..FIELD
        },
        Field {
            key: "body_size_limit",
            ty: Type::Size,
            default: DefaultValue::Inherited("global.body_size_limit"),
            note: "a scrape may bring {value}",
            doc: "A scrape of this job with a larger uncompressed body fails as a whole. 0 takes the global limit.",
            mistakes: "A bare number is refused: it needs a unit, `10MB`.",
            example: "body_size_limit: 10MB",
            since: Version(2, 28),
            ..FIELD
        },
        Field {
            key: "sample_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.sample_limit"),
            note: "a scrape may bring {value} samples",
            doc: "A scrape with more samples, after `metric_relabel_configs`, fails as a whole. 0 takes the global limit.",
            example: "sample_limit: 10000",
            since: Version(1, 5),
            ..FIELD
        },
        Field {
            key: "target_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.target_limit"),
            note: "at most {value} targets",
            doc: "With more targets than this after relabelling, all targets of the job fail without being scraped. 0 takes the global limit.",
            example: "target_limit: 200",
            since: Version(2, 21),
            ..FIELD
        },
        Field {
            key: "label_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.label_limit"),
            note: "a sample may have {value} labels",
            doc: "A scrape in which any sample has more labels fails as a whole. 0 takes the global limit.",
            example: "label_limit: 30",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "label_name_length_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.label_name_length_limit"),
            note: "label names up to {value} bytes",
            doc: "A scrape in which any label name is longer fails as a whole. 0 takes the global limit.",
            example: "label_name_length_limit: 100",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "label_value_length_limit",
            ty: UINT,
            default: DefaultValue::Inherited("global.label_value_length_limit"),
            note: "label values up to {value} bytes",
            doc: "A scrape in which any label value is longer fails as a whole. 0 takes the global limit.",
            example: "label_value_length_limit: 500",
            since: Version(2, 27),
            ..FIELD
        },
        Field {
            key: "native_histogram_bucket_limit",
            ty: UINT,
            default: DefaultValue::Zero,
            note: "native histograms up to {value} buckets",
            doc: "Native histograms with more buckets are made coarser until they fit; where that is not possible the scrape fails. 0 means no limit.",
            example: "native_histogram_bucket_limit: 160",
            since: Version(2, 45),
            ..FIELD
        },
        Field {
            key: "native_histogram_min_bucket_factor",
            ty: Type::Float,
            default: DefaultValue::Zero,
            note: "no finer than this growth factor",
            doc: "Native histograms whose buckets grow by less than this factor are made coarser. 1.1 leaves buckets that are about 9% wide; 0 changes nothing.",
            example: "native_histogram_min_bucket_factor: 1.1",
            since: Version(2, 50),
            ..FIELD
        },
        Field {
            key: "keep_dropped_targets",
            ty: UINT,
            default: DefaultValue::Inherited("global.keep_dropped_targets"),
            note: "remember {value} dropped targets",
            doc: "How many targets that relabelling dropped are remembered for the Service discovery page. 0 takes the global setting.",
            example: "keep_dropped_targets: 100",
            since: Version(2, 47),
            ..FIELD
        },
        Field {
            key: "metric_name_validation_scheme",
            ty: Type::OneOf(&[Type::Enum(values::VALIDATION), Type::String]),
            default: DefaultValue::Inherited("global.metric_name_validation_scheme"),
            note: "which names are allowed",
            doc: "Whether names of this job's metrics and labels may be any UTF-8 text or must be of the old character set.",
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
            note: "how targets shall escape names",
            doc: "How targets of this job are asked to write names outside the old character set.",
            example: "metric_name_escaping_scheme: values",
            since: Version(3, 4),
            ..FIELD
        },
        Field {
            key: "extra_scrape_metrics",
            ty: Type::Bool,
            default: DefaultValue::Inherited("global.extra_scrape_metrics"),
            note: "three more series for each target",
            doc: "Stores `scrape_timeout_seconds`, `scrape_sample_limit` and `scrape_body_size_bytes` for this job's targets.",
            example: "extra_scrape_metrics: true",
            since: Version(3, 10),
            ..FIELD
        },
        Field {
            key: "relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: DefaultValue::None,
            note: "choose and label targets before the scrape",
            doc: "Rules that run on each discovered target, in order, before it is scraped. They see the discovered labels (`__meta_…`, `__address__`, `__scheme__` and so on) and decide which targets stay and which labels their series get. Labels that begin with `__` are gone afterwards.",
            mistakes: "They do not see metric names: dropping series is the work of `metric_relabel_configs`.",
            example: "relabel_configs:\n  - source_labels: [__meta_kubernetes_namespace]\n    target_label: namespace",
            since: Version(0, 14),
            ..FIELD
        },
        Field {
            key: "metric_relabel_configs",
            ty: Type::List(&Type::Record(&super::relabel::RELABEL)),
            default: DefaultValue::None,
            note: "change or drop scraped series",
            doc: "Rules that run on each scraped series, in order, before it is stored. The metric's name is the label `__name__`. They can drop series that are too many, or rename labels.",
            mistakes: "They see no `__meta_…` labels, and they do not touch `up` and the other series that Prometheus adds for each scrape.",
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
