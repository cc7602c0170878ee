//! Prometheus's language for testing queries, and what runs it.
//!
//! | file | contents |
//! | --- | --- |
//! | `script` | a script's lines into commands |
//! | `series` | `metric{labels} 1 2+3x4 {{sum:5}}`: a series with its values |
//! | `histogram` | `{{schema:1 buckets:[1 2]}}` |
//! | `start_times` | `metric@st -1m`: since when values count |
//! | `load` | series into storage, with native histograms made from classic ones |
//! | `compare` | whether an answer is the expected one |
//! | `engine` | the engine as scripts use it |
//! | `run` | all commands of a script against an engine |
//!
//! Source for the language: prometheus `promql/promqltest`.

mod compare;
mod engine;
mod histogram;
mod load;
mod run;
mod script;
pub mod series;
mod start_times;

use std::fmt;

pub use engine::ScriptEngine;
pub use load::Load;
pub use run::{Evaluation, Failure, Report, TestEngine, run_script};
pub use script::{Command, Eval, EvalTime, Expectation, Expected, Script};
pub use series::{
    SequenceValue, SeriesLine, locate_series_error, parse_series_line, parse_series_values,
};

/// The error of a script or a series. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The line, counting from 1.
    pub line: usize,
    /// The reason.
    pub message: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}
