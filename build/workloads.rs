//! Gathers `static/workloads/*.yaml` into one JSON text, which `simulation::workload` reads.
//!
//! The files are checked there, by a test that reads each of them with the types it is for.

use std::path::Path;

use serde_yaml::Value;

/// Writes `workloads.json` into `out`: an array, sorted by file name.
pub fn generate(root: &Path, out: &Path) {
    println!("cargo::rerun-if-changed={}", root.display());
    let entries = std::fs::read_dir(root).expect("the folder of the workloads is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    let workloads: Vec<Value> = paths
        .iter()
        .map(|path| {
            println!("cargo::rerun-if-changed={}", path.display());
            let text = std::fs::read_to_string(path).expect("the file can be read");
            serde_yaml::from_str(&text)
                .unwrap_or_else(|error| panic!("{} is no YAML: {error}", path.display()))
        })
        .collect();
    let json = serde_json::to_string(&workloads).expect("YAML of these files fits JSON");
    std::fs::write(out.join("workloads.json"), json).expect("the build folder takes files");
}
