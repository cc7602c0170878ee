//! `*_over_time`: one value out of all samples of a window.
//!
//! Source: prometheus promql/functions.go.

use std::sync::Arc;

use super::annotations::{Annotations, HistogramOperation, Message};
use super::columns::SampleColumns;
use super::functions::FloatsFunction;
use super::windows::Window;
use crate::histogram::{CounterResetHint, FloatHistogram, HistogramError};
use crate::{SampleValue, Timestamp};
use go::number::{KahanSum, kahan_inc};
use text::Span;

/// The sum of a window's floats, with what rounding lost.
pub(super) fn sum(values: &[f64]) -> f64 {
    let mut sum = KahanSum::default();
    values.iter().for_each(|&value| sum.add(value));
    sum.total()
}

/// An incremental mean: a sum and a count, or the mean itself once the sum would overflow.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunningMean {
    pub sum: f64,
    pub c: f64,
    pub count: f64,
    pub incremental: bool,
}

impl RunningMean {
    pub const fn of_first(value: f64) -> Self {
        Self { sum: value, c: 0.0, count: 1.0, incremental: false }
    }

    #[inline]
    pub fn add(&mut self, value: f64) {
        self.count += 1.0;
        if !self.incremental {
            let (sum, c) = kahan_inc(value, self.sum, self.c);
            if !sum.is_infinite() {
                (self.sum, self.c) = (sum, c);
                return;
            }
            self.incremental = true;
            self.sum /= self.count - 1.0;
            self.c /= self.count - 1.0;
        }
        let share = (self.count - 1.0) / self.count;
        (self.sum, self.c) = kahan_inc(value / self.count, share * self.sum, share * self.c);
    }

    #[inline]
    pub fn mean(&self) -> f64 {
        if self.incremental {
            self.sum + self.c
        } else {
            self.sum / self.count + self.c / self.count
        }
    }
}

/// The mean of a window's floats.
fn mean(values: &[f64]) -> Option<f64> {
    let (&first, rest) = values.split_first()?;
    let mut mean = RunningMean::of_first(first);
    rest.iter().for_each(|&value| mean.add(value));
    Some(mean.mean())
}

/// The value below which a share `q` of the values lies; sorts them, NaNs first.
/// Source: prometheus promql/quantile.go `quantile`.
pub(super) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    values.sort_by(|a, b| match (a.is_nan(), b.is_nan()) {
        (false, false) => a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal),
        (a_is_nan, b_is_nan) => b_is_nan.cmp(&a_is_nan),
    });
    let last = values.len() - 1;
    let rank = q * last as f64;
    let lower = (rank.floor() as usize).min(last);
    let upper = (lower + 1).min(last);
    let weight = rank - rank.floor();
    values[lower] * (1.0 - weight) + values[upper] * weight
}

/// The median of the distances to the median; a NaN makes it NaN.
fn median_absolute_deviation(values: &[f64]) -> f64 {
    if values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let mut values = values.to_vec();
    let median = quantile(0.5, &mut values);
    values.iter_mut().for_each(|value| *value = (*value - median).abs());
    quantile(0.5, &mut values)
}

/// The variance of a window's floats (Welford's method with compensated sums).
fn variance(values: &[f64]) -> f64 {
    let mut count = 0.0;
    let [mut mean, mut squares] = [KahanSum::default(); 2];
    for &value in values {
        count += 1.0;
        let delta = value - (mean.sum + mean.c);
        mean.add(delta / count);
        squares.add(delta * (value - (mean.sum + mean.c)));
    }
    (squares.sum + squares.c) / count
}

/// The sample that a comparison selects, with its time. Any sample replaces a NaN.
fn pick(
    samples: SampleColumns<'_, f64>,
    better: impl Fn(f64, f64) -> bool,
) -> Option<(Timestamp, f64)> {
    let (mut time, &first) = samples.first()?;
    let mut best = first;
    for (at, &value) in samples.iter() {
        if better(value, best) || best.is_nan() {
            (time, best) = (at, value);
        }
    }
    Some((time, best))
}

/// A function of the floats of a window, with what its annotations name.
#[derive(Clone, Copy)]
pub(super) struct OverTime<'a> {
    pub function: FloatsFunction,
    pub metric: &'a str,
    pub span: Span,
}

impl OverTime<'_> {
    /// Returns the value of a window, or None if it has no floats. `quantile` is the parameter of
    /// `quantile_over_time` with its span.
    pub fn evaluate(
        &self,
        window: &Window<'_>,
        quantile: (f64, Span),
        annotations: &mut Annotations,
    ) -> Option<f64> {
        let floats = window.floats;
        if floats.is_empty() {
            return None;
        }
        let is_quantile = self.function == FloatsFunction::Quantile;
        if is_quantile && !(0.0..=1.0).contains(&quantile.0) {
            annotations.add(invalid_quantile(quantile.0), quantile.1);
        }
        if !window.histograms.is_empty() {
            let span = if is_quantile { quantile.1 } else { self.span };
            let metric = self.metric.to_owned();
            annotations.add(Message::HistogramIgnoredInMixedRange { metric }, span);
        }
        let seconds = |(time, _): (Timestamp, f64)| time as f64 / 1000.0;
        Some(match self.function {
            FloatsFunction::Max => pick(floats, |value, best| value > best)?.1,
            FloatsFunction::Min => pick(floats, |value, best| value < best)?.1,
            // The last of several equal samples.
            FloatsFunction::TimeOfMax => seconds(pick(floats, |value, best| value >= best)?),
            FloatsFunction::TimeOfMin => seconds(pick(floats, |value, best| value <= best)?),
            FloatsFunction::Mad => median_absolute_deviation(floats.values),
            FloatsFunction::Stdvar => variance(floats.values),
            FloatsFunction::Stddev => variance(floats.values).sqrt(),
            FloatsFunction::Quantile => self::quantile(quantile.0, &mut floats.values.to_vec()),
        })
    }
}

/// The time of the oldest sample in seconds.
pub(super) fn time_of_first(window: &Window<'_>) -> Option<f64> {
    let times = [window.floats.times.first(), window.histograms.times.first()];
    times.into_iter().flatten().min().map(|&time| time as f64 / 1000.0)
}

/// The time of the newest sample in seconds. As in Prometheus, a kind of sample that the window
/// does not have counts as a sample at the epoch.
pub(super) fn time_of_last(window: &Window<'_>) -> Option<f64> {
    let times = [window.floats.times.last(), window.histograms.times.last()];
    let newest = times.into_iter().map(|time| time.copied().unwrap_or(0)).max();
    newest.map(|time| time as f64 / 1000.0)
}

/// The sum of the samples of a window, or None with an annotation for a mix of kinds or schemas.
pub(super) fn sum_over_time(
    window: &Window<'_>,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> Option<SampleValue> {
    combine(window, metric, span, annotations, |values| Some(sum(values)), sum_of_histograms)
}

/// The mean of the samples of a window, or None with an annotation for a mix of kinds or schemas.
pub(super) fn avg_over_time(
    window: &Window<'_>,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> Option<SampleValue> {
    combine(window, metric, span, annotations, mean, mean_of_histograms)
}

type HistogramSum = Result<Option<FloatHistogram>, HistogramError>;

fn combine(
    window: &Window<'_>,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
    of_floats: impl Fn(&[f64]) -> Option<f64>,
    of_histograms: impl Fn(&[Arc<FloatHistogram>], &mut HistogramNotes) -> HistogramSum,
) -> Option<SampleValue> {
    let name = || metric.to_owned();
    if window.is_mixed() {
        annotations.add(Message::MixedFloatsHistograms { metric: name() }, span);
        return None;
    }
    if !window.floats.is_empty() {
        return of_floats(window.floats.values).map(SampleValue::Float);
    }
    let mut notes = HistogramNotes::default();
    match of_histograms(window.histograms.values, &mut notes) {
        Ok(result) => {
            notes.add_to(annotations, span);
            Some(SampleValue::Histogram(Arc::new(result?)))
        }
        Err(_) => {
            annotations.add(Message::MixedExponentialCustomHistograms { metric: name() }, span);
            None
        }
    }
}

/// The warning about a quantile outside 0 to 1.
pub(super) fn invalid_quantile(q: f64) -> Message {
    Message::InvalidQuantile { got: go::number::format_general(q, None) }
}

/// The oldest sample of a window.
pub(super) fn first_of(window: &Window<'_>) -> Option<SampleValue> {
    match (window.floats.first(), window.histograms.first()) {
        (Some((time, &value)), other) if other.is_none_or(|(at, _)| time < at) => {
            Some(SampleValue::Float(value))
        }
        (_, histogram) => Some(SampleValue::Histogram(histogram?.1.clone())),
    }
}

/// The newest sample of a window.
pub(super) fn last_of(window: &Window<'_>) -> Option<SampleValue> {
    match (window.floats.last(), window.histograms.last()) {
        (Some((time, &value)), other) if other.is_none_or(|(at, _)| at < time) => {
            Some(SampleValue::Float(value))
        }
        (_, histogram) => Some(SampleValue::Histogram(histogram?.1.clone())),
    }
}

/// Annotations from the addition of histograms.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HistogramNotes {
    pub reset: bool,
    pub not_reset: bool,
    pub reconciled: bool,
}

impl HistogramNotes {
    pub fn see(&mut self, histogram: &FloatHistogram) {
        self.reset |= histogram.counter_reset_hint == CounterResetHint::Reset;
        self.not_reset |= histogram.counter_reset_hint == CounterResetHint::NotReset;
    }

    pub fn add_to(&self, annotations: &mut Annotations, span: Span) {
        if self.reset && self.not_reset {
            let operation = HistogramOperation::Aggregation;
            annotations.add(Message::HistogramCounterResetCollision { operation }, span);
        }
        if self.reconciled {
            let operation = HistogramOperation::Aggregation;
            annotations.add(Message::MismatchedCustomBuckets { operation }, span);
        }
    }
}

fn sum_of_histograms(
    histograms: &[Arc<FloatHistogram>],
    notes: &mut HistogramNotes,
) -> HistogramSum {
    let Some((first, rest)) = histograms.split_first() else { return Ok(None) };
    let mut sum = FloatHistogram::clone(first);
    let mut lost = None;
    notes.see(first);
    for histogram in rest {
        notes.see(histogram);
        notes.reconciled |= sum.kahan_add(histogram, &mut lost)?.bounds_reconciled;
    }
    if let Some(lost) = &lost {
        notes.reconciled |= sum.add(lost)?.bounds_reconciled;
    }
    Ok(Some(sum))
}

/// An incremental mean of histograms, as [`RunningMean`] for floats.
#[derive(Clone, Debug)]
pub(super) struct HistogramMean {
    sum: FloatHistogram,
    lost: Option<FloatHistogram>,
    pub count: f64,
    incremental: bool,
}

impl HistogramMean {
    pub fn of_first(first: &FloatHistogram) -> Self {
        Self { sum: first.clone(), lost: None, count: 1.0, incremental: false }
    }

    /// Adds one; true where custom bounds had to be reconciled. After an error the mean is not to
    /// be used any more.
    pub fn add(&mut self, histogram: &FloatHistogram) -> Result<bool, HistogramError> {
        self.count += 1.0;
        let mut reconciled = false;
        if !self.incremental {
            let mut sum = self.sum.clone();
            let mut lost = self.lost.clone();
            reconciled = sum.kahan_add(histogram, &mut lost)?.bounds_reconciled;
            if !sum.has_overflow() {
                (self.sum, self.lost) = (sum, lost);
                return Ok(reconciled);
            }
            self.incremental = true;
            self.sum.div(self.count - 1.0);
            if let Some(lost) = &mut self.lost {
                lost.div(self.count - 1.0);
            }
        }
        let share = (self.count - 1.0) / self.count;
        if let Some(lost) = &mut self.lost {
            lost.mul(share);
        }
        let mut added = histogram.clone();
        added.div(self.count);
        self.sum.mul(share);
        reconciled |= self.sum.kahan_add(&added, &mut self.lost)?.bounds_reconciled;
        Ok(reconciled)
    }

    pub fn mean(mut self) -> FloatHistogram {
        if !self.incremental {
            self.sum.div(self.count);
        }
        if let Some(mut lost) = self.lost {
            if !self.incremental {
                lost.div(self.count);
            }
            // Both have the same layout, so nothing can go wrong or be noticed any more.
            let _ = self.sum.add(&lost);
        }
        self.sum
    }
}

fn mean_of_histograms(
    histograms: &[Arc<FloatHistogram>],
    notes: &mut HistogramNotes,
) -> HistogramSum {
    let Some((first, rest)) = histograms.split_first() else { return Ok(None) };
    let mut mean = HistogramMean::of_first(first);
    notes.see(first);
    for histogram in rest {
        notes.see(histogram);
        notes.reconciled |= mean.add(histogram)?;
    }
    Ok(Some(mean.mean()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_do_not_overflow() {
        assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
        assert_eq!(mean(&[f64::MAX, f64::MAX]), Some(f64::MAX));
        assert_eq!(mean(&[f64::INFINITY, 1.0]), Some(f64::INFINITY));
        assert!(mean(&[f64::INFINITY, f64::NEG_INFINITY]).unwrap().is_nan());
        assert_eq!(mean(&[]), None);
    }

    #[test]
    fn quantiles_interpolate() {
        for (q, values, expected) in [
            (0.5, &[3.0, 1.0, 2.0][..], 2.0),
            (0.25, &[1.0, 2.0], 1.25),
            (0.0, &[f64::NAN, 5.0], f64::NAN),
            (1.0, &[f64::NAN, 5.0], 5.0),
            (-1.0, &[1.0], f64::NEG_INFINITY),
            (2.0, &[1.0], f64::INFINITY),
            (0.5, &[], f64::NAN),
        ] {
            let got = quantile(q, &mut values.to_vec());
            assert!(got == expected || (got.is_nan() && expected.is_nan()), "{q} {values:?}");
        }
    }

    #[test]
    fn spread() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!(variance(&values), 4.0);
        assert_eq!(median_absolute_deviation(&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]), 1.0);
        assert!(median_absolute_deviation(&[1.0, f64::NAN]).is_nan());
    }

    #[test]
    fn extremes_give_way_to_anything_but_nan() {
        let times = [1, 2, 3, 4];
        let values = [f64::NAN, 3.0, 1.0, 3.0];
        let view = SampleColumns { times: &times, values: &values, starts: &[] };
        assert_eq!(pick(view, |value, best| value > best), Some((2, 3.0)));
        assert_eq!(pick(view, |value, best| value >= best), Some((4, 3.0)));
        assert_eq!(pick(view, |value, best| value < best), Some((3, 1.0)));
    }
}
