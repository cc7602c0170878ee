//! A Service that exposes Prometheus outside of the cluster.

use super::{CheckContext, is_written};
use crate::objects::{Service, contains_all};
use text::{Applicability, Code, Diagnostic, Fix, Severity};

pub(super) const CODES: &[Code] = &[Code {
    code: "prometheus-exposed",
    title: "Prometheus exposed outside of the cluster",
    doc: "A Service of type NodePort opens a port on every node, one of type LoadBalancer an address outside of the cluster. Prometheus requires no password: anyone who reaches the port can read every metric and the whole configuration, and with `--web.enable-admin-api` or `--web.enable-lifecycle` delete series or stop the server. With ClusterIP it is reached from inside, and by `kubectl port-forward` from your own machine.",
    example: "apiVersion: v1\nkind: Service\nmetadata: {name: prometheus}\nspec:\n  type: LoadBalancer\n  selector: {app: prometheus}\n  ports: [{port: 9090}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: prometheus}\nspec:\n  selector: {matchLabels: {app: prometheus}}\n  template:\n    metadata: {labels: {app: prometheus}}\n    spec: {containers: [{name: prometheus, image: prom/prometheus, ports: [{containerPort: 9090}]}]}\n",
}];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for service in context.cluster().services.iter() {
        if !is_written(&service.meta) || !service.has_node_ports() || service.selector.is_empty() {
            continue;
        }
        let of_prometheus = context.instances.iter().find(|instance| {
            context.workloads().any(|workload| {
                workload.meta.is_named(&instance.owner.namespace, &instance.owner.name)
                    && workload.meta.namespace.value == service.meta.namespace.value
                    && contains_all(&service.selector, &workload.template.meta.labels)
            })
        });
        if let Some(instance) = of_prometheus {
            let dangerous = ["web.enable-admin-api", "web.enable-lifecycle"]
                .into_iter()
                .find(|flag| instance.flag(flag).is_some());
            found.push(finding(service, dangerous));
        }
    }
}

fn finding(service: &Service, dangerous: Option<&str>) -> Diagnostic {
    let at = service.service_type.at.unwrap_or(service.meta.name_place());
    let (severity, message, help) = match &**service.service_type {
        "LoadBalancer" => (
            Severity::Warning,
            "a LoadBalancer opens Prometheus to the world",
            "Anyone who finds the address can read all metrics and the configuration.",
        ),
        _ => (
            Severity::Info,
            "a NodePort opens Prometheus on every node",
            "Anyone who reaches a node can read all metrics and the configuration. On minikube that is only you.",
        ),
    };
    let severity = if dangerous.is_some() { Severity::Warning } else { severity };
    let mut help = help.to_owned();
    if let Some(flag) = dangerous {
        help.push_str(&format!(" With --{flag} they can do more than read."));
    }
    let mut diagnostic =
        Diagnostic::new(severity, "prometheus-exposed", at, message).with_help(help);
    if let Some(at) = service.service_type.at {
        diagnostic = diagnostic.with_fix(Fix::replace(
            "Use ClusterIP and kubectl port-forward",
            Applicability::Suggestion,
            at,
            "ClusterIP",
        ));
    }
    diagnostic
}
