//! CronJobs: a Job at each time of a schedule.
//!
//! Source: pkg/controller/cronjob cronjob_controllerv2.go, utils.go.

use kubernetes::object::Value;

use super::Controller;
use super::objects::{
    condition, is_controlled_by, is_deleting, key_of, owner_key, owner_reference, seconds_of,
};
use super::schedule::Schedule;
use crate::apiserver::{Event, Key, Reason, timestamp_of};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;

pub const CRON_JOB: Controller =
    Controller { component: "cronjob-controller", keys, sync, delay: (5, 20) };

/// Time after a schedule at which the controller looks, in milliseconds. Source: nextScheduleDelta.
const DELTA: i64 = 100;
/// Missed times beyond which a warning is given.
const TOO_MANY: usize = 100;

fn keys(_: &crate::ApiServer, event: &Event) -> Vec<Key> {
    match event.key.kind {
        "CronJob" => vec![event.key.clone()],
        "Job" => owner_key(&event.object, "batch", "CronJob").into_iter().collect(),
        _ => Vec::new(),
    }
}

/// `Complete` or `Failed` if the Job has ended, empty otherwise.
fn end_of(job: &Value) -> &'static str {
    for ty in ["Complete", "Failed"] {
        if condition(job, ty).is_some_and(|one| one.str("status") == "True") {
            return ty;
        }
    }
    ""
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(mut cron) = context.server.storage.get(key).cloned() else { return Ok(()) };
    let jobs: Vec<Value> = context
        .server
        .storage
        .list("batch", "Job", &key.namespace)
        .filter(|(_, job)| is_controlled_by(job, &cron))
        .map(|(_, job)| job.clone())
        .collect();
    note_jobs(context, &mut cron, &jobs);
    clean_up(context, &cron, &jobs);
    if !is_deleting(&cron) && !cron["spec"].bool("suspend") {
        run(context, key, &mut cron, &jobs);
    }
    if let Some(mut stored) = context.server.storage.get(key).cloned() {
        stored.set("status", cron["status"].clone());
        context.server.write(key, stored);
    }
    Ok(())
}

fn names<'a>(active: &'a [Value], job: &Value) -> Option<&'a Value> {
    active.iter().find(|one| one.str("uid") == job["metadata"].str("uid"))
}

/// Keeps the list of active Jobs.
fn note_jobs(context: &mut ControllerContext<'_>, cron: &mut Value, jobs: &[Value]) {
    let about = cron.clone();
    for job in jobs {
        let name = job["metadata"].str("name");
        let active = names(about["status"].list("active"), job).is_some();
        let end = end_of(job);
        if !active && end.is_empty() {
            let message = format!("Saw a job that the controller did not create or forgot: {name}");
            context.event(&about, Type::Warning, "UnexpectedJob", &message);
        } else if active && !end.is_empty() {
            forget(cron, job["metadata"].str("uid"));
            let message = format!("Saw completed job: {name}, condition: {end}");
            context.event(&about, Type::Normal, "SawCompletedJob", &message);
        }
        if end == "Complete" {
            let time = job["status"]["completionTime"].clone();
            let last = seconds_of(&cron["status"]["lastSuccessfulTime"]);
            if last.is_none() || last < seconds_of(&time) {
                cron.entry("status").set("lastSuccessfulTime", time);
            }
        }
    }
    for one in about["status"].list("active") {
        let found = jobs.iter().any(|job| job["metadata"].str("uid") == one.str("uid"));
        if !found {
            forget(cron, one.str("uid"));
            let message = format!("Active job went missing: {}", one.str("name"));
            context.event(&about, Type::Normal, "MissingJob", &message);
        }
    }
}

fn forget(cron: &mut Value, uid: &str) {
    let status = cron.entry("status");
    let active = status.entry("active").list_mut();
    active.retain(|one| one.str("uid") != uid);
    if active.is_empty() {
        status.remove("active");
    }
}

/// Deletes the oldest finished Jobs beyond the limits.
fn clean_up(context: &mut ControllerContext<'_>, cron: &Value, jobs: &[Value]) {
    for (end, limit) in
        [("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")]
    {
        let Some(limit) = cron["spec"][limit].as_int() else { continue };
        let mut ended: Vec<&Value> = jobs.iter().filter(|job| end_of(job) == end).collect();
        ended.sort_by_key(|job| {
            (seconds_of(&job["status"]["startTime"]), job["metadata"].str("name").to_owned())
        });
        let surplus = ended.len().saturating_sub(limit.max(0) as usize);
        for job in ended.into_iter().take(surplus) {
            delete(context, cron, job);
        }
    }
}

fn delete(context: &mut ControllerContext<'_>, cron: &Value, job: &Value) {
    let key = key_of("batch", "Job", job);
    let Some(row) = context.server.row_of(&key) else { return };
    if context.server.delete(row, &key.namespace, &key.name, Default::default()).is_ok() {
        let message = format!("Deleted job {}", key.name);
        context.event(cron, Type::Normal, "SuccessfulDelete", &message);
    }
}

/// Starts the Job of the last time that has passed, and waits for the next one.
fn run(context: &mut ControllerContext<'_>, key: &Key, cron: &mut Value, jobs: &[Value]) {
    let Some(schedule) = Schedule::parse(cron["spec"].str("schedule")) else { return };
    let now = context.seconds();
    if let Some(next) = schedule.next(now) {
        context.wake_periodic(key, next * 1000 - context.now + DELTA);
    }
    let mut from = seconds_of(&cron["status"]["lastScheduleTime"])
        .or_else(|| seconds_of(&cron["metadata"]["creationTimestamp"]))
        .unwrap_or(now);
    let deadline = cron["spec"]["startingDeadlineSeconds"].as_int();
    if let Some(deadline) = deadline {
        from = from.max(now - deadline);
    }
    let mut missed = 0;
    let mut last = None;
    while let Some(time) = schedule.next(from).filter(|time| *time <= now) {
        (last, from, missed) = (Some(time), time, missed + 1);
        if missed > TOO_MANY {
            let message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
            context.event(cron, Type::Warning, "TooManyMissedTimes", message);
            // The latest one counts, however many there were.
            let recent = schedule.next(now - 3600).filter(|time| *time <= now);
            last = recent.or(last);
            break;
        }
    }
    let Some(time) = last else { return };
    if deadline.is_some_and(|deadline| time + deadline < now) {
        let message = format!("Missed scheduled time to start a job: {}", timestamp_of(time));
        return context.event(cron, Type::Warning, "MissSchedule", &message);
    }
    let active = !cron["status"].list("active").is_empty();
    match cron["spec"].str("concurrencyPolicy") {
        "Forbid" if active => {
            let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
            return context.event(cron, Type::Normal, "JobAlreadyActive", message);
        }
        "Replace" => {
            let running = cron["status"].list("active").to_vec();
            for job in jobs.iter().filter(|job| names(&running, job).is_some()) {
                delete(context, cron, job);
                forget(cron, job["metadata"].str("uid"));
            }
        }
        _ => {}
    }
    create(context, key, cron, time);
}

fn create(context: &mut ControllerContext<'_>, key: &Key, cron: &mut Value, time: i64) {
    let template = &cron["spec"]["jobTemplate"];
    let name = format!("{}-{}", cron["metadata"].str("name"), time.div_euclid(60));
    let mut job = Value::map();
    job.set("apiVersion", "batch/v1");
    job.set("kind", "Job");
    let metadata = job.entry("metadata");
    metadata.set("name", &*name);
    metadata.set("labels", template["metadata"]["labels"].clone());
    metadata.set("annotations", template["metadata"]["annotations"].clone());
    let stamp = "batch.kubernetes.io/cronjob-scheduled-timestamp";
    metadata.entry("annotations").set(stamp, timestamp_of(time));
    metadata.set("ownerReferences", vec![owner_reference(cron)]);
    if metadata["labels"].is_null() {
        metadata.remove("labels");
    }
    job.set("spec", template["spec"].clone());
    let Some(row) = context.server.kind("batch/v1", "Job") else { return };
    match context.server.create(row, &key.namespace, &job) {
        Ok(accepted) => {
            let message = format!("Created job {name}");
            context.event(cron, Type::Normal, "SuccessfulCreate", &message);
            let mut reference = Value::map();
            reference.set("apiVersion", "batch/v1");
            reference.set("kind", "Job");
            for field in ["name", "namespace", "resourceVersion", "uid"] {
                reference.set(field, accepted.object["metadata"][field].clone());
            }
            let status = cron.entry("status");
            status.entry("active").list_mut().push(reference);
            status.set("lastScheduleTime", timestamp_of(time));
        }
        Err(refused) if refused.reason == Reason::AlreadyExists => {
            cron.entry("status").set("lastScheduleTime", timestamp_of(time));
        }
        Err(refused) => {
            let message = format!("Error creating job: {}", refused.message);
            context.event(cron, Type::Warning, "FailedCreate", &message);
        }
    }
}
