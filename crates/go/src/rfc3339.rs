//! Times of RFC 3339, as Go's `time` reads and prints them: `2024-01-31T12:00:00.5+01:00`.

use crate::time::{Date, DateTime};

/// Parses a time and converts it to UTC. Digits after the ninth of the fraction are ignored.
/// Returns None if the text is no time of RFC 3339. Source: time `Parse` with `time.RFC3339`.
pub fn parse(text: &str) -> Option<DateTime> {
    let number = |from: usize, to: usize| digits(text.get(from..to)?);
    let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    if !separators.iter().all(|&(at, sign)| text.get(at..at + 1) == Some(sign)) {
        return None;
    }
    let date = Date { year: number(0, 4)?, month: number(5, 7)?, day: number(8, 10)? };
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let day_exists = (1..=12).contains(&date.month)
        && (1..=Date::days_in_month(date.year, date.month)).contains(&date.day);
    if !day_exists || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(19..)?;
    let (nanosecond, zone) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => {
            let (fraction, zone) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
            if fraction.is_empty() {
                return None;
            }
            let nanoseconds: String = fraction.chars().chain("000000000".chars()).take(9).collect();
            (digits(&nanoseconds)?, zone)
        }
        None => (0, rest),
    };
    let offset = if zone == "Z" { 0 } else { zone_minutes(zone)? };
    let local = DateTime { date, hour, minute, second, nanosecond };
    Some(DateTime::of_unix(local.unix() - offset * 60, nanosecond))
}

/// Parses a time and returns milliseconds since 1970. A finer fraction is cut off.
pub fn parse_millis(text: &str) -> Option<i64> {
    let time = parse(text)?;
    Some(time.unix() * 1000 + time.nanosecond / 1_000_000)
}

/// Prints a time in UTC, as Go prints a time in JSON: `2024-01-31T12:00:00.5Z`.
pub fn format(time: DateTime) -> String {
    time.format("2006-01-02T15:04:05.999999999Z07:00")
}

/// Parses `+01:30` as minutes.
fn zone_minutes(zone: &str) -> Option<i64> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Parses a number without a sign.
fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-03-02T08:30:00Z", Some(1_772_440_200_000)),
            ("2026-03-02T08:30:00.123987Z", Some(1_772_440_200_123)),
            ("2026-03-02T08:30:00,5Z", Some(1_772_440_200_500)),
            ("2026-03-02T09:30:00+01:00", Some(1_772_440_200_000)),
            ("2026-03-02T07:00:00-01:30", Some(1_772_440_200_000)),
            ("1969-12-31T23:59:59.25Z", Some(-750)),
            ("2024-02-29T12:00:00Z", Some(1_709_208_000_000)),
            ("2023-02-29T12:00:00Z", None),
            ("2026-13-02T08:30:00Z", None),
            ("2026-03-02T24:00:00Z", None),
            ("2026-03-02 08:30:00Z", None),
            ("2026-03-02T08:30:00", None),
            ("2026-03-02T08:30:00.Z", None),
            ("2026-03-02T08:30:00+1:00", None),
            ("2026-03-02T08:30:00+01:60", None),
            ("+026-03-02T08:30:00Z", None),
            ("é026-03-02T08:30:00Z", None),
            ("2026-03-02", None),
            ("", None),
        ] {
            assert_eq!(parse_millis(text), millis, "{text}");
        }
    }

    #[test]
    fn prints_what_it_parses() {
        for text in ["2026-03-02T08:30:00Z", "2026-03-02T08:30:00.12Z", "0001-01-01T00:00:00Z"] {
            assert_eq!(parse(text).map(format).as_deref(), Some(text));
        }
    }
}
