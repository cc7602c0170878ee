//! The difference of two JSON values in color, as `promtool test rules --diff` prints it.
//!
//! Source: github.com/nsf/jsondiff `Compare` with `DefaultConsoleOptions`.

use std::collections::BTreeSet;

use go::quote::quote;
use serde_json::Value;

/// The sequence that begins a color; all end with [`END`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Normal,
    Added,
    Removed,
    Changed,
}

const END: &str = "\u{1b}[0m";
const INDENT: &str = "    ";

impl Tag {
    const fn begin(self) -> &'static str {
        match self {
            Self::Normal => "",
            Self::Added => "\u{1b}[0;32m",
            Self::Removed => "\u{1b}[0;31m",
            Self::Changed => "\u{1b}[0;33m",
        }
    }

    const fn end(self) -> &'static str {
        match self {
            Self::Normal => "",
            _ => END,
        }
    }
}

/// Returns the merged values with additions, removals and changes in color. None if they are equal.
pub(super) fn diff(expected: &Value, got: &Value) -> Option<String> {
    if expected == got {
        return None;
    }
    let mut writer = Writer { out: String::new(), level: 0, tag: Tag::Normal };
    writer.compare(expected, got);
    writer.tag(Tag::Normal);
    Some(writer.out)
}

struct Writer {
    out: String,
    level: usize,
    tag: Tag,
}

impl Writer {
    fn tag(&mut self, tag: Tag) {
        if self.tag != tag {
            self.out.push_str(self.tag.end());
            self.out.push_str(tag.begin());
            self.tag = tag;
        }
    }

    /// Colors do not go over the end of a line.
    fn newline(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push_str(self.tag.end());
        self.out.push('\n');
        self.out.push_str(&INDENT.repeat(self.level));
        self.out.push_str(self.tag.begin());
    }

    fn open(&mut self, bracket: &str) {
        self.out.push_str(bracket);
        self.level += 1;
        self.newline("");
    }

    fn close(&mut self, bracket: &str) {
        self.level = self.level.saturating_sub(1);
        self.newline("");
        self.out.push_str(bracket);
    }

    fn key(&mut self, key: &str) {
        self.out.push_str(&quote(key));
        self.out.push_str(": ");
    }

    fn compare(&mut self, expected: &Value, got: &Value) {
        match (expected, got) {
            (Value::Array(a), Value::Array(b)) => {
                self.open("[");
                let count = a.len().max(b.len());
                for at in 0..count {
                    self.pair(a.get(at), b.get(at), None);
                    if at + 1 < count {
                        self.newline(",");
                    }
                }
                self.close("]");
            }
            (Value::Object(a), Value::Object(b)) => {
                self.open("{");
                let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
                let count = keys.len();
                for (at, key) in keys.into_iter().enumerate() {
                    self.pair(a.get(key), b.get(key), Some(key));
                    if at + 1 < count {
                        self.newline(",");
                    }
                }
                self.close("}");
            }
            (a, b) if a == b => self.value(a),
            (a, b) => {
                self.tag(Tag::Changed);
                self.value(a);
                self.out.push_str(" => ");
                self.value(b);
            }
        }
    }

    fn pair(&mut self, expected: Option<&Value>, got: Option<&Value>, key: Option<&str>) {
        let tag = match (expected, got) {
            (Some(_), None) => Tag::Removed,
            (None, Some(_)) => Tag::Added,
            _ => Tag::Normal,
        };
        self.tag(tag);
        if let Some(key) = key {
            self.key(key);
        }
        match (expected, got) {
            (Some(expected), Some(got)) => self.compare(expected, got),
            (Some(one), None) | (None, Some(one)) => self.value(one),
            (None, None) => {}
        }
        self.tag(Tag::Normal);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.out.push_str(&quote(text)),
            Value::Array(items) => {
                self.open("[");
                for (at, item) in items.iter().enumerate() {
                    self.value(item);
                    if at + 1 < items.len() {
                        self.newline(",");
                    }
                }
                self.close("]");
            }
            Value::Object(fields) => {
                self.open("{");
                for (at, (key, item)) in fields.iter().enumerate() {
                    self.key(key);
                    self.value(item);
                    if at + 1 < fields.len() {
                        self.newline(",");
                    }
                }
                self.close("}");
            }
            other => self.out.push_str(&other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_are_colored() {
        let a = json!([{"a": "1", "b": "2"}]);
        let b = json!([{"a": "3", "c": "4"}]);
        let expected = "[\n    {\n        \"a\": \u{1b}[0;33m\"1\" => \"3\"\u{1b}[0m,\n        \u{1b}[0;31m\"b\": \"2\"\u{1b}[0m,\n        \u{1b}[0;32m\"c\": \"4\"\u{1b}[0m\n    }\n]";
        assert_eq!(diff(&a, &b), Some(expected.to_owned()));
        assert_eq!(diff(&a, &a), None);
    }
}
