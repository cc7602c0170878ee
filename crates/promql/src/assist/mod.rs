//! Assistance for writing queries: completions at the cursor, the meaning of a word, and mistakes
//! that many make.

mod complete;
mod context;
pub mod grafana;
mod hover;
pub mod lints;

pub use complete::{Completion, CompletionKind, Completions, complete};
pub use hover::{Hover, hover};

use go::Duration;

/// Metadata of the series that a query selects.
pub trait Facts {
    /// Names of metrics that have series, in any order.
    fn metric_names(&self) -> Vec<String>;

    /// Names of the labels that series of a metric have; of all series where there is no metric.
    fn label_names(&self, metric: Option<&str>) -> Vec<String>;

    /// Values that a label has on series of a metric; on all series where there is no metric.
    fn label_values(&self, metric: Option<&str>, label: &str) -> Vec<String>;

    /// The type of a metric, if its target exposes metadata. The argument is the name of a series:
    /// `x_bucket` for a bucket of the histogram `x`.
    fn metric_kind(&self, metric: &str) -> Option<MetricKind>;

    /// The help text of a metric.
    fn metric_help(&self, metric: &str) -> Option<String>;

    /// The scrape interval of a metric's series; the longest one if they differ.
    fn scrape_interval(&self, metric: &str) -> Option<Duration>;
}

/// The type of a series, as far as functions distinguish it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only increases, except for restarts: counters, and the buckets, sums and counts of histograms
    /// and summaries.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// A native histogram.
    Histogram,
    /// Everything else.
    Other,
}

impl MetricKind {
    /// Returns the name of the kind.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Other => "metric",
        }
    }
}

/// Facts for tests: a counter, a gauge, a classic and a native histogram.
#[cfg(test)]
pub(crate) mod fixture {
    use super::*;

    pub(crate) struct Shop;

    impl Facts for Shop {
        fn metric_names(&self) -> Vec<String> {
            [
                "http_requests_total",
                "queue_length",
                "latency_seconds_bucket",
                "latency_native",
                "up",
            ]
            .map(str::to_owned)
            .to_vec()
        }

        fn label_names(&self, metric: Option<&str>) -> Vec<String> {
            match metric {
                Some("up") => vec!["instance".to_owned(), "job".to_owned()],
                _ => ["code", "instance", "job", "le"].map(str::to_owned).to_vec(),
            }
        }

        fn label_values(&self, _: Option<&str>, label: &str) -> Vec<String> {
            match label {
                "job" => vec!["giftcards".to_owned(), "proxy \"a\"".to_owned()],
                "code" => vec!["200".to_owned(), "500".to_owned()],
                _ => Vec::new(),
            }
        }

        fn metric_kind(&self, metric: &str) -> Option<MetricKind> {
            match metric {
                "http_requests_total" | "latency_seconds_bucket" => Some(MetricKind::Counter),
                "queue_length" | "up" => Some(MetricKind::Gauge),
                "latency_native" => Some(MetricKind::Histogram),
                _ => None,
            }
        }

        fn metric_help(&self, metric: &str) -> Option<String> {
            (metric == "queue_length").then(|| "Orders that wait.".to_owned())
        }

        fn scrape_interval(&self, _: &str) -> Option<Duration> {
            Some(Duration::from_secs(15))
        }
    }
}
