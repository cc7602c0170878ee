//! Series in memory, and the index that finds them.
//!
//! | file | contents |
//! | --- | --- |
//! | `store` | takes samples in, keeps them within bounds, selects series |
//! | `series` | one series: sealed chunks, and the samples of the chunk still open |
//! | `chunk` | 120 samples in as few bytes as their values allow |
//! | `bits` | numbers of any width in a row of bytes |
//! | `index` | label names and values → series |
//! | `hints` | counter reset hints of stored histograms |

mod bits;
mod chunk;
mod hints;
mod index;
mod queryable;
mod series;
mod store;

use std::fmt;
use std::sync::Arc;

pub use queryable::{Queryable, SelectHints, SeriesSet, StorageError};
pub use series::{SampleBuffer, Series};
pub use store::{Options, SeriesId, Storage};

use crate::histogram::{FloatHistogram, HistogramError};
use crate::{SampleValue, Timestamp};
use go::number::format_general;

/// A value with its time, and the time since which it counts (0 where that is not known).
#[derive(Clone, Debug)]
pub struct Sample {
    /// The time in milliseconds.
    pub time: Timestamp,
    /// The start timestamp of a counter in milliseconds. 0 if it is not known.
    pub start: Timestamp,
    /// The value.
    pub value: SampleValue,
}

impl Sample {
    /// Creates a float without start timestamp.
    pub fn float(time: Timestamp, value: f64) -> Self {
        Self { time, start: 0, value: SampleValue::Float(value) }
    }

    /// Creates a histogram without start timestamp.
    pub fn histogram(time: Timestamp, value: Arc<FloatHistogram>) -> Self {
        Self { time, start: 0, value: SampleValue::Histogram(value) }
    }
}

/// The reason that a sample was rejected, in the words of Prometheus if it has some.
#[derive(Clone, Debug, PartialEq)]
pub enum AppendError {
    /// Older than the series' last sample.
    OutOfOrder,
    /// Older than the samples that the storage accepts.
    OutOfBounds,
    /// The same time as the last sample, and another value.
    Duplicate {
        /// The time in milliseconds.
        time: Timestamp,
        /// The value in the storage.
        existing: f64,
        /// The value that was not appended.
        new: f64,
    },
    /// The same time as the last sample, and one of both is a histogram.
    DuplicateHistogram {
        /// The time in milliseconds.
        time: Timestamp,
    },
    /// The histogram is not valid.
    InvalidHistogram(HistogramError),
    /// There are as many series as the storage may hold.
    TooManySeries(usize),
    /// The labels of the series take more bytes than the storage allows.
    LabelsTooLarge(usize),
    /// No series has this number.
    UnknownSeries,
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfOrder => f.write_str("out of order sample"),
            Self::OutOfBounds => f.write_str("out of bounds"),
            Self::Duplicate { time, existing, new } => write!(
                f,
                "duplicate sample for timestamp {time}; overrides not allowed: existing {}, new value {}",
                format_general(*existing, None),
                format_general(*new, None)
            ),
            Self::DuplicateHistogram { time } => write!(
                f,
                "duplicate sample for timestamp {time}; overrides not allowed: existing is a histogram or the new value is one"
            ),
            Self::InvalidHistogram(error) => error.fmt(f),
            Self::TooManySeries(limit) => write!(f, "the storage is full: it holds {limit} series"),
            Self::LabelsTooLarge(limit) => write!(
                f,
                "the labels of a series take more than {} KiB; Prometheus has no such limit",
                limit >> 10
            ),
            Self::UnknownSeries => f.write_str("no such series"),
        }
    }
}

impl std::error::Error for AppendError {}
