//! The reason for which a pod is not ready, a workload has no pods, or a claim is not bound, with
//! the field at fault.
//!
//! A reason follows from what the cluster reports: conditions, states of containers, Events and
//! logs. The field is one of the manifest, whose places the typed objects have.
//!
//! | module | content |
//! | --- | --- |
//! | here | pods: the order in which their reasons are looked for |
//! | `scheduling` | pods without a node |
//! | `containers` | images, variables, volumes, ends, probes |
//! | `prometheus` | containers that run Prometheus: flags, files, storage, memory |
//! | `refusals` | workloads whose pods the API server refuses, and claims |

mod containers;
mod prometheus;
mod refusals;
mod scheduling;
#[cfg(test)]
mod tests;

use text::Location;

use crate::controllers::{Cause, ClusterState, ConfigVerdict, Event};
use crate::objects::{Container, ObjectRef, Pod};
use crate::prometheus::Instance;

pub(crate) use containers::sentence as volume_sentence;
pub use prometheus::{
    Fault, PrometheusFault, fault as prometheus_fault, locked_storage, out_of_memory,
};
pub use refusals::{of_claim, of_refusal};

/// What is known of a pod.
#[derive(Clone, Copy)]
pub struct PodFacts<'a> {
    /// The cluster, with the claims that are not bound.
    pub state: &'a ClusterState,
    pub pod: &'a Pod,
    /// The workload at the top of its owners, or the pod itself.
    pub owner: &'a ObjectRef,
    /// The Events about it, in the order of their times.
    pub events: &'a [Event],
    /// Lines of the container that fails.
    pub logs: &'a [String],
    /// Loads the configuration of a Prometheus server.
    pub verdict: &'a dyn Fn(&Instance) -> ConfigVerdict,
}

impl<'a> PodFacts<'a> {
    /// The last Event of a reason whose message contains some words.
    fn event(&self, reason: &str, words: &str) -> Option<&'a Event> {
        let mut events = self.events.iter().rev();
        events.find(|event| &*event.reason == reason && event.message.contains(words))
    }

    /// The containers in the order of their starts.
    fn containers(&self) -> impl Iterator<Item = &'a Container> {
        self.pod.spec.init_containers.iter().chain(&self.pod.spec.containers)
    }

    /// The place of the pod's description.
    fn place(&self) -> Option<Location> {
        self.pod.spec.location.or(self.pod.meta.place())
    }
}

/// The reason why a pod does not run or is not ready. None if nothing is wrong with it, or if it
/// has only begun to start.
pub fn of_pod(facts: PodFacts<'_>) -> Option<Cause> {
    let PodFacts { pod, .. } = facts;
    if pod.status.is_ready() || pod.status.is_terminal() || pod.meta.deletion_timestamp.is_some() {
        return None;
    }
    if pod.spec.node_name.value.is_empty() {
        return scheduling::of_pod(facts);
    }
    containers::not_running(facts)
        .or_else(|| containers::volumes(facts))
        .or_else(|| containers::probes(facts))
        .or_else(|| gates(facts))
}

/// A condition of a readiness gate that nothing has set to true.
fn gates(facts: PodFacts<'_>) -> Option<Cause> {
    let ready = facts.pod.status.condition("Ready")?;
    if &*ready.reason != "ReadinessGatesNotReady" {
        return None;
    }
    let message = format!("The pod is not ready: {}.", ready.message);
    Some(Cause { message, at: facts.place() })
}
