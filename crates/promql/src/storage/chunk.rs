//! Float samples in as few bytes as their times and values allow.
//!
//! A chunk is encoded once, when it is full, so each of its columns can be written in the form that
//! suits it: evenly spaced times and equal values take no space, whole numbers as many bits
//! as their distances differ by, or a byte or two, other floats what differs from the value before
//! (as Gorilla and Prometheus write them).

use std::sync::Arc;

use super::bits::{BitReader, BitWriter, read_varint, varint_size, write_varint};
use super::series::SampleBuffer;
use crate::Timestamp;

/// Samples in a full chunk.
pub(super) const CHUNK_SAMPLES: usize = 120;

/// Times: a step for all, or how each distance differs from the one before.
const EVEN_TIMES: u8 = 0;
const UNEVEN_TIMES: u8 = 1;
/// Values: one for all; whole numbers as differences, or as differences of differences; floats.
const EQUAL_VALUES: u8 = 0;
const WHOLE_DELTAS: u8 = 2;
const WHOLE_SECOND_DELTAS: u8 = 4;
const XOR_VALUES: u8 = 6;
const VALUE_FORM: u8 = 6;
/// There are start timestamps.
const STARTS: u8 = 8;
/// Whole numbers as differences, each in the same number of bits.
const PACKED_DELTAS: u8 = 16;

/// Encoded float samples: the form, their number, and the columns. The first time is not in it.
#[derive(Clone, Debug)]
pub(super) struct FloatChunk {
    bytes: Arc<[u8]>,
}

/// The columns of float samples; `starts` is empty where none is known.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a> {
    pub times: &'a [Timestamp],
    pub values: &'a [f64],
    pub starts: &'a [Timestamp],
}

impl FloatChunk {
    pub fn encode(columns: Columns<'_>) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend([0, columns.values.len() as u8]);
        let mut form = write_times(&mut bytes, columns.times);
        if !columns.starts.is_empty() {
            form |= STARTS;
            let mut last = columns.times.first().copied().unwrap_or_default();
            for &start in columns.starts {
                write_varint(&mut bytes, start.wrapping_sub(last));
                last = start;
            }
        }
        let whole: Option<Vec<i64>> = columns.values.iter().map(|&value| as_whole(value)).collect();
        let first = columns.values.first().map_or(0, |value| value.to_bits());
        if columns.values.iter().all(|value| value.to_bits() == first) {
            form |= EQUAL_VALUES;
            bytes.extend(first.to_le_bytes());
        } else if let Some(whole) = whole {
            form |= write_whole(&mut bytes, &whole);
        } else {
            form |= XOR_VALUES;
            bytes = write_xor(bytes, columns.values);
        }
        if let Some(head) = bytes.first_mut() {
            *head = form;
        }
        Self { bytes: bytes.into() }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.bytes.get(1).copied().map_or(0, usize::from)
    }

    /// Appends the samples with times from `start` to `end` to the buffer.
    pub fn decode(&self, first: Timestamp, range: (Timestamp, Timestamp), into: &mut SampleBuffer) {
        let Some((&[form, count], mut bytes)) = self.bytes.split_first_chunk() else { return };
        let count = usize::from(count);
        let mut times = [0; CHUNK_SAMPLES];
        let times = times.get_mut(..count).unwrap_or_default();
        read_times(form, &mut bytes, first, times);
        let from = times.partition_point(|&time| time < range.0);
        let to = times.partition_point(|&time| time <= range.1).max(from);
        let had = into.floats.len();
        into.float_times.extend(times.get(from..to).unwrap_or_default());
        if form & STARTS != 0 {
            into.float_starts.resize(had, 0);
            let mut last = first;
            for at in 0..count {
                last = last.wrapping_add(read_varint(&mut bytes));
                if (from..to).contains(&at) {
                    into.float_starts.push(last);
                }
            }
        } else if !into.float_starts.is_empty() {
            into.float_starts.resize(had + to - from, 0);
        }
        read_values(form, bytes, from, to, &mut into.floats);
    }
}

fn write_times(bytes: &mut Vec<u8>, times: &[Timestamp]) -> u8 {
    let step = match times {
        [first, second, ..] => second.wrapping_sub(*first),
        _ => 0,
    };
    write_varint(bytes, step);
    if times.windows(2).all(|pair| matches!(pair, [a, b] if b.wrapping_sub(*a) == step)) {
        return EVEN_TIMES;
    }
    let mut last_step = step;
    for pair in times.windows(2).skip(1) {
        if let [a, b] = pair {
            let step = b.wrapping_sub(*a);
            write_varint(bytes, step.wrapping_sub(last_step));
            last_step = step;
        }
    }
    UNEVEN_TIMES
}

fn read_times(form: u8, bytes: &mut &[u8], first: Timestamp, times: &mut [Timestamp]) {
    let mut step = read_varint(bytes);
    let mut time = first;
    for (at, slot) in times.iter_mut().enumerate() {
        if at > 0 {
            if at > 1 && form & UNEVEN_TIMES != 0 {
                step = step.wrapping_add(read_varint(bytes));
            }
            time = time.wrapping_add(step);
        }
        *slot = time;
    }
}

/// The whole number that this float is, if it is one and no information is lost: a negative zero
/// is none.
fn as_whole(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let whole = value as i64;
    (value.abs() < EXACT && (whole as f64).to_bits() == value.to_bits()).then_some(whole)
}

fn write_whole(bytes: &mut Vec<u8>, values: &[i64]) -> u8 {
    // The second value's distance is measured from nothing, not from the first value.
    let columns = || {
        let mut before = (0i64, 0i64);
        values.iter().enumerate().map(move |(at, &value)| {
            let delta = value - before.0;
            let base = if at < 2 { 0 } else { before.1 };
            before = (value, delta);
            (delta, delta - base)
        })
    };
    let (deltas, second_deltas) = columns().fold((0, 0), |sizes, (delta, second)| {
        (sizes.0 + varint_size(delta), sizes.1 + varint_size(second))
    });
    let packed = Packed::of(values);
    if packed.size(values.len()) < deltas.min(second_deltas) {
        packed.write(values, bytes);
        return PACKED_DELTAS;
    }
    let second = second_deltas < deltas;
    columns().for_each(|column| write_varint(bytes, if second { column.1 } else { column.0 }));
    if second { WHOLE_SECOND_DELTAS } else { WHOLE_DELTAS }
}

/// Packed deltas: the first value, the least delta, the common divisor of the differences from it,
/// the bits of the largest quotient, and the quotients.
struct Packed {
    least: i64,
    unit: u64,
    width: u32,
}

fn distances(values: &[i64]) -> impl Iterator<Item = i64> {
    values.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?))
}

impl Packed {
    fn of(values: &[i64]) -> Self {
        let least = distances(values).min().unwrap_or_default();
        let (mut unit, mut largest) = (0, 0);
        for distance in distances(values) {
            let above = distance.abs_diff(least);
            largest = largest.max(above);
            if unit != 1 {
                unit = common_divisor(unit, above);
            }
        }
        let unit = unit.max(1);
        Self { least, unit, width: u64::BITS - (largest / unit).leading_zeros() }
    }

    /// Bytes, without those of the first value.
    fn size(&self, count: usize) -> usize {
        let bits = count.saturating_sub(1) * self.width as usize;
        varint_size(self.least) + varint_size(self.unit as i64) + 1 + bits.div_ceil(8)
    }

    fn write(&self, values: &[i64], bytes: &mut Vec<u8>) {
        write_varint(bytes, values.first().copied().unwrap_or_default());
        write_varint(bytes, self.least);
        write_varint(bytes, self.unit as i64);
        bytes.push(self.width as u8);
        let mut writer = BitWriter::after(std::mem::take(bytes));
        for distance in distances(values) {
            let above = distance.abs_diff(self.least);
            let multiple = if self.unit == 1 { above } else { above / self.unit };
            writer.write(multiple, self.width);
        }
        *bytes = writer.bytes;
    }
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn read_packed(mut bytes: &[u8], from: usize, to: usize, into: &mut Vec<f64>) {
    let mut value = read_varint(&mut bytes);
    let least = read_varint(&mut bytes);
    let unit = read_varint(&mut bytes);
    let Some((&width, bytes)) = bytes.split_first() else { return };
    let mut reader = BitReader::new(bytes);
    for at in 0..to {
        if at > 0 {
            let multiple = reader.read(u32::from(width)) as i64;
            value = value.wrapping_add(least).wrapping_add(multiple.wrapping_mul(unit));
        }
        if at >= from {
            into.push(value as f64);
        }
    }
}

fn write_xor(bytes: Vec<u8>, values: &[f64]) -> Vec<u8> {
    let mut writer = BitWriter::after(bytes);
    let mut last = 0u64;
    // Of the difference only the bits between these zeros are written; none fit at first.
    let (mut leading, mut trailing) = (64, 64);
    for (at, value) in values.iter().map(|value| value.to_bits()).enumerate() {
        let difference = value ^ last;
        last = value;
        if at == 0 {
            writer.write(value, 64);
        } else if difference == 0 {
            writer.write(0, 1);
        } else if difference.leading_zeros() >= leading && difference.trailing_zeros() >= trailing {
            writer.write(0b10, 2);
            writer.write(difference >> trailing, 64 - leading - trailing);
        } else {
            leading = difference.leading_zeros().min(31);
            trailing = difference.trailing_zeros();
            let width = 64 - leading - trailing;
            writer.write(0b11, 2);
            writer.write(u64::from(leading), 5);
            writer.write(u64::from(width - 1), 6);
            writer.write(difference >> trailing, width);
        }
    }
    writer.bytes
}

/// Appends the values number `from` up to `to`.
fn read_values(form: u8, mut bytes: &[u8], from: usize, to: usize, into: &mut Vec<f64>) {
    into.reserve(to - from);
    if form & PACKED_DELTAS != 0 {
        return read_packed(bytes, from, to, into);
    }
    match form & VALUE_FORM {
        EQUAL_VALUES => {
            let bits = bytes.first_chunk().map_or(0, |bits| u64::from_le_bytes(*bits));
            into.resize(into.len() + to - from, f64::from_bits(bits));
        }
        WHOLE_DELTAS => {
            let mut value = 0i64;
            for at in 0..to {
                value = value.wrapping_add(read_varint(&mut bytes));
                if at >= from {
                    into.push(value as f64);
                }
            }
        }
        WHOLE_SECOND_DELTAS => {
            let (mut value, mut delta) = (0i64, 0i64);
            for at in 0..to {
                let change = read_varint(&mut bytes);
                delta = if at < 2 { change } else { delta.wrapping_add(change) };
                value = value.wrapping_add(delta);
                if at >= from {
                    into.push(value as f64);
                }
            }
        }
        _ => read_xor(bytes, from, to, into),
    }
}

fn read_xor(bytes: &[u8], from: usize, to: usize, into: &mut Vec<f64>) {
    let mut reader = BitReader::new(bytes);
    let mut value = 0u64;
    let (mut width, mut trailing) = (64, 0);
    for at in 0..to {
        if at == 0 {
            value = reader.read(64);
        } else if reader.bit() {
            if reader.bit() {
                let leading = reader.read(5) as u32;
                width = reader.read(6) as u32 + 1;
                trailing = 64u32.saturating_sub(leading + width);
            }
            value ^= reader.read(width) << trailing;
        }
        if at >= from {
            into.push(f64::from_bits(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use go::number::stale_nan;

    fn round_trip(
        times: &[Timestamp],
        values: &[f64],
        starts: &[Timestamp],
    ) -> (SampleBuffer, usize) {
        let chunk = FloatChunk::encode(Columns { times, values, starts });
        let mut buffer = SampleBuffer::default();
        let first = times.first().copied().unwrap_or_default();
        assert_eq!(chunk.samples(), times.len());
        chunk.decode(first, (Timestamp::MIN, Timestamp::MAX), &mut buffer);
        (buffer, chunk.len())
    }

    #[test]
    fn plain_series_are_small() {
        let times: Vec<Timestamp> = (0..120).map(|i| 1_700_000_000_000 + i * 15_000).collect();
        let size = |value: &dyn Fn(usize) -> f64| {
            let values: Vec<f64> = (0..120).map(value).collect();
            let (buffer, size) = round_trip(&times, &values, &[]);
            assert_eq!(buffer.floats, values);
            size
        };
        assert_eq!(size(&|_| 0.25), 13);
        assert!(size(&|i| i as f64 * 1000.0 + 1e9) < 16);
        assert!(size(&|i| (i * i % 7) as f64) < 70);
        // Bytes of whole packets.
        assert!(size(&|i| (i * 3 + i % 2) as f64 * 1460.0) < 30);
        assert!(size(&|i| (i % 2) as f64 * 1e15) < 50);
        assert!(size(&|i| 0.1 * i as f64) > 140);
    }

    #[test]
    fn part_of_a_chunk() {
        let chunk = FloatChunk::encode(Columns {
            times: &[10, 20, 35, 40],
            values: &[1.0, 2.0, -0.0, stale_nan()],
            starts: &[5, 5, 30, 30],
        });
        let mut buffer = SampleBuffer::default();
        chunk.decode(10, (15, 36), &mut buffer);
        assert_eq!(buffer.float_times, [20, 35]);
        assert_eq!(buffer.floats[1].to_bits(), (-0.0f64).to_bits());
        assert_eq!(buffer.float_starts, [5, 30]);
    }

    fn any_value() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            (-1000..1000i64).prop_map(|value| value as f64),
            Just(-0.0),
            Just(stale_nan()),
        ]
    }

    proptest! {
        #[test]
        fn samples_come_back(
            samples in prop::collection::vec((1..100_000i64, any_value(), any::<i32>()), 1..=120),
            even in any::<bool>(),
            whole in any::<bool>(),
            with_starts in any::<bool>(),
        ) {
            let mut time = -5_000;
            let times: Vec<Timestamp> = samples
                .iter()
                .map(|sample| { time += if even { 15_000 } else { sample.0 }; time })
                .collect();
            let values: Vec<f64> =
                samples.iter().map(|sample| if whole { f64::from(sample.2) } else { sample.1 }).collect();
            let starts: Vec<Timestamp> = if with_starts {
                samples.iter().map(|sample| i64::from(sample.2)).collect()
            } else {
                Vec::new()
            };
            let (buffer, _) = round_trip(&times, &values, &starts);
            prop_assert_eq!(&buffer.float_times, &times);
            prop_assert_eq!(&buffer.float_starts, &starts);
            let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&buffer.floats), bits(&values));
        }
    }
}
