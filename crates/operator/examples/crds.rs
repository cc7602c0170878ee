//! Makes `data/crds.json` from a folder of CustomResourceDefinitions:
//! `cargo run -p operator --example crds -- FOLDER > crates/operator/data/crds.json`.
//!
//! The table has each schema once, without descriptions. A schema refers to others by number.

use std::collections::HashMap;
use std::path::PathBuf;

use kubernetes::object::{Value, from_yaml, parse_json, to_json};

/// Keys of a schema that are left out: texts, and what another key says already.
const OMITTED: &[&str] = &["description", "anyOf"];

#[derive(Default)]
struct Table {
    known: HashMap<String, usize>,
    schemas: Vec<String>,
}

impl Table {
    /// Returns the number of a schema. Schemas below come first.
    fn add(&mut self, schema: &Value) -> i64 {
        let mut own = Value::map();
        for (key, value) in schema.as_map().into_iter().flat_map(|map| map.iter()) {
            let key = &**key;
            if OMITTED.contains(&key) {
                continue;
            }
            let short = match (key, value) {
                ("properties", Value::Map(map)) => {
                    let pairs =
                        map.iter().map(|(name, below)| (name.clone(), self.add(below).into()));
                    pairs.collect::<kubernetes::object::Map>().into()
                }
                ("items" | "additionalProperties", Value::Map(_)) => self.add(value).into(),
                _ => value.clone(),
            };
            own.set(key, short);
        }
        let text = to_json(&own);
        if let Some(number) = self.known.get(&text) {
            return *number as i64;
        }
        self.schemas.push(text.clone());
        self.known.insert(text, self.schemas.len() - 1);
        self.schemas.len() as i64 - 1
    }
}

fn main() {
    let folder = std::env::args().nth(1).expect("a folder of definitions");
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let mut table = Table::default();
    let mut definitions = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        let parsed = yaml::parse(text::FileId::default(), &text);
        let root = parsed.root().expect("a document");
        let mut object = from_yaml(root).expect("a definition");
        object.entry("metadata").remove("annotations");
        object.remove("status");
        for version in object.entry("spec").entry("versions").list_mut() {
            let number = table.add(&version["schema"]["openAPIV3Schema"]);
            version.set("schema", number);
            for column in version.entry("additionalPrinterColumns").list_mut() {
                column.remove("description");
            }
            if version["additionalPrinterColumns"].is_empty() {
                version.remove("additionalPrinterColumns");
            }
        }
        definitions.push(to_json(&object));
    }
    let text = format!(
        "{{\"definitions\":[\n{}\n],\"schemas\":[\n{}\n]}}",
        definitions.join(",\n"),
        table.schemas.join(",\n")
    );
    parse_json(&text).expect("the table is JSON");
    println!("{text}");
}
