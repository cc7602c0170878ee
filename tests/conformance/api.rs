//! Requests to a server's HTTP API, with the answers of a real one.

use std::path::Path;

use conformance::{Tally, file_name, folders, json, list};
use serde_json::Value;
use server::{Request, respond};

use crate::api_system::System;

pub fn run(folder: &Path, tally: &mut Tally) {
    for folder in folders(folder) {
        let name = file_name(&folder);
        let system = System::load(&folder);
        let requests = json(&folder.join("requests.json"));
        for (number, request) in list(&requests).iter().enumerate() {
            tally.case(&format!("{name}-{number}"), || {
                check(request, system.as_ref().map_err(Clone::clone)?)
            });
        }
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn check(case: &Value, system: &System) -> Result<(), String> {
    let mut request = Request {
        method: text(case, "method").to_owned(),
        target: text(case, "path").to_owned(),
        ..Request::default()
    };
    if let Some(form) = case["form"].as_str() {
        request = Request { method: request.method, ..Request::form(request.target, form) };
    }
    for (name, value) in case["request_headers"].as_object().into_iter().flatten() {
        request.headers.retain(|(one, _)| !one.eq_ignore_ascii_case(name));
        request.headers.push((name.clone(), value.as_str().unwrap_or_default().to_owned()));
    }
    let response = respond(&request, &system.state());
    let what = format!("{} {}", request.method, request.target);
    let wrong = |why: String| Err(format!("{what}: {why}"));
    if case["status"] != response.status {
        return wrong(format!("status {}, expected {}", response.status, case["status"]));
    }
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        let got = response.header(name);
        if got != value.as_str() {
            return wrong(format!("header {name}: {got:?}, expected {value}"));
        }
    }
    match case.get("json") {
        Some(expected) => {
            let got: Value = serde_json::from_str(&response.body)
                .map_err(|error| format!("{what}: {error} in {}", response.body))?;
            let (mut got, mut expected) = (got, expected.clone());
            sort(&mut got, &request.target);
            sort(&mut expected, &request.target);
            same(&got, &expected, "").or_else(wrong)
        }
        None => {
            let expected = text(case, "body");
            // The data keep only the first lines of long texts.
            let cut = response.body.len() > expected.len()
                && ["/metrics", "openapi"].iter().any(|part| request.target.contains(part));
            match cut && !expected.is_empty() && response.body.starts_with(expected) {
                true => Ok(()),
                false if response.body == expected => Ok(()),
                false => wrong(format!("body {:?}, expected {expected:?}", response.body)),
            }
        }
    }
}

/// Sorts what stands in the order of a Go map.
fn sort(value: &mut Value, target: &str) {
    let ordered = ["sort", "topk", "bottomk", "limit"].iter().any(|word| target.contains(word));
    let data = &mut value["data"];
    let sort_list = |list: &mut Value| {
        if let Value::Array(items) = list {
            items.sort_by_key(ToString::to_string);
        }
    };
    if target.starts_with("/api/v1/query?") && !ordered {
        sort_list(&mut data["result"]);
    }
    for key in ["activeTargets", "droppedTargets", "alerts", "activeAlertmanagers"] {
        if data.is_object() && data.get(key).is_some() {
            sort_list(&mut data[key]);
        }
    }
    if target.starts_with("/api/v1/targets/metadata") || target.starts_with("/api/v1/series") {
        sort_list(data);
    }
    if target.starts_with("/api/v1/metadata")
        && let Value::Object(families) = data
    {
        families.iter_mut().for_each(|(_, list)| sort_list(list));
    }
    if target.starts_with("/api/v1/rules") {
        for group in data["groups"].as_array_mut().into_iter().flatten() {
            for rule in group["rules"].as_array_mut().into_iter().flatten() {
                if rule.get("alerts").is_some() {
                    sort_list(&mut rule["alerts"]);
                }
            }
        }
    }
}

/// Compares; placeholders stand for whatever differs from run to run.
fn same(got: &Value, expected: &Value, path: &str) -> Result<(), String> {
    let differs = || Err(format!("{path}: {got}, expected {expected}"));
    if let Some(text) = expected.as_str() {
        if text.starts_with('<') && text.ends_with('>') && text != "<secret>" {
            return Ok(());
        }
        return match got.as_str() {
            Some(got) if got == text || same_number(got, text) || same_message(got, text) => Ok(()),
            _ => differs(),
        };
    }
    match (got, expected) {
        (Value::Object(a), Value::Object(b)) => {
            if a.len() != b.len() || a.keys().any(|key| !b.contains_key(key)) {
                return differs();
            }
            a.iter().try_for_each(|(key, value)| same(value, &b[key], &format!("{path}.{key}")))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.try_for_each(|(at, (a, b))| same(a, b, &format!("{path}[{at}]")))
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => Ok(()),
        (a, b) if a == b => Ok(()),
        _ => differs(),
    }
}

fn same_number(got: &str, expected: &str) -> bool {
    match (got.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        _ => false,
    }
}

/// The two series of "found duplicate series" stand in no order where several scrapes made them.
fn same_message(got: &str, expected: &str) -> bool {
    let halves = |text: &str| {
        let (head, rest) = text.split_once(": [")?;
        let (pair, tail) = rest.split_once("];")?;
        let (first, second) = pair.split_once("}, {")?;
        let mut pair = [format!("{first}}}"), format!("{{{second}")];
        pair.sort();
        Some((head.to_owned(), pair, tail.to_owned()))
    };
    got.starts_with("found duplicate series")
        && expected.contains("[{}, ")
        && halves(got).is_some_and(|halves_got| Some(halves_got) == halves(expected))
}
