//! The tokens of an action between `{{` and `}}`, and of comments.
//!
//! Source: Go's text/template/parse, lex.go.

use super::TemplateError;
use go::quote::quote;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Word(String),
    Variable(String),
    Field,
    Dot,
    Number,
    /// A string, quoted or raw.
    Text,
    /// A boolean.
    Literal,
    /// A character in single quotes.
    Character,
    Nil,
    Keyword(&'static str),
    Pipe,
    Declare,
    Assign,
    Comma,
    Open,
    Close,
    Space,
    Other,
    /// What cannot be read any further.
    Broken(TemplateError),
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: usize,
    pub text: String,
}

const KEYWORDS: [&str; 10] =
    ["break", "continue", "define", "else", "end", "if", "range", "template", "with", "block"];

/// The tokens of the action that begins at `start`, and where the text goes on behind it, or why
/// there is no further token.
pub(super) fn lex(
    text: &str,
    start: usize,
    body: usize,
) -> (Vec<Token>, Result<usize, TemplateError>) {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = body;
    let mut parens = 0usize;
    loop {
        let rest = &text[at..];
        for delimiter in ["}}", " -}}", "\t-}}", "\n-}}"] {
            if rest.starts_with(delimiter) {
                let end = match parens {
                    0 => Ok(at + delimiter.len()),
                    _ => Err(unreadable(text, at, "unclosed left paren")),
                };
                return (tokens, end);
            }
        }
        if rest.is_empty() {
            let message = "unclosed action".to_owned();
            return (tokens, Err(TemplateError { at: start, end: at, message }));
        }
        match token(text, at, &mut parens) {
            Ok((kind, length)) => {
                tokens.push(Token { kind, at, text: rest[..length].to_owned() });
                at += length;
            }
            Err(error) => return (tokens, Err(error)),
        }
    }
}

fn unreadable(text: &str, at: usize, message: impl Into<String>) -> TemplateError {
    let next = text[at..].chars().next().map_or(0, char::len_utf8);
    TemplateError { at, end: at + next, message: message.into() }
}

/// The token at `at` and its length. There is text, and it is no closing delimiter.
fn token(text: &str, at: usize, parens: &mut usize) -> Result<(Kind, usize), TemplateError> {
    let rest = &text[at..];
    let fail = |at: usize, message: &str| unreadable(text, at, message);
    let c = rest.chars().next().unwrap_or(' ');
    let (kind, length) = match c {
        ' ' | '\t' | '\r' | '\n' => {
            let spaces = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            // The last blank belongs to a trim marker.
            let trimmed = spaces > 1 && rest[spaces..].starts_with("-}}");
            return Ok((Kind::Space, spaces - usize::from(trimmed)));
        }
        '=' => return Ok((Kind::Assign, 1)),
        ':' if rest.starts_with(":=") => return Ok((Kind::Declare, 2)),
        ':' => return Err(fail(at, "expected :=")),
        '|' => return Ok((Kind::Pipe, 1)),
        ',' => return Ok((Kind::Comma, 1)),
        '"' => {
            let length = quoted(rest, '"');
            return Ok((Kind::Text, length.ok_or_else(|| fail(at, "unterminated quoted string"))?));
        }
        '\'' => {
            let length = quoted(rest, '\'');
            let length = length.ok_or_else(|| fail(at, "unterminated character constant"))?;
            return Ok((Kind::Character, length));
        }
        '`' => {
            let end = rest[1..].find('`');
            let end = end.ok_or_else(|| fail(at, "unterminated raw quoted string"))?;
            return Ok((Kind::Text, end + 2));
        }
        '(' => {
            *parens += 1;
            return Ok((Kind::Open, 1));
        }
        ')' => {
            let left = parens.checked_sub(1);
            *parens = left.ok_or_else(|| fail(at, "unexpected right paren"))?;
            return Ok((Kind::Close, 1));
        }
        '$' => {
            let length = 1 + word_length(&rest[1..]);
            (Kind::Variable(rest[..length].to_owned()), length)
        }
        '.' if rest.len() > 1 && !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
            match word_length(&rest[1..]) {
                0 => (Kind::Dot, 1),
                length => (Kind::Field, length + 1),
            }
        }
        '.' | '+' | '-' | '0'..='9' => return number(text, at),
        c if c.is_alphanumeric() || c == '_' => {
            let length = word_length(rest);
            (word_kind(&rest[..length]), length)
        }
        c if c.is_ascii_graphic() => return Ok((Kind::Other, 1)),
        c => {
            let message = format!("unrecognized character in action: U+{:04X} '{c}'", c as u32);
            return Err(fail(at, &message));
        }
    };
    match rest[length..].chars().next().filter(|_| !is_terminated(&rest[length..])) {
        Some(next) => {
            Err(fail(at + length, &format!("bad character U+{:04X} '{next}'", next as u32)))
        }
        None => Ok((kind, length)),
    }
}

/// A number, which may be the sum of a real and an imaginary one.
fn number(text: &str, at: usize) -> Result<(Kind, usize), TemplateError> {
    let rest = &text[at..];
    let bad = |length: usize| TemplateError {
        at,
        end: at + length,
        message: format!("bad number syntax: {}", quote(&rest[..length])),
    };
    let mut length = number_length(rest).map_err(bad)?;
    if rest[length..].starts_with(['+', '-']) {
        length += number_length(&rest[length..]).map_err(|more| bad(length + more))?;
        if !rest[..length].ends_with('i') {
            return Err(bad(length));
        }
    }
    Ok((Kind::Number, length))
}

/// What may follow a name directly.
fn is_terminated(rest: &str) -> bool {
    rest.is_empty()
        || rest.starts_with("}}")
        || rest.starts_with(|c: char| c.is_whitespace() || ".,|:)(".contains(c))
}

fn word_kind(word: &str) -> Kind {
    if let Some(keyword) = KEYWORDS.into_iter().find(|keyword| *keyword == word) {
        return Kind::Keyword(keyword);
    }
    match word {
        "nil" => Kind::Nil,
        "true" | "false" => Kind::Literal,
        _ => Kind::Word(word.to_owned()),
    }
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// Length of a quoted constant with its quotes; it may not cross a line.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// What is wrong with a string or character, its quotes included. Source: Go's strconv
/// `UnquoteChar` and parse/node.go `newNumber`.
pub(super) fn constant_fault(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|quote| *quote != '`')?;
    let mut rest = text.get(1..text.len().saturating_sub(1))?;
    let invalid = || Some("invalid syntax".to_owned());
    let mut characters = 0;
    while !rest.is_empty() {
        let Some(length) = character_length(rest, quote) else { return invalid() };
        rest = rest.get(length..)?;
        characters += 1;
        if quote == '\'' && !rest.is_empty() {
            return Some(format!("malformed character constant: {text}"));
        }
    }
    if quote == '\'' && characters == 0 { invalid() } else { None }
}

/// Bytes of the first character, which may be escaped. Nothing where the escape is none.
fn character_length(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if first != '\\' {
        return Some(first.len_utf8());
    }
    let escape = chars.next()?;
    let number = |from: usize, digits: usize, radix: u32| {
        let digits = text.get(from..from + digits)?;
        let is_number = digits.chars().all(|c| c.is_digit(radix));
        is_number.then(|| u32::from_str_radix(digits, radix).ok())?
    };
    match escape {
        'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' => Some(2),
        '\'' | '"' => (escape == quote).then_some(2),
        'x' => number(2, 2, 16).map(|_| 4),
        'u' => number(2, 4, 16).and_then(char::from_u32).map(|_| 6),
        'U' => number(2, 8, 16).and_then(char::from_u32).map(|_| 10),
        '0'..='7' => number(1, 3, 8).filter(|code| *code <= 255).map(|_| 4),
        _ => None,
    }
}

/// How long a number is; where a letter or digit follows directly, how far it was read with that.
fn number_length(text: &str) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let accept = |at: &mut usize, allowed: &[u8]| {
        let taken = bytes.get(*at).is_some_and(|byte| allowed.contains(byte));
        *at += usize::from(taken);
        taken
    };
    accept(&mut at, b"+-");
    let mut digits: &[u8] = b"0123456789_";
    if accept(&mut at, b"0") {
        if accept(&mut at, b"xX") {
            digits = b"0123456789abcdefABCDEF_";
        } else if accept(&mut at, b"oO") {
            digits = b"01234567_";
        } else if accept(&mut at, b"bB") {
            digits = b"01_";
        }
    }
    while accept(&mut at, digits) {}
    if accept(&mut at, b".") {
        while accept(&mut at, digits) {}
    }
    let exponent: &[u8] = match digits.len() {
        11 => b"eE",
        23 => b"pP",
        _ => b"",
    };
    if accept(&mut at, exponent) {
        accept(&mut at, b"+-");
        while accept(&mut at, b"0123456789_") {}
    }
    accept(&mut at, b"i");
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(next) if next.is_alphanumeric() || next == '_' => Err(at + next.len_utf8()),
        _ => Ok(at),
    }
}

/// Whether the text that looks like a number is one.
pub(super) fn is_number(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let real = lower.strip_suffix('i').unwrap_or(&lower);
    // Of a complex number the scan has seen to both parts.
    if real.get(1..).is_some_and(|rest| rest.contains(['+', '-'])) && !real.contains(['e', 'p']) {
        return true;
    }
    let unsigned = real.strip_prefix(['+', '-']).unwrap_or(real);
    let digits = unsigned.replace('_', "");
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            let (mantissa, exponent) = rest.split_once('p').unwrap_or((rest, "0"));
            return mantissa.chars().any(|c| c.is_digit(radix))
                && mantissa.chars().all(|c| c.is_digit(radix) || c == '.')
                && (!mantissa.contains('.') || rest.contains('p'))
                && exponent.parse::<i32>().is_ok();
        }
    }
    let octal = digits.len() > 1 && digits.starts_with('0') && !digits.contains(['.', 'e', 'i']);
    if octal && lower == real && digits.contains(['8', '9']) {
        return false;
    }
    unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && !unsigned.ends_with('_')
        && digits.parse::<f64>().is_ok()
}

/// Behind a comment, which must fill its action.
pub(super) fn comment(text: &str, start: usize, body: usize) -> Result<usize, TemplateError> {
    let fail =
        |message: &str| TemplateError { at: start, end: text.len(), message: message.into() };
    let close = text[body..].find("*/").ok_or_else(|| fail("unclosed comment"))? + body + 2;
    ["}}", " -}}"]
        .into_iter()
        .find(|delimiter| text[close..].starts_with(delimiter))
        .map(|delimiter| close + delimiter.len())
        .ok_or_else(|| fail("comment ends before closing delimiter"))
}
