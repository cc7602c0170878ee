//! YAML as sigs.k8s.io/yaml prints it, which is what `toYaml` returns.
//!
//! Source: go.yaml.in/yaml/v2 emitterc.go `yaml_emitter_analyze_scalar`, encode.go `stringv`,
//! sorter.go `keyList`.

use std::cmp::Ordering;
use std::sync::Arc;

use go::json::format_float;
use go::number::format_general;
use go::template::{Entries, Value};

/// Lines longer than this are folded at the next space.
const WIDTH: usize = 80;

/// Prints a value without the last line end. The error is the one of `mustToYaml`.
pub fn to_yaml(value: &Value) -> Result<String, String> {
    print(value, false)
}

/// Prints with indented lists and without folding. Source: Helm `toYamlPretty`.
pub fn pretty_yaml(value: &Value) -> Result<String, String> {
    print(value, true)
}

fn print(value: &Value, pretty: bool) -> Result<String, String> {
    let mut printer = Printer { out: String::new(), pretty };
    printer.value(value, 0, Position::Root)?;
    let end = printer.out.strip_suffix('\n').map_or(printer.out.len(), str::len);
    printer.out.truncate(end);
    Ok(printer.out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Root,
    /// Behind `key:`.
    Value,
    /// Behind `-`.
    Item,
}

struct Printer {
    out: String,
    pretty: bool,
}

impl Printer {
    /// Prints a value and a line end; `indent` is that of the collection it stands in.
    fn value(&mut self, value: &Value, indent: usize, position: Position) -> Result<(), String> {
        match value {
            Value::Map(map) if !map.entries().is_empty() => {
                self.map(&map.entries(), indent, position)
            }
            Value::List(list) if !list.items.is_empty() => self.list(&list.items, indent, position),
            _ => {
                if position != Position::Root {
                    self.out.push(' ');
                }
                self.scalar(value, indent + 2)?;
                self.out.push('\n');
                Ok(())
            }
        }
    }

    fn map(&mut self, entries: &Entries, indent: usize, position: Position) -> Result<(), String> {
        let indent = if position == Position::Root { 0 } else { indent + 2 };
        let mut sorted: Vec<(&Arc<str>, &Value)> = entries.iter().collect();
        sorted.sort_by(|a, b| compare_keys(a.0, b.0));
        for (at, (key, value)) in sorted.into_iter().enumerate() {
            self.begin(at, indent, position);
            self.string(key, indent, false)?;
            self.out.push(':');
            self.value(value, indent, Position::Value)?;
        }
        Ok(())
    }

    fn list(&mut self, items: &[Value], indent: usize, position: Position) -> Result<(), String> {
        let indent = match position {
            Position::Root => 0,
            Position::Value if !self.pretty => indent,
            _ => indent + 2,
        };
        for (at, item) in items.iter().enumerate() {
            self.begin(at, indent, position);
            self.out.push('-');
            self.value(item, indent, Position::Item)?;
        }
        Ok(())
    }

    /// Goes to the place of an entry. The first one of an item follows the dash.
    fn begin(&mut self, at: usize, indent: usize, position: Position) {
        match (position, at) {
            (Position::Item, 0) => self.out.push(' '),
            (Position::Value, 0) => self.newline(indent),
            _ => self.out.extend(std::iter::repeat_n(' ', indent)),
        }
    }

    fn newline(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn scalar(&mut self, value: &Value, indent: usize) -> Result<(), String> {
        let text = match value {
            Value::Nil => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Map(_) => "{}".to_owned(),
            Value::List(_) => "[]".to_owned(),
            Value::Float(float) => number(*float)?,
            Value::String(text) => return self.string(text, indent, true),
            Value::Object(object) => return self.string(&object.print(), indent, true),
            other => other.print(),
        };
        self.out.push_str(&text);
        Ok(())
    }

    fn string(&mut self, text: &str, indent: usize, folds: bool) -> Result<(), String> {
        if text.chars().any(is_refused) {
            return Err("error converting JSON to YAML: yaml: control characters are not allowed"
                .to_owned());
        }
        let facts = Facts::of(text);
        // What would be read as another type is quoted twice, whatever it holds.
        let is_text = text == "<<" || !yaml::quoted(text).starts_with('"');
        let folds = folds && !self.pretty;
        if folds | self.pretty && text.contains('\n') && facts.block_allowed {
            self.literal(text, indent);
        } else if is_text && facts.plain_allowed && !text.is_empty() {
            self.folded(text, indent, folds, Quotes::None);
        } else if facts.single_allowed && !text.contains('\n') && is_text && !text.is_empty() {
            self.out.push('\'');
            self.folded(text, indent, folds, Quotes::Single);
            self.out.push('\'');
        } else {
            self.out.push('"');
            self.folded(text, indent, folds, Quotes::Double);
            self.out.push('"');
        }
        Ok(())
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.out.push('|');
        if text.starts_with([' ', '\n']) {
            self.out.push('2');
        }
        let body = text.strip_suffix('\n');
        match body {
            None => self.out.push('-'),
            Some(body) if body.is_empty() || body.ends_with('\n') => self.out.push('+'),
            Some(_) => {}
        }
        for line in body.unwrap_or(text).split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', indent));
                self.out.push_str(line);
            }
        }
    }

    /// Writes the characters of a scalar, with line breaks at spaces beyond the width.
    fn folded(&mut self, text: &str, indent: usize, folds: bool, quotes: Quotes) {
        let start = self.out.rfind('\n').map_or(0, |newline| newline + 1);
        let mut column = self.out.get(start..).unwrap_or_default().chars().count();
        let mut after_space = false;
        let mut chars = text.chars().enumerate().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, next)| *next);
            let inside = quotes == Quotes::None || (at > 0 && next.is_some());
            let before_space = next == Some(' ') && quotes != Quotes::Double;
            if c == ' ' && folds && inside && !after_space && column > WIDTH && !before_space {
                self.newline(indent);
                column = indent;
                if next == Some(' ') {
                    self.out.push('\\');
                }
            } else {
                let before = self.out.len();
                quotes.push(&mut self.out, c);
                column += self.out.get(before..).unwrap_or_default().chars().count();
            }
            after_space = c == ' ';
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

impl Quotes {
    fn push(self, out: &mut String, c: char) {
        match (self, c) {
            (Self::Single, '\'') => out.push_str("''"),
            (Self::Double, _) => push_escaped(out, c),
            _ => out.push(c),
        }
    }
}

fn push_escaped(out: &mut String, c: char) {
    let short = match c {
        '\0' => '0',
        '\x07' => 'a',
        '\x08' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\x0b' => 'v',
        '\x0c' => 'f',
        '\r' => 'r',
        '\x1b' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ if is_printable(c) => return out.push(c),
        _ => {
            let code = u32::from(c);
            return out.push_str(&match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            });
        }
    };
    out.push('\\');
    out.push(short);
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// Characters that the reader of YAML refuses; JSON leaves them as they are.
fn is_refused(c: char) -> bool {
    matches!(c, '\x7f'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

/// The styles in which a string may be written.
struct Facts {
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Facts {
    fn of(text: &str) -> Self {
        let is_break = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let blank = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t') || is_break(c));
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut breaks, mut special, mut break_space, mut space_break) =
            (false, false, false, false);
        let mut before: Option<char> = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            indicators |= match (c, before) {
                (
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"'
                    | '%' | '@' | '`',
                    None,
                ) => true,
                ('?' | '-', None) | (':', _) => blank(next),
                ('#', Some(_)) => blank(before),
                _ => false,
            };
            breaks |= is_break(c);
            special |= !is_break(c) && !is_printable(c);
            break_space |= c == ' ' && before.is_some_and(is_break);
            space_break |= is_break(c) && before == Some(' ');
            before = Some(c);
        }
        let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
        let edges = edge(text.chars().next()) || edge(before);
        let trailing_space = before == Some(' ');
        let broken = space_break || special;
        Self {
            plain_allowed: !indicators && !edges && !breaks && !break_space && !broken,
            single_allowed: !break_space && !broken,
            block_allowed: !trailing_space && !broken,
        }
    }
}

/// A number after its way through JSON: whole numbers are integers.
fn number(float: f64) -> Result<String, String> {
    let shown = format_general(float, None);
    let json = format_float(float)
        .ok_or_else(|| format!("error marshaling into JSON: json: unsupported value: {shown}"))?;
    if json.parse::<i64>() == Ok(0) {
        return Ok("0".to_owned());
    }
    let whole = json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok();
    Ok(if whole { json } else { shown })
}

/// Orders keys: digits by number, letters after everything else.
fn compare_keys(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    for (at, (&left, &right)) in a.iter().zip(&b).enumerate() {
        if left == right {
            continue;
        }
        match (left.is_alphabetic(), right.is_alphabetic()) {
            (true, true) => return left.cmp(&right),
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) => {}
        }
        let digits =
            a.get(..at).unwrap_or_default().iter().rev().take_while(|c| c.is_ascii_digit());
        let leads = (left == '0' || right == '0') && digits.clone().any(|digit| *digit != '0');
        let number = |chars: &[char]| {
            let run = chars.get(at..).unwrap_or_default().iter().map_while(|c| c.to_digit(10));
            run.fold((i64::from(leads), 0usize), |(number, count), digit| {
                (number.wrapping_mul(10).wrapping_add(i64::from(digit)), count + 1)
            })
        };
        return number(&a).cmp(&number(&b)).then(left.cmp(&right));
    }
    a.len().cmp(&b.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::from_yaml;

    #[test]
    fn prints_as_the_library_does() {
        for (source, expected) in [
            (
                "{b: 1, a: [x, [1, 2], {k: 1.5, j: null}]}",
                "a:\n- x\n- - 1\n  - 2\n- j: null\n  k: 1.5\nb: 1",
            ),
            ("{a10: 1, a9: 2, A: 3}", "A: 3\na9: 2\na10: 1"),
            ("{m: {}, l: [], s: ''}", "l: []\nm: {}\ns: \"\""),
            (
                "[yes, 'yes', '1', 'a: b', '- x', '#c']",
                "- true\n- \"yes\"\n- \"1\"\n- 'a: b'\n- '- x'\n- '#c'",
            ),
            ("{a: \"x\\ny\\n\", b: \"x\\n\\n\"}", "a: |\n  x\n  y\nb: |+\n  x\n"),
            ("1e21", "1e+21"),
            ("1000000", "1000000"),
        ] {
            let value = from_yaml(source).expect("the source is YAML");
            assert_eq!(to_yaml(&value).as_deref(), Ok(expected), "{source}");
        }
        assert!(to_yaml(&Value::string("a\u{7f}")).is_err());
    }

    #[test]
    fn folds_beyond_the_width_but_not_in_pretty_form() {
        let long = "word ".repeat(30);
        let value = Value::map([("a".into(), Value::string(long.trim()))].into());
        let folded = to_yaml(&value).expect("a text prints");
        assert_eq!(folded.lines().count(), 2);
        assert_eq!(pretty_yaml(&value).map(|text| text.lines().count()), Ok(1));
        assert_eq!(from_yaml(&folded).map(|back| back.print()), Ok(value.print()));
    }
}
