//! Series whose values are written down one by one, in the notation of Prometheus's own tests.

use std::sync::Arc;

use go::Duration;
use go::number::is_stale_nan;
use promql::Timestamp;
use promql::histogram::FloatHistogram;
use promql::promqltest::series::{SequenceValue, parse_series_values};

/// The values of one series, one for each interval from the start of the process.
#[derive(Clone, Debug)]
pub struct Script {
    /// As written; two scripts with the same text and interval are the same.
    text: Arc<str>,
    interval: Duration,
    values: Vec<SequenceValue>,
}

/// What a scripted series says at an instant.
#[derive(Clone, Debug)]
pub enum Scripted<'a> {
    /// It is not exposed.
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
    /// Reads `0+10x100 _x3 stale`.
    pub fn parse(text: &str, interval: Duration) -> Result<Self, String> {
        let values = parse_series_values(text)?;
        Ok(Self { text: text.into(), interval, values })
    }

    /// How many values it has.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether any value is a histogram.
    pub fn has_histograms(&self) -> bool {
        self.values.iter().any(|value| matches!(value, SequenceValue::Histogram { .. }))
    }

    /// The value at `t` in a process that runs since `started`. It holds until the next one is
    /// due; behind the last one the series is gone.
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
