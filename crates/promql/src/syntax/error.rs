//! Errors in a query, in Prometheus's words and positions.

use std::fmt;

use super::quote::quote;
use super::token::{Token, TokenKind};
use text::{LineIndex, Span};

/// One error; the span is in bytes of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The part of the query that is wrong.
    pub span: Span,
    /// The message without its position.
    pub message: String,
    /// Line and byte column from 1; nothing where the query is empty.
    position: Option<(u32, u32)>,
}

/// As the server prints it: `1:5: parse error: unexpected end of input`.
impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "{line}:{column}: parse error: ")?,
            None => f.write_str("unknown position: parse error: ")?,
        }
        f.write_str(&self.message)
    }
}

/// All errors of a query in the order they were found; never empty. Printed, it is the first, as
/// the server does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseErrors(Vec<ParseError>);

impl ParseErrors {
    /// Returns the first error.
    pub fn first(&self) -> Option<&ParseError> {
        self.0.first()
    }

    /// Returns the errors in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, ParseError> {
        self.0.iter()
    }

    /// Returns the number of errors.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if there are no errors.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ParseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.first().map_or(Ok(()), |error| error.fmt(f))
    }
}

impl std::error::Error for ParseErrors {}

/// Errors beyond these say nothing new.
const MOST_ERRORS: usize = 100;

/// Collected errors; positions are computed at the end.
#[derive(Debug, Default)]
pub(super) struct ErrorList(Vec<(Span, String)>);

impl ErrorList {
    #[cold]
    pub fn push(&mut self, span: Span, message: impl Into<String>) {
        if self.0.len() < MOST_ERRORS {
            self.0.push((span, message.into()));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cold]
    pub fn finish(self, query: &str) -> ParseErrors {
        let index = LineIndex::new(query);
        let locate = |span: Span| {
            let at = index.line_col(span.start);
            (!query.is_empty()).then_some((at.line + 1, at.col + 1))
        };
        ParseErrors(
            self.0
                .into_iter()
                .map(|(span, message)| ParseError { span, message, position: locate(span) })
                .collect(),
        )
    }
}

/// The name of a token in error messages: `identifier "a"`, `<op:+>`, `end of input`.
pub(super) fn describe(token: Token, query: &str) -> String {
    let text = token.span.slice(query);
    match token.kind {
        TokenKind::Eof => "end of input".to_owned(),
        TokenKind::Identifier => format!("identifier {}", quote(text)),
        TokenKind::MetricIdentifier => format!("metric identifier {}", quote(text)),
        TokenKind::Number => format!("number {}", shortened(text)),
        TokenKind::Duration => format!("duration {}", shortened(text)),
        TokenKind::String => format!("string {}", shortened(text)),
        TokenKind::Binary(_) | TokenKind::At | TokenKind::EqualRegex | TokenKind::NotEqualRegex => {
            format!("<op:{text}>")
        }
        TokenKind::Aggregate(_) => format!("<aggr:{text}>"),
        TokenKind::Bool
        | TokenKind::By
        | TokenKind::Without
        | TokenKind::On
        | TokenKind::Ignoring
        | TokenKind::GroupLeft
        | TokenKind::GroupRight
        | TokenKind::Fill
        | TokenKind::FillLeft
        | TokenKind::FillRight
        | TokenKind::Offset
        | TokenKind::Anchored
        | TokenKind::Smoothed => format!("<{text}>"),
        _ => shortened(text),
    }
}

/// Quoted, and cut after ten characters where the text has more than ten bytes.
fn shortened(text: &str) -> String {
    if text.len() <= 10 {
        return quote(text);
    }
    let cut: String = text.chars().take(10).collect();
    format!("{}...", quote(&cut))
}
