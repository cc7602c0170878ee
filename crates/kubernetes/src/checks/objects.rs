//! Errors of single objects that the API server rejects, beyond field types.

use super::{CheckContext, is_written};
use crate::objects::names::{
    check_config_key, check_dns_label, check_dns_subdomain, check_label_key, check_label_value,
    check_port_name, check_service_name,
};
use crate::objects::{Container, Kind, ObjectMeta, PodSpec, Service, StringMap};
use go::quote::quote;
use text::{Applicability, Code, Diagnostic, Edit, Fix, Location, Span};

pub(super) const CODES: &[Code] = &[
    Code {
        code: "object-without-name",
        title: "An object without a name",
        doc: "Every object needs `metadata.name` (or `generateName`). The API server refuses it otherwise: `resource name may not be empty`.",
        example: "apiVersion: v1\nkind: Service\nmetadata: {labels: {app: web}}\nspec: {ports: [{port: 80}]}\n",
    },
    Code {
        code: "bad-object-name",
        title: "A name that Kubernetes refuses",
        doc: "Most names are made of lower case letters, digits, dashes and dots and begin and end with a letter or digit, because they become parts of DNS names. A Service's name must begin with a letter, have no dots and be at most 63 characters long.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Prometheus_Config}\n",
    },
    Code {
        code: "bad-label",
        title: "A label or annotation that Kubernetes refuses",
        doc: "A key is a name of at most 63 characters, with an optional DNS prefix and a slash before it. The value of a label is empty or of at most 63 letters, digits, dashes, underscores and dots; put spaces and slashes into annotations, whose values are free.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {team: shop and web}}\n",
    },
    Code {
        code: "bad-config-key",
        title: "A key that cannot be a file's name",
        doc: "A key of a ConfigMap or Secret becomes a file's name, so it may have letters, digits, dashes, underscores and dots only; directories are made with `items` and `path`.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {rules/web.yml: ''}\n",
    },
    Code {
        code: "port-out-of-range",
        title: "A port that does not exist",
        doc: "Ports are numbers from 1 to 65535. A nodePort must lie in the range that the cluster keeps for it, 30000 to 32767 unless configured otherwise.",
        example: "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 8080}]}\n",
    },
    Code {
        code: "bad-port-name",
        title: "Names of ports that are duplicate or refused",
        doc: "A Service with several ports must name each of them, and each name must be unique. The name of a container's port has at most 15 characters, lower case letters, digits and dashes, with a letter among them.",
        example: "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}, {port: 443}]}\n",
    },
    Code {
        code: "pod-without-containers",
        title: "A pod without containers or image",
        doc: "A pod needs at least one container, each with a name of its own and an image.",
        example: "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web}]}\n",
    },
    Code {
        code: "namespace-not-here",
        title: "A namespace that is not among the manifests",
        doc: "The object is in a namespace for which there is no manifest. If the namespace does not exist in the cluster, kubectl refuses the object: `namespaces \"x\" not found`.",
        example: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: monitoring}\n",
    },
];

pub(super) fn check(context: &CheckContext<'_>, found: &mut Vec<Diagnostic>) {
    let mut unknown_namespaces: Vec<String> = Vec::new();
    for (kind, meta) in context.cluster().all() {
        if !is_written(meta) {
            continue;
        }
        check_meta(kind, meta, found);
        let namespace = &*meta.namespace.value;
        let written = context.cluster().namespaces.get("", namespace);
        let known = namespace.is_empty()
            || namespace == "default"
            || namespace.starts_with("kube-")
            || written.is_some_and(|one| is_written(&one.meta));
        // Reported once for each namespace, if the manifest names it.
        if let (false, Some(at)) = (known, meta.namespace.at)
            && !unknown_namespaces.iter().any(|one| one == namespace)
        {
            unknown_namespaces.push(namespace.to_owned());
            let message = format!("namespace {namespace} is not among the manifests");
            let mut diagnostic = Diagnostic::info("namespace-not-here", at, message)
                .with_help("It is taken to exist in the cluster.");
            diagnostic.fixes.extend(write_namespace(context, at, namespace));
            found.push(diagnostic);
        }
    }
    for (_, spec) in context.pod_specs() {
        check_spec(spec, found);
    }
    for service in context.cluster().services.iter().filter(|one| is_written(&one.meta)) {
        check_service(service, found);
    }
    for map in context.cluster().config_maps.iter().filter(|one| is_written(&one.meta)) {
        for entry in &map.data {
            if let Err(error) = check_config_key(&entry.key) {
                let at = entry.key_at.unwrap_or(map.meta.location);
                found.push(Diagnostic::error("bad-config-key", at, error));
            }
        }
    }
}

/// Returns a fix that inserts a manifest of the namespace before the object.
fn write_namespace(context: &CheckContext<'_>, at: Location, namespace: &str) -> Option<Fix> {
    let text = (context.text)(at.file)?;
    if text.trim_start().starts_with('{') || check_dns_label(namespace).is_err() {
        return None;
    }
    let manifest =
        format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {namespace}\n---\n");
    Some(Fix {
        title: format!("Write a manifest for namespace {namespace}"),
        applicability: Applicability::Suggestion,
        edits: vec![Edit { location: Location::new(at.file, Span::at(0)), text: manifest }],
    })
}

/// Returns a similar text that `check` accepts; other characters become dashes.
fn mended(text: &str, check: impl Fn(&str) -> Result<(), String>) -> Option<String> {
    let dashed = |keep: &dyn Fn(char) -> bool, text: &str| -> String {
        let dashes = text.chars().map(|c| if keep(c) { c } else { '-' });
        dashes.collect::<String>().trim_matches(['-', '.', '_']).to_owned()
    };
    let as_written = dashed(&|c| c.is_ascii_alphanumeric() || "-_.".contains(c), text);
    let lower = dashed(&|c| c.is_ascii_alphanumeric() || "-.".contains(c), text);
    let lower = lower.to_ascii_lowercase();
    let without_dots = lower.replace('.', "-");
    let mut candidates = [as_written, lower, without_dots].into_iter();
    // A number would need quotes.
    candidates.find(|one| !one.is_empty() && one.parse::<f64>().is_err() && check(one).is_ok())
}

fn mend(
    diagnostic: Diagnostic,
    at: Option<Location>,
    text: &str,
    check: impl Fn(&str) -> Result<(), String>,
) -> Diagnostic {
    match (at, mended(text, check)) {
        (Some(at), Some(new)) => {
            let title = format!("Write {new}");
            diagnostic.with_fix(Fix::replace(title, Applicability::Suggestion, at, new))
        }
        _ => diagnostic,
    }
}

fn check_meta(kind: Kind, meta: &ObjectMeta, found: &mut Vec<Diagnostic>) {
    let name = &*meta.name.value;
    if name.is_empty() {
        if meta.generate_name.is_empty() {
            let at = meta.location;
            found.push(Diagnostic::error("object-without-name", at, format!("{kind} has no name")));
        }
    } else {
        let check = |name: &str| match kind {
            Kind::Service => check_service_name(name),
            Kind::Namespace => check_dns_label(name),
            // Names of RBAC objects are path segments; other rules do not apply.
            Kind::Role | Kind::ClusterRole | Kind::RoleBinding | Kind::ClusterRoleBinding => Ok(()),
            _ => check_dns_subdomain(name),
        };
        if let Err(error) = check(name) {
            let message = format!("{name} is no name for a {kind}: {error}", name = quote(name));
            let diagnostic = Diagnostic::error("bad-object-name", meta.name_place(), message);
            found.push(mend(diagnostic, meta.name.at, name, check));
        }
    }
    labels(&meta.labels, true, meta.location, found);
    labels(&meta.annotations, false, meta.location, found);
}

fn labels(map: &StringMap, with_values: bool, place: Location, found: &mut Vec<Diagnostic>) {
    for entry in map {
        if let Err(error) = check_label_key(&entry.key) {
            let at = entry.key_at.unwrap_or(place);
            found.push(Diagnostic::error("bad-label", at, format!("{}: {error}", entry.key)));
        }
        if !with_values {
            continue;
        }
        if let Err(error) = check_label_value(&entry.value) {
            let at = entry.at.unwrap_or(place);
            let message = format!("{}: {error}", quote(&entry.value));
            let diagnostic = Diagnostic::error("bad-label", at, message);
            found.push(mend(diagnostic, entry.at, &entry.value, check_label_value));
        }
    }
}

fn check_spec(spec: &PodSpec, found: &mut Vec<Diagnostic>) {
    let Some(place) = spec.location else { return };
    if spec.containers.is_empty() {
        found.push(Diagnostic::error("pod-without-containers", place, "the pod has no containers"));
    }
    let mut names: Vec<&str> = Vec::new();
    for container in spec.containers.iter().chain(&spec.init_containers) {
        let at = container.name.at.or(container.location).unwrap_or(place);
        let name = &*container.name.value;
        if container.image.value.is_empty() {
            let message = format!("container {name} has no image");
            found.push(Diagnostic::error("pod-without-containers", at, message));
        }
        if let Err(error) = check_dns_label(name) {
            let message = format!("{name} is no name for a container: {error}", name = quote(name));
            let diagnostic = Diagnostic::error("bad-object-name", at, message);
            found.push(mend(diagnostic, container.name.at, name, check_dns_label));
        } else if names.contains(&name) {
            let message = format!("two containers are named {name}");
            found.push(Diagnostic::error("bad-object-name", at, message));
        }
        names.push(name);
        container_ports(container, place, found);
    }
}

fn container_ports(container: &Container, place: Location, found: &mut Vec<Diagnostic>) {
    let mut names: Vec<&str> = Vec::new();
    for port in &container.ports {
        range(port.container_port.value, port.container_port.at.unwrap_or(place), found);
        let name = &*port.name.value;
        if name.is_empty() {
            continue;
        }
        let at = port.name.at.unwrap_or(place);
        if let Err(error) = check_port_name(name) {
            found.push(Diagnostic::error(
                "bad-port-name",
                at,
                format!("{name}: {error}", name = quote(name)),
            ));
        } else if names.contains(&name) {
            let message = format!("two ports of the container are named {name}");
            found.push(Diagnostic::error("bad-port-name", at, message));
        }
        names.push(name);
    }
}

fn range(port: i32, at: Location, found: &mut Vec<Diagnostic>) {
    if !(1..=65_535).contains(&port) {
        let message = format!("{port} must be between 1 and 65535");
        found.push(Diagnostic::error("port-out-of-range", at, message));
    }
}

fn check_service(service: &Service, found: &mut Vec<Diagnostic>) {
    let place = service.meta.name_place();
    let mut names: Vec<&str> = Vec::new();
    for port in &service.ports {
        range(port.port.value, port.port.at.unwrap_or(place), found);
        if let Some(node_port) = port.node_port
            && let (false, Some(at)) = ((30_000..=32_767).contains(&node_port.value), node_port.at)
        {
            found.push(
                    Diagnostic::error("port-out-of-range", at, "provided port is not in the valid range. The range of valid ports is 30000-32767")
                        .with_help("The API server refuses the Service, unless the cluster is configured with another range."),
                );
        }
        let name = &*port.name.value;
        let at = port.name.at.or(port.location).unwrap_or(place);
        if name.is_empty() && service.ports.len() > 1 {
            let message = "a Service with several ports must name each of them";
            found.push(Diagnostic::error("bad-port-name", at, message));
        } else if !name.is_empty() && names.contains(&name) {
            let message = format!("two ports of the Service are named {name}");
            found.push(Diagnostic::error("bad-port-name", at, message));
        } else if !name.is_empty()
            && let Err(error) = check_dns_label(name)
        {
            found.push(Diagnostic::error(
                "bad-port-name",
                at,
                format!("{name}: {error}", name = quote(name)),
            ));
        }
        names.push(name);
    }
}
