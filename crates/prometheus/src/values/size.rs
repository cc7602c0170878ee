//! Sizes in bytes: `100MB`, `1GiB`, `1GB512MB`. Every unit counts in powers of 1024.
//!
//! Source: the units library that Prometheus decodes `body_size_limit` and the retention size with.

/// The largest first, as sizes are printed.
const UNITS: [(char, u32); 6] = [('E', 60), ('P', 50), ('T', 40), ('G', 30), ('M', 20), ('K', 10)];

/// Reads a size, or says in Prometheus's words why it is none. A bare number has no unit and is
/// refused, except `0`.
pub fn parse(text: &str) -> Result<i64, String> {
    // The older spelling is tried second, and its error is the one that is shown.
    parse_with(text, "iB").or_else(|_| parse_with(text, "B"))
}

fn parse_with(text: &str, suffix: &str) -> Result<i64, String> {
    let invalid = || format!("units: invalid {text}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let (number, behind) = split_number(rest).ok_or_else(invalid)?;
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let (unit, behind) = behind.split_at(behind.find(is_number).unwrap_or(behind.len()));
        let size = unit_size(unit, suffix)
            .ok_or_else(|| format!("units: unknown unit {unit} in {text}"))?;
        total += number * size;
        rest = behind;
    }
    let total = if negative { -total } else { total };
    if total.abs() > i64::MAX as f64 {
        return Err("units: overflow parsing unit".to_owned());
    }
    Ok(total as i64)
}

/// A number with an optional fraction at the start of `text`, and what is after it.
fn split_number(text: &str) -> Option<(f64, &str)> {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(digits(text));
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    for part in [whole, fraction] {
        if !part.is_empty() && part.parse::<i64>().is_err() {
            return None;
        }
    }
    Some((format!("0{whole}.{fraction}0").parse().ok()?, rest))
}

fn unit_size(unit: &str, suffix: &str) -> Option<f64> {
    if unit == "B" {
        return Some(1.0);
    }
    let prefix = unit.strip_suffix(suffix)?;
    let (_, bits) = UNITS.iter().find(|(name, _)| prefix.chars().eq([*name]))?;
    Some((1u64 << bits) as f64)
}

/// As Prometheus prints a size on its configuration page: `100MiB`, `1GiB512MiB`, `0B`.
pub fn print(bytes: i64) -> String {
    if bytes == 0 {
        return "0B".to_owned();
    }
    let mut printed = String::new();
    if bytes < 0 {
        printed.push('-');
    }
    let mut rest = bytes.unsigned_abs();
    for (unit, bits) in UNITS {
        let count = rest >> bits;
        if count > 0 {
            printed.push_str(&format!("{count}{unit}iB"));
            rest -= count << bits;
        }
    }
    if rest > 0 {
        printed.push_str(&format!("{rest}B"));
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for (text, bytes, printed) in [
            ("0", 0, "0B"),
            ("0B", 0, "0B"),
            ("512B", 512, "512B"),
            ("15MB", 15 << 20, "15MiB"),
            ("1GiB", 1 << 30, "1GiB"),
            ("1.5KB", 1536, "1KiB512B"),
            ("1GB512MB", (1 << 30) + (512 << 20), "1GiB512MiB"),
            ("-1GB", -(1 << 30), "-1GiB"),
            (".5KiB", 512, "512B"),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
            assert_eq!(print(bytes), printed, "{text}");
            assert_eq!(parse(printed), Ok(bytes), "{printed}");
        }
    }

    #[test]
    fn refuses_in_upstream_words() {
        for (text, error) in [
            ("100", "units: unknown unit  in 100"),
            ("", "units: invalid "),
            ("MB", "units: invalid MB"),
            ("1kB", "units: unknown unit kB in 1kB"),
            ("1 MB", "units: unknown unit  MB in 1 MB"),
            ("9EB", "units: overflow parsing unit"),
            ("99999999999999999999B", "units: invalid 99999999999999999999B"),
            ("1é", "units: unknown unit é in 1é"),
        ] {
            assert_eq!(parse(text), Err(error.to_owned()), "{text}");
        }
    }
}
