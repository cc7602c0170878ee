//! Generates statics from `static/scenarios/*/scenario.yaml`.
//!
//! Unknown and missing keys fail the build.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_yaml::{Mapping, Value};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says so"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says so"));
    generate(&root.join("../../static/scenarios"), &out);
}

/// Writes `scenarios.rs` to `out`. `root` is the folder of scenarios.
fn generate(root: &Path, out: &Path) {
    println!("cargo::rerun-if-changed={}", root.display());
    let mut scenarios: Vec<(i64, String)> = folders(root)
        .into_iter()
        .map(|name| {
            let folder = root.join(&name);
            println!("cargo::rerun-if-changed={}", folder.display());
            let path = folder.join("scenario.yaml");
            let text = read(&path);
            let place = path.display().to_string();
            let value: Value = serde_yaml::from_str(&text)
                .unwrap_or_else(|error| panic!("{place} is no YAML: {error}"));
            let map = value.as_mapping().unwrap_or_else(|| panic!("{place} is no mapping"));
            let mut fields = Fields { map, known: Vec::new(), place };
            let order = fields.number("order").unwrap_or(i64::MAX);
            (order, scenario(&name, &folder, &mut fields))
        })
        .collect();
    scenarios.sort();
    let body: String = scenarios.into_iter().map(|(_, text)| text).collect();
    let text = format!("pub static SCENARIOS: &[Scenario] = &[\n{body}];\n");
    std::fs::write(out.join("scenarios.rs"), text).expect("the build folder takes files");
}

fn scenario(name: &str, folder: &Path, fields: &mut Fields) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "    {key}: {value},");
    };
    line("name", quote(name));
    for key in ["title", "summary", "namespace", "open", "view", "query"] {
        line(key, quote(&fields.text(key)));
    }
    let files: String = fields
        .list("files")
        .iter()
        .map(|file| {
            let file = file.as_str().expect("files are names");
            let path = folder.join(file).canonicalize();
            let path = path.unwrap_or_else(|error| panic!("{name}/{file}: {error}"));
            println!("cargo::rerun-if-changed={}", path.display());
            let path = path.display().to_string();
            format!("ScenarioFile {{ name: {file:?}, text: include_str!({path:?}) }}, ")
        })
        .collect();
    line("files", format!("&[{files}]"));
    let watch: String = fields
        .list("watch")
        .iter()
        .map(|query| quote(query.as_str().expect("what is watched is a query")) + ", ")
        .collect();
    line("watch", format!("&[{watch}]"));
    let workloads: String = fields.records("workloads").iter_mut().map(workload).collect();
    line("workloads", format!("&[{workloads}]"));
    let events: String = fields.records("events").iter_mut().map(event).collect();
    line("events", format!("&[{events}]"));
    fields.finish();
    format!("Scenario {{\n{text}}},\n")
}

fn workload(fields: &mut Fields) -> String {
    let text = format!(
        "WorkloadRule {{ image: {}, port: {}, workload: {}, path: {}, status: {}, hosts: {}, closed: {}, reason: {} }}, ",
        quote(&fields.text("image")),
        fields.number("port").expect("a workload has a port"),
        quote(&fields.optional("workload", "")),
        quote(&fields.optional("path", "/metrics")),
        fields.number("status").unwrap_or(200),
        quote(&fields.optional("hosts", "")),
        fields.flag("closed"),
        quote(&fields.optional("reason", "")),
    );
    fields.finish();
    text
}

fn event(fields: &mut Fields) -> String {
    let text = format!(
        "ScenarioEvent {{ label: {}, help: {}, image: {}, port: {}, action: {}, times: {} }}, ",
        quote(&fields.text("label")),
        quote(&fields.text("help")),
        quote(&fields.text("image")),
        fields.number("port").expect("an event has a port"),
        quote(&fields.text("action")),
        fields.number("times").unwrap_or(1),
    );
    fields.finish();
    text
}

/// A mapping that records which keys were read.
struct Fields<'a> {
    map: &'a Mapping,
    known: Vec<&'static str>,
    place: String,
}

impl<'a> Fields<'a> {
    fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.map.get(key)
    }

    fn text(&mut self, key: &'static str) -> String {
        let place = self.place.clone();
        let value = self.get(key).unwrap_or_else(|| panic!("{place}: {key} is missing"));
        value.as_str().unwrap_or_else(|| panic!("{place}: {key} is no text")).to_owned()
    }

    fn optional(&mut self, key: &'static str, default: &str) -> String {
        self.get(key).and_then(Value::as_str).unwrap_or(default).to_owned()
    }

    fn number(&mut self, key: &'static str) -> Option<i64> {
        self.get(key).and_then(Value::as_i64)
    }

    fn flag(&mut self, key: &'static str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    fn list(&mut self, key: &'static str) -> &'a [Value] {
        self.get(key).and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
    }

    fn records(&mut self, key: &'static str) -> Vec<Fields<'a>> {
        let place = format!("{}: {key}", self.place);
        self.list(key)
            .iter()
            .map(|item| Fields {
                map: item.as_mapping().unwrap_or_else(|| panic!("{place} is no list of mappings")),
                known: Vec::new(),
                place: place.clone(),
            })
            .collect()
    }

    /// Fails if a key was not read.
    fn finish(&self) {
        for key in self.map.keys().filter_map(Value::as_str) {
            assert!(self.known.contains(&key), "{}: nobody knows {key}", self.place);
        }
    }
}

fn folders(root: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(root).expect("static/scenarios is there");
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("scenario.yaml").exists())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn quote(text: &str) -> String {
    format!("{text:?}")
}
