//! All fuzz targets in one program: `FUZZ_TARGET=regex fuzz/run` chooses one by its name.
//!
//! | module | content |
//! | --- | --- |
//! | `input` | bytes as text, as files, as numbers |
//! | `mutate` | changes of lines and words, beside those of libFuzzer |
//! | `seeds` | the first inputs of each target |
//! | `targets` | the table of targets, and the property that each one checks |

#![no_main]

mod input;
mod mutate;
mod seeds;
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use targets::{TARGETS, Target};

/// The target of this process.
fn target() -> &'static Target {
    static TARGET: OnceLock<&'static Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            eprintln!("FUZZ_TARGET must be one of: {}", names.join(" "));
            std::process::exit(2);
        })
    })
}

fuzz_target!(
    init: seeds::write(target()),
    |data: &[u8]| (target().check)(data)
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // Odd seeds take libFuzzer's own changes, which are guided by the values that code compares.
    match seed % 2 {
        0 => mutate::mutate(data, size, max_size, seed, target()),
        _ => fuzzer_mutate(data, size, max_size),
    }
});
