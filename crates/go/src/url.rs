//! URLs as Go's `net/url` escapes them.

/// Escapes a text for the query of a URL: blanks become `+`. Source: net/url `QueryEscape`.
pub fn query_escape(text: &str) -> String {
    escape(text, |byte| matches!(byte, b'-' | b'_' | b'.' | b'~'), true)
}

/// Escapes a text for one segment of a URL's path. Source: net/url `PathEscape`.
pub fn path_escape(text: &str) -> String {
    let kept =
        |byte| matches!(byte, b'-' | b'_' | b'.' | b'~' | b'$' | b'&' | b'+' | b'=' | b':' | b'@');
    escape(text, kept, false)
}

fn escape(text: &str, kept: impl Fn(u8) -> bool, plus: bool) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' if plus => out.push('+'),
            byte if byte.is_ascii_alphanumeric() || kept(byte) => out.push(char::from(byte)),
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

/// Returns the path of an absolute URL. Source: net/url `URL.Path`, without its escapes.
pub fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (url, expected) in
            [("http://a:9090", ""), ("http://a/b/c?d/e#f", "/b/c"), ("https://a/#x", "/")]
        {
            assert_eq!(path(url), expected);
        }
    }

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
        for (text, error) in
            [("%zz", "invalid URL escape \"%zz\""), ("a%2", "invalid URL escape \"%2\"")]
        {
            assert_eq!(unescape(text, true), Err(error.to_owned()));
        }
    }
}
