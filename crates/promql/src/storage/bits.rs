//! Numbers of any width in a row of bytes: bit by bit, and as varints.

/// Writes bits from the highest of each byte on.
#[derive(Default)]
pub(super) struct BitWriter {
    pub bytes: Vec<u8>,
    /// Bits still free in the last byte.
    free: u32,
}

impl BitWriter {
    /// Continues after whole bytes.
    pub fn after(bytes: Vec<u8>) -> Self {
        Self { bytes, free: 0 }
    }

    /// Writes the low `width` bits of `value`; `width` is at most 64.
    pub fn write(&mut self, value: u64, mut width: u32) {
        while width > 0 {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            let count = width.min(self.free);
            width -= count;
            let part = (value >> width) as u8 & (0xff >> (8 - count));
            self.free -= count;
            if let Some(last) = self.bytes.last_mut() {
                *last |= part << self.free;
            }
        }
    }
}

/// Reads what [`BitWriter`] wrote; zeros after the end.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    buffer: u64,
    filled: u32,
}

impl<'a> BitReader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, buffer: 0, filled: 0 }
    }

    #[inline]
    pub fn bit(&mut self) -> bool {
        self.read_short(1) == 1
    }

    /// Reads up to 64 bits.
    pub fn read(&mut self, width: u32) -> u64 {
        if width > 32 {
            let high = self.read_short(width - 32);
            return (high << 32) | self.read_short(32);
        }
        self.read_short(width)
    }

    /// Reads up to 32 bits.
    #[inline]
    fn read_short(&mut self, width: u32) -> u64 {
        while self.filled < width {
            let byte = self.bytes.get(self.at).copied().unwrap_or_default();
            self.at += 1;
            self.buffer = (self.buffer << 8) | u64::from(byte);
            self.filled += 8;
        }
        self.filled -= width;
        (self.buffer >> self.filled) & ((1u64 << width) - 1)
    }
}

/// Small numbers of either sign in few bytes.
pub(super) fn write_varint(bytes: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// The bytes that [`write_varint`] writes.
pub(super) fn varint_size(value: i64) -> usize {
    let bits = u64::BITS - (((value << 1) ^ (value >> 63)) as u64 | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Reads a varint from the front of `bytes`; zero where there is none.
#[inline]
pub(super) fn read_varint(bytes: &mut &[u8]) -> i64 {
    let mut value = 0u64;
    let mut shift = 0;
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 63 {
            break;
        }
    }
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_come_back(numbers in prop::collection::vec((any::<u64>(), 1..=64u32), 0..50)) {
            let mut writer = BitWriter::default();
            for &(value, width) in &numbers {
                writer.write(value, width);
            }
            let mut reader = BitReader::new(&writer.bytes);
            for &(value, width) in &numbers {
                prop_assert_eq!(reader.read(width), value & (u64::MAX >> (64 - width)));
            }
        }

        #[test]
        fn varints_come_back(numbers in prop::collection::vec(any::<i64>(), 0..50)) {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|&number| write_varint(&mut bytes, number));
            let size: usize = numbers.iter().map(|&number| varint_size(number)).sum();
            prop_assert_eq!(size, bytes.len());
            let mut rest = &bytes[..];
            for &number in &numbers {
                prop_assert_eq!(read_varint(&mut rest), number);
            }
            prop_assert!(rest.is_empty());
        }
    }
}
