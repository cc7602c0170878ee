//! The engine as scripts want it: all of the language, and the flags that upstream's own tests set.

use super::run::{Engine, Outcome};
use super::{Answer, AnswerSeries, Point};
use crate::Timestamp;
use crate::engine::{self, EngineOptions, QueryTime, SampleValue, Value};
use crate::storage::Storage;
use crate::syntax::{ParserOptions, parse};
use go::Duration;

/// Evaluates the queries of scripts.
pub struct ScriptEngine {
    engine: engine::Engine,
    parser: ParserOptions,
}

impl Default for ScriptEngine {
    fn default() -> Self {
        Self::new(EngineOptions {
            delayed_name_removal: true,
            use_start_timestamps: true,
            ordered_duplicates: true,
            ..EngineOptions::default()
        })
    }
}

impl ScriptEngine {
    /// With other flags than upstream's tests have.
    pub fn new(options: EngineOptions) -> Self {
        Self { engine: engine::Engine::new(options), parser: ParserOptions::ALL }
    }

    fn evaluate(&self, storage: &Storage, query: &str, time: QueryTime) -> Outcome {
        let failed = |message: String| Outcome {
            answer: Err(message),
            warnings: Vec::new(),
            infos: Vec::new(),
        };
        let ast = match parse(query, &self.parser) {
            Ok(ast) => ast,
            Err(errors) => return failed(errors.to_string()),
        };
        match self.engine.evaluate(storage, &ast, time, None) {
            Err(error) => failed(error.message),
            Ok(result) => Outcome {
                answer: Ok(answer(result.value)),
                warnings: result.annotations.warnings(query),
                infos: result.annotations.infos(query),
            },
        }
    }
}

impl Engine for ScriptEngine {
    fn instant(&self, storage: &Storage, query: &str, time: Timestamp) -> Outcome {
        self.evaluate(storage, query, QueryTime::Instant(time))
    }

    fn range(
        &self,
        storage: &Storage,
        query: &str,
        start: Timestamp,
        end: Timestamp,
        step: Duration,
    ) -> Outcome {
        self.evaluate(storage, query, QueryTime::Range { start, end, step })
    }

    fn pinned(&self, query: &str, time: Timestamp) -> Option<String> {
        let ast = parse(query, &self.parser).ok()?;
        Some(ast.pinned(time)?.to_string())
    }
}

fn answer(value: Value) -> Answer {
    match value {
        Value::Scalar { value, .. } => Answer::Scalar(value),
        Value::String { value, .. } => Answer::String(value.to_string()),
        Value::Vector(samples) => Answer::Vector(
            samples
                .into_iter()
                .map(|sample| {
                    let point = match sample.value {
                        SampleValue::Float(value) => Point::Float(value),
                        SampleValue::Histogram(histogram) => Point::Histogram(histogram),
                    };
                    (sample.labels, point)
                })
                .collect(),
        ),
        Value::Matrix(series) => Answer::Matrix(
            series
                .into_iter()
                .map(|one| AnswerSeries {
                    labels: one.labels,
                    floats: one.floats,
                    histograms: one.histograms,
                })
                .collect(),
        ),
    }
}
