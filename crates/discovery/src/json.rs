//! Target groups in JSON, decoded as by Go's `encoding/json`.
//!
//! YAML accepts more than JSON, for example trailing commas. Prometheus rejects such a file and
//! keeps the previous targets.

use std::sync::Arc;

use go::quote::quote;
use prometheus::config::StaticConfig;
use text::{Location, Span};
use yaml::Parsed;

/// An error message of Go and its location.
type Refusal = (String, Span);

/// The maximum nesting depth. Go's limit is 10,000.
const MAX_DEPTH: usize = 200;

/// Reads a list of groups, each with its location.
pub(super) fn read(parsed: &Parsed) -> Result<Vec<(StaticConfig, Location)>, (String, Location)> {
    let at = |span: Span| Location::new(parsed.file, parsed.source.span_to_host(span));
    let located = |(message, span): Refusal| (message, at(span));
    let root = Scanner { text: &parsed.source.text, at: 0 }.document().map_err(located)?;
    groups(&root, &at).map_err(located)
}

struct Value {
    kind: Kind,
    span: Span,
}

enum Kind {
    Null,
    Bool,
    Number,
    Text(String),
    List(Vec<Value>),
    /// Members in the order of the text. Names may repeat.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The error for a value of the wrong type.
    fn mismatch(&self, into: &str) -> Refusal {
        let what = match self.kind {
            Kind::Null => "null",
            Kind::Bool => "bool",
            Kind::Number => "number",
            Kind::Text(_) => "string",
            Kind::List(_) => "array",
            Kind::Object(_) => "object",
        };
        (format!("json: cannot unmarshal {what} into Go {into}"), self.span)
    }

    /// Returns the value of a string; null gives an empty string.
    fn text(&self, into: &str) -> Result<Arc<str>, Refusal> {
        match &self.kind {
            Kind::Text(text) => Ok(text.as_str().into()),
            Kind::Null => Ok("".into()),
            _ => Err(self.mismatch(into)),
        }
    }
}

fn groups(
    root: &Value,
    at: &dyn Fn(Span) -> Location,
) -> Result<Vec<(StaticConfig, Location)>, Refusal> {
    let items = match &root.kind {
        Kind::Null => return Ok(Vec::new()),
        Kind::List(items) => items,
        _ => return Err(root.mismatch("value of type []*targetgroup.Group")),
    };
    let groups: Vec<_> = items
        .iter()
        .filter(|item| !matches!(item.kind, Kind::Null))
        .map(|item| Ok((group(item, at)?, at(item.span))))
        .collect::<Result<_, Refusal>>()?;
    // Errors inside groups are reported first.
    match items.iter().find(|item| matches!(item.kind, Kind::Null)) {
        Some(null) => Err(("nil target group item found".into(), null.span)),
        None => Ok(groups),
    }
}

/// Decodes a group. The last of repeated names wins; names are case-insensitive.
fn group(item: &Value, at: &dyn Fn(Span) -> Location) -> Result<StaticConfig, Refusal> {
    const FIELDS: &str = r#"value of type struct { Targets []string "json:\"targets\""; Labels model.LabelSet "json:\"labels\"" }"#;
    let Kind::Object(fields) = &item.kind else { return Err(item.mismatch(FIELDS)) };
    let mut config = StaticConfig::default();
    for (name, value) in fields {
        if name.eq_ignore_ascii_case("targets") {
            config.targets = targets(value, at)?;
        } else if name.eq_ignore_ascii_case("labels") {
            config.labels = labels(value, at)?;
        } else {
            return Err((format!("json: unknown field {}", quote(name)), value.span));
        }
    }
    Ok(config)
}

fn targets(
    value: &Value,
    at: &dyn Fn(Span) -> Location,
) -> Result<Vec<(Arc<str>, Location)>, Refusal> {
    match &value.kind {
        Kind::Null => Ok(Vec::new()),
        Kind::List(items) => items
            .iter()
            .map(|item| Ok((item.text("struct field .targets of type string")?, at(item.span))))
            .collect(),
        _ => Err(value.mismatch("struct field .targets of type []string")),
    }
}

/// Label names, values and locations.
type Labels = Vec<(Arc<str>, Arc<str>, Location)>;

fn labels(value: &Value, at: &dyn Fn(Span) -> Location) -> Result<Labels, Refusal> {
    const MAP: &str = "value of type map[model.LabelName]model.LabelValue";
    let entries = match &value.kind {
        Kind::Null => return Ok(Vec::new()),
        Kind::Object(entries) => entries,
        _ => return Err(value.mismatch(MAP)),
    };
    let labels = entries
        .iter()
        .map(|(name, value)| {
            let text = value.text("value of type model.LabelValue")?;
            Ok((name.as_str().into(), text, at(value.span)))
        })
        .collect::<Result<_, Refusal>>()?;
    match entries.iter().find(|(name, _)| name.is_empty()) {
        Some((_, value)) => Err(("\"\" is not a valid label name".into(), value.span)),
        None => Ok(labels),
    }
}

/// A JSON scanner. Each method advances `at` past what it read.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn document(mut self) -> Result<Value, Refusal> {
        let value = self.value(0)?;
        self.space();
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.unexpected("after top-level value")),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start as u32, self.at as u32)
    }

    /// The error for an unexpected byte. Go prints the byte as the character with its code.
    fn unexpected(&self, context: &str) -> Refusal {
        let Some(byte) = self.peek() else {
            return ("unexpected end of JSON input".into(), self.span_from(self.at));
        };
        let quoted = match byte {
            b'\'' => r"'\''".to_owned(),
            b'"' => "'\"'".to_owned(),
            byte => {
                let quoted = quote(&char::from(byte).to_string());
                format!("'{}'", quoted.trim_matches('"'))
            }
        };
        let end = self.text.len().min(self.at + 1);
        let span = Span::new(self.at as u32, end as u32);
        (format!("invalid character {quoted} {context}"), span)
    }

    fn value(&mut self, depth: usize) -> Result<Value, Refusal> {
        self.space();
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(("exceeded max depth".into(), self.span_from(start)));
        }
        let kind = match self.peek() {
            Some(b'[') => Kind::List(self.list(depth)?),
            Some(b'{') => Kind::Object(self.object(depth)?),
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Kind::Number
            }
            Some(b't') => self.word("true", Kind::Bool)?,
            Some(b'f') => self.word("false", Kind::Bool)?,
            Some(b'n') => self.word("null", Kind::Null)?,
            _ => return Err(self.unexpected("looking for beginning of value")),
        };
        Ok(Value { kind, span: self.span_from(start) })
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, Refusal> {
        for letter in word.bytes() {
            if self.peek() != Some(letter) {
                let expecting = char::from(letter);
                let context = format!("in literal {word} (expecting '{expecting}')");
                return Err(self.unexpected(&context));
            }
            self.at += 1;
        }
        Ok(kind)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value>, Refusal> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items);
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(items);
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<(String, Value)>, Refusal> {
        let mut entries = Vec::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(entries);
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let name = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            entries.push((name, self.value(depth + 1)?));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(entries);
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn number(&mut self) -> Result<(), Refusal> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits("in numeric literal")?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    /// Reads one or more digits.
    fn digits(&mut self, context: &str) -> Result<(), Refusal> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected(context)) } else { Ok(()) }
    }

    fn string(&mut self) -> Result<String, Refusal> {
        let mut text = String::new();
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain =
                rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ').unwrap_or(rest.len());
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    /// Reads an escape sequence after the backslash. An unpaired surrogate becomes U+FFFD.
    fn escape(&mut self) -> Result<char, Refusal> {
        let plain = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, Refusal> {
        let first = self.hex()?;
        let is_pair = (0xD800..0xDC00).contains(&first)
            && self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u"));
        if is_pair {
            let back = self.at;
            self.at += 2;
            let second = self.hex()?;
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, Refusal> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::FileId;

    fn found(text: &str) -> Result<String, String> {
        let parsed = yaml::parse(FileId(1), text);
        let groups = read(&parsed).map_err(|(message, _)| message)?;
        let group = |(config, _): (StaticConfig, Location)| {
            let targets: Vec<&str> = config.targets.iter().map(|(target, _)| &**target).collect();
            let labels: Vec<String> =
                config.labels.iter().map(|(name, value, _)| format!("{name}={value}")).collect();
            format!("{}|{}", targets.join(","), labels.join(","))
        };
        Ok(groups.into_iter().map(group).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn groups_are_read() {
        for (text, expected) in [
            ("null", ""),
            (" [ ] \n", ""),
            ("[\n\t{\n\t\t\"targets\": [\"a:1\", \"b:1\"]\n\t},{}]", "a:1,b:1| |"),
            (
                r#"[{"Targets": ["x"], "targets": null, "LABELS": {"a": null, "b": "1"}}]"#,
                "|a=,b=1",
            ),
            (r#"[{"targets": ["a\/b\u00e9\ud83d\ude00\ud83dx\t", null]}]"#, "a/bé😀\u{fffd}x\t,|"),
        ] {
            assert_eq!(found(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refusals_are_in_the_words_of_go() {
        const FIELD: &str = "json: cannot unmarshal number into Go struct field .targets of type";
        for (text, expected) in [
            ("", "unexpected end of JSON input"),
            ("[{\"targets\": [\"a", "unexpected end of JSON input"),
            ("- targets: [a]", "invalid character ' ' in numeric literal"),
            ("targets: []", "invalid character 'a' in literal true (expecting 'r')"),
            ("# no", "invalid character '#' looking for beginning of value"),
            ("[{\"targets\": [\"a:1\",]}]", "invalid character ']' looking for beginning of value"),
            (
                "[{\"targets\": [],}]",
                "invalid character '}' looking for beginning of object key string",
            ),
            ("[{targets: []}]", "invalid character 't' looking for beginning of object key string"),
            ("[{'a': 1}]", r"invalid character '\'' looking for beginning of object key string"),
            ("[{\"targets\" []}]", "invalid character '[' after object key"),
            (
                "[{\"targets\": [] \"labels\": {}}]",
                "invalid character '\"' after object key:value pair",
            ),
            ("[{} {}]", "invalid character '{' after array element"),
            ("[] []", "invalid character '[' after top-level value"),
            ("[\"a\nb\"]", r"invalid character '\n' in string literal"),
            (r#"["\x"]"#, "invalid character 'x' in string escape code"),
            (r#"["\u00g0"]"#, r"invalid character 'g' in \u hexadecimal character escape"),
            ("[1.]", "invalid character ']' after decimal point in numeric literal"),
            ("[é]", "invalid character 'Ã' looking for beginning of value"),
            ("{}", "json: cannot unmarshal object into Go value of type []*targetgroup.Group"),
            ("[null, {\"x\": 1}]", "json: unknown field \"x\""),
            ("[null]", "nil target group item found"),
            ("[{\"targets\": [1]}]", &format!("{FIELD} string")),
            ("[{\"targets\": 1}]", &format!("{FIELD} []string")),
            (
                "[{\"labels\": {\"a\": true}}]",
                "json: cannot unmarshal bool into Go value of type model.LabelValue",
            ),
            ("[{\"labels\": {\"\": \"a\"}}]", "\"\" is not a valid label name"),
        ] {
            assert_eq!(found(text), Err(expected.to_owned()), "{text}");
        }
        assert_eq!(found(&"[".repeat(100_000)), Err("exceeded max depth".into()));
    }
}
