//! Reading series from the storage: matchers, and runs of samples.

use std::sync::Arc;

use super::error::QueryError;
use crate::model::histogram::{CounterResetHint, FloatHistogram};
use crate::model::number::is_stale_nan;
use crate::model::{Regex, Timestamp};
use crate::promql::syntax::{MatchOp, Matcher};
use crate::storage::{LabelMatcher, SampleBuffer, Series, Storage};

/// A matcher with its regex compiled.
#[derive(Clone, Debug)]
pub(super) struct CompiledMatcher {
    pub name: Arc<str>,
    pub op: MatchOp,
    value: Arc<str>,
    regex: Option<Regex>,
    only: Option<Vec<Arc<str>>>,
}

impl CompiledMatcher {
    pub fn new(matcher: &Matcher) -> Result<Self, QueryError> {
        let regex = match matcher.op {
            MatchOp::Regex | MatchOp::NotRegex => Some(
                Regex::matcher(&matcher.value)
                    .map_err(|error| QueryError::bad_data(error.to_string()))?,
            ),
            MatchOp::Equal | MatchOp::NotEqual => None,
        };
        let only = match (matcher.op, &regex) {
            (MatchOp::Equal, _) => Some(vec![matcher.value.clone()]),
            (MatchOp::Regex, Some(regex)) => regex
                .set_matches()
                .map(|set| set.iter().map(|value| Arc::from(&**value)).collect()),
            _ => None,
        };
        Ok(Self {
            name: matcher.name.clone(),
            op: matcher.op,
            value: matcher.value.clone(),
            regex,
            only,
        })
    }

    /// A label that must have one of several values.
    pub fn one_of(name: &str, values: Vec<Arc<str>>) -> Self {
        Self {
            name: Arc::from(name),
            op: MatchOp::Regex,
            value: Arc::from(""),
            regex: None,
            only: Some(values),
        }
    }

    /// `name=~".+_info"`.
    pub fn any_info_metric() -> Result<Self, QueryError> {
        Self::new(&Matcher {
            op: MatchOp::Regex,
            name: Arc::from(crate::model::METRIC_NAME),
            value: Arc::from(".+_info"),
            span: crate::text::Span::default(),
        })
    }
}

impl LabelMatcher for CompiledMatcher {
    fn name(&self) -> &str {
        &self.name
    }

    fn matches(&self, value: &str) -> bool {
        let found = match (&self.regex, &self.only) {
            (Some(regex), _) => regex.is_match(value),
            (None, Some(only)) => only.iter().any(|only| &**only == value),
            (None, None) => *self.value == *value,
        };
        found == matches!(self.op, MatchOp::Equal | MatchOp::Regex)
    }

    fn only_values(&self) -> Option<&[Arc<str>]> {
        self.only.as_deref()
    }
}

/// The series that fulfil all matchers of a selector.
pub(super) fn select<'s>(
    storage: &'s Storage,
    matchers: &[Matcher],
    (mint, maxt): (Timestamp, Timestamp),
) -> Result<Vec<&'s Series>, QueryError> {
    let matchers: Vec<CompiledMatcher> =
        matchers.iter().map(CompiledMatcher::new).collect::<Result<_, _>>()?;
    Ok(storage.select(&matchers, mint, maxt))
}

/// A run of samples of one kind in ascending order of time, column by column.
#[derive(Debug)]
pub struct View<'a, V> {
    pub times: &'a [Timestamp],
    /// As many as `times`.
    pub values: &'a [V],
    /// Start timestamps, 0 where unknown; either as many as `times` or none at all.
    pub starts: &'a [Timestamp],
}

impl<V> Clone for View<'_, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for View<'_, V> {}

impl<'a, V> View<'a, V> {
    pub const EMPTY: Self = Self { times: &[], values: &[], starts: &[] };

    pub fn len(&self) -> usize {
        self.times.len()
    }

    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The samples `from..to`; nothing where that is out of bounds.
    pub fn slice(&self, from: usize, to: usize) -> View<'a, V> {
        View {
            times: self.times.get(from..to).unwrap_or_default(),
            values: self.values.get(from..to).unwrap_or_default(),
            starts: self.starts.get(from..to).unwrap_or_default(),
        }
    }

    /// The sample at a place: time and value.
    pub fn get(&self, at: usize) -> Option<(Timestamp, &'a V)> {
        Some((*self.times.get(at)?, self.values.get(at)?))
    }

    pub fn first(&self) -> Option<(Timestamp, &'a V)> {
        self.get(0)
    }

    pub fn last(&self) -> Option<(Timestamp, &'a V)> {
        self.get(self.len().checked_sub(1)?)
    }

    /// The start timestamp of a sample, 0 where unknown.
    pub fn start(&self, at: usize) -> Timestamp {
        self.starts.get(at).copied().unwrap_or_default()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Timestamp, &'a V)> + use<'a, V> {
        self.times.iter().copied().zip(self.values)
    }
}

/// The floats of a buffer.
pub(super) fn floats(buffer: &SampleBuffer) -> View<'_, f64> {
    View { times: &buffer.float_times, values: &buffer.floats, starts: &buffer.float_starts }
}

/// The histograms of a buffer.
pub(super) fn histograms(buffer: &SampleBuffer) -> View<'_, Arc<FloatHistogram>> {
    View {
        times: &buffer.histogram_times,
        values: &buffer.histograms,
        starts: &buffer.histogram_starts,
    }
}

/// Takes staleness markers out of a buffer: range vectors do not see them.
pub(super) fn drop_stale(buffer: &mut SampleBuffer) {
    if buffer.floats.iter().any(|&value| is_stale_nan(value)) {
        let keep: Vec<bool> = buffer.floats.iter().map(|&value| !is_stale_nan(value)).collect();
        retain(&mut buffer.float_times, &keep);
        retain(&mut buffer.floats, &keep);
        retain(&mut buffer.float_starts, &keep);
    }
    if buffer.histograms.iter().any(|histogram| histogram.is_stale()) {
        let keep: Vec<bool> =
            buffer.histograms.iter().map(|histogram| !histogram.is_stale()).collect();
        retain(&mut buffer.histogram_times, &keep);
        retain(&mut buffer.histograms, &keep);
        retain(&mut buffer.histogram_starts, &keep);
    }
}

fn retain<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut kept = keep.iter();
    column.retain(|_| kept.next().copied().unwrap_or(false));
}

/// Leaves of each histogram the count and the sum, with the counter reset hint that follows from
/// the buckets. Source: prometheus promql/histogram_stats_iterator.go.
pub(super) fn keep_statistics(buffer: &mut SampleBuffer) {
    let mut last: Option<Arc<FloatHistogram>> = None;
    for slot in &mut buffer.histograms {
        let full = slot.clone();
        let mut hint = full.counter_reset_hint;
        if let (CounterResetHint::Unknown, Some(last), false) = (hint, &last, full.is_stale()) {
            hint = if full.detect_reset(last) {
                CounterResetHint::Reset
            } else {
                CounterResetHint::NotReset
            };
        }
        *slot = Arc::new(FloatHistogram {
            counter_reset_hint: hint,
            schema: full.schema,
            count: full.count,
            sum: full.sum,
            ..FloatHistogram::default()
        });
        if !full.is_stale() {
            last = Some(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::number::stale_nan;
    use crate::text::Span;

    fn matcher(op: MatchOp, value: &str) -> CompiledMatcher {
        let (name, value) = (Arc::from("a"), Arc::from(value));
        CompiledMatcher::new(&Matcher { op, name, value, span: Span::default() }).unwrap()
    }

    #[test]
    fn matchers_match() {
        for (op, pattern, text, found) in [
            (MatchOp::Equal, "x", "x", true),
            (MatchOp::NotEqual, "x", "x", false),
            (MatchOp::NotEqual, "x", "", true),
            (MatchOp::Regex, "x|y", "y", true),
            (MatchOp::Regex, "x", "xx", false),
            (MatchOp::NotRegex, "x.*", "xx", false),
            (MatchOp::NotRegex, "x.*", "", true),
        ] {
            assert_eq!(matcher(op, pattern).matches(text), found, "{op:?} {pattern} {text}");
        }
        assert_eq!(matcher(MatchOp::Regex, "x|y").only_values().map(<[_]>::len), Some(2));
        assert!(matcher(MatchOp::NotEqual, "x").only_values().is_none());
        let one_of = CompiledMatcher::one_of("a", vec![Arc::from("x"), Arc::from("y")]);
        assert!(one_of.matches("y") && !one_of.matches("z"));
    }

    #[test]
    fn stale_samples_go_with_their_times() {
        let mut buffer = SampleBuffer {
            float_times: vec![1, 2, 3],
            floats: vec![1.0, stale_nan(), f64::NAN],
            ..SampleBuffer::default()
        };
        drop_stale(&mut buffer);
        assert_eq!(buffer.float_times, [1, 3]);
        assert_eq!(floats(&buffer).len(), 2);
    }
}
