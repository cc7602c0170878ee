//! Notes at the end of lines that say how the files hang together: what a ConfigMap is mounted by,
//! what a Service leads to, who answers a target.

use super::flags;
use super::system::System;
use kubernetes::mounts::PathInContainer;
use kubernetes::objects::contains_all;
use protocol::{InlayHint, InlayHintKind};
use text::{FileId, Location};

/// Notes of one file.
pub fn notes(system: &System, file: FileId) -> Vec<InlayHint> {
    let mut links = Links { file, notes: Vec::new() };
    links.server(system);
    for (at, text) in flags::notes(system) {
        links.add(at, InlayHintKind::Meaning, text);
    }
    links.config_maps(system);
    links.services(system);
    links.targets(system);
    links.notes
}

struct Links {
    file: FileId,
    notes: Vec<InlayHint>,
}

impl Links {
    fn add(&mut self, at: Option<Location>, kind: InlayHintKind, text: String) {
        if let Some(at) = at.filter(|at| at.file == self.file) {
            self.notes.push(InlayHint { at: at.span.start, text, kind });
        }
    }

    /// The file that Prometheus reads, and the container that reads it.
    fn server(&mut self, system: &System) {
        for instance in system.instances.iter() {
            if let PathInContainer::File(found) = &instance.config {
                let text = format!("{} reads this as {}", instance.owner.name, found.path);
                self.add(found.entry.key_at, InlayHintKind::Consequence, text);
            }
        }
    }

    fn config_maps(&mut self, system: &System) {
        let cluster = &system.manifests.cluster;
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

    fn services(&mut self, system: &System) {
        for service in system.state.cluster.services.iter() {
            if service.selector.is_empty() {
                continue;
            }
            let namespace = &service.meta.namespace.value;
            let pods = system.state.cluster.pods.in_namespace(namespace);
            let selected: Vec<_> =
                pods.filter(|pod| contains_all(&service.selector, &pod.meta.labels)).collect();
            let ready = selected.iter().filter(|pod| pod.status.is_ready()).count();
            let (kind, text) = match selected.len() {
                0 => (InlayHintKind::Trouble, "no pod has these labels".to_owned()),
                1 if ready == 1 => (InlayHintKind::Consequence, "→ 1 pod, ready".to_owned()),
                count => (InlayHintKind::Consequence, format!("→ {count} pods, {ready} ready")),
            };
            self.add(selector_place(service), kind, text);
        }
    }

    /// Who answers each target, or why nobody does.
    fn targets(&mut self, system: &System) {
        for route in system.routes.iter() {
            let short = short(&route.connection.explanation);
            if route.connection.is_connected() {
                self.add(route.written, InlayHintKind::Consequence, format!("→ {short}"));
            } else {
                self.add(route.written, InlayHintKind::Trouble, format!("→ {short}"));
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
        VolumeSource::Projected(parts) => parts.iter().any(|(kind, projection)| {
            *kind == SourceKind::ConfigMap && &*projection.name.value == name
        }),
        _ => false,
    })
}

fn selector_place(service: &kubernetes::objects::Service) -> Option<Location> {
    service.selector.iter().find_map(|entry| entry.key_at)
}
