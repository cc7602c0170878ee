//! Duration expressions: `[5m * 2]`, `offset -step()`, `[max_of(range(), 1h):]`.
//!
//! Kept in postfix order, so that neither evaluating nor dropping a long one needs a stack of calls.
//! Source: prometheus promql/durations.go.

use std::fmt;

use super::operators::UnaryOp;
use go::Duration;
use go::number::format_float;
use text::Span;

/// A duration that depends on the query's step and range, or was written with operators.
#[derive(Clone, Debug, PartialEq)]
pub struct DurationExpr {
    /// The position in the query.
    pub span: Span,
    /// Operands before operators; running them leaves exactly one value.
    pub(super) terms: Vec<DurationTerm>,
}

/// One step of the evaluation, with the text of the whole operation for error messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DurationTerm {
    /// The position of the whole operation in the query.
    pub span: Span,
    /// The operand or operator.
    pub op: DurationOp,
}

/// An operand, or an operator on the operands before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DurationOp {
    /// A number of seconds.
    Number {
        /// Seconds.
        value: f64,
        /// True if it is written as a duration, `5m`.
        duration: bool,
    },
    /// `step()`: the query's resolution.
    Step,
    /// `range()`: from the query's start to its end.
    Range,
    /// `+` or `-` before one operand.
    Sign(UnaryOp),
    /// Parentheses; they change the printed form only.
    Paren,
    /// `a + b`.
    Add,
    /// `a - b`.
    Sub,
    /// `a * b`.
    Mul,
    /// `a / b`.
    Div,
    /// `a % b`.
    Mod,
    /// `a ^ b`.
    Pow,
    /// `max_of(a, b)`.
    Max,
    /// `min_of(a, b)`.
    Min,
}

/// The error of a duration expression. The span is that of the operation that failed.
/// Prometheus prints it as `start:end: reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationEvalError {
    /// The operation that failed.
    pub span: Span,
    /// The reason.
    pub reason: DurationFault,
}

/// The reason for which a duration expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationFault {
    /// The value is NaN or infinite.
    NotFinite,
    /// The value is not greater than 0.
    NotPositive,
    /// The value is out of range.
    OutOfRange,
    /// A division by zero.
    DivisionByZero,
    /// A modulo by zero.
    ModuloByZero,
}

impl fmt::Display for DurationEvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            DurationFault::NotFinite => "duration is NaN or infinite",
            DurationFault::NotPositive => "duration must be greater than 0",
            DurationFault::OutOfRange => "duration is out of range",
            DurationFault::DivisionByZero => "division by zero",
            DurationFault::ModuloByZero => "modulo by zero",
        };
        write!(f, "{}:{}: {reason}", self.span.start, self.span.end)
    }
}

/// Seconds beyond which Go's nanoseconds in 64 bits overflow.
pub(super) const LONGEST_SECONDS: f64 = 9_223_372_036.854_776;

impl DurationExpr {
    /// Operands and operators in postfix order. Running them leaves exactly one value.
    pub fn terms(&self) -> &[DurationTerm] {
        &self.terms
    }

    /// The value for a query of the given step and range. Offsets may be zero or negative.
    pub fn evaluate(
        &self,
        step: Duration,
        range: Duration,
        may_be_negative: bool,
    ) -> Result<Duration, DurationEvalError> {
        let fail = |span, reason| Err(DurationEvalError { span, reason });
        let mut stack: Vec<f64> = Vec::new();
        for term in &self.terms {
            let value = match term.op {
                DurationOp::Number { value, .. } => value,
                DurationOp::Step => step.seconds(),
                DurationOp::Range => range.seconds(),
                DurationOp::Sign(UnaryOp::Minus) => -stack.pop().unwrap_or_default(),
                DurationOp::Sign(UnaryOp::Plus) | DurationOp::Paren => continue,
                operator => {
                    let rhs = stack.pop().unwrap_or_default();
                    let lhs = stack.pop().unwrap_or_default();
                    match operator {
                        DurationOp::Add => lhs + rhs,
                        DurationOp::Sub => lhs - rhs,
                        DurationOp::Mul => lhs * rhs,
                        DurationOp::Div if rhs == 0.0 => {
                            return fail(term.span, DurationFault::DivisionByZero);
                        }
                        DurationOp::Div => lhs / rhs,
                        DurationOp::Mod if rhs == 0.0 => {
                            return fail(term.span, DurationFault::ModuloByZero);
                        }
                        DurationOp::Mod => lhs % rhs,
                        DurationOp::Pow => libm::pow(lhs, rhs),
                        DurationOp::Max => extreme(lhs, rhs, f64::max),
                        _ => extreme(lhs, rhs, f64::min),
                    }
                }
            };
            stack.push(value);
        }
        let seconds = stack.pop().unwrap_or_default();
        if !seconds.is_finite() {
            return fail(self.span, DurationFault::NotFinite);
        }
        if seconds <= 0.0 && !may_be_negative {
            return fail(self.span, DurationFault::NotPositive);
        }
        if seconds.abs() > LONGEST_SECONDS {
            return fail(self.span, DurationFault::OutOfRange);
        }
        Ok(Duration((seconds * 1000.0) as i64))
    }
}

impl DurationExpr {
    /// The form after `offset`, where operators belong to the outer expression unless
    /// a parenthesis or two signs come first. Signs without effect are not printed, so that an
    /// expression can have lost those that it began with; it gets parentheses instead.
    pub(super) fn print_as_offset(&self) -> String {
        let text = self.to_string();
        let operand = match self.terms.as_slice() {
            [.., last, DurationTerm { op: DurationOp::Sign(_), .. }] => last.op,
            [.., last] => last.op,
            [] => return text,
        };
        let whole = matches!(
            operand,
            DurationOp::Number { .. }
                | DurationOp::Step
                | DurationOp::Range
                | DurationOp::Paren
                | DurationOp::Max
                | DurationOp::Min
        );
        if whole || text.starts_with('(') || text.starts_with("--") {
            text
        } else {
            format!("({text})")
        }
    }
}

impl fmt::Display for DurationExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut stack: Vec<String> = Vec::new();
        for term in &self.terms {
            let text = match term.op {
                DurationOp::Number { value, duration: false } => format_float(value),
                DurationOp::Number { value, duration: true } => {
                    Duration((value * 1000.0).round() as i64).to_string()
                }
                DurationOp::Step => "step()".to_owned(),
                DurationOp::Range => "range()".to_owned(),
                DurationOp::Sign(UnaryOp::Plus) => continue,
                DurationOp::Sign(UnaryOp::Minus) => {
                    format!("-{}", stack.pop().unwrap_or_default())
                }
                DurationOp::Paren => format!("({})", stack.pop().unwrap_or_default()),
                operator => {
                    let rhs = stack.pop().unwrap_or_default();
                    let mut lhs = stack.pop().unwrap_or_default();
                    match operator {
                        DurationOp::Max => format!("max_of({lhs}, {rhs})"),
                        DurationOp::Min => format!("min_of({lhs}, {rhs})"),
                        _ => {
                            lhs.push_str(operator.symbol());
                            lhs.push_str(&rhs);
                            lhs
                        }
                    }
                }
            };
            stack.push(text);
        }
        f.write_str(&stack.pop().unwrap_or_default())
    }
}

impl DurationOp {
    /// A binary operator with the space around it.
    fn symbol(self) -> &'static str {
        match self {
            Self::Add => " + ",
            Self::Sub => " - ",
            Self::Mul => " * ",
            Self::Div => " / ",
            Self::Mod => " % ",
            Self::Pow => " ^ ",
            _ => ", ",
        }
    }
}

/// Go's minimum and maximum give NaN where either side is NaN, Rust's the other side.
fn extreme(lhs: f64, rhs: f64, pick: fn(f64, f64) -> f64) -> f64 {
    if lhs.is_nan() || rhs.is_nan() { f64::NAN } else { pick(lhs, rhs) }
}
