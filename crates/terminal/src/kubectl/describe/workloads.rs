//! Descriptions of what makes pods.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describeDeployment and the like.

use kubernetes::columns::{human_duration, seconds, selector};
use kubernetes::object::Value;

use super::containers::template;
use super::writer::{Writer, joined_labels, or, quantity, scalar, texts, time, truth};
use super::{DescribeContext, controller};

/// The pods that an object controls, by phase.
fn pods_status(context: &DescribeContext<'_>, owner: &Value) -> String {
    let metadata = &owner["metadata"];
    let mine = context.list("", "Pod", metadata.str("namespace")).filter(|pod| {
        let references = pod["metadata"].list("ownerReferences");
        references.iter().any(|one| one.bool("controller") && one.str("uid") == metadata.str("uid"))
    });
    let phases: Vec<&str> = mine.map(|pod| pod["status"].str("phase")).collect();
    let count = |wanted: &str| phases.iter().filter(|phase| **phase == wanted).count();
    format!(
        "{} Running / {} Waiting / {} Succeeded / {} Failed",
        count("Running"),
        count("Pending"),
        count("Succeeded"),
        count("Failed")
    )
}

fn created(w: &mut Writer, object: &Value) {
    w.field(0, "CreationTimestamp", time(object["metadata"].str("creationTimestamp")));
}

fn conditions(w: &mut Writer, object: &Value) {
    let conditions = object["status"].list("conditions");
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:\n  Type\tStatus\tReason");
    w.line(1, "----\t------\t------");
    for one in conditions {
        let (ty, state, reason) = (one.str("type"), one.str("status"), one.str("reason"));
        w.line(1, &format!("{ty} \t{state}\t{reason}"));
    }
}

/// A Deployment.
pub(super) fn deployment(w: &mut Writer, context: &DescribeContext<'_>, deployment: &Value) {
    let (spec, status) = (&deployment["spec"], &deployment["status"]);
    w.name(deployment);
    created(w, deployment);
    w.labels_and_annotations(deployment);
    w.field(0, "Selector", selector(&spec["selector"]));
    w.field(
        0,
        "Replicas",
        format!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            spec.int("replicas"),
            status.int("updatedReplicas"),
            status.int("replicas"),
            status.int("availableReplicas"),
            status.int("unavailableReplicas")
        ),
    );
    w.field(0, "StrategyType", spec["strategy"].str("type"));
    w.field(0, "MinReadySeconds", spec.int("minReadySeconds"));
    let rolling = spec.at(&["strategy", "rollingUpdate"]);
    if !rolling.is_null() {
        let (unavailable, surge) =
            (scalar(&rolling["maxUnavailable"]), scalar(&rolling["maxSurge"]));
        w.field(
            0,
            "RollingUpdateStrategy",
            format!("{unavailable} max unavailable, {surge} max surge"),
        );
    }
    template(w, &spec["template"]);
    conditions(w, deployment);
    let (old, new) = replica_sets(context, deployment);
    if !old.is_empty() || new.is_some() {
        let text = |set: &&Value| {
            let (total, desired) = (set["status"].int("replicas"), set["spec"].int("replicas"));
            format!("{} ({total}/{desired} replicas created)", set["metadata"].str("name"))
        };
        let list =
            |sets: &[&Value]| or(&sets.iter().map(text).collect::<Vec<_>>().join(", "), "<none>");
        w.field(0, "OldReplicaSets", list(&old));
        w.field(0, "NewReplicaSet", list(&new.into_iter().collect::<Vec<_>>()));
    }
}

/// The ReplicaSets of a Deployment: the older ones by age, and the one with its template.
/// Source: kubectl pkg/util/deployment GetAllReplicaSetsInChunks.
fn replica_sets<'a>(
    context: &'a DescribeContext<'_>,
    deployment: &'a Value,
) -> (Vec<&'a Value>, Option<&'a Value>) {
    let metadata = &deployment["metadata"];
    let mine = context.list("apps", "ReplicaSet", metadata.str("namespace")).filter(|set| {
        let references = set["metadata"].list("ownerReferences");
        references.iter().any(|one| one.bool("controller") && one.str("uid") == metadata.str("uid"))
    });
    let mut sets: Vec<&Value> = mine.collect();
    sets.sort_by_key(|set| (set["metadata"].str("creationTimestamp"), set["metadata"].str("name")));
    let bare = |template: &Value| {
        let mut template = template.clone();
        template.entry_at(&["metadata", "labels"]).remove("pod-template-hash");
        template
    };
    let wanted = bare(&deployment["spec"]["template"]);
    let new = sets.iter().position(|set| bare(&set["spec"]["template"]) == wanted);
    let new = new.map(|at| sets.remove(at));
    (sets, new)
}

/// A ReplicaSet.
pub(super) fn replica_set(w: &mut Writer, context: &DescribeContext<'_>, set: &Value) {
    let (spec, status) = (&set["spec"], &set["status"]);
    w.name(set);
    w.field(0, "Selector", selector(&spec["selector"]));
    w.labels_and_annotations(set);
    if let Some(controller) = controller(set) {
        w.field(0, "Controlled By", controller);
    }
    let (current, desired) = (status.int("replicas"), spec.int("replicas"));
    w.field(0, "Replicas", format!("{current} current / {desired} desired"));
    w.field(0, "Pods Status", pods_status(context, set));
    template(w, &spec["template"]);
    conditions(w, set);
}

/// A ReplicationController.
pub(super) fn replication_controller(w: &mut Writer, context: &DescribeContext<'_>, set: &Value) {
    let (spec, status) = (&set["spec"], &set["status"]);
    w.name(set);
    w.field(0, "Selector", joined_labels(&spec["selector"]));
    w.labels_and_annotations(set);
    let (current, desired) = (status.int("replicas"), spec.int("replicas"));
    w.field(0, "Replicas", format!("{current} current / {desired} desired"));
    w.field(0, "Pods Status", pods_status(context, set));
    template(w, &spec["template"]);
    conditions(w, set);
}

/// A StatefulSet.
pub(super) fn stateful_set(w: &mut Writer, context: &DescribeContext<'_>, set: &Value) {
    let (spec, status) = (&set["spec"], &set["status"]);
    w.name(set);
    created(w, set);
    w.field(0, "Selector", selector(&spec["selector"]));
    w.labels_and_annotations(set);
    let (desired, total) = (spec.int("replicas"), status.int("replicas"));
    w.field(0, "Replicas", format!("{desired} desired | {total} total"));
    let strategy = &spec["updateStrategy"];
    w.field(0, "Update Strategy", strategy.str("type"));
    let rolling = &strategy["rollingUpdate"];
    if rolling.has("partition") {
        w.field(1, "Partition", rolling.int("partition"));
        if rolling.has("maxUnavailable") {
            w.field(1, "MaxUnavailable", scalar(&rolling["maxUnavailable"]));
        }
    }
    w.field(0, "Pods Status", pods_status(context, set));
    template(w, &spec["template"]);
    claim_templates(w, spec.list("volumeClaimTemplates"));
}

fn claim_templates(w: &mut Writer, templates: &[Value]) {
    if templates.is_empty() {
        return w.field(0, "Volume Claims", "<none>");
    }
    w.line(0, "Volume Claims:");
    for claim in templates {
        let (metadata, spec) = (&claim["metadata"], &claim["spec"]);
        w.field(1, "Name", metadata.str("name"));
        w.field(1, "StorageClass", spec.str("storageClassName"));
        for (title, key) in [("Labels", "labels"), ("Annotations", "annotations")] {
            w.indented_lines("  ", title, &super::writer::pairs(&metadata[key]));
        }
        let request = &spec.at(&["resources", "requests"])["storage"];
        let request = if request.is_null() { "<default>".to_owned() } else { quantity(request) };
        w.field(1, "Capacity", request);
        w.field(1, "Access Modes", format!("[{}]", texts(spec.list("accessModes"), " ")));
    }
}

/// A DaemonSet.
pub(super) fn daemon_set(w: &mut Writer, context: &DescribeContext<'_>, set: &Value) {
    let (spec, status) = (&set["spec"], &set["status"]);
    w.name(set);
    w.field(0, "Selector", selector(&spec["selector"]));
    let nodes = &spec.at(&["template", "spec"])["nodeSelector"];
    w.field(0, "Node-Selector", joined_labels(nodes));
    w.labels_and_annotations(set);
    for (title, key) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        w.line(0, &format!("{title}: {}", status.int(key)));
    }
    w.field(0, "Pods Status", pods_status(context, set));
    template(w, &spec["template"]);
}

/// A Job.
pub(super) fn job(w: &mut Writer, _: &DescribeContext<'_>, job: &Value) {
    let (spec, status) = (&job["spec"], &job["status"]);
    w.name(job);
    w.field(0, "Selector", selector(&spec["selector"]));
    w.labels_and_annotations(job);
    if let Some(controller) = controller(job) {
        w.field(0, "Controlled By", controller);
    }
    if spec.has("parallelism") {
        w.field(0, "Parallelism", spec.int("parallelism"));
    }
    w.field(0, "Completions", or(&scalar(&spec["completions"]), "<unset>"));
    for (title, key) in [
        ("Completion Mode", "completionMode"),
        ("Suspend", "suspend"),
        ("Backoff Limit", "backoffLimit"),
        ("TTL Seconds After Finished", "ttlSecondsAfterFinished"),
    ] {
        if spec.has(key) {
            w.field(0, title, scalar(&spec[key]));
        }
    }
    let (start, end) = (status.str("startTime"), status.str("completionTime"));
    for (title, at) in [("Start Time", start), ("Completed At", end)] {
        if !at.is_empty() {
            w.field(0, title, time(at));
        }
    }
    if let (Some(start), Some(end)) = (seconds(start), seconds(end)) {
        w.field(0, "Duration", human_duration(end - start));
    }
    if let Some(deadline) = spec["activeDeadlineSeconds"].as_int() {
        w.field(0, "Active Deadline Seconds", format!("{deadline}s"));
    }
    let ready =
        status["ready"].as_int().map_or_else(String::new, |ready| format!(" ({ready} Ready)"));
    let count = |key: &str| status.int(key);
    w.field(
        0,
        "Pods Statuses",
        format!(
            "{} Active{ready} / {} Succeeded / {} Failed",
            count("active"),
            count("succeeded"),
            count("failed")
        ),
    );
    if spec.str("completionMode") == "Indexed" {
        w.field(0, "Completed Indexes", indexes(status.str("completedIndexes")));
    }
    template(w, &spec["template"]);
}

/// Completed indexes, cut off at the first comma after 50 characters.
fn indexes(indexes: &str) -> String {
    const LIMIT: usize = 50;
    let comma = indexes.get(LIMIT..).and_then(|rest| rest.find(','));
    match comma {
        Some(at) => format!("{}...", &indexes[..=LIMIT + at]),
        None => or(indexes, "<none>"),
    }
}

/// A CronJob.
pub(super) fn cron_job(w: &mut Writer, _: &DescribeContext<'_>, job: &Value) {
    let (spec, status) = (&job["spec"], &job["status"]);
    let unset = |value: &Value| or(&scalar(value), "<unset>");
    w.name(job);
    w.labels_and_annotations(job);
    w.field(0, "Schedule", spec.str("schedule"));
    w.field(0, "Concurrency Policy", spec.str("concurrencyPolicy"));
    w.field(0, "Suspend", truth(&spec["suspend"]));
    w.field(0, "Time Zone", unset(&spec["timeZone"]));
    w.field(0, "Successful Job History Limit", unset(&spec["successfulJobsHistoryLimit"]));
    w.field(0, "Failed Job History Limit", unset(&spec["failedJobsHistoryLimit"]));
    let deadline = spec["startingDeadlineSeconds"].as_int().map(|seconds| format!("{seconds}s"));
    w.field(0, "Starting Deadline Seconds", deadline.as_deref().unwrap_or("<unset>"));
    let inner = spec.at(&["jobTemplate", "spec"]);
    let chosen = &inner["selector"];
    let chosen = if chosen.is_null() { "<unset>".to_owned() } else { selector(chosen) };
    w.field(0, "Selector", chosen);
    w.field(0, "Parallelism", unset(&inner["parallelism"]));
    w.field(0, "Completions", unset(&inner["completions"]));
    if let Some(deadline) = inner["activeDeadlineSeconds"].as_int() {
        w.field(0, "Active Deadline Seconds", format!("{deadline}s"));
    }
    template(w, &inner["template"]);
    let last = status.str("lastScheduleTime");
    let last = if last.is_empty() { "<unset>".to_owned() } else { time(last) };
    w.field(0, "Last Schedule Time", last);
    let active = status.list("active").iter().map(|one| one.str("name"));
    w.field(0, "Active Jobs", or(&active.collect::<Vec<_>>().join(", "), "<none>"));
}
