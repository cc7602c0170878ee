//! What is drawn over the text of a file.

use super::configuration::extent;
use super::protocol::{Annotations, Note};
use super::sources::Source;
use super::system::System;
use super::tokens::tokens;

/// Most findings and notes of one file that are sent; nobody reads more.
const MOST: usize = 500;

/// Findings, notes, and the colours of embedded YAML.
pub fn annotate(source: &Source, system: &System) -> Annotations {
    let inside = || system.embedded.iter().filter(|parsed| parsed.file == source.id);
    let mut diagnostics: Vec<_> = system.diagnostics_of(source.id).take(MOST).cloned().collect();
    diagnostics.sort_by_key(|found| (found.location.span.start, found.severity));
    Annotations {
        file: source.id,
        diagnostics,
        notes: notes(source, system),
        tokens: inside().flat_map(|parsed| tokens(parsed)).collect(),
        inner: inside().filter_map(|parsed| extent(parsed)).collect(),
    }
}

fn notes(_source: &Source, _system: &System) -> Vec<Note> {
    Vec::new()
}
