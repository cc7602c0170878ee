//! Sample values, and the start timestamps that `st-synthesis` derives for counters.

use std::collections::HashMap;
use std::sync::Arc;

use promql::Timestamp;
use promql::histogram::FloatHistogram;
use promql::storage::{Sample, SeriesId};

#[derive(Clone, Debug)]
pub(super) enum Reading {
    Float(f64),
    Histogram(Arc<FloatHistogram>),
}

impl Reading {
    /// Returns a sample. A start of 0 means none.
    pub fn sample(&self, time: Timestamp, start: Timestamp) -> Sample {
        let sample = match self {
            Self::Float(value) => Sample::float(time, *value),
            Self::Histogram(histogram) => Sample::histogram(time, histogram.clone()),
        };
        Sample { start, ..sample }
    }

    /// Returns the zero value of the same kind.
    pub fn zero(&self, t: Timestamp) -> Sample {
        match self {
            Self::Float(_) => Sample::float(t, 0.0),
            Self::Histogram(like) => {
                let zero = FloatHistogram {
                    schema: like.schema,
                    zero_threshold: like.zero_threshold,
                    custom_values: like.custom_values.clone(),
                    ..FloatHistogram::default()
                };
                Sample::histogram(t, Arc::new(zero))
            }
        }
    }

    /// Returns true if the counter was reset since `before`.
    fn reset_since(&self, before: &Self) -> bool {
        match (self, before) {
            (Self::Float(now), Self::Float(before)) => now < before,
            (Self::Histogram(now), Self::Histogram(before)) => now.detect_reset(before),
            _ => true,
        }
    }

    /// Returns the increase since `first`.
    fn since(self, first: &Self) -> Self {
        match (self, first) {
            (Self::Float(now), Self::Float(first)) => Self::Float(now - first),
            (Self::Histogram(now), Self::Histogram(first)) => {
                let mut counted = FloatHistogram::clone(&now);
                // Incompatible histograms mean a reset.
                if counted.sub(first).is_err() {
                    return Self::Histogram(now);
                }
                counted.counter_reset_hint = now.counter_reset_hint;
                counted.compact(0);
                Self::Histogram(Arc::new(counted))
            }
            (now, _) => now,
        }
    }
}

/// Counters without a start timestamp. They count from their first sample, which is not stored.
///
/// Source: prometheus scrape/st_synthesis.go.
#[derive(Clone, Debug, Default)]
pub(super) struct Synthetic(HashMap<SeriesId, Counted>);

#[derive(Clone, Debug)]
struct Counted {
    start: Timestamp,
    /// The first value. None after a reset, which starts at zero.
    first: Option<Reading>,
    last: Reading,
}

impl Synthetic {
    /// Returns the value to store and its start timestamp. Returns None for the first sample.
    pub fn take(
        &mut self,
        series: SeriesId,
        time: Timestamp,
        reading: Reading,
    ) -> Option<(Reading, Timestamp)> {
        let Some(counted) = self.0.get_mut(&series) else {
            let (first, last) = (Some(reading.clone()), reading);
            self.0.insert(series, Counted { start: time, first, last });
            return None;
        };
        if reading.reset_since(&counted.last) {
            counted.first = None;
            // The counter started between two scrapes. This start does not overlap the last one.
            counted.start = time - 1;
        }
        counted.last = reading.clone();
        let adjusted = match &counted.first {
            Some(first) => reading.since(first),
            None => reading,
        };
        Some((adjusted, counted.start))
    }

    pub fn forget(&mut self, series: SeriesId) {
        self.0.remove(&series);
    }

    pub fn retain(&mut self, keep: impl Fn(SeriesId) -> bool) {
        self.0.retain(|series, _| keep(*series));
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sample_is_what_the_others_are_counted_from() {
        let mut synthetic = Synthetic::default();
        let mut storage = promql::storage::Storage::unbounded();
        let labels = promql::Labels::from_pairs([("__name__", "a_total")]);
        let series = storage.open(&labels).unwrap();
        let taken: Vec<Option<(f64, Timestamp)>> = [(10, 5.0), (20, 7.0), (30, 2.0), (40, 3.0)]
            .into_iter()
            .map(|(time, value)| match synthetic.take(series, time, Reading::Float(value))? {
                (Reading::Float(value), start) => Some((value, start)),
                (Reading::Histogram(_), _) => panic!(),
            })
            .collect();
        assert_eq!(taken, [None, Some((2.0, 10)), Some((2.0, 29)), Some((3.0, 29))]);
        synthetic.forget(series);
        assert!(synthetic.take(series, 50, Reading::Float(4.0)).is_none());
    }

    #[test]
    fn histograms_are_counted_from_their_first_state() {
        let histogram = |count: f64| {
            let mut classic = promql::histogram::ClassicSamples::default();
            classic.set_bucket(1.0, count / 2.0);
            classic.set_bucket(f64::INFINITY, count);
            classic.set_sum(count);
            Reading::Histogram(Arc::new(classic.convert().unwrap()))
        };
        let mut storage = promql::storage::Storage::unbounded();
        let labels = promql::Labels::from_pairs([("__name__", "h")]);
        let series = storage.open(&labels).unwrap();
        let mut synthetic = Synthetic::default();
        assert!(synthetic.take(series, 10, histogram(4.0)).is_none());
        for (time, count, expected, began) in [(20, 10.0, 6.0, 10), (30, 2.0, 2.0, 29)] {
            let Some((Reading::Histogram(found), start)) =
                synthetic.take(series, time, histogram(count))
            else {
                panic!()
            };
            assert_eq!((found.count, found.sum, start), (expected, expected, began));
        }
    }
}
