//! Files as people have them, through the whole session: each case says which findings, targets and
//! rules the page has to show. The files are written for this project.
//!
//! `cargo test -p session --test corpus -- NAME` runs the cases whose name contains NAME, `--show`
//! prints the findings with their messages, and `--write` writes what was found as the expectation.

mod case;
mod observe;

use std::path::{Path, PathBuf};
use std::time::Instant;

use case::{Case, read};

/// The longest that a case may take in a debug build.
const LONGEST_SECONDS: f64 = 60.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let names: Vec<&String> = arguments.iter().filter(|one| !one.starts_with("--")).collect();
    let mut failed = Vec::new();
    let paths = paths();
    for path in &paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !names.is_empty() && !names.iter().any(|wanted| name.contains(wanted.as_str())) {
            continue;
        }
        let text = std::fs::read_to_string(path).expect("a case is a text");
        let case = read(&text);
        let begun = Instant::now();
        let found = observe::observe(&case.files, has("--show"));
        let seconds = begun.elapsed().as_secs_f64();
        let bytes: usize = case.files.iter().map(|(_, text)| text.len()).sum();
        println!(
            "{name:<40} {:>3} files {bytes:>8} bytes {:>6.0} ms",
            case.files.len(),
            seconds * 1e3
        );
        for contradiction in &found.contradictions {
            println!("    contradiction: {contradiction}");
        }
        if has("--write") {
            std::fs::write(path, case.head.clone() + &case.with_reasons(&found.text))
                .expect("a writable case");
        } else if !holds(&case, &found) || seconds > LONGEST_SECONDS {
            failed.push(name);
        }
    }
    println!("{} cases, {} failed", paths.len(), failed.len());
    assert!(failed.is_empty(), "failed: {}", failed.join(", "));
}

fn holds(case: &Case, found: &observe::Observed) -> bool {
    let expected = case.expected_lines();
    let lines: Vec<&str> = found.text.lines().collect();
    if lines == expected {
        return found.contradictions.is_empty();
    }
    let missing = expected.iter().filter(|line| !lines.contains(line));
    missing.for_each(|line| println!("    - {line}"));
    let new = lines.iter().filter(|line| !expected.contains(line));
    new.for_each(|line| println!("    + {line}"));
    false
}

/// The cases in the order of their names.
fn paths() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/cases");
    let entries = std::fs::read_dir(folder).expect("the folder of the cases");
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
