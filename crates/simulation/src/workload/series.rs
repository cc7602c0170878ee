//! Scripted series in promqltest notation.

use std::sync::Arc;

use go::Duration;
use go::number::is_stale_nan;
use promql::Timestamp;
use promql::histogram::FloatHistogram;
use promql::promqltest::series::{SequenceValue, parse_series_values};

/// The values of a series, one per interval from the start of the process.
#[derive(Clone, Debug)]
pub struct Script {
    /// The text. Scripts with equal text and interval are equal.
    text: Arc<str>,
    interval: Duration,
    values: Vec<SequenceValue>,
}

/// The value of a scripted series at one time.
#[derive(Clone, Debug)]
pub enum Scripted<'a> {
    /// Not exposed.
    Absent,
    Float(f64),
    Histogram(&'a Arc<FloatHistogram>),
}

impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.interval == other.interval
    }
}

impl Script {
    /// Parses `0+10x100 _x3 stale`.
    pub fn parse(text: &str, interval: Duration) -> Result<Self, String> {
        let values = parse_series_values(text)?;
        Ok(Self { text: text.into(), interval, values })
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns true if a value is a histogram.
    pub fn has_histograms(&self) -> bool {
        self.values.iter().any(|value| matches!(value, SequenceValue::Histogram { .. }))
    }

    /// Returns the value at `t` for a process that started at `started`. A value lasts until the
    /// next; after the last one the series is absent.
    pub fn at(&self, started: Timestamp, t: Timestamp) -> Scripted<'_> {
        let index = (t - started).div_euclid(self.interval.millis().max(1));
        let value = usize::try_from(index).ok().and_then(|index| self.values.get(index));
        match value {
            None | Some(SequenceValue::Omitted) => Scripted::Absent,
            Some(SequenceValue::Float(value)) if is_stale_nan(*value) => Scripted::Absent,
            Some(SequenceValue::Float(value)) => Scripted::Float(*value),
            Some(SequenceValue::Histogram { histogram, .. }) => Scripted::Histogram(histogram),
        }
    }
}
