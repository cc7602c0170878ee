//! One scrape: from what a target answers to the samples that Prometheus stores.
//!
//! Source of the rules: prometheus scrape/scrape.go.

mod labels;
mod limits;
mod schedule;
mod target_loop;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::workload::Plan;
use crate::model::{Duration, Timestamp};
use crate::prometheus::config::ScrapeConfig;
use crate::targets::Rules;

pub use labels::{report_labels, sample_labels};
pub use limits::LabelLimits;
pub use schedule::{first_scrape, offset};
pub use target_loop::TargetLoop;

/// The settings of a scrape that are the same for all targets of a job.
#[derive(Clone, Debug)]
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
}

impl ScrapeSettings {
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
    /// A workload's samples in the text format, without writing and reading them.
    /// `bytes` is the size that the body would have, needed where the job limits it; `stamp` the
    /// time that the target gives its samples, where it gives them any.
    Planned {
        plan: &'a Arc<Plan>,
        values: &'a [f64],
        bytes: Option<u64>,
        stamp: Option<Timestamp>,
    },
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
