//! `NAME.om` with `NAME.jsonl`: queries over series in OpenMetrics text, with the answers that
//! Prometheus's engine gave.

use std::collections::BTreeMap;
use std::path::Path;

use go::Duration;
use go::number::parse_float;
use promql::engine::{Engine, EngineOptions, QueryResult, QueryTime, Value as Answer};
use promql::storage::{Sample, Storage};
use promql::syntax::ParserOptions;
use promql::{Labels, SampleValue, Timestamp};
use serde_json::Value;
use simulation::exposition::{Format, parse as parse_exposition};

use conformance::{Tally, files, read};

pub fn run(folder: &Path, tally: &mut Tally) {
    for path in files(folder, &[".jsonl"]) {
        let storage = load(&read(&path.with_extension("om")));
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for line in read(&path).lines().filter(|line| !line.trim().is_empty()) {
            let case: Value = serde_json::from_str(line).unwrap_or_default();
            let title = format!("{name} {} {}", case["id"], case["query"]);
            tally.case(&title, || run_case(&case, storage.as_ref().map_err(Clone::clone)?));
        }
    }
}

fn load(text: &str) -> Result<Storage, String> {
    let exposition = parse_exposition(text, Format::OpenMetrics);
    if let Some(error) = &exposition.error {
        return Err(format!("line {}: {error}", error.line));
    }
    let mut storage = Storage::unbounded();
    let mut series: BTreeMap<&Labels, Vec<(Timestamp, f64)>> = BTreeMap::new();
    for sample in exposition.samples() {
        let time = sample.timestamp.ok_or("a sample without a timestamp")?;
        series.entry(&sample.labels).or_default().push((time, sample.value));
    }
    for (labels, samples) in series {
        for (time, value) in samples {
            let sample = Sample::float(time, value);
            storage.append(labels, sample).map_err(|error| format!("{labels}: {error}"))?;
        }
    }
    Ok(storage)
}

/// Seconds as the API writes them, as a number or a text.
fn millis(value: &Value) -> Timestamp {
    let seconds = value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default();
    (seconds * 1000.0).round() as Timestamp
}

fn run_case(case: &Value, storage: &Storage) -> Result<(), String> {
    let query = case["query"].as_str().unwrap_or_default();
    let time = match case["type"].as_str() {
        Some("range") => QueryTime::Range {
            start: millis(&case["start"]),
            end: millis(&case["end"]),
            step: Duration(millis(&case["step"])),
        },
        _ => QueryTime::Instant(millis(&case["time"])),
    };
    let result = Engine::new(EngineOptions::default())
        .answer(storage, query, &ParserOptions::default(), time, None, None)
        .map(|answered| answered.result);
    match (result, case.get("expected_error")) {
        (Err(error), Some(expected)) => {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let got = (error.kind.name().to_owned(), pair_sorted(&error.message));
            let wanted = (text(&expected["errorType"]), pair_sorted(&text(&expected["error"])));
            if got == wanted { Ok(()) } else { Err(format!("expected {wanted:?}, got {got:?}")) }
        }
        (Err(error), None) => Err(format!("error: {error}")),
        (Ok(_), Some(expected)) => Err(format!("expected {expected}, got an answer")),
        (Ok(result), None) => compare(case, query, &result),
    }
}

/// The two series of "found duplicate series" in the order of their texts. The release sorts them
/// (promql/engine.go, and a script of its suite demands it), what answered these queries did not.
fn pair_sorted(message: &str) -> String {
    let Some((head, rest)) = message.split_once(": [") else { return message.to_owned() };
    let Some((pair, tail)) = rest.split_once("];") else { return message.to_owned() };
    let Some((first, second)) = pair.split_once("}, {") else { return message.to_owned() };
    let (first, second) = (format!("{first}}}"), format!("{{{second}"));
    let (first, second) = if first > second { (second, first) } else { (first, second) };
    format!("{head}: [{first}, {second}];{tail}")
}

fn compare(case: &Value, query: &str, result: &QueryResult) -> Result<(), String> {
    annotations(case, query, result)?;
    let expected = &case["expected"];
    let (kind, rows) = rows(&result.value);
    if expected["resultType"] != kind {
        return Err(format!("expected {}, got {kind}", expected["resultType"]));
    }
    let wanted = &expected["result"];
    if matches!(kind, "scalar" | "string") {
        return same_point(wanted, &rows.first().cloned().unwrap_or_default().1);
    }
    let mut wanted: Vec<(String, Value)> = wanted
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| {
            let labels = row["metric"].as_object().into_iter().flatten();
            let labels = labels.map(|(name, value)| (&**name, value.as_str().unwrap_or_default()));
            let points = if kind == "vector" {
                vec![row["value"].clone()]
            } else {
                row["values"].as_array().cloned().unwrap_or_default()
            };
            (Labels::from_pairs(labels).to_string(), Value::Array(points))
        })
        .collect();
    let mut rows = rows;
    if case["ordered"] != true {
        wanted.sort_by(|a, b| a.0.cmp(&b.0));
        rows.sort_by(|a, b| a.0.cmp(&b.0));
    }
    let names = |rows: Vec<&String>| rows.into_iter().cloned().collect::<Vec<_>>().join(" ");
    let (have, want) = (
        names(rows.iter().map(|row| &row.0).collect()),
        names(wanted.iter().map(|row| &row.0).collect()),
    );
    if have != want {
        return Err(format!("expected {want}, got {have}"));
    }
    for ((labels, got), (_, want)) in rows.iter().zip(&wanted) {
        let (got, want) = (
            got.as_array().cloned().unwrap_or_default(),
            want.as_array().cloned().unwrap_or_default(),
        );
        if got.len() != want.len() {
            return Err(format!("{labels}: expected {} points, got {}", want.len(), got.len()));
        }
        for (got, want) in got.iter().zip(&want) {
            same_point(want, got).map_err(|why| format!("{labels}: {why}"))?;
        }
    }
    Ok(())
}

/// The answers name no position after the text.
fn annotations(case: &Value, query: &str, result: &QueryResult) -> Result<(), String> {
    let without_position = |text: String| match text.rsplit_once(" (") {
        Some((text, position)) if position.ends_with(')') => text.to_owned(),
        _ => text,
    };
    let annotations = &result.annotations;
    let mut got: Vec<String> = annotations
        .warnings(query)
        .into_iter()
        .chain(annotations.infos(query))
        .map(without_position)
        .collect();
    let texts = case["annotations"].as_array().into_iter().flatten();
    let mut want: Vec<String> = texts
        .filter_map(|text| text.as_str())
        .map(|text| without_position(text.to_owned()))
        .collect();
    got.sort();
    want.sort();
    if got == want { Ok(()) } else { Err(format!("expected annotations {want:?}, got {got:?}")) }
}

fn point(time: Timestamp, value: f64) -> Value {
    let text = go::number::format_float(value);
    serde_json::json!([time as f64 / 1000.0, text])
}

/// The result type, and label sets with their points as the API writes them.
fn rows(value: &Answer) -> (&'static str, Vec<(String, Value)>) {
    let kind = value.value_type().name();
    let rows = match value {
        Answer::Scalar { time, value } => vec![(String::new(), point(*time, *value))],
        Answer::String { time, value } => {
            vec![(String::new(), serde_json::json!([*time as f64 / 1000.0, &**value]))]
        }
        Answer::Vector(samples) => samples
            .iter()
            .map(|sample| {
                let value = match &sample.value {
                    SampleValue::Float(value) => point(sample.time, *value),
                    SampleValue::Histogram(histogram) => Value::from(histogram.to_string()),
                };
                (sample.labels.to_string(), Value::Array(vec![value]))
            })
            .collect(),
        Answer::Matrix(series) => series
            .iter()
            .map(|series| {
                let points = series.floats.iter().map(|&(time, value)| point(time, value));
                (series.labels.to_string(), Value::Array(points.collect()))
            })
            .collect(),
    };
    (kind, rows)
}

fn same_point(want: &Value, got: &Value) -> Result<(), String> {
    let different = || Err(format!("expected {want}, got {got}"));
    if millis(&want[0]) != millis(&got[0]) {
        return different();
    }
    if want[1] == got[1] {
        return Ok(());
    }
    let number = |value: &Value| value[1].as_str().and_then(|text| parse_float(text).ok());
    match (number(want), number(got)) {
        (Some(a), Some(b)) if (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) => Ok(()),
        _ => different(),
    }
}
