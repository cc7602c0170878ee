//! Which text is the configuration that Prometheus reads, and where it stands.

use std::sync::Arc;

use super::regions::Region;
use super::sources::{FileKind, Source, Sources};
use crate::kubernetes::Cluster;
use crate::kubernetes::mounts::{self, MountedFile, PathInContainer};
use crate::kubernetes::objects::{DataEntry, Resource};
use crate::kubernetes::prometheus::Instance;
use crate::yaml::Parsed;

/// A text that Prometheus reads, as a tree with places in the workspace.
#[derive(Clone, Debug)]
pub struct ConfigText {
    pub parsed: Arc<Parsed>,
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
        let (_, parsed) = embedded(sources, &found.entry)?;
        Some(ConfigText { parsed: parsed.parsed })
    })
}

fn bare(sources: &Sources) -> Option<ConfigText> {
    let source = sources.of_kind(FileKind::Configuration).next()?;
    Some(ConfigText { parsed: source.parsed.clone() })
}

/// Only without a server: one that mounts something else does not read this.
fn unmounted(sources: &Sources, cluster: &Cluster, instances: &[Instance]) -> Option<ConfigText> {
    if !instances.is_empty() {
        return None;
    }
    let entries = cluster.config_maps.iter().flat_map(|map| &map.data);
    let mut named =
        entries.filter(|entry| matches!(&*entry.key, "prometheus.yml" | "prometheus.yaml"));
    let (_, parsed) = named.find_map(|entry| embedded(sources, entry))?;
    Some(ConfigText { parsed: parsed.parsed })
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

/// The text inside a value of a ConfigMap.
pub fn embedded<'a>(sources: &'a Sources, entry: &DataEntry) -> Option<(&'a Arc<Source>, Region)> {
    let source = sources.get(entry.at?.file)?;
    let region = Region::inside(source, entry.node.as_ref()?)?;
    Some((source, region))
}
