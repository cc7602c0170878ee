//! Reasons why the result of a query is empty.

use super::Evaluation;
use crate::ide;
use go::Duration;
use go::quote::quote;
use promql::assist::Facts;
use promql::assist::grafana::dashboard_variable;
use promql::engine::EngineOptions;
use promql::storage::{SampleBuffer, Series};
use promql::syntax::{AtModifier, ExprKind, VectorSelector};
use promql::{METRIC_NAME, MatchOp, Matcher, Timestamp};
use schema::similar::nearest;
use simulation::world::Reach;
use text::IndexSort;

/// Returns a sentence for each selector without series, or one for an expression that drops all series.
pub(super) fn reasons(evaluation: &Evaluation<'_>) -> Vec<String> {
    let mut reasons = Vec::new();
    for (_, expr) in evaluation.ast.iter() {
        let (selector, window) = match &expr.kind {
            ExprKind::Vector(selector) => (selector, None),
            ExprKind::Matrix(matrix) => {
                let text = evaluation.text.get(expr.span.range()).unwrap_or_default();
                let written = text.rsplit_once('[').map(|(_, rest)| rest);
                let written = written.and_then(|rest| rest.split(']').next());
                (&matrix.selector, written.and_then(|text| Duration::parse(text.trim()).ok()))
            }
            _ => continue,
        };
        if let Some(reason) = (Selected { evaluation, selector }).reason(window)
            && !reasons.contains(&reason)
        {
            reasons.push(reason);
        }
    }
    if !reasons.is_empty() {
        reasons.extend(undescribed(evaluation));
    }
    if reasons.is_empty() {
        reasons.push(
            "Every selector found series, but nothing was left of them: a comparison keeps only \
             the series for which it holds, and an operator between two vectors only those that \
             have a partner with the same labels. Explain shows where they fall out."
                .to_owned(),
        );
    }
    reasons
}

/// The suffixes of the series of a family.
const SUFFIXES: [&str; 4] = ["_bucket", "_sum", "_count", "_total"];

/// The number of addresses that a sentence lists.
const LISTED: usize = 5;

/// Returns true for words that are equal but for a plural.
fn is_same_word(one: &str, other: &str) -> bool {
    one == other || one.strip_suffix('s') == Some(other) || other.strip_suffix('s') == Some(one)
}

/// The words of a metric's name.
fn words(metric: &str) -> Vec<&str> {
    metric.split(['_', ':']).filter(|word| !word.is_empty()).collect()
}

/// Returns the shortest name that has all words of a metric's, at least three.
fn with_all_words<'a>(metric: &str, names: &'a [String]) -> Option<&'a str> {
    let wanted = words(metric);
    let has_all = |name: &&str| {
        let own = words(name);
        wanted.iter().all(|word| own.iter().any(|one| is_same_word(one, word)))
    };
    let names = names.iter().map(String::as_str).filter(|_| wanted.len() > 2);
    names.filter(has_all).min_by_key(|name| name.len())
}

/// Returns the name that shares the most words with a metric's, at least two and half of them. Of
/// equal ones the shortest counts.
fn nearest_by_words<'a>(metric: &str, names: &'a [String]) -> Option<&'a str> {
    let wanted = words(metric);
    let shared = |name: &str| {
        let own = words(name);
        wanted.iter().filter(|word| own.contains(word)).count()
    };
    let found = names.iter().map(|name| (shared(name), name.as_str()));
    let found = found.filter(|(count, _)| *count >= 2 && count * 2 >= wanted.len());
    found.max_by_key(|(count, name)| (*count, std::cmp::Reverse(name.len()))).map(|(_, name)| name)
}

/// Returns the most similar name: one with the same words, one with similar letters, or one that
/// shares words.
fn similar<'a>(metric: &str, names: &'a [String]) -> Option<&'a str> {
    with_all_words(metric, names)
        .or_else(|| nearest(metric, names.iter().map(String::as_str)))
        .or_else(|| nearest_by_words(metric, names))
}

/// Says which targets have no samples because no file says what they answer.
fn undescribed(evaluation: &Evaluation<'_>) -> Option<String> {
    let routes = evaluation.snapshot.stored.routes.iter();
    let mut unknown = routes.filter(|route| route.spec.reach == Reach::Unknown).peekable();
    unknown.peek()?;
    let all: Vec<&str> = unknown.map(|route| route.address.as_str()).collect();
    let listed = all.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    let more = if all.len() > LISTED { ", …" } else { "" };
    Some(format!(
        "Targets of which no file says what they answer have no samples: {listed}{more}. The page \
         Targets offers to describe them."
    ))
}

struct Selected<'a> {
    evaluation: &'a Evaluation<'a>,
    selector: &'a VectorSelector,
}

impl Selected<'_> {
    fn reason(&self, window: Option<Duration>) -> Option<String> {
        let storage = &self.evaluation.snapshot.timeline.world.storage;
        if storage.series_count() == 0 {
            return Some(
                "Nothing has been scraped yet. Let the clock run, or make one scrape.".into(),
            );
        }
        self.no_such_metric().or_else(|| self.no_such_value()).or_else(|| self.not_now(window))
    }

    fn metric(&self) -> Option<&str> {
        let matchers = self.selector.matchers.iter();
        let mut equal =
            matchers.filter(|one| one.op == MatchOp::Equal && *one.name == *METRIC_NAME);
        equal.next().map(|one| &*one.value)
    }

    fn series(&self) -> impl Iterator<Item = &Series> {
        let metric = self.metric();
        let storage = &self.evaluation.snapshot.timeline.world.storage;
        storage
            .iter()
            .filter(move |series| metric.is_none_or(|name| series.labels().metric_name() == name))
    }

    fn no_such_metric(&self) -> Option<String> {
        let metric = self.metric()?;
        if self.series().next().is_some() {
            return None;
        }
        let names = ide::world_facts(self.evaluation.snapshot).metric_names();
        let mut reason = format!("No series is called {metric}.");
        let parts: Vec<String> = SUFFIXES
            .iter()
            .map(|suffix| format!("{metric}{suffix}"))
            .filter(|name| names.contains(name))
            .collect();
        let stem = SUFFIXES.iter().find_map(|suffix| metric.strip_suffix(suffix));
        if !parts.is_empty() {
            reason.push_str(&format!(" Its series are called {}.", parts.join(", ")));
        } else if let Some(stem) = stem.filter(|stem| names.iter().any(|name| name == stem)) {
            reason.push_str(&format!(" A series is called {stem}."));
        } else if let Some(near) = similar(metric, &names) {
            reason.push_str(&format!(" Did you mean {near}?"));
        }
        Some(reason)
    }

    /// Finds a matcher that no series fits, or matchers that no series fits together.
    fn no_such_value(&self) -> Option<String> {
        let what = self.metric().map_or("series".to_owned(), |name| format!("series of {name}"));
        let others: Vec<&Matcher> =
            self.selector.matchers.iter().filter(|one| *one.name != *METRIC_NAME).collect();
        let fits = |series: &Series, one: &Matcher| one.matches(series.labels().get(&one.name));
        for matcher in &others {
            if self.series().any(|series| fits(series, matcher)) {
                continue;
            }
            let mut values: Vec<&str> =
                self.series().filter_map(|series| series.labels().find(&matcher.name)).collect();
            values.index_sort();
            values.dedup();
            let Matcher { name, op, value, .. } = matcher;
            if values.is_empty() {
                return Some(format!("The {what} have no label {name}."));
            }
            if let Some(variable) = dashboard_variable(value) {
                let first = values.first().copied().unwrap_or_default();
                return Some(format!(
                    "{variable} is a variable of a Grafana dashboard, and nothing replaces it here. \
                     Write a value, for example {name}={}.",
                    quote(first)
                ));
            }
            let near = if matches!(op, MatchOp::Equal | MatchOp::Regex) {
                nearest(value, values.iter().copied())
            } else {
                None
            };
            let near =
                near.map(|near| format!(" Did you mean {}?", quote(near))).unwrap_or_default();
            let seen: Vec<String> = values.iter().take(5).map(|value| quote(value)).collect();
            let more = if values.len() > 5 { ", …" } else { "" };
            return Some(format!(
                "No {what} has {name}{}{}; its values are {}{more}.{near}",
                op.symbol(),
                quote(value),
                seen.join(", ")
            ));
        }
        let together = self.series().any(|series| others.iter().all(|one| fits(series, one)));
        (others.len() > 1 && !together)
            .then(|| format!("No {what} fits all matchers at once, though each fits some."))
    }

    /// The time that the selector reads: that of the query, moved by `@` and `offset`. None if it depends on the
    /// range and the step.
    fn time(&self) -> Option<Timestamp> {
        let time = match self.selector.at {
            Some(AtModifier::Time(time)) => time,
            Some(AtModifier::Start) => return None,
            Some(AtModifier::End) | None => self.evaluation.end,
        };
        match &self.selector.offset {
            Some(offset) => Some(time.saturating_sub(offset.fixed()?.millis())),
            None => Some(time),
        }
    }

    /// Explains why existing series have no sample at the evaluation time.
    fn not_now(&self, window: Option<Duration>) -> Option<String> {
        let at = self.time()?;
        let back = window.unwrap_or(EngineOptions::default().lookback);
        let name = self.metric().unwrap_or("the series");
        let matching = |series: &&Series| {
            let mut matchers = self.selector.matchers.iter();
            matchers.all(|one| one.matches(series.labels().get(&one.name)))
        };
        let series: Vec<&Series> = self.series().filter(matching).collect();
        let first = series.iter().filter_map(|series| series.first_time()).min()?;
        let last = series.iter().filter_map(|series| series.last_time()).max()?;
        if at < first {
            let moved = if at == self.evaluation.end {
                ""
            } else {
                ", at the time that the selector reads"
            };
            return Some(format!("{name} begins only {} later{moved}.", ago(first - at)));
        }
        let mut buffer = SampleBuffer::default();
        let (mut most, mut stale) = (0, 0);
        for series in &series {
            series.read(at - back.millis() + 1, at, &mut buffer);
            let markers = buffer.floats.iter().filter(|v| go::number::is_stale_nan(**v));
            let markers = markers.count();
            stale += usize::from(markers > 0);
            most = most.max(buffer.len() - markers);
        }
        match window {
            Some(window) if most == 1 => Some(format!(
                "The window of {window} holds one sample of {name}, and a difference needs two. \
                 Take at least four times the scrape interval."
            )),
            _ if stale > 0 => Some(format!(
                "{name} went stale: its target stopped exposing it, or could not be scraped, and \
                 Prometheus noted the end."
            )),
            _ if most == 0 => Some(format!(
                "The last sample of {name} is {} old, and a query looks back {back}.",
                ago(at - last)
            )),
            _ => None,
        }
    }
}

fn ago(millis: Timestamp) -> Duration {
    Duration(millis / 1000 * 1000)
}
