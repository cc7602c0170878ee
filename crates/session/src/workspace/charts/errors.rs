//! The errors of Helm as diagnostics, at the place that the message names.

use text::{Code, Diagnostic, LineIndex, Location, Severity, Span};

use super::Release;
use super::references::ValuePath;
use crate::workspace::sources::Source;
use go::template::outline::Step;

pub const FAILED: &str = "chart-not-rendered";

pub static CODES: &[Code] = &[Code {
    code: FAILED,
    title: "A chart that Helm does not render",
    doc: "Helm renders all templates of a chart, and parses what they give as YAML. An error ends that, and nothing is installed or changed: a release stays as its last revision left it. The message is that of `helm template`, at the place that it names. The number after a line is that of the byte in it, counted from 0.\n\nThe comment `# playground: helm install NAME -f FILE --set KEY=VALUE` in Chart.yaml states the name and the values of the release; `# playground: not-installed` states that the chart is not installed.",
    example: "# templates/service.yaml\nmetadata:\n  name: {{ .Values.name | uper }}\n",
}];

/// The most places of an error that are listed beside the first.
const MOST_PLACES: usize = 6;

/// The most letters of a message.
const MOST_LETTERS: usize = 1_000;

/// A place in a template that a message names.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named<'m> {
    path: &'m str,
    /// From 1.
    line: u32,
    /// The number of the byte in the line, from 0.
    column: Option<u32>,
}

/// Makes a diagnostic of a message of Helm.
pub fn diagnostic(release: &Release, folder: &str, message: &str) -> Diagnostic {
    let places = places(release, message);
    let (at, others) = match places.split_last() {
        // The innermost template comes last.
        Some((last, outer)) => (*last, outer),
        None => (elsewhere(release, folder, message), &[][..]),
    };
    let lines: Vec<&str> = message.lines().map(str::trim).collect();
    let words: String = lines.join(" ").trim().chars().take(MOST_LETTERS).collect();
    let help = "Helm renders nothing of the chart as long as this error is there.";
    let mut found = Diagnostic::new(Severity::Error, FAILED, at, words).with_help(help);
    for place in others.iter().rev().take(MOST_PLACES).filter(|place| **place != at) {
        found = found.with_related(*place, "called from here");
    }
    found
}

/// The places in templates that a message names, in its order.
fn places(release: &Release, message: &str) -> Vec<Location> {
    let mut found: Vec<Location> = Vec::new();
    for (path, file) in &release.references.templates {
        for named in named(message, path) {
            let source = &file.source;
            let span = match (message.contains("YAML parse error"), named.column) {
                (true, _) => continue,
                (false, Some(column)) => action_at(&source.text, &source.index, &named, column),
                (false, None) => line_span(source, named.line.saturating_sub(1)),
            };
            found.push(Location::new(source.id, span));
        }
    }
    if let Some(place) = of_yaml(release, message) {
        found.push(place);
    }
    let position = |at: &Location| {
        let path = release.references.templates.iter().find(|(_, file)| file.source.id == at.file);
        path.and_then(|(path, _)| message.rfind(&**path)).unwrap_or_default()
    };
    found.sort_by_key(position);
    found
}

/// The mentions of a path with a line and a column.
fn named<'m>(message: &'m str, path: &str) -> Vec<Named<'m>> {
    let number = |text: &str| {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text.get(..digits).and_then(|digits| digits.parse::<u32>().ok().map(|n| (n, digits.len())))
    };
    let mentions = message.match_indices(path).filter_map(|(at, _)| {
        let rest = message.get(at + path.len()..)?.strip_prefix(':')?;
        let (line, length) = number(rest)?;
        let column = rest.get(length..)?.strip_prefix(':').and_then(number).map(|(n, _)| n);
        Some(Named { path: message.get(at..at + path.len())?, line, column })
    });
    let mut all: Vec<Named<'m>> = Vec::new();
    for one in mentions {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

fn line_span(source: &Source, line: u32) -> Span {
    let start = source.index.line_start(line);
    let rest = source.text.get(start as usize..).unwrap_or_default();
    let text = rest.lines().next().unwrap_or_default();
    let indent = (text.len() - text.trim_start().len()) as u32;
    Span::new(start + indent, start + (text.trim_end().len() as u32).max(indent))
}

/// The action that holds a place of the text; the rest of the line outside of one.
fn action_at(text: &str, index: &LineIndex, named: &Named<'_>, column: u32) -> Span {
    let at = index.line_start(named.line.saturating_sub(1)) + column;
    let at = (at as usize).min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at..).unwrap_or_default();
    let start = before.rfind("{{").unwrap_or(at);
    let end = after.find("}}").map_or(at, |end| at + end + 2);
    Span::new(start as u32, end as u32)
}

/// The line of rendered text that is no YAML, at its place in the template.
fn of_yaml(release: &Release, message: &str) -> Option<Location> {
    let rest = message.split_once("YAML parse error on ")?.1;
    let (path, reason) = rest.split_once(": ")?;
    let rendered = release.texts.iter().find(|text| text.path == path)?;
    let line = line_in(reason).unwrap_or(1);
    // The line is that of the document at fault, counted from its first line with content.
    let (start, document) = documents(&rendered.text).into_iter().find(|(_, document)| {
        helm::manifests::Head::read(document).is_err_and(|e| *e == *reason)
    })?;
    let mut offset = start;
    for _ in 1..line {
        let rest = rendered.text.get(offset..start + document.len())?;
        let Some(end) = rest.find('\n') else { break };
        offset += end + 1;
    }
    let text = rendered.text.get(offset..)?.lines().next().unwrap_or_default();
    let indent = text.len() - text.trim_start().len();
    let span = Span::new((offset + indent) as u32, (offset + text.len().max(indent)) as u32);
    let (file, span) = rendered.origins.locate(span);
    Some(Location::new(file.id, span))
}

/// The number after `line `.
fn line_in(reason: &str) -> Option<u32> {
    let (_, rest) = reason.split_once("line ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The documents of a rendered text as Helm divides it, with their offsets.
fn documents(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = text.len() - text.trim_start().len();
    let mut at = start;
    let mut add = |from: usize, to: usize| {
        let document = text.get(from..to).unwrap_or_default();
        let trimmed = document.trim_start();
        if !trimmed.is_empty() {
            found.push((from + document.len() - trimmed.len(), trimmed));
        }
    };
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        if line.starts_with("---") {
            add(start, at);
            start = at + 3;
        }
        at += line.len();
    }
    add(start, text.len());
    found
}

/// The place of an error that names no template: a value, a file of values, or Chart.yaml.
fn elsewhere(release: &Release, folder: &str, message: &str) -> Location {
    let file = |name: &str| {
        let path = format!("{folder}{name}");
        release.inputs.iter().find(|source| source.name == path)
    };
    if message.contains("values don't meet the specifications")
        && let Some(at) = of_schema(release, message)
    {
        return at;
    }
    let values = release.inputs.iter().find(|source| {
        message.contains(&format!("failed to parse {}", source.name))
            || release.command.values.files.iter().any(|path| {
                source.name.ends_with(path.as_str())
                    && message.contains(&format!("failed to parse {path}"))
            })
    });
    let source = match values {
        Some(source) => Some(source),
        None if message.contains("values.yaml") => file("values.yaml"),
        None if message.contains("values.schema.json") || message.contains("schema") => {
            file("values.schema.json")
        }
        None => None,
    };
    let Some(source) = source.or_else(|| file("Chart.yaml")).or_else(|| release.inputs.first())
    else {
        return Location::default();
    };
    let broken = source.parsed.diagnostics.iter().find(|one| one.severity == Severity::Error);
    let span = match (broken, line_in(message)) {
        (Some(broken), _) => broken.location.span,
        (None, Some(line)) => line_span(source, line.saturating_sub(1)),
        (None, None) => line_span(source, 0),
    };
    Location::new(source.id, span)
}

/// The value that a schema refuses: the path is a JSON pointer between quotes.
fn of_schema(release: &Release, message: &str) -> Option<Location> {
    let pointers = message.split('\'').filter(|part| part.starts_with('/') || part.is_empty());
    for pointer in pointers {
        let steps: Vec<Step> = pointer
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| match part.parse::<usize>() {
                Ok(_) => Step::Element,
                Err(_) => Step::Field(part.into()),
            })
            .collect();
        let value = ValuePath { chart: Vec::new(), steps };
        if let Some((source, span)) = release.references.place(&value) {
            return Some(Location::new(source.id, span));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_messages() {
        let message = "web/templates/a.yaml:12:20\n  executing \"web/templates/a.yaml\" at <include>:\n    error calling include:\nweb/templates/_h.tpl:3:4\n  executing";
        let found = named(message, "web/templates/a.yaml");
        let place = (found[0].line, found[0].column, found.len());
        assert_eq!(place, (12, Some(20), 1));
        let parse = "parse error at (web/templates/a.yaml:1): function \"x\" not defined";
        let found = named(parse, "web/templates/a.yaml");
        assert_eq!((found[0].line, found[0].column), (1, None));
    }

    #[test]
    fn documents_have_offsets() {
        let text = "\n# c\n---\na: 1\n---\n\n  b: 2\n";
        let found = documents(text);
        assert_eq!(found, [(1, "# c\n"), (9, "a: 1\n"), (21, "b: 2\n")]);
        assert!(found.iter().all(|(at, document)| text[*at..].starts_with(document)));
    }
}
