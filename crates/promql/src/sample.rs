//! The value of one sample.

use std::sync::Arc;

use crate::histogram::FloatHistogram;

/// The value of a sample: a float or a native histogram.
///
/// Histograms are shared, so cloning a value is cheap.
#[derive(Clone, Debug)]
pub enum SampleValue {
    /// A float. A staleness marker is a NaN of a certain bit pattern.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<FloatHistogram>),
}

impl SampleValue {
    /// Returns the float, or None for a histogram.
    pub fn float(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            Self::Histogram(_) => None,
        }
    }

    /// Returns the histogram, or None for a float.
    pub fn histogram(&self) -> Option<&Arc<FloatHistogram>> {
        match self {
            Self::Float(_) => None,
            Self::Histogram(histogram) => Some(histogram),
        }
    }
}

impl From<f64> for SampleValue {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<Arc<FloatHistogram>> for SampleValue {
    fn from(histogram: Arc<FloatHistogram>) -> Self {
        Self::Histogram(histogram)
    }
}
