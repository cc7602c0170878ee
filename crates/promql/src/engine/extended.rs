//! `rate`, `increase` and `delta` over `anchored` and `smoothed` ranges: no extrapolation, but the
//! values at the window's very ends, taken from the sample before or interpolated between samples.
//!
//! Source: prometheus promql/functions.go `extendedRate` and `extendedHistogramRate`.

use std::sync::Arc;

use super::annotations::{Annotations, Message};
use super::columns::SampleColumns;
use super::histogram_rates::{add_noting, sub_noting};
use super::rates::{RateKind, ResetTerm};
use super::windows::Window;
use crate::SampleValue;
use crate::Timestamp;
use crate::histogram::{CounterResetHint, FloatHistogram};
use text::Span;

/// The input of the extended range functions.
#[derive(Clone, Copy)]
pub(super) struct Extended<'a> {
    pub kind: RateKind,
    pub smoothed: bool,
    pub metric: &'a str,
    pub span: Span,
}

/// The source of the value at a boundary of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BoundaryClause {
    /// A sample's own value: one at the very end, or the last one before it.
    Sample {
        /// The time of the sample in milliseconds.
        time: Timestamp,
    },
    /// Interpolates between two samples; from zero if the counter was reset between them.
    Line {
        /// The time and value of the sample before the boundary.
        before: (Timestamp, f64),
        /// The time and value of the sample after the boundary.
        after: (Timestamp, f64),
        /// True if the counter was reset between the samples, so that the line starts at zero.
        from_zero: bool,
    },
}

/// The value at an end of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boundary {
    /// The time of the boundary in milliseconds.
    pub time: Timestamp,
    /// The value at the boundary.
    pub value: f64,
    /// The origin of the value.
    pub clause: BoundaryClause,
}

/// The arithmetic of a rate over an `anchored` or `smoothed` window of floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExtendedTerms {
    /// The function.
    pub kind: RateKind,
    /// True for `smoothed`, false for `anchored`.
    pub smoothed: bool,
    /// The value at the start of the window.
    pub start: Boundary,
    /// The value at the end of the window.
    pub end: Boundary,
    /// Samples between the two ends.
    pub inside: usize,
    /// The number of resets and the sum that they add.
    pub resets: usize,
    /// The sum of the values before each reset.
    pub reset_correction: f64,
    /// The difference with everything added.
    pub increase: f64,
    /// Length of the window; `rate` divides by it.
    pub seconds: f64,
    /// The result.
    pub result: f64,
}

/// The places of the samples that decide the values at both ends of a window, in the samples that
/// reach beyond it. Nothing where no sample lies in the window or after its start.
fn boundary_places<V>(
    samples: &SampleColumns<'_, V>,
    (start, end): (Timestamp, Timestamp),
    smoothed: bool,
) -> Option<(usize, usize)> {
    let times = samples.times;
    let mut last = times.len().checked_sub(1)?;
    let before_last = times.get(..last)?;
    let first = before_last.partition_point(|&time| time <= start).saturating_sub(1);
    if smoothed {
        last = before_last.partition_point(|&time| time < end);
    }
    (*times.get(last)? > start).then_some((first, last))
}

/// Milliseconds between two times.
fn elapsed(from: Timestamp, to: Timestamp) -> f64 {
    to.saturating_sub(from) as f64
}

/// Interpolates between two samples. A counter that fell was reset to zero.
fn interpolate(
    (t1, v1): (Timestamp, f64),
    (t2, v2): (Timestamp, f64),
    time: Timestamp,
    is_counter: bool,
) -> f64 {
    let from = if is_counter && v2 < v1 { 0.0 } else { v1 };
    from + (v2 - from) * elapsed(t1, time) / elapsed(t1, t2)
}

/// The values at both ends of a window.
fn float_ends(
    samples: &SampleColumns<'_, f64>,
    (first, last): (usize, usize),
    (start, end): (Timestamp, Timestamp),
    smoothed: bool,
    is_counter: bool,
) -> Option<(Boundary, Boundary)> {
    let at = |place: usize| samples.get(place).map(|(time, &value)| (time, value));
    let (head, tail) = (at(first)?, at(last)?);
    let sample = |time: Timestamp, (at, value): (Timestamp, f64)| Boundary {
        time,
        value,
        clause: BoundaryClause::Sample { time: at },
    };
    let line = |time: Timestamp, before: (Timestamp, f64), after: (Timestamp, f64)| Boundary {
        time,
        value: interpolate(before, after, time, is_counter),
        clause: BoundaryClause::Line { before, after, from_zero: is_counter && after.1 < before.1 },
    };
    let left = match at(first + 1) {
        Some(next) if smoothed && head.0 < start => line(start, head, next),
        _ => sample(start, head),
    };
    let right = match last.checked_sub(1).and_then(at) {
        Some(before) if smoothed && tail.0 > end => line(end, before, tail),
        _ => sample(end, tail),
    };
    Some((left, right))
}

/// The samples of a raw `anchored` or `smoothed` range: one at each end and those between.
pub(super) fn extend_floats(
    samples: SampleColumns<'_, f64>,
    (start, end): (Timestamp, Timestamp),
    smoothed: bool,
) -> Vec<(Timestamp, f64)> {
    let Some(places) = boundary_places(&samples, (start, end), smoothed) else {
        return Vec::new();
    };
    let Some((left, right)) = float_ends(&samples, places, (start, end), smoothed, false) else {
        return Vec::new();
    };
    let inside = samples
        .slice(places.0, places.1 + 1)
        .iter()
        .filter(|&(time, _)| time > start && time < end)
        .map(|(time, &value)| (time, value));
    std::iter::once((start, left.value)).chain(inside).chain([(end, right.value)]).collect()
}

impl Extended<'_> {
    /// The rate over a window whose views reach beyond it.
    pub fn rate(&self, window: &Window<'_>, annotations: &mut Annotations) -> Option<SampleValue> {
        if window.is_mixed() {
            let metric = self.metric.to_owned();
            annotations.add(Message::MixedFloatsHistograms { metric }, self.span);
            return None;
        }
        if !window.histograms.is_empty() {
            return self.histogram_rate(window, annotations);
        }
        self.float_rate(window).map(|terms| SampleValue::Float(terms.result))
    }

    /// The rate over floats, with its terms.
    pub fn float_rate(&self, window: &Window<'_>) -> Option<ExtendedTerms> {
        let samples = window.floats;
        let ends = (window.start, window.end);
        let (first, last) = boundary_places(&samples, ends, self.smoothed)?;
        if self.smoothed && *samples.times.get(first)? > window.end {
            return None;
        }
        let is_counter = self.kind.is_counter();
        let (start, end) = float_ends(&samples, (first, last), ends, self.smoothed, is_counter)?;
        let mut increase = end.value - start.value;
        let (mut resets, mut reset_correction) = (0, 0.0);
        // The values at the ends account for resets there already.
        let reached = samples.slice(first, last + 1);
        if is_counter {
            each_reset(&reached, start, end, |before, _| {
                resets += 1;
                reset_correction += before.1;
            });
            increase += reset_correction;
        }
        let seconds = window.seconds();
        let result = if self.kind.per_second() { increase / seconds } else { increase };
        let inside = between(&reached, ends).count();
        let (kind, smoothed) = (self.kind, self.smoothed);
        Some(ExtendedTerms {
            kind,
            smoothed,
            start,
            end,
            inside,
            resets,
            reset_correction,
            increase,
            seconds,
            result,
        })
    }

    /// The resets that [`Self::float_rate`] added back.
    pub fn float_resets(&self, window: &Window<'_>, terms: &ExtendedTerms) -> Vec<ResetTerm> {
        let mut found = Vec::new();
        let ends = (window.start, window.end);
        let places = boundary_places(&window.floats, ends, self.smoothed);
        if let Some((first, last)) = places.filter(|_| self.kind.is_counter()) {
            let reached = window.floats.slice(first, last + 1);
            each_reset(&reached, terms.start, terms.end, |before, (time, after)| {
                found.push(ResetTerm { time, before: before.1, after, by_start_timestamp: false });
            });
        }
        found
    }

    fn histogram_rate(
        &self,
        window: &Window<'_>,
        annotations: &mut Annotations,
    ) -> Option<SampleValue> {
        let samples = window.histograms;
        let ends = (window.start, window.end);
        let (first, last) = boundary_places(&samples, ends, self.smoothed)?;
        if self.smoothed && *samples.times.get(first)? > window.end {
            return None;
        }
        let inside = samples.slice(first, last + 1);
        if !self.check_kinds(inside.values, annotations) {
            return None;
        }
        let is_counter = self.kind.is_counter();
        let at = |place: usize| samples.get(place).map(|(time, h)| (time, &**h));
        let (head, tail) = (at(first)?, at(last)?);
        let left = match at(first + 1) {
            Some(next) if self.smoothed && head.0 < window.start => {
                self.interpolate(head, next, window.start, is_counter, annotations)?
            }
            _ => head.1.clone(),
        };
        let right = match last.checked_sub(1).and_then(at) {
            Some(before) if self.smoothed && tail.0 > window.end => {
                self.interpolate(before, tail, window.end, is_counter, annotations)?
            }
            _ => tail.1.clone(),
        };
        let is_gauge = |h: &FloatHistogram| h.counter_reset_hint == CounterResetHint::Gauge;
        if !is_counter && (!is_gauge(&left) || !is_gauge(&right)) {
            let metric = self.metric.to_owned();
            annotations.add(Message::NativeHistogramNotGauge { metric }, self.span);
        }
        let mut result = right.clone();
        if !sub_noting(&mut result, &left, self.metric, self.span, annotations) {
            return None;
        }
        if is_counter {
            let resets = HistogramResets { first, last, left: &left, right: &right };
            let correction = resets.correction(self, window, annotations).ok()?;
            if let Some(correction) = correction
                && !add_noting(&mut result, &correction, self.metric, self.span, annotations)
            {
                return None;
            }
        }
        if self.kind.per_second() {
            result.div(window.seconds());
        }
        result.counter_reset_hint = CounterResetHint::Gauge;
        result.compact(0);
        Some(SampleValue::Histogram(Arc::new(result)))
    }

    /// Returns true if all histograms have the same kind of buckets. Adds an annotation for a gauge
    /// among counters.
    fn check_kinds(
        &self,
        histograms: &[Arc<FloatHistogram>],
        annotations: &mut Annotations,
    ) -> bool {
        let custom = histograms.first().is_some_and(|first| first.uses_custom_buckets());
        for histogram in histograms {
            let metric = self.metric.to_owned();
            if histogram.uses_custom_buckets() != custom {
                annotations.add(Message::MixedExponentialCustomHistograms { metric }, self.span);
                return false;
            }
            if self.kind.is_counter() && histogram.counter_reset_hint == CounterResetHint::Gauge {
                annotations.add(Message::NativeHistogramNotCounter { metric }, self.span);
            }
        }
        true
    }

    /// Interpolates between two histograms; a counter that was reset starts empty.
    pub fn interpolate(
        &self,
        (t1, before): (Timestamp, &FloatHistogram),
        (t2, after): (Timestamp, &FloatHistogram),
        time: Timestamp,
        is_counter: bool,
        annotations: &mut Annotations,
    ) -> Option<FloatHistogram> {
        if time == t1 {
            return Some(before.clone());
        }
        if time == t2 {
            return Some(after.clone());
        }
        let fraction = elapsed(t1, time) / elapsed(t1, t2);
        let mut result = after.clone();
        if is_counter && after.detect_reset(before) {
            result.mul(fraction);
            return Some(result);
        }
        if !sub_noting(&mut result, before, self.metric, self.span, annotations) {
            return None;
        }
        result.mul(fraction);
        if !add_noting(&mut result, before, self.metric, self.span, annotations) {
            return None;
        }
        Some(result)
    }
}

/// The samples between the ends of a window.
fn between<'a>(
    samples: &'a SampleColumns<'_, f64>,
    (start, end): (Timestamp, Timestamp),
) -> impl Iterator<Item = (Timestamp, f64)> + 'a {
    samples
        .iter()
        .filter(move |&(time, _)| time > start && time < end)
        .map(|(time, &value)| (time, value))
}

/// Each fall between the value at the start, the samples inside and the value at the end: what was
/// there before it, and what after.
fn each_reset(
    samples: &SampleColumns<'_, f64>,
    start: Boundary,
    end: Boundary,
    mut lost: impl FnMut((Timestamp, f64), (Timestamp, f64)),
) {
    let mut previous = (start.time, start.value);
    let inside = between(samples, (start.time, end.time));
    for value in inside.chain([(end.time, end.value)]) {
        if value.1 < previous.1 {
            lost(previous, value);
        }
        previous = value;
    }
}

/// The resets of histograms between the boundaries of a window.
struct HistogramResets<'a> {
    first: usize,
    last: usize,
    left: &'a FloatHistogram,
    right: &'a FloatHistogram,
}

impl HistogramResets<'_> {
    /// Fails where histograms do not go together.
    fn correction(
        &self,
        extended: &Extended<'_>,
        window: &Window<'_>,
        annotations: &mut Annotations,
    ) -> Result<Option<FloatHistogram>, ()> {
        let samples = window.histograms;
        let at = |place: usize| samples.values.get(place).map(|histogram| &**histogram);
        // The first sample is in the value at the start already, the last in that at the end.
        let mut from = self.first + 1;
        let mut previous = self.left;
        if extended.smoothed
            && samples.times.get(self.first).is_some_and(|&time| time < window.start)
            && let (Some(before), Some(after)) = (at(self.first), at(from))
            && after.detect_reset(before)
        {
            // The reset lies between the two that the value at the start was made of.
            previous = after;
            from += 1;
        }
        if from > self.last {
            return Ok(None);
        }
        let mut correction: Option<FloatHistogram> = None;
        let mut lost = |histogram: &FloatHistogram, annotations: &mut Annotations| {
            let Some(correction) = &mut correction else {
                correction = Some(histogram.clone());
                return true;
            };
            add_noting(correction, histogram, extended.metric, extended.span, annotations)
        };
        let inside = samples.values.get(from..self.last).unwrap_or_default();
        for histogram in inside.iter().map(|histogram| &**histogram).chain([self.right]) {
            if histogram.detect_reset(previous) && !lost(previous, annotations) {
                return Err(());
            }
            previous = histogram;
        }
        Ok(correction)
    }
}

/// Reads an instant vector `smoothed`: the value on the line between the samples before and after
/// a time; the sample before where there is none after.
/// Source: prometheus promql/engine.go `smoothSeries`.
pub(super) fn smoothed_instant(
    window: &Window<'_>,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> Option<SampleValue> {
    let time = window.end;
    if window.is_mixed() {
        annotations.add(Message::MixedFloatsHistograms { metric: metric.to_owned() }, span);
        return None;
    }
    let floats = window.floats;
    if !floats.is_empty() {
        let at = floats.times.partition_point(|&t| t < time);
        let next = floats.get(at).map(|(time, &value)| (time, value));
        let before = at.checked_sub(1).and_then(|at| floats.get(at)).map(|(t, &v)| (t, v));
        return match (before, next) {
            (_, Some((t, value))) if t == time => Some(value),
            (Some(before), Some(next)) => Some(interpolate(before, next, time, false)),
            (Some((_, value)), None) => Some(value),
            (None, _) => None,
        }
        .map(SampleValue::Float);
    }
    let histograms = window.histograms;
    let at = histograms.times.partition_point(|&t| t < time);
    let next = histograms.get(at);
    let before = at.checked_sub(1).and_then(|at| histograms.get(at));
    match (before, next) {
        (_, Some((t, histogram))) if t == time => Some(SampleValue::Histogram(histogram.clone())),
        (Some((t1, h1)), Some((t2, h2))) => {
            if h1.uses_custom_buckets() != h2.uses_custom_buckets() {
                let metric = metric.to_owned();
                annotations.add(Message::MixedExponentialCustomHistograms { metric }, span);
                return None;
            }
            let is_gauge = |h: &FloatHistogram| h.counter_reset_hint == CounterResetHint::Gauge;
            let is_counter = !(is_gauge(h1) && is_gauge(h2));
            let extended = Extended { kind: RateKind::Delta, smoothed: true, metric, span };
            let result = extended.interpolate((t1, h1), (t2, h2), time, is_counter, annotations)?;
            Some(SampleValue::Histogram(Arc::new(result)))
        }
        (Some((_, histogram)), None) => {
            // The hint says how two samples follow each other, which is not known here.
            let mut histogram = FloatHistogram::clone(histogram);
            histogram.counter_reset_hint = CounterResetHint::Unknown;
            Some(SampleValue::Histogram(Arc::new(histogram)))
        }
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: [i64; 5] = [0, 10_000, 20_000, 30_000, 40_000];

    fn view(values: &[f64]) -> SampleColumns<'_, f64> {
        SampleColumns { times: &TIMES[..values.len()], values, starts: &[] }
    }

    #[test]
    fn ends_are_anchored_or_interpolated() {
        let values = [0.0, 10.0, 30.0, 40.0, 80.0];
        assert_eq!(
            extend_floats(view(&values), (15_000, 35_000), false),
            [(15_000, 10.0), (20_000, 30.0), (30_000, 40.0), (35_000, 80.0)]
        );
        assert_eq!(
            extend_floats(view(&values), (15_000, 35_000), true),
            [(15_000, 20.0), (20_000, 30.0), (30_000, 40.0), (35_000, 60.0)]
        );
        assert!(extend_floats(view(&values), (50_000, 60_000), false).is_empty());
        assert!(extend_floats(view(&[]), (0, 60_000), true).is_empty());
    }

    #[test]
    fn a_counter_reset_between_samples_starts_from_zero() {
        assert_eq!(interpolate((0, 100.0), (10, 20.0), 5, true), 10.0);
        assert_eq!(interpolate((0, 100.0), (10, 20.0), 5, false), 60.0);
        let boundary =
            |time, value| Boundary { time, value, clause: BoundaryClause::Sample { time } };
        for (inside, end, lost) in [
            (&[5.0, 10.0, 2.0][..], 8.0, &[(10.0, 2.0)][..]),
            (&[5.0], 1.0, &[(5.0, 1.0)]),
            (&[5.0, 6.0], 7.0, &[]),
        ] {
            let mut found = Vec::new();
            each_reset(&view(inside), boundary(0, 5.0), boundary(40_000, end), |before, after| {
                found.push((before.1, after.1));
            });
            assert_eq!(found, lost);
        }
    }
}
