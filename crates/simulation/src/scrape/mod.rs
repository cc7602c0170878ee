//! Scrapes: from the answer of a target to stored samples.
//!
//! Source of the rules: prometheus scrape/scrape.go.

mod labels;
mod limits;
mod loops;
mod schedule;
mod target_loop;

#[cfg(test)]
mod tests;

use schema::ValueSource;
use std::sync::Arc;

use super::exposition::{Escaping, Wire, accept_header, negotiate};
use super::workload::{Formats, Plan, Readings, Role};
use discovery::targets::Rules;
use discovery::targets::names::{ALWAYS_CLASSIC, CONVERT_CLASSIC, NATIVE};
use go::Duration;
use prometheus::config::ScrapeConfig;
use promql::{Labels, Timestamp, is_legacy_label_name, is_legacy_metric_name};

pub use labels::{report_labels, sample_labels, target_labels};
pub use limits::{HistogramLimits, LabelLimits};
pub use loops::{ActiveTarget, ScrapeLoops, ScrapeTarget};
pub use schedule::{first_scrape, offset};
pub use target_loop::TargetLoop;

/// Settings that apply to all targets of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrapeSettings {
    pub honor_labels: bool,
    pub honor_timestamps: bool,
    pub track_timestamps_staleness: bool,
    pub fallback_scrape_protocol: Arc<str>,
    pub metric_relabel: Arc<Rules>,
    /// 0 means no limit; so for the fields below.
    pub sample_limit: u64,
    /// Bytes.
    pub body_size_limit: u64,
    pub labels: LabelLimits,
    pub extra_scrape_metrics: bool,
    pub legacy_names: bool,
    /// In the order of preference.
    pub protocols: Arc<[Arc<str>]>,
    pub escaping: Arc<str>,
    pub histograms: Histograms,
    pub histogram_limits: HistogramLimits,
    pub features: Features,
}

/// Histogram settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histograms {
    pub native: bool,
    /// `always_scrape_classic_histograms`.
    pub always_classic: bool,
    /// `convert_classic_histograms_to_nhcb`.
    pub convert: bool,
}

impl Histograms {
    /// Returns true if the scrape uses a sample of the answer.
    ///
    /// Source: prometheus model/textparse, `ParserOptions` and both parsers that heed them.
    pub fn take(self, role: Role, wire: Wire) -> bool {
        let protobuf = wire == Wire::Protobuf;
        let natively = |native: bool| protobuf && native && self.native;
        match role {
            Role::Plain => true,
            Role::Native => natively(true),
            Role::Classic { native, buckets } if natively(native) => buckets && self.always_classic,
            Role::Classic { .. } => !self.convert || self.always_classic,
            Role::Converted { native } => self.convert && !natively(native),
            // Protobuf has the creation time as a field of the metric.
            Role::Created => !protobuf,
        }
    }
}

/// Feature flags that affect scrapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// `created-timestamp-zero-ingestion`: stores a zero at the start of a counter.
    pub zero_samples: bool,
    /// `st-storage`: stores start timestamps with samples.
    pub store_starts: bool,
    /// `st-synthesis`: counters without a start timestamp count from their first sample.
    pub synthesize: bool,
    /// `extra-scrape-metrics`: enables `extra_scrape_metrics` by default.
    pub extra_scrape_metrics: bool,
}

impl Features {
    /// Parses the comma-separated value of `--enable-feature`.
    pub fn of_flag(text: &str) -> Self {
        let has = |name: &str| text.split(',').any(|one| one == name);
        Self {
            zero_samples: has("created-timestamp-zero-ingestion"),
            store_starts: has("st-storage"),
            synthesize: has("st-synthesis"),
            extra_scrape_metrics: has("extra-scrape-metrics"),
        }
    }

    /// Returns true if scrapes read start timestamps. `_created` samples of OpenMetrics are then
    /// not stored.
    pub fn parse_starts(self) -> bool {
        self.zero_samples || self.store_starts
    }
}

impl ScrapeSettings {
    /// The default settings with the text format only, for tests and benchmarks.
    pub fn plain() -> Self {
        Self {
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            fallback_scrape_protocol: "".into(),
            metric_relabel: Arc::new(Rules::default()),
            sample_limit: 0,
            body_size_limit: 0,
            labels: LabelLimits::default(),
            extra_scrape_metrics: false,
            legacy_names: false,
            protocols: ["PrometheusText0.0.4".into()].into(),
            escaping: "allow-utf-8".into(),
            histograms: Histograms::default(),
            histogram_limits: HistogramLimits::new(0, 0.0),
            features: Features::default(),
        }
    }
}

/// The report series of a scrape with their help texts.
pub fn report_names(extra: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let count = target_loop::REPORTS.len() - if extra { 0 } else { target_loop::EXTRA_REPORTS };
    target_loop::REPORTS.into_iter().take(count)
}

impl ScrapeSettings {
    /// Checks the labels of a sample. The error fails the scrape.
    pub fn check(&self, labels: &Labels) -> Result<(), String> {
        let name = labels.metric_name();
        if name.is_empty() {
            return Err("missing metric name (__name__ label)".to_owned());
        }
        let valid = |label: &promql::Label| match self.legacy_names {
            true => is_legacy_label_name(&label.name),
            false => !label.name.is_empty(),
        };
        if (self.legacy_names && !is_legacy_metric_name(name)) || !labels.iter().all(valid) {
            return Err(format!("invalid metric name or label names: {labels}"));
        }
        self.labels.check(labels)
    }

    /// Returns true if a reload can keep the scrape loops: only `sample_limit` differs.
    ///
    /// Source: prometheus scrape/scrape.go `reusableCache`.
    pub fn same_but_sample_limit(&self, other: &Self) -> bool {
        self == other || Self { sample_limit: other.sample_limit, ..self.clone() } == *other
    }

    /// Returns the format in which a program answers.
    pub fn wire(&self, formats: Formats) -> Wire {
        self.negotiated(formats).0
    }

    fn negotiated(&self, formats: Formats) -> (Wire, bool) {
        let protocols = self.protocols.iter().map(|protocol| &**protocol);
        negotiate(protocols, formats.openmetrics, formats.protobuf)
    }

    /// Returns the escaping scheme of a program's answer.
    pub fn escaping(&self, formats: Formats) -> Escaping {
        match self.negotiated(formats).1 {
            true => Escaping::of_word(&self.escaping),
            false => Escaping::Underscores,
        }
    }

    /// Returns the settings of a target: some labels override the histogram settings of the job.
    ///
    /// Source: prometheus scrape/target.go `boolLabel`.
    pub fn for_target(self: &Arc<Self>, labels: &Labels) -> Arc<Self> {
        let read = |name: &str, usual: bool| match labels.get(name) {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => true,
            "0" | "f" | "F" | "FALSE" | "false" | "False" => false,
            _ => usual,
        };
        let usual = self.histograms;
        let histograms = Histograms {
            native: read(NATIVE, usual.native),
            always_classic: read(ALWAYS_CLASSIC, usual.always_classic),
            convert: read(CONVERT_CLASSIC, usual.convert),
        };
        if histograms == usual {
            return self.clone();
        }
        Arc::new(Self { histograms, ..Self::clone(self) })
    }

    /// The request's Accept header.
    pub fn accept(&self) -> String {
        accept_header(self.protocols.iter().map(|protocol| &**protocol), &self.escaping)
    }

    /// Applies feature flags. If `scrape_protocols` is not configured, reading start timestamps
    /// prefers protobuf.
    #[must_use]
    pub fn with_features(mut self, config: &ScrapeConfig, features: Features) -> Self {
        self.features = features;
        if features.parse_starts() && matches!(config.scrape_protocols.source, ValueSource::Default)
        {
            let others = self.protocols.iter().filter(|one| &***one != "PrometheusProto").cloned();
            self.protocols = std::iter::once("PrometheusProto".into()).chain(others).collect();
        }
        if features.extra_scrape_metrics
            && matches!(config.extra_scrape_metrics.source, ValueSource::Default)
        {
            self.extra_scrape_metrics = true;
        }
        self
    }

    pub fn new(config: &ScrapeConfig) -> Self {
        let legacy_names = &**config.metric_name_validation_scheme == "legacy";
        Self {
            honor_labels: *config.honor_labels,
            honor_timestamps: *config.honor_timestamps,
            track_timestamps_staleness: *config.track_timestamps_staleness,
            fallback_scrape_protocol: config.fallback_scrape_protocol.value.clone(),
            metric_relabel: Arc::new(Rules::new(&config.metric_relabel_configs, legacy_names)),
            sample_limit: *config.sample_limit,
            body_size_limit: *config.body_size_limit,
            labels: LabelLimits {
                count: *config.label_limit,
                name_length: *config.label_name_length_limit,
                value_length: *config.label_value_length_limit,
            },
            extra_scrape_metrics: *config.extra_scrape_metrics,
            legacy_names,
            protocols: config.scrape_protocols.value.clone().into(),
            escaping: config.metric_name_escaping_scheme.value.clone(),
            histograms: Histograms {
                native: *config.scrape_native_histograms,
                always_classic: *config.always_scrape_classic_histograms,
                convert: *config.convert_classic_histograms_to_nhcb,
            },
            histogram_limits: HistogramLimits::new(
                *config.native_histogram_bucket_limit,
                *config.native_histogram_min_bucket_factor,
            ),
            features: Features::default(),
        }
    }
}

/// The answer of a target.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// The connection or request failed, with the error that Prometheus shows.
    Failed(&'a str),
    /// A status other than 200: `404 Not Found`.
    Status(&'a str),
    Body {
        content_type: &'a str,
        body: &'a str,
    },
    /// The samples of a workload, without writing and parsing a body.
    Planned(PlannedAnswer<'a>),
}

/// The answer of a program with known samples.
#[derive(Clone, Copy, Debug)]
pub struct PlannedAnswer<'a> {
    pub plan: &'a Arc<Plan>,
    pub values: &'a Readings,
    pub wire: Wire,
    pub escaping: Escaping,
    /// The start timestamp of the counters, if the answer has it.
    pub started: Option<Timestamp>,
    /// The size of the body, if the job needs it.
    pub bytes: Option<u64>,
    /// The explicit timestamp of the samples, if they have one.
    pub stamp: Option<Timestamp>,
}

/// The result of a scrape, as shown in the target table and stored in report series.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrapeReport {
    pub at: Timestamp,
    pub duration: Duration,
    /// `None` for a scrape that worked.
    pub error: Option<String>,
    pub samples_scraped: u64,
    pub samples_post_metric_relabeling: u64,
    pub series_added: u64,
    /// The size of the body; -1 if it exceeds the limit.
    pub body_bytes: i64,
    /// Samples that the storage rejected. They do not fail the scrape.
    pub refused: Refused,
}

/// Rejected samples, by the reason that Prometheus logs and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    pub out_of_order: u64,
    /// Same timestamp, different value.
    pub duplicates: u64,
    /// Too old, or more than ten minutes ahead of Prometheus's clock.
    pub out_of_bounds: u64,
}

impl Refused {
    /// The rejected samples of each reason, with the place in Prometheus's source and the message
    /// that it logs.
    ///
    /// Source: prometheus scrape/scrape_append_v2.go `append`.
    pub fn counts(self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        [
            (
                "scrape_append_v2.go:399",
                "Error on ingesting out-of-order samples",
                self.out_of_order,
            ),
            (
                "scrape_append_v2.go:402",
                "Error on ingesting samples with different value but same timestamp",
                self.duplicates,
            ),
            (
                "scrape_append_v2.go:405",
                "Error on ingesting samples that are too old or are too far into the future",
                self.out_of_bounds,
            ),
        ]
        .into_iter()
        .filter(|(_, _, count)| *count > 0)
    }

    /// The log warnings.
    pub fn warnings(self) -> Vec<String> {
        self.counts().map(|(_, text, count)| format!("{text} num_dropped={count}")).collect()
    }
}
