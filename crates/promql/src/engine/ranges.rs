//! Functions of a range vector: for each series a window slides from step to step, and the
//! function computes one sample from the window.

use super::annotations::{Annotations, Message};
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::extended::Extended;
use super::functions::{Implementation, RangeFunction};
use super::instant_functions::absent_labels;
use super::instant_rate::instant_rate;
use super::over_time::{
    OverTime, avg_over_time, first_of, last_of, sum_over_time, time_of_first, time_of_last,
};
use super::rates::{SeriesResets, extrapolated_rate};
use super::regression::{
    LinearTerms, check_factor, derivative, double_exponential_smoothing, linear_regression,
};
use super::resets::{Counting, count};
use super::series::{ABSENT, Output, Scalars, Series, has_same_labelset, without_metadata};
use super::windows::{RangeSeries, RangeSpec, Window, WindowCursor};
use crate::syntax::{Call, FUNCTIONS, Function, FunctionId, NodeId};
use crate::{Labels, SampleValue};

/// The number of samples of windows after which the limits are checked again.
const SAMPLES_BETWEEN_CHECKS: usize = 1_000_000;

/// A function with its arguments at hand, ready for windows.
pub(super) struct RangeCall {
    pub id: FunctionId,
    pub function: RangeFunction,
    pub spec: RangeSpec,
    /// The other arguments, in order.
    pub scalars: Vec<Scalars>,
    /// The span of the first argument of `quantile_over_time`.
    pub first_span: text::Span,
    pub use_starts: bool,
}

/// Data of a series that all windows share.
pub(super) struct SeriesState {
    pub resets: Option<SeriesResets>,
}

impl RangeCall {
    /// Takes the values of the other arguments of a call whose argument `at` is a range vector.
    pub fn new(
        ev: &mut Evaluator<'_>,
        call: &Call,
        at: usize,
        spec: RangeSpec,
    ) -> Result<Self, QueryError> {
        let Implementation::Range(function) = Implementation::of(call.function) else {
            return Err(QueryError::execution("not a function of a range vector"));
        };
        let others = call.args.iter().enumerate().filter(|&(place, _)| place != at);
        let scalars = others.map(|(_, &other)| ev.take_scalar(other)).collect();
        let first_span = match (at, call.args.first()) {
            (0, _) | (_, None) => spec.span,
            (_, Some(&first)) => ev.span_of(first),
        };
        let use_starts = ev.options.use_start_timestamps;
        let made = Self { id: call.function, function, spec, scalars, first_span, use_starts };
        made.check_modifiers()?;
        Ok(made)
    }

    pub fn state(&self, series: &RangeSeries) -> SeriesState {
        let extended = self.spec.anchored || self.spec.smoothed;
        let resets = match self.function {
            RangeFunction::Rate(kind) if !extended => {
                Some(SeriesResets::of(series, kind.is_counter(), self.use_starts))
            }
            _ => None,
        };
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
        annotations: &mut Annotations,
    ) -> Result<Option<SampleValue>, QueryError> {
        if window.is_empty() {
            return Ok(None);
        }
        let span = self.spec.span;
        Ok(match self.function {
            RangeFunction::Rate(kind) => match &state.resets {
                Some(resets) => extrapolated_rate(kind, window, resets, metric, span, annotations),
                None => {
                    let smoothed = self.spec.smoothed;
                    Extended { kind, smoothed, metric, span }.rate(window, annotations)
                }
            },
            RangeFunction::InstantRate(is_rate) => {
                instant_rate(is_rate, self.use_starts, window, metric, span, annotations)
            }
            RangeFunction::First => first_of(window),
            RangeFunction::Last => last_of(window),
            RangeFunction::Sum => sum_over_time(window, metric, span, annotations),
            RangeFunction::Avg => avg_over_time(window, metric, span, annotations),
            _ => self.evaluate_float(window, metric, step, annotations)?.map(SampleValue::Float),
        })
    }

    /// The value of a function that makes floats only.
    fn evaluate_float(
        &self,
        window: &Window<'_>,
        metric: &str,
        step: usize,
        annotations: &mut Annotations,
    ) -> Result<Option<f64>, QueryError> {
        Ok(match self.function {
            RangeFunction::Count(counting) => {
                let use_starts = self.use_starts && counting == Counting::Resets;
                count(counting, window, self.spec.anchored, use_starts, |_| {})
            }
            RangeFunction::Deriv => {
                self.note_ignored_histograms(window, metric, annotations);
                regression_at(window, None).map(|terms| terms.slope)
            }
            RangeFunction::PredictLinear => {
                self.note_ignored_histograms(window, metric, annotations);
                regression_at(window, Some(window.time))
                    .map(|terms| terms.slope * self.scalar(0, step) + terms.intercept)
            }
            RangeFunction::DoubleExponentialSmoothing => {
                let (smoothing, trend) = (self.scalar(0, step), self.scalar(1, step));
                check_factor("smoothing", smoothing)?;
                check_factor("trend", trend)?;
                self.note_ignored_histograms(window, metric, annotations);
                double_exponential_smoothing(window.floats, smoothing, trend)
            }
            RangeFunction::Present | RangeFunction::Absent => Some(1.0),
            RangeFunction::CountOverTime => Some(window.len() as f64),
            RangeFunction::TimeOfFirst => time_of_first(window),
            RangeFunction::TimeOfLast => time_of_last(window),
            RangeFunction::Floats(function) => {
                let quantile = (self.scalar(0, step), self.first_span);
                let over_time = OverTime { function, metric, span: self.spec.span };
                over_time.evaluate(window, quantile, annotations)
            }
            RangeFunction::Rate(_)
            | RangeFunction::InstantRate(_)
            | RangeFunction::First
            | RangeFunction::Last
            | RangeFunction::Sum
            | RangeFunction::Avg => None,
        })
    }

    fn note_ignored_histograms(
        &self,
        window: &Window<'_>,
        metric: &str,
        annotations: &mut Annotations,
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
        eval_steps: &EvalSteps,
    ) -> Result<Option<Series>, QueryError> {
        let metric = input.labels.metric_name();
        let state = self.state(input);
        let drop_name = !self.id.get().traits.keeps_name || input.drop_name;
        let mut series = Series::new(input.labels.clone(), drop_name);
        let mut cursor = WindowCursor::new(self.spec, input);
        let mut work = 0;
        for step in 0..eval_steps.count {
            let window = cursor.at(eval_steps.time(step));
            // Long windows at many steps take their time even in one series.
            work += window.floats.len() + window.histograms.len();
            if work > SAMPLES_BETWEEN_CHECKS {
                ev.limits.charge_windows(std::mem::take(&mut work))?;
            }
            match self.evaluate(&window, &state, metric, step, &mut ev.annotations)? {
                None => {}
                Some(SampleValue::Float(value)) => series.set_float(step, eval_steps.count, value),
                Some(SampleValue::Histogram(histogram)) => {
                    series.set_histogram(step, eval_steps.count, histogram);
                }
            }
        }
        ev.limits.charge_windows(work)?;
        if series.floats.is_empty() && series.histograms.is_empty() {
            return Ok(None);
        }
        let is_counter = matches!(self.function, RangeFunction::Rate(kind) if kind.is_counter());
        if is_counter && !series.floats.is_empty() {
            self.note_counter_name(ev, &input.labels);
        }
        if series.drop_name && !ev.options.delayed_name_removal {
            series.labels = without_metadata(&series.labels);
        }
        Ok(Some(series))
    }

    /// Annotates a rate of a series that does not look like a counter.
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

    /// Returns an error if the function does not support `anchored` or `smoothed`.
    fn check_modifiers(&self) -> Result<(), QueryError> {
        let (modifier, supported): (_, fn(&Function) -> bool) = if self.spec.anchored {
            ("anchored", |function| function.traits.anchored)
        } else if self.spec.smoothed {
            ("smoothed", |function| function.traits.smoothed)
        } else {
            return Ok(());
        };
        if supported(self.id.get()) {
            return Ok(());
        }
        let supporting = FUNCTIONS.iter().filter(|function| supported(function));
        let names: Vec<&str> = supporting.map(|function| function.name).collect();
        Err(QueryError::execution(format!(
            "{modifier} modifier can only be used with: {} - not with {}",
            names.join(", "),
            self.id.name()
        )))
    }

    /// Completes the result: inverts it for `absent_over_time`, checks the label sets otherwise.
    /// `argument` is the node of the range vector.
    pub fn finish(
        &self,
        ev: &Evaluator<'_>,
        argument: NodeId,
        result: Vec<Series>,
        eval_steps: &EvalSteps,
    ) -> Result<Output, QueryError> {
        if matches!(self.function, RangeFunction::Absent) {
            let labels = absent_labels(ev.ast, argument);
            return Ok(Output::Vector(absent_over_time(&result, labels, eval_steps)));
        }
        if !ev.options.delayed_name_removal && has_same_labelset(&result) {
            return Err(QueryError::same_labelset());
        }
        Ok(Output::Vector(result))
    }
}

/// The line through a window's floats, from two on. Without an origin the first sample is it.
pub(super) fn regression_at(window: &Window<'_>, origin: Option<i64>) -> Option<LinearTerms> {
    match origin {
        None => derivative(window.floats),
        Some(_) if window.floats.len() < 2 => None,
        Some(origin) => linear_regression(window.floats, origin),
    }
}

impl Evaluator<'_> {
    /// Evaluates a function over the windows of each series.
    pub fn range_call(
        &mut self,
        call: &RangeCall,
        input: &[RangeSeries],
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        self.limits.check_points(input.len(), eval_steps.count)?;
        let held: usize = input.iter().map(|series| series.samples.len()).sum();
        self.limits.charge(held)?;
        let mut result = Vec::with_capacity(input.len());
        for series in input {
            self.limits.check_interrupt()?;
            result.extend(call.series(self, series, eval_steps)?);
        }
        self.limits.release(held);
        Ok(result)
    }
}

/// One series with 1 at each step at which no series has a sample.
fn absent_over_time(present: &[Series], labels: Labels, eval_steps: &EvalSteps) -> Vec<Series> {
    let mut floats = vec![1.0; eval_steps.count];
    for (step, slot) in floats.iter_mut().enumerate() {
        if present.iter().any(|series| series.has(step)) {
            *slot = ABSENT;
        }
    }
    let series = Series::of_floats(labels, true, floats);
    if series.is_empty() { Vec::new() } else { vec![series] }
}
