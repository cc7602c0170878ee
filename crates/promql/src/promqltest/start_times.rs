//! `metric@st -1m -30s-1mx2`: since when the values of the next line count, relative to their times.

use super::series::{Cursor, parse_metric};
use crate::Labels;
use go::Duration;
use go::quote::quote;

const MAX_VALUES: u64 = 2_000_000;

/// A series' labels and for each of its values the offset in milliseconds, if there is one.
type StartTimes = (Labels, Vec<Option<i64>>);

/// Reads a line of start times; `None` where the line is none of them.
pub(super) fn parse_start_times(line: &str) -> Option<Result<StartTimes, String>> {
    let (metric, offsets) = line.trim().split_once([' ', '\t'])?;
    let metric = metric.strip_suffix("@st")?;
    let mut cursor = Cursor { rest: metric };
    Some(parse_metric(&mut cursor).and_then(|labels| Ok((labels, parse_offsets(offsets)?))))
}

fn parse_offsets(text: &str) -> Result<Vec<Option<i64>>, String> {
    let mut offsets = Vec::new();
    for item in text.split_whitespace() {
        parse_item(item, &mut offsets)
            .map_err(|why| format!("invalid ST item {item}: {why}", item = quote(item)))?;
        if offsets.len() as u64 > MAX_VALUES {
            return Err(format!("more than {MAX_VALUES} start times"));
        }
    }
    Ok(offsets)
}

fn parse_item(item: &str, offsets: &mut Vec<Option<i64>>) -> Result<(), String> {
    let count = |text: &str| match text.parse::<u64>() {
        Ok(count) if count < MAX_VALUES => Ok(count as usize),
        _ => Err("invalid repeat count".to_owned()),
    };
    if item == "_" {
        offsets.push(None);
        return Ok(());
    }
    if let Some(times) = item.strip_prefix("_x") {
        offsets.extend(std::iter::repeat_n(None, count(times)?));
        return Ok(());
    }
    let (mut offset, rest) = duration(item)?;
    if rest.is_empty() {
        offsets.push(Some(offset));
        return Ok(());
    }
    let (step, rest) = if rest.starts_with(['+', '-']) { duration(rest)? } else { (0, rest) };
    let times = rest.strip_prefix('x').ok_or("expected 'x<count>' after step duration")?;
    for _ in 0..=count(times)? {
        offsets.push(Some(offset));
        offset = offset.saturating_add(step);
    }
    Ok(())
}

/// Parses a duration with an optional sign. Returns it with the rest of the text.
fn duration(text: &str) -> Result<(i64, &str), String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
    let (_, unit) = unsigned.split_at(digits);
    let unit_end = unit.find(|c: char| !c.is_ascii_alphabetic() || c == 'x').unwrap_or(unit.len());
    let (written, rest) = unsigned.split_at(digits + unit_end);
    let millis = Duration::parse(written).map_err(|error| error.to_string())?.millis();
    Ok((if text.starts_with('-') { -millis } else { millis }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expands_offsets() {
        let (labels, offsets) =
            parse_start_times(r#"m{a="b"}@st _ -1m -30s-1mx2 5msx1 _x2"#).unwrap().unwrap();
        assert_eq!(labels.to_string(), r#"{__name__="m", a="b"}"#);
        let expected = [
            None,
            Some(-60_000),
            Some(-30_000),
            Some(-90_000),
            Some(-150_000),
            Some(5),
            Some(5),
            None,
            None,
        ];
        assert_eq!(offsets, expected);
        assert!(parse_start_times("m 1 2").is_none());
        for line in ["m@st 1", "m@st 1mx", "m@st 1m+2m", "m@st x3"] {
            assert!(parse_start_times(line).unwrap().is_err(), "{line}");
        }
    }
}
