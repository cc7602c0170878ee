//! Runs the conformance data folder by folder and prints a line for each: `relabel 34/34`.
//!
//! Data is looked for at `CONFORMANCE_DIR`, by default `../shared/conformance` beside the
//! repository; any folder of the same form will do. What is not implemented counts as not passed.
//!
//! Figures must not fall: `tests/conformance-floor.txt` holds those reached so far, and is compared
//! wherever the totals are the ones written there. `cargo test --test conformance -- NAME…` runs
//! what begins with a name; `--failures` prints what failed; `--write-floor` writes the file anew.

mod config;
mod exposition;
mod go;
mod promql;
mod promql_parser;
mod promtool;
mod queries;
mod relabel;
mod targets;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a suite found: a verdict for each case.
#[derive(Default)]
pub struct Tally {
    passed: usize,
    total: usize,
    failures: Vec<String>,
}

impl Tally {
    /// Counts a case; an error says what went wrong with which one.
    pub fn count(&mut self, verdict: Result<(), String>) {
        self.total += 1;
        match verdict {
            Ok(()) => self.passed += 1,
            Err(failure) => self.failures.push(failure),
        }
    }

    /// Counts a case and calls it by its name; a panic in it is a failure.
    pub fn case(&mut self, name: &str, run: impl FnOnce() -> Result<(), String>) {
        let run = std::panic::AssertUnwindSafe(run);
        let verdict = std::panic::catch_unwind(run).unwrap_or_else(|_| Err("panics".to_owned()));
        self.count(verdict.map_err(|failure| format!("{name}: {failure}")));
    }
}

/// A folder's part: a name that begins with the folder's, and what runs it. The path given is the
/// folder's.
type Suite = (&'static str, fn(&Path) -> Tally);

static SUITES: &[Suite] = &[
    ("promql", promql::run),
    ("queries", queries::run),
    ("promql_parser", promql_parser::run),
    ("config", config::run),
    ("relabel", relabel::run),
    ("promtool", promtool::run),
    ("go/yaml_scalars", go::yaml_scalars),
    ("go/regex", go::regex),
    ("go/templates", go::templates),
    ("targets", targets::run),
    ("exposition", exposition::run),
];

/// Folders that hold no cases with an answer.
static NO_SUITE: &[&str] = &[];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let names: Vec<&String> =
        arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let Some(root) = find_data() else { return ExitCode::SUCCESS };
    let floor = read_floor();
    let mut fallen = Vec::new();
    let mut figures = String::new();
    std::panic::set_hook(Box::new(|_| {}));
    for (name, run) in SUITES {
        let folder = root.join(name.split('/').next().unwrap_or_default());
        if !folder.is_dir()
            || !names.is_empty() && !names.iter().any(|asked| name.starts_with(*asked))
        {
            continue;
        }
        let tally = run(&folder);
        println!("{name} {}/{}", tally.passed, tally.total);
        let _ = writeln!(figures, "{name} {}/{}", tally.passed, tally.total);
        if asked("--failures") {
            tally.failures.iter().for_each(|failure| println!("    {failure}"));
        }
        let known = floor.iter().find(|(known, ..)| known == name);
        if let Some(&(_, least, total)) = known
            && total == tally.total
            && tally.passed < least
        {
            fallen.push(format!("{name} fell from {least} to {} of {total}", tally.passed));
        }
    }
    for folder in unknown_folders(&root) {
        println!("{folder}: no suite for this folder");
    }
    if asked("--write-floor") && names.is_empty() {
        std::fs::write(floor_path(), figures).expect("the repository can be written");
    }
    if fallen.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("{}", fallen.join("\n"));
    ExitCode::FAILURE
}

fn find_data() -> Option<PathBuf> {
    let root = std::env::var_os("CONFORMANCE_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        PathBuf::from,
    );
    if root.is_dir() {
        return Some(root);
    }
    println!(
        "conformance: skipped, there is no folder {}. Set CONFORMANCE_DIR to one with the folders \
         promql, config, relabel, … made of the test data of Prometheus 3.14 (promql/promqltest/\
         testdata, config/testdata, cmd/promtool/testdata and the like).",
        root.display()
    );
    None
}

fn floor_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance-floor.txt")
}

/// Name, least number passed, total.
fn read_floor() -> Vec<(String, usize, usize)> {
    let text = std::fs::read_to_string(floor_path()).unwrap_or_default();
    let line = |line: &str| {
        let (name, figures) = line.split_once(' ')?;
        let (passed, total) = figures.split_once('/')?;
        Some((name.to_owned(), passed.parse().ok()?, total.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

fn unknown_folders(root: &Path) -> Vec<String> {
    let known = |name: &str| {
        NO_SUITE.contains(&name)
            || SUITES.iter().any(|(suite, _)| suite.split('/').next() == Some(name))
    };
    let mut names: Vec<String> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !known(name))
        .collect();
    names.sort();
    names
}

/// Files of a folder whose names end so, in order of their names.
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            path.is_file() && endings.iter().any(|ending| name.ends_with(ending))
        })
        .collect();
    files.sort();
    files
}

/// A file's text; bytes that are not UTF-8 become U+FFFD.
pub fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// A file's JSON, null where there is none.
pub fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&read(path)).unwrap_or_default()
}

/// Items of a JSON list.
pub fn list(value: &serde_json::Value) -> &[serde_json::Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
