//! The true values beside a graph: the value of the program at each point, or the true increase of
//! its counter in each window.

use super::Evaluation;
use promql::syntax::{Ast, ExprKind, NodeId, VectorSelector};
use promql::{Labels, METRIC_NAME, Timestamp};
use protocol::pages::query::Line;

/// The maximum number of lines with true values.
const MOST: usize = 6;

/// The quantity whose true value is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    Value,
    /// The increase over a number of milliseconds before each point.
    Increase(i64),
    /// The increase per second.
    Rate(i64),
}

/// Returns the true values of lines with these labels at the points of the graph, in their order.
/// Empty unless the query is a plain selector, or `rate` or `increase` of one.
pub(super) fn lines(
    evaluation: &Evaluation<'_>,
    drawn: &[Labels],
    times: &[Timestamp],
) -> Vec<Line> {
    let Some((selector, measure)) = measure(evaluation.ast, evaluation.ast.root()) else {
        return Vec::new();
    };
    let world = &evaluation.snapshot.timeline.world;
    let name = selector.name.as_deref().unwrap_or_default();
    drawn
        .iter()
        .take(MOST)
        .filter_map(|labels| {
            let mut whole = labels.builder();
            if labels.metric_name().is_empty() {
                whole.set(METRIC_NAME, name);
            }
            let source = world.source_of(&whole.build())?;
            let windows = |range: i64| -> Vec<(Timestamp, Timestamp)> {
                times.iter().map(|&t| (t - range, t)).collect()
            };
            let values = match measure {
                Measure::Value => world.exact(&source, times),
                Measure::Increase(range) => world.exact_increase(&source, &windows(range)),
                Measure::Rate(range) => {
                    let increases = world.exact_increase(&source, &windows(range));
                    let seconds = range.max(1) as f64 / 1000.0;
                    increases.into_iter().map(|one| Some(one? / seconds)).collect()
                }
            };
            Some(Line { label: format!("truth of {}", super::series_name(labels)), values })
        })
        .collect()
}

fn measure(ast: &Ast, node: NodeId) -> Option<(&VectorSelector, Measure)> {
    let plain = |selector: &VectorSelector| {
        selector.offset.is_none() && selector.at.is_none() && selector.name.is_some()
    };
    match &ast.get(node).kind {
        ExprKind::Paren(inner) => measure(ast, *inner),
        ExprKind::Vector(selector) => plain(selector).then_some((selector, Measure::Value)),
        ExprKind::Call(call) => {
            let ExprKind::Matrix(matrix) = &ast.get(*call.args.first()?).kind else { return None };
            let range = matrix.range.fixed()?.millis();
            let measure = match call.function.name() {
                "rate" => Measure::Rate(range),
                "increase" => Measure::Increase(range),
                _ => return None,
            };
            plain(&matrix.selector).then_some((&matrix.selector, measure))
        }
        _ => None,
    }
}
