//! Selectors, and the modifiers after an operand: brackets, `offset`, `@`, `anchored`, `smoothed`.

use std::sync::Arc;

use super::super::ast::{
    AtModifier, DurationArg, ExprKind, MatrixSelector, NodeId, Subquery, VectorSelector,
    metric_name_label,
};
use super::super::operators::BinaryOp;
use super::super::quote::unquote;
use super::super::token::TokenKind;
use super::duration::DurationContext;
use super::{Failed, Parsed, Parser};
use crate::{MatchOp, Matcher};
use go::Duration;
use go::number::format_fixed;
use text::Span;

const MATCHING: &str = "label matching";

/// The target of `offset` and `@`.
struct Modifiers<'n> {
    offset: &'n mut Option<DurationArg>,
    at: &'n mut Option<AtModifier>,
}

impl Parser<'_> {
    /// A selector whose name, if it has one outside the braces, has been read.
    pub(super) fn vector_selector(&mut self, name: Option<Span>) -> Parsed<NodeId> {
        let start = name.map_or(self.token.span.start, |name| name.start);
        let mut matchers = Vec::new();
        if self.take(TokenKind::LeftBrace) {
            self.matchers(&mut matchers);
        }
        let name = name.map(|span| {
            let name: Arc<str> = span.slice(self.query).into();
            matchers.push(Matcher::equal(metric_name_label(), name.clone(), span));
            name
        });
        let span = Span::new(start, self.last_end);
        let selector = VectorSelector {
            name,
            matchers,
            span,
            offset: None,
            at: None,
            anchored: false,
            smoothed: false,
            may_match_everything: false,
        };
        self.push(span, ExprKind::Vector(selector))
    }

    /// Matchers after the opening brace, and the closing one. Bad ones are left out.
    fn matchers(&mut self, matchers: &mut Vec<Matcher>) {
        while !self.at(TokenKind::RightBrace) && !self.at(TokenKind::Eof) {
            match self.matcher() {
                Ok(matcher) => matchers.push(matcher),
                Err(Failed) => self.skip_to(&[TokenKind::Comma, TokenKind::RightBrace]),
            }
            if !self.take(TokenKind::Comma) && !self.at(TokenKind::RightBrace) {
                self.unexpected(MATCHING, "\",\" or \"}\"");
                self.skip_to(&[TokenKind::RightBrace]);
            }
        }
        self.take(TokenKind::RightBrace);
    }

    fn matcher(&mut self) -> Parsed<Matcher> {
        let name = self.token;
        let label: Arc<str> = match name.kind {
            TokenKind::Identifier => self.text().into(),
            TokenKind::String => unquote(self.text()).into(),
            _ => return Err(self.unexpected(MATCHING, "identifier or \"}\"")),
        };
        self.advance();
        let op = match self.token.kind {
            TokenKind::Equal => MatchOp::Equal,
            TokenKind::Binary(BinaryOp::Ne) => MatchOp::NotEqual,
            TokenKind::EqualRegex => MatchOp::Regex,
            TokenKind::NotEqualRegex => MatchOp::NotRegex,
            _ if name.kind == TokenKind::String => {
                return Ok(Matcher::equal(metric_name_label(), label, name.span));
            }
            _ => return Err(self.unexpected(MATCHING, "label matching operator")),
        };
        self.advance();
        if !self.at(TokenKind::String) {
            return Err(self.unexpected(MATCHING, "string"));
        }
        let span = name.span.join(self.token.span);
        let value: Arc<str> = unquote(self.text()).into();
        self.advance();
        Matcher::new(op, label.clone(), value.clone(), span).or_else(|error| {
            self.error(span, error.to_string());
            Ok(Matcher::equal(label, value, span))
        })
    }

    /// `[range]` or `[range:step]` after an expression.
    pub(super) fn brackets(&mut self, expr: NodeId) -> Parsed<NodeId> {
        let open = self.token.span;
        self.advance();
        let read = self.bracket_content();
        if read.is_err() {
            self.skip_to(&[TokenKind::RightBracket]);
            self.take(TokenKind::RightBracket);
        }
        let (range, step) = read?;
        let span = Span::new(self.span(expr).start, self.last_end);
        match step {
            Some(step) => {
                let subquery = Subquery { expr, range, step, offset: None, at: None };
                self.push(span, ExprKind::Subquery(subquery))
            }
            None => {
                self.matrix(expr, range, span, open);
                Ok(expr)
            }
        }
    }

    /// The range and, after a colon, the step, which may be missing.
    fn bracket_content(&mut self) -> Parsed<(DurationArg, Option<Option<DurationArg>>)> {
        let range = self.positive_duration(DurationContext::RANGE)?;
        if self.take(TokenKind::RightBracket) {
            return Ok((range, None));
        }
        if !self.take(TokenKind::Colon) {
            return Err(self.unexpected("subquery or range", "\":\" or \"]\""));
        }
        if self.take(TokenKind::RightBracket) {
            return Ok((range, Some(None)));
        }
        let step = self.positive_duration(DurationContext::STEP)?;
        if !self.take(TokenKind::RightBracket) {
            return Err(self.unexpected("subquery selector", "\"]\""));
        }
        Ok((range, Some(Some(step))))
    }

    /// Turns an instant selector into a range selector.
    fn matrix(&mut self, expr: NodeId, range: DurationArg, span: Span, open: Span) {
        let node = &mut self.nodes[expr.index()];
        let fault = match &node.kind {
            ExprKind::Vector(selector) if is_set(&selector.offset) => {
                "no offset modifiers allowed before range"
            }
            ExprKind::Vector(selector) if selector.at.is_some() => {
                "no @ modifiers allowed before range"
            }
            ExprKind::Vector(selector) => {
                let selector = selector.clone();
                node.kind = ExprKind::Matrix(MatrixSelector { selector, range });
                node.span = span;
                return;
            }
            _ => "ranges only allowed for vector selectors",
        };
        self.error(Span::new(open.start, span.end), fault);
    }

    pub(super) fn offset(&mut self, expr: NodeId) -> Parsed<()> {
        self.advance();
        let offset = self.offset_duration()?;
        let span = self.span(expr);
        let end = self.last_end;
        let fault = match self.modifiers(expr) {
            None => {
                "offset modifier must be preceded by an instant vector selector or range vector \
                 selector or a subquery"
            }
            Some(modifiers) if is_set(modifiers.offset) => "offset may not be set multiple times",
            Some(modifiers) => {
                *modifiers.offset = Some(offset);
                self.nodes[expr.index()].span.end = end;
                return Ok(());
            }
        };
        self.error(span, fault);
        Ok(())
    }

    pub(super) fn at_modifier(&mut self, expr: NodeId) -> Parsed<()> {
        self.advance();
        let span = self.span(expr);
        let at = match self.token.kind {
            TokenKind::Start | TokenKind::End => {
                let at = match self.token.kind {
                    TokenKind::Start => AtModifier::Start,
                    _ => AtModifier::End,
                };
                self.advance();
                if !self.take(TokenKind::LeftParen) || !self.take(TokenKind::RightParen) {
                    return Err(
                        self.unexpected(DurationContext::AT.name, DurationContext::AT.expected)
                    );
                }
                at
            }
            _ => {
                let seconds = self.signed_number(Some(DurationContext::AT))?;
                if seconds.is_nan() || seconds.abs() >= i64::MAX as f64 {
                    let shown = format_fixed(seconds, 6);
                    self.error(span, format!("timestamp out of bounds for @ modifier: {shown}"));
                }
                AtModifier::Time((seconds * 1000.0).round() as i64)
            }
        };
        let end = self.last_end;
        let fault = match self.modifiers(expr) {
            None => {
                "@ modifier must be preceded by an instant vector selector or range vector \
                 selector or a subquery"
            }
            Some(modifiers) if modifiers.at.is_some() => {
                "@ <timestamp> may not be set multiple times"
            }
            Some(modifiers) => {
                *modifiers.at = Some(at);
                self.nodes[expr.index()].span.end = end;
                return Ok(());
            }
        };
        self.error(span, fault);
        Ok(())
    }

    fn modifiers(&mut self, expr: NodeId) -> Option<Modifiers<'_>> {
        match &mut self.nodes[expr.index()].kind {
            ExprKind::Vector(VectorSelector { offset, at, .. })
            | ExprKind::Matrix(MatrixSelector {
                selector: VectorSelector { offset, at, .. },
                ..
            })
            | ExprKind::Subquery(Subquery { offset, at, .. }) => Some(Modifiers { offset, at }),
            _ => None,
        }
    }

    /// `anchored` or `smoothed` after an expression.
    pub(super) fn extended_range(&mut self, expr: NodeId) {
        let anchored = self.at(TokenKind::Anchored);
        let name = if anchored { "anchored" } else { "smoothed" };
        self.advance();
        let end = self.last_end;
        let span = self.span(expr);
        if !self.options.extended_range_selectors {
            self.error(span, format!("{name} modifier is experimental and not enabled"));
            return;
        }
        let node = &mut self.nodes[expr.index()];
        let selector = match &mut node.kind {
            ExprKind::Vector(selector) => selector,
            ExprKind::Matrix(matrix) => &mut matrix.selector,
            ExprKind::Subquery(_) => {
                self.error(span, format!("{name} modifier is not supported for subqueries"));
                return;
            }
            _ => {
                self.error(span, format!("{name} modifier not implemented"));
                return;
            }
        };
        node.span.end = end;
        selector.anchored |= anchored;
        selector.smoothed |= !anchored;
        if selector.anchored && selector.smoothed {
            self.error(span, "anchored and smoothed modifiers cannot be used together");
        }
    }
}

/// Returns true if the offset is set. Prometheus treats an offset of zero as not set.
fn is_set(offset: &Option<DurationArg>) -> bool {
    !matches!(offset, None | Some(DurationArg::Fixed(Duration(0))))
}
