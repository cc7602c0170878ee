//! Status and conditions of a Deployment.
//!
//! Source: pkg/controller/deployment/progress.go, sync.go calculateStatus.

use kubernetes::object::Value;

use super::deployment::Rollout;
use super::deployment_scale::max_unavailable;
use super::objects::{condition, remove_condition, seconds_of, set_count};
use crate::engine::{ControllerContext, Retry};

const TIMED_OUT: &str = "ProgressDeadlineExceeded";
const AVAILABLE: &str = "NewReplicaSetAvailable";

/// A deadline of the largest number means none.
pub fn has_deadline(deployment: &Value) -> bool {
    deployment["spec"]["progressDeadlineSeconds"]
        .as_int()
        .is_some_and(|seconds| seconds != i64::from(i32::MAX))
}

pub fn progressing(deployment: &Value) -> Option<&Value> {
    condition(deployment, "Progressing")
}

/// Sets a condition of the Deployment. Source: SetDeploymentCondition.
pub fn set(
    context: &ControllerContext<'_>,
    rollout: &mut Rollout,
    ty: &str,
    value: &str,
    reason: &str,
    message: &str,
) {
    let time = context.timestamp();
    put(rollout.deployment.entry("status"), &time, ty, value, reason, message);
}

fn put(status: &mut Value, time: &str, ty: &str, value: &str, reason: &str, message: &str) {
    let mut transition = time.to_owned();
    let old = status.list("conditions").iter().find(|one| one.str("type") == ty);
    if let Some(old) = old.filter(|old| old.str("status") == value) {
        if old.str("reason") == reason {
            return;
        }
        old.str("lastTransitionTime").clone_into(&mut transition);
    }
    let mut condition = Value::map();
    condition.set("type", ty);
    condition.set("status", value);
    condition.set("lastUpdateTime", time);
    condition.set("lastTransitionTime", transition);
    condition.set("reason", reason);
    condition.set("message", message);
    let list = status.entry("conditions").list_mut();
    list.retain(|one| one.str("type") != ty);
    list.push(condition);
}

/// Notes that a Deployment was paused or resumed.
pub fn check_paused(context: &mut ControllerContext<'_>, rollout: &mut Rollout) {
    if !has_deadline(&rollout.deployment) {
        return;
    }
    let reason = progressing(&rollout.deployment).map_or("", |one| one.str("reason"));
    if reason == TIMED_OUT {
        return;
    }
    let (paused, noted) = (rollout.deployment["spec"].bool("paused"), reason == "DeploymentPaused");
    let (reason, message) = match (paused, noted) {
        (true, false) => ("DeploymentPaused", "Deployment is paused"),
        (false, true) => ("DeploymentResumed", "Deployment is resumed"),
        _ => return,
    };
    set(context, rollout, "Progressing", "Unknown", reason, message);
    rollout.store_deployment(context);
}

/// True if all pods are of the new template and available. Source: DeploymentComplete.
pub fn is_complete(deployment: &Value, status: &Value) -> bool {
    let wanted = deployment["spec"].int("replicas");
    status.int("updatedReplicas") == wanted
        && status.int("replicas") == wanted
        && status.int("availableReplicas") == wanted
        && status.int("observedGeneration") >= deployment["metadata"].int("generation")
}

fn sum(sets: &[Value], key: &str) -> i64 {
    sets.iter().map(|set| set["status"].int(key)).sum()
}

fn calculate(context: &ControllerContext<'_>, rollout: &Rollout) -> Value {
    let deployment = &rollout.deployment;
    let all = rollout.all();
    let mut status = Value::map();
    for key in ["conditions", "collisionCount"] {
        if deployment["status"].has(key) {
            status.set(key, deployment["status"][key].clone());
        }
    }
    let available = sum(&all, "availableReplicas");
    let total: i64 = all.iter().map(|set| set["spec"].int("replicas")).sum();
    status.set("observedGeneration", deployment["metadata"].int("generation"));
    set_count(&mut status, "replicas", sum(&all, "replicas"));
    let updated = rollout.new.as_ref().map_or(0, |new| new["status"].int("replicas"));
    set_count(&mut status, "updatedReplicas", updated);
    set_count(&mut status, "readyReplicas", sum(&all, "readyReplicas"));
    set_count(&mut status, "availableReplicas", available);
    set_count(&mut status, "unavailableReplicas", (total - available).max(0));
    status.set("terminatingReplicas", sum(&all, "terminatingReplicas"));
    let time = context.timestamp();
    let least = deployment["spec"].int("replicas") - max_unavailable(deployment);
    if available >= least {
        let message = "Deployment has minimum availability.";
        put(&mut status, &time, "Available", "True", "MinimumReplicasAvailable", message);
    } else {
        let message = "Deployment does not have minimum availability.";
        put(&mut status, &time, "Available", "False", "MinimumReplicasUnavailable", message);
    }
    status
}

/// Writes the sizes, without looking at progress.
pub fn sync_only(context: &mut ControllerContext<'_>, rollout: &mut Rollout) {
    let status = calculate(context, rollout);
    if status != rollout.deployment["status"] {
        rollout.deployment.set("status", status);
        rollout.store_deployment(context);
    }
}

/// Writes the sizes and how the rollout goes.
pub fn sync_rollout(
    context: &mut ControllerContext<'_>,
    rollout: &mut Rollout,
) -> Result<(), Retry> {
    let mut status = calculate(context, rollout);
    if has_deadline(&rollout.deployment) {
        progress(context, rollout, &mut status);
    } else {
        remove_condition(&mut status, "Progressing");
    }
    match replica_failure(rollout) {
        Some(failure) => {
            let time = failure.str("lastTransitionTime").to_owned();
            let (value, reason) = (failure.str("status"), failure.str("reason"));
            put(&mut status, &time, "ReplicaFailure", value, reason, failure.str("message"));
        }
        None => remove_condition(&mut status, "ReplicaFailure"),
    }
    wait_for_deadline(context, rollout, &status);
    if status != rollout.deployment["status"] {
        rollout.deployment.set("status", status);
        rollout.store_deployment(context);
    }
    Ok(())
}

/// The newest failure of a set to create pods.
fn replica_failure(rollout: &Rollout) -> Option<Value> {
    let failure = |set: &Value| condition(set, "ReplicaFailure").cloned();
    if let Some(found) = rollout.new.as_ref().and_then(failure) {
        return Some(found);
    }
    rollout.old.iter().find_map(failure)
}

fn progress(context: &ControllerContext<'_>, rollout: &Rollout, status: &mut Value) {
    let deployment = &rollout.deployment;
    let current = progressing(deployment).cloned().unwrap_or_default();
    let at_rest = status.int("replicas") == status.int("updatedReplicas")
        && current.str("reason") == AVAILABLE;
    if at_rest {
        return;
    }
    let subject = match &rollout.new {
        Some(new) => format!("ReplicaSet \"{}\"", new["metadata"].str("name")),
        None => format!("Deployment \"{}\"", deployment["metadata"].str("name")),
    };
    let time = context.timestamp();
    let (value, reason, message) = if is_complete(deployment, status) {
        ("True", AVAILABLE, format!("{subject} has successfully progressed."))
    } else if has_progressed(&deployment["status"], status) {
        let message = format!("{subject} is progressing.");
        // Each progress renews the time from which the deadline counts.
        remove_condition(status, "Progressing");
        put(status, &time, "Progressing", "True", "ReplicaSetUpdated", &message);
        if current.str("status") == "True"
            && let Some(last) = status.entry("conditions").list_mut().last_mut()
        {
            last.set("lastTransitionTime", current.str("lastTransitionTime"));
        }
        return;
    } else if is_timed_out(context, deployment, &current) {
        ("False", TIMED_OUT, format!("{subject} has timed out progressing."))
    } else {
        return;
    };
    put(status, &time, "Progressing", value, reason, &message);
}

fn has_progressed(old: &Value, new: &Value) -> bool {
    let rest = |status: &Value| status.int("replicas") - status.int("updatedReplicas");
    let grown = |key: &str| new.int(key) > old.int(key);
    grown("updatedReplicas")
        || rest(new) < rest(old)
        || grown("readyReplicas")
        || grown("availableReplicas")
}

fn is_timed_out(context: &ControllerContext<'_>, deployment: &Value, current: &Value) -> bool {
    match current.str("reason") {
        AVAILABLE => false,
        TIMED_OUT => true,
        _ => {
            let deadline = deployment["spec"].int("progressDeadlineSeconds");
            seconds_of(&current["lastUpdateTime"])
                .is_some_and(|from| (from + deadline) * 1000 < context.now)
        }
    }
}

/// Comes back when the deadline has passed.
fn wait_for_deadline(context: &mut ControllerContext<'_>, rollout: &Rollout, status: &Value) {
    let deployment = &rollout.deployment;
    if !has_deadline(deployment) || is_complete(deployment, status) {
        return;
    }
    let current = status.list("conditions").iter().find(|one| one.str("type") == "Progressing");
    let Some(current) = current.filter(|one| one.str("reason") != TIMED_OUT) else { return };
    let Some(from) = seconds_of(&current["lastUpdateTime"]) else { return };
    let deadline = (from + deployment["spec"].int("progressDeadlineSeconds")) * 1000;
    let key = rollout.key.clone();
    context.wake(&key, (deadline - context.now).max(0) + 1000);
}
