//! Lines of a text, as byte ranges without their line breaks.

use text::Span;

/// Returns the start of the line at an offset, and its end without the line break.
pub(crate) fn line_at(text: &str, at: usize) -> (usize, usize) {
    let at = at.min(text.len());
    let bytes = text.as_bytes();
    let start = bytes.get(..at).and_then(|before| before.iter().rposition(|&b| b == b'\n'));
    let start = start.map_or(0, |newline| newline + 1);
    let len = bytes.get(start..).and_then(|rest| rest.iter().position(|&b| b == b'\n'));
    let end = len.map_or(text.len(), |len| start + len);
    let end = if end > start && bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end };
    (start, end)
}

/// Returns the nearest line above that has content; None if there is none.
pub(super) fn line_above(text: &str, line: (usize, usize)) -> Option<(usize, usize)> {
    let mut start = line.0;
    while start > 0 {
        let above = line_at(text, start - 1);
        let content = text.get(above.0..above.1)?.trim_start();
        if !content.is_empty() && !content.starts_with('#') {
            return Some(above);
        }
        start = above.0;
    }
    None
}

/// Returns the width of a line's leading blanks.
pub(super) fn indent_of(text: &str, line: (usize, usize)) -> usize {
    let shown = text.get(line.0..line.1).unwrap_or_default();
    shown.len() - shown.trim_start_matches([' ', '\t']).len()
}

/// Returns the column of a line's content after its dashes.
pub(super) fn content_column(text: &str, line: (usize, usize)) -> usize {
    let shown = text.get(line.0..line.1).unwrap_or_default();
    let mut rest = shown.trim_start_matches(' ');
    while let Some(behind) = rest.strip_prefix("- ") {
        rest = behind.trim_start_matches(' ');
    }
    shown.len() - rest.len()
}

/// Returns the span of a line without its indentation, its comment and trailing blanks.
pub(crate) fn content_span(text: &str, line: (usize, usize)) -> Span {
    let shown = text.get(line.0..line.1).unwrap_or_default();
    let start = line.0 + shown.len() - shown.trim_start().len();
    let shown = shown.trim_start();
    let shown = if shown.starts_with('#') {
        shown
    } else {
        shown.find(" #").map_or(shown, |at| &shown[..at])
    };
    let end = start + shown.trim_end().len();
    Span::new(start.min(line.1) as u32, end.min(line.1) as u32)
}

/// Returns a line together with the lines below it that are indented deeper.
pub(super) fn block_at(text: &str, line: (usize, usize)) -> (usize, usize) {
    let indent = indent_of(text, line);
    let mut at = line.1;
    let mut end = line.1;
    while at < text.len() {
        let next = line_at(text, (at + 1).min(text.len()));
        if next.0 <= at && next.1 <= at {
            break;
        }
        let blank = text.get(next.0..next.1).is_none_or(|line| line.trim().is_empty());
        if !blank {
            if indent_of(text, next) <= indent {
                break;
            }
            end = next.1;
        }
        at = next.1.max(at + 1);
    }
    (line.0, end)
}

/// Returns the lines from the nearest line above without indentation up to the next such line.
pub(super) fn section_at(text: &str, line: (usize, usize)) -> (usize, usize) {
    let top = |line: &str| {
        line.chars().next().is_some_and(|c| !matches!(c, ' ' | '\t' | '#' | '-' | '\r' | '\n'))
    };
    let mut start = line.0;
    while start > 0 && !text.get(start..).is_some_and(top) {
        start = line_at(text, start - 1).0;
    }
    let mut end = line.0;
    for (number, line) in text.get(line.0..).unwrap_or_default().split_inclusive('\n').enumerate() {
        if number > 0 && top(line) {
            break;
        }
        end += line.len();
    }
    (start, end.max(line.1))
}
