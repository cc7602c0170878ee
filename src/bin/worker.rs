//! Runs a session off the page's main thread.

fn main() {}
