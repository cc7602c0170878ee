//! Versions of the stored manifests, composed of the text and of the manifests that were applied
//! before.
//!
//! A file that is stored as it is written stays the same file. In others an object whose change is
//! refused has the manifest that it was stored from, and objects without a text stand at the end.

use std::ops::Range;
use std::sync::Arc;

use kubernetes::object::{from_yaml, to_json};
use protocol::{ApplyMode, File, LEFT_OVER, ObjectKey};
use text::{FileId, Span};

use super::{Comparison, StoredObject};
use crate::analysis::apply::AppliedObject;
use crate::analysis::apply::readable::readable_part;
use crate::workspace::charts;
use crate::workspace::sources::{FileKind, Part, Source, Sources};

const SEPARATOR: &str = "\n---\n";

/// The stored manifests after the text is applied.
pub fn applied(compared: &Comparison<'_>, mode: ApplyMode) -> Sources {
    let prune = mode == ApplyMode::FollowText;
    let mut parts = Vec::new();
    for source in compared.written.sources.iter() {
        let before = manifest(compared.stored.sources, source.id);
        if source.kind != FileKind::Manifest {
            parts.push(Part::Read(Arc::clone(source)));
            if let Some(before) = before.filter(|_| !prune) {
                parts.extend(left_over(compared, before));
            }
            continue;
        }
        if compared.is_stored(source) {
            parts.push(Part::Read(Arc::clone(source)));
            continue;
        }
        let unparsed = source.parsed.refusal.is_some();
        if let Some(before) = before.filter(|_| prune && unparsed) {
            parts.push(Part::Read(Arc::clone(before)));
            continue;
        }
        let kept = before.filter(|_| !prune).map(|before| orphans_of(compared, before));
        parts.push(part(source, applied_text(compared, source, &kept.unwrap_or_default())));
    }
    let stored = compared.stored.sources.of_kind(FileKind::Manifest);
    for before in
        stored.filter(|_| prune).filter(|before| charts::is_kept(compared.written.sources, before))
    {
        let (id, name, text) = (before.id, before.name.clone(), before.text.clone());
        parts.push(Part::Text(File { id, name, text }));
    }
    if !prune {
        for before in compared.stored.sources.of_kind(FileKind::Manifest) {
            if compared.written.sources.get(before.id).is_none() {
                parts.extend(left_over(compared, before));
            }
        }
    }
    joined(compared, parts).with_releases_of(compared.written.sources)
}

/// The stored manifests with the files of the text that are no manifests.
pub fn with_other_files(compared: &Comparison<'_>) -> Sources {
    let mut parts = Vec::new();
    let kept = |before: &Arc<Source>| Part::Read(Arc::clone(before));
    for source in compared.written.sources.iter() {
        let before = manifest(compared.stored.sources, source.id);
        match (source.kind == FileKind::Manifest, before) {
            (true, before) => parts.extend(before.map(kept)),
            (false, None) => parts.push(kept(source)),
            (false, Some(before)) => {
                let objects = stored_in(compared, before);
                parts.push(kept(source));
                parts.extend(file_of(before, &objects));
            }
        }
    }
    for before in compared.stored.sources.of_kind(FileKind::Manifest) {
        if compared.written.sources.get(before.id).is_none() {
            parts.push(kept(before));
        }
    }
    joined(compared, parts)
}

/// The stored manifests without some objects.
pub fn without(compared: &Comparison<'_>, keys: &[ObjectKey]) -> Sources {
    let mut parts = Vec::new();
    for source in compared.stored.sources.iter() {
        let objects = stored_in(compared, source);
        let (gone, left): (Vec<StoredObject<'_>>, Vec<StoredObject<'_>>) =
            objects.into_iter().partition(|stored| keys.contains(&stored.object.key()));
        let has_text = compared.written.sources.get(source.id).is_some();
        match (gone.is_empty(), left.is_empty()) {
            (true, _) => parts.push(Part::Read(Arc::clone(source))),
            (false, true) if !has_text => {}
            (false, _) => parts.push(part(source, written_out(&left))),
        }
    }
    joined(compared, parts)
}

/// The stored manifests after some objects were deleted and created from the text.
pub fn recreated(compared: &Comparison<'_>, keys: &[ObjectKey]) -> Sources {
    let mut parts = Vec::new();
    for source in compared.stored.sources.iter() {
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        for stored in stored_in(compared, source) {
            let key = stored.object.key();
            let mut written = compared.written.applied.objects.iter();
            if keys.contains(&key)
                && let Some(object) = written.find(|object| object.key() == key)
                && let Some(text) = compared.written.sources.get(object.location.file)
            {
                let text = manifest_of(StoredObject { source: text, object });
                changes.push((range_of(source, stored.object), text));
            }
        }
        parts.push(part(source, replaced(&source.text, changes)));
    }
    joined(compared, parts)
}

/// The manifests of some of the stored objects, in files of their own.
pub fn kept(compared: &Comparison<'_>, mut objects: Vec<StoredObject<'_>>) -> Sources {
    objects.sort_by_key(|stored| stored.object.location);
    let files = objects.chunk_by(|a, b| a.source.id == b.source.id);
    let parts = files.filter_map(|file| file_of(file.first()?.source, file));
    joined(compared, parts.collect())
}

fn joined(compared: &Comparison<'_>, parts: Vec<Part>) -> Sources {
    Sources::joined(parts, &[compared.written.sources, compared.stored.sources])
}

fn manifest(sources: &Sources, id: FileId) -> Option<&Arc<Source>> {
    sources.get(id).filter(|source| source.kind == FileKind::Manifest)
}

/// A file with another text.
fn part(source: &Source, text: String) -> Part {
    Part::Text(File { id: source.id, name: source.name.clone(), text })
}

/// The text of a file after it is applied: changes that are refused are not in it, and `kept` follows.
fn applied_text(
    compared: &Comparison<'_>,
    source: &Arc<Source>,
    kept: &[StoredObject<'_>],
) -> String {
    let refused = &compared.difference.refused;
    let mut changes = Vec::new();
    for object in objects_of(&compared.written.applied.objects, source) {
        let key = object.key();
        if refused.iter().any(|change| change.object == key && change.at.file == source.id)
            && let Some(stored) = compared.objects.get(&key)
        {
            changes.push((range_of(source, object), manifest_of(*stored)));
        }
    }
    let readable = source.text.get(readable_part(source)).unwrap_or_default();
    let mut text = replaced(readable, changes);
    if !kept.is_empty() {
        text = format!("{}{SEPARATOR}{}", text.trim_end(), written_out(kept));
    }
    text
}

/// Replaces ranges of a text, which stand in order.
fn replaced(text: &str, changes: Vec<(Range<usize>, String)>) -> String {
    let mut result = String::new();
    let mut at = 0;
    for (range, new) in changes {
        result.push_str(text.get(at..range.start).unwrap_or_default());
        result.push_str(&new);
        at = range.end.max(at);
    }
    result.push_str(text.get(at..).unwrap_or_default());
    result
}

fn objects_of<'a>(
    objects: &'a [AppliedObject],
    source: &Source,
) -> impl Iterator<Item = &'a AppliedObject> {
    let file = source.id;
    objects.iter().filter(move |object| object.location.file == file)
}

/// The stored objects that come from a file, in its order.
fn stored_in<'a>(compared: &Comparison<'a>, source: &Source) -> Vec<StoredObject<'a>> {
    let objects = objects_of(&compared.stored.applied.objects, source);
    let stored = objects.filter_map(|object| {
        let last = compared.objects.get(&object.key())?;
        (last.object.location == object.location).then_some(*last)
    });
    stored.collect()
}

/// The stored objects of a file whose text is gone, also those after a text that does not parse.
fn orphans_of<'a>(compared: &Comparison<'a>, source: &Source) -> Vec<StoredObject<'a>> {
    let written = compared.written_keys();
    let mut stored = stored_in(compared, source);
    stored.retain(|stored| !written.contains(&stored.object.key()));
    stored
}

/// A file with the objects of another one whose text is gone; None if there are none.
fn left_over(compared: &Comparison<'_>, source: &Source) -> Option<Part> {
    file_of(source, &orphans_of(compared, source))
}

fn file_of(source: &Source, objects: &[StoredObject<'_>]) -> Option<Part> {
    let id = FileId(source.id.0 | LEFT_OVER);
    let file = File { id, name: source.name.clone(), text: written_out(objects) };
    (!objects.is_empty()).then_some(Part::Text(file))
}

fn written_out(objects: &[StoredObject<'_>]) -> String {
    let manifests: Vec<String> =
        objects.iter().map(|stored| manifest_of(*stored).trim_end().to_owned()).collect();
    manifests.join(SEPARATOR) + "\n"
}

/// The manifest of an object: its document as written, or an item of a list as JSON.
fn manifest_of(stored: StoredObject<'_>) -> String {
    let StoredObject { source, object } = stored;
    if is_document(source, object) {
        return source.text.get(range_of(source, object)).unwrap_or_default().to_owned();
    }
    let value = source.object_at(object.location).and_then(|node| from_yaml(node).ok());
    to_json(&value.unwrap_or_default())
}

fn is_document(source: &Source, object: &AppliedObject) -> bool {
    let mut documents = source.parsed.documents.iter();
    documents.any(|document| document.root.written_span() == object.location.span)
}

/// The range of an object in its file. A document begins with its first line, so that all of its
/// lines have the same indentation.
fn range_of(source: &Source, object: &AppliedObject) -> Range<usize> {
    let Span { start, end } = object.location.span;
    let (start, end) = (start as usize, end as usize);
    let before = source.text.get(..start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let indented = source.text.get(line..start).is_some_and(|text| text.trim().is_empty());
    if is_document(source, object) && indented { line..end } else { start..end }
}
