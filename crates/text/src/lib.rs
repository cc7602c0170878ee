//! Places in text, and what there is to say about them: spans, lines, diagnostics, fixes.

mod code;
mod diagnostic;
mod index_sort;
mod line_index;
mod span;

pub use code::Code;
pub use diagnostic::{Applicability, Diagnostic, Edit, Fix, Related, Severity, apply_edits};
pub use index_sort::IndexSort;
pub use line_index::{LineCol, LineIndex};
pub use span::{FileId, Location, Span};
