//! The page: state, components, and the bindings to the editor and the charts.
//!
//! [`state`] is plain Rust and is tested natively: `update(state, action) → effects`. Everything
//! else needs a browser. One component, `app::App`, holds the state, lets `update` decide, and
//! carries the effects out; the components below it get shared parts of the state as props, which
//! are compared by pointer, and one dispatch from a context.

#[cfg(feature = "ui")]
pub mod app;
#[cfg(feature = "ui")]
pub mod editor;
#[cfg(feature = "ui")]
mod outside;
#[cfg(feature = "ui")]
pub mod pages;
#[cfg(feature = "ui")]
pub mod shell;
pub mod state;
#[cfg(feature = "ui")]
pub mod storage;
#[cfg(feature = "ui")]
pub mod widgets;
#[cfg(feature = "ui")]
mod worker;
