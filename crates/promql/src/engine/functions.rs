//! The implementation of each function.
//!
//! [`Implementation::of`] names every function, so a function of the language's table without an
//! implementation does not compile.

use super::rates::RateKind;
use super::resets::Counting;
use super::time_functions::DatePart;
use crate::syntax::FunctionId;

/// The way in which a function is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Implementation {
    /// A number that depends on the times of the query only. The plan contains the number.
    Constant(QueryConstant),
    /// A function that returns a scalar.
    Scalar(ScalarFunction),
    /// A function of each float of an instant vector. Histograms are dropped.
    Math(fn(f64) -> f64),
    /// `clamp` and `round`: a function of each float with scalar parameters.
    Adjust(Adjustment),
    /// A part of the date that each float is, in seconds since the epoch.
    Date(DatePart),
    /// The count, sum or another statistic of each native histogram.
    Histogram(HistogramStatistic),
    /// `sort` and similar functions.
    Sort(SortKey),
    /// Any other function that returns an instant vector and takes no range vector.
    Vector(VectorFunction),
    /// A function of a range vector.
    Range(RangeFunction),
}

/// A number that depends on the times of the query only.
#[derive(Clone, Copy, Debug)]
pub(super) enum QueryConstant {
    Start,
    End,
    Range,
    Step,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum ScalarFunction {
    MaxOf,
    MinOf,
    Pi,
    Scalar,
    Time,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Adjustment {
    Clamp,
    ClampMax,
    ClampMin,
    Round,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum HistogramStatistic {
    Avg,
    Count,
    Stddev,
    Stdvar,
    Sum,
}

/// The sort key of `sort` and similar functions, and the direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct SortKey {
    pub by_labels: bool,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum VectorFunction {
    Absent,
    HistogramFraction,
    HistogramQuantile,
    HistogramQuantiles,
    Info,
    LabelJoin,
    LabelReplace,
    StartTimestamp,
    Timestamp,
    Vector,
}

/// A function that makes one sample of the samples of a window.
#[derive(Clone, Copy, Debug)]
pub(super) enum RangeFunction {
    Rate(RateKind),
    /// `irate` if true, otherwise `idelta`.
    InstantRate(bool),
    Count(Counting),
    Deriv,
    PredictLinear,
    DoubleExponentialSmoothing,
    /// 1 for a window with samples. `absent_over_time` inverts it.
    Present,
    Absent,
    CountOverTime,
    First,
    Last,
    TimeOfFirst,
    TimeOfLast,
    Sum,
    Avg,
    /// Functions of the floats of a window; histograms are ignored with an annotation.
    Floats(FloatsFunction),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FloatsFunction {
    Mad,
    Max,
    Min,
    Quantile,
    Stddev,
    Stdvar,
    TimeOfMax,
    TimeOfMin,
}

impl Implementation {
    /// Returns the implementation of a function.
    pub fn of(function: FunctionId) -> Self {
        use FunctionId as F;
        use Implementation::{Adjust, Constant, Date, Histogram, Math, Scalar, Sort, Vector};
        let range = Self::Range;
        let floats = |function| Self::Range(RangeFunction::Floats(function));
        let sort = |by_labels, descending| Sort(SortKey { by_labels, descending });
        match function {
            F::Abs => Math(f64::abs),
            F::Absent => Vector(VectorFunction::Absent),
            F::AbsentOverTime => range(RangeFunction::Absent),
            F::Acos => Math(f64::acos),
            F::Acosh => Math(f64::acosh),
            F::Asin => Math(f64::asin),
            F::Asinh => Math(f64::asinh),
            F::Atan => Math(f64::atan),
            F::Atanh => Math(f64::atanh),
            F::AvgOverTime => range(RangeFunction::Avg),
            F::Ceil => Math(f64::ceil),
            F::Changes => range(RangeFunction::Count(Counting::Changes)),
            F::Clamp => Adjust(Adjustment::Clamp),
            F::ClampMax => Adjust(Adjustment::ClampMax),
            F::ClampMin => Adjust(Adjustment::ClampMin),
            F::Cos => Math(f64::cos),
            F::Cosh => Math(f64::cosh),
            F::CountOverTime => range(RangeFunction::CountOverTime),
            F::DayOfMonth => Date(DatePart::DayOfMonth),
            F::DayOfWeek => Date(DatePart::DayOfWeek),
            F::DayOfYear => Date(DatePart::DayOfYear),
            F::DaysInMonth => Date(DatePart::DaysInMonth),
            F::Deg => Math(|value| value * 180.0 / std::f64::consts::PI),
            F::Delta => range(RangeFunction::Rate(RateKind::Delta)),
            F::Deriv => range(RangeFunction::Deriv),
            F::Exp => Math(f64::exp),
            F::FirstOverTime => range(RangeFunction::First),
            F::Floor => Math(f64::floor),
            F::HistogramAvg => Histogram(HistogramStatistic::Avg),
            F::HistogramCount => Histogram(HistogramStatistic::Count),
            F::HistogramFraction => Vector(VectorFunction::HistogramFraction),
            F::HistogramQuantile => Vector(VectorFunction::HistogramQuantile),
            F::HistogramStddev => Histogram(HistogramStatistic::Stddev),
            F::HistogramStdvar => Histogram(HistogramStatistic::Stdvar),
            F::HistogramSum => Histogram(HistogramStatistic::Sum),
            F::Hour => Date(DatePart::Hour),
            F::Idelta => range(RangeFunction::InstantRate(false)),
            F::Increase => range(RangeFunction::Rate(RateKind::Increase)),
            F::Irate => range(RangeFunction::InstantRate(true)),
            F::LabelJoin => Vector(VectorFunction::LabelJoin),
            F::LabelReplace => Vector(VectorFunction::LabelReplace),
            F::LastOverTime => range(RangeFunction::Last),
            F::Ln => Math(f64::ln),
            F::Log10 => Math(f64::log10),
            F::Log2 => Math(f64::log2),
            F::MaxOverTime => floats(FloatsFunction::Max),
            F::MinOverTime => floats(FloatsFunction::Min),
            F::Minute => Date(DatePart::Minute),
            F::Month => Date(DatePart::Month),
            F::Pi => Scalar(ScalarFunction::Pi),
            F::PredictLinear => range(RangeFunction::PredictLinear),
            F::PresentOverTime => range(RangeFunction::Present),
            F::QuantileOverTime => floats(FloatsFunction::Quantile),
            F::Rad => Math(|value| value * std::f64::consts::PI / 180.0),
            F::Rate => range(RangeFunction::Rate(RateKind::Rate)),
            F::Resets => range(RangeFunction::Count(Counting::Resets)),
            F::Round => Adjust(Adjustment::Round),
            F::Scalar => Scalar(ScalarFunction::Scalar),
            F::Sgn => Math(sgn),
            F::Sin => Math(f64::sin),
            F::Sinh => Math(f64::sinh),
            F::Sort => sort(false, false),
            F::SortDesc => sort(false, true),
            F::Sqrt => Math(f64::sqrt),
            F::StddevOverTime => floats(FloatsFunction::Stddev),
            F::StdvarOverTime => floats(FloatsFunction::Stdvar),
            F::SumOverTime => range(RangeFunction::Sum),
            F::Tan => Math(f64::tan),
            F::Tanh => Math(f64::tanh),
            F::Time => Scalar(ScalarFunction::Time),
            F::Timestamp => Vector(VectorFunction::Timestamp),
            F::Vector => Vector(VectorFunction::Vector),
            F::Year => Date(DatePart::Year),
            #[cfg(feature = "experimental-functions")]
            F::DoubleExponentialSmoothing => range(RangeFunction::DoubleExponentialSmoothing),
            #[cfg(feature = "experimental-functions")]
            F::End => Constant(QueryConstant::End),
            #[cfg(feature = "experimental-functions")]
            F::HistogramQuantiles => Vector(VectorFunction::HistogramQuantiles),
            #[cfg(feature = "experimental-functions")]
            F::Info => Vector(VectorFunction::Info),
            #[cfg(feature = "experimental-functions")]
            F::MadOverTime => floats(FloatsFunction::Mad),
            #[cfg(feature = "experimental-functions")]
            F::MaxOf => Scalar(ScalarFunction::MaxOf),
            #[cfg(feature = "experimental-functions")]
            F::MinOf => Scalar(ScalarFunction::MinOf),
            #[cfg(feature = "experimental-functions")]
            F::Range => Constant(QueryConstant::Range),
            #[cfg(feature = "experimental-functions")]
            F::SortByLabel => sort(true, false),
            #[cfg(feature = "experimental-functions")]
            F::SortByLabelDesc => sort(true, true),
            #[cfg(feature = "experimental-functions")]
            F::Start => Constant(QueryConstant::Start),
            #[cfg(feature = "experimental-functions")]
            F::StartTimestamp => Vector(VectorFunction::StartTimestamp),
            #[cfg(feature = "experimental-functions")]
            F::Step => Constant(QueryConstant::Step),
            #[cfg(feature = "experimental-functions")]
            F::TsOfFirstOverTime => range(RangeFunction::TimeOfFirst),
            #[cfg(feature = "experimental-functions")]
            F::TsOfLastOverTime => range(RangeFunction::TimeOfLast),
            #[cfg(feature = "experimental-functions")]
            F::TsOfMaxOverTime => floats(FloatsFunction::TimeOfMax),
            #[cfg(feature = "experimental-functions")]
            F::TsOfMinOverTime => floats(FloatsFunction::TimeOfMin),
        }
    }
}

fn sgn(value: f64) -> f64 {
    if value > 0.0 {
        1.0
    } else if value < 0.0 {
        -1.0
    } else {
        value
    }
}
