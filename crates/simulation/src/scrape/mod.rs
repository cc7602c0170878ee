//! One scrape: from what a target answers to the samples that Prometheus stores.
//!
//! Source of the rules: prometheus scrape/scrape.go.

mod labels;
mod limits;
mod schedule;
mod target_loop;

#[cfg(test)]
mod tests;

use schema::ValueSource;
use std::sync::Arc;

use super::exposition::{Escaping, Wire, accept_header, negotiate};
use super::workload::{Formats, Plan, Readings, Role};
use discovery::targets::Rules;
use go::Duration;
use prometheus::config::ScrapeConfig;
use promql::{Labels, Timestamp, is_legacy_label_name, is_legacy_metric_name};

pub use labels::{report_labels, sample_labels, target_labels};
pub use limits::{HistogramLimits, LabelLimits};
pub use schedule::{first_scrape, offset};
pub use target_loop::TargetLoop;

/// The settings of a scrape that are the same for all targets of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrapeSettings {
    pub honor_labels: bool,
    pub honor_timestamps: bool,
    pub track_timestamps_staleness: bool,
    pub fallback_scrape_protocol: Arc<str>,
    pub metric_relabel: Arc<Rules>,
    /// 0 is no limit, here and below.
    pub sample_limit: u64,
    /// Bytes.
    pub body_size_limit: u64,
    pub labels: LabelLimits,
    pub extra_scrape_metrics: bool,
    pub legacy_names: bool,
    /// The most wanted first.
    pub protocols: Arc<[Arc<str>]>,
    pub escaping: Arc<str>,
    pub histograms: Histograms,
    pub histogram_limits: HistogramLimits,
    pub features: Features,
}

/// What a scrape takes of classic and native histograms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histograms {
    pub native: bool,
    /// Classic ones also where they are native too.
    pub always_classic: bool,
    /// Classic ones become native ones with custom buckets.
    pub convert: bool,
}

impl Histograms {
    /// Whether a sample in the target's answer counts for the scrape.
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
            // Protobuf has the time beside the value.
            Role::Created => !protobuf,
        }
    }
}

/// What `--enable-feature` switches on for scrapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// `created-timestamp-zero-ingestion`: a zero where a counter began.
    pub zero_samples: bool,
    /// `st-storage`: each sample is stored with the time at which its counter began.
    pub store_starts: bool,
    /// `st-synthesis`: counters without a start are counted from their first sample on.
    pub synthesize: bool,
    /// `extra-scrape-metrics`: the default of `extra_scrape_metrics` is on.
    pub extra_scrape_metrics: bool,
}

impl Features {
    /// Of a list with commas, as flags have it.
    pub fn of_flag(text: &str) -> Self {
        let has = |name: &str| text.split(',').any(|one| one == name);
        Self {
            zero_samples: has("created-timestamp-zero-ingestion"),
            store_starts: has("st-storage"),
            synthesize: has("st-synthesis"),
            extra_scrape_metrics: has("extra-scrape-metrics"),
        }
    }

    /// Whether scrapes look for the times at which series began; `_created` samples of OpenMetrics
    /// are then read as such and not stored.
    pub fn parse_starts(self) -> bool {
        self.zero_samples || self.store_starts
    }
}

impl ScrapeSettings {
    /// Prometheus's defaults, but for plain text alone: for tests and measurements.
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

/// The series that a scrape reports about itself, and what they say.
pub fn report_names(extra: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let count = target_loop::REPORTS.len() - if extra { 0 } else { target_loop::EXTRA_REPORTS };
    target_loop::REPORTS.into_iter().take(count)
}

impl ScrapeSettings {
    /// Whether a sample with these labels may be stored; else the error that the scrape fails with.
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

    /// What a reload changes of them without the loops forgetting what they have seen.
    /// Source: prometheus scrape/scrape.go `reusableCache`.
    pub fn same_but_sample_limit(&self, other: &Self) -> bool {
        self == other || Self { sample_limit: other.sample_limit, ..self.clone() } == *other
    }

    /// The protocols that a target may answer in, most wanted first.
    pub fn wire(&self, formats: Formats) -> Wire {
        self.negotiated(formats).0
    }

    fn negotiated(&self, formats: Formats) -> (Wire, bool) {
        let protocols = self.protocols.iter().map(|protocol| &**protocol);
        negotiate(protocols, formats.openmetrics, formats.protobuf)
    }

    /// How such a program writes names in UTF-8 when it is asked by this scrape.
    pub fn escaping(&self, formats: Formats) -> Escaping {
        match self.negotiated(formats).1 {
            true => Escaping::of_word(&self.escaping),
            false => Escaping::Underscores,
        }
    }

    /// The request's Accept header.
    pub fn accept(&self) -> String {
        accept_header(self.protocols.iter().map(|protocol| &**protocol), &self.escaping)
    }

    /// With what a server's flags change. Where `scrape_protocols` is nowhere written, looking
    /// for start times prefers protobuf.
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

/// What came back from a target.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// The connection or the request failed; the text is the error that Prometheus shows.
    Failed(&'a str),
    /// A status other than 200, as `404 Not Found`.
    Status(&'a str),
    Body {
        content_type: &'a str,
        body: &'a str,
    },
    /// A workload's samples, without writing and reading them.
    Planned(PlannedAnswer<'a>),
}

/// The answer of a program whose samples are known.
#[derive(Clone, Copy, Debug)]
pub struct PlannedAnswer<'a> {
    pub plan: &'a Arc<Plan>,
    pub values: &'a Readings,
    pub wire: Wire,
    pub escaping: Escaping,
    /// When the program's counters began, where the answer says so.
    pub started: Option<Timestamp>,
    /// The size that the body would have, needed where the job limits it.
    pub bytes: Option<u64>,
    /// The time that the target gives its samples, where it gives them any.
    pub stamp: Option<Timestamp>,
}

/// What a scrape came to: the line of the target table, and the values of the report series.
#[derive(Clone, Debug, PartialEq)]
pub struct ScrapeReport {
    pub at: Timestamp,
    pub duration: Duration,
    /// `None` for a scrape that worked.
    pub error: Option<String>,
    pub samples_scraped: u64,
    pub samples_post_metric_relabeling: u64,
    pub series_added: u64,
    /// -1 where the body was too large.
    pub body_bytes: i64,
    /// Samples that the storage refused, which does not fail the scrape.
    pub refused: Refused,
}

/// Samples that were not stored, by the reason that Prometheus logs and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    pub out_of_order: u64,
    /// The same time as the sample before, and another value.
    pub duplicates: u64,
    /// Too old, or more than ten minutes ahead of Prometheus's clock.
    pub out_of_bounds: u64,
}

impl Refused {
    /// The warnings of the log. Source: prometheus scrape/scrape.go `append`.
    pub fn warnings(self) -> Vec<String> {
        [
            (self.out_of_order, "Error on ingesting out-of-order samples"),
            (self.duplicates, "Error on ingesting samples with different value but same timestamp"),
            (
                self.out_of_bounds,
                "Error on ingesting samples that are too old or are too far into the future",
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, text)| format!("{text} num_dropped={count}"))
        .collect()
    }
}
