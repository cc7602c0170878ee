//! The syntactic context of a position in an incomplete query. It is derived from the tokens before
//! the position, because a parser would only report that something is missing.

use crate::syntax::{AggregateOp, BinaryOp, FunctionId, Lexer, Token, TokenKind, find_function};
use text::Span;

/// An open bracket, call or clause around the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Parentheses around an expression.
    Group,
    /// Arguments of a function; the number of those before.
    Call(FunctionId, usize),
    /// Arguments of an aggregation; the number of those before, and whether labels to group by
    /// have been given.
    Aggregation { op: AggregateOp, before: usize, grouped: bool },
    /// Labels in the list of `by`, `without`, `on`, `ignoring` or `group_left`.
    Labels,
    /// Matchers, of the metric named at that place.
    Matchers(Option<Span>),
    /// A range, or after the colon the step.
    Range,
}

/// The kind of token that is expected at the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// An operand begins here.
    Operand,
    /// An operand has ended: operators and modifiers follow.
    Operator {
        /// It was a selector, a range or a subquery, which take `offset` and `@`.
        selector: bool,
        /// It was the arguments of an aggregation without grouping.
        aggregation: bool,
    },
    /// Directly after an aggregation's name.
    AggregationBody,
    /// Behind a binary operator, where modifiers may stand before the operand.
    BehindOperator {
        comparison: bool,
        /// `on` or `ignoring` has been written.
        matched: bool,
    },
    LabelName {
        /// Within braces rather than a list of grouping labels.
        matcher: bool,
        metric: Option<Span>,
    },
    MatchOperator,
    /// Within a string: a label's value.
    LabelValue {
        label: Span,
        metric: Option<Span>,
    },
    Duration,
    /// Behind `@`.
    Timestamp,
    /// Unknown: inside other strings and after errors.
    Unknown,
}

/// A place in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CursorContext {
    pub slot: Slot,
    /// The part of the word before the position.
    pub word: Span,
    /// From the outermost inwards.
    pub frames: Vec<Frame>,
}

/// Looks at the text before `offset` only.
pub(super) fn cursor_context(query: &str, offset: u32) -> CursorContext {
    let mut end = (offset as usize).min(query.len());
    while !query.is_char_boundary(end) {
        end -= 1;
    }
    let text = query.get(..end).unwrap_or_default();
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    let mut failure = None;
    loop {
        let token = lexer.next_token();
        match token.kind {
            TokenKind::Eof => break,
            TokenKind::Error => failure = Some(token),
            _ => tokens.push(token),
        }
    }
    let end = end as u32;
    let mut word = Span::at(end);
    if let Some(failed) = failure {
        let rest = failed.span.slice(text);
        if rest.starts_with(['"', '\'', '`']) && !closed(rest) {
            return in_string(text, &tokens, failed.span);
        }
        if !rest.is_empty() {
            if starts_duration(rest) {
                // `5` in `5x` began something; units are offered for it.
                return CursorContext {
                    slot: Slot::Unknown,
                    word: failed.span,
                    frames: Vec::new(),
                };
            }
            // In brackets a word that is not whole yet is an error to the lexer.
            if !rest.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_') {
                return CursorContext { slot: Slot::Unknown, word, frames: Vec::new() };
            }
            word = failed.span;
        }
    } else if in_comment(text, tokens.last()) {
        return CursorContext { slot: Slot::Unknown, word, frames: Vec::new() };
    }
    if let Some(&last) = tokens.last()
        && last.span.end == end
        && is_word(last.kind)
    {
        word = last.span;
        tokens.pop();
    }
    let (slot, frames) = Walk::over(text, &tokens);
    CursorContext { slot, word, frames }
}

/// A failed token that is a whole string has failed for another reason than its end.
fn closed(text: &str) -> bool {
    let quote = text.chars().next();
    text.len() > 1 && text.chars().next_back() == quote
}

fn starts_duration(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

fn in_comment(text: &str, last: Option<&Token>) -> bool {
    let behind = last.map_or(0, |token| token.span.end as usize);
    let rest = text.get(behind..).unwrap_or_default();
    rest.rfind('#').is_some_and(|at| !rest.get(at..).unwrap_or_default().contains(['\n', '\r']))
}

fn is_word(kind: TokenKind) -> bool {
    use TokenKind as T;
    match kind {
        T::Binary(op) => op.is_set() || op == BinaryOp::Atan2,
        T::Number | T::Duration => true,
        T::Bool | T::On | T::Ignoring | T::GroupLeft | T::GroupRight => true,
        _ => kind.is_metric_name(),
    }
}

/// A string that has not been closed: the value of a matcher, or nothing that is known.
fn in_string(text: &str, tokens: &[Token], string: Span) -> CursorContext {
    let word = Span::new(string.start + 1, string.end);
    let (_, frames) = Walk::over(text, tokens);
    let slot = match (tokens, frames.last()) {
        ([.., label, op], Some(&Frame::Matchers(metric))) if is_match_operator(op.kind) => {
            Slot::LabelValue { label: label.span, metric }
        }
        _ => Slot::Unknown,
    };
    CursorContext { slot, word, frames }
}

fn is_match_operator(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Equal
            | TokenKind::EqualRegex
            | TokenKind::NotEqualRegex
            | TokenKind::Binary(BinaryOp::Ne)
    )
}

/// Tracks open brackets over tokens, and the kinds of tokens that can follow.
struct Walk<'a> {
    text: &'a str,
    frames: Vec<Frame>,
    slot: Slot,
    /// The word just read, which a bracket may belong to.
    name: Option<Token>,
    /// The aggregation whose body has not begun.
    aggregation: Option<AggregateOp>,
    /// The slot after a list of labels.
    behind_labels: Slot,
}

const BEHIND_VALUE: Slot = Slot::Operator { selector: false, aggregation: false };
const BEHIND_SELECTOR: Slot = Slot::Operator { selector: true, aggregation: false };

impl<'a> Walk<'a> {
    fn over(text: &'a str, tokens: &[Token]) -> (Slot, Vec<Frame>) {
        let mut walk = Self {
            text,
            frames: Vec::new(),
            slot: Slot::Operand,
            name: None,
            aggregation: None,
            behind_labels: Slot::Operand,
        };
        for &token in tokens {
            walk.step(token);
        }
        (walk.slot, walk.frames)
    }

    fn step(&mut self, token: Token) {
        let name = self.name.take();
        match self.frames.last() {
            Some(&Frame::Matchers(metric)) => self.in_matchers(token, metric),
            Some(Frame::Labels) => self.in_labels(token),
            _ => self.in_expression(token, name),
        }
    }

    fn in_matchers(&mut self, token: Token, metric: Option<Span>) {
        self.slot = match token.kind {
            TokenKind::RightBrace => {
                self.frames.pop();
                BEHIND_SELECTOR
            }
            TokenKind::Comma => Slot::LabelName { matcher: true, metric },
            TokenKind::Identifier => Slot::MatchOperator,
            _ => Slot::Unknown,
        };
    }

    fn in_labels(&mut self, token: Token) {
        self.slot = match token.kind {
            TokenKind::RightParen => {
                self.frames.pop();
                self.behind_labels
            }
            TokenKind::Comma => Slot::LabelName { matcher: false, metric: None },
            _ => Slot::Unknown,
        };
    }

    fn in_expression(&mut self, token: Token, name: Option<Token>) {
        use TokenKind as T;
        self.slot = match token.kind {
            T::LeftBrace => {
                let metric = name.map(|name| name.span);
                self.frames.push(Frame::Matchers(metric));
                Slot::LabelName { matcher: true, metric }
            }
            T::LeftBracket => {
                self.frames.push(Frame::Range);
                Slot::Duration
            }
            T::RightBracket => {
                self.frames.pop();
                BEHIND_SELECTOR
            }
            T::LeftParen => self.open(name),
            T::RightParen => self.close(),
            T::Comma => self.comma(),
            T::Colon => Slot::Duration,
            T::Number | T::Duration => match self.frames.last() {
                Some(Frame::Range) => Slot::Unknown,
                _ => BEHIND_VALUE,
            },
            T::String => BEHIND_VALUE,
            T::At => Slot::Timestamp,
            T::By | T::Without if self.takes_grouping() => {
                let body_follows = self.slot == Slot::AggregationBody;
                self.behind_labels =
                    if body_follows { Slot::AggregationBody } else { BEHIND_VALUE };
                self.name = Some(token);
                Slot::Unknown
            }
            T::Offset if self.slot == BEHIND_SELECTOR => Slot::Duration,
            T::Bool | T::On | T::Ignoring | T::GroupLeft | T::GroupRight => {
                self.matching_modifier(token)
            }
            T::Binary(op) if self.slot != Slot::Operand || !op.is_set() => {
                match self.frames.last() {
                    Some(Frame::Range) => Slot::Duration,
                    _ => Slot::BehindOperator { comparison: op.is_comparison(), matched: false },
                }
            }
            T::Anchored | T::Smoothed if self.slot == BEHIND_SELECTOR => BEHIND_SELECTOR,
            kind if kind.is_metric_name() => {
                self.name = Some(token);
                self.aggregation = match kind {
                    T::Aggregate(op) => Some(op),
                    _ => None,
                };
                match kind {
                    T::Aggregate(_) => Slot::AggregationBody,
                    _ => BEHIND_SELECTOR,
                }
            }
            _ => Slot::Unknown,
        };
    }

    fn takes_grouping(&self) -> bool {
        matches!(self.slot, Slot::AggregationBody | Slot::Operator { aggregation: true, .. })
    }

    fn matching_modifier(&mut self, token: Token) -> Slot {
        match token.kind {
            TokenKind::Bool => Slot::BehindOperator { comparison: false, matched: false },
            TokenKind::On | TokenKind::Ignoring => {
                self.behind_labels = Slot::BehindOperator { comparison: false, matched: true };
                self.name = Some(token);
                Slot::Unknown
            }
            _ => {
                self.behind_labels = Slot::Operand;
                self.name = Some(token);
                Slot::Operand
            }
        }
    }

    fn open(&mut self, name: Option<Token>) -> Slot {
        use TokenKind as T;
        let frame = match name.map(|name| (name.kind, name.span.slice(self.text))) {
            Some((T::By | T::Without | T::On | T::Ignoring | T::GroupLeft | T::GroupRight, _))
                if self.slot != BEHIND_SELECTOR =>
            {
                Frame::Labels
            }
            Some((T::Aggregate(op), _)) => Frame::Aggregation { op, before: 0, grouped: false },
            Some((_, text)) => {
                find_function(text).map_or(Frame::Group, |function| Frame::Call(function.id, 0))
            }
            None => match self.aggregation.take().filter(|_| self.slot == Slot::AggregationBody) {
                Some(op) => Frame::Aggregation { op, before: 0, grouped: true },
                None => Frame::Group,
            },
        };
        self.frames.push(frame);
        match frame {
            Frame::Labels => Slot::LabelName { matcher: false, metric: None },
            _ if matches!(self.frames.iter().rev().nth(1), Some(Frame::Range)) => Slot::Duration,
            _ => Slot::Operand,
        }
    }

    fn close(&mut self) -> Slot {
        let closed = self.frames.pop();
        let aggregation = matches!(closed, Some(Frame::Aggregation { grouped: false, .. }));
        Slot::Operator { selector: false, aggregation }
    }

    fn comma(&mut self) -> Slot {
        match self.frames.last_mut() {
            Some(Frame::Call(_, before) | Frame::Aggregation { before, .. }) => {
                *before += 1;
                Slot::Operand
            }
            _ => Slot::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slot at the `|` of a query.
    fn at(query: &str) -> (Slot, String) {
        let offset = query.find('|').unwrap();
        let text = query.replace('|', "");
        let cursor_context = cursor_context(&text, offset as u32);
        (cursor_context.slot, cursor_context.word.slice(&text).to_owned())
    }

    #[test]
    fn slots() {
        let behind = |comparison, matched| Slot::BehindOperator { comparison, matched };
        let aggregated = Slot::Operator { selector: false, aggregation: true };
        for (query, slot, word) in [
            ("|", Slot::Operand, ""),
            ("ra|", Slot::Operand, "ra"),
            ("sum(ra|", Slot::Operand, "ra"),
            ("rate(up|[5m])", Slot::Operand, "up"),
            ("up |", BEHIND_SELECTOR, ""),
            ("up o|", BEHIND_SELECTOR, "o"),
            ("1 |", BEHIND_VALUE, ""),
            ("rate(up[5m]) |", BEHIND_VALUE, ""),
            ("sum(up) |", aggregated, ""),
            ("sum(up) b|", aggregated, "b"),
            ("sum |", Slot::AggregationBody, ""),
            ("sum by (job) |", Slot::AggregationBody, ""),
            ("sum by (job) (up) |", BEHIND_VALUE, ""),
            ("up == |", behind(true, false), ""),
            ("up + o|", behind(false, false), "o"),
            ("up + on (job) |", behind(false, true), ""),
            ("up + on (job) group_left (a) |", Slot::Operand, ""),
            ("up[|", Slot::Duration, ""),
            ("up[st|", Slot::Duration, "st"),
            ("up[5m:|", Slot::Duration, ""),
            ("up offset |", Slot::Duration, ""),
            ("up @ |", Slot::Timestamp, ""),
            ("up @ st|", Slot::Timestamp, "st"),
            ("up{job|", Slot::LabelName { matcher: true, metric: Some(Span::new(0, 2)) }, "job"),
            ("{a=\"b\",|", Slot::LabelName { matcher: true, metric: None }, ""),
            ("up{job |", Slot::MatchOperator, ""),
            ("sum by (j|", Slot::LabelName { matcher: false, metric: None }, "j"),
            ("up + on (a, |", Slot::LabelName { matcher: false, metric: None }, ""),
            ("label_join(up, \"|", Slot::Unknown, ""),
            ("up # com|", Slot::Unknown, ""),
            ("up $ |", Slot::Unknown, ""),
            ("(up) |", BEHIND_VALUE, ""),
        ] {
            assert_eq!(at(query), (slot, word.to_owned()), "{query}");
        }
    }

    #[test]
    fn label_values_know_their_label_and_metric() {
        let (label, metric) = (Span::new(9, 12), Some(Span::new(4, 6)));
        assert_eq!(at("sum(up{a='',job=~\"gi|").1, "gi");
        assert_eq!(cursor_context("sum(up{a,job=\"x", 15).slot, Slot::LabelValue { label, metric });
    }
}
