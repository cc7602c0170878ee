//! Values against values.schema.json.
//!
//! | file | content |
//! | --- | --- |
//! | `validate` | the keywords |
//! | `formats` | the keyword `format` |
//! | `finding` | findings and how they print |
//!
//! Source: helm pkg/chart/common/util jsonschema.go, santhosh-tekuri/jsonschema v6.
//! Not done: `$dynamicRef`, `unevaluatedItems`, vocabularies, and schemas from other files.

mod finding;
mod formats;
mod validate;

use go::template::{Entries, Value};

use crate::chart::Chart;
use crate::from_json::from_json_prefix;
use crate::log::{Level, Log};
use crate::values::to_json;
use validate::{Draft, Validator};

/// Checks the values of a chart and of the charts in it. The error lists the charts with findings.
pub fn validate(chart: &Chart, values: &Entries, log: &mut Log) -> Result<(), String> {
    let mut errors = String::new();
    if let Some(schema) = &chart.schema {
        let schema = String::from_utf8_lossy(schema);
        log.add(Level::Debug, "chart name", &[("chart-name", chart.name())]);
        log.add(Level::Debug, "unmarshalled JSON schema", &[("schema", &schema)]);
        if let Err(error) = validate_values(values, &schema) {
            errors.push_str(&format!("{}:\n{error}", chart.name()));
        }
    }
    let count = chart.dependencies.len().to_string();
    let attributes = [("chart", chart.name()), ("dependencies", &*count)];
    log.add(Level::Debug, "number of dependencies in the chart", &attributes);
    for sub in &chart.dependencies {
        match values.get(sub.name()) {
            None | Some(Value::Nil) => {}
            Some(Value::Map(map)) => {
                if let Err(error) = validate(sub, &map.entries(), log) {
                    errors.push_str(&error);
                }
            }
            Some(other) => errors.push_str(&format!(
                "{}:\ninvalid type for values: expected object (map), got {}\n",
                sub.name(),
                other.type_name()
            )),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Checks values against the text of one schema.
pub fn validate_values(values: &Entries, schema: &str) -> Result<(), String> {
    let (_, end) = from_json_prefix(schema)?;
    if !schema.get(end..).unwrap_or_default().trim().is_empty() {
        return Err("invalid character after top-level value".to_owned());
    }
    let json = schema.get(..end).unwrap_or_default();
    let root: serde_json::Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let values = to_json(&Value::map(values.clone()))?;
    let draft = Draft::of(&root)?;
    match Validator::new(&root, draft).check(&values)? {
        None => Ok(()),
        Some(finding) => Err(format!("{}\n", finding.print_causes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value_files::load_values;

    fn run(schema: &str, values: &str) -> Result<(), String> {
        validate_values(&load_values(values).expect("values"), schema)
    }

    #[test]
    fn findings_have_the_words_of_the_library() {
        for (schema, values, expected) in [
            (r#"{"properties": {"a": {"type": "integer"}}}"#, "a: 3.0", ""),
            (
                r#"{"properties": {"a": {"type": "integer"}}}"#,
                "a: x",
                "- at '/a': got string, want integer\n",
            ),
            (
                r#"{"properties": {"a": {"type": ["string", "null"]}}}"#,
                "a: 1",
                "- at '/a': got number, want null or string\n",
            ),
            (r#"{"required": ["b", "c"]}"#, "a: 1", "- at '': missing properties 'b', 'c'\n"),
            (
                r#"{"properties": {"a": {"minimum": 2, "multipleOf": 2}}}"#,
                "a: 1",
                "- at '/a': minimum: got 1, want 2\n- at '/a': multipleOf: got 1, want 2\n",
            ),
            (
                r##"{"definitions": {"d": {"type": "string"}}, "properties": {"a": {"$ref": "#/definitions/d"}}}"##,
                "a: 1",
                "- at '/a': got number, want string\n",
            ),
            (
                r#"{"properties": {"a": {"if": {"const": 1}, "then": false}}}"#,
                "a: 1",
                "- at '/a': false schema\n",
            ),
            (
                r#"{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"format": "ipv4"}}}"#,
                "a: x",
                "- at '/a': 'x' is not valid ipv4: expected four decimals\n",
            ),
            (r#"{"properties": {"a": {"format": "ipv4"}}}"#, "a: x", ""),
            (
                r#"{"propertyNames": {"maxLength": 1}}"#,
                "ab: x",
                "- at '': invalid propertyName 'ab'\n  - at '': maxLength: got 2, want 1\n",
            ),
            (
                r#"{"patternProperties": {"^x": {"type": "boolean"}}, "additionalProperties": false}"#,
                "xa: 1\nb: 1",
                "- at '': validation failed",
            ),
            ("{", "a: 1", "unexpected EOF"),
        ] {
            let found = run(schema, values).err().unwrap_or_default();
            if expected == "- at '': validation failed" {
                assert_eq!(
                    found,
                    "- at '': additional properties 'b' not allowed\n- at '/xa': got number, want boolean\n"
                );
            } else {
                assert_eq!(found, expected, "{schema}");
            }
        }
    }

    #[test]
    fn endless_references_end() {
        assert!(run(r##"{"$ref": "#"}"##, "a: 1").is_err());
    }
}
