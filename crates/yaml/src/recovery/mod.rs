//! Repairs of a broken text, so that the rest of it can be read.
//!
//! A repair blanks parts of the text or inserts a few characters; line breaks stay. It is tried on a
//! copy, and every offset can be mapped back to the text as written.
//!
//! | file | contents |
//! | --- | --- |
//! | `patch` | the copy with its changes |
//! | `lines` | lines of a text |
//! | `indentation` | indentation and tabs |
//! | `quotes` | quoted texts |

mod indentation;
mod lines;
mod patch;
mod quotes;

use granit_parser::ErrorKind;

pub(super) use indentation::meant_column;
pub(super) use lines::{content_span, line_at};
pub(super) use patch::Patched;
pub(super) use quotes::{indent_quoted, quote_goes_on};

use indentation::{blank_tabs, indent_rest, reindent};
use lines::{block_at, indent_of, line_above, section_at};
use quotes::close_quote;
use text::Span;

/// A syntax error and its surroundings, in offsets of the original.
pub(super) struct SyntaxFault<'e> {
    pub kind: &'e ErrorKind,
    pub at: usize,
    pub last_end: usize,
    /// Column of the first content of the text, with the changes made so far.
    pub first_column: usize,
    pub open_bracket: Option<usize>,
}

/// Notes the changes of the `level`-th repair. Level 0 depends on the kind of error; levels 1 to 4
/// blank the line, its block, the top-level section, and the rest of the text. Returns the span to
/// point at.
pub(super) fn guess(patched: &mut Patched<'_>, fault: &SyntaxFault<'_>, level: usize) -> Span {
    let text = patched.original;
    let line = line_at(text, fault.at);
    match level {
        0 => return targeted(patched, fault),
        1 => patched.blank(line.0, line.1),
        2 => {
            let (from, to) = block_at(text, line);
            patched.blank(from, to);
        }
        3 => {
            let (from, to) = section_at(text, line);
            patched.blank(from, to);
        }
        _ => patched.blank(line.0, text.len()),
    }
    Span::new(line.0 as u32, line.1 as u32)
}

fn targeted(patched: &mut Patched<'_>, fault: &SyntaxFault<'_>) -> Span {
    use ErrorKind as E;
    let text = patched.original;
    let at = fault.at;
    let line = line_at(text, at);
    match fault.kind {
        E::SimpleKeyExpected | E::InvalidSimpleKey => {
            missing_colon(patched, line).unwrap_or_else(|| content_span(text, line))
        }
        E::MappingValueNotAllowed | E::InvalidColonPlacement if fault.open_bracket.is_none() => {
            unexpected_colon(patched, at, line)
        }
        E::InvalidColonPlacement
        | E::MappingValueNotAllowed
        | E::ExpectedFlowMappingSeparator
        | E::ExpectedFlowSequenceSeparator
        | E::UnclosedFlowCollection { .. } => match fault.open_bracket {
            Some(open) => close_brackets(patched, open, line),
            None => content_span(text, line),
        },
        E::UnclosedQuotedScalar
        | E::InvalidQuotedScalarIndent
        | E::DocumentIndicatorInQuotedScalar => close_quote(patched, fault.last_end, at),
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabInPlainScalar
        | E::TabAtBlockScalarStart => blank_tabs(patched, line),
        E::ExpectedDocumentStart => indent_rest(patched, line, fault.first_column),
        E::ExpectedBlockMappingKey | E::ExpectedBlockSequenceEntry => reindent(patched, line),
        E::MisplacedFlowCollectionEnd | E::MismatchedFlowCollectionEnd { .. } => {
            patched.blank(at, at + 1);
            Span::new(at as u32, (at + 1).min(text.len()) as u32)
        }
        E::UnknownQuotedScalarEscape
        | E::UnexpectedCharacter { .. }
        | E::InvalidTrailingDoubleQuotedScalar
        | E::InvalidTrailingSingleQuotedScalar
        | E::MissingAnchorOrAliasName
        | E::InvalidBlockScalarHeader => {
            let (_, end) = line;
            let at = at.clamp(line.0, end);
            patched.blank(at, end);
            let one = text.get(at..end).and_then(|rest| rest.chars().next());
            Span::new(at as u32, (at + one.map_or(0, char::len_utf8)) as u32)
        }
        _ => content_span(text, line),
    }
}

/// Inserts the space into `key:value`, or the colon after `key`.
fn missing_colon(patched: &mut Patched<'_>, line: (usize, usize)) -> Option<Span> {
    let text = patched.original;
    let content = content_span(text, line);
    let shown = content.slice(text);
    if let Some(colon) = colon_without_space(shown) {
        let at = content.start as usize + colon + 1;
        patched.insert(at, " ");
        return Some(Span::new(content.start + colon as u32, at as u32));
    }
    if shown.is_empty() {
        return None;
    }
    patched.insert(content.end as usize, ":");
    Some(content)
}

/// Returns the offset of the colon in `key:value`; None if the key has unusual characters.
pub(super) fn colon_without_space(line: &str) -> Option<usize> {
    let colon = line.find(':')?;
    let key = line.get(..colon)?.trim_start_matches("- ");
    let simple = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let follows = line.get(colon + 1..)?.chars().next()?;
    (!key.is_empty() && key.chars().all(simple) && !follows.is_whitespace()).then_some(colon)
}

fn unexpected_colon(patched: &mut Patched<'_>, at: usize, line: (usize, usize)) -> Span {
    let text = patched.original;
    let content = content_span(text, line);
    let here = Span::new(at as u32, (at + 1).min(text.len()) as u32);
    // A first colon on the line before this one means that a value holds `: `.
    let before = text.get(content.start as usize..at).unwrap_or_default();
    if let Some(colon) = before.find(": ") {
        let value = content.start as usize + colon + 2;
        let value = value + (text.len() - value - text[value..].trim_start_matches(' ').len());
        let quoted = Span::new(value as u32, content.end).slice(text);
        if quoted.contains('\'') {
            patched.blank(value, content.end as usize);
        } else {
            patched.insert(value, "'");
            patched.insert(content.end as usize, "'");
        }
        return Span::new(value as u32, content.end.max(value as u32));
    }
    let above = line_above(text, line);
    if let Some(above) = above {
        let above = content_span(text, above);
        if let Some(colon) = colon_without_space(above.slice(text)) {
            let colon = above.start as usize + colon;
            // With lines hanging below it, the key has no other value.
            if indent_of(text, line) > indent_of(text, line_at(text, colon)) {
                patched.blank(colon + 1, above.end as usize);
            } else {
                patched.insert(colon + 1, " ");
            }
            return Span::new(colon as u32, colon as u32 + 1);
        }
        // `key` alone, with what should hang below it.
        let shown = above.slice(text);
        let fits = above.start as usize - line_at(text, above.start as usize).0
            <= content.start as usize - line.0;
        if fits && !shown.contains(": ") && !shown.starts_with(['"', '\'', '[', '{']) {
            patched.insert(above.end as usize, ":");
            return above;
        }
    }
    patched.blank(line.0, line.1);
    here.join(content)
}

/// Inserts the closing brackets before the line of the error, or at the end of the line of the first
/// open bracket if the error is on that line.
fn close_brackets(patched: &mut Patched<'_>, open: usize, error_line: (usize, usize)) -> Span {
    let text = patched.original;
    let last = match line_above(text, error_line) {
        Some(above) if above.1 > open => above,
        _ => line_at(text, open),
    };
    let end = (content_span(text, last).end as usize).max(open + 1);
    let mut waiting = Vec::new();
    let mut quote = None;
    for c in text.get(open..end).unwrap_or_default().chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => waiting.push(']'),
            (None, '{') => waiting.push('}'),
            (None, ']' | '}') => {
                waiting.pop();
            }
            _ => {}
        }
    }
    let closing: String = quote.into_iter().chain(waiting.into_iter().rev()).collect();
    if !closing.is_empty() {
        patched.insert(end, closing);
    }
    Span::new(open as u32, open as u32 + 1)
}
