//! Names of labels under the two schemes of validation.

use promql::is_legacy_label_name;

/// The validation scheme of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Utf8,
    Legacy,
}

impl Scheme {
    /// The scheme of a name. Any other name than `legacy` means UTF-8, as in Prometheus.
    pub fn of(text: &str) -> Self {
        if text == "legacy" { Self::Legacy } else { Self::Utf8 }
    }

    /// The escaping scheme that fits: the default of `metric_name_escaping_scheme`.
    pub const fn escaping(self) -> &'static str {
        match self {
            Self::Utf8 => "allow-utf-8",
            Self::Legacy => "underscores",
        }
    }

    pub fn is_label_name(self, name: &str) -> bool {
        match self {
            // Text that is no UTF-8 can come from `!!binary` only, and is decoded with U+FFFD.
            Self::Utf8 => !name.is_empty(),
            Self::Legacy => is_legacy_label_name(name),
        }
    }

    /// Returns true if a label name with `$1` or `${name}` can become a valid label name.
    /// Source: model/relabel `relabelTargetLegacy`.
    pub fn is_label_template(self, template: &str) -> bool {
        match self {
            Self::Utf8 => !template.is_empty(),
            Self::Legacy => is_legacy_template(template),
        }
    }
}

/// `^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$`: word characters and variables, no digit first.
fn is_legacy_template(template: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = template;
    let mut first = true;
    while let Some(c) = rest.chars().next() {
        if c == '$' {
            rest = &rest[1..];
            let (name, behind) = match rest.strip_prefix('{') {
                Some(inner) => match inner.split_once('}') {
                    Some(parts) => parts,
                    None => return false,
                },
                None => rest.split_at(rest.find(|c| !is_word(c)).unwrap_or(rest.len())),
            };
            if name.is_empty() || !name.chars().all(is_word) {
                return false;
            }
            rest = behind;
        } else if is_word(c) && !(first && c.is_ascii_digit()) {
            rest = &rest[1..];
        } else {
            return false;
        }
        first = false;
    }
    !first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_templates() {
        for (template, holds) in [
            ("a", true),
            ("a1", true),
            ("1a", false),
            ("$1", true),
            ("${1}_x", true),
            ("x_$name", true),
            ("", false),
            ("a-b", false),
            ("${a.b}", false),
            ("$", false),
            ("${", false),
            ("é", false),
        ] {
            assert_eq!(Scheme::Legacy.is_label_template(template), holds, "{template}");
        }
    }
}
