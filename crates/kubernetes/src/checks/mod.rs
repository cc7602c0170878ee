//! Findings that need more than one object, or an object and the configuration: one file for each,
//! with its documentation, its fix and its example.
//!
//! Every example gives its finding, and its first fix removes it; a test holds both.

mod claim;
mod config_file;
mod config_source;
mod exposed;
mod flag;
mod left_out;
mod needs;
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

pub use needs::{Needs, RoleNeed, TargetAddress};

use super::cluster::Cluster;
use super::controllers::ClusterState;
use super::network::Network;
use super::objects::{ObjectMeta, ObjectOrigin, PodSpec, Resource, Workload};
use super::prometheus::Instance;
use text::{Applicability, Code, Diagnostic, Edit, FileId, Fix, Location, Span};

/// What the checks look at.
#[derive(Clone, Copy)]
pub struct CheckContext<'a> {
    pub state: &'a ClusterState,
    pub instances: &'a [Instance],
    /// What the configurations of the instances ask for.
    pub needs: &'a [Needs],
    pub network: Network<'a>,
    /// The text of a file, for fixes that insert lines.
    pub text: &'a dyn Fn(FileId) -> Option<&'a str>,
}

impl<'a> CheckContext<'a> {
    fn cluster(&self) -> &'a Cluster {
        &self.state.cluster
    }

    /// Workloads that stand in the manifests and are nobody's.
    fn workloads(&self) -> impl Iterator<Item = &'a Workload> {
        self.cluster()
            .workloads
            .iter()
            .map(|workload| &**workload)
            .filter(|workload| is_written(&workload.meta) && workload.meta.controller().is_none())
    }

    /// The pod specs of the manifests: templates, and bare pods.
    fn pod_specs(&self) -> impl Iterator<Item = (&'a ObjectMeta, &'a PodSpec)> {
        let templates = self.workloads().map(|workload| (&workload.meta, &workload.template.spec));
        let pods = self
            .cluster()
            .pods
            .iter()
            .filter(|pod| is_written(&pod.meta) && pod.meta.controller().is_none());
        templates.chain(pods.map(|pod| (&pod.meta, &pod.spec)))
    }

    /// The spec and the container that an instance runs in.
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

/// Where to point for an object: its name.
fn place(object: &impl Resource) -> Location {
    object.meta().name_place()
}

/// One check: what it is about, and how it is done.
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
    Check { codes: || left_out::CODES, run: left_out::check },
];

/// The documentation of all checks, check by check.
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

/// A fix that inserts whole lines behind the line on which `after` ends. The lines come without
/// indentation; the first is indented by `indent` and the others keep their own beyond that.
fn insert_lines(
    context: &CheckContext<'_>,
    title: String,
    after: Location,
    indent: usize,
    lines: &[&str],
) -> Option<Fix> {
    let text = (context.text)(after.file)?;
    let end = after.span.end as usize;
    // A block's span may reach beyond its last line's end; what counts is its last character.
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

/// A document behind all others of a file, for a fix. Nothing for a file in JSON.
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

/// The column at which a place begins, in characters.
fn column(context: &CheckContext<'_>, at: Location) -> Option<usize> {
    let text = (context.text)(at.file)?;
    let before = text.get(..at.span.start as usize)?;
    Some(before.rsplit('\n').next().unwrap_or(before).chars().count())
}

/// The nearest of some names, if one is near enough to be meant.
fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = 2.max(wanted.len() / 3);
    names
        .map(|name| (super::dns::distance(wanted, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}
