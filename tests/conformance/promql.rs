//! `*.test`: the engine's own scripts.

use std::path::Path;

use crate::{Tally, files, read};

/// Counts the evaluations; there is nothing yet that runs them.
pub fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    for path in files(folder, &[".test"]) {
        for line in read(&path).lines().filter(|line| line.starts_with("eval")) {
            tally.count(Err(format!("{line}: not run")));
        }
    }
    tally
}
