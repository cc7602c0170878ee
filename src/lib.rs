//! The page: state, components, and bindings to the editor and the charts.
//!
//! [`state`] is plain Rust and is tested natively: `update(state, action) → effects`. The other
//! modules need a browser. The component `app::App` holds the state, calls `update`, and runs the
//! effects. The components below it receive shared parts of the state as properties, which are
//! compared by pointer, and a dispatch from a context.

mod address;
pub mod app;
pub mod editor;
pub mod errors;
mod file_input;
mod lesson;
mod lesson_files;
pub mod pages;
mod share_link;
pub mod shell;
pub mod state;
pub mod storage;
pub mod terminal;
pub mod widgets;
mod worker;
mod workspace_store;
mod zip;
