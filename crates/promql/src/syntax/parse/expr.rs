//! Operators, calls, aggregations, parentheses and literals.

use std::sync::Arc;

use super::super::ast::{Aggregate, Binary, Call, Cardinality, ExprKind, NodeId, VectorMatching};
use super::super::functions::find_function;
use super::super::operators::{AggregateOp, BinaryOp, UnaryOp};
use super::super::quote::{quote, unquote};
use super::super::token::{Token, TokenKind};
use super::duration::DurationContext;
use super::{Failed, Parsed, Parser};
use go::Duration;
use go::number::{parse_float, parse_int_literal};
use text::Span;

/// The modifiers between a binary operator and its right operand.
struct BinaryModifiers {
    return_bool: bool,
    matching: VectorMatching,
}

impl Parser<'_> {
    /// An expression whose operators all bind tighter than `floor`.
    pub(super) fn expression(&mut self, floor: u8) -> Parsed<NodeId> {
        let mut lhs = self.unary()?;
        while let TokenKind::Binary(op) = self.token.kind {
            let precedence = op.precedence();
            if precedence <= floor {
                break;
            }
            self.advance();
            let modifiers = self.binary_modifiers()?;
            let right_floor = if op.right_associative() { precedence - 1 } else { precedence };
            let rhs = self.nested(|parser| parser.expression(right_floor))?;
            lhs = self.binary(op, lhs, rhs, modifiers)?;
        }
        Ok(lhs)
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        lhs: NodeId,
        rhs: NodeId,
        modifiers: BinaryModifiers,
    ) -> Parsed<NodeId> {
        let span = self.span(lhs).join(self.span(rhs));
        let BinaryModifiers { return_bool, matching } = modifiers;
        let fills = matching.fill_left.is_some() || matching.fill_right.is_some();
        if fills && !self.options.fill_modifiers {
            self.error(span, "binop fill modifiers are experimental and not enabled");
        }
        // A chain to the left is walked in a loop by everyone, so it is not deep.
        let height = self.heights[lhs.index()].max(self.heights[rhs.index()] + 1);
        let matching = Some(Box::new(matching));
        let kind = ExprKind::Binary(Binary { op, lhs, rhs, return_bool, matching });
        self.push_with_height(span, kind, height)
    }

    fn unary(&mut self) -> Parsed<NodeId> {
        let op = match self.token.kind {
            TokenKind::Binary(BinaryOp::Add) => UnaryOp::Plus,
            TokenKind::Binary(BinaryOp::Sub) => UnaryOp::Minus,
            _ => return self.postfix(),
        };
        let start = self.token.span.start;
        self.advance();
        // A sign binds as tightly as a multiplication.
        let expr = self.nested(|parser| parser.expression(BinaryOp::Mul.precedence()))?;
        let span = Span::new(start, self.span(expr).end);
        let node = &mut self.nodes[expr.index()];
        if let ExprKind::Number { value, .. } = &mut node.kind {
            if op == UnaryOp::Minus {
                *value = -*value;
            }
            node.span = span;
            return Ok(expr);
        }
        self.push(span, ExprKind::Unary { op, expr })
    }

    /// An operand with the brackets and modifiers after it.
    fn postfix(&mut self) -> Parsed<NodeId> {
        let mut expr = self.operand()?;
        loop {
            match self.token.kind {
                TokenKind::LeftBracket => expr = self.brackets(expr)?,
                TokenKind::Offset => self.offset(expr)?,
                TokenKind::At => self.at_modifier(expr)?,
                TokenKind::Anchored | TokenKind::Smoothed => self.extended_range(expr),
                _ => return Ok(expr),
            }
        }
    }

    fn operand(&mut self) -> Parsed<NodeId> {
        let token = self.token;
        match token.kind {
            TokenKind::Number => {
                let value = self.number();
                self.push(token.span, ExprKind::Number { value, duration: false })
            }
            TokenKind::Duration => {
                let value = self.duration_literal();
                self.push(token.span, ExprKind::Number { value, duration: true })
            }
            TokenKind::String => {
                let value = unquote(self.text());
                self.advance();
                self.push(token.span, ExprKind::String(value.into()))
            }
            TokenKind::LeftParen => self.parenthesis(),
            TokenKind::LeftBrace => self.vector_selector(None),
            kind if kind.is_metric_name() => self.named(token),
            _ => Err(self.unexpected_here()),
        }
    }

    /// Parses an expression that starts with a word: a selector, a call or an aggregation.
    fn named(&mut self, name: Token) -> Parsed<NodeId> {
        self.advance();
        match (name.kind, self.token.kind) {
            (
                TokenKind::Aggregate(op),
                TokenKind::LeftParen | TokenKind::By | TokenKind::Without,
            ) => self.aggregation(op, name.span),
            (
                TokenKind::Identifier
                | TokenKind::Start
                | TokenKind::End
                | TokenKind::Step
                | TokenKind::Range
                | TokenKind::MaxOf
                | TokenKind::MinOf,
                TokenKind::LeftParen,
            ) => self.call(name.span),
            _ => self.vector_selector(Some(name.span)),
        }
    }

    fn parenthesis(&mut self) -> Parsed<NodeId> {
        let start = self.token.span.start;
        self.advance();
        let inner = match self.nested(|parser| parser.expression(0)) {
            Ok(inner) => inner,
            Err(Failed) => {
                self.skip_to(&[TokenKind::RightParen]);
                self.placeholder(Span::at(start))?
            }
        };
        self.expect(TokenKind::RightParen)?;
        self.push(Span::new(start, self.last_end), ExprKind::Paren(inner))
    }

    fn call(&mut self, name: Span) -> Parsed<NodeId> {
        let args = self.arguments()?;
        let span = Span::new(name.start, self.last_end);
        let text = name.slice(self.query);
        let Some(function) = find_function(text) else {
            self.error(name, format!("unknown function with name {}", quote(text)));
            return self.placeholder(span);
        };
        if function.experimental && !self.options.experimental_functions {
            self.error(name, format!("function {} is not enabled", quote(text)));
        }
        self.push(span, ExprKind::Call(Call { function: function.id, args }))
    }

    /// Arguments in parentheses. A bad one is replaced, so that the others are read.
    fn arguments(&mut self) -> Parsed<Vec<NodeId>> {
        self.expect(TokenKind::LeftParen)?;
        let mut args = Vec::new();
        if self.take(TokenKind::RightParen) {
            return Ok(args);
        }
        loop {
            let start = self.token.span.start;
            match self.nested(|parser| parser.expression(0)) {
                Ok(arg) => args.push(arg),
                Err(Failed) => {
                    self.skip_to(&[TokenKind::Comma, TokenKind::RightParen]);
                    args.push(self.placeholder(Span::at(start))?);
                }
            }
            let comma = self.token.span;
            if !self.take(TokenKind::Comma) {
                break;
            }
            if !self.token.kind.starts_expression() {
                self.error(comma, "trailing commas not allowed in function call args");
                break;
            }
        }
        if !self.at(TokenKind::RightParen) {
            self.unexpected_here();
            self.skip_to(&[TokenKind::RightParen]);
        }
        self.take(TokenKind::RightParen);
        Ok(args)
    }

    fn aggregation(&mut self, op: AggregateOp, name: Span) -> Parsed<NodeId> {
        self.aggregations += 1;
        let read = self.aggregation_parts();
        self.aggregations -= 1;
        let (grouping, args) = read?;
        let (without, grouping) = grouping.unwrap_or_default();
        let span = Span::new(name.start, self.last_end);
        let mut args = args.into_iter();
        let count = args.len();
        if count == 0 {
            self.error(span, "no arguments for aggregate expression provided");
            return self.placeholder(span);
        }
        if op.experimental() && !self.options.experimental_functions {
            let flag = "--enable-feature=promql-experimental-functions";
            let name = op.name();
            self.error(span, format!("{name}() is experimental and must be enabled with {flag}"));
        }
        let wanted = 1 + usize::from(op.takes_param());
        let param = if op.takes_param() { args.next() } else { None };
        let Some(expr) = args.next().filter(|_| count == wanted) else {
            self.error(
                span,
                format!(
                    "wrong number of arguments for aggregate expression provided, \
                     expected {wanted}, got {count}"
                ),
            );
            return self.placeholder(span);
        };
        self.push(span, ExprKind::Aggregate(Aggregate { op, param, expr, grouping, without }))
    }

    /// Grouping and arguments, in either order. The grouping is whether to drop
    /// the labels, and the labels.
    #[expect(clippy::type_complexity, reason = "read once, right above")]
    fn aggregation_parts(&mut self) -> Parsed<(Option<(bool, Vec<Arc<str>>)>, Vec<NodeId>)> {
        let before = self.aggregation_modifier()?;
        let args = self.arguments()?;
        let grouping = if before.is_some() { before } else { self.aggregation_modifier()? };
        Ok((grouping, args))
    }

    fn aggregation_modifier(&mut self) -> Parsed<Option<(bool, Vec<Arc<str>>)>> {
        let without = match self.token.kind {
            TokenKind::By => false,
            TokenKind::Without => true,
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some((without, self.grouping_labels()?)))
    }

    /// Parses a list of labels in parentheses, with an optional trailing comma.
    fn grouping_labels(&mut self) -> Parsed<Vec<Arc<str>>> {
        if !self.take(TokenKind::LeftParen) {
            return Err(self.unexpected("grouping opts", "\"(\""));
        }
        let mut labels = Vec::new();
        while !self.at(TokenKind::RightParen) {
            let token = self.token;
            let label = match token.kind {
                TokenKind::String => unquote(self.text()),
                kind if kind.is_grouping_label() => self.text().to_owned(),
                _ => {
                    self.unexpected("grouping opts", "label");
                    return self.leave_grouping(labels);
                }
            };
            if label.is_empty() {
                self.error(token.span, "invalid label name for grouping: \"\"");
            }
            self.advance();
            labels.push(label.into());
            if !self.take(TokenKind::Comma) && !self.at(TokenKind::RightParen) {
                self.unexpected("grouping opts", "\",\" or \")\"");
                return self.leave_grouping(labels);
            }
        }
        self.advance();
        Ok(labels)
    }

    fn leave_grouping(&mut self, labels: Vec<Arc<str>>) -> Parsed<Vec<Arc<str>>> {
        self.skip_to(&[TokenKind::RightParen]);
        self.take(TokenKind::RightParen);
        Ok(labels)
    }

    /// `bool`, then `on` or `ignoring`, then `group_left` or `group_right`, then fills: each may
    /// be missing, and groups need one of `on` and `ignoring`.
    fn binary_modifiers(&mut self) -> Parsed<BinaryModifiers> {
        let mut matching = VectorMatching {
            card: Cardinality::OneToOne,
            labels: Vec::new(),
            on: false,
            include: Vec::new(),
            fill_left: None,
            fill_right: None,
        };
        let return_bool = self.take(TokenKind::Bool);
        if matches!(self.token.kind, TokenKind::On | TokenKind::Ignoring) {
            matching.on = self.at(TokenKind::On);
            self.advance();
            matching.labels = self.grouping_labels()?;
            if matches!(self.token.kind, TokenKind::GroupLeft | TokenKind::GroupRight) {
                matching.card = match self.token.kind {
                    TokenKind::GroupLeft => Cardinality::ManyToOne,
                    _ => Cardinality::OneToMany,
                };
                self.advance();
                // The labels may be missing, but only where an operand or a fill follows.
                let fill = matches!(
                    self.token.kind,
                    TokenKind::Fill | TokenKind::FillLeft | TokenKind::FillRight
                );
                let operand = self.token.kind.starts_expression() || fill;
                if self.at(TokenKind::LeftParen) || !operand {
                    matching.include = self.grouping_labels()?;
                }
            }
        }
        self.fill_modifiers(&mut matching)?;
        Ok(BinaryModifiers { return_bool, matching })
    }

    fn fill_modifiers(&mut self, matching: &mut VectorMatching) -> Parsed<()> {
        match self.token.kind {
            TokenKind::Fill => {
                matching.fill_left = Some(self.fill_value()?);
                matching.fill_right = matching.fill_left;
            }
            TokenKind::FillLeft => {
                matching.fill_left = Some(self.fill_value()?);
                if self.at(TokenKind::FillRight) {
                    matching.fill_right = Some(self.fill_value()?);
                }
            }
            TokenKind::FillRight => {
                matching.fill_right = Some(self.fill_value()?);
                if self.at(TokenKind::FillLeft) {
                    matching.fill_left = Some(self.fill_value()?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn fill_value(&mut self) -> Parsed<f64> {
        self.advance();
        self.expect(TokenKind::LeftParen)?;
        let value = self.signed_number(None)?;
        self.expect(TokenKind::RightParen)?;
        Ok(value)
    }

    /// A number or duration with or without a sign, in seconds where it is a duration.
    pub(super) fn signed_number(&mut self, context: Option<DurationContext>) -> Parsed<f64> {
        let sign = match self.token.kind {
            TokenKind::Binary(BinaryOp::Add) => Some(1.0),
            TokenKind::Binary(BinaryOp::Sub) => Some(-1.0),
            _ => None,
        };
        if sign.is_some() {
            self.advance();
        }
        let value = match self.token.kind {
            TokenKind::Number => self.number(),
            TokenKind::Duration => self.duration_literal(),
            _ => {
                return Err(match context {
                    Some(context) => self.unexpected(context.name, context.expected),
                    None => self.unexpected_here(),
                });
            }
        };
        Ok(sign.map_or(value, |sign| sign * value))
    }

    /// The value of the current number, which is stepped over.
    pub(super) fn number(&mut self) -> f64 {
        let span = self.token.span;
        let text = self.text();
        self.advance();
        let digits = text.as_bytes();
        // Most numbers are small and decimal; a leading zero means octal.
        if digits.len() < 16 && digits.iter().all(u8::is_ascii_digit) && !text.starts_with('0') {
            return digits.iter().fold(0.0, |value, d| value * 10.0 + f64::from(d - b'0'));
        }
        if let Some(value) = parse_int_literal(text) {
            return value as f64;
        }
        parse_float(text).unwrap_or_else(|error| {
            self.error(span, format!("error parsing number: {error}"));
            0.0
        })
    }

    /// The seconds of the current duration, which is stepped over.
    pub(super) fn duration_literal(&mut self) -> f64 {
        let span = self.token.span;
        let text = self.text();
        self.advance();
        Duration::parse(text).map(Duration::seconds).unwrap_or_else(|error| {
            self.error(span, error.to_string());
            0.0
        })
    }
}
