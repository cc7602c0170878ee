//! Evaluates a plan: walks the nodes of a scope and calls the operation of each.
//!
//! Nodes are evaluated in the order of their identifiers, so operands come before operators. Only a
//! subquery and a part that is evaluated once begin a scope of their own, and a nested call.

use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::extended::extend_floats;
use super::functions::Implementation;
use super::plan::{NodePlan, SelectorPlan, SubqueryPlan};
use super::ranges::RangeCall;
use super::series::{Output, Scalars, Series, is_present, merge_same_labelsets};
use super::subquery::to_range_series;
use super::terms::range_terms;
use super::value::MatrixSeries;
use super::windows::{RangeSeries, RangeSpec, WindowCursor};
use crate::syntax::{Call, ExprKind, NodeId, UnaryOp, ValueType};

impl Evaluator<'_> {
    /// Evaluates the nodes of a scope and returns the value of the last one.
    pub fn run(&mut self, scope: usize, eval_steps: EvalSteps) -> Result<Output, QueryError> {
        let query_plan = self.query_plan;
        let nodes = query_plan.scopes.get(scope).map(|scope| &scope.nodes[..]).unwrap_or_default();
        let Some(&root) = nodes.last() else { return Ok(Output::Vector(Vec::new())) };
        if eval_steps.count == 0 {
            return Ok(match self.ast.type_of(root) {
                ValueType::Scalar => Output::Scalar(Scalars::Steps(Vec::new())),
                _ => Output::Vector(Vec::new()),
            });
        }
        for &id in nodes {
            self.limits.check_interrupt()?;
            let output = match query_plan.once.get(id.index()).copied().flatten() {
                Some(own) if own != scope => {
                    let once = self.run(own, eval_steps.first_only())?;
                    repeat(once, eval_steps.count)
                }
                _ => self.traced_node(id, &eval_steps)?,
            };
            self.put(id, output)?;
        }
        Ok(self.take(root))
    }

    fn traced_node(&mut self, id: NodeId, eval_steps: &EvalSteps) -> Result<Output, QueryError> {
        let before = (self.samples_read(), self.trace.as_ref().map(|trace| trace.now()));
        let output = self.node(id, eval_steps)?;
        let read = self.samples_read() - before.0;
        if let Some(trace) = &mut self.trace {
            trace.node_done(id, eval_steps, &output, read, before.1);
        }
        Ok(output)
    }

    fn node(&mut self, id: NodeId, eval_steps: &EvalSteps) -> Result<Output, QueryError> {
        match self.query_plan.node_plan(id) {
            NodePlan::Number(value) => Ok(Output::Scalar(Scalars::Const(*value))),
            NodePlan::Instant(plan) => self.instant_vector(plan, eval_steps).map(Output::Vector),
            NodePlan::Operation => match &self.ast.get(id).kind {
                ExprKind::Paren(inner) => Ok(self.take(*inner)),
                ExprKind::Unary { op, expr } => self.unary(*op, *expr, eval_steps),
                ExprKind::Binary(binary) => self.binary(id, binary, eval_steps),
                ExprKind::Aggregate(aggregate) => self.aggregate(id, aggregate, eval_steps),
                ExprKind::Call(call) => self.call(id, call, eval_steps),
                _ => Ok(Output::Vector(Vec::new())),
            },
            NodePlan::Unused | NodePlan::Range(_) | NodePlan::Subquery(_) => {
                Ok(Output::Vector(Vec::new()))
            }
        }
    }

    fn call(
        &mut self,
        id: NodeId,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Output, QueryError> {
        let arg = call.args.first().copied();
        let series = match Implementation::of(call.function) {
            Implementation::Range(_) => return self.range_function(id, call, eval_steps),
            Implementation::Scalar(function) => {
                return Ok(Output::Scalar(self.scalar_function(function, call, eval_steps)));
            }
            // The plan contains the number.
            Implementation::Constant(_) => return Ok(Output::Scalar(Scalars::Const(f64::NAN))),
            Implementation::Math(apply) => {
                let Some(arg) = arg else { return Ok(Output::Vector(Vec::new())) };
                let series = self.take_vector(arg);
                self.map_floats(series, eval_steps, |_, value| apply(value))?
            }
            Implementation::Adjust(adjustment) => self.adjust(adjustment, call, eval_steps)?,
            Implementation::Date(part) => self.date(part, arg, eval_steps)?,
            Implementation::Histogram(statistic) => {
                let Some(arg) = arg else { return Ok(Output::Vector(Vec::new())) };
                self.histogram_statistic(statistic, arg, eval_steps)?
            }
            Implementation::Sort(key) => self.sort(id, key, call, eval_steps)?,
            Implementation::Vector(function) => {
                self.vector_function(id, function, call, eval_steps)?
            }
        };
        Ok(Output::Vector(series))
    }

    /// Evaluates a function of a range vector: reads the range vector and slides a window over it.
    fn range_function(
        &mut self,
        id: NodeId,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Output, QueryError> {
        let is_range = |&arg: &NodeId| self.ast.type_of(arg) == ValueType::Matrix;
        let Some(at) = call.args.iter().position(is_range) else {
            return Ok(Output::Vector(Vec::new()));
        };
        let inner = self.ast.unwrap_parens(call.args.get(at).copied().unwrap_or(id));
        let before = (self.samples_read(), self.trace.as_ref().map(|trace| trace.now()));
        let (range_call, input) = match self.query_plan.node_plan(inner) {
            NodePlan::Subquery(plan) => {
                let (series, inner_grid) = self.subquery(plan, eval_steps)?;
                let input = series.into_iter().map(|one| to_range_series(one, &inner_grid));
                (RangeCall::new(self, call, at, plan.spec())?, input.collect())
            }
            NodePlan::Range(plan) => {
                let spec = plan.spec(self.options.lookback.millis());
                let range_call = RangeCall::new(self, call, at, spec)?;
                (range_call, self.range_series(plan, &spec, eval_steps)?)
            }
            _ => return Ok(Output::Vector(Vec::new())),
        };
        let read = self.samples_read() - before.0;
        if let Some(trace) = &mut self.trace {
            trace.input_done(inner, eval_steps, &input, read, before.1);
        }
        let result = self.range_call(&range_call, &input, eval_steps)?;
        self.trace_terms(id, &range_call, &input, eval_steps);
        range_call.finish(self, inner, result, eval_steps)
    }

    /// Traces the terms of the sample that was asked for, if it is one of this function.
    fn trace_terms(
        &mut self,
        id: NodeId,
        call: &RangeCall,
        input: &[RangeSeries],
        eval_steps: &EvalSteps,
    ) {
        let Some(trace) = &mut self.trace else { return };
        let Some((series, time)) = trace.terms_input(id, input) else { return };
        if let Some(step) = (0..eval_steps.count).find(|&step| eval_steps.time(step) == time) {
            let terms = range_terms(call, series, time, step);
            trace.trace.terms = Some(terms);
        }
    }

    /// Evaluates the inner expression of a subquery over its own grid.
    fn subquery(
        &mut self,
        plan: &SubqueryPlan,
        outer: &EvalSteps,
    ) -> Result<(Vec<Series>, EvalSteps), QueryError> {
        let eval_steps = plan.inner_grid(outer)?;
        match self.run(plan.scope, eval_steps)? {
            Output::Vector(series) => Ok((series, eval_steps)),
            Output::Scalar(_) => Ok((Vec::new(), eval_steps)),
        }
    }

    fn unary(
        &mut self,
        op: UnaryOp,
        expr: NodeId,
        eval_steps: &EvalSteps,
    ) -> Result<Output, QueryError> {
        let operand = self.take(expr);
        if op == UnaryOp::Plus {
            return Ok(operand);
        }
        let mut series = match operand {
            Output::Scalar(Scalars::Const(value)) => {
                return Ok(Output::Scalar(Scalars::Const(-value)));
            }
            Output::Scalar(Scalars::Steps(mut values)) => {
                values.iter_mut().for_each(|value| *value = -*value);
                return Ok(Output::Scalar(Scalars::Steps(values)));
            }
            Output::Vector(series) => series,
        };
        for one in &mut series {
            self.drop_name(one);
            for value in one.floats.iter_mut().filter(|value| is_present(**value)) {
                *value = -*value;
            }
            for histogram in one.histograms.iter_mut().flatten() {
                std::sync::Arc::make_mut(histogram).mul(-1.0);
            }
        }
        if !self.options.delayed_name_removal {
            series = merge_same_labelsets(series, eval_steps.count)?;
        }
        Ok(Output::Vector(series))
    }

    /// Evaluates a range vector that is the root of an instant query.
    pub fn matrix(
        &mut self,
        id: NodeId,
        eval_steps: EvalSteps,
    ) -> Result<Vec<MatrixSeries>, QueryError> {
        let before = (self.samples_read(), self.trace.as_ref().map(|trace| trace.now()));
        let mut result = match self.query_plan.node_plan(id) {
            NodePlan::Subquery(plan) => {
                let (series, inner) = self.subquery(plan, &eval_steps)?;
                self.drop_names(series, inner.count)?
                    .into_iter()
                    .map(|series| MatrixSeries::of_steps(series, &inner))
                    .collect()
            }
            NodePlan::Range(plan) => self.matrix_of_selector(plan, &eval_steps)?,
            _ => Vec::new(),
        };
        result.retain(|series| !series.is_empty());
        let read = self.samples_read() - before.0;
        if let Some(trace) = &mut self.trace {
            trace.matrix_done(id, &result, read, before.1);
        }
        Ok(result)
    }

    fn matrix_of_selector(
        &mut self,
        plan: &SelectorPlan,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<MatrixSeries>, QueryError> {
        let spec: RangeSpec = plan.spec(self.options.lookback.millis());
        let modifier = if plan.anchored { "anchored" } else { "smoothed" };
        let mut result = Vec::new();
        for series in self.range_series(plan, &spec, eval_steps)? {
            let window = WindowCursor::new(spec, &series).at(eval_steps.start);
            let extended = plan.anchored || plan.smoothed;
            if extended && !window.histograms.is_empty() {
                return Err(QueryError::execution(format!(
                    "{modifier} modifier is not supported with histograms"
                )));
            }
            let ends = (window.start, window.end);
            let histograms = window.histograms.iter();
            result.push(MatrixSeries {
                floats: if extended {
                    extend_floats(window.floats, ends, plan.smoothed)
                } else {
                    window.floats.iter().map(|(time, &value)| (time, value)).collect()
                },
                histograms: histograms.map(|(time, value)| (time, value.clone())).collect(),
                labels: series.labels,
            });
        }
        Ok(result)
    }
}

/// Repeats the value of one step at all steps.
fn repeat(output: Output, steps: usize) -> Output {
    match output {
        Output::Scalar(Scalars::Steps(values)) => {
            Output::Scalar(Scalars::Const(values.first().copied().unwrap_or(f64::NAN)))
        }
        Output::Scalar(scalars) => Output::Scalar(scalars),
        Output::Vector(mut series) => {
            series.iter_mut().for_each(|series| series.repeat(steps));
            Output::Vector(series)
        }
    }
}
