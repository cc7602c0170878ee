//! Tokens of an expression.

use super::Outside;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Int(i64),
    /// An integer of one more than the largest one, which follows a minus only.
    MinInt,
    Double(f64),
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
static SIGNS: &[&str] = &[
    "||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",",
    "(", ")", "[", "]", "{", "}",
];

/// Returns the tokens and their byte offsets. The last one is `End`.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Outside> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if first.is_ascii_whitespace() {
            at += 1;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some((token, length)) = string(rest, at)? {
            out.push((token, at));
            at += length;
        } else if first.is_ascii_digit() {
            let (token, length) = number(rest, at)?;
            out.push((token, at));
            at += length;
        } else if first.is_ascii_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let name = &rest[..end.unwrap_or(rest.len())];
            out.push((Token::Name(name.to_owned()), at));
            at += name.len();
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            out.push((Token::Sign(sign), at));
            at += sign.len();
        } else {
            return Err(Outside { at, what: format!("character {first:?}") });
        }
    }
    out.push((Token::End, text.len()));
    Ok(out)
}

fn number(text: &str, at: usize) -> Result<(Token, usize), Outside> {
    let outside = |what: &str| Outside { at, what: what.to_owned() };
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if let Some(hex) = text.strip_prefix("0x") {
        let length = hex.len() - hex.trim_start_matches(|c: char| c.is_ascii_hexdigit()).len();
        let value = i64::from_str_radix(&hex[..length], 16).map_err(|_| outside("integer"))?;
        return Ok((Token::Int(value), length + 2));
    }
    let mut length = digits(text);
    let mut is_double = false;
    if let Some(fraction) = text[length..].strip_prefix('.')
        && digits(fraction) > 0
    {
        is_double = true;
        length += 1 + digits(fraction);
    }
    if let Some(exponent) = text[length..].strip_prefix(['e', 'E']) {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits(unsigned) > 0 {
            is_double = true;
            length += 1 + (exponent.len() - unsigned.len()) + digits(unsigned);
        }
    }
    let written = &text[..length];
    if text[length..].starts_with(['u', 'U']) {
        return Err(outside("unsigned integer"));
    }
    let token = if is_double {
        Token::Double(written.parse().map_err(|_| outside("number"))?)
    } else {
        match written.parse::<u64>() {
            Ok(value) if value == i64::MIN.unsigned_abs() => Token::MinInt,
            Ok(value) => Token::Int(i64::try_from(value).map_err(|_| outside("integer"))?),
            Err(_) => return Err(outside("integer")),
        }
    };
    Ok((token, length))
}

/// Reads a string literal. Returns None if the text does not begin with one.
fn string(text: &str, at: usize) -> Result<Option<(Token, usize)>, Outside> {
    let raw_prefix = text.starts_with(['r', 'R']);
    let body = if raw_prefix { &text[1..] } else { text };
    let Some(quote) = body.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let bytes = body.starts_with(['b', 'B']) && body[1..].starts_with(['"', '\'']);
        return if bytes { Err(Outside { at, what: "bytes".to_owned() }) } else { Ok(None) };
    };
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let fence = if body.starts_with(&triple) { &triple[..] } else { &triple[..1] };
    let mut value = String::new();
    let mut rest = &body[fence.len()..];
    loop {
        if let Some(behind) = rest.strip_prefix(fence) {
            return Ok(Some((Token::Text(value), text.len() - behind.len())));
        }
        let Some(next) = rest.chars().next() else {
            return Err(Outside { at, what: "unterminated string".to_owned() });
        };
        rest = &rest[next.len_utf8()..];
        if next != '\\' || raw_prefix {
            value.push(next);
            continue;
        }
        let escaped = escape(rest).ok_or(Outside { at, what: "escape sequence".to_owned() })?;
        value.push(escaped.0);
        rest = &rest[escaped.1..];
    }
}

/// Returns the character after a backslash and the length of its form.
fn escape(text: &str) -> Option<(char, usize)> {
    let code = |radix: u32, from: usize, to: usize| {
        let number = u32::from_str_radix(text.get(from..to)?, radix).ok()?;
        Some((char::from_u32(number)?, to))
    };
    let simple = |c: char| Some((c, 1));
    match text.chars().next()? {
        'n' => simple('\n'),
        't' => simple('\t'),
        'r' => simple('\r'),
        'a' => simple('\x07'),
        'b' => simple('\x08'),
        'f' => simple('\x0c'),
        'v' => simple('\x0b'),
        c @ ('\\' | '?' | '"' | '\'' | '`') => simple(c),
        'x' | 'X' => code(16, 1, 3),
        'u' => code(16, 1, 5),
        'U' => code(16, 1, 9),
        '0'..='3' => code(8, 0, 3),
        _ => None,
    }
}
