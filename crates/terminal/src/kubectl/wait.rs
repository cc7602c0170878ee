//! `kubectl wait`: waits until objects fulfil a condition.
//!
//! Source: kubectl pkg/cmd/wait/wait.go, condition.go, json.go, delete.go, create.go.

use cluster::ApiServer;
use go::quote::quote;
use kubernetes::object::Value;

use super::builder::{Request, Target};
use super::delete::{Deleted, Deletion};
use super::errors::Failure;
use super::flags::{Arguments, Flag, Form};
use super::process::{Deadline, Poll, Waiting};
use super::{Kubectl, Session, plain};

/// Flags of `wait` besides those that it shares.
pub(super) const FLAGS: &[Flag] = &[
    Flag::new("for", Form::Array),
    Flag::new("timeout", Form::Duration),
    Flag::new("local", Form::Switch),
];

/// Milliseconds that a wait lasts if nothing else is said.
const DEFAULT: i64 = 30_000;

/// The condition of a wait.
#[derive(Clone, Debug, PartialEq)]
enum Condition {
    Delete,
    Create,
    /// A condition of the status, with the status that it shall have, in lower case.
    Status {
        ty: String,
        status: String,
    },
    /// A value at a path; any value if there is none.
    Path {
        path: Vec<WaitStep>,
        value: Option<String>,
    },
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq)]
enum WaitStep {
    Key(String),
    Index(i64),
    /// All items.
    Every,
    /// Items with a value at a key.
    Where {
        key: String,
        value: String,
    },
}

/// A wait for one object after the other.
#[derive(Clone, Debug)]
pub(crate) struct Conditions {
    pub deadline: Deadline,
    limit: i64,
    condition: Condition,
    targets: Vec<Target>,
    failures: Vec<Failure>,
}

/// A wait for objects that are not there yet.
#[derive(Clone, Debug)]
pub(crate) struct Creation {
    pub deadline: Deadline,
    missing: Vec<Target>,
}

impl Condition {
    /// Reads `--for`. Source: ConditionFuncFor.
    fn parse(text: &str) -> Result<Self, String> {
        let lower = text.to_lowercase();
        match lower.as_str() {
            "delete" => return Ok(Self::Delete),
            "create" => return Ok(Self::Create),
            _ => {}
        }
        if let Some(rest) = text.strip_prefix("condition=") {
            let (ty, status) = rest.split_once('=').unwrap_or((rest, "true"));
            return Ok(Self::Status { ty: ty.to_lowercase(), status: status.to_lowercase() });
        }
        if let Some(rest) = text.strip_prefix("jsonpath=") {
            return jsonpath(rest);
        }
        Err(format!("unrecognized condition: {}", quote(text)))
    }

    fn is_met(&self, object: &Value) -> bool {
        match self {
            Self::Delete | Self::Create => false,
            Self::Status { ty, status } => {
                let conditions = object["status"].list("conditions");
                let found = conditions.iter().find(|one| one.str("type").to_lowercase() == *ty);
                // A condition of an older generation does not count.
                let observed = |one: &Value| {
                    let generation = object["metadata"].int("generation");
                    let seen = one["observedGeneration"]
                        .as_int()
                        .or(object["status"]["observedGeneration"].as_int());
                    seen.is_none_or(|seen| seen >= generation)
                };
                found
                    .is_some_and(|one| observed(one) && one.str("status").to_lowercase() == *status)
            }
            Self::Path { path, value } => {
                let mut found = vec![object];
                for step in path {
                    found = found.into_iter().flat_map(|value| step.of(value)).collect();
                }
                match (&found[..], value) {
                    ([_, ..], None) => true,
                    ([only], Some(value)) => text(only).is_some_and(|text| text == *value),
                    _ => false,
                }
            }
        }
    }
}

impl WaitStep {
    fn of<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let items = value.as_list().unwrap_or_default();
        match self {
            Self::Key(key) => value.get(key).into_iter().collect(),
            Self::Index(at) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let at = if *at < 0 { length + at } else { *at };
                usize::try_from(at).ok().and_then(|at| items.get(at)).into_iter().collect()
            }
            Self::Every => items.iter().collect(),
            Self::Where { key, value } => {
                let same = |item: &&Value| text(&item[key.as_str()]).as_ref() == Some(value);
                items.iter().filter(same).collect()
            }
        }
    }
}

/// A scalar as text; None for a list or a map.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
            Some(kubernetes::object::to_json(value))
        }
        _ => None,
    }
}

/// Reads `{.status.phase}=Running`. Source: newJSONPathWait, processJSONPathInput.
fn jsonpath(text: &str) -> Result<Condition, String> {
    let (expression, value) = match split_value(text) {
        (_, Some("")) => {
            return Err("jsonpath wait value cannot be empty".to_owned());
        }
        split => split,
    };
    if expression.is_empty() {
        return Err("jsonpath expression cannot be empty".to_owned());
    }
    let wrong = "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'";
    let inner = match (expression.strip_prefix('{'), expression.strip_suffix('}')) {
        (Some(_), Some(_)) => &expression[1..expression.len() - 1],
        (None, None) => expression,
        _ => return Err(wrong.to_owned()),
    };
    let path = steps(inner).ok_or(wrong)?;
    let value = value.map(|value| value.trim_matches(['\'', '"']).to_owned());
    Ok(Condition::Path { path, value })
}

/// Splits at the first `=` outside brackets.
fn split_value(text: &str) -> (&str, Option<&str>) {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            '=' if depth == 0 => {
                let value = text.get(at + 1..).unwrap_or_default();
                return (text.get(..at).unwrap_or_default(), Some(value));
            }
            _ => {}
        }
    }
    (text, None)
}

/// Reads `.status.conditions[?(@.type=="Ready")].status`; None if it is not a path.
fn steps(text: &str) -> Option<Vec<WaitStep>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(bracket) = rest.strip_prefix('[') {
            let end = bracket.find(']')?;
            let (inner, after) = (bracket.get(..end)?, bracket.get(end + 1..)?);
            steps.push(bracketed(inner)?);
            rest = after;
            continue;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
        // A dot in a key is written with a backslash.
        let (mut key, mut end, mut escaped) = (String::new(), rest.len(), false);
        for (at, c) in rest.char_indices() {
            match c {
                '\\' if !escaped => escaped = true,
                '.' | '[' if !escaped => {
                    end = at;
                    break;
                }
                c => {
                    key.push(c);
                    escaped = false;
                }
            }
        }
        if key.is_empty() {
            return None;
        }
        steps.push(if key == "*" { WaitStep::Every } else { WaitStep::Key(key) });
        rest = rest.get(end..)?;
    }
    (!steps.is_empty()).then_some(steps)
}

fn bracketed(inner: &str) -> Option<WaitStep> {
    if inner == "*" {
        return Some(WaitStep::Every);
    }
    if let Some(filter) = inner.strip_prefix("?(@.").and_then(|rest| rest.strip_suffix(')')) {
        let (key, value) = filter.split_once("==")?;
        let value = value.trim().trim_matches(['\'', '"']);
        return Some(WaitStep::Where { key: key.trim().to_owned(), value: value.to_owned() });
    }
    if let Some(key) = inner.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Some(WaitStep::Key(key.to_owned()));
    }
    inner.parse().ok().map(WaitStep::Index)
}

impl Kubectl<'_> {
    /// `kubectl wait`.
    pub(super) fn wait(&mut self, arguments: &Arguments, session: &mut Session) -> Vec<Failure> {
        let texts = arguments.list("for");
        let [text] = texts[..] else {
            return plain(format!("unrecognized condition: [{}]", texts.join(" ")));
        };
        let condition = match Condition::parse(text) {
            Ok(condition) => condition,
            Err(message) => return plain(message),
        };
        let limit = match arguments.millis("timeout") {
            // A negative limit stands for a week.
            Some(limit) if limit < 0 => 7 * 24 * 3_600_000,
            Some(limit) => limit,
            None => DEFAULT,
        };
        match condition {
            Condition::Create => self.wait_for_creation(arguments, limit, session),
            Condition::Delete => self.wait_for_deletion(arguments, limit, session),
            condition => {
                let (targets, failures) = match self.targets(&arguments.words, arguments) {
                    Ok(found) => found,
                    Err(failure) => return vec![failure],
                };
                if targets.is_empty() && failures.is_empty() {
                    return plain("no matching resources found");
                }
                let deadline = Deadline::new(Some(limit));
                session.waiting = Some(Waiting::Conditions(Box::new(Conditions {
                    deadline,
                    limit,
                    condition,
                    targets,
                    failures,
                })));
                Vec::new()
            }
        }
    }

    /// Objects that are not there are no error.
    fn wait_for_deletion(
        &mut self,
        arguments: &Arguments,
        limit: i64,
        session: &mut Session,
    ) -> Vec<Failure> {
        let (targets, failures) = match self.targets(&arguments.words, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        let is_missing = |failure: &Failure| {
            matches!(failure, Failure::Server(status)
                if status.reason == cluster::apiserver::Reason::NotFound)
        };
        let failures: Vec<Failure> =
            failures.into_iter().filter(|failure| !is_missing(failure)).collect();
        if !failures.is_empty() || targets.is_empty() {
            return failures;
        }
        let deleted = targets.into_iter().map(|target| Deleted {
            uid: target.object["metadata"].str("uid").to_owned(),
            kind: target.kind,
            namespace: target.namespace,
            name: target.name,
        });
        let wait = Deletion::new(deleted.collect(), Some(limit)).printing("condition met");
        session.waiting = Some(Waiting::Delete(wait));
        Vec::new()
    }

    fn wait_for_creation(
        &mut self,
        arguments: &Arguments,
        limit: i64,
        session: &mut Session,
    ) -> Vec<Failure> {
        let (requests, failures) = match self.requests(&arguments.words, arguments) {
            Ok(found) => found,
            Err(failure) => return vec![failure],
        };
        if !failures.is_empty() {
            return failures;
        }
        let mut missing = Vec::new();
        for request in requests {
            let (kind, namespace, name) = match request {
                Request::Named { kind, name } => {
                    let own = if kind.namespaced { self.context(arguments) } else { "" };
                    (kind, own.to_owned(), name)
                }
                Request::File(info) => (info.kind, info.namespace, info.name),
                Request::All { .. } => continue,
            };
            missing.push(Target { kind, namespace, name, object: Value::Null });
        }
        let deadline = Deadline::new(Some(limit));
        session.waiting = Some(Waiting::Creation(Creation { deadline, missing }));
        Vec::new()
    }
}

impl Conditions {
    /// Prints each object that fulfils the condition, in order. All waits share one time limit.
    pub fn poll(&mut self, server: &mut ApiServer, now: i64, session: &mut Session) -> Poll {
        while let Some(target) = self.targets.first() {
            let Target { kind, namespace, name, .. } = target;
            let object = server.get(kind, namespace, name);
            match object {
                Ok(object) if self.condition.is_met(&object) => {
                    session.print(&format!("{} condition met", target.shown()));
                }
                _ if self.limit > 0 && !self.deadline.passed(now) => return Poll::Pending,
                _ => {
                    let message =
                        format!("timed out waiting for the condition on {}/{name}", kind.plural);
                    self.failures.push(Failure::Plain(message));
                }
            }
            self.targets.remove(0);
        }
        Poll::Ended(std::mem::take(&mut self.failures))
    }
}

impl Creation {
    /// Prints each object when it is there.
    pub fn poll(&mut self, server: &mut ApiServer, now: i64, session: &mut Session) -> Poll {
        while let Some(target) = self.missing.first() {
            if server.get(target.kind, &target.namespace, &target.name).is_ok() {
                session.print(&format!("{} condition met", target.shown()));
                self.missing.remove(0);
            } else if self.deadline.passed(now) {
                return Poll::Ended(plain("timed out waiting for the condition"));
            } else {
                return Poll::Pending;
            }
        }
        Poll::Ended(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::object::parse_json;

    #[test]
    fn conditions_are_met_by_status_or_by_a_value_at_a_path() {
        let object = parse_json(
            r#"{"metadata":{"generation":2},"status":{"observedGeneration":2,"phase":"Bound","replicas":3,
            "conditions":[{"type":"Ready","status":"True"},{"type":"Old","status":"True","observedGeneration":1}]}}"#,
        )
        .expect("it is JSON");
        for (text, met) in [
            ("condition=Ready", true),
            ("condition=ready=TRUE", true),
            ("condition=Ready=false", false),
            ("condition=Old", false),
            ("condition=None", false),
            ("jsonpath={.status.phase}=Bound", true),
            ("jsonpath=.status.replicas=3", true),
            ("jsonpath=status.replicas", true),
            ("jsonpath={.status.none}", false),
            ("jsonpath={.status.conditions[?(@.type==\"Ready\")].status}=True", true),
            ("jsonpath={.status.conditions[1].type}=Old", true),
            ("jsonpath={.status.conditions[*].type}=Old", false),
        ] {
            let condition = Condition::parse(text).expect(text);
            assert_eq!(condition.is_met(&object), met, "{text}");
        }
    }

    #[test]
    fn conditions_that_cannot_be_read_are_told() {
        for (text, message) in [
            ("nonsense", "unrecognized condition: \"nonsense\""),
            (
                "jsonpath={.status.phase",
                "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
            ),
            ("jsonpath=", "jsonpath expression cannot be empty"),
            ("jsonpath={.a}=", "jsonpath wait value cannot be empty"),
        ] {
            assert_eq!(Condition::parse(text), Err(message.to_owned()), "{text}");
        }
    }
}
