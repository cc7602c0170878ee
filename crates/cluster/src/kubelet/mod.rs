//! Kubelets: they start the containers of the pods of their nodes, probe and restart them, and report.
//!
//! | file | content |
//! | --- | --- |
//! | `pod` | the worker of a pod: when it syncs, and why |
//! | `sync` | one sync as steps that may take time |
//! | `actions` | what a sync has to do |
//! | `start` | pulling an image, creating and starting a container, postStart hooks |
//! | `stop` | preStop hooks, SIGTERM, grace periods, SIGKILL |
//! | `runtime` | containers and sandboxes |
//! | `status`, `conditions`, `report` | the status of a pod and its way to the API server |
//! | `prober`, `probes` | probe workers, and what they ask |
//! | `view` | logs, variables and files, as one sees them from outside |
//! | `connect` | connections to the processes of containers |
//! | `active` | processes that act by themselves |
//! | `volumes`, `environment` | files and variables of containers |
//!
//! Times are milliseconds since the epoch. Nothing happens between two times that
//! [`Kubelets::next_time`] returns.

mod actions;
mod active;
mod conditions;
mod connect;
mod environment;
mod node;
mod pod;
mod prober;
mod probes;
mod report;
mod runtime;
mod start;
mod status;
mod stop;
mod sync;
#[cfg(test)]
mod tests;
mod view;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kubernetes::object::Value;

use crate::apiserver::{ApiServer, Change, Event};
use crate::program::{Behaviors, Images, Programs};
use crate::random::Random;
use crate::recorder::{Note, Recorder, Type};
pub use active::{Active, ActiveContainer};
pub use environment::expand;
pub use node::NodeOptions;
use pod::{PodWorker, Stage};
pub use volumes::mount_of;

/// Delay of a watch in milliseconds, from and to.
const WATCH: (i64, i64) = (2, 12);

/// A node with a kubelet.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: Arc<str>,
    pub address: String,
    /// The first three numbers of the addresses of its pods.
    pod_network: String,
    /// Milliseconds of a second at which the runtime is listed, and at which due work is looked for.
    relist_phase: i64,
    tick_phase: i64,
}

/// State that the pods of all nodes share.
#[derive(Clone, Debug, Default)]
struct Shared {
    /// Images that a node has pulled.
    pulled: BTreeSet<(Arc<str>, String)>,
    /// Number of pulls, by image.
    pulls: BTreeMap<String, usize>,
    /// Number of pods that have started a container, by namespace.
    pods: BTreeMap<Arc<str>, usize>,
    /// The same by namespace and image.
    image_pods: BTreeMap<(Arc<str>, String), usize>,
    /// The uid of the pod that has an address of a node, by the node and the last number.
    addresses: BTreeMap<(Arc<str>, i64), Arc<str>>,
    /// Containers whose processes act by themselves, in the order of their starts.
    active: Vec<Active>,
}

/// All kubelets of a cluster. Pods of nodes without a kubelet stay as they are.
#[derive(Clone, Debug)]
pub struct Kubelets {
    /// The programs that containers run.
    pub programs: Arc<dyn Programs>,
    pub images: Images,
    nodes: BTreeMap<Arc<str>, Node>,
    /// By uid.
    pods: BTreeMap<Arc<str>, PodWorker>,
    due: BTreeSet<(i64, Arc<str>)>,
    /// The entry of a pod in `due`.
    times: BTreeMap<Arc<str>, i64>,
    shared: Shared,
}

impl Default for Kubelets {
    fn default() -> Self {
        Self {
            programs: Arc::new(Behaviors::default()),
            images: Images::default(),
            nodes: BTreeMap::new(),
            pods: BTreeMap::new(),
            due: BTreeSet::new(),
            times: BTreeMap::new(),
            shared: Shared::default(),
        }
    }
}

/// The context of a pod's worker.
struct Env<'a> {
    server: &'a mut ApiServer,
    recorder: &'a mut Recorder,
    random: &'a mut Random,
    now: i64,
    node: &'a Node,
    programs: &'a dyn Programs,
    images: &'a Images,
    shared: &'a mut Shared,
}

impl Env<'_> {
    /// Writes an event about a pod; `field` names a container: `spec.containers{app}`.
    fn event(&mut self, pod: &Value, field: &str, ty: Type, reason: &str, message: &str) {
        let host = &*self.node.name;
        let note = Note { object: pod, field, ty, reason, message, component: "kubelet", host };
        self.recorder.write(self.server, self.now, &note);
    }
}

impl Kubelets {
    /// Tells the kubelets about a change of an object.
    pub(crate) fn observe(&mut self, event: &Event, random: &mut Random, now: i64) {
        if event.key.kind != "Pod" || !event.key.group.is_empty() {
            return;
        }
        let node = event.object["spec"].str("nodeName");
        if !self.nodes.contains_key(node) || !concerns(event) {
            return;
        }
        let uid: Arc<str> = event.object["metadata"].str("uid").into();
        let at = now + random.between(WATCH.0, WATCH.1);
        match self.pods.get_mut(&uid) {
            Some(worker) if event.change == Change::Deleted && worker.stage == Stage::Finished => {
                self.forget(&uid);
            }
            Some(worker) => {
                if event.change == Change::Deleted {
                    // The last state of the object has the grace period of the deletion.
                    worker.pod = event.object.clone();
                }
                worker.changed(at);
                self.schedule(&uid);
            }
            None if event.change != Change::Deleted => {
                let Some(node) = self.nodes.get(node) else { return };
                let worker = PodWorker::new(event.key.clone(), event.object.clone(), node, at);
                self.pods.insert(uid.clone(), worker);
                self.schedule(&uid);
            }
            None => {}
        }
    }

    fn forget(&mut self, uid: &Arc<str>) {
        self.pods.remove(uid);
        self.shared.addresses.retain(|_, owner| owner != uid);
        if let Some(at) = self.times.remove(uid) {
            self.due.remove(&(at, uid.clone()));
        }
    }

    /// Enters the next time of a pod.
    fn schedule(&mut self, uid: &Arc<str>) {
        self.schedule_after(uid, i64::MIN);
    }

    /// Enters the next time of a pod, which has done everything that was due at `done`.
    fn schedule_after(&mut self, uid: &Arc<str>, done: i64) {
        if let Some(at) = self.times.remove(uid) {
            self.due.remove(&(at, uid.clone()));
        }
        let Some(worker) = self.pods.get(uid) else { return };
        let Some(node) = self.nodes.get(&worker.node) else { return };
        if let Some(at) = worker.next_time(node) {
            let at = at.max(done.saturating_add(1));
            self.due.insert((at, uid.clone()));
            self.times.insert(uid.clone(), at);
        }
    }

    /// The time at which a kubelet has something to do next.
    pub fn next_time(&self) -> Option<i64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The time at which something happens next that is more than repetition.
    pub fn next_progress(&self) -> Option<i64> {
        let times = self.pods.values().filter_map(|worker| {
            let node = self.nodes.get(&worker.node)?;
            worker.next_progress(node)
        });
        times.min()
    }

    /// The last time at which the answers of running processes change by themselves; 0 if none runs.
    pub fn last_change(&self) -> i64 {
        let containers = self.pods.values().flat_map(|worker| &worker.containers);
        let running = containers.filter(|one| one.record.is_running());
        let changes = running.filter_map(|one| {
            Some(one.record.started.saturating_add(one.process.as_ref()?.last_change()))
        });
        changes.max().unwrap_or_default()
    }

    /// Does what is due for one pod.
    pub(crate) fn step(
        &mut self,
        server: &mut ApiServer,
        recorder: &mut Recorder,
        random: &mut Random,
        now: i64,
    ) {
        let Some((_, uid)) = self.due.first().filter(|(at, _)| *at <= now).cloned() else { return };
        self.due.remove(&(self.times.remove(&uid).unwrap_or(now), uid.clone()));
        let Some(mut worker) = self.pods.remove(&uid) else { return };
        let Some(node) = self.nodes.get(&worker.node) else { return };
        let programs = self.programs.clone();
        worker.step(&mut Env {
            server,
            recorder,
            random,
            now,
            node,
            programs: &*programs,
            images: &self.images,
            shared: &mut self.shared,
        });
        if worker.stage == Stage::Finished && worker.removed {
            self.shared.addresses.retain(|_, owner| *owner != uid);
            return;
        }
        self.pods.insert(uid.clone(), worker);
        self.schedule_after(&uid, now);
    }
}

/// True if a change is more than a new status, or if it may open a readiness gate.
/// Source: pkg/kubelet/config podsDifferSemantically, status.NeedToReconcilePodReadiness.
fn concerns(event: &Event) -> bool {
    let (old, new) = (&event.previous, &event.object);
    event.change != Change::Modified
        || old["spec"] != new["spec"]
        || ["labels", "annotations", "deletionTimestamp", "deletionGracePeriodSeconds"]
            .iter()
            .any(|field| old["metadata"][field] != new["metadata"][field])
        || !new["spec"].list("readinessGates").is_empty()
            && old["status"]["conditions"] != new["status"]["conditions"]
}
