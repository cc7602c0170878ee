//! The same inputs give the same samples: see `determinism/mod.rs`.
#![cfg(not(target_arch = "wasm32"))]

#[path = "determinism/mod.rs"]
mod determinism;

#[test]
fn every_scenario_gives_the_samples_that_are_known() {
    let now = determinism::checksums();
    if std::env::var_os("BLESS").is_some() {
        let place = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/determinism/checksums.txt");
        std::fs::write(place, now).expect("the file can be written");
        return;
    }
    assert_eq!(
        now,
        determinism::KNOWN,
        "the simulation gives other samples than before; where that is meant, \
         `BLESS=1 cargo test --test determinism` writes the new numbers"
    );
}

#[test]
fn a_second_run_gives_the_same() {
    assert_eq!(determinism::checksums(), determinism::checksums());
}
