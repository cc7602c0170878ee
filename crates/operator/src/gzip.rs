//! The gzip format, with stored blocks: what is written can be read by any program, but is not
//! smaller.
//!
//! Source: RFC 1951, RFC 1952.

/// Largest content of a stored block.
const BLOCK: usize = 0xffff;

/// Wraps bytes as a gzip file.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut blocks = bytes.chunks(BLOCK).peekable();
    if bytes.is_empty() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(crc32(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

/// Reads a gzip file of stored blocks. Returns None for any other file.
pub fn stored(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(&[0x1f, 0x8b, 8, 0])?.get(6..)?;
    let mut out = Vec::new();
    loop {
        let header = *rest.first()?;
        if header > 1 {
            return None;
        }
        let length = usize::from(u16::from_le_bytes([*rest.get(1)?, *rest.get(2)?]));
        out.extend_from_slice(rest.get(5..5 + length)?);
        rest = rest.get(5 + length..)?;
        if header == 1 {
            break;
        }
    }
    (rest.get(..4)? == crc32(&out).to_le_bytes()).then_some(out)
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ (0xedb8_8320 * low);
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        for length in [0, 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
            let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
            assert_eq!(stored(&compress(&bytes)), Some(bytes), "{length}");
        }
        assert_eq!(stored(b"plain"), None);
    }
}
