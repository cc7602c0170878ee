//! Quantities as exact numbers in canonical form: `1000m` is written back as `1`.
//!
//! Source: apimachinery pkg/api/resource/quantity.go ParseQuantity and CanonicalizeBytes. Numbers
//! are kept as an integer of nano units, which is the finest that a quantity holds.

use std::cmp::Ordering;

/// The notation in which a quantity was written and is written back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `100m`, `5`, `3k`.
    DecimalSi,
    /// `1Gi`.
    BinarySi,
    /// `1e3`.
    DecimalExponent,
}

/// An exact number with its notation.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    /// The number times 10⁹.
    pub nano: i128,
    pub format: Format,
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

const NANO: i128 = 1_000_000_000;

/// The error for a text that is no quantity.
pub const FORMAT_ERROR: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// Numbers are capped at 2⁶³−1.
const LIMIT: i128 = i64::MAX as i128 * NANO;

static BINARY: &[(&str, u32)] =
    &[("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];

static DECIMAL: &[(&str, i32)] = &[
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];

impl Quantity {
    pub const ZERO: Self = Self { nano: 0, format: Format::DecimalSi };

    /// A whole number.
    pub const fn whole(value: i64) -> Self {
        Self { nano: value as i128 * NANO, format: Format::DecimalSi }
    }

    /// Reads a quantity; returns None if the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end =
            unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let (format, decimal, binary) = notation(suffix)?;
        let nano = scaled(whole, fraction, decimal + 9, binary).min(LIMIT);
        Some(Self { nano: if text.starts_with('-') { -nano } else { nano }, format })
    }

    /// The number rounded up to a whole one. Source: Quantity.Value.
    pub fn value(&self) -> i64 {
        let rounded = self.nano.div_euclid(NANO) + i128::from(self.nano.rem_euclid(NANO) > 0);
        rounded.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// Thousandths, rounded up. Source: Quantity.MilliValue.
    pub fn milli_value(&self) -> i64 {
        let unit = NANO / 1000;
        let rounded = self.nano.div_euclid(unit) + i128::from(self.nano.rem_euclid(unit) > 0);
        rounded.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    pub fn is_zero(&self) -> bool {
        self.nano == 0
    }

    /// Adds another one; zero takes the other's notation.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let format = if self.is_zero() { other.format } else { self.format };
        Self { nano: self.nano.saturating_add(other.nano), format }
    }

    /// The canonical form: no fraction, the largest unit that leaves none.
    pub fn canonical(&self) -> String {
        if self.nano == 0 {
            return "0".to_owned();
        }
        let whole = self.nano / NANO;
        match self.format {
            Format::BinarySi if self.nano % NANO == 0 && whole.abs() >= 1024 => binary_form(whole),
            // Below a kibibyte, or with a fraction, the decimal notation is used.
            Format::BinarySi | Format::DecimalSi => decimal_form(self.nano),
            Format::DecimalExponent => exponent_form(self.nano),
        }
    }
}

/// The canonical form of a text; None if it is no quantity.
pub fn canonical(text: &str) -> Option<String> {
    Quantity::parse(text).map(|quantity| quantity.canonical())
}

/// Format, power of ten, power of two of a suffix.
fn notation(suffix: &str) -> Option<(Format, i32, u32)> {
    if let Some((_, power)) = DECIMAL.iter().find(|(known, _)| *known == suffix) {
        return Some((Format::DecimalSi, *power, 0));
    }
    if let Some((_, power)) = BINARY.iter().find(|(known, _)| *known == suffix) {
        return Some((Format::BinarySi, 0, *power));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let power: i32 = exponent.parse().ok()?;
    Some((Format::DecimalExponent, power, 0))
}

/// Digits times 10^`decimal` times 2^`binary`, rounded up to a whole number of nanos.
fn scaled(whole: &str, fraction: &str, decimal: i32, binary: u32) -> i128 {
    let mut digits: i128 = 0;
    let mut scale = decimal;
    let mut lost = false;
    for (number, byte) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let digit = i128::from(byte - b'0');
        // More digits than these do not fit; those of the fraction are rounded.
        if digits > i128::MAX / 1_000_000_000_000_000_000_000 {
            if number < whole.len() {
                scale = scale.saturating_add(1);
            }
            lost |= digit > 0;
            continue;
        }
        digits = digits * 10 + digit;
        if number >= whole.len() {
            scale = scale.saturating_sub(1);
        }
    }
    digits = digits.saturating_mul(1i128 << binary);
    if scale >= 0 {
        let factor = 10i128.checked_pow(scale.unsigned_abs());
        return match factor {
            Some(factor) => digits.saturating_mul(factor),
            None if digits == 0 => 0,
            None => i128::MAX,
        };
    }
    match 10i128.checked_pow(scale.unsigned_abs()) {
        Some(divisor) => digits / divisor + i128::from(lost || digits % divisor > 0),
        None => i128::from(digits > 0),
    }
}

fn binary_form(mut whole: i128) -> String {
    let mut suffix = "";
    for (name, _) in BINARY {
        if whole % 1024 != 0 {
            break;
        }
        whole /= 1024;
        suffix = name;
    }
    format!("{whole}{suffix}")
}

fn decimal_form(nano: i128) -> String {
    let mut number = nano;
    let mut suffix = "n";
    for (name, _) in DECIMAL.iter().skip(1) {
        if number % 1000 != 0 {
            break;
        }
        number /= 1000;
        suffix = name;
    }
    format!("{number}{suffix}")
}

fn exponent_form(nano: i128) -> String {
    let mut number = nano;
    let mut power = -9;
    while number % 1000 == 0 && power < 18 {
        number /= 1000;
        power += 3;
    }
    if power == 0 { number.to_string() } else { format!("{number}e{power}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_a_canonical_form() {
        for (text, form) in [
            ("0", Some("0")),
            ("1000m", Some("1")),
            ("0.5", Some("500m")),
            (".5", Some("500m")),
            ("1.", Some("1")),
            ("1024Mi", Some("1Gi")),
            ("1.5Gi", Some("1536Mi")),
            ("0.5Mi", Some("512Ki")),
            ("512", Some("512")),
            ("1023Ki", Some("1023Ki")),
            ("0.1Gi", Some("107374182400m")),
            ("1e3", Some("1e3")),
            ("2E6", Some("2e6")),
            ("5e-3", Some("5e-3")),
            ("1E", Some("1E")),
            ("1000k", Some("1M")),
            ("-1", Some("-1")),
            ("0.1n", Some("1n")),
            ("1Gb", None),
            ("1 Gi", None),
            ("", None),
            ("Gi", None),
            ("1e", None),
            ("1.2.3", None),
            ("99999999999999999999999999999999999999999999E", Some("9223372036854775807")),
        ] {
            assert_eq!(canonical(text).as_deref(), form, "{text}");
        }
    }

    #[test]
    fn quantities_are_numbers() {
        let parse = |text| Quantity::parse(text).unwrap();
        assert_eq!(parse("1.5").milli_value(), 1500);
        assert_eq!(parse("1.5").value(), 2);
        assert_eq!(parse("-1.5").value(), -1);
        assert!(parse("1Gi") > parse("1G"));
        assert_eq!(parse("1"), parse("1000m"));
        assert_eq!(parse("100m").plus(parse("900m")).canonical(), "1");
    }
}
