//! `{{schema:1 sum:5 buckets:[1 2]}}`: a histogram in the notation of tests.

use go::quote::quote;
use std::sync::Arc;

use super::series::Cursor;
use crate::histogram::{Buckets, CounterResetHint, FloatHistogram};

/// Reads a histogram, and whether its counter reset hint was written down.
pub(super) fn parse_histogram(cursor: &mut Cursor<'_>) -> Result<(FloatHistogram, bool), String> {
    let mut histogram = FloatHistogram::default();
    let (mut offset, mut n_offset) = (0, 0);
    let (mut buckets, mut n_buckets) = (Vec::new(), Vec::new());
    let mut hint_given = false;
    if !cursor.eat("{{") {
        return Err(format!("unexpected {}, expected a histogram", cursor.here()));
    }
    let mut spaced = true;
    cursor.spaces();
    while !cursor.eat("}}") {
        let key = cursor.take_while(|c| c.is_ascii_alphabetic() || c == '_').to_lowercase();
        if !spaced || key.is_empty() || !cursor.eat(":") {
            return Err(format!(
                "unexpected {} in histogram description, expected histogram description key, e.g. buckets:[5 10 7]",
                cursor.here()
            ));
        }
        match &*key {
            "schema" => histogram.schema = integer(cursor)?,
            "sum" => histogram.sum = signed(cursor)?,
            "count" => histogram.count = signed(cursor)?,
            "z_bucket" => histogram.zero_count = signed(cursor)?,
            "z_bucket_w" => histogram.zero_threshold = cursor.unsigned()?,
            "custom_values" => histogram.custom_values = Some(Arc::from(list(cursor)?)),
            "buckets" => buckets = list(cursor)?,
            "offset" => offset = integer(cursor)?,
            "n_buckets" => n_buckets = list(cursor)?,
            "n_offset" => n_offset = integer(cursor)?,
            "counter_reset_hint" => {
                histogram.counter_reset_hint = hint(cursor)?;
                hint_given = true;
            }
            _ => return Err(format!("bad histogram descriptor found: {key}", key = quote(&key))),
        }
        spaced = cursor.spaces();
    }
    histogram.positive = Buckets::single_span(offset, buckets);
    histogram.negative = Buckets::single_span(n_offset, n_buckets);
    Ok((histogram, hint_given))
}

/// A number that may be negative; a plus is none of this notation.
fn signed(cursor: &mut Cursor<'_>) -> Result<f64, String> {
    match cursor.eat("-") {
        true => cursor.unsigned().map(|number| -number),
        false => cursor.unsigned(),
    }
}

fn integer(cursor: &mut Cursor<'_>) -> Result<i32, String> {
    let negative = cursor.eat("-");
    let digits = cursor.take_while(|c| c.is_ascii_digit());
    let magnitude: i64 = digits
        .parse()
        .map_err(|_| format!("unexpected {}, expected a whole number", cursor.here()))?;
    i32::try_from(if negative { -magnitude } else { magnitude })
        .map_err(|_| format!("number {magnitude} out of range"))
}

fn list(cursor: &mut Cursor<'_>) -> Result<Vec<f64>, String> {
    let mut numbers = Vec::new();
    if !cursor.eat("[") {
        return Err(format!(
            "unexpected {} in histogram description, expected \"[\"",
            cursor.here()
        ));
    }
    loop {
        numbers.push(signed(cursor)?);
        let spaced = cursor.spaces();
        if cursor.eat("]") {
            return Ok(numbers);
        }
        if !spaced {
            return Err(format!("unexpected {} in histogram description", cursor.here()));
        }
    }
}

fn hint(cursor: &mut Cursor<'_>) -> Result<CounterResetHint, String> {
    match &*cursor.take_while(|c| c.is_ascii_alphabetic() || c == '_').to_lowercase() {
        "unknown" => Ok(CounterResetHint::Unknown),
        "reset" => Ok(CounterResetHint::Reset),
        "not_reset" => Ok(CounterResetHint::NotReset),
        "gauge" => Ok(CounterResetHint::Gauge),
        other => Err(format!(
            "error parsing counter_reset_hint: unknown value {other}",
            other = quote(other)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_printed() {
        for text in [
            "{{}}",
            "{{schema:-3 count:5 sum:-2.5 z_bucket:2 z_bucket_w:0.01 counter_reset_hint:gauge offset:-3 buckets:[1 2.5] n_offset:4 n_buckets:[1]}}",
            "{{schema:-53 count:5 sum:2 custom_values:[-1 0.5 1e+06] buckets:[1 0 4]}}",
            "{{count:NaN sum:NaN}}",
        ] {
            let (histogram, hint_given) = parse_histogram(&mut Cursor { rest: text }).unwrap();
            assert_eq!(histogram.test_expression(), text);
            assert_eq!(hint_given, text.contains("hint"));
        }
        let (read, _) =
            parse_histogram(&mut Cursor { rest: "{{SUM:-5 Buckets:[1 -2 ]}}" }).unwrap();
        assert_eq!(read.test_expression(), "{{sum:-5 buckets:[1 -2]}}");
        for text in [
            "{{sum:5",
            "{{sum 5}}",
            "{{foo:5}}",
            "{{buckets:[1 x]}}",
            "{{sum:5count:6}}",
            "{{counter_reset_hint:x}}",
            "{{schema:1.5}}",
            "{{buckets:[]}}",
            "{{buckets:[ 1]}}",
            "{{sum:+5}}",
        ] {
            assert!(parse_histogram(&mut Cursor { rest: text }).is_err(), "{text}");
        }
    }
}
