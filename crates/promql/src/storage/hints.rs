//! The counter reset hint of a histogram after it was stored.
//!
//! Prometheus stores no hint with a sample. It starts a new chunk at each counter reset. Within a
//! chunk, the hint is "no reset"; for the first sample of a chunk it is unknown. Source: prometheus
//! `tsdb/chunkenc` (FloatHistogramAppender.appendable, counterResetHint).

use crate::histogram::{CounterResetHint, FloatHistogram};

/// The hint that `histogram` is read with when it is stored after `previous`, the sample before
/// it in the same range of chunks, if that is a histogram too.
pub(super) fn stored_hint(
    previous: Option<&FloatHistogram>,
    histogram: &FloatHistogram,
) -> CounterResetHint {
    if histogram.is_stale() {
        return CounterResetHint::Unknown;
    }
    if histogram.counter_reset_hint == CounterResetHint::Gauge {
        return CounterResetHint::Gauge;
    }
    match previous {
        Some(previous) if continues(previous, histogram) => CounterResetHint::NotReset,
        _ => CounterResetHint::Unknown,
    }
}

fn continues(previous: &FloatHistogram, histogram: &FloatHistogram) -> bool {
    !previous.is_stale()
        && previous.counter_reset_hint != CounterResetHint::Gauge
        && histogram.counter_reset_hint != CounterResetHint::Reset
        && histogram.schema == previous.schema
        && histogram.zero_threshold == previous.zero_threshold
        && histogram.bounds() == previous.bounds()
        && !without_hint(histogram).detect_reset(previous)
}

/// The hint decides before the data does, and the sender's claim of "no reset" is not believed.
fn without_hint(histogram: &FloatHistogram) -> std::borrow::Cow<'_, FloatHistogram> {
    if histogram.counter_reset_hint == CounterResetHint::NotReset {
        let counter_reset_hint = CounterResetHint::Unknown;
        return std::borrow::Cow::Owned(FloatHistogram { counter_reset_hint, ..histogram.clone() });
    }
    std::borrow::Cow::Borrowed(histogram)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Buckets;

    fn counter(hint: CounterResetHint, counts: &[f64]) -> FloatHistogram {
        FloatHistogram {
            counter_reset_hint: hint,
            count: counts.iter().sum(),
            positive: Buckets::single_span(0, counts.to_vec()),
            ..FloatHistogram::default()
        }
    }

    #[test]
    fn follows_from_the_sample_before() {
        use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
        let before = counter(NotReset, &[1.0, 2.0]);
        for (name, previous, next, hint) in [
            ("first", None, counter(Unknown, &[1.0]), Unknown),
            ("grown", Some(&before), counter(Unknown, &[1.0, 3.0]), NotReset),
            ("hinted reset", Some(&before), counter(Reset, &[1.0, 3.0]), Unknown),
            ("fell", Some(&before), counter(NotReset, &[1.0, 1.0, 5.0]), Unknown),
            ("gauge", Some(&before), counter(Gauge, &[1.0]), Gauge),
            ("after a gauge", Some(&counter(Gauge, &[1.0])), counter(Unknown, &[1.0]), Unknown),
            ("after stale", Some(&FloatHistogram::stale()), counter(Unknown, &[1.0]), Unknown),
        ] {
            assert_eq!(stored_hint(previous, &next), hint, "{name}");
        }
    }
}
