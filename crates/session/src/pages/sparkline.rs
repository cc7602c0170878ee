//! Sparklines: small graphs of the queries of a scenario.

use super::query;
use crate::world::Snapshot;
use protocol::pages::query::{Answer, Query, Tab};
use protocol::pages::targets::Sparkline;

/// Milliseconds that the graphs cover.
const RANGE: u64 = 300_000;
const STEP: u64 = 5_000;
/// The maximum number of lines of a graph.
const LINES: usize = 4;

/// Returns the graphs of the queries that the scenario watches.
pub(super) fn sparklines(snapshot: &Snapshot<'_>) -> Vec<Sparkline> {
    let scenario = scenarios::scenario(&snapshot.workspace.scenario);
    let watched: &[&str] = scenario.map_or(&["sum(up)"], |scenario| scenario.watch);
    watched.iter().filter_map(|query| sparkline(snapshot, (*query).to_owned())).collect()
}

fn sparkline(snapshot: &Snapshot<'_>, query: String) -> Option<Sparkline> {
    let graph_query = Query {
        query: Some(query.clone()),
        tab: Tab::Graph,
        range: RANGE,
        step: Some(STEP),
        ..Query::default()
    };
    let Answer::Graph(graph) = query::view(snapshot, &graph_query).answer else { return None };
    // The last point of the graph can lie a step before now.
    let instant = Query { tab: Tab::Table, ..graph_query };
    let Answer::Table { rows, .. } = query::view(snapshot, &instant).answer else { return None };
    let values = rows.iter().flat_map(|row| &row.values).filter_map(|value| value.parse().ok());
    let now = values.reduce(|sum: f64, value: f64| sum + value);
    let mut lines = graph.lines;
    lines.truncate(LINES);
    Some(Sparkline { query, points: graph.points, lines, now })
}
