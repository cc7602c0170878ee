//! Templates of Go and Helm.

use std::path::Path;

use conformance::{Tally, json, list};
use go::template::{MissingKey, NoFunctions, Options, ParseOptions, Templates, Value};
use helm::capabilities::Capabilities;
use helm::chart::{Chart, ChartFile};
use helm::coalesce::drop_nulls;
use helm::engine::{
    Mode, ReleaseOptions, RenderOptions, render as render_templates, render_values,
};
use helm::log::Log;
use helm::values::from_yaml;

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

/// The manifest of the chart that the records were made with.
const MANIFEST: &str = "{apiVersion: v2, name: demo, version: 0.1.0, appVersion: 1.2.3, type: application, description: A small chart, keywords: [one, two]}";

fn render_chart(
    template: &str,
    helpers: &str,
    values: Value,
    strict: bool,
) -> Result<String, String> {
    let mut chart = Chart::default();
    chart.metadata.read(MANIFEST)?;
    let file = |name: &str, text: &str| ChartFile::new(name, text.as_bytes());
    chart.templates =
        vec![file("templates/t.txt", template), file("templates/_helpers.tpl", helpers)];
    let mut values = (*values.as_map().unwrap_or_default()).clone();
    drop_nulls(&mut values);
    let release = ReleaseOptions {
        name: "web".to_owned(),
        namespace: "shop".to_owned(),
        revision: 1,
        is_upgrade: false,
        is_install: true,
    };
    let values = render_values(&release, &Capabilities::default(), values);
    let mode = if strict { Mode::Strict } else { Mode::Lenient };
    let options = RenderOptions { mode, ..RenderOptions::default() };
    let texts = render_templates(&chart, &values, options, &mut Log::default())?;
    Ok(texts.into_values().map(|rendered| rendered.text).collect())
}
