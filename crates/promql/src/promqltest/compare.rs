//! Comparison of a query result with the expected one.

use super::script::{Eval, EvalTime, Expected};
use super::series::SequenceValue;
use crate::engine::{MatrixSeries, Value, VectorSample};
use crate::histogram::FloatHistogram;
use crate::{Labels, SampleValue, Timestamp};
use go::Duration;
use go::number::{almost_equal, format_general};
use go::quote::quote;
use text::IndexSort;

/// The relative difference that two equal values may have.
const TOLERANCE: f64 = 1e-6;

/// Compares a result with the expected one. The error describes the first difference.
pub(super) fn compare(eval: &Eval, value: &Value) -> Result<(), String> {
    match (&eval.expected, value) {
        (Expected::Scalar(expected), &Value::Scalar { value: got, .. }) => {
            if almost_equal(got, *expected, TOLERANCE) {
                return Ok(());
            }
            Err(format!("expected scalar {} but got {}", float(*expected), float(got)))
        }
        (Expected::String(expected), Value::String { value: got, .. }) if **expected == **got => {
            Ok(())
        }
        (Expected::String(expected), Value::String { value: got, .. }) => Err(format!(
            "expected string {expected} but got {got}",
            expected = quote(expected),
            got = quote(got)
        )),
        (Expected::Series(expected), Value::Vector(got)) => {
            compare_vector(expected, got, eval.ordered)
        }
        (Expected::Series(expected), Value::Matrix(got)) => {
            let EvalTime::Range { start, end, step } = eval.when else {
                return Err("expected an instant vector, but got a range vector".into());
            };
            compare_matrix(expected, got, (start, end, step))
        }
        (&Expected::RangeVector { start, end, step, ref series }, Value::Matrix(got)) => {
            compare_matrix(series, got, (start, end, step))
        }
        (expected, got) => Err(format!("expected {}, but got {}", kind(expected), value_kind(got))),
    }
}

fn kind(expected: &Expected) -> &'static str {
    match expected {
        Expected::Series(_) => "vector or matrix result",
        Expected::Scalar(_) => "scalar result",
        Expected::String(_) => "string result",
        Expected::RangeVector { .. } => "range vector result",
    }
}

fn value_kind(value: &Value) -> String {
    match value {
        Value::Scalar { value, .. } => format!("scalar {}", float(*value)),
        Value::String { value: text, .. } => format!("string {text}", text = quote(text)),
        Value::Vector(samples) => format!("vector of {} samples", samples.len()),
        Value::Matrix(series) => format!("matrix of {} series", series.len()),
    }
}

fn float(value: f64) -> String {
    format_general(value, None)
}

type ExpectedSeries = [(Labels, Vec<SequenceValue>)];

fn compare_vector(
    expected: &ExpectedSeries,
    got: &[VectorSample],
    ordered: bool,
) -> Result<(), String> {
    for (at, sample) in got.iter().enumerate() {
        let VectorSample { labels, value, .. } = sample;
        let place = expected.iter().position(|(known, _)| known == labels);
        let found = place.and_then(|place| expected.get(place));
        let Some((_, values)) = found else {
            return Err(format!("unexpected metric {labels} in result, has value {}", show(value)));
        };
        if ordered && place != Some(at) {
            let place = place.map_or(0, |place| place + 1);
            return Err(format!(
                "expected metric {labels} at position {place} but was at {}",
                at + 1
            ));
        }
        let matches = match (values.first(), value) {
            (Some(SequenceValue::Float(expected)), SampleValue::Float(got)) => {
                almost_equal(*expected, *got, TOLERANCE)
            }
            (
                Some(SequenceValue::Histogram { histogram, hint_given }),
                SampleValue::Histogram(got),
            ) => same_histogram(histogram, got, *hint_given),
            _ => false,
        };
        if !matches {
            let expected = values.first().map_or_else(|| "nothing".to_owned(), show_expected);
            return Err(format!("expected {expected} for {labels} but got {}", show(value)));
        }
    }
    missing(expected, got.iter().map(|sample| &sample.labels))
}

fn missing<'a>(
    expected: &ExpectedSeries,
    got: impl Iterator<Item = &'a Labels>,
) -> Result<(), String> {
    let got: std::collections::HashSet<&Labels> = got.collect();
    match expected.iter().find(|(labels, _)| !got.contains(labels)) {
        Some((labels, values)) => {
            let values: Vec<String> = values.iter().take(10).map(show_expected).collect();
            Err(format!("expected metric {labels} with {} not found", values.join(" ")))
        }
        None => Ok(()),
    }
}

fn compare_matrix(
    expected: &ExpectedSeries,
    got: &[MatrixSeries],
    (start, end, step): (Timestamp, Timestamp, Duration),
) -> Result<(), String> {
    if let Some((a, b)) = got.iter().zip(got.iter().skip(1)).find(|(a, b)| a.labels > b.labels) {
        return Err(format!("the result is not sorted: {} is before {}", a.labels, b.labels));
    }
    for series in got {
        let Some((labels, values)) = expected.iter().find(|(labels, _)| *labels == series.labels)
        else {
            let (labels, shown) = (&series.labels, show_series(series));
            return Err(format!("unexpected metric {labels} in result, has {shown}"));
        };
        let mut floats = Vec::new();
        let mut histograms = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let time = start.saturating_add(step.millis().saturating_mul(at as i64));
            if time > end {
                let count = values.len();
                return Err(format!(
                    "expected {count} points for {labels}, but the query's time range has fewer steps"
                ));
            }
            match value {
                SequenceValue::Omitted => {}
                SequenceValue::Float(value) => floats.push((time, *value)),
                SequenceValue::Histogram { histogram, hint_given } => {
                    histograms.push((time, histogram, *hint_given));
                }
            }
        }
        let fits = floats.len() == series.floats.len()
            && histograms.len() == series.histograms.len()
            && floats.iter().zip(&series.floats).all(|(expected, got)| {
                expected.0 == got.0 && almost_equal(expected.1, got.1, TOLERANCE)
            })
            && histograms.iter().zip(&series.histograms).all(|(expected, got)| {
                expected.0 == got.0 && same_histogram(expected.1, &got.1, expected.2)
            });
        if !fits {
            let shown: Vec<String> = values.iter().take(40).map(show_expected).collect();
            let (expected, got) = (shown.join(" "), show_series(series));
            return Err(format!("expected {expected} for {labels} but got {got}"));
        }
    }
    missing(expected, got.iter().map(|series| &series.labels))
}

/// Equal within the tolerance; empty buckets do not count, the hint only where it was written.
fn same_histogram(expected: &FloatHistogram, got: &FloatHistogram, hint_given: bool) -> bool {
    let (mut a, mut b) = (expected.clone(), got.clone());
    a.compact(0);
    b.compact(0);
    let near = |a: f64, b: f64| almost_equal(a, b, TOLERANCE);
    let same_side = |a: &crate::histogram::Buckets, b: &crate::histogram::Buckets| {
        a.counts.len() == b.counts.len()
            && a.indexed().zip(b.indexed()).all(|(a, b)| a.0 == b.0 && near(a.1, b.1))
    };
    a.schema == b.schema
        && near(a.count, b.count)
        && near(a.sum, b.sum)
        && (!a.uses_custom_buckets() || a.bounds() == b.bounds())
        && a.zero_threshold == b.zero_threshold
        && near(a.zero_count, b.zero_count)
        && same_side(&a.negative, &b.negative)
        && same_side(&a.positive, &b.positive)
        && (!hint_given || a.counter_reset_hint == b.counter_reset_hint)
}

fn show(value: &SampleValue) -> String {
    match value {
        SampleValue::Float(value) => float(*value),
        SampleValue::Histogram(histogram) => histogram.test_expression(),
    }
}

fn show_expected(value: &SequenceValue) -> String {
    match value {
        SequenceValue::Omitted => "_".to_owned(),
        SequenceValue::Float(value) => float(*value),
        SequenceValue::Histogram { histogram, .. } => histogram.test_expression(),
    }
}

fn show_series(series: &MatrixSeries) -> String {
    let floats = series.floats.iter().map(|(time, value)| (*time, float(*value)));
    let histograms =
        series.histograms.iter().map(|(time, histogram)| (*time, histogram.test_expression()));
    let mut points: Vec<(Timestamp, String)> = floats.chain(histograms).collect();
    points.index_sort_by_key(|point| point.0);
    let shown: Vec<String> =
        points.iter().take(40).map(|(time, value)| format!("{value} @{time}")).collect();
    shown.join(", ")
}
