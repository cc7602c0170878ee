//! Cutting observations off above or below a value (the operators `</` and `>/`).

use super::{Bucket, FloatHistogram};

/// Which observations stay.
#[derive(Clone, Copy, PartialEq)]
enum Keep {
    Below(f64),
    Above(f64),
}

/// The remaining count of a bucket, and the value that represents each observation.
type Kept = (f64, f64);

impl FloatHistogram {
    /// Keeps the observations below `limit` (operator `</`). Count and sum are estimated if
    /// anything was cut off.
    pub fn keep_below(&mut self, limit: f64) -> &mut Self {
        self.trim(Keep::Below(limit))
    }

    /// Keeps the observations above `limit` (operator `>/`), otherwise as [`Self::keep_below`].
    pub fn keep_above(&mut self, limit: f64) -> &mut Self {
        self.trim(Keep::Above(limit))
    }

    /// Source: prometheus `model/histogram` TrimBuckets.
    fn trim(&mut self, keep: Keep) -> &mut Self {
        let custom = self.uses_custom_buckets();
        let (mut count, mut sum, mut trimmed) = (0.0, 0.0, false);
        let mut apply = |bucket: &Bucket, (kept, midpoint): Kept| {
            count += kept;
            sum += midpoint * kept;
            trimmed |= kept != bucket.count;
            kept
        };
        let positive: Vec<Bucket> = self.positive_buckets().collect();
        let negative: Vec<Bucket> = self.negative_buckets().collect();
        for (buckets, is_positive, counts) in [
            (&positive, true, &mut self.positive.counts),
            (&negative, false, &mut self.negative.counts),
        ] {
            for (bucket, slot) in buckets.iter().zip(counts) {
                if bucket.count != 0.0 {
                    *slot = apply(bucket, trim_bucket(bucket, keep, is_positive, custom));
                }
            }
        }
        if self.zero_count > 0.0 {
            let populated = |buckets: &[Bucket]| buckets.iter().any(|bucket| bucket.count != 0.0);
            let mut zero = self.zero_bucket();
            match (populated(&negative), populated(&positive)) {
                (true, false) => zero.upper = 0.0,
                (false, true) => zero.lower = 0.0,
                _ => {}
            }
            self.zero_count = apply(&zero, trim_zero_bucket(&zero, keep));
        }
        if trimmed {
            self.count = count;
            self.sum = sum;
            self.compact(0);
        }
        self
    }
}

fn trim_bucket(bucket: &Bucket, keep: Keep, positive: bool, custom: bool) -> Kept {
    let (whole, partly, limit) = match keep {
        Keep::Below(limit) => (bucket.upper <= limit, bucket.lower < limit, limit),
        Keep::Above(limit) => (bucket.lower >= limit, bucket.upper > limit, limit),
    };
    if whole {
        return (bucket.count, midpoint(bucket.lower, bucket.upper, positive, custom));
    }
    if !partly {
        return (0.0, 0.0);
    }
    if bucket.lower == f64::NEG_INFINITY {
        return trim_lowest_bucket(bucket, keep);
    }
    if bucket.upper == f64::INFINITY {
        // The distribution of observations in a bucket with an infinite bound is unknown.
        return match keep {
            Keep::Below(_) => (0.0, 0.0),
            Keep::Above(limit) => (bucket.count, limit),
        };
    }
    let below = bucket.count * bucket.fraction_below(limit, custom);
    match keep {
        Keep::Below(_) => (below, midpoint(bucket.lower, limit, positive, custom)),
        Keep::Above(_) => (bucket.count - below, midpoint(limit, bucket.upper, positive, custom)),
    }
}

/// The bucket that begins at -Inf, of which only custom buckets have one below zero. One that ends
/// above zero is taken to begin at zero.
fn trim_lowest_bucket(bucket: &Bucket, keep: Keep) -> Kept {
    let finite = bucket.upper != f64::INFINITY;
    match keep {
        Keep::Below(limit) if limit > 0.0 && bucket.upper > 0.0 && finite => {
            (bucket.count * limit / bucket.upper, limit / 2.0)
        }
        Keep::Below(limit) if bucket.upper <= 0.0 => (bucket.count, limit),
        Keep::Above(limit) if limit == f64::NEG_INFINITY => (bucket.count, 0.0),
        Keep::Above(limit) if limit >= 0.0 && bucket.upper > limit && finite => {
            (bucket.count * (1.0 - limit / bucket.upper), (limit + bucket.upper) / 2.0)
        }
        _ => (0.0, 0.0),
    }
}

fn trim_zero_bucket(zero: &Bucket, keep: Keep) -> Kept {
    let (lower, upper) = (zero.lower, zero.upper);
    let whole = (zero.count, (lower + upper) / 2.0);
    match keep {
        Keep::Below(limit) if limit <= lower => (0.0, 0.0),
        Keep::Below(limit) if limit >= upper => whole,
        Keep::Below(limit) => {
            (zero.count * ((limit - lower) / (upper - lower)), (lower + limit) / 2.0)
        }
        Keep::Above(limit) if limit <= lower => whole,
        Keep::Above(limit) if limit >= upper => (0.0, 0.0),
        Keep::Above(limit) => {
            (zero.count * ((upper - limit) / (upper - lower)), (limit + upper) / 2.0)
        }
    }
}

/// The value that stands for all observations between two limits: the arithmetic mean in custom
/// buckets, the geometric mean in exponential ones, something finite at an infinite limit.
fn midpoint(lower: f64, upper: f64, positive: bool, linear: bool) -> f64 {
    match (lower.is_infinite(), upper.is_infinite()) {
        (true, true) => 0.0,
        (true, false) if upper > 0.0 => upper / 2.0,
        (true, false) => upper,
        (false, true) => lower,
        (false, false) if linear => (lower + upper) / 2.0,
        (false, false) => {
            let mean = (lower * upper).abs().sqrt();
            if positive { mean } else { -mean }
        }
    }
}
