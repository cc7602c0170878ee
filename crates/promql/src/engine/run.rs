//! Evaluates a plan: walks the nodes of a scope and calls the operation of each.
//!
//! Nodes are evaluated in the order of their identifiers, so operands come before operators. Only a
//! subquery and a part that is evaluated once begin a scope of their own, and a nested call.

use super::error::QueryError;
use super::evaluator::Evaluator;
use super::extended::extend_floats;
use super::functions::Implementation;
use super::grid::Grid;
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
    pub fn run(&mut self, scope: usize, grid: Grid) -> Result<Output, QueryError> {
        let query_plan = self.query_plan;
        let nodes = query_plan.scopes.get(scope).map(|scope| &scope.nodes[..]).unwrap_or_default();
        let Some(&root) = nodes.last() else { return Ok(Output::Vector(Vec::new())) };
        if grid.count == 0 {
            return Ok(match self.ast.type_of(root) {
                ValueType::Scalar => Output::Scalar(Scalars::Steps(Vec::new())),
                _ => Output::Vector(Vec::new()),
            });
        }
        for &id in nodes {
            self.limits.check_interrupt()?;
            let output = match query_plan.once.get(id.index()).copied().flatten() {
                Some(own) if own != scope => {
                    let once = self.run(own, grid.first_only())?;
                    repeat(once, grid.count)
                }
                _ => self.traced_node(id, &grid)?,
            };
            self.put(id, output)?;
        }
        Ok(self.take(root))
    }

    fn traced_node(&mut self, id: NodeId, grid: &Grid) -> Result<Output, QueryError> {
        let before = (self.samples_read(), self.trace.as_ref().map(|trace| trace.now()));
        let output = self.node(id, grid)?;
        let read = self.samples_read() - before.0;
        if let Some(trace) = &mut self.trace {
            trace.node_done(id, grid, &output, read, before.1);
        }
        Ok(output)
    }

    fn node(&mut self, id: NodeId, grid: &Grid) -> Result<Output, QueryError> {
        match self.query_plan.node_plan(id) {
            NodePlan::Number(value) => Ok(Output::Scalar(Scalars::Const(*value))),
            NodePlan::Instant(plan) => self.instant_vector(plan, grid).map(Output::Vector),
            NodePlan::Operation => match &self.ast.get(id).kind {
                ExprKind::Paren(inner) => Ok(self.take(*inner)),
                ExprKind::Unary { op, expr } => self.unary(*op, *expr, grid),
                ExprKind::Binary(binary) => self.binary(id, binary, grid),
                ExprKind::Aggregate(aggregate) => self.aggregate(id, aggregate, grid),
                ExprKind::Call(call) => self.call(id, call, grid),
                _ => Ok(Output::Vector(Vec::new())),
            },
            NodePlan::Unused | NodePlan::Range(_) | NodePlan::Subquery(_) => {
                Ok(Output::Vector(Vec::new()))
            }
        }
    }

    fn call(&mut self, id: NodeId, call: &Call, grid: &Grid) -> Result<Output, QueryError> {
        let arg = call.args.first().copied();
        let series = match Implementation::of(call.function) {
            Implementation::Range(_) => return self.range_function(id, call, grid),
            Implementation::Scalar(function) => {
                return Ok(Output::Scalar(self.scalar_function(function, call, grid)));
            }
            // The plan contains the number.
            Implementation::Constant(_) => return Ok(Output::Scalar(Scalars::Const(f64::NAN))),
            Implementation::Math(apply) => {
                let Some(arg) = arg else { return Ok(Output::Vector(Vec::new())) };
                let series = self.take_vector(arg);
                self.map_floats(series, grid, |_, value| apply(value))?
            }
            Implementation::Adjust(adjustment) => self.adjust(adjustment, call, grid)?,
            Implementation::Date(part) => self.date(part, arg, grid)?,
            Implementation::Histogram(statistic) => {
                let Some(arg) = arg else { return Ok(Output::Vector(Vec::new())) };
                self.histogram_statistic(statistic, arg, grid)?
            }
            Implementation::Sort(key) => self.sort(id, key, call, grid)?,
            Implementation::Vector(function) => self.vector_function(id, function, call, grid)?,
        };
        Ok(Output::Vector(series))
    }

    /// Evaluates a function of a range vector: reads the range vector and slides a window over it.
    fn range_function(
        &mut self,
        id: NodeId,
        call: &Call,
        grid: &Grid,
    ) -> Result<Output, QueryError> {
        let is_range = |&arg: &NodeId| self.ast.type_of(arg) == ValueType::Matrix;
        let Some(at) = call.args.iter().position(is_range) else {
            return Ok(Output::Vector(Vec::new()));
        };
        let inner = self.ast.unwrap_parens(call.args.get(at).copied().unwrap_or(id));
        let before = (self.samples_read(), self.trace.as_ref().map(|trace| trace.now()));
        let (range_call, input) = match self.query_plan.node_plan(inner) {
            NodePlan::Subquery(plan) => {
                let (series, inner_grid) = self.subquery(plan, grid)?;
                let input = series.into_iter().map(|one| to_range_series(one, &inner_grid));
                (RangeCall::new(self, call, at, plan.spec())?, input.collect())
            }
            NodePlan::Range(plan) => {
                let spec = plan.spec(self.options.lookback.millis());
                let range_call = RangeCall::new(self, call, at, spec)?;
                (range_call, self.range_series(plan, &spec, grid)?)
            }
            _ => return Ok(Output::Vector(Vec::new())),
        };
        let read = self.samples_read() - before.0;
        if let Some(trace) = &mut self.trace {
            trace.input_done(inner, grid, &input, read, before.1);
        }
        let result = self.range_call(&range_call, &input, grid)?;
        self.trace_terms(id, &range_call, &input, grid);
        range_call.finish(self, inner, result, grid)
    }

    /// Traces the terms of the sample that was asked for, if it is one of this function.
    fn trace_terms(&mut self, id: NodeId, call: &RangeCall, input: &[RangeSeries], grid: &Grid) {
        let Some(trace) = &mut self.trace else { return };
        let Some((series, time)) = trace.terms_input(id, input) else { return };
        if let Some(step) = (0..grid.count).find(|&step| grid.time(step) == time) {
            let terms = range_terms(call, series, time, step);
            trace.trace.terms = Some(terms);
        }
    }

    /// Evaluates the inner expression of a subquery over its own grid.
    fn subquery(
        &mut self,
        plan: &SubqueryPlan,
        outer: &Grid,
    ) -> Result<(Vec<Series>, Grid), QueryError> {
        let grid = plan.inner_grid(outer)?;
        match self.run(plan.scope, grid)? {
            Output::Vector(series) => Ok((series, grid)),
            Output::Scalar(_) => Ok((Vec::new(), grid)),
        }
    }

    fn unary(&mut self, op: UnaryOp, expr: NodeId, grid: &Grid) -> Result<Output, QueryError> {
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
            series = merge_same_labelsets(series, grid.count)?;
        }
        Ok(Output::Vector(series))
    }

    /// Evaluates a range vector that is the root of an instant query.
    pub fn matrix(&mut self, id: NodeId, grid: Grid) -> Result<Vec<MatrixSeries>, QueryError> {
        let before = (self.samples_read(), self.trace.as_ref().map(|trace| trace.now()));
        let mut result = match self.query_plan.node_plan(id) {
            NodePlan::Subquery(plan) => {
                let (series, inner) = self.subquery(plan, &grid)?;
                self.drop_names(series, inner.count)?
                    .into_iter()
                    .map(|series| MatrixSeries::of_steps(series, &inner))
                    .collect()
            }
            NodePlan::Range(plan) => self.matrix_of_selector(plan, &grid)?,
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
        grid: &Grid,
    ) -> Result<Vec<MatrixSeries>, QueryError> {
        let spec: RangeSpec = plan.spec(self.options.lookback.millis());
        let modifier = if plan.anchored { "anchored" } else { "smoothed" };
        let mut result = Vec::new();
        for series in self.range_series(plan, &spec, grid)? {
            let window = WindowCursor::new(spec, &series).at(grid.start);
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
