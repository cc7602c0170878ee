//! Values files and the flags that set values.
//!
//! Source: helm pkg/chart/v2/loader load.go `LoadValues`, `MergeMaps`; pkg/cli/values options.go.

use go::template::{Entries, Value};

use crate::decode::WHILE;
use crate::from_json::from_json;
use crate::set_flags::{self, Form};
use crate::values::from_yaml;

/// The flags that set values, in the order in which each was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueFlags {
    /// `-f`, `--values`.
    pub files: Vec<String>,
    /// `--set-json`.
    pub json: Vec<String>,
    /// `--set`.
    pub set: Vec<String>,
    /// `--set-string`.
    pub strings: Vec<String>,
    /// `--set-file`.
    pub from_files: Vec<String>,
    /// `--set-literal`.
    pub literals: Vec<String>,
}

impl ValueFlags {
    /// The values that the flags give. `read` returns the text of a file or why it has none.
    pub fn merge(&self, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Entries, String> {
        let mut base = Entries::new();
        for path in &self.files {
            let values = load_values(&read(path)?);
            let values = values.map_err(|error| format!("failed to parse {path}: {error}"))?;
            base = merge_maps(&base, &values);
        }
        for text in &self.json {
            if text.trim().starts_with('{') {
                match from_json(text.trim()) {
                    Ok(Value::Map(map)) => base = merge_maps(&base, &map.entries()),
                    _ => return Err(format!("failed parsing --set-json data JSON: {text}")),
                }
            } else {
                set_flags::parse_into(text, &mut base, Form::Json)
                    .map_err(|_| format!("failed parsing --set-json data {text}"))?;
            }
        }
        let read_value = |path: &str| read(path).map(Value::string);
        let forms: [(&str, &Vec<String>, Form<'_>); 4] = [
            ("set", &self.set, Form::Typed),
            ("set-string", &self.strings, Form::Text),
            ("set-file", &self.from_files, Form::File(&read_value)),
            ("set-literal", &self.literals, Form::Literal),
        ];
        for (flag, texts, form) in forms {
            for text in texts {
                set_flags::parse_into(text, &mut base, form)
                    .map_err(|error| format!("failed parsing --{flag} data: {error}"))?;
            }
        }
        Ok(base)
    }
}

/// Reads the documents of a values file, of which later ones count more.
pub fn load_values(text: &str) -> Result<Entries, String> {
    let mut values = Entries::new();
    for document in documents(text) {
        let read = from_yaml(&document).map_err(|error| {
            format!("cannot unmarshal yaml document: error converting YAML to JSON: {error}")
        })?;
        match &read {
            Value::Map(map) => values = merge_maps(&values, &map.entries()),
            Value::Nil => {}
            other => {
                let kind = crate::decode::json_kind(other);
                return Err(format!(
                    "cannot unmarshal yaml document: {WHILE}json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
                ));
            }
        }
    }
    Ok(values)
}

/// Divides a text at lines of `---`. Source: apimachinery pkg/util/yaml `YAMLReader`.
pub fn documents(text: &str) -> Vec<String> {
    let mut documents = Vec::new();
    let mut current = String::new();
    for line in text.split_inclusive('\n') {
        let is_separator = line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty());
        if is_separator && !current.is_empty() {
            documents.push(std::mem::take(&mut current));
            continue;
        }
        current.push_str(line);
    }
    if !current.is_empty() {
        documents.push(current);
    }
    documents
}

/// Lays `over` on `base`: maps are merged, other values replaced.
pub fn merge_maps(base: &Entries, over: &Entries) -> Entries {
    let mut merged = base.clone();
    for (key, value) in over {
        let both = match (merged.get(key), value) {
            (Some(Value::Map(old)), Value::Map(new)) => {
                Value::map(merge_maps(&old.entries(), &new.entries()))
            }
            _ => value.clone(),
        };
        merged.insert(key.clone(), both);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_merged() {
        let values =
            load_values("---\na: {x: 1, z: 2}\n---\na: {z: 3}\nb: null\n").expect("values");
        assert_eq!(Value::map(values).print(), "map[a:map[x:1 z:3] b:<nil>]");
    }

    #[test]
    fn flags_have_an_order() {
        let flags = ValueFlags {
            files: vec!["v.yaml".to_owned()],
            json: vec!["{\"a\": 1.5}".to_owned(), "b=[1]".to_owned()],
            set: vec!["a=2".to_owned()],
            from_files: vec!["c=f.txt".to_owned()],
            ..ValueFlags::default()
        };
        let read = |path: &str| match path {
            "v.yaml" => Ok("a: 0\nd: 4\n".to_owned()),
            "f.txt" => Ok("text".to_owned()),
            other => Err(format!("open {other}: no such file or directory")),
        };
        let values = flags.merge(&read).map(|values| Value::map(values).print());
        assert_eq!(values.as_deref(), Ok("map[a:2 b:[1] c:text d:4]"));
    }
}
