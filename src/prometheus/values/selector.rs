//! Kubernetes label and field selectors: whether they parse, with the API machinery's words.

/// Checks a field selector: `metadata.name=web,spec.nodeName!=a`. Commas and equal signs in a
/// value are escaped by a backslash.
pub fn check_fields(text: &str) -> Result<(), String> {
    for term in split_terms(text) {
        if term.is_empty() {
            continue;
        }
        let Some(value) = split_operator(term) else {
            return Err(format!("invalid selector: '{text}'; can't understand '{term}'"));
        };
        check_escapes(value)?;
    }
    Ok(())
}

/// At the commas that no backslash precedes.
fn split_terms(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

/// What stands behind the first `!=`, `==` or `=`.
fn split_operator(term: &str) -> Option<&str> {
    for (at, _) in term.char_indices() {
        let rest = &term[at..];
        for operator in ["!=", "==", "="] {
            if let Some(value) = rest.strip_prefix(operator) {
                return Some(value);
            }
        }
    }
    None
}

fn check_escapes(value: &str) -> Result<(), String> {
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\\' | ',' | '=') => {}
                next => {
                    let next = next.map(String::from).unwrap_or_default();
                    return Err(format!(
                        "invalid field selector: invalid escape sequence: \\{next}"
                    ));
                }
            },
            ',' | '=' => {
                return Err(format!(
                    "invalid field selector: unescaped character in value: {}",
                    c as u32
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks a label selector: `app=web,tier in (a, b),!debug`.
pub fn check_labels(text: &str) -> Result<(), String> {
    let tokens = tokens(text);
    let mut parser = Parser { tokens: &tokens, at: 0 };
    loop {
        match parser.peek() {
            Token::End => return Ok(()),
            Token::Word(_) | Token::Symbol("!") => parser
                .requirement()
                .map_err(|reason| format!("unable to parse requirement: {reason}"))?,
            other => {
                return Err(format!(
                    "found '{}', expected: !, identifier, or 'end of string'",
                    other.text()
                ));
            }
        }
        match parser.next() {
            Token::End => return Ok(()),
            Token::Symbol(",") => match parser.peek() {
                Token::Word(_) | Token::Symbol("!") => {}
                other => {
                    return Err(format!(
                        "found '{}', expected: identifier after ','",
                        other.text()
                    ));
                }
            },
            other => {
                return Err(format!("found '{}', expected: ',' or 'end of string'", other.text()));
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Symbol(&'static str),
    End,
}

impl<'a> Token<'a> {
    fn text(self) -> &'a str {
        match self {
            Self::Word(text) => text,
            Self::Symbol(text) => text,
            Self::End => "",
        }
    }
}

const SYMBOLS: [&str; 9] = ["!=", "==", "=", "!", ",", "(", ")", "<", ">"];

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if rest.is_empty() {
            return tokens;
        }
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            tokens.push(Token::Symbol(symbol));
            rest = &rest[symbol.len()..];
            continue;
        }
        let is_special = |c: char| " \t\r\n=!(),<>".contains(c);
        let (word, behind) = rest.split_at(rest.find(is_special).unwrap_or(rest.len()));
        tokens.push(Token::Word(word));
        rest = behind;
    }
}

struct Parser<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
}

impl<'a> Parser<'_, 'a> {
    fn peek(&self) -> Token<'a> {
        self.tokens.get(self.at).copied().unwrap_or(Token::End)
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<(), String> {
        let negated = self.peek() == Token::Symbol("!");
        if negated {
            self.next();
        }
        let key = match self.next() {
            Token::Word(key) => key,
            other => return Err(format!("found '{}', expected: identifier", other.text())),
        };
        check_key(key)?;
        if negated || matches!(self.peek(), Token::End | Token::Symbol(",")) {
            return Ok(());
        }
        match self.next() {
            Token::Word("in" | "notin") => self.values(key),
            Token::Symbol("=" | "==" | "!=") => match self.peek() {
                Token::Word(value) => {
                    self.next();
                    check_value(key, value)
                }
                // `key=` asks for the empty value.
                Token::End | Token::Symbol(",") => Ok(()),
                other => Err(format!("found '{}', expected: identifier", other.text())),
            },
            Token::Symbol("<" | ">") => match self.next() {
                Token::Word(value) if value.parse::<i64>().is_ok() => Ok(()),
                Token::Word(value) => Err(format!(
                    "values[0][{key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer"
                )),
                other => Err(format!("found '{}', expected: identifier", other.text())),
            },
            other => {
                Err(format!("found '{}', expected: in, notin, =, ==, !=, gt, lt", other.text()))
            }
        }
    }

    fn values(&mut self, key: &str) -> Result<(), String> {
        if self.next() != Token::Symbol("(") {
            self.at -= 1;
            return Err(format!("found '{}' expected: '('", self.peek().text()));
        }
        loop {
            match self.next() {
                Token::Word(value) => check_value(key, value)?,
                Token::Symbol(")") => return Ok(()),
                Token::Symbol(",") => {}
                other => {
                    return Err(format!("found '{}', expected: ',', or identifier", other.text()));
                }
            }
        }
    }
}

/// A label key: an optional DNS prefix, a slash, and a name of at most 63 characters.
fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(p, n)| (Some(p), n));
    let is_dns = |prefix: &str| {
        prefix.len() <= 253
            && prefix.split('.').all(|part| {
                !part.is_empty()
                    && part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                    && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                    && part
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            })
    };
    if prefix.is_none_or(is_dns) && !name.is_empty() && is_name(name) {
        return Ok(());
    }
    Err(format!(
        "key: Invalid value: \"{key}\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
    ))
}

fn check_value(key: &str, value: &str) -> Result<(), String> {
    if is_name(value) {
        return Ok(());
    }
    Err(format!(
        "values[0][{key}]: Invalid value: \"{value}\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
    ))
}

fn is_name(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    text.is_empty()
        || (text.len() <= 63
            && text.starts_with(edge)
            && text.ends_with(edge)
            && text.chars().all(|c| edge(c) || "-_.".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_selectors() {
        for text in ["", "metadata.name=a", "a!=b,c==d", r"a=b\,c\=d", "a=b,"] {
            assert_eq!(check_fields(text), Ok(()), "{text}");
        }
        assert_eq!(
            check_fields("a=b,metadata.name"),
            Err("invalid selector: 'a=b,metadata.name'; can't understand 'metadata.name'".into())
        );
        for text in ["a=b=c", r"a=\x", r"a=\"] {
            assert!(check_fields(text).is_err(), "{text}");
        }
    }

    #[test]
    fn label_selectors() {
        for text in [
            "",
            "a",
            "!a",
            "a=b",
            "a==b , c != d",
            "x in (a,b),y notin (c)",
            "n > 5",
            "a=,b",
            "app.kubernetes.io/name=web",
        ] {
            assert_eq!(check_labels(text), Ok(()), "{text}");
        }
        for text in ["=", "a b", "a in b", "a=b c", "a,", "a>b", "a in (b", "A_/x=y", "a=-b", "!"] {
            assert!(check_labels(text).is_err(), "{text}");
        }
    }
}
