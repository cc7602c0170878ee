//! Templates of Go and Helm.

use std::path::Path;

use conformance::{Tally, json, list};
use go::template::{Map, MissingKey, NoFunctions, Options, ParseOptions, Templates, Value};
use helm::values::{VALUES, from_yaml, without_nulls};
use helm::{File, Mode};

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
    let values = from_yaml(text(record, "values"))?;
    let (template, strict) = (text(record, "template"), record["strict"] == true);
    let found = match text(record, "engine") {
        "go" => render(template, values, strict),
        _ => render_chart(template, text(record, "helpers"), values, strict),
    };
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

/// The chart and release that the records were made with. `Files` and `Capabilities` are missing.
const CHART: &str = "
Chart: {Name: demo, Version: 0.1.0, AppVersion: 1.2.3, Description: A small chart, Type: application,
  APIVersion: v2, IsRoot: true, Keywords: [one, two]}
Release: {Name: web, Namespace: shop, Service: Helm, IsInstall: true, IsUpgrade: false}
";

fn render_chart(
    template: &str,
    helpers: &str,
    values: Value,
    strict: bool,
) -> Result<String, String> {
    let values = without_nulls(values).as_map().unwrap_or_default();
    let chart = from_yaml(CHART)?;
    let mut entries = (*chart.as_map().unwrap_or_default()).clone();
    if let Some(Value::Map(release)) = entries.get("Release") {
        release.change(|release| {
            release.insert("Revision".into(), Value::Int(1));
        });
    }
    entries.insert("Values".into(), Value::Map(Map::new(&VALUES, (*values).clone())));
    let data = Map::new(&VALUES, entries);
    let file = |name: &str, text: &str| File {
        path: format!("demo/templates/{name}"),
        text: text.to_owned(),
        data: data.clone(),
        base_path: "demo/templates".to_owned(),
    };
    let files = [file("t.txt", template), file("_helpers.tpl", helpers)];
    let mode = if strict { Mode::Strict } else { Mode::Lenient };
    helm::render(&files, mode).map(|texts| texts.into_values().collect())
}
