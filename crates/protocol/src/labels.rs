//! Label sets.

use std::fmt;

use serde::{Deserialize, Serialize};

use go::quote::quote;

const METRIC_NAME: &str = "__name__";

/// A label set: names and values, sorted by name, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Labels(Vec<(String, String)>);

impl Labels {
    /// Creates a label set. Of equal names the last one counts; a label with an empty value is the
    /// same as no label.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let pairs = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        let sorted: std::collections::BTreeMap<String, String> = pairs.collect();
        Self(sorted.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value of a label, or an empty string if the set does not have it.
    pub fn get(&self, name: &str) -> &str {
        self.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    pub fn metric_name(&self) -> &str {
        self.get(METRIC_NAME)
    }

    /// Returns the labels other than the metric name.
    pub fn without_name(&self) -> Self {
        Self(self.0.iter().filter(|(name, _)| name != METRIC_NAME).cloned().collect())
    }

    /// Returns the series' name as Prometheus prints it: `name{a="b"}`.
    pub fn series_name(&self) -> String {
        let (name, rest) = (self.metric_name(), self.without_name());
        if rest.is_empty() && !name.is_empty() { name.to_owned() } else { format!("{name}{rest}") }
    }

    /// Returns a selector of the series. A name that PromQL takes only in quotes is put inside the
    /// braces.
    pub fn selector(&self) -> String {
        let (name, rest) = (self.metric_name(), self.without_name());
        match (is_legacy_name(name, true), rest.is_empty()) {
            (true, true) => name.to_owned(),
            (true, false) => format!("{name}{rest}"),
            (false, _) if name.is_empty() => rest.to_string(),
            (false, true) => format!("{{{}}}", quote(name)),
            (false, false) => {
                let rest = rest.to_string();
                format!("{{{}, {}", quote(name), rest.trim_start_matches('{'))
            }
        }
    }
}

/// Returns true if a metric's or label's name needs no quotes; only metric names may have colons.
/// Source: common/model IsValidLegacyMetricName, LabelName.IsValidLegacy.
fn is_legacy_name(name: &str, colons: bool) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || (colons && c == ':');
    let mut chars = name.chars();
    chars.next().is_some_and(starts) && chars.all(|c| starts(c) || c.is_ascii_digit())
}

/// `{a="1", b="2"}`, with values quoted as Go quotes strings.
/// Source: model/labels Labels.String.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (number, (name, value)) in self.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            let quoted = quote(value);
            if is_legacy_name(name, false) {
                write!(f, "{comma}{name}={quoted}")?;
            } else {
                write!(f, "{comma}{}={quoted}", quote(name))?;
            }
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_named_and_selected_as_in_prometheus() {
        for (pairs, name, selector) in [
            (&[("__name__", "up")][..], "up", "up"),
            (&[("__name__", "up"), ("job", "a\"b")], "up{job=\"a\\\"b\"}", "up{job=\"a\\\"b\"}"),
            (&[("job", "a"), ("empty", "")], "{job=\"a\"}", "{job=\"a\"}"),
            (&[("__name__", "a.b")], "a.b", "{\"a.b\"}"),
            (
                &[("__name__", "a.b"), ("c.d", "e")],
                "a.b{\"c.d\"=\"e\"}",
                "{\"a.b\", \"c.d\"=\"e\"}",
            ),
        ] {
            let labels = Labels::from_pairs(pairs.iter().copied());
            assert_eq!(labels.series_name(), name);
            assert_eq!(labels.selector(), selector);
        }
    }
}
