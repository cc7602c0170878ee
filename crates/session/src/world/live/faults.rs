//! Faults of programs that the kubelets see: crash loops, failing readiness probes, a server that
//! is stopped. Faults of answers are those of the simulated programs; the world gets all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kubernetes::controllers::Overrides;
use kubernetes::objects::{Kind, ObjectRef};
use promql::Timestamp;
use simulation::events::{Event, EventKind, Fault};
use world::Disturbances;

use super::Live;

impl Live {
    /// Hands traffic and faults to the programs of the world.
    pub fn disturb(&mut self, simulated: &simulation::world::World) {
        let is_fault = |event: &&Event| matches!(event.kind, EventKind::Fault { .. });
        let faults = simulated.events().iter().filter(is_fault).chain(&self.crashes);
        self.world.disturb(Disturbances {
            traffic: simulated.traffic().to_vec(),
            faults: faults.cloned().collect(),
            unready: self.unready.clone(),
        });
    }

    /// Lets a container crash after each start until a time.
    pub fn crash(&mut self, process: Option<Arc<str>>, until: Timestamp) {
        let at = self.world.now();
        self.crashes.retain(|event| event.until > at);
        let kind = EventKind::Fault { process, fault: Fault::CrashLoop };
        self.crashes.push(Event { at, until, kind });
    }

    /// Ends the crash loops of a kind.
    pub fn end_crash(&mut self, kind: &EventKind) {
        let now = self.world.now();
        let same = self.crashes.iter_mut().filter(|event| event.kind == *kind);
        same.for_each(|event| event.until = event.until.min(now));
    }

    /// Lets the readiness probe of the first pod of a workload fail, or lets those of all its pods
    /// pass.
    pub fn set_ready(&mut self, workload: &ObjectRef, ready: bool) {
        let namespace = workload.namespace.to_string();
        if !ready {
            let pod = self.first_pod(workload);
            self.unready.extend(pod.map(|pod| (namespace, pod)));
            return;
        }
        let own: BTreeSet<(String, String)> = match &self.observed {
            _ if workload.kind == Kind::Pod => [(namespace, workload.name.to_string())].into(),
            Some(observed) => {
                let all = observed.live.state.replicas.iter();
                let own = all.filter(|(_, (owner, _))| owner == workload);
                own.map(|((namespace, pod), _)| (namespace.to_string(), pod.to_string())).collect()
            }
            None => BTreeSet::new(),
        };
        self.unready.retain(|pod| !own.contains(pod));
    }

    /// Scales the workload of Prometheus to zero.
    pub fn stop_server(&mut self, workload: ObjectRef, replicas: i64) {
        self.scale(&workload, 0);
        self.stopped = Some((workload, replicas));
    }

    /// Scales the workload of Prometheus back, unless something else has scaled it.
    pub fn start_server(&mut self) {
        let Some((workload, replicas)) = self.stopped.take() else { return };
        if self.empty_workloads().contains(&workload) {
            self.scale(&workload, replicas);
        }
    }

    /// The changes of the cluster that are not made by a manifest, for the menu of actions.
    pub fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::default();
        let Some(observed) = &self.observed else { return overrides };
        overrides.scale = observed.empty.iter().map(|workload| (workload.clone(), 0)).collect();
        if self.unready.is_empty() {
            return overrides;
        }
        let mut not_ready: BTreeMap<ObjectRef, BTreeSet<usize>> = BTreeMap::new();
        for ((namespace, pod), (owner, number)) in &observed.live.state.replicas {
            if self.unready.contains(&(namespace.to_string(), pod.to_string())) {
                not_ready.entry(owner.clone()).or_default().insert(*number);
            }
        }
        overrides.not_ready = not_ready;
        overrides
    }

    /// Workloads without an owner that are scaled to zero.
    pub(super) fn empty_workloads(&self) -> Vec<ObjectRef> {
        let storage = &self.world.cluster.server.storage;
        let kinds = [
            ("apps", Kind::Deployment),
            ("apps", Kind::StatefulSet),
            ("apps", Kind::ReplicaSet),
            ("", Kind::ReplicationController),
        ];
        let all = kinds.into_iter().flat_map(|(group, kind)| {
            storage.list(group, kind.name(), "").map(move |(key, object)| (kind, key, object))
        });
        let empty = all.filter(|(_, _, object)| {
            object["metadata"].list("ownerReferences").is_empty()
                && object["spec"]["replicas"].as_int() == Some(0)
        });
        empty
            .map(|(kind, key, _)| ObjectRef {
                kind,
                namespace: (&*key.namespace).into(),
                name: (&*key.name).into(),
            })
            .collect()
    }
}
