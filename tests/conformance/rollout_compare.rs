//! Compares sequences of states, extremes, events and commands with the recordings.

use conformance::list;
use serde_json::Value;

/// A state and the second at which it began.
pub type Seen = (f64, Value);

/// Checks that the recorded states appear in their order and at their times.
pub fn sequence(expected: &[Value], seen: &[Seen]) -> Result<(), String> {
    let mut from = 0;
    for (number, state) in expected.iter().enumerate() {
        let (low, high) = times(state);
        let same: Vec<usize> =
            (from..seen.len()).filter(|at| is_state(state, &seen[*at].1)).collect();
        let fits = |at: &&usize| number == 0 || (low..=high).contains(&seen[**at].0);
        match same.iter().find(fits) {
            Some(at) => from = at + 1,
            None => return Err(missing(number, state, (low, high), &same, from, seen)),
        }
    }
    Ok(())
}

fn missing(
    number: usize,
    state: &Value,
    (low, high): (f64, f64),
    same: &[usize],
    from: usize,
    seen: &[Seen],
) -> String {
    let when: Vec<String> = same.iter().map(|at| format!("{:.1}", seen[*at].0)).collect();
    if !when.is_empty() {
        return format!("state {number} begins at {}, not in {low:.1}..{high:.1}", when.join(", "));
    }
    let near = (from..seen.len()).min_by_key(|at| {
        let differences = difference("", state, &seen[*at].1).len();
        (differences, ((seen[*at].0 - low.max(0.0)).abs() * 10.0) as i64)
    });
    let near = near.map(|at| {
        let differences = difference("", state, &seen[at].1).join("; ");
        format!("nearest at {:.1}: {differences}", seen[at].0)
    });
    format!("state {number} ({low:.1}..{high:.1}) is missing; {}", near.unwrap_or_default())
}

/// The seconds between which a state begins.
fn times(state: &Value) -> (f64, f64) {
    let t = state["t"].as_f64().unwrap_or_default();
    let tolerance = if t > 10.0 { 3.0 } else { 2.0 };
    let range = |at: usize| state["range"][at].as_f64().unwrap_or(t);
    (range(0) - tolerance, range(1) + tolerance)
}

fn is_state(expected: &Value, seen: &Value) -> bool {
    difference("", expected, seen).is_empty()
}

/// What differs, as lines `path: expected, not seen`.
fn difference(path: &str, expected: &Value, seen: &Value) -> Vec<String> {
    match (expected, seen) {
        (Value::Object(left), Value::Object(right)) => {
            // A condition without a reason stands for two that follow each other quickly.
            if path.ends_with("Progressing") && !left.contains_key("reason") {
                let reason = right.get("reason").and_then(Value::as_str);
                return match reason {
                    Some("NewReplicaSetCreated" | "ReplicaSetUpdated") => Vec::new(),
                    other => vec![format!("{path}: no reason, not {other:?}")],
                };
            }
            let top = path.is_empty();
            let keys = left.keys().chain(right.keys().filter(|key| !left.contains_key(*key)));
            let keys = keys.filter(|key| !top || !matches!(key.as_str(), "t" | "range"));
            keys.flat_map(|key| {
                let absent = &Value::Null;
                let (left, right) =
                    (left.get(key).unwrap_or(absent), right.get(key).unwrap_or(absent));
                // The Service of a case may be missing.
                if top && key == "endpointsReady" && left.is_null() {
                    return Vec::new();
                }
                difference(&format!("{path}/{key}"), left, right)
            })
            .collect()
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .flat_map(|(number, (left, right))| {
                difference(&format!("{path}/{number}"), left, right)
            })
            .collect(),
        (left, right) if left == right => Vec::new(),
        (left, right) => vec![format!("{path}: {left}, not {right}")],
    }
}

/// An event: type, reason, message, count.
pub type Event = (String, String, String, i64);

/// The smallest and the largest count of a recorded event.
fn counts(event: &Value) -> (i64, i64) {
    let count = &event["count"];
    let bound = |at: usize| count[at].as_i64().or(count.as_i64()).unwrap_or(1);
    (bound(0), bound(1))
}

/// Checks the events of one object.
pub fn events(object: &str, expected: &Value, seen: &[Event]) -> Result<(), String> {
    let text = |event: &Value, key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let mut wanted: Vec<Event> = list(&expected["events"])
        .iter()
        .map(|event| {
            let (low, high) = counts(event);
            let (ty, reason) = (text(event, "type"), text(event, "reason"));
            let message = text(event, "message");
            // Where the runs differ, a count between theirs is right.
            let same = seen.iter().find(|one| one.1 == reason && one.2 == message);
            let count = same.map_or(low, |one| one.3.clamp(low, high));
            (ty, reason, message, count)
        })
        .collect();
    let ignored: Vec<String> = list(&expected["eventsNotInEveryRun"])
        .iter()
        .map(|event| match event {
            Value::String(message) => message.clone(),
            event => text(event, "message"),
        })
        .collect();
    let mut seen: Vec<Event> =
        seen.iter().filter(|event| !ignored.contains(&event.2)).cloned().collect();
    if expected["orderIsStable"] == Value::Bool(false) {
        wanted.sort();
        seen.sort();
    }
    if wanted == seen {
        return Ok(());
    }
    let shown = |events: &[Event]| {
        let lines = events.iter().map(|event| format!("{} {} x{}", event.1, event.2, event.3));
        lines.collect::<Vec<_>>().join(" | ")
    };
    Err(format!("events of {object}: expected {}; got {}", shown(&wanted), shown(&seen)))
}

/// The text of a command as the recordings have it: two blanks for several, ages and addresses as
/// placeholders, equal lines that follow each other once, rows of tables sorted.
pub fn normalized(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = cells(line);
        if lines.last() != Some(&line) || line.is_empty() {
            lines.push(line);
        }
    }
    sort_rows(&mut lines);
    lines.join("\n")
}

/// A line with two blanks for several, and placeholders for what differs between runs.
fn cells(line: &str) -> String {
    let (indent, rest) = line.split_at(line.len() - line.trim_start_matches(' ').len());
    let mut parts: Vec<String> = Vec::new();
    for part in rest.split("  ").map(str::trim).filter(|part| !part.is_empty()) {
        parts.push(placeholder(part).unwrap_or_else(|| part.to_owned()));
    }
    let indent = if indent.len() > 1 { "  " } else { indent };
    format!("{indent}{}", parts.join("  ")).trim_end().to_owned()
}

fn placeholder(cell: &str) -> Option<String> {
    // Both alternate.
    if cell == "ImagePullBackOff" {
        return Some("ErrImagePull".to_owned());
    }
    let age = |text: &str| {
        let units = ['s', 'm', 'h', 'd'];
        text.ends_with(units)
            && text.chars().all(|c| c.is_ascii_digit() || units.contains(&c))
            && text.starts_with(|c: char| c.is_ascii_digit())
    };
    if age(cell) {
        return Some("<age>".to_owned());
    }
    if let Some((count, rest)) = cell.split_once(" (")
        && rest.strip_suffix(" ago)").is_some_and(age)
    {
        return Some(format!("{count} (<age> ago)"));
    }
    let address = cell.parse::<std::net::Ipv4Addr>().ok();
    address.filter(|one| one.octets()[0] == 10).map(|_| "<clusterIP>".to_owned())
}

/// Sorts the rows of each table: the order of names with hashes is not compared.
fn sort_rows(lines: &mut [String]) {
    let mut start = 0;
    while start < lines.len() {
        let length = lines[start..].iter().position(String::is_empty);
        let end = length.map_or(lines.len(), |length| start + length);
        if lines[start].starts_with("NAME  ") {
            lines[start + 1..end].sort();
        }
        start = end + 1;
    }
}
