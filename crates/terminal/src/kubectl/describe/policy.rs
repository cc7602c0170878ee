//! Descriptions of namespaces, quotas, limits, disruption budgets and autoscalers.
//!
//! Source: staging/src/k8s.io/kubectl pkg/describe describeNamespace and the like.

use std::collections::BTreeSet;

use kubernetes::columns::selector;
use kubernetes::object::{Quantity, Value};

use super::DescribeContext;
use super::writer::{Writer, quantity, scalar, time};

/// The meaning of a scope of a quota.
const SCOPES: &[(&str, &str)] = &[
    (
        "Terminating",
        "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.",
    ),
    (
        "NotTerminating",
        "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.",
    ),
    (
        "BestEffort",
        "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.",
    ),
    (
        "NotBestEffort",
        "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.",
    ),
];

/// A Namespace, with its quotas and limits.
pub(super) fn namespace(w: &mut Writer, context: &DescribeContext<'_>, namespace: &Value) {
    let (metadata, status) = (&namespace["metadata"], &namespace["status"]);
    w.field(0, "Name", metadata.str("name"));
    w.labels_and_annotations(namespace);
    w.field(0, "Status", status.str("phase"));
    let conditions = status.list("conditions");
    if !conditions.is_empty() {
        w.line(0, "Conditions:");
        w.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        w.line(1, "----\t------\t------------------\t------\t-------");
    }
    for one in conditions {
        let at = time(one.str("lastTransitionTime"));
        w.row(1, &[one.str("type"), one.str("status"), &at, one.str("reason"), one.str("message")]);
    }
    let quotas: Vec<&Value> = context.list("", "ResourceQuota", metadata.str("name")).collect();
    w.line(0, "");
    if quotas.is_empty() {
        w.line(0, "No resource quota.");
    } else {
        w.line(0, "Resource Quotas");
    }
    for quota in quotas {
        w.field(1, "Name", quota["metadata"].str("name"));
        scopes(w, quota, 1, "* ");
        w.line(1, "Resource\tUsed\tHard\n  --------\t---\t---");
        for (name, hard) in quota["status"].entries("hard") {
            let used = quantity(&quota["status"]["used"][name]);
            w.row(1, &[name, &used, &quantity(hard)]);
        }
    }
    let ranges: Vec<&Value> = context.list("", "LimitRange", metadata.str("name")).collect();
    w.line(0, "");
    if ranges.is_empty() {
        return w.line(0, "No LimitRange resource.");
    }
    w.line(0, "Resource Limits");
    limit_heads(w, " ");
    ranges.iter().for_each(|range| limits(w, range, " "));
}

fn scopes(w: &mut Writer, quota: &Value, level: usize, mark: &str) {
    let mut scopes: Vec<&str> =
        quota["spec"].list("scopes").iter().filter_map(Value::as_str).collect();
    if scopes.is_empty() {
        return;
    }
    scopes.sort_unstable();
    w.field(level, "Scopes", scopes.join(", "));
    for scope in scopes {
        if let Some((_, text)) = SCOPES.iter().find(|(name, _)| *name == scope) {
            w.line(level, &format!("{mark}{text}"));
        }
    }
}

/// A ResourceQuota.
pub(super) fn resource_quota(w: &mut Writer, _: &DescribeContext<'_>, quota: &Value) {
    w.name(quota);
    scopes(w, quota, 0, " * ");
    w.line(0, "Resource\tUsed\tHard\n--------\t----\t----");
    for (name, hard) in quota["status"].entries("hard") {
        let used = &quota["status"]["used"][name];
        w.row(0, &[name, &in_notation_of(used, hard), &quantity(hard)]);
    }
}

/// A used amount in the notation of the hard limit.
fn in_notation_of(used: &Value, hard: &Value) -> String {
    let (Some(used), Some(hard)) = (Quantity::parse(&scalar(used)), Quantity::parse(&scalar(hard)))
    else {
        return quantity(used);
    };
    if used.format == hard.format {
        return used.canonical();
    }
    Quantity { format: hard.format, ..Quantity::whole(used.value()) }.canonical()
}

fn limit_heads(w: &mut Writer, indent: &str) {
    w.line(
        0,
        &format!(
            "{indent}Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio"
        ),
    );
    w.line(
        0,
        &format!(
            "{indent}----\t--------\t---\t---\t---------------\t-------------\t-----------------------"
        ),
    );
}

fn limits(w: &mut Writer, range: &Value, indent: &str) {
    const PARTS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for limit in range["spec"].list("limits") {
        let names: BTreeSet<&str> =
            PARTS.iter().flat_map(|part| limit.entries(part)).map(|(name, _)| &**name).collect();
        for name in names {
            let cells = PARTS.map(|part| match limit[part].get(name) {
                Some(amount) => quantity(amount),
                None => "-".to_owned(),
            });
            w.line(0, &format!("{indent}{}\t{name}\t{}", limit.str("type"), cells.join("\t")));
        }
    }
}

/// A LimitRange.
pub(super) fn limit_range(w: &mut Writer, _: &DescribeContext<'_>, range: &Value) {
    w.name(range);
    limit_heads(w, "");
    limits(w, range, "");
}

/// A PodDisruptionBudget.
pub(super) fn pod_disruption_budget(w: &mut Writer, _: &DescribeContext<'_>, budget: &Value) {
    let (spec, status) = (&budget["spec"], &budget["status"]);
    w.name(budget);
    if spec.has("minAvailable") {
        w.field(0, "Min available", scalar(&spec["minAvailable"]));
    } else if spec.has("maxUnavailable") {
        w.field(0, "Max unavailable", scalar(&spec["maxUnavailable"]));
    }
    let chosen = &spec["selector"];
    let chosen = if chosen.is_null() { "<unset>".to_owned() } else { selector(chosen) };
    w.field(0, "Selector", chosen);
    w.line(0, "Status:");
    for (title, key) in [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ] {
        w.field(2, title, status.int(key));
    }
}

/// A HorizontalPodAutoscaler of autoscaling/v2.
pub(super) fn autoscaler(w: &mut Writer, _: &DescribeContext<'_>, autoscaler: &Value) {
    let (spec, status) = (&autoscaler["spec"], &autoscaler["status"]);
    let target = &spec["scaleTargetRef"];
    w.name(autoscaler);
    w.labels_and_annotations(autoscaler);
    w.field(0, "CreationTimestamp", time(autoscaler["metadata"].str("creationTimestamp")));
    w.field(0, "Reference", format!("{}/{}", target.str("kind"), target.str("name")));
    w.line(0, "Metrics:\t( current / target )");
    let current = status.list("currentMetrics");
    for (number, metric) in spec.list("metrics").iter().enumerate() {
        w.line(1, &metric_text(metric, current.get(number).unwrap_or(&Value::Null)));
    }
    let least =
        if spec.has("minReplicas") { scalar(&spec["minReplicas"]) } else { "<unset>".to_owned() };
    w.field(0, "Min replicas", least);
    w.field(0, "Max replicas", spec.int("maxReplicas"));
    let behavior = &spec["behavior"];
    if !behavior.is_null() {
        w.line(0, "Behavior:");
        direction(w, "Scale Up", &behavior["scaleUp"]);
        direction(w, "Scale Down", &behavior["scaleDown"]);
    }
    w.field(
        0,
        &format!("{} pods", target.str("kind")),
        format!(
            "{} current / {} desired",
            status.int("currentReplicas"),
            status.int("desiredReplicas")
        ),
    );
    let conditions = status.list("conditions");
    if !conditions.is_empty() {
        w.line(0, "Conditions:\n  Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------");
    }
    for one in conditions {
        w.row(1, &[one.str("type"), one.str("status"), one.str("reason"), one.str("message")]);
    }
}

/// A metric with its current value and its target.
fn metric_text(metric: &Value, current: &Value) -> String {
    let (key, title) = match metric.str("type") {
        "Resource" => ("resource", format!("resource {} on pods", metric["resource"].str("name"))),
        "ContainerResource" => {
            let source = &metric["containerResource"];
            let (name, container) = (source.str("name"), source.str("container"));
            ("containerResource", format!("resource {name} of container \"{container}\" on pods"))
        }
        "Pods" => {
            let name = go::quote::quote(metric["pods"]["metric"].str("name"));
            ("pods", format!("{name} on pods"))
        }
        "Object" => {
            let object = &metric["object"];
            let described = &object["describedObject"];
            let name = object["metric"].str("name");
            ("object", format!("\"{name}\" on {}/{}", described.str("kind"), described.str("name")))
        }
        "External" => ("external", go::quote::quote(metric["external"]["metric"].str("name"))),
        other => return format!("<unknown metric type {}>", go::quote::quote(other)),
    };
    let (target, now) = (&metric[key]["target"], &current[key]["current"]);
    let value = |key: &str| {
        if now.has(key) { quantity(&now[key]) } else { "<unknown>".to_owned() }
    };
    let average = target.has("averageValue");
    let is_resource = matches!(key, "resource" | "containerResource");
    if average {
        let note =
            if matches!(key, "object" | "external") { " (target average value)" } else { "" };
        return format!(
            "{title}{note}:\t{} / {}",
            value("averageValue"),
            quantity(&target["averageValue"])
        );
    }
    if is_resource {
        let now = match now["averageUtilization"].as_int() {
            Some(percent) => format!("{percent}% ({})", quantity(&now["averageValue"])),
            None => "<unknown>".to_owned(),
        };
        let target = match target["averageUtilization"].as_int() {
            Some(percent) => format!("{percent}%"),
            None => "<auto>".to_owned(),
        };
        return format!("{title}  (as a percentage of request):\t{now} / {target}");
    }
    format!("{title} (target value):\t{} / {}", value("value"), quantity(&target["value"]))
}

fn direction(w: &mut Writer, title: &str, rules: &Value) {
    if rules.is_null() {
        return;
    }
    w.line(1, &format!("{title}:"));
    if let Some(seconds) = rules["stabilizationWindowSeconds"].as_int() {
        w.line(2, &format!("Stabilization Window: {seconds} seconds"));
    }
    if rules.list("policies").is_empty() {
        return;
    }
    let select = super::writer::or(rules.str("selectPolicy"), "Max");
    w.line(2, &format!("Select Policy: {select}"));
    w.line(2, "Policies:");
    for policy in rules.list("policies") {
        w.line(
            3,
            &format!(
                "- Type: {}\tValue: {}\tPeriod: {} seconds",
                policy.str("type"),
                policy.int("value"),
                policy.int("periodSeconds")
            ),
        );
    }
}
