//! Annotations of a file: diagnostics, inlay hints, semantic tokens.

use super::{inlay_hints, stored_object};
use crate::analysis::{Analysis, verdicts};
use crate::ide::schema_hooks::SchemaHooks;
use crate::ide::semantic_tokens::semantic_tokens;
use crate::workspace::embedded_documents::Document;
use crate::workspace::sources::{FileKind, Source};
use crate::world::Snapshot;
use protocol::{Annotations, Grade, InlayHint, InlayHintKind};
use rustc_hash::FxHashSet;
use std::sync::Arc;
use text::{Diagnostic, IndexSort, Severity};

/// The most diagnostics of one file.
const DIAGNOSTICS: usize = 500;
/// The most inlay hints of one file: the number that a file of 4,000 lines has.
const INLAY_HINTS: usize = 3000;

/// Returns the annotations of a file.
pub fn annotate(source: &Source, snapshot: &Snapshot<'_>) -> Annotations {
    let analysis = snapshot.analysis;
    let documents = || analysis.documents.iter().filter(|document| document.file == source.id);
    let inside = || documents().filter(|document| document.embedded);
    let mut diagnostics: Vec<_> = snapshot.diagnostics_of(source.id).cloned().collect();
    diagnostics.index_sort_by_key(|found| (found.location.span.start, found.severity));
    diagnostics.truncate(DIAGNOSTICS);
    Annotations {
        file: source.id,
        grades: diagnostics.iter().map(|found| grade(source, analysis, found)).collect(),
        diagnostics,
        defaults: if snapshot.workspace.defaults_of == Some(source.id) {
            stored_object::defaults(source, &analysis.applied)
        } else {
            Vec::new()
        },
        inlay_hints: inlay_hints_of(source, snapshot, documents().map(|document| &**document)),
        semantic_tokens: inside().flat_map(|document| semantic_tokens(&document.parsed)).collect(),
        embedded: inside().map(|document| document.span).collect(),
    }
}

/// Findings about configurations in ConfigMaps are not about the manifest.
fn grade(source: &Source, analysis: &Analysis, found: &Diagnostic) -> Option<Grade> {
    if source.kind != FileKind::Manifest {
        return None;
    }
    match &*found.code {
        verdicts::REFUSED => return Some(Grade::Refused),
        verdicts::CHANGE_REFUSED => return Some(Grade::ChangeRefused),
        verdicts::WARNS => return Some(Grade::Accepted),
        _ => {}
    }
    let inside = |document: &&Arc<Document>| {
        document.embedded
            && document.file == source.id
            && document.span.contains_span(found.location.span)
    };
    if analysis.documents.iter().any(|document| inside(&document)) {
        return None;
    }
    let at = found.location.span.start;
    let unparsed = &analysis.applied.unparsed;
    let is_unparsed = unparsed.iter().any(|one| one.file == source.id && one.holds(at));
    let is_syntax = found.code.starts_with("yaml-") && found.severity == Severity::Error;
    Some(if is_unparsed && is_syntax { Grade::Refused } else { Grade::Advice })
}

/// Returns at most one hint for each line: its effect in this workspace, else its meaning.
fn inlay_hints_of<'a>(
    source: &Source,
    snapshot: &Snapshot<'_>,
    documents: impl Iterator<Item = &'a Document>,
) -> Vec<InlayHint> {
    let mut hints = inlay_hints::inlay_hints(snapshot, source.id);
    let hooks = SchemaHooks { analysis: snapshot.analysis };
    for document in documents {
        for subject in document.subjects(&hooks) {
            hints.extend(schema::notes(&subject).into_iter().map(|note| InlayHint {
                at: note.span.start,
                // A note is one run of plain text; there is no code in it to set apart.
                text: note.text.replace('`', ""),
                kind: InlayHintKind::Meaning,
            }));
        }
    }
    let pasted = source.workload.iter().flat_map(|written| &written.notes);
    hints.extend(pasted.take(INLAY_HINTS).map(|note| InlayHint {
        at: note.span.end,
        text: note.text.clone(),
        kind: InlayHintKind::Consequence,
    }));
    let mut lines = FxHashSet::default();
    hints.retain(|note| lines.insert(source.index.line_col(note.at).line));
    hints.index_sort_by_key(|note| note.at);
    hints.truncate(INLAY_HINTS);
    hints
}
