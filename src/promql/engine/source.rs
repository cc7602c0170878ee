//! Where the engine reads series from.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::histogram::FloatHistogram;
use crate::model::{Labels, Timestamp};
use crate::promql::syntax::Matcher;

/// A store of series.
pub trait Queryable {
    /// The series that fit all matchers, each once, with at least their samples between `mint` and
    /// `maxt` (both included). Fails with a reason where a matcher makes no sense.
    fn select(
        &self,
        matchers: &[Matcher],
        mint: Timestamp,
        maxt: Timestamp,
    ) -> Result<Vec<StoredSeries<'_>>, String>;
}

/// A series of a store. Staleness markers stand among the samples: a float or a histogram's sum
/// with the marker's bits.
#[derive(Clone, Debug)]
pub struct StoredSeries<'a> {
    pub labels: Labels,
    pub floats: Samples<'a, f64>,
    pub histograms: Samples<'a, Arc<FloatHistogram>>,
}

/// Samples of one kind in ascending order of time, column by column.
#[derive(Clone, Debug)]
pub struct Samples<'a, V: Clone> {
    pub times: Cow<'a, [Timestamp]>,
    /// As many as `times`.
    pub values: Cow<'a, [V]>,
    /// Start timestamps, 0 where unknown; either as many as `times` or none at all.
    pub starts: Cow<'a, [Timestamp]>,
}

impl<V: Clone> Default for Samples<'_, V> {
    fn default() -> Self {
        Self {
            times: Cow::Borrowed(&[]),
            values: Cow::Borrowed(&[]),
            starts: Cow::Borrowed(&[]),
        }
    }
}

impl<'a, V: Clone> Samples<'a, V> {
    pub fn view(&self) -> View<'_, V> {
        View { times: &self.times, values: &self.values, starts: &self.starts }
    }

    /// The samples after `after` and up to `until` for which `keep` holds.
    pub(super) fn between(
        self,
        after: Timestamp,
        until: Timestamp,
        keep: impl Fn(&V) -> bool,
    ) -> Samples<'a, V> {
        let from = self.times.partition_point(|&time| time <= after);
        let to = self.times.partition_point(|&time| time <= until).max(from);
        let all = self.values.get(from..to).is_some_and(|values| values.iter().all(&keep));
        if all {
            return Self {
                times: cut(self.times, from, to),
                values: cut(self.values, from, to),
                starts: cut(self.starts, from, to),
            };
        }
        let view = self.view().slice(from, to);
        let kept: Vec<usize> = (0..view.len()).filter(|&i| keep(&view.values[i])).collect();
        Samples {
            times: kept.iter().map(|&i| view.times[i]).collect(),
            values: kept.iter().map(|&i| view.values[i].clone()).collect(),
            starts: kept.iter().filter_map(|&i| view.starts.get(i).copied()).collect(),
        }
    }
}

fn cut<T: Clone>(column: Cow<'_, [T]>, from: usize, to: usize) -> Cow<'_, [T]> {
    if column.is_empty() {
        return column;
    }
    match column {
        Cow::Borrowed(column) => Cow::Borrowed(column.get(from..to).unwrap_or_default()),
        Cow::Owned(mut column) => {
            column.truncate(to);
            column.drain(..from.min(column.len()));
            Cow::Owned(column)
        }
    }
}

/// A run of samples of one kind, borrowed.
#[derive(Debug)]
pub struct View<'a, V> {
    pub times: &'a [Timestamp],
    pub values: &'a [V],
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_are_left_open_and_leave_out_what_is_not_kept() {
        let times = [10, 20, 30, 40];
        let values = [1.0, f64::NAN, 3.0, 4.0];
        let samples = Samples {
            times: Cow::Borrowed(&times[..]),
            values: Cow::Borrowed(&values[..]),
            starts: Cow::Owned(vec![5, 6, 7, 8]),
        };
        let all = samples.clone().between(10, 30, |_| true);
        assert_eq!((all.times.as_ref(), all.starts.as_ref()), (&[20, 30][..], &[6, 7][..]));
        let some = samples.between(0, 40, |value| !value.is_nan());
        assert_eq!(some.times.as_ref(), [10, 30, 40]);
        assert_eq!(some.starts.as_ref(), [5, 7, 8]);
    }
}
