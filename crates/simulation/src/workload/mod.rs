//! What a program exposes, described as data: streams of events and the metric families that
//! count them, time them, or show a level.
//!
//! A workload is read from YAML ([`decode`]) or from a pasted `/metrics` body ([`paste`]); the
//! ready-made ones of the [`library`] are files of the same form. [`fields`] says what the YAML may
//! hold.

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

/// A program's metrics. The files under `static/workloads` hold one each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    pub name: Arc<str>,
    /// What a person calls it: "Flask application".
    pub title: Arc<str>,
    /// Which containers get it when nobody chose another one.
    pub matches: Vec<Match>,
    /// Where it answers when the scrape's path is this; any other path is a 404.
    pub path: Arc<str>,
    /// Names of other workloads whose families come along, such as a language's runtime.
    pub includes: Vec<Arc<str>>,
    pub formats: Formats,
    /// Whether its own counters, histograms and summaries have a `_created` sample. A runtime's
    /// that comes along has none.
    pub created: bool,
    /// Events by name.
    pub streams: BTreeMap<Arc<str>, Traffic>,
    pub actions: Vec<Action>,
    pub families: Vec<FamilySpec>,
}

impl Workload {
    /// Whether a process of one can go on as the other: what differs is only for whom it is and
    /// what it is called.
    pub fn goes_on_as(&self, other: &Self) -> bool {
        let Self { path, formats, created, streams, families, .. } = self;
        *path == other.path
            && *formats == other.formats
            && *created == other.created
            && *streams == other.streams
            && *families == other.families
    }
}

/// What the program can answer with beside the text format, which all can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Formats {
    pub openmetrics: bool,
    pub protobuf: bool,
}

/// A container matches when all that is given here fits it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match {
    /// A part of the image's name.
    pub image: Option<Arc<str>>,
    pub container: Option<Arc<str>>,
    pub namespace: Option<Arc<str>>,
    pub port: Option<u16>,
}

/// The container that a workload is sought for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub image: &'a str,
    pub container: &'a str,
    pub namespace: &'a str,
    pub port: u16,
}

impl Match {
    pub fn fits(&self, wanted: Wanted<'_>) -> bool {
        let same =
            |own: &Option<Arc<str>>, other: &str| own.as_deref().is_none_or(|own| own == other);
        self.image.as_deref().is_none_or(|part| wanted.image.contains(part))
            && same(&self.container, wanted.container)
            && same(&self.namespace, wanted.namespace)
            && self.port.is_none_or(|port| port == wanted.port)
    }
}

/// Something that a person can do to the program: each time it adds an event to a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub name: Arc<str>,
    /// What the button says: "Gift a card to a nonexistent user".
    pub title: Arc<str>,
    pub stream: Arc<str>,
}

/// One metric family and how its series move.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FamilySpec {
    /// As OpenMetrics names families: a counter's without `_total`.
    pub name: Arc<str>,
    pub metric_type: MetricType,
    pub unit: Arc<str>,
    pub help: Arc<str>,
    /// For counters, histograms and summaries: the stream they count.
    pub of: Option<Arc<str>>,
    /// For counters: what one event adds, 1 unless given.
    pub by: Option<f64>,
    /// For histograms and summaries: how the observed values spread.
    pub takes: Option<Distribution>,
    /// For histograms: upper bounds without `+Inf`.
    pub buckets: Vec<f64>,
    /// For histograms: it is a native one too, whose buckets grow by about this factor.
    pub native_factor: Option<f64>,
    /// For summaries.
    pub quantiles: Vec<f64>,
    /// For gauges.
    pub level: Option<Level>,
    /// Whether a gauge is a whole number.
    pub whole: bool,
    /// For counters whose name lacks `_total` in the text format, as older exporters have them.
    pub bare: bool,
    /// For counters and histograms: the label under which OpenMetrics shows an exemplar.
    pub exemplar: Option<Arc<str>>,
    /// Whether each series has a `_created` sample beside it.
    pub created: bool,
    /// Series; one without labels where the list is empty.
    pub series: Vec<SeriesSpec>,
    /// Every combination of these label values is a series, beside those listed.
    pub each: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

/// One series of a family, where it differs from the family.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesSpec {
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
    /// Which part of the stream's events this series sees, 1 unless given.
    pub share: Option<f64>,
    pub of: Option<Arc<str>>,
    pub takes: Option<Distribution>,
    pub level: Option<Level>,
    /// Values copied from a running program, which go on from there.
    pub given: Option<Given>,
    /// Values written down one by one.
    pub script: Option<Arc<Script>>,
}

/// What a pasted series said, and how often something happens to it, in events a second.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
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

/// A workload that somebody wrote, with what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct WorkloadFile {
    /// Without the families of those that it includes.
    pub own: Workload,
    /// With them.
    pub workload: Arc<Workload>,
    pub diagnostics: Vec<Diagnostic>,
}
