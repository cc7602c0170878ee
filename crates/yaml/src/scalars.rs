//! Scalars as Go's yaml.v2 decodes them, with and without a wanted type.
//!
//! Source: go.yaml.in/yaml/v2 resolve.go and decode.go, version 2.4, which Prometheus 3.14 uses
//! for its configuration. It follows YAML 1.1 in part: `yes`, `on` and `y` are booleans, `017` and
//! `0o17` are fifteen, `1_000` is a thousand; but `1:30` is a text, and a quoted `"5"` is no number.

use std::borrow::Cow;
use std::fmt;

use super::tree::{Kind, Node, Scalar, ScalarStyle};

const TAG_PREFIX: &str = "tag:yaml.org,2002:";

/// A scalar's value where no type is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Only for values above the range of `Int`.
    Uint(u64),
    Float(f64),
    /// Also the content of `!!binary`, with U+FFFD for invalid UTF-8.
    Text(Cow<'a, str>),
    /// A date or time; Go hands it out as the text that it is.
    Timestamp(&'a str),
}

/// Go's type of a value, as in `%T`.
impl Value<'_> {
    pub fn go_type(&self) -> &'static str {
        match self {
            Self::Null => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint64",
            Self::Float(_) => "float64",
            Self::Text(_) | Self::Timestamp(_) => "string",
        }
    }

    /// The short tag in Go's messages.
    const fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Text(_) => "!!str",
            Self::Timestamp(_) => "!!timestamp",
        }
    }
}

/// An error of Go's decoder. Displayed as Go's message, without the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoError {
    /// ``cannot unmarshal !!str `abc` into int``: listed with others under `unmarshal errors`.
    Mismatch(String),
    /// Ends the decoding at once: ``cannot decode !!str `abc` as a !!int``.
    Fatal(String),
}

impl fmt::Display for GoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch(message) | Self::Fatal(message) => f.write_str(message),
        }
    }
}

/// The value of a scalar node where no type is asked for. `None` for collections.
pub fn resolve(node: &Node) -> Option<Result<Value<'_>, GoError>> {
    Some(resolve_scalar(node.as_scalar()?, node.tag.as_deref()))
}

fn resolve_scalar<'a>(scalar: &'a Scalar, tag: Option<&str>) -> Result<Value<'a>, GoError> {
    let text = &*scalar.text;
    let Some(tag) = tag.filter(|&tag| tag != "!") else {
        return Ok(match (scalar.style, tag) {
            (ScalarStyle::Plain, None) => resolve_plain(text, true),
            _ => Value::Text(Cow::Borrowed(text)),
        });
    };
    let short = tag.strip_prefix(TAG_PREFIX);
    match short {
        Some("str") => Ok(Value::Text(Cow::Borrowed(text))),
        Some("binary") => binary(text),
        Some("bool" | "int" | "float" | "null" | "timestamp") => {
            let asked = format!("!!{}", short.unwrap_or_default());
            let value = resolve_plain(text, asked == "!!timestamp");
            match value {
                Value::Int(int) if asked == "!!float" => Ok(Value::Float(int as f64)),
                value if value.tag() == asked => Ok(value),
                value => Err(GoError::Fatal(format!(
                    "cannot decode {} `{text}` as a {asked}",
                    value.tag()
                ))),
            }
        }
        // A tag that Go does not know leaves a text.
        _ => Ok(Value::Text(Cow::Borrowed(text))),
    }
}

fn binary(text: &str) -> Result<Value<'_>, GoError> {
    match go::base64::decode(text) {
        Ok(bytes) => Ok(Value::Text(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))),
        Err(_) => Err(GoError::Fatal("!!binary value contains invalid base64 data".to_owned())),
    }
}

/// Words with a meaning of their own.
fn word(text: &str) -> Option<Value<'static>> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::Bool(false)
        }
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn resolve_plain(text: &str, timestamps: bool) -> Value<'_> {
    if let Some(value) = word(text) {
        return value;
    }
    let plain_text = Value::Text(Cow::Borrowed(text));
    match text.bytes().next() {
        Some(b'.') => finite(text).map_or(plain_text, Value::Float),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            if timestamps && is_timestamp(text) {
                return Value::Timestamp(text);
            }
            let bare: Cow<'_, str> = if text.contains('_') {
                Cow::Owned(text.replace('_', ""))
            } else {
                Cow::Borrowed(text)
            };
            if let Some(value) = integer(&bare) {
                return value;
            }
            finite(&bare).map_or(plain_text, Value::Float)
        }
        _ => plain_text,
    }
}

/// A whole number in the notations of Go's `strconv.ParseInt` with base 0.
fn integer(text: &str) -> Option<Value<'static>> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let prefix = digits.get(..2).unwrap_or_default();
    let (radix, digits) = match prefix {
        "0x" | "0X" => (16, digits.get(2..)?),
        "0o" | "0O" => (8, digits.get(2..)?),
        "0b" | "0B" => (2, digits.get(2..)?),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // A second sign, which Rust would take, is no digit.
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        return None;
    }
    let size = u64::from_str_radix(digits, radix).ok()?;
    match (negative, i64::try_from(size)) {
        (false, Ok(int)) => Some(Value::Int(int)),
        (false, Err(_)) if !text.starts_with('+') => Some(Value::Uint(size)),
        (true, Ok(int)) => Some(Value::Int(-int)),
        (true, Err(_)) if size == 1 << 63 => Some(Value::Int(i64::MIN)),
        _ => None,
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, within the range of a float.
fn finite(text: &str) -> Option<f64> {
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let whole = digits(unsigned);
    let mut rest = unsigned.get(whole..)?;
    if let Some(behind) = rest.strip_prefix('.') {
        let fraction = digits(behind);
        if whole == 0 && fraction == 0 {
            return None;
        }
        rest = behind.get(fraction..)?;
    } else if whole == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || digits(exponent) != exponent.len() {
            return None;
        }
    } else if !rest.is_empty() {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// `2001-12-14`, `2001-12-14 21:59:43.1`, `2001-12-14T21:59:43-05:00`.
fn is_timestamp(text: &str) -> bool {
    let number = |text: &str, range: std::ops::RangeInclusive<u32>| {
        matches!(text.len(), 1 | 2)
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && text.parse().is_ok_and(|number| range.contains(&number))
    };
    let four = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let split = text.find(['T', 't', ' ']);
    let (date, time) = match split {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at..)),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '-');
    let mut part = || parts.next().unwrap_or_default();
    if !(four(part()) && number(part(), 1..=12) && number(part(), 1..=31)) {
        return false;
    }
    let Some(time) = time else { return true };
    let zoned = !time.starts_with(' ');
    let time = time.get(1..).unwrap_or_default();
    let (time, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => (time.get(..at).unwrap_or_default(), time.get(at..)),
        None => (time, None),
    };
    let zone_fits = zone.is_none_or(|zone| {
        zone == "Z"
            || zone.get(1..).and_then(|zone| zone.split_once(':')).is_some_and(
                |(hours, minutes)| {
                    hours.len() == 2
                        && number(hours, 0..=23)
                        && minutes.len() == 2
                        && number(minutes, 0..=59)
                },
            )
    });
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = clock.splitn(3, ':');
    let mut part = || parts.next().unwrap_or_default();
    zoned == zone.is_some()
        && zone_fits
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && number(part(), 0..=23)
        && number(part(), 0..=59)
        && number(part(), 0..=59)
}

/// ``cannot unmarshal !!str `abc` into int``, for any node.
pub fn mismatch(node: &Node, go_type: &str) -> GoError {
    let tag = match (node.tag.as_deref(), &node.kind) {
        (Some(tag), _) if tag != "!" => {
            tag.strip_prefix(TAG_PREFIX).map_or_else(|| tag.to_owned(), |tag| format!("!!{tag}"))
        }
        (_, Kind::Sequence(_)) => "!!seq".to_owned(),
        (_, Kind::Mapping(_)) => "!!map".to_owned(),
        (_, Kind::Scalar(scalar)) => match resolve_scalar(scalar, None) {
            Ok(value) => value.tag().to_owned(),
            Err(_) => "!!str".to_owned(),
        },
    };
    let shown = node.text().map_or_else(String::new, |text| {
        // Go cuts at bytes, and leaves half a character where one is cut.
        match text.as_bytes().get(..7) {
            Some(cut) if text.len() > 10 => format!(" `{}...`", String::from_utf8_lossy(cut)),
            _ => format!(" `{text}`"),
        }
    });
    GoError::Mismatch(format!("cannot unmarshal {tag}{shown} into {go_type}"))
}

fn resolved<'a>(node: &'a Node, go_type: &str) -> Result<Value<'a>, GoError> {
    resolve(node).unwrap_or_else(|| Err(mismatch(node, go_type)))
}

/// Into a string: any scalar, as it is written; null is empty.
pub fn string(node: &Node) -> Result<Cow<'_, str>, GoError> {
    let text = node.text().unwrap_or_default();
    Ok(match resolved(node, "string")? {
        Value::Null => Cow::Borrowed(""),
        Value::Text(text) => text,
        _ => Cow::Borrowed(text),
    })
}

/// Into a bool; null is false.
pub fn bool(node: &Node) -> Result<bool, GoError> {
    match resolved(node, "bool")? {
        Value::Null => Ok(false),
        Value::Bool(value) => Ok(value),
        _ => Err(mismatch(node, "bool")),
    }
}

/// Into a signed integer of this many bits, named as Go names it. Floats lose their fraction; null
/// is 0.
pub fn int(node: &Node, bits: u32, go_type: &str) -> Result<i64, GoError> {
    let value = match resolved(node, go_type)? {
        Value::Null => Some(0),
        Value::Int(value) => Some(value),
        // 2^63 itself passes Go's comparison and then wraps.
        Value::Float(value) if value <= i64::MAX as f64 => Some(wrapping_i64(value)),
        _ => None,
    };
    let fits =
        |value: &i64| bits >= 64 || (*value >> (bits - 1) == 0 || *value >> (bits - 1) == -1);
    value.filter(fits).ok_or_else(|| mismatch(node, go_type))
}

/// Converts as an amd64 processor does: a value out of range becomes the smallest number.
fn wrapping_i64(value: f64) -> i64 {
    if value >= i64::MIN as f64 && value < i64::MAX as f64 { value as i64 } else { i64::MIN }
}

/// Into an unsigned integer of this many bits. Floats lose their fraction; null is 0.
pub fn uint(node: &Node, bits: u32, go_type: &str) -> Result<u64, GoError> {
    let value = match resolved(node, go_type)? {
        Value::Null => Some(0),
        Value::Int(value) => u64::try_from(value).ok(),
        Value::Uint(value) => Some(value),
        Value::Float(value) if value <= u64::MAX as f64 => {
            Some(if value < 0.0 { wrapping_i64(value) as u64 } else { value as u64 })
        }
        _ => None,
    };
    let fits = |value: &u64| bits >= 64 || *value >> bits == 0;
    value.filter(fits).ok_or_else(|| mismatch(node, go_type))
}

/// Into a float64; null is 0.
pub fn float(node: &Node) -> Result<f64, GoError> {
    match resolved(node, "float64")? {
        Value::Null => Ok(0.0),
        Value::Int(value) => Ok(value as f64),
        Value::Uint(value) => Ok(value as f64),
        Value::Float(value) => Ok(value),
        _ => Err(mismatch(node, "float64")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::Span;

    fn plain(text: &str) -> Node {
        Node::scalar(Span::new(0, text.len() as u32), text, ScalarStyle::Plain)
    }

    fn tagged(tag: &str, text: &str) -> Node {
        let mut node = Node::scalar(Span::new(0, 9), text, ScalarStyle::Double);
        node.tag = Some(format!("{TAG_PREFIX}{tag}").into());
        node
    }

    #[test]
    fn plain_scalars_have_the_types_of_yaml_1_1() {
        for (text, expected) in [
            ("On", Value::Bool(true)),
            ("n", Value::Bool(false)),
            ("oN", Value::Text("oN".into())),
            ("0b101", Value::Int(5)),
            ("-0b101", Value::Int(-5)),
            ("010", Value::Int(8)),
            ("09", Value::Float(9.0)),
            ("2_000_000", Value::Int(2_000_000)),
            ("-9223372036854775808", Value::Int(i64::MIN)),
            ("9223372036854775809", Value::Uint(9_223_372_036_854_775_809)),
            ("+-1", Value::Text("+-1".into())),
            ("2.5e-1", Value::Float(0.25)),
            (".", Value::Text(".".into())),
            ("1e400", Value::Text("1e400".into())),
            ("12:00", Value::Text("12:00".into())),
            ("2020-02-30", Value::Timestamp("2020-02-30")),
            ("2020-13-01", Value::Text("2020-13-01".into())),
            ("2020-1-2 3:4:5.6", Value::Timestamp("2020-1-2 3:4:5.6")),
        ] {
            assert_eq!(resolve(&plain(text)), Some(Ok(expected)), "{text}");
        }
    }

    #[test]
    fn tags_decide() {
        assert_eq!(bool(&tagged("bool", "off")), Ok(false));
        assert_eq!(float(&tagged("float", "3")), Ok(3.0));
        assert_eq!(string(&tagged("binary", "w6k=")).as_deref(), Ok("é"));
        for (tag, text, words) in [
            ("int", "x", "cannot decode !!str `x` as a !!int"),
            ("bool", "1", "cannot decode !!int `1` as a !!bool"),
            ("binary", "?", "!!binary value contains invalid base64 data"),
        ] {
            let error = resolve(&tagged(tag, text)).unwrap().unwrap_err();
            assert_eq!(error, GoError::Fatal(words.into()), "{tag} {text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_in_gos_words() {
        let words = |error: GoError| error.to_string();
        assert_eq!(words(bool(&plain("1")).unwrap_err()), "cannot unmarshal !!int `1` into bool");
        assert_eq!(
            words(int(&plain("a long text"), 64, "int").unwrap_err()),
            "cannot unmarshal !!str `a long ...` into int"
        );
        assert_eq!(
            words(uint(&plain("-1"), 64, "uint").unwrap_err()),
            "cannot unmarshal !!int `-1` into uint"
        );
        assert_eq!(
            words(uint(&plain("70000"), 16, "uint16").unwrap_err()),
            "cannot unmarshal !!int `70000` into uint16"
        );
        assert_eq!(int(&plain("-129"), 8, "int8").ok(), None);
        assert_eq!(int(&plain("-128"), 8, "int8"), Ok(-128));
        assert_eq!(int(&plain("7.9"), 64, "int"), Ok(7));
    }

    #[test]
    fn null_is_the_zero_value() {
        for text in ["", "~", "null"] {
            assert_eq!(string(&plain(text)).as_deref(), Ok(""));
            assert_eq!(bool(&plain(text)), Ok(false));
            assert_eq!(int(&plain(text), 64, "int"), Ok(0));
            assert_eq!(float(&plain(text)), Ok(0.0));
        }
    }
}
