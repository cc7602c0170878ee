//! Page "Targets": the target table as Prometheus's page "Target health" shows it, and the dropped,
//! failed and merged targets that it does not show.

use serde::{Deserialize, Serialize};

use super::cluster::Refused;
use super::query::Line;
use super::{Label, Note};
use text::Location;

/// The most rows of a pool that a view holds.
pub const ROWS: usize = 50;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub show: Show,
    /// Shows only targets with this text in the URL, a label's name or its value; empty for all.
    pub search: String,
    /// The rows whose discovered labels are shown.
    pub details: Vec<Key>,
    /// The state of pools that the user opened, closed or scrolled.
    pub pools: Vec<PoolChoice>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    #[default]
    All,
    Up,
    /// Down, or not scraped yet.
    Unhealthy,
    Dropped,
    Failed,
    /// Targets that several discovered targets were merged into.
    Merged,
}

/// Identifies a discovered target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    pub job: String,
    pub mechanism: u32,
    pub group: u32,
    pub target: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolChoice {
    pub job: String,
    /// None if the user has not opened or closed the pool.
    pub open: Option<bool>,
    /// The first row to show.
    pub first: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub query: Query,
    pub pools: Vec<Pool>,
    pub discovered: u32,
    pub kept: u32,
    pub distinct: u32,
    pub up: u32,
    pub down: u32,
    /// Targets of which no file says what answers.
    pub undescribed: u32,
    pub dropped: u32,
    pub failed: u32,
    pub merged: u32,
    /// The reason why there are no targets.
    pub note: Option<Note>,
    /// Objects that the API server refuses. Their targets are missing, or are those of the objects
    /// that are stored.
    pub refused: Vec<Refused>,
    /// The difference from a live server; None if no file has its answers.
    pub comparison: Option<Comparison>,
    /// Graphs of the series that the scenario is about.
    pub sparklines: Vec<Sparkline>,
}

/// The targets of one `scrape_config`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    pub job: String,
    pub location: Option<Location>,
    pub up: u32,
    pub down: u32,
    /// Targets of which no file says what answers.
    pub undescribed: u32,
    /// Active targets.
    pub active: u32,
    /// The number of rows that match the query; `targets` holds those from `first` on.
    pub matching: u32,
    pub first: u32,
    /// The number of rows before `first` whose details are open.
    pub opened: u32,
    pub open: bool,
    pub targets: Vec<Row>,
    /// The reason why the pool has no targets.
    pub note: Option<Note>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub key: Key,
    /// The URL, or the address of a target that has none.
    pub url: String,
    pub labels: Vec<Label>,
    pub state: State,
    /// Seconds since the last scrape.
    pub last_scrape: Option<f64>,
    /// Seconds that the last scrape took.
    pub duration: Option<f64>,
    /// The error as Prometheus prints it.
    pub error: Option<String>,
    /// A file that describes what answers at an undescribed target, as a proposal.
    pub proposal: Option<NewFile>,
    /// A file for a pasted `/metrics` body of an undescribed target.
    pub body: Option<NewFile>,
    /// The causes of the error, with their places.
    pub reasons: Vec<Reason>,
    /// What a live server said about the target; None if no file has its answers.
    pub server: Option<ServerSaid>,
    /// The number of discovered targets that were merged into this one.
    pub merged: u32,
    /// The details, if they are open.
    pub details: Option<Details>,
}

/// The last scrape of a target by a live server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerSaid {
    /// The host name of the server; empty if its answers lack it.
    pub hostname: String,
    /// `up`, `down` or `unknown`.
    pub health: String,
    /// The time of the scrape, as the server prints it without fractions of seconds; empty before the
    /// first.
    pub at: String,
    /// Seconds that the scrape took.
    pub duration: f64,
    /// Empty if the scrape succeeded.
    pub error: String,
}

impl ServerSaid {
    /// The statement as a sentence.
    pub fn sentence(&self) -> String {
        let who = if self.hostname.is_empty() { "The server" } else { &self.hostname };
        if self.at.is_empty() {
            return format!("{who} had not scraped it yet.");
        }
        let (state, at) = (self.health.to_uppercase(), &self.at);
        let error = match self.error.as_str() {
            "" => ".".to_owned(),
            error => format!(": {error}"),
        };
        let samples = match self.health.as_str() {
            "up" => " Its answers have no samples.",
            _ => "",
        };
        let took = self.duration * 1e3;
        format!("{who} said: {state} at {at}, after a scrape of {took:.0} ms{error}{samples}")
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Labels before relabeling.
    pub discovered: Vec<Label>,
    /// Labels after relabeling that no series gets.
    pub hidden: Vec<Label>,
    /// Addresses of the discovered targets that were merged into this one.
    pub merged: Vec<String>,
    pub interval: String,
    pub timeout: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    #[default]
    /// Not scraped yet.
    Unknown,
    /// Outside of the simulated system, and no file describes what answers. Nothing is scraped.
    Undescribed,
    Up,
    Down,
    /// Dropped by a rule. Prometheus shows it on the page "Service discovery" only.
    Dropped,
    /// Not created because of an error, which Prometheus only logs.
    Failed,
}

/// A file that the page offers to create.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewFile {
    pub name: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub text: String,
    pub location: Option<Location>,
}

/// The targets compared with those that a live server showed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Version and host name of the server; empty if its answers lack them.
    pub version: String,
    pub hostname: String,
    /// Targets that the server lists, active and dropped, and those of them that are equal here.
    pub targets: u32,
    pub equal_targets: u32,
    /// Targets whose relabeling the server recorded, and those of them that are equal here.
    pub steps: u32,
    pub equal_steps: u32,
    /// The first of the differences.
    pub differences: Vec<Difference>,
    /// The number of all differences.
    pub all_differences: u32,
    /// Jobs of the server that the configuration does not have.
    pub unknown_jobs: Vec<String>,
    /// Jobs of which the server lists only some of the dropped targets.
    pub cut_jobs: Vec<CutJob>,
    /// Targets that were down on the server, with its errors.
    pub down: u32,
    /// The file with the answers of the server.
    pub file: Location,
}

/// The most differences that a view holds.
pub const DIFFERENCES: usize = 50;

/// A target with another result than on the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub job: String,
    /// The URL, or the address of a target that has none.
    pub target: String,
    pub fields: Vec<FieldDifference>,
    /// The job in the configuration.
    pub location: Option<Location>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDifference {
    /// A field of the target, the name of a label, or a step of relabeling.
    pub field: String,
    pub here: String,
    pub server: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutJob {
    pub job: String,
    pub listed: u32,
    pub all: u64,
}

/// A small graph: a query with its lines over the last minutes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sparkline {
    pub query: String,
    /// The number of points of each line; the last one is now.
    pub points: u32,
    pub lines: Vec<Line>,
    /// The sum of the lines now; None before the first sample.
    pub now: Option<f64>,
}

impl View {
    /// The number of targets that are scraped.
    pub fn active(&self) -> u32 {
        self.pools.iter().map(|pool| pool.active).sum()
    }
}
