//! Tests of rules, as `promtool test rules` runs them.
//!
//! A test brings series of its own, evaluates the rules over them at every interval, and compares
//! alerts and the values of expressions with what it expects.
//! Source: prometheus `cmd/promtool/unittest.go`.

mod file;
mod run;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use file::{load, read_time};
pub use run::{RuleFiles, TestOptions, run};

use go::Duration;
use promql::histogram::FloatHistogram;
use promql::{Labels, Timestamp};

/// A file of tests.
#[derive(Clone, Debug)]
pub struct UnitTestFile {
    /// Patterns of the rule files under test.
    pub rule_files: Vec<String>,
    pub evaluation_interval: Duration,
    /// Groups in the order of their evaluation; groups that are not named come first.
    pub group_eval_order: Vec<String>,
    pub tests: Vec<TestGroup>,
    /// Values may differ by one unit in the last place.
    pub fuzzy_compare: bool,
}

/// Series with the expectations on them.
#[derive(Clone, Debug)]
pub struct TestGroup {
    /// Empty where it has none.
    pub name: String,
    /// Between the values of the series.
    pub interval: Duration,
    pub start: Timestamp,
    /// Each series in the test language: its labels, its values.
    pub input_series: Vec<(String, String)>,
    pub alert_tests: Vec<AlertTest>,
    pub expr_tests: Vec<ExprTest>,
    pub external_labels: BTreeMap<String, String>,
    pub external_url: String,
}

/// Which alerts of a name must fire at a time.
#[derive(Clone, Debug)]
pub struct AlertTest {
    pub eval_time: Duration,
    pub alertname: String,
    /// Labels without the name, and annotations.
    pub expected: Vec<(BTreeMap<String, String>, BTreeMap<String, String>)>,
}

/// What an expression must give at a time.
#[derive(Clone, Debug)]
pub struct ExprTest {
    pub expr: String,
    pub eval_time: Duration,
    /// Labels in PromQL's notation, the value, and a histogram in the test language or nothing.
    pub expected: Vec<(String, f64, String)>,
}

/// A sample as it is compared.
#[derive(Clone, Debug)]
struct ComparedSample {
    labels: Labels,
    value: f64,
    histogram: Option<Arc<FloatHistogram>>,
}

#[cfg(test)]
mod tests;
