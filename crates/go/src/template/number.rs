//! Constants of templates, under all types that can hold them.
//!
//! Source: text/template/parse node.go `newNumber`.

use super::lex::TokenKind;
use super::tree::Number;
use crate::number::{parse_float, parse_int_literal, parse_uint_literal};
use crate::quote::{quote, unquote_char};

/// Reads a character, number or complex constant.
pub(super) fn parse(text: &str, kind: &TokenKind) -> Result<Number, String> {
    let number = match kind {
        TokenKind::CharConstant => character(text)?,
        TokenKind::Complex => {
            let parts = complex(text).ok_or_else(|| illegal(text))?;
            of_complex(parts)
        }
        _ => plain(text)?,
    };
    Ok(Number { text: text.into(), ..number })
}

fn illegal(text: &str) -> String {
    format!("illegal number syntax: {}", quote(text))
}

fn character(text: &str) -> Result<Number, String> {
    let inside = text.get(1..).unwrap_or_default();
    let (unit, tail) = unquote_char(inside, '\'').ok_or("invalid syntax")?;
    if tail != "'" {
        return Err(format!("malformed character constant: {text}"));
    }
    let code = unit.code();
    Ok(Number {
        int: Some(i64::from(code)),
        uint: Some(u64::from(code)),
        float: Some(f64::from(code)),
        ..Number::default()
    })
}

/// `1+2i`: both parts with their signs.
fn complex(text: &str) -> Option<(f64, f64)> {
    let body = text.strip_suffix('i')?;
    let bytes = body.as_bytes();
    let sign = (1..bytes.len()).rev().find(|&at| {
        matches!(bytes.get(at), Some(b'+' | b'-'))
            && !matches!(bytes.get(at - 1), Some(b'e' | b'E' | b'p' | b'P'))
    })?;
    let (re, im) = body.split_at(sign);
    Some((parse_float(re).ok()?, parse_float(im).ok()?))
}

/// A complex number, and the other types if it has no imaginary part.
fn of_complex((re, im): (f64, f64)) -> Number {
    let complex = Some((re, im));
    if im != 0.0 {
        return Number { complex, ..Number::default() };
    }
    Number {
        complex,
        float: Some(re),
        int: whole(re),
        uint: whole_unsigned(re),
        ..Number::default()
    }
}

fn plain(text: &str) -> Result<Number, String> {
    if let Some(imaginary) = text.strip_suffix('i')
        && let Ok(im) = parse_float(imaginary)
    {
        return Ok(of_complex((0.0, im)));
    }
    let uint = parse_uint_literal(text);
    let int = parse_int_literal(text);
    if int.is_some() || uint.is_some() {
        // `-0` is unsigned, too.
        let uint = if int == Some(0) { Some(0) } else { uint };
        let float = int.map(|int| int as f64).or(uint.map(|uint| uint as f64));
        return Ok(Number { int, uint, float, ..Number::default() });
    }
    let float = parse_float(text).map_err(|_| illegal(text))?;
    if !text.contains(['.', 'e', 'E', 'p', 'P']) {
        return Err(format!("integer overflow: {}", quote(text)));
    }
    let (int, uint) = (whole(float), whole_unsigned(float));
    Ok(Number { float: Some(float), int, uint, ..Number::default() })
}

fn whole(value: f64) -> Option<i64> {
    let int = value as i64;
    (int as f64 == value && value < i64::MAX as f64).then_some(int)
}

fn whole_unsigned(value: f64) -> Option<u64> {
    let int = value as u64;
    (int as f64 == value && value < u64::MAX as f64).then_some(int)
}
