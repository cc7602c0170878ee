//! HorizontalPodAutoscalers in both versions.
//!
//! Source: pkg/apis/autoscaling/validation, pkg/apis/autoscaling/v2/defaults.go.

use super::{KIND, Kind, keep_status, reset_status};
use crate::object::{Map, Value};
use crate::validation::{Errors, Path, meta, names, resources};

pub const HORIZONTAL_POD_AUTOSCALER: Kind = Kind {
    group: "autoscaling",
    version: "v2",
    kind: "HorizontalPodAutoscaler",
    columns: crate::columns::HORIZONTAL_POD_AUTOSCALER,
    plural: "horizontalpodautoscalers",
    short_names: &["hpa"],
    categories: &["all"],
    description: "The number of pods by metrics.",
    defaults,
    prepare_create: |object| {
        let mut status = Value::map();
        status.set("currentMetrics", Value::Null);
        status.set("desiredReplicas", 0);
        object.set("status", status);
    },
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"]),
    ..KIND
};

/// The first version. Objects are stored as the second one.
pub const HORIZONTAL_POD_AUTOSCALER_V1: Kind = Kind {
    version: "v1",
    defaults: |object| {
        object.entry("spec").set_default("minReplicas", 1);
    },
    prepare_create: reset_status,
    ..HORIZONTAL_POD_AUTOSCALER
};

fn defaults(object: &mut Value) {
    let spec = object.entry("spec");
    spec.set_default("minReplicas", 1);
    if spec["metrics"].is_empty() {
        spec.set("metrics", vec![cpu_metric(80)]);
    }
    if !spec.has("behavior") {
        return;
    }
    let behavior = spec.entry("behavior");
    let up = behavior.entry("scaleUp");
    up.set_default("stabilizationWindowSeconds", 0);
    scaling_defaults(up, &[("Pods", 4), ("Percent", 100)]);
    scaling_defaults(behavior.entry("scaleDown"), &[("Percent", 100)]);
}

fn scaling_defaults(rules: &mut Value, policies: &[(&str, i64)]) {
    rules.set_default("selectPolicy", "Max");
    if rules["policies"].is_empty() {
        let policy = |(ty, value): &(&str, i64)| {
            let mut policy = Value::map();
            policy.set("type", *ty);
            policy.set("value", *value);
            policy.set("periodSeconds", 15);
            policy
        };
        rules.set("policies", policies.iter().map(policy).collect::<Vec<_>>());
    }
}

fn cpu_metric(utilization: i64) -> Value {
    let mut target = Value::map();
    target.set("type", "Utilization");
    target.set("averageUtilization", utilization);
    let mut metric = Value::map();
    metric.set("type", "Resource");
    let resource = metric.entry("resource");
    resource.set("name", "cpu");
    resource.set("target", target);
    metric
}

/// An object of the first version as one of the second.
pub fn to_v2(object: &Value) -> Value {
    let mut object = object.clone();
    object.set("apiVersion", "autoscaling/v2");
    let spec = object.entry("spec");
    if let Some(utilization) = spec.remove("targetCPUUtilizationPercentage") {
        let percentage = utilization.as_int().unwrap_or_default();
        spec.set("metrics", vec![cpu_metric(percentage)]);
    }
    let mut status = Value::map();
    status.set("currentMetrics", Value::Null);
    status.set("desiredReplicas", object["status"].int("desiredReplicas"));
    for key in ["currentReplicas", "lastScaleTime"] {
        if object["status"].has(key) {
            status.set(key, object["status"][key].clone());
        }
    }
    object.set("status", status);
    object
}

/// An object of the second version as one of the first. What the first cannot say is left out.
pub fn to_v1(object: &Value) -> Value {
    let mut object = object.clone();
    object.set("apiVersion", "autoscaling/v1");
    let spec = object.entry("spec");
    let metrics = spec.remove("metrics").unwrap_or_default();
    spec.remove("behavior");
    let cpu = metrics.as_list().unwrap_or_default().iter().find(|metric| {
        metric["resource"].str("name") == "cpu"
            && metric["resource"]["target"].has("averageUtilization")
    });
    if let Some(metric) = cpu {
        let utilization = metric["resource"]["target"]["averageUtilization"].clone();
        spec.set("targetCPUUtilizationPercentage", utilization);
    }
    let status: Map = [("currentReplicas", 0), ("desiredReplicas", 0)]
        .into_iter()
        .map(|(key, zero)| {
            let found = object["status"].get(key).cloned();
            (key, found.unwrap_or(Value::Int(zero)))
        })
        .collect();
    object.set("status", status);
    object
}

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    let (min, max) = (spec["minReplicas"].as_int(), spec.int("maxReplicas"));
    if let Some(min) = min
        && min < 1
    {
        let message = "must be greater than or equal to 1";
        errors.invalid(&path.child("minReplicas"), min, message);
    }
    if max < 1 {
        errors.invalid(&path.child("maxReplicas"), max, "must be greater than 0");
    }
    if min.is_some_and(|min| max < min) {
        let message = "must be greater than or equal to `minReplicas`";
        errors.invalid(&path.child("maxReplicas"), max, message);
    }
    reference(errors, &spec["scaleTargetRef"], &path.child("scaleTargetRef"));
    let metrics = path.child("metrics");
    let list = spec.list("metrics");
    for (number, metric) in list.iter().enumerate() {
        self::metric(errors, metric, &metrics.index(number));
    }
    let scales_to_zero = |metric: &Value| matches!(metric.str("type"), "Object" | "External");
    if min == Some(0) && !list.iter().any(scales_to_zero) {
        let message = "must specify at least one Object or External metric to support scaling to zero replicas";
        errors.forbidden(&metrics, message);
    }
    let behavior = path.child("behavior");
    for key in ["scaleUp", "scaleDown"] {
        if spec["behavior"].has(key) {
            scaling(errors, &spec["behavior"][key], &behavior.child(key));
        }
    }
}

fn reference(errors: &mut Errors, reference: &Value, path: &Path<'_>) {
    for key in ["kind", "name"] {
        let text = reference.str(key);
        if text.is_empty() {
            errors.required(&path.child(key), "");
        } else {
            errors.invalid_each(&path.child(key), text, names::path_segment(text));
        }
    }
}

/// Metric sources: type and key.
const SOURCES: &[(&str, &str)] = &[
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

fn metric(errors: &mut Errors, metric: &Value, path: &Path<'_>) {
    let ty = metric.str("type");
    if ty.is_empty() {
        errors.required(&path.child("type"), "must specify a metric source type");
    }
    let Some((_, key)) = SOURCES.iter().find(|(known, _)| *known == ty) else {
        let types: Vec<&str> = SOURCES.iter().map(|(ty, _)| *ty).collect();
        return errors.not_supported(&path.child("type"), ty, &types);
    };
    for (_, other) in SOURCES.iter().filter(|(_, other)| other != key) {
        if metric.has(other) {
            let message = "must populate the given metric source only";
            errors.forbidden(&path.child(other), message);
        }
    }
    let at = path.child(key);
    if !metric.has(key) {
        return errors.required(&at, "must populate information for the given metric source");
    }
    source(errors, key, &metric[*key], &at);
}

fn source(errors: &mut Errors, key: &str, source: &Value, path: &Path<'_>) {
    let target = &source["target"];
    let at = path.child("target");
    match key {
        "resource" | "containerResource" => {
            if source.str("name").is_empty() {
                errors.required(&path.child("name"), "must specify a resource name");
            }
            if key == "containerResource" && source.str("container").is_empty() {
                errors.required(&path.child("container"), "must specify a container");
            }
            self::target(errors, target, &at);
            let (utilization, value) =
                (target.has("averageUtilization"), target.has("averageValue"));
            if !utilization && !value {
                let message = "must set either a target raw value or a target utilization";
                errors.required(&at.child("averageUtilization"), message);
            }
            if utilization && value {
                let message = "may not set both a target raw value and a target utilization";
                errors.forbidden(&at.child("averageValue"), message);
            }
        }
        "pods" => {
            identifier(errors, &source["metric"], &path.child("metric"));
            self::target(errors, target, &at);
            if resources::quantity(&target["averageValue"]).nano <= 0 {
                let message = "must specify a positive target averageValue";
                errors.required(&at.child("averageValue"), message);
            }
        }
        _ => {
            if key == "object" {
                reference(errors, &source["describedObject"], &path.child("describedObject"));
            }
            identifier(errors, &source["metric"], &path.child("metric"));
            self::target(errors, target, &at);
            match (target.has("value"), target.has("averageValue")) {
                (false, false) => {
                    let message = "must set either a target value for metric or a per-pod target";
                    errors.required(&at.child("averageValue"), message);
                }
                (true, true) => {
                    let message = "may not set both a target value for metric and a per-pod target";
                    errors.forbidden(&at.child("value"), message);
                }
                _ => {}
            }
        }
    }
}

fn identifier(errors: &mut Errors, metric: &Value, path: &Path<'_>) {
    let name = metric.str("name");
    if name.is_empty() {
        errors.required(&path.child("name"), "must specify a metric name");
    } else {
        errors.invalid_each(&path.child("name"), name, names::path_segment(name));
    }
    meta::label_selector(errors, &metric["selector"], &path.child("selector"));
}

fn target(errors: &mut Errors, target: &Value, path: &Path<'_>) {
    let ty = target.str("type");
    if ty.is_empty() {
        errors.required(&path.child("type"), "must specify a metric target type");
    }
    if !matches!(ty, "Utilization" | "Value" | "AverageValue") {
        let message = "must be either Utilization, Value, or AverageValue";
        errors.invalid(&path.child("type"), ty, message);
    }
    for key in ["value", "averageValue"] {
        if target.has(key) && resources::quantity(&target[key]).nano <= 0 {
            errors.invalid(&path.child(key), &target[key], "must be positive");
        }
    }
    if let Some(utilization) = target["averageUtilization"].as_int()
        && utilization < 1
    {
        let message = "must be greater than 0";
        errors.invalid(&path.child("averageUtilization"), utilization, message);
    }
}

fn scaling(errors: &mut Errors, rules: &Value, path: &Path<'_>) {
    let at = path.child("stabilizationWindowSeconds");
    if let Some(window) = rules["stabilizationWindowSeconds"].as_int() {
        if window < 0 {
            errors.invalid(&at, window, "must be greater than or equal to zero");
        }
        if window > 3600 {
            errors.invalid(&at, window, "must be less than or equal to 3600");
        }
    }
    if let Some(policy) = rules["selectPolicy"].as_str() {
        errors.one_of(&path.child("selectPolicy"), policy, &["Disabled", "Max", "Min"]);
    }
    let policies = path.child("policies");
    let list = rules.list("policies");
    if list.is_empty() {
        errors.required(&policies, "must specify at least one Policy");
    }
    for (number, policy) in list.iter().enumerate() {
        let at = policies.index(number);
        errors.one_of(&at.child("type"), policy.str("type"), &["Percent", "Pods"]);
        for key in ["value", "periodSeconds"] {
            if policy.int(key) <= 0 {
                errors.invalid(&at.child(key), policy.int(key), "must be greater than zero");
            }
        }
        if policy.int("periodSeconds") > 1800 {
            let message = "must be less than or equal to 1800";
            errors.invalid(&at.child("periodSeconds"), policy.int("periodSeconds"), message);
        }
    }
}
