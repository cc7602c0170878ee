//! Text into a tree in which every key and value has its span, by the rules of Go's YAML library.

mod tree;

pub use tree::{
    Collection, Comment, Document, Entry, Kind, MAX_DEPTH, Mapping, Node, Parsed, Scalar,
    ScalarStyle, Sequence,
};
