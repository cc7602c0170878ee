//! The values of a workload at one time.
//!
//! The series are computed when a process starts; a scrape only computes values.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::{Plan, Role, Shape};
use super::series::Scripted;
use super::{Formats, PastedSeries, Workload};
use crate::exposition::{Exemplar, Format, MetricType, Wire};
use crate::families::{Family, FamilySample};
use crate::signal::{Stream, TrafficChange, divide, mix, noise, seed_of, share_of, unit};
use go::number::{is_stale_nan, stale_nan};
use promql::Timestamp;
use promql::histogram::{ClassicSamples, FloatHistogram};
use promql::{Labels, LabelsBuilder};

/// External influences on a process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Influences<'a> {
    /// Changes of traffic, sorted by time.
    pub changes: &'a [TrafficChange],
    /// Sorted times of additional events, by stream.
    pub extra: Option<&'a BTreeMap<Arc<str>, Vec<Timestamp>>>,
}

/// The values of the samples of a plan at one time.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// One value for each sample; a staleness marker if the sample is not exposed.
    pub floats: Vec<f64>,
    /// Histograms with the index of their sample, ascending.
    pub histograms: Vec<(usize, Arc<FloatHistogram>)>,
}

impl Readings {
    fn clear(&mut self) {
        self.floats.clear();
        self.histograms.clear();
    }

    /// Adds the samples of a summary: the quantiles, scaled by `factor`, sum and count.
    fn summary(&mut self, quantiles: &[f64], count: u64, mean: f64, factor: f64) {
        let quantile = |q: &f64| if count == 0 { f64::NAN } else { q * factor };
        self.floats.extend(quantiles.iter().map(quantile));
        self.floats.extend([count as f64 * mean, count as f64]);
    }

    /// Adds the samples of a classic histogram: buckets, sum and count; if `converted` is set, also
    /// the histogram with custom buckets that Prometheus converts it to.
    fn classic_histogram(
        &mut self,
        bounds: &[f64],
        buckets: impl Iterator<Item = f64>,
        sum: f64,
        count: f64,
        converted: bool,
    ) {
        let first = self.floats.len();
        self.floats.extend(buckets);
        self.floats.extend([sum, count]);
        let buckets = self.floats.get(first..).unwrap_or_default();
        let histogram = converted.then(|| convert(bounds, buckets, sum, count));
        self.histogram(histogram.flatten());
    }

    /// Adds the samples of a scripted histogram; staleness markers if it has no value.
    fn scripted_histogram(&mut self, value: &Scripted<'_>) {
        match value {
            Scripted::Histogram(histogram) => {
                self.histograms.push((self.floats.len(), (*histogram).clone()));
                let (count, sum) = (histogram.count, histogram.sum);
                self.floats.extend([0.0, count, sum, count]);
            }
            Scripted::Float(_) | Scripted::Absent => self.floats.extend([stale_nan(); 4]),
        }
    }

    /// Adds a native histogram; without one, the sample is not exposed.
    fn histogram(&mut self, histogram: Option<FloatHistogram>) {
        if let Some(histogram) = histogram {
            self.histograms.push((self.floats.len(), Arc::new(histogram)));
        }
        self.floats.push(0.0);
    }
}

/// A running process of a workload.
#[derive(Clone, Debug)]
pub struct Process {
    pub workload: Arc<Workload>,
    /// Distinguishes processes of the same workload.
    pub seed: u64,
    /// The start time, at which counters are zero.
    pub started: Timestamp,
    /// True if the process has the pasted values; a restarted process does not.
    fresh: bool,
    /// The time of the pasted values.
    given_at: Timestamp,
    plan: Arc<Plan>,
}

/// The maximum age of an exemplar.
const EXEMPLAR_REACHES: Timestamp = 60_000;

impl Process {
    pub fn new(workload: Arc<Workload>, seed: u64, started: Timestamp) -> Self {
        let plan = Arc::new(Plan::new(&workload, seed));
        Self { workload, seed, started, fresh: true, given_at: started, plan }
    }

    /// Returns the process after a restart at `started`. Counters are zero.
    #[must_use]
    pub fn restarted(&self, started: Timestamp) -> Self {
        Self { started, fresh: false, given_at: started, ..self.clone() }
    }

    /// Sets the time of the pasted values.
    #[must_use]
    pub fn given_at(self, moment: Timestamp) -> Self {
        Self { given_at: moment, ..self }
    }

    /// The samples that the process exposes, in the order of its values.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The formats that the program supports. OpenMetrics is excluded if a counter lacks `_total`.
    pub fn formats(&self) -> Formats {
        let bare = self.workload.families.iter().any(|family| family.bare);
        Formats {
            openmetrics: self.workload.formats.openmetrics && !bare,
            protobuf: self.workload.formats.protobuf,
        }
    }

    /// Returns the start timestamp in an answer: protobuf always has it, OpenMetrics if the program
    /// has `_created` samples, the text format never.
    pub fn started_in(&self, wire: Wire) -> Option<Timestamp> {
        let exposes = match wire {
            Wire::Protobuf => true,
            Wire::Text(format) => {
                let created = || self.workload.families.iter().any(|family| family.created);
                format == Format::OpenMetrics && created()
            }
        };
        exposes.then_some(self.started)
    }

    fn stream<'a>(&self, name: &str, influences: Influences<'a>) -> Option<Stream<'a>> {
        let traffic = *self.workload.streams.get(name)?;
        let extra = influences.extra.and_then(|extra| extra.get(name));
        Some(Stream {
            traffic,
            seed: seed_of(self.seed, name),
            changes: influences.changes,
            extra: extra.map_or(&[][..], Vec::as_slice),
        })
    }

    /// Returns the times of a stream's events in `(from, to]`, at most `limit`.
    pub fn stream_times(
        &self,
        stream: &str,
        influences: Influences<'_>,
        (from, to): (Timestamp, Timestamp),
        limit: usize,
    ) -> Vec<Timestamp> {
        let from = from.max(self.started);
        self.stream(stream, influences).map_or(Vec::new(), |stream| stream.times(from, to, limit))
    }

    /// Computes the values of all samples at `t`, with native histograms and converted histograms
    /// if requested. `values` is reused.
    pub fn readings(
        &self,
        t: Timestamp,
        influences: Influences<'_>,
        (native, converted): (bool, bool),
        values: &mut Readings,
    ) {
        values.clear();
        let streams = self.plan.streams.iter().map(|name| self.stream(name, influences));
        let counted = |stream: Stream<'_>| stream.count(self.started, t);
        let counts: Vec<u64> = streams.map(|stream| stream.map_or(0, counted)).collect();
        let count = |stream: usize| counts.get(stream).copied().unwrap_or_default();
        for shape in &self.plan.shapes {
            match *shape {
                Shape::Events { stream, share, by, phase } => {
                    values.floats.push(share_of(count(stream), share, phase) as f64 * by);
                }
                Shape::Level { level, seed, whole } => {
                    values.floats.push(level.at(seed, self.started, t, whole));
                }
                Shape::Histogram {
                    stream,
                    share,
                    phase,
                    seed,
                    ref bounds,
                    ref below,
                    mean,
                    native: ref shape,
                } => {
                    let count = share_of(count(stream), share, phase);
                    if let Some(shape) = shape {
                        values.histogram(native.then(|| shape.at(count, seed, mean)));
                    }
                    let buckets = cumulative(divide(count, below, seed));
                    let sum = count as f64 * mean;
                    values.classic_histogram(bounds, buckets, sum, count as f64, converted);
                }
                Shape::Summary { stream, share, phase, ref at, mean, seed } => {
                    let count = share_of(count(stream), share, phase);
                    values.summary(at, count, mean, swing(seed, t));
                }
                Shape::Created => values.floats.push(self.started as f64 / 1000.0),
                Shape::PastedSeries { ref given, traffic, seed } => {
                    let changes = influences.changes;
                    let stream = Stream { traffic, seed, changes, extra: &[] };
                    let events = stream.count(self.given_at, t);
                    self.given(given, events, seed, swing(seed, t), converted, values);
                }
                Shape::Script(ref script) => values.floats.push(match script.at(self.started, t) {
                    Scripted::Float(value) => value,
                    _ => stale_nan(),
                }),
                Shape::ScriptHistogram(ref script) => {
                    values.scripted_histogram(&script.at(self.started, t));
                }
            }
        }
    }

    /// Adds pasted values with the increase by `events`.
    fn given(
        &self,
        given: &PastedSeries,
        events: u64,
        seed: u64,
        swing: f64,
        converted: bool,
        values: &mut Readings,
    ) {
        let base = |value: f64| if self.fresh { value } else { 0.0 };
        match given {
            PastedSeries::Counter { value, by, .. } => {
                values.floats.push(base(*value) + events as f64 * by);
            }
            PastedSeries::Histogram { buckets, sum, .. } => {
                let count = buckets.last().map_or(0.0, |bucket| bucket.1);
                let share = |below: f64| if count > 0.0 { below / count } else { 1.0 };
                let shares: Vec<f64> = buckets.iter().map(|bucket| share(bucket.1)).collect();
                let added = cumulative(divide(events, &shares, seed));
                let now = buckets.iter().zip(added).map(|(bucket, added)| base(bucket.1) + added);
                let total = base(count) + events as f64;
                let mean = if count > 0.0 { sum / count } else { 0.0 };
                let sum = base(*sum) + events as f64 * mean;
                let bounds: Vec<f64> = buckets.iter().map(|bucket| bucket.0).collect();
                values.classic_histogram(&bounds, now, sum, total, converted);
            }
            PastedSeries::Summary { quantiles, sum, count, .. } => {
                values.floats.extend(quantiles.iter().map(|quantile| quantile.1 * swing));
                let mean = if *count > 0.0 { sum / count } else { 0.0 };
                let added = events as f64;
                values.floats.extend([base(*sum) + added * mean, base(*count) + added]);
            }
        }
    }

    /// Returns all families at `t`, with native histograms if the format supports them.
    pub fn families(&self, t: Timestamp, influences: Influences<'_>, native: bool) -> Vec<Family> {
        let mut values = Readings::default();
        self.readings(t, influences, (native, false), &mut values);
        self.write_out(values, t, influences)
    }

    /// Returns all families with the given values.
    pub fn write_out(
        &self,
        values: Readings,
        t: Timestamp,
        influences: Influences<'_>,
    ) -> Vec<Family> {
        let mut histograms = values.histograms.into_iter().peekable();
        let mut samples = self.plan.samples.iter().zip(values.floats).enumerate().peekable();
        let families = self.workload.families.iter().enumerate();
        families
            .map(|(index, spec)| Family {
                name: spec.name.clone(),
                metric_type: spec.metric_type,
                unit: spec.unit.clone(),
                help: spec.help.clone(),
                bare: spec.bare,
                samples: std::iter::from_fn(|| {
                    let (place, (sample, value)) =
                        samples.next_if(|(_, (sample, _))| sample.family == index)?;
                    let histogram = histograms
                        .next_if(|(own, _)| *own == place)
                        .map(|(_, histogram)| histogram);
                    let exposed = match sample.role {
                        Role::Native => histogram.is_some(),
                        Role::Converted { .. } => false,
                        _ => !is_stale_nan(value),
                    };
                    let exemplar = spec.exemplar.as_ref().filter(|_| exposed);
                    let labels = sample.written.clone();
                    Some(exposed.then(|| FamilySample {
                        suffix: sample.suffix,
                        exemplar:
                            exemplar.and_then(|label| {
                                self.exemplar(label, index, &labels, t, influences)
                            }),
                        labels,
                        value,
                        histogram,
                    }))
                })
                .flatten()
                .collect(),
            })
            .collect()
    }

    /// Returns an exemplar: the last event of a counter or of a bucket.
    fn exemplar(
        &self,
        label: &Arc<str>,
        family: usize,
        labels: &[(Arc<str>, Arc<str>)],
        t: Timestamp,
        influences: Influences<'_>,
    ) -> Option<Exemplar> {
        let spec = self.workload.families.get(family)?;
        let stream = self.stream(spec.of.as_ref()?, influences)?;
        let from = self.started.max(t - EXEMPLAR_REACHES);
        let last = *stream.times(from, t, 1_000).last()?;
        let seed = mix(stream.seed, last as u64);
        let value = match spec.metric_type {
            MetricType::Counter => 1.0,
            MetricType::Histogram => {
                let value = spec.takes?.quantile(0.001 + 0.998 * unit(seed));
                let bound = labels.iter().find(|(name, _)| &**name == "le")?;
                let bound =
                    if &*bound.1 == "+Inf" { f64::INFINITY } else { bound.1.parse().ok()? };
                let bounds = spec.buckets.iter().copied().chain([f64::INFINITY]);
                let own = bounds.into_iter().find(|upper| value <= *upper)?;
                (own == bound).then_some(value)?
            }
            _ => return None,
        };
        let id: Labels =
            LabelsBuilder::new().set(label.clone(), format!("{:016x}", mix(seed, 1))).build();
        Some(Exemplar { labels: id, value, timestamp: Some(last) })
    }
}

/// Turns counts into cumulative counts.
fn cumulative(counts: Vec<u64>) -> impl Iterator<Item = f64> {
    let mut upto = 0;
    counts.into_iter().map(move |count| {
        upto += count;
        upto as f64
    })
}

/// Returns a factor that varies slightly by minute.
fn swing(seed: u64, t: Timestamp) -> f64 {
    0.9 + 0.2 * noise(seed, t as f64 / 60_000.0)
}

/// Converts a classic histogram to a native histogram with custom buckets.
fn convert(bounds: &[f64], cumulative: &[f64], sum: f64, count: f64) -> Option<FloatHistogram> {
    let mut samples = ClassicSamples::default();
    for (&bound, &upto) in bounds.iter().zip(cumulative) {
        samples.set_bucket(bound, upto);
    }
    samples.set_sum(sum);
    samples.set_count(count);
    samples.convert().ok()
}
