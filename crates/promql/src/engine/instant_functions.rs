//! Functions of instant vectors and scalars, sample by sample.
//!
//! Source: prometheus promql/functions.go.

use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::functions::{Adjustment, ScalarFunction, VectorFunction};
use super::series::{ABSENT, Scalars, Series, is_present};
use super::time_functions::{DatePart, date_part};
use crate::syntax::{Ast, Call, NodeId};
use crate::{Labels, LabelsBuilder, METRIC_NAME, MatchOp};

/// Go's maximum: NaN where either is one, unless the other is +Inf.
pub(super) fn go_max(a: f64, b: f64) -> f64 {
    if a == f64::INFINITY || b == f64::INFINITY {
        f64::INFINITY
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        a.max(b)
    }
}

/// Go's minimum: NaN where either is one, unless the other is -Inf.
pub(super) fn go_min(a: f64, b: f64) -> f64 {
    -go_max(-a, -b)
}

impl Evaluator<'_> {
    /// Evaluates a function that returns an instant vector.
    pub fn vector_function(
        &mut self,
        id: NodeId,
        function: VectorFunction,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let arg = call.args.first().copied();
        match (function, arg) {
            (VectorFunction::Timestamp | VectorFunction::StartTimestamp, Some(arg)) => {
                let of_start = matches!(function, VectorFunction::StartTimestamp);
                match self.selector_argument(arg) {
                    Some(plan) => self.timestamps_of_selector(of_start, &plan, eval_steps),
                    None => self.evaluation_times(of_start, arg, eval_steps),
                }
            }
            (VectorFunction::Vector, Some(arg)) => {
                let values = self.take_scalar(arg).over(eval_steps);
                Ok(vec![Series::of_floats(Labels::empty(), false, values)])
            }
            (VectorFunction::Absent, Some(arg)) => Ok(self.absent(arg, eval_steps)),
            (VectorFunction::LabelReplace, _) => self.label_replace(call, eval_steps),
            (VectorFunction::LabelJoin, _) => self.label_join(call, eval_steps),
            (VectorFunction::Info, _) => self.info(call, eval_steps),
            (VectorFunction::HistogramQuantile, _) => self.histogram_quantile(id, call, eval_steps),
            (VectorFunction::HistogramQuantiles, _) => {
                self.histogram_quantiles(id, call, eval_steps)
            }
            (VectorFunction::HistogramFraction, _) => self.histogram_fraction(call, eval_steps),
            (_, None) => Ok(Vec::new()),
        }
    }

    /// Evaluates a function that returns a scalar.
    pub fn scalar_function(
        &mut self,
        function: ScalarFunction,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Scalars {
        let args = [call.args.first().copied(), call.args.get(1).copied()];
        let pick = match function {
            ScalarFunction::Pi => return Scalars::Const(std::f64::consts::PI),
            ScalarFunction::Time => {
                let seconds = |step| eval_steps.time(step) as f64 / 1000.0;
                return Scalars::Steps((0..eval_steps.count).map(seconds).collect());
            }
            ScalarFunction::Scalar => {
                let series = args[0].map(|arg| self.take_vector(arg)).unwrap_or_default();
                return Scalars::Steps(only_floats(&series, eval_steps));
            }
            ScalarFunction::MaxOf => go_max,
            ScalarFunction::MinOf => go_min,
        };
        let mut operand =
            |at: usize| args[at].map_or(Scalars::Const(f64::NAN), |arg| self.take_scalar(arg));
        match (operand(0), operand(1)) {
            (Scalars::Const(a), Scalars::Const(b)) => Scalars::Const(pick(a, b)),
            (a, b) => Scalars::Steps(
                (0..eval_steps.count).map(|step| pick(a.at(step), b.at(step))).collect(),
            ),
        }
    }

    /// Evaluates `clamp`, `clamp_max`, `clamp_min` or `round`. Histograms are dropped.
    pub fn adjust(
        &mut self,
        adjustment: Adjustment,
        call: &Call,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let Some(&arg) = call.args.first() else { return Ok(Vec::new()) };
        let series = self.take_vector(arg);
        let mut param = |at: usize, default: f64| match call.args.get(at) {
            Some(&arg) => self.take_scalar(arg),
            None => Scalars::Const(default),
        };
        let (least, most) = match adjustment {
            Adjustment::Clamp => (param(1, 0.0), param(2, 0.0)),
            Adjustment::ClampMax => (Scalars::Const(f64::NEG_INFINITY), param(1, 0.0)),
            Adjustment::ClampMin => (param(1, 0.0), Scalars::Const(f64::INFINITY)),
            Adjustment::Round => {
                let nearest = param(1, 1.0);
                // The inverse loses less precision than a division by the parameter.
                return self.map_floats(series, eval_steps, |step, value| {
                    let inverse = 1.0 / nearest.at(step);
                    (value * inverse + 0.5).floor() / inverse
                });
            }
        };
        self.map_floats(series, eval_steps, |step, value| {
            let (least, most) = (least.at(step), most.at(step));
            if most < least { ABSENT } else { go_max(least, go_min(most, value)) }
        })
    }

    /// Applies a function to each float. Drops histograms and the metric name.
    pub fn map_floats(
        &mut self,
        mut series: Vec<Series>,
        eval_steps: &EvalSteps,
        map: impl Fn(usize, f64) -> f64,
    ) -> Result<Vec<Series>, QueryError> {
        series.retain_mut(|one| {
            one.histograms = Vec::new();
            let mut any = false;
            for (step, value) in one.floats.iter_mut().enumerate() {
                if is_present(*value) {
                    *value = map(step, *value);
                    any |= is_present(*value);
                }
            }
            self.drop_name(one);
            any
        });
        self.check_labelsets(series, eval_steps)
    }

    /// `timestamp` of an expression that is not a selector: the evaluation time. `start_timestamp`
    /// has no result there.
    fn evaluation_times(
        &mut self,
        of_start: bool,
        arg: NodeId,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let series = self.take_vector(arg);
        if of_start {
            return Ok(Vec::new());
        }
        let mut result = Vec::with_capacity(series.len());
        for one in series {
            let mut times = Series::new(one.labels.clone(), true);
            for step in (0..eval_steps.count).filter(|&step| one.has(step)) {
                times.set_float(step, eval_steps.count, eval_steps.time(step) as f64 / 1000.0);
            }
            self.drop_name(&mut times);
            result.push(times);
        }
        self.check_labelsets(result, eval_steps)
    }

    fn absent(&mut self, arg: NodeId, eval_steps: &EvalSteps) -> Vec<Series> {
        let series = self.take_vector(arg);
        let labels = absent_labels(self.ast, self.ast.unwrap_parens(arg));
        let floats: Vec<f64> = (0..eval_steps.count)
            .map(|step| if series.iter().any(|one| one.has(step)) { ABSENT } else { 1.0 })
            .collect();
        let result = Series::of_floats(labels, false, floats);
        if result.is_empty() { Vec::new() } else { vec![result] }
    }

    /// Evaluates a function that returns a part of a date.
    pub fn date(
        &mut self,
        part: DatePart,
        arg: Option<NodeId>,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        match arg {
            Some(arg) => {
                let series = self.take_vector(arg);
                self.map_floats(series, eval_steps, |_, value| date_part(part, value as i64))
            }
            None => {
                let of_time = |step| date_part(part, eval_steps.time(step).div_euclid(1000));
                let floats = (0..eval_steps.count).map(of_time).collect();
                Ok(vec![Series::of_floats(Labels::empty(), false, floats)])
            }
        }
    }
}

/// At each step the float of the only series that has one, otherwise NaN.
fn only_floats(series: &[Series], eval_steps: &EvalSteps) -> Vec<f64> {
    let mut values = vec![ABSENT; eval_steps.count];
    let mut several = vec![false; eval_steps.count];
    for one in series {
        for (step, &value) in one.floats.iter().enumerate().filter(|(_, value)| is_present(**value))
        {
            several[step] |= is_present(values[step]);
            values[step] = value;
        }
    }
    for (value, several) in values.iter_mut().zip(several) {
        if several || !is_present(*value) {
            *value = f64::NAN;
        }
    }
    values
}

/// The labels that a selector fixes, which the result of `absent` has.
pub(super) fn absent_labels(ast: &Ast, id: NodeId) -> Labels {
    let Some(selector) = ast.get(id).kind.selector() else { return Labels::empty() };
    let mut labels = LabelsBuilder::new();
    let mut seen: Vec<&str> = Vec::new();
    for matcher in selector.matchers.iter().filter(|matcher| &*matcher.name != METRIC_NAME) {
        let name = &*matcher.name;
        if matcher.op == MatchOp::Equal && !seen.contains(&name) {
            labels.set(matcher.name.clone(), matcher.value.clone());
            seen.push(name);
        } else {
            labels.remove(name);
        }
    }
    labels.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_as_in_go() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        assert!(go_max(nan, 1.0).is_nan() && go_min(1.0, nan).is_nan());
        assert_eq!((go_max(nan, inf), go_min(nan, -inf)), (inf, -inf));
        assert_eq!((go_max(1.0, 2.0), go_min(1.0, 2.0)), (2.0, 1.0));
    }

    #[test]
    fn a_scalar_needs_exactly_one_float() {
        let eval_steps = EvalSteps::new(0, 20, 10).unwrap();
        let of = |floats: &[f64]| Series::of_floats(Labels::empty(), false, floats.to_vec());
        let values =
            only_floats(&[of(&[1.0, ABSENT, ABSENT]), of(&[2.0, 5.0, ABSENT])], &eval_steps);
        assert!(values[0].is_nan() && values[2].is_nan());
        assert_eq!(values[1], 5.0);
    }
}
