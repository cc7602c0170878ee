//! The state of an evaluation, and what all operations need of it: operands, series of the storage,
//! limits, names. The files of the operations build on it; [`run`](super::run) calls them.

use std::sync::Arc;

use super::annotations::Annotations;
use super::columns;
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::limits::Limits;
use super::options::EngineOptions;
use super::plan::QueryPlan;
use super::series::{
    Output, Scalars, Series, has_same_labelset, histogram_weight, merge_same_labelsets,
    without_metadata,
};
use super::trace::Tracer;
use super::value::QueryStats;
use crate::storage::{Queryable, SampleBuffer, SelectHints};
use crate::syntax::{Ast, ExprKind, NodeId};
use crate::{Labels, Matcher};
use text::Span;

/// The state of one query's evaluation.
pub(super) struct Evaluator<'a> {
    pub query_plan: &'a QueryPlan<'a>,
    pub ast: &'a Ast,
    pub storage: &'a dyn Queryable,
    pub options: &'a EngineOptions,
    pub limits: Limits<'a>,
    pub annotations: Annotations,
    pub trace: Option<Tracer<'a>>,
    /// Values of nodes whose parent is not evaluated yet, by node, with their weight.
    values: Vec<Option<(Output, usize)>>,
    samples_read: usize,
}

impl<'a> Evaluator<'a> {
    pub fn new(
        query_plan: &'a QueryPlan<'a>,
        storage: &'a dyn Queryable,
        options: &'a EngineOptions,
        limits: Limits<'a>,
        trace: Option<Tracer<'a>>,
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

    /// Keeps the value of a node for its parent.
    pub fn put(&mut self, id: NodeId, output: Output) -> Result<(), QueryError> {
        let weight = output.weight();
        self.limits.charge(weight)?;
        if let Some(slot) = self.values.get_mut(id.index()) {
            *slot = Some((output, weight));
        }
        Ok(())
    }

    /// Takes the value of an operand, which can be done once.
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

    /// Returns the span of an operand without its parentheses.
    pub fn span_of(&self, id: NodeId) -> Span {
        self.ast.get(self.ast.unwrap_parens(id)).span
    }

    /// Returns the string of a string operand. Empty for any other operand.
    pub fn text_of(&self, id: NodeId) -> Arc<str> {
        match &self.ast.get(self.ast.unwrap_parens(id)).kind {
            ExprKind::String(text) => text.clone(),
            _ => Arc::from(""),
        }
    }

    /// Reads the series that fulfill the matchers, and calls `each` with the labels and samples of
    /// every one. The buffer may be taken.
    pub fn for_each_series(
        &mut self,
        matchers: &[Matcher],
        hints: &SelectHints,
        skip_buckets: bool,
        mut each: impl FnMut(&mut Self, Labels, &mut SampleBuffer) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let storage = self.storage;
        let mut selected = storage.select(matchers, hints)?;
        let mut buffer = SampleBuffer::default();
        loop {
            self.limits.check_interrupt()?;
            buffer.clear();
            let Some(labels) = selected.next(&mut buffer) else { return Ok(()) };
            if skip_buckets {
                columns::keep_statistics(&mut buffer);
            }
            each(self, labels?, &mut buffer)?;
        }
    }

    /// Adds samples to the statistics.
    pub fn note_read(&mut self, buffer: &SampleBuffer) {
        let histograms = buffer.histograms.iter().map(|histogram| histogram_weight(histogram));
        self.samples_read += buffer.floats.len() + histograms.sum::<usize>();
    }

    /// Drops the metadata labels of a series whose meaning a function changed: at once, or at the
    /// end of the query with delayed name removal.
    pub fn drop_name(&self, series: &mut Series) {
        series.drop_name = true;
        if !self.options.delayed_name_removal {
            series.labels = without_metadata(&series.labels);
        }
    }

    /// Ensures that no two series of a result have the same labels. In a range query, series with
    /// the same labels are merged if they have no sample at the same step.
    pub fn check_labelsets(
        &self,
        series: Vec<Series>,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        if eval_steps.is_instant() {
            return if self.options.delayed_name_removal || !has_same_labelset(&series) {
                Ok(series)
            } else {
                Err(QueryError::same_labelset())
            };
        }
        merge_same_labelsets(series, eval_steps.count)
    }

    /// Drops the metadata labels whose removal was delayed.
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
}
