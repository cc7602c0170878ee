//! The engine against Prometheus's own test data: the scripts of its test suite, and queries that
//! a real server answered. Skipped with a line where the data is not there.

use std::path::{Path, PathBuf};

use playground::promql::testlang::Script;

fn conformance() -> Option<PathBuf> {
    let dir = std::env::var_os("CONFORMANCE_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        PathBuf::from,
    );
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: no conformance data at {}", dir.display());
    None
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.retain(|path| path.extension().is_some_and(|ending| ending == extension));
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[test]
fn every_script_can_be_read() {
    let Some(dir) = conformance() else { return };
    for path in files(&dir.join("promql"), "test") {
        let text = std::fs::read_to_string(&path).unwrap();
        let script =
            Script::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", name(&path)));
        let evals = text.lines().filter(|line| line.trim().starts_with("eval")).count();
        assert_eq!(script.evals(), evals, "{}", name(&path));
    }
}
