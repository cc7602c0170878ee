//! Templates of Go and Helm. Records that need Helm's functions do not pass before there is a crate
//! for them.

use std::collections::BTreeMap;
use std::path::Path;

use conformance::{Tally, json, list};
use go::number::format_general;
use go::template::{MissingKey, NoFunctions, Options, ParseOptions, Templates, Value};
use text::FileId;
use yaml::scalars::{self, Value as Scalar};
use yaml::{Kind, Node};

/// Runs every file of the folder.
pub fn run(folder: &Path, tally: &mut Tally) {
    let Ok(files) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<_> = files.flatten().map(|file| file.path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|name| name == "json")) {
        for record in list(&json(file)) {
            tally.case(text(record, "name"), || check(record));
        }
    }
}

fn check(record: &serde_json::Value) -> Result<(), String> {
    if text(record, "engine") != "go" {
        return Err("needs Helm's functions".to_owned());
    }
    let data = decode(text(record, "values"))?;
    let found = render(text(record, "template"), data, record["strict"] == true);
    let expected = match record["result"].as_str() {
        Some(result) => Ok(result.to_owned()),
        None => Err(text(record, "error").to_owned()),
    };
    if found == expected { Ok(()) } else { Err(format!("{found:?}, expected {expected:?}")) }
}

fn render(template: &str, data: Value, strict: bool) -> Result<String, String> {
    let mut templates = Templates::default();
    templates
        .parse("t", template, &NoFunctions, ParseOptions::default())
        .map_err(|error| error.to_string())?;
    let missing = if strict { MissingKey::Error } else { MissingKey::default() };
    let options = Options { missing, ..Options::default() };
    templates.execute("t", data, &NoFunctions, options).map_err(|error| error.to_string())
}

fn text<'r>(record: &'r serde_json::Value, key: &str) -> &'r str {
    record[key].as_str().unwrap_or_default()
}

/// A YAML document as sigs.k8s.io/yaml decodes it: numbers are floats, keys are strings.
fn decode(values: &str) -> Result<Value, String> {
    let parsed = yaml::parse(FileId(0), values);
    if let Some(fault) = parsed.diagnostics.first() {
        return Err(fault.message.clone());
    }
    parsed.root().map_or(Ok(Value::Nil), value)
}

fn value(node: &Node) -> Result<Value, String> {
    match &node.kind {
        Kind::Scalar(_) => Ok(match scalar(node)? {
            Scalar::Null => Value::Nil,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Int(value) => Value::Float(value as f64),
            Scalar::Uint(value) => Value::Float(value as f64),
            Scalar::Float(value) => Value::Float(value),
            Scalar::Text(text) => Value::string(&*text),
            Scalar::Timestamp(text) => Value::string(text),
        }),
        Kind::Sequence(sequence) => {
            sequence.items.iter().map(value).collect::<Result<_, _>>().map(Value::list)
        }
        Kind::Mapping(mapping) => {
            let mut entries = BTreeMap::new();
            for entry in mapping.iter() {
                entries.insert(key(&entry.key)?.into(), value(&entry.value)?);
            }
            Ok(Value::map(entries))
        }
    }
}

fn scalar(node: &Node) -> Result<Scalar<'_>, String> {
    let resolved = scalars::resolve(node).ok_or("is no scalar")?;
    resolved.map_err(|error| error.to_string())
}

fn key(node: &Node) -> Result<String, String> {
    Ok(match scalar(node)? {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(value) => value.to_string(),
        Scalar::Uint(value) => value.to_string(),
        Scalar::Float(value) => format_general(value, None),
        Scalar::Text(text) => text.into_owned(),
        Scalar::Timestamp(text) => text.to_owned(),
    })
}
