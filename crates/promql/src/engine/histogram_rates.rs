//! `rate`, `increase` and `delta` of native histograms, and adding them up with remarks.
//!
//! Source: prometheus promql/functions.go `histogramRate`.

use std::sync::Arc;

use super::annotations::{Annotations, Extent, HistogramOperation, Message};
use super::rates::{Extrapolation, RateKind, ResetIndex, Sampling, started_inside};
use super::windows::{HistogramColumns, Window};
use crate::Timestamp;
use crate::histogram::{AddNotes, CounterResetHint, FloatHistogram, HistogramError};
use text::Span;

/// The arithmetic of a rate over native histograms. Counts and sums stand for the buckets, which
/// are treated alike.
#[derive(Clone, Debug)]
pub struct HistogramRateTerms {
    /// The function.
    pub kind: RateKind,
    /// The number of histograms in the window.
    pub samples: usize,
    /// Observations in the first and in the last histogram.
    pub first: (Timestamp, f64),
    /// The time and count of the last histogram.
    pub last: (Timestamp, f64),
    /// The number of counter resets.
    pub resets: usize,
    /// Observations that were added back for resets.
    pub reset_correction: f64,
    /// The amount that the first histogram adds because its counter started inside the window.
    pub from_start_timestamp: Option<f64>,
    /// Observations and their sum, before extrapolation.
    pub increase: f64,
    /// The increase of the sum of observations, before extrapolation.
    pub increase_of_sum: f64,
    /// The extrapolation to the ends of the window.
    pub extrapolation: Extrapolation,
    /// Each bucket, the count and the sum of the increase, times the factor.
    pub result: Arc<FloatHistogram>,
}

/// Returns the count before each reset of a counter; gauges have none.
fn counts_before_resets(kind: RateKind, window: &Window<'_>, resets: &ResetIndex) -> Vec<f64> {
    if !kind.is_counter() {
        return Vec::new();
    }
    let samples = window.histograms;
    resets
        .within(window.first_histogram, samples.len())
        .map(|at| at.checked_sub(1).and_then(|before| samples.values.get(before)))
        .map(|before| before.map_or(0.0, |before| before.count))
        .collect()
}

/// The rate over a window of histograms, with its terms.
pub(super) fn histogram_rate(
    kind: RateKind,
    window: &Window<'_>,
    resets: &ResetIndex,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> Option<HistogramRateTerms> {
    let samples = window.histograms;
    let first = samples.values.first()?;
    let started = started_inside(&samples, kind, window.start);
    let mut difference = None;
    if samples.len() > 1 {
        let first = window.first_histogram;
        let found = HistogramDifference { kind, samples, resets, first }.compute();
        for (message, extent) in found.messages(metric) {
            annotations.add_extent(message, span, extent);
        }
        difference = Some(found.result?);
    }
    let increase = match (difference, started) {
        (None, Some(_)) => Some(FloatHistogram::clone(first)),
        (Some(mut difference), Some(_)) => {
            let added = add_noting(&mut difference, first, metric, span, annotations);
            Some(added.then_some(difference)?)
        }
        (difference, None) => difference,
    };
    let extrapolation = Sampling {
        kind,
        first: *samples.times.first()?,
        last: *samples.times.last()?,
        intervals: samples.len() - 1,
        window_start: window.start,
        window_end: window.end,
        started,
        first_value: first.count,
        increase: increase.as_ref().map_or(0.0, |increase| increase.count),
    }
    .extrapolate()?;
    let mut result = increase?;
    let (increase, increase_of_sum) = (result.count, result.sum);
    result.mul(extrapolation.factor);
    let last = samples.values.last()?;
    let before_resets = counts_before_resets(kind, window, resets);
    Some(HistogramRateTerms {
        kind,
        samples: samples.len(),
        first: (*samples.times.first()?, first.count),
        last: (*samples.times.last()?, last.count),
        resets: before_resets.len(),
        reset_correction: before_resets.iter().sum(),
        from_start_timestamp: started.map(|_| first.count),
        increase,
        increase_of_sum,
        extrapolation,
        result: Arc::new(result),
    })
}

/// Adds a histogram, with the annotations that it causes; false where the two do not go together.
pub(super) fn add_noting(
    base: &mut FloatHistogram,
    other: &FloatHistogram,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> bool {
    let notes = base.add(other);
    note_result(notes, HistogramOperation::Addition, metric, span, annotations)
}

/// Subtracts a histogram, otherwise as [`add_noting`].
pub(super) fn sub_noting(
    base: &mut FloatHistogram,
    other: &FloatHistogram,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> bool {
    let notes = base.sub(other);
    note_result(notes, HistogramOperation::Subtraction, metric, span, annotations)
}

fn note_result(
    notes: Result<AddNotes, HistogramError>,
    operation: HistogramOperation,
    metric: &str,
    span: Span,
    annotations: &mut Annotations,
) -> bool {
    match notes {
        Ok(notes) => {
            if notes.bounds_reconciled {
                annotations.add(Message::MismatchedCustomBuckets { operation }, span);
            }
            true
        }
        Err(_) => {
            let metric = metric.to_owned();
            annotations.add(Message::MixedExponentialCustomHistograms { metric }, span);
            false
        }
    }
}

/// The difference between the last and the first histogram of a window.
struct HistogramDifference<'a> {
    kind: RateKind,
    samples: HistogramColumns<'a>,
    resets: &'a ResetIndex,
    first: usize,
}

/// A difference with the annotations of its computation.
#[derive(Default)]
struct HistogramChange {
    result: Option<FloatHistogram>,
    not_a_counter: bool,
    not_a_gauge: bool,
    mixed_schemas: bool,
    overlap: bool,
    reconciled: [bool; 2],
}

impl HistogramChange {
    /// Two kinds of buckets leave no result and hide everything else.
    fn mixed() -> Self {
        Self { mixed_schemas: true, ..Self::default() }
    }

    fn messages(&self, metric: &str) -> impl Iterator<Item = (Message, Extent)> {
        let name = || metric.to_owned();
        let once = |yes: bool, message: Message| yes.then_some((message, Extent::Plain));
        let [sub, add] = self.reconciled;
        [
            once(self.not_a_counter, Message::NativeHistogramNotCounter { metric: name() }),
            once(self.not_a_gauge, Message::NativeHistogramNotGauge { metric: name() }),
            once(self.mixed_schemas, Message::MixedExponentialCustomHistograms { metric: name() }),
            once(
                sub,
                Message::MismatchedCustomBuckets { operation: HistogramOperation::Subtraction },
            ),
            once(add, Message::MismatchedCustomBuckets { operation: HistogramOperation::Addition }),
            self.overlap
                .then_some((Message::StartTimeOverlap { metric: name() }, Extent::Occurrences(1))),
        ]
        .into_iter()
        .flatten()
    }
}

fn is_gauge(histogram: &FloatHistogram) -> bool {
    histogram.counter_reset_hint == CounterResetHint::Gauge
}

impl HistogramDifference<'_> {
    fn compute(&self) -> HistogramChange {
        let is_counter = self.kind.is_counter();
        let values = self.samples.values;
        let ([first, second, ..], Some(last)) = (values, values.last()) else {
            return HistogramChange::default();
        };
        let mut change = HistogramChange::default();
        if is_counter {
            change.not_a_counter = is_gauge(first) || is_gauge(last);
        }
        // After a reset between the first two the first does not matter, its layout neither.
        let first_is_reset = is_counter && self.resets.within(self.first, 2).next().is_some();
        let emptied;
        let mut previous: &FloatHistogram = first;
        if first_is_reset {
            emptied = FloatHistogram {
                schema: second.schema,
                custom_values: second.custom_values.clone(),
                ..FloatHistogram::default()
            };
            previous = &emptied;
        }
        let custom = previous.uses_custom_buckets();
        if last.uses_custom_buckets() != custom {
            return HistogramChange { mixed_schemas: true, ..change };
        }
        let schema = last.schema.min(previous.schema);
        let schema = match is_counter {
            true => self.schema_of_all(schema, custom, &mut change),
            false => Some(schema),
        };
        let Some(schema) = schema else { return HistogramChange::mixed() };
        let mut result = last.copy_to_schema(schema);
        match result.sub(previous) {
            Ok(notes) => change.reconciled[0] |= notes.bounds_reconciled,
            Err(_) => return HistogramChange::mixed(),
        }
        if !is_counter {
            change.not_a_gauge = !is_gauge(first) || !is_gauge(last);
        } else if !self.add_lost(&mut result, previous, &mut change) {
            return HistogramChange::mixed();
        }
        result.counter_reset_hint = CounterResetHint::Gauge;
        result.compact(0);
        change.result = Some(result);
        change
    }

    /// Returns the coarsest schema, also of the samples between the first and the last one. Returns
    /// None if some have custom buckets and others do not.
    fn schema_of_all(
        &self,
        schema: i32,
        custom: bool,
        change: &mut HistogramChange,
    ) -> Option<i32> {
        let values = self.samples.values;
        let middle = values.get(1..values.len() - 1).unwrap_or_default();
        middle.iter().try_fold(schema, |schema, middle| {
            change.not_a_counter |= is_gauge(middle);
            (middle.uses_custom_buckets() == custom).then(|| schema.min(middle.schema))
        })
    }

    /// Adds the values before each reset. Returns false if two histograms cannot be added.
    fn add_lost(
        &self,
        result: &mut FloatHistogram,
        first: &FloatHistogram,
        change: &mut HistogramChange,
    ) -> bool {
        let values = self.samples.values;
        change.overlap = self.resets.overlaps_within(self.first, values.len());
        for at in self.resets.within(self.first, values.len()) {
            let before = match at {
                // After a reset of the first sample `first` is empty. Adding it compares the bounds.
                1 if !values[1].detect_reset(first) => continue,
                1 => first,
                at => &*values[at - 1],
            };
            match result.add(before) {
                Ok(notes) => change.reconciled[1] |= notes.bounds_reconciled,
                Err(_) => return false,
            }
        }
        true
    }
}
