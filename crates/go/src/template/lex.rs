//! The text of a template into tokens.
//!
//! Source: text/template/parse lex.go.

use crate::quote::{code_point, is_print, quote};
use crate::regex::classes::is_letter_or_digit;
use text::Span;

/// A token with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub kind: TokenKind,
    pub text: &'t str,
    pub at: usize,
    /// Line of its first character, from 1.
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Bool,
    /// A printing ASCII character that is no other token.
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    /// The text ends here, with this error.
    Error(String),
    Field,
    Identifier,
    LeftDelimiter,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Keyword(Keyword),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keyword {
    Dot,
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

const KEYWORDS: [(&str, Keyword); 11] = [
    ("block", Keyword::Block),
    ("break", Keyword::Break),
    ("continue", Keyword::Continue),
    ("define", Keyword::Define),
    ("else", Keyword::Else),
    ("end", Keyword::End),
    ("if", Keyword::If),
    ("nil", Keyword::Nil),
    ("range", Keyword::Range),
    ("template", Keyword::Template),
    ("with", Keyword::With),
];

const LEFT_COMMENT: &str = "/*";
const RIGHT_COMMENT: &str = "*/";
/// Bytes of a trim marker with its blank: `- ` or ` -`.
const TRIM_MARKER: usize = 2;

/// The strings around an action.
#[derive(Clone, Copy, Debug)]
pub struct Delimiters<'d> {
    pub left: &'d str,
    pub right: &'d str,
}

impl Default for Delimiters<'_> {
    fn default() -> Self {
        Self { left: "{{", right: "}}" }
    }
}

impl Token<'_> {
    pub(super) fn span(&self) -> Span {
        Span::new(self.at as u32, (self.at + self.text.len()) as u32)
    }

    /// The token as a message names it.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            TokenKind::Eof => "EOF".to_owned(),
            TokenKind::Error(message) => message.clone(),
            TokenKind::Keyword(_) => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                let cut: String = self.text.chars().take(10).collect();
                format!("{}...", quote(&cut))
            }
            _ => quote(self.text),
        }
    }
}

/// Reads all tokens. The last is [`TokenKind::Eof`], perhaps after a [`TokenKind::Error`].
pub(super) fn lex<'t>(text: &'t str, delimiters: Delimiters<'_>) -> Vec<Token<'t>> {
    let mut lexer =
        Lexer { text, delimiters, at: 0, start: 0, line: 1, counted: 0, tokens: Vec::new() };
    if let Err(message) = lexer.run() {
        lexer.emit(TokenKind::Error(message));
    }
    lexer.start = lexer.at;
    lexer.emit(TokenKind::Eof);
    lexer.tokens
}

struct Lexer<'t, 'd> {
    text: &'t str,
    delimiters: Delimiters<'d>,
    at: usize,
    /// Start of the token that is being read.
    start: usize,
    /// Line of the byte `counted`.
    line: usize,
    counted: usize,
    tokens: Vec<Token<'t>>,
}

type Result<T> = std::result::Result<T, String>;

impl<'t> Lexer<'t, '_> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn emit(&mut self, kind: TokenKind) {
        let passed = self.text.get(self.counted..self.start).unwrap_or_default();
        self.line += passed.matches('\n').count();
        self.counted = self.start.max(self.counted);
        let text = self.text.get(self.start..self.at).unwrap_or_default();
        self.tokens.push(Token { kind, text, at: self.start, line: self.line });
        self.start = self.at;
    }

    fn accept(&mut self, valid: &str) -> bool {
        let found = self.peek().is_some_and(|c| valid.contains(c));
        self.at += usize::from(found);
        found
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    /// Alternates between text and actions up to the end.
    fn run(&mut self) -> Result<()> {
        while let Some(found) = self.rest().find(self.delimiters.left) {
            let delimiter = self.at + found;
            let behind = delimiter + self.delimiters.left.len();
            let trims = self.text.get(behind..).is_some_and(has_left_trim_marker);
            let before = self.text.get(self.at..delimiter).unwrap_or_default();
            let kept = if trims { before.trim_end_matches(is_space) } else { before };
            self.at += kept.len();
            if !kept.is_empty() {
                self.emit(TokenKind::Text);
            }
            (self.at, self.start) = (delimiter, delimiter);
            self.left_delimiter(trims)?;
        }
        self.at = self.text.len();
        if self.at > self.start {
            self.emit(TokenKind::Text);
        }
        Ok(())
    }

    fn left_delimiter(&mut self, trims: bool) -> Result<()> {
        let marker = if trims { TRIM_MARKER } else { 0 };
        self.at += self.delimiters.left.len();
        let inside = self.text.get(self.at + marker..).unwrap_or_default();
        if inside.starts_with(LEFT_COMMENT) {
            self.at += marker;
            self.start = self.at;
            return self.comment();
        }
        self.emit(TokenKind::LeftDelimiter);
        self.at += marker;
        self.start = self.at;
        self.action()
    }

    fn comment(&mut self) -> Result<()> {
        let Some(end) = self.rest().find(RIGHT_COMMENT) else {
            return Err("unclosed comment".to_owned());
        };
        self.at += end + RIGHT_COMMENT.len();
        let Some(trims) = self.right_delimiter() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.at += self.delimiters.right.len() + if trims { TRIM_MARKER } else { 0 };
        self.skip_trimmed(trims);
        Ok(())
    }

    fn skip_trimmed(&mut self, trims: bool) {
        if trims {
            self.at = self.text.len() - self.rest().trim_start_matches(is_space).len();
        }
        self.start = self.at;
    }

    /// Returns whether the right delimiter that is here trims; None if none is here.
    fn right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        let marked = has_right_trim_marker(rest)
            && rest.get(TRIM_MARKER..).is_some_and(|rest| rest.starts_with(self.delimiters.right));
        if marked {
            return Some(true);
        }
        rest.starts_with(self.delimiters.right).then_some(false)
    }

    /// The tokens of an action, up to and with its right delimiter.
    fn action(&mut self) -> Result<()> {
        let mut parens = 0usize;
        loop {
            match self.right_delimiter() {
                Some(_) if parens > 0 => return Err("unclosed left paren".to_owned()),
                Some(trims) => {
                    self.close_action(trims);
                    return Ok(());
                }
                None => {}
            }
            let Some(c) = self.next() else { return Err("unclosed action".to_owned()) };
            match c {
                c if is_space(c) => self.space(),
                '=' => self.emit(TokenKind::Assign),
                ':' => {
                    if self.next() != Some('=') {
                        return Err("expected :=".to_owned());
                    }
                    self.emit(TokenKind::Declare);
                }
                '|' => self.emit(TokenKind::Pipe),
                '"' => self.quoted('"', TokenKind::String, "unterminated quoted string")?,
                '`' => self.raw_string()?,
                '$' => self.word(TokenKind::Variable)?,
                '\'' => {
                    let message = "unterminated character constant";
                    self.quoted('\'', TokenKind::CharConstant, message)?;
                }
                '.' if !self.peek().is_some_and(|c| c.is_ascii_digit())
                    && self.peek().is_some() =>
                {
                    self.word(TokenKind::Field)?;
                }
                '.' | '+' | '-' | '0'..='9' => {
                    self.at = self.start;
                    self.number()?;
                }
                c if is_alphanumeric(c) => self.identifier()?,
                '(' => {
                    self.emit(TokenKind::LeftParen);
                    parens += 1;
                }
                ')' => match parens.checked_sub(1) {
                    None => return Err("unexpected right paren".to_owned()),
                    Some(left) => {
                        parens = left;
                        self.emit(TokenKind::RightParen);
                    }
                },
                c if c.is_ascii() && is_print(c) => self.emit(TokenKind::Char),
                c => {
                    let shown = code_point(c);
                    return Err(format!("unrecognized character in action: {shown}"));
                }
            }
        }
    }

    /// The right delimiter, with its trim marker if `trims` is true.
    fn close_action(&mut self, trims: bool) {
        if trims {
            self.at += TRIM_MARKER;
            self.start = self.at;
        }
        self.at += self.delimiters.right.len();
        self.emit(TokenKind::RightDelimiter);
        self.skip_trimmed(trims);
    }

    /// A run of blanks, without the one that belongs to a trim marker.
    fn space(&mut self) {
        let mut count = 1;
        while self.peek().is_some_and(is_space) {
            self.at += 1;
            count += 1;
        }
        let marked = self.text.get(self.at - 1..).is_some_and(has_right_trim_marker)
            && self
                .text
                .get(self.at - 1 + TRIM_MARKER..)
                .is_some_and(|rest| rest.starts_with(self.delimiters.right));
        if marked {
            self.at -= 1;
            if count == 1 {
                return;
            }
        }
        self.emit(TokenKind::Space);
    }

    fn identifier(&mut self) -> Result<()> {
        self.skip_alphanumeric();
        let word = self.text.get(self.start..self.at).unwrap_or_default();
        self.expect_terminator()?;
        let keyword = KEYWORDS.iter().find(|(known, _)| *known == word);
        self.emit(match (keyword, word) {
            (Some((_, keyword)), _) => TokenKind::Keyword(*keyword),
            (None, "true" | "false") => TokenKind::Bool,
            _ => TokenKind::Identifier,
        });
        Ok(())
    }

    /// A field or variable, of which the first character is read.
    fn word(&mut self, kind: TokenKind) -> Result<()> {
        if self.at_terminator() {
            let dot = kind == TokenKind::Field;
            self.emit(if dot { TokenKind::Keyword(Keyword::Dot) } else { kind });
            return Ok(());
        }
        self.skip_alphanumeric();
        self.expect_terminator()?;
        self.emit(kind);
        Ok(())
    }

    fn skip_alphanumeric(&mut self) {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
    }

    fn expect_terminator(&self) -> Result<()> {
        if self.at_terminator() {
            return Ok(());
        }
        Err(format!("bad character {}", self.peek().map(code_point).unwrap_or_default()))
    }

    /// Returns true if a word may end here.
    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => is_space(c) || self.rest().starts_with(self.delimiters.right),
        }
    }

    fn quoted(&mut self, quote: char, kind: TokenKind, message: &str) -> Result<()> {
        loop {
            let mut c = self.next();
            if c == Some('\\') {
                c = self.next();
                if c.is_some_and(|c| c != '\n') {
                    continue;
                }
            }
            match c {
                None | Some('\n') => return Err(message.to_owned()),
                Some(c) if c == quote => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    fn raw_string(&mut self) -> Result<()> {
        let Some(end) = self.rest().find('`') else {
            return Err("unterminated raw quoted string".to_owned());
        };
        self.at += end + 1;
        self.emit(TokenKind::RawString);
        Ok(())
    }

    fn number(&mut self) -> Result<()> {
        let bad = |lexer: &Self| {
            let text = lexer.text.get(lexer.start..lexer.at).unwrap_or_default();
            Err(format!("bad number syntax: {}", quote(text)))
        };
        if !self.scan_number() {
            return bad(self);
        }
        if !matches!(self.peek(), Some('+' | '-')) {
            self.emit(TokenKind::Number);
            return Ok(());
        }
        // A complex number has no blanks and ends in `i`.
        let scanned = self.scan_number();
        let text = self.text.get(self.start..self.at).unwrap_or_default();
        if !scanned || !text.ends_with('i') {
            return bad(self);
        }
        self.emit(TokenKind::Complex);
        Ok(())
    }

    /// Returns false if a letter or digit follows that belongs to no number.
    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        let exponent = match digits.len() {
            11 => "eE",
            23 => "pP",
            _ => "",
        };
        if self.accept(exponent) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_alphanumeric) {
            self.next();
            return false;
        }
        true
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || is_letter_or_digit(c)
}

fn has_left_trim_marker(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-') && chars.next().is_some_and(is_space)
}

fn has_right_trim_marker(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(is_space) && chars.next() == Some('-')
}
