//! Parts of dates, in UTC.

use go::time::{Date, DateTime, weekday};

/// The component that a date function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DatePart {
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    DaysInMonth,
    Hour,
    Minute,
    Month,
    Year,
}

/// A part of the date of a Unix time in seconds.
pub(super) fn date_part(part: DatePart, seconds: i64) -> f64 {
    let time = DateTime::of_unix(seconds, 0);
    let date = time.date;
    let value = match part {
        DatePart::DayOfMonth => date.day,
        DatePart::DayOfWeek => weekday(date.days()),
        DatePart::DayOfYear => date.year_day(),
        DatePart::DaysInMonth => Date::days_in_month(date.year, date.month),
        DatePart::Hour => time.hour,
        DatePart::Minute => time.minute,
        DatePart::Month => date.month,
        DatePart::Year => date.year,
    };
    value as f64
}

/// `2006-01-02T15:04:05Z` for a Unix time in seconds.
pub(super) fn rfc3339(seconds: i64) -> String {
    DateTime::of_unix(seconds, 0).format("2006-01-02T15:04:05Z07:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (seconds, text, week_day, year_day, length) in [
            (0, "1970-01-01T00:00:00Z", 4, 1, 31),
            (951_782_399, "2000-02-28T23:59:59Z", 1, 59, 29),
            (951_782_400, "2000-02-29T00:00:00Z", 2, 60, 29),
            (1_709_251_200, "2024-03-01T00:00:00Z", 5, 61, 31),
            (4_107_542_399, "2100-02-28T23:59:59Z", 0, 59, 28),
            (-1, "1969-12-31T23:59:59Z", 3, 365, 31),
        ] {
            assert_eq!(rfc3339(seconds), text);
            assert_eq!(date_part(DatePart::DayOfWeek, seconds), f64::from(week_day), "{text}");
            assert_eq!(date_part(DatePart::DayOfYear, seconds), f64::from(year_day), "{text}");
            assert_eq!(date_part(DatePart::DaysInMonth, seconds), f64::from(length), "{text}");
        }
        assert_eq!(date_part(DatePart::Hour, 951_782_399), 23.0);
        assert_eq!(date_part(DatePart::Minute, 951_782_399), 59.0);
        for seconds in [i64::MIN, i64::MAX] {
            assert!(date_part(DatePart::Year, seconds).is_finite());
        }
    }
}
