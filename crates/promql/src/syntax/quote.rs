//! Strings as Go quotes and unquotes them.

use std::fmt::Write;

/// A string in double quotes, with escapes for what does not print. U+FFFD is escaped too: the
/// lexer refuses it unescaped, as Prometheus does.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_quoted(&mut out, text);
    out
}

pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        push_escaped(out, c, '"');
    }
    out.push('"');
}

/// A character in single quotes; what is no character, the end of the text, shows as U+FFFD.
pub(super) fn quote_char(c: Option<char>) -> String {
    let mut out = String::from("'");
    match c {
        None | Some('\u{fffd}') => out.push('\u{fffd}'),
        Some(c) => push_escaped(&mut out, c, '\''),
    }
    out.push('\'');
    out
}

/// `U+0063 'c'`, or the number alone where the character does not print.
pub(super) fn unicode_name(c: char) -> String {
    if prints(c) {
        format!("U+{:04X} '{c}'", u32::from(c))
    } else {
        format!("U+{:04X}", u32::from(c))
    }
}

fn push_escaped(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        _ if c == quote => {
            out.push('\\');
            out.push(c);
        }
        '\u{fffd}' => out.push_str("\\ufffd"),
        _ if let Some(byte) = invalid_byte(c) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
        _ if prints(c) => out.push(c),
        '\u{7}' => out.push_str("\\a"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{b}' => out.push_str("\\v"),
        _ => {
            let code = u32::from(c);
            // Writing to a string cannot fail.
            let _ = match code {
                ..0x20 | 0x7f => write!(out, "\\x{code:02x}"),
                ..0x1_0000 => write!(out, "\\u{code:04x}"),
                _ => write!(out, "\\U{code:08x}"),
            };
        }
    }
}

/// Whether Go calls the character printable: letters, marks, numbers, punctuation, symbols and the
/// ASCII space.
fn prints(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // Behind another character the standard library escapes exactly what does not print; marks
    // that join with what stands before them are escaped only at the beginning.
    let mut text = String::from("a");
    text.push(c);
    !text.escape_debug().any(|c| c == '\\')
}

/// Bytes that are no UTF-8 stand in our texts as the private character this far above them.
const BYTE_BASE: u32 = 0x10_ff00;

/// The byte that a character of an unquoted string stands for, where the string is no UTF-8 there.
pub fn invalid_byte(c: char) -> Option<u8> {
    u8::try_from(u32::from(c).checked_sub(BYTE_BASE)?).ok().filter(|byte| !byte.is_ascii())
}

fn keep_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let invalid = chunk.invalid().iter();
        text.extend(invalid.filter_map(|&byte| char::from_u32(BYTE_BASE + u32::from(byte))));
    }
    text
}

/// The content of a quoted string that the lexer took: quotes removed, escapes replaced. Bytes
/// written as escapes that do not make UTF-8 become characters of [`invalid_byte`].
pub(super) fn unquote(literal: &str) -> String {
    let quote = literal.chars().next().unwrap_or('"');
    let inner = literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default();
    if quote == '`' || !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            push_char(&mut bytes, c);
            continue;
        }
        let Some(escape) = chars.next() else { break };
        match escape {
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(11),
            '0'..='7' => {
                let first = escape.to_digit(8).unwrap_or_default();
                bytes.push(take_digits(&mut chars, 2, 8, first) as u8);
            }
            'x' => bytes.push(take_digits(&mut chars, 2, 16, 0) as u8),
            'u' | 'U' => {
                let digits = if escape == 'u' { 4 } else { 8 };
                let code = take_digits(&mut chars, digits, 16, 0);
                push_char(&mut bytes, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => push_char(&mut bytes, other),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => keep_bytes(error.as_bytes()),
    }
}

fn push_char(bytes: &mut Vec<u8>, c: char) {
    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn take_digits(chars: &mut std::str::Chars<'_>, count: usize, base: u32, first: u32) -> u32 {
    chars.by_ref().take(count).fold(first, |value, c| {
        value.wrapping_mul(base).wrapping_add(c.to_digit(base).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        for (text, quoted) in [
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\u{7}\n\u{1}\u{7f}", r#""\a\n\x01\x7f""#),
            ("ü\u{a0}\u{ad}e\u{301}☺", "\"ü\\u00a0\\u00ade\u{301}☺\""),
            ("\u{fffd}\u{e0001}", r#""\ufffd\U000e0001""#),
        ] {
            assert_eq!(quote(text), quoted);
            assert_eq!(unquote(quoted), text);
        }
        assert_eq!(quote_char(Some('\'')), r"'\''");
        assert_eq!(quote_char(None), "'\u{fffd}'");
        assert_eq!(unicode_name('c'), "U+0063 'c'");
        assert_eq!(unicode_name('\n'), "U+000A");
    }

    #[test]
    fn unquotes() {
        for (literal, text) in [
            (r"'it\'s'", "it's"),
            (r"`a\nb`", r"a\nb"),
            (r#""\x41\101\u263a\U0001F600""#, "AA☺😀"),
            (r#""\xc3\xa9\xff""#, "é\u{10ffff}"),
        ] {
            assert_eq!(unquote(literal), text);
        }
    }
}
