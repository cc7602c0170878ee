//! A chart with values becomes what is installed: manifests, hooks and notes.
//!
//! Source: helm pkg/action install.go `RunWithContext`, action.go `renderResources`.

use std::collections::BTreeMap;

use go::template::{Entries, Limits};

use crate::capabilities::Capabilities;
use crate::chart::Chart;
use crate::coalesce::{Nulls, coalesce_values};
use crate::dependencies;
use crate::engine::{ReleaseOptions, RenderOptions, Rendered, render, render_values};
use crate::functions::Lookup;
use crate::log::Log;
use crate::manifests::{self, Hook, Manifest, Sorted};
use crate::schema;
use crate::semver::is_compatible;

const NOTES: &str = "NOTES.txt";

/// Options of rendering a release.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    pub skip_schema: bool,
    /// The notes of the charts in the chart too.
    pub all_notes: bool,
    /// The custom resource definitions come first.
    pub include_crds: bool,
    /// The content of Secrets is not shown.
    pub hide_secrets: bool,
    pub lookup: Option<Lookup<'a>>,
    /// Notes where each part of the texts comes from.
    pub traced: bool,
    /// The limits of the whole chart.
    pub limits: Limits,
}

/// The result of rendering a chart.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// All manifests in one text, each under the path of its template.
    pub manifest: String,
    pub manifests: Vec<Manifest>,
    pub hooks: Vec<Hook>,
    pub notes: String,
    /// The rendered texts by the paths of their templates.
    pub rendered: BTreeMap<String, Rendered>,
}

/// The reason why a chart does not become manifests.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Dependencies or values are wrong; no release is made.
    Values(String),
    /// The templates are wrong. The texts are there if they were rendered.
    Templates { message: String, partial: Box<Resources> },
}

impl Failure {
    /// The text that Helm prints after `Error: `.
    pub fn message(&self) -> &str {
        match self {
            Self::Values(message) | Self::Templates { message, .. } => message,
        }
    }
}

/// Renders a chart. Its dependencies have been processed.
pub fn resources(
    chart: &Chart,
    values: &Entries,
    release: &ReleaseOptions,
    capabilities: &Capabilities,
    options: Options<'_>,
    log: &mut Log,
) -> Result<Resources, Failure> {
    let values = coalesce_values(chart, values, Nulls::Remove, log).map_err(Failure::Values)?;
    if !options.skip_schema {
        schema::validate(chart, &values, log).map_err(|error| {
            Failure::Values(format!(
                "values don't meet the specifications of the schema(s) in the following chart(s):\n{error}"
            ))
        })?;
    }
    let top = render_values(release, capabilities, values);
    let mut resources = Resources::default();
    let failed = render_resources(chart, &top, capabilities, options, &mut resources, log);
    match failed {
        Ok(()) => Ok(resources),
        Err(message) => Err(Failure::Templates { message, partial: Box::new(resources) }),
    }
}

/// Processes the dependencies of a chart. The error is what Helm prints.
pub fn process_dependencies(
    chart: &mut Chart,
    values: &Entries,
    log: &mut Log,
) -> Result<(), String> {
    dependencies::process(chart, values, log)
}

fn render_resources(
    chart: &Chart,
    top: &Entries,
    capabilities: &Capabilities,
    options: Options<'_>,
    resources: &mut Resources,
    log: &mut Log,
) -> Result<(), String> {
    let wanted = &chart.metadata.kube_version;
    let version = &capabilities.kube_version;
    if !wanted.is_empty() && !is_compatible(wanted, &version.normalized) {
        let version = &version.version;
        return Err(format!(
            "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {version}"
        ));
    }
    let rendering = RenderOptions {
        lookup: options.lookup,
        traced: options.traced,
        limits: options.limits,
        ..RenderOptions::default()
    };
    resources.rendered = render(chart, top, rendering, log)?;
    let own_notes = go::path::join(&[chart.name(), "templates", NOTES]);
    let mut files = BTreeMap::new();
    for (path, rendered) in &resources.rendered {
        if !path.ends_with(NOTES) {
            files.insert(path.clone(), rendered.text.clone());
        } else if options.all_notes || *path == own_notes {
            if !resources.notes.is_empty() {
                resources.notes.push('\n');
            }
            resources.notes.push_str(&rendered.text);
        }
    }
    let sorted = manifests::sort(&files, log).inspect_err(|_| {
        // What does not parse is shown as it is with `--debug`.
        let filled = files.iter().filter(|(_, text)| !text.trim().is_empty());
        resources.manifest = filled.map(|(path, text)| document(path, text)).collect();
    })?;
    assemble(chart, sorted, options, resources);
    Ok(())
}

fn assemble(chart: &Chart, sorted: Sorted, options: Options<'_>, resources: &mut Resources) {
    if options.include_crds {
        for crd in chart.crds(chart.name()) {
            let text = String::from_utf8_lossy(&crd.data);
            resources.manifest.push_str(&document(&crd.path, &text));
        }
    }
    for manifest in &sorted.manifests {
        let head = &manifest.head;
        let hidden = options.hide_secrets && head.kind == "Secret" && head.api_version == "v1";
        resources.manifest.push_str(&if hidden {
            let path = &manifest.path;
            format!("---\n# Source: {path}\n# HIDDEN: The Secret output has been suppressed\n")
        } else {
            document(&manifest.path, &manifest.content)
        });
    }
    resources.manifests = sorted.manifests;
    resources.hooks = sorted.hooks;
}

/// A document under the path of its template.
pub fn document(path: &str, text: &str) -> String {
    format!("---\n# Source: {path}\n{text}\n")
}
