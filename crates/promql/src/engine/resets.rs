//! `resets` and `changes`: how often neighbouring samples of a window differ in a certain way.
//!
//! Source: prometheus promql/functions.go `funcResets` and `funcChanges`.

use super::rates::is_start_timestamp_reset;
use super::series::SampleRef;
use super::windows::Window;
use crate::Timestamp;

/// Which of the two functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counting {
    Resets,
    Changes,
}

/// A sample of either kind, and its start timestamp.
#[derive(Clone, Copy)]
struct Item<'a> {
    time: Timestamp,
    start: Timestamp,
    value: SampleRef<'a>,
}

/// The places in both columns where counting begins. For an `anchored` range that is the last
/// sample at or before the window's start. Nothing where no sample lies after the start.
fn first_places(window: &Window<'_>, anchored: bool) -> Option<(usize, usize)> {
    if !anchored {
        return Some((0, 0));
    }
    let floats = window.floats.times.partition_point(|&time| time <= window.start);
    let histograms = window.histograms.times.partition_point(|&time| time <= window.start);
    if floats >= window.floats.len() && histograms >= window.histograms.len() {
        return None;
    }
    let last_float = floats.checked_sub(1).and_then(|at| window.floats.times.get(at));
    let last_histogram = histograms.checked_sub(1).and_then(|at| window.histograms.times.get(at));
    Some(match (last_float, last_histogram) {
        (None, None) => (0, 0),
        (Some(float), Some(histogram)) if float < histogram => (floats, histograms - 1),
        (None, Some(_)) => (floats, histograms - 1),
        (Some(_), _) => (floats - 1, histograms),
    })
}

/// Calls `each` with every two neighbours, in order of time.
fn for_neighbours(
    window: &Window<'_>,
    (mut float, mut histogram): (usize, usize),
    mut each: impl FnMut(&Item<'_>, &Item<'_>),
) {
    let mut previous: Option<Item<'_>> = None;
    loop {
        let next_float = window.floats.get(float);
        let next_histogram = window.histograms.get(histogram);
        let item = match (next_float, next_histogram) {
            (None, None) => return,
            (Some((time, &value)), other) if other.is_none_or(|(at, _)| time <= at) => {
                float += 1;
                let start = window.floats.start(float - 1);
                Item { time, start, value: SampleRef::Float(value) }
            }
            (_, Some((time, value))) => {
                histogram += 1;
                let start = window.histograms.start(histogram - 1);
                Item { time, start, value: SampleRef::Histogram(value) }
            }
            (Some(_), None) => return,
        };
        if let Some(previous) = &previous {
            each(previous, &item);
        }
        previous = Some(item);
    }
}

fn is_reset(previous: &Item<'_>, item: &Item<'_>, use_starts: bool) -> bool {
    let by_start = || {
        use_starts && is_start_timestamp_reset(previous.start, previous.time, item.start, item.time)
    };
    match (previous.value, item.value) {
        (SampleRef::Float(before), SampleRef::Float(after)) => after < before || by_start(),
        (SampleRef::Histogram(before), SampleRef::Histogram(after)) => {
            by_start() || after.detect_reset(before)
        }
        _ => true,
    }
}

fn is_change(previous: &Item<'_>, item: &Item<'_>) -> bool {
    match (previous.value, item.value) {
        (SampleRef::Float(before), SampleRef::Float(after)) => {
            after != before && !(after.is_nan() && before.is_nan())
        }
        (SampleRef::Histogram(before), SampleRef::Histogram(after)) => !after.same_data(before),
        _ => true,
    }
}

/// Returns the number of resets or changes in a window. `found` is called with the time of each.
pub(super) fn count(
    counting: Counting,
    window: &Window<'_>,
    anchored: bool,
    use_starts: bool,
    mut found: impl FnMut(Timestamp),
) -> Option<f64> {
    if window.is_empty() {
        return None;
    }
    let first = first_places(window, anchored)?;
    let mut count = 0.0;
    for_neighbours(window, first, |previous, item| {
        let counts = match counting {
            Counting::Resets => is_reset(previous, item, use_starts),
            Counting::Changes => is_change(previous, item),
        };
        if counts {
            count += 1.0;
            found(item.time);
        }
    });
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::super::columns::SampleColumns;
    use super::*;

    fn window<'a>(times: &'a [i64], values: &'a [f64], start: i64) -> Window<'a> {
        Window {
            time: 100,
            start,
            end: 100,
            floats: SampleColumns { times, values, starts: &[] },
            histograms: SampleColumns::EMPTY,
            first_float: 0,
            first_histogram: 0,
        }
    }

    #[test]
    fn neighbours_are_counted() {
        let nan = f64::NAN;
        for (values, resets, changes) in [
            (&[1.0][..], 0.0, 0.0),
            (&[1.0, 2.0, 1.0, 1.0], 1.0, 2.0),
            (&[nan, nan, 1.0], 0.0, 1.0),
        ] {
            let times: Vec<i64> = (1..=values.len() as i64).collect();
            let window = window(&times, values, 0);
            let of = |counting| count(counting, &window, false, false, |_| {});
            assert_eq!(of(Counting::Resets), Some(resets), "{values:?}");
            assert_eq!(of(Counting::Changes), Some(changes), "{values:?}");
        }
    }

    #[test]
    fn an_anchor_counts_with_what_follows() {
        let (times, values) = ([10, 20, 30], [9.0, 5.0, 6.0]);
        let at = |start| {
            let window = window(&times, &values, start);
            count(Counting::Changes, &window, true, false, |_| {})
        };
        assert_eq!(at(5), Some(2.0));
        assert_eq!(at(20), Some(1.0));
        assert_eq!(at(30), None);
    }
}
