//! Everything that follows from the text, before time begins to run.

use std::sync::Arc;

use super::configuration::{self, ConfigText};
use super::memo::Memo;
use super::sources::{FileKind, Sources};
use crate::kubernetes::decode::{self, Manifests};
use crate::kubernetes::prometheus::{self, Instance};
use crate::text::{Diagnostic, FileId};
use crate::yaml::Parsed;

/// The namespace of objects that name none.
pub const NAMESPACE: &str = "default";

/// What follows from the text. Every part is shared, so that taking one along costs nothing.
#[derive(Clone, Debug, Default)]
pub struct System {
    pub manifests: Arc<Manifests>,
    pub instances: Arc<Vec<Instance>>,
    pub config_text: Option<Arc<ConfigText>>,
    /// YAML inside values of ConfigMaps, whatever it is.
    pub embedded: Arc<Vec<Arc<Parsed>>>,
    pub diagnostics: Arc<Vec<Diagnostic>>,
}

/// The stages with their last results.
#[derive(Debug, Default)]
pub struct Stages {
    manifests: Memo<Vec<usize>, Arc<Manifests>>,
    all: Memo<Sources, System>,
}

impl Stages {
    /// Runs the stages whose inputs have changed.
    pub fn run(&mut self, sources: &Sources) -> System {
        let Self { manifests, all } = self;
        all.get(sources.clone(), |sources| {
            // A reading that has not changed is the same allocation.
            let readings = sources.of_kind(FileKind::Manifest).map(|s| Arc::as_ptr(s) as usize);
            let manifests = manifests.get(readings.collect(), |_| {
                let parsed = sources.of_kind(FileKind::Manifest).map(|source| &source.parsed);
                Arc::new(decode::decode(parsed, NAMESPACE))
            });
            system(sources, manifests)
        })
    }
}

fn system(sources: &Sources, manifests: Arc<Manifests>) -> System {
    let instances = prometheus::instances(&manifests.cluster);
    let config_text = configuration::find(sources, &manifests.cluster, &instances).map(Arc::new);
    let embedded = embedded(sources, &manifests);
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for source in sources.iter() {
        diagnostics.extend(source.parsed.diagnostics.iter().cloned());
    }
    for parsed in &embedded {
        diagnostics.extend(parsed.diagnostics.iter().cloned());
    }
    diagnostics.extend(manifests.diagnostics.iter().cloned());
    System {
        instances: Arc::new(instances),
        config_text,
        embedded: Arc::new(embedded),
        diagnostics: Arc::new(diagnostics),
        manifests,
    }
}

/// The trees inside ConfigMaps whose keys end as YAML files do.
fn embedded(sources: &Sources, manifests: &Manifests) -> Vec<Arc<Parsed>> {
    let yaml = |key: &str| key.ends_with(".yml") || key.ends_with(".yaml");
    let entries = manifests.cluster.config_maps.iter().flat_map(|map| &map.data);
    entries
        .filter(|entry| yaml(&entry.key))
        .filter_map(|entry| configuration::embedded(sources, entry).map(|(_, parsed)| parsed))
        .collect()
}

impl System {
    pub fn diagnostics_of(&self, file: FileId) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(move |found| found.location.file == file)
    }
}
