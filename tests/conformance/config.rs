//! `verdicts.json`: configurations that must load or must be refused with certain words. The
//! folder's other files are the workspace, for `scrape_config_files`.

use std::collections::BTreeMap;
use std::path::Path;

use prometheus::{Loaded, Mode, load, refusal};
use text::{FileId, Severity};
use yaml::{Parsed, parse};

use conformance::{Tally, files, json, list, read};

pub fn run(folder: &Path, tally: &mut Tally) {
    let workspace: BTreeMap<String, Parsed> = files(folder, &[".yml", ".yaml", ".json"])
        .into_iter()
        .zip(2..)
        .map(|(path, number)| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, parse(FileId(number), &read(&path)))
        })
        .collect();
    let load = |name: &str| {
        let mode = if name.starts_with("agent_mode") { Mode::Agent } else { Mode::Server };
        load(&parse(FileId(1), &read(&folder.join(name))), &workspace, mode)
    };
    let verdicts = json(&folder.join("verdicts.json"));
    for case in list(&verdicts["bad"]) {
        let name = case["file"].as_str().unwrap_or_default();
        let words = case["error_contains"].as_str().unwrap_or_default();
        tally.case(name, || {
            let loaded = load(name);
            let path = format!("testdata/{name}");
            let said = refusal(&loaded, &path).ok_or("is taken")?;
            let all: Vec<String> = messages(&loaded, &path);
            if said.contains(words) || all.iter().any(|message| message.contains(words)) {
                Ok(())
            } else {
                Err(format!("wanted {words:?}, got {said:?}"))
            }
        });
    }
    for case in list(&verdicts["good"]) {
        let name = case.as_str().or_else(|| case["file"].as_str()).unwrap_or_default();
        tally.case(name, || refusal(&load(name), name).map_or(Ok(()), Err));
    }
}

/// All errors, each as Prometheus would print it were it the first.
fn messages(loaded: &Loaded, path: &str) -> Vec<String> {
    let errors = loaded.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| format!("parsing YAML file {path}: {}", one.message)).collect()
}
