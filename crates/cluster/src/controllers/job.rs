//! Jobs: pods that run to their end.
//!
//! Source: pkg/controller/job job_controller.go.

use kubernetes::object::Value;

use super::Controller;
use super::job_pods as pods;
use super::objects::{
    is_active, is_controlled_by, is_deleting, is_ready, is_terminating, owner_key, seconds_of,
    set_count,
};
use super::pod_control::delete_pod;
use crate::apiserver::{Event, Key};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;

pub const FINALIZER: &str = "batch.kubernetes.io/job-tracking";

pub const JOB: Controller = Controller { component: "job-controller", keys, sync, delay: (5, 20) };

fn keys(_: &crate::ApiServer, event: &Event) -> Vec<Key> {
    match event.key.kind {
        "Job" => vec![event.key.clone()],
        "Pod" => owner_key(&event.object, "batch", "Job").into_iter().collect(),
        _ => Vec::new(),
    }
}

/// A Job as one sync sees it.
pub struct State {
    pub key: Key,
    pub job: Value,
    pub status: Value,
    /// Pods of the Job, also those that have ended.
    pub pods: Vec<Value>,
}

/// The end of a Job: type of the condition, reason, message.
type End = (&'static str, &'static str, String);

impl State {
    pub fn is_indexed(&self) -> bool {
        self.job["spec"].str("completionMode") == "Indexed"
    }

    pub fn completions(&self) -> Option<i64> {
        self.job["spec"]["completions"].as_int()
    }

    pub fn active(&self) -> Vec<Value> {
        self.pods.iter().filter(|pod| is_active(pod)).cloned().collect()
    }

    fn condition(&self, ty: &str) -> Option<&Value> {
        self.status.list("conditions").iter().find(|one| one.str("type") == ty)
    }

    fn has(&self, ty: &str) -> bool {
        self.condition(ty).is_some_and(|one| one.str("status") == "True")
    }

    fn is_finished(&self) -> bool {
        self.has("Complete") || self.has("Failed")
    }

    pub fn per_index(&self) -> Option<i64> {
        self.job["spec"]["backoffLimitPerIndex"].as_int()
    }
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(job) = context.server.storage.get(key).cloned() else {
        pods::release_orphans(context, key);
        return Ok(());
    };
    let owned = context.server.storage.list("", "Pod", &key.namespace);
    let pods: Vec<Value> =
        owned.filter(|(_, pod)| is_controlled_by(pod, &job)).map(|(_, pod)| pod.clone()).collect();
    let status = job["status"].clone();
    let mut state = State { key: key.clone(), job, status, pods };
    if is_deleting(&state.job) {
        pods::release_all(context, &mut state);
        return Ok(());
    }
    if state.job["spec"].has("managedBy")
        && state.job["spec"].str("managedBy") != "kubernetes.io/job-controller"
    {
        return Ok(());
    }
    if state.is_finished() {
        pods::release_all(context, &mut state);
        return Ok(());
    }
    start(context, &mut state);
    pods::count_ended(context, &mut state);
    let result = go_on(context, &mut state);
    write(context, &mut state);
    result
}

fn start(context: &mut ControllerContext<'_>, state: &mut State) {
    let suspended = state.job["spec"].bool("suspend");
    if !suspended && !state.status.has("startTime") {
        let time = context.timestamp();
        state.status.set("startTime", time);
    }
    state.status.set_default("uncountedTerminatedPods", Value::map());
}

/// Ends the Job, suspends it, or creates the pods that lack.
fn go_on(context: &mut ControllerContext<'_>, state: &mut State) -> Result<(), Retry> {
    if let Some(end) = failure(context, state) {
        return fail(context, state, end);
    }
    if is_complete(state) {
        return complete(context, state);
    }
    if state.job["spec"].bool("suspend") {
        return suspend(context, state);
    }
    if state.has("Suspended") {
        put(context, state, "Suspended", "False", "JobResumed", "Job resumed");
        let time = context.timestamp();
        state.status.set("startTime", time);
        wait_for_deadline(context, state);
        let result = pods::manage(context, state);
        // Source: syncJob, which says so after manageJob.
        let job = state.job.clone();
        context.event(&job, Type::Normal, "Resumed", "Job resumed");
        return result;
    }
    wait_for_deadline(context, state);
    pods::manage(context, state)
}

/// The reason for which the Job has failed, if it has.
fn failure(context: &ControllerContext<'_>, state: &State) -> Option<End> {
    if let Some(target) = state.condition("FailureTarget") {
        let reason = match target.str("reason") {
            "BackoffLimitExceeded" => "BackoffLimitExceeded",
            "DeadlineExceeded" => "DeadlineExceeded",
            "FailedIndexes" => "FailedIndexes",
            "PodFailurePolicy" => "PodFailurePolicy",
            _ => "MaxFailedIndexesExceeded",
        };
        return Some(("FailureTarget", reason, target.str("message").to_owned()));
    }
    if let Some(message) = pods::failed_by_policy(state) {
        return Some(("FailureTarget", "PodFailurePolicy", message));
    }
    let spec = &state.job["spec"];
    let limit = spec.int("backoffLimit");
    let restarts = if spec["template"]["spec"].str("restartPolicy") == "OnFailure" {
        pods::restarts(&state.pods)
    } else {
        0
    };
    let past = restarts > 0 && (if limit == 0 { restarts > 0 } else { restarts >= limit });
    if state.status.int("failed") > limit || past {
        let message = "Job has reached the specified backoff limit".to_owned();
        return Some(("FailureTarget", "BackoffLimitExceeded", message));
    }
    if !spec.bool("suspend") && is_past_deadline(context, state) {
        let message = "Job was active longer than specified deadline".to_owned();
        return Some(("FailureTarget", "DeadlineExceeded", message));
    }
    failed_indexes(state)
}

fn failed_indexes(state: &State) -> Option<End> {
    state.per_index()?;
    let failed = pods::parse_indexes(state.status.str("failedIndexes"));
    let done = pods::parse_indexes(state.status.str("completedIndexes"));
    let most = state.job["spec"]["maxFailedIndexes"].as_int();
    if most.is_some_and(|most| failed.len() as i64 > most) {
        let message = "Job has exceeded the specified maximal number of failed indexes".to_owned();
        return Some(("FailureTarget", "MaxFailedIndexesExceeded", message));
    }
    let all = (failed.len() + done.len()) as i64 >= state.completions().unwrap_or_default();
    (!failed.is_empty() && all)
        .then(|| ("FailureTarget", "FailedIndexes", "Job has failed indexes".to_owned()))
}

fn deadline(state: &State) -> Option<i64> {
    let seconds = state.job["spec"]["activeDeadlineSeconds"].as_int()?;
    Some(seconds_of(&state.status["startTime"])? + seconds)
}

fn is_past_deadline(context: &ControllerContext<'_>, state: &State) -> bool {
    deadline(state).is_some_and(|deadline| context.seconds() >= deadline)
}

fn wait_for_deadline(context: &mut ControllerContext<'_>, state: &State) {
    if let Some(deadline) = deadline(state) {
        let after = deadline * 1000 - context.now;
        context.wake(&state.key, after);
    }
}

fn is_complete(state: &State) -> bool {
    if state.has("SuccessCriteriaMet") {
        return true;
    }
    let succeeded = state.status.int("succeeded");
    match state.completions() {
        None => succeeded > 0 && state.active().is_empty(),
        Some(completions) => succeeded >= completions && state.active().is_empty(),
    }
}

fn put(
    context: &ControllerContext<'_>,
    state: &mut State,
    ty: &str,
    value: &str,
    reason: &str,
    message: &str,
) {
    let time = context.timestamp();
    let list = state.status.entry("conditions").list_mut();
    let old = list.iter().find(|one| one.str("type") == ty);
    if old.is_some_and(|old| old.str("status") == value && old.str("reason") == reason) {
        return;
    }
    list.retain(|one| one.str("type") != ty);
    let mut condition = Value::map();
    condition.set("type", ty);
    condition.set("status", value);
    condition.set("lastProbeTime", &*time);
    condition.set("lastTransitionTime", &*time);
    condition.set("reason", reason);
    condition.set("message", message);
    list.push(condition);
}

/// Deletes what still runs; those pods count as failed. The Job has failed once they are gone.
fn fail(context: &mut ControllerContext<'_>, state: &mut State, end: End) -> Result<(), Retry> {
    let (ty, reason, message) = end;
    put(context, state, ty, "True", reason, &message);
    let job = state.job.clone();
    for pod in state.active() {
        pods::release(context, &pod);
        delete_pod(context, &job, &pod);
        let failed = state.status.int("failed") + 1;
        state.status.set("failed", failed);
    }
    reload(context, state);
    if state.pods.iter().any(is_terminating) {
        return Ok(());
    }
    put(context, state, "Failed", "True", reason, &message);
    context.event(&job, Type::Warning, reason, &message);
    Ok(())
}

fn complete(context: &mut ControllerContext<'_>, state: &mut State) -> Result<(), Retry> {
    let (reason, message) = ("CompletionsReached", "Reached expected number of succeeded pods");
    put(context, state, "SuccessCriteriaMet", "True", reason, message);
    if state.pods.iter().any(is_terminating) {
        return Ok(());
    }
    put(context, state, "Complete", "True", reason, message);
    let time = context.timestamp();
    state.status.set("completionTime", time);
    let job = state.job.clone();
    context.event(&job, Type::Normal, "Completed", "Job completed");
    Ok(())
}

fn suspend(context: &mut ControllerContext<'_>, state: &mut State) -> Result<(), Retry> {
    let job = state.job.clone();
    for pod in state.active() {
        pods::release(context, &pod);
        delete_pod(context, &job, &pod);
    }
    reload(context, state);
    if !state.has("Suspended") {
        put(context, state, "Suspended", "True", "JobSuspended", "Job suspended");
        context.event(&job, Type::Normal, "Suspended", "Job suspended");
    }
    state.status.remove("startTime");
    Ok(())
}

/// Reads the pods again.
pub fn reload(context: &ControllerContext<'_>, state: &mut State) {
    state.pods = context
        .server
        .storage
        .list("", "Pod", &state.key.namespace)
        .filter(|(_, pod)| is_controlled_by(pod, &state.job))
        .map(|(_, pod)| pod.clone())
        .collect();
}

fn write(context: &mut ControllerContext<'_>, state: &mut State) {
    reload(context, state);
    let active = state.active();
    let ready = active.iter().filter(|pod| is_ready(pod)).count() as i64;
    let terminating = state.pods.iter().filter(|pod| is_terminating(pod)).count() as i64;
    let status = &mut state.status;
    set_count(status, "active", active.len() as i64);
    status.set("ready", ready);
    status.set("terminating", terminating);
    if let Some(mut job) = context.server.storage.get(&state.key).cloned() {
        job.set("status", state.status.clone());
        context.server.write(&state.key, job);
    }
}
