//! Times of cron expressions.
//!
//! Source: robfig/cron spec.go and parser.go.

/// Minutes, hours, days of month, months, days of week as sets of bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
    /// A star in one of the day fields: the other one decides.
    any_day: bool,
    any_weekday: bool,
    /// `@every`: seconds between two times.
    every: Option<i64>,
}

static DESCRIPTORS: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

static NAMES: &[(&str, u32)] = &[
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("apr", 4),
    ("may", 5),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
    ("sun", 0),
    ("mon", 1),
    ("tue", 2),
    ("wed", 3),
    ("thu", 4),
    ("fri", 5),
    ("sat", 6),
];

/// Years that are searched for the next time.
const YEARS: i64 = 5;

impl Schedule {
    /// Reads an expression; None if it is not one. Time zones are not taken into account.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = match text.strip_prefix("TZ=").or_else(|| text.strip_prefix("CRON_TZ=")) {
            Some(rest) => rest.split_once(' ')?.1.trim(),
            None => text,
        };
        if let Some(duration) = text.strip_prefix("@every ") {
            let nanos = go::time::parse_duration(duration).ok()?;
            let every = Some((nanos / 1_000_000_000).max(1));
            return Some(Self { every, ..Self::parse("* * * * *")? });
        }
        let text =
            DESCRIPTORS.iter().find(|(name, _)| *name == text).map_or(text, |(_, full)| full);
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
        let star = |field: &str| {
            field.split(',').any(|part| part.starts_with('*') || part.starts_with('?'))
        };
        Some(Self {
            minute: bits(minute, 0, 59)?,
            hour: bits(hour, 0, 23)?,
            day: bits(day, 1, 31)?,
            month: bits(month, 1, 12)?,
            weekday: bits(weekday, 0, 6)?,
            any_day: star(day),
            any_weekday: star(weekday),
            every: None,
        })
    }

    /// The first time after `from`, both in seconds since the epoch; None if there is none in five
    /// years.
    pub fn next(&self, from: i64) -> Option<i64> {
        if let Some(every) = self.every {
            return Some(from + every);
        }
        let start = from.div_euclid(60) + 1;
        let mut day = start.div_euclid(1440);
        let last = day + YEARS * 366;
        let mut minute = start.rem_euclid(1440);
        while day <= last {
            if self.has_day(day)
                && let Some(found) = (minute..1440)
                    .find(|minute| has(self.hour, minute / 60) && has(self.minute, minute % 60))
            {
                return Some((day * 1440 + found) * 60);
            }
            day += 1;
            minute = 0;
        }
        None
    }

    fn has_day(&self, days: i64) -> bool {
        let text = crate::apiserver::timestamp_of(days * 86_400);
        let part = |from: usize, to: usize| {
            text.get(from..to).and_then(|part| part.parse::<i64>().ok()).unwrap_or_default()
        };
        let (month, day) = (part(5, 7), part(8, 10));
        let weekday = (days + 4).rem_euclid(7);
        if !has(self.month, month) {
            return false;
        }
        let (in_month, in_week) = (has(self.day, day), has(self.weekday, weekday));
        if self.any_day || self.any_weekday { in_month && in_week } else { in_month || in_week }
    }
}

fn has(bits: u64, number: i64) -> bool {
    (0..64).contains(&number) && bits >> number & 1 == 1
}

fn bits(field: &str, low: u32, high: u32) -> Option<u64> {
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<u32>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let stepped = part.contains('/');
        let (first, last) = match range {
            "*" | "?" => (low, high),
            _ => match range.split_once('-') {
                Some((first, last)) => (number(first)?, number(last)?),
                None => {
                    let one = number(range)?;
                    (one, if stepped { high } else { one })
                }
            },
        };
        if first < low || last > high || first > last {
            return None;
        }
        for number in (first..=last).step_by(step as usize) {
            bits |= 1 << number;
        }
    }
    Some(bits)
}

fn number(text: &str) -> Option<u32> {
    let lower = go::case::lower(text);
    let named = NAMES.iter().find(|(name, _)| *name == lower).map(|(_, number)| *number);
    named.or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apiserver::timestamp_of;

    #[test]
    fn next_times_are_those_of_cron() {
        for (text, from, next) in [
            ("*/5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"),
            ("0 3 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T03:00:00Z"),
            ("30 9 * * mon-fri", "2026-01-02T10:00:00Z", "2026-01-05T09:30:00Z"),
            ("0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
            ("@hourly", "2026-01-01T00:59:59Z", "2026-01-01T01:00:00Z"),
            ("@every 90s", "2026-01-01T00:00:00Z", "2026-01-01T00:01:30Z"),
        ] {
            let schedule = Schedule::parse(text).expect("it is an expression");
            let from = go::rfc3339::parse(from).expect("a time").unix();
            assert_eq!(schedule.next(from).map(timestamp_of).as_deref(), Some(next), "{text}");
        }
    }

    #[test]
    fn what_is_no_expression_has_no_times() {
        for text in ["", "* * * *", "60 * * * *", "a * * * *", "*/0 * * * *"] {
            assert_eq!(Schedule::parse(text), None, "{text}");
        }
        let never = Schedule::parse("0 0 31 2 *").expect("it is an expression");
        assert_eq!(never.next(0), None);
    }
}
