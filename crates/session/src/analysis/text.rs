//! The first stage: the analysis of the text alone.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::ManifestReading;
use super::apply::Applied;
use super::configuration::{self, ConfigText};
use super::custom_types::CustomTypes;
use super::expressions;
use super::grafana;
use super::live::Arguments;
use super::rule_files::{self, SharedRules};
use super::unrecognized;
use super::verdicts;
use crate::operator::Generated;
use crate::workspace::embedded_documents::Document;
use crate::workspace::files::WorkspaceFiles;
use crate::workspace::sources::{FileKind, Sources};
use kubernetes::decode::Manifests;
use kubernetes::hash::Hash;
use kubernetes::prometheus::{Instance, instances};
use prometheus::{Loaded, Mode, lints, load, of_first_document, refusal};
use schema::NoHooks;
use text::Diagnostic;
use yaml::Parsed;

/// The result of the first stage.
#[derive(Clone, Debug)]
pub struct TextAnalysis {
    pub manifests: Arc<Manifests>,
    pub applied: Arc<Applied>,
    pub custom_types: Arc<CustomTypes>,
    pub generated: Arc<Generated>,
    pub instances: Arc<Vec<Instance>>,
    pub config_text: Option<Arc<ConfigText>>,
    pub loaded: Arc<Loaded>,
    pub rules: SharedRules,
    pub refusal: Option<Arc<str>>,
    pub documents: Arc<Vec<Arc<Document>>>,
    pub diagnostics: Arc<Vec<Diagnostic>>,
    pub reads: u64,
}

impl TextAnalysis {
    /// These objects, with the configuration and rules of another version of the text.
    pub fn with_configuration_of(self, other: TextAnalysis) -> Self {
        let TextAnalysis { config_text, loaded, rules, refusal, reads, .. } = other;
        Self { config_text, loaded, rules, refusal, reads, ..self }
    }
}

/// Analyzes a text whose manifests are applied and decoded. `before` are the documents of the text before an
/// edit.
pub fn analyze(
    sources: &Sources,
    reading: ManifestReading,
    before: &[Arc<Document>],
) -> TextAnalysis {
    let ManifestReading { manifests, applied, custom_types, generated } = reading;
    let instances = instances(&manifests.cluster);
    let documents = documents(sources, &manifests, before);
    let config_text =
        configuration::find(sources, &documents, &manifests.cluster, &instances, &generated)
            .map(Arc::new);
    let agent = match instances.first() {
        Some(instance) => instance.flag("agent").is_some(),
        None => Arguments::of(sources).is_agent(),
    };
    let mode = if agent { Mode::Agent } else { Mode::Server };
    let loaded = match &config_text {
        Some(text) => load(&text.parsed, &WorkspaceFiles(sources), mode),
        None => Loaded::default(),
    };
    let path = instances.first().map_or("prometheus.yml", |instance| instance.config_path.as_str());
    let refusal = refusal(&loaded, path).map(Arc::from);
    let container = instances.first().map(|instance| rule_files::Container {
        files: configuration::files_of(&manifests.cluster, instance),
        folder: instance.config_path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
    });
    let (rules, of_rules) =
        rule_files::read(&loaded.config, container.as_ref(), sources, &documents);

    let mut diagnostics = of_files(sources, &applied);
    let in_force = config_text.as_deref().map(|text| &*text.parsed);
    for document in &documents {
        diagnostics.extend(of_document(document, sources, in_force, &loaded));
    }
    diagnostics.extend(loaded.diagnostics.iter().cloned());
    diagnostics.extend(of_rules);
    diagnostics.extend(manifests.diagnostics.iter().cloned());
    diagnostics.extend(unrecognized::find(sources, &documents, &diagnostics));
    let mut diagnostics = unique(diagnostics);
    unrecognized::of_templates(sources, &mut diagnostics);
    unrecognized::of_variables(sources, &mut diagnostics);
    grafana::in_rules(&documents, sources, &loaded.config, &mut diagnostics);
    verdicts::put_kubectl_first(&mut diagnostics, &applied.unparsed);
    TextAnalysis {
        instances: Arc::new(instances),
        reads: hash_of_reads(sources, &documents),
        config_text,
        refusal,
        loaded: Arc::new(loaded),
        rules: Arc::new(rules),
        documents: Arc::new(documents),
        diagnostics: Arc::new(diagnostics),
        manifests,
        applied,
        custom_types,
        generated,
    }
}

/// All files, then the documents in ConfigMaps whose keys have the extension of YAML files.
fn documents(
    sources: &Sources,
    manifests: &Manifests,
    before: &[Arc<Document>],
) -> Vec<Arc<Document>> {
    let is_yaml = |key: &str| [".yml", ".yaml", ".rules"].iter().any(|end| key.ends_with(end));
    let entries = manifests.cluster.config_maps.iter().flat_map(|map| &map.data);
    // Most edits keep the number and the order of documents. After one that does not, more text is
    // parsed again, with the same result.
    let mut before = before.iter().filter(|document| document.embedded);
    let embedded = entries.filter(|entry| is_yaml(&entry.key)).filter_map(|entry| {
        let before = before.next().filter(|before| Some(before.file) == entry.at.map(|at| at.file));
        configuration::embedded(sources, entry, before.map(|before| &**before))
    });
    sources.iter().map(|source| Arc::new(Document::whole(source))).chain(embedded).collect()
}

/// Diagnostics of syntax, manifests and workload files.
fn of_files(sources: &Sources, applied: &Applied) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for source in sources.iter() {
        diagnostics.extend(of_syntax(source.kind, &source.parsed));
        if source.kind == FileKind::Manifest {
            let ours = source.schema_findings().to_vec();
            let objects = applied.objects.iter();
            let of_file = objects.filter(|object| object.location.file == source.id);
            let unparsed = applied.unparsed.iter().filter(|one| one.file == source.id);
            diagnostics.extend(verdicts::of_file(of_file, &unparsed.collect::<Vec<_>>(), ours));
        }
        if let Some(written) = &source.workload {
            diagnostics.extend(written.file.diagnostics.iter().cloned());
        }
    }
    diagnostics
}

/// Diagnostics of syntax. Prometheus reads the first document of a file only.
fn of_syntax(kind: FileKind, parsed: &Parsed) -> Vec<Diagnostic> {
    match kind {
        // Findings of rule files come with their refusal, from `rule_files::read`.
        FileKind::Rules => Vec::new(),
        FileKind::Configuration => of_first_document(parsed),
        _ => parsed.diagnostics.clone(),
    }
}

/// Diagnostics of a document. `loaded` is the configuration in force, and `in_force` its tree.
fn of_document(
    document: &Document,
    sources: &Sources,
    in_force: Option<&Parsed>,
    loaded: &Loaded,
) -> Vec<Diagnostic> {
    let mut diagnostics = of_syntax(document.kind, &document.parsed);
    let Some(source) = sources.get(document.file) else { return diagnostics };
    let files = WorkspaceFiles(sources);
    match document.kind {
        FileKind::Configuration => {
            let in_force = in_force.is_some_and(|parsed| is_tree_of(parsed, document));
            // Configurations that no server reads are checked, too.
            let other = (!in_force).then(|| load(&document.parsed, &files, Mode::Server));
            let config = &other.as_ref().unwrap_or(loaded).config;
            diagnostics.extend(lints::lint(&document.parsed, &source.text, config, &files));
            diagnostics.extend(other.into_iter().flat_map(|other| other.diagnostics));
        }
        FileKind::Workload => {
            let subjects = document.subjects(&NoHooks);
            diagnostics.extend(subjects.iter().flat_map(schema::check));
        }
        FileKind::Rules => {
            // Errors of the rules themselves are found by `rule_files::read`.
            let mut found =
                expressions::lint(&document.parsed, &source.text, &loaded.config, sources);
            lints::silence::retain(&document.parsed, &source.text, &mut found);
            diagnostics.extend(found);
        }
        _ => {}
    }
    diagnostics
}

/// Returns true if the tree was parsed from the document.
fn is_tree_of(parsed: &Parsed, document: &Document) -> bool {
    let span = |parsed: &Parsed| parsed.root().map(|root| root.span);
    parsed.file == document.file && span(parsed) == span(&document.parsed)
}

/// Removes duplicates: some findings are reported for a file and again where the file is read.
fn unique(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = FxHashSet::default();
    diagnostics
        .into_iter()
        .filter(|found| seen.insert((found.code.clone(), found.location, found.message.clone())))
        .collect()
}

/// A hash of all texts that Prometheus reads: configuration, rules and target files.
fn hash_of_reads(sources: &Sources, documents: &[Arc<Document>]) -> u64 {
    let mut hash = Hash::default();
    let is_read = |document: &&Arc<Document>| {
        use FileKind::{Chart, Hooks, Manifest, Template};
        !matches!(document.kind, Manifest | Template | Hooks | Chart)
    };
    for document in documents.iter().filter(is_read) {
        let Some(source) = sources.get(document.file) else { continue };
        let range = document.span.start as usize..document.span.end as usize;
        hash.add(source.text.get(range).unwrap_or_default());
    }
    hash.value()
}
