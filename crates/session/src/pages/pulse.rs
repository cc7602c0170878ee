//! The series that a scenario is about, in small: what was scraped, and what the query makes of it.

use serde::{Deserialize, Serialize};

use super::query::{self, Answer, Line, Tab};
use crate::Session;

/// Milliseconds that the graphs cover.
const RANGE: u64 = 300_000;
const STEP: u64 = 5_000;
/// More lines than these make no small graph.
const LINES: usize = 4;

/// A small graph: a query with its lines over the last minutes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pulse {
    pub query: String,
    /// Points of each line; the last is now.
    pub points: u32,
    pub lines: Vec<Line>,
    /// The sum of the lines now; nothing before the first sample.
    pub now: Option<f64>,
}

/// What the scenario watches.
pub fn pulses(session: &Session) -> Vec<Pulse> {
    let scenario = scenarios::scenario(&session.workspace.scenario);
    let watched: &[&str] = scenario.map_or(&["sum(up)"], |scenario| scenario.watch);
    watched.iter().filter_map(|query| pulse(session, (*query).to_owned())).collect()
}

fn pulse(session: &Session, query: String) -> Option<Pulse> {
    let question = query::Question {
        query: Some(query.clone()),
        tab: Tab::Graph,
        range: RANGE,
        step: Some(STEP),
        ..query::Question::default()
    };
    let Answer::Graph(graph) = query::view(session, &question).answer else { return None };
    // The last point of the graph can lie a step before now.
    let instant = query::Question { tab: Tab::Table, ..question };
    let Answer::Table { rows, .. } = query::view(session, &instant).answer else { return None };
    let values = rows.iter().flat_map(|row| &row.values).filter_map(|value| value.parse().ok());
    let now = values.reduce(|sum: f64, value: f64| sum + value);
    let mut lines = graph.lines;
    lines.truncate(LINES);
    Some(Pulse { query, points: graph.points, lines, now })
}
