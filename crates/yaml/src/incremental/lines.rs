//! Lines of a text, for cutting out parts.

pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// Returns the start of the next line, or the end of the text.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |found| at + found + 1)
}

pub(super) fn line_at(text: &str, start: usize) -> &str {
    text.get(start..next_line(text, start)).unwrap_or_default()
}

/// Returns None for blank lines and comment lines, which may have any indentation.
pub(super) fn indentation(line: &str) -> Option<usize> {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    let rest = line.get(indent..).unwrap_or_default().trim_end();
    (!rest.is_empty() && !rest.starts_with('#')).then_some(indent)
}

/// Returns the column of the dashes of a block list. The list's span starts at its first dash, or at
/// its first item if the dash is indented no deeper than the key above.
pub(super) fn dash_column(text: &str, start: usize) -> Option<(usize, bool)> {
    let before = text.get(line_start(text, start)..start)?;
    let is_list = text.get(start..).is_some_and(|rest| is_dash(line_at(rest, 0)));
    let indent = before.trim_end_matches(' ');
    match indent.strip_suffix('-') {
        None => (is_list && indent.is_empty()).then_some((before.len(), true)),
        // Two lists that start on one line are ambiguous.
        Some(blank) => {
            (!is_list && blank.bytes().all(|byte| byte == b' ')).then_some((blank.len(), false))
        }
    }
}

pub(super) fn is_dash(rest: &str) -> bool {
    rest.starts_with("- ") || rest.trim_end_matches('\n') == "-"
}

pub(super) fn end_of_item(text: &str, from: usize, column: usize) -> usize {
    let mut end = from;
    while end < text.len() && indentation(line_at(text, end)).is_none_or(|indent| indent > column) {
        end = next_line(text, end);
    }
    end
}

/// Returns true if a line starts with an indicator of keys, so that its meaning depends on the lines
/// around it.
pub(super) fn has_mark(line: &str) -> bool {
    let content = line.trim_start_matches([' ', '-']);
    content.starts_with([':', '?'])
}

/// Returns true if the last line with content starts a block scalar, whose end depends on the lines
/// that follow.
pub(super) fn opens_at_end(text: &str) -> bool {
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let content = last.split(" #").next().unwrap_or_default().trim_end();
    let signs = |c: char| matches!(c, '+' | '-') || c.is_ascii_digit();
    content.trim_end_matches(signs).ends_with(['|', '>'])
}

pub(super) fn is_marker(line: &str) -> bool {
    let behind = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
    behind.is_some_and(|behind| behind.is_empty() || behind.starts_with([' ', '\t', '\r', '\n']))
}
