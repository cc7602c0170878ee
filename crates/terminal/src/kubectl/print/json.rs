//! JSON with four spaces for each level.
//!
//! Source: cli-runtime pkg/printers/json.go.

use kubernetes::object::{Value, to_json, to_json_html};

/// A value as `-o json` prints it, with a line feed at the end.
pub(crate) fn indented(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text.push('\n');
    text
}

fn line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("    ", depth));
}

fn write(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::List(items) if !items.is_empty() => {
            text.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                line(text, depth + 1);
                write(text, item, depth + 1);
            }
            line(text, depth);
            text.push(']');
        }
        Value::Map(map) if !map.is_empty() => {
            text.push('{');
            for (number, (key, item)) in map.iter().enumerate() {
                if number > 0 {
                    text.push(',');
                }
                line(text, depth + 1);
                text.push_str(&to_json_html(&Value::String(key.clone())));
                text.push_str(": ");
                write(text, item, depth + 1);
            }
            line(text, depth);
            text.push('}');
        }
        value @ Value::String(_) => text.push_str(&to_json_html(value)),
        value => text.push_str(&to_json(value)),
    }
}

#[cfg(test)]
mod tests {
    use kubernetes::object::parse_json;

    use super::*;

    #[test]
    fn values_are_indented() {
        let value = parse_json(r#"{"a":[],"b":{"c":[1,"x<y"]},"d":{}}"#).expect("valid JSON");
        assert_eq!(
            indented(&value),
            "{\n    \"a\": [],\n    \"b\": {\n        \"c\": [\n            1,\n            \"x\\u003cy\"\n        ]\n    },\n    \"d\": {}\n}\n"
        );
    }
}
