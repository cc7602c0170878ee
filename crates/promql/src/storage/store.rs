//! Takes samples in, keeps them within bounds, selects series.

use std::collections::HashMap;
use std::sync::Arc;

use super::index::Index;
use super::queryable::{Queryable, SelectHints, SeriesSet, StorageError};
use super::series::{SampleBuffer, Series};
use super::{AppendError, Sample};
use crate::{Labels, Matcher, Timestamp};
use go::Duration;

/// A series' number; series that came first have smaller ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(u32);

impl SeriesId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// Limits of the storage.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The time that a sample may be older than the newest sample of all series. None means no
    /// limit. Prometheus allows half of a block's time range.
    pub write_window: Option<Duration>,
    /// The time that a block covers.
    pub chunk_range: Duration,
    /// The retention time. None means that samples are kept forever.
    pub retention: Option<Duration>,
    /// The oldest samples go when the data take more than this.
    pub max_bytes: usize,
    /// The largest number of series.
    pub max_series: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            write_window: Some(Duration::from_secs(3600)),
            chunk_range: Duration::from_secs(2 * 3600),
            retention: Some(Duration::from_secs(15 * 24 * 3600)),
            max_bytes: 1 << 30,
            max_series: 1_000_000,
        }
    }
}

/// All series. Numbers of series are given out once and never again until the storage is cleared.
#[derive(Default)]
pub struct Storage {
    options: Options,
    series: Vec<Option<Series>>,
    ids: HashMap<Labels, SeriesId>,
    index: Index,
    bytes: usize,
    newest: Option<Timestamp>,
    /// When the retention is looked at next.
    next_truncation: Timestamp,
    /// Series that were removed so far.
    removed: u64,
    samples: usize,
    /// Samples before this time were removed because of the size limit.
    dropped_before: Option<Timestamp>,
}

/// The estimated size of a series in bytes without its samples: labels, index entries, empty
/// vectors.
const SERIES_BYTES: usize = 400;

/// The hash FNV-1a.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

impl Storage {
    /// Creates an empty storage.
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// A storage that takes and keeps whatever it is given in order, for tests.
    pub fn unbounded() -> Self {
        Self::new(Options {
            write_window: None,
            chunk_range: Duration::from_secs(24 * 3600),
            retention: None,
            max_bytes: usize::MAX,
            max_series: u32::MAX as usize,
        })
    }

    /// Removes all series.
    pub fn clear(&mut self) {
        *self = Self::new(self.options);
    }

    /// Takes a sample for the series with these labels, which is made if there is none.
    pub fn append(&mut self, labels: &Labels, sample: Sample) -> Result<SeriesId, AppendError> {
        self.check_bounds(sample.time)?;
        if let Some(&id) = self.ids.get(labels) {
            return self.append_to(id, sample).map(|()| id);
        }
        let id = self.create(labels)?;
        let appended = self.append_to(id, sample);
        if let Err(error) = appended {
            self.remove(id);
            return Err(error);
        }
        Ok(id)
    }

    /// The number of the series with these labels, which is made if there is none.
    pub fn open(&mut self, labels: &Labels) -> Result<SeriesId, AppendError> {
        match self.ids.get(labels) {
            Some(&id) => Ok(id),
            None => self.create(labels),
        }
    }

    /// Takes a sample for a series that is known by its number.
    pub fn append_to(&mut self, id: SeriesId, sample: Sample) -> Result<(), AppendError> {
        self.check_bounds(sample.time)?;
        let time = sample.time;
        let slot = self.series.get_mut(id.index()).and_then(Option::as_mut);
        let series = slot.ok_or(AppendError::UnknownSeries)?;
        let before = series.len();
        let change = series.append(sample, self.options.chunk_range.millis())?;
        self.samples += series.len() - before;
        self.bytes = self.bytes.saturating_add_signed(change);
        self.newest = self.newest.max(Some(time));
        self.enforce_bounds();
        Ok(())
    }

    fn check_bounds(&self, time: Timestamp) -> Result<(), AppendError> {
        match (self.options.write_window, self.newest) {
            (Some(window), Some(newest)) if time < newest.saturating_sub(window.millis()) => {
                Err(AppendError::OutOfBounds)
            }
            _ => Ok(()),
        }
    }

    fn create(&mut self, labels: &Labels) -> Result<SeriesId, AppendError> {
        if self.ids.len() >= self.options.max_series {
            return Err(AppendError::TooManySeries(self.options.max_series));
        }
        let id = u32::try_from(self.series.len())
            .map(SeriesId)
            .map_err(|_| AppendError::TooManySeries(self.series.len()))?;
        let labels = self.index.intern(labels);
        self.index.add(id, &labels);
        self.series.push(Some(Series::new(labels.clone(), id.0)));
        self.ids.insert(labels, id);
        self.bytes += SERIES_BYTES;
        Ok(id)
    }

    fn remove(&mut self, id: SeriesId) {
        if let Some(series) = self.series.get_mut(id.index()).and_then(Option::take) {
            self.removed += 1;
            self.index.remove(id, series.labels());
            self.ids.remove(series.labels());
            self.bytes = self.bytes.saturating_sub(SERIES_BYTES);
        }
    }

    /// Drops what is older than the retention, and the oldest eighth as often as the data are too
    /// large. Looking for it costs a walk along all series, so it is not done at every sample.
    fn enforce_bounds(&mut self) {
        let Some(newest) = self.newest else { return };
        if let Some(retention) = self.options.retention
            && newest >= self.next_truncation
        {
            self.next_truncation = newest.saturating_add(retention.millis() / 50 + 1);
            self.truncate(newest.saturating_sub(retention.millis()));
        }
        while self.bytes > self.options.max_bytes {
            let Some((oldest, newest)) = self.time_range() else { return };
            let before = self.bytes;
            let eighth = newest.saturating_sub(oldest) / 8;
            let limit = oldest.saturating_add(eighth).saturating_add(1);
            self.truncate(limit);
            if self.bytes == before {
                return;
            }
            self.dropped_before = Some(limit);
        }
    }

    /// Drops sealed chunks that end before `time`, and series whose last sample is older.
    pub fn truncate(&mut self, time: Timestamp) {
        let mut gone = Vec::new();
        for (at, slot) in self.series.iter_mut().enumerate() {
            let Some(series) = slot else { continue };
            let before = series.len();
            self.bytes = self.bytes.saturating_sub(series.truncate(time));
            self.samples -= before - series.len();
            // One that was opened for its first sample has none yet.
            if series.last_time().is_some_and(|last| last < time) {
                // The samples of the open chunk are removed with the series.
                self.bytes = self.bytes.saturating_sub(series.open_bytes());
                self.samples -= series.len();
                gone.push(SeriesId(at as u32));
            }
        }
        gone.into_iter().for_each(|id| self.remove(id));
    }

    /// The number of series that were removed. If it changes, cached series IDs are invalid.
    pub fn removed(&self) -> u64 {
        self.removed
    }

    /// Returns a series. None if it was removed.
    pub fn series(&self, id: SeriesId) -> Option<&Series> {
        self.series.get(id.index())?.as_ref()
    }

    /// The number of the series with exactly these labels.
    pub fn find(&self, labels: &Labels) -> Option<SeriesId> {
        self.ids.get(labels).copied()
    }

    /// Returns all series in the order of their creation.
    pub fn iter(&self) -> impl Iterator<Item = &Series> {
        self.series.iter().flatten()
    }

    /// Series that fulfil all matchers and have a sample between both times (or might: the gap
    /// between two samples is not looked at), in the order in which they came.
    pub fn select_series(
        &self,
        matchers: &[Matcher],
        start: Timestamp,
        end: Timestamp,
    ) -> Vec<&Series> {
        let fulfils = |series: &&Series, done: Option<usize>| {
            series.overlaps(start, end)
                && matchers.iter().enumerate().all(|(at, matcher)| {
                    Some(at) == done || matcher.matches(series.labels().get(&matcher.name))
                })
        };
        match self.index.candidates(matchers) {
            Some((done, ids)) => ids
                .into_iter()
                .filter_map(|id| self.series(id))
                .filter(|series| fulfils(series, Some(done)))
                .collect(),
            None => self.iter().filter(|series| fulfils(series, None)).collect(),
        }
    }

    /// All label names, sorted.
    pub fn label_names(&self) -> Vec<Arc<str>> {
        self.index.label_names()
    }

    /// The values of a label, sorted, each with the number of series that have it.
    pub fn label_values(&self, name: &str) -> impl Iterator<Item = (&Arc<str>, usize)> {
        self.index.label_values(name)
    }

    /// Returns the number of series.
    pub fn series_count(&self) -> usize {
        self.ids.len()
    }

    /// Returns the number of samples.
    pub fn sample_count(&self) -> usize {
        self.samples
    }

    /// Returns the options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The time before which samples were removed because of the size limit.
    pub fn dropped_before(&self) -> Option<Timestamp> {
        self.dropped_before
    }

    /// The estimated size of samples, labels and index in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// One number for all samples of all series, staleness markers among them: storages that hold
    /// the same have the same, on every machine. Histograms are left out.
    pub fn fingerprint(&self) -> u64 {
        let mut buffer = SampleBuffer::default();
        let mut sum = 0_u64;
        for series in self.iter() {
            let labels = series.labels().iter();
            let name = labels.fold(FNV_OFFSET, |hash, label| {
                let bytes = label.name.bytes().chain([0xff]).chain(label.value.bytes());
                bytes.chain([0xff]).fold(hash, fnv)
            });
            series.read(Timestamp::MIN, Timestamp::MAX, &mut buffer);
            for (time, value) in buffer.float_times.iter().zip(&buffer.floats) {
                let bytes = time.to_le_bytes().into_iter().chain(value.to_bits().to_le_bytes());
                // A sum, so that the order of series does not matter.
                sum = sum.wrapping_add(bytes.fold(name, fnv));
            }
        }
        sum
    }

    /// The times of the oldest and the newest sample.
    pub fn time_range(&self) -> Option<(Timestamp, Timestamp)> {
        let oldest = self.iter().filter_map(Series::first_time).min()?;
        Some((oldest, self.newest?))
    }
}

impl Queryable for Storage {
    fn select<'a>(
        &'a self,
        matchers: &[Matcher],
        hints: &SelectHints,
    ) -> Result<Box<dyn SeriesSet + 'a>, StorageError> {
        let series = self.select_series(matchers, hints.start, hints.end).into_iter();
        Ok(Box::new(Selected { series, start: hints.start, end: hints.end }))
    }
}

/// Selected series with the times to read.
struct Selected<'a> {
    series: std::vec::IntoIter<&'a Series>,
    start: Timestamp,
    end: Timestamp,
}

impl SeriesSet for Selected<'_> {
    fn next(&mut self, samples: &mut SampleBuffer) -> Option<Result<Labels, StorageError>> {
        let series = self.series.next()?;
        series.read(self.start, self.end, samples);
        Some(Ok(series.labels().clone()))
    }

    fn size_hint(&self) -> usize {
        self.series.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MatchOp;
    use crate::histogram::{Buckets, CounterResetHint, FloatHistogram};
    use go::number::{is_stale_nan, stale_nan};

    fn is(name: &str, values: &[&str]) -> Matcher {
        Matcher::one_of(name, values.iter().copied())
    }

    fn not(name: &str, value: &str) -> Matcher {
        Matcher::new(MatchOp::NotEqual, name, value, text::Span::default()).unwrap()
    }

    fn labels(text: &str) -> Labels {
        Labels::from_pairs(
            text.split(',')
                .filter_map(|pair| pair.split_once('='))
                .map(|(n, v)| (n.to_owned(), v.to_owned())),
        )
    }

    #[test]
    fn selects() {
        let mut storage = Storage::unbounded();
        for text in ["__name__=a,x=1", "__name__=a,x=2", "__name__=b,x=1", "__name__=b,y=1"] {
            storage.append(&labels(text), Sample::float(1000, 1.0)).unwrap();
        }
        storage.append(&labels("__name__=a,x=3"), Sample::float(9000, 1.0)).unwrap();
        for (matchers, found) in [
            (vec![is("__name__", &["a"])], "a1 a2 a3"),
            (vec![is("__name__", &["b", "a"]), is("x", &["1", "3"])], "a1 a3 b1"),
            (vec![not("x", "1"), is("__name__", &["a"])], "a2 a3"),
            (vec![not("x", "1"), is("x", &["1", "2"])], "a2"),
            (vec![is("x", &[""])], "b"),
            (vec![not("x", "")], "a1 a2 b1 a3"),
            (vec![not("z", "q")], "a1 a2 b1 b a3"),
            (vec![is("z", &["q"])], ""),
            (vec![], "a1 a2 b1 b a3"),
        ] {
            let series = storage.select_series(&matchers, 0, 10_000);
            let mut names: Vec<String> = series
                .iter()
                .map(|series| {
                    format!("{}{}", series.labels().metric_name(), series.labels().get("x"))
                })
                .collect();
            let mut expected: Vec<&str> = found.split_whitespace().collect();
            assert_eq!(names.len(), expected.len(), "{found}");
            names.sort();
            expected.sort_unstable();
            assert_eq!(names, expected);
        }
        assert_eq!(storage.select_series(&[is("__name__", &["a"])], 2000, 10_000).len(), 1);
        let values: Vec<(String, usize)> =
            storage.label_values("x").map(|(value, count)| (value.to_string(), count)).collect();
        assert_eq!(values, [("1".into(), 2), ("2".into(), 1), ("3".into(), 1)]);
    }

    #[test]
    fn takes_samples_in_order_only() {
        let mut storage = Storage::new(Options::default());
        let one = labels("__name__=one");
        storage.append(&one, Sample::float(10_000_000, 1.0)).unwrap();
        for (time, value, result) in [
            (10_000_000, 1.0, Ok(())),
            (
                10_000_000,
                2.0,
                Err(
                    "duplicate sample for timestamp 10000000; overrides not allowed: existing 1, new value 2",
                ),
            ),
            (9_999_999, 1.0, Err("out of order sample")),
            (6_399_999, 1.0, Err("out of bounds")),
            (10_000_001, 2.0, Ok(())),
        ] {
            let got = storage.append(&one, Sample::float(time, value)).map(|_| ());
            assert_eq!(got.map_err(|error| error.to_string()), result.map_err(str::to_owned));
        }
        assert_eq!(storage.sample_count(), 2);
        assert!(storage.append(&labels("a=b"), Sample::float(0, 1.0)).is_err());
        assert_eq!(storage.series_count(), 1);
    }

    #[test]
    fn reads_across_chunks() {
        let mut storage = Storage::unbounded();
        let id = storage.append(&labels("a=b"), Sample::float(0, 0.0)).unwrap();
        for i in 1..1000 {
            let start = if i >= 500 { 1 } else { 0 };
            let sample = Sample { start, ..Sample::float(i * 15_000, i as f64 * 0.1) };
            storage.append_to(id, sample).unwrap();
        }
        let series = storage.series(id).unwrap();
        let mut buffer = SampleBuffer::default();
        series.read(1_500_001, 9_000_000, &mut buffer);
        assert_eq!(buffer.float_times.first(), Some(&1_515_000));
        assert_eq!(buffer.float_times.last(), Some(&9_000_000));
        assert_eq!(buffer.floats.len(), 500);
        assert_eq!(buffer.float_starts.len(), 500);
        assert_eq!(buffer.float_starts.iter().filter(|&&start| start == 1).count(), 101);
        assert_eq!(buffer.floats[0], 101.0 * 0.1);
        assert_eq!(series.len(), 1000);
    }

    #[test]
    fn histograms_get_their_stored_hints() {
        let mut storage = Storage::unbounded();
        let one = labels("a=b");
        let histogram = |count: f64| {
            Arc::new(FloatHistogram {
                count,
                positive: Buckets::single_span(0, vec![count]),
                ..FloatHistogram::default()
            })
        };
        storage.append(&one, Sample::float(0, 1.0)).unwrap();
        for (time, count) in [(1, 1.0), (2, 2.0), (3, 1.0)] {
            storage.append(&one, Sample::histogram(time, histogram(count))).unwrap();
        }
        let id = storage.append(&one, Sample::float(4, stale_nan())).unwrap();
        let mut buffer = SampleBuffer::default();
        storage.series(id).unwrap().read(0, 10, &mut buffer);
        assert_eq!(buffer.floats, [1.0]);
        assert_eq!(buffer.histogram_times, [1, 2, 3, 4]);
        let hints: Vec<CounterResetHint> =
            buffer.histograms.iter().map(|histogram| histogram.counter_reset_hint).collect();
        use CounterResetHint::{NotReset, Unknown};
        assert_eq!(hints, [Unknown, NotReset, Unknown, Unknown]);
        assert!(is_stale_nan(buffer.histograms[3].sum));
        let bad = Arc::new(FloatHistogram { schema: 20, ..FloatHistogram::default() });
        assert!(storage.append(&one, Sample::histogram(9, bad)).is_err());
    }

    #[test]
    fn a_nan_is_the_same_whoever_made_it() {
        let of = |bits: u64| {
            let mut storage = Storage::unbounded();
            storage.append(&labels("a=1"), Sample::float(1, f64::from_bits(bits))).unwrap();
            storage.fingerprint()
        };
        assert_eq!(of(0xfff8_0000_0000_0000), of(0x7ff8_0000_0000_0000));
        assert_ne!(of(0xfff8_0000_0000_0000), of(stale_nan().to_bits()));
    }

    #[test]
    fn a_series_that_was_just_opened_stays() {
        let mut storage = Storage::new(Options::default());
        let (one, other) =
            (storage.open(&labels("a=1")).unwrap(), storage.open(&labels("a=2")).unwrap());
        for id in [one, other] {
            storage.append_to(id, Sample::float(1_700_000_000_000, 1.0)).unwrap();
        }
        assert_eq!((storage.series_count(), storage.removed()), (2, 0));
    }

    #[test]
    fn keeps_within_its_bounds() {
        let mut storage = Storage::new(Options {
            retention: Some(Duration::from_secs(3600)),
            ..Options::default()
        });
        let (old, going_on) = (labels("a=old"), labels("a=on"));
        storage.append(&old, Sample::float(0, 1.0)).unwrap();
        for i in 0..2000 {
            storage.append(&going_on, Sample::float(i * 15_000, 1.0)).unwrap();
        }
        assert_eq!(storage.series_count(), 1);
        assert!(storage.find(&old).is_none());
        assert_eq!(storage.removed(), 1);
        assert!(storage.sample_count() <= 240 + 240, "{}", storage.sample_count());

        let mut small = Storage::new(Options { max_bytes: 50_000, ..Options::default() });
        for i in 0..100_000 {
            small.append(&going_on, Sample::float(i * 15_000, (i as f64).sqrt())).unwrap();
            assert!(small.bytes() <= 50_000);
        }
        assert!(small.sample_count() > 3000);
        let mut few = Storage::new(Options { max_series: 1, ..Options::default() });
        few.append(&old, Sample::float(0, 1.0)).unwrap();
        assert_eq!(
            few.append(&going_on, Sample::float(0, 1.0)),
            Err(AppendError::TooManySeries(1))
        );
    }

    #[test]
    fn histograms_keep_within_their_bounds_too() {
        let histogram = |count: f64| {
            Arc::new(FloatHistogram {
                count,
                positive: Buckets::single_span(0, vec![count; 100]),
                ..FloatHistogram::default()
            })
        };
        let mut storage = Storage::new(Options { max_bytes: 200_000, ..Options::default() });
        let all: Vec<Labels> = (0..10).map(|number| labels(&format!("a={number}"))).collect();
        for round in 0..500 {
            for one in &all {
                let sample = Sample::histogram(round * 15_000, histogram(round as f64));
                storage.append(one, sample).unwrap();
                assert!(storage.bytes() <= 200_000, "{round}: {}", storage.bytes());
            }
        }
        let counted: usize = storage.iter().map(Series::len).sum();
        assert_eq!(storage.sample_count(), counted);
        assert!(counted > 50 && storage.dropped_before().is_some());
        let mut buffer = SampleBuffer::default();
        let read: usize = storage
            .iter()
            .map(|series| {
                series.read(0, i64::MAX, &mut buffer);
                buffer.histograms.len()
            })
            .sum();
        assert_eq!(read, counted);
    }

    /// A day of ordinary scrapes: counters that grow irregularly, gauges that fluctuate, constant
    /// values.
    #[test]
    fn an_ordinary_sample_takes_under_two_bytes() {
        let mut storage = Storage::unbounded();
        let mut noise = 1u64;
        let mut totals = [0.0; 30];
        for tick in 0..5760i64 {
            for (at, total) in totals.iter_mut().enumerate() {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let random = (noise >> 40) as f64;
                *total = match at % 3 {
                    0 => *total + (random % 50.0).floor(),
                    1 => (random % 20.0).floor(),
                    _ => 1.0,
                };
                let one = Labels::from_pairs([("n".to_owned(), at.to_string())]);
                storage.append(&one, Sample::float(tick * 15_000, *total)).unwrap();
            }
        }
        let per_sample = storage.bytes() as f64 / storage.sample_count() as f64;
        assert!(per_sample < 1.7, "{per_sample} bytes for each sample");
    }
}
