//! `*.test`: the engine's own scripts, every evaluation of them.

use std::path::Path;

use promql::promqltest::{ScriptEngine, run_script};

use conformance::{Tally, files, read};

/// A case is a script; each of its evaluations counts.
pub fn run(folder: &Path, tally: &mut Tally) {
    let engine = ScriptEngine::default();
    for path in files(folder, &[".test"]) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !tally.wants(&name) {
            continue;
        }
        let report = run_script(&name, &read(&path), &engine);
        (0..report.passed).for_each(|_| tally.count(Ok(())));
        let mut failures = report.failures.iter().map(ToString::to_string);
        for _ in report.passed..report.total {
            tally.count(Err(failures.next().unwrap_or_else(|| format!("{name}: not run"))));
        }
    }
}
