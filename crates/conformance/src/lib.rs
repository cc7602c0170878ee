//! Finds the conformance data, counts its records and tallies verdicts. For tests only.
//!
//! The data are the recorded behavior of the real programs, one folder for each kind of record. They
//! are not part of the repository: [`data`] looks for them at `CONFORMANCE_DIR`, then at
//! `../shared/conformance` beside the repository.

mod files;
mod records;
mod tally;

pub use files::{file_name, files, folders, json, list, read, words};
pub use records::records;
pub use tally::{Selection, Tally};

use std::path::{Path, PathBuf};

/// Returns the folder of the data, or a sentence that says where it was looked for.
pub fn data() -> Result<PathBuf, String> {
    let root = std::env::var_os("CONFORMANCE_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"),
        PathBuf::from,
    );
    if root.is_dir() {
        return Ok(root);
    }
    Err(format!(
        "conformance: skipped, the folder {} does not exist. Set CONFORMANCE_DIR to a folder that \
         holds promql, config, relabel and the like.",
        root.display()
    ))
}

/// Returns one folder of the data, or None after printing that the test is skipped.
pub fn folder(name: &str) -> Option<PathBuf> {
    let found = data().and_then(|root| {
        let folder = root.join(name);
        if folder.is_dir() {
            Ok(folder)
        } else {
            Err(format!("conformance: skipped, the folder {} does not exist.", folder.display()))
        }
    });
    found.map_err(|skipped| println!("{skipped}")).ok()
}
