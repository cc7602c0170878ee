//! Binary operators: arithmetic, comparison and sets, between scalars and vectors.
//!
//! Source: prometheus promql/engine.go `VectorBinop`, `VectorscalarBinop`, `vectorElemBinop`.

use std::collections::HashMap;
use std::sync::Arc;

use super::annotations::{HistogramOperation, Message};
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::joining::{FirstError, Joining, Remarks};
use super::matching::{Groups, changes_meaning};
use super::series::{ABSENT, Output, SampleRef, Scalars, Series, is_present};
use crate::SampleValue;
use crate::histogram::{CounterResetHint, FloatHistogram};
use crate::syntax::{Binary, BinaryOp, Cardinality, NodeId, ValueType, VectorMatching};

/// An operation between two floats. Comparisons give the left one and whether it is kept.
#[inline]
pub(super) fn float_operation(op: BinaryOp, lhs: f64, rhs: f64) -> Option<(f64, bool)> {
    Some(match op {
        BinaryOp::Add => (lhs + rhs, true),
        BinaryOp::Sub => (lhs - rhs, true),
        BinaryOp::Mul => (lhs * rhs, true),
        BinaryOp::Div => (lhs / rhs, true),
        BinaryOp::Mod => (lhs % rhs, true),
        BinaryOp::Pow => (libm::pow(lhs, rhs), true),
        BinaryOp::Atan2 => (libm::atan2(lhs, rhs), true),
        BinaryOp::Eq => (lhs, lhs == rhs),
        BinaryOp::Ne => (lhs, lhs != rhs),
        BinaryOp::Gt => (lhs, lhs > rhs),
        BinaryOp::Lt => (lhs, lhs < rhs),
        BinaryOp::Ge => (lhs, lhs >= rhs),
        BinaryOp::Le => (lhs, lhs <= rhs),
        BinaryOp::TrimLower
        | BinaryOp::TrimUpper
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Unless => return None,
    })
}

/// The result of a binary operation on two samples.
pub(super) struct BinaryResult {
    pub value: Option<(SampleValue, bool)>,
    pub remark: Option<Message>,
}

impl BinaryResult {
    fn of(value: SampleValue, keep: bool) -> Self {
        Self { value: Some((value, keep)), remark: None }
    }

    fn histogram(mut histogram: FloatHistogram) -> Self {
        histogram.compact(0);
        Self::of(SampleValue::Histogram(Arc::new(histogram)), true)
    }

    fn incompatible(lhs: SampleRef<'_>, op: BinaryOp, rhs: SampleRef<'_>) -> Self {
        let kind = |sample: SampleRef<'_>| match sample {
            SampleRef::Float(_) => "float",
            SampleRef::Histogram(_) => "histogram",
        };
        Self {
            value: None,
            remark: Some(Message::IncompatibleTypes {
                lhs: kind(lhs),
                operator: op.symbol(),
                rhs: kind(rhs),
            }),
        }
    }
}

pub(super) fn operation(op: BinaryOp, lhs: SampleRef<'_>, rhs: SampleRef<'_>) -> BinaryResult {
    match (lhs, rhs) {
        (SampleRef::Float(a), SampleRef::Float(b)) => match float_operation(op, a, b) {
            Some((value, keep)) => BinaryResult::of(SampleValue::Float(value), keep),
            None => BinaryResult::incompatible(lhs, op, rhs),
        },
        (SampleRef::Float(factor), SampleRef::Histogram(histogram)) if op == BinaryOp::Mul => {
            let mut result = FloatHistogram::clone(histogram);
            result.mul(factor);
            BinaryResult::histogram(result)
        }
        (SampleRef::Histogram(histogram), SampleRef::Float(value)) => {
            let mut result = FloatHistogram::clone(histogram);
            match op {
                BinaryOp::Mul => result.mul(value),
                BinaryOp::Div => result.div(value),
                BinaryOp::TrimUpper => result.keep_below(value),
                BinaryOp::TrimLower => result.keep_above(value),
                _ => return BinaryResult::incompatible(lhs, op, rhs),
            };
            if matches!(op, BinaryOp::Mul | BinaryOp::Div) {
                BinaryResult::histogram(result)
            } else {
                BinaryResult::of(SampleValue::Histogram(Arc::new(result)), true)
            }
        }
        (SampleRef::Histogram(a), SampleRef::Histogram(b)) => match op {
            BinaryOp::Add | BinaryOp::Sub => add_or_subtract(op, a, b),
            BinaryOp::Eq | BinaryOp::Ne => BinaryResult::of(
                SampleValue::Histogram(a.clone()),
                a.same_data(b) == (op == BinaryOp::Eq),
            ),
            _ => BinaryResult::incompatible(lhs, op, rhs),
        },
        _ => BinaryResult::incompatible(lhs, op, rhs),
    }
}

fn add_or_subtract(op: BinaryOp, a: &FloatHistogram, b: &FloatHistogram) -> BinaryResult {
    let mut result = a.clone();
    let (notes, what) = if op == BinaryOp::Add {
        (result.add(b), HistogramOperation::Addition)
    } else {
        (result.sub(b), HistogramOperation::Subtraction)
    };
    match notes {
        Err(_) => BinaryResult {
            value: None,
            remark: Some(Message::IncompatibleBucketLayout { operator: op.symbol() }),
        },
        // Prometheus drops the result together with the warning.
        Ok(notes) if notes.counter_reset_collision => BinaryResult {
            value: None,
            remark: Some(Message::HistogramCounterResetCollision { operation: what }),
        },
        Ok(notes) => {
            if op == BinaryOp::Sub {
                result.counter_reset_hint = CounterResetHint::Gauge;
            }
            let mut outcome = BinaryResult::histogram(result);
            outcome.remark = notes
                .bounds_reconciled
                .then_some(Message::MismatchedCustomBuckets { operation: what });
            outcome
        }
    }
}

impl Evaluator<'_> {
    pub fn binary(
        &mut self,
        id: NodeId,
        binary: &Binary,
        eval_steps: &EvalSteps,
    ) -> Result<Output, QueryError> {
        let kind = |id| self.ast.type_of(id) == ValueType::Scalar;
        let (left_scalar, right_scalar) = (kind(binary.lhs), kind(binary.rhs));
        if left_scalar && right_scalar {
            let (lhs, rhs) = (self.take_scalar(binary.lhs), self.take_scalar(binary.rhs));
            return Ok(Output::Scalar(scalars(binary.op, &lhs, &rhs, eval_steps)));
        }
        let series = if right_scalar || left_scalar {
            let (vector, scalar) =
                if right_scalar { (binary.lhs, binary.rhs) } else { (binary.rhs, binary.lhs) };
            let (series, scalar) = (self.take_vector(vector), self.take_scalar(scalar));
            self.vector_and_scalar(id, binary, series, &scalar, left_scalar, eval_steps)?
        } else {
            let (lhs, rhs) = (self.take_vector(binary.lhs), self.take_vector(binary.rhs));
            let default = VectorMatching {
                card: Cardinality::OneToOne,
                labels: Vec::new(),
                on: false,
                include: Vec::new(),
                fill_left: None,
                fill_right: None,
            };
            let matching = binary.matching.as_deref().unwrap_or(&default);
            if binary.op.is_set() {
                self.set_operation(id, binary.op, lhs, rhs, matching, eval_steps)?
            } else {
                self.vectors(id, binary, lhs, rhs, matching, eval_steps)?
            }
        };
        Ok(Output::Vector(series))
    }

    fn vector_and_scalar(
        &mut self,
        id: NodeId,
        binary: &Binary,
        series: Vec<Series>,
        scalar: &Scalars,
        scalar_is_left: bool,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let (op, return_bool) = (binary.op, binary.return_bool);
        let drop_name = changes_meaning(op) || return_bool;
        let mut remarks = Remarks::default();
        let mut result = Vec::with_capacity(series.len());
        for mut one in series {
            if drop_name {
                self.drop_name(&mut one);
            }
            if one.histograms.is_empty() && float_operation(op, 0.0, 0.0).is_some() {
                floats_and_scalar(op, return_bool, &mut one.floats, scalar, scalar_is_left);
                result.push(one);
                continue;
            }
            let mut made = Series::new(one.labels.clone(), one.drop_name);
            for step in 0..eval_steps.count {
                let Some(sample) = one.at(step) else { continue };
                let number = SampleRef::Float(scalar.at(step));
                let (lhs, rhs) = if scalar_is_left { (number, sample) } else { (sample, number) };
                let outcome = operation(op, lhs, rhs);
                let Some((value, keep)) = outcome.value else {
                    remarks.add(step, outcome.remark);
                    continue;
                };
                if return_bool {
                    made.set_float(step, eval_steps.count, f64::from(u8::from(keep)));
                } else if keep {
                    // Of a comparison always the vector's side is kept.
                    let kept = if op.is_comparison() { sample.to_owned() } else { value };
                    made.set(step, eval_steps.count, kept);
                }
            }
            result.push(made);
        }
        result.retain(|one| !one.is_empty());
        remarks.into_annotations(self, id);
        self.check_labelsets(result, eval_steps)
    }

    fn set_operation(
        &mut self,
        id: NodeId,
        op: BinaryOp,
        mut lhs: Vec<Series>,
        mut rhs: Vec<Series>,
        matching: &VectorMatching,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let groups = Groups::new(&lhs, &rhs, matching);
        if let Some(trace) = &mut self.trace {
            trace.matching(id, &groups, [&lhs, &rhs], false);
        }
        // The result depends on the other side of its group at each step.
        let (filtered, places, others, keep_where_present) = match op {
            BinaryOp::And => (&mut lhs, &groups.of_many, &rhs, true),
            BinaryOp::Unless => (&mut lhs, &groups.of_many, &rhs, false),
            _ => (&mut rhs, &groups.of_one, &lhs, false),
        };
        let is_or = op == BinaryOp::Or;
        let mut presence: HashMap<usize, Vec<bool>> = HashMap::new();
        for (one, &place) in filtered.iter_mut().zip(places) {
            let present = presence.entry(place).or_insert_with(|| {
                let group = &groups.groups[place];
                let members = if is_or { &group.many } else { &group.one };
                let mut present = vec![false; eval_steps.count];
                for &at in members {
                    for (step, slot) in present.iter_mut().enumerate() {
                        *slot |= others[at].has(step);
                    }
                }
                present
            });
            for (step, &there) in present.iter().enumerate() {
                if there != keep_where_present {
                    one.clear(step);
                }
            }
        }
        if is_or {
            lhs.append(&mut rhs);
        }
        lhs.retain(|one| !one.is_empty());
        self.check_labelsets(lhs, eval_steps)
    }

    fn vectors(
        &mut self,
        id: NodeId,
        binary: &Binary,
        lhs: Vec<Series>,
        rhs: Vec<Series>,
        matching: &VectorMatching,
        eval_steps: &EvalSteps,
    ) -> Result<Vec<Series>, QueryError> {
        let swapped = matching.card == Cardinality::OneToMany;
        let (many, one) = if swapped { (rhs, lhs) } else { (lhs, rhs) };
        let groups = Groups::new(&many, &one, matching);
        if let Some(trace) = &mut self.trace {
            let sides = if swapped { [&one[..], &many] } else { [&many[..], &one] };
            trace.matching(id, &groups, sides, swapped);
        }
        self.limits.check_points(many.len(), eval_steps.count)?;
        let drop_at_once = binary.return_bool && !self.options.delayed_name_removal;
        let mut joining = Joining {
            binary,
            matching,
            eval_steps,
            swapped,
            ordered_duplicates: self.options.ordered_duplicates,
            drop_metadata: drop_at_once || changes_meaning(binary.op),
            matched: HashMap::new(),
            met: HashMap::new(),
            result: Vec::new(),
            remarks: Remarks::default(),
            error: FirstError::default(),
        };
        joining.check_one_side(&many, &one, &groups);
        for (at, series) in many.iter().enumerate() {
            self.limits.check_interrupt()?;
            let place = groups.of_many[at];
            joining.join(series, &one, place, &groups.groups[place]);
        }
        if let Some(fill) = matching.fill_left {
            for (at, series) in one.iter().enumerate() {
                let place = groups.of_one[at];
                joining.fill_missing(series, fill, place, &groups.groups[place]);
            }
        }
        let Joining { result, remarks, error, .. } = joining;
        if let Some((_, error)) = error.0 {
            return Err(error);
        }
        remarks.into_annotations(self, id);
        self.check_labelsets(result, eval_steps)
    }
}

/// The common case, in place.
fn floats_and_scalar(
    op: BinaryOp,
    return_bool: bool,
    floats: &mut [f64],
    scalar: &Scalars,
    scalar_is_left: bool,
) {
    for (step, slot) in floats.iter_mut().enumerate().filter(|(_, slot)| is_present(**slot)) {
        let (value, number) = (*slot, scalar.at(step));
        let (lhs, rhs) = if scalar_is_left { (number, value) } else { (value, number) };
        let Some((made, keep)) = float_operation(op, lhs, rhs) else { continue };
        *slot = match (return_bool, keep) {
            (true, keep) => f64::from(u8::from(keep)),
            (false, true) if op.is_comparison() => value,
            (false, true) => made,
            (false, false) => ABSENT,
        };
    }
}

fn scalars(op: BinaryOp, lhs: &Scalars, rhs: &Scalars, eval_steps: &EvalSteps) -> Scalars {
    let apply = |lhs, rhs| match float_operation(op, lhs, rhs) {
        Some((_, keep)) if op.is_comparison() => f64::from(u8::from(keep)),
        Some((value, _)) => value,
        None => f64::NAN,
    };
    match (lhs, rhs) {
        (Scalars::Const(lhs), Scalars::Const(rhs)) => Scalars::Const(apply(*lhs, *rhs)),
        _ => Scalars::Steps(
            (0..eval_steps.count).map(|step| apply(lhs.at(step), rhs.at(step))).collect(),
        ),
    }
}
