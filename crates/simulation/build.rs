//! Embeds `static/workloads/*.yaml`, which `simulation::workload` reads.
//!
//! A test checks each file against the table of fields.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says so"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says so"));
    generate(&root.join("../../static/workloads"), &out);
}

/// Writes `workloads.rs` to `out`: names and texts, sorted by name.
fn generate(root: &Path, out: &Path) {
    println!("cargo::rerun-if-changed={}", root.display());
    let entries = std::fs::read_dir(root).expect("the folder of the workloads is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    let mut code = format!("static FILES: [(&str, &str); {}] = [\n", paths.len());
    for path in &paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let name = path.file_stem().and_then(|name| name.to_str()).expect("names are text");
        writeln!(code, "    ({name:?}, {text:?}),").expect("a string takes text");
    }
    code.push_str("];\n");
    std::fs::write(out.join("workloads.rs"), code).expect("the build folder takes files");
}
