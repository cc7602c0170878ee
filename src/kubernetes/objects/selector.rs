//! Label selectors, as objects in manifests and as text in `selectors` of Prometheus.

use super::{StringMap, Text};
use crate::text::Location;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Operator {
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "In" => Self::In,
            "NotIn" => Self::NotIn,
            "Exists" => Self::Exists,
            "DoesNotExist" => Self::DoesNotExist,
            _ => return None,
        })
    }
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
        }
    }
}

/// Whether every entry of `wanted` is among `labels`: a Service's selector, `matchLabels`, a node
/// selector.
pub fn contains_all(wanted: &StringMap, labels: &StringMap) -> bool {
    wanted.iter().all(|entry| labels.value(&entry.key) == Some(&*entry.value))
}

/// Reads a selector in Kubernetes's notation: `app=web,tier in (a, b),!old,env!=dev,track`.
///
/// Source: apimachinery labels.Parse. The error says what is wrong in a few words.
pub fn parse_label_selector(text: &str) -> Result<LabelSelector, String> {
    let mut selector = LabelSelector::default();
    for part in split_outside_parentheses(text) {
        let part = part.trim();
        if part.is_empty() {
            if text.trim().is_empty() {
                continue;
            }
            return Err("a requirement is empty".into());
        }
        selector.match_expressions.push(parse_requirement(part)?);
    }
    Ok(selector)
}

/// Splits at commas that stand in no parentheses.
fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut open = false;
    for (offset, c) in text.char_indices() {
        match c {
            '(' => open = true,
            ')' => open = false,
            ',' if !open => {
                parts.push(text.get(start..offset).unwrap_or_default());
                start = offset + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn parse_requirement(part: &str) -> Result<Requirement, String> {
    let requirement = |key: &str, operator, values: Vec<Text>| -> Result<Requirement, String> {
        let key = key.trim();
        super::names::check_label_key(key)?;
        for value in &values {
            super::names::check_label_value(value)?;
        }
        Ok(Requirement { key: key.into(), operator, values })
    };
    if let Some(key) = part.strip_prefix('!') {
        return requirement(key, Operator::DoesNotExist, Vec::new());
    }
    if let Some((key, value)) = part.split_once("!=") {
        return requirement(key, Operator::NotIn, vec![value.trim().into()]);
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return requirement(key, Operator::In, vec![value.trim().into()]);
    }
    let Some((key, rest)) = part.split_once(|c: char| c.is_whitespace() || c == '(') else {
        return requirement(part, Operator::Exists, Vec::new());
    };
    let rest = part.get(key.len()..).unwrap_or(rest).trim();
    let (word, list) = rest
        .split_once('(')
        .ok_or_else(|| format!("found {rest:?}, expected: in, notin, =, ==, !="))?;
    let list = list.trim().strip_suffix(')').ok_or("the list of values is not closed")?;
    let operator = match word.trim() {
        "in" => Operator::In,
        "notin" => Operator::NotIn,
        other => return Err(format!("found {other:?}, expected: in, notin, =, ==, !=")),
    };
    requirement(key, operator, list.split(',').map(|value| value.trim().into()).collect())
}

/// One term of a field selector: `metadata.name=web` or `status.phase!=Running`.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldTerm {
    pub field: Text,
    pub equal: bool,
    pub value: Text,
}

/// Reads a field selector. Source: apimachinery fields.ParseSelector.
pub fn parse_field_selector(text: &str) -> Result<Vec<FieldTerm>, String> {
    let term = |part: &str| {
        let (field, equal, value) = if let Some((field, value)) = part.split_once("!=") {
            (field, false, value)
        } else if let Some((field, value)) = part.split_once("==").or_else(|| part.split_once('='))
        {
            (field, true, value)
        } else {
            return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
        };
        Ok(FieldTerm { field: field.trim().into(), equal, value: value.trim().into() })
    };
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(term).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> StringMap {
        let mut map = StringMap::default();
        for (key, value) in pairs {
            map.set(key, value);
        }
        map
    }

    #[test]
    fn text_selectors_match_as_in_kubernetes() {
        let web = labels(&[("app", "web"), ("tier", "front")]);
        for (text, expected) in [
            ("", true),
            ("app=web", true),
            ("app==web,tier=front", true),
            ("app=web,tier=back", false),
            ("app!=web", false),
            ("team!=web", true),
            ("app", true),
            ("!app", false),
            ("!team", true),
            ("app in (web, api)", true),
            ("app in(api)", false),
            ("app notin (web)", false),
            ("team notin (x)", true),
            ("tier in (front),app", true),
        ] {
            assert_eq!(parse_label_selector(text).unwrap().matches(&web), expected, "{text}");
        }
    }

    #[test]
    fn bad_selectors_are_refused() {
        for text in ["app in", "app in (a", "app within (a)", ",", "a b", "-x=1", "a=b c"] {
            assert!(parse_label_selector(text).is_err(), "{text}");
        }
        assert!(parse_field_selector("metadata.name").is_err());
    }

    #[test]
    fn field_selectors() {
        let terms = parse_field_selector("metadata.name=a,status.phase!=Running").unwrap();
        assert_eq!(terms.len(), 2);
        assert!(terms[0].equal && &*terms[0].value == "a");
        assert!(!terms[1].equal && &*terms[1].field == "status.phase");
    }
}
