//! The engine: evaluates expressions over the series of a storage.
//!
//! A query is planned first: durations and `@` modifiers get their values, and parts with the same
//! value at every step are found. Then the nodes of the tree are evaluated one after the other,
//! operands before operators, each over all steps at once: the value of a node has, for each series,
//! a vector with one slot for each step. Range functions slide a window over the samples of one
//! series after the other.
//!
//! The results are those of Prometheus 3.14. Comments point out surprising behavior.

use text::IndexSort;
mod aggregation;
mod annotations;
mod api;
mod binary;
mod columns;
mod error;
mod eval_steps;
mod evaluator;
mod extended;
mod functions;
mod group_state;
mod histogram_functions;
mod histogram_rates;
mod info;
mod instant_functions;
mod instant_rate;
mod joining;
mod label_functions;
mod label_hash;
mod limits;
mod matching;
mod natural_order;
mod options;
mod over_time;
mod plan;
mod ranges;
mod rates;
mod regression;
mod resets;
mod run;
mod selectors;
mod series;
mod sorting;
mod subquery;
mod terms;
#[cfg(test)]
mod tests;
mod time_functions;
mod topk;
mod trace;
mod value;
mod windows;

pub use annotations::{
    Annotation, Annotations, Extent, HistogramOperation, Message, Monotonicity, Severity, position,
};
pub use api::{MAX_STEPS, QueryResponse};
pub use error::{ErrorKind, QueryError};
pub use extended::{Boundary, BoundaryClause, ExtendedTerms};
pub use histogram_rates::HistogramRateTerms;
pub use instant_rate::{InstantRateTerms, instant_rate_terms};
pub use limits::{InterruptFn, Interruption};
pub use options::EngineOptions;
pub use rates::{
    EndClause, Extrapolation, RateKind, RateTerms, ResetTerm, StartClause, rate_terms,
};
pub use regression::LinearTerms;
pub use trace::{
    Arithmetic, HistogramQuantileTerms, MatchTrace, MatchedGroup, NodeTrace, Terms, TermsRequest,
    Trace, TraceRequest,
};
pub use value::{MatrixSeries, QueryResult, QueryStats, QueryTime, Value, VectorSample};

use eval_steps::EvalSteps;
use evaluator::Evaluator;
use limits::Limits;
use plan::QueryPlan;
use series::{Output, Series};
use trace::Tracer;

use crate::storage::Queryable;
use crate::syntax::{Ast, ValueType};
use crate::{Labels, Timestamp};
use go::Duration;

/// Evaluates queries. Source: prometheus promql/engine.go.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    /// The options.
    pub options: EngineOptions,
}

impl Engine {
    /// Creates an engine.
    pub fn new(options: EngineOptions) -> Self {
        Self { options }
    }

    /// Evaluates an instant query at a time in milliseconds.
    pub fn instant(
        &self,
        storage: &dyn Queryable,
        ast: &Ast,
        time: Timestamp,
    ) -> Result<QueryResult, QueryError> {
        self.evaluate(storage, ast, QueryTime::Instant(time), None)
    }

    /// Evaluates a range query at `start`, `start + step`, … up to `end`. `start` and `end` are in
    /// milliseconds.
    pub fn range(
        &self,
        storage: &dyn Queryable,
        ast: &Ast,
        start: Timestamp,
        end: Timestamp,
        step: Duration,
    ) -> Result<QueryResult, QueryError> {
        self.evaluate(storage, ast, QueryTime::Range { start, end, step }, None)
    }

    /// Evaluates an instant or range query. `interrupt` is called between series; it can stop the
    /// query.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`].
    pub fn evaluate(
        &self,
        storage: &dyn Queryable,
        ast: &Ast,
        time: QueryTime,
        interrupt: Option<InterruptFn<'_>>,
    ) -> Result<QueryResult, QueryError> {
        self.run(storage, ast, time, interrupt, None).map(|(result, _)| result)
    }

    /// Evaluates a query as [`Self::evaluate`] does, and returns a trace of the evaluation.
    pub fn explain(
        &self,
        storage: &dyn Queryable,
        ast: &Ast,
        time: QueryTime,
        interrupt: Option<InterruptFn<'_>>,
        request: TraceRequest<'_>,
    ) -> Result<(QueryResult, Trace), QueryError> {
        self.run(storage, ast, time, interrupt, Some(request))
    }

    fn run(
        &self,
        storage: &dyn Queryable,
        ast: &Ast,
        time: QueryTime,
        interrupt: Option<InterruptFn<'_>>,
        trace: Option<TraceRequest<'_>>,
    ) -> Result<(QueryResult, Trace), QueryError> {
        let (eval_steps, end, step) = match time {
            QueryTime::Instant(time) => (EvalSteps::instant(time), time, Duration(0)),
            QueryTime::Range { start, end, step } => {
                check_range(ast, step)?;
                (EvalSteps::new(start, end, step.millis())?, end, step)
            }
        };
        let query_plan = QueryPlan::new(ast, eval_steps, end, step, &self.options)?;
        let limits = Limits::new(&self.options, interrupt);
        let tracer = trace.map(Tracer::new);
        let mut evaluator = Evaluator::new(&query_plan, storage, &self.options, limits, tracer);
        let value = match time {
            QueryTime::Instant(time) => instant_value(&mut evaluator, ast, eval_steps, time)?,
            QueryTime::Range { .. } => range_value(&mut evaluator, eval_steps)?,
        };
        let stats = evaluator.stats();
        let trace = evaluator.trace.map(|tracer| tracer.trace).unwrap_or_default();
        Ok((QueryResult { value, annotations: evaluator.annotations, stats }, trace))
    }
}

/// Checks the type of the expression and the step.
fn check_range(ast: &Ast, step: Duration) -> Result<(), QueryError> {
    let root = ast.root_type();
    if !matches!(root, ValueType::Vector | ValueType::Scalar) {
        return Err(QueryError::bad_data(format!(
            "invalid expression type {:?} for range query, must be Scalar or instant Vector",
            root.documented()
        )));
    }
    if step.millis() <= 0 {
        return Err(QueryError::bad_data(
            "zero or negative query resolution step widths are not accepted. Try a positive integer",
        ));
    }
    Ok(())
}

fn instant_value(
    evaluator: &mut Evaluator<'_>,
    ast: &Ast,
    eval_steps: EvalSteps,
    time: Timestamp,
) -> Result<Value, QueryError> {
    let root = ast.unwrap_parens(ast.root());
    match ast.root_type() {
        ValueType::String => Ok(Value::String { time, value: evaluator.text_of(root) }),
        ValueType::Matrix => {
            let mut matrix = evaluator.matrix(root, eval_steps)?;
            matrix.index_sort_by(|a, b| a.labels.cmp(&b.labels));
            Ok(Value::Matrix(matrix))
        }
        _ => Ok(match evaluator.run(0, eval_steps)? {
            Output::Scalar(scalars) => Value::Scalar { time, value: scalars.at(0) },
            Output::Vector(series) => {
                let series = evaluator.drop_names(series, eval_steps.count)?;
                Value::Vector(
                    series
                        .into_iter()
                        .filter_map(|series| {
                            let value = series.at(0)?.to_owned();
                            Some(VectorSample { labels: series.labels, time, value })
                        })
                        .collect(),
                )
            }
        }),
    }
}

fn range_value(evaluator: &mut Evaluator<'_>, eval_steps: EvalSteps) -> Result<Value, QueryError> {
    let series = match evaluator.run(0, eval_steps)? {
        Output::Scalar(_) if eval_steps.count == 0 => Vec::new(),
        Output::Scalar(scalars) => {
            vec![Series::of_floats(Labels::empty(), false, scalars.over(&eval_steps))]
        }
        Output::Vector(series) => evaluator.drop_names(series, eval_steps.count)?,
    };
    let mut matrix: Vec<MatrixSeries> =
        series.into_iter().map(|series| MatrixSeries::of_steps(series, &eval_steps)).collect();
    matrix.retain(|series| !series.is_empty());
    matrix.index_sort_by(|a, b| a.labels.cmp(&b.labels));
    Ok(Value::Matrix(matrix))
}
