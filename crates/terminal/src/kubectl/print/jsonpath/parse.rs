//! The parser of JSONPath templates.
//!
//! Source: client-go util/jsonpath/parser.go; kubectl pkg/cmd/get RelaxedJSONPathExpression.

use super::{Filter, Operator, Part, PathStep, Slice};

/// Filters inside of filters that are read at most.
const DEEPEST: usize = 16;

/// Parses a template: texts and actions in braces.
pub(crate) fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut reader = PathReader { rest: text };
    let (parts, ended) = reader.parts(0)?;
    if ended {
        return Err("not in range, nothing to end".to_owned());
    }
    Ok(parts)
}

/// Parses a path that may lack its braces and its first dot: `metadata.name`.
pub(crate) fn relaxed(text: &str) -> Result<Vec<Part>, String> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').unwrap_or_default(),
        None => text,
    };
    let inner = inner.strip_prefix('.').unwrap_or(inner);
    if inner.is_empty() || inner.contains(['{', '}']) {
        return Err("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'".to_owned());
    }
    parse(&format!("{{.{inner}}}"))
}

struct PathReader<'a> {
    rest: &'a str,
}

/// The kind of an action.
enum Action {
    Steps(Vec<PathStep>),
    Range(Vec<PathStep>),
    End,
}

impl PathReader<'_> {
    /// Parts up to the end of the text, or up to an `{end}`.
    fn parts(&mut self, depth: usize) -> Result<(Vec<Part>, bool), String> {
        let mut parts = Vec::new();
        loop {
            let Some(at) = self.rest.find('{') else {
                if !self.rest.is_empty() {
                    parts.push(Part::Text(self.rest.to_owned()));
                }
                self.rest = "";
                return Ok((parts, false));
            };
            if at > 0 {
                parts.push(Part::Text(self.rest[..at].to_owned()));
            }
            self.rest = &self.rest[at + 1..];
            match self.action()? {
                Action::Steps(steps) => parts.push(Part::Action(steps)),
                Action::End => return Ok((parts, true)),
                Action::Range(_) if depth >= DEEPEST => {
                    return Err(format!("ranges are nested more than {DEEPEST} times"));
                }
                Action::Range(steps) => {
                    let (body, _) = self.parts(depth + 1)?;
                    parts.push(Part::Range(steps, body));
                }
            }
        }
    }

    fn action(&mut self) -> Result<Action, String> {
        let mut range = false;
        let mut steps = Vec::new();
        loop {
            let Some(c) = self.rest.chars().next() else {
                return Err("unclosed action".to_owned());
            };
            match c {
                '}' => {
                    self.skip(1);
                    let end = matches!(&steps[..], [PathStep::Field(name)] if name == "\0end");
                    return Ok(match (range, end) {
                        (_, true) => Action::End,
                        (true, _) => Action::Range(steps),
                        (false, _) => Action::Steps(steps),
                    });
                }
                c if c.is_whitespace() => self.skip(c.len_utf8()),
                c if c.is_alphabetic() && steps.is_empty() && self.identifier() == "range" => {
                    self.skip("range".len());
                    range = true;
                }
                c if c.is_alphabetic() && steps.is_empty() && self.identifier() == "end" => {
                    self.skip("end".len());
                    // No field of a path can have this name.
                    steps.push(PathStep::Field("\0end".to_owned()));
                }
                _ => self.step(&mut steps, 0)?,
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn identifier(&self) -> &str {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        &self.rest[..end.unwrap_or(self.rest.len())]
    }

    fn step(&mut self, steps: &mut Vec<PathStep>, depth: usize) -> Result<(), String> {
        let Some(c) = self.rest.chars().next() else { return Ok(()) };
        match c {
            // The current value.
            '@' | '$' => self.skip(1),
            '.' if self.rest.starts_with("..") => {
                self.skip(1);
                steps.push(PathStep::Recursive);
                // The second dot begins the field, or stands alone before a bracket.
                if self.rest.starts_with(".[") || self.rest == "." || self.rest.starts_with(".}") {
                    self.skip(1);
                }
            }
            '.' => {
                self.skip(1);
                if let Some(step) = self.field() {
                    steps.push(step);
                }
            }
            '[' => {
                self.skip(1);
                steps.push(self.brackets(depth)?);
            }
            '"' | '\'' => steps.push(PathStep::Text(self.quoted(c)?)),
            c if c == '-' || c == '+' || c.is_ascii_digit() => steps.push(self.number()?),
            c if c.is_alphabetic() => {
                let word = self.identifier().to_owned();
                self.skip(word.len());
                steps.push(match word.as_str() {
                    "true" => PathStep::Bool(true),
                    "false" => PathStep::Bool(false),
                    _ => return Err(format!("unrecognized identifier {word}")),
                });
            }
            c => {
                let code = u32::from(c);
                return Err(format!("unrecognized character in action: U+{code:04X} '{c}'"));
            }
        }
        Ok(())
    }

    /// A name after a dot; a backslash takes the next character as it is.
    fn field(&mut self) -> Option<PathStep> {
        let mut name = String::new();
        let mut escaped = false;
        let mut end = self.rest.len();
        for (at, c) in self.rest.char_indices() {
            if escaped {
                name.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c.is_whitespace()
                || matches!(c, '.' | '[' | '}' | ',' | '$' | '@' | '{' | '|')
            {
                end = at;
                break;
            } else {
                name.push(c);
            }
        }
        self.skip(end);
        match name.as_str() {
            "" => None,
            "*" => Some(PathStep::Wildcard),
            _ => Some(PathStep::Field(name)),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.skip(at + 1);
                    return Ok(text);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some(c) => text.push(c),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err("unterminated quoted string".to_owned())
    }

    fn number(&mut self) -> Result<PathStep, String> {
        let end = self.rest.char_indices().find(|(at, c)| {
            !(c.is_ascii_digit() || *c == '.' || *at == 0 && matches!(c, '+' | '-'))
        });
        let text = self.rest[..end.map_or(self.rest.len(), |(at, _)| at)].to_owned();
        self.skip(text.len());
        match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(int), _) => Ok(PathStep::Int(int)),
            (_, Ok(float)) => Ok(PathStep::Float(float)),
            _ => Err(format!("cannot parse number {text}")),
        }
    }

    /// Parses the content of brackets.
    fn brackets(&mut self, depth: usize) -> Result<PathStep, String> {
        if self.rest.starts_with("?(") {
            return self.filter(depth);
        }
        let mut quote = None;
        let end = self.rest.char_indices().find(|(_, c)| match quote {
            Some(open) if open == *c => {
                quote = None;
                false
            }
            Some(_) => false,
            None if matches!(c, '\'' | '"') => {
                quote = Some(*c);
                false
            }
            None => *c == ']',
        });
        let Some((end, _)) = end else { return Err("unterminated array".to_owned()) };
        let inner = self.rest[..end].to_owned();
        self.skip(end + 1);
        let items = split(&inner);
        if items.len() > 1 {
            let union: Result<Vec<Vec<PathStep>>, String> =
                items.iter().map(|item| Ok(vec![bracket(item.trim())?])).collect();
            return union.map(PathStep::Union);
        }
        bracket(inner.trim())
    }

    fn filter(&mut self, depth: usize) -> Result<PathStep, String> {
        if depth >= DEEPEST {
            return Err(format!("filters are nested more than {DEEPEST} times"));
        }
        self.skip(2);
        let (mut open, mut quote, mut end) = (1_usize, None, None);
        for (at, c) in self.rest.char_indices() {
            match (quote, c) {
                (Some(known), c) if known == c => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => open += 1,
                (None, ')') => {
                    open -= 1;
                    if open == 0 {
                        end = Some(at);
                        break;
                    }
                }
                _ => {}
            }
        }
        let Some(end) = end.filter(|end| self.rest[end + 1..].starts_with(']')) else {
            return Err("unterminated filter".to_owned());
        };
        let inner = self.rest[..end].to_owned();
        self.skip(end + 2);
        let (left, operator, right) = comparison(&inner)?;
        let steps = |text: &str| -> Result<Vec<PathStep>, String> {
            let mut reader = PathReader { rest: text.trim() };
            let mut steps = Vec::new();
            while !reader.rest.is_empty() {
                match reader.rest.chars().next() {
                    Some(c) if c.is_whitespace() => reader.skip(c.len_utf8()),
                    _ => reader.step(&mut steps, depth + 1)?,
                }
            }
            Ok(steps)
        };
        let filter = Filter { left: steps(left)?, operator, right: steps(right)? };
        Ok(PathStep::Filter(Box::new(filter)))
    }
}

/// Splits at commas outside of quotes.
fn split(text: &str) -> Vec<&str> {
    let mut quote = None;
    text.split(|c: char| {
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        quote.is_none() && c == ','
    })
    .collect()
}

/// One item in brackets: a key, an index, or a slice.
fn bracket(text: &str) -> Result<PathStep, String> {
    for quote in ['\'', '"'] {
        let inner = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
        if let Some(key) = inner.filter(|key| !key.contains(quote)) {
            return Ok(PathStep::Field(key.to_owned()));
        }
    }
    let invalid = || format!("invalid array index {text}");
    if text == "*" {
        return Ok(PathStep::Slice(Slice::default()));
    }
    let mut numbers = [None; 3];
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 || text.is_empty() {
        return Err(invalid());
    }
    for (number, part) in numbers.iter_mut().zip(&parts) {
        if !part.is_empty() {
            *number = Some(part.parse().map_err(|_| invalid())?);
        }
    }
    let [start, end, step] = numbers;
    let single = parts.len() == 1;
    let end = if single { start.map(|start: i64| start.saturating_add(1)) } else { end };
    Ok(PathStep::Slice(Slice { start, end, step, single }))
}

/// Left side, operator and right side of a filter.
fn comparison(text: &str) -> Result<(&str, Operator, &str), String> {
    let mut quote = None;
    let start = text.char_indices().find(|(_, c)| match quote {
        Some(open) if open == *c => {
            quote = None;
            false
        }
        Some(_) => false,
        None if matches!(c, '\'' | '"') => {
            quote = Some(*c);
            false
        }
        None => matches!(c, '!' | '<' | '>' | '='),
    });
    let Some((start, _)) = start else { return Ok((text, Operator::Exists, "")) };
    let rest = &text[start..];
    let end = rest.find(|c| !matches!(c, '!' | '<' | '>' | '=')).unwrap_or(rest.len());
    let operator = match &rest[..end] {
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        other => return Err(format!("unrecognized filter operator {other}")),
    };
    Ok((&text[..start], operator, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_their_messages() {
        for (text, message) in [
            ("{.items[*", "unterminated array"),
            ("{.items", "unclosed action"),
            ("{.items[?(@.a]}", "unterminated filter"),
            ("{.a[x]}", "invalid array index x"),
            ("{foo}", "unrecognized identifier foo"),
            ("{#}", "unrecognized character in action: U+0023 '#'"),
            ("{\"a}", "unterminated quoted string"),
            ("{end}", "not in range, nothing to end"),
        ] {
            assert_eq!(parse(text), Err(message.to_owned()), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let ranges = "{range .a}".repeat(1000);
        assert!(parse(&ranges).is_err());
        let filters = format!("{{.a{}{}}}", "[?(@.a".repeat(1000), ")]".repeat(1000));
        assert!(parse(&filters).is_err());
    }

    #[test]
    fn relaxed_paths_have_four_forms() {
        let expected = parse("{.a.b}");
        for text in ["a.b", ".a.b", "{a.b}", "{.a.b}"] {
            assert_eq!(relaxed(text), expected, "{text}");
        }
        assert!(relaxed("{.a}{.b}").is_err());
        assert!(relaxed("").is_err());
    }
}
