//! Page "Query": a PromQL query, its result as table or graph, and how it is computed.

use serde::{Deserialize, Serialize};

use super::rate_lab::SeriesWindow;
use crate::labels::Labels;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// None for the query of the scenario.
    pub query: Option<String>,
    pub tab: Tab,
    /// The range of the graph, in milliseconds.
    pub range: u64,
    /// The step of the graph, in milliseconds; None for one that fits the range.
    pub step: Option<u64>,
    /// The end of the graph, in milliseconds since the start; None for now.
    pub end: Option<u64>,
    /// The sample whose computation is explained.
    pub terms: Option<TermsQuery>,
    /// Adds the true values of the programs to the graph.
    pub truth: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    Table,
    #[default]
    Graph,
    Explain,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TermsQuery {
    pub node: u32,
    pub labels: Labels,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            query: None,
            tab: Tab::Graph,
            range: 600_000,
            step: None,
            end: None,
            terms: None,
            truth: false,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub query: Query,
    /// The query that was evaluated.
    pub promql: String,
    /// The error of the query.
    pub problem: Option<Problem>,
    /// Warnings and infos, as Prometheus shows them above the result.
    pub annotations: Vec<(AnnotationKind, String)>,
    /// Frequent mistakes that the query may contain.
    pub hints: Vec<Hint>,
    /// The reasons why the result is empty, as sentences.
    pub empty: Vec<String>,
    pub answer: Answer,
    /// `vector`, `matrix`, `scalar`, `string`.
    pub value_type: String,
    pub samples_read: u64,
    /// The evaluation time, in milliseconds since the start.
    pub at: u64,
    /// The queries of the dashboards in the workspace.
    pub dashboards: Vec<DashboardQuery>,
}

/// An expression of a Grafana dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardQuery {
    /// The titles of the dashboard and of the panel.
    pub title: String,
    pub expr: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    pub message: String,
    /// Byte offsets in the query.
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnnotationKind {
    Warning,
    Info,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    pub code: String,
    pub message: String,
    pub help: String,
    /// The label of a button, and the query that it writes.
    pub rewrite: Option<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    #[default]
    None,
    Table {
        rows: Vec<Row>,
        total: usize,
    },
    Graph(Graph),
    Explain {
        nodes: Vec<NodeRow>,
        /// The number of nodes that are not listed.
        more: usize,
        terms: Option<TermsView>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub labels: Labels,
    /// Samples as `value`, or `value @seconds` in a range.
    pub values: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Seconds since the start of simulated time; may be negative.
    pub start: f64,
    pub end: f64,
    /// Milliseconds.
    pub step: u64,
    pub points: u32,
    pub lines: Vec<Line>,
    /// The number of lines, including those that are not sent.
    pub total: usize,
    /// The true values, if they were asked for and are known.
    pub truth: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub label: String,
    /// One value for each point; None is a gap.
    pub values: Vec<Option<f64>>,
}

/// The computation of one sample of a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TermsView {
    pub series: String,
    /// Name and computation.
    pub rows: Vec<(String, String)>,
    pub result: String,
    /// The samples of the window: seconds before its end, and value.
    pub samples: Vec<(f64, String)>,
    /// The series for the rate lab, if the lab has the function.
    pub series_window: Option<SeriesWindow>,
}

/// One node of the syntax tree. Nodes are in the order of the query's text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeRow {
    pub node: u32,
    pub depth: u32,
    pub text: String,
    /// `vector`, `matrix`, …
    pub value_type: String,
    pub series: usize,
    pub samples: usize,
    pub samples_read: usize,
    /// Labels with the number of their values, the most first.
    pub cardinality: Vec<(String, usize)>,
    /// Some series with their last values.
    pub shown: Vec<(Labels, String)>,
    pub matching: Option<Matching>,
    /// True if the computation of a sample can be explained.
    pub has_terms: bool,
}

/// Series of both sides with the same signature.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchGroup {
    pub signature: Labels,
    pub left: MatchSide,
    pub right: MatchSide,
}

/// Series of one side of a binary operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchSide {
    pub series: Vec<Labels>,
    /// The number of series that are not listed.
    pub more: usize,
}

/// The matching of a binary operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matching {
    pub matched: usize,
    pub only_left: usize,
    pub only_right: usize,
    pub groups: Vec<MatchGroup>,
}
