//! The state of an aggregation for one group of series, by step.

use std::collections::HashMap;
use std::sync::Arc;

use super::annotations::Message;
use super::evaluator::Evaluator;
use super::over_time::{HistogramMean, HistogramNotes, RunningMean, quantile};
use super::series::{ABSENT, Scalars, Series, is_present};
use crate::histogram::FloatHistogram;
use crate::syntax::AggregateOp;
use crate::{Labels, SampleValue};
use go::number::KahanSum;
use text::Span;

/// Annotations that all groups collect.
#[derive(Default)]
pub(super) struct GroupAnnotations {
    mixed: bool,
    ignored_histogram: bool,
    collision: bool,
    reconciled: bool,
    /// Metrics of histograms whose buckets are of another kind than those before.
    incompatible: Vec<String>,
}

impl GroupAnnotations {
    pub fn into_annotations(self, ev: &mut Evaluator<'_>, op: AggregateOp, span: Span) {
        if self.mixed {
            ev.annotations.add(Message::MixedFloatsHistogramsInAggregation, span);
        }
        if self.ignored_histogram {
            let aggregation = op.name();
            ev.annotations.add(Message::HistogramIgnoredInAggregation { aggregation }, span);
        }
        let notes = HistogramNotes {
            reset: self.collision,
            not_reset: self.collision,
            reconciled: self.reconciled,
        };
        notes.add_to(&mut ev.annotations, span);
        for metric in self.incompatible {
            ev.annotations.add(Message::MixedExponentialCustomHistograms { metric }, span);
        }
    }
}

/// The state of one group by step.
pub(super) struct GroupState {
    drop_name: Vec<bool>,
    floats: FloatState,
    histograms: HashMap<usize, HistogramState>,
}

/// The floats of a group.
enum FloatState {
    Sum {
        sums: Vec<KahanSum>,
        seen: Vec<bool>,
    },
    Mean(Vec<Option<RunningMean>>),
    /// Count, and also group.
    Count(Vec<f64>),
    /// The largest or smallest so far; absent where there is none.
    Extreme(Vec<f64>),
    /// Count, mean and sum of squared distances.
    Spread(Vec<[f64; 3]>),
    Values(Vec<Vec<f64>>),
}

/// The histograms of a group at one step.
#[derive(Default)]
struct HistogramState {
    sum: Option<FloatHistogram>,
    lost: Option<FloatHistogram>,
    mean: Option<HistogramMean>,
    notes: HistogramNotes,
    incompatible: bool,
    /// A float was there first: the result is void, so nothing is added up.
    after_float: bool,
}

impl FloatState {
    /// Returns the value of each step, absent if the group has no float there.
    fn finish(self, op: AggregateOp, param: &Scalars) -> Vec<f64> {
        match self {
            Self::Sum { sums, seen } => sums
                .iter()
                .zip(seen)
                .map(|(sum, seen)| if seen { sum.sum + sum.c } else { ABSENT })
                .collect(),
            Self::Mean(means) => {
                means.iter().map(|mean| mean.as_ref().map_or(ABSENT, RunningMean::mean)).collect()
            }
            Self::Count(mut counts) => {
                for count in &mut counts {
                    *count = match (*count, op) {
                        (0.0, _) => ABSENT,
                        (_, AggregateOp::Group) => 1.0,
                        (count, _) => count,
                    };
                }
                counts
            }
            Self::Extreme(best) => best,
            Self::Spread(states) => states
                .iter()
                .map(|&[count, _, squares]| match op {
                    _ if count == 0.0 => ABSENT,
                    AggregateOp::Stddev => (squares / count).sqrt(),
                    _ => squares / count,
                })
                .collect(),
            Self::Values(all) => all
                .into_iter()
                .enumerate()
                .map(|(step, mut values)| match values.is_empty() {
                    true => ABSENT,
                    false => quantile(param.at(step), &mut values),
                })
                .collect(),
        }
    }
}

impl GroupState {
    pub fn new(op: AggregateOp, steps: usize) -> Self {
        let floats = match op {
            AggregateOp::Sum => {
                FloatState::Sum { sums: vec![KahanSum::default(); steps], seen: vec![false; steps] }
            }
            AggregateOp::Avg => FloatState::Mean(vec![None; steps]),
            AggregateOp::Min | AggregateOp::Max => FloatState::Extreme(vec![ABSENT; steps]),
            AggregateOp::Stddev | AggregateOp::Stdvar => FloatState::Spread(vec![[0.0; 3]; steps]),
            AggregateOp::Quantile => FloatState::Values(vec![Vec::new(); steps]),
            _ => FloatState::Count(vec![0.0; steps]),
        };
        Self { drop_name: vec![false; steps], floats, histograms: HashMap::new() }
    }

    pub fn add(&mut self, op: AggregateOp, series: &Series, notes: &mut GroupAnnotations) {
        if series.drop_name {
            for (step, slot) in self.drop_name.iter_mut().enumerate() {
                *slot |= series.has(step);
            }
        }
        self.add_floats(op, &series.floats);
        for (step, histogram) in series.histograms.iter().enumerate() {
            let Some(histogram) = histogram else { continue };
            match &mut self.floats {
                FloatState::Count(counts) => {
                    if let Some(count) = counts.get_mut(step) {
                        *count += 1.0;
                    }
                }
                FloatState::Sum { seen, .. } => {
                    let after_float = seen.get(step).copied().unwrap_or_default();
                    let state = self.histograms.entry(step).or_default();
                    state.after_float |= after_float;
                    state.add(false, histogram, series, notes);
                }
                FloatState::Mean(means) => {
                    let after_float = means.get(step).is_some_and(Option::is_some);
                    let state = self.histograms.entry(step).or_default();
                    state.after_float |= after_float;
                    state.add(true, histogram, series, notes);
                }
                _ => notes.ignored_histogram = true,
            }
        }
    }

    fn add_floats(&mut self, op: AggregateOp, values: &[f64]) {
        let present = values.iter().enumerate().filter(|(_, value)| is_present(**value));
        match &mut self.floats {
            FloatState::Sum { sums, seen } => {
                for ((sum, seen), &value) in sums.iter_mut().zip(seen).zip(values) {
                    if is_present(value) {
                        if *seen {
                            sum.add(value);
                        } else {
                            (sum.sum, *seen) = (value, true);
                        }
                    }
                }
            }
            FloatState::Mean(means) => present.for_each(|(step, &value)| match &mut means[step] {
                Some(mean) => mean.add(value),
                none => *none = Some(RunningMean::of_first(value)),
            }),
            FloatState::Count(counts) => present.for_each(|(step, _)| counts[step] += 1.0),
            FloatState::Extreme(best) => present.for_each(|(step, &value)| {
                let best = &mut best[step];
                let better = if op == AggregateOp::Max { value > *best } else { value < *best };
                if better || best.is_nan() {
                    *best = value;
                }
            }),
            FloatState::Spread(states) => present.for_each(|(step, &value)| {
                let [count, mean, squares] = &mut states[step];
                *count += 1.0;
                if *count == 1.0 {
                    *mean = value;
                    *squares = if value.is_finite() { 0.0 } else { f64::NAN };
                } else {
                    let delta = value - *mean;
                    *mean += delta / *count;
                    *squares += delta * (value - *mean);
                }
            }),
            FloatState::Values(all) => present.for_each(|(step, &value)| all[step].push(value)),
        }
    }

    pub fn finish(
        mut self,
        op: AggregateOp,
        labels: Labels,
        param: &Scalars,
        notes: &mut GroupAnnotations,
    ) -> Series {
        let drop_name = self.drop_name.iter().any(|&drop| drop);
        let mut floats = self.floats.finish(op, param);
        let steps = floats.len();
        let mut series = Series::new(labels, drop_name);
        for (step, state) in self.histograms.drain() {
            notes.collision |= state.notes.reset && state.notes.not_reset;
            notes.reconciled |= state.notes.reconciled;
            if floats.get(step).is_some_and(|&value| is_present(value)) {
                // A float and a histogram do not add up to anything.
                notes.mixed = true;
                floats[step] = ABSENT;
            } else if let Some(histogram) = state.result() {
                series.set(step, steps, SampleValue::Histogram(Arc::new(histogram)));
            }
        }
        series.floats = floats;
        series
    }
}

impl HistogramState {
    fn add(
        &mut self,
        mean: bool,
        histogram: &FloatHistogram,
        series: &Series,
        notes: &mut GroupAnnotations,
    ) {
        if self.incompatible || self.after_float {
            return;
        }
        self.notes.see(histogram);
        let added = match (mean, &mut self.mean, &mut self.sum) {
            (true, Some(mean), _) => mean.add(histogram),
            (true, none, _) => {
                *none = Some(HistogramMean::of_first(histogram));
                return;
            }
            (false, _, Some(sum)) => {
                sum.kahan_add(histogram, &mut self.lost).map(|notes| notes.bounds_reconciled)
            }
            (false, _, none) => {
                *none = Some(histogram.clone());
                return;
            }
        };
        match added {
            Ok(reconciled) => self.notes.reconciled |= reconciled,
            Err(_) => {
                self.incompatible = true;
                let metric = series.labels.metric_name().to_owned();
                if !notes.incompatible.contains(&metric) {
                    notes.incompatible.push(metric);
                }
            }
        }
    }

    fn result(self) -> Option<FloatHistogram> {
        if self.incompatible {
            return None;
        }
        let mut result = match (self.mean, self.sum) {
            (Some(mean), _) => mean.mean(),
            (None, Some(mut sum)) => {
                if let Some(lost) = &self.lost {
                    // Both have the same layout, so nothing can go wrong any more.
                    let _ = sum.add(lost);
                }
                sum
            }
            (None, None) => return None,
        };
        result.compact(0);
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aggregate(op: AggregateOp, values: &[f64], param: f64) -> f64 {
        let mut state = GroupState::new(op, 1);
        let mut notes = GroupAnnotations::default();
        for &value in values {
            let series = Series::of_floats(Labels::empty(), false, vec![value]);
            state.add(op, &series, &mut notes);
        }
        let series = state.finish(op, Labels::empty(), &Scalars::Const(param), &mut notes);
        series.floats[0]
    }

    #[test]
    fn floats() {
        let values = [1.0, 4.0, 1.0];
        for (op, expected) in [
            (AggregateOp::Sum, 6.0),
            (AggregateOp::Avg, 2.0),
            (AggregateOp::Count, 3.0),
            (AggregateOp::Group, 1.0),
            (AggregateOp::Min, 1.0),
            (AggregateOp::Max, 4.0),
            (AggregateOp::Stdvar, 2.0),
            (AggregateOp::Quantile, 1.0),
        ] {
            assert_eq!(aggregate(op, &values, 0.5), expected, "{op:?}");
            assert!(!is_present(aggregate(op, &[], 0.5)), "{op:?}");
        }
        assert_eq!(aggregate(AggregateOp::Max, &[f64::NAN, 1.0], 0.0), 1.0);
        assert!(aggregate(AggregateOp::Max, &[f64::NAN], 0.0).is_nan());
        assert!(aggregate(AggregateOp::Stddev, &[f64::INFINITY], 0.0).is_nan());
    }
}
