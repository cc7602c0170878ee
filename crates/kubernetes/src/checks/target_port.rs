//! A targetPort that no container of the selected pods has.

use super::{CheckContext, is_written, nearest};
use crate::objects::{ContainerPort, PodSpec, PortTarget, Service, ServicePort, contains_all};
use text::{Applicability, Code, Diagnostic, Fix, Location};

pub(super) const CODES: &[Code] = &[
    Code {
        code: "target-port-names-nothing",
        title: "A targetPort that no container has",
        doc: "A `targetPort` given by name is looked up among the names of the containers' ports (with the same protocol). No container of the selected pods has a port of this name, so the Service has no endpoints for it, and connections are refused.",
        example: "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports: [{port: 80, targetPort: htp}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}\n",
    },
    Code {
        code: "target-port-not-declared",
        title: "A targetPort that no container declares",
        doc: "The Service sends connections to a port of its pods that no container lists under `ports`. That list is only a note and opens nothing, so this may work; more often the number is wrong, and connections are refused by the pod.",
        example: "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports: [{port: 80, targetPort: 8000}]\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: web, ports: [{containerPort: 8080}]}]}\n",
    },
];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    for service in context.cluster().services.iter().filter(|one| is_written(&one.meta)) {
        if service.selector.is_empty() {
            continue;
        }
        let namespace = &*service.meta.namespace.value;
        let specs: Vec<&PodSpec> = context
            .workloads()
            .filter(|one| &*one.meta.namespace.value == namespace)
            .filter(|one| contains_all(&service.selector, &one.template.meta.labels))
            .map(|one| &one.template.spec)
            .collect();
        if specs.is_empty() {
            continue;
        }
        for port in &service.ports {
            found.extend(finding(service, port, &specs));
        }
    }
}

fn finding(service: &Service, port: &ServicePort, specs: &[&PodSpec]) -> Option<Diagnostic> {
    let at = port.target_port.at.or(port.port.at)?;
    let containers = specs.iter().flat_map(|spec| spec.running_containers());
    let declared: Vec<&ContainerPort> =
        containers.flat_map(|one| &one.ports).filter(|one| one.protocol == port.protocol).collect();
    match &port.target_port.target {
        PortTarget::Name(name) => unknown_name(service, port, name, &declared, at),
        PortTarget::Number(number) => undeclared_number(port, *number, &declared, at),
    }
}

fn replace(title: String, at: Location, text: String) -> Fix {
    Fix::replace(title, Applicability::Suggestion, at, text)
}

/// A targetPort whose name no container port has.
fn unknown_name(
    service: &Service,
    port: &ServicePort,
    name: &str,
    declared: &[&ContainerPort],
    at: Location,
) -> Option<Diagnostic> {
    if declared.iter().any(|one| *one.name.value == *name) {
        return None;
    }
    let message = format!("no container of the pods has a port named {name}");
    let help = format!(
        "Service {} has no endpoints for port {}.",
        service.meta.name.value, port.port.value
    );
    let diagnostic = Diagnostic::warning("target-port-names-nothing", at, message).with_help(help);
    let near = nearest(name, declared.iter().map(|one| &*one.name.value));
    Some(match (near.filter(|near| !near.is_empty()), declared) {
        (Some(near), _) => {
            let title = format!("Use the port's name {near}");
            diagnostic.with_fix(replace(title, at, near.to_owned()))
        }
        (None, [only]) => {
            let number = only.container_port.value;
            diagnostic.with_fix(replace(format!("Use port {number}"), at, number.to_string()))
        }
        (None, _) => diagnostic,
    })
}

/// A targetPort whose number no container declares.
fn undeclared_number(
    port: &ServicePort,
    number: i32,
    declared: &[&ContainerPort],
    at: Location,
) -> Option<Diagnostic> {
    let mut numbers: Vec<i32> = declared.iter().map(|one| one.container_port.value).collect();
    numbers.dedup();
    if numbers.is_empty() || numbers.contains(&number) {
        return None;
    }
    let message = format!("no container of the pods declares port {number}");
    let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let mut diagnostic = Diagnostic::info("target-port-not-declared", at, message)
        .with_help(format!("Declared are {}.", list.join(", ")));
    if let Some(first) = declared.first().and_then(|one| one.container_port.at) {
        diagnostic = diagnostic.with_related(first, "a port that is declared");
    }
    if let [only] = numbers.as_slice() {
        let title = match port.port.at == Some(at) {
            true => format!("Use port {only} for the Service too"),
            false => format!("Use targetPort {only}"),
        };
        diagnostic = diagnostic.with_fix(replace(title, at, only.to_string()));
    }
    Some(diagnostic)
}
