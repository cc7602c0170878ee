//! The series of a workload, worked out once: which there are, and how each gets its number.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FamilySpec, SeriesSpec, Workload};
use crate::model::{Labels, METRIC_NAME};
use crate::simulation::exposition::{MetricType, format_openmetrics_float};
use crate::simulation::motion::{Distribution, Level, mix, seed_of, unit};

/// More series than this a workload cannot have: label values multiply quickly.
const MOST_SERIES: usize = 20_000;

pub type LabelPairs = Vec<(Arc<str>, Arc<str>)>;

/// All samples that a process exposes, and the shapes that fill in their values. A shape fills
/// one sample, or all those of a histogram or summary, in the order of `samples`.
#[derive(Debug, Default)]
pub struct Plan {
    pub samples: Vec<PlannedSample>,
    pub(super) shapes: Vec<Shape>,
    /// Names of the streams that shapes count, by their index.
    pub(super) streams: Vec<Arc<str>>,
}

/// A sample that will be exposed.
#[derive(Debug)]
pub struct PlannedSample {
    /// Index into the workload's families.
    pub family: usize,
    pub suffix: &'static str,
    /// As they are written out, without the metric name.
    pub written: LabelPairs,
    /// As Prometheus reads them, with the metric name of the text format.
    pub labels: Labels,
}

#[derive(Debug)]
pub(super) enum Shape {
    /// Counts a share of a stream's events.
    Events {
        stream: usize,
        share: f64,
        by: f64,
        phase: f64,
    },
    Level {
        level: Level,
        seed: u64,
        whole: bool,
    },
    /// Buckets up to `+Inf`, sum, count.
    Histogram {
        stream: usize,
        share: f64,
        phase: f64,
        below: Vec<f64>,
        mean: f64,
    },
    /// Quantiles, sum, count.
    Summary {
        stream: usize,
        share: f64,
        phase: f64,
        at: Vec<f64>,
        mean: f64,
        seed: u64,
    },
}

impl Plan {
    pub fn new(workload: &Workload, seed: u64) -> Self {
        let mut plan = Self::default();
        for (family, spec) in workload.families.iter().enumerate() {
            for (index, series) in all_series(spec).iter().enumerate() {
                if plan.samples.len() >= MOST_SERIES {
                    return plan;
                }
                let seed = mix(seed_of(seed, &spec.name), index as u64);
                Planner { plan: &mut plan, spec, family, series, seed }.plan();
            }
        }
        plan
    }

    fn stream(&mut self, name: &Arc<str>) -> usize {
        self.streams.iter().position(|known| known == name).unwrap_or_else(|| {
            self.streams.push(name.clone());
            self.streams.len() - 1
        })
    }
}

struct Planner<'a> {
    plan: &'a mut Plan,
    spec: &'a FamilySpec,
    family: usize,
    series: &'a SeriesSpec,
    seed: u64,
}

impl Planner<'_> {
    fn plan(mut self) {
        let level = self.series.level.or(self.spec.level);
        match (self.spec.metric_type, level) {
            // A counter without a stream grows with a level, as CPU seconds do.
            (MetricType::Counter, Some(level)) => self.level("_total", level),
            (MetricType::Counter, None) => self.events(),
            (MetricType::Histogram | MetricType::GaugeHistogram, _) => self.histogram(),
            (MetricType::Summary, _) => self.summary(),
            (MetricType::Info, _) => self.level("_info", Level::Constant { value: 1.0 }),
            (MetricType::Gauge | MetricType::StateSet | MetricType::Unknown, level) => {
                self.level("", level.unwrap_or(Level::Constant { value: 1.0 }));
            }
        }
    }

    /// `bound` is the `le` or `quantile` that tells the samples of one series apart.
    fn sample(&mut self, suffix: &'static str, bound: Option<(&str, f64)>) {
        let bound =
            bound.map(|(name, value)| (name.into(), format_openmetrics_float(value).into()));
        let written: LabelPairs = self
            .series
            .labels
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .chain(bound)
            .collect();
        let suffix_read = if self.spec.bare { "" } else { suffix };
        let name = (METRIC_NAME.into(), format!("{}{suffix_read}", self.spec.name).into());
        let labels = Labels::from_pairs(written.iter().cloned().chain([name]));
        self.plan.samples.push(PlannedSample { family: self.family, suffix, written, labels });
    }

    fn level(&mut self, suffix: &'static str, level: Level) {
        self.sample(suffix, None);
        self.plan.shapes.push(Shape::Level { level, seed: self.seed, whole: self.spec.whole });
    }

    /// The stream's index, the series' share of it, and where in its first event it begins.
    fn counted(&mut self) -> (usize, f64, f64) {
        let name = self.series.of.as_ref().or(self.spec.of.as_ref());
        let stream = self.plan.stream(&name.cloned().unwrap_or_default());
        (stream, self.series.share.unwrap_or(1.0), unit(self.seed))
    }

    fn events(&mut self) {
        self.sample("_total", None);
        let (stream, share, phase) = self.counted();
        let by = self.spec.by.unwrap_or(1.0);
        self.plan.shapes.push(Shape::Events { stream, share, by, phase });
    }

    fn takes(&self) -> Distribution {
        let given = self.series.takes.or(self.spec.takes);
        given.unwrap_or(Distribution { median: 0.1, spread: 1.0 })
    }

    fn histogram(&mut self) {
        let takes = self.takes();
        let mut below = Vec::with_capacity(self.spec.buckets.len() + 1);
        for &bound in self.spec.buckets.iter().chain([&f64::INFINITY]) {
            below.push(if bound.is_finite() { takes.share_below(bound) } else { 1.0 });
            self.sample("_bucket", Some(("le", bound)));
        }
        self.sample("_sum", None);
        self.sample("_count", None);
        let (stream, share, phase) = self.counted();
        let mean = takes.mean();
        self.plan.shapes.push(Shape::Histogram { stream, share, phase, below, mean });
    }

    fn summary(&mut self) {
        let takes = self.takes();
        let quantiles = &self.spec.quantiles;
        for &quantile in quantiles {
            self.sample("", Some(("quantile", quantile)));
        }
        self.sample("_sum", None);
        self.sample("_count", None);
        let at = quantiles.iter().map(|&q| takes.quantile(q)).collect();
        let (stream, share, phase) = self.counted();
        let (mean, seed) = (takes.mean(), self.seed);
        self.plan.shapes.push(Shape::Summary { stream, share, phase, at, mean, seed });
    }
}

/// The listed series and every combination of `each`; a family without either has one series.
fn all_series(spec: &FamilySpec) -> Vec<SeriesSpec> {
    let mut result = spec.series.clone();
    if !spec.each.is_empty() {
        let mut combinations = vec![BTreeMap::new()];
        for (name, values) in &spec.each {
            combinations = combinations
                .iter()
                .flat_map(|labels: &BTreeMap<Arc<str>, Arc<str>>| {
                    values.iter().map(move |value| {
                        let mut labels = labels.clone();
                        labels.insert(name.clone(), value.clone());
                        labels
                    })
                })
                .take(MOST_SERIES)
                .collect();
        }
        let share = Some(1.0 / combinations.len().max(1) as f64);
        result.extend(combinations.into_iter().map(|labels| SeriesSpec {
            labels,
            share,
            ..SeriesSpec::default()
        }));
    }
    if result.is_empty() {
        result.push(SeriesSpec::default());
    }
    result
}
