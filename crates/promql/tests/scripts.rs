//! Runs the scripts of `tests/scripts`, written in the language of upstream's promqltest.

use std::path::Path;

use promql::promqltest::{ScriptEngine, run_script};

#[test]
fn every_script_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut scripts = 0;
    let mut failures = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let report = run_script(&name, &text, &ScriptEngine::default());
        assert!(report.total > 0, "{name} has no evaluations");
        failures.extend(report.failures.iter().map(ToString::to_string));
        scripts += 1;
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(scripts >= 7, "only {scripts} scripts");
}
