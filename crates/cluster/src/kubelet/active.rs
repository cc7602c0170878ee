//! Processes that act by themselves: the owner of the cluster takes them out, lets their time pass
//! with all that surrounds them, and puts them back.

use std::collections::BTreeMap;
use std::sync::Arc;

use kubernetes::object::Value;

use super::Kubelets;
use super::pod::PodWorker;
use super::runtime::Container;
use crate::program::Process;

/// A container whose process acts by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Active {
    /// The uid of the pod.
    pub pod: Arc<str>,
    /// The id of the container.
    pub container: String,
}

/// The environment of an active process.
#[derive(Clone, Copy, Debug)]
pub struct ActiveContainer<'a> {
    pub pod: &'a Value,
    pub name: &'a str,
    /// The image that the specification names.
    pub image: &'a str,
    pub environment: &'a BTreeMap<String, String>,
    /// Milliseconds since the epoch.
    pub started: i64,
    /// The address of the pod.
    pub address: &'a str,
    /// Changes whenever a file of a volume of the pod changes.
    pub files_version: u64,
}

impl Kubelets {
    /// Containers that run processes that act by themselves, in the order of their starts.
    pub fn active(&mut self) -> Vec<Active> {
        let mut active = std::mem::take(&mut self.shared.active);
        active.retain(|one| self.active_container(one).is_some_and(|one| one.record.is_running()));
        self.shared.active.clone_from(&active);
        active
    }

    /// Returns true if a kubelet still works on the pod with a uid.
    pub fn has_pod(&self, uid: &str) -> bool {
        self.pods.contains_key(uid)
    }

    fn active_container(&self, active: &Active) -> Option<&Container> {
        let worker = self.pods.get(&active.pod)?;
        worker.containers.iter().find(|one| one.record.id == active.container)
    }

    fn active_worker(&mut self, active: &Active) -> Option<(&mut PodWorker, usize)> {
        let worker = self.pods.get_mut(&active.pod)?;
        let at = worker.containers.iter().position(|one| one.record.id == active.container)?;
        Some((worker, at))
    }

    /// The process of a container; None while it is taken out.
    pub fn active_process(&self, active: &Active) -> Option<&dyn Process> {
        self.active_container(active)?.process.as_deref()
    }

    /// Takes a process out of its container.
    pub fn take_process(&mut self, active: &Active) -> Option<Box<dyn Process>> {
        let (worker, at) = self.active_worker(active)?;
        worker.containers.get_mut(at)?.process.take()
    }

    /// Puts a process back into its container, which notices its end.
    pub fn return_process(&mut self, active: &Active, process: Box<dyn Process>) {
        if let Some((worker, at)) = self.active_worker(active)
            && let Some(container) = worker.containers.get_mut(at)
        {
            container.process = Some(process);
            self.schedule(&active.pod);
        }
    }

    /// The environment of an active process.
    pub fn active_view(&self, active: &Active) -> Option<ActiveContainer<'_>> {
        let container = self.active_container(active)?;
        let worker = self.pods.get(&active.pod)?;
        Some(ActiveContainer {
            pod: &worker.pod,
            name: &container.record.name,
            image: &container.record.spec_image,
            environment: &container.env,
            started: container.record.started,
            address: worker.sandbox.as_ref().map_or("", |sandbox| &sandbox.address),
            files_version: worker.volumes.version(),
        })
    }

    /// The files that a container mounts, by absolute path.
    pub fn mounted_files(&self, active: &Active) -> BTreeMap<String, String> {
        let (Some(container), Some(worker)) =
            (self.active_container(active), self.pods.get(&active.pod))
        else {
            return BTreeMap::new();
        };
        worker.mounted_files(container)
    }

    /// The ports on which other containers of the pod listen.
    pub fn listening_ports(&self, active: &Active, now: i64) -> Vec<u16> {
        let Some(worker) = self.pods.get(&active.pod) else { return Vec::new() };
        let others = worker
            .containers
            .iter()
            .filter(|one| one.record.id != active.container && one.record.is_running());
        let ports = others.flat_map(|one| {
            let process = one.process.as_ref();
            process.map(|process| process.ports(one.age(now))).unwrap_or_default()
        });
        ports.collect()
    }

    /// Writes a file into a volume that a container mounts. Returns false if no volume that can be
    /// written is mounted there.
    pub fn write_file(&mut self, active: &Active, path: &str, text: &str) -> bool {
        let Some((worker, at)) = self.active_worker(active) else { return false };
        let Some(name) = worker.containers.get(at).map(|one| one.record.name.clone()) else {
            return false;
        };
        let (spec, _) = worker.spec_of(&name);
        let pod = worker.pod.clone();
        match super::volumes::mount_of(&spec, path) {
            Some((mount, inner)) => worker.volumes.write(&pod, mount.str("name"), &inner, text),
            None => false,
        }
    }
}

impl PodWorker {
    /// The files of all volumes that a container mounts, by absolute path. What is mounted deeper
    /// hides what is mounted above it.
    pub(super) fn mounted_files(&self, container: &Container) -> BTreeMap<String, String> {
        let (spec, _) = self.spec_of(&container.record.name);
        let mut mounts: Vec<&Value> = spec.list("volumeMounts").iter().collect();
        mounts.sort_by_key(|mount| mount.str("mountPath").len());
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for mount in mounts {
            let folder = mount.str("mountPath").trim_end_matches('/');
            let below = format!("{folder}/");
            files.retain(|path, _| path != folder && !path.starts_with(&below));
            if mount.str("subPath").is_empty() {
                let all = self.volumes.files(mount.str("name"));
                files.extend(all.map(|(path, text)| (format!("{below}{path}"), text.to_owned())));
            } else {
                let fixed = container.fixed_files.iter();
                let own = fixed.filter(|(path, _)| *path == folder || path.starts_with(&below));
                files.extend(own.filter_map(|(path, text)| Some((path.clone(), text.clone()?))));
            }
        }
        files
    }
}
