//! Label selectors of manifests.

use super::{StringMap, Text};
pub use selectors::LabelOperator as Operator;
use text::Location;

/// `matchLabels` and `matchExpressions`; all must hold. An empty selector matches everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelSelector {
    pub match_labels: StringMap,
    pub match_expressions: Vec<Requirement>,
    pub location: Option<Location>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    pub key: Text,
    pub operator: Operator,
    pub values: Vec<Text>,
}

impl LabelSelector {
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    pub fn matches(&self, labels: &StringMap) -> bool {
        contains_all(&self.match_labels, labels)
            && self.match_expressions.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    /// `NotIn` also holds for objects without the label, as in Kubernetes.
    pub fn matches(&self, labels: &StringMap) -> bool {
        let value = labels.value(&self.key);
        let listed = value.is_some_and(|value| self.values.iter().any(|one| &**one == value));
        match self.operator {
            Operator::In => listed,
            Operator::NotIn => !listed,
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::Greater => self.compares(value, |found, bound| found > bound),
            Operator::Less => self.compares(value, |found, bound| found < bound),
        }
    }

    /// A value that is no number compares as false.
    fn compares(&self, value: Option<&str>, holds: impl Fn(i64, i64) -> bool) -> bool {
        let number = |text: &str| text.parse::<i64>().ok();
        let bound = self.values.first().and_then(|bound| number(bound));
        value.and_then(number).zip(bound).is_some_and(|(found, bound)| holds(found, bound))
    }
}

/// Returns true if `labels` has every entry of `wanted`: a Service's selector, `matchLabels`, a
/// node selector.
pub fn contains_all(wanted: &StringMap, labels: &StringMap) -> bool {
    wanted.iter().all(|entry| labels.value(&entry.key) == Some(&*entry.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_hold_as_in_kubernetes() {
        let mut labels = StringMap::default();
        labels.set("app", "web");
        labels.set("tier", "3");
        for (key, operator, values, expected) in [
            ("app", Operator::In, &["web", "api"][..], true),
            ("app", Operator::In, &["api"], false),
            ("team", Operator::In, &[""], false),
            ("app", Operator::NotIn, &["web"], false),
            ("team", Operator::NotIn, &["x"], true),
            ("app", Operator::Exists, &[], true),
            ("team", Operator::Exists, &[], false),
            ("app", Operator::DoesNotExist, &[], false),
            ("team", Operator::DoesNotExist, &[], true),
            ("tier", Operator::Greater, &["2"], true),
            ("tier", Operator::Greater, &["3"], false),
            ("tier", Operator::Less, &["4"], true),
            ("app", Operator::Less, &["4"], false),
            ("team", Operator::Greater, &["0"], false),
        ] {
            let values = values.iter().map(|value| Text::from(*value)).collect();
            let requirement = Requirement { key: key.into(), operator, values };
            assert_eq!(requirement.matches(&labels), expected, "{requirement:?}");
        }
    }
}
