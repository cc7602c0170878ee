//! A workload at one instant, as a scrape would find it.
//!
//! What the series are is worked out once, when a process starts; a scrape only fills in numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Workload;
use super::plan::{Plan, Shape};
use crate::model::Timestamp;
use crate::simulation::families::{Family, FamilySample};
use crate::simulation::motion::{Stream, TrafficChange, noise, seed_of, share_of};

/// What happened to a process from outside.
#[derive(Clone, Copy, Debug, Default)]
pub struct Influences<'a> {
    /// Changes of its traffic, sorted by time.
    pub changes: &'a [TrafficChange],
    /// For each stream the times of events that somebody caused, sorted.
    pub extra: Option<&'a BTreeMap<Arc<str>, Vec<Timestamp>>>,
}

/// One running process of a workload.
#[derive(Clone, Debug)]
pub struct Process {
    pub workload: Arc<Workload>,
    /// Tells processes of the same workload apart.
    pub seed: u64,
    /// When it started: counters begin at zero there.
    pub started: Timestamp,
    plan: Arc<Plan>,
}

impl Process {
    pub fn new(workload: Arc<Workload>, seed: u64, started: Timestamp) -> Self {
        let plan = Arc::new(Plan::new(&workload, seed));
        Self { workload, seed, started, plan }
    }

    /// The same program begun anew: its series stay, its counters are zero again.
    #[must_use]
    pub fn restarted(&self, started: Timestamp) -> Self {
        Self { started, ..self.clone() }
    }

    /// What the process exposes, in the order of [`Process::values`].
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
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

    /// When the stream's events really happened, in `(from, to]`, at most `limit` of them: the
    /// truth beside the samples.
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

    /// The values of all samples at `t`, one for each of the plan's samples. `values` is reused.
    pub fn values(&self, t: Timestamp, influences: Influences<'_>, values: &mut Vec<f64>) {
        values.clear();
        let counts: Vec<u64> = self
            .plan
            .streams
            .iter()
            .map(|name| {
                let stream = self.stream(name, influences);
                stream.map_or(0, |stream| stream.count(self.started, t))
            })
            .collect();
        let count = |stream: usize| counts.get(stream).copied().unwrap_or_default();
        for shape in &self.plan.shapes {
            match *shape {
                Shape::Events { stream, share, by, phase } => {
                    values.push(share_of(count(stream), share, phase) as f64 * by);
                }
                Shape::Level { level, seed, whole } => {
                    values.push(level.at(seed, self.started, t, whole));
                }
                Shape::Histogram { stream, share, phase, ref below, mean } => {
                    let count = share_of(count(stream), share, phase);
                    values.extend(below.iter().map(|&b| share_of(count, b, phase) as f64));
                    values.extend([count as f64 * mean, count as f64]);
                }
                Shape::Summary { stream, share, phase, ref at, mean, seed } => {
                    let count = share_of(count(stream), share, phase);
                    // Quantiles move a little from minute to minute; without events there are none.
                    let swing = 0.9 + 0.2 * noise(seed, t as f64 / 60_000.0);
                    values.extend(at.iter().map(|q| if count == 0 { f64::NAN } else { q * swing }));
                    values.extend([count as f64 * mean, count as f64]);
                }
            }
        }
    }

    /// All families at `t`, for writing them out.
    pub fn families(&self, t: Timestamp, influences: Influences<'_>) -> Vec<Family> {
        let mut values = Vec::new();
        self.values(t, influences, &mut values);
        let mut samples = self.plan.samples.iter().zip(values).peekable();
        let families = self.workload.families.iter().enumerate();
        families
            .map(|(index, spec)| Family {
                name: spec.name.clone(),
                metric_type: spec.metric_type,
                unit: spec.unit.clone(),
                help: spec.help.clone(),
                bare: spec.bare,
                samples: std::iter::from_fn(|| {
                    let (sample, value) = samples.next_if(|(sample, _)| sample.family == index)?;
                    let (suffix, labels) = (sample.suffix, sample.written.clone());
                    Some(FamilySample { suffix, labels, value, exemplar: None })
                })
                .collect(),
            })
            .collect()
    }
}
