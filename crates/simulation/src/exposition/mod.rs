//! The bodies that targets answer with: the Prometheus text format 0.0.4 and OpenMetrics 1.0,
//! read as Prometheus reads them and written as its client libraries write them.

mod content_type;
mod escape;
mod parse;
mod prototext;
pub mod review;
mod scanner;
mod write;

use std::fmt;
use std::sync::Arc;

use promql::{Labels, Timestamp};
use text::Span;

pub use content_type::{Format, Wire, accept_header, choose_format, negotiate};
pub use escape::Escaping;
pub use parse::parse;
pub use prototext::{encoded_len, prototext};
pub use write::{format_openmetrics_float, write, write_series};

/// What a family's `# TYPE` line says. A family without one is `Unknown`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum MetricType {
    Counter,
    Gauge,
    Histogram,
    GaugeHistogram,
    Summary,
    Info,
    StateSet,
    #[default]
    Unknown,
}

impl MetricType {
    pub const ALL: [Self; 8] = [
        Self::Counter,
        Self::Gauge,
        Self::Histogram,
        Self::GaugeHistogram,
        Self::Summary,
        Self::Info,
        Self::StateSet,
        Self::Unknown,
    ];

    /// Whether a sample of a family of this type may have this behind the family's name.
    /// Source: prometheus scrape/scrape.go `isSeriesPartOfFamily`.
    pub fn has_suffix(self, suffix: &str) -> bool {
        suffix.is_empty()
            || match self {
                Self::Counter => matches!(suffix, "_total" | "_created"),
                Self::Histogram => {
                    matches!(suffix, "_bucket" | "_sum" | "_count" | "_created")
                }
                Self::GaugeHistogram => matches!(suffix, "_bucket" | "_gcount" | "_gsum"),
                Self::Summary => matches!(suffix, "_sum" | "_count" | "_created"),
                Self::Info => suffix == "_info",
                Self::Gauge | Self::StateSet | Self::Unknown => false,
            }
    }

    /// The word that Prometheus's metadata and OpenMetrics use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::StateSet => "stateset",
            Self::Unknown => "unknown",
        }
    }
}

/// A body, line by line, up to its end or to the first mistake. A scrape with a mistake in its
/// body fails as a whole, so Prometheus keeps nothing of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposition {
    pub records: Vec<Record>,
    pub error: Option<ExpositionError>,
}

impl Exposition {
    pub fn samples(&self) -> impl Iterator<Item = &ExposedSample> {
        self.records.iter().filter_map(|record| match &record.entry {
            Entry::Sample(sample) => Some(sample),
            _ => None,
        })
    }
}

/// One line that says something.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// From 1.
    pub line: u32,
    /// The line in the body, without its line break.
    pub span: Span,
    pub entry: Entry,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Help { family: Arc<str>, text: Arc<str> },
    Type { family: Arc<str>, metric_type: MetricType },
    Unit { family: Arc<str>, unit: Arc<str> },
    Comment,
    Sample(ExposedSample),
}

/// One sample line. `labels` hold the metric name as `__name__`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExposedSample {
    pub labels: Labels,
    pub value: f64,
    /// Milliseconds; most bodies leave it to the scraper.
    pub timestamp: Option<Timestamp>,
    pub exemplar: Option<Exemplar>,
    /// What no label set can hold.
    pub oddities: Option<Box<Oddities>>,
}

/// Labels that a body may have and a label set may not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Names with an empty value.
    pub empty: Vec<Arc<str>>,
    /// The first name that is there twice. The label set has its first value.
    pub repeated: Option<Arc<str>>,
}

/// An example event behind a sample, such as a trace id. Only OpenMetrics has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    pub labels: Labels,
    pub value: f64,
    pub timestamp: Option<Timestamp>,
}

/// Why a body cannot be read, in Prometheus's words, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpositionError {
    /// From 1.
    pub line: u32,
    pub span: Span,
    pub message: String,
}

impl fmt::Display for ExpositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
