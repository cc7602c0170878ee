//! Answers with known samples. The series of each sample are resolved once; a scrape only stores
//! the values.

use std::collections::HashSet;
use std::sync::Arc;

use super::reading::Reading;
use super::{Counts, Failure, PlannedAnswer, Refused, TargetLoop};
use crate::exposition::{Format, InvalidLabels, Wire};
use crate::workload::{Plan, PlannedSample, Role};
use go::number::is_stale_nan;
use promql::Timestamp;
use promql::storage::{SeriesId, Storage};

#[derive(Clone, Debug)]
pub(super) struct Planned {
    plan: Arc<Plan>,
    wire: Wire,
    /// The place of each sample, up to one that fails the scrape.
    places: Vec<PlannedPlace>,
    broken: Option<Broken>,
    /// True if the series get staleness markers. None if they are not stored yet.
    pub(super) alive: Option<bool>,
    /// For plans with varying samples: those that the last successful scrape had.
    seen: Vec<bool>,
    /// The start timestamp for which zeros were stored.
    zeroed: Option<Timestamp>,
}

impl Planned {
    /// Returns the series of samples that satisfy `of`.
    fn series(&self, of: impl Fn(&PlannedSample) -> bool) -> HashSet<SeriesId> {
        let both = self.places.iter().zip(&self.plan.samples).filter(|(_, sample)| of(sample));
        both.filter_map(|(place, _)| match place {
            PlannedPlace::Stored(series) => Some(*series),
            _ => None,
        })
        .collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PlannedPlace {
    /// Not in the answer, or not used.
    Passed,
    /// Dropped by `metric_relabel_configs`.
    Dropped,
    /// A second sample of the same series.
    Repeated,
    Stored(SeriesId),
}

/// The error of a scrape, and the counts up to it.
#[derive(Clone, Debug)]
struct Broken {
    error: String,
    scraped: u64,
    kept: u64,
}

impl TargetLoop {
    pub(super) fn planned(
        &mut self,
        t: Timestamp,
        answer: PlannedAnswer<'_>,
        counts: &mut Counts,
        storage: &mut Storage,
    ) -> Result<(), Failure> {
        self.fits(answer.bytes.unwrap_or(0), counts)?;
        let known =
            |known: &Planned| Arc::ptr_eq(&known.plan, answer.plan) && known.wire == answer.wire;
        let mut planned = match self.planned.take().filter(known) {
            Some(planned) => planned,
            None => self.resolve_plan(answer, counts, storage),
        };
        let result = self.store_plan(t, &mut planned, answer, counts, storage);
        self.planned = Some(planned);
        result
    }

    fn store_plan(
        &mut self,
        t: Timestamp,
        planned: &mut Planned,
        answer: PlannedAnswer<'_>,
        counts: &mut Counts,
        storage: &mut Storage,
    ) -> Result<(), Failure> {
        let (mut ready, limited) = self.readings(planned, answer, counts);
        // Samples with an explicit timestamp get no staleness markers unless the job requests it.
        let tracked = self.stamp(answer).is_none() || self.settings.track_timestamps_staleness;
        let fits = self.check_sample_limit(ready.len() as u64);
        if fits.is_err() {
            counts.added = counts.added.min(self.settings.sample_limit);
            ready.truncate(self.settings.sample_limit as usize);
        }
        let broken = planned.broken.as_ref().map(|broken| {
            (counts.scraped, counts.kept) = (broken.scraped, broken.kept);
            broken.error.clone()
        });
        let alive = || ready.iter().map(|(series, _)| *series).filter(|_| tracked).collect();
        if let Some(error) = broken.or(fits.err()).or(limited) {
            return Err(Failure { error, read: alive() });
        }
        self.store_ready(t, planned, &ready, answer, &mut counts.refused, storage);
        if answer.plan.varying {
            let places = 0..answer.values.floats.len();
            let now: Vec<bool> = places.map(|place| exposed(answer, place)).collect();
            let again = now.iter().zip(&planned.seen).filter(|(now, before)| **now && !**before);
            counts.added = match planned.seen.is_empty() {
                true => ready.len() as u64,
                false => again.count() as u64,
            };
            planned.seen = now;
            planned.alive = None;
        }
        if planned.alive != Some(tracked) {
            self.replace_alive(t, alive(), storage);
            planned.alive = Some(tracked);
        }
        Ok(())
    }

    /// Returns the readings that a scrape stores, and the error of a histogram beyond a limit.
    fn readings(
        &self,
        planned: &Planned,
        answer: PlannedAnswer<'_>,
        counts: &mut Counts,
    ) -> (Vec<(SeriesId, Reading)>, Option<String>) {
        let mut histograms = answer.values.histograms.iter().peekable();
        let mut ready = Vec::with_capacity(planned.places.len());
        let mut limited = None;
        for (place, (known, value)) in planned.places.iter().zip(&answer.values.floats).enumerate()
        {
            let histogram = histograms.next_if(|(own, _)| *own == place).map(|(_, found)| found);
            if *known == PlannedPlace::Passed || !exposed(answer, place) {
                continue;
            }
            counts.scraped += 1;
            if *known == PlannedPlace::Dropped {
                continue;
            }
            counts.kept += 1;
            let PlannedPlace::Stored(series) = *known else {
                counts.refused.duplicates += u64::from(self.stamp(answer).is_none());
                continue;
            };
            match histogram.map(|found| self.settings.histogram_limits.apply(found)) {
                None => ready.push((series, Reading::Float(*value))),
                Some(Ok(histogram)) => ready.push((series, Reading::Histogram(histogram))),
                Some(Err(error)) => limited = Some(error),
            }
        }
        (ready, limited)
    }

    /// The timestamp of the samples, if the answer has one and the job honors it.
    fn stamp(&self, answer: PlannedAnswer<'_>) -> Option<Timestamp> {
        answer.stamp.filter(|_| self.settings.honor_timestamps)
    }

    fn store_ready(
        &mut self,
        t: Timestamp,
        planned: &mut Planned,
        ready: &[(SeriesId, Reading)],
        answer: PlannedAnswer<'_>,
        refused: &mut Refused,
        storage: &mut Storage,
    ) {
        let time = self.stamp(answer).unwrap_or(t);
        let features = self.settings.features;
        let start = answer.started.filter(|start| features.parse_starts() && *start < time);
        let has_start = |created: bool| created || answer.wire == Wire::Protobuf;
        let counted = match start {
            Some(_) => planned.series(|sample| sample.cumulative && has_start(sample.created)),
            None => HashSet::new(),
        };
        let unknown = match features.synthesize {
            true => planned.series(|sample| sample.cumulative && !sample.is_quantile()),
            false => HashSet::new(),
        };
        let zeros = features.zero_samples && planned.zeroed != start;
        for (place, (series, reading)) in ready.iter().enumerate() {
            let own = start.filter(|_| counted.contains(series));
            if own.is_none() && unknown.contains(series) {
                let Some((reading, start)) = self.synthetic.take(*series, time, reading.clone())
                else {
                    continue;
                };
                let kept = if features.store_starts { start } else { 0 };
                if !refused.store(storage, *series, t, reading.sample(time, kept), || false) {
                    self.synthetic.forget(*series);
                }
                continue;
            }
            if let Some(start) = own.filter(|_| zeros) {
                // The zero is rejected if later samples exist.
                let _ = storage.append_to(*series, reading.zero(start));
            }
            let kept = own.filter(|_| features.store_starts).unwrap_or_default();
            let before = || ready.iter().take(place).any(|(one, _)| one == series);
            refused.store(storage, *series, t, reading.sample(time, kept), before);
        }
        planned.zeroed = start.or(planned.zeroed);
    }

    fn resolve_plan(
        &mut self,
        answer: PlannedAnswer<'_>,
        counts: &mut Counts,
        storage: &mut Storage,
    ) -> Planned {
        let PlannedAnswer { plan, wire, escaping, .. } = answer;
        let mut places = Vec::with_capacity(plan.samples.len());
        let mut tried = Counts::default();
        let mut broken = None;
        for sample in &plan.samples {
            let created_read =
                sample.role == Role::Created && self.settings.features.parse_starts();
            let read_as_time = created_read && wire == Wire::Text(Format::OpenMetrics);
            if read_as_time || !self.settings.histograms.take(sample.role, wire) {
                places.push(PlannedPlace::Passed);
                continue;
            }
            tried.scraped += 1;
            let empty = sample.empty();
            let invalid_labels =
                (!empty.is_empty()).then_some(InvalidLabels { empty, repeated: None });
            let labels = escaping.labels(&sample.labels);
            match self.resolve(&labels, invalid_labels.as_ref(), storage) {
                Ok(found) => {
                    tried.kept += u64::from(found.is_some());
                    counts.added += u64::from(found.is_some_and(|found| found.fresh));
                    places.push(match found {
                        None => PlannedPlace::Dropped,
                        Some(found) if found.repeated => PlannedPlace::Repeated,
                        Some(found) => PlannedPlace::Stored(found.series),
                    });
                }
                Err(error) => {
                    broken = Some(Broken { error, scraped: tried.scraped, kept: tried.kept });
                    break;
                }
            }
        }
        if broken.is_none() {
            self.forget_missing();
        }
        let (plan, seen) = (plan.clone(), Vec::new());
        Planned { plan, wire, places, broken, alive: None, seen, zeroed: None }
    }
}

/// Returns true if the answer exposes the sample at this place of the plan.
fn exposed(answer: PlannedAnswer<'_>, place: usize) -> bool {
    let value = || answer.values.floats.get(place);
    !answer.plan.varying || value().is_some_and(|value| !is_stale_nan(*value))
}
