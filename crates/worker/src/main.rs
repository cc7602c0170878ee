//! The worker: runs a session off the page's main thread.
//!
//! Messages are the types of [`protocol`], encoded into byte arrays. The first message out is
//! [`WorkerEvent::Ready`](protocol::WorkerEvent::Ready). Failures are logged to the console and
//! posted to the page.

#[cfg(target_arch = "wasm32")]
mod browser;

#[cfg(target_arch = "wasm32")]
fn main() {
    browser::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("The worker runs in a browser only; see `make serve`.");
}
