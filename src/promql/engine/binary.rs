//! Binary operators: arithmetic, comparison and sets, between scalars and vectors.
//!
//! Source: prometheus promql/engine.go `VectorBinop`, `VectorscalarBinop`, `vectorElemBinop`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::annotations::{HistogramOperation, Message};
use super::error::QueryError;
use super::evaluator::Evaluator;
use super::grid::Grid;
use super::matching::{
    Groups, MatchGroup, any_present, changes_meaning, match_labels, result_labels,
};
use super::series::{ABSENT, Output, SampleRef, SampleValue, Scalars, Series, is_present};
use crate::model::Labels;
use crate::model::histogram::{CounterResetHint, FloatHistogram};
use crate::promql::syntax::{Binary, BinaryOp, Cardinality, NodeId, ValueType, VectorMatching};

/// An operation between two floats. Comparisons give the left one and whether it is kept.
#[inline]
fn float_operation(op: BinaryOp, lhs: f64, rhs: f64) -> Option<(f64, bool)> {
    Some(match op {
        BinaryOp::Add => (lhs + rhs, true),
        BinaryOp::Sub => (lhs - rhs, true),
        BinaryOp::Mul => (lhs * rhs, true),
        BinaryOp::Div => (lhs / rhs, true),
        BinaryOp::Mod => (lhs % rhs, true),
        BinaryOp::Pow => (lhs.powf(rhs), true),
        BinaryOp::Atan2 => (lhs.atan2(rhs), true),
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

/// What comes of two samples: a value and whether it is kept, or nothing; and what to remark.
struct Outcome {
    value: Option<(SampleValue, bool)>,
    remark: Option<Message>,
}

impl Outcome {
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

fn operation(op: BinaryOp, lhs: SampleRef<'_>, rhs: SampleRef<'_>) -> Outcome {
    match (lhs, rhs) {
        (SampleRef::Float(a), SampleRef::Float(b)) => match float_operation(op, a, b) {
            Some((value, keep)) => Outcome::of(SampleValue::Float(value), keep),
            None => Outcome::incompatible(lhs, op, rhs),
        },
        (SampleRef::Float(factor), SampleRef::Histogram(histogram)) if op == BinaryOp::Mul => {
            let mut result = FloatHistogram::clone(histogram);
            result.mul(factor);
            Outcome::histogram(result)
        }
        (SampleRef::Histogram(histogram), SampleRef::Float(value)) => {
            let mut result = FloatHistogram::clone(histogram);
            match op {
                BinaryOp::Mul => result.mul(value),
                BinaryOp::Div => result.div(value),
                BinaryOp::TrimUpper => result.keep_below(value),
                BinaryOp::TrimLower => result.keep_above(value),
                _ => return Outcome::incompatible(lhs, op, rhs),
            };
            if matches!(op, BinaryOp::Mul | BinaryOp::Div) {
                Outcome::histogram(result)
            } else {
                Outcome::of(SampleValue::Histogram(Arc::new(result)), true)
            }
        }
        (SampleRef::Histogram(a), SampleRef::Histogram(b)) => match op {
            BinaryOp::Add | BinaryOp::Sub => add_or_subtract(op, a, b),
            BinaryOp::Eq | BinaryOp::Ne => Outcome::of(
                SampleValue::Histogram(a.clone()),
                a.same_data(b) == (op == BinaryOp::Eq),
            ),
            _ => Outcome::incompatible(lhs, op, rhs),
        },
        _ => Outcome::incompatible(lhs, op, rhs),
    }
}

fn add_or_subtract(op: BinaryOp, a: &FloatHistogram, b: &FloatHistogram) -> Outcome {
    let mut result = a.clone();
    let (notes, what) = if op == BinaryOp::Add {
        (result.add(b), HistogramOperation::Addition)
    } else {
        (result.sub(b), HistogramOperation::Subtraction)
    };
    match notes {
        Err(_) => Outcome {
            value: None,
            remark: Some(Message::IncompatibleBucketLayout { operator: op.symbol() }),
        },
        // Prometheus drops the result together with the warning.
        Ok(notes) if notes.counter_reset_collision => {
            Outcome { value: None, remark: Some(Message::HistogramCounterResetCollision(what)) }
        }
        Ok(notes) => {
            if op == BinaryOp::Sub {
                result.counter_reset_hint = CounterResetHint::Gauge;
            }
            let mut outcome = Outcome::histogram(result);
            outcome.remark =
                notes.bounds_reconciled.then_some(Message::MismatchedCustomBuckets(what));
            outcome
        }
    }
}

/// Remarks by step: of several at one step Prometheus keeps the last.
#[derive(Default)]
struct Remarks(BTreeMap<usize, Message>);

impl Remarks {
    fn add(&mut self, step: usize, remark: Option<Message>) {
        if let Some(remark) = remark {
            self.0.insert(step, remark);
        }
    }

    fn into_annotations(self, ev: &mut Evaluator<'_>, id: NodeId) {
        let span = ev.ast.get(id).span;
        for (_, message) in self.0 {
            ev.annotations.add(message, span);
        }
    }
}

/// The error of the earliest step; later ones would not have been reached.
#[derive(Default)]
struct FirstError(Option<(usize, QueryError)>);

impl FirstError {
    fn offer(&mut self, step: usize, error: impl FnOnce() -> QueryError) {
        if self.0.as_ref().is_none_or(|(earliest, _)| step < *earliest) {
            self.0 = Some((step, error()));
        }
    }
}

impl Evaluator<'_> {
    pub fn binary(
        &mut self,
        id: NodeId,
        binary: &Binary,
        grid: &Grid,
    ) -> Result<Output, QueryError> {
        let kind = |id| self.prepared.type_of(id) == ValueType::Scalar;
        let (left_scalar, right_scalar) = (kind(binary.lhs), kind(binary.rhs));
        if left_scalar && right_scalar {
            let (lhs, rhs) = (self.take_scalar(binary.lhs), self.take_scalar(binary.rhs));
            return Ok(Output::Scalar(scalars(binary.op, &lhs, &rhs, grid)));
        }
        let series = if right_scalar || left_scalar {
            let (vector, scalar) =
                if right_scalar { (binary.lhs, binary.rhs) } else { (binary.rhs, binary.lhs) };
            let (series, scalar) = (self.take_vector(vector), self.take_scalar(scalar));
            self.vector_and_scalar(id, binary, series, &scalar, left_scalar, grid)?
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
                self.set_operation(id, binary.op, lhs, rhs, matching, grid)?
            } else {
                self.vectors(id, binary, lhs, rhs, matching, grid)?
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
        grid: &Grid,
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
            for step in 0..grid.count {
                let Some(sample) = one.at(step) else { continue };
                let number = SampleRef::Float(scalar.at(step));
                let (lhs, rhs) = if scalar_is_left { (number, sample) } else { (sample, number) };
                let outcome = operation(op, lhs, rhs);
                let Some((value, keep)) = outcome.value else {
                    remarks.add(step, outcome.remark);
                    continue;
                };
                if return_bool {
                    made.set_float(step, grid.count, f64::from(u8::from(keep)));
                } else if keep {
                    // Of a comparison always the vector's side is kept.
                    let kept = if op.is_comparison() { sample.to_owned() } else { value };
                    made.set(step, grid.count, kept);
                }
            }
            result.push(made);
        }
        result.retain(|one| !one.is_empty());
        remarks.into_annotations(self, id);
        self.check_labelsets(result, grid)
    }

    fn set_operation(
        &mut self,
        id: NodeId,
        op: BinaryOp,
        mut lhs: Vec<Series>,
        mut rhs: Vec<Series>,
        matching: &VectorMatching,
        grid: &Grid,
    ) -> Result<Vec<Series>, QueryError> {
        let groups = Groups::new(&lhs, &rhs, matching);
        if let Some(trace) = &mut self.trace {
            trace.matching(id, &groups, [&lhs, &rhs], false);
        }
        // What a series keeps depends on the other side of its group at each step.
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
                let mut present = vec![false; grid.count];
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
        self.check_labelsets(lhs, grid)
    }

    fn vectors(
        &mut self,
        id: NodeId,
        binary: &Binary,
        lhs: Vec<Series>,
        rhs: Vec<Series>,
        matching: &VectorMatching,
        grid: &Grid,
    ) -> Result<Vec<Series>, QueryError> {
        let swapped = matching.card == Cardinality::OneToMany;
        let (many, one) = if swapped { (rhs, lhs) } else { (lhs, rhs) };
        let groups = Groups::new(&many, &one, matching);
        if let Some(trace) = &mut self.trace {
            let sides = if swapped { [&one[..], &many] } else { [&many[..], &one] };
            trace.matching(id, &groups, sides, swapped);
        }
        self.limits.check_points(many.len(), grid.count)?;
        let drop_at_once = binary.return_bool && !self.options.delayed_name_removal;
        let mut joining = Joining {
            binary,
            matching,
            grid,
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
        self.check_labelsets(result, grid)
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
            (false, false) => super::series::ABSENT,
        };
    }
}

fn scalars(op: BinaryOp, lhs: &Scalars, rhs: &Scalars, grid: &Grid) -> Scalars {
    let apply = |lhs, rhs| match float_operation(op, lhs, rhs) {
        Some((_, keep)) if op.is_comparison() => f64::from(u8::from(keep)),
        Some((value, _)) => value,
        None => f64::NAN,
    };
    match (lhs, rhs) {
        (Scalars::Const(lhs), Scalars::Const(rhs)) => Scalars::Const(apply(*lhs, *rhs)),
        _ => {
            Scalars::Steps((0..grid.count).map(|step| apply(lhs.at(step), rhs.at(step))).collect())
        }
    }
}

/// An operation between two vectors on its way. The "many" side is the left one unless the
/// operator says `group_right`.
struct Joining<'a> {
    binary: &'a Binary,
    matching: &'a VectorMatching,
    grid: &'a Grid,
    swapped: bool,
    ordered_duplicates: bool,
    drop_metadata: bool,
    /// For each group and result (none where each series meets one other): the steps at which
    /// there was a match. Only for groups where that matters.
    matched: HashMap<(usize, Option<Labels>), Vec<bool>>,
    /// For each group the steps at which there was a match, where missing series are filled in.
    met: HashMap<usize, Vec<bool>>,
    result: Vec<Series>,
    remarks: Remarks,
    error: FirstError,
}

/// What a series makes with one partner (or with the value that stands in for one).
struct Joined {
    partner: Option<usize>,
    series: Series,
    /// The steps at which the operation was possible, whether its result was kept or not.
    matched: Vec<bool>,
}

impl Joining<'_> {
    fn fills(&self) -> bool {
        self.matching.fill_left.is_some() || self.matching.fill_right.is_some()
    }

    /// Fails where two series of the "one" side have the same signature at the same step.
    fn check_one_side(&mut self, many: &[Series], one: &[Series], groups: &Groups) {
        let mut suspects = groups.groups.iter().filter(|group| group.one.len() > 1).peekable();
        if suspects.peek().is_none() {
            return;
        }
        let relevant =
            if self.fills() { vec![true; self.grid.count] } else { any_present(many, self.grid) };
        let first = suspects
            .filter_map(|group| {
                (0..self.grid.count).find(|&step| {
                    relevant[step]
                        && group.one.iter().filter(|&&at| one[at].has(step)).nth(1).is_some()
                })
            })
            .min();
        let Some(step) = first else { return };
        let mut seen: HashMap<usize, usize> = HashMap::new();
        for (at, series) in one.iter().enumerate().filter(|(_, series)| series.has(step)) {
            let Some(&other) = seen.get(&groups.of_one[at]) else {
                seen.insert(groups.of_one[at], at);
                continue;
            };
            let side = if self.swapped { "left" } else { "right" };
            let mut names = [series.labels.to_string(), one[other].labels.to_string()];
            if self.ordered_duplicates {
                names.sort();
            }
            let [first, second] = names;
            let signature = match_labels(&series.labels, self.matching);
            self.error.offer(step, || {
                QueryError::execution(format!(
                    "found duplicate series for the match group {signature} on the {side} \
                     hand-side of the operation: [{first}, {second}];many-to-many matching not \
                     allowed: matching labels must be unique on one side"
                ))
            });
            return;
        }
    }

    /// Joins a series of the "many" side with whichever of its group is there at each step.
    fn join(&mut self, series: &Series, one: &[Series], place: usize, group: &MatchGroup) {
        if let (&[at], None, None) =
            (group.one.as_slice(), self.matching.fill_left, self.matching.fill_right)
            && group.many.len() == 1
            && series.histograms.is_empty()
            && one[at].histograms.is_empty()
            && float_operation(self.binary.op, 0.0, 0.0).is_some()
        {
            return self.join_floats(series, &one[at]);
        }
        let mut made: Vec<Joined> = Vec::new();
        for step in 0..self.grid.count {
            let Some(sample) = series.at(step) else { continue };
            let partner = group
                .one
                .iter()
                .find_map(|&at| one[at].at(step).map(|sample| (Some(at), sample)))
                .or_else(|| Some((None, SampleRef::Float(self.matching.fill_right?))));
            let Some((partner, other)) = partner else { continue };
            let slot = made.iter().position(|joined| joined.partner == partner);
            let slot = slot.unwrap_or_else(|| {
                let other = match partner {
                    Some(at) => one[at].labels.clone(),
                    None => match_labels(&series.labels, self.matching),
                };
                made.push(self.begin(partner, &series.labels, &other));
                made.len() - 1
            });
            self.step(step, sample, other, &mut made[slot]);
        }
        for joined in made {
            self.finish(joined, place, group);
        }
    }

    /// The common case: one float series on each side.
    fn join_floats(&mut self, many: &Series, one: &Series) {
        let (op, return_bool) = (self.binary.op, self.binary.return_bool);
        let mut floats = many.floats.clone();
        let mut any = false;
        for (slot, &other) in floats.iter_mut().zip(&one.floats) {
            if !is_present(*slot) {
                continue;
            }
            let (lhs, rhs) = if self.swapped { (other, *slot) } else { (*slot, other) };
            let made = match float_operation(op, lhs, rhs) {
                Some((_, keep)) if is_present(other) && return_bool => f64::from(u8::from(keep)),
                Some((value, true)) if is_present(other) => value,
                _ => ABSENT,
            };
            any |= is_present(made);
            *slot = made;
        }
        if any && !one.floats.is_empty() {
            let labels = self.labels_of(&many.labels, &one.labels);
            self.result.push(Series::of_floats(labels, return_bool, floats));
        }
    }

    fn begin(&self, partner: Option<usize>, many: &Labels, one: &Labels) -> Joined {
        let series = Series::new(self.labels_of(many, one), self.binary.return_bool);
        Joined { partner, series, matched: vec![false; self.grid.count] }
    }

    /// Takes over a result, unless it stands where another one does already.
    fn finish(&mut self, joined: Joined, place: usize, group: &MatchGroup) {
        if self.matching.fill_left.is_some() {
            let met = self.met.entry(place).or_insert_with(|| vec![false; self.grid.count]);
            met.iter_mut().zip(&joined.matched).for_each(|(met, matched)| *met |= matched);
        }
        let one_to_one = self.matching.card == Cardinality::OneToOne;
        if group.many.len() > 1 || group.one.len() > 1 {
            let key = (place, (!one_to_one).then(|| joined.series.labels.clone()));
            let before = self.matched.entry(key).or_insert_with(|| vec![false; self.grid.count]);
            let both = before.iter().zip(&joined.matched).position(|(a, b)| *a && *b);
            before.iter_mut().zip(&joined.matched).for_each(|(a, b)| *a |= b);
            if let Some(step) = both {
                self.error.offer(step, || {
                    QueryError::execution(if one_to_one {
                        "multiple matches for labels: many-to-one matching must be explicit \
                         (group_left/group_right)"
                    } else {
                        "multiple matches for labels: grouping labels must ensure unique matches"
                    })
                });
            }
        }
        if !joined.series.is_empty() {
            self.result.push(joined.series);
        }
    }

    /// Joins a series of the "one" side with a fill value wherever nothing has met its group.
    fn fill_missing(&mut self, series: &Series, fill: f64, place: usize, group: &MatchGroup) {
        let many = match_labels(&series.labels, self.matching);
        let mut joined = self.begin(None, &many, &series.labels);
        for step in 0..self.grid.count {
            let met = self.met.get(&place).is_some_and(|met| met[step]);
            let (Some(sample), false) = (series.at(step), met) else { continue };
            self.step(step, SampleRef::Float(fill), sample, &mut joined);
        }
        self.finish(joined, place, group);
    }

    fn labels_of(&self, many: &Labels, one: &Labels) -> Labels {
        result_labels(many, one, self.matching, self.drop_metadata)
    }

    fn step(&mut self, step: usize, many: SampleRef<'_>, one: SampleRef<'_>, into: &mut Joined) {
        let (lhs, rhs) = if self.swapped { (one, many) } else { (many, one) };
        let outcome = operation(self.binary.op, lhs, rhs);
        self.remarks.add(step, outcome.remark);
        let Some((value, keep)) = outcome.value else { return };
        into.matched[step] = true;
        if self.binary.return_bool {
            into.series.set_float(step, self.grid.count, f64::from(u8::from(keep)));
        } else if keep {
            into.series.set(step, self.grid.count, value);
        }
    }
}
