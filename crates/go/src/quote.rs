//! Quoting and unquoting as Go's `strconv` does both; `%q` in messages.

use std::fmt::Write;

/// Returns `text` in double quotes. Source: strconv `Quote`.
pub fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// Returns bytes in double quotes; bytes that are not UTF-8 are written as `\xff`.
pub fn quote_bytes(bytes: &[u8]) -> String {
    quote_with(bytes, false)
}

/// Returns `text` in double quotes with only ASCII in it. Source: strconv `QuoteToASCII`.
pub fn quote_ascii(text: &str) -> String {
    quote_with(text.as_bytes(), true)
}

/// Returns a character in single quotes. Source: strconv `QuoteRune`.
pub fn quote_char(c: char) -> String {
    quote_char_with(c, false)
}

/// Returns a character in single quotes, in ASCII. Source: strconv `QuoteRuneToASCII`.
pub fn quote_char_ascii(c: char) -> String {
    quote_char_with(c, true)
}

/// Returns `U+0063 'c'`, or the number alone if the character does not print. Source: fmt `%#U`.
pub fn code_point(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

fn quote_with(bytes: &[u8], ascii: bool) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_escaped(&mut quoted, c, '"', ascii);
        }
        for byte in chunk.invalid() {
            push_hex(&mut quoted, *byte);
        }
    }
    quoted.push('"');
    quoted
}

fn quote_char_with(c: char, ascii: bool) -> String {
    let mut quoted = String::from('\'');
    push_escaped(&mut quoted, c, '\'', ascii);
    quoted.push('\'');
    quoted
}

/// Appends a character as written between `quote` characters.
pub fn push_escaped(quoted: &mut String, c: char, quote: char, ascii: bool) {
    match c {
        '\\' => quoted.push_str(r"\\"),
        c if c == quote => quoted.extend(['\\', c]),
        c if is_print(c) && (c.is_ascii() || !ascii) => quoted.push(c),
        '\x07' => quoted.push_str(r"\a"),
        '\x08' => quoted.push_str(r"\b"),
        '\x0c' => quoted.push_str(r"\f"),
        '\n' => quoted.push_str(r"\n"),
        '\r' => quoted.push_str(r"\r"),
        '\t' => quoted.push_str(r"\t"),
        '\x0b' => quoted.push_str(r"\v"),
        c if c < ' ' || c == '\x7f' => push_hex(quoted, c as u8),
        c => {
            let code = u32::from(c);
            // Writing to a string cannot fail.
            let _ = if code <= 0xffff {
                write!(quoted, "\\u{code:04x}")
            } else {
                write!(quoted, "\\U{code:08x}")
            };
        }
    }
}

/// Appends a byte that is not UTF-8, as `\xff`.
pub fn push_hex(quoted: &mut String, byte: u8) {
    let _ = write!(quoted, "\\x{byte:02x}");
}

/// Returns true for letters, marks, numbers, punctuation, symbols and the ASCII space.
/// Source: strconv `IsPrint`.
pub fn is_print(c: char) -> bool {
    match c {
        '\0'..='\x7f' => (' '..='~').contains(&c),
        '\u{80}'..='\u{ff}' => c > '\u{a0}' && c != '\u{ad}',
        _ => is_graphic(c),
    }
}

/// Returns true if the text can stand between back quotes unchanged, on one line.
/// Source: strconv `CanBackquote`.
pub fn can_backquote(text: &str) -> bool {
    text.chars().all(|c| c == '\t' || (c >= ' ' && !matches!(c, '`' | '\x7f' | '\u{feff}')))
}

/// Returns the content of a string or character literal, or None if it is not a valid one. Bytes
/// that are not UTF-8 become U+FFFD. Source: strconv `Unquote`.
pub fn unquote(literal: &str) -> Option<String> {
    let bytes = unquote_bytes(literal)?;
    Some(String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.into_bytes();
        String::from_utf8_lossy(&bytes).into_owned()
    }))
}

/// As [`unquote`], with the bytes as they are.
pub fn unquote_bytes(literal: &str) -> Option<Vec<u8>> {
    let quote = literal.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let inner = literal.get(1..)?.strip_suffix(quote)?;
    if quote == '`' {
        let kept = inner.bytes().filter(|byte| *byte != b'\r').collect();
        return (!inner.contains('`')).then_some(kept);
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let (mut rest, mut count) = (inner, 0);
    while !rest.is_empty() {
        if rest.starts_with('\n') {
            return None;
        }
        let (unit, behind) = unquote_char(rest, quote)?;
        match unit {
            Unit::Byte(byte) => bytes.push(byte),
            Unit::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = behind;
        count += 1;
    }
    (quote == '"' || count == 1).then_some(bytes)
}

/// The value of one character or escape sequence of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A byte written as `\xff` or `\377`.
    Byte(u8),
    Char(char),
}

impl Unit {
    /// The number of the character or byte.
    pub fn code(self) -> u32 {
        match self {
            Self::Byte(byte) => u32::from(byte),
            Self::Char(c) => u32::from(c),
        }
    }
}

/// Reads one character or escape sequence, and returns what follows it. Returns None for the quote
/// itself, an unknown escape sequence or one that is cut off. Source: strconv `UnquoteChar`.
pub fn unquote_char(text: &str, quote: char) -> Option<(Unit, &str)> {
    let mut chars = text.chars();
    let c = chars.next()?;
    if c == quote {
        return None;
    }
    if c != '\\' {
        return Some((Unit::Char(c), chars.as_str()));
    }
    let escape = chars.next()?;
    let simple = match escape {
        'a' => Some('\x07'),
        'b' => Some('\x08'),
        'f' => Some('\x0c'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        '\\' => Some('\\'),
        '\'' | '"' if escape == quote => Some(escape),
        _ => None,
    };
    if let Some(c) = simple {
        return Some((Unit::Char(c), chars.as_str()));
    }
    let rest = chars.as_str();
    let number = |digits: &str, radix| {
        let plain = digits.bytes().all(|byte| char::from(byte).is_digit(radix));
        plain.then(|| u32::from_str_radix(digits, radix).ok())?
    };
    match escape {
        'x' => {
            let byte = number(rest.get(..2)?, 16)?;
            Some((Unit::Byte(u8::try_from(byte).ok()?), rest.get(2..)?))
        }
        'u' | 'U' => {
            let length = if escape == 'u' { 4 } else { 8 };
            let c = char::from_u32(number(rest.get(..length)?, 16)?)?;
            Some((Unit::Char(c), rest.get(length..)?))
        }
        '0'..='7' => {
            let digits = text.get(1..4)?;
            let byte = u8::try_from(number(digits, 8)?).ok()?;
            Some((Unit::Byte(byte), text.get(4..)?))
        }
        _ => None,
    }
}

/// Returns true for letters, marks, numbers, punctuation and symbols of any script.
///
/// The tables of the standard library decide: after another character, `escape_debug` keeps these characters
/// except quotes and the backslash. A program that only quotes does not link regular expressions.
fn is_graphic(c: char) -> bool {
    match c {
        ' ' => false,
        '"' | '\'' | '\\' => true,
        _ => {
            let text = String::from_iter(['a', c]);
            text.escape_debug().eq(text.chars())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphic_characters_are_those_of_the_categories() {
        let class =
            crate::Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").expect("the class is valid");
        let of_class = |c: char| class.is_match(c.encode_utf8(&mut [0; 4]));
        // The two tables are of different versions of Unicode: the newer one may know more.
        let lost: Vec<char> =
            ('\0'..=char::MAX).filter(|c| of_class(*c) && !is_graphic(*c)).collect();
        assert_eq!(lost, [], "graphic for the engine of regular expressions alone");
        let more = ('\0'..=char::MAX).filter(|c| is_graphic(*c) && !of_class(*c)).count();
        assert!(more < 6_000, "{more}");
    }

    #[test]
    fn quotes_as_go_does() {
        for (text, expected) in [
            ("plain", r#""plain""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("tab\tnl\nnul\0", r#""tab\tnl\nnul\x00""#),
            ("é☺", "\"é☺\""),
            ("\u{6}\u{7}\u{8}\u{b}\u{c}\r\u{e}\u{7f}", r#""\x06\a\b\v\f\r\x0e\x7f""#),
            ("\u{a0}\u{feff}\u{ad}\u{85}", r#""\u00a0\ufeff\u00ad\u0085""#),
            ("e\u{301}\u{2028}\u{378}", "\"e\u{301}\\u2028\\u0378\""),
            ("\u{fffd}\u{e0001}", "\"\u{fffd}\\U000e0001\""),
        ] {
            assert_eq!(quote(text), expected);
            assert_eq!(unquote(expected).as_deref(), Some(text));
        }
        assert_eq!(quote_bytes(b"a\xffz"), r#""a\xffz""#);
        assert_eq!(quote_ascii("é☺😀a"), r#""\u00e9\u263a\U0001f600a""#);
    }

    #[test]
    fn quotes_characters() {
        for (c, plain, ascii) in [
            ('a', "'a'", "'a'"),
            ('\'', r"'\''", r"'\''"),
            ('"', "'\"'", "'\"'"),
            ('\n', r"'\n'", r"'\n'"),
            ('é', "'é'", r"'\u00e9'"),
        ] {
            assert_eq!(quote_char(c), plain);
            assert_eq!(quote_char_ascii(c), ascii);
        }
        assert_eq!(code_point('-'), "U+002D '-'");
        assert_eq!(code_point('\u{1}'), "U+0001");
    }

    #[test]
    fn unquotes_what_go_unquotes() {
        for (literal, text) in [
            (r#""""#, ""),
            (r#""\a\b\f\n\r\t\v\\\"""#, "\x07\x08\x0c\n\r\t\x0b\\\""),
            (r#""\x41\101\u00e9\U0001F600""#, "AAé😀"),
            (r#""\xc3\xa9""#, "é"),
            (r#""'""#, "'"),
            ("`a\\n\r\nb`", "a\\n\nb"),
            ("'x'", "x"),
            (r"'\''", "'"),
            (r"'\u00e9'", "é"),
        ] {
            assert_eq!(unquote(literal).as_deref(), Some(text), "{literal}");
        }
        assert_eq!(unquote_bytes(r#""\377""#), Some(vec![0xff]));
        assert_eq!(unquote(r#""\377""#).as_deref(), Some("\u{fffd}"));
    }

    #[test]
    fn refuses_what_go_refuses() {
        for literal in [
            "",
            "\"",
            "a",
            "\"a",
            "a\"",
            r#""\q""#,
            r#""\x4""#,
            r#""\u+041""#,
            r#""\ud800""#,
            r#""\400""#,
            r#""\'""#,
            r#"'\"'"#,
            "''",
            "'ab'",
            "\"a\nb\"",
            "`a`b`",
            r#""\""#,
            r#""\xé""#,
            r#""a"b""#,
        ] {
            assert_eq!(unquote(literal), None, "{literal}");
        }
    }

    #[test]
    fn back_quotes() {
        for (text, can) in [("a\tb\"", true), ("a`b", false), ("a\nb", false), ("\u{feff}", false)]
        {
            assert_eq!(can_backquote(text), can, "{text:?}");
        }
    }
}
