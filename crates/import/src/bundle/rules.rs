//! Rule files from the answer of `/api/v1/rules`.
//!
//! The answer has expressions as Prometheus prints them, and the labels of a group in each of its
//! rules. Comments and groups without rules are not in it.

use go::Duration;
use serde_json::Value;
use yaml::Printer;

/// A rule file by its path on the server.
pub struct RuleFile {
    pub path: String,
    pub text: String,
}

/// Returns the rule files. `interval` is the evaluation interval of the configuration, which groups
/// have by default.
pub fn files(rules: &Value, interval: Option<Duration>) -> Vec<RuleFile> {
    let groups = rules.get("groups").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut paths: Vec<&str> = Vec::new();
    for group in groups {
        let path = text(group, "file");
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let file = |path: &str| {
        let mut printer = Printer::new();
        printer.begin_map();
        printer.key("groups");
        printer.begin_list();
        for group in groups.iter().filter(|group| text(group, "file") == path) {
            printer.item();
            print_group(&mut printer, group, interval);
        }
        printer.end();
        printer.end();
        RuleFile { path: path.to_owned(), text: printer.finish() }
    };
    paths.into_iter().map(file).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a number of seconds as a duration; None for 0.
fn duration(value: &Value, key: &str) -> Option<Duration> {
    let seconds = value.get(key)?.as_f64()?;
    let millis = (seconds * 1_000.0).round() as i64;
    (millis > 0).then_some(Duration(millis))
}

fn print_group(printer: &mut Printer, group: &Value, interval: Option<Duration>) {
    printer.begin_map();
    printer.key("name");
    printer.string(text(group, "name"));
    if let Some(own) = duration(group, "interval").filter(|own| Some(*own) != interval) {
        printer.key("interval");
        printer.string(&own.to_string());
    }
    if let Some(limit) = group.get("limit").and_then(Value::as_i64).filter(|limit| *limit > 0) {
        printer.key("limit");
        printer.raw(&limit.to_string());
    }
    printer.key("rules");
    printer.begin_list();
    for rule in group.get("rules").and_then(Value::as_array).into_iter().flatten() {
        printer.item();
        print_rule(printer, rule);
    }
    printer.end();
    printer.end();
}

fn print_rule(printer: &mut Printer, rule: &Value) {
    let alerting = text(rule, "type") == "alerting";
    printer.begin_map();
    printer.key(if alerting { "alert" } else { "record" });
    printer.string(text(rule, "name"));
    printer.key("expr");
    printer.string(text(rule, "query"));
    if alerting {
        for (key, field) in [("for", "duration"), ("keep_firing_for", "keepFiringFor")] {
            if let Some(duration) = duration(rule, field) {
                printer.key(key);
                printer.string(&duration.to_string());
            }
        }
    }
    for key in ["labels", "annotations"] {
        let map = rule.get(key).and_then(Value::as_object).filter(|map| !map.is_empty());
        let Some(map) = map else { continue };
        printer.key(key);
        printer.begin_map();
        for (name, value) in map {
            printer.key(name);
            printer.string(value.as_str().unwrap_or_default());
        }
        printer.end();
    }
    printer.end();
}
