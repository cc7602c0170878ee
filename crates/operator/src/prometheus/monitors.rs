//! Jobs of ServiceMonitors and PodMonitors.
//!
//! Source: prometheus-operator pkg/prometheus/promcfg.go generateServiceMonitorConfig,
//! generatePodMonitorConfig.

use kubernetes::object::Value;

use super::ConfigContext;
use super::relabel::{self, rule, sanitize};
use crate::tree::{Entries, Field, Tree};

/// Returns one job for each endpoint of a ServiceMonitor.
pub fn service_monitor<'a>(context: &ConfigContext<'a>, monitor: &Field<'a>) -> Vec<Tree> {
    let endpoints = monitor.get("spec").get("endpoints").items();
    let jobs = endpoints.iter().enumerate();
    jobs.map(|(at, endpoint)| service_job(context, monitor, endpoint, at)).collect()
}

/// Returns one job for each endpoint of a PodMonitor.
pub fn pod_monitor<'a>(context: &ConfigContext<'a>, monitor: &Field<'a>) -> Vec<Tree> {
    let endpoints = monitor.get("spec").get("podMetricsEndpoints").items();
    let jobs = endpoints.iter().enumerate();
    jobs.map(|(at, endpoint)| pod_job(context, monitor, endpoint, at)).collect()
}

fn job_name(job: &mut Entries, prefix: &str, monitor: &Field<'_>, at: usize) {
    let (namespace, name) = (&monitor.resource.namespace, &monitor.resource.name);
    let text = format!("{prefix}/{namespace}/{name}/{at}");
    job.put("job_name", Tree::text(text).from(&monitor.get("metadata").get("name")));
}

fn filters_by_relabeling(spec: &Field<'_>) -> bool {
    spec.value.str("selectorMechanism") != "RoleSelector"
}

fn service_job<'a>(
    context: &ConfigContext<'a>,
    monitor: &Field<'a>,
    endpoint: &Field<'a>,
    at: usize,
) -> Tree {
    let spec = monitor.get("spec");
    let class = context.scrape_class(&spec);
    let role = context.endpoints_role(&spec.get("serviceDiscoveryRole"));
    let mut job = Entries::default();
    job_name(&mut job, "serviceMonitor", monitor, at);
    context.honor(&mut job, endpoint);
    discovery(context, &mut job, &spec, &class, &[role, "service"]);
    context.request(&mut job, endpoint);
    context.follow_redirects(&mut job, endpoint);
    context.enable_http2(&mut job, endpoint);
    context.proxy(&mut job, endpoint);
    context.oauth2(&mut job, endpoint);
    context.class_tls(&mut job, &endpoint.get("tlsConfig"), &class);
    job.copy_text("bearer_token_file", &endpoint.get("bearerTokenFile"));
    context.bearer_token(&mut job, endpoint);
    context.basic_auth(&mut job, endpoint);
    context.class_authorization(&mut job, endpoint, &class);
    let mut rules = vec![relabel::first()];
    if filters_by_relabeling(&spec) {
        rules.extend(relabel::selector("service", &spec.get("selector")));
    }
    rules.extend(service_rules(context, &spec, endpoint, role));
    finish(context, job, rules, &spec, endpoint, &class)
}

fn discovery(
    context: &ConfigContext<'_>,
    job: &mut Entries,
    spec: &Field<'_>,
    class: &Field<'_>,
    roles: &[&str],
) {
    let own = spec.get("attachMetadata");
    let attached = if own.is_set() { own } else { class.get("attachMetadata") };
    let selector = spec.get("selector");
    let server_side = (!filters_by_relabeling(spec)).then_some((&selector, roles));
    let role = roles.first().copied().unwrap_or_default();
    context.kubernetes_sd(job, role, &spec.get("namespaceSelector"), &attached, server_side);
}

/// The last part of a job: user's rules, sharding, limits, metric rules.
fn finish(
    context: &ConfigContext<'_>,
    mut job: Entries,
    mut rules: Vec<Tree>,
    spec: &Field<'_>,
    endpoint: &Field<'_>,
    class: &Field<'_>,
) -> Tree {
    rules.extend(relabel::user(&class.get("relabelings")));
    rules.extend(context.user_rules(&endpoint.get("relabelings")));
    rules.extend(relabel::sharding(context, "__address__"));
    job.put("relabel_configs", Tree::list(rules));
    context.limits(&mut job, spec, class, true);
    context.metric_rules(&mut job, class, &endpoint.get("metricRelabelings"));
    job.tree().from(endpoint)
}

/// Rules that choose the port and set the usual labels, for the roles endpoints and endpointslice.
fn service_rules(
    context: &ConfigContext<'_>,
    spec: &Field<'_>,
    endpoint: &Field<'_>,
    role: &str,
) -> Vec<Tree> {
    let of = if role == "endpointslice" { "endpointslice" } else { "endpoint" };
    let (port, target_port) = (endpoint.get("port"), endpoint.get("targetPort"));
    let mut rules = Vec::new();
    if !port.text().is_empty() {
        let source = format!("__meta_kubernetes_{of}_port_name");
        rules.push(keep(&source, Tree::copy(&port)).from(&port));
    } else {
        rules.extend(keep_target_port(&target_port));
    }
    let target = format!(
        "__meta_kubernetes_{of}_address_target_kind,__meta_kubernetes_{of}_address_target_name"
    );
    for (kind, label) in [("Node;(.*)", "node"), ("Pod;(.*)", "pod")] {
        rules.push(rule(&[
            ("source_labels", &target),
            ("separator", ";"),
            ("regex", kind),
            ("replacement", "${1}"),
            ("target_label", label),
        ]));
    }
    rules.extend(discovered(&[
        ("namespace", "namespace"),
        ("service_name", "service"),
        ("pod_name", "pod"),
        ("pod_container_name", "container"),
    ]));
    if endpoint.value["filterRunning"].as_bool().unwrap_or(true) {
        rules.push(relabel::running_filter());
    }
    rules.extend(copied("service", &spec.get("targetLabels")));
    rules.extend(copied("pod", &spec.get("podTargetLabels")));
    rules.extend(copied("pod", &context.spec.get("podTargetLabels")));
    rules.push(rule(&[
        ("source_labels", "__meta_kubernetes_service_name"),
        ("target_label", "job"),
        ("replacement", "${1}"),
    ]));
    rules.extend(job_label("service", spec));
    rules.extend(endpoint_label(&port, &target_port));
    rules
}

fn pod_job<'a>(
    context: &ConfigContext<'a>,
    monitor: &Field<'a>,
    endpoint: &Field<'a>,
    at: usize,
) -> Tree {
    let spec = monitor.get("spec");
    let class = context.scrape_class(&spec);
    let mut job = Entries::default();
    job_name(&mut job, "podMonitor", monitor, at);
    context.honor(&mut job, endpoint);
    discovery(context, &mut job, &spec, &class, &["pod"]);
    context.request(&mut job, endpoint);
    context.follow_redirects(&mut job, endpoint);
    context.enable_http2(&mut job, endpoint);
    context.class_tls(&mut job, &endpoint.get("tlsConfig"), &class);
    context.bearer_token(&mut job, endpoint);
    context.basic_auth(&mut job, endpoint);
    context.oauth2(&mut job, endpoint);
    context.proxy(&mut job, endpoint);
    context.class_authorization(&mut job, endpoint, &class);
    let mut rules = vec![relabel::first()];
    if endpoint.value["filterRunning"].as_bool().unwrap_or(true) {
        rules.push(relabel::running_filter());
    }
    if filters_by_relabeling(&spec) {
        rules.extend(relabel::selector("pod", &spec.get("selector")));
    }
    rules.extend(pod_rules(context, monitor, &spec, endpoint));
    finish(context, job, rules, &spec, endpoint, &class)
}

/// Rules that choose the port and set the usual labels, for the role pod.
fn pod_rules(
    context: &ConfigContext<'_>,
    monitor: &Field<'_>,
    spec: &Field<'_>,
    endpoint: &Field<'_>,
) -> Vec<Tree> {
    let (port, number) = (endpoint.get("port"), endpoint.get("portNumber"));
    let target_port = endpoint.get("targetPort");
    let mut rules = Vec::new();
    if !port.text().is_empty() {
        let name = "__meta_kubernetes_pod_container_port_name";
        rules.push(keep(name, Tree::copy(&port)).from(&port));
    } else if number.value.as_int().is_some_and(|number| number != 0) {
        let name = "__meta_kubernetes_pod_container_port_number";
        rules.push(keep(name, Tree::copy(&number)).from(&number));
    } else {
        rules.extend(keep_target_port(&target_port));
    }
    rules.extend(discovered(&[
        ("namespace", "namespace"),
        ("pod_container_name", "container"),
        ("pod_name", "pod"),
    ]));
    rules.extend(copied("pod", &spec.get("podTargetLabels")));
    rules.extend(copied("pod", &context.spec.get("podTargetLabels")));
    let name = format!("{}/{}", monitor.resource.namespace, monitor.resource.name);
    rules.push(rule(&[("target_label", "job"), ("replacement", &name)]));
    rules.extend(job_label("pod", spec));
    rules.extend(endpoint_label(&port, &target_port));
    rules
}

fn keep(source: &str, regex: Tree) -> Tree {
    let mut entries = Entries::default();
    entries.put("action", Tree::text("keep"));
    entries.put("source_labels", Tree::texts([source]));
    entries.put("regex", regex);
    entries.tree()
}

/// Keeps the container port that has the name or the number.
fn keep_target_port(port: &Field<'_>) -> Option<Tree> {
    let source = match port.value {
        Value::String(name) if !name.is_empty() => "__meta_kubernetes_pod_container_port_name",
        Value::Int(number) if *number != 0 => "__meta_kubernetes_pod_container_port_number",
        _ => return None,
    };
    Some(keep(source, Tree::copy(port)).from(port))
}

fn discovered(labels: &[(&str, &str)]) -> Vec<Tree> {
    let one = |(source, target): &(&str, &str)| {
        let source = format!("__meta_kubernetes_{source}");
        rule(&[("source_labels", &source), ("target_label", target)])
    };
    labels.iter().map(one).collect()
}

fn copied(role: &str, labels: &Field<'_>) -> Vec<Tree> {
    let one = |label: &Field<'_>| {
        relabel::copy_label(role, label.text(), &sanitize(label.text())).from(label)
    };
    labels.items().iter().map(one).collect()
}

fn job_label(role: &str, spec: &Field<'_>) -> Option<Tree> {
    let label = spec.get("jobLabel");
    let set = !label.text().is_empty();
    set.then(|| relabel::copy_label(role, label.text(), "job").from(&label))
}

fn endpoint_label(port: &Field<'_>, target_port: &Field<'_>) -> Option<Tree> {
    let (text, field) = match (port.text(), target_port.value) {
        ("", Value::String(name)) if !name.is_empty() => (name.to_string(), target_port),
        ("", Value::Int(number)) => (number.to_string(), target_port),
        ("", _) => return None,
        (name, _) => (name.to_owned(), port),
    };
    Some(rule(&[("target_label", "endpoint"), ("replacement", &text)]).from(field))
}
