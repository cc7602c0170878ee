//! Templates into tokens.

/// A piece of a template with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub kind: TokenKind<'a>,
    pub at: usize,
    pub text: &'a str,
    /// A space stands before it: `f .x` has two operands, `f.x` one.
    pub spaced: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind<'a> {
    /// Text outside of actions.
    Text(&'a str),
    Open,
    Close,
    /// A word: a function or a keyword.
    Word(&'a str),
    /// `.name`
    Field(&'a str),
    /// `$name`, with the dollar sign.
    Variable(&'a str),
    Dot,
    Number(&'a str),
    /// A string or a character with its quotes.
    Quoted(&'a str),
    Pipe,
    Comma,
    Declare,
    Assign,
    LeftParen,
    RightParen,
}

/// Splits a template. The error has the line at which it stands.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, (usize, String)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut trim_next = false;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let open = rest.find("{{");
        let outside = rest.get(..open.unwrap_or(rest.len())).unwrap_or_default();
        let mut shown = outside;
        if trim_next {
            shown = shown.trim_start_matches(SPACE);
        }
        let inside = open.map(|open| at + open + 2);
        let trims = inside.is_some_and(|start| {
            let action = text.get(start..).unwrap_or_default();
            action.starts_with('-') && action.get(1..).is_some_and(|rest| rest.starts_with(SPACE))
        });
        if trims {
            shown = shown.trim_end_matches(SPACE);
        }
        if !shown.is_empty() {
            tokens.push(Token { kind: TokenKind::Text(shown), at, text: shown, spaced: false });
        }
        let Some(start) = inside else { return Ok(tokens) };
        let start = if trims { start + 1 } else { start };
        (at, trim_next) =
            action(text, start, &mut tokens).map_err(|(place, why)| (line_of(text, place), why))?;
    }
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

pub(super) fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// Reads one action or comment from behind its `{{`. Gives the place behind it, and whether the
/// spaces there go.
fn action<'a>(
    text: &'a str,
    start: usize,
    tokens: &mut Vec<Token<'a>>,
) -> Result<(usize, bool), (usize, String)> {
    let body = text.get(start..).unwrap_or_default();
    let lead = body.len() - body.trim_start_matches(SPACE).len();
    if body.get(lead..).is_some_and(|body| body.starts_with("/*")) {
        let end = body.find("*/").ok_or((start, "unclosed comment".to_owned()))? + 2;
        let behind = body.get(end..).unwrap_or_default();
        let trimmed = behind.trim_start_matches(SPACE);
        let trim = trimmed.starts_with("-}}") && trimmed.len() < behind.len();
        if !trim && !behind.starts_with("}}") {
            return Err((start, "comment ends before closing delimiter".into()));
        }
        let close = if trim { behind.len() - trimmed.len() + 3 } else { 2 };
        return Ok((start + end + close, trim));
    }
    tokens.push(Token {
        kind: TokenKind::Open,
        at: start.saturating_sub(2),
        text: "{{",
        spaced: false,
    });
    let mut at = start;
    let mut spaced = true;
    let mut depth = 0usize;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let after_space = rest.trim_start_matches(SPACE);
        spaced |= after_space.len() < rest.len();
        if after_space.len() < rest.len() && after_space.starts_with("-}}") {
            tokens.push(Token { kind: TokenKind::Close, at, text: "}}", spaced });
            return if depth == 0 {
                Ok((text.len() - after_space.len() + 3, true))
            } else {
                Err((at, "unclosed left paren".into()))
            };
        }
        at = text.len() - after_space.len();
        if after_space.starts_with("}}") {
            tokens.push(Token { kind: TokenKind::Close, at, text: "}}", spaced });
            return if depth == 0 {
                Ok((at + 2, false))
            } else {
                Err((at, "unclosed left paren".into()))
            };
        }
        let (kind, length) = token(after_space).map_err(|why| (at, why))?;
        match kind {
            TokenKind::LeftParen => depth += 1,
            TokenKind::RightParen => {
                depth = depth.checked_sub(1).ok_or((at, "unexpected right paren".to_owned()))?;
            }
            _ => {}
        }
        let (read, _) = after_space.split_at(length);
        tokens.push(Token { kind, at, text: read, spaced });
        spaced = false;
        at += length;
    }
}

fn token(rest: &str) -> Result<(TokenKind<'_>, usize), String> {
    let Some(first) = rest.chars().next() else { return Err("unclosed action".into()) };
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let run = |from: usize| {
        let tail = rest.get(from..).unwrap_or_default();
        from + tail.find(|c| !word(c)).unwrap_or(tail.len())
    };
    let slice = |length: usize| rest.get(..length).unwrap_or_default();
    let second = rest.get(1..).and_then(|tail| tail.chars().next());
    match first {
        '|' => Ok((TokenKind::Pipe, 1)),
        ',' => Ok((TokenKind::Comma, 1)),
        '(' => Ok((TokenKind::LeftParen, 1)),
        ')' => Ok((TokenKind::RightParen, 1)),
        ':' if second == Some('=') => Ok((TokenKind::Declare, 2)),
        '=' => Ok((TokenKind::Assign, 1)),
        '"' | '\'' | '`' => {
            let length = quoted(rest, first).ok_or(match first {
                '"' => "unterminated quoted string",
                '`' => "unterminated raw quoted string",
                _ => "unterminated character constant",
            })?;
            Ok((TokenKind::Quoted(slice(length)), length))
        }
        '$' => Ok((TokenKind::Variable(slice(run(1))), run(1))),
        '.' if second.is_some_and(|c| c.is_ascii_digit()) => number(rest),
        '.' => match run(1) {
            1 => Ok((TokenKind::Dot, 1)),
            end => Ok((TokenKind::Field(rest.get(1..end).unwrap_or_default()), end)),
        },
        '0'..='9' | '+' | '-' => number(rest),
        c if word(c) => Ok((TokenKind::Word(slice(run(0))), run(0))),
        c => Err(format!("unexpected {c:?} in operand")),
    }
}

fn number(rest: &str) -> Result<(TokenKind<'_>, usize), String> {
    let sign = usize::from(rest.starts_with(['+', '-']));
    let mut last = ' ';
    let length = rest
        .char_indices()
        .skip(sign)
        .find(|&(_, c)| {
            let in_exponent = matches!(last, 'e' | 'E' | 'p' | 'P') && matches!(c, '+' | '-');
            last = c;
            !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || in_exponent)
        })
        .map_or(rest.len(), |(at, _)| at);
    let text = rest.get(..length).unwrap_or_default();
    if length == sign {
        return Err(format!("bad number syntax: {text:?}"));
    }
    Ok((TokenKind::Number(text), length))
}

fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return Some(at + 1);
        }
        if c == '\n' && quote != '`' {
            return None;
        }
        escaped = c == '\\' && !escaped && quote != '`';
    }
    None
}
