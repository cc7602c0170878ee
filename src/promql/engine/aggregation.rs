//! Aggregations: `sum`, `avg`, `count` and their like over groups of series.
//!
//! Series are taken one after the other; a group keeps for each step what it has of those so far.
//! Source: prometheus promql/engine.go `rangeEvalAgg` and `aggregation`.

use std::collections::HashMap;
use std::sync::Arc;

use super::annotations::Message;
use super::error::QueryError;
use super::evaluator::Evaluator;
use super::grid::Grid;
use super::label_functions::is_valid_label_name;
use super::over_time::{HistogramMean, HistogramNotes, RunningMean, invalid_quantile, quantile};
use super::series::{ABSENT, Output, SampleRef, SampleValue, Scalars, Series, is_present};
use super::topk::{Pick, pick_series};
use crate::model::histogram::FloatHistogram;
use crate::model::number::{KahanSum, format_float, format_general};
use crate::model::{Label, Labels, METRIC_NAME};
use crate::promql::syntax::{Aggregate, AggregateOp, NodeId, quote};
use crate::text::Span;

/// How series fall into groups.
struct Grouping<'a> {
    names: &'a [Arc<str>],
    without: bool,
}

impl Grouping<'_> {
    /// The labels of the group that a series belongs to.
    fn labels_of(&self, labels: &Labels) -> Labels {
        let named = |label: &Label| self.names.contains(&label.name);
        if self.without {
            labels.filtered(|label| &*label.name != METRIC_NAME && !named(label))
        } else if self.names.is_empty() {
            Labels::empty()
        } else {
            labels.filtered(named)
        }
    }

    /// The groups in the order in which they are met, and the group of each series.
    fn assign(&self, series: &[Series]) -> (Vec<Labels>, Vec<usize>) {
        let mut places: HashMap<Labels, usize> = HashMap::new();
        let mut groups = Vec::new();
        let of_series = series
            .iter()
            .map(|one| {
                *places.entry(self.labels_of(&one.labels)).or_insert_with_key(|labels| {
                    groups.push(labels.clone());
                    groups.len() - 1
                })
            })
            .collect();
        (groups, of_series)
    }
}

/// The extremes of an aggregation's parameter over all steps, as Prometheus looks at them before
/// it aggregates.
struct ParamRange {
    least: f64,
    most: f64,
    any_nan: bool,
}

impl ParamRange {
    fn of(param: &Scalars, grid: &Grid) -> Self {
        let mut range = Self { least: f64::MAX, most: -f64::MAX, any_nan: false };
        if let Scalars::Const(value) = param {
            return Self { least: *value, most: *value, any_nan: value.is_nan() };
        }
        for step in 0..grid.count {
            let value = param.at(step);
            range.any_nan |= value.is_nan();
            range.least = super::instant_functions::go_min(range.least, value);
            range.most = super::instant_functions::go_max(range.most, value);
        }
        range
    }
}

impl Evaluator<'_> {
    pub fn aggregate(
        &mut self,
        id: NodeId,
        aggregate: &Aggregate,
        grid: &Grid,
    ) -> Result<Output, QueryError> {
        let op = aggregate.op;
        if op == AggregateOp::CountValues {
            return self.count_values(aggregate, grid).map(Output::Vector);
        }
        let param = aggregate.param.map(|param| self.take_scalar(param));
        let series = self.take_vector(aggregate.expr);
        let grouping = Grouping { names: &aggregate.grouping, without: aggregate.without };
        let (groups, of_series) = grouping.assign(&series);
        let span = self.span_of(aggregate.expr);
        let param_span = aggregate.param.map_or(span, |param| self.span_of(param));
        let param = param.unwrap_or(Scalars::Const(0.0));
        if let Some(pick) = Pick::of(op) {
            let range = ParamRange::of(&param, grid);
            if !self.check_pick(pick, &range, param_span)? {
                return Ok(Output::Vector(Vec::new()));
            }
            let whole = self.ast.get(id).span;
            let picked = pick_series(self, pick, &param, series, &of_series, whole, grid)?;
            return Ok(Output::Vector(picked));
        }
        if op == AggregateOp::Quantile {
            self.note_quantile_param(&ParamRange::of(&param, grid), param_span);
        }
        self.limits.check_points(groups.len(), grid.count)?;
        let mut states: Vec<GroupState> =
            groups.iter().map(|_| GroupState::new(op, grid.count)).collect();
        let mut notes = Notes::default();
        for (one, &place) in series.iter().zip(&of_series) {
            self.limits.check_interrupt()?;
            if let Some(state) = states.get_mut(place) {
                state.add(op, one, &mut notes);
            }
        }
        let mut result = Vec::with_capacity(groups.len());
        for (labels, state) in groups.into_iter().zip(states) {
            let made = state.finish(op, labels, &param, &mut notes);
            if !made.is_empty() {
                result.push(made);
            }
        }
        notes.into_annotations(self, op, span);
        Ok(Output::Vector(result))
    }

    fn note_quantile_param(&mut self, range: &ParamRange, span: Span) {
        if range.any_nan {
            self.annotations.add(invalid_quantile(f64::NAN), span);
        }
        if range.most > 1.0 {
            self.annotations.add(invalid_quantile(range.most), span);
        }
        if range.least < 0.0 {
            self.annotations.add(invalid_quantile(range.least), span);
        }
    }

    /// Checks the parameter of `topk` and its like; false where nothing can be picked.
    fn check_pick(
        &mut self,
        pick: Pick,
        range: &ParamRange,
        span: Span,
    ) -> Result<bool, QueryError> {
        const LIMIT: f64 = 9_223_372_036_854_775_807.0;
        let number = |value: f64| format_general(value, None);
        if pick == Pick::Ratio {
            if range.most == 0.0 && range.least == 0.0 {
                return Ok(false);
            }
            if range.any_nan {
                return Err(QueryError::execution("Ratio value is NaN"));
            }
            for (outside, got, capped) in
                [(range.most > 1.0, range.most, 1.0), (range.least < -1.0, range.least, -1.0)]
            {
                if outside {
                    let (got, capped) = (number(got), number(capped));
                    self.annotations.add(Message::InvalidRatio { got, capped }, span);
                }
            }
            return Ok(true);
        }
        if range.most < 1.0 {
            return Ok(false);
        }
        if range.any_nan {
            return Err(QueryError::execution("Parameter value is NaN"));
        }
        if range.least <= -LIMIT {
            let got = number(range.least);
            return Err(QueryError::execution(format!("Scalar value {got} underflows int64")));
        }
        if range.most >= LIMIT {
            let got = number(range.most);
            return Err(QueryError::execution(format!("Scalar value {got} overflows int64")));
        }
        Ok(true)
    }

    /// `count_values`: for each group and value a series with the number of series that have it.
    fn count_values(
        &mut self,
        aggregate: &Aggregate,
        grid: &Grid,
    ) -> Result<Vec<Series>, QueryError> {
        let name = aggregate.param.map(|param| self.text_of(param)).unwrap_or_default();
        if !is_valid_label_name(&name) {
            return Err(QueryError::execution(format!("invalid label name {}", quote(&name))));
        }
        let mut names = aggregate.grouping.clone();
        if !aggregate.without {
            names.push(name.clone());
        }
        let grouping = Grouping { names: &names, without: aggregate.without };
        let mut places: HashMap<Labels, usize> = HashMap::new();
        let mut result: Vec<Series> = Vec::new();
        for one in self.take_vector(aggregate.expr) {
            self.limits.check_interrupt()?;
            // Neighbouring steps often have the same value.
            let mut last: Option<(String, usize)> = None;
            for step in 0..grid.count {
                let Some(sample) = one.at(step) else { continue };
                let text = match sample {
                    SampleRef::Float(value) => format_float(value),
                    SampleRef::Histogram(histogram) => histogram.to_string(),
                };
                let place = match &last {
                    Some((known, place)) if *known == text => *place,
                    _ => {
                        let labels = one.labels.builder().set(name.clone(), text.as_str()).build();
                        let key = grouping.labels_of(&labels);
                        let place = *places.entry(key).or_insert_with_key(|labels| {
                            result.push(Series::new(labels.clone(), false));
                            result.len() - 1
                        });
                        self.limits.check_points(result.len(), grid.count)?;
                        last = Some((text, place));
                        place
                    }
                };
                if let Some(group) = result.get_mut(place) {
                    let before = group.at(step).and_then(SampleRef::float).unwrap_or(0.0);
                    group.set_float(step, grid.count, before + 1.0);
                }
            }
        }
        self.check_labelsets(result, grid)
    }
}

/// What was noticed in all groups.
#[derive(Default)]
struct Notes {
    mixed: bool,
    ignored_histogram: bool,
    collision: bool,
    reconciled: bool,
    /// Metrics of histograms whose buckets are of another kind than those before.
    incompatible: Vec<String>,
}

impl Notes {
    fn into_annotations(self, ev: &mut Evaluator<'_>, op: AggregateOp, span: Span) {
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

/// What a group has of its series so far, by step.
struct GroupState {
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

impl GroupState {
    fn new(op: AggregateOp, steps: usize) -> Self {
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

    fn add(&mut self, op: AggregateOp, series: &Series, notes: &mut Notes) {
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

    fn finish(
        mut self,
        op: AggregateOp,
        labels: Labels,
        param: &Scalars,
        notes: &mut Notes,
    ) -> Series {
        let drop_name = self.drop_name.iter().any(|&drop| drop);
        let mut floats = match self.floats {
            FloatState::Sum { sums, seen } => sums
                .iter()
                .zip(seen)
                .map(|(sum, seen)| if seen { sum.sum + sum.c } else { ABSENT })
                .collect(),
            FloatState::Mean(means) => {
                means.iter().map(|mean| mean.as_ref().map_or(ABSENT, RunningMean::mean)).collect()
            }
            FloatState::Count(mut counts) => {
                for count in &mut counts {
                    *count = match (*count, op) {
                        (0.0, _) => ABSENT,
                        (_, AggregateOp::Group) => 1.0,
                        (count, _) => count,
                    };
                }
                counts
            }
            FloatState::Extreme(best) => best,
            FloatState::Spread(states) => states
                .iter()
                .map(|&[count, _, squares]| match op {
                    _ if count == 0.0 => ABSENT,
                    AggregateOp::Stddev => (squares / count).sqrt(),
                    _ => squares / count,
                })
                .collect(),
            FloatState::Values(all) => all
                .into_iter()
                .enumerate()
                .map(|(step, mut values)| match values.is_empty() {
                    true => ABSENT,
                    false => quantile(param.at(step), &mut values),
                })
                .collect::<Vec<f64>>(),
        };
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
    fn add(&mut self, mean: bool, histogram: &FloatHistogram, series: &Series, notes: &mut Notes) {
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
        let mut notes = Notes::default();
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

    #[test]
    fn groups() {
        let labels = Labels::from_pairs([("__name__", "x"), ("a", "1"), ("b", "2")]);
        let names = ["a".into()];
        for (names, without, text) in [
            (&names[..], false, r#"{a="1"}"#),
            (&names, true, r#"{b="2"}"#),
            (&[], false, "{}"),
            (&[], true, r#"{a="1", b="2"}"#),
        ] {
            assert_eq!(Grouping { names, without }.labels_of(&labels).to_string(), text);
        }
    }
}
