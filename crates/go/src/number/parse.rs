//! Text into numbers, as Go's `strconv.ParseFloat` and `ParseInt` with base 0 read it.

use std::fmt;

use crate::quote::quote;

/// An invalid float, with Go's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseFloatError {
    Syntax(String),
    /// The number is larger than a float can be.
    Range(String),
}

impl fmt::Display for ParseFloatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, why) = match self {
            Self::Syntax(text) => (text, "invalid syntax"),
            Self::Range(text) => (text, "value out of range"),
        };
        write!(f, "strconv.ParseFloat: parsing {}: {why}", quote(text))
    }
}

/// Reads a decimal or hexadecimal float, `Inf`, `infinity` or `NaN` in any case, and underscores
/// between digits.
pub fn parse_float(text: &str) -> Result<f64, ParseFloatError> {
    let syntax = || ParseFloatError::Syntax(text.to_owned());
    let (negative, body) = split_sign(text);
    let sign = |value: f64| if negative { -value } else { value };
    if body.eq_ignore_ascii_case("inf") || body.eq_ignore_ascii_case("infinity") {
        return Ok(sign(f64::INFINITY));
    }
    if text.eq_ignore_ascii_case("nan") {
        return Ok(f64::NAN);
    }
    let plain = without_underscores(body).ok_or_else(syntax)?;
    let value = match plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        Some(hex) => parse_hex(hex).ok_or_else(syntax)?,
        None if is_decimal(&plain) => plain.parse::<f64>().map_err(|_| syntax())?,
        None => return Err(syntax()),
    };
    if value.is_infinite() {
        return Err(ParseFloatError::Range(text.to_owned()));
    }
    Ok(sign(value))
}

/// Reads an integer literal as Go does with base 0: `10`, `0x1f`, `0b1`, `0o17`, `017`, `1_000`.
/// Returns None if it is none or does not fit in 64 bits. Source: strconv `ParseInt`.
pub fn parse_int_literal(text: &str) -> Option<i64> {
    let (negative, body) = split_sign(text);
    let magnitude = i128::from(unsigned_literal(body)?);
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// As [`parse_int_literal`], without a sign. Source: strconv `ParseUint`.
pub fn parse_uint_literal(text: &str) -> Option<u64> {
    unsigned_literal(text)
}

fn unsigned_literal(body: &str) -> Option<u64> {
    let plain = without_underscores(body)?;
    let lower = plain.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The text without its underscores, each of which must stand between digits or after a base
/// prefix. Returns None if one does not.
fn without_underscores(body: &str) -> Option<String> {
    if !body.contains('_') {
        return Some(body.to_owned());
    }
    let bytes = body.as_bytes();
    let prefixed = matches!(bytes, [b'0', b'x' | b'X' | b'b' | b'B' | b'o' | b'O', ..]);
    let hex = matches!(bytes, [b'0', b'x' | b'X', ..]);
    let digit = |byte: u8| byte.is_ascii_digit() || (hex && byte.is_ascii_hexdigit());
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_') {
        let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied();
        let after = bytes.get(at + 1).copied();
        let follows_digit = before.is_some_and(digit) || (prefixed && at == 2);
        if !follows_digit || !after.is_some_and(digit) {
            return None;
        }
    }
    Some(body.replace('_', ""))
}

fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_is_number = exponent.is_none_or(|exponent| {
        let (_, number) = split_sign(exponent);
        !number.is_empty() && digits(number)
    });
    digits(whole)
        && digits(fraction)
        && mantissa.len() > usize::from(mantissa.contains('.'))
        && exponent_is_number
}

/// `1.8p3` after the `0x`; the exponent is required.
fn parse_hex(text: &str) -> Option<f64> {
    let at = text.find(['p', 'P'])?;
    let (mantissa, exponent) = (&text[..at], &text[at + 1..]);
    let (negative, digits) = split_sign(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Exponents beyond any float are all alike; ten thousand keeps the sums below from overflowing.
    let written: i64 = digits.parse::<i64>().unwrap_or(i64::MAX).min(10_000);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut bits: u64 = 0;
    let mut sticky = false;
    let mut shift: i64 = 0;
    for (digit, in_fraction) in
        whole.chars().map(|c| (c, false)).chain(fraction.chars().map(|c| (c, true)))
    {
        let digit = u64::from(digit.to_digit(16)?);
        // Sixty bits hold more than a float's precision; digits after only decide the rounding.
        if bits >> 56 == 0 {
            bits = bits << 4 | digit;
            shift -= if in_fraction { 4 } else { 0 };
        } else {
            sticky |= digit != 0;
            shift += if in_fraction { 0 } else { 4 };
        }
    }
    Some(scale(bits, sticky, shift.saturating_add(if negative { -written } else { written })))
}

/// `bits × 2^exponent`, rounded once to the nearest even float; `sticky` says that something below
/// the lowest bit was cut off.
fn scale(bits: u64, sticky: bool, exponent: i64) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let top = exponent + i64::from(63 - bits.leading_zeros());
    if top > 1023 {
        return f64::INFINITY;
    }
    // The weight of the last bit that the result can hold.
    let last = (top - 52).max(-1074);
    let drop = last - exponent;
    let mantissa = if drop <= 0 {
        bits << (-drop).min(63)
    } else if drop > 64 {
        0
    } else {
        let wide = u128::from(bits);
        let kept = (wide >> drop) as u64;
        let cut = wide & ((1u128 << drop) - 1);
        let half = 1u128 << (drop - 1);
        let up = cut > half || (cut == half && (sticky || kept & 1 == 1));
        kept + u64::from(up)
    };
    // Both factors are exact, and so is their product unless it overflows.
    let low = last.max(-1022);
    mantissa as f64 * 2f64.powi(low as i32) * 2f64.powi((last - low) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, value) in [
            ("1", 1.0),
            ("+1.5e3", 1500.0),
            ("-.5", -0.5),
            ("5.", 5.0),
            ("1_000.5", 1000.5),
            ("0x1p-2", 0.25),
            ("0x1.8p1", 3.0),
            ("-0X_1Fp0", -31.0),
            ("0x0.0000000000001p-1022", f64::from_bits(1)),
            ("0x1.fffffffffffffp1023", f64::MAX),
            ("0x1.00000000000008p0", 1.0),
            ("0x1.000000000000081p0", 1.0 + f64::EPSILON),
            ("inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("1e-400", 0.0),
        ] {
            assert_eq!(parse_float(text), Ok(value), "{text}");
        }
        assert!(parse_float("nAn").unwrap().is_nan());
    }

    #[test]
    fn refuses_what_go_refuses() {
        for text in [
            "", "+", ".", "e5", "1e", "1e+", "+nan", "0x1", "0x", "0xp1", "1__0", "_1", "1_", "1 ",
            "١", "1.5.2", "infi", "0b1", "--1", "1_.5",
        ] {
            assert_eq!(parse_float(text), Err(ParseFloatError::Syntax(text.to_owned())), "{text}");
        }
        for text in ["1e309", "-1e309", "0x1p1024"] {
            assert_eq!(parse_float(text), Err(ParseFloatError::Range(text.to_owned())), "{text}");
        }
        assert_eq!(
            parse_float("x").unwrap_err().to_string(),
            r#"strconv.ParseFloat: parsing "x": invalid syntax"#
        );
    }

    #[test]
    fn integer_literals() {
        for (text, value) in [
            ("10", Some(10)),
            ("0x1F", Some(31)),
            ("-0b101", Some(-5)),
            ("0o17", Some(15)),
            ("017", Some(15)),
            ("0", Some(0)),
            ("1_000", Some(1000)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("08", None),
            ("0x", None),
            ("0x+1", None),
            ("1e3", None),
            ("", None),
        ] {
            assert_eq!(parse_int_literal(text), value, "{text}");
            let unsigned = value.and_then(|value| u64::try_from(value).ok());
            let expected = if text.starts_with("922") { text.parse().ok() } else { unsigned };
            assert_eq!(parse_uint_literal(text), expected, "{text}");
        }
    }
}
