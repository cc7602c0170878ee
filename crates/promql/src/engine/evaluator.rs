//! Walks the planned nodes and hands each to the file that knows its operation.

use super::annotations::Annotations;
use super::columns;
use super::error::QueryError;
use super::extended::extend_floats;
use super::grid::Grid;
use super::limits::Limits;
use super::plan::{NodePlan, QueryPlan};
use super::series::{
    Output, Scalars, Series, has_same_labelset, histogram_weight, merge_same_labelsets,
    without_metadata,
};
use super::windows::{RangeSpec, WindowCursor};
use super::{EngineOptions, MatrixSeries, QueryStats, to_matrix_series};
use crate::Timestamp;
use crate::storage::{self, SampleBuffer, Storage};
use crate::syntax::{Ast, ExprKind, NodeId, UnaryOp, ValueType};
use text::Span;

/// The state of one query's evaluation.
pub(super) struct Evaluator<'a> {
    pub query_plan: &'a QueryPlan<'a>,
    pub ast: &'a Ast,
    pub storage: &'a Storage,
    pub options: &'a EngineOptions,
    pub limits: Limits<'a>,
    pub annotations: Annotations,
    pub trace: Option<super::trace::Tracer<'a>>,
    /// Results that wait for their parent, by node, with what they weigh.
    values: Vec<Option<(Output, usize)>>,
    samples_read: usize,
}

impl<'a> Evaluator<'a> {
    pub fn new(
        query_plan: &'a QueryPlan<'a>,
        storage: &'a Storage,
        options: &'a EngineOptions,
        limits: Limits<'a>,
        trace: Option<super::trace::Tracer<'a>>,
    ) -> Self {
        let values = (0..query_plan.ast.len()).map(|_| None).collect();
        Self {
            query_plan,
            ast: query_plan.ast,
            storage,
            options,
            limits,
            annotations: Annotations::default(),
            trace,
            values,
            samples_read: 0,
        }
    }

    pub fn samples_read(&self) -> usize {
        self.samples_read
    }

    pub fn stats(&self) -> QueryStats {
        QueryStats { samples_read: self.samples_read, peak_samples: self.limits.peak() }
    }

    /// Evaluates the nodes of a scope; the value of the last is the scope's.
    pub fn run(&mut self, scope: usize, grid: Grid) -> Result<Output, QueryError> {
        let query_plan = self.query_plan;
        let nodes = query_plan.scopes.get(scope).map(|scope| &scope.nodes[..]).unwrap_or_default();
        let Some(&root) = nodes.last() else { return Ok(Output::Vector(Vec::new())) };
        if grid.count == 0 {
            return Ok(match query_plan.type_of(root) {
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
            let weight = output.weight();
            self.limits.charge(weight)?;
            if let Some(slot) = self.values.get_mut(id.index()) {
                *slot = Some((output, weight));
            }
        }
        Ok(self.take(root))
    }

    fn traced_node(&mut self, id: NodeId, grid: &Grid) -> Result<Output, QueryError> {
        let before = (self.samples_read, self.trace.as_ref().map(|trace| trace.now()));
        let output = self.node(id, grid)?;
        if let Some(trace) = &mut self.trace {
            trace.node_done(id, grid, &output, self.samples_read - before.0, before.1);
        }
        Ok(output)
    }

    fn node(&mut self, id: NodeId, grid: &Grid) -> Result<Output, QueryError> {
        let query_plan = self.query_plan;
        match query_plan.node_plan(id) {
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

    /// The value of an operand; it is not needed after that.
    pub fn take(&mut self, id: NodeId) -> Output {
        match self.values.get_mut(id.index()).and_then(Option::take) {
            Some((output, weight)) => {
                self.limits.release(weight);
                output
            }
            None => Output::Vector(Vec::new()),
        }
    }

    pub fn take_vector(&mut self, id: NodeId) -> Vec<Series> {
        match self.take(id) {
            Output::Vector(series) => series,
            Output::Scalar(_) => Vec::new(),
        }
    }

    pub fn take_scalar(&mut self, id: NodeId) -> Scalars {
        match self.take(id) {
            Output::Scalar(scalars) => scalars,
            Output::Vector(_) => Scalars::Const(f64::NAN),
        }
    }

    /// The span of an operand without its parentheses.
    pub fn span_of(&self, id: NodeId) -> Span {
        self.ast.get(self.ast.unwrap_parens(id)).span
    }

    /// The text of a string operand.
    pub fn text_of(&self, id: NodeId) -> std::sync::Arc<str> {
        super::text_of(self.ast, id)
    }

    /// The series of a selector's node.
    pub fn select(
        &self,
        id: NodeId,
        (mint, maxt): (Timestamp, Timestamp),
    ) -> Vec<&'a storage::Series> {
        match self.ast.get(id).kind.selector() {
            Some(selector) => self.storage.select(&selector.matchers, mint, maxt),
            None => Vec::new(),
        }
    }

    /// Reads a series between two times.
    pub fn read(
        &self,
        series: &storage::Series,
        (from, to): (Timestamp, Timestamp),
        skip_buckets: bool,
        buffer: &mut SampleBuffer,
    ) {
        // What lies exactly at the start is out of reach, but the statistics of a histogram depend
        // on the one before it.
        let first = if skip_buckets { from } else { from.saturating_add(1) };
        series.read(first, to, buffer);
        if skip_buckets {
            columns::keep_statistics(buffer);
        }
    }

    /// Counts what a node has read.
    pub fn note_read(&mut self, buffer: &SampleBuffer) {
        let histograms = buffer.histograms.iter().map(|histogram| histogram_weight(histogram));
        self.samples_read += buffer.floats.len() + histograms.sum::<usize>();
    }

    /// What a function does with the name of a series whose meaning it changes: it goes at once,
    /// or is marked to go at the end.
    pub fn drop_name(&self, series: &mut Series) {
        series.drop_name = true;
        if !self.options.delayed_name_removal {
            series.labels = without_metadata(&series.labels);
        }
    }

    /// Sees to it that no two series of a result have the same labels. Over several steps, those
    /// that are never there at the same time become one.
    pub fn check_labelsets(
        &self,
        series: Vec<Series>,
        grid: &Grid,
    ) -> Result<Vec<Series>, QueryError> {
        if grid.is_instant() {
            return if self.options.delayed_name_removal || !has_same_labelset(&series) {
                Ok(series)
            } else {
                Err(QueryError::same_labelset())
            };
        }
        merge_same_labelsets(series, grid.count)
    }

    /// Takes away the names that were marked to go.
    pub fn drop_names(
        &self,
        mut series: Vec<Series>,
        steps: usize,
    ) -> Result<Vec<Series>, QueryError> {
        if !self.options.delayed_name_removal {
            return Ok(series);
        }
        for series in series.iter_mut().filter(|series| series.drop_name) {
            series.labels = without_metadata(&series.labels);
        }
        merge_same_labelsets(series, steps)
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
            for value in one.floats.iter_mut().filter(|value| super::series::is_present(**value)) {
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

    /// A range vector as the answer of an instant query.
    pub fn matrix(&mut self, id: NodeId, grid: Grid) -> Result<Vec<MatrixSeries>, QueryError> {
        let query_plan = self.query_plan;
        let before = (self.samples_read, self.trace.as_ref().map(|trace| trace.now()));
        let result = match query_plan.node_plan(id) {
            NodePlan::Subquery(plan) => {
                let (series, inner) = self.subquery(plan, &grid)?;
                self.drop_names(series, inner.count)?
                    .into_iter()
                    .map(|series| to_matrix_series(series, &inner))
                    .collect()
            }
            NodePlan::Range(plan) => {
                let spec = RangeSpec::of_selector(plan, self.options.lookback.millis());
                let modifier = if plan.anchored { "anchored" } else { "smoothed" };
                let mut result = Vec::new();
                for series in self.range_series(plan, &spec, &grid)? {
                    let window = WindowCursor::new(spec, &series).at(grid.start);
                    let extended = plan.anchored || plan.smoothed;
                    if extended && !window.histograms.is_empty() {
                        return Err(QueryError::execution(format!(
                            "{modifier} modifier is not supported with histograms"
                        )));
                    }
                    let ends = (window.start, window.end);
                    result.push(MatrixSeries {
                        floats: if extended {
                            extend_floats(window.floats, ends, plan.smoothed)
                        } else {
                            window.floats.iter().map(|(time, &value)| (time, value)).collect()
                        },
                        histograms: window
                            .histograms
                            .iter()
                            .map(|(time, histogram)| (time, histogram.clone()))
                            .collect(),
                        labels: series.labels,
                    });
                }
                result
            }
            _ => Vec::new(),
        };
        let result: Vec<MatrixSeries> = result
            .into_iter()
            .filter(|series: &MatrixSeries| {
                !series.floats.is_empty() || !series.histograms.is_empty()
            })
            .collect();
        if let Some(trace) = &mut self.trace {
            trace.matrix_done(id, &result, self.samples_read - before.0, before.1);
        }
        Ok(result)
    }
}

/// A value that holds at one step, for all steps.
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
