//! The parser of the shell: tokens into instructions.

use super::lex::{Token, tokens};
use super::syntax::{Instruction, Redirect, Simple, Stream, Word};

/// Commands inside of commands that are read at most.
const DEEPEST: usize = 32;

/// Parses a text into a program. The error is the shell's.
pub(super) fn parse(text: &str) -> Result<Vec<Instruction>, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, program: Vec::new(), depth: 0 };
    parser.list(&[])?;
    match parser.peek() {
        None => Ok(parser.program),
        Some(token) => Err(unexpected(token)),
    }
}

fn unexpected(token: &Token) -> String {
    let text = match token {
        Token::Operator("\n") => "newline".to_owned(),
        Token::Operator(operator) => (*operator).to_owned(),
        Token::Word(word) => word.plain().unwrap_or("word").to_owned(),
        Token::Here(_) => "<<".to_owned(),
    };
    format!("syntax error near unexpected token `{text}'")
}

const UNFINISHED: &str = "syntax error: unexpected end of file";

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    program: Vec<Instruction>,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, operator: &str) -> bool {
        self.peek().is_some_and(|token| *token == Token::Operator(operator_of(operator)))
    }

    /// The word at this place, if it has nothing to expand.
    fn keyword(&self) -> Option<&str> {
        match self.peek() {
            Some(Token::Word(word)) => word.plain(),
            _ => None,
        }
    }

    fn expect(&mut self, keyword: &str) -> Result<(), String> {
        if self.keyword() == Some(keyword) {
            self.at += 1;
            return Ok(());
        }
        Err(self.peek().map_or_else(|| UNFINISHED.to_owned(), unexpected))
    }

    fn skip_ends(&mut self) {
        while self.is(";") || self.is("\n") {
            self.at += 1;
        }
    }

    fn emit(&mut self, instruction: Instruction) -> usize {
        self.program.push(instruction);
        self.program.len() - 1
    }

    /// Sets the target of a jump to the next instruction.
    fn land(&mut self, jump: usize) {
        let here = self.program.len();
        if let Some(
            Instruction::Jump(target)
            | Instruction::JumpIfFailed(target)
            | Instruction::JumpIfDone(target)
            | Instruction::Next { end: target, .. },
        ) = self.program.get_mut(jump)
        {
            *target = here;
        }
    }

    /// Commands up to one of the keywords, which is not taken.
    fn list(&mut self, until: &[&str]) -> Result<(), String> {
        loop {
            self.skip_ends();
            match self.peek() {
                None if until.is_empty() => return Ok(()),
                None => return Err(UNFINISHED.to_owned()),
                Some(_) if self.keyword().is_some_and(|word| until.contains(&word)) => {
                    return Ok(());
                }
                Some(token @ Token::Operator(_)) => return Err(unexpected(token)),
                Some(_) => self.and_or()?,
            }
            if self.is("&") {
                return Err(
                    "commands cannot run in the background here: open a second terminal".to_owned()
                );
            }
            match self.peek() {
                None | Some(Token::Operator(";" | "\n")) => {}
                Some(token) => return Err(unexpected(token)),
            }
        }
    }

    fn and_or(&mut self) -> Result<(), String> {
        self.pipeline()?;
        loop {
            let jump = if self.is("&&") {
                Instruction::JumpIfFailed(0)
            } else if self.is("||") {
                Instruction::JumpIfDone(0)
            } else {
                return Ok(());
            };
            self.at += 1;
            while self.is("\n") {
                self.at += 1;
            }
            let jump = self.emit(jump);
            self.pipeline()?;
            self.land(jump);
        }
    }

    fn pipeline(&mut self) -> Result<(), String> {
        match self.keyword() {
            Some("if") => return self.nested(Self::condition),
            Some("for") => return self.nested(Self::each),
            Some(word @ ("while" | "until")) => {
                let until = word == "until";
                return self.nested(|parser| parser.repeat(until));
            }
            Some("then" | "do" | "done" | "fi" | "else" | "elif" | "esac" | "}") => {
                return Err(self.peek().map_or_else(|| UNFINISHED.to_owned(), unexpected));
            }
            Some("{") => return self.nested(Self::group),
            Some("function") => {
                self.at += 1;
                return self.function();
            }
            Some(word @ ("case" | "select")) => {
                return Err(format!("{word}: not known here"));
            }
            _ => {}
        }
        let next = |at: usize| self.tokens.get(self.at + at);
        if self.keyword().is_some()
            && next(1) == Some(&Token::Operator("("))
            && next(2) == Some(&Token::Operator(")"))
        {
            return self.function();
        }
        let negate = self.keyword() == Some("!");
        self.at += usize::from(negate);
        let mut commands = vec![self.simple()?];
        while self.is("|") {
            self.at += 1;
            while self.is("\n") {
                self.at += 1;
            }
            commands.push(self.simple()?);
        }
        self.emit(Instruction::Pipeline { commands, negate });
        Ok(())
    }

    fn nested(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        if self.depth >= DEEPEST {
            return Err(format!("commands are nested more than {DEEPEST} times"));
        }
        self.depth += 1;
        self.at += 1;
        parse(self)?;
        self.depth -= 1;
        Ok(())
    }

    /// `{ …; }`, behind the brace.
    fn group(&mut self) -> Result<(), String> {
        self.list(&["}"])?;
        self.expect("}")
    }

    /// `NAME() { …; }`. The body is a program of its own.
    fn function(&mut self) -> Result<(), String> {
        let Some(name) = self.keyword().map(str::to_owned) else {
            return Err(self.peek().map_or_else(|| UNFINISHED.to_owned(), unexpected));
        };
        self.at += 1;
        while self.is("(") || self.is(")") || self.is("\n") {
            self.at += 1;
        }
        if self.keyword() != Some("{") {
            return Err(self.peek().map_or_else(|| UNFINISHED.to_owned(), unexpected));
        }
        let outer = std::mem::take(&mut self.program);
        let result = self.nested(Self::group);
        let body = std::mem::replace(&mut self.program, outer);
        result?;
        self.emit(Instruction::Define { name, body: body.into() });
        Ok(())
    }

    /// `if …; then …; elif …; then …; else …; fi`
    fn condition(&mut self) -> Result<(), String> {
        let mut ends = Vec::new();
        loop {
            self.list(&["then"])?;
            self.expect("then")?;
            let skip = self.emit(Instruction::JumpIfFailed(0));
            self.list(&["elif", "else", "fi"])?;
            ends.push(self.emit(Instruction::Jump(0)));
            self.land(skip);
            if self.keyword() == Some("elif") {
                self.at += 1;
                continue;
            }
            self.emit(Instruction::Succeed);
            if self.keyword() == Some("else") {
                self.at += 1;
                self.list(&["fi"])?;
            }
            self.expect("fi")?;
            ends.into_iter().for_each(|end| self.land(end));
            return Ok(());
        }
    }

    /// `for x in a b; do …; done`
    fn each(&mut self) -> Result<(), String> {
        let Some(variable) = self.keyword().map(str::to_owned) else {
            return Err(self.peek().map_or_else(|| UNFINISHED.to_owned(), unexpected));
        };
        self.at += 1;
        self.expect("in")?;
        let mut words = Vec::new();
        while let Some(Token::Word(word)) = self.peek() {
            words.push(word.clone());
            self.at += 1;
        }
        self.emit(Instruction::Each(words));
        self.skip_ends();
        self.expect("do")?;
        let next = self.emit(Instruction::Next { variable, end: 0 });
        self.list(&["done"])?;
        self.expect("done")?;
        self.emit(Instruction::Jump(next));
        self.land(next);
        Ok(())
    }

    /// `while …; do …; done`
    fn repeat(&mut self, until: bool) -> Result<(), String> {
        let start = self.program.len();
        self.list(&["do"])?;
        self.expect("do")?;
        let leave = if until { Instruction::JumpIfDone(0) } else { Instruction::JumpIfFailed(0) };
        let leave = self.emit(leave);
        self.list(&["done"])?;
        self.expect("done")?;
        self.emit(Instruction::Jump(start));
        self.land(leave);
        self.emit(Instruction::Succeed);
        Ok(())
    }

    fn simple(&mut self) -> Result<Simple, String> {
        let mut command = Simple::default();
        loop {
            match self.peek() {
                Some(Token::Word(word)) => {
                    let word = word.clone();
                    self.at += 1;
                    match assignment(&word).filter(|_| command.words.is_empty()) {
                        Some(pair) => command.assignments.push(pair),
                        None => command.words.push(word),
                    }
                }
                Some(Token::Operator(operator)) => {
                    let operator = *operator;
                    if !self.redirect(operator, &mut command)? {
                        break;
                    }
                }
                Some(Token::Here(_)) | None => break,
            }
        }
        if command.words.is_empty()
            && command.assignments.is_empty()
            && command.redirects.is_empty()
        {
            return Err(self.peek().map_or_else(|| UNFINISHED.to_owned(), unexpected));
        }
        Ok(command)
    }

    /// Reads a redirection. Returns false if the operator is none.
    fn redirect(&mut self, operator: &str, command: &mut Simple) -> Result<bool, String> {
        let join = match operator {
            "2>&1" => Some(Stream::Err),
            ">&2" => Some(Stream::Out),
            _ => None,
        };
        if let Some(from) = join {
            self.at += 1;
            command.redirects.push(Redirect::Join { from });
            return Ok(true);
        }
        let (stream, append) = match operator {
            ">" => (Stream::Out, false),
            ">>" => (Stream::Out, true),
            "2>" => (Stream::Err, false),
            "2>>" => (Stream::Err, true),
            "&>" => (Stream::Both, false),
            "<" | "<<" => (Stream::Out, false),
            _ => return Ok(false),
        };
        self.at += 1;
        let redirect = match self.peek().cloned() {
            Some(Token::Word(file)) if operator == "<" => Redirect::In(file),
            Some(Token::Word(file)) => Redirect::Out { stream, file, append },
            Some(Token::Here(text)) => Redirect::Here(text),
            token => return Err(token.as_ref().map_or_else(|| UNFINISHED.to_owned(), unexpected)),
        };
        self.at += 1;
        command.redirects.push(redirect);
        Ok(true)
    }
}

/// An operator as a text of the program.
fn operator_of(text: &str) -> &'static str {
    ["&&", "||", "|", "&", ";", "\n", "(", ")"]
        .into_iter()
        .find(|known| *known == text)
        .unwrap_or_default()
}

/// `NAME=value`.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let super::syntax::Piece::Plain(first) = word.pieces.first()? else { return None };
    let (name, value) = first.split_once('=')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return None;
    }
    let mut pieces = vec![super::syntax::Piece::Plain(value.to_owned())];
    pieces.extend(word.pieces.iter().skip(1).cloned());
    Some((name.to_owned(), Word { pieces }))
}
