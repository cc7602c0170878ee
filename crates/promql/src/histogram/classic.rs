//! Quantiles and fractions over classic histograms: cumulative counts under `le` labels.

use go::number::almost_equal;

/// Observations up to and including a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassicBucket {
    /// The value of the label `le`.
    pub upper_bound: f64,
    /// The cumulative count.
    pub count: f64,
}

/// Counts that went down from one bucket to a higher one, and were raised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketRepair {
    /// The lowest and the highest bound whose count was raised.
    pub min_bound: f64,
    /// The highest bound whose count was raised.
    pub max_bound: f64,
    /// The largest amount by which one was raised.
    pub max_difference: f64,
}

/// A quantile with what had to be mended to get it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassicQuantile {
    /// The quantile.
    pub value: f64,
    /// The change that made the buckets monotonic, if any.
    pub forced_monotonic: Option<BucketRepair>,
    /// Differences so small that only rounding can have made them were removed.
    pub fixed_precision: bool,
}

/// Relative differences between neighbouring counts below this come from rounding.
const SMALL_DIFFERENCE: f64 = 1e-12;

/// The value below which a share `q` of the observations lies, spread evenly within each bucket.
/// Buckets may come in any order; they are sorted and mended in place. NaN without a `+Inf`
/// bucket, with fewer than two buckets, or with no observations.
/// Source: prometheus `promql/quantile.go` BucketQuantile.
pub fn classic_quantile(q: f64, buckets: &mut Vec<ClassicBucket>) -> ClassicQuantile {
    let plain = |value| ClassicQuantile { value, forced_monotonic: None, fixed_precision: false };
    if q.is_nan() {
        return plain(f64::NAN);
    }
    if q < 0.0 {
        return plain(f64::NEG_INFINITY);
    }
    if q > 1.0 {
        return plain(f64::INFINITY);
    }
    if !sort_and_coalesce(buckets) {
        return plain(f64::NAN);
    }
    let (forced_monotonic, fixed_precision) = mend(buckets);
    let value = interpolate(q, buckets);
    ClassicQuantile { value, forced_monotonic, fixed_precision }
}

fn interpolate(q: f64, buckets: &[ClassicBucket]) -> f64 {
    let [finite @ .., infinite] = buckets else { return f64::NAN };
    let Some(highest) = finite.last() else { return f64::NAN };
    if infinite.count == 0.0 {
        return f64::NAN;
    }
    let rank = q * infinite.count;
    // Counts ascend, save that a NaN among them compares with nothing.
    let at = finite.partition_point(|bucket| {
        !matches!(
            bucket.count.partial_cmp(&rank),
            Some(std::cmp::Ordering::Greater | std::cmp::Ordering::Equal)
        )
    });
    let Some(bucket) = finite.get(at) else { return highest.upper_bound };
    let Some(below) = at.checked_sub(1).and_then(|i| finite.get(i)) else {
        return if bucket.upper_bound <= 0.0 {
            bucket.upper_bound
        } else {
            bucket.upper_bound * (rank / bucket.count)
        };
    };
    let width = bucket.upper_bound - below.upper_bound;
    below.upper_bound + width * ((rank - below.count) / (bucket.count - below.count))
}

/// The share of observations between `lower` and `upper`.
/// Source: prometheus `promql/quantile.go` BucketFraction.
pub fn classic_fraction(lower: f64, upper: f64, buckets: &mut Vec<ClassicBucket>) -> f64 {
    if !sort_and_coalesce(buckets) {
        return f64::NAN;
    }
    let count = buckets.last().map_or(0.0, |bucket| bucket.count);
    if count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let capped = |value| rank_of(value, buckets).filter(|&rank| rank <= count).unwrap_or(count);
    (capped(upper) - capped(lower)) / count
}

/// The number of observations below `value`. Returns None if it is above all bounds.
fn rank_of(value: f64, buckets: &[ClassicBucket]) -> Option<f64> {
    let lowest_is_positive = buckets.first().is_some_and(|bucket| bucket.upper_bound > 0.0);
    let mut start = if lowest_is_positive { 0.0 } else { f64::NEG_INFINITY };
    let mut rank = 0.0;
    for bucket in buckets {
        if start >= value {
            return Some(rank);
        }
        if bucket.upper_bound > value {
            return Some(if start == f64::NEG_INFINITY {
                bucket.count
            } else {
                rank + (bucket.count - rank) * (value - start) / (bucket.upper_bound - start)
            });
        }
        rank = bucket.count;
        start = bucket.upper_bound;
    }
    None
}

/// Sorts by bound and adds up buckets of the same bound. False where the last is not `+Inf`.
fn sort_and_coalesce(buckets: &mut Vec<ClassicBucket>) -> bool {
    buckets.sort_by(|a, b| {
        a.upper_bound.partial_cmp(&b.upper_bound).unwrap_or(std::cmp::Ordering::Equal)
    });
    if buckets.last().is_none_or(|bucket| bucket.upper_bound != f64::INFINITY) {
        return false;
    }
    buckets.dedup_by(|next, kept| {
        let same = next.upper_bound == kept.upper_bound;
        if same {
            kept.count += next.count;
        }
        same
    });
    true
}

/// Makes counts ascend: what rounding did is undone silently, other decreases are raised.
fn mend(buckets: &mut [ClassicBucket]) -> (Option<BucketRepair>, bool) {
    let mut repair: Option<BucketRepair> = None;
    let mut fixed_precision = false;
    let Some((first, rest)) = buckets.split_first_mut() else { return (None, false) };
    let mut previous = first.count;
    for bucket in rest {
        if bucket.count == previous {
            continue;
        }
        if almost_equal(previous, bucket.count, SMALL_DIFFERENCE) {
            bucket.count = previous;
            fixed_precision = true;
        } else if bucket.count < previous {
            let repair = repair.get_or_insert(BucketRepair {
                min_bound: f64::INFINITY,
                max_bound: f64::NEG_INFINITY,
                max_difference: 0.0,
            });
            repair.min_bound = repair.min_bound.min(bucket.upper_bound);
            repair.max_bound = repair.max_bound.max(bucket.upper_bound);
            repair.max_difference = repair.max_difference.max(previous - bucket.count);
            bucket.count = previous;
        } else {
            previous = bucket.count;
        }
    }
    (repair, fixed_precision)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(pairs: &[(f64, f64)]) -> Vec<ClassicBucket> {
        pairs.iter().map(|&(upper_bound, count)| ClassicBucket { upper_bound, count }).collect()
    }

    const INF: f64 = f64::INFINITY;

    #[test]
    fn quantiles() {
        let ordinary = [(0.1, 10.0), (INF, 40.0), (0.5, 30.0)];
        for (q, pairs, value) in [
            (0.5, &ordinary[..], 0.3),
            (0.25, &ordinary, 0.1),
            (0.0, &ordinary, 0.0),
            (0.9, &ordinary, 0.5),
            (-0.1, &ordinary, -INF),
            (1.1, &ordinary, INF),
            (0.5, &[(-1.0, 10.0), (INF, 10.0)], -1.0),
        ] {
            let got = classic_quantile(q, &mut buckets(pairs)).value;
            assert!(almost_equal(got, value, 1e-12), "{q} {pairs:?}: {got}");
        }
        for pairs in [&[(0.1, 5.0)][..], &[(INF, 5.0)], &[(0.1, 0.0), (INF, 0.0)], &[]] {
            assert!(classic_quantile(0.5, &mut buckets(pairs)).value.is_nan(), "{pairs:?}");
        }
    }

    #[test]
    fn mends_decreases() {
        let mut falling = buckets(&[(1.0, 10.0), (2.0, 7.0), (3.0, 9.0), (4.0, 12.0), (INF, 12.0)]);
        let got = classic_quantile(0.5, &mut falling);
        assert_eq!(
            got.forced_monotonic,
            Some(BucketRepair { min_bound: 2.0, max_bound: 3.0, max_difference: 3.0 })
        );
        assert_eq!(got.value, 0.6);
        let mut rounded = buckets(&[(1.0, 10.0), (2.0, 10.0 - 1e-14), (INF, 12.0)]);
        let got = classic_quantile(0.5, &mut rounded);
        assert_eq!((got.forced_monotonic, got.fixed_precision), (None, true));
    }

    #[test]
    fn fractions() {
        let ordinary = [(1.0, 10.0), (2.0, 30.0), (INF, 40.0)];
        for (lower, upper, share) in
            [(0.0, 1.0, 0.25), (1.0, 1.5, 0.25), (-INF, INF, 1.0), (2.0, 9.0, 0.0), (2.0, 1.0, 0.0)]
        {
            assert_eq!(classic_fraction(lower, upper, &mut buckets(&ordinary)), share);
        }
    }
}
