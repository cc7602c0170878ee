//! `rate`, `increase` and `delta`: the difference over a window, mended for counter resets and
//! extrapolated to the window's ends.
//!
//! The terms of the arithmetic are the value that the evaluation works with; what explains a rate
//! is what made it. Source: prometheus promql/functions.go `extrapolatedRate`.

use super::annotations::{Annotations, Extent, Message};
use super::columns::SampleColumns;
use super::histogram_rates::histogram_rate;
use super::windows::{HistogramColumns, RangeSeries, Window};
use crate::SampleValue;
use crate::Timestamp;
use text::Span;

/// Which of the three functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKind {
    /// Counter, per second.
    Rate,
    /// Counter, over the window.
    Increase,
    /// Gauge, over the window.
    Delta,
}

impl RateKind {
    /// Returns true for the functions that compensate counter resets.
    pub const fn is_counter(self) -> bool {
        !matches!(self, Self::Delta)
    }

    /// Returns true if the increase is divided by the length of the window.
    pub const fn per_second(self) -> bool {
        matches!(self, Self::Rate)
    }
}

/// Samples farther from an end than this many average intervals are not extrapolated to it.
const THRESHOLD_FACTOR: f64 = 1.1;

/// Which clause decided how far the start was extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartClause {
    /// The first sample is near enough: extended to the window's start.
    WindowStart,
    /// It is not: extended by half an average interval.
    HalfInterval,
    /// The counter would have been below zero: extended to where it was zero.
    CounterZero,
    /// The counter is known to have started inside the window: nothing to extend.
    StartTimestamp,
}

/// Which clause decided how far the end was extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndClause {
    /// The last sample is near the end of the window: extended to the end.
    WindowEnd,
    /// The last sample is far from the end: extended by half an average interval.
    HalfInterval,
}

/// The extrapolation of a sampled interval. All durations are in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extrapolation {
    /// From the first sample (or the counter's start) to the last one.
    pub sampled_interval: f64,
    /// The mean distance between two samples.
    pub average_interval: f64,
    /// 1.1 average intervals.
    pub threshold: f64,
    /// From the window's start to the first sample.
    pub gap_at_start: f64,
    /// From the last sample to the window's end.
    pub gap_at_end: f64,
    /// The time before the first sample at which the counter was zero, if it has a slope.
    pub to_zero: Option<f64>,
    /// The extension before the first sample.
    pub extended_at_start: f64,
    /// The reason of the extension at the start.
    pub start_clause: StartClause,
    /// The extension after the last sample.
    pub extended_at_end: f64,
    /// The reason of the extension at the end.
    pub end_clause: EndClause,
    /// The factor of the increase. For `rate` it includes the division by the window.
    pub factor: f64,
}

/// A counter reset. The value before the reset is added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResetTerm {
    /// The time of the first sample after the reset.
    pub time: Timestamp,
    /// The value before the reset.
    pub before: f64,
    /// The value after the reset.
    pub after: f64,
    /// The value did not fall; only the start timestamp shows the reset.
    pub by_start_timestamp: bool,
}

/// The arithmetic of a rate over floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateTerms {
    /// The function.
    pub kind: RateKind,
    /// The number of samples in the window.
    pub samples: usize,
    /// The time and value of the first sample.
    pub first: (Timestamp, f64),
    /// The time and value of the last sample.
    pub last: (Timestamp, f64),
    /// The start of the window in milliseconds. It is not part of the window.
    pub window_start: Timestamp,
    /// The end of the window in milliseconds.
    pub window_end: Timestamp,
    /// The number of resets and the sum that they add.
    pub resets: usize,
    /// The sum of the values before each reset.
    pub reset_correction: f64,
    /// The amount that the first sample adds because its counter started inside the window.
    pub from_start_timestamp: Option<f64>,
    /// The difference with everything added, before extrapolation.
    pub increase: f64,
    /// The extrapolation to the ends of the window.
    pub extrapolation: Extrapolation,
    /// The result.
    pub result: f64,
}

/// The input of the extrapolation.
#[derive(Clone, Copy)]
pub(super) struct Sampling {
    pub kind: RateKind,
    pub first: Timestamp,
    pub last: Timestamp,
    pub intervals: usize,
    pub window_start: Timestamp,
    pub window_end: Timestamp,
    /// The counter's start, where it lies between the window's start and the first sample.
    pub started: Option<Timestamp>,
    /// The first value and the increase, for the zero point.
    pub first_value: f64,
    pub increase: f64,
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.saturating_sub(from) as f64 / 1000.0
}

impl Sampling {
    /// Returns None for a single sample without a known start of the counter.
    pub fn extrapolate(&self) -> Option<Extrapolation> {
        let mut sampled_interval = seconds(self.first, self.last);
        let average_interval = match self.intervals {
            0 => 0.0,
            intervals => sampled_interval / intervals as f64,
        };
        let threshold = average_interval * THRESHOLD_FACTOR;
        let gap_at_start = seconds(self.window_start, self.first);
        let gap_at_end = seconds(self.last, self.window_end);
        let mut to_zero = None;
        let (mut extended_at_start, mut start_clause) = (gap_at_start, StartClause::WindowStart);
        if let Some(started) = self.started {
            (extended_at_start, start_clause) = (0.0, StartClause::StartTimestamp);
            sampled_interval = seconds(started, self.last);
        } else if self.intervals == 0 {
            return None;
        } else {
            if gap_at_start >= threshold {
                (extended_at_start, start_clause) =
                    (average_interval / 2.0, StartClause::HalfInterval);
            }
            // A counter is never negative, so the line through the samples must not be extended
            // below zero.
            if self.kind.is_counter() && self.increase > 0.0 && self.first_value >= 0.0 {
                let zero = sampled_interval * (self.first_value / self.increase);
                to_zero = Some(zero);
                if zero < extended_at_start {
                    (extended_at_start, start_clause) = (zero, StartClause::CounterZero);
                }
            }
        }
        let (extended_at_end, end_clause) = if gap_at_end >= threshold {
            (average_interval / 2.0, EndClause::HalfInterval)
        } else {
            (gap_at_end, EndClause::WindowEnd)
        };
        let mut factor = 1.0;
        if sampled_interval != 0.0 {
            factor = (sampled_interval + extended_at_start + extended_at_end) / sampled_interval;
        }
        if self.kind.per_second() {
            factor /= seconds(self.window_start, self.window_end);
        }
        Some(Extrapolation {
            sampled_interval,
            average_interval,
            threshold,
            gap_at_start,
            gap_at_end,
            to_zero,
            extended_at_start,
            start_clause,
            extended_at_end,
            end_clause,
            factor,
        })
    }
}

/// The resets of a float series: indices of the first sample after each reset, and indices of
/// samples whose start time overlaps the previous sample. Computed once for all windows.
#[derive(Clone, Debug, Default)]
pub(super) struct ResetIndex {
    resets: Vec<usize>,
    overlaps: Vec<usize>,
}

impl ResetIndex {
    /// For a counter; a gauge has none.
    pub fn of_floats(samples: SampleColumns<'_, f64>, use_starts: bool) -> Self {
        let mut index = Self::default();
        for (at, pair) in samples.values.windows(2).enumerate() {
            if let [before, after] = pair
                && after < before
            {
                index.resets.push(at + 1);
            }
        }
        if use_starts && !samples.starts.is_empty() {
            index.resets.clear();
            for at in 1..samples.len() {
                if samples.values[at] < samples.values[at - 1] || resets_by_start(&samples, at) {
                    index.resets.push(at);
                }
            }
            index.find_overlaps(samples);
        }
        index
    }

    pub fn of_histograms(samples: HistogramColumns<'_>, use_starts: bool) -> Self {
        let mut index = Self::default();
        let use_starts = use_starts && !samples.starts.is_empty();
        for at in 1..samples.len() {
            if (use_starts && resets_by_start(&samples, at))
                || samples.values[at].detect_reset(&samples.values[at - 1])
            {
                index.resets.push(at);
            }
        }
        if use_starts {
            index.find_overlaps(samples);
        }
        index
    }

    fn find_overlaps<V>(&mut self, samples: SampleColumns<'_, V>) {
        self.overlaps = (1..samples.len())
            .filter(|&at| {
                let (before, start) = (samples.start(at - 1), samples.start(at));
                start != 0 && start < samples.times[at - 1] && start != before
            })
            .collect();
    }

    /// The resets after the first of `len` samples that begin at `from`, counted from there.
    pub fn within(&self, from: usize, len: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        within(&self.resets, from, len)
    }

    pub fn overlaps_within(&self, from: usize, len: usize) -> bool {
        within(&self.overlaps, from, len).next().is_some()
    }
}

fn within(places: &[usize], from: usize, len: usize) -> impl Iterator<Item = usize> + Clone + '_ {
    let first = places.partition_point(|&at| at <= from);
    let rest = places.get(first..).unwrap_or_default();
    rest.iter().map(move |&at| at - from).take_while(move |&at| at < len)
}

/// Returns true if the start timestamps show that the counter was reset between a sample and the
/// previous one.
/// Source: prometheus promql/functions.go `isStartTimestampReset`.
pub(super) fn is_start_timestamp_reset(
    previous_start: Timestamp,
    previous: Timestamp,
    start: Timestamp,
    time: Timestamp,
) -> bool {
    if start == 0 || start >= time || start < previous {
        return false;
    }
    // A start at the very time of the sample before is a reset of a delta series, unless that
    // sample's own start was not known.
    start > previous
        || (previous_start <= previous && previous_start != 0 && previous_start != previous)
}

fn resets_by_start<V>(samples: &SampleColumns<'_, V>, at: usize) -> bool {
    is_start_timestamp_reset(
        samples.start(at - 1),
        samples.times[at - 1],
        samples.start(at),
        samples.times[at],
    )
}

/// The counter's start, where it is inside the window and before the first sample.
pub(super) fn started_inside<V>(
    samples: &SampleColumns<'_, V>,
    kind: RateKind,
    window_start: Timestamp,
) -> Option<i64> {
    let start = samples.start(0);
    let first = *samples.times.first()?;
    (kind.is_counter() && start != 0 && start > window_start && start < first).then_some(start)
}

/// The rate over the floats of a window, with its terms. `resets` are the places in the window of
/// the first samples after a reset.
pub(super) fn float_rate(
    kind: RateKind,
    samples: SampleColumns<'_, f64>,
    (window_start, window_end): (Timestamp, Timestamp),
    resets: impl Iterator<Item = usize>,
) -> Option<RateTerms> {
    let (&first, &last) = (samples.values.first()?, samples.values.last()?);
    let (first_time, last_time) = (*samples.times.first()?, *samples.times.last()?);
    let mut increase = last - first;
    let (mut count, mut reset_correction) = (0, 0.0);
    if kind.is_counter() {
        for at in resets {
            let before = samples.values.get(at.wrapping_sub(1)).copied().unwrap_or_default();
            increase += before;
            reset_correction += before;
            count += 1;
        }
    }
    let started = started_inside(&samples, kind, window_start);
    if started.is_some() {
        increase += first;
    }
    let extrapolation = Sampling {
        kind,
        first: first_time,
        last: last_time,
        intervals: samples.len() - 1,
        window_start,
        window_end,
        started,
        first_value: first,
        increase,
    }
    .extrapolate()?;
    Some(RateTerms {
        kind,
        samples: samples.len(),
        first: (first_time, first),
        last: (last_time, last),
        window_start,
        window_end,
        resets: count,
        reset_correction,
        from_start_timestamp: started.map(|_| first),
        increase,
        extrapolation,
        result: increase * extrapolation.factor,
    })
}

/// The terms of a rate over samples in ascending order of time, of which those in the window
/// `(start, end]` count, or `[start, end]` where it is closed as before version 3, with each reset.
/// Returns None for fewer samples than the function needs.
pub fn rate_terms(
    kind: RateKind,
    samples: &[(Timestamp, f64)],
    (start, end): (Timestamp, Timestamp),
    closed: bool,
) -> Option<(RateTerms, Vec<ResetTerm>)> {
    let after_start = |time: Timestamp| time > start || (closed && time == start);
    let inside = samples.iter().filter(|(time, _)| after_start(*time) && *time <= end);
    let (times, values): (Vec<Timestamp>, Vec<f64>) = inside.copied().unzip();
    let view = SampleColumns { times: &times, values: &values, starts: &[] };
    let index = ResetIndex::of_floats(view, false);
    let resets = if kind.is_counter() { reset_terms(view, &index, 0) } else { Vec::new() };
    let terms = float_rate(kind, view, (start, end), index.within(0, view.len()))?;
    Some((terms, resets))
}

/// The amount that each reset in a window adds. `first` is the index of the window's first sample
/// in the series.
pub(super) fn reset_terms(
    samples: SampleColumns<'_, f64>,
    index: &ResetIndex,
    first: usize,
) -> Vec<ResetTerm> {
    index
        .within(first, samples.len())
        .filter_map(|at| {
            let (_, &before) = samples.get(at.checked_sub(1)?)?;
            let (time, &after) = samples.get(at)?;
            Some(ResetTerm { time, before, after, by_start_timestamp: after >= before })
        })
        .collect()
}

/// The reset places of both kinds of samples of a series.
pub(super) struct SeriesResets {
    pub floats: ResetIndex,
    pub histograms: ResetIndex,
}

impl SeriesResets {
    pub fn of(series: &RangeSeries, is_counter: bool, use_starts: bool) -> Self {
        if !is_counter {
            return Self { floats: ResetIndex::default(), histograms: ResetIndex::default() };
        }
        Self {
            floats: ResetIndex::of_floats(series.floats(), use_starts),
            histograms: ResetIndex::of_histograms(series.histograms(), use_starts),
        }
    }
}

/// The rate over a window, of whichever kind its samples are.
pub(super) fn extrapolated_rate(
    kind: RateKind,
    window: &Window<'_>,
    resets: &SeriesResets,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> Option<SampleValue> {
    if window.is_mixed() {
        annotations.add(Message::MixedFloatsHistograms { metric: metric.to_owned() }, span);
        return None;
    }
    if !window.histograms.is_empty() {
        let resets = &resets.histograms;
        return histogram_rate(kind, window, resets, metric, span, annotations)
            .map(|terms| SampleValue::Histogram(terms.result));
    }
    let (first, len) = (window.first_float, window.floats.len());
    if kind.is_counter() && resets.floats.overlaps_within(first, len) {
        annotations.add_extent(
            Message::StartTimeOverlap { metric: metric.to_owned() },
            span,
            Extent::Occurrences(1),
        );
    }
    let inside = resets.floats.within(first, len);
    let terms = float_rate(kind, window.floats, (window.start, window.end), inside)?;
    Some(SampleValue::Float(terms.result))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64]) -> Vec<(Timestamp, f64)> {
        values.iter().enumerate().map(|(i, &value)| (15_000 * (i as i64 + 1), value)).collect()
    }

    #[test]
    fn a_steady_counter_is_extended_to_both_ends() {
        let (terms, resets) =
            rate_terms(RateKind::Rate, &samples(&[30.0, 60.0, 90.0, 120.0]), (0, 60_000), false)
                .unwrap();
        assert_eq!(terms.samples, 4);
        assert!(resets.is_empty());
        assert_eq!(terms.increase, 90.0);
        let Extrapolation { start_clause, end_clause, average_interval, .. } = terms.extrapolation;
        assert_eq!(start_clause, StartClause::WindowStart);
        assert_eq!(end_clause, EndClause::WindowEnd);
        assert_eq!(average_interval, 15.0);
        assert!((terms.result - 2.0).abs() < 1e-12);
    }

    #[test]
    fn each_clause_is_told() {
        let far = [(50_000, 100.0), (60_000, 110.0), (70_000, 120.0)];
        let (terms, _) = rate_terms(RateKind::Increase, &far, (0, 120_000), false).unwrap();
        assert_eq!(terms.extrapolation.start_clause, StartClause::HalfInterval);
        assert_eq!(terms.extrapolation.end_clause, EndClause::HalfInterval);
        assert_eq!(terms.result, 30.0);
        let young = [(10_000, 0.0), (20_000, 10.0)];
        let (terms, _) = rate_terms(RateKind::Increase, &young, (0, 20_000), false).unwrap();
        assert_eq!(terms.extrapolation.start_clause, StartClause::CounterZero);
        assert_eq!(terms.extrapolation.to_zero, Some(0.0));
        assert_eq!(terms.result, 10.0);
        let (gauge, _) = rate_terms(RateKind::Delta, &young, (0, 20_000), false).unwrap();
        assert_eq!(gauge.result, 20.0);
    }

    #[test]
    fn resets_add_what_was_lost() {
        let (terms, resets) =
            rate_terms(RateKind::Increase, &samples(&[10.0, 20.0, 5.0, 15.0]), (0, 60_000), false)
                .unwrap();
        assert_eq!(
            resets,
            [ResetTerm { time: 45_000, before: 20.0, after: 5.0, by_start_timestamp: false }]
        );
        assert_eq!((terms.resets, terms.reset_correction, terms.increase), (1, 20.0, 25.0));
        let (gauge, resets) =
            rate_terms(RateKind::Delta, &samples(&[10.0, 20.0, 5.0, 15.0]), (0, 60_000), false)
                .unwrap();
        assert_eq!((gauge.increase, resets.len()), (5.0, 0));
    }

    #[test]
    fn a_closed_window_counts_the_sample_at_its_start() {
        let samples = samples(&[30.0, 60.0, 90.0, 120.0, 150.0]);
        let of = |closed| rate_terms(RateKind::Increase, &samples, (15_000, 75_000), closed);
        let (open, _) = of(false).unwrap();
        assert_eq!((open.samples, open.increase), (4, 90.0));
        assert_eq!(open.extrapolation.extended_at_start, 15.0);
        let (closed, _) = of(true).unwrap();
        assert_eq!((closed.samples, closed.increase, closed.result), (5, 120.0, 120.0));
    }

    #[test]
    fn one_sample_is_not_enough() {
        assert!(rate_terms(RateKind::Rate, &samples(&[1.0]), (0, 60_000), false).is_none());
        assert!(
            rate_terms(RateKind::Rate, &samples(&[1.0, 2.0]), (15_000, 60_000), false).is_none()
        );
        assert!(rate_terms(RateKind::Rate, &[], (0, 1), false).is_none());
    }

    #[test]
    fn start_timestamps_tell_resets() {
        for (previous_start, previous, start, time, reset) in [
            (0, 10, 0, 20, false),
            (1, 10, 1, 20, false),
            (1, 10, 15, 20, true),
            (1, 10, 10, 20, true),
            (0, 10, 10, 20, false),
            (10, 10, 10, 20, false),
            (12, 10, 10, 20, false),
            (1, 10, 20, 20, false),
        ] {
            assert_eq!(
                is_start_timestamp_reset(previous_start, previous, start, time),
                reset,
                "{previous_start} {previous} {start} {time}"
            );
        }
    }
}
