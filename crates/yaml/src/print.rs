//! Writing YAML that Go reads back unchanged, in the look of Prometheus's configuration page.
//!
//! Source for the look: go.yaml.in/yaml/v2 writes lists at their key's indentation, two spaces a
//! level, quotes only where a text would be read as something else.

use std::borrow::Cow;
use text::IndexSort;

use super::scalars::{self, Value};
use super::tree::{Kind, Node, ScalarStyle};
use text::Span;

/// A text as a scalar in a block: plain where that is read back as the same text.
pub fn quoted(text: &str) -> Cow<'_, str> {
    if text.chars().any(needs_escape) {
        return Cow::Owned(escaped(text));
    }
    let node = Node::scalar(Span::at(0), text, ScalarStyle::Plain);
    if !matches!(scalars::resolve(&node), Some(Ok(Value::Text(_))))
        || is_base_60(text)
        || text == "<<"
    {
        return Cow::Owned(escaped(text));
    }
    if plain_allowed(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', "''")))
    }
}

fn needs_escape(c: char) -> bool {
    matches!(c, '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
        | '\u{fffe}'..)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            c if needs_escape(c) && u32::from(c) < 0x100 => {
                out.push_str(&format!("\\x{:02X}", u32::from(c)));
            }
            c if c > '\u{ffff}' => out.push_str(&format!("\\U{:08X}", u32::from(c))),
            c if needs_escape(c) => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `1:30:00`, which other readers of YAML 1.1 take for a number.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let first = parts.next().unwrap_or_default();
    let mut rest: Vec<&str> = parts.collect();
    // The last part may have a fraction.
    if let Some(last) = rest.last_mut()
        && let Some((whole, fraction)) = last.split_once('.')
        && is_digits(fraction)
    {
        *last = whole;
    }
    let below_60 =
        |part: &&str| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    first.starts_with(|c: char| c.is_ascii_digit())
        && is_digits(first)
        && !rest.is_empty()
        && rest.iter().all(below_60)
}

fn plain_allowed(text: &str) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let second = chars.next();
    let blank_or_end = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let starts = match first {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
        | '@' | '`' | ' ' => false,
        '?' | ':' | '-' => !blank_or_end(second),
        _ => true,
    };
    starts
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
}

/// Writes a document of block mappings and lists, one call for each piece, and counts the line it
/// is on.
#[derive(Debug, Default)]
pub struct Printer {
    text: String,
    lines: u32,
    levels: Vec<Level>,
    /// True if the value follows on the same line.
    pending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    indent: usize,
    list: bool,
    /// No entry has been written yet.
    empty: bool,
}

impl Printer {
    pub fn new() -> Self {
        Self::default()
    }

    /// The line that the next entry will be on, from 0.
    pub fn line(&self) -> u32 {
        self.lines
    }

    pub fn finish(mut self) -> String {
        if self.pending {
            self.newline();
        }
        self.text
    }

    fn newline(&mut self) {
        self.text.push('\n');
        self.lines += 1;
        self.pending = false;
    }

    /// Begins a mapping: as the document, as the value of the last key, or as the last item.
    pub fn begin_map(&mut self) {
        let indent = match self.levels.last() {
            None => 0,
            Some(level) => level.indent + 2,
        };
        self.levels.push(Level { indent, list: false, empty: true });
    }

    /// Begins a list as the value of the last key, or as the last item.
    pub fn begin_list(&mut self) {
        let indent = match self.levels.last() {
            None => 0,
            Some(level) if level.list => level.indent + 2,
            Some(level) => level.indent,
        };
        self.levels.push(Level { indent, list: true, empty: true });
    }

    /// Ends the innermost mapping or list.
    pub fn end(&mut self) {
        let Some(level) = self.levels.pop() else { return };
        if level.empty {
            let brackets = if level.list { "[]" } else { "{}" };
            self.raw(brackets);
        }
    }

    fn begin_entry(&mut self) {
        let inside_item = self.levels.len() >= 2
            && self.levels.get(self.levels.len() - 2).is_some_and(|above| above.list);
        let Some(level) = self.levels.last_mut() else { return };
        let first = std::mem::replace(&mut level.empty, false);
        let indent = level.indent;
        // The first entry of an item follows the item's dash.
        if first && inside_item && self.pending {
            self.pending = false;
            return;
        }
        if self.pending {
            self.newline();
        }
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    /// Begins an entry of the innermost mapping.
    pub fn key(&mut self, key: &str) {
        self.begin_entry();
        self.text.push_str(&quoted(key));
        self.text.push(':');
        self.pending = true;
    }

    /// Begins an item of the innermost list.
    pub fn item(&mut self) {
        self.begin_entry();
        self.text.push_str("- ");
        self.pending = true;
    }

    /// A value that is printed without quotes: a number, `true`, `null`, a folded text.
    pub fn raw(&mut self, value: &str) {
        self.lines += value.matches('\n').count() as u32;
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
        self.text.push_str(value);
        self.newline();
    }

    /// A text, with the quotes that it needs; over several lines as a block.
    pub fn string(&mut self, text: &str) {
        if !text.contains('\n') || !self.block_allowed(text) {
            return self.raw(&quoted(text));
        }
        let indent = self.levels.last().map_or(0, |level| level.indent) + 2;
        let body = text.trim_end_matches('\n');
        let header = match text.len() - body.len() {
            0 => "|-",
            1 => "|",
            _ => "|+",
        };
        if !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.text.push_str(header);
        self.newline();
        for line in body.split('\n') {
            if !line.is_empty() {
                self.text.extend(std::iter::repeat_n(' ', indent));
                self.text.push_str(line);
            }
            self.newline();
        }
        for _ in 1..text.len() - body.len() {
            self.newline();
        }
    }

    /// Returns true if a block scalar can hold the text: it has no control characters, and its first
    /// line shows the indentation.
    fn block_allowed(&self, text: &str) -> bool {
        !text.chars().any(|c| c != '\n' && needs_escape(c))
            && !text.starts_with([' ', '\n'])
            && !text.trim_end_matches('\n').is_empty()
            && !text.contains(" \n")
            && !text.ends_with(' ')
    }

    /// A list of texts on one line, in brackets.
    pub fn flow(&mut self, items: &[std::sync::Arc<str>]) {
        let shown = |item: &std::sync::Arc<str>| {
            let plain = quoted(item);
            let breaks = plain.contains([',', '[', ']', '{', '}', ':', '?'])
                && !plain.starts_with(['\'', '"']);
            if breaks { format!("'{plain}'") } else { plain.into_owned() }
        };
        let items: Vec<String> = items.iter().map(shown).collect();
        self.raw(&format!("[{}]", items.join(", ")));
    }

    /// A tree as it is, without tags, anchors and comments, its keys sorted as Go sorts those of
    /// a map. Merged entries are written out.
    pub fn node(&mut self, node: &Node) {
        match &node.kind {
            Kind::Scalar(scalar) => {
                if node.is_null() {
                    self.raw("null");
                } else if scalar.style == ScalarStyle::Plain && node.tag.is_none() {
                    match scalars::resolve(node) {
                        Some(Ok(Value::Text(_))) | None => self.string(&scalar.text),
                        _ => self.raw(&scalar.text),
                    }
                } else {
                    self.string(&scalar.text);
                }
            }
            Kind::Sequence(sequence) => {
                self.begin_list();
                for item in &sequence.items {
                    self.item();
                    self.node(item);
                }
                self.end();
            }
            Kind::Mapping(mapping) => {
                self.begin_map();
                let mut entries: Vec<_> = mapping.iter().collect();
                entries.index_sort_by_key(|entry| entry.name());
                for entry in entries {
                    if let Some(name) = entry.name() {
                        self.key(name);
                        self.node(&entry.value);
                    }
                }
                self.end();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;
    use text::FileId;

    #[test]
    fn quotes_only_where_needed() {
        for (text, expected) in [
            ("localhost:9090", "localhost:9090"),
            ("", "\"\""),
            ("yes", "\"yes\""),
            ("15", "\"15\""),
            ("1_000", "\"1_000\""),
            ("0x1f", "\"0x1f\""),
            ("~", "\"~\""),
            ("12:30:00", "\"12:30:00\""),
            ("a: b", "'a: b'"),
            ("it's: x", "'it''s: x'"),
            ("- x", "'- x'"),
            ("-x", "-x"),
            ("a #b", "'a #b'"),
            ("$1", "$1"),
            ("(.*);?", "(.*);?"),
            ("*", "'*'"),
            ("tab\there", "\"tab\\there\""),
            ("é", "é"),
        ] {
            assert_eq!(quoted(text), expected, "{text:?}");
        }
    }

    #[test]
    fn looks_like_prometheus_writes_it() {
        let source = "{a: {b: 15s, c: []}, l: [x, {k: 1, m: [2]}, [3, 4]], t: \"1\\n2\\n\", e: {}}";
        let parsed = parse(FileId(0), source);
        let mut printer = Printer::new();
        printer.node(parsed.root().unwrap());
        assert_eq!(
            printer.finish(),
            "a:\n  b: 15s\n  c: []\ne: {}\nl:\n- x\n- k: 1\n  m:\n  - 2\n- - 3\n  - 4\nt: |\n  1\n  2\n"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_back(text in "\\PC*|[ -~\n\t]*|[-+.:0-9a-fxeon_yYsS#'\" \n]*") {
            let mut printer = Printer::new();
            printer.begin_map();
            printer.key(&text.replace('\n', " "));
            printer.string(&text);
            printer.key("l");
            printer.begin_list();
            printer.item();
            printer.string(&text);
            printer.end();
            printer.end();
            let written = printer.finish();
            let parsed = parse(FileId(0), &written);
            proptest::prop_assert_eq!(&parsed.diagnostics, &vec![], "{}", written);
            let root = parsed.root().unwrap();
            let first = root.as_mapping().unwrap().entries.first().unwrap();
            proptest::prop_assert_eq!(scalars::string(&first.value).unwrap(), text.as_str(), "{}", &written);
            if text != "l" {
                let item = root.at(&["l", "0"]).unwrap();
                proptest::prop_assert_eq!(scalars::string(item).unwrap(), text.as_str(), "{}", written);
            }
        }
    }
}
