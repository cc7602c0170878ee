//! Places of syntax errors in the text as written.

use granit_parser::{ErrorKind, ScanError};

use crate::builder::Built;
use crate::recovery::{Patched, SyntaxFault, line_at};

/// Returns the offset of the mistake. The parser notices an open quote far after it.
pub(super) fn place(error: &ScanError, built: &Built, patched: &Patched<'_>, text: &str) -> usize {
    let from = patched.original_offset(built.last_end);
    match error.kind() {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            let open = text.get(from..).and_then(|rest| rest.find(['"', '\'']));
            open.map_or(from, |open| from + open)
        }
        // The parser reports the start of the text that the tab follows.
        ErrorKind::TabInPlainScalar => {
            let start = error.marker().byte_offset().unwrap_or(0);
            patched.original_offset(next_leading_tab(patched.text(), start).unwrap_or(start))
        }
        _ => patched.original_offset(error.marker().byte_offset().unwrap_or(0)),
    }
}

/// Returns the first tab before the content of a line below an offset.
pub(super) fn next_leading_tab(text: &str, from: usize) -> Option<usize> {
    let lines = text.get(from..)?.match_indices('\n').map(|(at, _)| from + at + 1);
    lines.filter_map(|start| Some((start, text.get(start..)?))).find_map(|(start, line)| {
        let content = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
        Some(start + line.get(..content)?.find('\t')?)
    })
}

/// Returns true if a line stands to the left of the collection that is the whole first document.
pub(super) fn ends_document(error: &ScanError, built: &Built, patched: &Patched<'_>) -> bool {
    let ([first], ErrorKind::ExpectedDocumentStart) = (built.documents.as_slice(), error.kind())
    else {
        return false;
    };
    let text = patched.text();
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    first.root.as_scalar().is_none() && column(text, at) < column(text, built.first_start)
}

pub(super) fn column(text: &str, at: usize) -> usize {
    at - line_at(text, at).0
}

/// Returns the number of spaces before the first content of the text.
pub(super) fn first_indent(text: &str) -> usize {
    let first = text.lines().find(|line| {
        let content = line.trim_start();
        !content.is_empty() && !content.starts_with('#') && !line.starts_with("---")
    });
    first.map_or(0, |line| line.len() - line.trim_start_matches(' ').len())
}

pub(super) fn fault<'e>(
    error: &'e ScanError,
    built: &Built,
    patched: &Patched<'_>,
    at: usize,
) -> SyntaxFault<'e> {
    SyntaxFault {
        kind: error.kind(),
        at,
        last_end: patched.original_offset(built.last_end),
        first_column: column(patched.text(), built.first_start),
        open_bracket: built.open_bracket.map(|open| patched.original_offset(open)),
    }
}
