//! Times as the HTTP API reads and prints them.

use go::rfc3339;
use go::time::DateTime;
use promql::Timestamp;

/// The earliest and the latest time of the API, which stand for "no limit".
pub(crate) const MIN_TIME: Timestamp = (i64::MIN / 1000 + 62_135_596_801) * 1000;
pub(crate) const MAX_TIME: Timestamp = (i64::MAX / 1000 - 62_135_596_801) * 1000 + 999;

const MIN_TIME_TEXT: &str = "-292273086-05-16T16:47:06Z";
const MAX_TIME_TEXT: &str = "+292277025-08-18T07:12:54.999999999Z";

/// Reads seconds since 1970 with or without fraction, or a time of RFC 3339.
/// Source: web/api/v1/api.go `parseTime`.
pub fn parse_time(text: &str) -> Result<Timestamp, String> {
    if let Ok(seconds) = go::number::parse_float(text)
        && seconds.is_finite()
    {
        let (whole, fraction) = (seconds.trunc(), seconds.fract());
        let millis = (fraction * 1000.0).round() as i64;
        return Ok((whole as i64).saturating_mul(1000).saturating_add(millis));
    }
    match text {
        MIN_TIME_TEXT => return Ok(MIN_TIME),
        MAX_TIME_TEXT => return Ok(MAX_TIME),
        _ => {}
    }
    let invalid = || format!("cannot parse {} to a valid timestamp", go::quote::quote(text));
    rfc3339::parse_millis(text).ok_or_else(invalid)
}

/// `2024-01-31T12:00:00.5Z`, as Go prints a time in JSON. None is Go's zero time.
pub fn format_rfc3339(time: Option<Timestamp>) -> String {
    let Some(time) = time else { return "0001-01-01T00:00:00Z".to_owned() };
    rfc3339::format(DateTime::of_unix_millis(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, expected) in [
            ("1772440200", Ok(1_772_440_200_000)),
            ("1772440200.5", Ok(1_772_440_200_500)),
            ("-1", Ok(-1000)),
            ("2026-03-02T08:30:00Z", Ok(1_772_440_200_000)),
            ("2026-03-02T08:30:00.123Z", Ok(1_772_440_200_123)),
            ("2026-03-02T09:30:00+01:00", Ok(1_772_440_200_000)),
            (
                "2026-02-29T09:30:00Z",
                Err("cannot parse \"2026-02-29T09:30:00Z\" to a valid timestamp"),
            ),
            (
                "2026-03-02 08:30:00",
                Err("cannot parse \"2026-03-02 08:30:00\" to a valid timestamp"),
            ),
            ("now", Err("cannot parse \"now\" to a valid timestamp")),
        ] {
            assert_eq!(parse_time(text), expected.map_err(str::to_owned), "{text}");
        }
        assert_eq!(parse_time(MIN_TIME_TEXT), Ok(MIN_TIME));
    }

    #[test]
    fn times_are_printed() {
        for (time, expected) in [
            (Some(1_772_440_200_000), "2026-03-02T08:30:00Z"),
            (Some(1_772_440_200_120), "2026-03-02T08:30:00.12Z"),
            (Some(-1), "1969-12-31T23:59:59.999Z"),
            (None, "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(format_rfc3339(time), expected);
        }
    }
}
