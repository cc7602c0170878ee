//! Controllers: reconcilers with a queue of keys each, filled by changes of objects.
//!
//! | file | keeps |
//! | --- | --- |
//! | `serviceaccount` | the account `default` and the ConfigMap `kube-root-ca.crt` in each namespace |
//! | `tokens` | Secrets with the token of an account |
//! | `namespace` | the end of a namespace: everything in it goes first |
//! | `garbage` | objects whose owners are gone |
//! | `quota` | the used amounts of ResourceQuotas |
//! | `binder` | claims bound to volumes |
//! | `triggers` | the changes that lead to an update of endpoints |
//! | `provisioner` | volumes for claims, as minikube makes them |
//! | `protection` | claims and volumes that are in use |
//! | `aggregation` | ClusterRoles made of others |
//!
//! A reconciler reads and writes the API server; it has no state but its queue, so that a clone of
//! a cluster continues by itself. [`Controllers::settle`] runs them until no key is left; a clock can
//! run them key by key instead ([`Controllers::step`]).

mod aggregation;
mod binder;
mod cronjob;
mod daemonset;
mod daemonset_update;
mod deployment;
mod deployment_scale;
mod deployment_status;
mod disruption;
mod endpoints;
mod endpointslice;
mod garbage;
mod history;
mod horizontal;
mod job;
mod job_pods;
mod namespace;
mod nodes;
pub mod objects;
mod pod_control;
mod protection;
pub(crate) mod provisioner;
mod quota;
mod replicaset;
pub mod schedule;
mod serviceaccount;
mod statefulset;
mod statefulset_pods;
mod tokens;
pub(crate) mod triggers;
mod ttl;

use std::collections::{HashSet, VecDeque};

use crate::apiserver::{ApiServer, Event, Key};
use crate::engine::{ControllerContext, Retry};

pub use binder::{bind_for_pod, has_volume_on};
pub use deployment::REVISION;
pub use provisioner::StorageProvisioner;
pub use serviceaccount::CERTIFICATE;

/// A controller: which keys a change concerns, and what to do about one.
pub struct Reconciler {
    pub name: &'static str,
    /// Keys to look at after a change.
    pub keys: fn(&ApiServer, &Event) -> Vec<Key>,
    /// Brings the object closer to what it should be.
    pub reconcile: fn(&mut ApiServer, &Key),
}

impl Reconciler {
    /// Time from a change to its sync in milliseconds, from and to. The binder reads and writes two
    /// objects several times; a scheduler that looks at once finds the claim still open.
    pub fn delay(&self) -> (i64, i64) {
        if self.name == binder::BINDER.name { (40, 80) } else { (2, 12) }
    }
}

/// All controllers of this crate, in the order in which they get their turns.
pub static RECONCILERS: &[Reconciler] = &[
    serviceaccount::ACCOUNTS,
    serviceaccount::ROOT_CA,
    tokens::TOKENS,
    namespace::NAMESPACES,
    garbage::GARBAGE,
    binder::BINDER,
    protection::PROTECTION,
    quota::QUOTAS,
    aggregation::AGGREGATION,
];

/// A controller that works in simulated time and writes events.
pub struct Controller {
    /// The name under which it writes events.
    pub component: &'static str,
    /// Keys to look at after a change.
    pub keys: fn(&ApiServer, &Event) -> Vec<Key>,
    /// Brings the object closer to what it should be.
    pub sync: fn(&mut ControllerContext<'_>, &Key) -> Result<(), Retry>,
    /// Time from a change to its sync in milliseconds, from and to. The seed chooses.
    pub delay: (i64, i64),
}

/// Controllers of a cluster in simulated time, in the order in which changes are handed to them.
pub static CONTROLLERS: &[Controller] = &[
    deployment::DEPLOYMENT,
    replicaset::REPLICA_SET,
    replicaset::REPLICATION_CONTROLLER,
    statefulset::STATEFUL_SET,
    daemonset::DAEMON_SET,
    job::JOB,
    cronjob::CRON_JOB,
    ttl::TTL,
    endpoints::ENDPOINTS,
    endpointslice::ENDPOINT_SLICE,
    endpointslice::MIRRORING,
    disruption::DISRUPTION,
    horizontal::HORIZONTAL,
    nodes::NODE_LIFECYCLE,
    nodes::TAINT_EVICTION,
    binder::EVENTS,
    provisioner::PROVISIONER,
    crate::scheduler::SCHEDULER,
];

/// The queues of the controllers.
#[derive(Clone, Debug, Default)]
pub struct Controllers {
    queues: Vec<Queue>,
}

/// Keys in the order in which they were added. A key that waits is not added again.
#[derive(Clone, Debug, Default)]
struct Queue {
    order: VecDeque<Key>,
    waiting: HashSet<Key>,
}

impl Queue {
    fn add(&mut self, key: Key) {
        if self.waiting.insert(key.clone()) {
            self.order.push_back(key);
        }
    }

    fn take(&mut self) -> Option<Key> {
        let key = self.order.pop_front()?;
        self.waiting.remove(&key);
        Some(key)
    }
}

/// Steps after which settling gives up: more than any real cluster needs.
const LIMIT: usize = 100_000;

impl Controllers {
    /// Hands the changes since the last call to the queues.
    pub fn observe(&mut self, server: &mut ApiServer) {
        self.queues.resize(RECONCILERS.len(), Queue::default());
        for event in server.storage.take_events() {
            for (reconciler, queue) in RECONCILERS.iter().zip(&mut self.queues) {
                for key in (reconciler.keys)(server, &event) {
                    queue.add(key);
                }
            }
        }
    }

    /// Handles one key of the first queue that has one; returns the controller's name.
    pub fn step(&mut self, server: &mut ApiServer) -> Option<&'static str> {
        self.observe(server);
        for (reconciler, queue) in RECONCILERS.iter().zip(&mut self.queues) {
            if let Some(key) = queue.take() {
                (reconciler.reconcile)(server, &key);
                return Some(reconciler.name);
            }
        }
        None
    }

    /// Runs until no key is left. Returns false if that does not happen.
    pub fn settle(&mut self, server: &mut ApiServer) -> bool {
        (0..LIMIT).any(|_| self.step(server).is_none())
    }
}

#[cfg(test)]
mod tests;
