//! Volumes and variables that refer to a missing ConfigMap, Secret or key.

use super::{CheckContext, nearest};
use crate::objects::{
    Field, Kind, ObjectMeta, PodSpec, Projection, SourceKind, Text, VolumeSource,
};
use go::quote::quote;
use text::{Applicability, Code, Diagnostic, Fix, Location};

pub(super) const CODES: &[Code] = &[
    Code {
        code: "config-map-missing",
        title: "A ConfigMap that does not exist",
        doc: "A volume or variable takes its content from a ConfigMap that is not in the namespace. The kubelet waits for it: the pod stays in ContainerCreating (`MountVolume.SetUp failed … configmap \"x\" not found`) or CreateContainerConfigError until the ConfigMap appears. A ConfigMap of another namespace cannot be used.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: web}]\n      volumes: [{name: v, configMap: {name: confg}}]\n",
    },
    Code {
        code: "config-key-missing",
        title: "A key that the ConfigMap or Secret lacks",
        doc: "An item, variable or sub-path names a key that the ConfigMap or Secret does not have. With `items` the pod stays in ContainerCreating (`references non-existent config key`), with a variable in CreateContainerConfigError.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {a.yml: ''}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: web}]\n      volumes: [{name: v, configMap: {name: config, items: [{key: b.yml, path: b.yml}]}}]\n",
    },
    Code {
        code: "secret-not-here",
        title: "A Secret that is not among the manifests",
        doc: "The Secret is not in the workspace. Secrets are rarely kept beside manifests, so it is taken to exist in the cluster; if it does not, the pod waits for it and never starts.",
        example: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: web}]\n      volumes: [{name: v, secret: {secretName: keys}}]\n",
    },
];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for (meta, spec) in context.pod_specs() {
        let scope = Scope { context, meta, found: &mut *found };
        scope.spec(spec);
    }
}

struct Scope<'a, 'c, 'f> {
    context: &'a CheckContext<'c>,
    meta: &'a ObjectMeta,
    found: &'f mut Vec<Diagnostic>,
}

impl Scope<'_, '_, '_> {
    fn spec(mut self, spec: &PodSpec) {
        for volume in &spec.volumes {
            match &volume.source {
                VolumeSource::ConfigMap(projection) => {
                    self.projection(SourceKind::ConfigMap, projection, volume.location);
                }
                VolumeSource::Secret(projection) => {
                    self.projection(SourceKind::Secret, projection, volume.location);
                }
                VolumeSource::Projected { parts, .. } => {
                    for (kind, projection) in parts {
                        self.projection(*kind, projection, volume.location);
                    }
                }
                _ => {}
            }
        }
        for container in spec.containers.iter().chain(&spec.init_containers) {
            for from in container.env_from.iter().filter(|from| !from.optional) {
                self.keys(from.source, &from.name, container.location);
            }
            for variable in &container.env {
                let Some(from) = variable.value_from.as_ref().filter(|from| !from.optional) else {
                    continue;
                };
                if let Some(keys) = self.keys(from.source, &from.name, container.location) {
                    self.key(from.source, &from.name, &from.key, &keys);
                }
            }
        }
    }

    fn projection(&mut self, kind: SourceKind, projection: &Projection, at: Option<Location>) {
        if projection.optional {
            return;
        }
        let Some(keys) = self.keys(kind, &projection.name, at) else { return };
        for item in projection.items.iter().flatten() {
            self.key(kind, &projection.name, &item.key, &keys);
        }
    }

    /// Returns the keys of a ConfigMap or Secret, and reports a missing object.
    fn keys(
        &mut self,
        kind: SourceKind,
        name: &Field<Text>,
        at: Option<Location>,
    ) -> Option<Vec<Text>> {
        let cluster = self.context.cluster();
        let namespace = &*self.meta.namespace.value;
        let data = match kind {
            SourceKind::ConfigMap => cluster.config_maps.get(namespace, name).map(|one| &one.data),
            SourceKind::Secret => cluster.secrets.get(namespace, name).map(|one| &one.data),
        };
        if let Some(data) = data {
            return Some(data.iter().map(|entry| entry.key.clone()).collect());
        }
        let at = name.at.or(at).unwrap_or(self.meta.location);
        match kind {
            SourceKind::ConfigMap if &*name.value == "kube-root-ca.crt" => {}
            SourceKind::ConfigMap => self.missing_config_map(name, at),
            SourceKind::Secret => self.found.push(
                Diagnostic::info(
                    "secret-not-here",
                    at,
                    format!("Secret {} is not among the manifests", name.value),
                )
                .with_help("It is taken to exist in the cluster."),
            ),
        }
        None
    }

    fn missing_config_map(&mut self, name: &Field<Text>, at: Location) {
        let namespace = &*self.meta.namespace.value;
        let cluster = self.context.cluster();
        let message = format!("configmap {} not found", quote(name));
        let mut diagnostic = Diagnostic::error("config-map-missing", at, message);
        let elsewhere = cluster.config_maps.iter().find(|one| one.meta.name.value == name.value);
        diagnostic.help = Some(match elsewhere {
            Some(other) => format!(
                "A ConfigMap of this name is in namespace {}, but a pod can only use those of its own, {namespace}.",
                other.meta.namespace.value
            ),
            None => "The pod never starts: the kubelet waits until the ConfigMap exists.".into(),
        });
        if let Some(other) = elsewhere {
            diagnostic = diagnostic.with_related(other.meta.name_place(), "the ConfigMap");
        }
        let names = cluster.config_maps.in_namespace(namespace).map(|one| &*one.meta.name.value);
        if let (Some(near), Some(at)) = (nearest(name, names), name.at) {
            diagnostic = diagnostic.with_fix(Fix::replace(
                format!("Use the ConfigMap {near}"),
                Applicability::Suggestion,
                at,
                near,
            ));
        }
        self.found.push(diagnostic);
    }

    fn key(&mut self, kind: SourceKind, name: &Field<Text>, key: &Field<Text>, keys: &[Text]) {
        if keys.contains(&key.value) {
            return;
        }
        let word = match kind {
            SourceKind::ConfigMap => Kind::ConfigMap,
            SourceKind::Secret => Kind::Secret,
        };
        let at = key.at.unwrap_or(self.meta.location);
        let message = format!("{word} {} has no key {}", name.value, key.value);
        let list: Vec<&str> = keys.iter().map(|key| &**key).collect();
        let has = if list.is_empty() { "no keys".into() } else { list.join(", ") };
        let mut diagnostic = Diagnostic::error("config-key-missing", at, message)
            .with_help(format!("It has {has}. The pod never starts."));
        let only = if let [only] = list.as_slice() { Some(*only) } else { None };
        if let (Some(near), Some(at)) = (nearest(key, list.iter().copied()).or(only), key.at) {
            diagnostic = diagnostic.with_fix(Fix::replace(
                format!("Use the key {near}"),
                Applicability::Suggestion,
                at,
                near,
            ));
        }
        self.found.push(diagnostic);
    }
}
