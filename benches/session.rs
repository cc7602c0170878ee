//! The cost of a keystroke in large files, from the page's message to the answer's bytes. The budget
//! is 16 ms for 1,000 lines and 50 ms for 10,000, in the browser.
//!
//! With Node and the module that `cargo build --release --target wasm32-unknown-unknown --example
//! session_wasm` makes, the same is measured in WebAssembly. `CASE=2` measures one case only, and
//! `CASE=stack` the application of the monitoring stack.

mod session_data;

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use session_data::{CASES, EditSession, PLACES, StackSession, reference, typing_in_the_stack};

const EDIT_COUNT: usize = 15;

/// The pages that are open meanwhile.
const PAGES: [&str; 2] = ["Explain", "Targets"];

fn main() {
    // `cargo test --benches` only checks that it runs.
    let test = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::var("CASE").ok().filter(|case| !case.is_empty());
    println!("a keystroke: the fastest and the middle one in ms; bytes in and out");
    for (number, (name, make)) in CASES.iter().enumerate() {
        if wanted.as_ref().is_some_and(|wanted| *wanted != number.to_string()) {
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
    if wanted.as_ref().is_none_or(|wanted| wanted == "stack") {
        measure_stack(if test { 1 } else { 40 });
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

/// Times of one piece of work, and of the reference loop before each of them.
#[derive(Default)]
struct Measured {
    times: Vec<f64>,
    references: Vec<f64>,
}

impl Measured {
    fn add(&mut self, act: impl FnOnce()) {
        self.references.push(timed(|| {
            black_box(reference());
        }));
        self.times.push(timed(act));
    }

    /// The fastest, the median and the slowest time, and the first two as ratios.
    fn summary(mut self) -> String {
        self.times.sort_by(f64::total_cmp);
        self.references.sort_by(f64::total_cmp);
        let at = |list: &[f64], number: usize| list.get(number).copied().unwrap_or_default();
        let (middle, last) = (self.times.len() / 2, self.times.len().saturating_sub(1));
        let [fastest, median, slowest] = [0, middle, last].map(|number| at(&self.times, number));
        let [least, usual] =
            [0, middle].map(|number| at(&self.times, number) / at(&self.references, number));
        format!(
            "{fastest:.2}, {median:.2}, {slowest:.2} ({least:.2}, {usual:.2} × the reference loop)"
        )
    }
}

/// The milliseconds that something takes.
fn timed(act: impl FnOnce()) -> f64 {
    let start = Instant::now();
    act();
    start.elapsed().as_secs_f64() * 1e3
}

/// Prints the time in which the monitoring stack is applied afresh and after an edit of each file:
/// the fastest, the median and the slowest. The budget in the browser is 30 ms and 5 ms.
fn measure_stack(runs: usize) {
    let mut stack = StackSession::new();
    let mut refused = 0;
    let mut fresh = Measured::default();
    for _ in 0..runs {
        stack.forget();
        fresh.add(|| refused = stack.apply());
    }
    let mut edits = Measured::default();
    for file in 0..stack.file_count() {
        stack.edit(file);
        edits.add(|| {
            stack.apply();
        });
    }
    println!(
        "native  apply {} files, {} lines, {refused} refused: afresh {}; an edit of each file {}",
        stack.file_count(),
        stack.lines(),
        fresh.summary(),
        edits.summary(),
    );
    let ([fastest, middle], ..) = measure_edits(&mut typing_in_the_stack(stack.file_count() / 2));
    println!("native  a keystroke in one of them, Targets: {fastest:.1}, {middle:.1}");
}

fn in_wasm(wanted: Option<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let module = root.join("target/wasm32-unknown-unknown/release/examples/session_wasm.wasm");
    if !module.exists() {
        println!("wasm    not measured: {} is not built", module.display());
        return;
    }
    let script = root.join("benches/session_data/node.mjs");
    let mut command = Command::new("node");
    command.arg(script).arg(&module).args(wanted);
    match command.status() {
        Ok(status) if status.success() => {}
        _ => println!("wasm    not measured: Node is missing, or the module failed"),
    }
}
