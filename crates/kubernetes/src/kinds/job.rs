//! Jobs.
//!
//! Source: pkg/apis/batch/v1/defaults.go, pkg/apis/batch/validation ValidateJobSpec,
//! pkg/registry/batch/job/strategy.go.

use super::{KIND, Kind, Update, keep_status, pod_defaults, reset_status, warnings};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, meta, pod};

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
    validate_update: Update::With(update),
    warnings: |object| warnings::template(&object["spec"]["template"], &Path::new("spec")),
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
    for (key, value) in [
        ("batch.kubernetes.io/controller-uid", uid),
        ("controller-uid", uid),
        ("batch.kubernetes.io/job-name", name),
        ("job-name", name),
    ] {
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
    let mut expected = Value::map();
    expected.entry("matchLabels").set(CONTROLLER_UID, uid);
    if spec["selector"] != expected {
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
            let message = "`selector` does not match template `labels`";
            errors.invalid(&metadata.child("labels"), labels, message);
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
    completion_mode(errors, spec, path);
    let template = path.child("template");
    if spec.has("podFailurePolicy") {
        pod_failure_policy(errors, spec, &path.child("podFailurePolicy"));
    }
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
    } else {
        for key in ["backoffLimitPerIndex", "maxFailedIndexes"] {
            if spec.has(key) {
                let message = "requires indexed completion mode";
                errors.invalid(&path.child(key), &spec[key], message);
            }
        }
    }
}

fn pod_failure_policy(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let containers: Vec<&str> = ["containers", "initContainers"]
        .iter()
        .flat_map(|key| spec["template"]["spec"].list(key))
        .map(|one| one.str("name"))
        .collect();
    let rules = path.child("rules");
    for (number, rule) in spec["podFailurePolicy"].list("rules").iter().enumerate() {
        failure_rule(errors, rule, &containers, &rules.index(number));
    }
}

fn failure_rule(errors: &mut Errors, rule: &Value, containers: &[&str], path: &Path<'_>) {
    let action = rule.str("action");
    if action.is_empty() {
        let message = "valid values: \"Count\", \"FailIndex\", \"FailJob\", \"Ignore\"";
        errors.required(&path.child("action"), message);
    } else {
        let actions = ["Count", "FailIndex", "FailJob", "Ignore"];
        errors.one_of(&path.child("action"), action, &actions);
    }
    if rule.has("onExitCodes") {
        exit_codes(errors, &rule["onExitCodes"], containers, &path.child("onExitCodes"));
    }
    if rule.has("onExitCodes") && !rule.list("onPodConditions").is_empty() {
        let bad = types()
            .named("io.k8s.api.batch.v1.PodFailurePolicyRule")
            .map_or_else(String::new, |id| internal::to_json(id, rule));
        let message = "specifying both OnExitCodes and OnPodConditions is not supported";
        errors.invalid(path, Bad::raw(bad), message);
    }
    if !rule.has("onExitCodes") && rule.list("onPodConditions").is_empty() {
        let bad = types()
            .named("io.k8s.api.batch.v1.PodFailurePolicyRule")
            .map_or_else(String::new, |id| internal::to_json(id, rule));
        let message = "specifying one of OnExitCodes and OnPodConditions is required";
        errors.invalid(path, Bad::raw(bad), message);
    }
}

fn exit_codes(errors: &mut Errors, codes: &Value, containers: &[&str], path: &Path<'_>) {
    let operator = codes.str("operator");
    if operator.is_empty() {
        errors.required(&path.child("operator"), "valid values: \"In\", \"NotIn\"");
    } else {
        errors.one_of(&path.child("operator"), operator, &["In", "NotIn"]);
    }
    if let Some(name) = codes["containerName"].as_str()
        && !containers.contains(&name)
    {
        let message = "must be one of the container or initContainer names in the pod template";
        errors.invalid(&path.child("containerName"), name, message);
    }
    let values = path.child("values");
    let list: Vec<i64> = codes.list("values").iter().filter_map(Value::as_int).collect();
    if list.is_empty() {
        errors.invalid(&values, &codes["values"], "at least one value is required");
    }
    if operator == "In"
        && let Some(at) = list.iter().position(|code| *code == 0)
    {
        errors.invalid(&values.index(at), 0, "must not be 0 for the In operator");
    }
    if list.windows(2).any(|pair| pair[0] > pair[1]) {
        errors.invalid(&values, &codes["values"], "must be ordered");
    }
}

/// Fields that are fixed once the job is there.
fn update(errors: &mut Errors, new: &Value, old: &Value) {
    let path = Path::new("spec");
    spec(errors, &new["spec"], &path);
    let (new, old) = (&new["spec"], &old["spec"]);
    let was_suspended = old.bool("suspend");
    if new["completions"] != old["completions"] && new.str("completionMode") != "Indexed" {
        errors.immutable(&path.child("completions"), &new["completions"], &old["completions"]);
    }
    errors.immutable(&path.child("selector"), &new["selector"], &old["selector"]);
    template_update(errors, new, old, was_suspended, &path.child("template"));
    for key in
        ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
    {
        errors.immutable(&path.child(key), &new[key], &old[key]);
    }
}

/// Scheduling of a suspended job may change, nothing else of its template.
fn template_update(
    errors: &mut Errors,
    new: &Value,
    old: &Value,
    suspended: bool,
    path: &Path<'_>,
) {
    let (mut template, stored) = (new["template"].clone(), &old["template"]);
    if suspended {
        for key in ["nodeSelector", "tolerations", "schedulingGates", "affinity"] {
            match stored["spec"].get(key) {
                Some(value) => template.entry("spec").set(key, value.clone()),
                None => {
                    template.entry("spec").remove(key);
                }
            }
        }
    }
    if template != *stored {
        let bad = types()
            .named("io.k8s.api.core.v1.PodTemplateSpec")
            .map_or_else(String::new, |id| internal::to_json(id, &new["template"]));
        errors.invalid(path, Bad::raw(bad), "field is immutable");
    }
}
