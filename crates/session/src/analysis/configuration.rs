//! Which text is the configuration that Prometheus reads, and its location.

use std::sync::Arc;

use crate::operator::{Configuration, Generated};
use crate::workspace::embedded_documents::Document;
use crate::workspace::sources::{FileKind, Sources};
use kubernetes::Cluster;
use kubernetes::mounts::{self, MountedFile, PathInContainer};
use kubernetes::objects::{DataEntry, Resource};
use kubernetes::prometheus::{IMAGE_CONFIG_PATH, Instance};
use server::IMAGE_CONFIGURATION;
use text::FileId;
use yaml::Parsed;

/// A text that Prometheus reads, as a tree with places in the workspace.
#[derive(Clone, Debug)]
pub struct ConfigText {
    pub parsed: Arc<Parsed>,
}

/// The configuration in force: the one that the first server mounts or has in its image, else the one
/// of another server, else a bare file, else a key of a ConfigMap that has the usual name, else that
/// of the Prometheus object which is assumed.
pub fn find(
    sources: &Sources,
    documents: &[Arc<Document>],
    cluster: &Cluster,
    instances: &[Instance],
    generated: &Generated,
) -> Option<ConfigText> {
    let inside = |entry: &DataEntry| {
        let document = document_of(sources, documents, entry)?;
        Some(ConfigText { parsed: document.parsed.clone() })
    };
    let assumed = || generated.assumed().filter(|_| instances.is_empty()).map(ConfigText::of);
    of_image(instances)
        .or_else(|| mounted(instances, generated, &inside))
        .or_else(|| bare(sources))
        .or_else(|| unmounted(cluster, instances, &inside))
        .or_else(assumed)
}

impl ConfigText {
    /// A configuration that the Operator generates.
    fn of(generated: &Configuration) -> Self {
        Self { parsed: Arc::clone(&generated.parsed) }
    }
}

/// The configuration of the image, if the first server has it.
fn of_image(instances: &[Instance]) -> Option<ConfigText> {
    let first = instances.first()?;
    let has_own = matches!(first.config, PathInContainer::Image);
    (has_own && first.config_path == IMAGE_CONFIG_PATH)
        .then(|| ConfigText { parsed: Arc::new(yaml::parse(FileId::OUTSIDE, IMAGE_CONFIGURATION)) })
}

type Inside<'a> = &'a dyn Fn(&DataEntry) -> Option<ConfigText>;

fn mounted(
    instances: &[Instance],
    generated: &Generated,
    inside: Inside<'_>,
) -> Option<ConfigText> {
    instances.iter().find_map(|instance| match &instance.config {
        PathInContainer::File(found) => {
            let (namespace, secret) = (&found.source.namespace, &found.source.name);
            let made = generated.configuration_of(namespace, secret);
            made.map(ConfigText::of).or_else(|| inside(&found.entry))
        }
        _ => None,
    })
}

fn bare(sources: &Sources) -> Option<ConfigText> {
    let source = sources.of_kind(FileKind::Configuration).next()?;
    Some(ConfigText { parsed: source.parsed.clone() })
}

/// Only without a server: one that mounts something else does not read this.
fn unmounted(cluster: &Cluster, instances: &[Instance], inside: Inside<'_>) -> Option<ConfigText> {
    if !instances.is_empty() {
        return None;
    }
    let entries = cluster.config_maps.iter().flat_map(|map| &map.data);
    let mut named =
        entries.filter(|entry| matches!(&*entry.key, "prometheus.yml" | "prometheus.yaml"));
    named.find_map(inside)
}

/// The files that ConfigMaps and Secrets bring into an instance's container.
pub fn files_of(cluster: &Cluster, instance: &Instance) -> Vec<MountedFile> {
    let workloads = cluster.workloads.iter().map(|one| (one.reference(), &one.template.spec));
    let pods = cluster.pods.iter().map(|pod| (pod.reference(), &pod.spec));
    let found = workloads.chain(pods).find(|(owner, _)| *owner == instance.owner);
    let Some((_, spec)) = found else { return Vec::new() };
    let container = spec.containers.iter().find(|one| one.location == instance.location);
    container.map_or_else(Vec::new, |one| mounts::files(cluster, &instance.namespace, spec, one))
}

/// The document in a value of a ConfigMap. Keys that look like YAML files have been parsed already.
pub fn document_of(
    sources: &Sources,
    documents: &[Arc<Document>],
    entry: &DataEntry,
) -> Option<Arc<Document>> {
    let (file, span) = (entry.at?.file, entry.node.as_ref()?.span);
    let here = |document: &&Arc<Document>| {
        document.embedded && document.file == file && document.span == span
    };
    documents.iter().find(here).cloned().or_else(|| embedded(sources, entry, None))
}

/// The text inside a value of a ConfigMap. `before` is what may have been there before an edit.
pub fn embedded(
    sources: &Sources,
    entry: &DataEntry,
    before: Option<&Document>,
) -> Option<Arc<Document>> {
    let source = sources.get(entry.at?.file)?;
    Document::inside(source, entry.node.as_ref()?, before).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus::{Mode, NoFiles, load};

    #[test]
    fn the_configuration_of_the_image_scrapes_prometheus_itself() {
        let loaded =
            load(&yaml::parse(FileId::OUTSIDE, IMAGE_CONFIGURATION), &NoFiles, Mode::Server);
        assert_eq!(loaded.diagnostics, []);
        let jobs = &loaded.config.scrape_configs;
        assert_eq!(jobs.iter().map(|job| &*job.job_name.value).collect::<Vec<_>>(), ["prometheus"]);
    }
}
