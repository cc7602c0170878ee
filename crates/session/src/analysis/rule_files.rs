//! The rules that the server evaluates, read from the files that its configuration names.

use std::sync::Arc;

use super::configuration::document_of;
use crate::workspace::embedded_documents::Document;
use crate::workspace::files::{NamedFile, WorkspaceFiles};
use crate::workspace::foreign::is_version_1_rules;
use crate::workspace::sources::{FileKind, Sources};
use go::Duration;
use go::path::matches as glob_matches;
use go::quote::quote;
use kubernetes::mounts::MountedFile;
use prometheus::config::Config;
use prometheus::rule_files::{LoadedRules, RuleGroup, RuleOptions, load_rules, refusals};
use rules::RuleContext;
use text::{Code, Diagnostic, FileId, IndexSort, Location, Severity, Span};
use yaml::Parsed;

/// The interval of groups if neither they nor the configuration set one.
const INTERVAL: Duration = Duration::from_secs(60);

/// The rules of a configuration.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub groups: Vec<RuleGroup>,
    /// The first file that Prometheus refuses. It loads no rules at all then.
    pub refusal: Option<RuleRefusal>,
    pub interval: Duration,
    pub query_offset: Duration,
    pub context: RuleContext,
}

/// The refusal of a rule file. Prometheus ends with it at its start; at a reload it keeps the rules
/// that it has.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleRefusal {
    /// The path of the file in the container.
    pub path: String,
    /// The pattern of the configuration that names the file.
    pub pattern: String,
    /// The errors of the file, in the words of Prometheus.
    pub errors: Vec<String>,
    /// The first error in the workspace.
    pub at: Option<Location>,
}

impl RuleRefusal {
    /// Returns the error that the log has at the start.
    ///
    /// Source: cmd/prometheus/main.go `main`, rules/manager.go `ParseFiles`.
    pub fn error(&self) -> String {
        let Self { path, pattern, .. } = self;
        format!(
            "parse rules from file {} (pattern: {}): {}",
            quote(path),
            quote(pattern),
            self.lines()
        )
    }

    /// Returns the errors, each after the path of the file.
    pub fn lines(&self) -> String {
        let lines: Vec<String> =
            self.errors.iter().map(|error| format!("{}: {error}", self.path)).collect();
        lines.join("\n")
    }
}

impl RuleSet {
    /// Returns the groups that are evaluated: none if a file is refused.
    pub fn active(&self) -> &[RuleGroup] {
        if self.refusal.is_none() { &self.groups } else { &[] }
    }
}

/// The container of a server: the files in it, and the folder that relative paths count from.
pub struct Container {
    pub files: Vec<MountedFile>,
    pub folder: String,
}

/// A file that a pattern of `rule_files` names.
struct NamedRules<'a> {
    path: String,
    parsed: Arc<Parsed>,
    /// The text that the spans of the tree belong to.
    text: &'a str,
}

/// The directory in which rule files are searched.
struct RuleFileSearch<'a> {
    container: Option<&'a Container>,
    sources: &'a Sources,
    documents: &'a [Arc<Document>],
}

impl<'a> RuleFileSearch<'a> {
    /// Returns the pattern as an absolute one if the server runs in a container.
    fn whole(&self, pattern: &str) -> String {
        match self.container {
            Some(container) if !pattern.starts_with('/') => {
                format!("{}/{pattern}", container.folder)
            }
            _ => pattern.to_owned(),
        }
    }

    /// Returns the files that a pattern names: files of the workspace, and keys of ConfigMaps that
    /// are mounted under such a name. Without a server all documents in ConfigMaps count.
    fn files(&self, pattern: &str) -> Vec<NamedRules<'a>> {
        let named = WorkspaceFiles(self.sources).named(pattern).into_iter();
        let mut found: Vec<NamedRules<'a>> = named
            .filter(|file| self.is_rules(file))
            .map(|file| NamedRules {
                path: if self.container.is_some() { self.whole(&file.path) } else { file.path },
                parsed: file.source.parsed.clone(),
                text: &file.source.text,
            })
            .collect();
        match self.container {
            Some(container) => {
                let whole = self.whole(pattern);
                let mounted =
                    container.files.iter().filter(|file| glob_matches(&whole, &file.path));
                for file in mounted {
                    let document = document_of(self.sources, self.documents, &file.entry);
                    found.extend(document.and_then(|one| self.embedded(&one, &file.path)));
                }
            }
            None => {
                let inside = self.documents.iter().filter(|one| one.embedded);
                for document in inside.filter(|one| one.kind == FileKind::Rules) {
                    let name = self.sources.get(document.file).map(|host| host.name.as_str());
                    found.extend(self.embedded(document, name.unwrap_or_default()));
                }
            }
        }
        found.index_sort_by(|one, other| one.path.cmp(&other.path));
        found
    }

    fn embedded(&self, document: &Document, path: &str) -> Option<NamedRules<'a>> {
        let host = self.sources.get(document.file)?;
        Some(NamedRules {
            path: path.to_owned(),
            parsed: document.parsed.clone(),
            text: &host.text,
        })
    }

    /// Prometheus reads every file that a pattern names. A file that is named only without its
    /// folder, or beside manifests, has to look like rules.
    fn is_rules(&self, file: &NamedFile<'_>) -> bool {
        let source = file.source;
        match source.kind {
            FileKind::Rules => true,
            FileKind::Other => {
                file.by_path && self.container.is_none() && source.foreign().is_none()
            }
            _ => false,
        }
    }
}

/// Reads the rule files of a configuration. The diagnostics are those of all rule files, including
/// files that the configuration does not name.
pub fn read(
    config: &Config,
    container: Option<&Container>,
    sources: &Sources,
    documents: &[Arc<Document>],
) -> (RuleSet, Vec<Diagnostic>) {
    let mut set = RuleSet {
        interval: config.evaluation_interval.as_ref().map_or(INTERVAL, |setting| setting.value),
        query_offset: config
            .rule_query_offset
            .as_ref()
            .map_or(Duration(0), |setting| setting.value),
        context: RuleContext {
            external_labels: config
                .external_labels
                .iter()
                .map(|label| (label.name.to_string(), label.value.to_string()))
                .collect(),
            external_url: "http://localhost:9090".to_owned(),
        },
        ..RuleSet::default()
    };
    let options = RuleOptions::default();
    let place = RuleFileSearch { container, sources, documents };
    let mut diagnostics = Vec::new();
    let mut read: Vec<(FileId, Span)> = Vec::new();
    for (pattern, _) in &config.rule_files {
        for file in place.files(pattern) {
            let at = key(&file.parsed);
            // A file that several patterns name is read once.
            if read.contains(&at) {
                continue;
            }
            read.push(at);
            let loaded = load_rules(&file.parsed, file.text, &options);
            diagnostics.extend(of_rules(&file.parsed, file.text, &loaded));
            set.add(&place.whole(pattern), file, loaded);
        }
    }
    for (parsed, text) in others(sources, documents) {
        if !read.contains(&key(parsed)) {
            let loaded = load_rules(parsed, text, &options);
            diagnostics.extend(of_rules(parsed, text, &loaded));
        }
    }
    (set, diagnostics)
}

/// Returns all rule files of the workspace and of its ConfigMaps.
fn others<'a>(
    sources: &'a Sources,
    documents: &'a [Arc<Document>],
) -> impl Iterator<Item = (&'a Parsed, &'a str)> {
    let whole = sources.of_kind(FileKind::Rules).map(|source| (&*source.parsed, &*source.text));
    let inside = documents.iter().filter(|one| one.embedded && one.kind == FileKind::Rules);
    let inside = inside.filter_map(|document| {
        Some((&*document.parsed, sources.get(document.file)?.text.as_str()))
    });
    whole.chain(inside)
}

/// The place of a tree in the workspace.
fn key(parsed: &Parsed) -> (FileId, Span) {
    (parsed.file, parsed.root().map(|root| root.span).unwrap_or_default())
}

/// The findings of a rule file. In the format of version 1 all others would follow from the first.
fn of_rules(parsed: &Parsed, text: &str, loaded: &LoadedRules) -> Vec<Diagnostic> {
    if !is_version_1_rules(&parsed.source.text) {
        return loaded.diagnostics.clone();
    }
    let start = parsed.source.to_host(0);
    let first = text.get(start as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let at = Location::new(parsed.file, Span::new(start, start + first.len() as u32));
    let message = "rules in the format of version 1, which Prometheus has not read since 2.0";
    let help = "Write `groups`, each with `name` and `rules`: `alert`, `expr`, `for`, `labels` and `annotations`, or `record` and `expr`. `promtool update rules` of a version 2.x before 2.5 converts a file.";
    vec![Diagnostic::error(VERSION_1, at, message).with_help(help)]
}

impl RuleSet {
    fn add(&mut self, pattern: &str, file: NamedRules<'_>, loaded: LoadedRules) {
        let errors = refusals(&file.parsed, &loaded);
        if !errors.is_empty() && self.refusal.is_none() {
            let first = loaded.diagnostics.iter().find(|one| one.severity == Severity::Error);
            self.refusal = Some(RuleRefusal {
                path: file.path,
                pattern: pattern.to_owned(),
                errors,
                at: first.map(|one| one.location),
            });
        }
        self.groups.extend(loaded.groups);
    }
}

/// Shared, so that an analysis is cheap to clone.
pub type SharedRules = Arc<RuleSet>;

const VERSION_1: &str = "rules-of-version-1";

pub static CODES: &[Code] = &[Code {
    code: VERSION_1,
    title: "Rules in the format of version 1",
    doc: "Before version 2.0 a rule file had statements such as `ALERT name IF expression FOR 5m` and `name = expression`. Prometheus now reads YAML only: it does not start with such a file, and a reload fails.",
    example: "ALERT TargetDown\n  IF up == 0\n  FOR 5m\n",
}];
