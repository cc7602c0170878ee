//! Files as trees: each is read again only when its text has changed.

use std::sync::{Arc, OnceLock};

use super::compose::{self, Service};
use super::foreign::{self, Foreign, Template, is_version_1_rules, template};
use crate::workspace::charts::folders::{ChartFolders, ChartPart};
use crate::workspace::charts::origins::Origins;
use crate::workspace::charts::{self, Release};
use import::bundle::flags::ARGUMENTS_FILE;
use import::bundle::{ANSWERS_FILE, Answers};
use kubernetes::decode;
use prometheus::fields::root::ROOT;
use protocol::File;
use schema::similar::nearest;
use simulation::workload::{PasteNote, WorkloadFile, decode_file, library, paste};
use text::{Diagnostic, FileId, LineIndex, Location, Span};
use yaml::{self, Node, Parsed};

/// A file with what was read from it.
#[derive(Debug)]
pub struct Source {
    pub id: FileId,
    pub name: String,
    pub text: String,
    pub index: LineIndex,
    /// Empty for a file that is no YAML.
    pub parsed: Arc<Parsed>,
    pub kind: FileKind,
    /// Of a template, its first directive. The text is no YAML before it is rendered.
    pub template: Option<(Template, Span)>,
    /// The part of the file in a chart.
    pub part: Option<ChartPart>,
    /// Of a file that a template of a chart was rendered to.
    pub rendered: Option<Arc<Origins>>,
    /// Of a file that says what a program exposes.
    pub workload: Option<Written>,
    /// Of a Compose file.
    pub services: Vec<Service>,
    /// Of a file with the answers of a live server.
    pub answers: Option<Arc<Answers>>,
    /// The findings of the schema of Kubernetes, made when they are first asked for.
    schema_findings: OnceLock<Vec<Diagnostic>>,
}

/// A workload as a file says it, and a few words about what the lines of a pasted body will do.
#[derive(Debug)]
pub struct Written {
    pub file: WorkloadFile,
    pub notes: Vec<PasteNote>,
}

/// The kind of a file, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Manifest,
    /// A Prometheus configuration.
    Configuration,
    Rules,
    RuleTests,
    /// Target groups, as `file_sd_configs` reads them.
    TargetGroups,
    /// The metrics that a program exposes, and how their values change.
    Workload,
    /// A pasted `/metrics` body.
    Metrics,
    /// The answers of a live Prometheus.
    Answers,
    /// The command line of a Prometheus that runs in no pod.
    Arguments,
    /// A Compose file of Docker.
    Compose,
    /// Rendered documents of hooks that leave nothing in the cluster. They are explained only.
    Hooks,
    /// A template of a chart.
    Template,
    /// Another file of a chart.
    Chart,
    Other,
}

impl Source {
    /// `before` is what the file was, where it was there.
    fn read(file: &File, part: Option<ChartPart>, before: Option<&Source>) -> Self {
        let by_name = match part {
            Some(ChartPart::Template) => Some(FileKind::Template),
            Some(_) => Some(FileKind::Chart),
            None => kind_of_name(&file.name),
        };
        let is_yaml = match part {
            Some(part) => matches!(part, ChartPart::Metadata | ChartPart::Values),
            None => by_name.is_none(),
        };
        let parsed = match !is_yaml {
            true => Parsed { file: file.id, ..Parsed::default() },
            false => match before {
                Some(before) => yaml::parse_incremental(&before.parsed, &file.text),
                None => yaml::parse(file.id, &file.text),
            },
        };
        let kind = match by_name.unwrap_or_else(|| kind_of(&parsed)) {
            FileKind::Other if is_workload_name(&file.name) => FileKind::Workload,
            FileKind::Other if is_configuration_name(&file.name) => FileKind::Configuration,
            kind => kind,
        };
        let workload = match kind {
            FileKind::Metrics => {
                let (file, notes) = paste(&file.text, stem(&file.name), file.id);
                Some(Written { file, notes })
            }
            FileKind::Workload => {
                Some(Written { file: decode_file(&parsed, library()), notes: Vec::new() })
            }
            _ => None,
        };
        let template = match kind {
            _ if by_name.is_some() => None,
            _ => template(&parsed, &file.text),
        };
        Self {
            id: file.id,
            part,
            rendered: None,
            template,
            name: file.name.clone(),
            index: LineIndex::new(&file.text),
            text: file.text.clone(),
            services: match kind {
                FileKind::Compose => compose::services(&parsed),
                _ => Vec::new(),
            },
            parsed: Arc::new(parsed),
            kind,
            workload,
            answers: match kind {
                FileKind::Answers => Answers::parse(&file.text).map(Arc::new),
                _ => None,
            },
            schema_findings: OnceLock::new(),
        }
    }

    /// A file that a template was rendered to.
    pub fn rendered(file: &File, kind: FileKind, origins: Arc<Origins>) -> Self {
        let read = Self::read(file, None, None);
        Self { kind, template: None, rendered: Some(origins), ..read }
    }

    /// The namespace of objects that name none.
    pub fn namespace(&self) -> &str {
        let of_release =
            protocol::template_of(self.id).and_then(|_| charts::namespace_of(&self.name));
        of_release.unwrap_or(super::NAMESPACE)
    }

    /// The findings of our own check of a manifest against the schema.
    pub fn schema_findings(&self) -> &[Diagnostic] {
        self.schema_findings.get_or_init(|| kubernetes::fields::check(&self.parsed))
    }
}

impl Source {
    /// Returns true for a Grafana dashboard.
    pub fn is_dashboard(&self) -> bool {
        self.foreign() == Some(foreign::DASHBOARD)
    }

    /// The node of an object of a manifest, by its place: a document, or an item of a `List`.
    pub fn object_at(&self, location: Location) -> Option<&Node> {
        let roots = self.parsed.documents.iter().map(|document| &document.root);
        let with_items = roots.flat_map(|root| {
            let items = root.get("items").map(Node::items).unwrap_or_default();
            std::iter::once(root).chain(items)
        });
        with_items.into_iter().find(|node| node.written_span() == location.span)
    }

    /// Returns what the file is if another program reads it.
    pub fn foreign(&self) -> Option<Foreign> {
        if self.kind != FileKind::Other {
            return None;
        }
        let known = self.parsed.root().and_then(foreign::recognize);
        known.or_else(|| foreign::recognize_name(&self.name))
    }
}

/// Returns the kind of a file that is no YAML, by its name.
fn kind_of_name(name: &str) -> Option<FileKind> {
    let last = name.rsplit('/').next().unwrap_or(name);
    match last {
        ANSWERS_FILE => Some(FileKind::Answers),
        ARGUMENTS_FILE => Some(FileKind::Arguments),
        _ if last.ends_with(".prom") => Some(FileKind::Metrics),
        // Scripts for the terminal are no YAML.
        _ if last.ends_with(".sh") => Some(FileKind::Other),
        _ => None,
    }
}

/// The folder of workloads, where also an empty file is one.
pub const WORKLOADS: &str = "workloads/";

fn is_workload_name(name: &str) -> bool {
    name.starts_with(WORKLOADS) && (name.ends_with(".yaml") || name.ends_with(".yml"))
}

/// A file with the name that Prometheus looks for is a configuration, whatever it holds.
pub fn is_configuration_name(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    matches!(last, "prometheus.yml" | "prometheus.yaml")
}

/// A file's name without folder and ending.
fn stem(name: &str) -> &str {
    let last = name.rsplit('/').next().unwrap_or(name);
    last.rsplit_once('.').map_or(last, |(stem, _)| stem)
}

/// Told by content.
pub fn kind_of(parsed: &Parsed) -> FileKind {
    // Some tools have files with the fields of objects.
    let is_foreign = || parsed.root().is_some_and(|root| foreign::recognize(root).is_some());
    if decode::is_manifest(parsed) && (parsed.documents.len() > 1 || !is_foreign()) {
        return FileKind::Manifest;
    }
    if is_version_1_rules(&parsed.source.text) {
        return FileKind::Rules;
    }
    let Some(root) = parsed.root() else { return FileKind::Other };
    if compose::is_compose(root) {
        return FileKind::Compose;
    }
    if foreign::recognize(root).is_some() {
        return FileKind::Other;
    }
    let has = |keys: &[&str]| keys.iter().any(|key| root.get(key).is_some());
    if has(&["rule_files"]) && has(&["tests"]) {
        FileKind::RuleTests
    } else if has(&["scrape_configs", "global", "scrape_config_files", "alerting", "rule_files"]) {
        FileKind::Configuration
    } else if has(&["families", "matches", "streams"]) {
        FileKind::Workload
    } else if has(&["groups"]) {
        FileKind::Rules
    } else if root.items().iter().any(|item: &Node| item.get("targets").is_some()) {
        FileKind::TargetGroups
    } else if is_like_configuration(root) {
        FileKind::Configuration
    } else {
        FileKind::Other
    }
}

/// Returns true if all keys are fields of the configuration, or if one is a misspelled field that no
/// other kind of file has.
fn is_like_configuration(root: &Node) -> bool {
    const DISTINCTIVE: [&str; 5] =
        ["scrape_configs", "scrape_config_files", "rule_files", "remote_write", "remote_read"];
    let mut keys = root.entries().filter_map(|entry| entry.key.text()).peekable();
    let is_field = |key: &str| ROOT.fields.iter().any(|field| field.key == key);
    let is_misspelled = |key: &str| nearest(key, DISTINCTIVE.into_iter()).is_some();
    let all: Vec<&str> = keys.by_ref().collect();
    !all.is_empty()
        && (all.iter().all(|key| is_field(key)) || all.iter().any(|key| is_misspelled(key)))
}

/// A file of a set that is joined.
#[derive(Debug)]
pub enum Part {
    Read(Arc<Source>),
    Text(File),
}

/// All files, in the order of the workspace, followed by what templates of charts are rendered to.
/// Equal to another set when it is of the same readings.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<Source>>,
    /// The charts among the files.
    releases: Vec<Arc<Release>>,
}

impl PartialEq for Sources {
    fn eq(&self, other: &Self) -> bool {
        self.files.len() == other.files.len()
            && self.files.iter().zip(&other.files).all(|(a, b)| Arc::ptr_eq(a, b))
    }
}

impl Sources {
    /// Reads what is new or has changed, takes the rest over, and renders the charts of which a file
    /// has changed.
    pub fn update(&mut self, files: &[File]) {
        let folders = ChartFolders::of(files.iter().map(|file| &*file.name));
        let read = |file: &File| {
            let part = folders.part_of(&file.name);
            let same = |known: &&Arc<Source>| {
                known.id == file.id
                    && known.part == part
                    && known.name == file.name
                    && known.text == file.text
            };
            self.files.iter().find(same).cloned().unwrap_or_else(|| {
                let before = self.files.iter().find(|known| known.id == file.id);
                Arc::new(Source::read(file, part, before.map(|known| &**known)))
            })
        };
        self.files = files.iter().map(read).collect();
        self.releases = charts::render(self, &self.releases);
        let rendered = self.releases.iter().flat_map(|release| &release.files);
        self.files.extend(rendered.cloned());
    }

    /// These files, with the charts that they were rendered from.
    pub fn with_releases_of(self, text: &Sources) -> Self {
        Self { releases: text.releases.clone(), ..self }
    }

    /// The charts, rendered.
    pub fn releases(&self) -> &[Arc<Release>] {
        &self.releases
    }

    /// The folders of the charts.
    pub fn folders(&self) -> ChartFolders {
        ChartFolders::of(self.files.iter().map(|source| &*source.name))
    }

    /// The files of the workspace, without what templates are rendered to.
    pub fn written(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.files.iter().filter(|source| protocol::template_of(source.id).is_none())
    }

    /// Joins files that are read with others that are read now. A file with the name and the text of
    /// one in `known` is that one.
    pub fn joined(parts: Vec<Part>, known: &[&Sources]) -> Self {
        let join = |part: Part| {
            let (id, name, text) = match &part {
                Part::Read(source) => (source.id, &source.name, &source.text),
                Part::Text(file) => (file.id, &file.name, &file.text),
            };
            let same = |one: &&Arc<Source>| one.id == id && one.name == *name && one.text == *text;
            let found = known.iter().find_map(|sources| sources.files.iter().find(same));
            match (found, part) {
                (Some(source), _) => Arc::clone(source),
                (None, Part::Read(source)) => source,
                (None, Part::Text(file)) => Arc::new(Source::read(&file, None, None)),
            }
        };
        Self { files: parts.into_iter().map(join).collect(), releases: Vec::new() }
    }

    /// These files, followed by others.
    pub fn with(&self, others: &Sources) -> Self {
        let files = self.files.iter().chain(&others.files).cloned().collect();
        Self { files, releases: self.releases.clone() }
    }

    pub fn get(&self, id: FileId) -> Option<&Arc<Source>> {
        self.files.iter().find(|source| source.id == id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.files.iter()
    }

    /// Those of a kind.
    pub fn only(&self, kind: FileKind) -> Sources {
        self.filtered(|source| source.kind == kind)
    }

    /// Those for which a condition is true.
    pub fn filtered(&self, condition: impl Fn(&Source) -> bool) -> Sources {
        let files = self.files.iter().filter(|source| condition(source)).cloned().collect();
        Self { files, releases: Vec::new() }
    }

    pub fn of_kind(&self, kind: FileKind) -> impl Iterator<Item = &Arc<Source>> {
        self.files.iter().filter(move |source| source.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: u32, text: &str) -> File {
        File { id: FileId(id), name: format!("{id}.yaml"), text: text.into() }
    }

    #[test]
    fn only_what_changed_is_read_again() {
        let mut sources = Sources::default();
        sources.update(&[file(1, "a: 1"), file(2, "b: 2")]);
        let before = sources.clone();
        sources.update(&[file(1, "a: 1"), file(2, "b: 3")]);
        assert!(Arc::ptr_eq(&before.files[0], &sources.files[0]));
        assert!(!Arc::ptr_eq(&before.files[1], &sources.files[1]));
        assert_ne!(before, sources);
    }

    #[test]
    fn kinds_are_told_by_name_where_content_says_nothing() {
        for (name, text, kind) in [
            ("workloads/web.yaml", "", FileKind::Workload),
            ("workloads/web.yaml", "kind: Pod", FileKind::Manifest),
            ("web.prom", "a 1", FileKind::Metrics),
            ("web.prom", "", FileKind::Metrics),
            ("web.yaml", "", FileKind::Other),
            ("prometheus.yml", "a: 1", FileKind::Configuration),
            ("conf/prometheus.yaml", "", FileKind::Configuration),
            ("prometheus.yaml", "groups: []", FileKind::Rules),
            ("prometheus-answers.json", "{}", FileKind::Answers),
            ("prometheus.args", "--agent", FileKind::Arguments),
        ] {
            let file = File { name: name.into(), ..file(1, text) };
            let source = Source::read(&file, None, None);
            assert_eq!(source.kind, kind, "{name}");
            let written = matches!(kind, FileKind::Workload | FileKind::Metrics);
            assert_eq!(source.workload.is_some(), written, "{name}");
        }
    }

    #[test]
    fn kinds_are_told_by_content() {
        for (text, kind) in [
            ("kind: Service\nmetadata: {name: x}", FileKind::Manifest),
            ("scrape_configs: []", FileKind::Configuration),
            ("global: {scrape_interval: 15s}", FileKind::Configuration),
            ("scrape_config: []", FileKind::Configuration),
            ("scrapeConfigs: []", FileKind::Configuration),
            ("rules_files: []", FileKind::Configuration),
            ("remote_write: []", FileKind::Configuration),
            ("storage: {}\ntracing: {}", FileKind::Configuration),
            ("storage: {}\nimage: {}", FileKind::Other),
            ("a: 1\na: 1", FileKind::Other),
            ("groups:\n- name: a", FileKind::Rules),
            ("rule_files: [a.yml]\ntests: []", FileKind::RuleTests),
            ("- targets: ['a:1']", FileKind::TargetGroups),
            ("services: {web: {image: nginx}}", FileKind::Compose),
            ("matches: [{ port: 80 }]\nincludes: [python]", FileKind::Workload),
            ("families: []", FileKind::Workload),
            ("hello", FileKind::Other),
            ("", FileKind::Other),
        ] {
            assert_eq!(kind_of(&yaml::parse(FileId(1), text)), kind, "{text}");
        }
    }
}
