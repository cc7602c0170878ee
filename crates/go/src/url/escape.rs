//! Escapes in URLs.

use std::fmt::Write;

/// A part of a URL. Each has characters that it takes without an escape besides letters, digits
/// and `-_.~`. Source: net/url `shouldEscape`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Host,
    Path,
    /// One segment of a path.
    Segment,
    /// A name or value in a query, where a blank becomes a plus.
    Query,
}

impl Part {
    const fn plain(self) -> &'static [u8] {
        match self {
            Self::Host => b"!$&'()*+,;=:[]<>\"",
            Self::Path => b"$&+,/:;=@",
            Self::Segment => b"$&+:=@",
            Self::Query => b"",
        }
    }
}

/// Escapes a text for the query of a URL. Source: net/url `QueryEscape`.
pub fn query_escape(text: &str) -> String {
    escape(text.as_bytes(), Part::Query)
}

/// Escapes a text for one segment of a URL's path. Source: net/url `PathEscape`.
pub fn path_escape(text: &str) -> String {
    escape(text.as_bytes(), Part::Segment)
}

/// Escapes some bytes for a part of a URL.
pub fn escape(bytes: &[u8], part: Part) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'~')
            || part.plain().contains(&byte);
        match byte {
            byte if plain => out.push(char::from(byte)),
            b' ' if part == Part::Query => out.push('+'),
            // Writing to a string cannot fail.
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// Takes the escapes out of a text. Returns Go's error if one is cut off or no number.
/// Source: net/url `PathUnescape`, `QueryUnescape` with `plus`.
pub fn unescape(text: &str, plus: bool) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '%' => {
                let digits =
                    behind.get(..2).filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
                let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                let Some(byte) = byte else {
                    let shown: String = rest.chars().take(3).collect();
                    return Err(format!("invalid URL escape {}", crate::quote::quote(&shown)));
                };
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            '+' if plus => {
                bytes.push(b' ');
                rest = behind;
            }
            c => {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = behind;
            }
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// As [`unescape`] of a path, but what is no escape stays as it is.
pub(super) fn unescape_bytes(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_back() {
        for (text, query, path) in [
            ("a b&c=d/é", "a+b%26c%3Dd%2F%C3%A9", "a%20b&c=d%2F%C3%A9"),
            ("up == 1", "up+%3D%3D+1", "up%20==%201"),
            ("~a-b_c.d+$", "~a-b_c.d%2B%24", "~a-b_c.d+$"),
        ] {
            assert_eq!(query_escape(text), query);
            assert_eq!(path_escape(text), path);
            assert_eq!(unescape(query, true).as_deref(), Ok(text));
            assert_eq!(unescape(path, false).as_deref(), Ok(text));
        }
        assert_eq!(escape(b"[::1]:80 /", Part::Host), "[::1]:80%20%2F");
        assert_eq!(escape("/a b/é".as_bytes(), Part::Path), "/a%20b/%C3%A9");
        for (text, error) in
            [("%zz", "invalid URL escape \"%zz\""), ("a%2", "invalid URL escape \"%2\"")]
        {
            assert_eq!(unescape(text, true), Err(error.to_owned()));
        }
    }
}
