//! The parser: tokens into an expression tree.
//!
//! Recursive descent with operator precedence. Where Prometheus's generated parser looks for a
//! rule that names the context of an error, this one does the same, so that messages agree.
//! After an error it continues after the bracket, argument or matcher at fault, to find more.
//! Source: prometheus promql/parser/generated_parser.y and parse.go.

mod duration;
mod expr;
mod selector;

use super::ast::{Ast, Expr, ExprKind, NodeId};
use super::check::check;
use super::error::{ErrorList, ParseErrors, describe};
use super::lexer::Lexer;
use super::token::{Token, TokenKind};
use crate::Matcher;
use text::Span;

/// The longest query that is read at all, in bytes.
pub const MAX_QUERY_BYTES: usize = 512 * 1024;
/// The most nodes an expression may have.
pub const MAX_NODES: usize = 100_000;
/// The maximum nesting depth of expressions. Chains of left-associative operators do not count.
pub const MAX_DEPTH: u16 = 256;

/// Room for the nodes of an ordinary query.
const USUAL_NODES: usize = 8;

/// Optional parts of the language. The default is that of a server without feature flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParserOptions {
    /// `promql-experimental-functions`
    pub experimental_functions: bool,
    /// Arithmetic in durations: no flag is needed since 3.14.
    pub duration_expressions: bool,
    /// `promql-extended-range-selectors`: `anchored` and `smoothed`.
    pub extended_range_selectors: bool,
    /// `promql-binop-fill-modifiers`: `fill`, `fill_left` and `fill_right`.
    pub fill_modifiers: bool,
}

impl Default for ParserOptions {
    fn default() -> Self {
        Self {
            experimental_functions: false,
            duration_expressions: true,
            extended_range_selectors: false,
            fill_modifiers: false,
        }
    }
}

impl ParserOptions {
    /// The text after a flag.
    pub const ALL: Self = Self {
        experimental_functions: true,
        duration_expressions: true,
        extended_range_selectors: true,
        fill_modifiers: true,
    };
}

/// Reads and checks a query.
pub fn parse(query: &str, options: &ParserOptions) -> Result<Ast, ParseErrors> {
    let mut parser = Parser::new(query, options);
    let nodes = parser.run();
    let mut errors = parser.errors;
    if let Some(nodes) = nodes.filter(|_| errors.is_empty()) {
        let mut ast = Ast::new(nodes);
        check(&mut ast, query, &mut errors);
        if errors.is_empty() {
            return Ok(ast);
        }
    }
    Err(errors.finish(query))
}

/// Reads a selector of series as the parameter `match[]` has it: a metric name, braces or both,
/// and nothing after them. A selector that selects everything is not refused here.
///
/// Source: promql/parser/parse.go `ParseMetricSelector`.
pub fn parse_metric_selector(
    text: &str,
    options: &ParserOptions,
) -> Result<Vec<Matcher>, ParseErrors> {
    let mut parser = Parser::new(text, options);
    let nodes = parser.run_selector();
    let errors = parser.errors;
    if !errors.is_empty() {
        return Err(errors.finish(text));
    }
    let selector = nodes.into_iter().rev().find_map(|node| match node.kind {
        ExprKind::Vector(selector) => Some(selector.matchers),
        _ => None,
    });
    Ok(selector.unwrap_or_default())
}

/// The current part cannot be read; the error has been noted.
#[derive(Clone, Copy, Debug)]
struct Failed;

type Parsed<T> = Result<T, Failed>;

struct Parser<'a> {
    query: &'a str,
    options: &'a ParserOptions,
    lexer: Lexer<'a>,
    token: Token,
    /// The end of the token before [`Self::token`].
    last_end: u32,
    nodes: Vec<Expr>,
    /// For each node how deep its subtree is nested.
    heights: Vec<u16>,
    errors: ErrorList,
    depth: u16,
    /// The number of aggregations that are open at the current token.
    aggregations: u32,
    /// True after an error of the lexer or at a limit. No more tokens are read.
    stopped: bool,
}

impl<'a> Parser<'a> {
    fn new(query: &'a str, options: &'a ParserOptions) -> Self {
        Self {
            query,
            options,
            lexer: Lexer::new(query),
            token: Token { kind: TokenKind::Eof, span: Span::at(0) },
            last_end: 0,
            nodes: Vec::with_capacity(USUAL_NODES),
            heights: Vec::with_capacity(USUAL_NODES),
            errors: ErrorList::default(),
            depth: 0,
            aggregations: 0,
            stopped: false,
        }
    }

    /// The nodes of the whole query; nothing where there is no expression.
    fn run(&mut self) -> Option<Vec<Expr>> {
        if self.query.len() > MAX_QUERY_BYTES {
            let message = format!("query is longer than {MAX_QUERY_BYTES} bytes");
            self.errors.push(Span::at(0), message);
            return None;
        }
        self.advance();
        if self.token.kind == TokenKind::Eof {
            if !self.stopped {
                self.errors.push(Span::at(0), "no expression found in input");
            }
            return None;
        }
        self.expression(0).ok()?;
        if self.token.kind != TokenKind::Eof {
            self.unexpected("", "");
        }
        Some(std::mem::take(&mut self.nodes))
    }

    /// The node of a selector that is the whole text; none if it cannot be read.
    fn run_selector(&mut self) -> Vec<Expr> {
        if self.query.len() > MAX_QUERY_BYTES {
            let message = format!("query is longer than {MAX_QUERY_BYTES} bytes");
            self.errors.push(Span::at(0), message);
            return Vec::new();
        }
        self.advance();
        let name = self.token.kind.is_metric_name().then_some(self.token.span);
        if name.is_some() {
            self.advance();
        } else if !self.at(TokenKind::LeftBrace) {
            self.unexpected("", "");
            return Vec::new();
        }
        if self.vector_selector(name).is_ok() && !self.at(TokenKind::Eof) {
            self.unexpected("", "");
        }
        std::mem::take(&mut self.nodes)
    }

    fn advance(&mut self) {
        self.last_end = self.token.span.end;
        if self.stopped {
            return;
        }
        self.token = self.lexer.next_token();
        if self.token.kind == TokenKind::Error {
            let message = self.lexer.error().unwrap_or_default();
            self.errors.push(self.token.span, message);
            self.stop();
        }
    }

    /// Ends the text here: open constructs end without further errors.
    fn stop(&mut self) {
        self.stopped = true;
        self.token = Token { kind: TokenKind::Eof, span: Span::at(self.query.len() as u32) };
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    /// Steps over a token of that kind, if it is next.
    fn take(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    fn text(&self) -> &'a str {
        self.token.span.slice(self.query)
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        if !self.stopped {
            self.errors.push(span, message);
        }
    }

    /// Complains about the current token.
    #[cold]
    fn unexpected(&mut self, context: &str, expected: &str) -> Failed {
        let mut message = format!("unexpected {}", describe(self.token, self.query));
        if !context.is_empty() {
            message.push_str(" in ");
            message.push_str(context);
        }
        if !expected.is_empty() {
            message.push_str(", expected ");
            message.push_str(expected);
        }
        self.error(self.token.span, message);
        Failed
    }

    /// Complains about the current token where no nearer rule names the context.
    #[cold]
    fn unexpected_here(&mut self) -> Failed {
        self.unexpected(if self.aggregations > 0 { "aggregation" } else { "" }, "")
    }

    fn expect(&mut self, kind: TokenKind) -> Parsed<()> {
        if self.take(kind) { Ok(()) } else { Err(self.unexpected_here()) }
    }

    /// Skips to the next of `stops` that is not inside brackets opened on the way. Behind an
    /// error only.
    #[cold]
    fn skip_to(&mut self, stops: &[TokenKind]) {
        let mut open = 0_u32;
        while !self.at(TokenKind::Eof) {
            if open == 0 && stops.contains(&self.token.kind) {
                return;
            }
            match self.token.kind {
                TokenKind::LeftParen | TokenKind::LeftBrace | TokenKind::LeftBracket => open += 1,
                TokenKind::RightParen | TokenKind::RightBrace | TokenKind::RightBracket => {
                    open = open.saturating_sub(1);
                }
                _ => {}
            }
            self.advance();
        }
    }

    /// Goes one level down while `inner` runs.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    #[cold]
    fn too_deep(&mut self) -> Failed {
        let message = format!("expression is nested more than {MAX_DEPTH} levels deep");
        self.error(self.token.span, message);
        self.stop();
        Failed
    }

    /// Adds a node; `height` is how deep it is nested.
    fn push_with_height(&mut self, span: Span, kind: ExprKind, height: u16) -> Parsed<NodeId> {
        if self.nodes.len() >= MAX_NODES {
            let message = format!("expression has more than {MAX_NODES} nodes");
            self.error(span, message);
            self.stop();
            return Err(Failed);
        }
        if height > MAX_DEPTH {
            return Err(self.too_deep());
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Expr { span, kind });
        self.heights.push(height);
        Ok(id)
    }

    /// Adds a node one level above its children.
    fn push(&mut self, span: Span, kind: ExprKind) -> Parsed<NodeId> {
        let below = kind.children().map(|child| self.heights[child.index()]).max();
        let height = below.map_or(0, |height| height + 1);
        self.push_with_height(span, kind, height)
    }

    fn span(&self, id: NodeId) -> Span {
        self.nodes[id.index()].span
    }

    /// Stands for an expression that could not be read.
    fn placeholder(&mut self, span: Span) -> Parsed<NodeId> {
        self.push(span, ExprKind::Number { value: f64::NAN, duration: false })
    }
}
