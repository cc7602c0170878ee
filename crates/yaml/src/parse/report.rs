//! Diagnostics for syntax errors, with Go's message and, where it is clear, a fix.

use granit_parser::{ErrorKind, ScanError};

use super::FileParser;
use super::place::fault;
use crate::builder::Built;
use crate::recovery::{Patched, colon_without_space, content_span, guess, line_at, meant_column};
use crate::syntax_error::{GoLine, Words, line_of_problem, words_for, words_of_problem};
use text::{Applicability, Diagnostic, Edit, Fix, Location, Span};

/// The kind of error behind an unexpected colon inside brackets: the next line was read as a part
/// of the list.
const UNCLOSED: ErrorKind = ErrorKind::UnclosedFlowCollection { open: '[' };

impl FileParser {
    /// Adds the diagnostic of an error. `at` is None if no repair will follow.
    pub(super) fn report(
        &mut self,
        error: &ScanError,
        built: &Built,
        patched: &Patched<'_>,
        text: &str,
        at: Option<usize>,
    ) {
        let words = words_in_context(error, built, patched);
        let offset = match (error.kind(), at) {
            (ErrorKind::TabInPlainScalar, Some(tab)) => tab,
            _ => patched.original_offset(error.marker().byte_offset().unwrap_or(0)),
        };
        let line = line_at(text, offset);
        let mut trial = Patched::new(text);
        let span = match at {
            Some(at) => guess(&mut trial, &fault(error, built, patched, at), 0),
            None => content_span(text, line),
        };
        let (code, message, help) = code_and_message(&words, span, line, text);
        let bracket = stray_bracket(error, built, patched.text());
        let noticed = bracket.map_or(offset, |at| patched.original_offset(at));
        let go = go_text(words.go, words.line, text, noticed);
        let message = match self.refusal {
            None => format!("{message} (yaml: {go})"),
            Some(_) => message.to_owned(),
        };
        self.refuse(go);
        self.mark_broken(span, line);
        let location = self.location(span);
        let mut diagnostic = Diagnostic::error(code, location, message);
        if !help.is_empty() {
            diagnostic = diagnostic.with_help(help);
        }
        if let Some(fix) = self.fix(code, span, text) {
            diagnostic = diagnostic.with_fix(fix);
        }
        self.diagnostics.push(diagnostic);
    }

    fn mark_broken(&mut self, span: Span, line: (usize, usize)) {
        let pointed = line_at(&self.source.text, span.start as usize);
        for line in [line, pointed] {
            let span = self.source.span_to_host(Span::new(line.0 as u32, line.1 as u32));
            if !self.broken.contains(&span) {
                self.broken.push(span);
            }
        }
    }

    fn fix(&self, code: &str, span: Span, text: &str) -> Option<Fix> {
        let put = |title: &str, at: u32, text: &str| {
            let location = self.location(Span::at(at));
            Some(Fix::replace(title, Applicability::Suggestion, location, text))
        };
        match code {
            "yaml-missing-space" => put("Add a space after the colon", span.end, " "),
            "yaml-missing-colon" => put("Add a colon", span.end, ":"),
            "yaml-unclosed-quote" => {
                let quote = span.slice(text).get(..1)?;
                put("Close the quote", span.end, quote)
            }
            "yaml-tab" => {
                let line = line_at(text, span.start as usize);
                let before = text.get(line.0..span.start as usize)?;
                let tabs = span.slice(text);
                let spaces = if before.trim_start_matches(' ').is_empty() {
                    " ".repeat(meant_column(text, line).saturating_sub(before.len()))
                } else {
                    tabs.replace('\t', "  ")
                };
                tabs.contains('\t').then(|| Fix {
                    title: "Replace tabs with spaces".to_owned(),
                    applicability: Applicability::Suggestion,
                    edits: vec![Edit { location: self.location(span), text: spaces }],
                })
            }
            _ => None,
        }
    }

    pub(super) fn report_problems(&mut self, built: &Built) {
        for problem in &built.problems {
            let (code, mut go, ours) = words_of_problem(&problem.kind);
            if let Some(line) = line_of_problem(&problem.kind) {
                let at = self.source.from_host(problem.span.start) as usize;
                go = go_text(&go, line, &self.source.text, at);
            }
            self.refuse(go.clone());
            let location = Location::new(self.file, problem.span);
            let message = format!("{ours} (yaml: {go})");
            self.diagnostics.push(Diagnostic::error(code, location, message));
        }
    }
}

/// The words for an error, which within brackets are others.
fn words_in_context(error: &ScanError, built: &Built, patched: &Patched<'_>) -> Words {
    let mut words = words_for(error.kind());
    let colon = words.code == "yaml-unexpected-colon";
    if let Some(open) = built.inner_bracket
        && (colon || words.code == "yaml-text-after-quote")
    {
        // Within brackets Go reports that it expected the next item.
        let go = match patched.text().as_bytes().get(open) {
            Some(b'{') => "did not find expected ',' or '}'",
            _ => "did not find expected ',' or ']'",
        };
        words = Words { go, line: GoLine::Before, ..words };
    }
    if let Some(at) = stray_bracket(error, built, patched.text()) {
        let before = patched.text().get(..at).unwrap_or_default();
        words = Words { go: words_of_bracket(error.kind(), built, before), ..words };
    }
    if built.open_bracket.is_some() && colon {
        words = Words { go: words.go, line: words.line, ..words_for(&UNCLOSED) };
    }
    words
}

/// The place of a closing bracket that closes nothing; None for other errors. Of a bracket of the
/// wrong kind the scanner reports the one that it should close.
fn stray_bracket(error: &ScanError, built: &Built, text: &str) -> Option<usize> {
    let at = error.marker().byte_offset().unwrap_or(0);
    match error.kind() {
        ErrorKind::MisplacedFlowCollectionEnd => Some(at),
        ErrorKind::MismatchedFlowCollectionEnd { close, .. } => {
            let from = built.last_end.max(at + 1);
            Some(text.get(from..)?.find(*close).map_or(from, |found| from + found))
        }
        _ => None,
    }
}

/// The message of Go for a closing bracket that closes nothing. Where a value can begin, it says so;
/// after a value it names what the innermost collection expects next.
/// Source: yaml_parser_parse_flow_mapping_key and its siblings in go-yaml's parserc.go.
fn words_of_bracket(kind: &ErrorKind, built: &Built, before: &str) -> &'static str {
    if before.trim_end().ends_with([',', ':', '[', '{', '?']) {
        return "did not find expected node content";
    }
    match (kind, built.in_sequence) {
        (ErrorKind::MismatchedFlowCollectionEnd { open: '{', .. }, _) => {
            "did not find expected ',' or '}'"
        }
        (ErrorKind::MismatchedFlowCollectionEnd { .. }, _) => "did not find expected ',' or ']'",
        (_, Some(true)) => "did not find expected '-' indicator",
        (_, Some(false)) => "did not find expected key",
        (_, None) => "did not find expected <document start>",
    }
}

/// Code, message and help. A colon that lacks its space, and a key above that lacks its colon, have
/// codes of their own.
fn code_and_message(
    words: &Words,
    span: Span,
    line: (usize, usize),
    text: &str,
) -> (&'static str, &'static str, &'static str) {
    let colon = matches!(words.code, "yaml-missing-colon" | "yaml-unexpected-colon");
    let code = if colon && missing_space(text, span) {
        "yaml-missing-space"
    } else if colon && (span.end as usize) < line.0 {
        // The line above is the one that lacks its colon.
        "yaml-missing-colon"
    } else {
        words.code
    };
    match code {
        "yaml-missing-colon" => {
            let words = words_for(&ErrorKind::SimpleKeyExpected);
            (code, words.message, words.help)
        }
        "yaml-missing-space" => (
            code,
            "Expected a space after the colon",
            "Without the space, `key:value` is a single string.",
        ),
        _ => (code, words.message, words.help),
    }
}

/// Returns true if a span is the colon of `key:value`.
fn missing_space(text: &str, span: Span) -> bool {
    if span.slice(text) != ":" {
        return false;
    }
    let line = content_span(text, line_at(text, span.start as usize));
    colon_without_space(line.slice(text)).map(|at| line.start + at as u32) == Some(span.start)
}

/// Returns `line 3: did not find expected key`, with the line that Go prints.
pub(super) fn go_text(words: &str, rule: GoLine, text: &str, at: usize) -> String {
    let lines_before = |at: usize| text.bytes().take(at).filter(|&byte| byte == b'\n').count();
    let number = lines_before(at);
    // 0 means that no line is printed.
    let printed = match rule {
        GoLine::Same if number == 0 => 0,
        GoLine::Same => number + 1,
        GoLine::Before => number,
        GoLine::BeforeLast => {
            let next = text.get(at..).and_then(|rest| rest.find("\n---"));
            lines_before(next.map_or(text.len(), |found| at + found + 1))
        }
        GoLine::Last => match lines_before(text.len()) {
            0 => 0,
            last => last + 1,
        },
        GoLine::Next => {
            let behind = line_at(text, at).1;
            let rest = text.get(behind..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start().len();
            match lines_before(behind + blank) {
                0 => 0,
                next => next + 1,
            }
        }
    };
    if printed == 0 { words.to_owned() } else { format!("line {printed}: {words}") }
}
