//! Functions of instant vectors and scalars, sample by sample.
//!
//! Source: prometheus promql/functions.go.

use super::error::QueryError;
use super::evaluator::Evaluator;
use super::grid::Grid;
use super::series::{ABSENT, Output, Scalars, Series, is_present};
use super::sorting::SortBy;
use super::time_functions::{DatePart, date_part};
use crate::syntax::{Ast, Call, FunctionId, MatchOp, NodeId, ValueType};
use crate::{Labels, LabelsBuilder, METRIC_NAME};

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

/// What a mathematical function of one number does.
fn math_function(function: FunctionId) -> Option<fn(f64) -> f64> {
    Some(match function {
        FunctionId::Abs => f64::abs,
        FunctionId::Acos => f64::acos,
        FunctionId::Acosh => f64::acosh,
        FunctionId::Asin => f64::asin,
        FunctionId::Asinh => f64::asinh,
        FunctionId::Atan => f64::atan,
        FunctionId::Atanh => f64::atanh,
        FunctionId::Ceil => f64::ceil,
        FunctionId::Cos => f64::cos,
        FunctionId::Cosh => f64::cosh,
        FunctionId::Deg => |value| value * 180.0 / std::f64::consts::PI,
        FunctionId::Exp => f64::exp,
        FunctionId::Floor => f64::floor,
        FunctionId::Ln => f64::ln,
        FunctionId::Log10 => f64::log10,
        FunctionId::Log2 => f64::log2,
        FunctionId::Rad => |value| value * std::f64::consts::PI / 180.0,
        FunctionId::Sgn => |value| {
            if value > 0.0 {
                1.0
            } else if value < 0.0 {
                -1.0
            } else {
                value
            }
        },
        FunctionId::Sin => f64::sin,
        FunctionId::Sinh => f64::sinh,
        FunctionId::Sqrt => f64::sqrt,
        FunctionId::Tan => f64::tan,
        FunctionId::Tanh => f64::tanh,
        _ => return None,
    })
}

impl Evaluator<'_> {
    /// The value of a function call.
    pub fn call(&mut self, id: NodeId, call: &Call, grid: &Grid) -> Result<Output, QueryError> {
        let query_plan = self.query_plan;
        let is_range = |&arg: &NodeId| query_plan.type_of(arg) == ValueType::Matrix;
        if let Some(at) = call.args.iter().position(is_range) {
            return self.range_call(id, call, at, grid);
        }
        if call.function.get().returns == ValueType::Scalar {
            return Ok(Output::Scalar(self.scalar_call(call, grid)));
        }
        let arg = call.args.first().copied();
        let series = match (call.function, arg) {
            (FunctionId::Timestamp | FunctionId::StartTimestamp, Some(arg)) => {
                match self.selector_argument(arg) {
                    Some(plan) => self.timestamps_of_selector(call.function, &plan, grid)?,
                    None => self.evaluation_times(call.function, arg, grid)?,
                }
            }
            (FunctionId::LabelReplace, _) => self.label_replace(call, grid)?,
            (FunctionId::LabelJoin, _) => self.label_join(call, grid)?,
            (FunctionId::Info, _) => self.info(call, grid)?,
            (FunctionId::Vector, Some(arg)) => {
                let values = self.take_scalar(arg).over(grid);
                vec![Series::of_floats(Labels::empty(), false, values)]
            }
            (FunctionId::Absent, Some(arg)) => self.absent(arg, grid),
            (FunctionId::HistogramQuantile, _) => self.histogram_quantile(id, call, grid)?,
            (FunctionId::HistogramQuantiles, _) => self.histogram_quantiles(id, call, grid)?,
            (FunctionId::HistogramFraction, _) => self.histogram_fraction(call, grid)?,
            (
                FunctionId::HistogramAvg
                | FunctionId::HistogramCount
                | FunctionId::HistogramStddev
                | FunctionId::HistogramStdvar
                | FunctionId::HistogramSum,
                Some(arg),
            ) => self.histogram_statistic(call.function, arg, grid)?,
            _ => match (SortBy::of(call.function), DatePart::of(call.function)) {
                (Some(sort_by), _) => self.sort(id, sort_by, call, grid)?,
                (_, Some(part)) => self.date(part, arg, grid)?,
                _ => self.simple_call(call, grid)?,
            },
        };
        Ok(Output::Vector(series))
    }

    fn scalar_call(&mut self, call: &Call, grid: &Grid) -> Scalars {
        match (call.function, call.args.as_slice()) {
            (FunctionId::Pi, _) => Scalars::Const(std::f64::consts::PI),
            (FunctionId::Time, _) => Scalars::Steps(
                (0..grid.count).map(|step| grid.time(step) as f64 / 1000.0).collect(),
            ),
            (FunctionId::Scalar, &[arg]) => {
                let series = self.take_vector(arg);
                Scalars::Steps(only_floats(&series, grid))
            }
            (FunctionId::MaxOf | FunctionId::MinOf, &[a, b]) => {
                let pick = if call.function == FunctionId::MaxOf { go_max } else { go_min };
                match (self.take_scalar(a), self.take_scalar(b)) {
                    (Scalars::Const(a), Scalars::Const(b)) => Scalars::Const(pick(a, b)),
                    (a, b) => Scalars::Steps(
                        (0..grid.count).map(|step| pick(a.at(step), b.at(step))).collect(),
                    ),
                }
            }
            _ => Scalars::Const(f64::NAN),
        }
    }

    /// Functions that make one float of another; histograms are left out.
    fn simple_call(&mut self, call: &Call, grid: &Grid) -> Result<Vec<Series>, QueryError> {
        let Some(&arg) = call.args.first() else { return Ok(Vec::new()) };
        let series = self.take_vector(arg);
        let mut param = |at: usize, default: f64| match call.args.get(at) {
            Some(&arg) => self.take_scalar(arg),
            None => Scalars::Const(default),
        };
        let (least, most) = match call.function {
            FunctionId::Clamp => (param(1, 0.0), param(2, 0.0)),
            FunctionId::ClampMax => (Scalars::Const(f64::NEG_INFINITY), param(1, 0.0)),
            FunctionId::ClampMin => (param(1, 0.0), Scalars::Const(f64::INFINITY)),
            FunctionId::Round => {
                let nearest = param(1, 1.0);
                // Dividing by the inverse loses less than dividing by the number itself.
                return self.map_floats(series, grid, |step, value| {
                    let inverse = 1.0 / nearest.at(step);
                    (value * inverse + 0.5).floor() / inverse
                });
            }
            function => {
                let apply = math_function(function).unwrap_or(|_| f64::NAN);
                return self.map_floats(series, grid, |_, value| apply(value));
            }
        };
        self.map_floats(series, grid, |step, value| {
            let (least, most) = (least.at(step), most.at(step));
            if most < least { ABSENT } else { go_max(least, go_min(most, value)) }
        })
    }

    /// Each float by a function, in place; the name goes.
    pub fn map_floats(
        &mut self,
        mut series: Vec<Series>,
        grid: &Grid,
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
        self.check_labelsets(series, grid)
    }

    /// `timestamp` of anything but a selector is the time of the evaluation; of start timestamps
    /// nothing is known there.
    fn evaluation_times(
        &mut self,
        function: FunctionId,
        arg: NodeId,
        grid: &Grid,
    ) -> Result<Vec<Series>, QueryError> {
        let series = self.take_vector(arg);
        if function == FunctionId::StartTimestamp {
            return Ok(Vec::new());
        }
        let mut result = Vec::with_capacity(series.len());
        for one in series {
            let mut times = Series::new(one.labels.clone(), true);
            for step in (0..grid.count).filter(|&step| one.has(step)) {
                times.set_float(step, grid.count, grid.time(step) as f64 / 1000.0);
            }
            self.drop_name(&mut times);
            result.push(times);
        }
        self.check_labelsets(result, grid)
    }

    fn absent(&mut self, arg: NodeId, grid: &Grid) -> Vec<Series> {
        let series = self.take_vector(arg);
        let labels = absent_labels(self.ast, self.ast.unwrap_parens(arg));
        let floats: Vec<f64> = (0..grid.count)
            .map(|step| if series.iter().any(|one| one.has(step)) { ABSENT } else { 1.0 })
            .collect();
        let result = Series::of_floats(labels, false, floats);
        if result.is_empty() { Vec::new() } else { vec![result] }
    }

    fn date(
        &mut self,
        part: DatePart,
        arg: Option<NodeId>,
        grid: &Grid,
    ) -> Result<Vec<Series>, QueryError> {
        match arg {
            Some(arg) => {
                let series = self.take_vector(arg);
                self.map_floats(series, grid, |_, value| date_part(part, value as i64))
            }
            None => {
                let of_time = |step| date_part(part, grid.time(step).div_euclid(1000));
                let floats = (0..grid.count).map(of_time).collect();
                Ok(vec![Series::of_floats(Labels::empty(), false, floats)])
            }
        }
    }
}

/// At each step the float of the only series that has one, otherwise NaN.
fn only_floats(series: &[Series], grid: &Grid) -> Vec<f64> {
    let mut values = vec![ABSENT; grid.count];
    let mut several = vec![false; grid.count];
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

/// The labels that a selector fixes: what is absent would have them.
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
        let grid = Grid::new(0, 20, 10).unwrap();
        let of = |floats: &[f64]| Series::of_floats(Labels::empty(), false, floats.to_vec());
        let values = only_floats(&[of(&[1.0, ABSENT, ABSENT]), of(&[2.0, 5.0, ABSENT])], &grid);
        assert!(values[0].is_nan() && values[2].is_nan());
        assert_eq!(values[1], 5.0);
    }
}
