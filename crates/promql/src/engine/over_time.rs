//! `*_over_time`: one value out of all samples of a window.
//!
//! Source: prometheus promql/functions.go.

use std::sync::Arc;

use super::annotations::{Annotations, HistogramOperation, Message};
use super::columns::SampleColumns;
use super::windows::{HistogramColumns, Window};
use crate::SampleValue;
use crate::Timestamp;
use crate::histogram::{CounterResetHint, FloatHistogram, HistogramError};
use crate::syntax::FunctionId;
use go::number::{KahanSum, kahan_inc};
use text::Span;

/// The sum of a window's floats, with what rounding lost.
pub(super) fn sum(values: &[f64]) -> f64 {
    let mut sum = KahanSum::default();
    values.iter().for_each(|&value| sum.add(value));
    sum.total()
}

/// A mean on its way: a sum and a count, or the mean itself once the sum would overflow.
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

/// The sample that a comparison picks, with its time; a NaN gives way to anything.
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

/// What the functions of this file need to know besides the window.
#[derive(Clone, Copy)]
pub(super) struct OverTime<'a> {
    pub function: FunctionId,
    pub metric: &'a str,
    pub span: Span,
    /// The first argument of `quantile_over_time`, at this step, and where it is written.
    pub quantile: f64,
    pub quantile_span: Span,
}

impl OverTime<'_> {
    fn name(&self) -> String {
        self.metric.to_owned()
    }

    /// The value of a window that is not empty.
    pub fn evaluate(
        &self,
        window: &Window<'_>,
        annotations: &mut Annotations,
    ) -> Option<SampleValue> {
        let (floats, histograms) = (window.floats, window.histograms);
        let seconds = |time: Timestamp| time as f64 / 1000.0;
        let value = match self.function {
            FunctionId::CountOverTime => (floats.len() + histograms.len()) as f64,
            FunctionId::PresentOverTime | FunctionId::AbsentOverTime => 1.0,
            FunctionId::FirstOverTime => return first_of(floats, histograms),
            FunctionId::LastOverTime => return last_of(floats, histograms),
            FunctionId::TsOfFirstOverTime => {
                let times = [floats.times.first(), histograms.times.first()];
                seconds(times.into_iter().flatten().copied().min()?)
            }
            FunctionId::TsOfLastOverTime => {
                let times = [floats.times.last(), histograms.times.last()];
                // A side without samples counts as the epoch.
                seconds(times.into_iter().map(|time| time.copied().unwrap_or(0)).max()?)
            }
            FunctionId::SumOverTime | FunctionId::AvgOverTime => {
                return self.sum_or_mean(window, annotations);
            }
            _ => return self.of_floats(floats, histograms, annotations).map(SampleValue::Float),
        };
        Some(SampleValue::Float(value))
    }

    /// Functions that leave histograms out, and say so where there are floats besides.
    fn of_floats(
        &self,
        floats: SampleColumns<'_, f64>,
        histograms: HistogramColumns<'_>,
        annotations: &mut Annotations,
    ) -> Option<f64> {
        if floats.is_empty() {
            return None;
        }
        if self.function == FunctionId::QuantileOverTime && !(0.0..=1.0).contains(&self.quantile) {
            annotations.add(invalid_quantile(self.quantile), self.quantile_span);
        }
        if !histograms.is_empty() {
            let span = if self.function == FunctionId::QuantileOverTime {
                self.quantile_span
            } else {
                self.span
            };
            let metric = self.name();
            annotations.add(Message::HistogramIgnoredInMixedRange { metric }, span);
        }
        let seconds = |(time, _): (Timestamp, f64)| time as f64 / 1000.0;
        Some(match self.function {
            FunctionId::MaxOverTime => pick(floats, |value, best| value > best)?.1,
            FunctionId::MinOverTime => pick(floats, |value, best| value < best)?.1,
            // The last one counts where several are equal.
            FunctionId::TsOfMaxOverTime => seconds(pick(floats, |value, best| value >= best)?),
            FunctionId::TsOfMinOverTime => seconds(pick(floats, |value, best| value <= best)?),
            FunctionId::MadOverTime => median_absolute_deviation(floats.values),
            FunctionId::StdvarOverTime => variance(floats.values),
            FunctionId::StddevOverTime => variance(floats.values).sqrt(),
            FunctionId::QuantileOverTime => quantile(self.quantile, &mut floats.values.to_vec()),
            _ => return None,
        })
    }

    fn sum_or_mean(
        &self,
        window: &Window<'_>,
        annotations: &mut Annotations,
    ) -> Option<SampleValue> {
        if window.is_mixed() {
            annotations.add(Message::MixedFloatsHistograms { metric: self.name() }, self.span);
            return None;
        }
        let is_sum = self.function == FunctionId::SumOverTime;
        if !window.floats.is_empty() {
            let values = window.floats.values;
            let value = if is_sum { Some(sum(values)) } else { mean(values) };
            return value.map(SampleValue::Float);
        }
        let mut notes = HistogramNotes::default();
        let histograms = window.histograms.values;
        let result = if is_sum {
            sum_of_histograms(histograms, &mut notes)
        } else {
            mean_of_histograms(histograms, &mut notes)
        };
        match result {
            Ok(result) => {
                notes.add_to(annotations, self.span);
                Some(SampleValue::Histogram(Arc::new(result?)))
            }
            Err(_) => {
                let metric = self.name();
                annotations.add(Message::MixedExponentialCustomHistograms { metric }, self.span);
                None
            }
        }
    }
}

/// The warning about a quantile outside 0 to 1.
pub(super) fn invalid_quantile(q: f64) -> Message {
    Message::InvalidQuantile { got: go::number::format_general(q, None) }
}

fn first_of(
    floats: SampleColumns<'_, f64>,
    histograms: HistogramColumns<'_>,
) -> Option<SampleValue> {
    match (floats.first(), histograms.first()) {
        (Some((time, &value)), other) if other.is_none_or(|(at, _)| time < at) => {
            Some(SampleValue::Float(value))
        }
        (_, histogram) => Some(SampleValue::Histogram(histogram?.1.clone())),
    }
}

fn last_of(
    floats: SampleColumns<'_, f64>,
    histograms: HistogramColumns<'_>,
) -> Option<SampleValue> {
    match (floats.last(), histograms.last()) {
        (Some((time, &value)), other) if other.is_none_or(|(at, _)| at < time) => {
            Some(SampleValue::Float(value))
        }
        (_, histogram) => Some(SampleValue::Histogram(histogram?.1.clone())),
    }
}

/// What was noticed while histograms were added up.
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
            annotations.add(Message::HistogramCounterResetCollision(operation), span);
        }
        if self.reconciled {
            let operation = HistogramOperation::Aggregation;
            annotations.add(Message::MismatchedCustomBuckets(operation), span);
        }
    }
}

fn sum_of_histograms(
    histograms: &[Arc<FloatHistogram>],
    notes: &mut HistogramNotes,
) -> Result<Option<FloatHistogram>, HistogramError> {
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

/// The mean of histograms on its way, as [`RunningMean`] for floats.
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
) -> Result<Option<FloatHistogram>, HistogramError> {
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
