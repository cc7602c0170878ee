//! One series: sealed chunks, and the samples of the chunk still open.

use std::sync::Arc;

use super::chunk::{CHUNK_SAMPLES, Columns, FloatChunk};
use super::hints::stored_hint;
use super::{AppendError, Sample};
use crate::histogram::FloatHistogram;
use crate::{Labels, SampleValue, Timestamp};
use go::number::{NORMAL_NAN_BITS, is_stale_nan};

/// Samples read from a series, in columns: floats and histograms apart, each in order of time.
/// Staleness markers are among them. The columns of start timestamps are empty where no sample
/// has one; otherwise 0 stands for "not known".
#[derive(Clone, Debug, Default)]
pub struct SampleBuffer {
    /// The times of the floats in milliseconds, in ascending order.
    pub float_times: Vec<Timestamp>,
    /// The floats.
    pub floats: Vec<f64>,
    /// The start timestamps of the floats. Empty, or as many as floats.
    pub float_starts: Vec<Timestamp>,
    /// The times of the histograms in milliseconds, in ascending order.
    pub histogram_times: Vec<Timestamp>,
    /// The histograms.
    pub histograms: Vec<Arc<FloatHistogram>>,
    /// The start timestamps of the histograms. Empty, or as many as histograms.
    pub histogram_starts: Vec<Timestamp>,
}

impl SampleBuffer {
    /// Removes all samples. The memory is kept.
    pub fn clear(&mut self) {
        self.float_times.clear();
        self.floats.clear();
        self.float_starts.clear();
        self.histogram_times.clear();
        self.histograms.clear();
        self.histogram_starts.clear();
    }

    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.floats.len() + self.histograms.len()
    }

    /// Returns true if there are no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A label set with its samples in order of time, no two at the same time.
#[derive(Clone, Debug)]
pub struct Series {
    labels: Labels,
    sealed: Vec<Chunk>,
    open: Open,
    /// The capacity of the open chunk in floats.
    room: u8,
    samples: usize,
}

/// The first chunk of a series holds as many floats at least.
const FIRST_CHUNK: usize = 21;

#[derive(Clone, Debug)]
struct Chunk {
    first: Timestamp,
    last: Timestamp,
    data: ChunkData,
}

#[derive(Clone, Debug)]
enum ChunkData {
    Floats(FloatChunk),
    Histograms(Arc<HistogramData>),
}

#[derive(Clone, Debug)]
enum Open {
    Floats(FloatData),
    Histograms(HistogramData),
}

#[derive(Clone, Debug, Default)]
struct FloatData {
    times: Times,
    values: Vec<f64>,
    starts: Vec<Timestamp>,
}

/// Times in order. As long as they are evenly spaced, which scrapes are, two numbers tell them.
#[derive(Clone, Debug, Default)]
struct Times {
    first: Timestamp,
    /// Between two of them, once there are two.
    step: i64,
    count: usize,
    /// All of them, where they are not evenly spaced.
    uneven: Vec<Timestamp>,
}

impl Times {
    fn push(&mut self, time: Timestamp) {
        if self.uneven.is_empty() {
            match self.count {
                0 => self.first = time,
                1 => self.step = time.wrapping_sub(self.first),
                _ if time != self.at(self.count) => self.uneven = self.all().collect(),
                _ => {}
            }
        }
        if !self.uneven.is_empty() {
            self.uneven.push(time);
        }
        self.count += 1;
    }

    fn at(&self, place: usize) -> Timestamp {
        let even = self.first.wrapping_add(self.step.wrapping_mul(place as i64));
        self.uneven.get(place).copied().unwrap_or(even)
    }

    fn all(&self) -> impl Iterator<Item = Timestamp> {
        (0..self.count).map(|place| self.at(place))
    }

    fn first(&self) -> Option<Timestamp> {
        (self.count > 0).then_some(self.first)
    }

    fn last(&self) -> Option<Timestamp> {
        self.count.checked_sub(1).map(|place| self.at(place))
    }

    fn clear(&mut self) {
        self.count = 0;
        self.uneven = Vec::new();
    }

    /// The heap size in bytes.
    fn size(&self) -> usize {
        self.uneven.len() * 8
    }
}

#[derive(Clone, Debug, Default)]
struct HistogramData {
    times: Vec<Timestamp>,
    values: Vec<Arc<FloatHistogram>>,
    starts: Vec<Timestamp>,
}

/// Adds a start timestamp to a column that stays empty as long as none is known.
fn push_start(starts: &mut Vec<Timestamp>, before: usize, start: Timestamp) {
    if start != 0 || !starts.is_empty() {
        starts.resize(before, 0);
        starts.push(start);
    }
}

impl Series {
    /// `number` differs between series, so that not all close their first chunk at the same scrape.
    pub(super) fn new(labels: Labels, number: u32) -> Self {
        let room = FIRST_CHUNK + number as usize % (CHUNK_SAMPLES - FIRST_CHUNK + 1);
        let open = Open::Floats(FloatData::default());
        Self { labels, sealed: Vec::new(), open, room: room as u8, samples: 0 }
    }

    /// Returns the labels.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.samples
    }

    /// Returns true if the series has no samples.
    pub fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// Returns the time of the oldest sample in milliseconds.
    pub fn first_time(&self) -> Option<Timestamp> {
        let open = match &self.open {
            Open::Floats(columns) => columns.times.first(),
            Open::Histograms(columns) => columns.times.first().copied(),
        };
        self.sealed.first().map(|chunk| chunk.first).or(open)
    }

    /// Returns the time of the newest sample in milliseconds.
    pub fn last_time(&self) -> Option<Timestamp> {
        let open = match &self.open {
            Open::Floats(columns) => columns.times.last(),
            Open::Histograms(columns) => columns.times.last().copied(),
        };
        open.or(self.sealed.last().map(|chunk| chunk.last))
    }

    /// The last sample's value. The open chunk always holds it, if there is one.
    pub fn last_value(&self) -> Option<SampleValue> {
        match &self.open {
            Open::Floats(columns) => columns.values.last().map(|&value| SampleValue::Float(value)),
            Open::Histograms(columns) => columns.values.last().cloned().map(SampleValue::Histogram),
        }
    }

    /// Returns true if a sample lies between both times.
    pub fn overlaps(&self, start: Timestamp, end: Timestamp) -> bool {
        self.first_time().is_some_and(|first| first <= end)
            && self.last_time().is_some_and(|last| last >= start)
    }

    /// Fills the buffer, after emptying it, with the samples from `start` to `end`, both included.
    pub fn read(&self, start: Timestamp, end: Timestamp, into: &mut SampleBuffer) {
        into.clear();
        let from = self.sealed.partition_point(|chunk| chunk.last < start);
        for chunk in self.sealed.iter().skip(from).take_while(|chunk| chunk.first <= end) {
            match &chunk.data {
                ChunkData::Floats(data) => data.decode(chunk.first, (start, end), into),
                ChunkData::Histograms(columns) => columns.read(start, end, into),
            }
        }
        match &self.open {
            Open::Floats(columns) => columns.read(start, end, into),
            Open::Histograms(columns) => columns.read(start, end, into),
        }
    }

    /// Takes a sample after the last. A staleness marker becomes a histogram where the series is
    /// one of histograms. Returns by how many bytes the series grew; a sample equal to the last
    /// one is taken silently.
    pub(super) fn append(
        &mut self,
        sample: Sample,
        chunk_range: i64,
    ) -> Result<isize, AppendError> {
        let Sample { time, start, mut value } = sample;
        // Processors make other bits of 0 / 0; a NaN that is no marker is the same everywhere.
        if let SampleValue::Float(number) = &mut value
            && number.is_nan()
            && !is_stale_nan(*number)
        {
            *number = f64::from_bits(NORMAL_NAN_BITS);
        }
        if let (SampleValue::Float(marker), Open::Histograms(columns)) = (&value, &self.open)
            && is_stale_nan(*marker)
            && !columns.values.is_empty()
        {
            value = SampleValue::Histogram(Arc::new(FloatHistogram::stale()));
        }
        let last = self.last_time();
        if last.is_some_and(|last| time <= last) {
            return self.check_repetition(time, &value, last).map(|()| 0);
        }
        let mut change = match value {
            SampleValue::Float(value) => {
                let sealed = match &self.open {
                    Open::Floats(columns) if columns.values.len() < usize::from(self.room) => 0,
                    _ => self.seal(),
                };
                if !matches!(self.open, Open::Floats(_)) {
                    self.open = Open::Floats(FloatData::default());
                }
                let mut size = 0;
                if let Open::Floats(columns) = &mut self.open {
                    let before = columns.times.size();
                    push_start(&mut columns.starts, columns.values.len(), start);
                    columns.times.push(time);
                    columns.values.push(value);
                    size = 8 + (columns.times.size() - before) as isize;
                }
                sealed + size
            }
            SampleValue::Histogram(histogram) => {
                self.append_histogram(time, start, histogram, chunk_range)?
            }
        };
        if start != 0 {
            change += 8;
        }
        self.samples += 1;
        Ok(change)
    }

    fn check_repetition(
        &self,
        time: Timestamp,
        value: &SampleValue,
        last: Option<Timestamp>,
    ) -> Result<(), AppendError> {
        if last != Some(time) {
            return Err(AppendError::OutOfOrder);
        }
        match (self.last_value(), value) {
            (Some(SampleValue::Float(old)), SampleValue::Float(new))
                if old.to_bits() == new.to_bits() =>
            {
                Ok(())
            }
            (Some(SampleValue::Float(existing)), &SampleValue::Float(new)) => {
                Err(AppendError::Duplicate { time, existing, new })
            }
            (Some(SampleValue::Histogram(old)), SampleValue::Histogram(new))
                if old.same_data(new) =>
            {
                Ok(())
            }
            _ => Err(AppendError::DuplicateHistogram { time }),
        }
    }

    fn append_histogram(
        &mut self,
        time: Timestamp,
        start: Timestamp,
        mut histogram: Arc<FloatHistogram>,
        chunk_range: i64,
    ) -> Result<isize, AppendError> {
        if !histogram.is_stale() {
            histogram.validate().map_err(AppendError::InvalidHistogram)?;
        }
        let range_of = |time: Timestamp| time.div_euclid(chunk_range.max(1));
        let same_range = |last: Timestamp| range_of(last) == range_of(time);
        let previous = match &self.open {
            Open::Histograms(columns) if columns.times.last().copied().is_some_and(same_range) => {
                columns.values.last()
            }
            _ => None,
        };
        let hint = stored_hint(previous.map(|previous| &**previous), &histogram);
        if histogram.counter_reset_hint != hint {
            Arc::make_mut(&mut histogram).counter_reset_hint = hint;
        }
        let sealed = match &self.open {
            Open::Histograms(columns) if columns.times.len() < CHUNK_SAMPLES => 0,
            _ => self.seal(),
        };
        if !matches!(self.open, Open::Histograms(_)) {
            self.open = Open::Histograms(HistogramData::default());
        }
        let size = 16 + histogram.size() as isize;
        if let Open::Histograms(columns) = &mut self.open {
            push_start(&mut columns.starts, columns.times.len(), start);
            columns.times.push(time);
            columns.values.push(histogram);
        }
        Ok(sealed + size)
    }

    /// Makes a sealed chunk of the open one. Returns by how many bytes the series grew.
    fn seal(&mut self) -> isize {
        let (first, last, data, change) = match &mut self.open {
            Open::Floats(columns) => {
                let (Some(first), Some(last)) = (columns.times.first(), columns.times.last())
                else {
                    return 0;
                };
                let count = columns.values.len();
                let mut times = [0; CHUNK_SAMPLES];
                times.iter_mut().zip(columns.times.all()).for_each(|(slot, time)| *slot = time);
                let chunk = FloatChunk::encode(Columns {
                    times: times.get(..count).unwrap_or_default(),
                    values: &columns.values,
                    starts: &columns.starts,
                });
                let before = (count * 8 + columns.times.size() + columns.starts.len() * 8) as isize;
                let after = (chunk.len() + size_of::<Chunk>()) as isize;
                columns.times.clear();
                columns.values.clear();
                columns.starts.clear();
                self.room = CHUNK_SAMPLES as u8;
                (first, last, ChunkData::Floats(chunk), after - before)
            }
            Open::Histograms(columns) => {
                let (Some(&first), Some(&last)) = (columns.times.first(), columns.times.last())
                else {
                    return 0;
                };
                let full = std::mem::take(columns);
                (first, last, ChunkData::Histograms(Arc::new(full)), size_of::<Chunk>() as isize)
            }
        };
        self.sealed.push(Chunk { first, last, data });
        change
    }

    /// The size of the open chunk's samples in bytes.
    pub(super) fn open_bytes(&self) -> usize {
        match &self.open {
            Open::Floats(columns) => {
                columns.values.len() * 8 + columns.times.size() + columns.starts.len() * 8
            }
            Open::Histograms(columns) => columns.size(),
        }
    }

    /// Drops sealed chunks that end before `time`, and histograms of the open chunk before it but
    /// for the last: they are large. Returns the bytes that were freed.
    pub(super) fn truncate(&mut self, time: Timestamp) -> usize {
        let old = self.sealed.partition_point(|chunk| chunk.last < time);
        let (mut bytes, mut samples) = (0, 0);
        for chunk in self.sealed.drain(..old) {
            let (size, count) = match &chunk.data {
                ChunkData::Floats(chunk) => (chunk.len(), chunk.samples()),
                ChunkData::Histograms(columns) => (columns.size(), columns.times.len()),
            };
            bytes += size + size_of::<Chunk>();
            samples += count;
        }
        if let Open::Histograms(columns) = &mut self.open {
            let all = columns.times.len();
            let old = columns.times.partition_point(|&at| at < time).min(all.saturating_sub(1));
            let before = columns.size();
            columns.times.drain(..old);
            columns.values.drain(..old);
            columns.starts.drain(..old.min(columns.starts.len()));
            bytes += before - columns.size();
            samples += old;
        }
        self.samples -= samples.min(self.samples);
        bytes
    }
}

fn window(times: &[Timestamp], start: Timestamp, end: Timestamp) -> std::ops::Range<usize> {
    let from = times.partition_point(|&time| time < start);
    from..times.partition_point(|&time| time <= end).max(from)
}

/// Copies a column of start timestamps along with `range` of its samples.
fn read_starts(
    column: &[Timestamp],
    range: std::ops::Range<usize>,
    before: usize,
    into: &mut Vec<Timestamp>,
) {
    match column.get(range.clone()) {
        Some(starts) if !column.is_empty() => {
            into.resize(before, 0);
            into.extend_from_slice(starts);
        }
        _ if !into.is_empty() => into.resize(before + range.len(), 0),
        _ => {}
    }
}

impl FloatData {
    fn read(&self, start: Timestamp, end: Timestamp, into: &mut SampleBuffer) {
        let before = self.times.all().take_while(|&time| time < start).count();
        let within = self.times.all().skip(before).take_while(|&time| time <= end).count();
        let range = before..before + within;
        read_starts(&self.starts, range.clone(), into.floats.len(), &mut into.float_starts);
        into.float_times.extend(range.clone().map(|place| self.times.at(place)));
        into.floats.extend_from_slice(self.values.get(range).unwrap_or_default());
    }
}

impl HistogramData {
    fn read(&self, start: Timestamp, end: Timestamp, into: &mut SampleBuffer) {
        let range = window(&self.times, start, end);
        read_starts(&self.starts, range.clone(), into.histograms.len(), &mut into.histogram_starts);
        into.histogram_times.extend_from_slice(self.times.get(range.clone()).unwrap_or_default());
        into.histograms.extend_from_slice(self.values.get(range).unwrap_or_default());
    }

    fn size(&self) -> usize {
        let histograms: usize = self.values.iter().map(|histogram| histogram.size()).sum();
        histograms + self.times.len() * 16 + self.starts.len() * 8
    }
}
