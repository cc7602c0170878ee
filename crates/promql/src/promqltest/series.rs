//! `metric{labels} 1 2+3x4 _ stale {{sum:5}}`: a series with its values.

use go::quote::{quote, unquote};
use std::sync::Arc;

use super::histogram::parse_histogram;
use crate::histogram::FloatHistogram;
use crate::{Labels, METRIC_NAME};
use go::number::{parse_float, parse_int_literal, stale_nan};

/// The maximum number of values of one line.
const MAX_VALUES: usize = 2_000_000;

/// A value, or that there is none at this time.
#[derive(Clone, Debug)]
pub enum SequenceValue {
    /// No sample.
    Omitted,
    /// A float.
    Float(f64),
    /// `hint_given`: the counter reset hint was written down, so it is to be compared.
    Histogram {
        /// The histogram.
        histogram: Arc<FloatHistogram>,
        /// True if the counter reset hint is written and therefore compared.
        hint_given: bool,
    },
}

/// A series' labels and its values, one for each interval.
#[derive(Clone, Debug)]
pub struct SeriesLine {
    /// The labels.
    pub labels: Labels,
    /// The values.
    pub values: Vec<SequenceValue>,
}

/// Reads a text from left to right.
pub(super) struct Cursor<'a> {
    pub rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Skips spaces; true if there were any.
    pub fn spaces(&mut self) -> bool {
        let rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let had = rest.len() < self.rest.len();
        self.rest = rest;
        had
    }

    pub fn take_while(&mut self, holds: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !holds(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Letters, digits, underscores and the characters of `more`, no digit first; or nothing.
    pub fn identifier(&mut self, more: &[char]) -> &'a str {
        match self.peek() {
            Some(c) if c.is_ascii_digit() => "",
            _ => self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || more.contains(&c)),
        }
    }

    /// The text at the current position, for an error message.
    pub fn here(&self) -> String {
        let word: String = self.rest.chars().take_while(|c| !c.is_whitespace()).take(20).collect();
        if word.is_empty() { "end of input".into() } else { quote(&word) }
    }

    /// An unsigned number: digits, point, exponent, or `Inf` and `NaN` in any case.
    pub fn unsigned(&mut self) -> Result<f64, String> {
        let word_end =
            self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (word, behind) = self.rest.split_at(word_end);
        if word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("nan") {
            self.rest = behind;
            return parse_float(word).map_err(|error| error.to_string());
        }
        let start = self.rest;
        let digit = |c: char| c.is_ascii_digit() || c == '_';
        self.take_while(digit);
        if self.eat(".") {
            self.take_while(digit);
        }
        if let Some(exponent) = self.rest.strip_prefix(['e', 'E']) {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.starts_with(|c: char| c.is_ascii_digit()) {
                self.rest = digits;
                self.take_while(digit);
            }
        }
        let text = start.get(..start.len() - self.rest.len()).unwrap_or_default();
        if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            self.rest = start;
            return Err(format!("unexpected {}, expected a number", self.here()));
        }
        match parse_int_literal(text) {
            Some(whole) => Ok(whole as f64),
            None => parse_float(text).map_err(|error| format!("error parsing number: {error}")),
        }
    }

    /// A number with or without a sign.
    pub fn number(&mut self) -> Result<f64, String> {
        if self.eat("-") {
            return self.unsigned().map(|number| -number);
        }
        self.eat("+");
        self.unsigned()
    }

    /// Reads the repetition count of a value.
    pub fn count(&mut self) -> Result<usize, String> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        match digits.parse::<usize>() {
            Ok(count) if count < MAX_VALUES => Ok(count),
            Ok(_) => Err(format!("more than {MAX_VALUES} values")),
            Err(_) => Err(format!("unexpected {}, expected a number of repetitions", self.here())),
        }
    }
}

/// Reads a series with its values.
pub fn parse_series_line(text: &str) -> Result<SeriesLine, String> {
    locate_series_error(text).map_err(|(_, message)| message)
}

/// Reads a series with its values. The error has its offset in the trimmed text, in bytes.
pub fn locate_series_error(text: &str) -> Result<SeriesLine, (usize, String)> {
    let text = text.trim();
    let mut cursor = Cursor { rest: text };
    let labels = parse_metric(&mut cursor);
    let line = labels.and_then(|labels| {
        let values = parse_values(&mut cursor)?;
        Ok(SeriesLine { labels, values })
    });
    line.map_err(|message| (text.len().saturating_sub(cursor.rest.len()), message))
}

/// Reads the values alone, as rule tests write them.
pub fn parse_series_values(text: &str) -> Result<Vec<SequenceValue>, String> {
    let spaced = format!(" {}", text.trim());
    parse_values(&mut Cursor { rest: &spaced })
}

/// `name{label="value", "quoted name"="value"}`; name or braces may be missing.
pub(super) fn parse_metric(cursor: &mut Cursor<'_>) -> Result<Labels, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let name = cursor.identifier(&[':']);
    if !name.is_empty() {
        pairs.push((METRIC_NAME.to_owned(), name.to_owned()));
    }
    let before_brace = cursor.rest;
    cursor.spaces();
    // `{{` begins a histogram, which belongs to the values.
    if cursor.rest.starts_with("{{") || !cursor.eat("{") {
        cursor.rest = before_brace;
        if name.is_empty() {
            return Err(format!("unexpected {} in metric description", cursor.here()));
        }
        return Ok(Labels::from_pairs(pairs));
    }
    loop {
        cursor.spaces();
        if cursor.eat("}") {
            return Ok(Labels::from_pairs(pairs));
        }
        let label = if cursor.rest.starts_with(['"', '\'', '`']) {
            string(cursor)?
        } else {
            cursor.identifier(&[]).to_owned()
        };
        if label.is_empty() {
            return Err(format!(
                "unexpected {} in label set, expected identifier or \"}}\"",
                cursor.here()
            ));
        }
        cursor.spaces();
        if cursor.eat("=") {
            cursor.spaces();
            pairs.push((label, string(cursor)?));
        } else {
            pairs.push((METRIC_NAME.to_owned(), label));
        }
        cursor.spaces();
        if !cursor.eat(",") && !cursor.rest.starts_with('}') {
            return Err(format!(
                "unexpected {} in label set, expected \",\" or \"}}\"",
                cursor.here()
            ));
        }
    }
}

/// A string in double, single or back quotes.
fn string(cursor: &mut Cursor<'_>) -> Result<String, String> {
    let unexpected = |cursor: &Cursor<'_>| format!("unexpected {}, expected string", cursor.here());
    let Some(quote) = cursor.peek().filter(|c| matches!(c, '"' | '\'' | '`')) else {
        return Err(unexpected(cursor));
    };
    let body = cursor.rest.get(1..).unwrap_or_default();
    let mut escaped = false;
    let end = body.find(|c| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped && quote != '`';
        ends
    });
    let Some(end) = end else { return Err("unterminated quoted string".into()) };
    let literal = cursor.rest.get(..end + 2).unwrap_or_default();
    cursor.rest = body.get(end + 1..).unwrap_or_default();
    unquote(literal).ok_or_else(|| format!("invalid string {literal}"))
}

fn parse_values(cursor: &mut Cursor<'_>) -> Result<Vec<SequenceValue>, String> {
    let mut values = Vec::new();
    loop {
        let spaced = cursor.spaces();
        if cursor.rest.is_empty() {
            return Ok(values);
        }
        if !spaced {
            return Err(format!("unexpected {} in series values", cursor.here()));
        }
        parse_item(cursor, &mut values)?;
        if values.len() > MAX_VALUES {
            return Err(format!("more than {MAX_VALUES} values"));
        }
    }
}

fn parse_item(cursor: &mut Cursor<'_>, values: &mut Vec<SequenceValue>) -> Result<(), String> {
    if cursor.eat("_") {
        let count = if cursor.eat("x") { cursor.count()? } else { 1 };
        values.extend(std::iter::repeat_n(SequenceValue::Omitted, count));
        return Ok(());
    }
    if cursor.rest.starts_with("{{") {
        return parse_histogram_item(cursor, values);
    }
    let word = cursor.rest.split([' ', '\t']).next().unwrap_or_default();
    if word == "stale" {
        cursor.eat("stale");
        values.push(SequenceValue::Float(stale_nan()));
        return Ok(());
    }
    if word.starts_with(|c: char| c.is_ascii_alphabetic())
        && !word
            .get(..3)
            .is_some_and(|s| s.eq_ignore_ascii_case("inf") || s.eq_ignore_ascii_case("nan"))
    {
        return Err(format!(
            "unexpected {word} in series values, expected number or \"stale\"",
            word = quote(word)
        ));
    }
    let mut value = cursor.number()?;
    let step = match cursor.peek() {
        Some('+' | '-') => Some(cursor.number()?),
        _ => None,
    };
    if !cursor.eat("x") {
        if step.is_some() {
            return Err(format!("unexpected {} in series values, expected \"x\"", cursor.here()));
        }
        values.push(SequenceValue::Float(value));
        return Ok(());
    }
    // The first value is not among those counted.
    for _ in 0..=cursor.count()? {
        values.push(SequenceValue::Float(value));
        if let Some(step) = step {
            value += step;
        }
    }
    Ok(())
}

fn parse_histogram_item(
    cursor: &mut Cursor<'_>,
    values: &mut Vec<SequenceValue>,
) -> Result<(), String> {
    let (base, hint_given) = parse_histogram(cursor)?;
    let mut push = |histogram: &FloatHistogram, hint_given: bool| {
        values
            .push(SequenceValue::Histogram { histogram: Arc::new(histogram.clone()), hint_given });
    };
    let sign = cursor.peek().filter(|c| matches!(c, '+' | '-'));
    let Some(sign) = sign else {
        let count = if cursor.eat("x") { cursor.count()? } else { 0 };
        (0..=count).for_each(|_| push(&base, hint_given));
        return Ok(());
    };
    cursor.rest = cursor.rest.get(1..).unwrap_or_default();
    let (step, hint_given) = parse_histogram(cursor)?;
    if !cursor.eat("x") {
        return Err(format!("unexpected {} in series values, expected \"x\"", cursor.here()));
    }
    let count = cursor.count()?;
    let mut current = base;
    push(&current, hint_given);
    for _ in 0..count {
        if current.schema > step.schema {
            return Err(format!(
                "error combining histograms: cannot merge from schema {} to {}",
                step.schema, current.schema
            ));
        }
        let combined = if sign == '+' { current.add(&step) } else { current.sub(&step) };
        combined.map_err(|error| error.to_string())?;
        push(&current, hint_given);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use go::number::{format_float, is_stale_nan};

    fn shown(values: &[SequenceValue]) -> String {
        let texts: Vec<String> = values
            .iter()
            .map(|value| match value {
                SequenceValue::Omitted => "_".to_owned(),
                SequenceValue::Float(value) if is_stale_nan(*value) => "stale".to_owned(),
                SequenceValue::Float(value) => format_float(*value),
                SequenceValue::Histogram { histogram, .. } => histogram.test_expression(),
            })
            .collect();
        texts.join(" ")
    }

    #[test]
    fn expands_values() {
        for (text, expected) in [
            ("1 2.5 -3", "1 2.5 -3"),
            ("1x2", "1 1 1"),
            ("0+10x3", "0 10 20 30"),
            ("1-0.5x2 +Inf NaN", "1 0.5 0 +Inf NaN"),
            ("_ _x2 stale", "_ _ _ stale"),
            ("-1e3-1x1", "-1000 -1001"),
            ("0+0x1", "0 0"),
            ("", ""),
            ("{{sum:5}}x1", "{{sum:5}} {{sum:5}}"),
            (
                "{{count:1 buckets:[1]}}+{{count:2 buckets:[2]}}x2",
                "{{count:1 buckets:[1]}} {{count:3 buckets:[3]}} {{count:5 buckets:[5]}}",
            ),
        ] {
            assert_eq!(shown(&parse_series_values(text).unwrap()), expected, "{text}");
        }
        for text in
            ["abc", "1+2", "1x", "1 2y", "1.2.3", "_y", "{{sum:}}", "1x9999999999", "1,2", "{{"]
        {
            assert!(parse_series_values(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_metrics() {
        for (text, labels) in [
            ("m 1", r#"{__name__="m"}"#),
            ("{} 1", "{}"),
            (r#"m{a="x\"y", b='z'} 1"#, r#"{__name__="m", a="x\"y", b="z"}"#),
            (r#"{"m.n", "a b"="c",} 1"#, r#"{__name__="m.n", "a b"="c"}"#),
            ("m {{}}", r#"{__name__="m"}"#),
            (r#"m{a="\u00e9\x41"} 1"#, r#"{__name__="m", a="éA"}"#),
        ] {
            let line = parse_series_line(text).unwrap();
            assert_eq!(line.labels.to_string(), labels, "{text}");
            assert_eq!(line.values.len(), 1, "{text}");
        }
        for text in
            ["", "m{a=1} 1", "m{a=\"b} 1", "m{a=\"b\"", "{=\"b\"} 1", "m{a} 1 }", "1m 1", "é 1"]
        {
            assert!(parse_series_line(text).is_err(), "{text}");
        }
    }
}
