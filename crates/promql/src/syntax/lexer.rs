//! Query text into tokens.
//!
//! Tokens depend on the context: inside braces every word is an identifier, inside brackets only
//! durations are allowed. The lexer tracks the context itself, so that completion can read tokens
//! without a parser. Source: prometheus promql/parser/lex.go.

use super::operators::BinaryOp;
use super::quote::quote_char;
use super::token::{Token, TokenKind, keyword};
use go::quote::code_point;
use text::Span;

/// Reads tokens one after another.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    input: &'a str,
    pos: usize,
    start: usize,
    paren_depth: u32,
    brace_open: bool,
    bracket_open: bool,
    /// Directly after `[`, `:` or an operator in brackets, where only durations may stand.
    in_duration: bool,
    got_colon: bool,
    got_duration: bool,
    error: Option<String>,
}

impl<'a> Lexer<'a> {
    pub fn new(input: &'a str) -> Self {
        Self {
            input,
            pos: 0,
            start: 0,
            paren_depth: 0,
            brace_open: false,
            bracket_open: false,
            in_duration: false,
            got_colon: false,
            got_duration: false,
            error: None,
        }
    }

    /// The error message of the last token, if it is [`TokenKind::Error`].
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// The next token; at the end of the text, and after an error, [`TokenKind::Eof`] for ever.
    pub fn next_token(&mut self) -> Token {
        if self.error.is_some() {
            return Token { kind: TokenKind::Eof, span: Span::at(self.input.len() as u32) };
        }
        let kind = loop {
            let kind = if self.brace_open {
                self.inside_braces()
            } else if self.in_duration {
                self.inside_brackets()
            } else {
                self.statement()
            };
            if let Some(kind) = kind {
                break kind;
            }
            self.start = self.pos;
        };
        // An error concerns the rest of the text.
        let end = if kind == TokenKind::Error { self.input.len() } else { self.pos };
        let span = Span::new(self.start as u32, end as u32);
        self.start = self.pos;
        Token { kind, span }
    }

    fn peek_byte(&self) -> Option<u8> {
        self.input.as_bytes().get(self.pos).copied()
    }

    fn peek(&self) -> Option<char> {
        match self.peek_byte() {
            Some(byte) if byte.is_ascii() => Some(byte as char),
            Some(_) => self.input.get(self.pos..).and_then(|rest| rest.chars().next()),
            None => None,
        }
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        Some(c)
    }

    fn accept(&mut self, set: &[u8]) -> bool {
        let found = self.peek_byte().is_some_and(|byte| set.contains(&byte));
        self.pos += usize::from(found);
        found
    }

    fn skip_while(&mut self, holds: impl Fn(u8) -> bool) {
        while self.peek_byte().is_some_and(&holds) {
            self.pos += 1;
        }
    }

    fn word(&self) -> &'a str {
        self.input.get(self.start..self.pos).unwrap_or_default()
    }

    #[cold]
    fn fail(&mut self, message: impl Into<String>) -> Option<TokenKind> {
        self.error = Some(message.into());
        Some(TokenKind::Error)
    }

    #[cold]
    fn unexpected(&mut self, what: &str, c: Option<char>) -> Option<TokenKind> {
        self.fail(format!("unexpected {what}{}", quote_char(c)))
    }

    /// One token outside braces; nothing for space and comments.
    fn statement(&mut self) -> Option<TokenKind> {
        use TokenKind as T;
        let Some(c) = self.bump() else {
            return match () {
                () if self.paren_depth != 0 => self.fail("unclosed left parenthesis"),
                () if self.bracket_open => self.fail("unclosed left bracket"),
                () => Some(T::Eof),
            };
        };
        Some(match c {
            ' ' | '\t' | '\n' | '\r' => return self.space(),
            '#' => return self.comment(),
            ',' => T::Comma,
            '@' => T::At,
            '=' if self.peek_byte() == Some(b'~') => {
                return self.unexpected("character after '=': ", Some('~'));
            }
            '=' if self.peek_byte() != Some(b'=') => T::Equal,
            '!' if self.peek_byte() != Some(b'=') => {
                let next = self.peek();
                return self.unexpected("character after '!': ", next);
            }
            '*' | '/' | '%' | '+' | '-' | '^' | '=' | '!' | '<' | '>' => {
                T::Binary(self.operator(c))
            }
            '0'..='9' => return self.number_or_duration(),
            '.' if self.peek_byte().is_some_and(|byte| byte.is_ascii_digit()) => {
                return self.number_or_duration();
            }
            '"' | '\'' => return self.string(c),
            '`' => return self.raw_string(),
            'a'..='z' | 'A'..='Z' | '_' | ':' if !self.bracket_open => self.keyword_or_identifier(),
            'a'..='z' | 'A'..='Z' | '_' | ':' => return self.letter_in_brackets(c),
            '(' => self.open_paren(),
            ')' => return self.close_paren(),
            '{' => {
                self.brace_open = true;
                T::LeftBrace
            }
            '[' if self.bracket_open => return self.unexpected("left bracket ", Some(c)),
            '[' => {
                self.bracket_open = true;
                self.in_duration = true;
                self.got_colon = false;
                T::LeftBracket
            }
            ']' if !self.bracket_open => return self.unexpected("right bracket ", Some(c)),
            ']' => {
                self.bracket_open = false;
                T::RightBracket
            }
            _ => return self.unexpected("character: ", Some(c)),
        })
    }

    /// The binary operator that begins with `c`, which is read already.
    fn operator(&mut self, c: char) -> BinaryOp {
        match c {
            '*' => BinaryOp::Mul,
            '/' => BinaryOp::Div,
            '%' => BinaryOp::Mod,
            '+' => BinaryOp::Add,
            '-' => BinaryOp::Sub,
            '^' => BinaryOp::Pow,
            '<' if self.accept(b"=") => BinaryOp::Le,
            '<' if self.accept(b"/") => BinaryOp::TrimUpper,
            '<' => BinaryOp::Lt,
            '>' if self.accept(b"=") => BinaryOp::Ge,
            '>' if self.accept(b"/") => BinaryOp::TrimLower,
            '>' => BinaryOp::Gt,
            '=' => {
                self.accept(b"=");
                BinaryOp::Eq
            }
            _ => {
                self.accept(b"=");
                BinaryOp::Ne
            }
        }
    }

    /// One token of a label matcher list.
    fn inside_braces(&mut self) -> Option<TokenKind> {
        use TokenKind as T;
        let Some(c) = self.bump() else {
            return self.fail("unexpected end of input inside braces");
        };
        Some(match c {
            ' ' | '\t' | '\n' | '\r' => return self.space(),
            '#' => return self.comment(),
            'a'..='z' | 'A'..='Z' | '_' => {
                self.skip_while(is_word);
                T::Identifier
            }
            ',' => T::Comma,
            '"' | '\'' => return self.string(c),
            '`' => return self.raw_string(),
            '=' if self.accept(b"~") => T::EqualRegex,
            '=' => T::Equal,
            '!' if self.accept(b"~") => T::NotEqualRegex,
            '!' if self.accept(b"=") => T::Binary(BinaryOp::Ne),
            '!' => {
                let next = self.peek();
                return self.unexpected("character after '!' inside braces: ", next);
            }
            '{' => return self.unexpected("left brace ", Some(c)),
            '}' => {
                self.brace_open = false;
                T::RightBrace
            }
            _ => return self.unexpected("character inside braces: ", Some(c)),
        })
    }

    /// One token where a duration is to begin or continue.
    fn inside_brackets(&mut self) -> Option<TokenKind> {
        use TokenKind as T;
        let Some(c) = self.bump() else {
            return self.fail("unexpected end of input in duration expression");
        };
        Some(match c {
            ' ' | '\t' | '\n' | '\r' => return self.space(),
            ']' => {
                self.bracket_open = false;
                self.in_duration = false;
                self.got_colon = false;
                T::RightBracket
            }
            ':' if !self.got_duration => {
                self.start = self.pos;
                return self.fail("unexpected colon before duration in duration expression");
            }
            ':' if self.got_colon => {
                self.start = self.pos;
                return self.fail("unexpected repeated colon in duration expression");
            }
            ':' => {
                self.got_colon = true;
                T::Colon
            }
            '(' => self.open_paren(),
            ')' => return self.close_paren(),
            '+' => T::Binary(BinaryOp::Add),
            '-' => T::Binary(BinaryOp::Sub),
            '*' => T::Binary(BinaryOp::Mul),
            '/' => T::Binary(BinaryOp::Div),
            '%' => T::Binary(BinaryOp::Mod),
            '^' => T::Binary(BinaryOp::Pow),
            ',' => T::Comma,
            '0'..='9' => return self.duration_in_brackets(),
            '.' if self.peek_byte().is_some_and(|byte| byte.is_ascii_digit()) => {
                return self.duration_in_brackets();
            }
            _ => match self.duration_keyword(c) {
                Some(kind) => kind,
                None => return self.unexpected("character in duration expression: ", Some(c)),
            },
        })
    }

    fn duration_in_brackets(&mut self) -> Option<TokenKind> {
        self.got_duration = true;
        self.in_duration = false;
        self.number_or_duration()
    }

    fn letter_in_brackets(&mut self, c: char) -> Option<TokenKind> {
        if c == ':' {
            if self.got_colon {
                return self.unexpected("colon ", Some(c));
            }
            self.got_colon = true;
            return Some(TokenKind::Colon);
        }
        if let Some(kind) = self.duration_keyword(c) {
            return Some(kind);
        }
        self.fail(format!("unexpected character: {}, expected ':'", quote_char(Some(c))))
    }

    /// `step`, `range`, `max_of` or `min_of`, of which `first` has been read.
    fn duration_keyword(&mut self, first: char) -> Option<TokenKind> {
        if !matches!(first, 's' | 'S' | 'r' | 'R' | 'm' | 'M') {
            return None;
        }
        self.skip_while(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        match keyword(self.word()) {
            Some(
                kind @ (TokenKind::Step | TokenKind::Range | TokenKind::MaxOf | TokenKind::MinOf),
            ) => Some(kind),
            _ => None,
        }
    }

    fn open_paren(&mut self) -> TokenKind {
        self.paren_depth += 1;
        TokenKind::LeftParen
    }

    fn close_paren(&mut self) -> Option<TokenKind> {
        if self.paren_depth == 0 {
            // Prometheus points after the parenthesis.
            self.start = self.pos;
            return self.unexpected("right parenthesis ", Some(')'));
        }
        self.paren_depth -= 1;
        Some(TokenKind::RightParen)
    }

    fn space(&mut self) -> Option<TokenKind> {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        None
    }

    fn comment(&mut self) -> Option<TokenKind> {
        self.skip_while(|byte| !matches!(byte, b'\n' | b'\r'));
        None
    }

    fn keyword_or_identifier(&mut self) -> TokenKind {
        self.skip_while(|byte| is_word(byte) || byte == b':');
        let word = self.word();
        match keyword(word) {
            // Metrics of these names are older than the modifiers.
            Some(TokenKind::Fill | TokenKind::FillLeft | TokenKind::FillRight)
                if !self.parenthesis_follows() =>
            {
                TokenKind::Identifier
            }
            Some(kind) => kind,
            None if word.contains(':') => TokenKind::MetricIdentifier,
            None => TokenKind::Identifier,
        }
    }

    fn parenthesis_follows(&self) -> bool {
        let rest = self.input.get(self.pos..).unwrap_or_default();
        rest.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('(')
    }

    /// A number or a duration of which the first character has been read.
    fn number_or_duration(&mut self) -> Option<TokenKind> {
        self.pos = self.start;
        if self.scan_number() {
            return Some(TokenKind::Number);
        }
        if self.scan_rest_of_duration() {
            return Some(TokenKind::Duration);
        }
        let word = super::quote::quote(self.word());
        self.fail(format!("bad number or duration syntax: {word}"))
    }

    /// Units and further numbers after a first number. Wrong units are found when the duration is
    /// read.
    fn scan_rest_of_duration(&mut self) -> bool {
        if !self.accept(b"smhdwy") {
            return false;
        }
        self.accept(b"s");
        while self.accept(b"0123456789") {
            self.skip_while(|byte| byte.is_ascii_digit());
            if !self.accept(b"smhdw") {
                return false;
            }
            self.accept(b"s");
        }
        if self.peek_byte().is_some_and(is_word) {
            self.pos += 1;
            return false;
        }
        true
    }

    /// Decimal, hexadecimal, octal and floating numbers with underscores between digits. What is
    /// taken need not be a number yet; reading it decides. False leaves the offending character
    /// taken, for the message.
    fn scan_number(&mut self) -> bool {
        let begin = self.pos;
        let mut hex = false;
        if self.accept(b"0") && self.accept(b"xX") {
            self.accept(b"_");
            hex = true;
        }
        let is_digit =
            |byte: u8| if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        self.accept(b".");
        if self.peek_byte().is_some_and(is_digit) {
            self.pos += 1;
        }
        let (mut dot, mut exponent) = (false, false);
        while let Some(byte) = self.peek_byte() {
            match byte {
                b'.' => {
                    self.pos += 1;
                    if dot || self.accept(b"_.") || hex {
                        return false;
                    }
                    dot = true;
                }
                b'e' | b'E' => {
                    self.pos += 1;
                    if exponent {
                        return false;
                    }
                    exponent = true;
                    self.accept(b"+-");
                    if self.accept(b"._eE") || self.peek_byte().is_none() {
                        return false;
                    }
                }
                b'_' => {
                    self.pos += 1;
                    if self.accept(b"._eE") || self.peek_byte().is_none() {
                        return false;
                    }
                }
                _ if is_digit(byte) => self.skip_while(is_digit),
                _ => break,
            }
        }
        self.pos > begin && !self.peek_byte().is_some_and(is_word)
    }

    /// A string in single or double quotes, after the first.
    fn string(&mut self, quote: char) -> Option<TokenKind> {
        loop {
            match self.bump() {
                Some('\\') => {
                    if let Err(message) = self.escape(quote) {
                        return self.fail(message);
                    }
                }
                Some('\u{fffd}') => return self.fail("invalid UTF-8 rune"),
                None | Some('\n') => return self.fail("unterminated quoted string"),
                Some(c) if c == quote => return Some(TokenKind::String),
                Some(_) => {}
            }
        }
    }

    fn raw_string(&mut self) -> Option<TokenKind> {
        loop {
            match self.bump() {
                Some('\u{fffd}') => return self.fail("invalid UTF-8 rune"),
                None => return self.fail("unterminated raw string"),
                Some('`') => return Some(TokenKind::String),
                Some(_) => {}
            }
        }
    }

    /// Checks an escape sequence after its backslash.
    fn escape(&mut self, quote: char) -> Result<(), String> {
        const UNTERMINATED: &str = "escape sequence not terminated";
        let c = self.bump().ok_or(UNTERMINATED)?;
        let (digits, base, limit, mut value) = match c {
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' => return Ok(()),
            _ if c == quote => return Ok(()),
            '0'..='7' => (2, 8, 0xff, c.to_digit(8).unwrap_or_default()),
            'x' => (2, 16, 0xff, 0),
            'u' => (4, 16, 0x10_ffff, 0),
            'U' => (8, 16, 0x10_ffff, 0),
            _ => return Err(format!("unknown escape sequence {}", code_point(c))),
        };
        for _ in 0..digits {
            let c = self.bump().ok_or(UNTERMINATED)?;
            let Some(digit) = c.to_digit(base) else {
                return Err(format!("illegal character {} in escape sequence", code_point(c)));
            };
            value = value.wrapping_mul(base).wrapping_add(digit);
        }
        if value > limit || (0xd800..0xe000).contains(&value) {
            return Err("escape sequence is an invalid Unicode code point".to_owned());
        }
        Ok(())
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
