//! Native histograms: float counts in exponential or custom buckets.

mod arithmetic;
mod bounds;
mod buckets;
mod classic;
mod from_classic;
mod octave;
mod quantile;
mod reset;
mod text;
mod trim;

use std::fmt;
use std::sync::Arc;

pub use arithmetic::AddNotes;
pub use bounds::bucket_bound;
pub use buckets::{Buckets, Span};
pub use classic::{
    BucketRepair, ClassicBucket, ClassicQuantile, classic_fraction, classic_quantile,
};
pub use from_classic::ClassicSamples;
pub use quantile::NanNote;

/// The schema of histograms whose bounds are listed in `custom_values`.
pub const CUSTOM_BUCKETS_SCHEMA: i32 = -53;
/// The coarsest exponential schema: each bucket 65,536 times as wide as the one before.
pub const EXPONENTIAL_SCHEMA_MIN: i32 = -4;
/// The finest exponential schema: 256 buckets for each power of two.
pub const EXPONENTIAL_SCHEMA_MAX: i32 = 8;

/// The counter reset hint of a histogram relative to the previous one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CounterResetHint {
    /// The hint is unknown.
    #[default]
    Unknown,
    /// The counter was reset.
    Reset,
    /// The counter was not reset.
    NotReset,
    /// The histogram may go down without a reset.
    Gauge,
}

/// Counts of observations in buckets, with their total and sum. Counts are absolute, not
/// cumulative, and may be fractions or even negative after arithmetic.
/// Source: prometheus `model/histogram` FloatHistogram.
#[derive(Clone, Debug, Default)]
pub struct FloatHistogram {
    /// The hint about a counter reset before this histogram.
    pub counter_reset_hint: CounterResetHint,
    /// -4 to 8 for exponential buckets, where an octave has 2^schema of them, or -53.
    pub schema: i32,
    /// The zero bucket reaches from minus this to plus this.
    pub zero_threshold: f64,
    /// The count of the zero bucket.
    pub zero_count: f64,
    /// The number of all observations.
    pub count: f64,
    /// The staleness marker makes the whole histogram one.
    pub sum: f64,
    /// The buckets for positive observations.
    pub positive: Buckets,
    /// The buckets for negative observations.
    pub negative: Buckets,
    /// Upper bounds of the buckets under the custom schema, without the last, which is +Inf.
    pub custom_values: Option<Arc<[f64]>>,
}

/// One bucket with its limits. The limit kinds are as in interval notation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bucket {
    /// The lower bound.
    pub lower: f64,
    /// The upper bound.
    pub upper: f64,
    /// True if the lower bound belongs to the bucket.
    pub lower_inclusive: bool,
    /// True if the upper bound belongs to the bucket.
    pub upper_inclusive: bool,
    /// The count. Not cumulative.
    pub count: f64,
    /// The index of the bucket in its schema; without meaning for the zero bucket.
    pub index: i32,
}

/// The error of an invalid histogram or of two incompatible ones, in the words of Prometheus.
#[derive(Clone, Debug, PartialEq)]
pub enum HistogramError {
    /// Exponential and custom buckets cannot be combined.
    IncompatibleSchema,
    /// The schema is unknown.
    InvalidSchema(i32),
    /// The number of observations is negative.
    NegativeCount(f64),
    /// The count of the zero bucket is negative.
    NegativeZeroCount(f64),
    /// The count of a bucket is negative.
    NegativeBucketCount {
        /// `positive side`, `negative side` or `custom buckets`.
        side: &'static str,
        /// The number of the bucket, counting from 1.
        number: usize,
        /// The count.
        count: f64,
    },
    /// A span after the first one has a negative offset.
    NegativeOffset {
        /// `positive side`, `negative side` or `custom buckets`.
        side: &'static str,
        /// The number of the span, counting from 1.
        number: usize,
        /// The offset.
        offset: i32,
    },
    /// The spans do not cover the buckets.
    BucketMismatch {
        /// `positive side`, `negative side` or `custom buckets`.
        side: &'static str,
        /// The number of buckets that the spans cover.
        need: u64,
        /// The number of buckets.
        have: usize,
    },
    /// There are fewer custom bounds than buckets need.
    TooFewBounds {
        /// The number of bounds.
        bounds: usize,
        /// The number of buckets that the spans cover.
        span: i64,
    },
    /// Custom bounds are not in strictly increasing order.
    BoundsNotIncreasing {
        /// A bound.
        previous: f64,
        /// The bound after it.
        current: f64,
    },
    /// A custom bound is infinite.
    InfiniteBound,
    /// A custom bound is NaN.
    NanBound,
    /// A histogram with custom buckets has a zero count.
    CustomZeroCount,
    /// A histogram with custom buckets has a zero threshold.
    CustomZeroThreshold,
    /// A histogram with custom buckets has negative spans.
    CustomNegativeSpans,
    /// A histogram with custom buckets has negative buckets.
    CustomNegativeBuckets,
    /// A histogram with exponential buckets has custom bounds.
    ExponentialWithBounds,
}

impl fmt::Display for HistogramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NEGATIVE: &str = "histogram has a bucket whose observation count is negative";
        match self {
            Self::IncompatibleSchema => f.write_str(
                "cannot apply this operation on histograms with a mix of exponential and custom bucket schemas",
            ),
            Self::InvalidSchema(schema) => write!(
                f,
                "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema {schema}"
            ),
            Self::NegativeCount(count) => {
                write!(f, "observation count is  {count}: histogram's observation count is negative")
            }
            Self::NegativeZeroCount(count) => {
                write!(f, "zero bucket has observation count of {count}: {NEGATIVE}")
            }
            Self::NegativeBucketCount { side, number, count } => {
                write!(f, "{side}: bucket number {number} has observation count of {count}: {NEGATIVE}")
            }
            Self::NegativeOffset { side, number, offset } => write!(
                f,
                "{side}: span number {number} with offset {offset}: histogram has a span whose offset is negative"
            ),
            Self::BucketMismatch { side, need, have } => write!(
                f,
                "{side}: spans need {need} buckets, have {have} buckets: histogram spans specify different number of buckets than provided"
            ),
            Self::TooFewBounds { bounds, span } => write!(
                f,
                "custom buckets: only {bounds} custom bounds defined which is insufficient to cover total span length of {span}: histogram custom bounds are too few"
            ),
            Self::BoundsNotIncreasing { previous, current } => write!(
                f,
                "custom buckets: previous bound is {previous:.6} and current is {current:.6}: histogram custom bounds must be in strictly increasing order"
            ),
            Self::InfiniteBound => f.write_str(
                "custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite",
            ),
            Self::NanBound => f.write_str("custom buckets: histogram custom bounds must not be NaN"),
            Self::CustomZeroCount => f.write_str("custom buckets: must have zero count of 0"),
            Self::CustomZeroThreshold => f.write_str("custom buckets: must have zero threshold of 0"),
            Self::CustomNegativeSpans => f.write_str("custom buckets: must not have negative spans"),
            Self::CustomNegativeBuckets => {
                f.write_str("custom buckets: must not have negative buckets")
            }
            Self::ExponentialWithBounds => {
                f.write_str("histogram with exponential schema must not have custom bounds")
            }
        }
    }
}

impl std::error::Error for HistogramError {}

impl FloatHistogram {
    /// Returns true if the bounds are custom.
    pub fn uses_custom_buckets(&self) -> bool {
        self.schema == CUSTOM_BUCKETS_SCHEMA
    }

    /// The custom upper bounds; empty for exponential buckets.
    pub fn bounds(&self) -> &[f64] {
        self.custom_values.as_deref().unwrap_or_default()
    }

    /// Returns true if the histogram is a staleness marker.
    pub fn is_stale(&self) -> bool {
        go::number::is_stale_nan(self.sum)
    }

    /// The histogram that marks a series as gone.
    pub fn stale() -> Self {
        Self { sum: go::number::stale_nan(), ..Self::default() }
    }

    /// Returns the zero bucket.
    pub fn zero_bucket(&self) -> Bucket {
        Bucket {
            lower: -self.zero_threshold,
            upper: self.zero_threshold,
            lower_inclusive: true,
            upper_inclusive: true,
            count: self.zero_count,
            index: 0,
        }
    }

    /// Buckets above the zero bucket, from the lowest on.
    pub fn positive_buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.positive.indexed().map(|(index, count)| self.positive_bucket(index, count))
    }

    /// Buckets below the zero bucket, from the one nearest to zero on.
    pub fn negative_buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        self.negative.indexed().map(|(index, count)| self.negative_bucket(index, count))
    }

    /// Every bucket in ascending order. Buckets that reach into the zero bucket are cut at its
    /// limits, and a zero bucket without observations is left out.
    pub fn all_buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let below = self.negative.indexed_reversed().map(|(i, n)| self.negative_bucket(i, n));
        let above = self.positive_buckets();
        below
            .chain(self.populated_zero_bucket())
            .chain(above)
            .map(|bucket| self.cut_at_zero(bucket))
    }

    /// Every bucket in descending order, otherwise as [`Self::all_buckets`].
    pub fn all_buckets_reversed(&self) -> impl Iterator<Item = Bucket> + '_ {
        let above = self.positive.indexed_reversed().map(|(i, n)| self.positive_bucket(i, n));
        let below = self.negative_buckets();
        above
            .chain(self.populated_zero_bucket())
            .chain(below)
            .map(|bucket| self.cut_at_zero(bucket))
    }

    fn populated_zero_bucket(&self) -> Option<Bucket> {
        (self.zero_count > 0.0).then(|| self.zero_bucket())
    }

    fn cut_at_zero(&self, mut bucket: Bucket) -> Bucket {
        if bucket.upper < 0.0 && bucket.upper > -self.zero_threshold {
            bucket.upper = -self.zero_threshold;
        } else if bucket.lower > 0.0 && bucket.lower < self.zero_threshold {
            bucket.lower = self.zero_threshold;
        }
        bucket
    }

    fn positive_bucket(&self, index: i32, count: f64) -> Bucket {
        let bound = |index| bucket_bound(index, self.schema, self.bounds());
        self.with_limit_kinds(bound(index.saturating_sub(1)), bound(index), index, count)
    }

    fn negative_bucket(&self, index: i32, count: f64) -> Bucket {
        let bound = |index| bucket_bound(index, self.schema, &[]);
        self.with_limit_kinds(-bound(index), -bound(index.saturating_sub(1)), index, count)
    }

    fn with_limit_kinds(&self, lower: f64, upper: f64, index: i32, count: f64) -> Bucket {
        let (lower_inclusive, upper_inclusive) = if self.uses_custom_buckets() {
            (index == 0, true)
        } else {
            (lower < 0.0, upper > 0.0)
        };
        Bucket { lower, upper, lower_inclusive, upper_inclusive, count, index }
    }

    /// Drops empty buckets, except for runs of at most `keep_empty` between populated ones.
    pub fn compact(&mut self, keep_empty: usize) -> &mut Self {
        self.positive.compact(keep_empty);
        self.negative.compact(keep_empty);
        self
    }

    /// Returns true if all data are bitwise equal. Ignores the counter reset hint and the division
    /// of buckets into spans.
    pub fn same_data(&self, other: &Self) -> bool {
        self.schema == other.schema
            && self.count.to_bits() == other.count.to_bits()
            && self.sum.to_bits() == other.sum.to_bits()
            && (!self.uses_custom_buckets() || self.bounds() == other.bounds())
            && self.zero_threshold == other.zero_threshold
            && self.zero_count.to_bits() == other.zero_count.to_bits()
            && self.negative.same_data(&other.negative)
            && self.positive.same_data(&other.positive)
    }

    /// Returns true if a count, the sum or a boundary is infinite.
    pub fn has_overflow(&self) -> bool {
        self.zero_count.is_infinite()
            || self.count.is_infinite()
            || self.sum.is_infinite()
            || self.positive.counts.iter().any(|count| count.is_infinite())
            || self.negative.counts.iter().any(|count| count.is_infinite())
            || self.bounds().iter().any(|bound| bound.is_infinite())
    }

    /// Bytes that Prometheus reckons for this histogram; its sample limit counts one sample for
    /// each 16 of them.
    pub fn size(&self) -> usize {
        const STRUCT: usize = 168;
        let words = self.positive.spans.len()
            + self.negative.spans.len()
            + self.positive.counts.len()
            + self.negative.counts.len()
            + self.bounds().len();
        STRUCT + 8 * words
    }

    /// Checks what Prometheus checks before it stores a histogram.
    pub fn validate(&self) -> Result<(), HistogramError> {
        if self.uses_custom_buckets() {
            self.validate_custom()?;
        } else if (EXPONENTIAL_SCHEMA_MIN..=EXPONENTIAL_SCHEMA_MAX).contains(&self.schema) {
            self.positive.validate_layout("positive side")?;
            self.negative.validate_layout("negative side")?;
            self.negative.validate_counts("negative side")?;
            if self.zero_count < 0.0 {
                return Err(HistogramError::NegativeZeroCount(self.zero_count));
            }
            if self.custom_values.is_some() {
                return Err(HistogramError::ExponentialWithBounds);
            }
        } else {
            return Err(HistogramError::InvalidSchema(self.schema));
        }
        if self.count < 0.0 {
            return Err(HistogramError::NegativeCount(self.count));
        }
        self.positive.validate_counts("positive side")
    }

    fn validate_custom(&self) -> Result<(), HistogramError> {
        bounds::validate_custom_bounds(self.bounds())?;
        for (at, span) in self.positive.spans.iter().enumerate() {
            if span.offset < 0 {
                return Err(HistogramError::NegativeOffset {
                    side: "custom buckets",
                    number: at + 1,
                    offset: span.offset,
                });
            }
        }
        self.positive.validate_layout("custom buckets")?;
        let reach: i64 = self
            .positive
            .spans
            .iter()
            .map(|span| i64::from(span.length) + i64::from(span.offset))
            .sum();
        if reach > self.bounds().len() as i64 + 1 {
            return Err(HistogramError::TooFewBounds { bounds: self.bounds().len(), span: reach });
        }
        if self.zero_count != 0.0 {
            return Err(HistogramError::CustomZeroCount);
        }
        if self.zero_threshold != 0.0 {
            return Err(HistogramError::CustomZeroThreshold);
        }
        if !self.negative.spans.is_empty() {
            return Err(HistogramError::CustomNegativeSpans);
        }
        if !self.negative.counts.is_empty() {
            return Err(HistogramError::CustomNegativeBuckets);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
