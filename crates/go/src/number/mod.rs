//! Numbers as Go writes and reads them, exact sums, and the two NaNs of Prometheus.

mod format;
mod kahan;
mod parse;

pub use format::{
    format_binary, format_exponent, format_exponent_shortest, format_fixed, format_float,
    format_general, format_hex,
};
pub use kahan::{KahanSum, kahan_inc};
pub use parse::{ParseFloatError, parse_float, parse_int_literal, parse_uint_literal};

/// The bits of the NaN that arithmetic yields in Go.
pub const NORMAL_NAN_BITS: u64 = 0x7ff8_0000_0000_0001;
/// The bits of the NaN that marks a series as stale.
pub const STALE_NAN_BITS: u64 = 0x7ff0_0000_0000_0002;

/// The value that marks a series as gone from here on.
pub fn stale_nan() -> f64 {
    f64::from_bits(STALE_NAN_BITS)
}

/// Returns true for the staleness marker. Other NaNs are ordinary values.
pub fn is_stale_nan(value: f64) -> bool {
    value.to_bits() == STALE_NAN_BITS
}

/// Returns true if two values differ by less than their sum times `epsilon`. A NaN equals a NaN, a
/// staleness marker only another one.
/// Source: prometheus `util/almost`.
pub fn almost_equal(a: f64, b: f64, epsilon: f64) -> bool {
    if is_stale_nan(a) || is_stale_nan(b) {
        return is_stale_nan(a) && is_stale_nan(b);
    }
    if (a.is_nan() && b.is_nan()) || a == b {
        return true;
    }
    let sum = a.abs() + b.abs();
    let difference = (a - b).abs();
    if a == 0.0 || b == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < epsilon * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < epsilon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn almost_equal_knows_stale_and_other_nans() {
        for (a, b, epsilon, equal) in [
            (0.0, 0.0, 0.0, true),
            (0.0, 0.1, 0.0, false),
            (1.0, 1.1, 0.1, true),
            (1.0, 1.3, 0.1, false),
            (f64::MAX, f64::MAX / 10.0, 0.1, false),
            (1.0, f64::NAN, 0.1, false),
            (f64::NAN, f64::NAN, 0.1, true),
            (f64::NAN, stale_nan(), 0.1, false),
            (stale_nan(), stale_nan(), 0.1, true),
        ] {
            assert_eq!(almost_equal(a, b, epsilon), equal, "{a} {b} {epsilon}");
        }
    }
}
