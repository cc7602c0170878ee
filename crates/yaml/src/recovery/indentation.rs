//! Repairs of indentation and tabs.

use super::lines::{content_column, content_span, indent_of, line_above};
use super::patch::Patched;
use text::Span;

/// Returns the column that a line with leading tabs was probably meant for: the column of the
/// content above, or two more below a key without a value.
pub(crate) fn meant_column(text: &str, line: (usize, usize)) -> usize {
    let Some(above) = line_above(text, line) else { return 0 };
    let is_item = content_span(text, line).slice(text).starts_with("- ");
    if content_span(text, above).slice(text).ends_with(':') {
        content_column(text, above) + 2
    } else if is_item {
        indent_of(text, above)
    } else {
        content_column(text, above)
    }
}

/// Replaces leading tabs by spaces, in a line and in the lines with tabs that follow it.
pub(super) fn blank_tabs(patched: &mut Patched<'_>, line: (usize, usize)) -> Span {
    let text = patched.original;
    let column = meant_column(text, line);
    let mut first = None;
    let mut least = None;
    let mut at = line.0;
    for line in text.get(line.0..).unwrap_or_default().split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let Some(tab) = line.get(..blanks).and_then(|blanks| blanks.find('\t')) else { break };
        first.get_or_insert(Span::new((at + tab) as u32, (at + blanks) as u32));
        patched.blank(at, at + blanks);
        // A tab counts as two columns.
        let width = blanks + line.get(..blanks).map_or(0, |blanks| blanks.matches('\t').count());
        let deeper = width.saturating_sub(*least.get_or_insert(width));
        // Text that is inserted among blanked characters is left out.
        patched.insert(at + blanks, " ".repeat((column + deeper).saturating_sub(blanks)));
        at += line.len();
    }
    first.unwrap_or_else(|| {
        let found = text.get(line.0..line.1).and_then(|line| line.find('\t'));
        match found {
            Some(tab) => {
                patched.blank(line.0 + tab, line.0 + tab + 1);
                Span::new((line.0 + tab) as u32, (line.0 + tab + 1) as u32)
            }
            None => content_span(text, line),
        }
    })
}

/// Indents a line that begins between two columns to the deeper one, with the lines below it.
pub(super) fn reindent(patched: &mut Patched<'_>, line: (usize, usize)) -> Span {
    let text = patched.original;
    let indent = indent_of(text, line);
    let shown = content_span(text, line);
    let mut column = None;
    let mut above = line_above(text, line);
    while let Some(candidate) = above {
        let own = indent_of(text, candidate);
        let inside = content_column(text, candidate);
        for found in [own, inside] {
            if found > indent && column.is_none_or(|known| found < known) {
                column = Some(found);
            }
        }
        if own < indent {
            break;
        }
        above = line_above(text, candidate);
    }
    if let Some(column) = column {
        let spaces = " ".repeat(column - indent);
        let mut at = line.0;
        for (number, line) in
            text.get(line.0..).unwrap_or_default().split_inclusive('\n').enumerate()
        {
            let own = line.len() - line.trim_start_matches(' ').len();
            if !line.trim().is_empty() {
                // Neighboring lines share the mistake; lines without indentation are most likely
                // right.
                if own < indent || number > 0 && own == 0 {
                    break;
                }
                patched.insert(at, spaces.clone());
            }
            at += line.len();
        }
    }
    shown
}

/// Indents the lines from `line` on to `column`, the column of the first line.
pub(super) fn indent_rest(patched: &mut Patched<'_>, line: (usize, usize), column: usize) -> Span {
    let text = patched.original;
    let mut first = line;
    while let Some(above) = line_above(text, first) {
        if text.get(above.0..above.1).is_some_and(|line| line.starts_with("---")) {
            break;
        }
        first = above;
    }
    let missing = column.saturating_sub(indent_of(text, line));
    if missing > 0 {
        let mut at = line.0;
        for line in text.get(line.0..).unwrap_or_default().split_inclusive('\n') {
            if line.starts_with("---") {
                break;
            }
            patched.insert(at, " ".repeat(missing));
            at += line.len();
        }
    }
    content_span(text, first)
}
