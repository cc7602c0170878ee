//! YAML as a tree in which every key and value has its span, by the rules of Go's YAML library.
//!
//! [`parse`] never fails: a syntax error is reported and repaired, and the rest of the text is read.
//! [`embedded`] does the same for YAML inside a scalar of another file. [`parse_incremental`] and
//! [`embedded_incremental`] read a text again after an edit. [`scalars`] gives the meaning of
//! scalars, and [`Printer`] writes YAML that Go reads back unchanged.

mod builder;
mod codes;
mod incremental;
mod merge;
mod parse;
mod print;
mod recovery;
pub mod scalars;
mod source;
mod syntax_error;
#[cfg(test)]
mod tests;
mod tree;
mod trivia;

pub use codes::CODES;
pub use incremental::{embedded_incremental, parse_incremental};
pub use merge::merged_in_order;
pub use parse::{MAX_BYTES, embedded, parse};
pub use print::{Printer, quoted};
pub use source::Source;
pub use tree::{
    Collection, Comment, Document, Entry, Kind, MAX_DEPTH, Mapping, Node, Parsed, Scalar,
    ScalarStyle, Sequence,
};
