//! Verdicts of Prometheus itself, where its test data is at hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Mode, load, refusal};
use crate::text::{FileId, Severity};
use crate::yaml::{Parsed, parse};

/// The folder of test data, or nothing where it is absent.
pub fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CONFORMANCE_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        PathBuf::from,
    );
    let folder = root.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no {}", folder.display());
    None
}

fn text_of(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

/// All files of a folder, as a workspace.
fn workspace(folder: &Path) -> BTreeMap<String, Parsed> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let id = FileId(files.len() as u32 + 2);
            files.insert(name, parse(id, &text_of(&path)));
        }
    }
    files
}

#[test]
fn bad_and_good_configurations() {
    let Some(folder) = folder("config") else { return };
    let verdicts: Value = serde_json::from_str(&text_of(&folder.join("verdicts.json"))).unwrap();
    let files = workspace(&folder);
    let mut wrong = Vec::new();
    for case in verdicts["bad"].as_array().unwrap() {
        let name = case["file"].as_str().unwrap();
        let wanted = case["error_contains"].as_str().unwrap();
        let text = text_of(&folder.join(name));
        let loaded = load(&parse(FileId(1), &text), &files, Mode::Server);
        let path = format!("testdata/{name}");
        let said = refusal(&loaded, &path).unwrap_or_default();
        let any = loaded.diagnostics.iter().any(|one| {
            one.severity == Severity::Error
                && format!("parsing YAML file {path}: {}", one.message).contains(wanted)
        });
        if !any && !said.contains(wanted) {
            wrong.push(format!("{name}: wanted {wanted:?}, got {said:?}"));
        }
    }
    for case in verdicts["good"].as_array().unwrap() {
        let name = case.as_str().or_else(|| case["file"].as_str()).unwrap();
        let text = text_of(&folder.join(name));
        let loaded = load(&parse(FileId(1), &text), &files, Mode::Server);
        if let Some(said) = refusal(&loaded, name) {
            wrong.push(format!("{name}: refused: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
