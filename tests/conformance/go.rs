//! Scalars, regular expressions and replacement templates as Go evaluates them.

use std::path::Path;

use go::Regex;
use text::FileId;
use yaml::scalars::{self, GoError, Value};
use yaml::{self, Node};

use conformance::{Tally, json, list};

/// Runs all files of the folder.
pub fn run(folder: &Path, tally: &mut Tally) {
    yaml_scalars(folder, tally);
    regex(folder, tally);
    templates(folder, tally);
}

/// `yaml_scalars.json`: each text untyped and into four types.
fn yaml_scalars(folder: &Path, tally: &mut Tally) {
    let data = json(&folder.join("yaml_scalars.json"));
    for case in list(&data["cases"]) {
        let text = case["yaml"].as_str().unwrap_or_default();
        tally.case(text, || {
            let parsed = yaml::parse(FileId(0), &format!("a: {text}\n"));
            let node = parsed.root().and_then(|root| root.get("a")).ok_or("is no value")?;
            let mut wrong = Vec::new();
            let mut check = |key: &str, found: String| {
                let expected = case[key].as_str().unwrap_or_default();
                if !same(&found, expected) {
                    wrong.push(format!("{key} {found}, expected {expected}"));
                }
            };
            check("untyped", untyped(node));
            check("string", written(scalars::string(node).map(|text| go_quoted(&text))));
            check("bool", written(scalars::bool(node)));
            check("int", written(scalars::int(node, 64, "int")));
            check("float64", written(scalars::float(node).map(go_float)));
            if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
        });
    }
}

fn written<T: ToString>(value: Result<T, GoError>) -> String {
    value.map_or_else(|_| "ERR".to_owned(), |value| value.to_string())
}

fn untyped(node: &Node) -> String {
    let Some(Ok(value)) = scalars::resolve(node) else { return "ERR".to_owned() };
    let shown = match &value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => value.to_string(),
        Value::Float(value) => go_float(*value),
        Value::Text(text) => text.to_string(),
        Value::Timestamp(text) => (*text).to_owned(),
    };
    format!("{} {shown}", value.go_type())
}

fn go_float(value: f64) -> String {
    match value {
        _ if value.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        _ => value.to_string(),
    }
}

fn go_quoted(text: &str) -> String {
    format!("{text:?}")
}

/// Equal, or the same number in two notations after the same type.
fn same(found: &str, expected: &str) -> bool {
    let number = |text: &str| {
        let text = text.strip_prefix("float64 ").unwrap_or(text);
        text.parse::<f64>().ok()
    };
    let typed = |text: &str| text.starts_with("float64 ");
    found == expected
        || typed(found) == typed(expected)
            && number(found).is_some_and(|found| number(expected) == Some(found))
}

/// `regex.json`: which regexes compile, and the groups of each input that matches.
fn regex(folder: &Path, tally: &mut Tally) {
    let data = json(&folder.join("regex.json"));
    for case in list(&data["cases"]) {
        let source = case["regex"].as_str().unwrap_or_default();
        tally.case(source, || {
            let compiles = case["compiles"].as_bool().unwrap_or_default();
            let regex = match Regex::new(source) {
                Ok(regex) if compiles => regex,
                Err(error) if !compiles => {
                    let expected = case["error"].as_str().unwrap_or_default();
                    return if error.plain == expected { Ok(()) } else { Err(error.plain) };
                }
                Ok(_) => return Err("compiles".to_owned()),
                Err(error) => return Err(format!("does not compile: {error:?}")),
            };
            for input in list(&data["inputs"]).iter().filter_map(|input| input.as_str()) {
                let expected: Option<Vec<i64>> = case["matches"].get(input).map(|groups| {
                    list(groups).iter().filter_map(serde_json::Value::as_i64).collect()
                });
                let found: Option<Vec<i64>> = regex.captures(input).map(|captures| {
                    let ends = |group: Option<std::ops::Range<usize>>| match group {
                        Some(group) => [group.start as i64, group.end as i64],
                        None => [-1, -1],
                    };
                    captures.iter().flat_map(ends).collect()
                });
                if found != expected {
                    return Err(format!("on {input:?} gives {found:?}, expected {expected:?}"));
                }
            }
            Ok(())
        });
    }
}

/// `templates.json`: replacements after one match, which its note names.
fn templates(folder: &Path, tally: &mut Tally) {
    let data = json(&folder.join("templates.json"));
    let note = data["note"].as_str().unwrap_or_default();
    let source = note.split("^(?s:").nth(1).and_then(|rest| rest.split(")$").next());
    let input = note.split("matched '").nth(1).and_then(|rest| rest.split('\'').next());
    for case in list(&data["cases"]) {
        let template = case["template"].as_str().unwrap_or_default();
        tally.case(template, || {
            let (source, input) = source.zip(input).ok_or("the note names no match")?;
            let regex = Regex::new(source).map_err(|error| format!("{error:?}"))?;
            let captures = regex.captures(input).ok_or("no match")?;
            let mut found = String::new();
            regex.expand(template, input, &captures, &mut found);
            let expected = case["result"].as_str().unwrap_or_default();
            if found == expected {
                Ok(())
            } else {
                Err(format!("{found:?}, expected {expected:?}"))
            }
        });
    }
}
