//! Subqueries: the inner expression on its own grid of times, read as a range vector.
//!
//! Source: prometheus promql/engine.go `subqueryTimeRange` and `evalSubquery`.

use std::sync::Arc;

use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::plan::SubqueryPlan;
use super::series::{Series, is_present};
use super::windows::{RangeSeries, RangeSpec};
use crate::histogram::{CounterResetHint, FloatHistogram};
use crate::storage::SampleBuffer;
use text::Span;

impl SubqueryPlan {
    /// The times of the inner expression: multiples of the step, so that they do not move with the
    /// time of the query, inside the windows of all outer steps.
    pub fn inner_grid(&self, outer: &EvalSteps) -> Result<EvalSteps, QueryError> {
        let first = self.at.unwrap_or(outer.start);
        let last = self.at.unwrap_or(outer.last());
        let before = first.saturating_sub(self.offset).saturating_sub(self.range);
        let mut start = self.step.saturating_mul(before / self.step.max(1));
        if start <= before {
            start = start.saturating_add(self.step);
        }
        EvalSteps::new(start, last.saturating_sub(self.offset), self.step)
    }

    pub fn spec(&self) -> RangeSpec {
        RangeSpec {
            range: self.range,
            offset: self.offset,
            at: self.at,
            anchored: false,
            smoothed: false,
            lookback: 0,
            // Annotations about a subquery's samples point at the query's beginning.
            span: Span::at(0),
        }
    }
}

/// A result as samples of a range vector.
///
/// Counter reset hints describe the previous stored sample, not the previous step of a subquery.
/// Only gauge histograms keep theirs.
pub(super) fn to_range_series(series: Series, eval_steps: &EvalSteps) -> RangeSeries {
    let mut samples = SampleBuffer::default();
    for (step, &value) in series.floats.iter().enumerate() {
        if is_present(value) {
            samples.float_times.push(eval_steps.time(step));
            samples.floats.push(value);
        }
    }
    for (step, histogram) in series.histograms.into_iter().enumerate() {
        let Some(histogram) = histogram else { continue };
        samples.histogram_times.push(eval_steps.time(step));
        samples.histograms.push(without_reset_hint(histogram));
    }
    RangeSeries { labels: series.labels, drop_name: series.drop_name, samples }
}

fn without_reset_hint(histogram: Arc<FloatHistogram>) -> Arc<FloatHistogram> {
    match histogram.counter_reset_hint {
        CounterResetHint::Reset | CounterResetHint::NotReset => Arc::new(FloatHistogram {
            counter_reset_hint: CounterResetHint::Unknown,
            ..FloatHistogram::clone(&histogram)
        }),
        CounterResetHint::Unknown | CounterResetHint::Gauge => histogram,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_times_are_multiples_of_the_step() {
        let plan = |range, step, offset, at| SubqueryPlan { range, step, offset, at, scope: 0 };
        for (plan, outer, start, count) in [
            (plan(100, 30, 0, None), EvalSteps::instant(100), 30, 3),
            (plan(90, 30, 0, None), EvalSteps::instant(90), 30, 3),
            (plan(90, 30, 10, None), EvalSteps::instant(100), 30, 3),
            (plan(60, 30, 0, Some(60)), EvalSteps::instant(1000), 30, 2),
            (plan(5, 30, 0, None), EvalSteps::instant(20), 30, 0),
            (plan(30, 10, 0, None), EvalSteps::instant(0), -20, 3),
        ] {
            let eval_steps = plan.inner_grid(&outer).unwrap();
            assert_eq!((eval_steps.start, eval_steps.count), (start, count), "{plan:?}");
        }
        let year = plan(31_536_000_000, 1, 0, None).inner_grid(&EvalSteps::instant(0));
        assert_eq!(year, Err(QueryError::too_many_samples()));
    }
}
