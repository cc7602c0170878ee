//! Tokens and keywords of queries.
//!
//! Source: prometheus promql/parser/lex.go.

use super::operators::{AggregateOp, BinaryOp};
use text::Span;

/// A token's kind and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Eof,
    /// Text that is no token; [`Lexer::error`](super::Lexer::error) has the reason. Only further errors follow.
    Error,
    Identifier,
    /// An identifier with a colon in it: a metric name and nothing else.
    MetricIdentifier,
    Number,
    Duration,
    String,
    Comma,
    Colon,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    LeftParen,
    RightParen,
    /// A single `=`.
    Equal,
    EqualRegex,
    NotEqualRegex,
    At,
    Binary(BinaryOp),
    Aggregate(AggregateOp),
    Bool,
    By,
    Without,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Fill,
    FillLeft,
    FillRight,
    Offset,
    Anchored,
    Smoothed,
    Start,
    End,
    Step,
    Range,
    MaxOf,
    MinOf,
}

/// The longest keyword is `count_values`.
const LONGEST_KEYWORD: usize = 12;

/// The keyword that a word is, in any case. `inf` and `nan` are numbers.
pub fn keyword(word: &str) -> Option<TokenKind> {
    use AggregateOp as A;
    use TokenKind as T;
    let mut buffer = [0; LONGEST_KEYWORD];
    let lower = buffer.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    Some(match &*lower {
        b"and" => T::Binary(BinaryOp::And),
        b"or" => T::Binary(BinaryOp::Or),
        b"unless" => T::Binary(BinaryOp::Unless),
        b"atan2" => T::Binary(BinaryOp::Atan2),
        b"sum" => T::Aggregate(A::Sum),
        b"avg" => T::Aggregate(A::Avg),
        b"count" => T::Aggregate(A::Count),
        b"min" => T::Aggregate(A::Min),
        b"max" => T::Aggregate(A::Max),
        b"group" => T::Aggregate(A::Group),
        b"stddev" => T::Aggregate(A::Stddev),
        b"stdvar" => T::Aggregate(A::Stdvar),
        b"topk" => T::Aggregate(A::Topk),
        b"bottomk" => T::Aggregate(A::Bottomk),
        b"count_values" => T::Aggregate(A::CountValues),
        b"quantile" => T::Aggregate(A::Quantile),
        b"limitk" => T::Aggregate(A::Limitk),
        b"limit_ratio" => T::Aggregate(A::LimitRatio),
        b"offset" => T::Offset,
        b"smoothed" => T::Smoothed,
        b"anchored" => T::Anchored,
        b"by" => T::By,
        b"without" => T::Without,
        b"on" => T::On,
        b"ignoring" => T::Ignoring,
        b"group_left" => T::GroupLeft,
        b"group_right" => T::GroupRight,
        b"fill" => T::Fill,
        b"fill_left" => T::FillLeft,
        b"fill_right" => T::FillRight,
        b"bool" => T::Bool,
        b"start" => T::Start,
        b"end" => T::End,
        b"step" => T::Step,
        b"range" => T::Range,
        b"max_of" => T::MaxOf,
        b"min_of" => T::MinOf,
        b"inf" | b"nan" => T::Number,
        _ => return None,
    })
}

impl TokenKind {
    /// Returns true if the token is a metric name at the start of an expression. Keywords that
    /// cannot start an expression are metric names there.
    pub fn is_metric_name(self) -> bool {
        use TokenKind as T;
        match self {
            T::Identifier | T::MetricIdentifier | T::Aggregate(_) => true,
            T::Binary(op) => op.is_set(),
            _ => matches!(
                self,
                T::By
                    | T::Without
                    | T::Fill
                    | T::FillLeft
                    | T::FillRight
                    | T::Offset
                    | T::Anchored
                    | T::Smoothed
                    | T::Start
                    | T::End
                    | T::Step
                    | T::Range
                    | T::MaxOf
                    | T::MinOf
            ),
        }
    }

    /// Returns true if the token is allowed unquoted in a list of grouping labels: all words except
    /// `without`, `inf` and `nan`.
    pub fn is_grouping_label(self) -> bool {
        use TokenKind as T;
        match self {
            T::Without => false,
            T::Bool | T::On | T::Ignoring | T::GroupLeft | T::GroupRight => true,
            T::Binary(BinaryOp::Atan2) => true,
            _ => self.is_metric_name(),
        }
    }

    /// Returns true if an expression can start with the token.
    pub fn starts_expression(self) -> bool {
        use TokenKind as T;
        matches!(
            self,
            T::Number
                | T::Duration
                | T::String
                | T::LeftParen
                | T::LeftBrace
                | T::Binary(BinaryOp::Add | BinaryOp::Sub)
        ) || self.is_metric_name()
    }
}
