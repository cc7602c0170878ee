//! What a program exposes, described as data: streams of events and the metric families that
//! count them, time them, or show a level.

mod expose;
mod library;
mod plan;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::exposition::MetricType;
use super::motion::{Distribution, Level, Traffic};

pub use expose::{Influences, Process};
pub use library::{Library, library};
pub use plan::{LabelPairs, Plan, PlannedSample};

/// A program's metrics. The files under `static/workloads` hold one each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    pub name: Arc<str>,
    /// What a person calls it: "Flask application".
    pub title: Arc<str>,
    /// Which containers get it when nobody chose one.
    #[serde(default)]
    pub matches: Vec<Match>,
    /// Where it answers when the scrape's path is this; any other path is a 404.
    #[serde(default = "default_path")]
    pub path: Arc<str>,
    /// Names of other workloads whose families come along, such as a language's runtime.
    #[serde(default)]
    pub includes: Vec<Arc<str>>,
    /// Events by name.
    #[serde(default)]
    pub streams: BTreeMap<Arc<str>, Traffic>,
    #[serde(default)]
    pub actions: Vec<Action>,
    pub families: Vec<FamilySpec>,
}

fn default_path() -> Arc<str> {
    "/metrics".into()
}

/// A container matches when all that is given here fits it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// A part of the image's name.
    #[serde(default)]
    pub image: Option<Arc<str>>,
    #[serde(default)]
    pub port: Option<u16>,
}

/// Something that a person can do to the program: each time it adds an event to a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub name: Arc<str>,
    /// What the button says: "Gift a card to a nonexistent user".
    pub title: Arc<str>,
    pub stream: Arc<str>,
}

/// One metric family and how its series move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilySpec {
    /// As OpenMetrics names families: a counter's without `_total`.
    pub name: Arc<str>,
    #[serde(rename = "type")]
    pub metric_type: MetricType,
    #[serde(default)]
    pub unit: Arc<str>,
    pub help: Arc<str>,
    /// For counters, histograms and summaries: the stream they count.
    #[serde(default)]
    pub of: Option<Arc<str>>,
    /// For counters: what one event adds, 1 unless given.
    #[serde(default)]
    pub by: Option<f64>,
    /// For histograms and summaries: how the observed values spread.
    #[serde(default)]
    pub takes: Option<Distribution>,
    /// For histograms: upper bounds without `+Inf`. Without any, the histogram is native.
    #[serde(default)]
    pub buckets: Vec<f64>,
    /// For summaries.
    #[serde(default)]
    pub quantiles: Vec<f64>,
    /// For gauges.
    #[serde(default)]
    pub level: Option<Level>,
    /// Whether a gauge is a whole number.
    #[serde(default)]
    pub whole: bool,
    /// For counters whose name lacks `_total` in the text format, as older exporters have them.
    #[serde(default)]
    pub bare: bool,
    /// Series; one without labels where the list is empty.
    #[serde(default)]
    pub series: Vec<SeriesSpec>,
    /// Every combination of these label values is a series, beside those listed.
    #[serde(default)]
    pub each: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

/// One series of a family, where it differs from the family.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesSpec {
    #[serde(default)]
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
    /// Which part of the stream's events this series sees, 1 unless given.
    #[serde(default)]
    pub share: Option<f64>,
    #[serde(default)]
    pub of: Option<Arc<str>>,
    #[serde(default)]
    pub takes: Option<Distribution>,
    #[serde(default)]
    pub level: Option<Level>,
}
