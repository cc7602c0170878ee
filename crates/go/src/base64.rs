//! Base64 with the standard alphabet and padding, as Go's `encoding/base64` reads and writes it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Returns the text for some bytes. Source: encoding/base64 `StdEncoding.EncodeToString`.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let at = (group >> (18 - 6 * place)) & 63;
            let letter = ALPHABET.get(at as usize).copied().unwrap_or(b'=');
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

/// Returns the bytes of a text. Line breaks are skipped. The error is the offset of the first byte
/// that does not belong there, which Go prints as `illegal base64 data at input byte 4`.
/// Source: encoding/base64 `StdEncoding.DecodeString`.
pub fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0u32, 0usize, 0usize);
    for (at, letter) in text.bytes().enumerate() {
        if matches!(letter, b'\r' | b'\n') {
            continue;
        }
        if padding > 0 || letter == b'=' {
            // If a second padding character is expected, Go reports the position of the first.
            if padding == 1 && count == 2 && letter != b'=' {
                return Err(at - 1);
            }
            padding += 1;
            if letter != b'=' || count < 2 || count + padding > 4 {
                return Err(at);
            }
            continue;
        }
        let value = ALPHABET.iter().position(|known| *known == letter).ok_or(at)?;
        group = group << 6 | value as u32;
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(group.to_be_bytes().get(1..).unwrap_or_default());
            (group, count) = (0, 0);
        }
    }
    match (count, padding) {
        (0, 0) => {}
        (2 | 3, padding) if count + padding == 4 => {
            let left = (group << (6 * (4 - count))).to_be_bytes();
            bytes.extend_from_slice(left.get(1..count).unwrap_or_default());
        }
        // Go reports the start of an incomplete group as if no line break followed it, or the end
        // of the text if padding is incomplete.
        (count, 0) => return Err(text.len() - count),
        _ => return Err(text.len()),
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"hello", "aGVsbG8="),
            (&[0xff, 0xfe, 0x00, 0x80], "//4AgA=="),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Ok(bytes));
        }
        assert_eq!(decode("aGVs\r\nbG8=\n").as_deref(), Ok(&b"hello"[..]));
    }

    #[test]
    fn refuses() {
        for (text, at) in [
            ("###", 0),
            ("Zg", 0),
            ("Zg=", 3),
            ("Zm9vZ", 4),
            ("Zg==Zg==", 4),
            ("Z===", 1),
            ("Zg=a", 2),
            ("Zg=\n", 4),
            ("Zg\n", 1),
            ("aGFsbG8", 4),
            ("a b", 1),
            ("aG==x", 4),
            ("Zm8==", 4),
            ("é", 0),
        ] {
            assert_eq!(decode(text), Err(at), "{text}");
        }
    }
}
