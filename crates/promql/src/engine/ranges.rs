//! Functions of a range vector: for each series a window slides from step to step, and the
//! function makes one sample of what it sees.

use super::annotations::Message;
use super::error::QueryError;
use super::evaluator::Evaluator;
use super::extended::Extended;
use super::grid::Grid;
use super::instant_functions::absent_labels;
use super::instant_rate::instant_rate;
use super::over_time::OverTime;
use super::plan::NodePlan;
use super::rates::{RateKind, SeriesResets, extrapolated_rate};
use super::regression::{
    check_factor, derivative, double_exponential_smoothing, linear_regression,
};
use super::resets::{Counting, count};
use super::series::{ABSENT, Output, Scalars, Series, has_same_labelset, without_metadata};
use super::subquery::to_range_series;
use super::windows::{RangeSeries, RangeSpec, Window, WindowCursor};
use crate::syntax::{Call, FunctionId, NodeId};
use crate::{Labels, SampleValue};

/// Samples seen by windows after which the query asks whether to go on.
const SAMPLES_BETWEEN_CHECKS: usize = 1_000_000;

/// Functions of `anchored` range vectors, by name.
const ANCHORED_FUNCTIONS: &[FunctionId] = &[
    FunctionId::Changes,
    FunctionId::Delta,
    FunctionId::Increase,
    FunctionId::Rate,
    FunctionId::Resets,
];

/// Functions of `smoothed` range vectors, by name.
const SMOOTHED_FUNCTIONS: &[FunctionId] =
    &[FunctionId::Delta, FunctionId::Increase, FunctionId::Rate];

/// A function with its arguments at hand, ready for windows.
pub(super) struct RangeCall {
    pub function: FunctionId,
    pub spec: RangeSpec,
    /// The other arguments, in order.
    pub scalars: Vec<Scalars>,
    /// Where `quantile_over_time` writes its first argument.
    pub first_span: text::Span,
    pub use_starts: bool,
}

/// Which kind of rate a function is.
pub(super) fn rate_kind(function: FunctionId) -> Option<RateKind> {
    match function {
        FunctionId::Rate => Some(RateKind::Rate),
        FunctionId::Increase => Some(RateKind::Increase),
        FunctionId::Delta => Some(RateKind::Delta),
        _ => None,
    }
}

/// What is known of a series before any window.
pub(super) struct SeriesState {
    pub resets: Option<SeriesResets>,
}

impl RangeCall {
    pub fn state(&self, series: &RangeSeries) -> SeriesState {
        let extended = self.spec.anchored || self.spec.smoothed;
        let resets = rate_kind(self.function)
            .filter(|_| !extended)
            .map(|kind| SeriesResets::of(series, kind.is_counter(), self.use_starts));
        SeriesState { resets }
    }

    fn scalar(&self, at: usize, step: usize) -> f64 {
        self.scalars.get(at).map_or(f64::NAN, |scalars| scalars.at(step))
    }

    /// The sample that a window makes.
    pub fn evaluate(
        &self,
        window: &Window<'_>,
        state: &SeriesState,
        metric: &str,
        step: usize,
        annotations: &mut super::Annotations,
    ) -> Result<Option<SampleValue>, QueryError> {
        if window.is_empty() {
            return Ok(None);
        }
        let span = self.spec.span;
        if let Some(kind) = rate_kind(self.function) {
            return Ok(match &state.resets {
                Some(resets) => extrapolated_rate(kind, window, resets, metric, span, annotations),
                None => {
                    let smoothed = self.spec.smoothed;
                    Extended { kind, smoothed, metric, span }.rate(window, annotations)
                }
            });
        }
        let float = match self.function {
            FunctionId::Irate | FunctionId::Idelta => {
                let is_rate = self.function == FunctionId::Irate;
                let use_starts = self.use_starts;
                return Ok(instant_rate(is_rate, use_starts, window, metric, span, annotations));
            }
            FunctionId::Resets => {
                count(Counting::Resets, window, self.spec.anchored, self.use_starts, |_| {})
            }
            FunctionId::Changes => {
                count(Counting::Changes, window, self.spec.anchored, false, |_| {})
            }
            FunctionId::Deriv | FunctionId::PredictLinear => {
                self.note_ignored_histograms(window, metric, annotations);
                let origin = match self.function {
                    FunctionId::Deriv => None,
                    _ => Some(window.time),
                };
                regression_at(window, origin).map(|terms| match origin {
                    None => terms.slope,
                    Some(_) => terms.slope * self.scalar(0, step) + terms.intercept,
                })
            }
            FunctionId::DoubleExponentialSmoothing => {
                let (smoothing, trend) = (self.scalar(0, step), self.scalar(1, step));
                check_factor("smoothing", smoothing)?;
                check_factor("trend", trend)?;
                self.note_ignored_histograms(window, metric, annotations);
                double_exponential_smoothing(window.floats, smoothing, trend)
            }
            _ => {
                return Ok(OverTime {
                    function: self.function,
                    metric,
                    span,
                    quantile: self.scalar(0, step),
                    quantile_span: self.first_span,
                }
                .evaluate(window, annotations));
            }
        };
        Ok(float.map(SampleValue::Float))
    }

    fn note_ignored_histograms(
        &self,
        window: &Window<'_>,
        metric: &str,
        annotations: &mut super::Annotations,
    ) {
        if window.is_mixed() {
            let metric = metric.to_owned();
            annotations.add(Message::HistogramIgnoredInMixedRange { metric }, self.spec.span);
        }
    }

    /// Over all steps. Nothing where no window makes a sample.
    fn series(
        &self,
        ev: &mut Evaluator<'_>,
        input: &RangeSeries,
        grid: &Grid,
    ) -> Result<Option<Series>, QueryError> {
        let metric = input.labels.metric_name();
        let state = self.state(input);
        let keeps_name =
            matches!(self.function, FunctionId::LastOverTime | FunctionId::FirstOverTime);
        let mut series = Series::new(input.labels.clone(), !keeps_name || input.drop_name);
        let mut cursor = WindowCursor::new(self.spec, input);
        let mut work = 0;
        for step in 0..grid.count {
            let window = cursor.at(grid.time(step));
            // Long windows at many steps take their time even in one series.
            work += window.floats.len() + window.histograms.len();
            if work > SAMPLES_BETWEEN_CHECKS {
                work = 0;
                ev.limits.check_interrupt()?;
            }
            match self.evaluate(&window, &state, metric, step, &mut ev.annotations)? {
                None => {}
                Some(SampleValue::Float(value)) => series.set_float(step, grid.count, value),
                Some(SampleValue::Histogram(histogram)) => {
                    series.set_histogram(step, grid.count, histogram);
                }
            }
        }
        if series.floats.is_empty() && series.histograms.is_empty() {
            return Ok(None);
        }
        if matches!(self.function, FunctionId::Rate | FunctionId::Increase)
            && !series.floats.is_empty()
        {
            self.note_counter_name(ev, &input.labels);
        }
        if series.drop_name && !ev.options.delayed_name_removal {
            series.labels = without_metadata(&series.labels);
        }
        Ok(Some(series))
    }

    /// Remarks on a rate of what does not look like a counter.
    fn note_counter_name(&self, ev: &mut Evaluator<'_>, labels: &Labels) {
        let metric = labels.metric_name();
        if metric.is_empty() {
            return;
        }
        let name = metric.to_owned();
        if ev.options.type_and_unit_labels {
            let label = labels.get("__type__");
            if !matches!(label, "counter" | "histogram") {
                let label = label.to_owned();
                let message = Message::PossibleNonCounterLabel { metric: name, label };
                ev.annotations.add(message, self.spec.span);
            }
        } else if !["_total", "_sum", "_count", "_bucket"].iter().any(|end| metric.ends_with(end)) {
            ev.annotations.add(Message::PossibleNonCounter { metric: name }, self.spec.span);
        }
    }

    /// Refuses `anchored` and `smoothed` where the function cannot deal with them.
    fn check_modifiers(&self) -> Result<(), QueryError> {
        let (modifier, allowed) = if self.spec.anchored {
            ("anchored", ANCHORED_FUNCTIONS)
        } else if self.spec.smoothed {
            ("smoothed", SMOOTHED_FUNCTIONS)
        } else {
            return Ok(());
        };
        if allowed.contains(&self.function) {
            return Ok(());
        }
        let names: Vec<&str> = allowed.iter().map(|function| function.name()).collect();
        Err(QueryError::execution(format!(
            "{modifier} modifier can only be used with: {} - not with {}",
            names.join(", "),
            self.function.name()
        )))
    }
}

/// The line through a window's floats, from two on. Without an origin the first sample is it.
pub(super) fn regression_at(
    window: &Window<'_>,
    origin: Option<i64>,
) -> Option<super::regression::LinearTerms> {
    match origin {
        None => derivative(window.floats),
        Some(_) if window.floats.len() < 2 => None,
        Some(origin) => linear_regression(window.floats, origin),
    }
}

impl Evaluator<'_> {
    /// A call whose argument number `at` is a range vector.
    pub fn range_call(
        &mut self,
        id: NodeId,
        call: &Call,
        at: usize,
        grid: &Grid,
    ) -> Result<Output, QueryError> {
        let query_plan = self.query_plan;
        let Some(&arg) = call.args.get(at) else { return Ok(Output::Vector(Vec::new())) };
        let inner = self.ast.unwrap_parens(arg);
        let mut subquery_input = None;
        let before = (self.samples_read(), self.trace.as_ref().map(|trace| trace.now()));
        let spec = match query_plan.node_plan(inner) {
            NodePlan::Subquery(plan) => {
                let (series, inner_grid) = self.subquery(plan, grid)?;
                let input = series.into_iter().map(|one| to_range_series(one, &inner_grid));
                subquery_input = Some(input.collect::<Vec<_>>());
                plan.spec()
            }
            NodePlan::Range(plan) => RangeSpec::of_selector(plan, self.options.lookback.millis()),
            _ => return Ok(Output::Vector(Vec::new())),
        };
        let others = call.args.iter().enumerate().filter(|&(place, _)| place != at);
        let scalars = others.map(|(_, &other)| self.take_scalar(other)).collect();
        let first_span = match (at, call.args.first()) {
            (0, _) | (_, None) => spec.span,
            (_, Some(&first)) => self.span_of(first),
        };
        let range_call = RangeCall {
            function: call.function,
            spec,
            scalars,
            first_span,
            use_starts: self.options.use_start_timestamps,
        };
        range_call.check_modifiers()?;
        let input = match (subquery_input, query_plan.node_plan(inner)) {
            (Some(input), _) => input,
            (None, NodePlan::Range(plan)) => self.range_series(plan, &spec, grid)?,
            (None, _) => Vec::new(),
        };
        let read = self.samples_read() - before.0;
        if let Some(trace) = &mut self.trace {
            trace.input_done(inner, grid, &input, read, before.1);
        }
        self.limits.check_points(input.len(), grid.count)?;
        let held: usize = input.iter().map(|series| series.samples.len()).sum();
        self.limits.charge(held)?;
        let mut result = Vec::with_capacity(input.len());
        for series in &input {
            self.limits.check_interrupt()?;
            if let Some(made) = range_call.series(self, series, grid)? {
                result.push(made);
            }
        }
        if let Some(mut trace) = self.trace.take() {
            trace.range_call(id, &range_call, &input, grid);
            self.trace = Some(trace);
        }
        self.limits.release(held);
        if call.function == FunctionId::AbsentOverTime {
            let labels = absent_labels(self.ast, inner);
            return Ok(Output::Vector(absent_over_time(&result, labels, grid)));
        }
        if !self.options.delayed_name_removal && has_same_labelset(&result) {
            return Err(QueryError::same_labelset());
        }
        Ok(Output::Vector(result))
    }
}

/// One series with 1 at each step at which no series has a sample.
fn absent_over_time(present: &[Series], labels: Labels, grid: &Grid) -> Vec<Series> {
    let mut floats = vec![1.0; grid.count];
    for (step, slot) in floats.iter_mut().enumerate() {
        if present.iter().any(|series| series.has(step)) {
            *slot = ABSENT;
        }
    }
    let series = Series::of_floats(labels, true, floats);
    if series.is_empty() { Vec::new() } else { vec![series] }
}
