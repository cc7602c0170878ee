//! The PromQL engine as a [`RuleEngine`].

use super::RuleEngine;
use promql::engine;
use promql::storage::Storage;
use promql::syntax::{Ast, ParserOptions, parse};
use promql::{Labels, SampleValue, Timestamp};

/// Evaluates rule expressions and template queries with the PromQL engine.
#[derive(Clone, Debug, Default)]
pub struct PromqlRules {
    pub engine: engine::Engine,
    pub parser: ParserOptions,
}

impl RuleEngine for PromqlRules {
    fn evaluate(
        &self,
        storage: &Storage,
        ast: &Ast,
        time: Timestamp,
    ) -> Result<Vec<(Labels, SampleValue)>, String> {
        let result = self.engine.instant(storage, ast, time).map_err(|error| error.message)?;
        match result.value {
            engine::Value::Vector(samples) => {
                Ok(samples.into_iter().map(|sample| (sample.labels, sample.value)).collect())
            }
            engine::Value::Scalar { value, .. } => {
                Ok(vec![(Labels::empty(), SampleValue::Float(value))])
            }
            _ => Err("rule result is not a vector or scalar".into()),
        }
    }

    fn evaluate_text(
        &self,
        storage: &Storage,
        query: &str,
        time: Timestamp,
    ) -> Result<Vec<(Labels, SampleValue)>, String> {
        let ast = parse(query, &self.parser).map_err(|errors| errors.to_string())?;
        self.evaluate(storage, &ast, time)
    }
}
