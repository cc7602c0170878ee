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
    /// The most bytes of names and values of the labels of a series. Prometheus has no such limit.
    pub max_label_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            write_window: Some(Duration::from_secs(3600)),
            chunk_range: Duration::from_secs(2 * 3600),
            retention: Some(Duration::from_secs(15 * 24 * 3600)),
            max_bytes: 1 << 30,
            max_series: 1_000_000,
            max_label_bytes: 1 << 20,
        }
    }
}

/// All series. Numbers of series are given out once and never again until the storage is cleared. A
/// clone shares the sealed chunks.
#[derive(Clone, Default)]
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

/// The estimated size of a series in bytes without its samples and without long label values:
/// labels, index entries, empty vectors.
const SERIES_BYTES: usize = 400;

/// A label value of more bytes counts for the size of its series. Shorter ones are mostly shared.
const LONG_VALUE: usize = 64;

/// The estimated size of a series in bytes without its samples.
fn series_bytes(labels: &Labels) -> usize {
    let values = labels.iter().map(|label| label.value.len());
    SERIES_BYTES + values.filter(|bytes| *bytes > LONG_VALUE).sum::<usize>()
}

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
            max_label_bytes: usize::MAX,
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
        let bytes: usize = labels.iter().map(|label| label.name.len() + label.value.len()).sum();
        if bytes > self.options.max_label_bytes {
            return Err(AppendError::LabelsTooLarge(self.options.max_label_bytes));
        }
        let id = u32::try_from(self.series.len())
            .map(SeriesId)
            .map_err(|_| AppendError::TooManySeries(self.series.len()))?;
        let labels = self.index.intern(labels);
        self.index.add(id, &labels);
        self.bytes += series_bytes(&labels);
        self.series.push(Some(Series::new(labels.clone(), id.0)));
        self.ids.insert(labels, id);
        Ok(id)
    }

    fn remove(&mut self, id: SeriesId) {
        if let Some(series) = self.series.get_mut(id.index()).and_then(Option::take) {
            self.removed += 1;
            self.index.remove(id, series.labels());
            self.ids.remove(series.labels());
            self.bytes = self.bytes.saturating_sub(series_bytes(series.labels()));
        }
    }

    /// Drops samples older than the retention, and the oldest eighth as long as the data are too
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
mod tests;
