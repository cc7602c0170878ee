//! Hover cards and completions of fields.

use super::templates;
use super::workload_files::pasted;
use crate::ide::schema_hooks::SchemaHooks;
use crate::workspace::charts::origins::locate;
use crate::workspace::embedded_documents::{self, Document};
use crate::world::Snapshot;
use kubernetes::openapi::Descriptions;
use protocol::{Card, Completion, Completions};
use schema::{
    self, DefaultValue, Description, Explanation, Subject, Version, complete_at, explain_at,
};
use text::{FileId, Location};

/// The most completions to offer.
const MOST: usize = 200;

/// Returns the innermost document at an offset.
pub fn document_at<'a>(snapshot: &Snapshot<'a>, file: FileId, offset: u32) -> Option<&'a Document> {
    embedded_documents::at(snapshot.analysis.documents.iter(), file, offset)
        .map(|document| &**document)
}

/// Explains the field at an offset. In a template this is the field of the rendered text, with its
/// spans there; see [`templates::rendered_place`].
pub fn explain(snapshot: &Snapshot<'_>, file: FileId, offset: u32) -> Option<Explanation> {
    let hooks = SchemaHooks { analysis: snapshot.analysis };
    let (file, offset) =
        templates::rendered_place(snapshot, file, offset).unwrap_or((file, offset));
    let document = document_at(snapshot, file, offset)?;
    let subjects = document.subjects(&hooks);
    explain_at(subject_at(&subjects, offset)?, offset)
}

/// Returns the hover card at an offset.
pub fn hover(snapshot: &Snapshot<'_>, file: FileId, offset: u32) -> Option<Card> {
    if let Some(card) = pasted(snapshot, file, offset) {
        return Some(card);
    }
    if let Some(card) = templates::card(snapshot, file, offset) {
        return Some(card);
    }
    if let Some((rendered, at)) = templates::rendered_place(snapshot, file, offset) {
        let card = hover(snapshot, rendered, at)?;
        let place = locate(snapshot.sources, snapshot.sources, Location::new(rendered, card.span));
        return (place.file == file).then_some(Card { span: place.span, ..card });
    }
    let found = explain(snapshot, file, offset)?;
    let span = match found.key {
        Some(key) if key.touches(offset) => key,
        _ if found.value.touches(offset) => found.value,
        _ => return None,
    };
    // A pointer at a blank in a section shows no card of the section.
    if found.title.is_empty() || span.len() > 400 {
        return None;
    }
    let mut body = paragraphs(&found.doc, snapshot.descriptions);
    body.truncate(1);
    body.extend(found.consequences.iter().take(3).cloned());
    let mut facts = facts(snapshot, &found);
    if !found.allowed.is_empty() {
        let words = found.allowed.iter().map(|one| format!("`{}`", one.value));
        facts.push(("One of".to_owned(), words.collect::<Vec<_>>().join(", ")));
    }
    Some(Card {
        span,
        title: found.title.clone(),
        kind: found.type_text.clone(),
        body,
        facts,
        code: None,
    })
}

/// Returns names and values: value in force, default, version.
pub fn facts(snapshot: &Snapshot<'_>, found: &Explanation) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Some(effective) = &found.effective
        && !effective.is_written()
    {
        let line_of = |at: Location| line_of(snapshot, at);
        let origin = found.origin_text(&line_of);
        let text = if found.secret { "<secret>" } else { &effective.value };
        let origin = origin.map_or(String::new(), |origin| format!(", {origin}"));
        fact("In force", format!("`{text}`{origin}"));
    }
    match found.default {
        DefaultValue::None | DefaultValue::Zero => {}
        DefaultValue::Literal(text) => fact("Default", format!("`{text}`")),
        DefaultValue::Inherited(path) => fact("Default", format!("that of `{path}`")),
        DefaultValue::Derived { text: words, .. } | DefaultValue::Computed(words) => {
            fact("Default", words.to_owned());
        }
    }
    if found.required {
        fact("Required", "yes".to_owned());
    }
    if let Some(Version(major, minor)) = found.since
        && (major, minor) > (2, 0)
    {
        fact("Since", format!("{major}.{minor}"));
    }
    if let Some(deprecated) = found.deprecated {
        let Version(major, minor) = deprecated.since;
        fact("Deprecated", format!("since {major}.{minor}: {}", deprecated.instead));
    }
    facts
}

fn line_of(snapshot: &Snapshot<'_>, at: Location) -> u32 {
    snapshot.sources.get(at.file).map_or(0, |source| source.index.line_number(at.span.start))
}

/// Returns completions at an offset.
pub fn complete(snapshot: &Snapshot<'_>, file: FileId, offset: u32) -> Option<Completions> {
    if let Some(found) = templates::completions(snapshot, file, offset) {
        return Some(found);
    }
    let hooks = SchemaHooks { analysis: snapshot.analysis };
    let host = &snapshot.sources.get(file)?.text;
    let document = document_at(snapshot, file, offset)?;
    let subjects = document.subjects(&hooks);
    let found = complete_at(subject_at(&subjects, offset)?, &document.source, host, offset);
    let count = found.items.len() as i32;
    let items = found.items.into_iter().take(MOST).enumerate();
    Some(Completions {
        span: found.span,
        items: items
            .map(|(number, item)| completion(item, count - number as i32, snapshot.descriptions))
            .collect(),
    })
}
/// Returns the YAML document at an offset.
fn subject_at<'s, 'a>(subjects: &'s [Subject<'a>], offset: u32) -> Option<&'s Subject<'a>> {
    subjects.iter().rev().find(|subject| subject.span.touches(offset)).or(subjects.first())
}

fn completion(item: schema::Completion, rank: i32, descriptions: &Descriptions) -> Completion {
    let mut doc = paragraphs(&item.doc, descriptions);
    doc.truncate(1);
    if !item.more.is_empty() {
        doc.push(item.more);
    }
    Completion {
        label: item.label,
        insert: item.insert,
        detail: item.detail,
        doc: doc.join("\n\n"),
        rank: rank.min(99) - if item.deprecated { 100 } else { 0 },
    }
}

/// Returns the paragraphs of a description.
pub fn paragraphs(doc: &Description, descriptions: &Descriptions) -> Vec<String> {
    let text = match *doc {
        Description::Text(text) => text,
        Description::Numbered(id) => descriptions.get(id).unwrap_or_default(),
        Description::Absent => "",
    };
    text.split("\n\n").map(|text| text.replace('\n', " ")).filter(|text| !text.is_empty()).collect()
}
