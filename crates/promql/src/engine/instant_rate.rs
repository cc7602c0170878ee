//! `irate` and `idelta`: the difference between the last two samples of a window.
//!
//! Source: prometheus promql/functions.go `instantValue`.

use std::sync::Arc;
use text::IndexSort;

use super::annotations::{Annotations, Message};
use super::histogram_rates::sub_noting;
use super::rates::is_start_timestamp_reset;
use super::windows::Window;
use crate::SampleValue;
use crate::Timestamp;
use crate::histogram::{CounterResetHint, FloatHistogram};
use text::Span;

/// The arithmetic of `irate` or `idelta` over floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstantRateTerms {
    /// The time and value of the sample before the last.
    pub previous: (Timestamp, f64),
    /// The time and value of the last sample.
    pub last: (Timestamp, f64),
    /// The counter was reset between the two, so its value is its increase.
    pub reset: bool,
    /// The difference of the values, or the last value after a reset.
    pub difference: f64,
    /// Seconds between the two; `irate` divides by it.
    pub interval: f64,
    /// The result.
    pub result: f64,
}

/// Returns the terms for two samples; None if they have the same time. `is_rate` is true for `irate`,
/// false for `idelta`.
pub fn instant_rate_terms(
    is_rate: bool,
    previous: (Timestamp, f64),
    last: (Timestamp, f64),
    reset_by_start: bool,
) -> Option<InstantRateTerms> {
    let interval = last.0.saturating_sub(previous.0) as f64 / 1000.0;
    if interval == 0.0 {
        return None;
    }
    let reset = is_rate && (last.1 < previous.1 || reset_by_start);
    let difference = if reset { last.1 } else { last.1 - previous.1 };
    let result = if is_rate { difference / interval } else { difference };
    Some(InstantRateTerms { previous, last, reset, difference, interval, result })
}

/// A sample of either kind with its times.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    time: Timestamp,
    start: Timestamp,
    float: f64,
    histogram: Option<&'a FloatHistogram>,
}

/// The last two samples, of whichever kind.
fn last_two<'a>(window: &Window<'a>) -> Option<[Candidate<'a>; 2]> {
    let (floats, histograms) = (window.floats, window.histograms);
    let float_at = |at: usize| {
        let (time, &float) = floats.get(at)?;
        Some(Candidate { time, start: floats.start(at), float, histogram: None })
    };
    if histograms.is_empty() {
        let last = floats.len().checked_sub(1)?;
        return Some([float_at(last.checked_sub(1)?)?, float_at(last)?]);
    }
    let mut found: Vec<Candidate<'a>> = Vec::with_capacity(4);
    for at in floats.len().saturating_sub(2)..floats.len() {
        found.push(float_at(at)?);
    }
    for at in histograms.len().saturating_sub(2)..histograms.len() {
        let (time, histogram) = histograms.get(at)?;
        let start = histograms.start(at);
        found.push(Candidate { time, start, float: 0.0, histogram: Some(histogram) });
    }
    found.index_sort_by_key(|candidate| candidate.time);
    match found.as_slice() {
        [.., previous, last] => Some([*previous, *last]),
        _ => None,
    }
}

/// `irate` (`is_rate`) or `idelta` over a window.
pub(super) fn instant_rate(
    is_rate: bool,
    use_starts: bool,
    window: &Window<'_>,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> Option<SampleValue> {
    let [previous, last] = last_two(window)?;
    if previous.time == last.time {
        return None;
    }
    let reset_by_start = use_starts
        && is_start_timestamp_reset(previous.start, previous.time, last.start, last.time);
    let (before, after) = match (previous.histogram, last.histogram) {
        (None, None) => {
            let terms = instant_rate_terms(
                is_rate,
                (previous.time, previous.float),
                (last.time, last.float),
                reset_by_start,
            )?;
            return Some(SampleValue::Float(terms.result));
        }
        (Some(before), Some(after)) => (before, after),
        _ => {
            annotations.add(Message::MixedFloatsHistograms { metric: metric.to_owned() }, span);
            return None;
        }
    };
    let gauges = [before, after]
        .iter()
        .filter(|histogram| histogram.counter_reset_hint == CounterResetHint::Gauge)
        .count();
    let metric_name = || metric.to_owned();
    if is_rate && gauges > 0 {
        annotations.add(Message::NativeHistogramNotCounter { metric: metric_name() }, span);
    }
    if !is_rate && gauges < 2 {
        annotations.add(Message::NativeHistogramNotGauge { metric: metric_name() }, span);
    }
    let mut result = after.clone();
    let reset = is_rate && (reset_by_start || after.detect_reset(before));
    if !reset && !sub_noting(&mut result, before, metric, span, annotations) {
        return None;
    }
    result.counter_reset_hint = CounterResetHint::Gauge;
    result.compact(0);
    if is_rate {
        result.div(last.time.saturating_sub(previous.time) as f64 / 1000.0);
    }
    Some(SampleValue::Histogram(Arc::new(result)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resets_count_for_rates_only() {
        for (is_rate, previous, last, by_start, result) in [
            (true, 10.0, 40.0, false, 3.0),
            (false, 10.0, 40.0, false, 30.0),
            (true, 40.0, 10.0, false, 1.0),
            (false, 40.0, 10.0, false, -30.0),
            (true, 10.0, 40.0, true, 4.0),
        ] {
            let terms =
                instant_rate_terms(is_rate, (0, previous), (10_000, last), by_start).unwrap();
            assert_eq!(terms.result, result, "{is_rate} {previous} {last} {by_start}");
        }
        assert!(instant_rate_terms(true, (5, 1.0), (5, 2.0), false).is_none());
    }
}
