//! Diagnostics with their locations, and fixes as edits of the text.

use crate::IndexSort;
use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{FileId, Location, Span};

/// The severity of a diagnostic. `Error`: the real program refuses the text, or it cannot work.
/// `Warning`: it works, but not as intended. `Info`: a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    Error,
    Warning,
    Info,
}

/// One diagnostic: code, message, location, and what to do about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable name in kebab case, the same in the text, the documentation page and the tests.
    pub code: Cow<'static, str>,
    pub severity: Severity,
    pub location: Location,
    /// One sentence without a full stop. It contains Prometheus's own message if there is one.
    pub message: String,
    /// The reason or the remedy, in whole sentences.
    pub help: Option<String>,
    pub related: Vec<Related>,
    pub fixes: Vec<Fix>,
}

/// Another location that is related to the diagnostic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Related {
    pub location: Location,
    pub message: String,
}

/// The condition under which a fix may be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Applicability {
    /// The fix removes the diagnostic and changes nothing else that matters.
    Safe,
    /// The fix removes the diagnostic, but the author has to confirm the intention.
    Suggestion,
}

/// A named set of edits, applied all or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// The label of the button, in the imperative: "Use port 8080".
    pub title: String,
    pub applicability: Applicability,
    pub edits: Vec<Edit>,
}

/// Replaces the text at `location` by `text`. The edits of a fix do not overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub location: Location,
    pub text: String,
}

impl Diagnostic {
    pub fn new(
        severity: Severity,
        code: &'static str,
        location: Location,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: Cow::Borrowed(code),
            severity,
            location,
            message: message.into(),
            help: None,
            related: Vec::new(),
            fixes: Vec::new(),
        }
    }

    pub fn error(code: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, location, message)
    }

    pub fn warning(code: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, location, message)
    }

    pub fn info(code: &'static str, location: Location, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, location, message)
    }

    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub fn with_related(mut self, location: Location, message: impl Into<String>) -> Self {
        self.related.push(Related { location, message: message.into() });
        self
    }

    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }
}

impl Fix {
    /// A fix of one edit.
    pub fn replace(
        title: impl Into<String>,
        applicability: Applicability,
        location: Location,
        text: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            applicability,
            edits: vec![Edit { location, text: text.into() }],
        }
    }
}

/// Applies those of the edits that lie in `file`. Returns nothing when one does not fit the text
/// or two overlap.
pub fn apply_edits(text: &str, file: FileId, edits: &[Edit]) -> Option<String> {
    let mut edits: Vec<&Edit> = edits.iter().filter(|edit| edit.location.file == file).collect();
    edits.index_sort_by_key(|edit| (edit.location.span.start, edit.location.span.end));
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let Span { start, end } = edit.location.span;
        if start < done {
            return None;
        }
        result.push_str(text.get(done as usize..start as usize)?);
        text.get(start as usize..end as usize)?;
        result.push_str(&edit.text);
        done = end;
    }
    result.push_str(text.get(done as usize..)?);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit { location: Location::new(FileId(1), Span::new(start, end)), text: text.into() }
    }

    #[test]
    fn edits_apply_in_any_order() {
        let edits = [edit(4, 5, "E"), edit(0, 1, "AA"), edit(2, 2, "-")];
        assert_eq!(apply_edits("abcde", FileId(1), &edits).as_deref(), Some("AAb-cdE"));
        assert_eq!(apply_edits("abcde", FileId(2), &edits).as_deref(), Some("abcde"));
    }

    #[test]
    fn edits_that_overlap_or_do_not_fit_are_refused() {
        assert_eq!(apply_edits("abcde", FileId(1), &[edit(0, 3, ""), edit(2, 4, "")]), None);
        assert_eq!(apply_edits("abc", FileId(1), &[edit(2, 9, "")]), None);
        assert_eq!(apply_edits("é", FileId(1), &[edit(1, 2, "")]), None);
    }
}
