//! Counter resets between two histograms.

use super::bounds::{common_bounds, exponential_bound};
use super::{CounterResetHint, FloatHistogram};

impl FloatHistogram {
    /// Returns true if the counter was reset between `previous` and `self`: a count decreased, a
    /// populated bucket is missing, or the resolution increased. Counter reset hints have
    /// precedence. Source: prometheus `model/histogram` DetectReset.
    pub fn detect_reset(&self, previous: &Self) -> bool {
        match self.counter_reset_hint {
            CounterResetHint::Reset => return true,
            CounterResetHint::NotReset => return false,
            CounterResetHint::Unknown | CounterResetHint::Gauge => {}
        }
        if self.count < previous.count {
            return true;
        }
        if self.uses_custom_buckets() {
            if !previous.uses_custom_buckets() {
                return true;
            }
            if self.bounds() != previous.bounds() {
                return self.went_down_between_common_bounds(previous);
            }
        }
        if self.schema > previous.schema || self.zero_threshold < previous.zero_threshold {
            return true;
        }
        let (threshold, zero_count, _) = previous.widened_zero_bucket(self.zero_threshold, None);
        if threshold != self.zero_threshold || self.zero_count < zero_count {
            return true;
        }
        let skipped = |index: i32| {
            self.zero_threshold != 0.0
                && !self.uses_custom_buckets()
                && exponential_bound(index, self.schema) <= self.zero_threshold
        };
        [(&self.positive, &previous.positive), (&self.negative, &previous.negative)]
            .into_iter()
            .any(|(now, before)| {
                let now = now.indexed().skip_while(|&(index, _)| skipped(index));
                let before = before
                    .merged(previous.schema, self.schema)
                    .skip_while(|&(index, _)| skipped(index));
                went_down(now, before)
            })
    }

    fn went_down_between_common_bounds(&self, previous: &Self) -> bool {
        let common = common_bounds(self.bounds(), previous.bounds());
        let now = self.counts_between(&common);
        let before = previous.counts_between(&common);
        now.iter().zip(&before).any(|(now, before)| now < before)
    }
}

/// Returns true if a bucket of `before` is smaller in `now`, or populated and missing there.
fn went_down(
    now: impl Iterator<Item = (i32, f64)>,
    before: impl Iterator<Item = (i32, f64)>,
) -> bool {
    let mut now = now.peekable();
    for (index, count) in before {
        while now.next_if(|bucket| bucket.0 < index).is_some() {}
        let reset = match now.peek() {
            Some(&(at, current)) if at == index => current < count,
            _ => count != 0.0,
        };
        if reset {
            return true;
        }
    }
    false
}
