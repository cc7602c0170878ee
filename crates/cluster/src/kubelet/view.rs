//! Views of running containers: files, environment, processes, listeners.

use std::collections::BTreeMap;

use super::Kubelets;
use super::pod::PodWorker;
use super::runtime::Container;
use super::volumes::mount_of;

impl Kubelets {
    pub(super) fn worker(&self, namespace: &str, pod: &str) -> Option<&PodWorker> {
        self.pods.values().find(|worker| {
            !worker.removed && &*worker.key.namespace == namespace && &*worker.key.name == pod
        })
    }

    pub(super) fn worker_mut(&mut self, namespace: &str, pod: &str) -> Option<&mut PodWorker> {
        self.pods.values_mut().find(|worker| {
            !worker.removed && &*worker.key.namespace == namespace && &*worker.key.name == pod
        })
    }

    fn newest(&self, namespace: &str, pod: &str, name: &str) -> Option<&Container> {
        let worker = self.worker(namespace, pod)?;
        worker.containers.iter().rev().find(|one| one.record.name == name)
    }

    /// The lines that a container has written until `now`; `previous` is the container before the
    /// newest one. None if there is no such container.
    pub fn log(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        previous: bool,
        now: i64,
    ) -> Option<Vec<String>> {
        let worker = self.worker(namespace, pod)?;
        let mut own = worker.containers.iter().rev().filter(|one| one.record.name == container);
        let container = own.nth(usize::from(previous))?;
        let end = container.record.ended.as_ref().map_or(now, |ended| ended.at);
        let age = container.age(end.min(now));
        Some(container.process.as_ref().map(|process| process.log(age)).unwrap_or_default())
    }

    /// The environment of the newest container of a name.
    pub fn environment(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
    ) -> Option<&BTreeMap<String, String>> {
        self.newest(namespace, pod, container).map(|container| &container.env)
    }

    /// The content of a file that a container mounts. None if there is no such file.
    pub fn file(&self, namespace: &str, pod: &str, container: &str, path: &str) -> Option<String> {
        let worker = self.worker(namespace, pod)?;
        let fixed = self
            .newest(namespace, pod, container)
            .and_then(|container| container.fixed_files.get(path));
        if let Some(content) = fixed {
            return content.clone();
        }
        let (spec, _) = worker.spec_of(container);
        let (mount, inner) = mount_of(&spec, path)?;
        if !mount.str("subPath").is_empty() {
            return None;
        }
        worker.volumes.file(mount.str("name"), &inner).map(str::to_owned)
    }
}
