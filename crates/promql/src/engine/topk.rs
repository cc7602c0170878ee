//! Aggregations that pick series instead of computing new ones: `topk`, `bottomk`, `limitk`,
//! `limit_ratio`.
//!
//! Source: prometheus promql/engine.go `aggregationK`.

use super::annotations::Message;
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::label_hash::label_hash;
use super::series::{SampleRef, Scalars, Series};
use crate::syntax::AggregateOp;
use text::Span;

/// Which of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KAggregation {
    Top,
    Bottom,
    First,
    Ratio,
}

impl KAggregation {
    pub fn of(op: AggregateOp) -> Option<Self> {
        Some(match op {
            AggregateOp::Topk => Self::Top,
            AggregateOp::Bottomk => Self::Bottom,
            AggregateOp::Limitk => Self::First,
            AggregateOp::LimitRatio => Self::Ratio,
            _ => return None,
        })
    }
}

/// A value and the place of its series.
type Entry = (f64, usize);

/// A binary heap of the values picked so far, the first to be replaced on top. Among equal values
/// the order that the heap happens to have decides, so it is kept exactly as Prometheus keeps it.
struct Heap {
    entries: Vec<Entry>,
    descending: bool,
}

impl Heap {
    /// NaNs are the first to go.
    fn less(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.entries[a].0, self.entries[b].0);
        a.is_nan() || if self.descending { a > b } else { a < b }
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        let mut at = self.entries.len() - 1;
        while at > 0 {
            let parent = (at - 1) / 2;
            if !self.less(at, parent) {
                break;
            }
            self.entries.swap(at, parent);
            at = parent;
        }
    }

    fn replace_top(&mut self, entry: Entry) {
        let Some(top) = self.entries.first_mut() else { return };
        *top = entry;
        let mut at = 0;
        loop {
            let left = 2 * at + 1;
            if left >= self.entries.len() {
                return;
            }
            let right = left + 1;
            let child =
                if right < self.entries.len() && self.less(right, left) { right } else { left };
            if !self.less(child, at) {
                return;
            }
            self.entries.swap(at, child);
            at = child;
        }
    }

    /// Takes an entry if it is among the `k` best so far.
    fn offer(&mut self, k: usize, entry: Entry) {
        if self.entries.len() < k {
            self.push(entry);
            return;
        }
        let Some(&(worst, _)) = self.entries.first() else { return };
        let better = if self.descending { entry.0 < worst } else { entry.0 > worst };
        if better || (worst.is_nan() && !entry.0.is_nan()) {
            self.replace_top(entry);
        }
    }

    /// The best first.
    fn sort(&mut self) {
        // Insertion keeps the heap's order among equal values, as Go does for short lists.
        const SHORT: usize = 12;
        if self.entries.len() > SHORT {
            let descending = self.descending;
            self.entries.sort_by(|a, b| match (a.0.is_nan(), b.0.is_nan()) {
                (false, false) => {
                    let order = b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal);
                    if descending { order.reverse() } else { order }
                }
                (a_is_nan, b_is_nan) => a_is_nan.cmp(&b_is_nan),
            });
            return;
        }
        for from in 1..self.entries.len() {
            let mut at = from;
            while at > 0 && self.less(at - 1, at) {
                self.entries.swap(at, at - 1);
                at -= 1;
            }
        }
    }
}

/// Picks series, group by group and step by step. In an instant query `topk` and `bottomk` order
/// their answer.
pub(super) fn pick_series(
    ev: &mut Evaluator<'_>,
    pick: KAggregation,
    param: &Scalars,
    series: Vec<Series>,
    of_series: &[usize],
    span: Span,
    eval_steps: &EvalSteps,
) -> Result<Vec<Series>, QueryError> {
    let groups = of_series.iter().max().map_or(0, |&last| last + 1);
    let mut heaps: Vec<Heap> = (0..groups)
        .map(|_| Heap { entries: Vec::new(), descending: pick == KAggregation::Bottom })
        .collect();
    let offsets: Vec<f64> = match pick {
        KAggregation::Ratio => series.iter().map(ratio_offset).collect(),
        _ => Vec::new(),
    };
    let mut picked = Picked { series: series.iter().map(|_| None).collect(), order: Vec::new() };
    let mut ignored_histogram = false;
    let ranks = matches!(pick, KAggregation::Top | KAggregation::Bottom);
    for step in 0..eval_steps.count {
        ev.limits.check_interrupt()?;
        let value = param.at(step);
        let k = (value as i64).clamp(0, series.len() as i64) as usize;
        if (pick == KAggregation::Ratio && value == 0.0) || (pick != KAggregation::Ratio && k < 1) {
            continue;
        }
        heaps.iter_mut().for_each(|heap| heap.entries.clear());
        for (at, one) in series.iter().enumerate() {
            let Some(sample) = one.at(step) else { continue };
            let heap = &mut heaps[of_series[at]];
            match (pick, sample) {
                (KAggregation::First, _) => {
                    if heap.entries.len() < k {
                        heap.push((sample.float().unwrap_or(0.0), at));
                    }
                }
                (KAggregation::Ratio, _) => {
                    if within_ratio(value.clamp(-1.0, 1.0), offsets[at]) {
                        heap.push((sample.float().unwrap_or(0.0), at));
                    }
                }
                (_, SampleRef::Histogram(_)) => ignored_histogram = true,
                (_, SampleRef::Float(value)) => heap.offer(k, (value, at)),
            }
        }
        for heap in &mut heaps {
            if ranks {
                heap.sort();
            }
            picked.take(heap, &series, step, eval_steps.count);
        }
    }
    if ignored_histogram {
        let aggregation = if pick == KAggregation::Top { "topk" } else { "bottomk" };
        ev.annotations.add(Message::HistogramIgnoredInAggregation { aggregation }, span);
    }
    Ok(picked.in_order())
}

/// The series that were picked, with the order in which they were picked first.
struct Picked {
    series: Vec<Option<Series>>,
    order: Vec<usize>,
}

impl Picked {
    /// Takes the samples of a step whose series are in the heap.
    fn take(&mut self, heap: &Heap, series: &[Series], step: usize, steps: usize) {
        for &(_, at) in &heap.entries {
            let from = &series[at];
            let Some(sample) = from.at(step) else { continue };
            let into = self.series[at].get_or_insert_with(|| {
                self.order.push(at);
                Series::new(from.labels.clone(), from.drop_name)
            });
            into.set(step, steps, sample.to_owned());
        }
    }

    fn in_order(mut self) -> Vec<Series> {
        self.order.iter().filter_map(|&at| self.series[at].take()).collect()
    }
}

/// A number from 0 to 1 that depends on the labels alone.
fn ratio_offset(series: &Series) -> f64 {
    label_hash(&series.labels) as f64 / u64::MAX as f64
}

/// A positive ratio takes series from the lower end, a negative one from the upper end, so that
/// `r` and `r - 1` together take each series once.
fn within_ratio(ratio: f64, offset: f64) -> bool {
    if ratio >= 0.0 { offset < ratio } else { offset >= 1.0 + ratio }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(k: usize, descending: bool, values: &[f64]) -> Vec<f64> {
        let mut heap = Heap { entries: Vec::new(), descending };
        for (at, &value) in values.iter().enumerate() {
            heap.offer(k, (value, at));
        }
        heap.sort();
        heap.entries.iter().map(|&(value, _)| value).collect()
    }

    #[test]
    fn the_best_are_picked_in_order() {
        let values = [3.0, f64::NAN, 1.0, 5.0, 4.0, 2.0];
        assert_eq!(best(3, false, &values), [5.0, 4.0, 3.0]);
        assert_eq!(best(2, true, &values), [1.0, 2.0]);
        let all = best(9, false, &values);
        assert_eq!(&all[..5], [5.0, 4.0, 3.0, 2.0, 1.0]);
        assert!(all[5].is_nan());
        let many: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(best(20, false, &many)[..3], [99.0, 98.0, 97.0]);
    }

    #[test]
    fn ratios_complement_each_other() {
        for offset in [0.0, 0.2, 0.5, 0.99] {
            for ratio in [0.1, 0.5, 0.9] {
                assert_ne!(within_ratio(ratio, offset), within_ratio(ratio - 1.0, offset));
            }
        }
    }
}
