//! Rendered texts become manifests in the order of their installation, and hooks.
//!
//! Source: helm pkg/release/v1/util manifest.go, manifest_sorter.go, kind_sorter.go.

use std::collections::BTreeMap;

use go::template::Value;

use crate::decode::{self, Decoder};
use crate::log::{Level, Log};

/// A document of a rendered template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The path of the template.
    pub path: String,
    pub content: String,
    pub head: Head,
}

/// The fields that Helm reads of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub annotations: BTreeMap<String, String>,
}

/// A document that is applied at an event of the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    pub name: String,
    pub kind: String,
    pub path: String,
    pub manifest: String,
    pub events: Vec<Event>,
    pub weight: i64,
    pub delete_policies: Vec<String>,
}

/// An event at which hooks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    PreInstall,
    PostInstall,
    PreDelete,
    PostDelete,
    PreUpgrade,
    PostUpgrade,
    PreRollback,
    PostRollback,
    Test,
}

/// Events by the names in the annotation.
pub const EVENTS: &[(&str, Event)] = &[
    ("pre-install", Event::PreInstall),
    ("post-install", Event::PostInstall),
    ("pre-delete", Event::PreDelete),
    ("post-delete", Event::PostDelete),
    ("pre-upgrade", Event::PreUpgrade),
    ("post-upgrade", Event::PostUpgrade),
    ("pre-rollback", Event::PreRollback),
    ("post-rollback", Event::PostRollback),
    ("test", Event::Test),
    ("test-success", Event::Test),
];

impl Event {
    /// The name in the annotation.
    pub fn name(self) -> &'static str {
        EVENTS.iter().find(|(_, event)| *event == self).map_or("", |(name, _)| name)
    }
}

/// The annotation that makes a document a hook.
pub const HOOK: &str = "helm.sh/hook";
const WEIGHT: &str = "helm.sh/hook-weight";
const DELETE_POLICY: &str = "helm.sh/hook-delete-policy";

/// Divides a text into documents. Source: manifest.go `SplitManifests`.
pub fn split(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.trim_start().split_inclusive('\n') {
        match line.strip_prefix("---") {
            Some(rest) => documents.push(rest.trim_start_matches([' ', '\t']).to_owned()),
            None => {
                if let Some(last) = documents.last_mut() {
                    last.push_str(line);
                }
            }
        }
    }
    let filled = documents.iter().filter(|document| !document.trim().is_empty());
    filled.map(|document| document.trim_start().to_owned()).collect()
}

/// Manifests and hooks, each in the order of their kinds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sorted {
    pub hooks: Vec<Hook>,
    pub manifests: Vec<Manifest>,
}

/// Reads the heads of all documents and sorts them. `files` are texts by path.
pub fn sort(files: &BTreeMap<String, String>, log: &mut Log) -> Result<Sorted, String> {
    let mut sorted = Sorted::default();
    for (path, text) in files {
        if go::path::base(path).starts_with('_') {
            continue;
        }
        for content in split(text) {
            let head = Head::read(&content)
                .map_err(|error| format!("YAML parse error on {path}: {error}"))?;
            let manifest = Manifest { path: path.clone(), content, head };
            match manifest.head.annotations.get(HOOK).cloned() {
                Some(events) => sorted.hooks.extend(hook(manifest, &events, log)),
                None => sorted.manifests.push(manifest),
            }
        }
    }
    sorted.manifests.sort_by(|a, b| rank(&a.head.kind, INSTALL).cmp(&rank(&b.head.kind, INSTALL)));
    sorted.hooks.sort_by(|a, b| rank(&a.kind, INSTALL).cmp(&rank(&b.kind, INSTALL)));
    Ok(sorted)
}

/// Sorts manifests for their removal.
pub fn sort_for_removal(manifests: &mut [Manifest]) {
    manifests.sort_by(|a, b| rank(&a.head.kind, UNINSTALL).cmp(&rank(&b.head.kind, UNINSTALL)));
}

/// The place of a kind: known kinds by the order, others after them by name.
fn rank<'k>(kind: &'k str, order: &[&str]) -> (usize, &'k str) {
    match order.iter().position(|one| *one == kind) {
        Some(at) => (at, ""),
        None => (usize::MAX, kind),
    }
}

fn hook(manifest: Manifest, names: &str, log: &mut Log) -> Option<Hook> {
    let mut events = Vec::new();
    for name in names.split(',') {
        let name = name.trim().to_lowercase();
        match EVENTS.iter().find(|(known, _)| *known == name) {
            Some((_, event)) => events.push(*event),
            None => {
                log.add(Level::Info, "skipping unknown hooks", &[("hookTypes", names)]);
                return None;
            }
        }
    }
    let weight = manifest.head.annotations.get(WEIGHT);
    let policies = manifest.head.annotations.get(DELETE_POLICY);
    let policies = policies.map(|text| text.split(',').map(|one| one.trim().to_lowercase()));
    Some(Hook {
        name: manifest.head.name,
        kind: manifest.head.kind,
        weight: weight.and_then(|text| text.parse().ok()).unwrap_or_default(),
        delete_policies: policies.into_iter().flatten().collect(),
        path: manifest.path,
        manifest: manifest.content,
        events,
    })
}

impl Head {
    /// Reads the head of a document. The error is that of sigs.k8s.io/yaml.
    pub fn read(text: &str) -> Result<Self, String> {
        let value = decode::yaml(text)?;
        let mut head = Self::default();
        let mut decoder = Decoder::default();
        match &value {
            Value::Map(map) => {
                for (key, value) in map.entries().iter() {
                    match &*key.to_ascii_lowercase() {
                        "apiversion" => {
                            head.api_version = decoder.string(value, "SimpleHead.apiVersion");
                        }
                        "kind" => head.kind = decoder.string(value, "SimpleHead.kind"),
                        "metadata" => head.read_metadata(&mut decoder, value),
                        _ => {}
                    }
                }
            }
            Value::Nil => {}
            other => decoder.mismatch(other, "", "util.SimpleHead"),
        }
        decoder.finish()?;
        Ok(head)
    }

    fn read_metadata(&mut self, decoder: &mut Decoder, value: &Value) {
        let Value::Map(map) = value else {
            if !matches!(value, Value::Nil) {
                let go_type = "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }";
                decoder.mismatch(value, "SimpleHead.metadata", go_type);
            }
            return;
        };
        for (key, value) in map.entries().iter() {
            match &*key.to_ascii_lowercase() {
                "name" => self.name = decoder.string(value, ".metadata.name"),
                "annotations" => {
                    let pairs = decoder.string_map(value, ".metadata.annotations");
                    self.annotations = pairs.into_iter().collect();
                }
                _ => {}
            }
        }
    }
}

/// The kinds in the order in which they are installed.
pub const INSTALL: &[&str] = &[
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// The kinds in the order in which they are removed.
pub const UNINSTALL: &[&str] = &[
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_divided() {
        for (text, expected) in [
            ("a: 1\n---\nb: 2\n", &["a: 1\n", "b: 2\n"][..]),
            ("\n---   # first\na: 1", &["# first\na: 1"]),
            ("---\n---\n  \n--- x\n", &["x\n"]),
            ("a: 1\n ---\n", &["a: 1\n ---\n"]),
            ("---a\n", &["a\n"]),
        ] {
            assert_eq!(split(text), expected, "{text:?}");
        }
    }

    #[test]
    fn kinds_have_an_order() {
        let text = |kind: &str| format!("kind: {kind}\nmetadata: {{name: x}}\n");
        let files = [
            ("c/templates/b.yaml".to_owned(), text("Zebra") + "---\n" + &text("Deployment")),
            ("c/templates/a.yaml".to_owned(), text("Apple") + "---\n" + &text("Service")),
        ];
        let mut sorted = sort(&files.into(), &mut Log::default()).expect("manifests").manifests;
        let kinds = |manifests: &[Manifest]| {
            manifests.iter().map(|one| one.head.kind.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(kinds(&sorted), "Service Deployment Apple Zebra");
        sort_for_removal(&mut sorted);
        assert_eq!(kinds(&sorted), "Service Deployment Apple Zebra");
    }

    #[test]
    fn hooks_are_found() {
        let text = "kind: Job\nmetadata:\n  name: x\n  annotations:\n    helm.sh/hook: pre-install, TEST\n    helm.sh/hook-weight: \"-5\"\n---\nkind: Job\nmetadata: {annotations: {helm.sh/hook: never}}\n";
        let mut log = Log::default();
        let files = [("c/templates/a.yaml".to_owned(), text.to_owned())];
        let sorted = sort(&files.into(), &mut log).expect("manifests");
        assert_eq!(sorted.hooks[0].events, [Event::PreInstall, Event::Test]);
        assert_eq!((sorted.hooks.len(), sorted.hooks[0].weight), (1, -5));
        assert_eq!(
            log.lines[0].to_string(),
            "level=INFO msg=\"skipping unknown hooks\" hookTypes=never"
        );
    }

    #[test]
    fn bad_documents_are_refused() {
        let files = [("c/a.yaml".to_owned(), "- a\n".to_owned())];
        let error = sort(&files.into(), &mut Log::default());
        let expected = "YAML parse error on c/a.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type util.SimpleHead";
        assert_eq!(error, Err(expected.to_owned()));
    }
}
