//! Repairs of quoted texts.

use super::lines::{content_span, line_at};
use super::patch::Patched;
use text::Span;

/// Closes the first quote after `from` at the end of its line. Returns the quoted text.
pub(super) fn close_quote(patched: &mut Patched<'_>, from: usize, at: usize) -> Span {
    let text = patched.original;
    let behind = text.get(from..).unwrap_or_default();
    let Some(open) = behind.find(['"', '\'']).map(|open| from + open) else {
        return content_span(text, line_at(text, at));
    };
    let quote = &text[open..=open];
    let line = line_at(text, open);
    let mut end = content_span(text, line).end as usize;
    if end <= open {
        end = line.1;
    }
    // At a line's start, before `key:`, it is the quote that is too much.
    let shown = content_span(text, line).slice(text);
    if shown.starts_with(quote) && (shown.ends_with(':') || shown.contains(": ")) {
        patched.blank(open, open + 1);
        return Span::new(open as u32, end as u32);
    }
    // A backslash at the end would take the quote as escaped.
    let shown = text.get(open..end).unwrap_or_default();
    if quote == "\"" && shown.ends_with('\\') {
        patched.blank(end - 1, end);
    }
    patched.insert(end, quote);
    Span::new(open as u32, end as u32)
}

/// Returns the quotes of the text that begins after `from`, if the line ends after its closing
/// quote. In Go such a text over several lines can have any indentation.
pub(crate) fn quote_goes_on(text: &str, from: usize) -> Option<(usize, usize)> {
    let open = from + text.get(from..)?.find(['"', '\''])?;
    let quote = text.as_bytes().get(open).copied()?;
    let mut bytes = text.bytes().enumerate().skip(open + 1);
    let close = loop {
        let (at, byte) = bytes.next()?;
        if byte == b'\\' && quote == b'"' {
            bytes.next();
        } else if byte == quote {
            if quote == b'\'' && text.as_bytes().get(at + 1) == Some(&quote) {
                bytes.next();
            } else {
                break at;
            }
        }
    };
    let rest = text.get(close + 1..)?.lines().next().unwrap_or_default().trim();
    let ends = rest.is_empty() || rest.starts_with(['#', ',', ']', '}']);
    let inside = text.get(open + 1..close)?;
    let looks_like_keys =
        inside.lines().skip(1).any(|line| line.contains(": ") || line.trim_end().ends_with(':'));
    (ends && !looks_like_keys).then_some((open, close))
}

/// Indents the lines of a quoted text. Its meaning stays the same.
pub(crate) fn indent_quoted(patched: &mut Patched<'_>, open: usize, close: usize) {
    let inside = patched.original.get(open..close).unwrap_or_default();
    let starts: Vec<usize> = inside.match_indices('\n').map(|(at, _)| open + at + 1).collect();
    for start in starts {
        patched.insert(start, " ".repeat(2 * crate::MAX_DEPTH));
    }
}
