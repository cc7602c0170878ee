//! The rules that the server evaluates, read from the files that its configuration names.

use std::sync::Arc;

use crate::workspace::embedded_documents::Document;
use crate::workspace::files::WorkspaceFiles;
use crate::workspace::sources::{FileKind, Sources};
use go::Duration;
use go::path::matches as glob_matches;
use kubernetes::mounts::MountedFile;
use prometheus::config::Config;
use prometheus::rule_files::{LoadedRules, RuleGroup, RuleOptions, load_rules};
use prometheus::{Files, WorkspaceFile};
use rules::RuleContext;
use text::{Diagnostic, Severity};

/// The interval of groups if neither they nor the configuration set one.
const INTERVAL: Duration = Duration::from_secs(60);

/// The rules of a configuration.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub groups: Vec<RuleGroup>,
    /// Names of files with errors. With one of them Prometheus loads no rules at all.
    pub broken: Vec<String>,
    pub interval: Duration,
    pub query_offset: Duration,
    pub context: RuleContext,
}

impl RuleSet {
    /// Returns the groups that are evaluated: none if a file has errors.
    pub fn active(&self) -> &[RuleGroup] {
        if self.broken.is_empty() { &self.groups } else { &[] }
    }
}

/// The container of a server: the files in it, and the folder that relative paths count from.
pub struct Container {
    pub files: Vec<MountedFile>,
    pub folder: String,
}

impl Container {
    /// Returns true if the configuration names the file that an embedded document is mounted as.
    fn names(&self, config: &Config, document: &Document) -> bool {
        let is_it = |file: &&MountedFile| {
            let (Some(at), Some(node)) = (file.entry.at, &file.entry.node) else { return false };
            at.file == document.file
                && node.span.start <= document.span.start
                && document.span.end <= node.span.end
        };
        let paths: Vec<&str> =
            self.files.iter().filter(is_it).map(|file| file.path.as_str()).collect();
        config.rule_files.iter().any(|(pattern, _)| {
            let whole = if pattern.starts_with('/') {
                pattern.to_string()
            } else {
                format!("{}/{pattern}", self.folder)
            };
            paths.iter().any(|path| glob_matches(&whole, path))
        })
    }
}

/// Reads the rule files of a configuration: files of the workspace that it names, and documents in
/// ConfigMaps that are mounted under such a name; without a server all documents. The diagnostics
/// are those of all rule files, including files that the configuration does not name.
pub fn read(
    config: &Config,
    container: Option<&Container>,
    sources: &Sources,
    documents: &[Arc<Document>],
) -> (RuleSet, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let options = RuleOptions::default();
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
    let files = WorkspaceFiles(sources);
    let named: Vec<WorkspaceFile<'_>> =
        config.rule_files.iter().flat_map(|(pattern, _)| files.matching(pattern)).collect();
    for source in sources.of_kind(FileKind::Rules) {
        let loaded = load_rules(&source.parsed, &source.text, &options);
        diagnostics.extend(loaded.diagnostics.iter().cloned());
        if named.iter().any(|file| file.path == source.name) {
            set.add(&source.name, loaded);
        }
    }
    for document in documents.iter().filter(|one| one.embedded && one.kind == FileKind::Rules) {
        let Some(host) = sources.get(document.file) else { continue };
        let loaded = load_rules(&document.parsed, &host.text, &options);
        diagnostics.extend(loaded.diagnostics.iter().cloned());
        let named = match container {
            Some(container) => container.names(config, document),
            None => !config.rule_files.is_empty(),
        };
        if named {
            set.add(&host.name, loaded);
        }
    }
    (set, diagnostics)
}

impl RuleSet {
    fn add(&mut self, name: &str, loaded: LoadedRules) {
        if loaded.diagnostics.iter().any(|one| one.severity == Severity::Error) {
            self.broken.push(name.to_owned());
        }
        self.groups.extend(loaded.groups);
    }
}

/// Shared, so that an analysis is cheap to clone.
pub type SharedRules = Arc<RuleSet>;
