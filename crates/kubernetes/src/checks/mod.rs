//! Checks across objects, or across objects and the Prometheus configuration. Each file holds one
//! check with its documentation, fixes and example.
//!
//! A test verifies that each example gives its finding and that its first fix removes it.

mod claim;
mod config_file;
mod config_source;
mod dependencies;
mod exposed;
mod flag;
mod image;
mod left_out;
mod objects;
mod permissions;
mod probe;
mod retention;
mod selector;
mod service_account;
mod shared_claim;
mod storage_path;
mod sub_path;
mod target_port;
mod targets;
mod template_labels;
mod volume_mount;

pub use dependencies::{RoleDependency, ScrapeDependencies, TargetAddress};

use super::cluster::Cluster;
use super::controllers::ClusterState;
use super::network::Network;
use super::objects::{ObjectMeta, ObjectOrigin, PodSpec, Resource, Workload};
use super::prometheus::Instance;
use text::{Applicability, Code, Diagnostic, Edit, FileId, Fix, Location, Span};

/// The input of the checks.
#[derive(Clone, Copy)]
pub struct CheckContext<'a> {
    pub state: &'a ClusterState,
    pub instances: &'a [Instance],
    /// The dependencies of the configurations of the instances.
    pub dependencies: &'a [ScrapeDependencies],
    pub network: Network<'a>,
    /// Returns the text of a file, for fixes that insert lines.
    pub text: &'a dyn Fn(FileId) -> Option<&'a str>,
}

impl<'a> CheckContext<'a> {
    fn cluster(&self) -> &'a Cluster {
        &self.state.cluster
    }

    /// Workloads of the manifests without a controller.
    fn workloads(&self) -> impl Iterator<Item = &'a Workload> {
        self.cluster().workloads.iter().map(|workload| &**workload).filter(|workload| {
            is_written(&workload.meta) && !workload.meta.has_controlling_workload()
        })
    }

    /// Pod specs of the manifests: templates of workloads, and pods without a controller.
    fn pod_specs(&self) -> impl Iterator<Item = (&'a ObjectMeta, &'a PodSpec)> {
        let templates = self.workloads().map(|workload| (&workload.meta, &workload.template.spec));
        let pods = self
            .cluster()
            .pods
            .iter()
            .filter(|pod| is_written(&pod.meta) && pod.meta.controller().is_none());
        templates.chain(pods.map(|pod| (&pod.meta, &pod.spec)))
    }

    /// The pod spec and the container of an instance.
    fn spec_of(&self, instance: &Instance) -> Option<(&'a PodSpec, &'a super::objects::Container)> {
        let (_, spec) = self.pod_specs().find(|(meta, spec)| {
            meta.is_named(&instance.owner.namespace, &instance.owner.name)
                && spec.containers.iter().any(|one| one.location == instance.location)
        })?;
        let container = spec.containers.iter().find(|one| one.location == instance.location)?;
        Some((spec, container))
    }
}

fn is_written(meta: &ObjectMeta) -> bool {
    meta.origin == ObjectOrigin::Written
}

/// The location of the name of an object.
fn place(object: &impl Resource) -> Location {
    object.meta().name_place()
}

/// A check with its documentation.
struct Check {
    codes: fn() -> &'static [Code],
    run: fn(&CheckContext<'_>, &mut Vec<Diagnostic>),
}

static CHECKS: &[Check] = &[
    Check { codes: || objects::CODES, run: objects::check },
    Check { codes: || selector::CODES, run: selector::check },
    Check { codes: || template_labels::CODES, run: template_labels::check },
    Check { codes: || target_port::CODES, run: target_port::check },
    Check { codes: || targets::CODES, run: targets::check },
    Check { codes: || config_source::CODES, run: config_source::check },
    Check { codes: || volume_mount::CODES, run: volume_mount::check },
    Check { codes: || config_file::CODES, run: config_file::check },
    Check { codes: || storage_path::CODES, run: storage_path::check },
    Check { codes: || sub_path::CODES, run: sub_path::check },
    Check { codes: || shared_claim::CODES, run: shared_claim::check },
    Check { codes: || claim::CODES, run: claim::check },
    Check { codes: || retention::CODES, run: retention::check },
    Check { codes: || service_account::CODES, run: service_account::check },
    Check { codes: || permissions::CODES, run: permissions::check },
    Check { codes: || exposed::CODES, run: exposed::check },
    Check { codes: || probe::CODES, run: probe::check },
    Check { codes: || flag::CODES, run: flag::check },
    Check { codes: || image::CODES, run: image::check },
    Check { codes: || left_out::CODES, run: left_out::check },
];

/// The documentation of all checks.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    CHECKS.iter().flat_map(|check| (check.codes)())
}

/// Runs every check.
pub fn run(context: &CheckContext<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in CHECKS {
        (check.run)(context, &mut found);
    }
    found
}

/// Returns an edit that inserts lines after the line on which `after` ends. The first line is
/// indented by `indent`; the others keep their additional indentation.
fn insert_lines(
    context: &CheckContext<'_>,
    title: String,
    after: Location,
    indent: usize,
    lines: &[&str],
) -> Option<Fix> {
    let text = (context.text)(after.file)?;
    let end = after.span.end as usize;
    // A block's span may include the line break, so trailing blanks are ignored.
    let trimmed = text.get(..end)?.trim_end().len();
    let line_end = text.get(trimmed..)?.find('\n').map_or(text.len(), |at| trimmed + at);
    let pad = " ".repeat(indent);
    let inserted: String = lines.iter().map(|line| format!("\n{pad}{line}")).collect();
    Some(Fix {
        title,
        applicability: Applicability::Suggestion,
        edits: vec![Edit {
            location: Location::new(after.file, Span::at(line_end as u32)),
            text: inserted,
        }],
    })
}

/// Returns an edit that appends a document to a file. Returns None for JSON.
fn append_document(context: &CheckContext<'_>, file: FileId, lines: &[&str]) -> Option<Edit> {
    let text = (context.text)(file)?;
    if text.trim_start().starts_with('{') {
        return None;
    }
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let document = lines.join("\n");
    Some(Edit {
        location: Location::new(file, Span::at(text.len() as u32)),
        text: format!("{newline}---\n{document}\n"),
    })
}

/// Returns the column of a location, in characters.
fn column(context: &CheckContext<'_>, at: Location) -> Option<usize> {
    let text = (context.text)(at.file)?;
    let before = text.get(..at.span.start as usize)?;
    Some(before.rsplit('\n').next().unwrap_or(before).chars().count())
}

/// Returns the most similar name, if it is similar enough to be a typo.
fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = 2.max(wanted.len() / 3);
    names
        .map(|name| (super::dns::distance(wanted, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}
