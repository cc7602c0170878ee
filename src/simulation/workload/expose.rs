//! A workload at one instant: its families, as a scrape would find them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FamilySpec, SeriesSpec, Workload};
use crate::model::Timestamp;
use crate::model::number::format_general;
use crate::simulation::exposition::{MetricType, format_openmetrics_float};
use crate::simulation::families::{Family, FamilySample};
use crate::simulation::motion::{
    Distribution, Level, Stream, TrafficChange, mix, noise, seed_of, share_of,
};

/// One running process of a workload.
#[derive(Clone, Debug, Default)]
pub struct Process<'a> {
    /// Tells processes of the same workload apart.
    pub seed: u64,
    /// When it started: counters begin at zero there.
    pub started: Timestamp,
    /// Sorted changes of its traffic.
    pub changes: &'a [TrafficChange],
    /// For each stream the sorted times of events that somebody caused.
    pub extra: Option<&'a BTreeMap<Arc<str>, Vec<Timestamp>>>,
}

impl<'a> Process<'a> {
    fn stream(&self, workload: &Workload, name: &str) -> Option<Stream<'a>> {
        let traffic = *workload.streams.get(name)?;
        let extra = self.extra.and_then(|extra| extra.get(name)).map_or(&[][..], Vec::as_slice);
        Some(Stream { traffic, seed: seed_of(self.seed, name), changes: self.changes, extra })
    }
}

/// When the stream's events really happened, in `(from, to]`: the truth beside the samples.
pub fn stream_times(
    workload: &Workload,
    process: &Process<'_>,
    stream: &str,
    from: Timestamp,
    to: Timestamp,
    limit: usize,
) -> Vec<Timestamp> {
    let from = from.max(process.started);
    process.stream(workload, stream).map_or(Vec::new(), |stream| stream.times(from, to, limit))
}

/// All families at `t`, in the order of the workload.
pub fn expose(workload: &Workload, process: &Process<'_>, t: Timestamp) -> Vec<Family> {
    workload.families.iter().map(|spec| Instant { workload, process, t, spec }.family()).collect()
}

struct Instant<'a> {
    workload: &'a Workload,
    process: &'a Process<'a>,
    t: Timestamp,
    spec: &'a FamilySpec,
}

type LabelPairs = Vec<(Arc<str>, Arc<str>)>;

impl Instant<'_> {
    fn family(&self) -> Family {
        let mut samples = Vec::new();
        for (index, series) in all_series(self.spec).iter().enumerate() {
            let labels: LabelPairs =
                series.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            let seed = mix(seed_of(self.process.seed, &self.spec.name), index as u64);
            self.series(series, labels, seed, &mut samples);
        }
        Family {
            name: self.spec.name.clone(),
            metric_type: self.spec.metric_type,
            unit: self.spec.unit.clone(),
            help: self.spec.help.clone(),
            bare: self.spec.bare,
            samples,
        }
    }

    fn series(
        &self,
        series: &SeriesSpec,
        labels: LabelPairs,
        seed: u64,
        out: &mut Vec<FamilySample>,
    ) {
        let takes = series.takes.or(self.spec.takes);
        match self.spec.metric_type {
            MetricType::Counter => {
                let by = self.spec.by.unwrap_or(1.0);
                let value = match series.level.or(self.spec.level) {
                    // A counter without a stream grows with a level, as CPU seconds do.
                    Some(level) => level.at(seed, self.process.started, self.t, false),
                    None => self.events(series, seed) as f64 * by,
                };
                out.push(sample("_total", labels, value));
            }
            MetricType::Histogram | MetricType::GaugeHistogram => {
                self.histogram(series, takes, labels, seed, out);
            }
            MetricType::Summary => self.summary(series, takes, labels, seed, out),
            MetricType::Info => out.push(sample("_info", labels, 1.0)),
            MetricType::Gauge | MetricType::StateSet | MetricType::Unknown => {
                let level =
                    series.level.or(self.spec.level).unwrap_or(Level::Constant { value: 1.0 });
                let value = level.at(seed, self.process.started, self.t, self.spec.whole);
                out.push(sample("", labels, value));
            }
        }
    }

    /// The series' events since the process began.
    fn events(&self, series: &SeriesSpec, seed: u64) -> u64 {
        let name = series.of.as_deref().or(self.spec.of.as_deref()).unwrap_or_default();
        let Some(stream) = self.process.stream(self.workload, name) else { return 0 };
        share_of(stream.count(self.process.started, self.t), series.share.unwrap_or(1.0), seed)
    }

    fn histogram(
        &self,
        series: &SeriesSpec,
        takes: Option<Distribution>,
        labels: LabelPairs,
        seed: u64,
        out: &mut Vec<FamilySample>,
    ) {
        let takes = takes.unwrap_or(Distribution { median: 0.1, spread: 1.0 });
        let count = self.events(series, seed);
        for &bound in self.spec.buckets.iter().chain([&f64::INFINITY]) {
            let share = if bound.is_finite() { takes.share_below(bound) } else { 1.0 };
            let mut labels = labels.clone();
            labels.push(("le".into(), format_openmetrics_float(bound).into()));
            out.push(sample("_bucket", labels, share_of(count, share, seed) as f64));
        }
        out.push(sample("_sum", labels.clone(), sum(count, takes)));
        out.push(sample("_count", labels, count as f64));
    }

    fn summary(
        &self,
        series: &SeriesSpec,
        takes: Option<Distribution>,
        labels: LabelPairs,
        seed: u64,
        out: &mut Vec<FamilySample>,
    ) {
        let takes = takes.unwrap_or(Distribution { median: 0.1, spread: 1.0 });
        let count = self.events(series, seed);
        for &q in &self.spec.quantiles {
            let mut labels = labels.clone();
            labels.push(("quantile".into(), format_general(q, None).into()));
            // Quantiles move a little from minute to minute; without events there are none.
            let swing = 0.9 + 0.2 * noise(seed, self.t as f64 / 60_000.0);
            let value = if count == 0 { f64::NAN } else { takes.quantile(q) * swing };
            out.push(sample("", labels, value));
        }
        out.push(sample("_sum", labels.clone(), sum(count, takes)));
        out.push(sample("_count", labels, count as f64));
    }
}

/// The sum of observed values: never falls, and is close to the mean times the count.
fn sum(count: u64, takes: Distribution) -> f64 {
    count as f64 * takes.mean()
}

fn sample(suffix: &'static str, labels: LabelPairs, value: f64) -> FamilySample {
    FamilySample { suffix, labels, value, exemplar: None }
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
                .collect();
        }
        let share = 1.0 / combinations.len() as f64;
        result.extend(combinations.into_iter().map(|labels| SeriesSpec {
            labels,
            share: Some(share),
            ..SeriesSpec::default()
        }));
    }
    if result.is_empty() {
        result.push(SeriesSpec::default());
    }
    result
}
