//! Calendar days, and times and durations as Go's `time` prints them. All times are UTC.

use std::fmt::Write;

pub const SECOND: i64 = 1_000_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A day in the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: i64,
    /// From 1.
    pub month: i64,
    /// From 1.
    pub day: i64,
}

impl Date {
    /// The day that many days after 1970-01-01. Years are counted from March, so that the leap day
    /// is their last; 400 of them have 146,097 days.
    pub fn of_days(days: i64) -> Self {
        let shifted = days.saturating_add(719_468);
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
        }
    }

    /// Days after 1970-01-01. The month is in 1..=12; the day may lie outside of its month.
    pub fn days(self) -> i64 {
        let shifted = self.year - i64::from(self.month <= 2);
        let from_march = (self.month + 9).rem_euclid(12);
        let day_of_year = (153 * from_march + 2) / 5 + self.day - 1;
        let (era, year_of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
            - 719_468
    }

    /// Day of the year, from 1.
    pub fn year_day(self) -> i64 {
        self.days() - Self { month: 1, day: 1, ..self }.days() + 1
    }

    pub fn is_leap_year(year: i64) -> bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Days of a month; the month is in 1..=12.
    pub fn days_in_month(year: i64, month: i64) -> i64 {
        match month {
            2 => 28 + i64::from(Self::is_leap_year(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

/// Day of the week of a day after 1970-01-01; Sunday is 0.
pub fn weekday(days: i64) -> i64 {
    days.saturating_add(4).rem_euclid(7)
}

/// A time of day on a date, with nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime {
    pub date: Date,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub nanosecond: i64,
}

impl DateTime {
    /// The time that many seconds and nanoseconds after 1970.
    pub fn of_unix(seconds: i64, nanosecond: i64) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        Self {
            date: Date::of_days(days),
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            nanosecond,
        }
    }

    pub fn of_unix_millis(millis: i64) -> Self {
        Self::of_unix(millis.div_euclid(1000), millis.rem_euclid(1000) * 1_000_000)
    }

    /// Seconds since 1970.
    pub fn unix(self) -> i64 {
        self.date.days() * 86_400 + self.hour * 3600 + self.minute * 60 + self.second
    }

    /// `2024-01-31 12:00:00.5 +0000 UTC`. Source: time `Time.String`.
    pub fn print(self) -> String {
        self.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// Prints by a layout that shows how Go would print its reference time.
    /// Source: time `Time.Format`.
    pub fn format(self, layout: &str) -> String {
        let mut out = String::with_capacity(layout.len() + 10);
        let mut rest = layout;
        while let Some(c) = rest.chars().next() {
            let element = ELEMENTS.iter().find(|(text, _)| is_element(rest, text));
            if let Some((text, element)) = element {
                self.push(&mut out, *element);
                rest = rest.get(text.len()..).unwrap_or_default();
            } else if let Some((digits, point)) = fraction(rest) {
                self.push_fraction(&mut out, digits, point);
                rest = rest.get(1 + digits..).unwrap_or_default();
            } else {
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        out
    }

    fn push(self, out: &mut String, element: Element) {
        let Date { year, month, day } = self.date;
        let name = |names: &[&'static str], at: i64| {
            usize::try_from(at).ok().and_then(|at| names.get(at).copied()).unwrap_or_default()
        };
        let hour12 = if self.hour % 12 == 0 { 12 } else { self.hour % 12 };
        let short = |text: &'static str| text.get(..3).unwrap_or(text);
        let weekday = name(&WEEKDAYS, weekday(self.date.days()));
        let month_name = name(&MONTHS, month - 1);
        // Writing to a string cannot fail.
        let _ = match element {
            Element::MonthName => out.write_str(month_name),
            Element::ShortMonth => out.write_str(short(month_name)),
            Element::Weekday => out.write_str(weekday),
            Element::ShortWeekday => out.write_str(short(weekday)),
            Element::Month(width) => write!(out, "{month:0width$}"),
            Element::Day(width) => write!(out, "{day:0width$}"),
            Element::SpacedDay => write!(out, "{day:2}"),
            Element::YearDay => write!(out, "{:03}", self.date.year_day()),
            Element::SpacedYearDay => write!(out, "{:3}", self.date.year_day()),
            Element::Hour => write!(out, "{:02}", self.hour),
            Element::Hour12(width) => write!(out, "{hour12:0width$}"),
            Element::Minute(width) => write!(out, "{:0width$}", self.minute),
            Element::Second(width) => write!(out, "{:0width$}", self.second),
            Element::Year => write!(out, "{year:04}"),
            Element::ShortYear => write!(out, "{:02}", year.rem_euclid(100)),
            Element::Half(upper) => {
                let half = if self.hour >= 12 { "PM" } else { "AM" };
                out.write_str(&if upper { half.to_owned() } else { half.to_lowercase() })
            }
            Element::Fixed(text) => out.write_str(text),
        };
    }

    /// A fraction of a second; `9` leaves zeros at the end out.
    fn push_fraction(self, out: &mut String, digits: usize, point: char) {
        let all = format!("{:09}", self.nanosecond);
        let shown = format!("{all:0<digits$}");
        let shown = shown.get(..digits).unwrap_or_default();
        let trims = point == '9';
        let shown = if trims { shown.trim_end_matches('0') } else { shown };
        if !shown.is_empty() {
            out.push('.');
            out.push_str(shown);
        }
    }
}

/// A part of a layout.
#[derive(Clone, Copy)]
enum Element {
    MonthName,
    ShortMonth,
    Weekday,
    ShortWeekday,
    Month(usize),
    Day(usize),
    SpacedDay,
    YearDay,
    SpacedYearDay,
    Hour,
    Hour12(usize),
    Minute(usize),
    Second(usize),
    Year,
    ShortYear,
    Half(bool),
    Fixed(&'static str),
}

/// Longer ones stand before those that they begin with. Zones are those of UTC.
const ELEMENTS: [(&str, Element); 33] = [
    ("January", Element::MonthName),
    ("Jan", Element::ShortMonth),
    ("Monday", Element::Weekday),
    ("Mon", Element::ShortWeekday),
    ("MST", Element::Fixed("UTC")),
    ("2006", Element::Year),
    ("002", Element::YearDay),
    ("01", Element::Month(2)),
    ("02", Element::Day(2)),
    ("03", Element::Hour12(2)),
    ("04", Element::Minute(2)),
    ("05", Element::Second(2)),
    ("06", Element::ShortYear),
    ("15", Element::Hour),
    ("__2", Element::SpacedYearDay),
    ("_2", Element::SpacedDay),
    ("1", Element::Month(0)),
    ("2", Element::Day(0)),
    ("3", Element::Hour12(0)),
    ("4", Element::Minute(0)),
    ("5", Element::Second(0)),
    ("PM", Element::Half(true)),
    ("pm", Element::Half(false)),
    ("-07:00:00", Element::Fixed("+00:00:00")),
    ("-070000", Element::Fixed("+000000")),
    ("-07:00", Element::Fixed("+00:00")),
    ("-0700", Element::Fixed("+0000")),
    ("-07", Element::Fixed("+00")),
    ("Z07:00:00", Element::Fixed("Z")),
    ("Z070000", Element::Fixed("Z")),
    ("Z07:00", Element::Fixed("Z")),
    ("Z0700", Element::Fixed("Z")),
    ("Z07", Element::Fixed("Z")),
];

/// Returns true if an element of a layout stands at the start of `rest`. `Jan` is none inside of a
/// word such as `Janet`. Source: time `nextStdChunk`.
fn is_element(rest: &str, element: &str) -> bool {
    let Some(behind) = rest.strip_prefix(element) else { return false };
    if element == "_2" && behind.starts_with("006") {
        return false;
    }
    !matches!(element, "Jan" | "Mon") || !behind.starts_with(|c: char| c.is_ascii_lowercase())
}

/// The number of digits in `.000`, `,000`, `.999` or `,999`, and which digit it is.
fn fraction(rest: &str) -> Option<(usize, char)> {
    let digits = rest.strip_prefix(['.', ','])?;
    let digit = digits.chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let count = digits.chars().take_while(|c| *c == digit).count();
    let ends = !digits.get(count..)?.starts_with(|c: char| c.is_ascii_digit());
    ends.then_some((count, digit))
}

/// Prints nanoseconds as Go prints a duration: `1h2m3.5s`, `1.5ms`. Source: time `Duration.String`.
pub fn format_duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let magnitude = nanos.unsigned_abs();
    let decimal = |value: u64, unit: u64, digits: usize| {
        let fraction = format!("{:0digits$}", value % unit);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{}{point}{fraction}", value / unit)
    };
    match magnitude {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{magnitude}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", decimal(magnitude, 1_000, 3)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", decimal(magnitude, 1_000_000, 6)),
        _ => {
            let minutes = magnitude / MINUTE as u64;
            let seconds = decimal(magnitude % MINUTE as u64, SECOND as u64, 9);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

const UNITS: [(&str, i64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("m", MINUTE),
    ("h", HOUR),
];

/// Reads a duration such as `-1.5h` or `2h45m` into nanoseconds. The error is Go's.
/// Source: time `ParseDuration`.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let quoted = || crate::quote::quote(text);
    let invalid = || format!("time: invalid duration {}", quoted());
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(number_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(invalid());
        }
        let unit_end =
            behind.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quoted()));
        }
        let Some((_, size)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let unit = crate::quote::quote(unit);
            return Err(format!("time: unknown unit {unit} in duration {}", quoted()));
        };
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        let part = whole.checked_mul(size.unsigned_abs()).ok_or_else(invalid)?;
        let shown = fraction.get(..fraction.len().min(18)).unwrap_or_default();
        let scale = 10f64.powi(shown.len() as i32);
        let fraction = shown.parse::<f64>().unwrap_or(0.0) * (*size as f64 / scale);
        let part = part.checked_add(fraction as u64).ok_or_else(invalid)?;
        total = total.checked_add(part).filter(|sum| *sum <= 1 << 63).ok_or_else(invalid)?;
        rest = behind;
    }
    match (negative, i64::try_from(total)) {
        (true, Ok(nanos)) => Ok(-nanos),
        (true, Err(_)) => Ok(i64::MIN),
        (false, Ok(nanos)) => Ok(nanos),
        (false, Err(_)) => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar() {
        for (days, year, month, day, weekday_, year_day) in [
            (0, 1970, 1, 1, 4, 1),
            (-1, 1969, 12, 31, 3, 365),
            (19_782, 2024, 2, 29, 4, 60),
            (19_783, 2024, 3, 1, 5, 61),
            (11_016, 2000, 2, 29, 2, 60),
            (-25_509, 1900, 2, 28, 3, 59),
            (-719_528, 0, 1, 1, 6, 1),
            (2_932_896, 9999, 12, 31, 5, 365),
        ] {
            let date = Date::of_days(days);
            assert_eq!(date, Date { year, month, day }, "{days}");
            assert_eq!(date.days(), days);
            assert_eq!(weekday(days), weekday_, "{days}");
            assert_eq!(date.year_day(), year_day, "{days}");
        }
        for (year, month, days) in [(2023, 2, 28), (2024, 2, 29), (1900, 2, 28), (2000, 4, 30)] {
            assert_eq!(Date::days_in_month(year, month), days);
        }
        for days in (-1_000_000..1_000_000).step_by(377) {
            assert_eq!(Date::of_days(days).days(), days);
        }
    }

    #[test]
    fn layouts() {
        let time = DateTime::of_unix(1_706_715_062, 50_000_000);
        assert_eq!(time.unix(), 1_706_715_062);
        for (layout, expected) in [
            ("2006-01-02T15:04:05Z07:00", "2024-01-31T15:31:02Z"),
            ("Mon Jan _2 15:04:05 MST 2006", "Wed Jan 31 15:31:02 UTC 2024"),
            ("Monday, 02-Jan-06 15:04:05 -0700", "Wednesday, 31-Jan-24 15:31:02 +0000"),
            ("3:04PM January 2 1/2/06", "3:31PM January 31 1/31/24"),
            ("03:4:5 pm", "03:31:2 pm"),
            ("15:04:05.000 .99 .9", "15:31:02.050 .05 "),
            ("002 __2 Janet", "031  31 Janet"),
            ("é 20_2006", "é 310_2024"),
        ] {
            assert_eq!(time.format(layout), expected, "{layout}");
        }
        assert_eq!(time.print(), "2024-01-31 15:31:02.05 +0000 UTC");
        let midnight = DateTime::of_unix_millis(-1);
        assert_eq!(midnight.print(), "1969-12-31 23:59:59.999 +0000 UTC");
        assert_eq!(DateTime::of_unix(0, 0).format("3PM"), "12AM");
    }

    #[test]
    fn durations() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5µs"),
            (2_000_000, "2ms"),
            (90_500_000_000, "1m30.5s"),
            (-5_400_000_000_000, "-1h30m0s"),
            (HOUR * 100, "100h0m0s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(format_duration(nanos), text);
            assert_eq!(parse_duration(text), Ok(nanos));
        }
        for (text, nanos) in [
            ("1.5h", 5_400 * SECOND),
            (".5s", SECOND / 2),
            ("+2m1us", 2 * MINUTE + 1_000),
            ("-0", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(nanos));
        }
        for (text, error) in [
            ("", "time: invalid duration \"\""),
            ("3", "time: missing unit in duration \"3\""),
            ("1x", "time: unknown unit \"x\" in duration \"1x\""),
            ("1d", "time: unknown unit \"d\" in duration \"1d\""),
            (".s", "time: invalid duration \".s\""),
            ("9999999999h", "time: invalid duration \"9999999999h\""),
        ] {
            assert_eq!(parse_duration(text), Err(error.to_owned()));
        }
    }
}
