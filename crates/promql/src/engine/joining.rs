//! Operations between two vectors: each series of the "many" side with its partner of the "one"
//! side.

use std::collections::{BTreeMap, HashMap};
use text::IndexSort;

use super::annotations::Message;
use super::binary::{float_operation, operation};
use super::error::QueryError;
use super::eval_steps::EvalSteps;
use super::evaluator::Evaluator;
use super::matching::{Groups, MatchGroup, any_present, match_labels, result_labels};
use super::series::{ABSENT, SampleRef, Series, is_present};
use crate::Labels;
use crate::syntax::{Binary, Cardinality, NodeId, VectorMatching};

/// Remarks by step: of several at one step Prometheus keeps the last.
#[derive(Default)]
pub(super) struct Remarks(BTreeMap<usize, Message>);

impl Remarks {
    pub fn add(&mut self, step: usize, remark: Option<Message>) {
        if let Some(remark) = remark {
            self.0.insert(step, remark);
        }
    }

    pub fn into_annotations(self, ev: &mut Evaluator<'_>, id: NodeId) {
        let span = ev.ast.get(id).span;
        for (_, message) in self.0 {
            ev.annotations.add(message, span);
        }
    }
}

/// The error of the earliest step; later ones would not have been reached.
#[derive(Default)]
pub(super) struct FirstError(pub Option<(usize, QueryError)>);

impl FirstError {
    pub fn offer(&mut self, step: usize, error: impl FnOnce() -> QueryError) {
        if self.0.as_ref().is_none_or(|(earliest, _)| step < *earliest) {
            self.0 = Some((step, error()));
        }
    }
}

/// The state of an operation between two vectors. The "many" side is the left one unless the
/// operator says `group_right`.
pub(super) struct Joining<'a> {
    pub binary: &'a Binary,
    pub matching: &'a VectorMatching,
    pub eval_steps: &'a EvalSteps,
    pub swapped: bool,
    pub ordered_duplicates: bool,
    pub drop_metadata: bool,
    /// For each group and result (none where each series meets one other): the steps at which
    /// there was a match. Only for groups where that matters.
    pub matched: HashMap<(usize, Option<Labels>), Vec<bool>>,
    /// For each group the steps at which there was a match, where missing series are filled in.
    pub met: HashMap<usize, Vec<bool>>,
    pub result: Vec<Series>,
    pub remarks: Remarks,
    pub error: FirstError,
}

/// The result for a series and one matching series, or the fill value.
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
    pub fn check_one_side(&mut self, many: &[Series], one: &[Series], groups: &Groups) {
        let mut suspects = groups.groups.iter().filter(|group| group.one.len() > 1).peekable();
        if suspects.peek().is_none() {
            return;
        }
        let relevant = if self.fills() {
            vec![true; self.eval_steps.count]
        } else {
            any_present(many, self.eval_steps)
        };
        let first = suspects
            .filter_map(|group| {
                (0..self.eval_steps.count).find(|&step| {
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
                names.index_sort();
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
    pub fn join(&mut self, series: &Series, one: &[Series], place: usize, group: &MatchGroup) {
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
        for step in 0..self.eval_steps.count {
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
        Joined { partner, series, matched: vec![false; self.eval_steps.count] }
    }

    /// Takes over a result, unless it stands where another one does already.
    fn finish(&mut self, joined: Joined, place: usize, group: &MatchGroup) {
        if self.matching.fill_left.is_some() {
            let met = self.met.entry(place).or_insert_with(|| vec![false; self.eval_steps.count]);
            met.iter_mut().zip(&joined.matched).for_each(|(met, matched)| *met |= matched);
        }
        let one_to_one = self.matching.card == Cardinality::OneToOne;
        if group.many.len() > 1 || group.one.len() > 1 {
            let key = (place, (!one_to_one).then(|| joined.series.labels.clone()));
            let before =
                self.matched.entry(key).or_insert_with(|| vec![false; self.eval_steps.count]);
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
    pub fn fill_missing(&mut self, series: &Series, fill: f64, place: usize, group: &MatchGroup) {
        let many = match_labels(&series.labels, self.matching);
        let mut joined = self.begin(None, &many, &series.labels);
        for step in 0..self.eval_steps.count {
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
            into.series.set_float(step, self.eval_steps.count, f64::from(u8::from(keep)));
        } else if keep {
            into.series.set(step, self.eval_steps.count, value);
        }
    }
}
