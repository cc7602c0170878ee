//! Bucket boundaries.

use super::octave::OCTAVE;
use super::{
    Bucket, CUSTOM_BUCKETS_SCHEMA, EXPONENTIAL_SCHEMA_MAX, EXPONENTIAL_SCHEMA_MIN, HistogramError,
};

/// The upper bound of bucket `index`. Under the custom schema the bounds are those given, with
/// infinities below and above them.
pub fn bucket_bound(index: i32, schema: i32, custom: &[f64]) -> f64 {
    if schema == CUSTOM_BUCKETS_SCHEMA {
        return match usize::try_from(index) {
            Ok(at) => custom.get(at).copied().unwrap_or(f64::INFINITY),
            Err(_) => f64::NEG_INFINITY,
        };
    }
    exponential_bound(index, schema)
}

/// `2^(index / 2^schema)`. The bound above which only infinite observations lie would be 2^1024,
/// which no float can hold, so it is the largest float.
/// Source: prometheus `model/histogram` bucket bounds.
pub(super) fn exponential_bound(index: i32, schema: i32) -> f64 {
    let schema = schema.clamp(EXPONENTIAL_SCHEMA_MIN, EXPONENTIAL_SCHEMA_MAX);
    let index = i64::from(index);
    let (fraction, exponent) = if schema <= 0 {
        (0.5, (index << -schema) + 1)
    } else {
        let within = (index & ((1 << schema) - 1)) << (EXPONENTIAL_SCHEMA_MAX - schema);
        let fraction = usize::try_from(within).ok().and_then(|at| OCTAVE.get(at)).copied();
        (fraction.unwrap_or(0.5), (index >> schema) + 1)
    };
    if fraction == 0.5 && exponent == 1025 {
        return f64::MAX;
    }
    times_power_of_two(fraction, exponent)
}

/// `fraction × 2^exponent` for a fraction in [0.5, 1), rounded once where the result is subnormal.
fn times_power_of_two(fraction: f64, exponent: i64) -> f64 {
    let exponent = exponent.clamp(-1200, 1100) as i32;
    match exponent {
        1025.. => f64::INFINITY,
        // Twice the fraction times half the power, which a float can hold.
        1024 => fraction * 2.0 * 2f64.powi(1023),
        -1021..=1023 => fraction * 2f64.powi(exponent),
        _ => fraction * 2f64.powi(-1021) * 2f64.powi(exponent + 1021),
    }
}

/// Returns the index at schema `target` of the bucket with `index` at the finer schema `origin`.
pub(super) fn target_index(index: i32, origin: i32, target: i32) -> i32 {
    let shift = (origin - target).clamp(0, 31);
    (index.wrapping_sub(1) >> shift).wrapping_add(1)
}

pub(super) fn validate_custom_bounds(bounds: &[f64]) -> Result<(), HistogramError> {
    let mut previous = None;
    for &current in bounds {
        if current.is_nan() {
            return Err(HistogramError::NanBound);
        }
        if let Some(previous) = previous.filter(|&previous| current <= previous) {
            return Err(HistogramError::BoundsNotIncreasing { previous, current });
        }
        previous = Some(current);
    }
    if previous == Some(f64::INFINITY) { Err(HistogramError::InfiniteBound) } else { Ok(()) }
}

/// The bounds that both sorted lists have.
pub(super) fn common_bounds(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut rest = b.iter().peekable();
    a.iter()
        .copied()
        .filter(|bound| {
            while rest.next_if(|&&other| other < *bound).is_some() {}
            rest.next_if(|&&other| other == *bound).is_some()
        })
        .collect()
}

impl Bucket {
    /// The fraction of the bucket, between 0 and 1, at or below `value`. The value must be within
    /// the bucket's finite bounds. Interpolates linearly or exponentially.
    pub fn fraction_below(&self, value: f64, linear: bool) -> f64 {
        if linear {
            return (value - self.lower) / (self.upper - self.lower);
        }
        let (lower, upper) = (libm::log2(self.lower.abs()), libm::log2(self.upper.abs()));
        let at = libm::log2(value.abs());
        if value > 0.0 {
            (at - lower) / (upper - lower)
        } else {
            1.0 - (at - upper) / (lower - upper)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_bounds() {
        for (index, schema, bound) in [
            (0, 0, 1.0),
            (1, 0, 2.0),
            (-1, 0, 0.5),
            (1, 1, OCTAVE[128] * 2.0),
            (2, 1, 2.0),
            (-3, 2, 0.5946035575013605),
            (1, -1, 4.0),
            (-1, -4, 0.0000152587890625),
            (1024, 0, f64::MAX),
            (1025, 0, f64::INFINITY),
            (64, -4, f64::MAX),
            (65, -4, f64::INFINITY),
            (1024 << 8, 8, f64::MAX),
            (-1074, 0, f64::from_bits(1)),
            (-1075, 0, 0.0),
            (i32::MAX, -4, f64::INFINITY),
            (i32::MIN, 8, 0.0),
        ] {
            assert_eq!(exponential_bound(index, schema), bound, "{index} {schema}");
        }
    }

    #[test]
    fn custom_bounds() {
        for (index, bound) in
            [(-1, f64::NEG_INFINITY), (0, 5.0), (1, 10.0), (2, f64::INFINITY), (7, f64::INFINITY)]
        {
            assert_eq!(bucket_bound(index, CUSTOM_BUCKETS_SCHEMA, &[5.0, 10.0]), bound);
        }
        assert_eq!(common_bounds(&[1.0, 2.0, 5.0, 9.0], &[0.5, 2.0, 3.0, 9.0]), [2.0, 9.0]);
        assert_eq!(common_bounds(&[1.0], &[]), [0.0; 0]);
    }

    #[test]
    fn indices_merge_downwards() {
        for (index, origin, target, merged) in
            [(1, 1, 0, 1), (2, 1, 0, 1), (3, 1, 0, 2), (0, 1, 0, 0), (-1, 1, 0, 0), (-2, 2, 0, 0)]
        {
            assert_eq!(target_index(index, origin, target), merged, "{index}");
        }
    }
}
