//! Views of running containers: files, environment, processes, listeners.

use std::collections::BTreeMap;

use super::Kubelets;
use super::pod::PodWorker;
use super::runtime::Container;
use super::volumes::mount_of;
use crate::program::{ExecAnswer, Process, Usage};

/// The container of a process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessOwner<'a> {
    pub namespace: &'a str,
    pub pod: &'a str,
    pub container: &'a str,
}

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

    /// The lines that a container has written until `now`, each with its time in milliseconds since
    /// the epoch; `previous` is the container before the newest one. None if there is no such
    /// container.
    pub fn log(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        previous: bool,
        now: i64,
    ) -> Option<Vec<(i64, String)>> {
        let worker = self.worker(namespace, pod)?;
        let mut own = worker.containers.iter().rev().filter(|one| one.record.name == container);
        let container = own.nth(usize::from(previous))?;
        let end = container.record.ended.as_ref().map_or(now, |ended| ended.at);
        let age = container.age(end.min(now));
        let lines = container.process.as_ref().map(|process| process.log(age)).unwrap_or_default();
        let started = container.record.started;
        Some(lines.into_iter().map(|(at, line)| (started + at, line)).collect())
    }

    /// The start of a running container, in milliseconds since the epoch.
    pub fn started(&self, namespace: &str, pod: &str, container: &str) -> Option<i64> {
        let newest = self.newest(namespace, pod, container)?;
        newest.record.is_running().then_some(newest.record.started)
    }

    /// The use of resources of a running container, and its start in milliseconds since the epoch. None
    /// if it does not run.
    pub fn usage(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        now: i64,
    ) -> Option<(Usage, i64)> {
        let newest = self.newest(namespace, pod, container)?;
        let process = newest.process.as_ref().filter(|_| newest.record.is_running())?;
        Some((process.usage(newest.age(now)), newest.record.started))
    }

    /// The processes of running containers, with the namespace, the pod and the container of each.
    pub fn processes_mut(&mut self) -> impl Iterator<Item = (ProcessOwner<'_>, &mut dyn Process)> {
        let workers = self.pods.values_mut().filter(|worker| !worker.removed);
        workers.flat_map(|worker| {
            let key = &worker.key;
            worker.containers.iter_mut().filter(|one| one.record.is_running()).filter_map(|one| {
                let container = one.record.name.as_str();
                let owner = ProcessOwner { namespace: &key.namespace, pod: &key.name, container };
                Some((owner, &mut **one.process.as_mut()?))
            })
        })
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

    /// The files that a running container mounts, by absolute path. None if it does not run.
    pub fn files(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
    ) -> Option<BTreeMap<String, String>> {
        let worker = self.worker(namespace, pod)?;
        let newest = self.newest(namespace, pod, container)?;
        newest.record.is_running().then(|| worker.mounted_files(newest))
    }

    /// Executes a command beside the process of a container. None if the command is not known, or
    /// if the container does not run.
    pub fn exec(
        &mut self,
        namespace: &str,
        pod: &str,
        container: &str,
        command: &[&str],
        now: i64,
    ) -> Option<ExecAnswer> {
        let worker = self.worker_mut(namespace, pod)?;
        let mut own = worker.containers.iter_mut().rev();
        let newest = own.find(|one| one.record.name == container && one.record.is_running())?;
        let age = newest.age(now);
        let process = newest.process.as_mut()?;
        process.knows_command(command, age).then(|| process.exec(command, age))
    }

    /// Ends the process of a container with an exit code. Returns false if it does not run.
    pub fn kill(
        &mut self,
        namespace: &str,
        pod: &str,
        container: &str,
        code: i64,
        now: i64,
    ) -> bool {
        let Some(worker) = self.worker_mut(namespace, pod) else { return false };
        let uid = worker.uid.clone();
        let mut own = worker.containers.iter_mut().rev();
        let newest = own.find(|one| one.record.name == container && one.record.is_running());
        let Some(newest) = newest else { return false };
        newest.killed = Some((now, code));
        self.schedule(&uid);
        true
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
