//! Exposition formats: the Prometheus text format 0.0.4, OpenMetrics 1.0 and protobuf. Bodies are
//! parsed as Prometheus does and written as client libraries do.

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

pub use content_type::{Format, Wire, accept_header, choose_format, negotiate, negotiate_text};
pub use escape::Escaping;
pub use parse::parse;
pub use prototext::{encoded_len, prototext};
pub use write::{format_openmetrics_float, write, write_series};

/// The metric type of a family; `Unknown` without a `# TYPE` line.
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

    /// Returns true if samples of a family of this type may have the suffix.
    ///
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

    /// The name in metadata and in OpenMetrics.
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

/// A parsed body, up to its end or the first error. An error fails the whole scrape.
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

/// A line that is not blank.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The line number, from 1.
    pub line: u32,
    /// The span of the line, without the line break.
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

/// A sample line. `labels` include the metric name as `__name__`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExposedSample {
    pub labels: Labels,
    pub value: f64,
    /// The timestamp in milliseconds; usually None.
    pub timestamp: Option<Timestamp>,
    pub exemplar: Option<Exemplar>,
    /// Labels that a label set cannot represent.
    pub invalid_labels: Option<Box<InvalidLabels>>,
}

/// Empty and repeated labels, which a label set cannot represent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvalidLabels {
    /// Names of labels with an empty value.
    pub empty: Vec<Arc<str>>,
    /// The first repeated name. The label set has its first value.
    pub repeated: Option<Arc<str>>,
}

/// An exemplar. Only OpenMetrics has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    pub labels: Labels,
    pub value: f64,
    pub timestamp: Option<Timestamp>,
}

/// A parse error of Prometheus with its location.
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
