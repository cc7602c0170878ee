//! Sums that keep what rounding loses (Kahan's sum in Neumaier's form).

/// Adds `value` to `sum` with compensation `c`; the exact sum is nearer to `sum + c`.
/// Source: prometheus `util/kahansum`.
#[inline]
pub fn kahan_inc(value: f64, sum: f64, c: f64) -> (f64, f64) {
    let total = sum + value;
    let c = if total.is_infinite() {
        0.0
    } else if sum.abs() >= value.abs() {
        c + ((sum - total) + value)
    } else {
        c + ((value - total) + sum)
    };
    (total, c)
}

/// A running sum with its compensation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KahanSum {
    pub sum: f64,
    pub c: f64,
}

impl KahanSum {
    #[inline]
    pub fn add(&mut self, value: f64) {
        (self.sum, self.c) = kahan_inc(value, self.sum, self.c);
    }

    /// The sum with its compensation; an overflowed sum has none.
    #[inline]
    pub fn total(self) -> f64 {
        if self.sum.is_infinite() { self.sum } else { self.sum + self.c }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum_of(values: &[f64]) -> f64 {
        let mut sum = KahanSum::default();
        values.iter().for_each(|&value| sum.add(value));
        sum.total()
    }

    #[test]
    fn loses_nothing() {
        assert_eq!(sum_of(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum_of(&[0.1; 10]), 1.0);
        assert_eq!(sum_of(&[f64::MAX, f64::MAX, 1.0]), f64::INFINITY);
        assert!(sum_of(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    }
}
