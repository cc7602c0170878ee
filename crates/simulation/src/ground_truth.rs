//! Ground truth: the exact value of a stored series at any time, and its true increase.

use std::sync::Arc;

use super::scrape::sample_labels;
use super::workload::{Influences, Process, Readings};
use super::world::{Reach, Running, World};
use promql::{Labels, Timestamp};

/// The process and sample of a stored series.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    process: Arc<str>,
    /// The index in the plan of the process.
    sample: usize,
}

impl World {
    /// Returns the source of a series. Returns None for series that no process exposes, or whose
    /// labels were relabeled.
    pub fn source_of(&self, labels: &Labels) -> Option<Source> {
        let name = labels.metric_name();
        self.reports().find_map(|(spec, ..)| {
            let Reach::Process { key, .. } = &spec.reach else { return None };
            let samples = &self.running(key)?.process.plan().samples;
            let mut named =
                samples.iter().enumerate().filter(|(_, one)| one.labels.metric_name() == name);
            let (sample, _) = named.find(|(_, one)| {
                sample_labels(&one.labels, &spec.public, spec.settings.honor_labels) == *labels
            })?;
            Some(Source { process: key.clone(), sample })
        })
    }

    /// Returns the exact value at each time; None while the process does not run.
    pub fn exact(&self, source: &Source, times: &[Timestamp]) -> Vec<Option<f64>> {
        let Some(running) = self.running(&source.process) else { return Vec::new() };
        let mut reader =
            SampleReader { influences: self.influences(running), readings: Readings::default() };
        times
            .iter()
            .map(|&t| {
                let lifetime = running
                    .lifetimes()
                    .find(|lifetime| lifetime.started <= t && t < lifetime.ended)?;
                reader.value(&running.process.restarted(lifetime.started), source.sample, t)
            })
            .collect()
    }

    /// Returns the true increase of a counter in each window `(from, to]`, over all restarts of its
    /// process.
    pub fn exact_increase(
        &self,
        source: &Source,
        windows: &[(Timestamp, Timestamp)],
    ) -> Vec<Option<f64>> {
        let Some(running) = self.running(&source.process) else { return Vec::new() };
        let mut reader =
            SampleReader { influences: self.influences(running), readings: Readings::default() };
        windows
            .iter()
            .map(|&(from, to)| {
                let mut total = None;
                for lifetime in running.lifetimes() {
                    let (from, to) = (lifetime.started.max(from), lifetime.ended.min(to));
                    if from >= to {
                        continue;
                    }
                    let process = running.process.restarted(lifetime.started);
                    let before = reader.value(&process, source.sample, from)?;
                    let after = reader.value(&process, source.sample, to)?;
                    total = Some(total.unwrap_or(0.0) + after - before);
                }
                total
            })
            .collect()
    }

    fn influences<'a>(&'a self, running: &'a Running) -> Influences<'a> {
        Influences { changes: self.traffic(), extra: Some(&running.extra) }
    }
}

struct SampleReader<'a> {
    influences: Influences<'a>,
    readings: Readings,
}

impl SampleReader<'_> {
    fn value(&mut self, process: &Process, sample: usize, t: Timestamp) -> Option<f64> {
        process.readings(t, self.influences, (false, false), &mut self.readings);
        self.readings.floats.get(sample).copied().filter(|value| value.is_finite())
    }
}
