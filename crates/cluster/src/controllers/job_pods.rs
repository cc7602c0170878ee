//! The pods of a Job: indexes, counting, back-off.
//!
//! Source: pkg/controller/job indexed_job_utils.go, backoff_utils.go, pod_failure_policy.go.

use std::collections::{BTreeMap, BTreeSet};

use kubernetes::object::{Value, parse_json};

use super::job::{FINALIZER, State};
use super::objects::{
    is_active, is_deleting, is_terminal, is_terminating, owner_key, pod_from_template, seconds_of,
    set_count,
};
use super::pod_control::{self, create_pod, delete_pod};
use crate::apiserver::Key;
use crate::engine::{ControllerContext, Retry};

const INDEX: &str = "batch.kubernetes.io/job-completion-index";
const INDEX_FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
const FIRST_BACKOFF: i64 = 10;
const LONGEST_BACKOFF: i64 = 600;

fn has_finalizer(pod: &Value) -> bool {
    pod["metadata"].list("finalizers").iter().any(|one| one.as_str() == Some(FINALIZER))
}

/// Takes the finalizer of the controller off a pod.
pub fn release(context: &mut ControllerContext<'_>, pod: &Value) {
    let key = pod_control::key(pod);
    let Some(mut pod) = context.server.storage.get(&key).cloned() else { return };
    if has_finalizer(&pod) {
        super::garbage::remove_finalizer(&mut pod, FINALIZER);
        context.server.write(&key, pod);
    }
}

/// Lets the pods of a Job go that is finished or being deleted.
pub fn release_all(context: &mut ControllerContext<'_>, state: &mut State) {
    for pod in state.pods.clone() {
        if is_deleting(&state.job) || is_deleting(&pod) || is_terminal(&pod) {
            release(context, &pod);
        }
    }
}

/// Lets the pods of a Job go that is not there any more.
pub fn release_orphans(context: &mut ControllerContext<'_>, key: &Key) {
    let orphans: Vec<Value> = context
        .server
        .storage
        .list("", "Pod", &key.namespace)
        .filter(|(_, pod)| owner_key(pod, "batch", "Job").as_ref() == Some(key))
        .map(|(_, pod)| pod.clone())
        .collect();
    for pod in orphans {
        release(context, &pod);
    }
}

pub fn restarts(pods: &[Value]) -> i64 {
    let running =
        pods.iter().filter(|pod| matches!(pod["status"].str("phase"), "Running" | "Pending"));
    running
        .flat_map(|pod| {
            let status = &pod["status"];
            status.list("initContainerStatuses").iter().chain(status.list("containerStatuses"))
        })
        .map(|status| status.int("restartCount"))
        .sum()
}

fn index_of(pod: &Value) -> Option<i64> {
    pod["metadata"]["annotations"].str(INDEX).parse().ok()
}

/// `0,2-4` as numbers.
pub fn parse_indexes(text: &str) -> BTreeSet<i64> {
    let mut indexes = BTreeSet::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
            indexes.extend((first..=last).take(100_000));
        }
    }
    indexes
}

/// Numbers as `0,2-4`.
pub fn print_indexes(indexes: &BTreeSet<i64>) -> String {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for index in indexes {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => runs.push((*index, *index)),
        }
    }
    let shown = |(first, last): &(i64, i64)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    runs.iter().map(shown).collect::<Vec<_>>().join(",")
}

fn only_failed_are_replaced(state: &State) -> bool {
    state.job["spec"].str("podReplacementPolicy") == "Failed"
        || state.job["spec"].has("podFailurePolicy")
}

/// Counts pods that have ended, once each. Source: trackJobStatusAndRemoveFinalizers.
pub fn count_ended(context: &mut ControllerContext<'_>, state: &mut State) {
    let mut done = parse_indexes(state.status.str("completedIndexes"));
    let mut failed_indexes = parse_indexes(state.status.str("failedIndexes"));
    let (mut succeeded, mut failed) = (state.status.int("succeeded"), state.status.int("failed"));
    for pod in state.pods.clone() {
        if !has_finalizer(&pod) {
            continue;
        }
        let ended = is_terminal(&pod) || is_deleting(&pod) && !only_failed_are_replaced(state);
        if !ended {
            continue;
        }
        if pod["status"].str("phase") == "Succeeded" {
            match index_of(&pod).filter(|_| state.is_indexed()) {
                Some(index) => drop(done.insert(index)),
                None => succeeded += 1,
            }
        } else if !is_ignored(state, &pod) {
            failed += 1;
            if let (Some(index), Some(limit)) = (index_of(&pod), state.per_index())
                && (failures_of(&pod) >= limit || action_of(state, &pod) == Some("FailIndex"))
                && !done.contains(&index)
            {
                failed_indexes.insert(index);
            }
        }
        release(context, &pod);
    }
    if state.is_indexed() {
        succeeded = done.len() as i64;
        let text = print_indexes(&done);
        if !text.is_empty() {
            state.status.set("completedIndexes", text);
        }
        if state.per_index().is_some() {
            state.status.set("failedIndexes", print_indexes(&failed_indexes));
        }
    }
    set_count(&mut state.status, "succeeded", succeeded);
    set_count(&mut state.status, "failed", failed);
    super::job::reload(context, state);
}

fn failures_of(pod: &Value) -> i64 {
    pod["metadata"]["annotations"].str(INDEX_FAILURES).parse().unwrap_or_default()
}

/// The action of the first rule of the failure policy that a failed pod meets.
fn action_of<'a>(state: &'a State, pod: &Value) -> Option<&'a str> {
    let rules = state.job["spec"]["podFailurePolicy"].list("rules");
    rules.iter().find(|rule| matched(rule, pod).is_some()).map(|rule| rule.str("action"))
}

fn is_ignored(state: &State, pod: &Value) -> bool {
    action_of(state, pod) == Some("Ignore")
}

/// The match of a rule in a pod, in the words of the condition.
fn matched(rule: &Value, pod: &Value) -> Option<String> {
    let name = pod["metadata"].str("name");
    let namespace = pod["metadata"].str("namespace");
    if rule.has("onExitCodes") {
        let codes = &rule["onExitCodes"];
        let status = &pod["status"];
        let all =
            status.list("containerStatuses").iter().chain(status.list("initContainerStatuses"));
        for container in all {
            let Some(code) = container["state"]["terminated"]["exitCode"].as_int() else {
                continue;
            };
            let of = codes.str("containerName");
            if code == 0 || !of.is_empty() && of != container.str("name") {
                continue;
            }
            let listed = codes.list("values").iter().any(|one| one.as_int() == Some(code));
            if listed == (codes.str("operator") == "In") {
                return Some(format!(
                    "Container {} for pod {namespace}/{name} failed with exit code {code} matching",
                    container.str("name")
                ));
            }
        }
        return None;
    }
    rule.list("onPodConditions").iter().find_map(|wanted| {
        let found = super::objects::condition(pod, wanted.str("type"))?;
        (found.str("status") == wanted.str("status")).then(|| {
            format!("Pod {namespace}/{name} has condition {} matching", wanted.str("type"))
        })
    })
}

/// The message of a Job that fails by its failure policy.
pub fn failed_by_policy(state: &State) -> Option<String> {
    let rules = state.job["spec"]["podFailurePolicy"].list("rules");
    for pod in state.pods.iter().filter(|pod| pod["status"].str("phase") == "Failed") {
        let met = rules
            .iter()
            .enumerate()
            .find_map(|(number, rule)| matched(rule, pod).map(|text| (number, rule, text)));
        if let Some((number, rule, text)) = met
            && rule.str("action") == "FailJob"
        {
            return Some(format!("{text} FailJob rule at index {number}"));
        }
    }
    None
}

/// Creates pods that lack, or deletes those that are too many. Source: manageJob.
pub fn manage(context: &mut ControllerContext<'_>, state: &mut State) -> Result<(), Retry> {
    let spec = &state.job["spec"];
    let parallelism = spec.int("parallelism");
    let active = state.active();
    let succeeded = state.status.int("succeeded");
    let running = active.len() as i64;
    let wanted = match state.completions() {
        None if succeeded > 0 => running,
        None => parallelism,
        Some(completions) => {
            let failed = parse_indexes(state.status.str("failedIndexes")).len() as i64;
            (completions - succeeded - failed).clamp(0, parallelism.max(0))
        }
    };
    if running > wanted {
        let mut surplus = active;
        pod_control::deletion_order(&mut surplus, |_| 0, context.seconds());
        let job = state.job.clone();
        for pod in surplus.iter().take((running - wanted) as usize) {
            release(context, pod);
            delete_pod(context, &job, pod);
        }
        return Ok(());
    }
    let waiting = if only_failed_are_replaced(state) {
        state.pods.iter().filter(|pod| is_terminating(pod)).count() as i64
    } else {
        0
    };
    let lacking = wanted - running - waiting;
    if lacking <= 0 {
        return Ok(());
    }
    if state.per_index().is_none()
        && let Some(after) = backoff(context, &state.pods)
    {
        context.wake(&state.key, after);
        return Ok(());
    }
    create(context, state, lacking)
}

/// Milliseconds to wait after failures. Source: getRemainingTime.
fn backoff(context: &ControllerContext<'_>, pods: &[Value]) -> Option<i64> {
    let ended = |pod: &Value| {
        let finished = pod["status"]
            .list("containerStatuses")
            .iter()
            .filter_map(|status| seconds_of(&status["state"]["terminated"]["finishedAt"]))
            .max();
        finished
            .or_else(|| {
                seconds_of(&pod["metadata"]["deletionTimestamp"])
                    .map(|at| at - pod["metadata"].int("deletionGracePeriodSeconds"))
            })
            .or_else(|| seconds_of(&pod["metadata"]["creationTimestamp"]))
            .unwrap_or_default()
    };
    let success = pods
        .iter()
        .filter(|pod| pod["status"].str("phase") == "Succeeded")
        .map(ended)
        .max()
        .unwrap_or(i64::MIN);
    let failures: Vec<i64> = pods
        .iter()
        .filter(|pod| pod["status"].str("phase") == "Failed" || is_terminating(pod))
        .map(ended)
        .filter(|at| *at > success)
        .collect();
    let last = failures.iter().max()?;
    let doublings = (failures.len() - 1).min(10) as u32;
    let delay = (FIRST_BACKOFF << doublings).min(LONGEST_BACKOFF);
    let after = (last + delay) * 1000 - context.now;
    (after > 0).then_some(after)
}

fn create(context: &mut ControllerContext<'_>, state: &mut State, count: i64) -> Result<(), Retry> {
    let job = state.job.clone();
    let mut indexes = free_indexes(context, state, count);
    let (mut left, mut size) = (count, 1);
    while left > 0 {
        let batch = size.min(left);
        for _ in 0..batch {
            let mut pod = pod_from_template(&job["spec"]["template"], &job);
            let finalizers = pod.entry("metadata").entry("finalizers").list_mut();
            finalizers.push(FINALIZER.into());
            if state.is_indexed() {
                let Some((index, failures)) = indexes.pop() else { return Ok(()) };
                set_index(&mut pod, &job, index, state.per_index().map(|_| failures));
            }
            if create_pod(context, &job, &pod).is_err() {
                return Err(Retry);
            }
        }
        left -= batch;
        size *= 2;
    }
    Ok(())
}

/// Indexes without a pod and with no result yet, the last first, with their failures so far.
fn free_indexes(context: &mut ControllerContext<'_>, state: &State, count: i64) -> Vec<(i64, i64)> {
    let Some(completions) = state.completions().filter(|_| state.is_indexed()) else {
        return Vec::new();
    };
    let mut taken = parse_indexes(state.status.str("completedIndexes"));
    taken.extend(parse_indexes(state.status.str("failedIndexes")));
    taken.extend(state.pods.iter().filter(|pod| is_active(pod)).filter_map(index_of));
    let mut failures: BTreeMap<i64, i64> = BTreeMap::new();
    for pod in &state.pods {
        if let Some(index) = index_of(pod)
            && (pod["status"].str("phase") == "Failed" || is_terminating(pod))
        {
            let count = failures.entry(index).or_default();
            *count = (*count).max(failures_of(pod) + 1);
        }
    }
    let mut free = Vec::new();
    let mut wait = None;
    for index in (0..completions).filter(|index| !taken.contains(index)) {
        if free.len() as i64 >= count {
            break;
        }
        let failed = failures.get(&index).copied().unwrap_or_default();
        let own: Vec<Value> =
            state.pods.iter().filter(|pod| index_of(pod) == Some(index)).cloned().collect();
        match state.per_index().and_then(|_| backoff(context, &own)) {
            Some(after) => wait = Some(wait.map_or(after, |known: i64| known.min(after))),
            None => free.push((index, failed)),
        }
    }
    if let Some(after) = wait {
        context.wake(&state.key, after);
    }
    free.reverse();
    free
}

fn set_index(pod: &mut Value, job: &Value, index: i64, failures: Option<i64>) {
    let name = job["metadata"].str("name");
    let metadata = pod.entry("metadata");
    metadata.set("generateName", format!("{name}-{index}-"));
    metadata.entry("annotations").set(INDEX, index.to_string());
    if let Some(failures) = failures {
        metadata.entry("annotations").set(INDEX_FAILURES, failures.to_string());
    }
    metadata.entry("labels").set(INDEX, index.to_string());
    let spec = pod.entry("spec");
    spec.set("hostname", format!("{name}-{index}"));
    let variable = parse_json(&format!(
        r#"{{"name":"JOB_COMPLETION_INDEX","valueFrom":{{"fieldRef":{{"apiVersion":"v1","fieldPath":"metadata.labels['{INDEX}']"}}}}}}"#
    ))
    .unwrap_or_default();
    for list in ["initContainers", "containers"] {
        for container in spec.items_mut(list) {
            let known =
                container.list("env").iter().any(|one| one.str("name") == "JOB_COMPLETION_INDEX");
            if !known {
                container.entry("env").list_mut().push(variable.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_read_and_printed() {
        for (text, numbers) in [("", vec![]), ("0,2-4", vec![0, 2, 3, 4]), ("7", vec![7])] {
            let indexes = parse_indexes(text);
            assert_eq!(indexes.iter().copied().collect::<Vec<_>>(), numbers);
            assert_eq!(print_indexes(&indexes), text);
        }
    }
}
