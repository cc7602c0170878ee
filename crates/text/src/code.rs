//! The documentation of diagnostic codes.
//!
//! A crate or module that reports diagnostics has a `pub static CODES: &[Code]`; the module
//! `analysis::codes` of the crate `session` lists them all.

/// The documentation of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Kebab case, as in [`super::Diagnostic::code`].
    pub code: &'static str,
    /// A headline without a full stop.
    pub title: &'static str,
    /// The reason and the remedy, in whole sentences. Empty lines separate paragraphs.
    pub doc: &'static str,
    /// A text with this diagnostic.
    pub example: &'static str,
}
