//! DaemonSets.
//!
//! Source: pkg/apis/apps/validation ValidateDaemonSetSpec.

use super::{KIND, Kind, Update, deployment, keep_status, pod_defaults, reset_status, warnings};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, meta, pod};

/// Counts changes of the template for older clients.
const GENERATION: &str = "deprecated.daemonset.template.generation";

pub const DAEMON_SET: Kind = Kind {
    group: "apps",
    kind: "DaemonSet",
    columns: crate::columns::DAEMON_SET,
    plural: "daemonsets",
    short_names: &["ds"],
    categories: &["all"],
    generation: true,
    description: "A pod on each node.",
    defaults: |object| {
        let spec = object.entry("spec");
        pod_defaults::template(spec.entry("template"));
        let strategy = spec.entry("updateStrategy");
        strategy.set_default_str("type", "RollingUpdate");
        if strategy.str("type") == "RollingUpdate" {
            let update = strategy.entry("rollingUpdate");
            update.set_default("maxUnavailable", 1);
            update.set_default("maxSurge", 0);
        }
        spec.set_default("revisionHistoryLimit", 10);
    },
    prepare_create: |object| {
        reset_status(object);
        object.entry_at(&["metadata", "annotations"]).set(GENERATION, "1");
    },
    prepare_update: |new, old| {
        keep_status(new, old);
        let before = old["metadata"]["annotations"].str(GENERATION).parse().unwrap_or(1);
        let changed = new["spec"]["template"] != old["spec"]["template"];
        let generation: i64 = if changed { before + 1 } else { before };
        let annotations = new.entry_at(&["metadata", "annotations"]);
        annotations.set(GENERATION, generation.to_string());
    },
    validate: |errors, object| spec(errors, &object["spec"]),
    validate_update: Update::With(|errors, new, old| {
        spec(errors, &new["spec"]);
        let path = Path::new("spec");
        let (new, old) = (&new["spec"]["selector"], &old["spec"]["selector"]);
        errors.immutable(&path.child("selector"), new, old);
    }),
    warnings: |object| warnings::template(&object["spec"]["template"], &Path::new("spec")),
    ..KIND
};

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    let selector = &spec["selector"];
    let at = path.child("selector");
    meta::label_selector(errors, selector, &at);
    let template = path.child("template");
    if meta::is_valid_selector(selector) {
        deployment::labels_match(errors, selector, &spec["template"], &template);
    }
    if !selector.is_null() && meta::is_empty_selector(selector) {
        errors.invalid(&at, selector, "empty selector is invalid for daemonset");
    }
    pod::pod_template(errors, &spec["template"], &template);
    let pod = template.child("spec");
    let policy = spec["template"]["spec"].str("restartPolicy");
    if policy != "Always" {
        errors.not_supported(&pod.child("restartPolicy"), policy, &["Always"]);
    }
    if spec["template"]["spec"].has("activeDeadlineSeconds") {
        let message = "activeDeadlineSeconds in DaemonSet is not Supported";
        errors.forbidden(&pod.child("activeDeadlineSeconds"), message);
    }
    errors.non_negative(&path.child("minReadySeconds"), spec.int("minReadySeconds"));
    strategy(errors, &spec["updateStrategy"], &path.child("updateStrategy"));
    let limit = spec.int("revisionHistoryLimit");
    errors.non_negative(&path.child("revisionHistoryLimit"), limit);
}

fn strategy(errors: &mut Errors, strategy: &Value, path: &Path<'_>) {
    match strategy.str("type") {
        "OnDelete" => {}
        "RollingUpdate" if !strategy.has("rollingUpdate") => {
            errors.required(&path.child("rollingUpdate"), "");
        }
        "RollingUpdate" => {
            rolling_update(errors, &strategy["rollingUpdate"], &path.child("rollingUpdate"));
        }
        _ => {
            let id = types().named("io.k8s.api.apps.v1.DaemonSetUpdateStrategy");
            let bad = id.map_or_else(String::new, |id| internal::to_json(id, strategy));
            errors.not_supported(path, Bad::raw(bad), &["RollingUpdate", "OnDelete"]);
        }
    }
}

fn rolling_update(errors: &mut Errors, update: &Value, path: &Path<'_>) {
    let (unavailable, surge) = (&update["maxUnavailable"], &update["maxSurge"]);
    let at = path.child("maxSurge");
    deployment::positive_int_or_percent(errors, unavailable, &path.child("maxUnavailable"));
    deployment::positive_int_or_percent(errors, surge, &at);
    deployment::not_over_100(errors, unavailable, &path.child("maxUnavailable"));
    deployment::not_over_100(errors, surge, &at);
    let has = |value: &Value| deployment::number(value) != 0;
    match (has(unavailable), has(surge)) {
        (true, true) => {
            errors.invalid(&at, surge, "may not be set when maxUnavailable is non-zero");
        }
        (false, false) => {
            let message = "cannot be 0 when maxSurge is 0";
            errors.required(&path.child("maxUnavailable"), message);
        }
        _ => {}
    }
}
