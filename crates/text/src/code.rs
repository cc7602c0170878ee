//! The page of documentation that every diagnostic code has.
//!
//! A crate or module that reports diagnostics has a `pub static CODES: &[Code]`; the module
//! `analysis::codes` of the crate `session` lists them all.

/// What there is to say about all findings with one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Kebab case, as in [`super::Diagnostic::code`].
    pub code: &'static str,
    /// A headline without a full stop.
    pub title: &'static str,
    /// Why it is reported and what to do, in whole sentences; paragraphs are parted by an empty
    /// line.
    pub doc: &'static str,
    /// Text that gives the finding.
    pub example: &'static str,
}
