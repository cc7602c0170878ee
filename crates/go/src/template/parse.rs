//! Tokens into trees, with Go's messages.
//!
//! Source: text/template/parse parse.go.

mod pipeline;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::lex::{Delimiters, Keyword, Token, TokenKind, lex};
use super::tree::{Node, Range, Template, Tree};
use crate::quote::{quote, unquote};
use text::Span;

/// The deepest nesting of parentheses. Go allows 10,000.
pub const MAX_PARENS: usize = 100;
/// The deepest nesting of control structures. Go has no limit.
pub const MAX_NESTING: usize = 100;

/// A syntax error in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Name of the text.
    pub name: String,
    /// Line that Go prints, from 1.
    pub line: usize,
    /// The token at fault, in bytes of the text.
    pub span: Span,
    /// Go's message, without name and line.
    pub message: String,
}

/// `template: NAME:LINE: MESSAGE`.
impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "template: {}:{}: {}", self.name, self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// A text with the parser's options.
pub(super) struct Input<'a> {
    pub name: &'a str,
    pub text: &'a str,
    pub delimiters: Delimiters<'a>,
    pub has_function: &'a dyn Fn(&str) -> bool,
    /// Variables that are declared before the text begins, with their dollar signs.
    pub variables: &'a [&'a str],
}

/// Reads a text. Returns its own tree and those it defines, by name.
pub(super) fn parse(input: &Input<'_>) -> Result<BTreeMap<Arc<str>, Tree>, ParseError> {
    let tokens = lex(input.text, input.delimiters);
    let mut variables = vec!["$".to_owned()];
    variables.extend(input.variables.iter().map(|name| (*name).to_owned()));
    let mut parser = Parser {
        input,
        tokens: &tokens,
        next: 0,
        seen: 0,
        action_line: 0,
        scope: Scope { variables, ranges: 0 },
        text_name: input.name.into(),
        text: input.text.into(),
        trees: BTreeMap::new(),
        parens: 0,
        nesting: 0,
    };
    parser.whole().map_err(|message| parser.error(message))?;
    Ok(parser.trees)
}

/// The variables and loops around the present place.
struct Scope {
    variables: Vec<String>,
    /// The number of `range` around the present place.
    ranges: usize,
}

struct Parser<'a> {
    input: &'a Input<'a>,
    tokens: &'a [Token<'a>],
    next: usize,
    /// The furthest token that was looked at, which gives the line of an error.
    seen: usize,
    /// Line on which the present action began; 0 outside of actions.
    action_line: usize,
    scope: Scope,
    text_name: Arc<str>,
    text: Arc<str>,
    trees: BTreeMap<Arc<str>, Tree>,
    parens: usize,
    nesting: usize,
}

type Result<T, E = String> = std::result::Result<T, E>;

/// The keyword that ends a list of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    End,
    Else,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::End { "{{end}}" } else { "{{else}}" })
    }
}

/// A node, or what ends the list that contains it.
enum Item {
    Node(Node),
    Stop(Stop),
}

impl<'a> Parser<'a> {
    fn error(&self, message: String) -> ParseError {
        let line = self.tokens.get(self.seen).or(self.tokens.last()).map_or(1, |token| token.line);
        let at_fault = self.tokens.get(..self.next).unwrap_or(self.tokens);
        let token = at_fault.iter().rev().find(|token| token.kind != TokenKind::Space);
        ParseError {
            name: self.input.name.to_owned(),
            line,
            span: token.map_or(Span::default(), Token::span),
            message,
        }
    }

    fn token(&mut self, at: usize) -> &'a Token<'a> {
        static EOF: Token<'static> = Token { kind: TokenKind::Eof, text: "", at: 0, line: 1 };
        let at = at.min(self.tokens.len().saturating_sub(1));
        self.seen = self.seen.max(at);
        self.tokens.get(at).unwrap_or(&EOF)
    }

    fn take(&mut self) -> &'a Token<'a> {
        let token = self.token(self.next);
        self.next += 1;
        token
    }

    fn peek(&mut self) -> &'a Token<'a> {
        self.token(self.next)
    }

    fn back(&mut self) {
        self.next = self.next.saturating_sub(1);
    }

    /// The end of the last token that was taken.
    fn behind(&self) -> u32 {
        let last = self.next.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.map_or(0, |token| token.span().end)
    }

    fn take_non_space(&mut self) -> &'a Token<'a> {
        loop {
            let token = self.take();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> &'a Token<'a> {
        let token = self.take_non_space();
        self.back();
        token
    }

    fn expect(&mut self, kind: &TokenKind, context: &str) -> Result<()> {
        let token = self.take_non_space();
        if token.kind == *kind { Ok(()) } else { self.unexpected(token, context) }
    }

    fn unexpected<T>(&self, token: &Token<'_>, context: &str) -> Result<T> {
        let TokenKind::Error(message) = &token.kind else {
            return Err(format!("unexpected {} in {context}", token.describe()));
        };
        if self.action_line == 0 || self.action_line == token.line {
            return Err(message.clone());
        }
        // Not "action in action".
        let what = if message.ends_with(" action") { "" } else { " in action" };
        Err(format!("{message}{what} started at {}:{}", self.input.name, self.action_line))
    }

    fn add(&mut self, name: &str, defined_at: Span, root: Vec<Node>) -> Result<()> {
        let tree = Tree {
            defined_at,
            name: name.into(),
            text_name: self.text_name.clone(),
            text: self.text.clone(),
            root,
        };
        match self.trees.get(name) {
            Some(known) if !known.is_empty() => {
                if tree.is_empty() {
                    return Ok(());
                }
                Err(format!("template: multiple definition of template {}", quote(name)))
            }
            _ => {
                self.trees.insert(name.into(), tree);
                Ok(())
            }
        }
    }

    /// The whole text: nodes, and definitions between them.
    fn whole(&mut self) -> Result<()> {
        let mut root = Vec::new();
        while self.peek().kind != TokenKind::Eof {
            if self.peek().kind == TokenKind::LeftDelimiter {
                let start = self.next;
                self.take();
                if self.take_non_space().kind == TokenKind::Keyword(Keyword::Define) {
                    self.definition()?;
                    continue;
                }
                self.next = start;
            }
            match self.text_or_action()? {
                Item::Node(node) => root.push(node),
                Item::Stop(stop) => return Err(format!("unexpected {stop}")),
            }
        }
        let name = self.input.name;
        self.add(name, Span::default(), root)
    }

    fn definition(&mut self) -> Result<()> {
        let context = "define clause";
        let token = self.take_non_space();
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return self.unexpected(token, context);
        }
        let name = unquote(token.text).ok_or("invalid syntax")?;
        self.expect(&TokenKind::RightDelimiter, context)?;
        self.defined(&name, token.span(), context)
    }

    /// The body of `define` or `block`, in which no variable from outside is known.
    fn defined(&mut self, name: &str, at: Span, context: &str) -> Result<()> {
        let scope = Scope { variables: vec!["$".to_owned()], ranges: 0 };
        let outer = std::mem::replace(&mut self.scope, scope);
        let outer_line = std::mem::take(&mut self.action_line);
        let (root, stop) = self.list()?;
        self.scope = outer;
        self.action_line = outer_line;
        if stop != Stop::End {
            return Err(format!("unexpected {stop} in {context}"));
        }
        self.add(name, at, root)
    }

    /// Nodes up to `end` or `else`.
    fn list(&mut self) -> Result<(Vec<Node>, Stop)> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(format!(
                "control structures are nested more than {MAX_NESTING} levels deep"
            ));
        }
        let mut nodes = Vec::new();
        while self.peek_non_space().kind != TokenKind::Eof {
            match self.text_or_action()? {
                Item::Node(node) => nodes.push(node),
                Item::Stop(stop) => {
                    self.nesting -= 1;
                    return Ok((nodes, stop));
                }
            }
        }
        self.take_non_space();
        Err("unexpected EOF".to_owned())
    }

    fn text_or_action(&mut self) -> Result<Item> {
        let token = self.take_non_space();
        match token.kind {
            TokenKind::Text => Ok(Item::Node(Node::Text { at: token.at, text: token.text.into() })),
            TokenKind::LeftDelimiter => {
                self.action_line = token.line;
                let item = self.action()?;
                self.action_line = 0;
                Ok(item)
            }
            _ => self.unexpected(token, "input"),
        }
    }

    /// An action after its left delimiter.
    fn action(&mut self) -> Result<Item> {
        let token = self.take_non_space();
        let TokenKind::Keyword(keyword) = token.kind else {
            self.back();
            return self
                .pipe("command", &TokenKind::RightDelimiter)
                .map(Node::Action)
                .map(Item::Node);
        };
        Ok(Item::Node(match keyword {
            Keyword::Block => self.block()?,
            Keyword::Break => self.loop_control("{{break}}", Node::Break)?,
            Keyword::Continue => self.loop_control("{{continue}}", Node::Continue)?,
            Keyword::If => self.branches("if", Keyword::If)?,
            Keyword::With => self.branches("with", Keyword::With)?,
            Keyword::Range => self.range()?,
            Keyword::Template => self.template()?,
            Keyword::Else => {
                let next = self.peek_non_space();
                let chains = matches!(next.kind, TokenKind::Keyword(Keyword::If | Keyword::With));
                if !chains {
                    self.expect(&TokenKind::RightDelimiter, "else")?;
                }
                return Ok(Item::Stop(Stop::Else));
            }
            Keyword::End => {
                self.expect(&TokenKind::RightDelimiter, "end")?;
                return Ok(Item::Stop(Stop::End));
            }
            Keyword::Define | Keyword::Dot | Keyword::Nil => {
                self.back();
                Node::Action(self.pipe("command", &TokenKind::RightDelimiter)?)
            }
        }))
    }

    fn loop_control(&mut self, name: &str, node: Node) -> Result<Node> {
        let token = self.take_non_space();
        if token.kind != TokenKind::RightDelimiter {
            return self.unexpected(token, name);
        }
        if self.scope.ranges == 0 {
            return Err(format!("{name} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    /// `if` or `with`, with the branches of `else if` or `else with`.
    fn branches(&mut self, context: &str, keyword: Keyword) -> Result<Node> {
        let variables = self.scope.variables.len();
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let pipe = self.pipe(context, &TokenKind::RightDelimiter)?;
            let (list, stop) = self.list()?;
            branches.push((pipe, list));
            if stop == Stop::End {
                break;
            }
            if self.peek_non_space().kind == TokenKind::Keyword(keyword) {
                self.take_non_space();
                continue;
            }
            otherwise = self.otherwise()?;
            break;
        }
        self.scope.variables.truncate(variables);
        let sets_dot = keyword == Keyword::With;
        Ok(Node::Branch { sets_dot, branches, otherwise })
    }

    /// The nodes after `else`, up to `end`.
    fn otherwise(&mut self) -> Result<Vec<Node>> {
        let (list, stop) = self.list()?;
        if stop != Stop::End {
            return Err(format!("expected end; found {stop}"));
        }
        Ok(list)
    }

    fn range(&mut self) -> Result<Node> {
        let variables = self.scope.variables.len();
        let pipe = self.pipe("range", &TokenKind::RightDelimiter)?;
        self.scope.ranges += 1;
        let (body, stop) = self.list()?;
        self.scope.ranges -= 1;
        let otherwise = if stop == Stop::Else { self.otherwise()? } else { Vec::new() };
        self.scope.variables.truncate(variables);
        Ok(Node::Range(Box::new(Range { pipe, body, otherwise })))
    }

    fn template_name(&mut self, context: &str) -> Result<(Span, String)> {
        let token = self.take_non_space();
        if !matches!(token.kind, TokenKind::String | TokenKind::RawString) {
            return self.unexpected(token, context);
        }
        Ok((token.span(), unquote(token.text).ok_or("invalid syntax")?))
    }

    fn block(&mut self) -> Result<Node> {
        let context = "block clause";
        let (span, name) = self.template_name(context)?;
        let at = span.start as usize;
        let pipe = self.pipe(context, &TokenKind::RightDelimiter)?;
        self.defined(&name, span, context)?;
        Ok(Node::Template(Box::new(Template { at, span, name: name.into(), pipe: Some(pipe) })))
    }

    fn template(&mut self) -> Result<Node> {
        let context = "template clause";
        let (span, name) = self.template_name(context)?;
        let at = span.start as usize;
        let mut pipe = None;
        if self.take_non_space().kind != TokenKind::RightDelimiter {
            self.back();
            pipe = Some(self.pipe(context, &TokenKind::RightDelimiter)?);
        }
        Ok(Node::Template(Box::new(Template { at, span, name: name.into(), pipe })))
    }
}
