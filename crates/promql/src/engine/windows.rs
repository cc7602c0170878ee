//! Windows over the samples of a series, sliding from step to step.

use std::sync::Arc;

use super::columns::{self, SampleColumns};
use super::eval_steps::EvalSteps;
use crate::histogram::FloatHistogram;
use crate::storage::SampleBuffer;
use crate::{Labels, Timestamp};
use text::Span;

/// Native histograms of a series; they are shared with the store.
pub(super) type HistogramColumns<'a> = SampleColumns<'a, Arc<FloatHistogram>>;

/// The windows of a range vector.
#[derive(Clone, Copy, Debug)]
pub(super) struct RangeSpec {
    /// Milliseconds.
    pub range: i64,
    pub offset: i64,
    pub at: Option<Timestamp>,
    pub anchored: bool,
    pub smoothed: bool,
    /// The time before the window that `anchored` and `smoothed` read.
    pub lookback: i64,
    /// The span for annotations.
    pub span: Span,
}

impl RangeSpec {
    /// Start (not part of it) and end of the window at a time of evaluation.
    pub fn window(&self, time: Timestamp) -> (Timestamp, Timestamp) {
        let end = self.at.unwrap_or(time).saturating_sub(self.offset);
        (end.saturating_sub(self.range), end)
    }

    /// The window with what `anchored` and `smoothed` read beyond it.
    pub fn reach(&self, time: Timestamp) -> (Timestamp, Timestamp) {
        let (start, end) = self.window(time);
        (
            if self.anchored || self.smoothed {
                start.saturating_sub(self.lookback)
            } else {
                start
            },
            if self.smoothed { end.saturating_add(self.lookback) } else { end },
        )
    }

    /// From where to where samples are needed for all steps of a grid.
    pub fn reach_over(&self, eval_steps: &EvalSteps) -> (Timestamp, Timestamp) {
        (self.reach(eval_steps.start).0, self.reach(eval_steps.last()).1)
    }
}

/// A series of a range vector: the samples that some window may see, without staleness markers.
#[derive(Clone, Debug, Default)]
pub(super) struct RangeSeries {
    pub labels: Labels,
    pub drop_name: bool,
    pub samples: SampleBuffer,
}

impl RangeSeries {
    pub fn floats(&self) -> SampleColumns<'_, f64> {
        columns::floats(&self.samples)
    }

    pub fn histograms(&self) -> HistogramColumns<'_> {
        columns::histograms(&self.samples)
    }
}

/// The input of a range function at one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<'a> {
    /// The time of the evaluation.
    pub time: Timestamp,
    /// The window without the samples that are read beyond it; the start is excluded.
    pub start: Timestamp,
    pub end: Timestamp,
    pub floats: SampleColumns<'a, f64>,
    pub histograms: HistogramColumns<'a>,
    /// The place of the first float and of the first histogram in the series.
    pub first_float: usize,
    pub first_histogram: usize,
}

impl Window<'_> {
    pub fn is_empty(&self) -> bool {
        self.floats.is_empty() && self.histograms.is_empty()
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.floats.len() + self.histograms.len()
    }

    pub fn is_mixed(&self) -> bool {
        !self.floats.is_empty() && !self.histograms.is_empty()
    }

    /// Length in seconds.
    pub fn seconds(&self) -> f64 {
        self.end.saturating_sub(self.start) as f64 / 1000.0
    }
}

/// A window's ends in a column of times. Both only move forwards.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    from: usize,
    to: usize,
}

impl Ends {
    fn advance(&mut self, times: &[Timestamp], after: Timestamp, until: Timestamp) {
        self.to = skip(times, self.to, until);
        self.from = skip(times, self.from, after).min(self.to);
    }
}

/// The first place from `at` on with a time above `limit`. Near in the usual case; where the step
/// is much longer than the samples' interval, by halving.
pub(super) fn skip(times: &[Timestamp], at: usize, limit: Timestamp) -> usize {
    const NEAR: usize = 8;
    let rest = times.get(at..).unwrap_or_default();
    let near = rest.len().min(NEAR);
    match rest[..near].iter().position(|&time| time > limit) {
        Some(found) => at + found,
        None if near < NEAR => at + near,
        None => at + near + rest[near..].partition_point(|&time| time <= limit),
    }
}

/// The windows over a series, one for each step.
pub(super) struct WindowCursor<'a> {
    spec: RangeSpec,
    floats: SampleColumns<'a, f64>,
    histograms: HistogramColumns<'a>,
    float_ends: Ends,
    histogram_ends: Ends,
}

impl<'a> WindowCursor<'a> {
    pub fn new(spec: RangeSpec, series: &'a RangeSeries) -> Self {
        Self {
            spec,
            floats: series.floats(),
            histograms: series.histograms(),
            float_ends: Ends::default(),
            histogram_ends: Ends::default(),
        }
    }

    /// The window at a time; times must not go back.
    #[inline]
    pub fn at(&mut self, time: Timestamp) -> Window<'a> {
        let (start, end) = self.spec.window(time);
        let (after, until) = self.spec.reach(time);
        self.float_ends.advance(self.floats.times, after, until);
        self.histogram_ends.advance(self.histograms.times, after, until);
        let (floats, histograms) = (self.float_ends, self.histogram_ends);
        Window {
            time,
            start,
            end,
            floats: self.floats.slice(floats.from, floats.to),
            histograms: self.histograms.slice(histograms.from, histograms.to),
            first_float: floats.from,
            first_histogram: histograms.from,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(times: &[i64]) -> RangeSeries {
        RangeSeries {
            samples: SampleBuffer {
                float_times: times.to_vec(),
                floats: times.iter().map(|&time| time as f64).collect(),
                ..SampleBuffer::default()
            },
            ..RangeSeries::default()
        }
    }

    fn spec(range: i64) -> RangeSpec {
        RangeSpec {
            range,
            offset: 0,
            at: None,
            anchored: false,
            smoothed: false,
            lookback: 0,
            span: Span::default(),
        }
    }

    #[test]
    fn windows_are_left_open() {
        let series = series(&[10, 20, 30, 40, 50]);
        let mut cursor = WindowCursor::new(spec(20), &series);
        for (time, seen) in
            [(5, &[][..]), (30, &[20, 30]), (40, &[30, 40]), (45, &[30, 40]), (90, &[])]
        {
            assert_eq!(cursor.at(time).floats.times, seen, "{time}");
        }
    }

    #[test]
    fn long_steps_skip_many_samples() {
        let times: Vec<i64> = (0..1000).map(|i| i * 10).collect();
        let series = series(&times);
        let mut cursor = WindowCursor::new(spec(20), &series);
        for time in [20, 5_000, 5_001, 9_990] {
            let expected: Vec<i64> =
                times.iter().copied().filter(|&t| t > time - 20 && t <= time).collect();
            assert_eq!(cursor.at(time).floats.times, expected, "{time}");
        }
    }
}
