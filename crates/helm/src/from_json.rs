//! Reads JSON as Go's encoding/json does, with its messages for faults.
//!
//! Source: encoding/json scanner.go.

use go::quote::quote;
use go::template::{Entries, Value};

use crate::values::MAX_HEIGHT;

/// Decodes a JSON text. Numbers are floats. The error is Go's, except for nesting that is deeper
/// than [`MAX_HEIGHT`].
pub fn from_json(text: &str) -> Result<Value, String> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    scanner.value(MAX_HEIGHT)?;
    if scanner.peek().is_some() {
        return Err(scanner.fault("after top-level value"));
    }
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(template_value(json))
}

/// Decodes the JSON value at the start of a text. Returns how many bytes it has. The error is that
/// of Go's `json.Decoder`.
pub fn from_json_prefix(text: &str) -> Result<(Value, usize), String> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    if scanner.peek().is_none() {
        return Err("EOF".to_owned());
    }
    scanner.value(MAX_HEIGHT).map_err(|error| match error.as_str() {
        ENDED => "unexpected EOF".to_owned(),
        _ => error,
    })?;
    let json = text.get(..scanner.at).unwrap_or_default();
    let json: serde_json::Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    Ok((template_value(json), scanner.at))
}

const ENDED: &str = "unexpected end of JSON input";

/// The text has passed the scanner, so that recursion is bounded by [`MAX_HEIGHT`].
fn template_value(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Nil,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Float(number.as_f64().unwrap_or_default()),
        Json::String(text) => Value::string(text),
        Json::Array(items) => Value::list(items.into_iter().map(template_value).collect()),
        Json::Object(object) => {
            let entries =
                object.into_iter().map(|(key, value)| (key.into(), template_value(value)));
            Value::map(entries.collect::<Entries>())
        }
    }
}

struct Scanner<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Scanner<'_> {
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
        self.byte()
    }

    fn fault(&self, context: &str) -> String {
        let shown = match self.byte() {
            None => return ENDED.to_owned(),
            Some(b'\'') => r"\'".to_owned(),
            Some(b'"') => "\"".to_owned(),
            Some(byte) => quote(&char::from(byte).to_string()).trim_matches('"').to_owned(),
        };
        format!("invalid character '{shown}' {context}")
    }

    fn value(&mut self, height: usize) -> Result<(), String> {
        let Some(lower) = height.checked_sub(1) else {
            return Err(format!("the value is nested more than {MAX_HEIGHT} levels deep"));
        };
        match self.peek() {
            Some(b'{') => self.object(lower),
            Some(b'[') => self.array(lower),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => Err(self.fault("looking for beginning of value")),
        }
    }

    fn object(&mut self, lower: usize) -> Result<(), String> {
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.fault("looking for beginning of object key string"));
            }
            self.string()?;
            if self.peek() != Some(b':') {
                return Err(self.fault("after object key"));
            }
            self.at += 1;
            self.value(lower)?;
            if !self.goes_on(b'}', "after object key:value pair")? {
                return Ok(());
            }
        }
    }

    fn array(&mut self, lower: usize) -> Result<(), String> {
        self.at += 1;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.value(lower)?;
            if !self.goes_on(b']', "after array element")? {
                return Ok(());
            }
        }
    }

    /// Reads a comma, or the end of the object or array.
    fn goes_on(&mut self, end: u8, context: &str) -> Result<bool, String> {
        let next = self.peek();
        if next != Some(b',') && next != Some(end) {
            return Err(self.fault(context));
        }
        self.at += 1;
        Ok(next == Some(b','))
    }

    fn literal(&mut self, word: &str) -> Result<(), String> {
        for expected in word.chars() {
            if self.byte().map(char::from) != Some(expected) {
                return Err(self.fault(&format!("in literal {word} (expecting '{expected}')")));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), String> {
        self.at += 1;
        loop {
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                None | Some(0..=0x1f) => return Err(self.fault("in string literal")),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        self.at += 1;
        let digits = match self.byte() {
            Some(b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"') => 0,
            Some(b'u') => 4,
            _ => return Err(self.fault("in string escape code")),
        };
        self.at += 1;
        for _ in 0..digits {
            if !self.byte().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                return Err(self.fault("in \\u hexadecimal character escape"));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn digits(&mut self, context: &str) -> Result<(), String> {
        if !self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.fault(context));
        }
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read() {
        let value = from_json(" {\"a\": [1, -2.5e1, null, true, \"\\u0041\"], \"b\": {}} ");
        assert_eq!(
            value.map(|value| value.print()).as_deref(),
            Ok("map[a:[1 -25 <nil> true A] b:map[]]")
        );
    }

    #[test]
    fn faults_have_the_words_of_go() {
        for (text, expected) in [
            ("", "unexpected end of JSON input"),
            ("[1", "unexpected end of JSON input"),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{,", "invalid character ',' looking for beginning of object key string"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 \"", "invalid character '\"' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("1 '", "invalid character '\\'' after top-level value"),
            ("trap", "invalid character 'a' in literal true (expecting 'u')"),
            ("\"\n\"", "invalid character '\\n' in string literal"),
            ("\"\\q\"", "invalid character 'q' in string escape code"),
            ("-x", "invalid character 'x' in numeric literal"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("1ex", "invalid character 'x' in exponent of numeric literal"),
        ] {
            assert_eq!(
                from_json(text).map(|value| value.print()),
                Err(expected.to_owned()),
                "{text}"
            );
        }
        assert!(from_json(&"[".repeat(100_000)).is_err());
    }
}
