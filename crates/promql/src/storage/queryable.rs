//! The interface between the engine and a storage.
//!
//! Source: prometheus storage/interface.go `Queryable`, `SelectHints` and `SeriesSet`.

use std::fmt;
use std::sync::Arc;

use super::SampleBuffer;
use crate::{Labels, Matcher, Timestamp};

/// A storage that the engine can query.
///
/// [`Storage`](super::Storage) keeps series in memory. An implementation of one's own can read from
/// anywhere:
///
/// ```
/// use promql::engine::{Engine, Value};
/// use promql::storage::{Queryable, SampleBuffer, SelectHints, SeriesSet, StorageError};
/// use promql::syntax::{ParserOptions, parse};
/// use promql::{Labels, Matcher};
///
/// /// One series: the number of seconds since the epoch, scraped every 15 seconds.
/// struct Clock;
///
/// impl Queryable for Clock {
///     fn select<'a>(
///         &'a self,
///         matchers: &[Matcher],
///         hints: &SelectHints,
///     ) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
///         let labels = Labels::from_pairs([("__name__", "clock_seconds"), ("job", "clock")]);
///         let selected = matchers.iter().all(|matcher| matcher.matches(labels.get(&matcher.name)));
///         let range = (hints.start, hints.end);
///         Ok(Box::new(Ticks { labels: selected.then_some(labels), range }))
///     }
/// }
///
/// struct Ticks {
///     labels: Option<Labels>,
///     range: (i64, i64),
/// }
///
/// impl SeriesSet for Ticks {
///     fn next(&mut self, samples: &mut SampleBuffer) -> Option<Result<Labels, StorageError>> {
///         let labels = self.labels.take()?;
///         let (start, end) = self.range;
///         let mut time = start + (-start).rem_euclid(15_000);
///         while time <= end {
///             samples.float_times.push(time);
///             samples.floats.push(time as f64 / 1000.0);
///             time += 15_000;
///         }
///         Some(Ok(labels))
///     }
/// }
///
/// let ast = parse("max_over_time(clock_seconds{job=\"clock\"}[1m])", &ParserOptions::default())?;
/// let result = Engine::default().instant(&Clock, &ast, 600_000)?;
/// let Value::Vector(samples) = result.value else { panic!("not a vector") };
/// assert_eq!(samples[0].labels.to_string(), r#"{job="clock"}"#);
/// assert_eq!(samples[0].value.float(), Some(600.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Queryable {
    /// Selects the series that fulfill all matchers.
    ///
    /// A matcher also selects series without its label if it matches the empty value. Samples
    /// outside of `hints.start..=hints.end` must not be returned; all other hints may be ignored.
    /// Series may come in any order, each label set once. The order is kept in the result of an
    /// instant query.
    ///
    /// # Errors
    ///
    /// The query fails with [`ErrorKind::Internal`](crate::engine::ErrorKind::Internal) and the
    /// message of the error.
    fn select<'a>(
        &'a self,
        matchers: &[Matcher],
        hints: &SelectHints,
    ) -> Result<Box<dyn SeriesSet + 'a>, StorageError>;
}

/// The series of one selection, read one after the other.
pub trait SeriesSet {
    /// Reads the next series: returns its labels and appends its samples to `samples`, which is
    /// empty. Returns None after the last series.
    ///
    /// Samples are in ascending order of time, with at most one sample at a time. Staleness
    /// markers are included: floats that [`is_stale_nan`](go::number::is_stale_nan) recognizes,
    /// and histograms whose sum is such a float.
    ///
    /// # Errors
    ///
    /// After an error the engine does not read on.
    fn next(&mut self, samples: &mut SampleBuffer) -> Option<Result<Labels, StorageError>>;

    /// Returns a lower bound of the number of series that are left. The engine uses it to refuse a
    /// query that would exceed its limits before it reads the series.
    fn size_hint(&self) -> usize {
        0
    }
}

/// The use that the engine makes of a selection. All times are in milliseconds.
///
/// Only `start` and `end` are binding. A storage may use the other hints to read less, for example
/// downsampled data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectHints {
    /// The first time that is needed, included.
    pub start: Timestamp,
    /// The last time that is needed, included.
    pub end: Timestamp,
    /// The step of the query or of the subquery around the selector. 1 for a single time.
    pub step: i64,
    /// The length of the range vector. 0 for an instant vector.
    pub range: i64,
    /// The function or aggregation around the selector. None if there is none, or if an operator
    /// is in between.
    pub function: Option<&'static str>,
    /// The labels of the aggregation directly around the selector.
    pub grouping: Vec<Arc<str>>,
    /// True if `grouping` are the labels of a `by` clause, false for `without` and if there is no
    /// aggregation.
    pub by: bool,
}

/// A failure of a storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageError {
    /// The reason, without position.
    pub message: String,
}

impl StorageError {
    /// Creates an error from its reason.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StorageError {}
