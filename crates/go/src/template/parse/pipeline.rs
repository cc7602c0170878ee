//! Pipelines: declarations, commands and operands.

use super::super::lex::{Keyword, TokenKind};
use super::super::number;
use super::super::tree::{Command, Operand, OperandKind, Pipe};
use super::{MAX_PARENS, Parser, Result};
use crate::quote::{quote, unquote};
use std::sync::Arc;
use text::Span;

impl Parser<'_> {
    /// Declarations and commands, up to and with the token that ends them.
    pub(super) fn pipe(&mut self, context: &str, end: &TokenKind) -> Result<Pipe> {
        let at = self.peek_non_space().at;
        let mut pipe =
            Pipe { at, end: at, assigns: false, variables: Vec::new(), commands: Vec::new() };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.take_non_space();
            if token.kind == *end {
                pipe.end = token.at;
                break;
            }
            match token.kind {
                TokenKind::Bool
                | TokenKind::CharConstant
                | TokenKind::Complex
                | TokenKind::Keyword(Keyword::Dot | Keyword::Nil)
                | TokenKind::Field
                | TokenKind::Identifier
                | TokenKind::Number
                | TokenKind::RawString
                | TokenKind::String
                | TokenKind::Variable
                | TokenKind::LeftParen => {
                    self.back();
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(token, context),
            }
        }
        check_pipe(&pipe, context)?;
        Ok(pipe)
    }

    /// `$x :=`, `$x =`, and for `range` `$i, $x :=`.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<()> {
        loop {
            let variable = self.peek_non_space();
            if variable.kind != TokenKind::Variable {
                return Ok(());
            }
            self.take_non_space();
            let behind = self.next;
            let next = self.peek_non_space();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    pipe.assigns = next.kind == TokenKind::Assign;
                    self.take_non_space();
                    self.declare(pipe, variable.text);
                    return Ok(());
                }
                TokenKind::Char if next.text == "," => {
                    self.take_non_space();
                    self.declare(pipe, variable.text);
                    if context != "range" || pipe.variables.len() >= 2 {
                        return Err(format!("too many declarations in {context}"));
                    }
                    let goes_on = matches!(
                        self.peek_non_space().kind,
                        TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParen
                    );
                    if !goes_on {
                        return Err("range can only initialize variables".to_owned());
                    }
                }
                _ => {
                    self.next = behind - 1;
                    return Ok(());
                }
            }
        }
    }

    fn declare(&mut self, pipe: &mut Pipe, name: &str) {
        pipe.variables.push(name.into());
        self.scope.variables.push(name.to_owned());
    }

    /// Operands with blanks between them, up to a pipe, which is taken, or the end.
    fn command(&mut self) -> Result<Command> {
        let at = self.peek_non_space().at;
        let mut operands = Vec::new();
        loop {
            self.next_operand();
            if let Some(operand) = self.operand()? {
                operands.push(operand);
            }
            let token = self.take();
            match token.kind {
                TokenKind::Space => {}
                TokenKind::RightDelimiter | TokenKind::RightParen => {
                    self.back();
                    break;
                }
                TokenKind::Pipe => break,
                _ => return self.unexpected(token, "operand"),
            }
        }
        if operands.is_empty() {
            return Err("empty command".to_owned());
        }
        Ok(Command { at, operands })
    }

    fn next_operand(&mut self) {
        self.peek_non_space();
        while self.peek().kind == TokenKind::Space {
            self.next += 1;
        }
    }

    /// A term with the fields after it; None if the next token begins none.
    fn operand(&mut self) -> Result<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        if self.peek().kind != TokenKind::Field {
            return Ok(Some(operand));
        }
        let at = self.peek().at;
        let mut fields: Vec<Arc<str>> = Vec::new();
        while self.peek().kind == TokenKind::Field {
            let token = self.take();
            fields.push(token.text.get(1..).unwrap_or_default().into());
        }
        match &mut operand.kind {
            OperandKind::Field(names) | OperandKind::Variable(names) => {
                names.extend(fields);
                operand.at = at;
                operand.span.end = self.behind();
                Ok(Some(operand))
            }
            OperandKind::Bool(_)
            | OperandKind::String { .. }
            | OperandKind::Number(_)
            | OperandKind::Nil
            | OperandKind::Dot => {
                Err(format!("unexpected . after term {}", quote(&operand.to_string())))
            }
            _ => {
                let span = Span::new(operand.span.start, self.behind());
                let kind = OperandKind::Chain { base: Box::new(operand), fields };
                Ok(Some(Operand { at, span, kind }))
            }
        }
    }

    fn term(&mut self) -> Result<Option<Operand>> {
        let token = self.take_non_space();
        let text = token.text;
        let kind = match token.kind {
            TokenKind::Identifier => {
                if !(self.input.has_function)(text) {
                    return Err(format!("function {} not defined", quote(text)));
                }
                OperandKind::Function(text.into())
            }
            TokenKind::Keyword(Keyword::Dot) => OperandKind::Dot,
            TokenKind::Keyword(Keyword::Nil) => OperandKind::Nil,
            TokenKind::Variable => {
                if !self.scope.variables.iter().any(|known| known == text) {
                    return Err(format!("undefined variable {}", quote(text)));
                }
                OperandKind::Variable(vec![text.into()])
            }
            TokenKind::Field => OperandKind::Field(vec![text.get(1..).unwrap_or_default().into()]),
            TokenKind::Bool => OperandKind::Bool(text == "true"),
            TokenKind::CharConstant | TokenKind::Complex | TokenKind::Number => {
                OperandKind::Number(number::parse(text, &token.kind)?)
            }
            TokenKind::String | TokenKind::RawString => {
                let unquoted = unquote(text).ok_or("invalid syntax")?;
                OperandKind::String { quoted: text.into(), text: unquoted.into() }
            }
            TokenKind::LeftParen => {
                self.parens += 1;
                if self.parens > MAX_PARENS {
                    return Err("max expression depth exceeded".to_owned());
                }
                let pipe = self.pipe("parenthesized pipeline", &TokenKind::RightParen)?;
                self.parens -= 1;
                OperandKind::Pipe(Box::new(pipe))
            }
            _ => {
                self.back();
                return Ok(None);
            }
        };
        let span = Span::new(token.at as u32, self.behind());
        Ok(Some(Operand { at: token.at, span, kind }))
    }
}

/// A pipe has a command, and all but the first can take an argument.
fn check_pipe(pipe: &Pipe, context: &str) -> Result<()> {
    if pipe.commands.is_empty() {
        return Err(format!("missing value for {context}"));
    }
    let inert = pipe.commands.iter().skip(1).position(|command| {
        matches!(
            command.operands.first().map(|operand| &operand.kind),
            Some(
                OperandKind::Bool(_)
                    | OperandKind::Dot
                    | OperandKind::Nil
                    | OperandKind::Number(_)
                    | OperandKind::String { .. }
            )
        )
    });
    match inert {
        Some(at) => Err(format!("non executable command in pipeline stage {}", at + 2)),
        None => Ok(()),
    }
}
