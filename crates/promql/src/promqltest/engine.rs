//! The engine with the options that upstream's own scripts expect.

use super::run::{Evaluation, TestEngine};
use crate::Timestamp;
use crate::engine::{Engine, EngineOptions, QueryTime};
use crate::storage::Storage;
use crate::syntax::{ParserOptions, parse};

/// Evaluates the queries of scripts with [`Engine`].
///
/// The default accepts the whole language, experimental functions included, and sets the options
/// that Prometheus sets when it runs its own scripts.
pub struct ScriptEngine {
    engine: Engine,
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
    /// Creates an engine with other options than upstream's scripts expect.
    pub fn new(options: EngineOptions) -> Self {
        Self { engine: Engine::new(options), parser: ParserOptions::ALL }
    }
}

impl TestEngine for ScriptEngine {
    fn evaluate(&self, storage: &Storage, query: &str, time: QueryTime) -> Evaluation {
        let ast = match parse(query, &self.parser) {
            Ok(ast) => ast,
            Err(errors) => return Evaluation::failed(errors.to_string()),
        };
        match self.engine.evaluate(storage, &ast, time, None) {
            Err(error) => Evaluation::failed(error.message),
            Ok(result) => Evaluation {
                warnings: result.annotations.warnings(query),
                infos: result.annotations.infos(query),
                value: Ok(result.value),
            },
        }
    }

    fn pinned(&self, query: &str, time: Timestamp) -> Option<String> {
        let ast = parse(query, &self.parser).ok()?;
        Some(ast.pinned(time)?.to_string())
    }
}
