//! The language of `--set`, `--set-string`, `--set-file`, `--set-json` and `--set-literal`.
//!
//! Source: helm pkg/strvals parser.go, literal_parser.go. Where those panic and recover, the
//! messages of the recovered panic are given.

use go::quote::quote;
use go::template::{Entries, Value};

use crate::from_json::from_json_prefix;

/// The largest index of a list.
pub const MAX_INDEX: i64 = 65536;
/// The deepest nesting of names.
pub const MAX_NESTING: usize = 30;
/// The most names and indices of one key. Helm has no such limit.
pub const MAX_DEPTH: usize = 90;

/// The syntax of the values.
#[derive(Clone, Copy)]
pub enum Form<'a> {
    /// true, false, null and integers have their types.
    Typed,
    /// Everything is text.
    Text,
    /// The value is the path of a file.
    File(&'a dyn Fn(&str) -> Result<Value, String>),
    /// The value is JSON.
    Json,
    /// The value is the rest of the text as written.
    Literal,
}

/// The reason why parsing stopped.
enum Stop {
    /// The text has ended.
    End,
    Error(String),
}

impl From<String> for Stop {
    fn from(error: String) -> Self {
        Self::Error(error)
    }
}

type ParseResult<T> = Result<T, Stop>;

/// Sets what a text such as `a.b=1,c[0]=x` says.
pub fn parse_into(text: &str, data: &mut Entries, form: Form<'_>) -> Result<(), String> {
    let mut parser = Parser { rest: text, form, depth: 0 };
    loop {
        parser.depth = 0;
        match parser.key(data, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Error(error)) => return Err(error),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    form: Form<'a>,
    /// The levels of names and indices in the current key.
    depth: usize,
}

/// A text, and the character after it; None if the text has ended.
type Until = (String, Option<char>);

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn is_literal(&self) -> bool {
        matches!(self.form, Form::Literal)
    }

    /// Reads up to one of the characters. A backslash takes the next one literally.
    fn until(&mut self, stops: &[char]) -> Until {
        let mut text = String::new();
        while let Some(c) = self.next() {
            if stops.contains(&c) {
                return (text, Some(c));
            }
            if c == '\\' && !self.is_literal() {
                match self.next() {
                    Some(next) => text.push(next),
                    None => return (text, None),
                }
            } else {
                text.push(c);
            }
        }
        (text, None)
    }

    fn key(&mut self, data: &mut Entries, nesting: usize) -> ParseResult<()> {
        self.descend()?;
        let stops: &[char] =
            if self.is_literal() { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, stop) = self.until(stops);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => Err(Stop::Error(format!("key {} has no value", quote(&key)))),
            Some('[') => self.list_key(data, &key, nesting),
            Some('=') => self.value(data, &key),
            Some(',') => {
                set(data, &key, Value::string(""));
                let key = quote(&key);
                Err(Stop::Error(format!("key {key} has no value (cannot end with ,)")))
            }
            Some(_) => self.nested_key(data, &key, nesting),
        }
    }

    fn list_key(&mut self, data: &mut Entries, key: &str, nesting: usize) -> ParseResult<()> {
        let index = self.index()?;
        let mut list = match data.get(key) {
            Some(Value::List(list)) => list.items.to_vec(),
            None => Vec::new(),
            Some(other) => return Err(Stop::Error(conversion(other, "[]interface {}"))),
        };
        let outcome = self.list_item(&mut list, index, nesting);
        set(data, key, Value::list(list));
        outcome
    }

    fn nested_key(&mut self, data: &mut Entries, key: &str, nesting: usize) -> ParseResult<()> {
        let nesting = deeper(nesting)?;
        let mut inner = match data.get(key) {
            Some(Value::Map(map)) => (*map.entries()).clone(),
            None => Entries::new(),
            Some(other) => return Err(Stop::Error(conversion(other, "map[string]interface {}"))),
        };
        let outcome = self.key(&mut inner, nesting);
        if outcome.is_ok() && inner.is_empty() {
            return Err(Stop::Error(format!("key map {} has no value", quote(key))));
        }
        if !inner.is_empty() {
            set(data, key, Value::map(inner));
        }
        outcome
    }

    fn index(&mut self) -> ParseResult<i64> {
        let (text, stop) = self.until(&[']']);
        if stop.is_none() {
            // The end of the text is no error for the caller, as in Go.
            return Err(Stop::End);
        }
        let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let why = if is_number { "value out of range" } else { "invalid syntax" };
        let refused = format!("error parsing index: strconv.Atoi: parsing {}: {why}", quote(&text));
        text.parse().map_err(|_| Stop::Error(refused))
    }

    /// Parses the value after `=` of a key.
    fn value(&mut self, data: &mut Entries, key: &str) -> ParseResult<()> {
        match self.form {
            Form::Literal => {
                let text = std::mem::take(&mut self.rest);
                set(data, key, Value::string(text));
                Ok(())
            }
            Form::Json => {
                let value = self.json()?;
                set(data, key, value);
                Ok(())
            }
            _ => match self.list()? {
                Some(list) => {
                    set(data, key, list);
                    Ok(())
                }
                None if self.rest.is_empty() => {
                    set(data, key, Value::string(""));
                    Err(Stop::End)
                }
                None => {
                    let (text, _) = self.until(&[',']);
                    let (value, error) = self.convert(&text);
                    set(data, key, value);
                    error
                }
            },
        }
    }

    /// A value from its text. A file that cannot be read is null and an error.
    fn convert(&self, text: &str) -> (Value, ParseResult<()>) {
        match self.form {
            Form::Typed => (typed(text), Ok(())),
            Form::File(read) => match read(text) {
                Ok(value) => (value, Ok(())),
                Err(error) => (Value::Nil, Err(Stop::Error(error))),
            },
            _ => (Value::string(text), Ok(())),
        }
    }

    /// Reads `{a,b}`. Returns None if there is no brace.
    fn list(&mut self) -> ParseResult<Option<Value>> {
        let Some(behind) = self.rest.strip_prefix('{') else { return Ok(None) };
        self.rest = behind;
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(&[',', '}']);
            if stop.is_none() {
                return Err(Stop::Error("list must terminate with '}'".to_owned()));
            }
            let (value, error) = self.convert(&text);
            items.push(value);
            error?;
            if stop == Some('}') {
                self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                return Ok(Some(Value::list(items)));
            }
        }
    }

    fn json(&mut self) -> ParseResult<Value> {
        if self.skip_empty() {
            return Ok(Value::Nil);
        }
        let (value, end) = from_json_prefix(self.rest)?;
        self.rest = self.rest.get(end..).unwrap_or_default();
        self.skip_empty();
        Ok(value)
    }

    /// Skips blanks. Returns true at a comma, which is skipped too, and at the end.
    fn skip_empty(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        if self.rest.is_empty() {
            return true;
        }
        match self.rest.strip_prefix(',') {
            Some(behind) => {
                self.rest = behind;
                true
            }
            None => false,
        }
    }

    /// Parses the text after `[index]`.
    fn list_item(&mut self, list: &mut Vec<Value>, index: i64, nesting: usize) -> ParseResult<()> {
        if index < 0 {
            return Err(Stop::Error(format!("negative {index} index not allowed")));
        }
        self.descend()?;
        let (text, stop) = self.until(&['[', '.', '=']);
        if !text.is_empty() {
            let text = quote(&text);
            return Err(Stop::Error(format!("unexpected data at end of array index: {text}")));
        }
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        match stop {
            None => Err(Stop::End),
            Some('=') => {
                let value = self.item_value()?;
                set_index(list, index, value).map_err(Stop::Error)
            }
            Some('[') => {
                let next = self.index()?;
                let mut inner = match list.get(at) {
                    Some(Value::List(inner)) => inner.items.to_vec(),
                    None | Some(Value::Nil) => Vec::new(),
                    Some(other) => return Err(Stop::Error(conversion(other, "[]interface {}"))),
                };
                self.list_item(&mut inner, next, nesting)?;
                set_index(list, index, Value::list(inner)).map_err(Stop::Error)
            }
            Some(_) => {
                let mut inner = match list.get(at) {
                    Some(Value::Map(map)) => (*map.entries()).clone(),
                    _ => Entries::new(),
                };
                let outcome = self.key(&mut inner, nesting);
                if let (Err(_), Some(slot)) = (&outcome, list.get_mut(at)) {
                    *slot = Value::map(inner);
                    return outcome;
                }
                outcome?;
                set_index(list, index, Value::map(inner)).map_err(Stop::Error)
            }
        }
    }

    fn item_value(&mut self) -> ParseResult<Value> {
        match self.form {
            Form::Literal => Ok(Value::string(std::mem::take(&mut self.rest))),
            Form::Json => self.json(),
            _ => match self.list()? {
                Some(list) => Ok(list),
                None if self.rest.is_empty() => Ok(Value::string("")),
                None => {
                    let (text, _) = self.until(&[',']);
                    let (value, error) = self.convert(&text);
                    error.map(|()| value)
                }
            },
        }
    }

    /// Charges one level of recursion.
    fn descend(&mut self) -> ParseResult<()> {
        self.depth += 1;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        Err(Stop::Error(format!("a key has more than {MAX_DEPTH} names and indices")))
    }
}

fn deeper(nesting: usize) -> ParseResult<usize> {
    if nesting < MAX_NESTING {
        return Ok(nesting + 1);
    }
    Err(Stop::Error(format!(
        "value name nested level is greater than maximum supported nested level of {MAX_NESTING}"
    )))
}

fn set(data: &mut Entries, key: &str, value: Value) {
    if !key.is_empty() {
        data.insert(key.into(), value);
    }
}

fn set_index(list: &mut Vec<Value>, index: i64, value: Value) -> Result<(), String> {
    if index > MAX_INDEX {
        return Err(format!(
            "index of {index} is greater than maximum supported index of {MAX_INDEX}"
        ));
    }
    let at = usize::try_from(index).unwrap_or_default();
    if list.len() <= at {
        list.resize(at + 1, Value::Nil);
    }
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
    Ok(())
}

/// The message of Go's runtime where a value has another type.
fn conversion(value: &Value, wanted: &str) -> String {
    let found = match value {
        Value::Nil => "nil",
        other => other.type_name(),
    };
    format!("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}")
}

fn typed(text: &str) -> Value {
    for (word, value) in
        [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Nil)]
    {
        if text.eq_ignore_ascii_case(word) {
            return value;
        }
    }
    if text == "0" {
        return Value::Int64(0);
    }
    match text.parse() {
        Ok(number) if !text.starts_with('0') => Value::Int64(number),
        _ => Value::string(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str], form: Form<'_>) -> Result<String, String> {
        let mut data = Entries::new();
        for text in texts {
            parse_into(text, &mut data, form)?;
        }
        Ok(Value::map(data).print())
    }

    #[test]
    fn values_are_set() {
        for (texts, form, expected) in [
            (&["a=1,b=x,c=,d=null"][..], Form::Typed, "map[a:1 b:x c: d:<nil>]"),
            (&["a.b.c=deep", "a.b.d=017"], Form::Typed, "map[a:map[b:map[c:deep d:017]]]"),
            (&["l={x,1},m[2].k=v"], Form::Typed, "map[l:[x 1] m:[<nil> <nil> map[k:v]]]"),
            (&["a\\,b=c\\,d"], Form::Text, "map[a,b:c,d]"),
            (&["a=5"], Form::Text, "map[a:5]"),
            (&["a=b,c={d}[0]\\.x"], Form::Literal, "map[a:b,c={d}[0]\\.x]"),
            (&["l=[1,\"a\"],m[0]={\"k\":1}"], Form::Json, "map[l:[1 a] m:[map[k:1]]]"),
            (&["a[0][1]=x"], Form::Typed, "map[a:[[<nil> x]]]"),
            (&["port[=1"], Form::Typed, "map[]"),
        ] {
            assert_eq!(parse(texts, form).as_deref(), Ok(expected), "{texts:?}");
        }
    }

    #[test]
    fn errors_are_those_of_helm() {
        for (texts, form, expected) in [
            (&["int"][..], Form::Typed, "key \"int\" has no value"),
            (&["a,b=1"], Form::Typed, "key \"a\" has no value (cannot end with ,)"),
            (&["l[-1]=x"], Form::Typed, "negative -1 index not allowed"),
            (
                &["l[70000]=x"],
                Form::Typed,
                "index of 70000 is greater than maximum supported index of 65536",
            ),
            (
                &["l[x]=1"],
                Form::Typed,
                "error parsing index: strconv.Atoi: parsing \"x\": invalid syntax",
            ),
            (&["l={a"], Form::Typed, "list must terminate with '}'"),
            (
                &["a=1", "a.b=2"],
                Form::Typed,
                "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}",
            ),
            (&["l=[1,"], Form::Json, "unexpected EOF"),
        ] {
            assert_eq!(parse(texts, form), Err(expected.to_owned()), "{texts:?}");
        }
        let deep = format!("{}=1", vec!["a"; 40].join("."));
        assert!(parse(&[&deep], Form::Typed).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text in "[a-c0-9=.,{}\\[\\]\\\\ \"]{0,40}") {
            for form in [Form::Typed, Form::Literal, Form::Json] {
                let _ = parse(&[&text], form);
            }
        }
    }
}
