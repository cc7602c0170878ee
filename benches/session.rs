//! The cost of a keystroke in large files, from the page's message to the answer's bytes. The budget
//! is 16 ms for 1,000 lines and 50 ms for 10,000, in the browser.
//!
//! With Node and the module that `cargo build --release --target wasm32-unknown-unknown --example
//! session_wasm` makes, the same is measured in WebAssembly. `CASE=2` measures one case only.

mod session_data;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use session_data::{CASES, EditSession, PLACES, StackSession, typing_in_the_stack};

const EDIT_COUNT: usize = 15;

/// The pages that are open meanwhile.
const PAGES: [&str; 2] = ["Explain", "Targets"];

fn main() {
    // `cargo test --benches` only checks that it runs.
    let test = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::var("CASE").ok().and_then(|case| case.parse::<usize>().ok());
    println!("a keystroke: the fastest and the middle one in ms; bytes in and out");
    for (number, (name, make)) in CASES.iter().enumerate() {
        if wanted.is_some_and(|wanted| wanted != number) {
            continue;
        }
        for lines in if test { &[100][..] } else { &[1_000, 10_000] } {
            for (page, page_name) in PAGES.iter().enumerate() {
                for (place_name, place) in PLACES {
                    let mut edits = EditSession::new(make(*lines), place, page);
                    let ([fastest, middle], sent, received) = measure_edits(&mut edits);
                    println!(
                        "native  {name}, {} lines, {place_name}, {page_name}: {fastest:.1}, {middle:.1}; {sent} → {received}",
                        edits.lines()
                    );
                }
            }
        }
    }
    if wanted.is_none() {
        measure_stack(if test { 1 } else { 10 });
    }
    if !test {
        in_wasm(wanted);
    }
}

/// Returns the fastest and the median time of some edits in milliseconds, and the bytes of the last one.
fn measure_edits(edits: &mut EditSession) -> ([f64; 2], usize, usize) {
    let mut taken = Vec::new();
    let (mut sent, mut received) = (0, 0);
    for _ in 0..EDIT_COUNT {
        let request = protocol::encode(&edits.request());
        sent = request.len();
        let start = Instant::now();
        let Ok(request) = protocol::decode(&request) else { continue };
        let message = edits.handle(request);
        received = protocol::encode(&message).len();
        taken.push(start.elapsed().as_secs_f64() * 1e3);
    }
    taken.sort_by(f64::total_cmp);
    let at = |number: usize| taken.get(number).copied().unwrap_or_default();
    ([at(0), at(taken.len() / 2)], sent, received)
}

/// Prints the time in which the monitoring stack is applied afresh and after an edit of each file.
/// The budget in the browser is 30 ms and 5 ms.
fn measure_stack(runs: usize) {
    let mut stack = StackSession::new();
    let timed = |stack: &mut StackSession| {
        let start = Instant::now();
        let refused = stack.apply();
        (start.elapsed().as_secs_f64() * 1e3, refused)
    };
    let fresh = (0..runs).map(|_| {
        stack.forget();
        timed(&mut stack)
    });
    let fresh: Vec<(f64, usize)> = fresh.collect();
    let refused = fresh.first().map_or(0, |(_, refused)| *refused);
    let mut fresh: Vec<f64> = fresh.into_iter().map(|(taken, _)| taken).collect();
    let mut edits = Vec::new();
    for file in 0..stack.file_count() {
        stack.edit(file);
        edits.push(timed(&mut stack).0);
    }
    fresh.sort_by(f64::total_cmp);
    edits.sort_by(f64::total_cmp);
    let at = |times: &[f64], part: usize| {
        times.get(times.len() * part / 100).copied().unwrap_or_default()
    };
    println!(
        "native  apply {} files, {} lines, {refused} refused: afresh {:.1}, {:.1}; an edit of each file {:.2}, {:.2}, at most {:.2}",
        stack.file_count(),
        stack.lines(),
        at(&fresh, 0),
        at(&fresh, 50),
        at(&edits, 0),
        at(&edits, 50),
        edits.last().copied().unwrap_or_default(),
    );
    let ([fastest, middle], ..) = measure_edits(&mut typing_in_the_stack(stack.file_count() / 2));
    println!("native  a keystroke in one of them, Targets: {fastest:.1}, {middle:.1}");
}

fn in_wasm(wanted: Option<usize>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let module = root.join("target/wasm32-unknown-unknown/release/examples/session_wasm.wasm");
    if !module.exists() {
        println!("wasm    not measured: {} is not built", module.display());
        return;
    }
    let script = root.join("benches/session_data/node.mjs");
    let mut command = Command::new("node");
    command.arg(script).arg(&module).args(wanted.map(|case| case.to_string()));
    match command.status() {
        Ok(status) if status.success() => {}
        _ => println!("wasm    not measured: Node is missing, or the module failed"),
    }
}
