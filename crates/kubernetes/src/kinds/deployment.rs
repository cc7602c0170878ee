//! Deployments.
//!
//! Source: pkg/apis/apps/v1/defaults.go, pkg/apis/apps/validation ValidateDeploymentSpec.

use super::{KIND, Kind, Update, keep_status, pod_defaults, reset_status, warnings};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, Rule, meta, names, pod};

pub const DEPLOYMENT: Kind = Kind {
    group: "apps",
    kind: "Deployment",
    columns: crate::columns::DEPLOYMENT,
    plural: "deployments",
    short_names: &["deploy"],
    categories: &["all"],
    generation: true,
    description: "Pods of one template, replaced step by step when it changes.",
    defaults,
    prepare_create: reset_status,
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"], &Path::new("spec")),
    validate_update: Update::With(|errors, new, old| {
        spec(errors, &new["spec"], &Path::new("spec"));
        let path = Path::new("spec");
        let (new, old) = (&new["spec"]["selector"], &old["spec"]["selector"]);
        errors.immutable(&path.child("selector"), new, old);
    }),
    name_use: super::IN_POD_NAMES,
    warnings: |object| warnings::template(&object["spec"]["template"], &Path::new("spec")),
    ..KIND
};

fn defaults(object: &mut Value) {
    let spec = object.entry("spec");
    pod_defaults::template(spec.entry("template"));
    spec.set_default("replicas", 1);
    let strategy = spec.entry("strategy");
    strategy.set_default_str("type", "RollingUpdate");
    if strategy.str("type") == "RollingUpdate" {
        let update = strategy.entry("rollingUpdate");
        update.set_default("maxUnavailable", "25%");
        update.set_default("maxSurge", "25%");
    }
    spec.set_default("revisionHistoryLimit", 10);
    spec.set_default("progressDeadlineSeconds", 600);
}

fn spec(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    errors.non_negative(&path.child("replicas"), spec.int("replicas"));
    selector_and_template(errors, spec, path, "empty selector is invalid for deployment");
    strategy(errors, &spec["strategy"], &path.child("strategy"));
    errors.non_negative(&path.child("minReadySeconds"), spec.int("minReadySeconds"));
    let limit = spec.int("revisionHistoryLimit");
    errors.non_negative(&path.child("revisionHistoryLimit"), limit);
    if let Some(deadline) = spec["progressDeadlineSeconds"].as_int() {
        let at = path.child("progressDeadlineSeconds");
        errors.non_negative(&at, deadline);
        if deadline <= spec.int("minReadySeconds") {
            errors.invalid(&at, deadline, "must be greater than minReadySeconds");
        }
    }
}

/// Selector and template of a workload, in the order of Deployments and ReplicaSets.
pub fn selector_and_template(errors: &mut Errors, spec: &Value, path: &Path<'_>, empty: &str) {
    let selector = &spec["selector"];
    selector_errors(errors, selector, &path.child("selector"), empty);
    if !meta::is_valid_selector(selector) {
        return errors.invalid(&path.child("selector"), selector, "invalid label selector");
    }
    let template = path.child("template");
    labels_match(errors, selector, &spec["template"], &template);
    pod::pod_template(errors, &spec["template"], &template);
    always_restarts(errors, &spec["template"], &template);
}

/// A selector that is there and says something.
pub fn selector_errors(errors: &mut Errors, selector: &Value, path: &Path<'_>, empty: &str) {
    if selector.is_null() {
        errors.required(path, "");
        return;
    }
    meta::label_selector(errors, selector, path);
    if meta::is_empty_selector(selector) {
        errors.invalid(path, selector, empty);
    }
}

/// The template must have the labels that the selector requires. A selector that is absent selects
/// nothing; an empty one is not asked.
pub fn labels_match(errors: &mut Errors, selector: &Value, template: &Value, path: &Path<'_>) {
    let labels = &template["metadata"]["labels"];
    let selects = if selector.is_null() {
        false
    } else {
        meta::is_empty_selector(selector) || meta::selects(selector, labels)
    };
    if !selects {
        let metadata = path.child("metadata");
        errors.breaks(&metadata.child("labels"), labels, Rule::SelectorMatchesTemplate);
    }
}

/// Pods of a workload must restart, and must have no deadline.
pub fn always_restarts(errors: &mut Errors, template: &Value, path: &Path<'_>) {
    let spec = path.child("spec");
    let policy = template["spec"].str("restartPolicy");
    // An unknown policy is reported with the pod's spec.
    if policy != "Always" {
        errors.not_supported(&spec.child("restartPolicy"), policy, &["Always"]);
    }
    if template["spec"].has("activeDeadlineSeconds") {
        let message = "activeDeadlineSeconds in ReplicaSet is not Supported";
        errors.forbidden(&spec.child("activeDeadlineSeconds"), message);
    }
}

fn strategy(errors: &mut Errors, strategy: &Value, path: &Path<'_>) {
    let at = path.child("rollingUpdate");
    match strategy.str("type") {
        "Recreate" => {
            if strategy.has("rollingUpdate") {
                let message = "may not be specified when strategy `type` is 'Recreate'";
                errors.forbidden(&at, message);
            }
        }
        "RollingUpdate" => {
            if strategy.has("rollingUpdate") {
                rolling_update(errors, &strategy["rollingUpdate"], &at);
            } else {
                let message = "this should be defaulted and never be nil";
                errors.required(&at, message);
            }
        }
        _ => {
            let id = types().named("io.k8s.api.apps.v1.DeploymentStrategy");
            let bad = id.map_or_else(String::new, |id| internal::to_json(id, strategy));
            errors.not_supported(path, Bad::raw(bad), &["Recreate", "RollingUpdate"]);
        }
    }
}

fn rolling_update(errors: &mut Errors, update: &Value, path: &Path<'_>) {
    for key in ["maxUnavailable", "maxSurge"] {
        positive_int_or_percent(errors, &update[key], &path.child(key));
    }
    let (unavailable, surge) = (&update["maxUnavailable"], &update["maxSurge"]);
    if number(unavailable) == 0 && number(surge) == 0 {
        let message = "may not be 0 when `maxSurge` is 0";
        errors.invalid(&path.child("maxUnavailable"), unavailable, message);
    }
    not_over_100(errors, unavailable, &path.child("maxUnavailable"));
}

/// The number of a count or of a percentage.
pub fn number(value: &Value) -> i64 {
    match value {
        Value::String(text) => {
            text.strip_suffix('%').and_then(|digits| digits.parse().ok()).unwrap_or_default()
        }
        value => value.as_int().unwrap_or_default(),
    }
}

/// A count of pods, or a percentage of them. Source: ValidatePositiveIntOrPercent.
pub fn positive_int_or_percent(errors: &mut Errors, value: &Value, path: &Path<'_>) {
    match value {
        Value::String(text) => {
            errors.invalid_each(path, text, names::percent(text));
        }
        value => errors.non_negative(path, value.as_int().unwrap_or_default()),
    }
}

pub fn not_over_100(errors: &mut Errors, value: &Value, path: &Path<'_>) {
    if value.as_str().is_some_and(|text| names::percent(text).is_empty()) && number(value) > 100 {
        errors.invalid(path, value, "must not be greater than 100%");
    }
}
