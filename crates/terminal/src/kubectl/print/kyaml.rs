//! KYAML: YAML in flow style with quoted strings.
//!
//! Source: sigs.k8s.io/yaml/kyaml.

use kubernetes::object::{Value, to_json};

/// A value as `-o kyaml` prints it.
pub(super) fn kyaml(value: &Value) -> String {
    let mut text = "---\n".to_owned();
    write(&mut text, value, 0);
    text.push('\n');
    text
}

fn line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Map(map) if map.is_empty() => text.push_str("{}"),
        Value::Map(map) => {
            text.push('{');
            for (key, item) in map.iter() {
                line(text, depth + 1);
                write_key(text, key);
                text.push_str(": ");
                write(text, item, depth + 1);
                text.push(',');
            }
            line(text, depth);
            text.push('}');
        }
        Value::List(items) if items.is_empty() => text.push_str("[]"),
        Value::List(items) => write_list(text, items, depth),
        Value::String(string) => write_string(text, string, depth),
        value => text.push_str(&to_json(value)),
    }
}

/// Items that are lists or mappings begin on the line of the bracket.
fn write_list(text: &mut String, items: &[Value], depth: usize) {
    let cuddled = items.iter().all(|item| matches!(item, Value::Map(_) | Value::List(_)));
    text.push('[');
    for (number, item) in items.iter().enumerate() {
        if cuddled {
            if number > 0 {
                text.push_str(", ");
            }
            write(text, item, depth);
        } else {
            line(text, depth + 1);
            write(text, item, depth + 1);
            text.push(',');
        }
    }
    if !cuddled {
        line(text, depth);
    }
    text.push(']');
}

/// A key stands without quotes if it cannot be taken for anything else.
fn write_key(text: &mut String, key: &str) {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && !words.contains(&key.to_lowercase().as_str());
    if plain { text.push_str(key) } else { text.push_str(&to_json(&key.into())) }
}

/// A text of several lines is folded at its line feeds.
fn write_string(text: &mut String, string: &str, depth: usize) {
    if !string.contains('\n') {
        return text.push_str(&to_json(&string.into()));
    }
    text.push_str("\"\\");
    for part in string.split_inclusive('\n') {
        line(text, depth + 1);
        let spaced = part.starts_with([' ', '\t']);
        text.push(if spaced { '\\' } else { ' ' });
        let quoted = to_json(&part.into());
        text.push_str(
            quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default(),
        );
        text.push('\\');
    }
    line(text, depth + 1);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use kubernetes::object::parse_json;

    use super::*;

    #[test]
    fn values_stand_in_flow_style() {
        for (json, text) in [
            (r#"{"a":1,"b":"x"}"#, "---\n{\n  a: 1,\n  b: \"x\",\n}\n"),
            (
                r#"{"l":["x"],"e":[],"m":{}}"#,
                "---\n{\n  e: [],\n  l: [\n    \"x\",\n  ],\n  m: {},\n}\n",
            ),
            (
                r#"{"l":[{"p":80},{"p":81}]}"#,
                "---\n{\n  l: [{\n    p: 80,\n  }, {\n    p: 81,\n  }],\n}\n",
            ),
            (r#"{"true":"a\nb"}"#, "---\n{\n  \"true\": \"\\\n     a\\n\\\n     b\\\n    \",\n}\n"),
        ] {
            assert_eq!(kyaml(&parse_json(json).expect("valid JSON")), text, "{json}");
        }
    }
}
