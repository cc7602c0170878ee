//! Cards and completions in the files of a chart: actions of templates, values, and Chart.yaml.

use std::sync::Arc;

use go::template::outline::{Outline, Step};
use go::template::{Type, builtin};
use helm::functions::{FAMILIES, function};
use protocol::{Card, Completion, Completions};
use serde_json::Value;
use text::{FileId, Location, Span};
use yaml::Node;

use crate::workspace::charts::Release;
use crate::workspace::charts::findings::shown;
use crate::workspace::charts::folders::ChartPart;
use crate::workspace::charts::references::{TemplateFile, ValuePath};
use crate::workspace::sources::{FileKind, Source, Sources};
use crate::world::Snapshot;

/// The most letters of rendered text in a card.
const MOST_LETTERS: usize = 600;
/// The most places of one kind in a card.
const MOST_PLACES: usize = 6;

/// The words of template actions, each with its meaning.
const WORDS: &[(&str, &str)] = &[
    (
        "if",
        "Writes the part up to `else` or `end` if the value is not empty. `false`, `0`, an empty text, an empty list and an empty map are empty.",
    ),
    ("else", "Begins the part that is written if the condition does not hold."),
    ("end", "Ends `if`, `with`, `range`, `define` or `block`."),
    (
        "with",
        "Makes a value the dot up to `end`, if it is not empty. Within it, `.` is that value; `$` is still the data of the template, so that other values are `$.Values…`.",
    ),
    (
        "range",
        "Repeats the part up to `end` for each element of a list, or for each value of a map in the order of its keys. Within it, `.` is the element.",
    ),
    (
        "define",
        "Defines a named template. Names are common to all charts of a release, so that they begin with the name of the chart. It writes nothing where it stands.",
    ),
    (
        "template",
        "Writes a named template. Its text cannot go through a pipeline; `include` returns it as a value.",
    ),
    ("block", "Defines a named template and writes it here."),
    ("break", "Ends the innermost `range`."),
    ("continue", "Goes on with the next element of the innermost `range`."),
    (
        "include",
        "Returns the text of a named template, which a pipeline can go on with: `include \"name\" . | nindent 4`. The second argument is the data of the template.",
    ),
    ("tpl", "Reads a text, usually one of the values, as a template and returns what it renders."),
    (
        "toYaml",
        "Returns a value as YAML without a line break at the end. `nindent` brings it to its place.",
    ),
    (
        "nindent",
        "Begins a new line and indents each line of the text. With `{{-` before it, the action can stand at any indentation.",
    ),
    (
        "indent",
        "Indents each line of the text, also the first one, so that the action must stand at the start of the line.",
    ),
    (
        "default",
        "Returns its first argument if the value after it is empty. `false` and `0` are empty, too.",
    ),
    ("required", "Ends the rendering with a message if the value is empty."),
    (
        "quote",
        "Returns the value between double quotes, so that YAML reads it as a text: `\"8080\"`, `\"true\"`.",
    ),
    (
        "lookup",
        "Returns an object of the cluster. Without a cluster, as in `helm template`, it is an empty map.",
    ),
];

/// The objects of a template's data.
const OBJECTS: &[(&str, &str)] = &[
    (
        "Values",
        "The values: those of values.yaml, with the files of `-f` and the settings of `--set` laid over them.",
    ),
    (
        "Release",
        "The release: `Name`, `Namespace`, `Revision`, `IsInstall`, `IsUpgrade` and `Service`.",
    ),
    (
        "Chart",
        "The content of Chart.yaml, with upper case letters at the start: `.Chart.Name`, `.Chart.AppVersion`.",
    ),
    ("Capabilities", "The version of Kubernetes and the API versions that the cluster serves."),
    ("Files", "The files of the chart that are no templates: `.Files.Get \"name\"`."),
    ("Template", "The template itself: `Name` and `BasePath`."),
    ("Subcharts", "The data of the charts in `charts/`."),
];

const RELEASE: [&str; 6] = ["Name", "Namespace", "Revision", "IsInstall", "IsUpgrade", "Service"];

/// The fields of Chart.yaml, each with its meaning.
const METADATA: &[(&str, &str)] = &[
    ("apiVersion", "The version of the format of charts: `v2`, or `v1` for charts of Helm 2."),
    ("name", "The name of the chart. It is the name of its folder, too."),
    (
        "version",
        "The version of the chart, by semantic versioning. It changes with each change of the chart, and `helm repo` and `helm pull` choose by it.",
    ),
    (
        "appVersion",
        "The version of the program that the chart installs. Quotes keep it a text. Templates often take it as the tag of the image.",
    ),
    (
        "kubeVersion",
        "The versions of Kubernetes on which the chart can be installed, as a range: `>= 1.25.0`.",
    ),
    ("description", "The purpose of the chart in one sentence."),
    (
        "type",
        "`application`, or `library` for a chart that only defines templates and cannot be installed.",
    ),
    (
        "dependencies",
        "The charts that this one needs. They stand in `charts/`; `helm dependency update` fetches them.",
    ),
    ("keywords", "Words by which `helm search` finds the chart."),
    ("home", "The address of the project."),
    ("sources", "Addresses of the source code."),
    ("icon", "The address of a picture. `helm lint` recommends one."),
    ("maintainers", "Who takes care of the chart."),
    ("deprecated", "True for a chart that is not kept up any more. `helm install` warns."),
    ("annotations", "Further data by key, which tools read."),
];

/// A chart's file at an offset.
struct Place<'a> {
    sources: &'a Sources,
    release: &'a Arc<Release>,
    source: &'a Arc<Source>,
    offset: u32,
}

impl<'a> Place<'a> {
    fn of(snapshot: &Snapshot<'a>, file: FileId, offset: u32) -> Option<Self> {
        let sources = snapshot.sources;
        let source = sources.get(file)?;
        source.part?;
        let folders = sources.folders();
        let folder = folders.folder_of(&source.name)?;
        let release = sources.releases().iter().find(|release| release.folder == folder)?;
        Some(Self { sources, release, source, offset })
    }

    fn file(&self) -> Option<&'a TemplateFile> {
        let mut files = self.release.references.templates.values();
        files.find(|file| file.source.id == self.source.id)
    }

    /// The action at the offset, with its braces.
    fn action(&self) -> Option<Span> {
        action_at(&self.source.text, self.offset)
    }
}

/// The action that holds an offset, with its braces.
fn action_at(text: &str, offset: u32) -> Option<Span> {
    let at = offset as usize;
    let before = text.get(..at)?;
    // An offset at a brace is in the action that it begins or ends.
    let before_brace =
        text.get(..(at + 2).min(text.len())).filter(|_| text[at..].starts_with("{{"));
    let start = before_brace.unwrap_or(before).rfind("{{")?;
    let end = text.get(start..)?.find("}}").map_or(text.len(), |end| start + end + 2);
    let is_inside = end > at || (end == at && at > start + 2);
    (is_inside && text.get(start..end)?.matches('\n').count() < 40)
        .then_some(Span::new(start as u32, end as u32))
}

/// The place in a rendered file of a place in a template that stands there as it is.
pub fn rendered_place(snapshot: &Snapshot<'_>, file: FileId, offset: u32) -> Option<(FileId, u32)> {
    let place = Place::of(snapshot, file, offset)?;
    if place.source.kind != FileKind::Template {
        return None;
    }
    let at = Location::new(file, Span::at(offset));
    place.release.files.iter().find_map(|source| {
        let offset = source.rendered.as_ref()?.rendered(at)?;
        Some((source.id, offset))
    })
}

/// The card of a place in a file of a chart. None outside of actions, where the rendered text is
/// explained.
pub fn card(snapshot: &Snapshot<'_>, file: FileId, offset: u32) -> Option<Card> {
    let place = Place::of(snapshot, file, offset)?;
    match place.source.part? {
        ChartPart::Template => in_action(&place),
        ChartPart::Values => of_value(&place),
        ChartPart::Metadata => of_metadata(&place),
        ChartPart::Other => None,
    }
}

fn in_action(place: &Place<'_>) -> Option<Card> {
    let action = place.action()?;
    let word = word_at(&place.source.text, place.offset).filter(|span| action.contains_span(*span));
    let file = place.file();
    let outline = file.and_then(|file| file.outline.as_ref());
    if let Some((file, outline)) = file.zip(outline) {
        let touches = |span: Span| span.touches(place.offset);
        if let Some(call) = outline.calls.iter().find(|call| touches(call.span)) {
            return Some(of_named(place, &call.name, call.span));
        }
        if let Some((name, span)) = outline.definitions.iter().find(|(_, span)| touches(*span)) {
            return Some(of_named(place, name, *span));
        }
        if let Some(card) = of_reference(place, file, outline, word) {
            return Some(card);
        }
    }
    let span = word?;
    let name = span.slice(&place.source.text);
    of_function(name, span)
        .or_else(|| of_data(place, name, span))
        .or_else(|| of_action(place, action))
}

/// The word at an offset: letters, digits, dots and dollar signs, or a brace with its dash.
fn word_at(text: &str, offset: u32) -> Option<Span> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
    let at = offset as usize;
    let (before, after) = (text.get(..at)?, text.get(at..)?);
    let start = before
        .rfind(|c| !is_part(c))
        .map_or(0, |found| found + before[found..].chars().next().map_or(1, char::len_utf8));
    let end = after.find(|c| !is_part(c)).map_or(text.len(), |found| at + found);
    let span = Span::new(start as u32, end as u32);
    Some(if span.is_empty() {
        Span::new(offset, (offset + 1).min(text.len() as u32))
    } else {
        span
    })
}

/// A value of the data: `.Values.image.tag`.
fn of_reference(
    place: &Place<'_>,
    file: &TemplateFile,
    outline: &Outline,
    word: Option<Span>,
) -> Option<Card> {
    let covers =
        |span: Span| span.touches(place.offset) && word.is_none_or(|word| span.contains_span(word));
    let found = outline.references.iter().filter(|one| covers(one.span));
    let one = found.min_by_key(|one| one.span.len())?;
    let (Step::Field(first), steps) = one.path.split_first()? else { return None };
    if &**first != "Values" || steps.is_empty() {
        let name = one.span.slice(&place.source.text);
        return of_data(place, name, one.span);
    }
    let value = ValuePath { chart: file.chart.clone(), steps: steps.to_vec() };
    let mut card = of_path(place, &value);
    card.span = one.span;
    Some(card)
}

/// The card of a value.
fn of_path(place: &Place<'_>, value: &ValuePath) -> Card {
    let found = place.release.value(value);
    let mut facts = Vec::new();
    let here = match found {
        Some(found) => format!("`{}`", shown(found).replace('`', "'")),
        None => "nothing: no file of values has it".to_owned(),
    };
    facts.push(("Here".to_owned(), here));
    for at in place.release.references.places(value).into_iter().take(MOST_PLACES) {
        if let Some(source) = place.sources.get(at.file) {
            let line = source.index.line_number(at.span.start);
            let set = if facts.len() == 1 { "Set in" } else { "Overridden in" };
            facts.push((set.to_owned(), format!("{}:{line}", source.name)));
        }
    }
    Card {
        span: Span::default(),
        title: format!(".Values.{}", value.text()),
        kind: found.map_or("", kind_of).to_owned(),
        body: Vec::new(),
        facts,
        code: None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    }
}

/// A field of the data besides the values: `.Release.Name`.
fn of_data(place: &Place<'_>, name: &str, span: Span) -> Option<Card> {
    let path = name.trim_start_matches('$');
    let mut steps = path.strip_prefix('.')?.split('.');
    let (object, field) = (steps.next()?, steps.next().unwrap_or_default());
    if object.is_empty() {
        let body = if name.starts_with('$') {
            "The data with which the template was called, also within `with` and `range`."
        } else {
            "The dot: the data of the template, or within `with` and `range` the value that they chose."
        };
        return Some(Card {
            span,
            title: name.to_owned(),
            body: vec![body.to_owned()],
            ..Card::default()
        });
    }
    let (_, doc) = OBJECTS.iter().find(|(known, _)| *known == object)?;
    let facts = place.data(object, field).map(|value| ("Here".to_owned(), format!("`{value}`")));
    Some(Card {
        span,
        title: path.to_owned(),
        body: vec![(*doc).to_owned()],
        facts: facts.into_iter().collect(),
        ..Card::default()
    })
}

impl Place<'_> {
    /// A field of the release or of the chart.
    fn data(&self, object: &str, field: &str) -> Option<String> {
        let release = self.release;
        match (object, field) {
            ("Release", "Name") => Some(release.name.clone()),
            ("Release", "Namespace") => Some(release.command.namespace.clone()),
            ("Release", "Service") => Some("Helm".to_owned()),
            ("Release", "Revision") => Some("1".to_owned()),
            ("Release", "IsInstall") => Some("true".to_owned()),
            ("Release", "IsUpgrade") => Some("false".to_owned()),
            ("Chart", field) => {
                let path = format!("{}Chart.yaml", release.folder);
                let chart = self.sources.iter().find(|source| source.name == path)?;
                let mut letters = field.chars();
                let first = letters.next()?.to_ascii_lowercase();
                let key: String = std::iter::once(first).chain(letters).collect();
                chart.parsed.root()?.get(&key)?.text().map(str::to_owned)
            }
            _ => None,
        }
    }
}

/// A word or a function.
fn of_function(name: &str, span: Span) -> Option<Card> {
    let word = WORDS.iter().find(|(word, _)| *word == name);
    let known = function(name);
    let family = FAMILIES.iter().find(|(_, all)| all.iter().any(|one| one.signature.name == name));
    let signature = known.map(|known| &known.signature).or_else(|| builtin(name));
    let body = match (word, known) {
        (Some((_, doc)), _) => (*doc).to_owned(),
        (None, Some(known)) => known.summary.to_owned(),
        (None, None) => {
            signature?;
            "A function of Go's templates.".to_owned()
        }
    };
    let kind = match (signature, family) {
        (Some(_), Some((family, _))) => format!("function, {family}"),
        (Some(_), None) => "function".to_owned(),
        (None, _) => "action".to_owned(),
    };
    let code = signature.map(|signature| {
        let parameters = signature.parameters.iter().map(|one| one.name().to_owned());
        let more = signature.variadic.iter().map(|one: &Type| format!("{}…", one.name()));
        format!("{name} {}", parameters.chain(more).collect::<Vec<_>>().join(" "))
            .trim_end()
            .to_owned()
    });
    Some(Card { span, title: name.to_owned(), kind, body: vec![body], code, ..Card::default() })
}

/// A named template: where it is defined, and what the calls of it write.
fn of_named(place: &Place<'_>, name: &str, span: Span) -> Card {
    let references = &place.release.references;
    let mut facts = Vec::new();
    match references.definition(name) {
        Some((_, at)) => {
            if let Some(source) = place.sources.get(at.file) {
                let line = source.index.line_number(at.span.start);
                facts.push(("Defined in".to_owned(), format!("{}:{line}", source.name)));
            }
        }
        None => facts.push(("Defined in".to_owned(), "no file of the chart".to_owned())),
    }
    let calls = references.templates.values().filter_map(|file| file.outline.as_ref());
    let count = calls.flat_map(|outline| &outline.calls).filter(|call| &*call.name == name).count();
    facts.push((
        "Called".to_owned(),
        if count == 1 { "once".to_owned() } else { format!("{count} times") },
    ));
    let code = place.action().and_then(|action| place.written(action));
    Card {
        span,
        title: name.to_owned(),
        kind: "named template".to_owned(),
        body: Vec::new(),
        facts,
        code,
    }
}

impl Place<'_> {
    /// The text that an action writes here, the first time that it is reached.
    fn written(&self, action: Span) -> Option<String> {
        let texts = self.release.texts.iter();
        let text = texts
            .filter_map(|text| text.origins.written(self.source.id, action, &text.text))
            .next()?;
        let text = text.trim_matches('\n');
        let shown: String = text.chars().take(MOST_LETTERS).collect();
        (!shown.trim().is_empty()).then_some(shown)
    }
}

/// An action as a whole: what it writes.
fn of_action(place: &Place<'_>, action: Span) -> Option<Card> {
    let text = action.slice(&place.source.text);
    let mut body = Vec::new();
    if text.starts_with("{{-") {
        body.push("`{{-` removes the blanks and line breaks before the action.".to_owned());
    }
    if text.ends_with("-}}") {
        body.push("`-}}` removes the blanks and line breaks after the action.".to_owned());
    }
    let code = place.written(action);
    if code.is_none() && body.is_empty() {
        return None;
    }
    Some(Card {
        span: action,
        title: "Action".to_owned(),
        kind: if code.is_some() { "writes here" } else { "" }.to_owned(),
        body,
        code,
        ..Card::default()
    })
}

/// The path of keys to an offset of a YAML file, with the span of the last key.
fn keys_at(root: &Node, offset: u32) -> Option<(Vec<Arc<str>>, Span, &Node)> {
    let mut keys: Vec<Arc<str>> = Vec::new();
    let mut node = root;
    loop {
        let inside = |entry: &&yaml::Entry| entry.span().touches(offset);
        let entry = node.entries().find(inside)?;
        keys.push(entry.name()?.into());
        let is_deeper = entry.value.entries().any(|entry| entry.span().touches(offset));
        if !is_deeper || entry.key.span.touches(offset) {
            return Some((keys, entry.key.span, &entry.value));
        }
        node = &entry.value;
    }
}

/// A key of a file of values: what it is here, and the templates that read it.
fn of_value(place: &Place<'_>) -> Option<Card> {
    let root = place.source.parsed.root()?;
    let (keys, span, _) = keys_at(root, place.offset)?;
    let references = &place.release.references;
    let of_file = references.values.iter().find(|file| file.source.id == place.source.id);
    let chart = of_file.map(|file| file.chart.clone()).unwrap_or_default();
    let steps: Vec<Step> = keys.into_iter().map(Step::Field).collect();
    let value = ValuePath { chart: chart.clone(), steps };
    let mut card = of_path(place, &value);
    card.span = span;
    if of_file.is_none() {
        card.body
            .push("This file is not among the values of the release. `-f` names it.".to_owned());
    }
    let wanted: Vec<Step> = chart.into_iter().map(Step::Field).chain(value.steps.clone()).collect();
    let mut readers = Vec::new();
    for file in references.templates.values() {
        let Some(outline) = &file.outline else { continue };
        for one in &outline.references {
            let Some((Step::Field(first), steps)) = one.path.split_first() else { continue };
            let full: Vec<Step> =
                file.chart.iter().cloned().map(Step::Field).chain(steps.iter().cloned()).collect();
            if &**first == "Values" && full.starts_with(&wanted) {
                let line = file.source.index.line_number(one.span.start);
                let name = file.source.name.rsplit('/').next().unwrap_or_default();
                let reader = format!("{name}:{line}");
                if !readers.contains(&reader) {
                    readers.push(reader);
                }
            }
        }
    }
    let more = readers.len().saturating_sub(MOST_PLACES);
    readers.truncate(MOST_PLACES);
    let mut text = readers.join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    let read = if text.is_empty() { "by no template directly".to_owned() } else { text };
    card.facts.push(("Read in".to_owned(), read));
    Some(card)
}

fn of_metadata(place: &Place<'_>) -> Option<Card> {
    let root = place.source.parsed.root()?;
    let (keys, span, _) = keys_at(root, place.offset)?;
    let (name, doc) =
        METADATA.iter().find(|(name, _)| Some(*name) == keys.first().map(|key| &**key))?;
    let title = keys.join(".");
    Some(Card {
        span,
        kind: if title == *name { "field of Chart.yaml" } else { "" }.to_owned(),
        title,
        body: vec![(*doc).to_owned()],
        ..Card::default()
    })
}

/// Completions in an action: values, objects of the data, named templates, functions.
pub fn completions(snapshot: &Snapshot<'_>, file: FileId, offset: u32) -> Option<Completions> {
    let place = Place::of(snapshot, file, offset)?;
    if place.source.kind != FileKind::Template {
        return None;
    }
    let before = place.source.text.get(..offset as usize)?;
    let start = before.rfind("{{")?;
    if before.get(start..)?.contains("}}") {
        return None;
    }
    let action = before.get(start..)?;
    let quotes = action.matches('"').count();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '-');
    let word = match quotes % 2 {
        1 => action.rsplit('"').next()?,
        _ => action.rsplit(|c: char| !is_part(c)).next()?.trim_start_matches('-'),
    };
    let of_word = |prefix: usize| Span::new(offset - (word.len() - prefix) as u32, offset);
    if quotes % 2 == 1 {
        let called = ["include", "template"];
        let is_name = action
            .rsplit('"')
            .nth(1)
            .is_some_and(|before| called.iter().any(|word| before.trim_end().ends_with(word)));
        let items = is_name.then(|| place.named_templates())?;
        return Some(Completions { span: of_word(0), items });
    }
    let (outer, _) = word.rsplit_once('.').unwrap_or(("", word));
    if !word.contains('.') {
        return Some(Completions { span: of_word(0), items: functions() });
    }
    let items = place.fields(outer.trim_start_matches('$'))?;
    Some(Completions { span: of_word(outer.len() + 1), items })
}

impl Place<'_> {
    fn named_templates(&self) -> Vec<Completion> {
        let outlines = self.release.references.templates.values();
        let names =
            outlines.filter_map(|file| file.outline.as_ref()).flat_map(|one| &one.definitions);
        names.map(|(name, _)| item(name, "named template", "")).collect()
    }

    /// The fields after a path of the data.
    fn fields(&self, outer: &str) -> Option<Vec<Completion>> {
        let mut steps = outer.split('.').filter(|step| !step.is_empty());
        let fields = match steps.next() {
            None => OBJECTS.iter().map(|(name, doc)| item(name, "", doc)).collect(),
            Some("Values") => {
                let chart = self.file().map(|file| file.chart.clone()).unwrap_or_default();
                let keys = chart.iter().map(|key| &**key).chain(steps);
                let value =
                    keys.into_iter().try_fold(&self.release.values, |value, key| value.get(key))?;
                let entries = value.as_object()?;
                entries.iter().map(|(key, value)| item(key, &shown(value), "")).collect()
            }
            Some("Release") => RELEASE
                .iter()
                .map(|name| item(name, &self.data("Release", name).unwrap_or_default(), ""))
                .collect(),
            Some("Chart") => METADATA
                .iter()
                .map(|(name, doc)| {
                    let mut letters = name.chars();
                    let first = letters.next().map(|first| first.to_ascii_uppercase());
                    let name: String = first.into_iter().chain(letters).collect();
                    item(&name, &self.data("Chart", &name).unwrap_or_default(), doc)
                })
                .collect(),
            Some(_) => return None,
        };
        Some(fields)
    }
}

fn item(label: &str, detail: &str, doc: &str) -> Completion {
    Completion {
        label: label.to_owned(),
        detail: detail.to_owned(),
        doc: doc.to_owned(),
        ..Completion::default()
    }
}

/// Words of actions and functions.
fn functions() -> Vec<Completion> {
    let words = WORDS.iter().filter(|(word, _)| function(word).is_none());
    let words = words.map(|(word, doc)| Completion { rank: 1, ..item(word, "", doc) });
    let functions = FAMILIES.iter().flat_map(|(family, functions)| {
        functions.iter().map(|one| item(one.signature.name, family, one.summary))
    });
    words.chain(functions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_found() {
        let text = "a: {{ .x }} b {{- .y -}}";
        let at = |offset: u32| action_at(text, offset).map(|span| span.slice(text));
        assert_eq!(at(2), None);
        assert_eq!(at(3), Some("{{ .x }}"));
        assert_eq!(at(7), Some("{{ .x }}"));
        assert_eq!(at(12), None);
        assert_eq!(at(18), Some("{{- .y -}}"));
    }

    #[test]
    fn words_of_the_tables_are_unique() {
        for table in [WORDS, OBJECTS, METADATA] {
            let mut names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.len());
            assert!(table.iter().all(|(_, doc)| doc.ends_with('.')), "{names:?}");
        }
    }
}
