//! JSON as Go's `encoding/json` reads and writes it, and Go's `%v` of what it reads.

use std::fmt;
use std::fmt::Write as _;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Map, Value};

/// Reads one JSON value. Of a key that occurs twice the last one wins; integers beyond 64 bits
/// become floats. Errors are those of the parser, which limits depth to 128.
pub fn parse_json(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text)
}

/// Reads JSON values that follow one another. What was read before an error is kept.
pub fn parse_stream(text: &str, values: &mut Vec<Value>) -> Result<(), serde_json::Error> {
    for value in serde_json::Deserializer::from_str(text).into_iter() {
        values.push(value?);
    }
    Ok(())
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

/// One line of JSON with `<`, `>` and `&` as they are.
pub fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, false);
    out
}

/// One line of JSON with `<`, `>` and `&` escaped, as `json.Marshal` and the annotation of
/// `kubectl apply` have it.
pub fn to_json_html(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value, true);
    out
}

fn write_value(out: &mut String, value: &Value, html: bool) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
        Value::Int(int) => {
            let _ = write!(out, "{int}");
        }
        Value::Float(float) => out.push_str(&json_float(*float)),
        Value::String(text) => write_string(out, text, html),
        Value::List(list) => {
            out.push('[');
            for (number, item) in list.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write_value(out, item, html);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (number, (key, value)) in map.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                write_string(out, key, html);
                out.push(':');
                write_value(out, value, html);
            }
            out.push('}');
        }
    }
}

/// A text in JSON's quotes. Source: encoding/json appendString.
pub fn write_string(out: &mut String, text: &str, html: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' if html => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A float as `encoding/json` writes it: with an exponent below 1e-6 and from 1e21 on.
pub fn json_float(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{float:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                format!("{digits}e+{exponent}")
            }
            Some((digits, exponent)) => {
                let exponent = exponent.trim_start_matches('-');
                format!("{digits}e-{exponent:0>2}")
            }
            None => text,
        };
    }
    format!("{float}")
}

/// Go's `%v` of decoded JSON: `map[a:1 b:[x y] c:<nil>]`.
pub fn go_value(value: &Value) -> String {
    let mut out = String::new();
    write_go(&mut out, value);
    out
}

fn write_go(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::Bool(bool) => {
            let _ = write!(out, "{bool}");
        }
        Value::Int(int) => {
            let _ = write!(out, "{int}");
        }
        Value::Float(float) => out.push_str(&json_float(*float)),
        Value::String(text) => out.push_str(text),
        Value::List(list) => {
            out.push('[');
            for (number, item) in list.iter().enumerate() {
                if number > 0 {
                    out.push(' ');
                }
                write_go(out, item);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push_str("map[");
            for (number, (key, value)) in map.iter().enumerate() {
                if number > 0 {
                    out.push(' ');
                }
                let _ = write!(out, "{key}:");
                write_go(out, value);
            }
            out.push(']');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_and_written_as_go_does() {
        for (text, plain, html) in [
            ("{\"b\":1,\"a\":[true,null,1.5]}", "{\"a\":[true,null,1.5],\"b\":1}", None),
            ("{\"a\":1,\"a\":2}", "{\"a\":2}", None),
            ("\"a<b\\u2028\"", "\"a<b\\u2028\"", Some("\"a\\u003cb\\u2028\"")),
            ("1e21", "1e+21", None),
            ("1e-7", "1e-07", None),
            ("100000000000000000000", "100000000000000000000", None),
        ] {
            let value = parse_json(text).unwrap();
            assert_eq!(to_json(&value), plain);
            assert_eq!(to_json_html(&value), html.unwrap_or(plain));
        }
    }

    #[test]
    fn go_prints_maps_without_quotes() {
        let value = parse_json("{\"b\":{\"x\":null},\"a\":[1,\"y\"]}").unwrap();
        assert_eq!(go_value(&value), "map[a:[1 y] b:map[x:<nil>]]");
    }
}
