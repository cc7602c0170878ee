//! Base32 with the standard alphabet and padding.
//!
//! Source: encoding/base32, RFC 4648 section 6.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const GROUP: usize = 8;

/// Encodes bytes, padded to groups of eight characters.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let bits = (0..5).fold(0u64, |bits, at| {
            bits << 8 | u64::from(chunk.get(at).copied().unwrap_or_default())
        });
        let used = (chunk.len() * 8).div_ceil(5);
        for at in 0..GROUP {
            let digit = (bits >> (35 - 5 * at) & 31) as usize;
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'=');
            out.push(char::from(if at < used { letter } else { b'=' }));
        }
    }
    out
}

/// Decodes a text; line ends do not count. The error is the byte that Go reports.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let mut out = Vec::new();
    let mut ended = false;
    for (number, group) in bytes.chunks(GROUP).enumerate() {
        if ended {
            break;
        }
        let start = number * GROUP;
        let (bits, digits) = read_group(group, start, bytes.len())?;
        ended = digits < GROUP;
        let whole = bits << (5 * (GROUP - digits));
        out.extend((0..digits * 5 / 8).map(|at| (whole >> (32 - 8 * at) & 255) as u8));
    }
    Ok(out)
}

/// The digits of one group as a number, and how many there are before the padding.
fn read_group(group: &[u8], start: usize, total: usize) -> Result<(u64, usize), usize> {
    let mut bits = 0;
    for (at, byte) in group.iter().enumerate() {
        let left = total.saturating_sub(start + at + 1);
        if *byte == b'=' && at >= 2 && left < GROUP {
            if group.len() < GROUP {
                return Err(total);
            }
            let padding = group.iter().skip(at + 1);
            if let Some(other) = padding.enumerate().find(|(_, byte)| **byte != b'=') {
                return Err(start + at + other.0);
            }
            return if matches!(at, 3 | 6) { Err(start + at) } else { Ok((bits, at)) };
        }
        let digit = ALPHABET.iter().position(|letter| letter == byte).ok_or(start + at)?;
        bits = bits << 5 | digit as u64;
    }
    if group.len() < GROUP { Err(start) } else { Ok((bits, GROUP)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_standard() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "MY======"),
            ("fo", "MZXQ===="),
            ("foo", "MZXW6==="),
            ("foob", "MZXW6YQ="),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI======"),
        ] {
            assert_eq!(encode(plain.as_bytes()), encoded);
            assert_eq!(decode(encoded), Ok(plain.as_bytes().to_vec()));
        }
        for (text, at) in [
            ("1", 0),
            ("MZXW6YTBO", 8),
            ("MY=====", 7),
            ("=Y======", 0),
            ("MYa=====", 2),
            ("MY======MY======", 2),
        ] {
            assert_eq!(decode(text), Err(at), "{text}");
        }
    }
}
