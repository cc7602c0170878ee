//! Human-readable numbers and durations.
//! Source: prometheus template/template.go, prometheus/common helpers/templates.

use go::number::format_general;

/// Go's `%.4g`.
pub(super) fn four_digits(value: f64) -> String {
    format_general(value, Some(4))
}

/// `1.235k`, `12.5m`: with the prefixes of the metric system.
pub(super) fn si(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return four_digits(value);
    }
    if value.abs() >= 1.0 {
        return scaled(value, 1000.0, &["k", "M", "G", "T", "P", "E", "Z", "Y"]);
    }
    small(value)
}

/// `1.5ki`: with the prefixes of powers of 1024.
pub(super) fn binary(value: f64) -> String {
    if value.abs() <= 1.0 || !value.is_finite() {
        return four_digits(value);
    }
    scaled(value, 1024.0, &["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"])
}

pub(super) fn percentage(value: f64) -> String {
    format!("{}%", four_digits(value * 100.0))
}

fn scaled(mut value: f64, base: f64, prefixes: &[&str]) -> String {
    let mut shown = "";
    for prefix in prefixes {
        if value.abs() < base {
            break;
        }
        shown = prefix;
        value /= base;
    }
    format!("{}{shown}", four_digits(value))
}

fn small(mut value: f64) -> String {
    let mut shown = "";
    for prefix in ["m", "u", "n", "p", "f", "a", "z", "y"] {
        if value.abs() >= 1.0 {
            break;
        }
        shown = prefix;
        value *= 1000.0;
    }
    format!("{}{shown}", four_digits(value))
}

/// `1d 2h 3m 4s`, `12.35s`, `100ms`.
pub(super) fn duration(value: f64) -> String {
    if !value.is_finite() {
        return four_digits(value);
    }
    if value == 0.0 {
        return format!("{}s", four_digits(value));
    }
    if value.abs() < 1.0 {
        return format!("{}s", small(value));
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let whole = value.abs() as i64;
    let (days, hours) = (whole / 86_400, whole / 3600 % 24);
    let (minutes, seconds) = (whole / 60 % 60, whole % 60);
    if days != 0 {
        format!("{sign}{days}d {hours}h {minutes}m {seconds}s")
    } else if hours != 0 {
        format!("{sign}{hours}h {minutes}m {seconds}s")
    } else if minutes != 0 {
        format!("{sign}{minutes}m {seconds}s")
    } else {
        format!("{sign}{}s", four_digits(value.abs()))
    }
}

/// Seconds since 1970 as milliseconds. Fails where Go's nanoseconds would overflow.
pub(super) fn to_millis(seconds: f64) -> Result<i64, String> {
    let nanos = seconds * 1e9;
    if nanos > i64::MAX as f64 || nanos < i64::MIN as f64 {
        let shown = format_general(seconds, None);
        return Err(format!(
            "{shown} cannot be represented as a nanoseconds timestamp since it overflows int64"
        ));
    }
    Ok((nanos as i64).div_euclid(1_000_000))
}
