//! HorizontalPodAutoscalers. Without a metrics server they only keep a workload within its bounds.
//!
//! Source: pkg/controller/podautoscaler horizontal.go.

use kubernetes::object::{Value, parse_json};
use kubernetes::validation::meta;

use super::Controller;
use super::objects::set_condition;
use crate::apiserver::{ApiServer, Event, Key};
use crate::engine::{ControllerContext, Retry};
use crate::recorder::Type;

pub const HORIZONTAL: Controller =
    Controller { component: "horizontal-pod-autoscaler", keys, sync, delay: (PERIOD, PERIOD) };

/// Time between two looks, in milliseconds.
const PERIOD: i64 = 15_000;

fn keys(_: &ApiServer, event: &Event) -> Vec<Key> {
    let own = event.key.kind == "HorizontalPodAutoscaler"
        && event.previous["spec"] != event.object["spec"];
    if own { vec![event.key.clone()] } else { Vec::new() }
}

fn target_key(
    server: &ApiServer,
    object: &Value,
) -> Option<(Key, &'static kubernetes::kinds::Kind)> {
    let target = &object["spec"]["scaleTargetRef"];
    let row = server.kind(target.str("apiVersion"), target.str("kind"))?;
    Some((Key::new(row, object["metadata"].str("namespace"), target.str("name")), row))
}

fn sync(context: &mut ControllerContext<'_>, key: &Key) -> Result<(), Retry> {
    let Some(object) = context.server.storage.get(key).cloned() else { return Ok(()) };
    context.wake_periodic(key, PERIOD);
    let mut status = object["status"].clone();
    status.set_default("desiredReplicas", 0);
    status.set("currentMetrics", Value::Null);
    let found = target_key(context.server, &object);
    let target = found.as_ref().and_then(|(key, _)| context.server.storage.get(key).cloned());
    let Some(((target_key, _), target)) = found.clone().zip(target) else {
        let resource = found.map_or_else(|| "resource".to_owned(), |(_, row)| row.resource());
        let name = object["spec"]["scaleTargetRef"].str("name");
        let message = format!("{resource} \"{name}\" not found");
        context.event(&object, Type::Warning, "FailedGetScale", &message);
        let message =
            format!("the HPA controller was unable to get the target's current scale: {message}");
        put(context, &mut status, "AbleToScale", "False", "FailedGetScale", &message);
        return write(context, key, object, status);
    };
    let message = "the HPA controller was able to get the target's current scale";
    put(context, &mut status, "AbleToScale", "True", "SucceededGetScale", message);
    let replicas = target["spec"].int("replicas");
    super::objects::set_count(&mut status, "currentReplicas", target["status"].int("replicas"));
    let (least, most) =
        (object["spec"]["minReplicas"].as_int().unwrap_or(1), object["spec"].int("maxReplicas"));
    if replicas == 0 && least != 0 {
        let message = "scaling is disabled since the replica count of the target is zero";
        put(context, &mut status, "ScalingActive", "False", "ScalingDisabled", message);
        return write(context, key, object, status);
    }
    let (wanted, reason) = if replicas > most {
        (most, "Current number of replicas above Spec.MaxReplicas")
    } else if replicas < least {
        (least, "Current number of replicas below Spec.MinReplicas")
    } else {
        measure(context, &object, &target, &mut status);
        return write(context, key, object, status);
    };
    let mut scaled = target;
    scaled.entry("spec").set("replicas", wanted);
    context.server.update(&target_key, scaled);
    let message = format!("New size: {wanted}; reason: {reason}");
    context.event(&object, Type::Normal, "SuccessfulRescale", &message);
    let message = format!("the HPA controller was able to update the target scale to {wanted}");
    put(context, &mut status, "AbleToScale", "True", "SucceededRescale", &message);
    status.set("desiredReplicas", wanted);
    let time = context.timestamp();
    status.set("lastScaleTime", time);
    write(context, key, object, status)
}

/// Asks for metrics, which no one has. Source: computeReplicasForMetrics.
fn measure(
    context: &mut ControllerContext<'_>,
    object: &Value,
    target: &Value,
    status: &mut Value,
) {
    if let Some(message) = ambiguous(context, object, target) {
        put(context, status, "ScalingActive", "False", "AmbiguousSelector", &message);
        context.event(object, Type::Warning, "AmbiguousSelector", &message);
        context.event(object, Type::Warning, "FailedComputeMetricsReplicas", &message);
        return;
    }
    let metrics = object["spec"].list("metrics");
    let mut first = None;
    for metric in metrics {
        let (name, unit) = resource_of(metric);
        let message = format!(
            "failed to get {name} {unit}: unable to get metrics for resource {name}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
        );
        context.event(object, Type::Warning, "FailedGetResourceMetric", &message);
        first.get_or_insert((name, message));
    }
    let Some((name, message)) = first else { return };
    let text = format!("the HPA was unable to compute the replica count: {message}");
    put(context, status, "ScalingActive", "False", "FailedGetResourceMetric", &text);
    let empty = parse_json(r#"{"type":""}"#).unwrap_or_default();
    status.set("currentMetrics", vec![empty; metrics.len()]);
    let count = metrics.len();
    let text = format!(
        "invalid metrics ({count} invalid out of {count}), first error is: failed to get {name} resource metric value: {message}"
    );
    context.event(object, Type::Warning, "FailedComputeMetricsReplicas", &text);
}

fn resource_of(metric: &Value) -> (String, &'static str) {
    let resource = &metric["resource"];
    let unit =
        if resource["target"].str("type") == "Utilization" { "utilization" } else { "usage" };
    (resource.str("name").to_owned(), unit)
}

/// Two autoscalers over the same pods stand still.
fn ambiguous(context: &ControllerContext<'_>, object: &Value, target: &Value) -> Option<String> {
    let namespace = object["metadata"].str("namespace");
    let selector = &target["spec"]["selector"];
    let pods: Vec<&Value> = context
        .server
        .storage
        .list("", "Pod", namespace)
        .filter(|(_, pod)| meta::selects(selector, &pod["metadata"]["labels"]))
        .map(|(_, pod)| pod)
        .collect();
    let mut names: Vec<String> = Vec::new();
    for (key, other) in
        context.server.storage.list("autoscaling", "HorizontalPodAutoscaler", namespace)
    {
        let Some((target_key, _)) = target_key(context.server, other) else { continue };
        let Some(target) = context.server.storage.get(&target_key) else { continue };
        let selector = &target["spec"]["selector"];
        if pods.iter().any(|pod| meta::selects(selector, &pod["metadata"]["labels"])) {
            names.push(format!("{}/{}", key.namespace, key.name));
        }
    }
    if names.len() < 2 {
        return None;
    }
    let selector: Vec<String> = selector
        .entries("matchLabels")
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    Some(format!(
        "pods by selector {} are controlled by multiple HPAs: [{}]",
        selector.join(","),
        names.join(" ")
    ))
}

fn put(
    context: &ControllerContext<'_>,
    status: &mut Value,
    ty: &str,
    value: &str,
    reason: &str,
    message: &str,
) {
    let old = status.list("conditions").iter().find(|one| one.str("type") == ty);
    let time = match old.filter(|old| old.str("status") == value) {
        Some(old) => old.str("lastTransitionTime").to_owned(),
        None => context.timestamp(),
    };
    let mut condition = Value::map();
    condition.set("type", ty);
    condition.set("status", value);
    condition.set("lastTransitionTime", time);
    condition.set("reason", reason);
    condition.set("message", message);
    set_condition(status.entry("conditions"), condition);
}

fn write(
    context: &mut ControllerContext<'_>,
    key: &Key,
    mut object: Value,
    status: Value,
) -> Result<(), Retry> {
    object.set("status", status);
    context.server.write(key, object);
    Ok(())
}
