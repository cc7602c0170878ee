//! Runs the commands of a script against an engine.

use go::quote::quote;
use std::fmt;

use super::ScriptError;
use super::compare::compare;
use super::script::{Command, Eval, EvalTime, Expectation, Expected, Script};
use crate::engine::{QueryTime, Value, VectorSample};
use crate::storage::Storage;
use crate::{SampleValue, Timestamp};
use go::Duration;

/// An engine that scripts can be run against.
pub trait TestEngine {
    /// Evaluates an instant or range query.
    fn evaluate(&self, storage: &Storage, query: &str, time: QueryTime) -> Evaluation;

    /// Returns the query with `@ time` (milliseconds) added to every selector and subquery without
    /// an `@` modifier, so that its result does not depend on the evaluation time. Returns None if
    /// that is not possible, for example for a query that calls `time()`.
    fn pinned(&self, query: &str, time: Timestamp) -> Option<String>;
}

/// The result of one query with its annotations, in the words of the HTTP API.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The value, or the error message.
    pub value: Result<Value, String>,
    /// Annotations of severity warning.
    pub warnings: Vec<String>,
    /// Annotations of severity info.
    pub infos: Vec<String>,
}

impl Evaluation {
    /// A query that failed with a message.
    pub fn failed(message: String) -> Self {
        Self { value: Err(message), warnings: Vec::new(), infos: Vec::new() }
    }
}

/// The results of a script.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Evaluations with the expected result.
    pub passed: usize,
    /// All evaluations. If the script cannot be parsed, the number of its `eval` lines.
    pub total: usize,
    /// The evaluations and other commands that failed, in script order.
    pub failures: Vec<Failure>,
}

/// A command that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The name of the script.
    pub file: String,
    /// The line of the command, counting from 1.
    pub line: usize,
    /// The query. Empty if the command is not an evaluation.
    pub query: String,
    /// The expected and the actual result.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.query.is_empty() {
            write!(f, "{}: ", self.query)?;
        }
        f.write_str(&self.message)
    }
}

/// Runs a script on an empty storage. `file` names the script in failures.
///
/// A script that cannot be parsed has one failure and no passed evaluations.
pub fn run_script(file: &str, text: &str, engine: &impl TestEngine) -> Report {
    let mut report = Report::default();
    let fail = |line: usize, query: &str, message: String, report: &mut Report| {
        let (file, query) = (file.to_owned(), query.to_owned());
        report.failures.push(Failure { file, line, query, message });
    };
    let script = match Script::parse(text) {
        Ok(script) => script,
        Err(ScriptError { line, message }) => {
            report.total = text.lines().filter(|line| line.trim().starts_with("eval")).count();
            fail(line, "", message, &mut report);
            return report;
        }
    };
    report.total = script.evals();
    let mut storage = Storage::unbounded();
    for command in &script.commands {
        match command {
            Command::Clear => storage.clear(),
            Command::Load(load) => {
                if let Err(message) = load.store(&mut storage) {
                    fail(load.line, "", format!("loading failed: {message}"), &mut report);
                }
            }
            Command::Eval(eval) => match run_eval(eval, &storage, engine) {
                Ok(()) => report.passed += 1,
                Err(message) => fail(eval.line, &eval.query, message, &mut report),
            },
        }
    }
    report
}

fn run_eval(eval: &Eval, storage: &Storage, engine: &impl TestEngine) -> Result<(), String> {
    let time = match eval.when {
        EvalTime::Range { start, end, step } => {
            return check(
                eval,
                &engine.evaluate(storage, &eval.query, QueryTime::Range { start, end, step }),
            );
        }
        EvalTime::Instant(time) => time,
    };
    run_instant(eval, storage, engine, &eval.query, time)?;
    let Some(pinned) = engine.pinned(&eval.query, time) else { return Ok(()) };
    let other_times = match time {
        0 => vec![-1000, 0, 1000],
        time => vec![time.saturating_mul(-10), 0, time / 5, time, time.saturating_mul(10)],
    };
    for other in other_times {
        run_instant(eval, storage, engine, &pinned, other)
            .map_err(|why| format!("as {pinned} at {other} ms: {why}"))?;
    }
    Ok(())
}

/// Evaluates at one time, and again as the middle step of a range, which must not differ.
fn run_instant(
    eval: &Eval,
    storage: &Storage,
    engine: &impl TestEngine,
    query: &str,
    time: Timestamp,
) -> Result<(), String> {
    const MINUTE: i64 = 60_000;
    let evaluation = engine.evaluate(storage, query, QueryTime::Instant(time));
    check(eval, &evaluation)?;
    let Ok(value) = &evaluation.value else { return Ok(()) };
    let one_step = matches!(eval.expected, Expected::Series(_) | Expected::Scalar(_));
    let of_its_range = ["start()", "end()", "range()", "step()"];
    if !one_step || of_its_range.iter().any(|function| query.contains(function)) {
        return Ok(());
    }
    let step = Duration(MINUTE);
    let (start, end) = (time.saturating_sub(MINUTE), time.saturating_add(MINUTE));
    let range = engine.evaluate(storage, query, QueryTime::Range { start, end, step });
    let matrix = match range.value {
        Ok(Value::Matrix(matrix)) => matrix,
        Ok(_) => return Err("the range query gave no matrix".into()),
        Err(message) => return Err(format!("in range mode: {message}")),
    };
    if eval.ordered {
        return Ok(());
    }
    let middle: Vec<_> = matrix
        .into_iter()
        .filter_map(|series| {
            let float = series.floats.iter().find(|point| point.0 == time);
            let value = match float {
                Some(&(_, value)) => SampleValue::Float(value),
                None => {
                    let found = series.histograms.into_iter().find(|point| point.0 == time)?;
                    SampleValue::Histogram(found.1)
                }
            };
            Some(VectorSample { labels: series.labels, time, value })
        })
        .collect();
    let middle = match (value, middle.first().map(|sample| &sample.value)) {
        (Value::Scalar { .. }, Some(&SampleValue::Float(value))) => Value::Scalar { time, value },
        _ => Value::Vector(middle),
    };
    compare(eval, &middle).map_err(|why| format!("in range mode: {why}"))
}

fn check(eval: &Eval, evaluation: &Evaluation) -> Result<(), String> {
    match (&evaluation.value, &eval.fail) {
        (Err(message), Some(expected)) if expected.matches(message) => Ok(()),
        (Err(message), Some(expected)) => {
            Err(format!("expected error {}, but got: {message}", quote(expected.text())))
        }
        (Err(message), None) => Err(format!("error: {message}")),
        (Ok(_), Some(_)) => Err("expected an error but got none".into()),
        (Ok(value), None) => {
            check_annotations("warn", &eval.warn, eval.no_warn, &evaluation.warnings)?;
            check_annotations("info", &eval.info, eval.no_info, &evaluation.infos)?;
            compare(eval, value)
        }
    }
}

/// Every expectation needs an annotation, and if there is one, every annotation an expectation.
fn check_annotations(
    kind: &str,
    expected: &[Expectation],
    none: bool,
    got: &[String],
) -> Result<(), String> {
    if none && !got.is_empty() {
        return Err(format!("expected no {kind} annotations, but got: {got:?}"));
    }
    if let Some(unmet) = expected.iter().find(|one| !got.iter().any(|text| one.matches(text))) {
        return Err(format!(
            "expected {kind} annotation {}, but got: {got:?}",
            quote(unmet.text())
        ));
    }
    let surprise = got.iter().find(|text| !expected.iter().any(|one| one.matches(text)));
    match surprise {
        Some(text) if !expected.is_empty() => {
            Err(format!("unexpected {kind} annotation {text}", text = quote(text)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Labels;
    use crate::engine::MatrixSeries;

    /// Returns the samples of the metric `m` at the time of every query.
    struct Echo;

    impl Echo {
        fn at(storage: &Storage, time: Timestamp) -> Option<f64> {
            let labels = Labels::from_pairs([("__name__", "m")]);
            let mut buffer = crate::storage::SampleBuffer::default();
            storage.series(storage.find(&labels)?)?.read(time, time, &mut buffer);
            buffer.floats.first().copied()
        }
    }

    impl TestEngine for Echo {
        fn evaluate(&self, storage: &Storage, query: &str, time: QueryTime) -> Evaluation {
            if query == "bad" {
                return Evaluation::failed("it is bad".to_owned());
            }
            let value = match time {
                QueryTime::Instant(time) => {
                    let sample = Self::at(storage, time).map(|value| VectorSample {
                        labels: Labels::empty(),
                        time,
                        value: SampleValue::Float(value),
                    });
                    Value::Vector(sample.into_iter().collect())
                }
                QueryTime::Range { start, end, step } => {
                    let floats = (start..=end)
                        .step_by(step.millis() as usize)
                        .filter_map(|time| Some((time, Self::at(storage, time)?)))
                        .collect();
                    Value::Matrix(vec![MatrixSeries { floats, ..MatrixSeries::default() }])
                }
            };
            let warnings =
                if query == "warned" { vec!["careful (1:1)".to_owned()] } else { Vec::new() };
            Evaluation { value: Ok(value), warnings, infos: Vec::new() }
        }

        fn pinned(&self, _query: &str, _time: Timestamp) -> Option<String> {
            None
        }
    }

    #[test]
    fn counts_what_passes() {
        let load = "load 1m\n m 1 2 4\n\n";
        for (eval, failure) in [
            ("eval instant at 1m m\n {} 2", ""),
            ("eval instant at 1m m\n {} 3", "expected 3 for {} but got 2"),
            ("eval instant at 1m m\n x 2", "unexpected metric {} in result, has value 2"),
            (
                "eval instant at 1m m\n {} 2\n x 3",
                "expected metric {__name__=\"x\"} with 3 not found",
            ),
            ("eval range from 0 to 3m step 1m m\n {} 1 2 4", ""),
            ("eval range from 0 to 3m step 1m m\n {} 1 2 4 5", "expected 1 2 4 5 for {}"),
            ("eval instant at 1m bad\n expect fail msg: it is bad", ""),
            ("eval instant at 1m bad\n expect fail msg: it is good", "expected error"),
            ("eval instant at 1m bad", "error: it is bad"),
            ("eval instant at 1m m\n expect fail", "expected an error but got none"),
            ("eval instant at 1m warned\n expect warn msg: careful (1:1)\n {} 2", ""),
            (
                "eval instant at 1m warned\n expect warn regex: care\n expect warn regex: less\n {} 2",
                "expected warn annotation \"less\"",
            ),
            ("eval instant at 1m warned\n expect no_warn\n {} 2", "expected no warn"),
            ("eval instant at 1m warned\n {} 2", ""),
            ("eval instant at 1m m\n expect warn\n {} 2", "expected warn annotation"),
            ("eval instant at 1m m\n 2", "expected scalar result, but got vector"),
        ] {
            let report = run_script("t.test", &format!("{load}{eval}\n"), &Echo);
            assert_eq!(report.total, 1, "{eval}");
            assert_eq!(
                report.passed,
                usize::from(failure.is_empty()),
                "{eval}: {:?}",
                report.failures
            );
            if let Some(got) = report.failures.first() {
                assert!(got.to_string().starts_with("t.test:4: "), "{got}");
                assert!(got.message.contains(failure), "{eval}: {got}");
            }
        }
    }

    #[test]
    fn a_script_that_cannot_be_read_passes_nothing() {
        let report = run_script("t.test", "load 1m\n m x\n\neval instant at 1m m\n", &Echo);
        assert_eq!((report.passed, report.total, report.failures.len()), (0, 1, 1));
    }
}
