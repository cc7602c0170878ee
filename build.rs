//! Turns the project's own data files into statics.

use std::path::PathBuf;

#[path = "build/kubernetes.rs"]
mod kubernetes;
#[path = "build/scenarios.rs"]
mod scenarios;
#[path = "build/workloads.rs"]
mod workloads;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    // What refers to what: scripts/split.mjs divides the data of a release build by it.
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32")
        && std::env::var("PROFILE").is_ok_and(|profile| profile == "release")
    {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says so"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says so"));
    kubernetes::generate(&out);
    scenarios::generate(&root.join("static/scenarios"), &out);
    workloads::generate(&root.join("static/workloads"), &out);
}
