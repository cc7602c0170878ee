//! Errors of expressions, with Go's messages.

use std::ops::Range;

/// The kinds of errors in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    InvalidCharRange,
    InvalidEscape,
    InvalidNamedCapture,
    InvalidPerlOp,
    InvalidRepeatOp,
    InvalidRepeatSize,
    MissingBracket,
    MissingParen,
    MissingRepeatArgument,
    TrailingBackslash,
    UnexpectedParen,
    NestingDepth,
    Large,
    /// Prometheus accepts the expression; it is too large to be run here.
    TooLargeHere,
}

impl ErrorKind {
    /// Go's message.
    fn text(self) -> &'static str {
        match self {
            Self::InvalidCharRange => "invalid character class range",
            Self::InvalidEscape => "invalid escape sequence",
            Self::InvalidNamedCapture => "invalid named capture",
            Self::InvalidPerlOp => "invalid or unsupported Perl syntax",
            Self::InvalidRepeatOp => "invalid nested repetition operator",
            Self::InvalidRepeatSize => "invalid repeat count",
            Self::MissingBracket => "missing closing ]",
            Self::MissingParen => "missing closing )",
            Self::MissingRepeatArgument => "missing argument to repetition operator",
            Self::TrailingBackslash => "trailing backslash at end of expression",
            Self::UnexpectedParen => "unexpected )",
            Self::NestingDepth => "expression nests too deeply",
            Self::Large => "expression too large",
            Self::TooLargeHere => "too large to be run on this page",
        }
    }

    pub(super) fn message(self, at: &str) -> String {
        match self {
            Self::TooLargeHere => {
                format!("regular expression of {} bytes: {}", at.len(), self.text())
            }
            _ => format!("error parsing regexp: {}: `{at}`", self.text()),
        }
    }
}

/// An error and the bytes that Go quotes for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub kind: ErrorKind,
    pub at: Range<usize>,
}
