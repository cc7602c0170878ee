//! Conditions on a state.

use std::collections::BTreeMap;

use crate::lesson::{Goal, Guard, Keep, LessonFile, RightAnswer};
use crate::predicate::{
    Alert, Bounds, FileText, Health, Object, Pods, Predicate, Query, QueryAt, Targets, Used,
};
use crate::state::State;

/// The step of [`Query::throughout`], in milliseconds.
const STEP: u64 = 15_000;

/// The most moments at which one query is evaluated.
const MOST_MOMENTS: u64 = 240;

/// Whether a condition is true, and facts of the state for its message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub holds: bool,
    /// Names and values.
    pub facts: Vec<(&'static str, String)>,
}

impl Verdict {
    fn new(holds: bool, facts: Vec<(&'static str, String)>) -> Self {
        Self { holds, facts }
    }

    /// Replaces `{NAME}` by facts. A fact that does not exist becomes a dash.
    pub fn message(&self, template: &str) -> String {
        let mut text = template.to_owned();
        for (name, value) in &self.facts {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        for name in ["state", "last_error", "count", "value"] {
            text = text.replace(&format!("{{{name}}}"), "–");
        }
        text
    }
}

/// The time and the progress that conditions depend on beside the state.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The time at which the lesson begins.
    pub start: u64,
    /// The files of the start.
    pub files: &'a [LessonFile],
    /// The jobs with the number of their targets that were up at the start.
    pub baseline: &'a [(String, u32)],
    /// True if the question of this goal has the right answer.
    pub answered: bool,
}

/// Evaluates the condition of a goal.
pub fn evaluate(goal: &Goal, state: &dyn State, context: Context<'_>) -> Verdict {
    predicate(&goal.when, state, context)
}

/// Returns true if a guard is not broken by this state.
pub fn is_kept(guard: &Guard, state: &dyn State, context: Context<'_>) -> bool {
    match &guard.keep {
        Keep::NoTargetLost => {
            let now = up_by_job(state);
            let up = |job: &str| now.iter().find(|(of, _)| of == job).map_or(0, |(_, n)| *n);
            context.baseline.iter().all(|(job, count)| up(job) >= *count)
        }
        Keep::Untouched(names) => names.iter().all(|name| {
            let before = context.files.iter().find(|file| file.name == *name);
            before.map(|file| &*file.text) == state.file(name)
        }),
        Keep::FindingAbsent(code) => !state.has_finding(code),
        Keep::MaxChangedLines(most) => changed_lines(state, context.files) <= *most as usize,
        Keep::True(condition) | Keep::Throughout(condition) => {
            predicate(condition, state, context).holds
        }
    }
}

/// The jobs with the number of their targets that are up.
pub fn up_by_job(state: &dyn State) -> Vec<(String, u32)> {
    let mut jobs: BTreeMap<String, u32> = BTreeMap::new();
    for target in state.targets() {
        *jobs.entry(target.job).or_default() += u32::from(target.health == Health::Up);
    }
    jobs.into_iter().collect()
}

fn predicate(condition: &Predicate, state: &dyn State, context: Context<'_>) -> Verdict {
    match condition {
        Predicate::Targets(condition) => targets(condition, state),
        Predicate::Query(condition) => query(condition, state),
        Predicate::Object(condition) => object(condition, state),
        Predicate::Pods(condition) => pods(condition, state),
        Predicate::Endpoints(of) => {
            let ready = state.ready_endpoints(&of.namespace, &of.service);
            let holds = ready.is_some_and(|ready| of.ready.holds(f64::from(ready), 0.0));
            let count = ready.map_or("no Service".to_owned(), |ready| ready.to_string());
            Verdict::new(holds, vec![("count", count)])
        }
        Predicate::Alert(condition) => alert(condition, state),
        Predicate::Disk(of) => {
            let share = state.disk_share();
            let holds = share.is_some_and(|share| of.share.holds(share, 0.0));
            let value =
                share.map_or("no claim".to_owned(), |share| format!("{:.0} %", share * 100.0));
            Verdict::new(holds, vec![("value", value)])
        }
        Predicate::Finding(of) => {
            Verdict::new(state.has_finding(&of.code) != of.absent, Vec::new())
        }
        Predicate::File(condition) => Verdict::new(file(condition, state), Vec::new()),
        Predicate::Action(used) => uses(used, &state.actions(context.start)),
        Predicate::Command(used) => uses(used, &state.commands(context.start)),
        Predicate::Answer(_) => Verdict::new(context.answered, Vec::new()),
        Predicate::All(all) => {
            let verdicts: Vec<Verdict> =
                all.iter().map(|one| predicate(one, state, context)).collect();
            // The message is about the first condition that is not met.
            let shown = verdicts.iter().find(|one| !one.holds).or(verdicts.first());
            shown.cloned().unwrap_or_default()
        }
        Predicate::Any(any) => {
            let verdicts: Vec<Verdict> =
                any.iter().map(|one| predicate(one, state, context)).collect();
            let shown = verdicts.iter().find(|one| one.holds).or(verdicts.first());
            shown.cloned().unwrap_or_default()
        }
        Predicate::Not(inner) => {
            let verdict = predicate(inner, state, context);
            Verdict { holds: !verdict.holds, ..verdict }
        }
    }
}

fn has_labels(all: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(name, value)| all.get(name).map_or("", |found| found) == value)
}

fn targets(condition: &Targets, state: &dyn State) -> Verdict {
    let own = |job: &str| condition.job.as_deref().is_none_or(|wanted| wanted == job);
    let mut of_job = state.targets();
    of_job.retain(|target| own(&target.job) && has_labels(&target.labels, &condition.labels));
    let matching = of_job.iter().filter(|target| {
        condition.state.is_none_or(|state| state == target.health)
            && condition.error.as_deref().is_none_or(|error| target.error.contains(error))
    });
    let count = matching.count();
    let wrong = of_job.iter().find(|target| condition.state != Some(target.health));
    let shown = wrong.or(of_job.first());
    let state = shown.map_or("missing", |target| target.health.name()).to_owned();
    let error = shown.map(|target| &*target.error).filter(|error| !error.is_empty());
    let facts = vec![
        ("count", count.to_string()),
        ("state", state),
        ("last_error", error.unwrap_or("no error").to_owned()),
    ];
    Verdict::new(condition.count.holds(count as f64, 0.0), facts)
}

fn query(condition: &Query, state: &dyn State) -> Verdict {
    let now = state.now();
    let moments = (condition.throughout.0 / STEP).min(MOST_MOMENTS);
    let mut latest = Verdict::default();
    for moment in 0..=moments {
        let Some(at) = now.checked_sub(moment * STEP) else {
            return Verdict { holds: false, ..latest };
        };
        let verdict = query_at(condition, state, at);
        let holds = verdict.holds;
        if moment == 0 {
            latest = verdict;
        }
        if !holds {
            return Verdict { holds: false, ..latest };
        }
    }
    latest
}

fn query_at(condition: &Query, state: &dyn State, at: u64) -> Verdict {
    let samples = match state.query(&condition.query, at) {
        Ok(samples) => samples,
        Err(message) => return Verdict::new(false, vec![("value", message)]),
    };
    let within = |bounds: Bounds| {
        let holds = |value: f64| bounds.holds(value, condition.tolerance);
        !samples.is_empty() && samples.iter().all(|sample| sample.value.is_some_and(holds))
    };
    let holds = condition.value.is_none_or(within)
        && condition.series.is_none_or(|series| series.holds(samples.len() as f64, 0.0));
    let value = match &samples[..] {
        [] => "no result".to_owned(),
        [one] => one.value.map_or("a histogram".to_owned(), number),
        many => format!("{} results", many.len()),
    };
    Verdict::new(holds, vec![("value", value), ("count", samples.len().to_string())])
}

/// A number with at most four digits after the point.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn object(condition: &Object, state: &dyn State) -> Verdict {
    let Object { kind, namespace, name, field, equals, contains } = condition;
    let found = state.object_field(kind, namespace, name, field);
    let holds = found.as_deref().is_some_and(|found| {
        equals.as_deref().is_none_or(|equals| equals == found)
            && contains.as_deref().is_none_or(|part| found.contains(part))
    });
    let value = found.unwrap_or_else(|| "missing".to_owned());
    Verdict::new(holds, vec![("value", value)])
}

fn pods(condition: &Pods, state: &dyn State) -> Verdict {
    let mut own = state.pods();
    own.retain(|pod| {
        pod.namespace == condition.namespace && has_labels(&pod.labels, &condition.labels)
    });
    let shown = own.first().map_or("missing".to_owned(), |pod| {
        let ready = if pod.ready { "ready" } else { "not ready" };
        format!("{}, {ready}", pod.phase)
    });
    let matching = own.iter().filter(|pod| {
        condition.phase.as_deref().is_none_or(|phase| phase == pod.phase)
            && condition.ready.is_none_or(|ready| ready == pod.ready)
            && condition.restarts.is_none_or(|count| count.holds(f64::from(pod.restarts), 0.0))
    });
    let count = matching.count();
    let facts = vec![("count", count.to_string()), ("state", shown)];
    Verdict::new(condition.count.holds(count as f64, 0.0), facts)
}

/// Alerts are read from the series `ALERTS`, which Prometheus writes at each evaluation.
fn alert(condition: &Alert, state: &dyn State) -> Verdict {
    let now = state.now();
    let at = condition.at.map_or(now, |at| at.0);
    if at > now {
        return Verdict::new(false, vec![("state", "not evaluated yet".to_owned())]);
    }
    let query = format!("ALERTS{{alertname={:?}}}", condition.name);
    let mut alerts = state.query(&query, at).unwrap_or_default();
    alerts.retain(|alert| has_labels(&alert.labels, &condition.labels));
    let in_state = |wanted: &str| {
        let of = |labels: &BTreeMap<String, String>| labels.get("alertstate").cloned();
        alerts.iter().filter(|alert| of(&alert.labels).as_deref() == Some(wanted)).count()
    };
    let count = in_state(condition.state.name());
    let shown = match (in_state("firing"), in_state("pending")) {
        (0, 0) => "inactive",
        (0, _) => "pending",
        _ => "firing",
    };
    let facts = vec![("count", count.to_string()), ("state", shown.to_owned())];
    Verdict::new(condition.count.holds(count as f64, 0.0), facts)
}

fn file(condition: &FileText, state: &dyn State) -> bool {
    state.file(&condition.name).is_some_and(|text| {
        condition.contains.as_deref().is_none_or(|part| text.contains(part))
            && condition.lacks.as_deref().is_none_or(|part| !text.contains(part))
    })
}

fn uses(used: &Used, all: &[String]) -> Verdict {
    let count = all.iter().filter(|one| one.starts_with(&used.name)).count();
    Verdict::new(used.times.holds(count as f64, 0.0), vec![("count", count.to_string())])
}

/// The number of lines that are not in the other version, over all files; of added and removed lines
/// the larger number, so that a replaced line counts once.
fn changed_lines(state: &dyn State, before: &[LessonFile]) -> usize {
    let count = |text: &str| {
        let mut lines: BTreeMap<String, i64> = BTreeMap::new();
        for line in text.lines() {
            *lines.entry(line.trim_end().to_owned()).or_default() += 1;
        }
        lines
    };
    let mut names: Vec<&str> = state.file_names();
    names.extend(before.iter().map(|file| &*file.name));
    names.sort_unstable();
    names.dedup();
    let mut sum = 0;
    for name in names {
        let old = before.iter().find(|file| file.name == name).map_or("", |file| &file.text);
        let mut difference = count(state.file(name).unwrap_or_default());
        for (line, number) in count(old) {
            *difference.entry(line).or_default() -= number;
        }
        let added: i64 = difference.values().filter(|n| **n > 0).sum();
        let removed: i64 = difference.values().filter(|n| **n < 0).map(|n| -n).sum();
        sum += added.max(removed) as usize;
    }
    sum
}

/// Judges an answer. Returns the right answer as text, and whether the given one is right. The right
/// answer is empty if the query has not exactly one result.
pub fn judge(
    given: &str,
    choices: &[String],
    right: &RightAnswer,
    tolerance: f64,
    state: &dyn State,
    start: u64,
) -> (String, bool) {
    let right = match right {
        RightAnswer::Choice(at) => {
            let text = choices.get(*at).cloned().unwrap_or_default();
            let correct = given == text || given.trim().parse() == Ok(*at);
            return (text, correct);
        }
        RightAnswer::Number(value) => Some(*value),
        RightAnswer::Query { query, at } => {
            let at = if *at == QueryAt::Start { start } else { state.now() };
            match &state.query(query, at).unwrap_or_default()[..] {
                [one] => one.value,
                _ => None,
            }
        }
    };
    let Some(right) = right else { return (String::new(), false) };
    let given: Option<f64> = given.trim().replace(',', ".").parse().ok();
    // The learner reads a number that the page has rounded.
    let rounded = tolerance.max(right.abs() * 1e-4);
    (number(right), given.is_some_and(|given| (given - right).abs() <= rounded))
}
