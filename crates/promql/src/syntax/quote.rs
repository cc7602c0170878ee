//! Quoting of PromQL: Go's, with two rules of its own. U+FFFD is escaped, and bytes that are not
//! UTF-8 are kept as private characters.

use go::quote::{Unit, push_hex, unquote_char};

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

/// Returns a character in single quotes. The end of the text is shown as U+FFFD.
pub(super) fn quote_char(c: Option<char>) -> String {
    let mut out = String::from("'");
    match c {
        None | Some('\u{fffd}') => out.push('\u{fffd}'),
        Some(c) => push_escaped(&mut out, c, '\''),
    }
    out.push('\'');
    out
}

fn push_escaped(out: &mut String, c: char, quote: char) {
    match (c, invalid_byte(c)) {
        ('\u{fffd}', _) => out.push_str("\\ufffd"),
        (_, Some(byte)) => push_hex(out, byte),
        _ => go::quote::push_escaped(out, c, quote, false),
    }
}

/// The offset of the private characters that stand for bytes that are no UTF-8.
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
    let mut rest = inner;
    while let Some((unit, behind)) = unquote_char(rest, quote) {
        match unit {
            Unit::Byte(byte) => bytes.push(byte),
            Unit::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = behind;
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => keep_bytes(error.as_bytes()),
    }
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
