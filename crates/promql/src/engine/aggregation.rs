//! Aggregations such as `sum`, `avg` and `count` over groups of series.
//!
//! Series are added one after the other; a group keeps an intermediate state for each step.
//! Source: prometheus promql/engine.go `rangeEvalAgg` and `aggregation`.

use std::collections::HashMap;
use std::sync::Arc;

use super::annotations::Message;
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::group_state::{GroupAnnotations, GroupState};
use super::label_functions::is_valid_label_name;
use super::over_time::invalid_quantile;
use super::series::{Output, SampleRef, Scalars, Series};
use super::topk::{KAggregation, pick_series};
use crate::syntax::{Aggregate, AggregateOp, NodeId, quote};
use crate::{Label, Labels, METRIC_NAME};
use go::number::{format_float, format_general};
use text::Span;

/// The grouping of series by labels.
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
    fn of(param: &Scalars, eval_steps: &EvalSteps) -> Self {
        let mut range = Self { least: f64::MAX, most: -f64::MAX, any_nan: false };
        if let Scalars::Const(value) = param {
            return Self { least: *value, most: *value, any_nan: value.is_nan() };
        }
        for step in 0..eval_steps.count {
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
        eval_steps: &EvalSteps,
    ) -> Result<Output, QueryError> {
        let op = aggregate.op;
        if op == AggregateOp::CountValues {
            return self.count_values(aggregate, eval_steps).map(Output::Vector);
        }
        let param = aggregate.param.map(|param| self.take_scalar(param));
        let series = self.take_vector(aggregate.expr);
        let grouping = Grouping { names: &aggregate.grouping, without: aggregate.without };
        let (groups, of_series) = grouping.assign(&series);
        let span = self.span_of(aggregate.expr);
        let param_span = aggregate.param.map_or(span, |param| self.span_of(param));
        let param = param.unwrap_or(Scalars::Const(0.0));
        if let Some(pick) = KAggregation::of(op) {
            let range = ParamRange::of(&param, eval_steps);
            if !self.check_pick(pick, &range, param_span)? {
                return Ok(Output::Vector(Vec::new()));
            }
            let whole = self.ast.get(id).span;
            let picked = pick_series(self, pick, &param, series, &of_series, whole, eval_steps)?;
            return Ok(Output::Vector(picked));
        }
        if op == AggregateOp::Quantile {
            self.note_quantile_param(&ParamRange::of(&param, eval_steps), param_span);
        }
        self.limits.check_points(groups.len(), eval_steps.count)?;
        let mut states: Vec<GroupState> =
            groups.iter().map(|_| GroupState::new(op, eval_steps.count)).collect();
        let mut notes = GroupAnnotations::default();
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

    /// Checks the parameter of `topk`, `bottomk`, `limitk` and `limit_ratio`. Returns false if no series is selected.
    fn check_pick(
        &mut self,
        pick: KAggregation,
        range: &ParamRange,
        span: Span,
    ) -> Result<bool, QueryError> {
        const LIMIT: f64 = 9_223_372_036_854_775_807.0;
        let number = |value: f64| format_general(value, None);
        if pick == KAggregation::Ratio {
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
        eval_steps: &EvalSteps,
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
            for step in 0..eval_steps.count {
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
                        self.limits.check_points(result.len(), eval_steps.count)?;
                        last = Some((text, place));
                        place
                    }
                };
                if let Some(group) = result.get_mut(place) {
                    let before = group.at(step).and_then(SampleRef::float).unwrap_or(0.0);
                    group.set_float(step, eval_steps.count, before + 1.0);
                }
            }
        }
        self.check_labelsets(result, eval_steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
