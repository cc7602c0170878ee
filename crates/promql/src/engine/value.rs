//! The values that queries evaluate to.

use std::sync::Arc;

use super::annotations::Annotations;
use super::eval_steps::EvalSteps;
use super::series::{Series, is_present};
use crate::histogram::FloatHistogram;
use crate::syntax::ValueType;
use crate::{Labels, SampleValue, Timestamp};
use go::Duration;

/// The times that a query is evaluated at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryTime {
    /// One time, in milliseconds.
    Instant(Timestamp),
    /// The times `start`, `start + step`, … up to `end`.
    Range {
        /// The first time, in milliseconds.
        start: Timestamp,
        /// No time is later than this, in milliseconds.
        end: Timestamp,
        /// The distance between two times.
        step: Duration,
    },
}

/// The value of a query, typed as in the HTTP API. Source: prometheus promql/value.go.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number.
    Scalar {
        /// The evaluation time in milliseconds.
        time: Timestamp,
        /// The number.
        value: f64,
    },
    /// A string.
    String {
        /// The evaluation time in milliseconds.
        time: Timestamp,
        /// The string, without quotes.
        value: Arc<str>,
    },
    /// The series of an instant query, with one sample each.
    Vector(Vec<VectorSample>),
    /// The series of a range query or of a range vector, sorted by labels.
    Matrix(Vec<MatrixSeries>),
}

impl Value {
    /// Returns the type of the value.
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::Scalar { .. } => ValueType::Scalar,
            Self::String { .. } => ValueType::String,
            Self::Vector(_) => ValueType::Vector,
            Self::Matrix(_) => ValueType::Matrix,
        }
    }
}

/// A series of an instant vector with its sample.
#[derive(Clone, Debug)]
pub struct VectorSample {
    /// The labels of the series.
    pub labels: Labels,
    /// The evaluation time in milliseconds.
    pub time: Timestamp,
    /// The sample.
    pub value: SampleValue,
}

/// A series of a matrix. No time has both a float and a histogram.
#[derive(Clone, Debug, Default)]
pub struct MatrixSeries {
    /// The labels of the series.
    pub labels: Labels,
    /// Floats with their times in milliseconds, in ascending order of time.
    pub floats: Vec<(Timestamp, f64)>,
    /// Native histograms with their times in milliseconds, in ascending order of time.
    pub histograms: Vec<(Timestamp, Arc<FloatHistogram>)>,
}

impl MatrixSeries {
    pub(super) fn of_steps(series: Series, eval_steps: &EvalSteps) -> Self {
        let floats = series.floats.iter().enumerate();
        let histograms = series.histograms.into_iter().enumerate();
        Self {
            labels: series.labels,
            floats: floats
                .filter(|&(_, &value)| is_present(value))
                .map(|(step, &value)| (eval_steps.time(step), value))
                .collect(),
            histograms: histograms
                .filter_map(|(step, histogram)| Some((eval_steps.time(step), histogram?)))
                .collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.floats.is_empty() && self.histograms.is_empty()
    }
}

/// The samples that a query processed. A native histogram counts as one sample for each 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryStats {
    /// Samples read from the storage.
    pub samples_read: usize,
    /// The largest number of samples in memory at one time.
    pub peak_samples: usize,
}

/// The value of a query with its annotations and statistics.
#[derive(Clone, Debug)]
pub struct QueryResult {
    /// The value.
    pub value: Value,
    /// Warnings and infos.
    pub annotations: Annotations,
    /// The cost of the query.
    pub stats: QueryStats,
}
