//! Workloads: the metrics of a program, described as data. Streams of events, and metric families
//! that count them, observe them, or have a level.
//!
//! A workload is decoded from YAML ([`decode`]) or from a pasted `/metrics` body ([`paste`]). The
//! built-in [`library`] consists of YAML files. [`fields`] is the table of YAML fields.

mod codes;
mod decode;
mod expose;
#[rustfmt::skip] // one field on each line
pub mod fields;
mod library;
mod paste;
mod plan;
mod series;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::exposition::MetricType;
use super::signal::{Distribution, Level, Traffic};
use text::Diagnostic;

pub use codes::CODES;
pub use decode::{decode, decode_file};
pub use expose::{Influences, Process, Readings};
pub use library::{Library, library};
pub use paste::{PasteNote, format_of, paste};
pub use plan::{LabelPairs, Plan, PlannedSample, Role};
pub use series::Script;

/// The metrics of a program. Each file in `static/workloads` holds one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    pub name: Arc<str>,
    /// A title: "Flask application".
    pub title: Arc<str>,
    /// The containers that have this workload by default.
    pub matches: Vec<Match>,
    /// The metrics path; other paths are answered with 404.
    pub path: Arc<str>,
    /// Names of workloads whose families are included, such as a language runtime.
    pub includes: Vec<Arc<str>>,
    pub formats: Formats,
    /// True if its counters, histograms and summaries have a `_created` sample. Included families
    /// do not.
    pub created: bool,
    /// Streams of events, by name.
    pub streams: BTreeMap<Arc<str>, Traffic>,
    pub actions: Vec<Action>,
    pub families: Vec<FamilySpec>,
}

impl Workload {
    /// Returns true if a process of one workload can continue as the other: only matches and titles
    /// differ.
    pub fn goes_on_as(&self, other: &Self) -> bool {
        let Self { path, formats, created, streams, families, .. } = self;
        *path == other.path
            && *formats == other.formats
            && *created == other.created
            && *streams == other.streams
            && *families == other.families
    }
}

/// The formats that a program supports besides the text format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Formats {
    pub openmetrics: bool,
    pub protobuf: bool,
}

/// A condition on a container, or the address of a program outside of the cluster. All given fields must match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match {
    /// A substring of the image name.
    pub image: Option<Arc<str>>,
    pub container: Option<Arc<str>>,
    pub namespace: Option<Arc<str>>,
    pub port: Option<u16>,
    /// `host:port` outside of the cluster, as in a target. Such a condition fits no container.
    pub address: Option<Arc<str>>,
}

/// The container for which a workload is looked up.
#[derive(Clone, Copy, Debug)]
pub struct WorkloadQuery<'a> {
    pub image: &'a str,
    pub container: &'a str,
    pub namespace: &'a str,
    pub port: u16,
}

impl Match {
    pub fn fits(&self, wanted: WorkloadQuery<'_>) -> bool {
        let same =
            |own: &Option<Arc<str>>, other: &str| own.as_deref().is_none_or(|own| own == other);
        self.address.is_none()
            && self.image.as_deref().is_none_or(|part| wanted.image.contains(part))
            && same(&self.container, wanted.container)
            && same(&self.namespace, wanted.namespace)
            && self.port.is_none_or(|port| port == wanted.port)
    }
}

/// An action, which adds an event to a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub name: Arc<str>,
    /// The label of the button: "Gift a card to a nonexistent user".
    pub title: Arc<str>,
    pub stream: Arc<str>,
    /// The path whose requests perform the action; empty if none does.
    pub path: Arc<str>,
    /// The HTTP status of the answer to such a request.
    pub status: u16,
}

/// A metric family and the source of its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FamilySpec {
    /// The OpenMetrics name, without `_total`.
    pub name: Arc<str>,
    pub metric_type: MetricType,
    pub unit: Arc<str>,
    pub help: Arc<str>,
    /// For counters, histograms and summaries: the stream.
    pub of: Option<Arc<str>>,
    /// For counters: the increase per event, by default 1.
    pub by: Option<f64>,
    /// For histograms and summaries: the distribution of observed values.
    pub takes: Option<Distribution>,
    /// For histograms: upper bounds without `+Inf`.
    pub buckets: Vec<f64>,
    /// For histograms: also expose a native histogram with this bucket growth factor.
    pub native_factor: Option<f64>,
    /// For summaries.
    pub quantiles: Vec<f64>,
    /// For gauges.
    pub level: Option<Level>,
    /// True if a gauge has whole numbers.
    pub whole: bool,
    /// True for counters without `_total` in the text format, as in older exporters.
    pub bare: bool,
    /// For counters and histograms: the label of OpenMetrics exemplars.
    pub exemplar: Option<Arc<str>>,
    /// True if each series has a `_created` sample.
    pub created: bool,
    /// The series; if empty, one series without labels.
    pub series: Vec<SeriesSpec>,
    /// Label values whose combinations are additional series.
    pub each: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

/// A series of a family. Its fields override those of the family.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesSpec {
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
    /// The share of the stream's events, by default 1.
    pub share: Option<f64>,
    pub of: Option<Arc<str>>,
    pub takes: Option<Distribution>,
    pub level: Option<Level>,
    /// Pasted values, which continue from there.
    pub given: Option<PastedSeries>,
    /// Scripted values.
    pub script: Option<Arc<Script>>,
}

/// The values of a pasted series, and its rate in events per second.
#[derive(Clone, Debug, PartialEq)]
pub enum PastedSeries {
    /// Each event adds `by`.
    Counter {
        value: f64,
        rate: f64,
        by: f64,
    },
    Histogram {
        /// Upper bounds with their cumulative counts; the last bound is `+Inf`.
        buckets: Vec<(f64, f64)>,
        sum: f64,
        rate: f64,
    },
    Summary {
        quantiles: Vec<(f64, f64)>,
        sum: f64,
        count: f64,
        rate: f64,
    },
}

/// A decoded workload file with its diagnostics.
#[derive(Clone, Debug, Default)]
pub struct WorkloadFile {
    /// The workload without includes.
    pub own: Workload,
    /// The workload with includes.
    pub workload: Arc<Workload>,
    pub diagnostics: Vec<Diagnostic>,
}
