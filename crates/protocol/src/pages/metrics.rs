//! Page "Metrics": the exposition of a target, line by line, and the series that a scrape stores.

use serde::{Deserialize, Serialize};

use super::discovery::Step;
use text::Location;

/// The most rows that a list shows at once.
pub const ROWS: usize = 200;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tab {
    #[default]
    Answer,
    Stored,
    Cardinality,
    Findings,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The job of the target.
    pub job: String,
    /// The URL of the target; the first target if there is none with this job and URL.
    pub url: String,
    pub tab: Tab,
    /// Shows only lines, series or metrics that contain this text.
    pub filter: String,
    /// The series to show.
    pub which: Which,
    /// The part of the list to show, from 0, in units of [`ROWS`].
    pub page: u32,
    /// The line to explain, from 1.
    pub line: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The query, with the target and the part of the list that are shown.
    pub query: Query,
    /// Every target's job and URL, in the order of the table.
    pub targets: Vec<(String, String)>,
    pub content_type: String,
    /// True if the response is binary and the lines are a description of it.
    pub binary: bool,
    /// The reason why there is no text.
    pub error: Option<String>,
    /// The line that Prometheus cannot parse, and the error.
    pub mistake: Option<(u32, String)>,
    pub program: Option<Program>,
    pub scrape: Scrape,
    /// The number of rows of the open list.
    pub all: u32,
    /// The number of rows that match the filter.
    pub matching: u32,
    /// The first row shown.
    pub first: u32,
    pub lines: Vec<Line>,
    pub details: Option<LineDetails>,
    pub stored: Vec<Stored>,
    pub families: Vec<Family>,
    pub findings: Vec<Finding>,
    /// The number of findings, for the tab.
    pub findings_count: u32,
}

/// A metric family with the number of its series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Family {
    pub name: String,
    pub kind: String,
    pub help: String,
    pub series: u32,
    /// In thousandths of all series.
    pub share: u32,
    /// Labels with the number of their values, the most first.
    pub labels: Vec<(String, u32)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub code: String,
    pub line: u32,
    pub message: String,
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// From 1.
    pub number: u32,
    pub text: String,
    pub kind: LineKind,
    /// True if there is a finding on the line.
    pub found: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineKind {
    /// Metadata and comments.
    Head,
    /// A sample; `value` is the byte offset of its value.
    Sample { value: u32 },
    /// The line at which parsing fails.
    Mistake,
    /// A line of a binary response.
    Other,
}

/// The explanation of a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineDetails {
    pub number: u32,
    pub title: String,
    pub kind: String,
    pub body: Vec<String>,
    /// Findings: message and reason.
    pub findings: Vec<(String, String)>,
    pub sample: Option<SampleDetails>,
}

/// The way of a sample into the storage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleDetails {
    pub help: String,
    pub exposed: Vec<(String, String)>,
    /// Explanations of labels that the sample and its target both have.
    pub conflicts: Vec<String>,
    /// The labels after those of the target were added.
    pub joined: Vec<(String, String)>,
    pub steps: Vec<Step>,
    pub fate: Fate,
    /// The last stored value, and its time in milliseconds since the start.
    pub last: Option<(String, u64)>,
    /// A query that shows the series.
    pub graph: Option<String>,
    pub exemplar: Option<String>,
}

/// The program behind a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    pub title: String,
    /// `container web of default/web-0, port 8080`.
    pub place: String,
    /// The reason why this program runs there: a file, the scenario, or the image.
    pub because: String,
    /// The file that selects the program, if there is one.
    pub file: Option<String>,
    /// The name of the ready-made workload; empty if it is another one.
    pub name: String,
    /// Name and text of a file with this program's workload, as a start for edits.
    pub edit: (String, String),
    /// Name and text of a file for a pasted response.
    pub paste: (String, String),
    pub others: Vec<ReadyMade>,
}

/// Another program to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadyMade {
    pub name: String,
    pub title: String,
    /// The text of a file that selects it.
    pub text: String,
}

/// The last scrape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scrape {
    /// Milliseconds since the start; None before the first scrape.
    pub at: Option<u64>,
    pub error: Option<String>,
    /// Name, value, and the limit or reference.
    pub facts: Vec<(String, String, String)>,
    pub meta: Vec<Meta>,
    /// Log lines about samples that were refused.
    pub warnings: Vec<String>,
    /// The `Accept` header of the request.
    pub accept: String,
    /// The number of `metric_relabel_configs`.
    pub rules: u32,
}

/// A series that Prometheus adds to each scrape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    pub name: String,
    pub value: String,
    pub about: String,
    pub query: String,
}

/// Which series are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    #[default]
    All,
    /// Series that are not stored.
    Left,
    /// Series whose labels are changed by rules.
    Changed,
}

/// A sample and its outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    /// The sample as it is exposed.
    pub exposed: String,
    pub value: String,
    pub fate: Fate,
    /// The line of the response, if the sample has one.
    pub line: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fate {
    /// Stored with these labels; `changed` if rules changed them.
    Stored { labels: String, changed: bool, query: String },
    /// Dropped by this rule, counted from 1.
    Dropped { rule: u32, location: Option<Location> },
    /// Skipped: not treated as a sample.
    Passed { why: String },
    /// The sample fails the whole scrape.
    Fails { error: String },
}
