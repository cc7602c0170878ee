//! `deriv`, `predict_linear` and `double_exponential_smoothing`: lines and curves through the
//! floats of a window.

use super::columns::SampleColumns;
use super::error::QueryError;
use crate::Timestamp;
use go::number::KahanSum;

/// The straight line nearest to the samples, by least squares. Times in seconds from `origin`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearTerms {
    /// The number of samples.
    pub samples: usize,
    /// The time of x = 0, in milliseconds.
    pub origin: Timestamp,
    /// The sum of x, in seconds.
    pub sum_x: f64,
    /// The sum of the values y.
    pub sum_y: f64,
    /// The sum of the products of x and y.
    pub sum_xy: f64,
    /// The sum of the squares of x.
    pub sum_x2: f64,
    /// All values are equal, so the line is level without any arithmetic.
    pub constant: bool,
    /// The slope per second.
    pub slope: f64,
    /// The value at the origin.
    pub intercept: f64,
}

/// Fits the line. Source: prometheus promql/functions.go `linearRegression`.
pub(super) fn linear_regression(
    samples: SampleColumns<'_, f64>,
    origin: Timestamp,
) -> Option<LinearTerms> {
    let (_, &first) = samples.first()?;
    let [mut x, mut y, mut xy, mut x2] = [KahanSum::default(); 4];
    let mut constant = true;
    for (at, (time, &value)) in samples.iter().enumerate() {
        // A NaN differs from itself, but the first sample is not compared.
        constant &= at == 0 || value == first;
        let seconds = time.saturating_sub(origin) as f64 / 1000.0;
        x.add(seconds);
        y.add(value);
        xy.add(seconds * value);
        x2.add(seconds * seconds);
    }
    let sum = |sum: KahanSum| sum.sum + sum.c;
    let (sum_x, sum_y, sum_xy, sum_x2) = (sum(x), sum(y), sum(xy), sum(x2));
    let n = samples.len() as f64;
    let (slope, intercept) = if constant && first.is_infinite() {
        (f64::NAN, f64::NAN)
    } else if constant {
        (0.0, first)
    } else {
        let covariance = sum_xy - sum_x * sum_y / n;
        let variance = sum_x2 - sum_x * sum_x / n;
        let slope = covariance / variance;
        (slope, sum_y / n - slope * sum_x / n)
    };
    Some(LinearTerms {
        samples: samples.len(),
        origin,
        sum_x,
        sum_y,
        sum_xy,
        sum_x2,
        constant,
        slope,
        intercept,
    })
}

/// The slope per second, from two samples on.
pub(super) fn derivative(samples: SampleColumns<'_, f64>) -> Option<LinearTerms> {
    if samples.len() < 2 {
        return None;
    }
    // An origin near the samples keeps the sums small and so exact.
    linear_regression(samples, *samples.times.first()?)
}

/// Checks a factor of `double_exponential_smoothing`.
pub(super) fn check_factor(what: &str, factor: f64) -> Result<(), QueryError> {
    if factor <= 0.0 || factor >= 1.0 {
        let letter = if what == "trend" { "tf" } else { "sf" };
        let got = go::number::format_fixed(factor, 6);
        return Err(QueryError::execution(format!(
            "invalid {what} factor. Expected: 0 < {letter} < 1, got: {got}"
        )));
    }
    Ok(())
}

/// The last value smoothed with its trend (Holt's method), from two samples on.
/// Source: prometheus promql/functions.go `funcDoubleExponentialSmoothing`.
pub(super) fn double_exponential_smoothing(
    samples: SampleColumns<'_, f64>,
    smoothing: f64,
    trend_factor: f64,
) -> Option<f64> {
    let [first, second, ..] = samples.values else { return None };
    let mut previous = 0.0;
    let mut level = *first;
    let mut trend = second - first;
    for (at, value) in samples.values.iter().enumerate().skip(1) {
        if at > 1 {
            trend = trend_factor * (level - previous) + (1.0 - trend_factor) * trend;
        }
        let next = smoothing * value + (1.0 - smoothing) * (level + trend);
        (previous, level) = (level, next);
    }
    Some(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: [i64; 4] = [0, 10_000, 20_000, 30_000];

    fn view(values: &[f64]) -> SampleColumns<'_, f64> {
        SampleColumns { times: &TIMES[..values.len()], values, starts: &[] }
    }

    #[test]
    fn a_line_is_found_again() {
        let terms = linear_regression(view(&[1.0, 6.0, 11.0, 16.0]), 30_000).unwrap();
        assert!((terms.slope - 0.5).abs() < 1e-12);
        assert!((terms.intercept - 16.0).abs() < 1e-12);
        let level = linear_regression(view(&[7.0, 7.0]), 0).unwrap();
        assert_eq!((level.slope, level.intercept, level.constant), (0.0, 7.0, true));
        let endless = linear_regression(view(&[f64::INFINITY; 2]), 0).unwrap();
        assert!(endless.slope.is_nan());
        assert!(derivative(view(&[1.0])).is_none());
    }

    #[test]
    fn smoothing_follows_a_line() {
        let smoothed = double_exponential_smoothing(view(&[1.0, 2.0, 3.0, 4.0]), 0.3, 0.7).unwrap();
        assert!((smoothed - 4.0).abs() < 1e-12);
        assert!(check_factor("trend", 1.0).unwrap_err().message.ends_with("got: 1.000000"));
        assert!(check_factor("smoothing", 0.5).is_ok());
    }
}
