//! Charts: what `helm template` and `helm lint` print.

use std::collections::BTreeMap;
use std::path::Path;

use conformance::{Tally, file_name, folders, read};
use serde_json::Value;
use terminal::Output;
use terminal::helm::{Files, Helm};

/// Runs every case of the folder.
pub fn run(folder: &Path, tally: &mut Tally) {
    for case in folders(folder).iter().filter(|case| case.join("case.yaml").is_file()) {
        tally.case(&file_name(case), || check(case));
    }
}

fn definition(case: &Path) -> Value {
    serde_yaml::from_str(&read(&case.join("case.yaml"))).unwrap_or_default()
}

fn check(case: &Path) -> Result<(), String> {
    let definition = definition(case);
    let mut wrong = Vec::new();
    for (command, exit, stdout, stderr) in [
        ("command", "exit", "expected.txt", "error.txt"),
        ("lint_command", "lint_exit", "lint.txt", "lint_error.txt"),
    ] {
        let Some(words) = definition[command].as_array() else { continue };
        let words: Vec<&str> = words.iter().skip(1).filter_map(Value::as_str).collect();
        let output = run_command(case, &words);
        for (what, found, expected) in [
            (stdout, output.stdout, read(&case.join(stdout))),
            (stderr, output.stderr, read(&case.join(stderr))),
        ] {
            if found != expected {
                wrong.push(format!("{what}:\n{found}\n  expected:\n{expected}"));
            }
        }
        if definition[exit].as_i64() != Some(i64::from(output.exit)) {
            wrong.push(format!("exit {}, expected {}", output.exit, definition[exit]));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn run_command(case: &Path, words: &[&str]) -> Output {
    let directory = format!("/cases/{}", file_name(case));
    let mut contents = BTreeMap::new();
    read_files(case, &directory, &mut contents);
    let mut files = Files::new(&directory, contents);
    Helm { files: &mut files, namespace: "default" }.run(words)
}

/// Reads all files below a folder.
fn read_files(folder: &Path, name: &str, contents: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), format!("{name}/{}", entry.file_name().display()));
        if path.is_dir() {
            read_files(&path, &name, contents);
        } else {
            contents.insert(name, std::fs::read(&path).unwrap_or_default());
        }
    }
}
