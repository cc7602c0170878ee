//! Regexes and replacement templates against what Go answered. Skipped where the data is not there.

use std::path::PathBuf;

use playground::model::Regex;
use serde_json::Value;

fn data(name: &str) -> Option<Value> {
    let root = std::env::var_os("CONFORMANCE_DIR")
        .map_or_else(|| PathBuf::from("../shared/conformance"), PathBuf::from);
    let path = root.join("go").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("data is JSON"))
}

fn groups(regex: &Regex, text: &str) -> Option<Vec<i64>> {
    let captures = regex.captures(text)?;
    let groups = captures.iter().flat_map(|group| match group {
        Some(group) => [group.start as i64, group.end as i64],
        None => [-1, -1],
    });
    Some(groups.collect())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[test]
fn regexes_match_as_in_go() {
    let Some(data) = data("regex.json") else { return };
    let mut failures = Vec::new();
    let mut total = 0;
    for case in list(&data["cases"]) {
        total += 1;
        let source = case["regex"].as_str().unwrap();
        let before = failures.len();
        match Regex::new(source) {
            Ok(regex) => {
                if case["compiles"] != true {
                    failures.push(format!("{source}: compiles, expected {}", case["error"]));
                }
                for input in list(&data["inputs"]) {
                    let input = input.as_str().unwrap();
                    let expected: Option<Vec<i64>> = case["matches"]
                        .get(input)
                        .map(|m| list(m).filter_map(Value::as_i64).collect());
                    let found = groups(&regex, input);
                    if found != expected || regex.is_match(input) != expected.is_some() {
                        failures.push(format!("{source} on {input:?}: {found:?} not {expected:?}"));
                    }
                }
            }
            Err(error) => {
                if case["error"].as_str() != Some(&error.plain) {
                    failures.push(format!("{source}: {} not {}", error.plain, case["error"]));
                }
            }
        }
        failures.truncate(before + 1);
    }
    println!("go regex {}/{total}", total - failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn templates_expand_as_in_go() {
    let Some(data) = data("templates.json") else { return };
    let regex = Regex::new("(?P<name>a+)(b)?c(?P<a>d)?(?P<name_x>e)?").unwrap();
    let captures = regex.captures("aabc").unwrap();
    let mut failures = Vec::new();
    let mut total = 0;
    for case in list(&data["cases"]) {
        total += 1;
        let template = case["template"].as_str().unwrap();
        let mut result = String::new();
        regex.expand(template, "aabc", &captures, &mut result);
        if case["result"] != *result {
            failures.push(format!("{template}: {result:?} not {}", case["result"]));
        }
    }
    println!("go templates {}/{total}", total - failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
