//! Durations as Prometheus writes and reads them: `1h30m`, whole milliseconds.

use super::quote::quote;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A span of time in milliseconds. Written durations are never negative; computed ones may be.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub struct Duration(pub i64);

/// Units from the longest to the shortest; each may stand once, in this order.
/// Source: prometheus/common `model.ParseDuration`.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// The longest duration, as Go's `time.Duration` counts nanoseconds in 64 bits.
const LONGEST: i64 = i64::MAX / 1_000_000;

/// An invalid duration, with Prometheus's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DurationError {
    Empty,
    Invalid(String),
    UnknownUnit { unit: String, text: String },
    OutOfRange,
}

impl fmt::Display for DurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty duration string"),
            Self::Invalid(text) => write!(f, "not a valid duration string: {}", quote(text)),
            Self::UnknownUnit { unit, text } => {
                write!(f, "unknown unit {} in duration {}", quote(unit), quote(text))
            }
            Self::OutOfRange => f.write_str("duration out of range"),
        }
    }
}

impl Duration {
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Reads `0` or a run of numbers with units, longest unit first.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        match text {
            "" => return Err(DurationError::Empty),
            "0" => return Ok(Self(0)),
            _ => {}
        }
        let invalid = || DurationError::Invalid(text.to_owned());
        let mut rest = text;
        let mut next_unit = 0;
        let mut total: i64 = 0;
        while !rest.is_empty() {
            let (number, behind) = split_while(rest, |c| c.is_ascii_digit());
            let (unit, behind) = split_while(behind, |c| !c.is_ascii_digit());
            if number.is_empty() || unit.is_empty() {
                return Err(invalid());
            }
            let count: u64 = number.parse().map_err(|_| invalid())?;
            let at = UNITS.iter().position(|(name, _)| *name == unit).ok_or_else(|| {
                DurationError::UnknownUnit { unit: unit.to_owned(), text: text.to_owned() }
            })?;
            if at < next_unit {
                return Err(invalid());
            }
            next_unit = at + 1;
            total = i64::try_from(count)
                .ok()
                .and_then(|count| count.checked_mul(UNITS[at].1))
                .and_then(|part| total.checked_add(part))
                .filter(|&sum| sum <= LONGEST)
                .ok_or(DurationError::OutOfRange)?;
            rest = behind;
        }
        Ok(Self(total))
    }
}

fn split_while(text: &str, holds: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !holds(c)).unwrap_or(text.len()))
}

/// As Prometheus prints one: `1m30s`, `0s`; years, weeks and days only where nothing is left over.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let mut rest = self.0.unsigned_abs();
        for (unit, size) in UNITS {
            let size = size.unsigned_abs();
            let exact_only = matches!(unit, "y" | "w");
            if rest < size || (exact_only && !rest.is_multiple_of(size)) {
                continue;
            }
            write!(f, "{}{unit}", rest / size)?;
            rest %= size;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for (text, millis, printed) in [
            ("0", 0, "0s"),
            ("0s", 0, "0s"),
            ("324ms", 324, "324ms"),
            ("15s", 15_000, "15s"),
            ("1m30s", 90_000, "1m30s"),
            ("90s", 90_000, "1m30s"),
            ("24h", 86_400_000, "1d"),
            ("8d", 691_200_000, "8d"),
            ("7d", 604_800_000, "1w"),
            ("1y", 31_536_000_000, "1y"),
            ("4d1h30m", 351_000_000, "4d1h30m"),
        ] {
            let duration = Duration::parse(text).unwrap();
            assert_eq!(duration.millis(), millis, "{text}");
            assert_eq!(duration.to_string(), printed, "{text}");
            assert_eq!(Duration::parse(printed), Ok(duration), "{text}");
        }
    }

    #[test]
    fn refuses() {
        for text in ["1", "-1w", "d", "1s1m", "1m1m", " 1m", "99999999999999999999s"] {
            assert_eq!(
                Duration::parse(text).unwrap_err().to_string(),
                format!("not a valid duration string: {text:?}")
            );
        }
        assert_eq!(Duration::parse("").unwrap_err().to_string(), "empty duration string");
        for (text, unit) in [("1.5h", "."), ("1M", "M"), ("1é", "é")] {
            assert_eq!(
                Duration::parse(text).unwrap_err().to_string(),
                format!("unknown unit {unit:?} in duration {text:?}")
            );
        }
        for text in ["294y", "200y6000w"] {
            assert_eq!(Duration::parse(text), Err(DurationError::OutOfRange), "{text}");
        }
    }
}
