//! Kubernetes label and field selectors as text, read and refused in the API machinery's words.
//!
//! Source: apimachinery `fields.ParseSelector` and `labels.Parse`.

/// One term of a field selector: `status.phase!=Running`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldTerm {
    pub field: String,
    pub equal: bool,
    pub value: String,
}

/// One requirement of a label selector; all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelTerm<'a> {
    pub key: &'a str,
    pub operator: LabelOperator,
    pub values: Vec<&'a str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelOperator {
    /// Also `=` and `==`.
    In,
    /// Also `!=`.
    NotIn,
    Exists,
    DoesNotExist,
    /// Only in selectors that are written as text: `tier>2`.
    Greater,
    Less,
}

impl LabelOperator {
    /// Returns the operator of a name in `matchExpressions`, which cannot compare numbers.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "In" => Self::In,
            "NotIn" => Self::NotIn,
            "Exists" => Self::Exists,
            "DoesNotExist" => Self::DoesNotExist,
            _ => return None,
        })
    }
}

/// Reads a field selector: `metadata.name=web,spec.nodeName!=a`. Commas and equal signs in a
/// value are escaped by a backslash; spaces belong to the field or value.
pub fn parse_fields(text: &str) -> Result<Vec<FieldTerm>, String> {
    let mut terms = Vec::new();
    for term in split_terms(text).into_iter().filter(|term| !term.is_empty()) {
        let Some((field, operator, value)) = split_operator(term) else {
            return Err(format!("invalid selector: '{text}'; can't understand '{term}'"));
        };
        let (field, value) = (field.to_owned(), unescape(value)?);
        terms.push(FieldTerm { field, equal: operator != "!=", value });
    }
    Ok(terms)
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

/// At the first `!=`, `==` or `=`.
fn split_operator(term: &str) -> Option<(&str, &'static str, &str)> {
    for (at, _) in term.char_indices() {
        let (field, rest) = term.split_at(at);
        for operator in ["!=", "==", "="] {
            if let Some(value) = rest.strip_prefix(operator) {
                return Some((field, operator, value));
            }
        }
    }
    None
}

fn unescape(value: &str) -> Result<String, String> {
    let mut plain = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | ',' | '=')) => plain.push(c),
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
            c => plain.push(c),
        }
    }
    Ok(plain)
}

/// Reads a label selector: `app=web,tier in (a, b),!debug`.
pub fn parse_labels(text: &str) -> Result<Vec<LabelTerm<'_>>, String> {
    let tokens = tokens(text);
    let mut parser = Parser { tokens: &tokens, at: 0 };
    let mut terms = Vec::new();
    loop {
        match parser.peek() {
            Token::End => return Ok(terms),
            Token::Word(_) | Token::Symbol("!") => {
                let term = parser.requirement();
                terms.push(term.map_err(|reason| format!("unable to parse requirement: {reason}"))?)
            }
            other => {
                return Err(format!(
                    "found '{}', expected: !, identifier, or 'end of string'",
                    other.text()
                ));
            }
        }
        match parser.next() {
            Token::End => return Ok(terms),
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

    fn requirement(&mut self) -> Result<LabelTerm<'a>, String> {
        use LabelOperator as Operator;
        let negated = self.peek() == Token::Symbol("!");
        if negated {
            self.next();
        }
        let key = match self.next() {
            Token::Word(key) => key,
            other => return Err(format!("found '{}', expected: identifier", other.text())),
        };
        check_key(key)?;
        let term = |operator, values| Ok(LabelTerm { key, operator, values });
        if negated {
            return term(Operator::DoesNotExist, Vec::new());
        }
        if matches!(self.peek(), Token::End | Token::Symbol(",")) {
            return term(Operator::Exists, Vec::new());
        }
        match self.next() {
            Token::Word("in") => term(Operator::In, self.values(key)?),
            Token::Word("notin") => term(Operator::NotIn, self.values(key)?),
            Token::Symbol(symbol @ ("=" | "==" | "!=")) => {
                let operator = if symbol == "!=" { Operator::NotIn } else { Operator::In };
                match self.peek() {
                    Token::Word(value) => {
                        self.next();
                        check_value(key, value)?;
                        term(operator, vec![value])
                    }
                    // `key=` requests the empty value.
                    Token::End | Token::Symbol(",") => term(operator, vec![""]),
                    other => Err(format!("found '{}', expected: identifier", other.text())),
                }
            }
            Token::Symbol(symbol @ ("<" | ">")) => match self.next() {
                Token::Word(value) if value.parse::<i64>().is_ok() => {
                    let greater = symbol == ">";
                    term(if greater { Operator::Greater } else { Operator::Less }, vec![value])
                }
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

    /// Parses the values in parentheses. A missing value between two commas, or next to a
    /// parenthesis, is the empty string.
    fn values(&mut self, key: &str) -> Result<Vec<&'a str>, String> {
        if self.next() != Token::Symbol("(") {
            self.at -= 1;
            return Err(format!("found '{}' expected: '('", self.peek().text()));
        }
        let mut values = Vec::new();
        let mut wanted = true;
        loop {
            match self.next() {
                Token::Word(value) => {
                    check_value(key, value)?;
                    values.push(value);
                    wanted = false;
                }
                Token::Symbol(symbol @ (")" | ",")) => {
                    if wanted {
                        values.push("");
                    }
                    wanted = true;
                    if symbol == ")" {
                        return Ok(values);
                    }
                }
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
        let terms = |text: &str| {
            let term = |term: FieldTerm| {
                let sign = if term.equal { "=" } else { "!=" };
                format!("{}{sign}{}", term.field, term.value)
            };
            parse_fields(text).map(|terms| terms.into_iter().map(term).collect::<Vec<_>>())
        };
        for (text, expected) in [
            ("", &[][..]),
            ("metadata.name=a", &["metadata.name=a"]),
            ("a!=b,c==d", &["a!=b", "c=d"]),
            (r"a=b\,c\=d", &["a=b,c=d"]),
            ("a=b,", &["a=b"]),
            ("status.phase = Running", &["status.phase = Running"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|one| (*one).to_owned()).collect();
            assert_eq!(terms(text), Ok(expected), "{text}");
        }
        assert_eq!(
            terms("a=b,metadata.name"),
            Err("invalid selector: 'a=b,metadata.name'; can't understand 'metadata.name'".into())
        );
        for text in ["a=b=c", "a=b!=c", r"a=\x", r"a=\"] {
            assert!(parse_fields(text).is_err(), "{text}");
        }
    }

    #[test]
    fn label_selectors() {
        let terms = |text: &str| -> Result<Vec<String>, String> {
            let term = |term: LabelTerm<'_>| {
                format!("{} {:?} {}", term.key, term.operator, term.values.join("|"))
            };
            parse_labels(text).map(|terms| terms.into_iter().map(term).collect())
        };
        for (text, expected) in [
            ("", &[][..]),
            ("a", &["a Exists "]),
            ("! a", &["a DoesNotExist "]),
            ("a=b", &["a In b"]),
            ("a==b , c != d", &["a In b", "c NotIn d"]),
            ("x in (a,b),y notin (c)", &["x In a|b", "y NotIn c"]),
            ("x in (),y in(a,),z notin (,a)", &["x In ", "y In a|", "z NotIn |a"]),
            ("n > 5,m<-3", &["n Greater 5", "m Less -3"]),
            ("a=,b", &["a In ", "b Exists "]),
            ("app.kubernetes.io/name=web", &["app.kubernetes.io/name In web"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|one| (*one).to_owned()).collect();
            assert_eq!(terms(text), Ok(expected), "{text}");
        }
        for text in ["=", "a b", "a in b", "a=b c", "a,", "a>b", "a in (b", "A_/x=y", "a=-b", "!"] {
            assert!(parse_labels(text).is_err(), "{text}");
        }
    }
}
