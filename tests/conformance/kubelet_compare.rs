//! Compares what happened to a pod with a recording, with the tolerances of its README.

use std::collections::{BTreeMap, BTreeSet};

use conformance::list;
use kubernetes::object::Value as Object;
use serde_json::Value;

/// Seconds on both sides of a recorded range.
const TOLERANCE: f64 = 1.5;
/// Recorded states that last less may be missing or be merged.
const SHORT: f64 = 1.0;
/// Shorter states that not every run had were left out of the recordings.
const LEFT_OUT: f64 = 1.6;
/// The shortest back-off; a state that follows after a shorter time follows no back-off.
const BACKOFF: f64 = 10.0;
/// Seconds after which a change of an object is seen in a volume at the latest.
const RESYNC: f64 = 91.5;

/// What happened, with seconds since the pod was created.
#[derive(Default)]
pub struct Observed {
    pub states: Vec<(f64, Value)>,
    pub files: Vec<(f64, String, Option<String>)>,
    pub events: Vec<Value>,
    /// Commands with what they printed.
    pub commands: Vec<(String, String)>,
    pub qos_class: String,
    /// Seconds that were recorded.
    pub end: f64,
}

impl Observed {
    pub fn note(&mut self, t: f64, state: Value) {
        if self.states.last().is_none_or(|(_, last)| *last != state) {
            self.states.push((t, state));
        }
    }

    pub fn note_file(&mut self, t: f64, file: &str, content: Option<String>) {
        let last = self.files.iter().rev().find(|(_, name, _)| name == file);
        if last.is_none_or(|(_, _, known)| *known != content) {
            self.files.push((t, file.to_owned(), content));
        }
    }
}

/// A recorded state with its times.
struct Recorded {
    t: f64,
    low: f64,
    high: f64,
    state: Value,
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

impl Recorded {
    fn of(entry: &Value) -> Self {
        let range = list(&entry["range"]);
        let mut state = entry.clone();
        if let Some(fields) = state.as_object_mut() {
            fields.remove("t");
            fields.remove("range");
        }
        Self {
            t: number(&entry["t"]),
            low: range.first().map_or(0.0, number),
            high: range.last().map_or(0.0, number),
            state,
        }
    }
}

/// Compares the sequence of states with their times.
pub fn states(expected: &Value, observed: &Observed) -> Result<(), String> {
    let recorded: Vec<Recorded> = list(&expected["timeline"]).iter().map(Recorded::of).collect();
    let until = expected["timelineCompleteUntil"].as_f64().unwrap_or(observed.end);
    let mut search = Search {
        recorded: &recorded,
        own: &observed.states,
        until,
        failed: BTreeSet::new(),
        furthest: (0, String::new()),
    };
    if search.matches(0, 0, None) {
        return Ok(());
    }
    let (_, reason) = search.furthest;
    Err(reason)
}

/// A position in both sequences, and the pair that was aligned last.
type Position = (usize, usize, Option<(usize, usize)>);

/// Looks for an alignment of both sequences in which only short states are left out.
struct Search<'a> {
    recorded: &'a [Recorded],
    own: &'a [(f64, Value)],
    until: f64,
    /// Positions from which there is no alignment.
    failed: BTreeSet<Position>,
    /// The furthest position, and why it was the last.
    furthest: (usize, String),
}

impl Search<'_> {
    /// True if the rest of both sequences can be aligned; `last` is the last pair.
    fn matches(&mut self, i: usize, j: usize, last: Option<(usize, usize)>) -> bool {
        if self.ends(i, j, last) {
            return true;
        }
        let key = (i, j, last);
        if self.failed.contains(&key) {
            return false;
        }
        let found = self.pair(i, j, last)
            || self.recorded_is_short(i, j) && self.matches(i + 1, j, last)
            || self.own_is_short(i, j) && self.matches(i, j + 1, last);
        if !found {
            self.failed.insert(key);
        }
        found
    }

    fn pair(&mut self, i: usize, j: usize, last: Option<(usize, usize)>) -> bool {
        let (Some(wanted), Some((t, state))) = (self.recorded.get(i), self.own.get(j)) else {
            let missing = self.recorded.get(i).map(|one| (one.t, &one.state));
            let extra = self.own.get(j);
            self.note(i, format!("missing {missing:?}, left over {extra:?}"));
            return false;
        };
        if wanted.state != *state {
            let difference = difference(&wanted.state, state);
            self.note(i, format!("{:.1} s, recorded {:.1} s: {difference}", t, wanted.t));
            return false;
        }
        if !self.on_time(i, j, last) {
            let (low, high) = (wanted.low, wanted.high);
            let columns = &wanted.state["columns"];
            self.note(i, format!("{columns} at {t:.1} s, recorded from {low} s to {high} s"));
            return false;
        }
        self.matches(i + 1, j + 1, Some((i, j)))
    }

    fn note(&mut self, i: usize, reason: String) {
        if i >= self.furthest.0 {
            self.furthest = (i, reason);
        }
    }

    /// True if a state begins within its range, or as long after the one before as it was recorded.
    fn on_time(&self, i: usize, j: usize, last: Option<(usize, usize)>) -> bool {
        let (Some(wanted), Some((t, _))) = (self.recorded.get(i), self.own.get(j)) else {
            return false;
        };
        if wanted.low - TOLERANCE <= *t && *t <= wanted.high + TOLERANCE {
            return true;
        }
        let Some((before, (since, _))) =
            last.and_then(|(i, j)| Some((self.recorded.get(i)?, self.own.get(j)?)))
        else {
            return false;
        };
        let gap = t - since;
        let (shortest, longest) = (wanted.low - before.high, wanted.high - before.low);
        if shortest - TOLERANCE <= gap && gap <= longest + TOLERANCE {
            return true;
        }
        self.backoffs(shortest).any(|wait| wait - TOLERANCE <= gap && gap <= 1.5 * wait + TOLERANCE)
    }

    /// Back-offs that a recorded gap can come from.
    fn backoffs(&self, gap: f64) -> impl Iterator<Item = f64> {
        [10.0, 20.0, 40.0, 60.0, 80.0, 160.0, 300.0]
            .into_iter()
            .filter(move |wait| wait - TOLERANCE <= gap && gap <= 1.5 * wait + TOLERANCE)
    }

    fn recorded_is_short(&self, i: usize, j: usize) -> bool {
        let Some(one) = self.recorded.get(i) else { return false };
        let repeats = j > 0 && self.own.get(j - 1).is_some_and(|(_, state)| *state == one.state);
        repeats || self.recorded.get(i + 1).is_some_and(|next| next.t - one.t < SHORT)
    }

    fn own_is_short(&self, i: usize, j: usize) -> bool {
        let Some((t, state)) = self.own.get(j) else { return false };
        let repeats = i > 0 && self.recorded.get(i - 1).is_some_and(|one| one.state == *state);
        repeats || self.own.get(j + 1).is_some_and(|(next, _)| next - t < LEFT_OUT)
    }

    /// True if nothing is left that had to happen, and nothing that could not.
    fn ends(&self, i: usize, j: usize, last: Option<(usize, usize)>) -> bool {
        let recorded_done = self.recorded.get(i).is_none_or(|one| one.t > self.until);
        let since = last.and_then(|(_, j)| self.own.get(j)).map_or(0.0, |(t, _)| *t);
        let own_done = self.own.get(j).is_none_or(|(t, _)| {
            // The recording may have ended during a back-off that was longer there.
            *t > self.until - TOLERANCE || t - since >= BACKOFF - TOLERANCE
        });
        recorded_done && own_done
    }
}

/// The first fields in which two states differ.
fn difference(wanted: &Value, own: &Value) -> String {
    let (Some(a), Some(b)) = (wanted.as_object(), own.as_object()) else {
        return format!("{own}, expected {wanted}");
    };
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let differing = keys.into_iter().filter(|key| a.get(*key) != b.get(*key)).map(|key| {
        let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
        format!("{key}: {}", difference(a, b))
    });
    differing.collect::<Vec<String>>().join("; ")
}

/// What tells events apart.
fn identity(event: &Value) -> (String, String, String) {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
    let reason = format!("{} {} {}", text("source"), text("type"), text("reason"));
    (reason, text("field"), text("message"))
}

/// Compares the set of events, and their counts with a tolerance.
pub fn events(expected: &Value, observed: &Observed) -> Result<(), String> {
    let mut counts: BTreeMap<_, f64> = BTreeMap::new();
    for event in &observed.events {
        *counts.entry(identity(event)).or_default() += number(&event["count"]);
    }
    let rare: Vec<&str> =
        list(&expected["notInEveryRun"]).iter().filter_map(Value::as_str).collect();
    for wanted in list(&expected["events"]) {
        let id = identity(wanted);
        let Some(own) = counts.remove(&id) else {
            return Err(format!("no event {id:?}"));
        };
        let count = &wanted["count"];
        let (low, high) = match count.as_array() {
            Some(range) => (range.first().map_or(0.0, number), range.last().map_or(0.0, number)),
            None => (number(count), number(count)),
        };
        let last = list(&wanted["lastRange"]);
        let chance = last.last().map_or(0.0, number) - last.first().map_or(0.0, number);
        let slack = match high {
            1.0 => 0.0,
            _ if chance > 1.0 => 2.0,
            _ => 1.0,
        };
        if own < low - slack || own > high + slack {
            return Err(format!("event {id:?} {own} times, expected {count}"));
        }
    }
    let extra = counts.keys().find(|(reason, _, message)| {
        let reason = reason.rsplit(' ').next().unwrap_or_default();
        !rare.contains(&&*format!("{reason} {message}"))
    });
    extra.map_or(Ok(()), |extra| Err(format!("unexpected event {extra:?}")))
}

/// Compares the content of files and when it changed.
pub fn files(expected: &Value, case: &Object, observed: &Observed) -> Result<(), String> {
    let changes: Vec<f64> = case
        .list("steps")
        .iter()
        .map(|step| step.int("at") as f64)
        .filter(|at| *at > 0.0)
        .collect();
    let mut own = observed.files.iter().filter(|(t, _, content)| *t > 0.05 || content.is_some());
    let mut left: Vec<&(f64, String, Option<String>)> = own.by_ref().collect();
    for wanted in list(&expected["files"]) {
        let file = wanted["file"].as_str().unwrap_or_default();
        let content = wanted["content"].as_str();
        let found = left.iter().position(|(_, name, _)| name == file);
        let Some(found) = found else {
            if content.is_none() {
                continue;
            }
            return Err(format!("{file} did not become {content:?}"));
        };
        let (t, _, own) = left.remove(found);
        let same = match content {
            Some("present") => own.as_ref().is_some_and(|text| !text.is_empty()),
            content => own.as_deref() == content,
        };
        if !same {
            return Err(format!("{file} is {own:?}, expected {content:?}"));
        }
        let range = list(&wanted["range"]);
        let (low, high) = (range.first().map_or(0.0, number), range.last().map_or(0.0, number));
        let seen = changes.iter().any(|at| *at <= *t && *t <= at + RESYNC && low > at + 20.0);
        if !(low - TOLERANCE <= *t && *t <= high + TOLERANCE || seen) {
            return Err(format!("{file} changed at {t:.1} s, recorded {low} to {high}"));
        }
    }
    match left.first() {
        Some((t, file, content)) => Err(format!("{file} is {content:?} from {t:.1} s")),
        None => Ok(()),
    }
}
