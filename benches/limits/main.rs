//! Inputs that grow without a limit in the real programs: the time of each answer and the memory
//! that it takes. The budget is 2 s and 600 MB in the browser. `CASE=relabel` chooses cases by name;
//! without `--bench` they are small.
//!
//! | module | content |
//! | --- | --- |
//! | `texts` | files of the workspace, queries, events, imports, lessons, through the session's messages |
//! | `clusters` | the simulated cluster in time, and the Operator |
//! | `programs` | charts and the shell |

mod clusters;
mod programs;
mod texts;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

/// Counts the bytes that are allocated.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[allow(unsafe_code, reason = "an allocator is unsafe; the system's does the work")]
// SAFETY: every call is passed to the system's allocator with the same arguments.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        NOW.fetch_sub(layout.size(), Relaxed);
        grown(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn grown(bytes: usize) {
    PEAK.fetch_max(NOW.fetch_add(bytes, Relaxed) + bytes, Relaxed);
}

/// A case: its name, and what it does.
pub struct Case {
    pub name: &'static str,
    pub run: Box<dyn Fn(&mut Meter)>,
}

impl Case {
    pub fn new(name: &'static str, run: impl Fn(&mut Meter) + 'static) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// The longest step of a case.
#[derive(Default)]
pub struct Meter {
    longest: f64,
    step: &'static str,
    /// Facts about the result.
    pub note: String,
}

impl Meter {
    /// Measures a step.
    pub fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        let taken = start.elapsed().as_secs_f64() * 1e3;
        if taken > self.longest {
            (self.longest, self.step) = (taken, name);
        }
        result
    }
}

fn main() {
    let small = !std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::var("CASE").unwrap_or_default();
    println!("the longest answer in ms; the highest memory in MB");
    let divide = if small { 100 } else { 1 };
    let all = [texts::cases(divide), clusters::cases(divide), programs::cases(divide)];
    for case in all.into_iter().flatten().filter(|case| case.name.contains(&*wanted)) {
        PEAK.store(NOW.load(Relaxed), Relaxed);
        let before = NOW.load(Relaxed);
        let mut meter = Meter::default();
        (case.run)(&mut meter);
        let peak = (PEAK.load(Relaxed) - before) as f64 / 1e6;
        let Meter { longest, step, note } = meter;
        println!("{:36} {longest:8.0} ms ({step}), {peak:4.0} MB, {note}", case.name);
    }
}
