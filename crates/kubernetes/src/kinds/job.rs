//! Jobs.
//!
//! Source: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation ValidateJobSpec,
//! pkg/registry/batch/job/strategy.go.

use super::job_policies::{failure_policy, replacement_policy, success_policy};
use super::{KIND, Kind, Update, keep_status, pod_defaults, reset_status};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, Rule, meta, names, pod};

const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";

pub const JOB: Kind = Kind {
    group: "batch",
    kind: "Job",
    columns: crate::columns::JOB,
    plural: "jobs",
    categories: &["all"],
    generation: true,
    description: "Pods that run to their end.",
    defaults,
    prepare_create: |object| {
        reset_status(object);
        generate_selector(object);
    },
    prepare_update: keep_status,
    validate: |errors, object| {
        selector(errors, object);
        spec(errors, &object["spec"], &Path::new("spec"));
    },
    validate_create: hostnames,
    validate_update: Update::With(update),
    name_use: super::IN_POD_NAMES,
    warnings: |object| warnings(&object["spec"], &Path::new("spec")),
    ..KIND
};

fn defaults(object: &mut Value) {
    let spec = object.entry("spec");
    pod_defaults::template(spec.entry("template"));
    if !spec.has("completions") && !spec.has("parallelism") {
        spec.set("completions", 1);
    }
    spec.set_default("parallelism", 1);
    let per_index = spec.has("backoffLimitPerIndex");
    spec.set_default("backoffLimit", if per_index { i64::from(i32::MAX) } else { 6 });
    spec.set_default("completionMode", "NonIndexed");
    spec.set_default("suspend", false);
    let policy = if spec.has("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    spec.set_default("podReplacementPolicy", policy);
    spec.set_default("manualSelector", false);
    pod_failure_defaults(spec);
    let labels = spec["template"]["metadata"]["labels"].clone();
    if !labels.is_empty() && object["metadata"]["labels"].is_empty() {
        object.entry("metadata").set("labels", labels);
    }
}

fn pod_failure_defaults(spec: &mut Value) {
    if !spec.has("podFailurePolicy") {
        return;
    }
    for rule in spec.entry("podFailurePolicy").items_mut("rules") {
        for condition in rule.items_mut("onPodConditions") {
            condition.set_default_str("status", "True");
        }
    }
}

/// Generates the selector of the job, unless `manualSelector` is set.
fn generate_selector(object: &mut Value) {
    if object["spec"].bool("manualSelector") {
        return;
    }
    let name = object["metadata"]["name"].clone();
    let uid = object["metadata"]["uid"].clone();
    let labels = object.entry_at(&["spec", "template", "metadata", "labels"]);
    labels.set_default("batch.kubernetes.io/job-name", name.clone());
    labels.set_default("job-name", name);
    labels.set_default(CONTROLLER_UID, uid.clone());
    labels.set_default("controller-uid", uid.clone());
    let selector = object.entry_at(&["spec", "selector", "matchLabels"]);
    selector.set_default(CONTROLLER_UID, uid);
}

/// The pods of an Indexed job have their index in the hostname, which must be a DNS label.
fn hostnames(errors: &mut Errors, object: &Value) {
    let (spec, name) = (&object["spec"], object["metadata"].str("name"));
    let completions = spec.int("completions");
    if spec.str("completionMode") != "Indexed" || completions < 1 {
        return;
    }
    let longest = format!("{name}-{}", completions - 1);
    if !names::dns1123_label(&longest).is_empty() {
        let message = format!("will not able to create pod with invalid DNS label: {longest}");
        errors.invalid(&Path::new("metadata").child("name"), name, &message);
    }
}

/// Warnings about the spec of a Job, also in CronJobs. Source: pkg/api/job WarningsForJobSpec.
pub fn warnings(spec: &Value, path: &Path<'_>) -> Vec<String> {
    let many = spec.int("completions") > MOST_INDEXES
        && spec.int("parallelism") > MOST_WITH_MANY_COMPLETIONS;
    let mut found = Vec::new();
    if spec.str("completionMode") == "Indexed" && many {
        found.push("In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail".to_owned());
    }
    found.extend(super::warnings::template(&spec["template"], path));
    found
}

/// The selector must be the one that the server generates.
fn selector(errors: &mut Errors, object: &Value) {
    let spec = &object["spec"];
    if spec.bool("manualSelector") {
        return;
    }
    let path = Path::new("spec");
    let at = path.child("selector");
    let template = path.child("template");
    let labels = template.child("metadata");
    let uid = object["metadata"].str("uid");
    let name = object["metadata"].str("name");
    let mut expected = Value::map();
    for (key, value) in [
        ("controller-uid", uid),
        ("job-name", name),
        ("batch.kubernetes.io/controller-uid", uid),
        ("batch.kubernetes.io/job-name", name),
    ] {
        expected.set(key, value);
        let found = spec["template"]["metadata"]["labels"].get(key);
        if found.and_then(Value::as_str) != Some(value) {
            let at = labels.child("labels");
            let message = format!("must be '{value}'");
            match found {
                None => errors.required(&at.key(key), &message),
                Some(_) => {
                    let labels = &spec["template"]["metadata"]["labels"];
                    errors.invalid(&at.key(key), labels, &message);
                }
            }
        }
    }
    let selector = &spec["selector"];
    if meta::is_valid_selector(selector) && !meta::selects(selector, &expected) {
        errors.invalid(&at, &spec["selector"], "`selector` not auto-generated");
    }
}

/// The spec of a Job, in a Job.
fn spec(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    common(errors, spec, path);
    let selector = &spec["selector"];
    if selector.is_null() {
        errors.required(&path.child("selector"), "");
    } else {
        meta::label_selector(errors, selector, &path.child("selector"));
        let labels = &spec["template"]["metadata"]["labels"];
        if meta::is_valid_selector(selector) && !meta::selects(selector, labels) {
            let template = path.child("template");
            let metadata = template.child("metadata");
            errors.breaks(&metadata.child("labels"), labels, Rule::SelectorMatchesTemplate);
        }
    }
}

/// The spec of a Job without its selector, also in CronJobs.
pub fn common(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    for key in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        errors.non_negative(&path.child(key), spec.int(key));
    }
    if spec.has("maxFailedIndexes") && !spec.has("backoffLimitPerIndex") {
        let message = "when maxFailedIndexes is specified";
        errors.required(&path.child("backoffLimitPerIndex"), message);
    }
    if let Some(manager) = spec["managedBy"].as_str() {
        let at = path.child("managedBy");
        names::domain_prefixed_path(errors, manager, &at);
        if manager.len() > 63 {
            errors.too_long(&at, 63);
        }
    }
    completion_mode(errors, spec, path);
    let template = path.child("template");
    if spec.has("podFailurePolicy") {
        failure_policy(errors, spec, &path.child("podFailurePolicy"));
    }
    if spec.has("successPolicy") {
        success_policy(errors, spec, &path.child("successPolicy"));
    }
    replacement_policy(errors, spec, &path.child("podReplacementPolicy"));
    pod::pod_template(errors, &spec["template"], &template);
    let at = template.child("spec");
    let policy = spec["template"]["spec"].str("restartPolicy");
    match policy {
        "OnFailure" | "Never" => {
            if policy == "OnFailure" && spec.has("podFailurePolicy") {
                let message = "only \"Never\" is supported when podFailurePolicy is specified";
                errors.invalid(&at.child("restartPolicy"), policy, message);
            }
        }
        "" | "Always" => {
            let message = "valid values: \"OnFailure\", \"Never\"";
            errors.required(&at.child("restartPolicy"), message);
        }
        other => {
            errors.not_supported(&at.child("restartPolicy"), other, &["OnFailure", "Never"]);
        }
    }
}

fn completion_mode(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let mode = spec.str("completionMode");
    if mode.is_empty() {
        return;
    }
    errors.one_of(&path.child("completionMode"), mode, &["NonIndexed", "Indexed"]);
    if mode == "Indexed" {
        if !spec.has("completions") {
            let message = "when completion mode is Indexed";
            errors.required(&path.child("completions"), message);
        }
        if spec.int("parallelism") > 100_000 {
            let message = "must be less than or equal to 100000 when completion mode is Indexed";
            errors.invalid(&path.child("parallelism"), spec.int("parallelism"), message);
        }
        failed_indexes(errors, spec, path);
    } else {
        for key in ["backoffLimitPerIndex", "maxFailedIndexes"] {
            if spec.has(key) {
                let message = "requires indexed completion mode";
                errors.invalid(&path.child(key), &spec[key], message);
            }
        }
    }
}

const MOST_INDEXES: i64 = 100_000;
const MOST_WITH_MANY_COMPLETIONS: i64 = 10_000;

/// Bounds of the failures of an Indexed job.
fn failed_indexes(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let (failed, completions) = (spec["maxFailedIndexes"].as_int(), spec["completions"].as_int());
    let at = path.child("maxFailedIndexes");
    if let Some(failed) = failed {
        if completions.is_some_and(|completions| failed > completions) {
            errors.invalid(&at, failed, "must be less than or equal to completions");
        }
        if failed > MOST_INDEXES {
            errors.invalid(&at, failed, "must be less than or equal to 100000");
        }
    }
    let many = completions.is_some_and(|completions| completions > MOST_INDEXES);
    if !many || !spec.has("backoffLimitPerIndex") {
        return;
    }
    if failed.is_none() {
        errors.required(&at, "must be specified when completions is above 100000");
    }
    for (at, number) in [
        (path.child("parallelism"), spec["parallelism"].as_int()),
        (path.child("maxFailedIndexes"), failed),
    ] {
        if let Some(number) = number
            && number > MOST_WITH_MANY_COMPLETIONS
        {
            let message = "must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index";
            errors.invalid(&at, number, message);
        }
    }
}

/// Fields that are fixed once the job is there.
fn update(errors: &mut Errors, new: &Value, old: &Value) {
    let path = Path::new("spec");
    spec(errors, &new["spec"], &path);
    let has_started = old["status"].has("startTime");
    let (new, old) = (&new["spec"], &old["spec"]);
    let was_suspended = old.bool("suspend") && !has_started;
    completions_update(errors, new, old, &path.child("completions"));
    errors.immutable(&path.child("selector"), &new["selector"], &old["selector"]);
    template_update(errors, new, old, was_suspended, &path.child("template"));
    for key in
        ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
    {
        errors.immutable(&path.child(key), &new[key], &old[key]);
    }
}

/// The number of completions changes only together with the parallelism of an Indexed job.
fn completions_update(errors: &mut Errors, new: &Value, old: &Value, path: &Path<'_>) {
    let (completions, stored) = (&new["completions"], &old["completions"]);
    if new.str("completionMode") != "Indexed" || completions.is_null() {
        return errors.immutable(path, completions, stored);
    }
    if completions != stored && *completions != new["parallelism"] {
        errors.invalid(path, completions, "can only be modified in tandem with spec.parallelism");
    }
}

/// Scheduling, labels and annotations of a suspended job may change, nothing else of its template.
fn template_update(
    errors: &mut Errors,
    new: &Value,
    old: &Value,
    suspended: bool,
    path: &Path<'_>,
) {
    let (mut template, stored) = (new["template"].clone(), &old["template"]);
    if suspended {
        for key in ["nodeSelector", "tolerations", "schedulingGates"] {
            copy(template.entry("spec"), &stored["spec"], key);
        }
        for key in ["annotations", "labels"] {
            copy(template.entry("metadata"), &stored["metadata"], key);
        }
        let affinity = template.entry("spec").entry("affinity");
        copy(affinity, &stored["spec"]["affinity"], "nodeAffinity");
        if affinity.is_empty() {
            copy(template.entry("spec"), &stored["spec"], "affinity");
        }
    }
    if template != *stored {
        let bad = types()
            .named("io.k8s.api.core.v1.PodTemplateSpec")
            .map_or_else(String::new, |id| internal::to_json(id, &new["template"]));
        errors.invalid(path, Bad::raw(bad), "field is immutable");
    }
}

/// Sets a field to that of another object.
fn copy(to: &mut Value, from: &Value, key: &str) {
    match from.get(key) {
        Some(value) => to.set(key, value.clone()),
        None => {
            to.remove(key);
        }
    }
}
