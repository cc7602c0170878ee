//! The numbers of samples that a query looks at, as Prometheus counts them.
//!
//! Source: util/stats `QuerySamples`, promql/engine.go: an instant selector counts its samples at
//! each step, a range selector the samples of its window at each step. Of windows that overlap,
//! samples that were already in the window before are not read again.

use promql::engine::{Engine, QueryTime, Value};
use promql::syntax::{Ast, DurationArg, ExprKind, NodeId, parse};
use promql::{SampleValue, Timestamp};

use crate::state::ServerState;

/// `totalQueryableSamples` and `samplesRead`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Samples {
    pub total: usize,
    pub read: usize,
}

/// Counts the samples of a query whose evaluation succeeded. `stored` is the number of samples that
/// the engine took from the storage: the samples read by subqueries.
pub(super) fn count(
    state: &ServerState<'_>,
    engine: &Engine,
    ast: &Ast,
    time: QueryTime,
    stored: usize,
) -> Samples {
    let mut samples = Samples::default();
    let parents = ast.parents();
    let is_in_subquery = |id: NodeId| {
        let up = |id: &NodeId| parents.get(id.index()).copied().flatten();
        std::iter::successors(up(&id), up)
            .any(|id| matches!(ast.get(id).kind, ExprKind::Subquery(_)))
    };
    for (id, node) in ast.iter() {
        if is_in_subquery(id) {
            continue;
        }
        let text = ast.print(id);
        let points = |text: &str, time: QueryTime| evaluate(state, engine, text, time);
        match &node.kind {
            ExprKind::Vector(_) => {
                let count = points(&text, time).0;
                samples.total += count;
                samples.read += count;
            }
            ExprKind::Matrix(matrix) => {
                let count = points(&format!("count_over_time({text})"), time).1;
                samples.total += count;
                samples.read += match window_over_all_steps(&matrix.range, time) {
                    Some((range, end)) => with_range(&text, range)
                        .map_or(count, |text| points(&format!("count_over_time({text})"), end).1),
                    None => count,
                };
            }
            ExprKind::Subquery(_) => {
                samples.total += points(&format!("count_over_time({text})"), time).1;
                samples.read += stored;
            }
            _ => {}
        }
    }
    samples
}

/// The number of samples of an expression, and the sum of their values. Histograms count as one
/// sample.
fn evaluate(
    state: &ServerState<'_>,
    engine: &Engine,
    text: &str,
    time: QueryTime,
) -> (usize, usize) {
    let Ok(ast) = parse(text, &state.parser) else { return (0, 0) };
    let Ok(result) = engine.evaluate(state.storage, &ast, time, None) else { return (0, 0) };
    match result.value {
        Value::Vector(samples) => {
            let values = samples.iter().map(|sample| match &sample.value {
                SampleValue::Float(value) => *value as usize,
                SampleValue::Histogram(_) => 0,
            });
            (samples.len(), values.sum())
        }
        Value::Matrix(series) => {
            let count = series.iter().map(|one| one.floats.len() + one.histograms.len()).sum();
            let values =
                series.iter().flat_map(|one| &one.floats).map(|(_, value)| *value as usize);
            (count, values.sum())
        }
        Value::Scalar { .. } | Value::String { .. } => (0, 0),
    }
}

/// The window of a range that covers the windows of all steps, in milliseconds, with the time of
/// the last step. None if the windows do not overlap or there is only one.
fn window_over_all_steps(range: &DurationArg, time: QueryTime) -> Option<(i64, QueryTime)> {
    let QueryTime::Range { start, end, step } = time else { return None };
    let range = range.fixed()?;
    if step.millis() <= 0 || range < step {
        return None;
    }
    let span: Timestamp = end.saturating_sub(start) / step.millis() * step.millis();
    Some((range.millis().saturating_add(span), QueryTime::Instant(start.saturating_add(span))))
}

/// The text of a range selector with another range.
fn with_range(text: &str, millis: i64) -> Option<String> {
    let open = text.rfind('[')?;
    let close = open + text.get(open..)?.find(']')?;
    Some(format!("{}[{millis}ms]{}", text.get(..open)?, text.get(close + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use go::Duration;

    #[test]
    fn windows_that_overlap_are_read_once() {
        let range = DurationArg::Fixed(Duration::from_secs(60));
        let time = |step: i64| QueryTime::Range { start: 0, end: 100_000, step: Duration(step) };
        assert_eq!(
            window_over_all_steps(&range, time(30_000)),
            Some((150_000, QueryTime::Instant(90_000)))
        );
        assert_eq!(window_over_all_steps(&range, time(90_000)), None);
        assert_eq!(window_over_all_steps(&range, QueryTime::Instant(0)), None);
        assert_eq!(
            with_range(r#"a{b="["}[5m] offset 1m"#, 7).as_deref(),
            Some(r#"a{b="["}[7ms] offset 1m"#)
        );
    }
}
