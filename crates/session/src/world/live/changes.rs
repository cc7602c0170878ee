//! Changes of the text and actions of the visitor, as commands on the cluster.

use std::collections::BTreeSet;
use std::sync::Arc;

use kubernetes::Cluster;
use kubernetes::objects::{Kind, ObjectRef};
use protocol::action::WorkloadChange;
use text::{FileId, Location};
use world::Fault;

use super::Live;
use crate::analysis::Analysis;
use crate::workspace::NAMESPACE;
use crate::workspace::charts::Release;
use crate::workspace::sources::{FileKind, Sources};

/// The longest that a command waits, in milliseconds.
const LIMIT: i64 = 1_000;

/// The objects of manifests, without those of some files.
fn references(cluster: &Cluster, without: &[FileId]) -> BTreeSet<ObjectRef> {
    let all = cluster.all().into_iter();
    let is_left_out = |at: Option<Location>| at.is_some_and(|at| without.contains(&at.file));
    let all = all.filter(|(_, meta)| !is_left_out(meta.name.at)).map(|(kind, meta)| ObjectRef {
        kind,
        namespace: meta.namespace.value.clone(),
        name: meta.name.value.clone(),
    });
    all.collect()
}

impl Live {
    /// Gives commands the files of the workspace.
    pub fn set_files(&mut self, sources: &Sources) {
        let files = sources.written().map(|source| (source.name.clone(), source.text.clone()));
        self.world.terminal.files = Arc::new(files.collect());
    }

    /// Applies the manifests that differ, as `kubectl apply` does, and deletes the objects that the
    /// newest text has no more. A release of a chart is upgraded by helm.
    pub fn apply(&mut self, before: (&Sources, &Analysis), after: (&Sources, &Analysis)) {
        let of_helm = self.upgrade_releases(before.0, after.0);
        for source in after.0.of_kind(FileKind::Manifest) {
            let known = before.0.get(source.id);
            let differs = known.is_none_or(|known| known.text != source.text);
            if differs && !of_helm.contains(&source.id) {
                let mut words = vec!["apply", "-f", "-"];
                if source.namespace() != NAMESPACE {
                    words.extend(["-n", source.namespace()]);
                }
                self.run(&words, &source.text);
            }
        }
        let kept = references(&after.1.manifests.cluster, &[]);
        for gone in references(&before.1.manifests.cluster, &of_helm).difference(&kept) {
            self.delete(gone);
        }
    }

    /// Installs a release as helm does, from the files of its chart. Returns false if helm refuses it.
    pub fn install(&mut self, release: &Release) -> bool {
        let before = Arc::clone(&self.world.terminal.files);
        let files = release.texts_of_files();
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        self.world.terminal.files = Arc::new(files);
        let now = self.world.now();
        let output = self.world.command_with(&release.upgrade_command(), "", now);
        self.world.terminal.files = before;
        let done = output.exit == 0;
        if done {
            self.releases.insert((release.command.namespace.clone(), release.name.clone()));
        }
        done
    }

    /// Upgrades the releases that differ, and removes those whose chart is gone. Returns the files
    /// whose objects are those of a release.
    fn upgrade_releases(&mut self, before: &Sources, after: &Sources) -> Vec<FileId> {
        let mut of_helm = Vec::new();
        let mut kept = BTreeSet::new();
        for release in after.releases() {
            let key = (release.command.namespace.clone(), release.name.clone());
            if release.failure.is_some() {
                kept.extend(self.releases.contains(&key).then_some(key));
                continue;
            }
            if !release.is_stored(after) {
                continue;
            }
            let known = before.releases().iter().find(|known| known.folder == release.folder);
            let is_same = self.releases.contains(&key)
                && known.is_some_and(|known| known.is_stored(before) && release.is_stored(before));
            if is_same || self.install(release) {
                of_helm.extend(release.files.iter().map(|file| file.id));
                of_helm.extend(known.iter().flat_map(|known| &known.files).map(|file| file.id));
                kept.insert(key);
            }
        }
        let fails = after.releases().iter().any(|release| release.failure.is_some());
        let gone: Vec<(String, String)> = match fails {
            true => Vec::new(),
            false => self.releases.difference(&kept).cloned().collect(),
        };
        for (namespace, name) in gone {
            let line = format!("helm uninstall {name} -n {namespace} --ignore-not-found");
            let now = self.world.now();
            let _ = self.world.command_with(&line, "", now);
            self.releases.remove(&(namespace, name));
        }
        of_helm
    }

    fn delete(&mut self, object: &ObjectRef) {
        let kind = object.kind.name();
        let mut words = vec!["delete", kind, &*object.name, "--wait=false", "--ignore-not-found"];
        if !object.namespace.is_empty() {
            words.extend(["-n", &*object.namespace]);
        }
        self.run(&words, "");
    }

    /// Changes a workload as the menu of events offers it. Returns false if the change is not one
    /// that a command makes.
    pub fn change(&mut self, change: WorkloadChange, workload: &ObjectRef, replicas: i64) -> bool {
        let target = format!("{}/{}", workload.kind.name(), workload.name);
        let in_namespace = ["-n", &*workload.namespace];
        let scaled = |count: i64| format!("--replicas={}", count.max(0));
        let words: Vec<String> = match change {
            WorkloadChange::ScaleUp => vec!["scale".into(), target, scaled(replicas + 1)],
            WorkloadChange::ScaleDown => vec!["scale".into(), target, scaled(replicas - 1)],
            WorkloadChange::ScaleToZero => vec!["scale".into(), target, scaled(0)],
            WorkloadChange::RolloutRestart => vec!["rollout".into(), "restart".into(), target],
            WorkloadChange::DeletePod => {
                let Some(pod) = self.first_pod(workload) else { return false };
                vec!["delete".into(), "pod".into(), pod, "--wait=false".into()]
            }
            WorkloadChange::FailReadiness | WorkloadChange::PassReadiness => {
                self.set_ready(workload, change == WorkloadChange::PassReadiness);
                return true;
            }
        };
        let words: Vec<&str> = words.iter().map(String::as_str).chain(in_namespace).collect();
        self.run(&words, "");
        true
    }

    /// Scales a workload.
    pub(super) fn scale(&mut self, workload: &ObjectRef, replicas: i64) {
        let target = format!("{}/{}", workload.kind.name(), workload.name);
        let count = format!("--replicas={replicas}");
        self.run(&["scale", &target, &count, "-n", &workload.namespace], "");
    }

    /// The first pod of a workload.
    pub(super) fn first_pod(&self, workload: &ObjectRef) -> Option<String> {
        if workload.kind == Kind::Pod {
            return Some(workload.name.to_string());
        }
        let state = &self.observed.as_ref()?.live.state;
        let own = state.replicas.iter().filter(|(_, (owner, _))| owner == workload);
        own.min_by_key(|(_, (_, number))| *number).map(|((_, name), _)| name.to_string())
    }

    /// Ends the process of a container, as a crash does.
    pub fn kill(&mut self, namespace: &str, pod: &str, container: &str) {
        self.world.fault(&Fault::Kill {
            namespace: namespace.to_owned(),
            pod: pod.to_owned(),
            container: container.to_owned(),
            code: 1,
        });
    }

    /// Sends SIGHUP to the server.
    pub fn reload(&mut self) {
        let Some(run) = &self.run else { return };
        let name = run.container.clone();
        let now = self.world.now();
        let kubelets = &mut self.world.cluster.kubelets;
        let command = ["kill", "-HUP", "1"];
        kubelets.exec(&name.namespace, &name.pod, &name.container, &command, now);
    }

    fn run(&mut self, words: &[&str], stdin: &str) {
        self.world.kubectl_within(words, stdin, LIMIT);
    }
}
