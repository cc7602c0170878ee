//! Inlay hints about relations between files: the workloads that mount a ConfigMap, the pods that a
//! Service selects, the program that answers a target.

use super::flags;
use crate::analysis::Analysis;
use crate::analysis::cluster::{SelectedPods, selector_place};
use crate::world::Snapshot;
use kubernetes::mounts::PathInContainer;
use protocol::{InlayHint, InlayHintKind};
use text::{FileId, Location};

/// Returns the inlay hints of one file.
pub fn inlay_hints(snapshot: &Snapshot<'_>, file: FileId) -> Vec<InlayHint> {
    let analysis = snapshot.analysis;
    let mut builder = HintBuilder { file, hints: Vec::new() };
    builder.server(analysis);
    for (at, text) in flags::hints(analysis) {
        builder.add(at, InlayHintKind::Meaning, text);
    }
    builder.config_maps(analysis);
    builder.services(analysis);
    builder.targets(analysis);
    builder.hints
}

struct HintBuilder {
    file: FileId,
    hints: Vec<InlayHint>,
}

impl HintBuilder {
    fn add(&mut self, at: Option<Location>, kind: InlayHintKind, text: String) {
        if let Some(at) = at.filter(|at| at.file == self.file) {
            self.hints.push(InlayHint { at: at.span.start, text, kind });
        }
    }

    /// The file that Prometheus reads, and the container that reads it.
    fn server(&mut self, analysis: &Analysis) {
        for instance in analysis.instances.iter() {
            if let PathInContainer::File(found) = &instance.config {
                let text = format!("{} reads this as {}", instance.owner.name, found.path);
                self.add(found.entry.key_at, InlayHintKind::Consequence, text);
            }
        }
    }

    fn config_maps(&mut self, analysis: &Analysis) {
        let cluster = &analysis.manifests.cluster;
        for map in cluster.config_maps.iter() {
            let name = &map.meta.name;
            let users: Vec<&str> = cluster
                .workloads
                .iter()
                .filter(|workload| workload.meta.namespace.value == map.meta.namespace.value)
                .filter(|workload| mounts(&workload.template.spec, &name.value))
                .map(|workload| &*workload.meta.name.value)
                .collect();
            if !users.is_empty() {
                self.add(
                    name.at,
                    InlayHintKind::Consequence,
                    format!("mounted by {}", users.join(", ")),
                );
            }
        }
    }

    /// The pods of Services.
    fn services(&mut self, analysis: &Analysis) {
        let cluster = &analysis.state.cluster;
        for service in cluster.services.iter() {
            if service.selector.is_empty() {
                continue;
            }
            let SelectedPods { selected, ready } = SelectedPods::of(service, cluster);
            let (kind, text) = match selected {
                0 => (InlayHintKind::Problem, "no pod has these labels".to_owned()),
                1 if ready == 1 => (InlayHintKind::Consequence, "→ 1 pod, ready".to_owned()),
                count => (InlayHintKind::Consequence, format!("→ {count} pods, {ready} ready")),
            };
            self.add(selector_place(service), kind, text);
        }
    }

    /// The program that answers each target, or the reason why none does.
    fn targets(&mut self, analysis: &Analysis) {
        for route in analysis.routes.iter() {
            let short = short(&route.connection.explanation);
            if route.connection.is_connected() {
                self.add(route.written, InlayHintKind::Consequence, format!("→ {short}"));
            } else {
                self.add(route.written, InlayHintKind::Problem, format!("→ {short}"));
            }
        }
    }
}

/// The first sentence, without its full stop.
fn short(text: &str) -> &str {
    let end = text.find(". ").unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

fn mounts(spec: &kubernetes::objects::PodSpec, name: &str) -> bool {
    use kubernetes::objects::{SourceKind, VolumeSource};
    spec.volumes.iter().any(|volume| match &volume.source {
        VolumeSource::ConfigMap(projection) => &*projection.name.value == name,
        VolumeSource::Projected { parts, .. } => parts.iter().any(|(kind, projection)| {
            *kind == SourceKind::ConfigMap && &*projection.name.value == name
        }),
        _ => false,
    })
}
