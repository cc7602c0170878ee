//! The configuration of Prometheus: fields, validation, rule files, and values in force.
//!
//! [`fields`] declares every key once. [`load`] walks a file with these tables, adds what only the
//! whole file can tell ([`check`]), and decodes it into typed values ([`config`]).

mod codes;
pub mod config;
pub mod decode;
pub mod effective;
pub mod explain;
pub mod fields;
mod files;
#[cfg(test)]
mod fixtures;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod fuzz_tests;
pub mod lints;
mod load;
mod notation;
pub mod promtool;
pub mod rule_files;
pub mod validate;
pub mod values;

pub use codes::CODES;
pub use files::{Files, NoFiles, WorkspaceFile};
pub use load::{Loaded, Mode, load, of_first_document, refusal, unmarshal_errors};
pub use notation::Notations;
