//! `verdicts.json`: configurations that must load or must be refused with certain words.

use std::path::Path;

use crate::{Tally, json, list};

/// Counts the files; there is nothing yet that loads them.
pub fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let verdicts = json(&folder.join("verdicts.json"));
    for case in list(&verdicts["bad"]).iter().chain(list(&verdicts["good"])) {
        tally.count(Err(format!("{case}: not run")));
    }
    tally
}
