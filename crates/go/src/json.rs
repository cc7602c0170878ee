//! JSON as Go's `encoding/json` prints it.

pub use crate::json_syntax::syntax_error;

use std::fmt::Write;

use serde_json::Value;

use crate::number::format_exponent_shortest;

/// Prints on one line, with `<`, `>` and `&` escaped. Source: encoding/json `Marshal`.
pub fn marshal(value: &Value) -> String {
    print(value, true, None)
}

/// Prints over several lines; each level has `indent` in front. Source: encoding/json
/// `MarshalIndent` without a prefix.
pub fn marshal_indent(value: &Value, indent: &str) -> String {
    print(value, true, Some(indent))
}

/// Prints with `<`, `>` and `&` as they are, on one line or over several.
/// Source: encoding/json `Encoder.SetEscapeHTML(false)`.
pub fn print_raw(value: &Value, indent: Option<&str>) -> String {
    print(value, false, indent)
}

/// Returns a text as a JSON string.
pub fn quote(text: &str, escape_html: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(&mut out, text, escape_html);
    out
}

/// Prints a float: with an exponent below 1e-6 and from 1e21 on. Infinities and NaN have no form in
/// JSON; they give None. Source: encoding/json `floatEncoder`.
pub fn format_float(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format_exponent_shortest(value);
        // `e-09` is written `e-9`.
        return Some(match text.rsplit_once("e-0") {
            Some((mantissa, digit)) => format!("{mantissa}e-{digit}"),
            None => text,
        });
    }
    Some(value.to_string())
}

fn print(value: &Value, escape_html: bool, indent: Option<&str>) -> String {
    let mut printer = Printer { out: String::new(), escape_html, indent };
    printer.value(value, 0);
    printer.out
}

struct Printer<'a> {
    out: String,
    escape_html: bool,
    indent: Option<&'a str>,
}

/// The recursion is no deeper than that of the parser that made the value, which has a limit.
impl Printer<'_> {
    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(if *value { "true" } else { "false" }),
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(float) => self.out.push_str(&format_float(float).unwrap_or_default()),
                None => drop(write!(self.out, "{number}")),
            },
            Value::String(text) => push_string(&mut self.out, text, self.escape_html),
            Value::Array(items) if items.is_empty() => self.out.push_str("[]"),
            Value::Object(entries) if entries.is_empty() => self.out.push_str("{}"),
            Value::Array(items) => {
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.begin_item(at, depth + 1);
                    self.value(item, depth + 1);
                }
                self.new_line(depth);
                self.out.push(']');
            }
            Value::Object(entries) => {
                let mut sorted: Vec<_> = entries.iter().collect();
                sorted.sort_by_key(|(key, _)| key.as_str());
                self.out.push('{');
                for (at, (key, item)) in sorted.into_iter().enumerate() {
                    self.begin_item(at, depth + 1);
                    push_string(&mut self.out, key, self.escape_html);
                    self.out.push_str(if self.indent.is_some() { ": " } else { ":" });
                    self.value(item, depth + 1);
                }
                self.new_line(depth);
                self.out.push('}');
            }
        }
    }

    fn begin_item(&mut self, at: usize, depth: usize) {
        if at > 0 {
            self.out.push(',');
        }
        self.new_line(depth);
    }

    fn new_line(&mut self, depth: usize) {
        if let Some(indent) = self.indent {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n(indent, depth));
        }
    }
}

fn push_string(out: &mut String, text: &str, escape_html: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '<' | '>' | '&' if escape_html => push_code(out, c),
            c if c < ' ' || matches!(c, '\u{2028}' | '\u{2029}') => push_code(out, c),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn push_code(out: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\u{:04x}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn floats() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (1e6, "1000000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-7"),
            (1e-6, "0.000001"),
            (-2.5e-10, "-2.5e-10"),
            (1e100, "1e+100"),
        ] {
            assert_eq!(format_float(value).as_deref(), Some(text));
        }
        assert_eq!(format_float(f64::NAN), None);
    }

    #[test]
    fn values() {
        let value = json!({
            "b": [1, 2.5, null, true, {}],
            "a": "<é&\u{2028}\n\u{1}\u{7f}>",
            "c": {"y": [], "x": -3},
        });
        assert_eq!(
            marshal(&value),
            r#"{"a":"\u003cé\u0026\u2028\n\u0001"#.to_owned()
                + "\u{7f}"
                + r#"\u003e","b":[1,2.5,null,true,{}],"c":{"x":-3,"y":[]}}"#
        );
        assert_eq!(
            marshal_indent(&json!({"a": [1, {"b": "&"}]}), "  "),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"\\u0026\"\n    }\n  ]\n}"
        );
        assert_eq!(print_raw(&json!(["<"]), None), r#"["<"]"#);
        assert_eq!(quote("a<\"", false), r#""a<\"""#);
    }
}
