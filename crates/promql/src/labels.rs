//! Label sets: sorted, immutable, cheap to clone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use go::quote::quote;

/// The label that holds a series' metric name.
pub const METRIC_NAME: &str = "__name__";

/// A name and its value. An empty value is the same as no label, so none is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Label {
    /// The name.
    pub name: Arc<str>,
    /// The value. Not empty in a label set.
    pub value: Arc<str>,
}

/// A label set, sorted by name, each name once, no empty values. Clones share the labels.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Labels(Arc<[Label]>);

impl Labels {
    /// Returns the empty label set.
    pub fn empty() -> Self {
        Self(Arc::from([]))
    }

    /// The last of several values for one name wins; empty values are left out.
    pub fn from_pairs<N: Into<Arc<str>>, V: Into<Arc<str>>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let sorted: BTreeMap<Arc<str>, Arc<str>> =
            pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self(
            sorted
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| Label { name, value })
                .collect(),
        )
    }

    /// Labels that are already sorted by name, each name once, without empty values.
    pub fn from_sorted(labels: impl Into<Arc<[Label]>>) -> Self {
        let labels = labels.into();
        debug_assert!(labels.windows(2).all(|pair| pair[0].name < pair[1].name));
        debug_assert!(labels.iter().all(|label| !label.value.is_empty()));
        Self(labels)
    }

    /// The value of `name`, empty where there is no such label.
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// The value of `name`, if the label is there.
    pub fn find(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|label| (*label.name).cmp(name)).ok()?;
        self.0.get(at).map(|label| &*label.value)
    }

    /// Returns true if the label exists.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Returns the metric name. Empty if there is none.
    pub fn metric_name(&self) -> &str {
        self.get(METRIC_NAME)
    }

    /// Returns the labels in the order of their names.
    pub fn iter(&self) -> std::slice::Iter<'_, Label> {
        self.0.iter()
    }

    /// Returns the number of labels.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if there are no labels.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The labels for which `keep` holds. Shares the set where all are kept.
    #[must_use]
    pub fn filtered(&self, mut keep: impl FnMut(&Label) -> bool) -> Self {
        let kept: Vec<Label> = self.0.iter().filter(|label| keep(label)).cloned().collect();
        if kept.len() == self.0.len() { self.clone() } else { Self(kept.into()) }
    }

    /// Returns a builder that contains the labels.
    pub fn builder(&self) -> LabelsBuilder {
        LabelsBuilder::from(self)
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self::empty()
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = &'a Label;
    type IntoIter = std::slice::Iter<'a, Label>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// `{a="1", b="2"}`, as Prometheus prints a label set; values are quoted as Go quotes strings,
/// names that are not legacy label names too.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, label) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            if is_legacy_label_name(&label.name) {
                write!(f, "{}=", label.name)?;
            } else {
                write!(f, "{}=", quote(&label.name))?;
            }
            f.write_str(&quote(&label.value))?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Labels under change. Setting an empty value removes the label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelsBuilder(BTreeMap<Arc<str>, Arc<str>>);

impl LabelsBuilder {
    /// Creates an empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value of a label. Empty if the label does not exist.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(|value| &**value).unwrap_or_default()
    }

    /// Sets a label. An empty value removes it.
    pub fn set(&mut self, name: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> &mut Self {
        let (name, value) = (name.into(), value.into());
        if value.is_empty() {
            self.0.remove(&name);
        } else {
            self.0.insert(name, value);
        }
        self
    }

    /// Removes a label.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.0.remove(name);
        self
    }

    /// Removes the labels for which `keep(name, value)` returns false.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) -> &mut Self {
        self.0.retain(|name, value| keep(name, value));
        self
    }

    /// Returns names and values in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.0.iter()
    }

    /// Returns the label set.
    pub fn build(&self) -> Labels {
        Labels(
            self.0
                .iter()
                .map(|(name, value)| Label { name: name.clone(), value: value.clone() })
                .collect(),
        )
    }
}

impl From<&Labels> for LabelsBuilder {
    fn from(labels: &Labels) -> Self {
        Self(labels.iter().map(|label| (label.name.clone(), label.value.clone())).collect())
    }
}

/// `[a-zA-Z_][a-zA-Z0-9_]*`: the names that need no quotes.
pub fn is_legacy_label_name(name: &str) -> bool {
    is_name(name, false)
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`: the metric names that need no quotes.
pub fn is_legacy_metric_name(name: &str) -> bool {
    is_name(name, true)
}

fn is_name(name: &str, colons: bool) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || (colons && c == ':');
    let mut chars = name.chars();
    chars.next().is_some_and(starts) && chars.all(|c| starts(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_unique_and_without_empty_values() {
        let labels = Labels::from_pairs([("b", "2"), ("a", "0"), ("a", "1"), ("c", "")]);
        assert_eq!(labels.to_string(), r#"{a="1", b="2"}"#);
        assert_eq!(labels.get("c"), "");
        assert!(!labels.has("c"));
        let mut builder = labels.builder();
        builder.set("a", "").set("né", "x\"y");
        assert_eq!(builder.build().to_string(), r#"{b="2", "né"="x\"y"}"#);
    }

    #[test]
    fn legacy_names() {
        for (name, label, metric) in [
            ("a_1", true, true),
            ("1a", false, false),
            ("a:b", false, true),
            ("", false, false),
            ("é", false, false),
        ] {
            assert_eq!(is_legacy_label_name(name), label, "{name}");
            assert_eq!(is_legacy_metric_name(name), metric, "{name}");
        }
    }
}
