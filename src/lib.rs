//! The page: state, components, and the bindings to the editor and the charts.
//!
//! [`state`] is plain Rust and is tested natively: `update(state, action) → effects`. Everything
//! else needs a browser. One component, `app::App`, holds the state, lets `update` decide, and
//! carries the effects out; the components below it get shared parts of the state as props, which
//! are compared by pointer, and one dispatch from a context.

pub mod app;
pub mod editor;
mod outside;
pub mod pages;
pub mod shell;
pub mod state;
pub mod storage;
pub mod widgets;
mod worker;
mod zip;
