//! Dates and durations.
//!
//! Source: sprig date.go, Go time. The time zone is UTC. The present is a fixed moment, the same on
//! every run.

use std::any::Any;

use go::template::{Call, Field, Object, Signature, Type, Value};
use go::time::{Date, DateTime, MONTHS, WEEKDAYS, format_duration, parse_duration};

use super::{A, Function, FunctionResult, S, any, row, string, text};

pub(super) static TABLE: &[Function] = &[
    row("now", &[], None, "Returns a fixed moment, the same on every run.", |_, _| {
        Ok(object(Moment::now()))
    }),
    row("date", &[S, A], None, "Prints a date in a layout.", |a, _| {
        in_zone(text(a, 0), any(a, 1), "UTC")
    }),
    row("dateInZone", &[S, A, S], None, "Prints a date of a time zone in a layout.", zoned),
    row("date_in_zone", &[S, A, S], None, "Prints a date of a time zone in a layout.", zoned),
    row("htmlDate", &[A], None, "Prints a date as 2006-01-02.", |a, _| {
        in_zone("2006-01-02", any(a, 0), "UTC")
    }),
    row("htmlDateInZone", &[A, S], None, "Prints a date of a time zone as 2006-01-02.", |a, _| {
        in_zone("2006-01-02", any(a, 0), text(a, 1))
    }),
    row(
        "toDate",
        &[S, S],
        None,
        "Reads a date in a layout; the zero time if it does not fit.",
        |a, _| Ok(object(parse(text(a, 0), text(a, 1)).unwrap_or(Moment::ZERO))),
    ),
    row("mustToDate", &[S, S], None, "Reads a date in a layout.", |a, _| {
        parse(text(a, 0), text(a, 1)).map(object)
    }),
    row("dateModify", &[S, A], None, "Adds a duration to a date.", modify),
    row("date_modify", &[S, A], None, "Adds a duration to a date.", modify),
    row("mustDateModify", &[S, A], None, "Adds a duration to a date.", must_modify),
    row("must_date_modify", &[S, A], None, "Adds a duration to a date.", must_modify),
    row("unixEpoch", &[A], None, "Returns the seconds since 1970 as text.", |a, _| {
        string(moment(any(a, 0)).seconds.to_string())
    }),
    row("ago", &[A], None, "Returns the time from a date to the fixed present.", |a, _| {
        let seconds = Moment::now().seconds.saturating_sub(moment(any(a, 0)).seconds);
        string(format_duration(seconds.saturating_mul(NANOS)))
    }),
    row("duration", &[A], None, "Prints seconds as a duration.", |a, _| {
        let seconds = match any(a, 0) {
            Value::String(text) => text.parse().unwrap_or_default(),
            Value::Int64(seconds) => *seconds,
            _ => 0,
        };
        string(format_duration(seconds.wrapping_mul(NANOS)))
    }),
    row("durationRound", &[A], None, "Prints a duration in its largest unit.", round),
];

const NANOS: i64 = 1_000_000_000;

/// The moment that stands for the present: 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;

/// A moment in seconds since 1970 and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    seconds: i64,
    nanos: i64,
}

impl Moment {
    /// Go's zero time, the first day of year 1.
    const ZERO: Self = Self { seconds: -62_135_596_800, nanos: 0 };

    fn now() -> Self {
        Self { seconds: NOW, nanos: 0 }
    }

    fn date_time(self) -> DateTime {
        DateTime::of_unix(self.seconds, self.nanos)
    }

    fn plus(self, nanos: i64) -> Self {
        let total = self.nanos + nanos.rem_euclid(NANOS);
        Self {
            seconds: self.seconds.saturating_add(nanos.div_euclid(NANOS) + total / NANOS),
            nanos: total % NANOS,
        }
    }
}

/// A `time.Time`.
#[derive(Debug)]
struct TimeObject(Moment);

fn object(moment: Moment) -> Value {
    Value::object(TimeObject(moment))
}

const fn method(name: &'static str, parameters: &'static [Type]) -> Signature {
    Signature { name, parameters, variadic: None }
}

static METHODS: &[Signature] = &[
    method("Format", &[Type::String]),
    method("String", &[]),
    method("Unix", &[]),
    method("Year", &[]),
    method("Day", &[]),
    method("Hour", &[]),
    method("Minute", &[]),
    method("Second", &[]),
    method("YearDay", &[]),
    method("IsZero", &[]),
];

impl Object for TimeObject {
    fn type_name(&self) -> &str {
        "time.Time"
    }

    fn field(&self, _name: &str) -> Option<Field> {
        None
    }

    fn method(&self, name: &str) -> Option<&'static Signature> {
        METHODS.iter().find(|method| method.name == name)
    }

    fn call(&self, name: &str, arguments: &[Value]) -> FunctionResult {
        let time = self.0.date_time();
        Ok(match name {
            "Format" => Value::string(time.format(text(arguments, 0))),
            "Unix" => Value::Int64(self.0.seconds),
            "Year" => Value::Int(time.date.year),
            "Day" => Value::Int(time.date.day),
            "Hour" => Value::Int(time.hour),
            "Minute" => Value::Int(time.minute),
            "Second" => Value::Int(time.second),
            "YearDay" => Value::Int(time.date.year_day()),
            "IsZero" => Value::Bool(self.0 == Moment::ZERO),
            _ => Value::string(self.print()),
        })
    }

    fn print(&self) -> String {
        self.0.date_time().format("2006-01-02 15:04:05.999999999 -0700 MST")
    }

    fn is_stringer(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The moment of a time or of seconds; the present for other values.
fn moment(value: &Value) -> Moment {
    if let Some(time) = value.downcast::<TimeObject>() {
        return time.0;
    }
    value.as_signed().map_or_else(Moment::now, |seconds| Moment { seconds, nanos: 0 })
}

/// The first parts of names of time zones that exist.
const AREAS: &[&str] = &[
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Brazil",
    "Canada",
    "Chile",
    "Europe",
    "Indian",
    "Mexico",
    "Pacific",
    "US",
];

fn in_zone(layout: &str, value: &Value, zone: &str) -> FunctionResult {
    // A zone that does not exist is UTC.
    if zone.split_once('/').is_some_and(|(area, _)| AREAS.contains(&area)) {
        return Err(format!("the playground has no data of the time zone {zone}"));
    }
    string(moment(value).date_time().format(layout))
}

fn zoned(a: &[Value], _: &Call<'_>) -> FunctionResult {
    in_zone(text(a, 0), any(a, 1), text(a, 2))
}

fn modify(a: &[Value], call: &Call<'_>) -> FunctionResult {
    must_modify(a, call).or_else(|_| Ok(any(a, 1).clone()))
}

fn must_modify(a: &[Value], _: &Call<'_>) -> FunctionResult {
    Ok(object(moment(any(a, 1)).plus(parse_duration(text(a, 0))?)))
}

fn round(a: &[Value], _: &Call<'_>) -> FunctionResult {
    let nanos = match any(a, 0) {
        Value::String(text) => parse_duration(text).unwrap_or_default(),
        Value::Int64(nanos) => *nanos,
        value => value.downcast::<TimeObject>().map_or(0, |time| {
            Moment::now().seconds.saturating_sub(time.0.seconds).saturating_mul(NANOS)
        }),
    };
    const DAY: u64 = 86_400;
    let (sign, seconds) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs() / NANOS as u64);
    let has_more = nanos.unsigned_abs() % NANOS as u64 > 0;
    let units = [(365 * DAY, "y"), (30 * DAY, "mo"), (DAY, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let unit = units.iter().find(|(size, _)| seconds > *size || (seconds == *size && has_more));
    string(match unit {
        Some((size, name)) => format!("{sign}{}{name}", seconds / size),
        None => format!("{sign}0s"),
    })
}

/// The elements of layouts that are read, longer ones first.
const ELEMENTS: &[&str] = &[
    "2006", "January", "Monday", "Z07:00", "-07:00", "-0700", "Jan", "Mon", "MST", "01", "02",
    "15", "03", "04", "05", "06", "PM", "1", "2", "3",
];

/// Reads a time by a layout. Source: Go time format.go `Parse`.
fn parse(layout: &str, value: &str) -> Result<Moment, String> {
    let (mut rest, mut left) = (layout, value);
    let mut time = Parts::default();
    while !rest.is_empty() {
        let element = ELEMENTS.iter().find(|element| rest.starts_with(**element));
        let Some(element) = element else {
            let c = rest.chars().next().unwrap_or_default();
            let Some(behind) = left.strip_prefix(c) else {
                return Err(unfit(layout, value, left, rest));
            };
            left = behind;
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            continue;
        };
        let Some(behind) = time.read(element, left) else {
            return Err(unfit(layout, value, left, element));
        };
        left = behind;
        rest = rest.get(element.len()..).unwrap_or_default();
    }
    if !left.is_empty() {
        let (value, layout) = (go::quote::quote(value), go::quote::quote(layout));
        let left = go::quote::quote(left);
        return Err(format!("parsing time {value} as {layout}: extra text: {left}"));
    }
    time.moment()
        .map_err(|what| format!("parsing time {}: {what} out of range", go::quote::quote(value)))
}

fn unfit(layout: &str, value: &str, left: &str, element: &str) -> String {
    let [layout, value, left, element] = [layout, value, left, element].map(go::quote::quote);
    format!("parsing time {value} as {layout}: cannot parse {left} as {element}")
}

#[derive(Debug)]
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
    afternoon: Option<bool>,
    offset: i64,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            year: 0,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanos: 0,
            afternoon: None,
            offset: 0,
        }
    }
}

/// A number of a fixed or of one or two digits at the start of a text.
fn number(text: &str, digits: usize, exact: bool) -> Option<(i64, &str)> {
    let count = text.bytes().take(digits).take_while(u8::is_ascii_digit).count();
    if count == 0 || (exact && count < digits) {
        return None;
    }
    let (number, rest) = text.split_at_checked(count)?;
    Some((number.parse().ok()?, rest))
}

impl Parts {
    /// Reads an element. Returns the text after it.
    fn read<'t>(&mut self, element: &str, text: &'t str) -> Option<&'t str> {
        let (exact, digits) = (element.len() > 1, if element == "2006" { 4 } else { 2 });
        let slot = match element {
            "2006" => &mut self.year,
            "01" | "1" => &mut self.month,
            "02" | "2" => &mut self.day,
            "15" | "03" | "3" => &mut self.hour,
            "04" => &mut self.minute,
            "05" => &mut self.second,
            _ => return self.read_other(element, text),
        };
        let (number, mut rest) = number(text, digits, exact)?;
        *slot = number;
        if element == "05"
            && let Some(decimals) = rest.strip_prefix('.')
        {
            let count = decimals.bytes().take_while(u8::is_ascii_digit).count();
            if count > 0 {
                let shown: String = decimals.chars().take(count.min(9)).collect();
                self.nanos = format!("{shown:0<9}").parse().unwrap_or_default();
                rest = decimals.get(count..)?;
            }
        }
        Some(rest)
    }

    fn read_other<'t>(&mut self, element: &str, text: &'t str) -> Option<&'t str> {
        let named = |names: &[&str], short: bool| {
            names.iter().enumerate().find_map(|(at, name)| {
                let name = if short { name.get(..3)? } else { name };
                let start = text.get(..name.len())?;
                start
                    .eq_ignore_ascii_case(name)
                    .then(|| (at, text.get(name.len()..).unwrap_or_default()))
            })
        };
        match element {
            "January" | "Jan" => {
                let (at, rest) = named(&MONTHS, element == "Jan")?;
                self.month = at as i64 + 1;
                Some(rest)
            }
            "Monday" | "Mon" => named(&WEEKDAYS, element == "Mon").map(|(_, rest)| rest),
            "06" => {
                let (year, rest) = number(text, 2, true)?;
                self.year = if year >= 69 { 1900 + year } else { 2000 + year };
                Some(rest)
            }
            "PM" => {
                self.afternoon = Some(text.starts_with("PM"));
                text.strip_prefix("PM").or_else(|| text.strip_prefix("AM"))
            }
            "MST" => text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")),
            _ => self.read_offset(element, text),
        }
    }

    fn read_offset<'t>(&mut self, element: &str, text: &'t str) -> Option<&'t str> {
        if element.starts_with('Z')
            && let Some(rest) = text.strip_prefix('Z')
        {
            return Some(rest);
        }
        let sign = match text.get(..1)? {
            "+" => 1,
            "-" => -1,
            _ => return None,
        };
        let (hours, rest) = number(text.get(1..)?, 2, true)?;
        let rest = if element.contains(':') { rest.strip_prefix(':')? } else { rest };
        let (minutes, rest) = number(rest, 2, true)?;
        self.offset = sign * (hours * 3600 + minutes * 60);
        Some(rest)
    }

    /// The moment; the error names what is out of range.
    fn moment(&self) -> Result<Moment, &'static str> {
        if !(1..=12).contains(&self.month) {
            return Err("month");
        }
        if !(1..=Date::days_in_month(self.year, self.month)).contains(&self.day) {
            return Err("day");
        }
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        for (number, limit, what) in
            [(hour, 24, "hour"), (self.minute, 60, "minute"), (self.second, 60, "second")]
        {
            if number >= limit {
                return Err(what);
            }
        }
        let date = Date { year: self.year, month: self.month, day: self.day };
        let seconds = date.days() * 86_400 + hour * 3600 + self.minute * 60 + self.second;
        Ok(Moment { seconds: seconds - self.offset, nanos: self.nanos })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        for (layout, value, expected) in [
            ("2006-01-02", "2024-02-29", Ok(1_709_164_800)),
            ("2006-01-02T15:04:05Z07:00", "2024-01-31T14:00:00.5+02:00", Ok(1_706_702_400)),
            ("Jan 2, 2006 3:04PM", "Feb 3, 2024 1:05PM", Ok(1_706_965_500)),
            ("2006-01-02", "2024-02-30", Err("parsing time \"2024-02-30\": day out of range")),
            (
                "2006-01-02",
                "01/02/2024",
                Err(
                    "parsing time \"01/02/2024\" as \"2006-01-02\": cannot parse \"01/02/2024\" as \"2006\"",
                ),
            ),
            ("2006", "2024x", Err("parsing time \"2024x\" as \"2006\": extra text: \"x\"")),
        ] {
            let found = parse(layout, value).map(|moment| moment.seconds);
            assert_eq!(found, expected.map_err(str::to_owned), "{value}");
        }
    }
}
