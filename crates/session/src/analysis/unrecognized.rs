//! Files that nothing reads, because they are of no known kind.

use crate::workspace::embedded_documents::Document;
use crate::workspace::foreign::Template;
use crate::workspace::sources::{FileKind, Source, Sources, is_configuration_name};
use prometheus::{Mode, NoFiles, load, refusal};
use text::{Code, Diagnostic, FileId, Location, Severity, Span};

const UNRECOGNIZED: &str = "unrecognized-file";
pub const FOREIGN: &str = "file-of-another-program";
const TEMPLATE: &str = "template-not-rendered";

pub static CODES: &[Code] = &[
    Code {
        code: FOREIGN,
        title: "A file of another program",
        doc: "The content tells which program reads the file: Alertmanager, the blackbox exporter, Helm, Grafana. Neither Prometheus nor Kubernetes reads it, so that it is not checked.",
        example: "route: {receiver: team}\nreceivers: [{name: team}]\n",
    },
    Code {
        code: TEMPLATE,
        title: "A template that is not rendered",
        doc: "`{{ … }}` and `{% … %}` are directives of a template language, such as that of Helm or of Ansible. The text is YAML only after it has been rendered. Kubernetes and Prometheus would refuse it as it is. Other findings of the file are left out, because most of them would follow from the directives.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n",
    },
    Code {
        code: UNRECOGNIZED,
        title: "A file of no known kind",
        doc: "The kind of a file follows from its content: a configuration has `scrape_configs`, `global` or other fields of the configuration, a manifest `apiVersion` and `kind`, a rule file `groups`, a file of targets a list with `targets`. A file that is named `prometheus.yml` is a configuration in any case. No other file is read. The help of the finding has the error with which Prometheus would refuse the file as its configuration.",
        example: "a: 1\n",
    },
];

/// The most letters of a refusal that the help quotes.
const LONGEST: usize = 400;

/// Finds YAML files of no known kind about which nothing else is said.
pub fn find(
    sources: &Sources,
    documents: &[std::sync::Arc<Document>],
    others: &[Diagnostic],
) -> Vec<Diagnostic> {
    let has_configuration = documents.iter().any(|one| one.kind == FileKind::Configuration);
    let rules = documents.iter().filter(|one| !one.embedded && one.kind == FileKind::Rules);
    let instead = rules.filter(|_| !has_configuration).filter_map(|document| {
        let source = sources.get(document.file)?;
        is_configuration_name(&source.name).then(|| not_a_configuration(source, document))
    });
    let whole = documents.iter().filter(|one| !one.embedded && one.kind == FileKind::Other);
    let found = whole.filter_map(|document| {
        let source = sources.get(document.file)?;
        let is_yaml = source.name.ends_with(".yml") || source.name.ends_with(".yaml");
        if let Some(foreign) = source.foreign() {
            let at = Location::new(source.id, Span::at(0));
            let message = format!("`{}` is {}, which nothing here reads", source.name, foreign.title);
            return Some(Diagnostic::info(FOREIGN, at, message).with_help(foreign.help));
        }
        let said = others.iter().any(|other| other.location.file == source.id);
        let root = document.parsed.root().filter(|root| !root.is_null())?;
        // An empty list of targets is one, too.
        let empty_list = root.as_sequence().is_some_and(|list| list.items.is_empty());
        if !is_yaml || said || empty_list {
            return None;
        }
        let at = Location::new(source.id, Span::at(root.written_span().start));
        let message = format!("`{}` is of no known kind, and nothing reads it", source.name);
        let loaded = load(&document.parsed, &NoFiles, Mode::Server);
        let refused = refusal(&loaded, &source.name).map_or_else(
            || "As a configuration, Prometheus would load it.".to_owned(),
            |refused| format!("As a configuration, Prometheus would refuse it: `{}`.", one_line(&refused)),
        );
        let help = format!(
            "A configuration has `scrape_configs` or `global`, a manifest `apiVersion` and `kind`, a rule file `groups`. {refused}"
        );
        Some(Diagnostic::warning(UNRECOGNIZED, at, message).with_help(help))
    });
    found.chain(instead).collect()
}

/// A file with the name of the configuration that holds rules.
fn not_a_configuration(source: &Source, document: &Document) -> Diagnostic {
    let start = document.parsed.root().map_or(0, |root| root.written_span().start);
    let message = format!("`{}` has rules and no configuration", source.name);
    let refused = refusal(&load(&document.parsed, &NoFiles, Mode::Server), &source.name);
    let help = format!(
        "As its configuration, Prometheus would refuse the file: `{}`. Put the rules into a file of their own, and name it under `rule_files`.",
        one_line(&refused.unwrap_or_default())
    );
    let at = Location::new(source.id, Span::at(start));
    Diagnostic::warning(UNRECOGNIZED, at, message).with_help(help)
}

/// Names in `${NAME}` that scripts replace.
fn is_variable(text: &str) -> bool {
    text.match_indices("${").any(|(at, _)| {
        let rest = text.get(at + 2..).unwrap_or_default();
        let name = rest.split('}').next().unwrap_or_default();
        let letter = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        name.len() < rest.len()
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(letter)
    })
}

/// Replaces the findings of files in which variables such as `${NAME}` are an error by one for each
/// file.
pub fn of_variables(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    let wrong = |source: &Source| {
        let at_variable = |one: &&Diagnostic| {
            let at = one.location;
            at.file == source.id
                && one.severity == Severity::Error
                && source.text.get(at.span.range()).is_some_and(is_variable)
        };
        diagnostics.iter().find(at_variable).map(|one| (source.id, one.location.span))
    };
    let found: Vec<(FileId, Span)> =
        sources.iter().filter(|one| one.text.contains("${")).filter_map(|one| wrong(one)).collect();
    diagnostics.retain(|one| found.iter().all(|(file, _)| *file != one.location.file));
    for (file, span) in found {
        let Some(source) = sources.get(file) else { continue };
        let variable = source.text.get(span.range()).unwrap_or_default();
        let message =
            format!("`{}` has variables that nothing has replaced: `{variable}`", source.name);
        let help = "Replace them, for example with `envsubst`, and open the result. Prometheus itself replaces variables in `external_labels` only, Kubernetes in no file.";
        diagnostics
            .push(Diagnostic::error(TEMPLATE, Location::new(file, span), message).with_help(help));
    }
}

/// Replaces the findings of templates by one for each file, because most follow from the directives.
pub fn of_templates(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    let templates: Vec<_> = sources.iter().filter(|source| source.template.is_some()).collect();
    if templates.is_empty() {
        return;
    }
    let in_template = |file| templates.iter().any(|source| source.id == file);
    diagnostics.retain(|one| !in_template(one.location.file));
    for source in templates {
        let Some((language, span)) = source.template else { continue };
        let (name, render) = match language {
            Template::Go => (
                "Helm",
                "Add the Chart.yaml of its chart, and the page renders it. Or render it with `helm template`, and open the result.",
            ),
            Template::Jinja => (
                "Jinja or another language",
                "Render it with the tool that it was written for, and open the result.",
            ),
        };
        let message = format!("`{}` is a template in {name} that is not rendered", source.name);
        let at = Location::new(source.id, span);
        diagnostics.push(Diagnostic::error(TEMPLATE, at, message).with_help(render));
    }
}

/// The lines of an error in one line.
fn one_line(error: &str) -> String {
    let words: Vec<&str> = error.split_whitespace().collect();
    let mut line = words.join(" ");
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}
