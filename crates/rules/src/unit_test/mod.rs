//! Rule unit tests, as `promtool test rules` runs them.
//!
//! A test loads its input series, evaluates the rules at every interval, and compares alerts and
//! query results with expectations.
//!
//! Source: prometheus cmd/promtool/unittest.go.

mod diff;
mod file;
mod run;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use file::{load, read_time};
pub use run::{RuleFiles, TestOptions, TestReport, run, run_test};

use go::Duration;
use promql::histogram::FloatHistogram;
use promql::{Labels, Timestamp};

/// A unit test file.
#[derive(Clone, Debug)]
pub struct UnitTestFile {
    /// Glob patterns of rule files.
    pub rule_files: Vec<String>,
    pub evaluation_interval: Duration,
    /// Group names in the order of evaluation. Groups that are not listed come first.
    pub group_eval_order: Vec<String>,
    pub tests: Vec<TestGroup>,
    /// Allows values to differ by one unit in the last place.
    pub fuzzy_compare: bool,
}

/// A test group: input series and expectations.
#[derive(Clone, Debug)]
pub struct TestGroup {
    /// The name; may be empty.
    pub name: String,
    /// The interval between values of the input series.
    pub interval: Duration,
    pub start: Timestamp,
    /// Input series in promqltest notation: labels and values.
    pub input_series: Vec<(String, String)>,
    pub alert_tests: Vec<AlertTest>,
    pub expr_tests: Vec<ExprTest>,
    pub external_labels: BTreeMap<String, String>,
    pub external_url: String,
}

/// The expected alerts of a rule at a time.
#[derive(Clone, Debug)]
pub struct AlertTest {
    pub eval_time: Duration,
    pub alertname: String,
    /// Labels without the alert name, and annotations.
    pub expected: Vec<(BTreeMap<String, String>, BTreeMap<String, String>)>,
}

/// The expected result of a query at a time.
#[derive(Clone, Debug)]
pub struct ExprTest {
    pub expr: String,
    pub eval_time: Duration,
    /// Labels in PromQL notation, the value, and a histogram in promqltest notation; empty if there
    /// is none.
    pub expected: Vec<(String, f64, String)>,
}

/// A sample for comparison.
#[derive(Clone, Debug)]
struct ComparedSample {
    labels: Labels,
    value: f64,
    histogram: Option<Arc<FloatHistogram>>,
}

#[cfg(test)]
mod tests;
