//! Escaping of UTF-8 names for scrapes that do not accept them.

use std::borrow::Cow;
use std::fmt::Write;

use promql::{Labels, METRIC_NAME, is_legacy_metric_name};

/// The escaping scheme of names that are not legacy names. The values are those of
/// `metric_name_escaping_scheme` and of the Accept header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escaping {
    #[default]
    AllowUtf8,
    Underscores,
    Dots,
    Values,
}

impl Escaping {
    pub fn of_word(word: &str) -> Self {
        match word {
            "underscores" => Self::Underscores,
            "dots" => Self::Dots,
            "values" => Self::Values,
            _ => Self::AllowUtf8,
        }
    }

    /// Escapes a metric or label name. Legacy names are not changed.
    ///
    /// Source: prometheus/common model `EscapeName`, `EscapeMetricFamily`.
    pub fn name(self, name: &str) -> Cow<'_, str> {
        if self == Self::AllowUtf8 || name.is_empty() || is_legacy_metric_name(name) {
            return Cow::Borrowed(name);
        }
        let mut escaped = String::with_capacity(name.len() + 8);
        if self == Self::Values {
            escaped.push_str("U__");
        }
        for (at, c) in name.char_indices() {
            let plain =
                c.is_ascii_alphabetic() || matches!(c, '_' | ':') || (c.is_ascii_digit() && at > 0);
            match (self, c) {
                (Self::Dots | Self::Values, '_') => escaped.push_str("__"),
                (_, c) if plain => escaped.push(c),
                (Self::Dots, '.') => escaped.push_str("_dot_"),
                (Self::Dots, _) => escaped.push_str("__"),
                (Self::Values, c) => {
                    let _ = write!(escaped, "_{:x}_", c as u32);
                }
                _ => escaped.push('_'),
            }
        }
        Cow::Owned(escaped)
    }

    /// Returns the labels of a sample after escaping.
    pub fn labels(self, labels: &Labels) -> Cow<'_, Labels> {
        let fine = |label: &promql::Label| match &*label.name {
            METRIC_NAME => is_legacy_metric_name(&label.value),
            name => is_legacy_metric_name(name),
        };
        if self == Self::AllowUtf8 || labels.iter().all(fine) {
            return Cow::Borrowed(labels);
        }
        Cow::Owned(Labels::from_pairs(labels.iter().map(|label| match &*label.name {
            METRIC_NAME => (METRIC_NAME.to_owned(), self.name(&label.value).into_owned()),
            name => (self.name(name).into_owned(), label.value.to_string()),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, underscores, dots, values) in [
            ("plain_name", "plain_name", "plain_name", "plain_name"),
            (
                "http.status_code",
                "http_status_code",
                "http_dot_status__code",
                "U__http_2e_status__code",
            ),
            ("größe", "gr__e", "gr____e", "U__gr_f6__df_e"),
            ("1st", "_st", "__st", "U___31_st"),
        ] {
            assert_eq!(Escaping::AllowUtf8.name(name), name);
            assert_eq!(Escaping::Underscores.name(name), underscores);
            assert_eq!(Escaping::Dots.name(name), dots);
            assert_eq!(Escaping::Values.name(name), values);
        }
        let labels = Labels::from_pairs([("__name__", "a.b"), ("c.d", "e.f")]);
        let read = Escaping::Underscores.labels(&labels);
        assert_eq!(read.to_string(), r#"{__name__="a_b", c_d="e.f"}"#);
    }
}
