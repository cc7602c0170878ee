//! Presenter of the page "Chart".

use std::sync::Arc;

use protocol::pages::chart::{
    CHANGED_LINES, Change, ChangedLine, LINES, Line, LineKind, Query, Rendered, Template, View,
};
use text::{FileId, Location, Span};

use crate::workspace::charts::{Release, RenderedText};
use crate::workspace::sources::{FileKind, Sources};
use crate::world::Snapshot;

/// The most values of a line.
const VALUES: usize = 6;

/// Returns the chart of the open file, or the first chart.
pub fn view(snapshot: &Snapshot<'_>, query: &Query) -> View {
    let sources = snapshot.sources;
    let Some(release) = release_of(sources, query.file) else { return View::default() };
    let (name, version) = release.chart.clone().unwrap_or_default();
    let failure = release.failure.clone().map(|message| {
        let at = release.diagnostics.first().map(|one| one.location).unwrap_or_default();
        (message, at)
    });
    let is_open = |text: &&RenderedText| text.origins.template.id == query.file;
    let differences = snapshot.renderings.differences(&release.folder, release);
    let mut left = CHANGED_LINES;
    let mut more_changes = 0;
    let changes = differences.into_iter().map(|file| {
        let text = release.texts.iter().find(|text| text.path == file.path);
        let at = text.map(|text| Location::new(text.origins.template.id, Span::at(0)));
        let shown = file.lines.len().min(left);
        left -= shown;
        more_changes += (file.lines.len() - shown) as u32;
        let lines = file.lines.iter().take(shown).map(|line| changed(line)).collect();
        Change { path: release.short(&file.path).to_owned(), at, lines }
    });
    let changes = changes.collect();
    View {
        command: release.command.text(&release.name, &release.folder),
        is_absent: release.is_absent(),
        failure,
        templates: templates(release, query.file),
        open: release.texts.iter().find(is_open).map(|text| rendered(release, text)),
        changes,
        more_changes,
        notes: release.notes.clone(),
        name,
        version,
    }
}

fn release_of(sources: &Sources, file: FileId) -> Option<&Arc<Release>> {
    let folders = sources.folders();
    let folder = sources.get(file).and_then(|source| folders.folder_of(&source.name));
    let releases = sources.releases();
    releases.iter().find(|one| Some(&*one.folder) == folder).or(releases.first())
}

fn templates(release: &Release, open: FileId) -> Vec<Template> {
    let template = |text: &RenderedText| {
        let file = text.origins.template.id;
        let source = release.files.iter().find(|source| {
            let origins = source.rendered.as_ref();
            source.kind == FileKind::Manifest
                && origins.is_some_and(|origins| Arc::ptr_eq(origins, &text.origins))
        });
        let roots = source.iter().flat_map(|source| &source.parsed.documents);
        let objects = roots.filter(|document| !document.root.is_null()).map(|document| {
            let text = |path: &[&str]| document.root.at(path).and_then(yaml::Node::text);
            let kind = text(&["kind"]).unwrap_or("no kind");
            let name = text(&["metadata", "name"]).unwrap_or_default();
            format!("{kind} {name}").trim_end().to_owned()
        });
        Template {
            path: release.short(&text.path).to_owned(),
            at: Location::new(file, Span::at(0)),
            objects: objects
                .chain(
                    release
                        .hooks
                        .iter()
                        .filter(|(path, _)| *path == text.path)
                        .map(|(_, one)| one.clone()),
                )
                .chain(text.path.ends_with("NOTES.txt").then(|| "notes".to_owned()))
                .collect(),
            is_open: file == open,
        }
    };
    release.texts.iter().map(template).collect()
}

/// The lines of a rendered text with their origins.
fn rendered(release: &Release, text: &RenderedText) -> Rendered {
    let mut at = 0;
    let mut lines = Vec::new();
    let all = text.text.lines().count();
    for line in text.text.split_inclusive('\n').take(LINES) {
        let start = at;
        at += line.len() as u32;
        let content = line.trim_end_matches('\n');
        let indent = (content.len() - content.trim_start().len()) as u32;
        let span = Span::new(start + indent, start + (content.len() as u32).max(indent));
        if content.trim().is_empty() {
            lines.push(Line { verbatim: true, ..Line::default() });
            continue;
        }
        let (file, place) = text.origins.locate(span);
        let values = text.origins.values(span);
        let place_of = |value: &crate::workspace::charts::references::ValuePath| {
            let (file, span) = release.references.place(value)?;
            Some(Location::new(file.id, span))
        };
        let values = values.iter().take(VALUES).map(|value| (value.text(), place_of(value)));
        lines.push(Line {
            text: content.to_owned(),
            at: Some(Location::new(file.id, place)),
            file: (file.id != text.origins.template.id)
                .then(|| file.name.rsplit('/').next().unwrap_or(&file.name).to_owned()),
            verbatim: text.origins.editable(span).is_some(),
            values: values.collect(),
        });
    }
    Rendered {
        path: release.short(&text.path).to_owned(),
        more: all.saturating_sub(lines.len()) as u32,
        lines,
    }
}

/// A line of a unified diff.
fn changed(line: &str) -> ChangedLine {
    let (kind, text) = match line.split_at_checked(1) {
        Some(("-", rest)) => (LineKind::Removed, rest),
        Some(("+", rest)) => (LineKind::Added, rest),
        Some(("@", _)) => (LineKind::Gap, ""),
        Some((_, rest)) => (LineKind::Same, rest),
        None => (LineKind::Same, line),
    };
    ChangedLine { text: text.to_owned(), kind }
}
