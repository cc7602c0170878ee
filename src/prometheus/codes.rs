//! The pages of documentation of this room's diagnostics.

use crate::text::Code;

/// One slice for the checks, one for each lint.
pub static CODES: &[Code] = &[];
