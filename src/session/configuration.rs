//! Which text is the configuration that Prometheus reads, and where it stands.

use std::sync::Arc;

use super::regions::Region;
use super::sources::{FileKind, Source, Sources};
use crate::kubernetes::Cluster;
use crate::kubernetes::mounts::PathInContainer;
use crate::kubernetes::objects::DataEntry;
use crate::kubernetes::prometheus::Instance;
use crate::text::FileId;
use crate::yaml::Parsed;

/// A text that Prometheus reads, as a tree with places in the workspace.
#[derive(Clone, Debug)]
pub struct ConfigText {
    pub parsed: Arc<Parsed>,
    pub origin: Origin,
}

/// How the text comes to Prometheus.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// A file of the workspace, read as it is.
    Bare(FileId),
    /// A key of a ConfigMap that is mounted into the server's container.
    Mounted { file: FileId, path: String, by_sub_path: bool },
    /// A key of a ConfigMap that looks like a configuration, with no server that mounts it.
    Unmounted { file: FileId },
}

impl Origin {
    pub fn file(&self) -> FileId {
        match self {
            Self::Bare(file) | Self::Mounted { file, .. } | Self::Unmounted { file } => *file,
        }
    }
}

/// The configuration in force: the one that the first server mounts, else a bare file, else a key
/// of a ConfigMap that has the usual name.
pub fn find(sources: &Sources, cluster: &Cluster, instances: &[Instance]) -> Option<ConfigText> {
    mounted(sources, instances)
        .or_else(|| bare(sources))
        .or_else(|| unmounted(sources, cluster, instances))
}

fn mounted(sources: &Sources, instances: &[Instance]) -> Option<ConfigText> {
    instances.iter().find_map(|instance| {
        let PathInContainer::File(found) = &instance.config else { return None };
        let (source, parsed) = embedded(sources, &found.entry)?;
        let origin = Origin::Mounted {
            file: source.id,
            path: found.path.clone(),
            by_sub_path: found.by_sub_path,
        };
        Some(ConfigText { parsed: parsed.parsed, origin })
    })
}

fn bare(sources: &Sources) -> Option<ConfigText> {
    let source = sources.of_kind(FileKind::Configuration).next()?;
    Some(ConfigText { parsed: source.parsed.clone(), origin: Origin::Bare(source.id) })
}

/// Only without a server: one that mounts something else does not read this.
fn unmounted(sources: &Sources, cluster: &Cluster, instances: &[Instance]) -> Option<ConfigText> {
    if !instances.is_empty() {
        return None;
    }
    let entries = cluster.config_maps.iter().flat_map(|map| &map.data);
    let mut named =
        entries.filter(|entry| matches!(&*entry.key, "prometheus.yml" | "prometheus.yaml"));
    let (source, parsed) = named.find_map(|entry| embedded(sources, entry))?;
    Some(ConfigText { parsed: parsed.parsed, origin: Origin::Unmounted { file: source.id } })
}

/// The text inside a value of a ConfigMap.
pub fn embedded<'a>(sources: &'a Sources, entry: &DataEntry) -> Option<(&'a Arc<Source>, Region)> {
    let source = sources.get(entry.at?.file)?;
    let region = Region::inside(source, entry.node.as_ref()?)?;
    Some((source, region))
}
