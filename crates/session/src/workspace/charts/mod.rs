//! The charts of a workspace: each is rendered as the release that `helm install` makes of it.
//!
//! What a template renders is a file of its own among the sources, which the analysis reads beside
//! the manifests of the workspace. A place in such a file leads to the template and to the values
//! that the text came from: [`origins::locate`] is the one function for this, and it is called where
//! places leave the session.
//!
//! | module | content |
//! | --- | --- |
//! | here | releases: the rendering of a chart |
//! | [`folders`] | the files that belong to a chart |
//! | [`changes`] | what a change of the text changes in the manifests |
//! | [`command`] | the name and the values of a release |
//! | [`origins`] | from a rendered file to templates and values, and back |
//! | [`references`] | what templates refer to |
//! | [`errors`] | the errors of Helm as diagnostics |
//! | [`findings`] | values that are not read or not there, and defaults that never apply |
//! | [`relocate`] | findings about rendered text, at the places of the templates |

pub mod changes;
pub mod command;
pub mod errors;
pub mod findings;
pub mod folders;
pub mod origins;
pub mod references;
pub mod relocate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use go::template::Limits;
use go::template::outline::outline;
use helm::capabilities::Capabilities;
use helm::chart::{Chart, ChartFile, load_folder};
use helm::coalesce::{Nulls, coalesce_values};
use helm::engine::{ReleaseOptions, Rendered};
use helm::functions::Signatures;
use helm::log::Log;
use helm::manifests::{Event, Hook, INSTALL, split};
use helm::release::{Failure, Options, Resources, process_dependencies, resources};
use helm::values::to_json;
use protocol::{File, rendered_id};
use text::{Diagnostic, FileId};

use crate::workspace::sources::{FileKind, Source, Sources};
use command::InstallCommand;
use origins::Origins;
use references::{References, TemplateFile, ValuesFile};

/// Nodes of templates that a rendering walks, and functions that it calls.
const MOST_STEPS: u64 = 1_000_000;
/// Bytes that a rendering writes, and that its functions return.
const MOST_BYTES: u64 = 32 << 20;

/// A chart of the workspace, rendered.
#[derive(Debug)]
pub struct Release {
    /// The folder of the chart, with a slash at the end. Empty for the folder of the workspace.
    pub folder: String,
    pub command: InstallCommand,
    /// The name of the release.
    pub name: String,
    /// Name and version of the chart; None if it does not load.
    pub chart: Option<(String, String)>,
    /// What the templates have rendered.
    pub texts: Vec<RenderedText>,
    /// The manifests that an installation creates, as sources of the analysis. There are none if the
    /// chart does not render; what is stored then stays, as a failed `helm upgrade` leaves it.
    pub files: Vec<Arc<Source>>,
    /// The hooks that leave no object: the path of the template, and the object in words.
    pub hooks: Vec<(String, String)>,
    /// The content of NOTES.txt.
    pub notes: String,
    /// The message of Helm if the chart does not render.
    pub failure: Option<String>,
    pub diagnostics: Vec<Diagnostic>,
    /// The values that the templates see.
    pub values: serde_json::Value,
    pub references: Arc<References>,
    /// The values that decide about dependencies.
    conditions: Vec<String>,
    /// True if values of a dependency are taken over from it or for it.
    imports: bool,
    /// The files that were read.
    inputs: Vec<Arc<Source>>,
}

/// The text that a template renders.
#[derive(Debug)]
pub struct RenderedText {
    /// The path in the chart: `web/templates/service.yaml`.
    pub path: String,
    pub text: String,
    pub origins: Arc<Origins>,
}

/// Renders the charts among the files of a workspace. A chart whose files have not changed is taken
/// over from `before`.
pub fn render(files: &Sources, before: &[Arc<Release>]) -> Vec<Arc<Release>> {
    let folders = files.folders();
    let mut releases = Vec::new();
    for folder in folders.iter() {
        let of_chart =
            files.iter().filter(|source| folders.folder_of(&source.name) == Some(folder));
        let mut inputs: Vec<Arc<Source>> = of_chart.cloned().collect();
        let metadata =
            inputs.iter().find(|one| one.name.strip_prefix(folder) == Some("Chart.yaml"));
        let command = metadata.map(|one| InstallCommand::of(&one.text)).unwrap_or_default();
        // Files of values may stand beside the chart.
        let named = command.values.files.iter().filter_map(|path| named(files, folder, path));
        let others: Vec<Arc<Source>> =
            named.filter(|one| !inputs.iter().any(|known| known.id == one.id)).cloned().collect();
        inputs.extend(others);
        let known = before.iter().find(|known| known.folder == folder);
        let is_same = |known: &&Arc<Release>| {
            known.inputs.len() == inputs.len()
                && known.inputs.iter().zip(&inputs).all(|(a, b)| Arc::ptr_eq(a, b))
        };
        releases.push(match known.filter(is_same) {
            Some(known) => Arc::clone(known),
            None => Arc::new(Rendering { folder, command, inputs, files }.run()),
        });
    }
    releases
}

/// The file that a flag names: from the folder of the workspace, or from that of the chart.
fn named<'a>(files: &'a Sources, folder: &str, path: &str) -> Option<&'a Arc<Source>> {
    let beside = go::path::join(&[folder, path]);
    let path = go::path::clean(path);
    let find = |name: &str| files.iter().find(|source| source.name == name);
    find(&beside).or_else(|| find(&path))
}

impl Release {
    /// Returns true if the manifests are stored as the chart renders them.
    pub fn is_stored(&self, stored: &Sources) -> bool {
        let is_same = |file: &Arc<Source>| {
            stored.get(file.id).is_some_and(|one| one.text == file.text && one.name == file.name)
        };
        self.failure.is_none()
            && !self.is_absent()
            && !self.files.is_empty()
            && self.files.iter().all(is_same)
    }

    /// The arguments of `helm upgrade --install` for the release.
    pub fn upgrade_command(&self) -> String {
        let install = self.command.text(&self.name, &self.folder);
        install.replacen("helm install", "helm upgrade --install", 1)
    }

    /// Names and texts of the files that were read.
    pub fn texts_of_files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inputs.iter().map(|source| (&*source.name, &*source.text))
    }

    /// Returns true for a chart that is not to be installed.
    pub fn is_absent(&self) -> bool {
        self.command.is_absent
    }

    fn has_imports(&self) -> bool {
        self.imports
    }

    /// The part of the chart's name in a path: `templates/service.yaml`.
    pub fn short<'a>(&self, path: &'a str) -> &'a str {
        path.split_once('/').map_or(path, |(_, rest)| rest)
    }
}

/// One rendering of a chart.
struct Rendering<'a> {
    folder: &'a str,
    command: InstallCommand,
    inputs: Vec<Arc<Source>>,
    files: &'a Sources,
}

/// The parts of a chart by their paths.
struct Paths {
    /// Template files, with the keys of the chart's values.
    templates: BTreeMap<String, (Arc<Source>, Vec<Arc<str>>)>,
    values: Vec<ValuesFile>,
}

impl Rendering<'_> {
    fn run(self) -> Release {
        let mut release = Release {
            folder: self.folder.to_owned(),
            command: self.command.clone(),
            name: String::new(),
            chart: None,
            texts: Vec::new(),
            files: Vec::new(),
            hooks: Vec::new(),
            notes: String::new(),
            failure: None,
            diagnostics: Vec::new(),
            values: serde_json::Value::Null,
            references: Arc::default(),
            conditions: Vec::new(),
            imports: false,
            inputs: self.inputs.clone(),
        };
        if let Err(failure) = self.render(&mut release) {
            let found = errors::diagnostic(&release, self.folder, &failure);
            release.diagnostics.push(found);
            release.failure = Some(failure);
        } else {
            let found = findings::find(&release);
            release.diagnostics.extend(found);
        }
        release
    }

    fn render(&self, release: &mut Release) -> Result<(), String> {
        let mut log = Log::default();
        let mut by_data: Vec<(ChartFile, Arc<Source>)> = Vec::new();
        for source in &self.inputs {
            if let Some(name) = source.name.strip_prefix(self.folder) {
                by_data.push((ChartFile::new(name, source.text.as_bytes()), Arc::clone(source)));
            }
        }
        let files: Vec<ChartFile> = by_data.iter().map(|(file, _)| file.clone()).collect();
        let location = match self.folder.trim_end_matches('/') {
            "" => ".",
            folder => folder,
        };
        let mut chart = load_folder(&files, location, &mut log)?;
        let metadata = &chart.metadata;
        release.chart = Some((metadata.name.clone(), metadata.version.clone()));
        release.name = match &*self.command.name {
            "" => release_name(chart.name()),
            name => name.to_owned(),
        };
        if let Some(unknown) = &self.command.unknown {
            return Err(format!("unknown flag: {unknown}"));
        }
        if chart.metadata.is_library() {
            return Ok(());
        }
        let missing = chart.missing_dependencies();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            return Err(format!(
                "an error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {missing}"
            ));
        }
        for need in chart.metadata.needs() {
            let conditions = need.condition.split(',').map(|one| one.trim().to_owned());
            release.conditions.extend(conditions.filter(|one| !one.is_empty()));
            release.imports |= !need.import_values.is_empty();
        }
        let user = self.command.values.merge(&|path| {
            let source = named(self.files, self.folder, path);
            source
                .map(|source| source.text.clone())
                .ok_or_else(|| format!("open {path}: no such file or directory"))
        })?;
        process_dependencies(&mut chart, &user, &mut log)?;
        let paths = self.paths(&chart, &by_data);
        release.references = Arc::new(references(paths));
        if let Ok(values) = coalesce_values(&chart, &user, Nulls::Remove, &mut Log::default()) {
            let values = to_json(&go::template::Value::map(values));
            release.values = with_integers(values.unwrap_or_default());
        }
        let options = ReleaseOptions {
            name: release.name.clone(),
            namespace: self.command.namespace.clone(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
        };
        let capabilities = Capabilities::default();
        let limits = Limits { steps: MOST_STEPS, bytes: MOST_BYTES, ..Limits::default() };
        let wanted = Options { traced: true, limits, ..Options::default() };
        match resources(&chart, &user, &options, &capabilities, wanted, &mut log) {
            Ok(resources) => {
                self.take(release, &resources);
                if !self.command.is_absent {
                    release.files = self.sources(release, &resources);
                }
                Ok(())
            }
            Err(Failure::Templates { message, partial }) => {
                self.take(release, &partial);
                Err(message)
            }
            Err(failure) => Err(failure.message().to_owned()),
        }
    }

    /// The files of a chart by their paths in it. The content of a file is shared with the chart that
    /// it was loaded into, also if it is there under several names.
    fn paths(&self, chart: &Chart, files: &[(ChartFile, Arc<Source>)]) -> Paths {
        let mut paths = Paths { templates: BTreeMap::new(), values: Vec::new() };
        for path in self.command.values.files.iter().rev() {
            if let Some(source) = named(self.files, self.folder, path) {
                paths.values.push(ValuesFile { source: Arc::clone(source), chart: Vec::new() });
            }
        }
        let source_of = |file: &ChartFile| {
            files.iter().find(|(known, _)| Arc::ptr_eq(&known.data, &file.data)).map(|(_, one)| one)
        };
        collect(chart, chart.name(), &[], &source_of, &mut paths.templates);
        let mut values: Vec<(usize, ValuesFile)> = Vec::new();
        for source in &self.inputs {
            let Some(rest) = source.name.strip_prefix(self.folder) else { continue };
            let Some(folder) = rest.strip_suffix("values.yaml") else { continue };
            if !folder.is_empty() && !folder.ends_with('/') {
                continue;
            }
            for chart in charts_in(&paths.templates, self.folder, folder) {
                values.push((chart.len(), ValuesFile { source: Arc::clone(source), chart }));
            }
        }
        values.sort_by_key(|(depth, _)| *depth);
        paths.values.extend(values.into_iter().map(|(_, file)| file));
        paths
    }

    /// Takes the rendered texts.
    fn take(&self, release: &mut Release, resources: &Resources) {
        let references = Arc::clone(&release.references);
        let file_of = |path: &str| references.templates.get(path).map(|file| &file.source);
        for (path, Rendered { text, pieces }) in &resources.rendered {
            let Some(template) = file_of(path) else { continue };
            let origins = Origins::new(template, pieces, &file_of, &references);
            release.texts.push(RenderedText {
                path: path.clone(),
                text: text.clone(),
                origins: Arc::new(origins),
            });
        }
        for hook in resources.hooks.iter().filter(|hook| !stays(hook)) {
            let events: Vec<&str> = hook.events.iter().map(|event| event.name()).collect();
            let object = format!("{} {} (hook {})", hook.kind, hook.name, events.join(", "));
            release.hooks.push((hook.path.clone(), object));
        }
        release.notes.clone_from(&resources.notes);
    }

    /// The rendered files as sources, in the order in which Helm installs them.
    fn sources(&self, release: &Release, resources: &Resources) -> Vec<Arc<Source>> {
        let mut used: BTreeSet<FileId> = BTreeSet::new();
        let mut sources = Vec::new();
        for rendered in &release.texts {
            if rendered.path.ends_with("NOTES.txt") {
                continue;
            }
            let hooks: Vec<&Hook> = resources
                .hooks
                .iter()
                .filter(|hook| hook.path == rendered.path && !stays(hook))
                .collect();
            let (installed, others) = without_hooks(&rendered.text, &hooks);
            let template = rendered.origins.template.id;
            let kinds = resources.manifests.iter().filter(|one| one.path == rendered.path);
            let rank = |kind: &str| INSTALL.iter().position(|one| *one == kind);
            let first = kinds.filter_map(|one| rank(&one.head.kind)).min().unwrap_or(usize::MAX);
            for (kind, text) in [(FileKind::Manifest, installed), (FileKind::Hooks, others)] {
                if split(&text).is_empty() {
                    continue;
                }
                let ids = (0..).map_while(|number| rendered_id(template, number));
                let Some(id) = ids.into_iter().find(|id| used.insert(*id)) else { continue };
                let name = rendered_name(&self.command.namespace, &release.name, &rendered.path);
                let file = File { id, name, text };
                let source = Source::rendered(&file, kind, Arc::clone(&rendered.origins));
                sources.push((first, Arc::new(source)));
            }
        }
        sources.sort_by_key(|(rank, _)| *rank);
        sources.into_iter().map(|(_, source)| source).collect()
    }
}

/// The template files of a chart and of the charts in it.
fn collect<'a>(
    chart: &Chart,
    path: &str,
    keys: &[Arc<str>],
    source_of: &dyn Fn(&ChartFile) -> Option<&'a Arc<Source>>,
    templates: &mut BTreeMap<String, (Arc<Source>, Vec<Arc<str>>)>,
) {
    for file in &chart.templates {
        if let Some(source) = source_of(file) {
            let path = go::path::join(&[path, &file.name]);
            templates.insert(path, (Arc::clone(source), keys.to_vec()));
        }
    }
    for inner in &chart.dependencies {
        let keys: Vec<Arc<str>> = keys.iter().cloned().chain([inner.name().into()]).collect();
        collect(inner, &format!("{path}/charts/{}", inner.name()), &keys, source_of, templates);
    }
}

/// The charts whose files are in a folder of a chart: under each name that it has.
fn charts_in(
    templates: &BTreeMap<String, (Arc<Source>, Vec<Arc<str>>)>,
    chart: &str,
    folder: &str,
) -> Vec<Vec<Arc<str>>> {
    if folder.is_empty() {
        return vec![Vec::new()];
    }
    let start = format!("{chart}{folder}templates/");
    let keys: BTreeSet<&Vec<Arc<str>>> = templates
        .values()
        .filter(|(source, _)| source.name.starts_with(&start))
        .map(|(_, keys)| keys)
        .collect();
    keys.into_iter().cloned().collect()
}

fn references(paths: Paths) -> References {
    let mut references = References { values: paths.values, ..References::default() };
    for (path, (source, chart)) in paths.templates {
        let outline = outline(&path, &source.text, &Signatures).ok();
        references.templates.insert(path.into(), TemplateFile { source, chart, outline });
    }
    references
}

/// Values with integers where Helm has numbers without a fraction, as it prints them.
fn with_integers(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Json::Number(number) => {
            let whole = number.as_f64().filter(|one| one.fract() == 0.0 && one.abs() < 1e15);
            whole.map_or(Json::Number(number), |whole| Json::from(whole as i64))
        }
        Json::Array(items) => Json::Array(items.into_iter().map(with_integers).collect()),
        Json::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, with_integers(value)));
            Json::Object(entries.collect())
        }
        other => other,
    }
}

/// The folder of the names of rendered files.
const RENDERED: &str = "rendered/";

/// The name of a rendered file. It holds the namespace of the release, so that a stored one keeps it.
fn rendered_name(namespace: &str, release: &str, path: &str) -> String {
    format!("{RENDERED}{namespace}/{release}/{path}")
}

/// The namespace of the release in the name of a rendered file.
pub fn namespace_of(name: &str) -> Option<&str> {
    name.strip_prefix(RENDERED)?.split('/').next()
}

/// Returns true for stored manifests of a release whose chart does not render now: they stay.
pub fn is_kept(written: &Sources, stored: &Source) -> bool {
    let Some(template) = protocol::template_of(stored.id) else { return false };
    if written.get(stored.id).is_some() {
        return false;
    }
    let folders = written.folders();
    let source = written.get(template);
    let folder = source.and_then(|source| folders.folder_of(&source.name));
    let mut failed = written.releases().iter().filter(|release| release.failure.is_some());
    match (source, folder) {
        (Some(_), Some(folder)) => failed.any(|release| release.folder == folder),
        (Some(_), None) => false,
        // The template is gone, and nothing tells which chart had it.
        (None, _) => failed.next().is_some(),
    }
}

/// The Chart.yaml of the chart of a rendered file.
pub fn metadata_of(sources: &Sources, file: FileId) -> Option<FileId> {
    let template = sources.get(protocol::template_of(file)?)?;
    let folders = sources.folders();
    let path = format!("{}{}", folders.folder_of(&template.name)?, folders::METADATA);
    sources.iter().find(|source| source.name == path).map(|source| source.id)
}

/// The name of a release that is called as its chart.
fn release_name(chart: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = chart.chars().map(letter).take(53).collect();
    match name.trim_matches('-') {
        "" => "release".to_owned(),
        name => name.to_owned(),
    }
}

/// Returns true if the object of a hook is there after an installation.
fn stays(hook: &Hook) -> bool {
    let is_run =
        hook.events.iter().any(|one| matches!(one, Event::PreInstall | Event::PostInstall));
    is_run && !hook.delete_policies.iter().any(|policy| policy == "hook-succeeded")
}

/// A rendered text with blanks in the place of hooks, and one with blanks in the place of everything
/// else, so that documents keep their places.
fn without_hooks(text: &str, hooks: &[&Hook]) -> (String, String) {
    let blank = |text: &str| -> String {
        text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
    };
    let mut installed = text.to_owned();
    let mut others = blank(text);
    for hook in hooks {
        let manifest = hook.manifest.trim_end();
        let Some(at) = installed.find(manifest).filter(|_| !manifest.is_empty()) else { continue };
        let range = at..at + manifest.len();
        // The separator tells documents apart.
        if let Some(before) =
            at.checked_sub(4).filter(|before| text.get(*before..at) == Some("---\n"))
        {
            others.replace_range(before..at, "---\n");
        }
        others.replace_range(range.clone(), manifest);
        installed.replace_range(range, &blank(manifest));
    }
    (installed, others)
}
