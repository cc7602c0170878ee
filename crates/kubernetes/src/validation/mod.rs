//! Validation in the order and the words of the API server.
//!
//! | file | holds |
//! | --- | --- |
//! | `errors` | field paths and the list of errors |
//! | `names` | the forms of names, labels, keys, ports and addresses |
//! | `meta` | object metadata, labels, selectors |
//! | `resources` | resource names and quantities |
//! | `pod` | pod specs, in Pods and in templates |
//!
//! Rules of a single kind stand in its file under `kinds`.

mod errors;
pub mod meta;
pub mod names;
pub mod pod;
pub mod resources;

pub use errors::{Bad, ErrorKind, Errors, FieldError, Path, Rule};
