//! Presenter of the page "Explain": the field at the cursor.

use crate::ide;
use crate::ide::paragraphs;
use crate::ide::{routes_at, stored_object};
use crate::pages::picture;
use crate::pages::storage::Disk;
use crate::workspace::charts::origins::locate;
use crate::world::Snapshot;
use protocol::Card;
use protocol::pages::explain::{Consequence, Crumb, Query, View};
use schema::{Explanation, Record};
use text::{Diagnostic, FileId, Location, Span};

/// Everything that is known about the place.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let Query { file, offset } = *query;
    if let Some(card) = ide::chart_card(snapshot, file, offset) {
        return of_chart(snapshot, card, file);
    }
    let (file, offset) = ide::rendered_place(snapshot, file, offset).unwrap_or((file, offset));
    let Some(found) = ide::explain(snapshot, file, offset) else {
        return ide::pasted(snapshot, file, offset).map(pasted).unwrap_or_default();
    };
    let crumb = |(label, span): &(String, Span)| Crumb {
        label: label.clone(),
        location: Location::new(file, *span),
    };
    let object = snapshot.analysis.applied.object_at(file, offset);
    let place = Location::new(file, found.key.unwrap_or(found.value).join(found.value));
    View {
        path: found.trail.iter().map(crumb).collect(),
        title: if found.title.is_empty() {
            "The whole file".to_owned()
        } else {
            found.title.clone()
        },
        kind: found.type_text.clone(),
        known: found.known,
        doc: paragraphs(&found.doc, snapshot.descriptions),
        consequences: consequences(snapshot, &found, place),
        facts: ide::facts(snapshot, &found),
        mistakes: found
            .mistakes
            .split("\n\n")
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect(),
        example: Some(found.example).filter(|text| !text.is_empty()).map(str::to_owned),
        allowed: allowed(&found),
        findings: findings(snapshot, locate(snapshot.sources, snapshot.sources, place)),
        siblings: found.record.map(fields).unwrap_or_default(),
        location: Some(place),
        stored: object.and_then(|object| {
            let source = snapshot.sources.get(file)?;
            stored_object(object, source.object_at(object.location)?)
        }),
        refusal: object.and_then(|object| object.refusal.clone()),
        picture: object.filter(|_| is_about_the_object(&found)).and_then(|object| {
            picture::of(snapshot.analysis, &object.kind, &object.namespace, &object.name)
        }),
        storage: is_about_storage(&found, object.map(|object| &*object.kind))
            .then(|| Disk::of(snapshot))
            .flatten()
            .map(|disk| disk.estimate()),
    }
}

/// Returns true for the whole object, for its kind and its name, and for its outermost sections.
fn is_about_the_object(found: &Explanation) -> bool {
    found.trail.len() <= 1 || matches!(&*found.path, "metadata.name" | "metadata.namespace")
}

/// Returns true for places that decide about the disk of a server: a claim, the path and the
/// retention of the database in flags and in the configuration.
fn is_about_storage(found: &Explanation, kind: Option<&str>) -> bool {
    kind == Some("PersistentVolumeClaim")
        || found.path.contains("storage.tsdb")
        || found.consequences.iter().any(|text| text.contains("`--storage.tsdb"))
}

fn allowed(found: &Explanation) -> Vec<(String, String)> {
    found.allowed.iter().map(|one| (one.value.to_owned(), one.doc.to_owned())).collect()
}

/// A line of a pasted body.
fn pasted(card: Card) -> View {
    View { title: card.title, kind: card.kind, known: true, doc: card.body, ..View::default() }
}

/// A place in a file of a chart.
fn of_chart(snapshot: &Snapshot<'_>, card: Card, file: FileId) -> View {
    let place = Location::new(file, card.span);
    View {
        title: card.title,
        kind: card.kind,
        known: true,
        doc: card.body,
        facts: card.facts,
        example: card.code,
        findings: findings(snapshot, place),
        location: Some(place),
        ..View::default()
    }
}

/// Effects in words, with the places of the program that answers a target.
fn consequences(snapshot: &Snapshot<'_>, found: &Explanation, place: Location) -> Vec<Consequence> {
    let mut all: Vec<Consequence> = Vec::new();
    for text in &found.consequences {
        let route =
            routes_at(snapshot.analysis, place).find(|route| route.connection.explanation == *text);
        let related = route.map_or(&[][..], |route| &route.connection.related);
        all.push(Consequence {
            text: text.clone(),
            good: route.is_none_or(|route| route.connection.is_connected()),
            links: related.iter().take(4).map(|one| (one.message.clone(), one.location)).collect(),
        });
    }
    all
}

/// Findings at this value.
fn findings(snapshot: &Snapshot<'_>, place: Location) -> Vec<Diagnostic> {
    let small = place.span.len() < 400;
    let found = snapshot.diagnostics_of(place.file);
    found
        .filter(|one| small && place.span.contains_span(one.location.span))
        .take(5)
        .cloned()
        .collect()
}

/// The fields of a section, each with the first sentence of its documentation.
fn fields(record: &'static Record) -> Vec<(String, String)> {
    let fields = record.fields.iter().filter(|field| field.deprecated.is_none());
    fields.map(|field| (field.key.to_owned(), first_sentence(field.doc))).collect()
}

fn first_sentence(text: &str) -> String {
    let end = text.find(". ").map_or(text.len(), |end| end + 1);
    text[..end].replace('\n', " ")
}
