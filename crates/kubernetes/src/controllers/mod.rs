//! The objects that the control plane derives from applied ones: pods with addresses and states,
//! Services with ClusterIPs, Endpoints and EndpointSlices, bound claims.
//!
//! Real objects win: a ReplicaSet, pod, Endpoints or EndpointSlice that is in the manifests
//! (because they are the output of `kubectl get`) is not derived again, and a status that is given
//! is kept. Everything is a function of the inputs: the same manifests give the same names and
//! addresses.

mod addresses;
mod builtin;
mod endpoints;
#[cfg(test)]
mod endpoints_tests;
mod pod_state;
mod pods;
mod prometheus_state;
mod scheduler;
mod storage;
#[cfg(test)]
mod tests;
mod workloads;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::cluster::Cluster;
use super::objects::{Kind, ObjectRef, Pod, Resource, StringMap, Text, Workload, contains_all};
use super::prometheus::Instance;
use text::Location;

pub use builtin::{API_SERVER_PORT, DEFAULT_NODE, DEFAULT_NODE_IP, cluster_dns_ip};
pub use endpoints::target_port;
pub use pod_state::ConfigVerdict;
pub use workloads::{MAX_PODS, is_consistent};

/// Changes of the cluster since the manifests were applied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// Another number of replicas, by `kubectl scale`.
    pub scale: BTreeMap<ObjectRef, i64>,
    /// Replicas that fail their readiness probe, by workload (or bare pod) and number from 0.
    pub not_ready: BTreeMap<ObjectRef, BTreeSet<usize>>,
    /// The number of times that a replica was replaced by a pod with another name and address.
    pub replaced: BTreeMap<(ObjectRef, usize), u32>,
    /// The number of restarts of a replica's containers.
    pub restarted: BTreeMap<(ObjectRef, usize), u32>,
    /// Replicas that were ended for using more memory than their limit.
    pub out_of_memory: BTreeMap<ObjectRef, BTreeSet<usize>>,
}

impl Overrides {
    pub(super) fn is_not_ready(&self, owner: &ObjectRef, number: usize) -> bool {
        self.not_ready.get(owner).is_some_and(|set| set.contains(&number))
    }

    pub(super) fn is_out_of_memory(&self, owner: &ObjectRef, number: usize) -> bool {
        self.out_of_memory.get(owner).is_some_and(|set| set.contains(&number))
    }
}

/// The state of a pod as `kubectl describe` and `kubectl logs` show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PodReport {
    /// The column STATUS of `kubectl get pods`.
    pub status: Text,
    pub events: Vec<Event>,
    /// Lines of the container that has something to say.
    pub logs: Vec<String>,
    /// The reason why the pod does not run, with the field at fault.
    pub cause: Option<Cause>,
}

/// A line under Events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub warning: bool,
    pub reason: Text,
    /// `kubelet`, `default-scheduler`, …
    pub from: Text,
    pub message: String,
    /// The container that it concerns; empty if it concerns the whole object.
    pub container: Text,
}

impl Event {
    pub(super) fn warning(reason: &str, from: &str, message: impl Into<String>) -> Self {
        Self { warning: true, ..Self::normal(reason, from, message) }
    }

    pub(super) fn normal(reason: &str, from: &str, message: impl Into<String>) -> Self {
        Self {
            warning: false,
            reason: reason.into(),
            from: from.into(),
            message: message.into(),
            container: Text::default(),
        }
    }
}

/// A reason, with the location of the field at fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// A whole sentence.
    pub message: String,
    pub at: Option<Location>,
}

/// The cluster after the controllers have done their work.
#[derive(Clone, Debug, Default)]
pub struct ClusterState {
    pub cluster: Cluster,
    /// By namespace and name.
    pub reports: BTreeMap<(Text, Text), PodReport>,
    /// Workloads whose pods the API server refuses, with the event that reports it.
    pub refused: BTreeMap<ObjectRef, (Event, Cause)>,
    /// The number of pods of a workload that were not created because the cluster has too many.
    pub left_out: BTreeMap<ObjectRef, i64>,
    /// For each pod of a workload (or bare pod): the workload and the replica's number.
    pub replicas: BTreeMap<(Text, Text), (ObjectRef, usize)>,
    /// Claims that are not bound, with the event that says why.
    pub pending_claims: BTreeMap<(Text, Text), Event>,
    /// The places in the cluster's table of the pods that have an address.
    by_address: FxHashMap<Text, Vec<usize>>,
}

impl ClusterState {
    /// The state of a cluster whose objects are known with their status.
    pub fn observed(cluster: Cluster) -> Self {
        let mut state = Self { cluster, ..Self::default() };
        state.note_addresses();
        state
    }

    pub fn report(&self, namespace: &str, pod: &str) -> Option<&PodReport> {
        self.reports.get(&(namespace.into(), pod.into()))
    }

    /// Returns a workload with 0 replicas whose pods a selector would match. An empty selector matches
    /// none.
    pub fn without_replicas(&self, namespace: &str, selector: &StringMap) -> Option<&Workload> {
        let has_count = |workload: &Workload| {
            use Kind::{Deployment, ReplicaSet, ReplicationController, StatefulSet};
            let kind = workload.kind;
            matches!(kind, Deployment | ReplicaSet | ReplicationController | StatefulSet)
        };
        let is_empty = |workload: &Workload| {
            let own = workload.reference();
            has_count(workload)
                && !workload.meta.has_controlling_workload()
                && !self.refused.contains_key(&own)
                && !self.left_out.contains_key(&own)
                && self.replicas.values().all(|(owner, _)| *owner != own)
        };
        if selector.is_empty() {
            return None;
        }
        let mut workloads = self.cluster.workloads.iter().map(|one| &**one);
        workloads.find(|one| {
            *one.meta.namespace.value == *namespace
                && contains_all(selector, &one.template.meta.labels)
                && is_empty(one)
        })
    }

    /// The pods that have an address: those on their node's network share the node's. Pods whose
    /// work is done have none any more.
    pub fn pods_at(&self, ip: &str) -> impl Iterator<Item = &Pod> {
        let places = self.by_address.get(ip).into_iter().flatten();
        places.filter_map(|at| self.cluster.pods.iter().as_slice().get(*at)).map(|pod| &**pod)
    }

    fn note_addresses(&mut self) {
        for (at, pod) in self.cluster.pods.iter().enumerate() {
            let status = &pod.status;
            let more = status.pod_ips.iter().filter(|ip| **ip != status.pod_ip);
            let ips = std::iter::once(&status.pod_ip).chain(more);
            for ip in ips.filter(|ip| !ip.is_empty() && !status.is_terminal()) {
                self.by_address.entry(ip.clone()).or_default().push(at);
            }
        }
    }
}

/// Inputs of the controllers besides the objects.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    pub overrides: &'a Overrides,
    /// Loads the configuration of a Prometheus server. Returns the error as the server logs it.
    pub verdict: &'a dyn Fn(&Instance) -> ConfigVerdict,
}

/// The maximum number of pods of a workload.
type Limits = BTreeMap<ObjectRef, usize>;

/// Runs every controller to the end.
pub fn run(written: &Cluster, inputs: Inputs<'_>) -> ClusterState {
    let state = pass(written, inputs, &Limits::new());
    let limits = workloads::waiting_sets(&state, inputs.overrides);
    if limits.is_empty() {
        return state;
    }
    let mut state = pass(written, inputs, &limits);
    workloads::report_waiting(&mut state, &limits);
    state
}

/// `limits` are known only when it is seen which pods become ready.
fn pass(written: &Cluster, inputs: Inputs<'_>, limits: &Limits) -> ClusterState {
    let mut state = ClusterState { cluster: written.clone(), ..ClusterState::default() };
    builtin::add(&mut state.cluster);
    addresses::assign_services(&mut state.cluster);
    storage::bind(&mut state);
    workloads::make_pods(&mut state, inputs.overrides, limits);
    scheduler::place(&mut state);
    addresses::assign_pods(&mut state, inputs.overrides);
    pod_state::settle(&mut state, inputs);
    endpoints::fill(&mut state.cluster);
    state.note_addresses();
    state
}

/// [`run`] without anything having happened, and with every configuration taken for valid.
pub fn run_plain(written: &Cluster) -> ClusterState {
    let overrides = Overrides::default();
    run(written, Inputs { overrides: &overrides, verdict: &|_| ConfigVerdict::Valid })
}
