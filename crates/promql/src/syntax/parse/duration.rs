//! Durations in brackets and after `offset`: literals, and arithmetic with them.

use super::super::ast::DurationArg;
use super::super::duration_expr::{DurationExpr, DurationOp, DurationTerm, LONGEST_SECONDS};
use super::super::operators::{BinaryOp, UnaryOp};
use super::super::token::TokenKind;
use super::{Failed, Parsed, Parser};
use go::Duration;
use text::Span;

/// The context of a duration in error messages.
#[derive(Clone, Copy)]
pub(super) struct DurationContext {
    pub name: &'static str,
    pub expected: &'static str,
}

impl DurationContext {
    pub const RANGE: Self = Self {
        name: "subquery or range selector",
        expected: "number, duration, step(), or range()",
    };
    pub const STEP: Self =
        Self { name: "subquery selector", expected: "number, duration, step(), range(), or \"]\"" };
    pub const OFFSET: Self =
        Self { name: "offset", expected: "number, duration, step(), or range()" };
    pub const AT: Self = Self { name: "@", expected: "timestamp" };
}

/// The terms of an expression so far.
struct Terms {
    context: DurationContext,
    list: Vec<DurationTerm>,
}

/// The operand that was parsed. A literal is the last term.
#[derive(Clone, Copy)]
struct Operand {
    span: Span,
    literal: bool,
}

impl Terms {
    fn new(context: DurationContext) -> Self {
        Self { context, list: Vec::new() }
    }

    fn push(&mut self, span: Span, op: DurationOp) -> Operand {
        self.list.push(DurationTerm { span, op });
        Operand { span, literal: matches!(op, DurationOp::Number { .. }) }
    }

    /// The seconds of a literal.
    fn literal(&self, operand: Operand) -> Option<f64> {
        match self.list.last() {
            Some(DurationTerm { op: DurationOp::Number { value, .. }, .. }) if operand.literal => {
                Some(*value)
            }
            _ => None,
        }
    }

    /// Seconds that are whole milliseconds become fixed; everything else is computed later.
    fn finish(self, operand: Operand) -> DurationArg {
        if let Some(seconds) = self.literal(operand) {
            let nanos = (seconds * 1e9).round() as i64;
            if nanos % 1_000_000 == 0 {
                return DurationArg::Fixed(Duration(nanos / 1_000_000));
            }
        }
        DurationArg::Computed(DurationExpr { span: operand.span, terms: self.list })
    }
}

impl Parser<'_> {
    /// A range or step, which must be above zero where it is a literal.
    pub(super) fn positive_duration(&mut self, context: DurationContext) -> Parsed<DurationArg> {
        let mut terms = Terms::new(context);
        let operand = self.duration_operation(&mut terms, 0)?;
        if terms.literal(operand).is_some_and(|seconds| seconds <= 0.0) {
            self.error(operand.span, "duration must be greater than 0");
        }
        Ok(terms.finish(operand))
    }

    /// Parses the duration after `offset`. Operators after it belong to the whole expression,
    /// unless the duration starts with a parenthesis or with several signs.
    pub(super) fn offset_duration(&mut self) -> Parsed<DurationArg> {
        let mut terms = Terms::new(DurationContext::OFFSET);
        let sign = self.sign();
        let signed_twice = sign.is_some() && is_sign(self.token.kind);
        let operand = match sign {
            None if self.at(TokenKind::LeftParen) => self.duration_operation(&mut terms, 0)?,
            None => self.duration_operand(&mut terms)?,
            Some((op, span)) if signed_twice => {
                let first = self.signed_duration(&mut terms, op, span)?;
                self.duration_operators(&mut terms, first, 0)?
            }
            Some((op, span)) => {
                let first = self.duration_operand(&mut terms)?;
                self.apply_sign(&mut terms, op, span, first)
            }
        };
        Ok(terms.finish(operand))
    }

    /// The sign at hand, which is stepped over.
    fn sign(&mut self) -> Option<(UnaryOp, Span)> {
        let op = match self.token.kind {
            TokenKind::Binary(BinaryOp::Add) => UnaryOp::Plus,
            TokenKind::Binary(BinaryOp::Sub) => UnaryOp::Minus,
            _ => return None,
        };
        let span = self.token.span;
        self.advance();
        Some((op, span))
    }

    /// Operands and operators that bind tighter than `floor`.
    fn duration_operation(&mut self, terms: &mut Terms, floor: u8) -> Parsed<Operand> {
        let first = match self.sign() {
            Some((op, span)) => self.signed_duration(terms, op, span)?,
            None => self.duration_operand(terms)?,
        };
        self.duration_operators(terms, first, floor)
    }

    fn duration_operators(
        &mut self,
        terms: &mut Terms,
        mut lhs: Operand,
        floor: u8,
    ) -> Parsed<Operand> {
        while let TokenKind::Binary(binary) = self.token.kind {
            let op = match binary {
                BinaryOp::Add => DurationOp::Add,
                BinaryOp::Sub => DurationOp::Sub,
                BinaryOp::Mul => DurationOp::Mul,
                BinaryOp::Div => DurationOp::Div,
                BinaryOp::Mod => DurationOp::Mod,
                BinaryOp::Pow => DurationOp::Pow,
                _ => break,
            };
            let precedence = binary.precedence();
            if precedence <= floor {
                break;
            }
            let operator = self.token.span;
            self.advance();
            let right_floor = if binary.right_associative() { precedence - 1 } else { precedence };
            let rhs = self.nested(|parser| parser.duration_operation(terms, right_floor))?;
            self.check_duration_expressions_enabled(lhs.span);
            if terms.literal(rhs) == Some(0.0) {
                match op {
                    DurationOp::Div => self.error(operator, "division by zero"),
                    DurationOp::Mod => self.error(operator, "modulo by zero"),
                    _ => {}
                }
            }
            lhs = self.push_term(terms, lhs.span.join(rhs.span), op)?;
        }
        Ok(lhs)
    }

    /// Parses the operand of a sign. A sign has the precedence of a multiplication.
    fn signed_duration(&mut self, terms: &mut Terms, op: UnaryOp, sign: Span) -> Parsed<Operand> {
        let floor = BinaryOp::Mul.precedence();
        let operand = self.nested(|parser| parser.duration_operation(terms, floor))?;
        Ok(self.apply_sign(terms, op, sign, operand))
    }

    fn apply_sign(
        &mut self,
        terms: &mut Terms,
        op: UnaryOp,
        sign: Span,
        operand: Operand,
    ) -> Operand {
        let span = sign.join(operand.span);
        let literal = match terms.list.last_mut() {
            Some(DurationTerm { op: DurationOp::Number { value, .. }, span: at })
                if operand.literal =>
            {
                *at = span;
                Some(value)
            }
            _ => None,
        };
        match (literal, op) {
            (Some(value), UnaryOp::Minus) => *value = -*value,
            (None, UnaryOp::Minus) => return terms.push(span, DurationOp::Sign(op)),
            (None, UnaryOp::Plus) => return operand,
            (Some(_), UnaryOp::Plus) => {}
        }
        Operand { span, literal: true }
    }

    fn duration_operand(&mut self, terms: &mut Terms) -> Parsed<Operand> {
        let token = self.token;
        match token.kind {
            TokenKind::Number | TokenKind::Duration => {
                let duration = token.kind == TokenKind::Duration;
                let mut value = if duration { self.duration_literal() } else { self.number() };
                if value.abs() > LONGEST_SECONDS {
                    self.error(token.span, "duration out of range");
                    value = 0.0;
                }
                self.push_term(terms, token.span, DurationOp::Number { value, duration })
            }
            TokenKind::Step | TokenKind::Range => {
                self.advance();
                self.expect_in(terms, TokenKind::LeftParen)?;
                self.expect_in(terms, TokenKind::RightParen)?;
                let span = Span::new(token.span.start, self.last_end);
                self.check_duration_expressions_enabled(span);
                let op = match token.kind {
                    TokenKind::Step => DurationOp::Step,
                    _ => DurationOp::Range,
                };
                self.push_term(terms, span, op)
            }
            TokenKind::MaxOf | TokenKind::MinOf => {
                self.advance();
                self.expect_in(terms, TokenKind::LeftParen)?;
                let lhs = self.nested(|parser| parser.duration_operation(terms, 0))?;
                self.expect_in(terms, TokenKind::Comma)?;
                let rhs = self.nested(|parser| parser.duration_operation(terms, 0))?;
                self.expect_in(terms, TokenKind::RightParen)?;
                let span = lhs.span.join(rhs.span);
                self.check_duration_expressions_enabled(span);
                let op = match token.kind {
                    TokenKind::MaxOf => DurationOp::Max,
                    _ => DurationOp::Min,
                };
                self.push_term(terms, span, op)
            }
            TokenKind::LeftParen => {
                self.advance();
                let inner = self.nested(|parser| parser.duration_operation(terms, 0))?;
                self.expect_in(terms, TokenKind::RightParen)?;
                self.check_duration_expressions_enabled(inner.span);
                if matches!(terms.list.last(), Some(DurationTerm { op: DurationOp::Paren, .. })) {
                    return Ok(inner);
                }
                // Prometheus leaves the parentheses out of the position of an operation, but not
                // of a literal's.
                let span = match inner.literal {
                    true => Span::new(token.span.start, self.last_end),
                    false => inner.span,
                };
                self.push_term(terms, span, DurationOp::Paren)
            }
            _ => Err(self.unexpected_in(terms)),
        }
    }

    fn push_term(&mut self, terms: &mut Terms, span: Span, op: DurationOp) -> Parsed<Operand> {
        if terms.list.len() >= super::MAX_NODES {
            self.error(span, format!("expression has more than {} nodes", super::MAX_NODES));
            self.stop();
            return Err(Failed);
        }
        Ok(terms.push(span, op))
    }

    fn expect_in(&mut self, terms: &Terms, kind: TokenKind) -> Parsed<()> {
        if self.take(kind) { Ok(()) } else { Err(self.unexpected_in(terms)) }
    }

    fn unexpected_in(&mut self, terms: &Terms) -> Failed {
        self.unexpected(terms.context.name, terms.context.expected)
    }

    fn check_duration_expressions_enabled(&mut self, span: Span) {
        if !self.options.duration_expressions {
            self.error(span, "experimental duration expression is not enabled");
        }
    }
}

fn is_sign(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Binary(BinaryOp::Add | BinaryOp::Sub))
}
