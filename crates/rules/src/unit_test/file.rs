//! Decoding of unit test files. Unknown keys are errors.

use go::quote::quote;
use go::time::{Date, DateTime};
use std::collections::BTreeMap;

use super::{AlertTest, ExprTest, TestGroup, UnitTestFile};
use go::Duration;
use promql::Timestamp;
use text::Severity;
use yaml::{Node, Parsed, scalars};

type Read<T> = Result<T, String>;

/// Decodes a test file. The errors are those of promtool.
pub fn load(parsed: &Parsed) -> Result<UnitTestFile, Vec<String>> {
    let errors: Vec<String> = parsed
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| diagnostic.message.clone())
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut file = UnitTestFile {
        rule_files: Vec::new(),
        evaluation_interval: Duration::from_secs(60),
        group_eval_order: Vec::new(),
        tests: Vec::new(),
        fuzzy_compare: false,
    };
    match parsed.root() {
        Some(root) => read_file(root, &mut file).map_err(|error| vec![error])?,
        None => return Ok(file),
    }
    for (at, name) in file.group_eval_order.iter().enumerate() {
        if file.group_eval_order.iter().take(at).any(|earlier| earlier == name) {
            return Err(vec![format!("group name repeated in evaluation order: {name}")]);
        }
    }
    Ok(file)
}

fn read_file(root: &Node, file: &mut UnitTestFile) -> Read<()> {
    fields(root, "main.unitTestFile", |key, node| {
        match key {
            "rule_files" => file.rule_files = list(node, text)?,
            "evaluation_interval" => {
                // Zero means the default.
                let interval = duration(node)?;
                if interval.millis() > 0 {
                    file.evaluation_interval = interval;
                }
            }
            "group_eval_order" => file.group_eval_order = list(node, text)?,
            "tests" => file.tests = list(node, test_group)?,
            "fuzzy_compare" => {
                file.fuzzy_compare = scalars::bool(node).map_err(|e| e.to_string())?
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    for test in &mut file.tests {
        if test.interval.millis() == 0 {
            test.interval = file.evaluation_interval;
        }
    }
    Ok(())
}

fn test_group(node: &Node) -> Read<TestGroup> {
    let mut group = TestGroup {
        name: String::new(),
        interval: Duration(0),
        start: 0,
        input_series: Vec::new(),
        alert_tests: Vec::new(),
        expr_tests: Vec::new(),
        external_labels: BTreeMap::new(),
        external_url: String::new(),
    };
    fields(node, "main.testGroup", |key, node| {
        match key {
            "interval" => group.interval = duration(node)?,
            "name" => group.name = text(node)?,
            "input_series" => group.input_series = list(node, input_series)?,
            "alert_rule_test" => group.alert_tests = list(node, alert_test)?,
            "promql_expr_test" => group.expr_tests = list(node, expr_test)?,
            "external_labels" => group.external_labels = strings(node)?,
            "external_url" => group.external_url = text(node)?,
            "start_timestamp" => group.start = read_time(&text(node)?)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(group)
}

fn input_series(node: &Node) -> Read<(String, String)> {
    let (mut series, mut values) = (String::new(), String::new());
    fields(node, "main.series", |key, node| {
        match key {
            "series" => series = text(node)?,
            "values" => values = text(node)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((series, values))
}

fn alert_test(node: &Node) -> Read<AlertTest> {
    let mut test =
        AlertTest { eval_time: Duration(0), alertname: String::new(), expected: Vec::new() };
    fields(node, "main.alertTestCase", |key, node| {
        match key {
            "eval_time" => test.eval_time = duration(node)?,
            "alertname" => test.alertname = text(node)?,
            "exp_alerts" => test.expected = list(node, expected_alert)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(test)
}

fn expected_alert(node: &Node) -> Read<(BTreeMap<String, String>, BTreeMap<String, String>)> {
    let (mut labels, mut annotations) = (BTreeMap::new(), BTreeMap::new());
    fields(node, "main.alert", |key, node| {
        match key {
            "exp_labels" => labels = strings(node)?,
            "exp_annotations" => annotations = strings(node)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((labels, annotations))
}

fn expr_test(node: &Node) -> Read<ExprTest> {
    let mut test = ExprTest { expr: String::new(), eval_time: Duration(0), expected: Vec::new() };
    fields(node, "main.promqlTestCase", |key, node| {
        match key {
            "expr" => test.expr = text(node)?,
            "eval_time" => test.eval_time = duration(node)?,
            "exp_samples" => test.expected = list(node, expected_sample)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(test)
}

fn expected_sample(node: &Node) -> Read<(String, f64, String)> {
    let mut sample = (String::new(), 0.0, String::new());
    fields(node, "main.sample", |key, node| {
        match key {
            "labels" => sample.0 = text(node)?,
            "value" => sample.1 = scalars::float(node).map_err(|error| error.to_string())?,
            "histogram" => sample.2 = text(node)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(sample)
}

/// Decodes each entry of a mapping. `read` returns false for an unknown key. Null is an empty
/// mapping.
fn fields(node: &Node, go_type: &str, mut read: impl FnMut(&str, &Node) -> Read<bool>) -> Read<()> {
    if node.is_null() {
        return Ok(());
    }
    if node.as_mapping().is_none() {
        return Err(format!("cannot unmarshal into {go_type}"));
    }
    for entry in node.entries() {
        let key = scalars::string(&entry.key).map_err(|error| error.to_string())?;
        if !entry.value.is_null() || !known_null(&key) {
            let known = read(&key, &entry.value)?;
            if !known {
                return Err(format!("field {key} not found in type {go_type}"));
            }
        }
    }
    Ok(())
}

/// Returns true for lists and mappings, which may be null. Other keys decode null as the zero
/// value.
fn known_null(key: &str) -> bool {
    matches!(
        key,
        "rule_files"
            | "group_eval_order"
            | "tests"
            | "input_series"
            | "alert_rule_test"
            | "promql_expr_test"
            | "exp_alerts"
            | "exp_samples"
            | "exp_labels"
            | "exp_annotations"
            | "external_labels"
    )
}

fn list<T>(node: &Node, read: impl Fn(&Node) -> Read<T>) -> Read<Vec<T>> {
    if node.as_sequence().is_none() {
        return Err("cannot unmarshal into a list".into());
    }
    node.items().iter().map(read).collect()
}

fn text(node: &Node) -> Read<String> {
    if node.is_null() {
        return Ok(String::new());
    }
    scalars::string(node).map(|text| text.into_owned()).map_err(|error| error.to_string())
}

fn strings(node: &Node) -> Read<BTreeMap<String, String>> {
    if node.as_mapping().is_none() {
        return Err("cannot unmarshal into map[string]string".into());
    }
    node.entries().map(|entry| Ok((text(&entry.key)?, text(&entry.value)?))).collect()
}

fn duration(node: &Node) -> Read<Duration> {
    Duration::parse(&text(node)?).map_err(|error| error.to_string())
}

/// Parses a time: Unix seconds with optional fraction, or RFC 3339.
pub fn read_time(text: &str) -> Result<Timestamp, String> {
    if let Ok(seconds) = text.parse::<f64>()
        && seconds.is_finite()
    {
        return Ok((seconds * 1000.0).round() as i64);
    }
    rfc3339(text)
        .ok_or_else(|| format!("cannot parse {text} to a valid timestamp", text = quote(text)))
}

/// `2024-01-31T12:00:00.5+01:00`
fn rfc3339(text: &str) -> Option<Timestamp> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    if !separators.iter().all(|&(at, sign)| text.get(at..at + 1) == Some(sign)) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let day_exists =
        (1..=12).contains(&month) && (1..=Date::days_in_month(year, month)).contains(&day);
    if !day_exists || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            (format!("0.{}", rest.get(..digits)?).parse::<f64>().ok()?, rest.get(digits..)?)
        }
        None => (0.0, rest),
    };
    let offset_minutes = match zone {
        "Z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
            sign * (hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)
        }
    };
    let date = Date { year, month, day };
    let time = DateTime { date, hour, minute, second, nanosecond: 0 };
    let seconds = time.unix() - offset_minutes * 60;
    Some(seconds * 1000 + (fraction * 1000.0).round() as i64)
}
