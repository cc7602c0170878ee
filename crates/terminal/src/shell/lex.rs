//! Tokens of a command line.

use super::syntax::{Piece, Word};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Word(Word),
    /// `;`, `&&`, `||`, `|`, `&`, `(`, `)`, `>`, `>>`, `<`, `<<`, `2>`, `&>`, `2>&1`, `>&2`, a line feed.
    Operator(&'static str),
    /// The text of a `<<EOF` whose delimiter was read before.
    Here(Word),
}

const OPERATORS: &[&str] = &[
    "2>&1", "1>&2", "2>>", "2>", "1>", ">&2", "&>", "&&", "||", ";;", "<<-", "<<", ">>", ">", "<",
    "|", "&", ";", "(", ")", "\n",
];

/// Splits text into tokens. The error is the shell's.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut lexer = Lexer { rest: text, tokens: Vec::new(), here: Vec::new() };
    lexer.run()?;
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<Token>,
    /// Delimiters of texts that follow the next line feed: position, word, and whether quoted.
    here: Vec<(usize, String, bool)>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), String> {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
            if let Some(rest) = self.rest.strip_prefix("\\\n") {
                self.rest = rest;
                continue;
            }
            let Some(c) = self.rest.chars().next() else { break };
            if c == '#' {
                self.rest = &self.rest[self.rest.find('\n').unwrap_or(self.rest.len())..];
                continue;
            }
            if let Some(operator) = OPERATORS.iter().find(|one| self.rest.starts_with(**one)) {
                self.rest = &self.rest[operator.len()..];
                self.operator(operator)?;
                continue;
            }
            let word = self.word()?;
            self.tokens.push(Token::Word(word));
        }
        if self.here.is_empty() { Ok(()) } else { self.here_texts() }
    }

    fn operator(&mut self, operator: &'static str) -> Result<(), String> {
        match operator {
            "<<" | "<<-" => {
                self.tokens.push(Token::Operator("<<"));
                self.rest = self.rest.trim_start_matches([' ', '\t']);
                let word = self.word()?;
                let quoted = word.pieces.iter().any(|piece| matches!(piece, Piece::Quoted(_)));
                let text = word.pieces.iter().map(|piece| match piece {
                    Piece::Quoted(text) | Piece::Plain(text) => text.as_str(),
                    _ => "",
                });
                self.here.push((self.tokens.len(), text.collect(), quoted));
                self.tokens.push(Token::Here(Word::default()));
            }
            "\n" => {
                self.tokens.push(Token::Operator("\n"));
                self.here_texts()?;
            }
            "1>" => self.tokens.push(Token::Operator(">")),
            "1>&2" => self.tokens.push(Token::Operator(">&2")),
            operator => self.tokens.push(Token::Operator(operator)),
        }
        Ok(())
    }

    /// Reads the texts of `<<EOF` after the end of their line.
    fn here_texts(&mut self) -> Result<(), String> {
        for (at, delimiter, quoted) in std::mem::take(&mut self.here) {
            let mut text = String::new();
            loop {
                let end = self.rest.find('\n').map_or(self.rest.len(), |end| end + 1);
                let (line, rest) = self.rest.split_at(end);
                let ended = line.trim_end_matches('\n').trim_start_matches('\t') == delimiter;
                self.rest = rest;
                if ended || line.is_empty() {
                    break;
                }
                text.push_str(line);
            }
            let pieces = if quoted { vec![Piece::Quoted(text)] } else { inner_pieces(&text)? };
            if let Some(token) = self.tokens.get_mut(at) {
                *token = Token::Here(Word { pieces });
            }
        }
        Ok(())
    }

    fn word(&mut self) -> Result<Word, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(c) = self.rest.chars().next() {
            match c {
                c if c.is_whitespace() => break,
                ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    let Some((inside, rest)) = self.rest[1..].split_once('\'') else {
                        return Err(unclosed('\''));
                    };
                    pieces.push(Piece::Quoted(inside.to_owned()));
                    self.rest = rest;
                }
                '"' => {
                    let end = closing_quote(&self.rest[1..]).ok_or_else(|| unclosed('"'))?;
                    let inside = &self.rest[1..=end];
                    pieces.push(Piece::Quoted(String::new()));
                    pieces.extend(inner_pieces(inside)?);
                    self.rest = &self.rest[end + 2..];
                }
                '\\' => {
                    let mut chars = self.rest[1..].chars();
                    match chars.next() {
                        Some('\n') => {}
                        Some(c) => pieces.push(Piece::Quoted(c.to_string())),
                        None => pieces.push(Piece::Quoted("\\".to_owned())),
                    }
                    self.rest = chars.as_str();
                }
                '$' | '`' => {
                    let (piece, rest) = substitution(self.rest, false)?;
                    pieces.push(piece);
                    self.rest = rest;
                }
                c => {
                    self.rest = &self.rest[c.len_utf8()..];
                    match pieces.last_mut() {
                        Some(Piece::Plain(text)) => text.push(c),
                        _ => pieces.push(Piece::Plain(c.to_string())),
                    }
                }
            }
        }
        Ok(Word { pieces })
    }
}

fn unclosed(quote: char) -> String {
    format!("unexpected EOF while looking for matching `{quote}'")
}

/// The position of the quote that closes a double-quoted text.
fn closing_quote(text: &str) -> Option<usize> {
    let (mut escaped, mut open) = (false, 0_usize);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '$' if chars.peek().is_some_and(|(_, next)| *next == '(') => {
                chars.next();
                open += 1;
            }
            ')' if open > 0 => open -= 1,
            '"' if open == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// Pieces of a text in which only `$`, backquotes and some backslashes have a meaning.
fn inner_pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '\\' => {
                let next = rest[1..].chars().next();
                match next {
                    Some('\n') => {}
                    Some(c) if matches!(c, '$' | '`' | '"' | '\\') => plain.push(c),
                    Some(c) => plain.extend(['\\', c]),
                    None => plain.push('\\'),
                }
                rest = &rest[1 + next.map_or(0, char::len_utf8)..];
            }
            '$' | '`' => {
                let (piece, after) = substitution(rest, true)?;
                if !plain.is_empty() {
                    pieces.push(Piece::Quoted(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
                rest = after;
            }
            c => {
                plain.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Quoted(plain));
    }
    Ok(pieces)
}

/// Reads `$NAME`, `${NAME}`, `$(…)` or a text in backquotes.
fn substitution(text: &str, quoted: bool) -> Result<(Piece, &str), String> {
    if let Some(rest) = text.strip_prefix('`') {
        let Some((inside, rest)) = rest.split_once('`') else { return Err(unclosed('`')) };
        return Ok((Piece::Command { text: inside.to_owned(), quoted }, rest));
    }
    let after = &text[1..];
    if let Some(rest) = after.strip_prefix("((") {
        let (inside, rest) = rest.split_once("))").ok_or_else(|| unclosed(')'))?;
        // Parentheses inside of the expression may stand before the two that close it.
        let closed = rest.chars().take_while(|c| *c == ')').count();
        let open = inside.matches('(').count().saturating_sub(inside.matches(')').count());
        let inside = format!("{inside}{}", ")".repeat(open.min(closed)));
        let rest = rest.get(open.min(closed)..).unwrap_or_default();
        return Ok((Piece::Arithmetic { text: inside, quoted }, rest));
    }
    if let Some(rest) = after.strip_prefix('(') {
        let end = closing_parenthesis(rest).ok_or_else(|| unclosed(')'))?;
        let inside = rest[..end].to_owned();
        return Ok((Piece::Command { text: inside, quoted }, &rest[end + 1..]));
    }
    if let Some(rest) = after.strip_prefix('{') {
        let Some((name, rest)) = rest.split_once('}') else { return Err(unclosed('}')) };
        if let Some((name, default)) = name.split_once(":-").filter(|(name, _)| is_name(name)) {
            let default = Some(default.to_owned());
            return Ok((Piece::Variable { name: name.to_owned(), default, quoted }, rest));
        }
        if !is_name(name) {
            return Err(format!("${{{name}}}: bad substitution"));
        }
        return Ok((Piece::Variable { name: name.to_owned(), default: None, quoted }, rest));
    }
    let special =
        after.chars().next().filter(|c| matches!(c, '?' | '#' | '@' | '*') || c.is_ascii_digit());
    if let Some(c) = special {
        return Ok((
            Piece::Variable { name: c.to_string(), default: None, quoted },
            &after[c.len_utf8()..],
        ));
    }
    let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
    if end == 0 {
        return Ok((Piece::Quoted("$".to_owned()), after));
    }
    let (name, rest) = after.split_at(end);
    Ok((Piece::Variable { name: name.to_owned(), default: None, quoted }, rest))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The position of the parenthesis that closes a `$(`.
fn closing_parenthesis(text: &str) -> Option<usize> {
    let (mut open, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(known), c) if known == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => open += 1,
            (None, ')') if open == 0 => return Some(at),
            (None, ')') => open -= 1,
            _ => {}
        }
    }
    None
}
