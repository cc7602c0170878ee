//! Queries that Prometheus refuses and whose intended form is clear.

use super::good_window;
use crate::assist::Facts;
use crate::syntax::{Function, Lexer, Token, TokenKind, ValueType, find_function};
use text::{Applicability, Code, Diagnostic, FileId, Fix, Location, Span};

pub(super) const MISSING_RANGE: Code = Code {
    code: "missing-range",
    title: "A function over time without a window",
    doc: "rate, increase, avg_over_time and their kin look at a stretch of time, and how long it is \
          stands in brackets behind the selector.\n\nFour scrape intervals are a good window for a \
          rate.",
    example: "rate(http_requests_total)",
};

pub(super) const RENAMED_FUNCTION: Code = Code {
    code: "renamed-function",
    title: "A function that version 3 has renamed",
    doc: "`holt_winters` is called `double_exponential_smoothing` since version 3.0. It smooths twice, \
          without a season, which is not the method of Holt and Winters. It is experimental: \
          Prometheus needs `--enable-feature=promql-experimental-functions` for it.",
    example: "holt_winters(queue_length[5m], 0.5, 0.5)",
};

/// Former names of functions.
const RENAMED: &[(&str, &str)] = &[("holt_winters", "double_exponential_smoothing")];

/// For a query that does not parse: the mistake, where it is one of those that many make.
pub fn explain_refusal(query: &str, facts: &dyn Facts, file: FileId) -> Option<Diagnostic> {
    let mut lexer = Lexer::new(query);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next_token();
        match token.kind {
            TokenKind::Eof => break,
            TokenKind::Error => return None,
            _ => tokens.push(token),
        }
    }
    (0..tokens.len()).find_map(|at| {
        let cursor = TokenCursor { query, tokens: &tokens, at };
        mistake(cursor, facts, file)
    })
}

/// The rest of the tokens; reading gives nothing at another token.
#[derive(Clone, Copy)]
struct TokenCursor<'a> {
    query: &'a str,
    tokens: &'a [Token],
    at: usize,
}

impl<'a> TokenCursor<'a> {
    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    fn take(&mut self, kind: TokenKind) -> Option<Token> {
        self.next().filter(|token| token.kind == kind)
    }

    fn is(&self, kind: TokenKind) -> bool {
        self.peek().is_some_and(|token| token.kind == kind)
    }

    fn text(&self, span: Span) -> &'a str {
        span.slice(self.query)
    }

    /// From an opening bracket to the next closing one, with both. Neither kind nests here. What is
    /// longer than any sensible list is given up, so that hostile text takes no square of its time.
    fn bracketed(&mut self, open: TokenKind, close: TokenKind) -> Option<Span> {
        const LONGEST: usize = 200;
        let mut span = self.take(open)?.span;
        for _ in 0..LONGEST {
            let token = self.next()?;
            span = span.join(token.span);
            if token.kind == close {
                return Some(span);
            }
        }
        None
    }

    /// Name and braces.
    fn selector(&mut self) -> Option<(Option<&'a str>, Span)> {
        let name = self.peek().filter(|token| token.kind != TokenKind::LeftBrace);
        if let Some(name) = name {
            let word = matches!(name.kind, TokenKind::Identifier | TokenKind::MetricIdentifier);
            word.then_some(())?;
            self.at += 1;
        }
        let mut span = name.map(|name| name.span);
        if self.is(TokenKind::LeftBrace) {
            let braces = self.bracketed(TokenKind::LeftBrace, TokenKind::RightBrace)?;
            span = Some(span.map_or(braces, |span| span.join(braces)));
        }
        Some((name.map(|name| self.text(name.span)), span?))
    }

    /// `[5m]`, or nothing without a bracket; a colon and step are left out.
    fn range(&mut self) -> Option<Option<&'a str>> {
        if !self.is(TokenKind::LeftBracket) {
            return Some(None);
        }
        let brackets = self.bracketed(TokenKind::LeftBracket, TokenKind::RightBracket)?;
        let inner = self.text(brackets).trim_matches(['[', ']']);
        Some(Some(inner.split(':').next().unwrap_or(inner).trim()))
    }

    /// `by (…)` or `without (…)`, or nothing where neither stands.
    fn grouping(&mut self) -> Option<Option<&'a str>> {
        if !self.is(TokenKind::By) && !self.is(TokenKind::Without) {
            return Some(None);
        }
        let word = self.next()?;
        let labels = self.bracketed(TokenKind::LeftParen, TokenKind::RightParen)?;
        Some(Some(self.text(word.span.join(labels))))
    }
}

/// A call of a function by its former name.
fn renamed(mut cursor: TokenCursor<'_>, file: FileId) -> Option<Diagnostic> {
    let name = cursor.next()?;
    let (old, new) = RENAMED.iter().find(|(old, _)| *old == cursor.text(name.span))?;
    cursor.take(TokenKind::LeftParen)?;
    let at = Location::new(file, name.span);
    let message = format!("{old} is called {new} since version 3");
    let found = Diagnostic::error("renamed-function", at, message)
        .with_help("It needs `--enable-feature=promql-experimental-functions`.");
    // A parser without experimental functions refuses the new name too.
    if find_function(new).is_none() {
        return Some(found);
    }
    let fix = Fix::replace(format!("Use {new}"), Applicability::Suggestion, at, *new);
    Some(found.with_fix(fix))
}

fn mistake(mut cursor: TokenCursor<'_>, facts: &dyn Facts, file: FileId) -> Option<Diagnostic> {
    if let Some(renamed) = renamed(cursor, file) {
        return Some(renamed);
    }
    let name = cursor.next()?;
    let function = find_function(cursor.text(name.span))?;
    let wants_range = function.args.first() == Some(&ValueType::Matrix);
    cursor.take(TokenKind::LeftParen).filter(|_| wants_range)?;
    missing_range(cursor, function, facts, file)
        .or_else(|| rate_of_aggregate(cursor, name, function, facts, file))
}

/// `rate(x)`, after the parenthesis.
fn missing_range(
    mut cursor: TokenCursor<'_>,
    function: &Function,
    facts: &dyn Facts,
    file: FileId,
) -> Option<Diagnostic> {
    let (metric, selector) = cursor.selector()?;
    if !cursor.is(TokenKind::RightParen) && !cursor.is(TokenKind::Comma) {
        return None;
    }
    let window = good_window(metric, facts);
    let name = function.name;
    let place = Location::new(file, Span::at(selector.end));
    let title = format!("Add a window of {window}");
    Some(
        Diagnostic::error(
            "missing-range",
            Location::new(file, selector),
            format!("{name} looks at a stretch of time, and how long it is stands in brackets"),
        )
        .with_fix(Fix::replace(
            title,
            Applicability::Suggestion,
            place,
            format!("[{window}]"),
        )),
    )
}

/// `rate(sum(x[5m]))` and `rate(sum(x)[5m])`, after the first parenthesis.
fn rate_of_aggregate(
    mut cursor: TokenCursor<'_>,
    name: Token,
    function: &Function,
    facts: &dyn Facts,
    file: FileId,
) -> Option<Diagnostic> {
    let aggregation = cursor.next()?;
    let TokenKind::Aggregate(op) = aggregation.kind else { return None };
    if op.takes_param() || !function.traits.counter {
        return None;
    }
    let before = cursor.grouping()?;
    cursor.take(TokenKind::LeftParen)?;
    let (metric, selector) = cursor.selector()?;
    let inner = cursor.range()?;
    cursor.take(TokenKind::RightParen)?;
    let grouping = before.or(cursor.grouping()?);
    let outer = cursor.range()?;
    let end = cursor.take(TokenKind::RightParen)?;
    let range =
        inner.or(outer).map_or_else(|| good_window(metric, facts).to_string(), str::to_owned);
    let heading = match grouping {
        Some(grouping) => format!("{} {grouping} ", op.name()),
        None => op.name().to_owned(),
    };
    let text = format!("{heading}({}({}[{range}]))", function.name, cursor.text(selector));
    let location = Location::new(file, name.span.join(end.span));
    let title = format!("Take {} of the {}", op.name(), function.name);
    Some(
        Diagnostic::error(
            "rate-of-aggregate",
            location,
            format!("{} comes before {}, not after it", function.name, op.name()),
        )
        .with_help("Restarts can be told only as long as each counter is a series of its own.")
        .with_fix(Fix::replace(title, Applicability::Suggestion, location, text)),
    )
}
