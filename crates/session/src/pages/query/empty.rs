//! Reasons why the result of a query is empty.

use super::Evaluation;
use crate::ide;
use go::Duration;
use go::quote::quote;
use promql::assist::Facts;
use promql::engine::EngineOptions;
use promql::storage::{SampleBuffer, Series};
use promql::syntax::{ExprKind, VectorSelector};
use promql::{METRIC_NAME, MatchOp, Timestamp};
use text::IndexSort;

/// A sentence for each selector that found nothing, or one for an expression that kept nothing.
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
        let near = schema::similar::nearest(metric, names.iter().map(String::as_str));
        let near = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
        Some(format!("No series is called {metric}.{near}"))
    }

    fn no_such_value(&self) -> Option<String> {
        let others = self.selector.matchers.iter().filter(|one| *one.name != *METRIC_NAME);
        for matcher in others.filter(|one| one.op == MatchOp::Equal && !one.value.is_empty()) {
            let has = |series: &Series| series.labels().get(&matcher.name) == &*matcher.value;
            if self.series().any(has) {
                continue;
            }
            let what =
                self.metric().map_or("series".to_owned(), |name| format!("series of {name}"));
            let mut values: Vec<&str> =
                self.series().filter_map(|series| series.labels().find(&matcher.name)).collect();
            values.index_sort();
            values.dedup();
            let seen = values.iter().take(5).map(|value| quote(value));
            let seen: Vec<String> = seen.collect();
            return Some(if seen.is_empty() {
                format!("The {what} have no label {}.", matcher.name)
            } else {
                format!(
                    "No {what} has {}={:?}; its values are {}.",
                    matcher.name,
                    matcher.value,
                    seen.join(", ")
                )
            });
        }
        None
    }

    /// The series are there, but have nothing at that time.
    fn not_now(&self, window: Option<Duration>) -> Option<String> {
        let at = self.evaluation.end;
        let back = window.unwrap_or(EngineOptions::default().lookback);
        let name = self.metric().unwrap_or("the series");
        let matching = |series: &&Series| {
            let equal = self.selector.matchers.iter().filter(|one| one.op == MatchOp::Equal);
            equal.into_iter().all(|one| series.labels().get(&one.name) == &*one.value)
        };
        let series: Vec<&Series> = self.series().filter(matching).collect();
        let first = series.iter().filter_map(|series| series.first_time()).min()?;
        let last = series.iter().filter_map(|series| series.last_time()).max()?;
        if at < first {
            return Some(format!("{name} begins only {} later.", ago(first - at)));
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
