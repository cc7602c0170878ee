//! `sort` and its kin. They order the answer of an instant query; over a range the answer is
//! ordered by labels anyway.

use std::cmp::Ordering;
use text::IndexSort;

use super::annotations::Message;
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::functions::SortKey;
use super::natural_order::natural_order;
use super::series::{SampleRef, Series};
use crate::syntax::{Call, NodeId};

impl Evaluator<'_> {
    pub fn sort(
        &mut self,
        id: NodeId,
        key: SortKey,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let Some(&arg) = call.args.first() else { return Ok(Vec::new()) };
        let mut series = self.take_vector(arg);
        if !eval_steps.is_instant() {
            self.annotations.add(Message::SortInRangeQuery, self.ast.get(id).span);
        }
        if key.by_labels {
            let names: Vec<_> = call.args.iter().skip(1).map(|&arg| self.text_of(arg)).collect();
            series.index_sort_by(|a, b| {
                let order = by_labels(&names, a, b);
                if key.descending { order.reverse() } else { order }
            });
        } else {
            // Histograms have no order, so they are left out.
            series.retain_mut(|one| {
                one.histograms = Vec::new();
                !one.is_empty()
            });
            if eval_steps.is_instant() {
                series = by_value(series, key.descending);
            }
        }
        self.check_labelsets(series, eval_steps)
    }
}

/// By the named labels in natural order; where they are equal, by all labels.
fn by_labels(names: &[std::sync::Arc<str>], a: &Series, b: &Series) -> Ordering {
    for name in names {
        let order = natural_order(a.labels.get(name), b.labels.get(name));
        if order.is_ne() {
            return order;
        }
    }
    a.labels.cmp(&b.labels)
}

/// NaNs come last in both directions, in reverse order.
fn by_value(series: Vec<Series>, descending: bool) -> Vec<Series> {
    let value = |one: &Series| one.at(0).and_then(SampleRef::float).unwrap_or(f64::NAN);
    let (mut nans, mut numbers): (Vec<Series>, Vec<Series>) =
        series.into_iter().partition(|one| value(one).is_nan());
    numbers.index_sort_by(|a, b| {
        let order = value(a).partial_cmp(&value(b)).unwrap_or(Ordering::Equal);
        if descending { order.reverse() } else { order }
    });
    nans.reverse();
    numbers.append(&mut nans);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;

    #[test]
    fn nans_come_last() {
        let of = |value: f64| {
            let labels = Labels::from_pairs([("v", value.to_string())]);
            Series::of_floats(labels, false, vec![value])
        };
        let series = || [f64::NAN, 2.0, f64::INFINITY, -1.0].map(of).to_vec();
        let values = |series: Vec<Series>| -> Vec<String> {
            series.iter().map(|one| one.labels.get("v").to_owned()).collect()
        };
        assert_eq!(values(by_value(series(), false)), ["-1", "2", "inf", "NaN"]);
        assert_eq!(values(by_value(series(), true)), ["inf", "2", "-1", "NaN"]);
    }

    #[test]
    fn labels_in_natural_order() {
        let of = |value: &str| Series::new(Labels::from_pairs([("v", value)]), false);
        let mut series = ["10", "9", "", "a"].map(of).to_vec();
        series.sort_by(|a, b| by_labels(&["v".into()], a, b));
        let values: Vec<&str> = series.iter().map(|one| one.labels.get("v")).collect();
        assert_eq!(values, ["", "9", "10", "a"]);
    }
}
