//! Tokens into a tree.

use std::collections::BTreeMap;

use super::functions::is_function;
use super::lexer::{Token, TokenKind, line_of, tokens};
use super::value::TemplateValue;
use go::number::{parse_float, parse_int_literal};
use promql::promqltest::unquote;

/// How deep control structures and parentheses may nest.
const MAX_DEPTH: usize = 100;

/// A template and those defined in it.
#[derive(Debug)]
pub(super) struct Template {
    pub body: Vec<Node>,
    pub defined: BTreeMap<String, Vec<Node>>,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    Action(Pipeline),
    If { condition: Pipeline, then: Vec<Node>, otherwise: Vec<Node> },
    With { value: Pipeline, then: Vec<Node>, otherwise: Vec<Node> },
    Range { over: Pipeline, body: Vec<Node>, otherwise: Vec<Node> },
    Call { name: String, at: usize, argument: Option<Pipeline> },
    Break,
    Continue,
}

/// Commands of which each takes the value of the one before as its last argument.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    /// Variables that take the value, and whether they are new.
    pub variables: Vec<String>,
    pub declares: bool,
    pub commands: Vec<Command>,
}

/// A function with its arguments, or a single operand.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub operands: Vec<Operand>,
    pub at: usize,
    pub end: usize,
}

/// An operand, followed by names of fields.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub base: Base,
    pub fields: Vec<String>,
    pub at: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Base {
    Dot,
    Nil,
    Literal(TemplateValue),
    Variable(String),
    Function(String),
    Pipeline(Box<Pipeline>),
}

/// Reads a template. Errors are worded and placed as Go does.
pub(super) fn parse(name: &str, text: &str) -> Result<Template, String> {
    let fail = |line: usize, why: String| format!("template: {name}:{line}: {why}");
    let tokens = tokens(text).map_err(|(line, why)| fail(line, why))?;
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        variables: vec!["$".to_owned()],
        defined: BTreeMap::new(),
        depth: 0,
        ranges: 0,
    };
    let body = parser.list(false).map_err(|(at, why)| fail(line_of(text, at), why))?;
    Ok(Template { body: body.0, defined: parser.defined })
}

type Fault = (usize, String);

struct Parser<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    /// Variables in scope, innermost last.
    variables: Vec<String>,
    defined: BTreeMap<String, Vec<Node>>,
    depth: usize,
    ranges: usize,
}

/// What ended a list of nodes.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    Text,
    End,
    Else,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    fn kind(&self) -> Option<&TokenKind<'a>> {
        self.peek().map(|token| &token.kind)
    }

    fn place(&self) -> usize {
        self.peek().or(self.tokens.last()).map_or(0, |token| token.at)
    }

    fn unexpected<T>(&self, context: &str) -> Result<T, Fault> {
        let what = match self.peek() {
            None => "EOF".to_owned(),
            Some(token) => format!("{:?}", token.text),
        };
        Err((self.place(), format!("unexpected {what} in {context}")))
    }

    fn eat(&mut self, kind: &TokenKind<'_>) -> bool {
        let found = self.kind() == Some(kind);
        self.at += usize::from(found);
        found
    }

    fn close(&mut self, context: &str) -> Result<(), Fault> {
        if self.eat(&TokenKind::Close) { Ok(()) } else { self.unexpected(context) }
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((self.place(), "max expression depth exceeded".into()));
        }
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Nodes up to the end of the text, or up to `end` or `else`, which is read up to its word.
    fn list(&mut self, inner: bool) -> Result<(Vec<Node>, Stop), Fault> {
        let mut nodes = Vec::new();
        while let Some(token) = self.peek() {
            if let TokenKind::Text(text) = token.kind {
                nodes.push(Node::Text(text.to_owned()));
                self.at += 1;
                continue;
            }
            let at = token.at;
            self.at += 1;
            let word = match self.kind() {
                Some(&TokenKind::Word(word)) => word,
                _ => "",
            };
            match word {
                "end" | "else" => {
                    if !inner {
                        return Err((at, format!("unexpected {{{{{word}}}}}")));
                    }
                    self.at += 1;
                    return Ok((nodes, if word == "end" { Stop::End } else { Stop::Else }));
                }
                "define" => self.define()?,
                _ => nodes.push(self.action(word, at)?),
            }
        }
        if inner {
            self.unexpected("template clause").or(Err((self.place(), "unexpected EOF".into())))
        } else {
            Ok((nodes, Stop::Text))
        }
    }

    fn action(&mut self, word: &str, at: usize) -> Result<Node, Fault> {
        match word {
            "if" | "with" | "range" => {
                self.at += 1;
                self.control(word)
            }
            "template" | "block" => {
                self.at += 1;
                let name = self.name(word)?;
                let argument = match self.kind() {
                    Some(TokenKind::Close) => None,
                    _ => Some(self.pipeline(word, false)?),
                };
                self.close(word)?;
                if word == "block" {
                    let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
                    let (body, _) = self.nested(|parser| parser.list(true))?;
                    self.close("block clause")?;
                    self.variables = variables;
                    self.defined.insert(name.clone(), body);
                }
                Ok(Node::Call { name, at, argument })
            }
            "break" | "continue" if self.ranges == 0 => {
                Err((at, format!("{{{{{word}}}}} outside {{{{range}}}}")))
            }
            "break" | "continue" => {
                self.at += 1;
                self.close(word)?;
                Ok(if word == "break" { Node::Break } else { Node::Continue })
            }
            _ => {
                let pipeline = self.pipeline("command", false)?;
                self.close("command")?;
                Ok(Node::Action(pipeline))
            }
        }
    }

    fn name(&mut self, context: &str) -> Result<String, Fault> {
        let Some(&TokenKind::Quoted(quoted)) = self.kind() else {
            return self.unexpected(&format!("{context} clause"));
        };
        let Some(name) = unquote(quoted) else { return self.unexpected(context) };
        self.at += 1;
        Ok(name)
    }

    fn define(&mut self) -> Result<(), Fault> {
        self.at += 1;
        let name = self.name("define")?;
        self.close("define clause")?;
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let (body, end) = self.nested(|parser| parser.list(true))?;
        if end != Stop::End {
            return self.unexpected("define clause");
        }
        self.close("define clause")?;
        self.variables = variables;
        self.defined.insert(name, body);
        Ok(())
    }

    fn control(&mut self, word: &str) -> Result<Node, Fault> {
        let scope = self.variables.len();
        let pipeline = self.pipeline(word, word == "range")?;
        self.close(word)?;
        self.ranges += usize::from(word == "range");
        let (body, end) = self.nested(|parser| parser.list(true))?;
        self.ranges -= usize::from(word == "range");
        let mut otherwise = Vec::new();
        if end == Stop::Else {
            let chained = match self.kind() {
                Some(&TokenKind::Word(next @ ("if" | "with"))) if next == word => Some(next),
                _ => None,
            };
            if let Some(next) = chained {
                // `else if` is an `if` of its own that ends with the same `end`.
                self.at += 1;
                otherwise.push(self.nested(|parser| parser.control(next))?);
                self.variables.truncate(scope);
                return Ok(node(word, pipeline, body, otherwise));
            }
            self.close("else")?;
            let (list, end) = self.nested(|parser| parser.list(true))?;
            if end != Stop::End {
                return Err((self.place(), "expected end; found {{else}}".into()));
            }
            otherwise = list;
        }
        self.close("end")?;
        self.variables.truncate(scope);
        Ok(node(word, pipeline, body, otherwise))
    }

    fn pipeline(&mut self, context: &str, range: bool) -> Result<Pipeline, Fault> {
        let mut pipeline =
            Pipeline { variables: Vec::new(), declares: false, commands: Vec::new() };
        self.declarations(&mut pipeline, range)?;
        loop {
            let command = self.command(context)?;
            pipeline.commands.push(command);
            if !self.eat(&TokenKind::Pipe) {
                break;
            }
        }
        for later in pipeline.commands.iter().skip(1) {
            let executable = later.operands.first().is_some_and(|operand| {
                matches!(operand.base, Base::Function(_)) || !operand.fields.is_empty()
            });
            if !executable {
                return Err((later.at, "non executable command in pipeline".into()));
            }
        }
        Ok(pipeline)
    }

    /// `$x :=`, `$x =`, and for ranges `$i, $x :=`.
    fn declarations(&mut self, pipeline: &mut Pipeline, range: bool) -> Result<(), Fault> {
        let start = self.at;
        let mut names = Vec::new();
        while let Some(&TokenKind::Variable(name)) = self.kind() {
            names.push(name.to_owned());
            self.at += 1;
            if !(range && names.len() == 1 && self.eat(&TokenKind::Comma)) {
                break;
            }
        }
        let declares = self.eat(&TokenKind::Declare);
        if names.is_empty() || !(declares || self.eat(&TokenKind::Assign)) {
            self.at = start;
            return Ok(());
        }
        if declares {
            self.variables.extend(names.iter().cloned());
        } else if let Some(unknown) = names.iter().find(|name| !self.variables.contains(name)) {
            return Err((self.place(), format!("undefined variable {unknown:?}")));
        }
        pipeline.variables = names;
        pipeline.declares = declares;
        Ok(())
    }

    fn command(&mut self, context: &str) -> Result<Command, Fault> {
        let at = self.place();
        let mut operands = Vec::new();
        let mut end = at;
        while let Some(operand) = self.operand()? {
            operands.push(operand);
            end = self
                .at
                .checked_sub(1)
                .and_then(|last| self.tokens.get(last))
                .map_or(end, |token| token.at + token.text.len());
            if self.peek().is_some_and(|token| !token.spaced)
                && !matches!(
                    self.kind(),
                    Some(TokenKind::Close | TokenKind::Pipe | TokenKind::RightParen)
                )
            {
                return self.unexpected("operand");
            }
        }
        if operands.is_empty() {
            return match self.kind() {
                Some(TokenKind::Close | TokenKind::Pipe) if context == "command" => {
                    Err((at, "missing value for command".into()))
                }
                Some(TokenKind::Close) => Err((at, format!("missing value for {context}"))),
                _ => self.unexpected(context),
            };
        }
        Ok(Command { operands, at, end })
    }

    fn operand(&mut self) -> Result<Option<Operand>, Fault> {
        let Some(token) = self.peek() else { return self.unexpected("command") };
        let at = token.at;
        let mut fields = Vec::new();
        let base = match token.kind {
            TokenKind::Dot => Base::Dot,
            TokenKind::Field(name) => {
                fields.push(name.to_owned());
                Base::Dot
            }
            TokenKind::Variable(name) => {
                if !self.variables.iter().any(|known| known == name) {
                    return Err((at, format!("undefined variable {name:?}")));
                }
                Base::Variable(name.to_owned())
            }
            TokenKind::Word("nil") => Base::Nil,
            TokenKind::Word("true") => Base::Literal(TemplateValue::Bool(true)),
            TokenKind::Word("false") => Base::Literal(TemplateValue::Bool(false)),
            TokenKind::Word(name) => {
                if !is_function(name) {
                    return Err((at, format!("function {name:?} not defined")));
                }
                Base::Function(name.to_owned())
            }
            TokenKind::Number(text) => {
                Base::Literal(number(text).ok_or((at, format!("bad number syntax: {text:?}")))?)
            }
            TokenKind::Quoted(text) => {
                Base::Literal(literal(text).ok_or((at, "invalid syntax".to_owned()))?)
            }
            TokenKind::LeftParen => {
                self.at += 1;
                let pipeline =
                    self.nested(|parser| parser.pipeline("parenthesized pipeline", false))?;
                if self.kind() != Some(&TokenKind::RightParen) {
                    return self.unexpected("parenthesized pipeline");
                }
                Base::Pipeline(Box::new(pipeline))
            }
            _ => return Ok(None),
        };
        self.at += 1;
        while let Some(Token { kind: TokenKind::Field(name), spaced: false, .. }) = self.peek() {
            fields.push((*name).to_owned());
            self.at += 1;
        }
        Ok(Some(Operand { base, fields, at }))
    }
}

fn node(word: &str, pipeline: Pipeline, then: Vec<Node>, otherwise: Vec<Node>) -> Node {
    match word {
        "if" => Node::If { condition: pipeline, then, otherwise },
        "with" => Node::With { value: pipeline, then, otherwise },
        _ => Node::Range { over: pipeline, body: then, otherwise },
    }
}

fn number(text: &str) -> Option<TemplateValue> {
    if let Some(whole) = parse_int_literal(text) {
        return Some(TemplateValue::Int(whole));
    }
    if text.contains(|c: char| {
        c.is_ascii_alphabetic()
            && !matches!(c, 'e' | 'E' | 'x' | 'X' | 'p' | 'P' | 'a'..='f' | 'A'..='F')
    }) {
        return None;
    }
    parse_float(text).ok().map(TemplateValue::Float)
}

/// A string, or a character, which is its number.
fn literal(text: &str) -> Option<TemplateValue> {
    let unquoted = unquote(text)?;
    if !text.starts_with('\'') {
        return Some(TemplateValue::string(unquoted));
    }
    let mut chars = unquoted.chars();
    let code = chars.next().map(u32::from)?;
    chars.next().is_none().then_some(TemplateValue::Int(i64::from(code)))
}
