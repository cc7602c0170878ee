//! The arithmetic of one sample of a function of a range vector. It calls the functions that the
//! evaluation calls.

use super::annotations::Annotations;
use super::extended::Extended;
use super::functions::RangeFunction;
use super::histogram_rates::histogram_rate;
use super::instant_rate::instant_rate_terms;
use super::ranges::{RangeCall, SeriesState, regression_at};
use super::rates::{RateKind, float_rate, is_start_timestamp_reset, reset_terms};
use super::resets::{Counting, count};
use super::trace::{Arithmetic, Terms};
use super::windows::{RangeSeries, Window, WindowCursor};
use crate::Timestamp;

/// Returns the terms of the sample that a call makes of a series at a time. `step` is the step of
/// the time.
pub(super) fn range_terms(
    call: &RangeCall,
    series: &RangeSeries,
    time: Timestamp,
    step: usize,
) -> Terms {
    let state = call.state(series);
    let window = WindowCursor::new(call.spec, series).at(time);
    let metric = series.labels.metric_name();
    // The evaluation has added the annotations.
    let mut ignored = Annotations::default();
    let result = call.evaluate(&window, &state, metric, step, &mut ignored).unwrap_or_default();
    let arithmetic = match call.function {
        RangeFunction::Rate(kind) => rate_arithmetic(kind, call, &state, &window),
        function => other_arithmetic(function, call, &window),
    };
    Terms {
        function: call.id,
        labels: series.labels.clone(),
        start: window.start,
        end: window.end,
        floats: window.floats.iter().map(|(time, &value)| (time, value)).collect(),
        histograms: window.histograms.iter().map(|(t, h)| (t, h.clone())).collect(),
        arithmetic,
        result,
    }
}

fn rate_arithmetic(
    kind: RateKind,
    call: &RangeCall,
    state: &SeriesState,
    window: &Window<'_>,
) -> Arithmetic {
    let mut ignored = Annotations::default();
    let (metric, span) = ("", call.spec.span);
    let found = match (&state.resets, window.floats.is_empty(), window.histograms.is_empty()) {
        (Some(resets), false, true) => {
            let (first, len) = (window.first_float, window.floats.len());
            let inside = resets.floats.within(first, len);
            let ends = (window.start, window.end);
            float_rate(kind, window.floats, ends, inside).map(|terms| Arithmetic::Rate {
                terms,
                resets: reset_terms(window.floats, &resets.floats, first),
            })
        }
        (Some(resets), true, false) => {
            let resets = &resets.histograms;
            histogram_rate(kind, window, resets, metric, span, &mut ignored)
                .map(|terms| Arithmetic::HistogramRate(Box::new(terms)))
        }
        (None, false, true) => {
            let extended = Extended { kind, smoothed: call.spec.smoothed, metric, span };
            extended.float_rate(window).map(|terms| Arithmetic::Extended {
                resets: extended.float_resets(window, &terms),
                terms,
            })
        }
        _ => None,
    };
    found.unwrap_or(Arithmetic::Plain)
}

fn other_arithmetic(function: RangeFunction, call: &RangeCall, window: &Window<'_>) -> Arithmetic {
    match function {
        RangeFunction::Count(counting) => {
            let use_starts = call.use_starts && counting == Counting::Resets;
            let mut times = Vec::new();
            count(counting, window, call.spec.anchored, use_starts, |time| times.push(time));
            Arithmetic::Counting(times)
        }
        RangeFunction::Deriv => {
            regression_at(window, None).map_or(Arithmetic::Plain, Arithmetic::Linear)
        }
        RangeFunction::PredictLinear => {
            regression_at(window, Some(window.time)).map_or(Arithmetic::Plain, Arithmetic::Linear)
        }
        RangeFunction::InstantRate(is_rate) if window.histograms.is_empty() => {
            let len = window.floats.len();
            let at = |back: usize| {
                let place = len.checked_sub(back)?;
                let (time, &value) = window.floats.get(place)?;
                Some(((time, value), window.floats.start(place)))
            };
            let terms = at(2).zip(at(1)).and_then(|((previous, before), (last, start))| {
                let by_start =
                    call.use_starts && is_start_timestamp_reset(before, previous.0, start, last.0);
                instant_rate_terms(is_rate, previous, last, by_start)
            });
            terms.map_or(Arithmetic::Plain, Arithmetic::InstantRate)
        }
        _ => Arithmetic::Plain,
    }
}
