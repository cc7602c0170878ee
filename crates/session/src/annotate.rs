//! What is drawn over the text of a file.

use super::Session;
use super::knowledge::Knowledge;
use super::links;
use super::regions::Region;
use super::sources::Source;
use super::system::System;
use super::tokens::tokens;
use protocol::{Annotations, InlayHint, InlayHintKind};
use rustc_hash::FxHashSet;

/// Most findings of one file that are sent; nobody reads more.
const FINDINGS: usize = 500;
/// Most notes of one file: what a file of some 4,000 lines has.
const NOTES: usize = 3000;

/// Findings, notes, and the colours of embedded YAML.
pub fn annotate(source: &Source, session: &Session) -> Annotations {
    let system = &session.system;
    let regions = || system.regions.iter().filter(|region| region.file == source.id);
    let inside = || regions().filter(|region| region.embedded);
    let mut diagnostics: Vec<_> = session.diagnostics_of(source.id).cloned().collect();
    diagnostics.sort_by_key(|found| (found.location.span.start, found.severity));
    diagnostics.truncate(FINDINGS);
    Annotations {
        file: source.id,
        diagnostics,
        inlay_hints: notes(source, system, regions().map(|region| &**region)),
        semantic_tokens: inside().flat_map(|region| tokens(&region.parsed)).collect(),
        embedded: inside().map(|region| region.span).collect(),
    }
}

/// One note for a line: what follows from it here before what it means in general.
fn notes<'a>(
    source: &Source,
    system: &System,
    regions: impl Iterator<Item = &'a Region>,
) -> Vec<InlayHint> {
    let mut notes = links::notes(system, source.id);
    let hooks = Knowledge { system };
    for region in regions {
        for subject in region.subjects(&hooks) {
            notes.extend(schema::notes(&subject).into_iter().map(|note| InlayHint {
                at: note.span.start,
                // A note is one run of plain text; there is no code in it to set apart.
                text: note.text.replace('`', ""),
                kind: InlayHintKind::Meaning,
            }));
        }
    }
    let pasted = source.workload.iter().flat_map(|written| &written.notes);
    notes.extend(pasted.take(NOTES).map(|note| InlayHint {
        at: note.span.end,
        text: note.text.clone(),
        kind: InlayHintKind::Consequence,
    }));
    let mut lines = FxHashSet::default();
    notes.retain(|note| lines.insert(source.index.line_col(note.at).line));
    notes.sort_by_key(|note| note.at);
    notes.truncate(NOTES);
    notes
}
