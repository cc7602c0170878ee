//! TOML.
//!
//! Source: BurntSushi/toml encode.go.

use go::number::format_general;
use go::template::{Entries, Value};

use super::{A, Function, row, string};

pub(super) static TABLE: &[Function] = &[
    row("toToml", &[A], None, "Prints a dictionary as TOML; the message if that fails.", |a, _| {
        string(print(super::any(a, 0)).unwrap_or_else(|error| error))
    }),
    row("mustToToml", &[A], None, "Prints a dictionary as TOML.", |a, _| {
        print(super::any(a, 0)).and_then(string)
    }),
];

fn print(value: &Value) -> Result<String, String> {
    let mut out = String::new();
    match value {
        Value::Map(map) => table(&map.entries(), &[], &mut out)?,
        Value::Nil => return Err("toml: cannot encode a nil value".to_owned()),
        _ => return Err("toml: top-level values must be Go maps or structs".to_owned()),
    }
    Ok(out)
}

/// Scalars and lists first, then the tables; each in the order of the keys.
fn table(entries: &Entries, path: &[String], out: &mut String) -> Result<(), String> {
    let indent = "  ".repeat(path.len());
    for (name, value) in entries {
        if !is_table(value) && !matches!(value, Value::Nil) {
            out.push_str(&format!("{indent}{} = {}\n", key(name), inline(value)?));
        }
    }
    for (name, value) in entries {
        let mut path = path.to_vec();
        path.push(key(name));
        let header = path.join(".");
        let tables = match value {
            Value::Map(map) => vec![(map.entries(), format!("[{header}]"))],
            Value::List(list) if is_table(value) => {
                let items = list.items.iter().filter_map(Value::as_map);
                items.map(|entries| (entries, format!("[[{header}]]"))).collect()
            }
            _ => continue,
        };
        for (entries, header) in tables {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&format!("{indent}{header}\n"));
            table(&entries, &path, out)?;
        }
    }
    Ok(())
}

/// Returns true for a map, and for a list that has nothing but maps.
fn is_table(value: &Value) -> bool {
    match value {
        Value::Map(_) => true,
        Value::List(list) => {
            !list.items.is_empty() && list.items.iter().all(|item| matches!(item, Value::Map(_)))
        }
        _ => false,
    }
}

fn key(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(bare) { name.to_owned() } else { quote(name) }
}

fn inline(value: &Value) -> Result<String, String> {
    Ok(match value {
        Value::Nil => return Err("toml: cannot encode array with nil element".to_owned()),
        Value::Bool(value) => value.to_string(),
        Value::Float(value) => float(*value),
        Value::String(text) => quote(text),
        Value::List(list) => {
            let items: Vec<String> = list.items.iter().map(inline).collect::<Result<_, _>>()?;
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) => {
            let entries = map.entries();
            let pairs = entries.iter().filter(|(_, value)| !matches!(value, Value::Nil));
            let pairs =
                pairs.map(|(name, value)| Ok(format!("{} = {}", key(name), inline(value)?)));
            format!("{{{}}}", pairs.collect::<Result<Vec<_>, String>>()?.join(", "))
        }
        other => other.print(),
    })
}

fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = format_general(value, None);
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c < ' ' || c == '\u{7f}' => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
