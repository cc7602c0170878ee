//! Series into storage, with native histograms made from classic ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::series::SequenceValue;
use crate::histogram::ClassicSamples;
use crate::storage::{Sample, Storage};
use crate::{Labels, METRIC_NAME, SampleValue, Timestamp};
use go::Duration;
use go::number::parse_float;

/// Series with values at even intervals.
#[derive(Clone, Debug)]
pub struct Load {
    /// The line of the command, counting from 1.
    pub line: usize,
    /// The interval between two values.
    pub step: Duration,
    /// The time of the first values.
    pub start: Timestamp,
    /// Classic histograms are stored a second time, as native ones with custom buckets.
    pub with_nhcb: bool,
    /// Offsets of the start timestamps stand beside the values, if there are any.
    pub series: Vec<(Labels, Vec<SequenceValue>, Vec<Option<i64>>)>,
}

impl Load {
    /// Stores everything. Fails with the storage's reason.
    pub fn store(&self, storage: &mut Storage) -> Result<(), String> {
        for (labels, values, offsets) in &self.series {
            let mut id = None;
            for sample in self.samples(values, offsets) {
                let appended = match id {
                    None => storage.append(labels, sample).map(|new| id = Some(new)),
                    Some(id) => storage.append_to(id, sample),
                };
                appended.map_err(|error| error.to_string())?;
            }
        }
        if self.with_nhcb { self.store_converted(storage) } else { Ok(()) }
    }

    /// The samples of a series, in order of time.
    pub fn samples<'a>(
        &'a self,
        values: &'a [SequenceValue],
        offsets: &'a [Option<i64>],
    ) -> impl Iterator<Item = Sample> + 'a {
        values.iter().enumerate().filter_map(move |(at, value)| {
            let time = self.start.saturating_add(self.step.millis().saturating_mul(at as i64));
            let value = match value {
                SequenceValue::Omitted => return None,
                SequenceValue::Float(value) => SampleValue::Float(*value),
                SequenceValue::Histogram { histogram, .. } => {
                    SampleValue::Histogram(histogram.clone())
                }
            };
            let offset = offsets.get(at).copied().flatten();
            Some(Sample {
                time,
                start: offset.map_or(0, |offset| time.saturating_add(offset)),
                value,
            })
        })
    }

    fn store_converted(&self, storage: &mut Storage) -> Result<(), String> {
        let mut classic: BTreeMap<Labels, BTreeMap<Timestamp, ClassicSamples>> = BTreeMap::new();
        for (labels, values, _) in &self.series {
            let Some((part, base)) = Part::of(labels) else { continue };
            let times = classic.entry(base).or_default();
            for sample in self.samples(values, &[]) {
                let SampleValue::Float(value) = sample.value else { continue };
                let samples = times.entry(sample.time).or_default();
                match part {
                    Part::Bucket(bound) => samples.set_bucket(bound, value),
                    Part::Count => samples.set_count(value),
                    Part::Sum => samples.set_sum(value),
                }
            }
        }
        for (labels, times) in classic {
            for (time, samples) in times {
                let sample = Sample::histogram(time, Arc::new(samples.convert()?));
                storage.append(&labels, sample).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }
}

/// The part of a classic histogram that a series represents.
#[derive(Clone, Copy)]
enum Part {
    Bucket(f64),
    Count,
    Sum,
}

impl Part {
    /// The part, and the labels of the histogram. Buckets without a number as bound are none.
    fn of(labels: &Labels) -> Option<(Self, Labels)> {
        let name = labels.metric_name();
        let (part, base) = if let Some(base) = name.strip_suffix("_bucket") {
            let bound = parse_float(labels.get("le")).ok().filter(|bound| !bound.is_nan())?;
            (Self::Bucket(bound), base)
        } else if let Some(base) = name.strip_suffix("_count") {
            (Self::Count, base)
        } else {
            (Self::Sum, name.strip_suffix("_sum")?)
        };
        let mut builder = labels.builder();
        builder.set(METRIC_NAME, base).remove("le");
        Some((part, builder.build()))
    }
}
