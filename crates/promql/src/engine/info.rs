//! `info`: adds the labels of info metrics (`target_info` by default) to the series of
//! the same job and instance.
//!
//! Source: prometheus promql/info.go.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use text::IndexSort;

use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::plan::NodePlan;
use super::selectors::Lookup;
use super::series::{SampleRef, Series};
use crate::storage::SelectHints;
use crate::syntax::{Call, ExprKind, NodeId};
use crate::{Label, Labels, METRIC_NAME, MatchOp, Matcher, Timestamp};
use text::Span;

/// The labels by which series and info series belong together.
const IDENTIFYING: [&str; 2] = ["instance", "job"];

/// An info series, with the time of the sample that stands for it at each step.
struct InfoSeries {
    labels: Labels,
    times: Vec<Option<Timestamp>>,
}

/// The identity of an info series: its metric name and identifying labels.
type Signature = (Arc<str>, Labels);

/// The info metrics and labels that the call selects.
struct InfoSelector {
    names: Vec<Matcher>,
    /// By label name; all labels where there is none.
    data: BTreeMap<Arc<str>, Vec<Matcher>>,
}

impl InfoSelector {
    fn new(matchers: &[Matcher]) -> Result<Self, QueryError> {
        let mut wanted = Self { names: Vec::new(), data: BTreeMap::new() };
        for matcher in matchers {
            if &*matcher.name == METRIC_NAME {
                wanted.names.push(matcher.clone());
            } else {
                wanted.data.entry(matcher.name.clone()).or_default().push(matcher.clone());
            }
        }
        if wanted.names.is_empty() {
            wanted.names.push(Matcher::equal(METRIC_NAME, "target_info", Span::default()));
        } else if !wanted.names.iter().any(|name| is_positive(name.op)) {
            let (name, pattern) = (Arc::from(METRIC_NAME), Arc::from(".+_info"));
            let any = Matcher::new(MatchOp::Regex, name, pattern, Span::default())
                .map_err(|error| QueryError::execution(error.to_string()))?;
            wanted.names.insert(0, any);
        }
        Ok(wanted)
    }

    fn is_info(&self, labels: &Labels) -> bool {
        let name = labels.metric_name();
        self.names.iter().all(|matcher| matcher.matches(name))
    }

    fn takes(&self, label: &str) -> bool {
        self.data.is_empty() || self.data.contains_key(label)
    }

    /// Returns true if a series without info series is kept.
    fn may_be_missing(&self) -> bool {
        self.data.values().flatten().all(|matcher| matcher.matches(""))
    }
}

const fn is_positive(op: MatchOp) -> bool {
    matches!(op, MatchOp::Equal | MatchOp::Regex)
}

fn identity(labels: &Labels) -> Labels {
    labels.filtered(|label: &Label| IDENTIFYING.contains(&&*label.name))
}

impl Evaluator<'_> {
    pub fn info(&mut self, call: &Call, eval_steps: &EvalSteps) -> Result<Vec<Series>, QueryError> {
        let Some(&arg) = call.args.first() else { return Ok(Vec::new()) };
        let (at, offset) = self.first_selector_times(arg);
        let lookup = Lookup { offset, at, lookback: self.options.lookback.millis() };
        let base = self.take_vector(arg);
        let matchers = call.args.get(1).and_then(|&labels| {
            let inner = self.ast.unwrap_parens(labels);
            self.ast.get(inner).kind.selector().map(|selector| &selector.matchers[..])
        });
        let wanted = InfoSelector::new(matchers.unwrap_or_default())?;
        let ignored: Vec<bool> = base.iter().map(|one| wanted.is_info(&one.labels)).collect();
        let info = self.info_series(&base, &ignored, &wanted, lookup, eval_steps)?;
        let by_signature = newest_by_signature(&info, eval_steps)?;
        let metrics: Vec<Arc<str>> = {
            let names: HashSet<&str> =
                info.iter().map(|series| series.labels.metric_name()).collect();
            let mut names: Vec<Arc<str>> = names.into_iter().map(Arc::from).collect();
            names.index_sort();
            names
        };
        let mut result = Vec::new();
        for (one, ignored) in base.into_iter().zip(ignored) {
            self.limits.check_interrupt()?;
            if ignored {
                result.push(one);
            } else {
                enrich(&one, &metrics, &info, &by_signature, &wanted, eval_steps, &mut result)?;
            }
        }
        result.retain(|one| !one.is_empty());
        // Unlike elsewhere two series with the same labels are refused in an instant query too.
        super::series::merge_same_labelsets(result, eval_steps.count)
    }

    /// The `@` and the offset of the first selector below a node hold for info series as well.
    fn first_selector_times(&self, id: NodeId) -> (Option<Timestamp>, i64) {
        let mut path: Vec<(Option<Timestamp>, i64)> = Vec::new();
        let mut at = id;
        loop {
            let expr = self.ast.get(at);
            match self.query_plan.node_plan(at) {
                NodePlan::Instant(plan) | NodePlan::Range(plan) => {
                    let (mut time, mut offset) = (plan.at, plan.offset);
                    for &(subquery_time, subquery_offset) in path.iter().rev() {
                        if time.is_some() {
                            break;
                        }
                        offset = offset.saturating_add(subquery_offset);
                        time = subquery_time;
                    }
                    return (time, offset);
                }
                NodePlan::Subquery(plan) => path.push((plan.at, plan.offset)),
                _ => {}
            }
            // The first operand that has a selector below it.
            let next = expr.kind.children().find(|&child| self.has_selector(child));
            match next {
                Some(child) => at = child,
                None => return (None, 0),
            }
        }
    }

    fn has_selector(&self, id: NodeId) -> bool {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let kind = &self.ast.get(id).kind;
            if matches!(kind, ExprKind::Vector(_) | ExprKind::Matrix(_)) {
                return true;
            }
            open.extend(kind.children());
        }
        false
    }

    /// The info series of the jobs and instances that occur.
    fn info_series(
        &mut self,
        base: &[Series],
        ignored: &[bool],
        wanted: &InfoSelector,
        lookup: Lookup,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<InfoSeries>, QueryError> {
        let mut matchers: Vec<Matcher> = Vec::new();
        for name in IDENTIFYING {
            let values: HashSet<&str> = base
                .iter()
                .zip(ignored)
                .filter(|(_, ignored)| !**ignored)
                .map(|(one, _)| one.labels.get(name))
                .filter(|value| !value.is_empty())
                .collect();
            if !values.is_empty() {
                matchers.push(Matcher::one_of(name, values));
            }
        }
        if matchers.is_empty() {
            return Ok(Vec::new());
        }
        let written = wanted.data.values().flatten().chain(&wanted.names);
        matchers.extend(written.cloned());
        let (from, end) = lookup.reach_over(eval_steps);
        let start = from.saturating_add(1);
        let function = Some("info");
        let hints =
            SelectHints { start, end, step: eval_steps.step, function, ..SelectHints::default() };
        let mut result = Vec::new();
        self.for_each_series(&matchers, &hints, false, |ev, labels, buffer| {
            ev.note_read(buffer);
            ev.limits.check_points(result.len() + 1, eval_steps.count)?;
            let mut times = vec![None; eval_steps.count];
            let mut has_histogram = false;
            lookup.walk(buffer, eval_steps, |step, found| {
                has_histogram |= matches!(found.value, SampleRef::Histogram(_));
                times[step] = Some(found.time);
            });
            if has_histogram {
                return Err(QueryError::execution(format!(
                    "this should be an info metric, with float samples: {labels}"
                )));
            }
            if times.iter().any(Option::is_some) {
                result.push(InfoSeries { labels, times });
            }
            Ok(())
        })?;
        Ok(result)
    }
}

/// For each signature and step the info series with the newest sample. Fails where two are equally
/// new.
fn newest_by_signature(
    info: &[InfoSeries],
    eval_steps: &EvalSteps,
) -> Result<HashMap<Signature, Vec<Option<usize>>>, QueryError> {
    let mut newest: HashMap<Signature, Vec<Option<usize>>> = HashMap::new();
    let mut conflict: Option<(usize, QueryError)> = None;
    for (at, series) in info.iter().enumerate() {
        let signature = (Arc::from(series.labels.metric_name()), identity(&series.labels));
        let steps = newest.entry(signature).or_insert_with(|| vec![None; eval_steps.count]);
        for (step, slot) in steps.iter_mut().enumerate() {
            let Some(time) = series.times[step] else { continue };
            let known = slot.and_then(|known: usize| Some((known, info[known].times[step]?)));
            match known {
                Some((_, before)) if before > time => {}
                Some((known, before)) if before == time => {
                    if conflict.as_ref().is_none_or(|(earliest, _)| step < *earliest) {
                        let error = QueryError::execution(format!(
                            "found duplicate series for info metric: existing {} @ {before}, new \
                             {} @ {time}",
                            info[known].labels, series.labels
                        ));
                        conflict = Some((step, error));
                    }
                }
                _ => *slot = Some(at),
            }
        }
    }
    match conflict {
        Some((_, error)) => Err(error),
        None => Ok(newest),
    }
}

/// Gives a series its info labels. Where these change from step to step it becomes several.
fn enrich(
    one: &Series,
    metrics: &[Arc<str>],
    info: &[InfoSeries],
    newest: &HashMap<Signature, Vec<Option<usize>>>,
    wanted: &InfoSelector,
    eval_steps: &EvalSteps,
    result: &mut Vec<Series>,
) -> Result<(), QueryError> {
    let identity = identity(&one.labels);
    let found: Vec<&Vec<Option<usize>>> = metrics
        .iter()
        .filter_map(|metric| newest.get(&(metric.clone(), identity.clone())))
        .collect();
    let mut made: HashMap<Vec<usize>, Option<Series>> = HashMap::new();
    let mut order: Vec<Vec<usize>> = Vec::new();
    for step in 0..eval_steps.count {
        let Some(sample) = one.at(step) else { continue };
        let here: Vec<usize> = found.iter().filter_map(|steps| steps[step]).collect();
        if !made.contains_key(&here) {
            let series = if here.is_empty() && !wanted.may_be_missing() {
                None
            } else {
                Some(Series::new(with_info_labels(one, &here, info, wanted)?, one.drop_name))
            };
            made.insert(here.clone(), series);
            order.push(here.clone());
        }
        if let Some(Some(series)) = made.get_mut(&here) {
            series.set(step, eval_steps.count, sample.to_owned());
        }
    }
    result.extend(order.into_iter().filter_map(|key| made.remove(&key).flatten()));
    Ok(())
}

/// The labels of a series with those of info series, of which none may contradict another. What
/// the series has itself stays.
fn with_info_labels(
    one: &Series,
    here: &[usize],
    info: &[InfoSeries],
    wanted: &InfoSelector,
) -> Result<Labels, QueryError> {
    let mut added = crate::LabelsBuilder::new();
    for series in here.iter().filter_map(|&at| info.get(at)) {
        for label in &series.labels {
            let name = &*label.name;
            if name == METRIC_NAME || !wanted.takes(name) {
                continue;
            }
            let known = added.get(name);
            if !known.is_empty() && *known != *label.value {
                return Err(QueryError::execution(format!("conflicting label: {name}")));
            }
            if !one.labels.has(name) {
                added.set(label.name.clone(), label.value.clone());
            }
        }
    }
    let mut labels = one.labels.builder();
    for (name, value) in added.iter() {
        labels.set(name.clone(), value.clone());
    }
    Ok(labels.build())
}
