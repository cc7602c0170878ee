//! Which series of two vectors meet: those with the same values in the labels of `on`, or in all
//! but those of `ignoring`.

use std::collections::HashMap;

use super::eval_steps::EvalSteps;
use super::series::Series;
use crate::syntax::{BinaryOp, Cardinality, VectorMatching};
use crate::{Label, Labels, METRIC_NAME};

use super::series::is_metadata_label;

/// Series that meet, by their places on each side.
#[derive(Clone, Debug, Default)]
pub(super) struct MatchGroup {
    pub signature: Labels,
    /// The left side, or the "many" side.
    pub many: Vec<usize>,
    /// The right side, or the "one" side.
    pub one: Vec<usize>,
}

/// All groups of an operation, and the group of each series.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    pub groups: Vec<MatchGroup>,
    pub of_many: Vec<usize>,
    pub of_one: Vec<usize>,
}

impl Groups {
    pub fn new(many: &[Series], one: &[Series], matching: &VectorMatching) -> Self {
        let mut places: HashMap<Labels, usize> = HashMap::new();
        let mut result = Self::default();
        for (is_many, side) in [(true, many), (false, one)] {
            for (at, series) in side.iter().enumerate() {
                let signature = match_labels(&series.labels, matching);
                let place = *places.entry(signature).or_insert_with_key(|signature| {
                    result
                        .groups
                        .push(MatchGroup { signature: signature.clone(), ..MatchGroup::default() });
                    result.groups.len() - 1
                });
                let group = &mut result.groups[place];
                if is_many {
                    group.many.push(at);
                    result.of_many.push(place);
                } else {
                    group.one.push(at);
                    result.of_one.push(place);
                }
            }
        }
        result
    }
}

/// The labels by which a series is matched.
pub(super) fn match_labels(labels: &Labels, matching: &VectorMatching) -> Labels {
    let named = |label: &Label| matching.labels.contains(&label.name);
    if matching.on {
        labels.filtered(named)
    } else {
        labels.filtered(|label| &*label.name != METRIC_NAME && !named(label))
    }
}

/// Returns true if the result of the operation is a different quantity. It then loses the labels
/// for name, type and unit.
pub(super) const fn changes_meaning(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Div
            | BinaryOp::Mod
            | BinaryOp::Pow
            | BinaryOp::Atan2
    )
}

/// The labels of a result: those of the "many" side, cut down to the matching labels where each
/// series meets one other, with those that `group_left` and `group_right` name from the other side.
pub(super) fn result_labels(
    many: &Labels,
    one: &Labels,
    matching: &VectorMatching,
    drop_metadata: bool,
) -> Labels {
    let mut labels = many.builder();
    if drop_metadata {
        labels.retain(|name, _| !is_metadata_label(name));
    }
    if matching.card == Cardinality::OneToOne {
        let named = |name: &str| matching.labels.iter().any(|label| **label == *name);
        labels.retain(|name, _| named(name) == matching.on);
    }
    for name in &matching.include {
        labels.set(name.clone(), one.get(name));
    }
    labels.build()
}

/// For each step whether any series has a sample.
pub(super) fn any_present(series: &[Series], eval_steps: &EvalSteps) -> Vec<bool> {
    let mut present = vec![false; eval_steps.count];
    for one in series {
        for (step, slot) in present.iter_mut().enumerate() {
            *slot |= one.has(step);
        }
    }
    present
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matching(on: bool, labels: &[&str], card: Cardinality, include: &[&str]) -> VectorMatching {
        VectorMatching {
            card,
            labels: labels.iter().map(|&label| label.into()).collect(),
            on,
            include: include.iter().map(|&label| label.into()).collect(),
            fill_left: None,
            fill_right: None,
        }
    }

    #[test]
    fn labels_of_results() {
        let many = Labels::from_pairs([("__name__", "x"), ("a", "1"), ("b", "2")]);
        let one = Labels::from_pairs([("__name__", "y"), ("a", "1"), ("c", "3")]);
        use Cardinality::{ManyToOne, OneToOne};
        for (matching, drop, text) in [
            (matching(true, &["a"], OneToOne, &[]), true, r#"{a="1"}"#),
            (matching(false, &["b"], OneToOne, &[]), true, r#"{a="1"}"#),
            (matching(false, &["b"], OneToOne, &[]), false, r#"{__name__="x", a="1"}"#),
            (matching(true, &["a"], ManyToOne, &["c"]), true, r#"{a="1", b="2", c="3"}"#),
            (matching(true, &["a"], ManyToOne, &["b"]), true, r#"{a="1"}"#),
        ] {
            assert_eq!(result_labels(&many, &one, &matching, drop).to_string(), text);
        }
        let ignoring = matching(false, &["b", "c"], OneToOne, &[]);
        assert_eq!(match_labels(&many, &ignoring), match_labels(&one, &ignoring));
    }
}
