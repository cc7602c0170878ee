//! Ranges of days, months and years in time intervals.
//!
//! Source: alertmanager timeinterval, prometheus-operator pkg/apis/monitoring/v1alpha1/validation.go.

use kubernetes::object::Value;

use crate::checks::at;
use crate::store::Checked;

/// The unit of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    Weekday,
    DayOfMonth,
    Month,
    Year,
}

static WEEKDAYS: &[&str] =
    &["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

static MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns the ends of `a:b`, or `a` twice.
fn ends(text: &str) -> Option<(&str, &str)> {
    match text.split_once(':') {
        None => Some((text, text)),
        Some((_, end)) if end.contains(':') => None,
        ends => ends,
    }
}

/// Reads an integer as Go does. Source: strconv.Atoi.
fn number(text: &str) -> Checked<i64> {
    text.parse().map_err(|error: std::num::ParseIntError| {
        use std::num::IntErrorKind::{NegOverflow, PosOverflow};
        let reason = match error.kind() {
            NegOverflow | PosOverflow => "value out of range",
            _ => "invalid syntax",
        };
        format!("strconv.Atoi: parsing {}: {reason}", go::quote::quote(text))
    })
}

fn position(names: &[&str], text: &str) -> Option<i64> {
    let at = names.iter().position(|name| *name == text)?;
    i64::try_from(at).ok()
}

impl Range {
    /// Prints a range as Alertmanager does: weekdays by name, all else as numbers.
    fn print(self, start: i64, end: i64) -> String {
        let shown = |number: i64| match self {
            Self::Weekday => usize::try_from(number)
                .ok()
                .and_then(|at| WEEKDAYS.get(at))
                .map_or_else(String::new, |name| (*name).to_owned()),
            _ => number.to_string(),
        };
        if start == end { shown(start) } else { format!("{}:{}", shown(start), shown(end)) }
    }

    /// Reads a range of a custom resource: a text, or `start` and `end` for days of the month.
    pub fn of_field(self, value: &Value) -> Checked<String> {
        if self == Self::DayOfMonth {
            let (start, end) = (value.int("start"), value.int("end"));
            valid_days(start, end)?;
            return Ok(self.print(start, end));
        }
        let text = value.as_str().unwrap_or_default();
        let (start, end) = ends(text).ok_or_else(|| format!("invalid range provided {text}"))?;
        let (from, to) = (self.field_end(start, "start")?, self.field_end(end, "end")?);
        match self {
            Self::Weekday if from > to => Err("start day cannot be before end day".to_owned()),
            Self::Weekday if !(0..=6).contains(&from) => Err(no_day(start)),
            Self::Weekday if !(0..=6).contains(&to) => Err(no_day(end)),
            Self::Month if from > to => {
                Err(format!("end month {end} is before start month {start}"))
            }
            Self::Year if from > to => Err(format!("end year {to} is before start year {from}")),
            _ => Ok(self.print(from, to)),
        }
    }

    fn field_end(self, text: &str, side: &str) -> Checked<i64> {
        let lower = go::case::lower(text);
        match self {
            Self::Weekday => {
                let day = position(WEEKDAYS, &lower).or_else(|| number(&lower).ok());
                let reason = format!("{text} is an invalid weekday");
                at(day.ok_or(reason), &format!("failed to parse {side} day from weekday range"))
            }
            Self::Month => {
                let named = position(MONTHS, &lower).map(|at| at + 1);
                let numbered = || number(&lower).ok().filter(|month| (1..=12).contains(month));
                let reason = format!("{text} is an invalid month");
                let month = named.or_else(numbered).ok_or(reason);
                at(month, "failed to parse start month from month range")
            }
            _ => at(number(text), &format!("{side} year cannot be {text} parsed")),
        }
    }

    /// Reads a range of a configuration.
    pub fn of_text(self, text: &str) -> Checked<String> {
        let lower = go::case::lower(text);
        let (start, end) =
            ends(&lower).ok_or_else(|| format!("couldn't parse range {lower}, invalid format"))?;
        let (from, to) = (self.text_end(start)?, self.text_end(end)?);
        match self {
            Self::Weekday if from > to => Err("start day cannot be before end day".to_owned()),
            Self::DayOfMonth => valid_days(from, to).map(|()| self.print(from, to)),
            Self::Month if from > to => {
                let name = |month: i64| {
                    let at = usize::try_from(month - 1).ok();
                    at.and_then(|at| MONTHS.get(at)).copied().unwrap_or_default()
                };
                Err(format!("end month {} is before start month {}", name(to), name(from)))
            }
            Self::Year if from > to => Err(format!("end year {to} is before start year {from}")),
            _ => Ok(self.print(from, to)),
        }
    }

    fn text_end(self, text: &str) -> Checked<i64> {
        match self {
            Self::Weekday => {
                position(WEEKDAYS, text).ok_or_else(|| format!("{text} is not a valid weekday"))
            }
            Self::Month => position(MONTHS, text)
                .map(|at| at + 1)
                .or_else(|| number(text).ok())
                .ok_or_else(|| format!("{text} is not a valid month")),
            _ => number(text),
        }
    }
}

fn no_day(text: &str) -> String {
    format!("{text} is not a valid day of the week: out of range")
}

/// Checks days of the month. Days below 0 count from the end of the month.
pub fn valid_days(start: i64, end: i64) -> Checked {
    for day in [start, end] {
        if day == 0 || !(-31..=31).contains(&day) {
            return Err(format!("{day} is not a valid day of the month: out of range"));
        }
    }
    if start < 0 && end > 0 {
        return Err("end day must be negative if start day is negative".to_owned());
    }
    // The shortest month decides whether the range can be empty.
    let counted = |day: i64| if day < 0 { 28 + day } else { day };
    if counted(start) > counted(end) {
        return Err(format!("end day {end} is always before start day {start}"));
    }
    Ok(())
}

/// Returns the minutes since midnight of `HH:MM`.
pub fn minutes(text: &str) -> Checked<i64> {
    let parts = text.split_once(':').filter(|(hours, minutes)| {
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits(hours) && digits(minutes)
    });
    let number = |part: &str| part.parse::<i64>().unwrap_or_default();
    match parts.map(|(hours, minutes)| (number(hours), number(minutes))) {
        Some((hours @ 0..=23, minutes @ 0..=59)) | Some((hours @ 24, minutes @ 0)) => {
            Ok(hours * 60 + minutes)
        }
        _ => Err(format!("couldn't parse timestamp {text}, invalid format")),
    }
}
