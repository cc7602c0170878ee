//! The files of the workspace, parsed incrementally, and the documents that are embedded in them.

pub mod charts;
pub mod compose;
pub mod embedded_documents;
pub mod files;
pub mod foreign;
pub mod sources;

/// The namespace of objects that name none.
pub const NAMESPACE: &str = "default";
