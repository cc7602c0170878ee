//! Evictions: deletions of pods that budgets may refuse.
//!
//! Source: pkg/registry/core/pod/storage/eviction.go.

use kubernetes::kinds;
use kubernetes::object::Value;
use kubernetes::validation::meta;

use super::{Accepted, ApiServer, Key, Propagation, Reason, Status};

/// The condition of a pod that is about to be ended by something other than its owner.
pub(crate) fn disruption_target(reason: &str, message: &str, time: String) -> Value {
    let mut condition = Value::map();
    condition.set("type", "DisruptionTarget");
    condition.set("status", "True");
    condition.set("reason", reason);
    condition.set("message", message);
    condition.set("lastProbeTime", Value::Null);
    condition.set("lastTransitionTime", time);
    condition
}

impl ApiServer {
    /// Evicts a pod, as `kubectl drain` asks. Errors: no such pod; a budget that has nothing to give
    /// (`TooManyRequests`).
    pub fn evict(&mut self, namespace: &str, name: &str) -> Result<Accepted, Status> {
        let Some(kind) = kinds::find("v1", "Pod") else {
            return Err(Status::new(Reason::NotFound, "the server has no pods"));
        };
        let pod = self.get(kind, namespace, name)?;
        let status = &pod["status"];
        let free = matches!(status.str("phase"), "Succeeded" | "Failed" | "Pending")
            || pod["metadata"].has("deletionTimestamp");
        if !free {
            self.spend_disruption(namespace, name, &pod)?;
        }
        let key = Key::new(kind, namespace, name);
        let mut marked = pod;
        let condition =
            disruption_target("EvictionByEvictionAPI", "Eviction API: evicting", self.timestamp());
        let conditions = marked.entry("status").entry("conditions").list_mut();
        conditions.retain(|one| one.str("type") != "DisruptionTarget");
        conditions.push(condition);
        self.write(&key, marked);
        self.delete(kind, namespace, name, Propagation::Background)
    }

    /// Takes one disruption from the budget of a pod.
    fn spend_disruption(&mut self, namespace: &str, name: &str, pod: &Value) -> Result<(), Status> {
        let labels = &pod["metadata"]["labels"];
        let budgets: Vec<(Key, Value)> = self
            .storage
            .list("policy", "PodDisruptionBudget", namespace)
            .filter(|(_, budget)| meta::selects(&budget["spec"]["selector"], labels))
            .map(|(key, budget)| (key.clone(), budget.clone()))
            .collect();
        if budgets.len() > 1 {
            let message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
            return Err(Status::new(Reason::TooManyRequests, message));
        }
        let Some((key, mut budget)) = budgets.into_iter().next() else { return Ok(()) };
        let allowed = budget["status"].int("disruptionsAllowed");
        if allowed <= 0 {
            let message = "Cannot evict pod as it would violate the pod's disruption budget.";
            return Err(Status::new(Reason::TooManyRequests, message));
        }
        let time = self.timestamp();
        let status = budget.entry("status");
        status.set("disruptionsAllowed", allowed - 1);
        status.entry("disruptedPods").set(name, time);
        self.write(&key, budget);
        Ok(())
    }
}
