//! Parts of dates, in UTC.

/// What a date function asks for.
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

const DAY: i64 = 86_400;

/// A day of the Gregorian calendar.
struct Date {
    year: i64,
    /// From 1.
    month: i64,
    /// From 1.
    day: i64,
}

/// The date of a number of days after 1970-01-01. Years are counted from March, so that the day
/// that leap years add is their last.
fn date_of(days: i64) -> Date {
    const ERA: i64 = 146_097;
    let since = days.saturating_add(719_468);
    let (era, day_of_era) = (since.div_euclid(ERA), since.rem_euclid(ERA));
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / (ERA - 1);
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date { year, month, day }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(date: &Date) -> i64 {
    match date.month {
        2 if is_leap(date.year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
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
