//! Page "Rules": recording and alerting rules with their states, and unit tests of rules.

use serde::{Deserialize, Serialize};

use text::Location;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Shows only rules whose name, expression or labels contain this text; empty for all.
    pub search: String,
    /// Runs the unit tests, which may take a while.
    pub run_tests: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    pub query: Query,
    pub groups: Vec<Group>,
    pub firing: u32,
    pub pending: u32,
    /// The reason why no rule is evaluated.
    pub note: Option<String>,
    pub tests: Vec<Tests>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    pub interval: String,
    pub location: Location,
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    pub location: Location,
    pub expr: String,
    /// The highest state of the rule's alerts; None for recording rules.
    pub state: Option<String>,
    /// `for`, if it is set.
    pub hold: Option<String>,
    /// `keep_firing_for`, if it is set.
    pub keep: Option<String>,
    /// `ok`, `unknown` or `error`.
    pub health: String,
    pub error: String,
    /// Milliseconds since the last evaluation.
    pub age: Option<i64>,
    /// The number of series that the last evaluation returned.
    pub series: u32,
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(String, String)>,
    pub alerts: Vec<AlertRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRow {
    pub state: String,
    pub labels: Vec<(String, String)>,
    pub annotations: Vec<(String, String)>,
    pub value: String,
    /// The time since the alert became active, as a duration.
    pub since: String,
}

/// A file of unit tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tests {
    pub file: String,
    pub location: Location,
    /// The errors that promtool prints; empty if all tests passed. None if the tests were not run.
    pub errors: Option<Vec<String>>,
}
