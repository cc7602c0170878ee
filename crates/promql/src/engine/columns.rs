//! The samples of a series, as columns.

use std::sync::Arc;

use crate::Timestamp;
use crate::histogram::{CounterResetHint, FloatHistogram};
use crate::storage::SampleBuffer;
use go::number::is_stale_nan;

/// A run of samples of one kind in ascending order of time, column by column.
#[derive(Debug)]
pub(super) struct SampleColumns<'a, V> {
    pub times: &'a [Timestamp],
    /// As many as `times`.
    pub values: &'a [V],
    /// Start timestamps, 0 where unknown; either as many as `times` or none at all.
    pub starts: &'a [Timestamp],
}

impl<V> Clone for SampleColumns<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for SampleColumns<'_, V> {}

impl<'a, V> SampleColumns<'a, V> {
    /// No samples.
    #[cfg(test)]
    pub const EMPTY: Self = Self { times: &[], values: &[], starts: &[] };

    pub fn len(&self) -> usize {
        self.times.len()
    }

    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The samples `from..to`; nothing where that is out of bounds.
    pub fn slice(&self, from: usize, to: usize) -> SampleColumns<'a, V> {
        SampleColumns {
            times: self.times.get(from..to).unwrap_or_default(),
            values: self.values.get(from..to).unwrap_or_default(),
            starts: self.starts.get(from..to).unwrap_or_default(),
        }
    }

    /// The sample at a place: time and value.
    pub fn get(&self, at: usize) -> Option<(Timestamp, &'a V)> {
        Some((*self.times.get(at)?, self.values.get(at)?))
    }

    pub fn first(&self) -> Option<(Timestamp, &'a V)> {
        self.get(0)
    }

    pub fn last(&self) -> Option<(Timestamp, &'a V)> {
        self.get(self.len().checked_sub(1)?)
    }

    /// The start timestamp of a sample, 0 where unknown.
    pub fn start(&self, at: usize) -> Timestamp {
        self.starts.get(at).copied().unwrap_or_default()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Timestamp, &'a V)> + use<'a, V> {
        self.times.iter().copied().zip(self.values)
    }
}

/// The floats of a buffer.
pub(super) fn floats(buffer: &SampleBuffer) -> SampleColumns<'_, f64> {
    SampleColumns {
        times: &buffer.float_times,
        values: &buffer.floats,
        starts: &buffer.float_starts,
    }
}

/// The histograms of a buffer.
pub(super) fn histograms(buffer: &SampleBuffer) -> SampleColumns<'_, Arc<FloatHistogram>> {
    SampleColumns {
        times: &buffer.histogram_times,
        values: &buffer.histograms,
        starts: &buffer.histogram_starts,
    }
}

/// Takes staleness markers out of a buffer: range vectors do not see them.
pub(super) fn drop_stale(buffer: &mut SampleBuffer) {
    if buffer.floats.iter().any(|&value| is_stale_nan(value)) {
        let keep: Vec<bool> = buffer.floats.iter().map(|&value| !is_stale_nan(value)).collect();
        retain(&mut buffer.float_times, &keep);
        retain(&mut buffer.floats, &keep);
        retain(&mut buffer.float_starts, &keep);
    }
    if buffer.histograms.iter().any(|histogram| histogram.is_stale()) {
        let keep: Vec<bool> =
            buffer.histograms.iter().map(|histogram| !histogram.is_stale()).collect();
        retain(&mut buffer.histogram_times, &keep);
        retain(&mut buffer.histograms, &keep);
        retain(&mut buffer.histogram_starts, &keep);
    }
}

fn retain<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut kept = keep.iter();
    column.retain(|_| kept.next().copied().unwrap_or(false));
}

/// Leaves of each histogram the count and the sum, with the counter reset hint that follows from
/// the buckets. Source: prometheus promql/histogram_stats_iterator.go.
pub(super) fn keep_statistics(buffer: &mut SampleBuffer) {
    let mut last: Option<Arc<FloatHistogram>> = None;
    for slot in &mut buffer.histograms {
        let full = slot.clone();
        let mut hint = full.counter_reset_hint;
        if let (CounterResetHint::Unknown, Some(last), false) = (hint, &last, full.is_stale()) {
            hint = if full.detect_reset(last) {
                CounterResetHint::Reset
            } else {
                CounterResetHint::NotReset
            };
        }
        *slot = Arc::new(FloatHistogram {
            counter_reset_hint: hint,
            schema: full.schema,
            count: full.count,
            sum: full.sum,
            ..FloatHistogram::default()
        });
        if !full.is_stale() {
            last = Some(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use go::number::stale_nan;

    #[test]
    fn stale_samples_go_with_their_times() {
        let mut buffer = SampleBuffer {
            float_times: vec![1, 2, 3],
            floats: vec![1.0, stale_nan(), f64::NAN],
            ..SampleBuffer::default()
        };
        drop_stale(&mut buffer);
        assert_eq!(buffer.float_times, [1, 3]);
        assert_eq!(floats(&buffer).len(), 2);
    }
}
