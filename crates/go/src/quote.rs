//! Quoting as Go's `%q` does it, because Prometheus's messages quote what the user wrote.

use std::fmt::Write;

/// `text` in double quotes, with Go's escapes.
pub fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// Bytes in double quotes; what is no UTF-8 is written as `\xff`.
pub fn quote_bytes(bytes: &[u8]) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_char(&mut quoted, c);
        }
        for byte in chunk.invalid() {
            push_hex(&mut quoted, *byte);
        }
    }
    quoted.push('"');
    quoted
}

fn push_char(quoted: &mut String, c: char) {
    match c {
        '"' | '\\' => quoted.extend(['\\', c]),
        '\u{7}'..='\r' => {
            quoted.extend(['\\'].into_iter().chain("abtnvfr".chars().nth(c as usize - 7)))
        }
        c if (c as u32) < 0x20 || c == '\u{7f}' => push_hex(quoted, c as u8),
        c if is_unprintable(c) => push_unicode(quoted, c),
        c => quoted.push(c),
    }
}

fn push_hex(quoted: &mut String, byte: u8) {
    let _ = write!(quoted, "\\x{byte:02x}");
}

fn push_unicode(quoted: &mut String, c: char) {
    let code = c as u32;
    let _ = if code <= 0xffff {
        write!(quoted, "\\u{code:04x}")
    } else {
        write!(quoted, "\\U{code:08x}")
    };
}

/// Characters beyond ASCII that Go does not print: controls, separators, formats, private use.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || (c != ' ' && c.is_whitespace())
        || matches!(c as u32,
            0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff
            | 0xe000..=0xf8ff | 0xfff0..=0xfffb | 0xfffe..=0xffff | 0xe0000..=0x10_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_quotes() {
        for (text, expected) in [
            ("plain", r#""plain""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("tab\tnl\nnul\0", r#""tab\tnl\nnul\x00""#),
            ("é☺", "\"é☺\""),
            ("\u{6}\u{7}\u{8}\u{b}\u{c}\r\u{e}", r#""\x06\a\b\v\f\r\x0e""#),
            ("\u{a0}\u{feff}", r#""\u00a0\ufeff""#),
        ] {
            assert_eq!(quote(text), expected);
        }
        assert_eq!(quote_bytes(b"a\xffz"), r#""a\xffz""#);
    }
}
