//! Statistics of a native histogram: quantile, fraction, average and standard deviation.

use super::{Bucket, FloatHistogram};
use go::number::KahanSum;

/// The effect of observations of NaN, which no bucket counts, on a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NanNote {
    /// The quantile fell among the NaNs, so the answer is NaN.
    QuantileIsNan,
    /// NaNs were taken for the largest observations, so the answer is too high.
    QuantileSkewed,
    /// NaNs were left out of a fraction.
    FractionWithoutNans,
}

impl FloatHistogram {
    /// The value below which a share `q` of the observations lies. Within a bucket observations
    /// are spread evenly in the zero bucket and in custom buckets, evenly on a logarithmic scale
    /// in the others.
    /// Source: prometheus `promql/quantile.go` HistogramQuantile.
    pub fn quantile(&self, q: f64) -> (f64, Option<NanNote>) {
        if q < 0.0 {
            return (f64::NEG_INFINITY, None);
        }
        if q > 1.0 {
            return (f64::INFINITY, None);
        }
        if self.count == 0.0 || q.is_nan() {
            return (f64::NAN, None);
        }
        // NaNs count as if they lay above all buckets, so ranks hold only from below then.
        let from_below = self.sum.is_nan() || q < 0.5;
        let rank = if from_below { q * self.count } else { (1.0 - q) * self.count };
        let (mut bucket, mut seen, in_buckets) = if from_below {
            bucket_at_rank(self.all_buckets(), rank)
        } else {
            bucket_at_rank(self.all_buckets_reversed(), rank)
        };
        if self.uses_custom_buckets() {
            if bucket.lower == f64::NEG_INFINITY {
                if bucket.upper <= 0.0 {
                    return (bucket.upper, None);
                }
                bucket.lower = 0.0;
            } else if bucket.upper == f64::INFINITY {
                return (bucket.lower, None);
            }
        } else if bucket.lower < 0.0 && bucket.upper > 0.0 {
            self.cut_to_populated_side(&mut bucket);
        }
        seen = seen.min(self.count);
        if seen < rank {
            return if self.sum.is_nan() {
                (f64::NAN, Some(NanNote::QuantileIsNan))
            } else {
                (bucket.upper, None)
            };
        }
        let rank = if from_below { rank - (seen - bucket.count) } else { seen - rank };
        let note =
            (self.sum.is_nan() && in_buckets < self.count).then_some(NanNote::QuantileSkewed);
        (self.interpolate(&bucket, rank / bucket.count), note)
    }

    /// The value at `fraction` of the bucket's observations.
    fn interpolate(&self, bucket: &Bucket, fraction: f64) -> f64 {
        if self.uses_custom_buckets() || (bucket.lower <= 0.0 && bucket.upper >= 0.0) {
            return bucket.lower + (bucket.upper - bucket.lower) * fraction;
        }
        let (lower, upper) = (libm::log2(bucket.lower.abs()), libm::log2(bucket.upper.abs()));
        if bucket.lower > 0.0 {
            libm::exp2(lower + (upper - lower) * fraction)
        } else {
            -libm::exp2(upper + (lower - upper) * (1.0 - fraction))
        }
    }

    /// With buckets on one side only, the zero bucket is taken to end at zero.
    fn cut_to_populated_side(&self, zero: &mut Bucket) {
        match (self.negative.is_empty(), self.positive.is_empty()) {
            (true, false) => zero.lower = 0.0,
            (false, true) => zero.upper = 0.0,
            _ => {}
        }
    }

    /// The share of observations between `lower` and `upper`, with the spread inside a bucket as
    /// in [`Self::quantile`].
    /// Source: prometheus `promql/quantile.go` HistogramFraction.
    pub fn fraction(&self, lower: f64, upper: f64) -> (f64, Option<NanNote>) {
        if self.count == 0.0 || lower.is_nan() || upper.is_nan() {
            return (f64::NAN, None);
        }
        if lower >= upper {
            return (0.0, None);
        }
        let (lower_rank, upper_rank) = (self.rank_of(lower), self.rank_of(upper));
        let mut count = self.count;
        let mut note = None;
        if self.sum.is_nan() {
            count = self.all_buckets().map(|bucket| bucket.count).sum();
            note = (count < self.count).then_some(NanNote::FractionWithoutNans);
        }
        let capped = |rank: Option<f64>| rank.filter(|&rank| rank <= count).unwrap_or(count);
        ((capped(upper_rank) - capped(lower_rank)) / self.count, note)
    }

    /// The number of observations below `value`. Returns None if it is above all buckets.
    fn rank_of(&self, value: f64) -> Option<f64> {
        let mut rank = 0.0;
        for mut bucket in self.all_buckets() {
            let spans_zero = bucket.lower <= 0.0 && bucket.upper >= 0.0;
            if spans_zero {
                self.cut_to_populated_side(&mut bucket);
            }
            if bucket.lower >= value {
                return Some(rank);
            }
            if bucket.upper > value {
                let linear = self.uses_custom_buckets() || spans_zero;
                // A bucket without a lower bound cannot be interpolated. It counts completely.
                return Some(if linear && bucket.lower == f64::NEG_INFINITY {
                    bucket.count
                } else {
                    rank + bucket.count * bucket.fraction_below(value, linear)
                });
            }
            rank += bucket.count;
        }
        None
    }

    /// The variance of the observations, each taken to lie in the middle of its bucket:
    /// arithmetic in custom buckets, zero in the zero bucket, geometric in the others.
    /// Source: prometheus `promql/functions.go` histogramVariance.
    pub fn variance(&self) -> f64 {
        let mean = self.sum / self.count;
        let mut variance = KahanSum::default();
        for bucket in self.all_buckets().filter(|bucket| bucket.count != 0.0) {
            let middle = if self.uses_custom_buckets() {
                (bucket.upper + bucket.lower) / 2.0
            } else if bucket.lower <= 0.0 && bucket.upper >= 0.0 {
                0.0
            } else {
                (bucket.upper * bucket.lower).sqrt().copysign(bucket.upper)
            };
            let delta = middle - mean;
            variance.add(bucket.count * delta * delta);
        }
        (variance.sum + variance.c) / self.count
    }
}

/// The bucket that holds the observation of this rank, how many there are up to its end, and how
/// many there are in all buckets. Where the rank is beyond them, the last bucket.
fn bucket_at_rank(buckets: impl Iterator<Item = Bucket>, rank: f64) -> (Bucket, f64, f64) {
    let mut found = Bucket::default();
    let (mut up_to, mut total, mut reached) = (0.0, 0.0, false);
    for bucket in buckets {
        total += bucket.count;
        if reached {
            continue;
        }
        found = bucket;
        if bucket.count != 0.0 {
            up_to = total;
            reached = up_to >= rank;
        }
    }
    (found, up_to, total)
}
