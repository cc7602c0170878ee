//! Label matchers: `name="value"`, `!=`, `=~` and `!~`.

use std::fmt;
use std::sync::Arc;
use text::IndexSort;

use go::{Regex, RegexError};
use text::Span;

/// The operator of a label matcher. Source: prometheus model/labels `MatchType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// `=`: the value is equal.
    Equal,
    /// `!=`: the value is not equal.
    NotEqual,
    /// `=~`: the whole value matches the regular expression.
    Regex,
    /// `!~`: the whole value does not match the regular expression.
    NotRegex,
}

impl MatchOp {
    /// The operator as it is written in a query.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }
}

/// A condition on one label. A series without the label has the empty value.
///
/// Source: prometheus model/labels `Matcher`.
#[derive(Clone)]
pub struct Matcher {
    /// The operator.
    pub op: MatchOp,
    /// The name of the label.
    pub name: Arc<str>,
    /// The value or the regular expression, without quotes.
    pub value: Arc<str>,
    /// The position in the query. Empty for a matcher that is not part of a query.
    pub span: Span,
    pattern: Pattern,
}

/// The compiled form of the value.
#[derive(Clone)]
enum Pattern {
    Text,
    Regex(Regex),
    /// Any of these values, sorted.
    OneOf(Arc<[Arc<str>]>),
}

impl Matcher {
    /// Creates a matcher. Fails if the operator takes a regular expression and `value` is none.
    pub fn new(
        op: MatchOp,
        name: impl Into<Arc<str>>,
        value: impl Into<Arc<str>>,
        span: Span,
    ) -> Result<Self, RegexError> {
        let (name, value) = (name.into(), value.into());
        let pattern = match op {
            MatchOp::Equal | MatchOp::NotEqual => Pattern::Text,
            MatchOp::Regex | MatchOp::NotRegex => Pattern::Regex(Regex::matcher(&value)?),
        };
        Ok(Self { op, name, value, span, pattern })
    }

    /// Creates the matcher `name="value"`.
    pub fn equal(name: impl Into<Arc<str>>, value: impl Into<Arc<str>>, span: Span) -> Self {
        let (name, value) = (name.into(), value.into());
        Self { op: MatchOp::Equal, name, value, span, pattern: Pattern::Text }
    }

    /// Creates the matcher `name=~"a|b|…"` for literal values. The values are not compiled, so
    /// there may be any number of them.
    pub fn one_of<'v>(
        name: impl Into<Arc<str>>,
        values: impl IntoIterator<Item = &'v str>,
    ) -> Self {
        let mut values: Vec<Arc<str>> = values.into_iter().map(Arc::from).collect();
        values.index_sort();
        values.dedup();
        let quoted: Vec<String> = values.iter().map(|value| go::regex::quote_meta(value)).collect();
        Self {
            op: MatchOp::Regex,
            name: name.into(),
            value: quoted.join("|").into(),
            span: Span::default(),
            pattern: Pattern::OneOf(values.into()),
        }
    }

    /// Returns true if a label of this value is selected.
    pub fn matches(&self, value: &str) -> bool {
        let hit = match &self.pattern {
            Pattern::Text => *self.value == *value,
            Pattern::Regex(regex) => regex.is_match(value),
            Pattern::OneOf(values) => values.binary_search_by(|one| (**one).cmp(value)).is_ok(),
        };
        hit != matches!(self.op, MatchOp::NotEqual | MatchOp::NotRegex)
    }

    /// Returns the only values that match, if they are known without trying each value of the
    /// label: for `=`, and for `=~` if the regular expression is an alternation of a few literals.
    /// An index can look each of them up.
    pub fn set_matches(&self) -> Option<Vec<&str>> {
        match (self.op, &self.pattern) {
            (MatchOp::Equal, _) => Some(vec![&self.value]),
            (MatchOp::Regex, Pattern::Regex(regex)) => {
                Some(regex.set_matches()?.iter().map(|value| &**value).collect())
            }
            (MatchOp::Regex, Pattern::OneOf(values)) => {
                Some(values.iter().map(|value| &**value).collect())
            }
            _ => None,
        }
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (self.op, &self.name, &self.value, self.span)
            == (other.op, &other.name, &other.value, other.span)
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:?}", self.name, self.op.symbol(), self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_matches_are_known_for_literals() {
        for (op, value, only) in [
            (MatchOp::Equal, "x", Some(vec!["x"])),
            (MatchOp::NotEqual, "x", None),
            (MatchOp::Regex, "x|y", Some(vec!["x", "y"])),
            (MatchOp::Regex, "x.*", None),
            (MatchOp::NotRegex, "x|y", None),
        ] {
            let matcher = Matcher::new(op, "a", value, Span::default()).unwrap();
            assert_eq!(matcher.set_matches(), only, "{op:?} {value}");
        }
    }

    #[test]
    fn one_of_is_the_regex_it_prints() {
        let values = ["y", "a.b", "", "x|z", "y"];
        let one_of = Matcher::one_of("a", values);
        assert_eq!(format!("{one_of:?}"), r#"a=~"|a\\.b|x\\|z|y""#);
        assert_eq!(one_of.set_matches(), Some(vec!["", "a.b", "x|z", "y"]));
        let regex = Matcher::new(MatchOp::Regex, "a", one_of.value.clone(), one_of.span).unwrap();
        for value in ["y", "a.b", "aXb", "", "x", "x|z", "yy"] {
            assert_eq!(one_of.matches(value), regex.matches(value), "{value}");
        }
    }
}
