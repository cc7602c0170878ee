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
//! | [`relocate`] | findings about rendered text, at the places of the templates |

pub mod changes;
pub mod command;
pub mod errors;
pub mod folders;
pub mod origins;
pub mod references;
pub mod relocate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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
use text::Diagnostic;

use crate::workspace::sources::{Source, Sources};
use command::InstallCommand;
use origins::Origins;
use references::{References, TemplateFile, ValuesFile};

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
    /// The manifests that an installation creates, as sources of the analysis. If the chart does not
    /// render they are those of the last rendering, as a failed `helm upgrade` leaves them.
    pub files: Vec<Arc<Source>>,
    /// The content of NOTES.txt.
    pub notes: String,
    /// The message of Helm if the chart does not render.
    pub failure: Option<String>,
    pub diagnostics: Vec<Diagnostic>,
    /// The values that the templates see.
    pub values: serde_json::Value,
    pub references: Arc<References>,
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
            None => {
                let release = Rendering { folder, command, inputs, files }.run();
                Arc::new(release.after(known.map(|known| &**known)))
            }
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
    /// Returns true for a chart that is not to be installed.
    pub fn is_absent(&self) -> bool {
        self.command.is_absent
    }

    /// Keeps the manifests of the last rendering if this one failed, and readings that are equal.
    fn after(mut self, before: Option<&Release>) -> Self {
        let Some(before) = before else { return self };
        if self.failure.is_some() && !self.command.is_absent {
            self.files.clone_from(&before.files);
        }
        self
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
            notes: String::new(),
            failure: None,
            diagnostics: Vec::new(),
            values: serde_json::Value::Null,
            references: Arc::default(),
            inputs: self.inputs.clone(),
        };
        if let Err(failure) = self.render(&mut release) {
            let found = errors::diagnostic(&release, self.folder, &failure);
            release.diagnostics.push(found);
            release.failure = Some(failure);
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
            release.values = values.unwrap_or_default();
        }
        let options = ReleaseOptions {
            name: release.name.clone(),
            namespace: self.command.namespace.clone(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
        };
        let capabilities = Capabilities::default();
        let wanted = Options { traced: true, ..Options::default() };
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
        let namespace: Arc<str> = self.command.namespace.as_str().into();
        let references = Arc::clone(&release.references);
        let file_of = |path: &str| references.templates.get(path).map(|file| &file.source);
        for (path, Rendered { text, pieces }) in &resources.rendered {
            let Some(template) = file_of(path) else { continue };
            let origins = Origins::new(template, &namespace, pieces, &file_of, &references);
            release.texts.push(RenderedText {
                path: path.clone(),
                text: text.clone(),
                origins: Arc::new(origins),
            });
        }
        release.notes.clone_from(&resources.notes);
    }

    /// The rendered files as sources, in the order in which Helm installs them.
    fn sources(&self, release: &Release, resources: &Resources) -> Vec<Arc<Source>> {
        let mut used: BTreeSet<text::FileId> = BTreeSet::new();
        let mut sources = Vec::new();
        for rendered in &release.texts {
            if rendered.path.ends_with("NOTES.txt") {
                continue;
            }
            let hooks = resources.hooks.iter().filter(|hook| hook.path == rendered.path);
            let text = without_hooks(&rendered.text, hooks);
            if split(&text).is_empty() {
                continue;
            }
            let template = rendered.origins.template.id;
            let Some(id) =
                (0..).map_while(|number| rendered_id(template, number)).find(|id| used.insert(*id))
            else {
                continue;
            };
            let name = format!("rendered {}", rendered.path);
            let file = File { id, name, text };
            let kinds = resources.manifests.iter().filter(|one| one.path == rendered.path);
            let rank = |kind: &str| INSTALL.iter().position(|one| *one == kind);
            let first = kinds.filter_map(|one| rank(&one.head.kind)).min().unwrap_or(usize::MAX);
            let source = Source::rendered(&file, Arc::clone(&rendered.origins));
            sources.push((first, Arc::new(source)));
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

/// A rendered text with blanks in the place of hooks that leave nothing in the cluster, so that the
/// other documents keep their places.
fn without_hooks<'a>(text: &str, hooks: impl Iterator<Item = &'a Hook>) -> String {
    let mut text = text.to_owned();
    for hook in hooks.filter(|hook| !stays(hook)) {
        let manifest = hook.manifest.trim_end();
        let Some(at) = text.find(manifest).filter(|_| !manifest.is_empty()) else { continue };
        let blank: String =
            manifest.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
        text.replace_range(at..at + manifest.len(), &blank);
    }
    text
}
