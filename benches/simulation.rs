//! The speed of simulated time, and the memory of its samples: a hundred targets with five
//! hundred series each, scraped every 15 seconds, for a whole day.
//!
//! With Node and the module that `cargo build --release --target wasm32-unknown-unknown --example
//! simulation_wasm` makes, the same is measured in WebAssembly. `HOURS=3` measures a shorter time.

mod simulation_data;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use promql::Timestamp;
use simulation::world::{Budget, World};
use simulation_data::{SLICE, START, TARGETS, world};

const HOUR: i64 = 3_600_000;

fn main() {
    // `cargo test --benches` only checks that it runs.
    let test = !std::env::args().any(|argument| argument == "--bench");
    let hours: i64 = std::env::var("HOURS").ok().and_then(|hours| hours.parse().ok()).unwrap_or(24);
    let hours = if test { 0 } else { hours };
    println!("{TARGETS} targets, {hours} hours:");
    native(hours);
    if !test {
        in_wasm(hours);
    }
}

fn native(hours: i64) {
    let mut world = world();
    let start = Instant::now();
    let slices = advance(&mut world, START + hours * HOUR);
    let taken = start.elapsed().as_secs_f64();
    let storage = &world.storage;
    // Samples that were dropped for lack of memory were scraped too.
    let scraped = (hours * 240) as f64 * storage.series_count() as f64;
    println!(
        "native  {:6.1} M samples a second, {taken:6.2} s, {:.2} bytes a sample, {:.0} MB for {:.1} M of {:.1} M samples \
         of {} series, {slices} slices of {:.1} ms",
        scraped / taken / 1e6,
        storage.bytes() as f64 / storage.sample_count().max(1) as f64,
        storage.bytes() as f64 / f64::from(1 << 20),
        storage.sample_count() as f64 / 1e6,
        scraped / 1e6,
        storage.series_count(),
        taken * 1e3 / slices as f64,
    );
}

fn in_wasm(hours: i64) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let module = root.join("target/wasm32-unknown-unknown/release/examples/simulation_wasm.wasm");
    if !module.exists() {
        println!("wasm    not measured: {} is not built", module.display());
        return;
    }
    let script = root.join("benches/simulation_data/node.mjs");
    match Command::new("node").arg(script).arg(&module).arg(hours.to_string()).status() {
        Ok(status) if status.success() => {}
        _ => println!("wasm    not measured: Node is missing, or the module failed"),
    }
}

/// Goes on to a moment in slices, as the worker does; the number of slices.
fn advance(world: &mut World, to: Timestamp) -> usize {
    let mut slices = 1;
    while !world.advance(to, &mut Budget(SLICE)) {
        slices += 1;
    }
    slices
}
