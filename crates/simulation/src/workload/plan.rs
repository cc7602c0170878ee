//! The plan of a workload: its series and the shapes that compute their values.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FamilySpec, PastedSeries, Script, SeriesSpec, Workload};
use crate::exposition::{MetricType, format_openmetrics_float};
use crate::signal::{Distribution, Level, Traffic, divide, mix, seed_of, unit};
use promql::histogram::{CounterResetHint, FloatHistogram, bucket_bound};
use promql::{Labels, METRIC_NAME};

/// The maximum number of samples of a workload.
pub const MOST_SERIES: usize = 20_000;

/// The maximum number of buckets of a native histogram. The tails of wider distributions fall into
/// the first and last bucket.
const MOST_BUCKETS: i32 = 400;

pub type LabelPairs = Vec<(Arc<str>, Arc<str>)>;

/// All samples of a process, and the shapes that compute their values. A shape computes one sample,
/// or all samples of a histogram or summary, in the order of `samples`.
#[derive(Debug, Default)]
pub struct Plan {
    pub samples: Vec<PlannedSample>,
    pub(super) shapes: Vec<Shape>,
    /// Names of streams, by index.
    pub(super) streams: Vec<Arc<str>>,
    /// True if some samples are not always exposed.
    pub varying: bool,
    /// True if some samples are exposed only in protobuf.
    pub native: bool,
}

/// A sample of the plan.
#[derive(Debug)]
pub struct PlannedSample {
    /// The index of the family.
    pub family: usize,
    pub suffix: &'static str,
    pub role: Role,
    /// True for cumulative values.
    pub cumulative: bool,
    /// True if its family has `_created` samples in OpenMetrics.
    pub created: bool,
    /// The labels as written, without the metric name.
    pub written: LabelPairs,
    /// The labels as Prometheus parses them, with the metric name of the text format.
    pub labels: Labels,
}

impl PlannedSample {
    /// Names of labels with an empty value.
    pub fn empty(&self) -> Vec<Arc<str>> {
        let empty = self.written.iter().filter(|(_, value)| value.is_empty());
        empty.map(|(name, _)| name.clone()).collect()
    }

    /// Returns true for quantiles of summaries.
    pub fn is_quantile(&self) -> bool {
        self.suffix.is_empty() && self.role == Role::Plain
    }
}

/// The role of a sample, which decides whether a format has it and a scrape uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// A sample of a classic histogram; `buckets` is true if the histogram has more buckets than
    /// `+Inf`.
    Classic {
        native: bool,
        buckets: bool,
    },
    /// A native histogram; only in protobuf.
    Native,
    /// A native histogram with custom buckets that Prometheus converts from a classic one. No
    /// target exposes it.
    Converted {
        native: bool,
    },
    /// The creation time of a series.
    Created,
}

#[derive(Debug)]
pub(super) enum Shape {
    /// A share of a stream's events.
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
    /// Native histogram if there is one, buckets up to `+Inf`, sum, count, converted histogram.
    Histogram {
        stream: usize,
        share: f64,
        phase: f64,
        seed: u64,
        bounds: Arc<[f64]>,
        below: Vec<f64>,
        mean: f64,
        native: Option<NativeShape>,
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
    /// The start time of the process.
    Created,
    /// Pasted values. Histograms and summaries have samples as above.
    PastedSeries {
        given: PastedSeries,
        traffic: Traffic,
        seed: u64,
    },
    /// One float.
    Script(Arc<Script>),
    /// A native histogram, the `+Inf` bucket, sum and count.
    ScriptHistogram(Arc<Script>),
}

/// The buckets of a native histogram of a distribution.
#[derive(Debug)]
pub(super) struct NativeShape {
    schema: i32,
    /// The index of the first bucket.
    first: i32,
    /// The cumulative share of observations of each bucket; 1 for the last.
    below: Vec<f64>,
}

impl NativeShape {
    fn new(factor: f64, takes: Distribution) -> Self {
        // The coarsest schema whose growth factor does not exceed the given one.
        //
        // Source: client_golang prometheus/histogram.go `pickSchema`.
        let schema = -libm::floor(libm::log2(libm::log2(factor)));
        let schema = schema.clamp(-4.0, 8.0) as i32;
        let index = |value: f64| {
            let octaves = libm::log2(value.max(1e-300));
            libm::ceil(octaves * libm::exp2(f64::from(schema))).clamp(-3e5, 3e5) as i32
        };
        let first = index(takes.quantile(0.0001));
        let last = index(takes.quantile(0.9999)).clamp(first, first + MOST_BUCKETS);
        let mut below: Vec<f64> =
            (first..=last).map(|i| takes.share_below(bucket_bound(i, schema, &[]))).collect();
        if let Some(last) = below.last_mut() {
            *last = 1.0;
        }
        Self { schema, first, below }
    }

    /// Returns the histogram of `count` observations.
    pub fn at(&self, count: u64, seed: u64, mean: f64) -> FloatHistogram {
        let counts = divide(count, &self.below, seed).into_iter().map(|count| count as f64);
        let mut histogram = FloatHistogram {
            counter_reset_hint: CounterResetHint::default(),
            schema: self.schema,
            // The default of client_golang, 2^-128.
            zero_threshold: libm::exp2(-128.0),
            count: count as f64,
            sum: count as f64 * mean,
            positive: promql::histogram::Buckets::single_span(self.first, counts.collect()),
            ..FloatHistogram::default()
        };
        histogram.compact(2);
        histogram
    }
}

impl Plan {
    pub fn new(workload: &Workload, seed: u64) -> Self {
        let mut plan = Self::default();
        for (family, spec) in workload.families.iter().enumerate() {
            let all = all_series(spec);
            for (index, series) in all.iter().enumerate() {
                if plan.samples.len() >= MOST_SERIES {
                    return plan;
                }
                let seed = mix(seed_of(seed, &spec.name), index as u64);
                Planner { plan: &mut plan, spec, family, series, seed }.plan();
            }
            let dated = matches!(
                spec.metric_type,
                MetricType::Counter | MetricType::Histogram | MetricType::Summary
            );
            if spec.created && dated {
                for series in &all {
                    let mut planner = Planner { plan: &mut plan, spec, family, series, seed };
                    planner.sample("_created", None, Role::Created);
                    plan.shapes.push(Shape::Created);
                }
            }
        }
        plan.native = plan.samples.iter().any(|sample| sample.role == Role::Native);
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
        if let Some(script) = &self.series.script {
            return self.script(script.clone());
        }
        if let Some(given) = &self.series.given {
            return self.given(given.clone());
        }
        let level = self.series.level.or(self.spec.level);
        match (self.spec.metric_type, level) {
            // A counter without a stream has a level, like CPU seconds.
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

    /// Adds a sample. `bound` is its `le` or `quantile` label.
    fn sample(&mut self, suffix: &'static str, bound: Option<(&str, f64)>, role: Role) {
        let bound =
            bound.map(|(name, value)| (name.into(), format_openmetrics_float(value).into()));
        let written: LabelPairs = self
            .series
            .labels
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .chain(bound)
            .collect();
        let suffix_read = if self.spec.bare && suffix == "_total" { "" } else { suffix };
        let name = (METRIC_NAME.into(), format!("{}{suffix_read}", self.spec.name).into());
        let labels = Labels::from_pairs(written.iter().cloned().chain([name]));
        let counts = [MetricType::Counter, MetricType::Histogram, MetricType::Summary];
        let cumulative = counts.contains(&self.spec.metric_type) && role != Role::Created;
        let family = self.family;
        let created = self.spec.created;
        let sample = PlannedSample { family, suffix, role, cumulative, created, written, labels };
        self.plan.samples.push(sample);
    }

    fn suffix(&self) -> &'static str {
        match self.spec.metric_type {
            MetricType::Counter => "_total",
            MetricType::Info => "_info",
            _ => "",
        }
    }

    fn level(&mut self, suffix: &'static str, level: Level) {
        self.sample(suffix, None, Role::Plain);
        self.plan.shapes.push(Shape::Level { level, seed: self.seed, whole: self.spec.whole });
    }

    /// Returns the stream index, the share, and the phase of the first event.
    fn counted(&mut self) -> (usize, f64, f64) {
        let name = self.series.of.as_ref().or(self.spec.of.as_ref());
        let stream = self.plan.stream(&name.cloned().unwrap_or_default());
        (stream, self.series.share.unwrap_or(1.0), unit(self.seed))
    }

    fn events(&mut self) {
        self.sample("_total", None, Role::Plain);
        let (stream, share, phase) = self.counted();
        let by = self.spec.by.unwrap_or(1.0);
        self.plan.shapes.push(Shape::Events { stream, share, by, phase });
    }

    fn takes(&self) -> Distribution {
        let given = self.series.takes.or(self.spec.takes);
        given.unwrap_or(Distribution { median: 0.1, spread: 1.0 })
    }

    /// Adds the samples of a histogram. The last bound is `+Inf`.
    fn histogram_samples(&mut self, bounds: &[f64], native: bool) {
        if native {
            self.sample("", None, Role::Native);
        }
        let role = Role::Classic { native, buckets: bounds.len() > 1 };
        for &bound in bounds {
            self.sample("_bucket", Some(("le", bound)), role);
        }
        self.sample("_sum", None, role);
        self.sample("_count", None, role);
        self.sample("", None, Role::Converted { native });
    }

    fn histogram(&mut self) {
        let takes = self.takes();
        let bounds: Arc<[f64]> = self.spec.buckets.iter().copied().chain([f64::INFINITY]).collect();
        let below = |&bound: &f64| if bound.is_finite() { takes.share_below(bound) } else { 1.0 };
        let below = bounds.iter().map(below).collect();
        let native = self.spec.native_factor.map(|factor| NativeShape::new(factor, takes));
        self.histogram_samples(&bounds, native.is_some());
        let (stream, share, phase) = self.counted();
        let (mean, seed) = (takes.mean(), self.seed);
        let shape = Shape::Histogram { stream, share, phase, seed, bounds, below, mean, native };
        self.plan.shapes.push(shape);
    }

    fn summary_samples(&mut self, quantiles: impl Iterator<Item = f64>) {
        for quantile in quantiles {
            self.sample("", Some(("quantile", quantile)), Role::Plain);
        }
        self.sample("_sum", None, Role::Plain);
        self.sample("_count", None, Role::Plain);
    }

    fn summary(&mut self) {
        let takes = self.takes();
        let quantiles = &self.spec.quantiles;
        self.summary_samples(quantiles.iter().copied());
        let at = quantiles.iter().map(|&q| takes.quantile(q)).collect();
        let (stream, share, phase) = self.counted();
        let (mean, seed) = (takes.mean(), self.seed);
        self.plan.shapes.push(Shape::Summary { stream, share, phase, at, mean, seed });
    }

    fn given(&mut self, given: PastedSeries) {
        let rate = match &given {
            PastedSeries::Counter { rate, .. } => {
                self.sample(self.suffix(), None, Role::Plain);
                *rate
            }
            PastedSeries::Histogram { buckets, rate, .. } => {
                let bounds: Vec<f64> = buckets.iter().map(|bucket| bucket.0).collect();
                self.histogram_samples(&bounds, false);
                *rate
            }
            PastedSeries::Summary { quantiles, rate, .. } => {
                self.summary_samples(quantiles.iter().map(|quantile| quantile.0));
                *rate
            }
        };
        let traffic = Traffic::Random { rate };
        self.plan.shapes.push(Shape::PastedSeries { given, traffic, seed: self.seed });
    }

    fn script(&mut self, script: Arc<Script>) {
        self.plan.varying = true;
        let shape = if script.has_histograms() {
            self.sample("", None, Role::Native);
            let role = Role::Classic { native: true, buckets: false };
            self.sample("_bucket", Some(("le", f64::INFINITY)), role);
            self.sample("_sum", None, role);
            self.sample("_count", None, role);
            Shape::ScriptHistogram(script)
        } else {
            self.sample(self.suffix(), None, Role::Plain);
            Shape::Script(script)
        };
        self.plan.shapes.push(shape);
    }
}

/// Returns the listed series and all combinations of `each`; without both, one series without
/// labels.
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
