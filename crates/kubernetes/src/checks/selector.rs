//! A Service whose selector matches no pod.

use super::{CheckContext, is_written, nearest};
use crate::objects::{Entry, Resource, Service, Workload, contains_all};
use text::{Applicability, Code, Diagnostic, Edit, Fix};

const NO_REPLICAS: &str = "service-without-replicas";

pub(super) const CODES: &[Code] = &[
    Code {
        code: "service-selects-nothing",
        title: "A Service that selects no pod",
        doc: "A Service finds its pods by their labels: every pair of its selector must be among the labels of the pod, that is of the `template.metadata.labels` of a Deployment (not of the Deployment's own labels). This selector matches no pod of the Service's namespace. The Service then has no endpoints: connections are refused at once, and role endpoints finds nothing behind it.",
        example: "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: wbe}\n  ports: [{port: 80}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web}]}\n",
    },
    Code {
        code: NO_REPLICAS,
        title: "A Service whose pods are scaled to 0",
        doc: "The selector of the Service matches the pods of a workload, but the workload has `replicas: 0` or was scaled to 0, so that there are no such pods. The Service has no endpoints: connections are refused at once, and role endpoints finds nothing behind it. The Service itself is right.",
        example: "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 0\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web}]}\n",
    },
];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for service in context.cluster().services.iter().filter(|one| is_written(&one.meta)) {
        if service.selector.is_empty() || service.is_external_name() {
            continue;
        }
        let namespace = &*service.meta.namespace.value;
        let mut templates = context
            .workloads()
            .filter(|one| &*one.meta.namespace.value == namespace)
            .map(|one| &one.template.meta.labels)
            .chain(context.cluster().pods.in_namespace(namespace).map(|pod| &pod.meta.labels));
        if !templates.any(|labels| contains_all(&service.selector, labels)) {
            found.push(finding(context, service));
        } else {
            found.extend(without_replicas(context, service));
        }
    }
}

/// A selector that is right, but whose pods are scaled to 0.
fn without_replicas(context: &CheckContext<'_>, service: &Service) -> Option<Diagnostic> {
    let namespace = &*service.meta.namespace.value;
    let mut pods = context.cluster().pods.in_namespace(namespace);
    if pods.any(|pod| contains_all(&service.selector, &pod.meta.labels)) {
        return None;
    }
    let workload = context.state.without_replicas(namespace, &service.selector)?;
    let replicas = workload.replicas.and_then(|replicas| replicas.at);
    let at = replicas.unwrap_or(workload.meta.name_place());
    let name = &service.meta.name.value;
    let message = format!("{} has 0 replicas", workload.reference());
    let mut diagnostic = Diagnostic::info(NO_REPLICAS, at, message)
        .with_help(format!(
            "Service {name} selects its pods. It has no endpoints, so connections to it are refused at once."
        ))
        .with_related(service.meta.name_place(), "the Service");
    if let Some(at) = replicas.filter(|_| workload.desired() == 0) {
        let fix = Fix::replace("Ask for 1 pod", Applicability::Suggestion, at, "1".to_owned());
        diagnostic = diagnostic.with_fix(fix);
    }
    Some(diagnostic)
}

fn finding(context: &CheckContext<'_>, service: &Service) -> Diagnostic {
    let namespace = &*service.meta.namespace.value;
    let at = service.selector_at.unwrap_or(service.meta.name_place());
    let pairs: Vec<String> =
        service.selector.iter().map(|one| format!("{}={}", one.key, one.value)).collect();
    let mut diagnostic = Diagnostic::warning(
        "service-selects-nothing",
        at,
        format!("no pod has the labels {}", pairs.join(",")),
    );
    let elsewhere = context.workloads().find(|workload| {
        &*workload.meta.namespace.value != namespace
            && contains_all(&service.selector, &workload.template.meta.labels)
    });
    diagnostic.help = Some(match elsewhere {
        Some(workload) => format!(
            "Pods with these labels are in namespace {}, but a Service selects only in its own, {namespace}.",
            workload.meta.namespace.value
        ),
        None => format!(
            "Service {} has no endpoints, so connections to it are refused at once.",
            service.meta.name.value
        ),
    });
    // A template that matches except for one similar label.
    for workload in context.workloads().filter(|one| &*one.meta.namespace.value == namespace) {
        let labels = &workload.template.meta.labels;
        let wrong: Vec<_> = service
            .selector
            .iter()
            .filter(|one| labels.value(&one.key) != Some(&*one.value))
            .collect();
        let [entry] = wrong.as_slice() else { continue };
        let Some(right) = labels.get(&entry.key) else { continue };
        let near = service.selector.len() > 1
            || nearest(&entry.value, std::iter::once(&*right.value)).is_some();
        let Some(at) = entry.at.filter(|_| near) else { continue };
        if let Some(location) = right.at {
            diagnostic = diagnostic.with_related(
                location,
                format!("the pods of {} have this", workload.meta.name.value),
            );
        }
        let title = format!("Select {}={}", right.key, right.value);
        let select = Fix::replace(title, Applicability::Suggestion, at, right.value.to_string());
        // The name of the workload shows which of the two values is misspelled.
        let name = &*workload.meta.name.value;
        if *entry.value == *name && *right.value != *name {
            diagnostic.fixes.extend(give_label(workload, entry));
        }
        diagnostic = diagnostic.with_fix(select);
    }
    diagnostic
}

/// Returns a fix that gives the pods of a workload the value of a label, and its selector as well.
fn give_label(workload: &Workload, entry: &Entry) -> Option<Fix> {
    let template = workload.template.meta.labels.get(&entry.key)?.at?;
    let selector = workload.selector.as_ref();
    let selector = selector.and_then(|one| one.match_labels.get(&entry.key)?.at);
    let edit = |location| Edit { location, text: entry.value.to_string() };
    Some(Fix {
        title: format!("Give the pods {}={}", entry.key, entry.value),
        applicability: Applicability::Suggestion,
        edits: std::iter::once(template).chain(selector).map(edit).collect(),
    })
}
