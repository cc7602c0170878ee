//! Errors of JSON syntax in the words of Go's `encoding/json`.
//!
//! Source: encoding/json scanner.go.

use crate::quote::quote_char;

/// The deepest nesting that Go takes.
const DEEPEST: usize = 10_000;

/// The next token that a scanner expects.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Value,
    /// A value or the end of an array that has just begun.
    ValueOrEnd,
    Key,
    /// A key or the end of an object that has just begun.
    KeyOrEnd,
    Colon,
    AfterPair,
    AfterElement,
    Top,
}

/// The first error of a text that is meant to be one JSON value; None if it is one.
pub fn syntax_error(text: &str) -> Option<String> {
    let mut scanner = Scanner { rest: text.chars(), peeked: None, nesting: Vec::new() };
    scanner.run().err()
}

struct Scanner<'a> {
    rest: std::str::Chars<'a>,
    /// A character that ended a number and is still to be read.
    peeked: Option<char>,
    /// True for each open object, false for each open array.
    nesting: Vec<bool>,
}

fn invalid(c: char, context: &str) -> String {
    format!("invalid character {} {context}", quote_char(c))
}

impl Scanner<'_> {
    fn next(&mut self) -> Option<char> {
        self.peeked.take().or_else(|| self.rest.next())
    }

    /// The next character inside a token.
    fn inside(&mut self) -> Result<char, String> {
        self.next().ok_or_else(|| "unexpected end of JSON input".to_owned())
    }

    fn run(&mut self) -> Result<(), String> {
        let mut state = State::Value;
        while let Some(c) = self.next() {
            if !matches!(c, ' ' | '\t' | '\r' | '\n') {
                state = self.step(state, c)?;
            }
        }
        match state {
            State::Top => Ok(()),
            _ => Err("unexpected end of JSON input".to_owned()),
        }
    }

    fn step(&mut self, state: State, c: char) -> Result<State, String> {
        match (state, c) {
            (State::ValueOrEnd | State::AfterElement, ']')
            | (State::KeyOrEnd | State::AfterPair, '}') => {
                self.nesting.pop();
                Ok(self.after())
            }
            (State::Value | State::ValueOrEnd, c) => self.value(c),
            (State::Key | State::KeyOrEnd, '"') => {
                self.string()?;
                Ok(State::Colon)
            }
            (State::Key | State::KeyOrEnd, c) => {
                Err(invalid(c, "looking for beginning of object key string"))
            }
            (State::Colon, ':') => Ok(State::Value),
            (State::Colon, c) => Err(invalid(c, "after object key")),
            (State::AfterPair, ',') => Ok(State::Key),
            (State::AfterPair, c) => Err(invalid(c, "after object key:value pair")),
            (State::AfterElement, ',') => Ok(State::Value),
            (State::AfterElement, c) => Err(invalid(c, "after array element")),
            (State::Top, c) => Err(invalid(c, "after top-level value")),
        }
    }

    /// Returns the state after a value.
    fn after(&self) -> State {
        match self.nesting.last() {
            Some(true) => State::AfterPair,
            Some(false) => State::AfterElement,
            None => State::Top,
        }
    }

    fn value(&mut self, c: char) -> Result<State, String> {
        match c {
            '{' | '[' => {
                self.nesting.push(c == '{');
                if self.nesting.len() > DEEPEST {
                    return Err("exceeded max depth".to_owned());
                }
                return Ok(if c == '{' { State::KeyOrEnd } else { State::ValueOrEnd });
            }
            '"' => self.string()?,
            't' => self.literal("true")?,
            'f' => self.literal("false")?,
            'n' => self.literal("null")?,
            '-' | '0'..='9' => self.number(c)?,
            c => return Err(invalid(c, "looking for beginning of value")),
        }
        Ok(self.after())
    }

    fn literal(&mut self, word: &str) -> Result<(), String> {
        for expected in word.chars().skip(1) {
            let c = self.inside()?;
            if c != expected {
                let context = format!("in literal {word} (expecting {})", quote_char(expected));
                return Err(invalid(c, &context));
            }
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), String> {
        loop {
            match self.inside()? {
                '"' => return Ok(()),
                '\\' => match self.inside()? {
                    'b' | 'f' | 'n' | 'r' | 't' | '\\' | '/' | '"' => {}
                    'u' => {
                        for _ in 0..4 {
                            let c = self.inside()?;
                            if !c.is_ascii_hexdigit() {
                                return Err(invalid(c, "in \\u hexadecimal character escape"));
                            }
                        }
                    }
                    c => return Err(invalid(c, "in string escape code")),
                },
                c if c < ' ' => return Err(invalid(c, "in string literal")),
                _ => {}
            }
        }
    }

    /// Reads digits, of which one is required.
    fn digits(&mut self, context: &str) -> Result<(), String> {
        let c = self.inside()?;
        if !c.is_ascii_digit() {
            return Err(invalid(c, context));
        }
        self.more_digits();
        Ok(())
    }

    fn more_digits(&mut self) {
        self.peeked = loop {
            match self.next() {
                Some(c) if c.is_ascii_digit() => {}
                other => break other,
            }
        };
    }

    fn number(&mut self, first: char) -> Result<(), String> {
        let mut first = first;
        if first == '-' {
            first = self.inside()?;
            if !first.is_ascii_digit() {
                return Err(invalid(first, "in numeric literal"));
            }
        }
        if first != '0' {
            self.more_digits();
        }
        if let Some(c) = self.next() {
            if c == '.' {
                self.digits("after decimal point in numeric literal")?;
            } else {
                self.peeked = Some(c);
            }
        }
        match self.next() {
            Some('e' | 'E') => {
                let sign = self.inside()?;
                if !matches!(sign, '+' | '-') {
                    self.peeked = Some(sign);
                }
                self.digits("in exponent of numeric literal")
            }
            other => {
                self.peeked = other;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_those_of_go() {
        for (text, error) in [
            (r#"{"a":[1,-2.5e+3,true,null,"x\u00e4"],"b":{}}"#, None),
            (" 10 ", None),
            ("{bad json", Some("invalid character 'b' looking for beginning of object key string")),
            ("{\"a\" 1}", Some("invalid character '1' after object key")),
            ("{\"a\":1 2}", Some("invalid character '2' after object key:value pair")),
            ("[1 2]", Some("invalid character '2' after array element")),
            ("[1,]", Some("invalid character ']' looking for beginning of value")),
            ("{} x", Some("invalid character 'x' after top-level value")),
            ("tru1", Some("invalid character '1' in literal true (expecting 'e')")),
            ("\"\\x\"", Some("invalid character 'x' in string escape code")),
            ("1.x", Some("invalid character 'x' after decimal point in numeric literal")),
            ("01", Some("invalid character '1' after top-level value")),
            ("1ex", Some("invalid character 'x' in exponent of numeric literal")),
            ("-x", Some("invalid character 'x' in numeric literal")),
            ("{\"a\":", Some("unexpected end of JSON input")),
            ("'", Some("invalid character '\\'' looking for beginning of value")),
        ] {
            assert_eq!(syntax_error(text).as_deref(), error, "{text}");
        }
    }
}
