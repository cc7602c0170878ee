//! `*.test`: the engine's own scripts, every evaluation of them.

use std::path::Path;

use promql::testlang::{ScriptEngine, run_script};

use crate::{Tally, files, read};

/// Runs each script and prints a line for each.
pub fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let engine = ScriptEngine::default();
    for path in files(folder, &[".test"]) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let report = run_script(&name, &read(&path), &engine);
        println!("  {name} {}/{}", report.passed, report.total);
        (0..report.passed).for_each(|_| tally.count(Ok(())));
        let mut failures = report.failures.iter().map(ToString::to_string);
        for _ in report.passed..report.total {
            tally.count(Err(failures.next().unwrap_or_else(|| format!("{name}: not run"))));
        }
    }
    tally
}
