//! Instant vectors: for each series and step the sample that stands for it.
//!
//! The selected sample is the last one at or before the step's time, unless it is as old as the
//! lookback delta or a staleness marker.

use super::columns;
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::extended::smoothed_instant;
use super::plan::{NodePlan, SelectorPlan};
use super::series::{SampleRef, Series, without_metadata};
use super::windows::{RangeSeries, RangeSpec, WindowCursor, skip};
use crate::storage::SampleBuffer;
use crate::syntax::{ExprKind, NodeId};
use crate::{METRIC_NAME, Matcher, Timestamp};
use go::number::is_stale_nan;

/// The sample that stands for a series at a step.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub time: Timestamp,
    pub start: Timestamp,
    pub value: SampleRef<'a>,
}

/// The lookup of an instant vector at each step.
#[derive(Clone, Copy)]
pub(super) struct Lookup {
    pub offset: i64,
    pub at: Option<Timestamp>,
    pub lookback: i64,
}

impl Lookup {
    fn reference(&self, time: Timestamp) -> Timestamp {
        self.at.unwrap_or(time).saturating_sub(self.offset)
    }

    /// The times of all samples that may be found.
    pub fn reach_over(&self, eval_steps: &EvalSteps) -> (Timestamp, Timestamp) {
        let first = self.reference(eval_steps.start).saturating_sub(self.lookback);
        (first, self.reference(eval_steps.last()))
    }

    /// Calls `found` with the sample of each step that has one.
    pub fn walk(
        &self,
        buffer: &SampleBuffer,
        eval_steps: &EvalSteps,
        mut found: impl FnMut(usize, Found<'_>),
    ) {
        let (floats, histograms) = (columns::floats(buffer), columns::histograms(buffer));
        let (mut next_float, mut next_histogram) = (0, 0);
        for step in 0..eval_steps.count {
            let reference = self.reference(eval_steps.time(step));
            next_float = skip(floats.times, next_float, reference);
            next_histogram = skip(histograms.times, next_histogram, reference);
            let float = next_float.checked_sub(1).and_then(|at| {
                let (time, &value) = floats.get(at)?;
                Some(Found { time, start: floats.start(at), value: SampleRef::Float(value) })
            });
            let histogram = next_histogram.checked_sub(1).and_then(|at| {
                let (time, value) = histograms.get(at)?;
                let start = histograms.start(at);
                Some(Found { time, start, value: SampleRef::Histogram(value) })
            });
            let newest = match (float, histogram) {
                (Some(float), Some(histogram)) if histogram.time > float.time => histogram,
                (Some(float), _) => float,
                (None, Some(histogram)) => histogram,
                (None, None) => continue,
            };
            if newest.time <= reference.saturating_sub(self.lookback) {
                continue;
            }
            let stale = match newest.value {
                SampleRef::Float(value) => is_stale_nan(value),
                SampleRef::Histogram(histogram) => histogram.is_stale(),
            };
            if !stale {
                found(step, newest);
            }
        }
    }
}

impl<'a> Evaluator<'a> {
    fn lookup_of(&self, plan: &SelectorPlan) -> Lookup {
        Lookup { offset: plan.offset, at: plan.at, lookback: self.options.lookback.millis() }
    }

    /// The series of an instant vector over a grid.
    pub fn instant_vector(
        &mut self,
        plan: &SelectorPlan,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        if plan.smoothed {
            return self.smoothed_vector(plan, eval_steps);
        }
        let lookup = self.lookup_of(plan);
        self.collect_series(plan, lookup.reach_over(eval_steps), eval_steps, |buffer, series| {
            lookup.walk(buffer, eval_steps, |step, found| match found.value {
                SampleRef::Float(value) => series.set_float(step, eval_steps.count, value),
                SampleRef::Histogram(histogram) => {
                    series.set_histogram(step, eval_steps.count, histogram.clone());
                }
            });
        })
    }

    /// Reads each series of a selector and keeps those that `fill` gave a sample.
    fn collect_series(
        &mut self,
        plan: &SelectorPlan,
        reach: (Timestamp, Timestamp),
        eval_steps: &EvalSteps,
        mut fill: impl FnMut(&SampleBuffer, &mut Series),
    ) -> Result<Vec<Series>, QueryError> {
        let mut result = Vec::new();
        let hints = plan.hints(reach, eval_steps);
        let matchers = self.matchers(plan.node);
        self.for_each_series(matchers, &hints, plan.skip_buckets, |ev, labels, buffer| {
            ev.note_read(buffer);
            ev.limits.check_points(result.len() + 1, eval_steps.count)?;
            let mut series = Series::new(labels, false);
            fill(buffer, &mut series);
            if !series.is_empty() {
                result.push(series);
            }
            Ok(())
        })?;
        Ok(result)
    }

    /// The matchers of a selector's node.
    fn matchers(&self, id: NodeId) -> &'a [Matcher] {
        self.ast.get(id).kind.selector().map_or(&[], |selector| &selector.matchers)
    }

    fn smoothed_vector(
        &mut self,
        plan: &SelectorPlan,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let spec = plan.spec(self.options.lookback.millis());
        let input = self.range_series(plan, &spec, eval_steps)?;
        let mut result = Vec::with_capacity(input.len());
        for stored in &input {
            self.limits.check_interrupt()?;
            let metric = stored.labels.get(METRIC_NAME);
            let mut series = Series::new(stored.labels.clone(), false);
            let mut cursor = WindowCursor::new(spec, stored);
            for step in 0..eval_steps.count {
                let window = cursor.at(eval_steps.time(step));
                if let Some(value) =
                    smoothed_instant(&window, metric, plan.span, &mut self.annotations)
                {
                    series.set(step, eval_steps.count, value);
                }
            }
            if !series.is_empty() {
                result.push(series);
            }
        }
        Ok(result)
    }

    /// The series of a range vector with all samples that some step's window may see.
    pub fn range_series(
        &mut self,
        plan: &SelectorPlan,
        spec: &RangeSpec,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<RangeSeries>, QueryError> {
        let reach = spec.reach_over(eval_steps);
        let mut result = Vec::new();
        let mut loaded = 0;
        let hints = plan.hints(reach, eval_steps);
        let matchers = self.matchers(plan.node);
        self.for_each_series(matchers, &hints, plan.skip_buckets, |ev, labels, buffer| {
            let mut samples = std::mem::take(buffer);
            columns::drop_stale(&mut samples);
            ev.note_read(&samples);
            loaded += samples.len();
            ev.limits.charge(samples.len())?;
            result.push(RangeSeries { labels, drop_name: false, samples });
            Ok(())
        })?;
        // The caller charges for the samples that it keeps.
        self.limits.release(loaded);
        Ok(result)
    }

    /// `timestamp` or, if `of_start`, `start_timestamp` of a selector: the times of the samples.
    pub fn timestamps_of_selector(
        &mut self,
        of_start: bool,
        plan: &SelectorPlan,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let mut lookup = self.lookup_of(plan);
        if plan.at.is_some() {
            // Prometheus forgets the offset here.
            lookup.offset = 0;
        }
        if of_start && !self.options.use_start_timestamps {
            return Ok(Vec::new());
        }
        let keep_names = self.options.delayed_name_removal;
        let mut result = self.collect_series(
            plan,
            lookup.reach_over(eval_steps),
            eval_steps,
            |buffer, series| {
                lookup.walk(buffer, eval_steps, |step, found| {
                    let time = if of_start { found.start } else { found.time };
                    series.set_float(step, eval_steps.count, time as f64 / 1000.0);
                });
            },
        )?;
        for series in &mut result {
            series.drop_name = true;
            if !keep_names {
                series.labels = without_metadata(&series.labels);
            }
        }
        self.check_labelsets(result, eval_steps)
    }

    /// The argument of `timestamp`, where it is a selector.
    pub fn selector_argument(&self, arg: NodeId) -> Option<SelectorPlan> {
        let inner = self.ast.unwrap_parens(arg);
        match (self.query_plan.node_plan(inner), &self.ast.get(inner).kind) {
            (NodePlan::Range(plan), ExprKind::Vector(_)) => Some(plan.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use go::number::stale_nan;

    #[test]
    fn a_sample_stands_until_the_lookback_or_a_marker() {
        let buffer = SampleBuffer {
            float_times: vec![0, 10_000, 20_000],
            floats: vec![1.0, 2.0, stale_nan()],
            ..SampleBuffer::default()
        };
        let found_at = |lookback, offset, time| {
            let mut value = None;
            Lookup { offset, at: None, lookback }.walk(
                &buffer,
                &EvalSteps::instant(time),
                |_, found| value = found.value.float(),
            );
            value
        };
        for (lookback, offset, time, value) in [
            (300_000, 0, -1, None),
            (300_000, 0, 0, Some(1.0)),
            (300_000, 0, 9_999, Some(1.0)),
            (300_000, 0, 10_000, Some(2.0)),
            (300_000, 0, 20_000, None),
            (5_000, 0, 4_999, Some(1.0)),
            (5_000, 0, 5_000, None),
            (300_000, 5_000, 14_000, Some(1.0)),
        ] {
            assert_eq!(found_at(lookback, offset, time), value, "{lookback} {offset} {time}");
        }
    }
}
