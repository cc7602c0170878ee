//! Ingresses and their classes.
//!
//! Source: pkg/apis/networking/validation ValidateIngressSpec.

use super::{KIND, Kind, Update, keep_status, reset_status};
use crate::object::Value;
use crate::validation::{Errors, Path, names};

const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

pub const INGRESS: Kind = Kind {
    group: "networking.k8s.io",
    kind: "Ingress",
    columns: crate::columns::INGRESS,
    plural: "ingresses",
    short_names: &["ing"],
    generation: true,
    description: "Rules for HTTP requests from outside.",
    prepare_create: reset_status,
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"]),
    validate_create: |errors, object| {
        let annotation = object["metadata"]["annotations"].str(CLASS_ANNOTATION);
        if !annotation.is_empty() && object["spec"].has("ingressClassName") {
            let annotations = Path::new("annotations");
            let message = "can not be set when the class field is also set";
            errors.invalid(&annotations.child(CLASS_ANNOTATION), annotation, message);
        }
    },
    warnings: |object| {
        let annotated = object["metadata"]["annotations"].has(CLASS_ANNOTATION);
        let message = "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead";
        if annotated { vec![message.to_owned()] } else { Vec::new() }
    },
    ..KIND
};

pub const INGRESS_CLASS: Kind = Kind {
    group: "networking.k8s.io",
    kind: "IngressClass",
    columns: crate::columns::INGRESS_CLASS,
    plural: "ingressclasses",
    namespaced: false,
    generation: true,
    description: "A controller that serves Ingresses.",
    defaults: |object| {
        if object["spec"].has("parameters") {
            object.entry_at(&["spec", "parameters"]).set_default("scope", "Cluster");
        }
    },
    validate: |errors, object| class(errors, &object["spec"]),
    validate_update: Update::With(|errors, new, old| {
        let path = Path::new("spec");
        let at = path.child("controller");
        errors.immutable(&at, &new["spec"]["controller"], &old["spec"]["controller"]);
        class(errors, &new["spec"]);
    }),
    ..KIND
};

/// Source: validateIngressClassSpec.
fn class(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    let (controller, at) = (spec.str("controller"), path.child("controller"));
    if controller.len() > 250 {
        errors.too_long(&at, 250);
    }
    names::domain_prefixed_path(errors, controller, &at);
    if spec.has("parameters") {
        parameters(errors, &spec["parameters"], &path.child("parameters"));
    }
}

fn parameters(errors: &mut Errors, parameters: &Value, path: &Path<'_>) {
    local_object(errors, parameters, path);
    let at = path.child("namespace");
    match parameters.str("scope") {
        "Namespace" => match parameters["namespace"].as_str() {
            None => errors.required(&at, "`parameters.scope` is set to 'Namespace'"),
            Some(name) => errors.invalid_each(&at, name, names::dns1123_label(name)),
        },
        "Cluster" => {
            if parameters.has("namespace") {
                errors.forbidden(&at, "`parameters.scope` is set to 'Cluster'");
            }
        }
        other => errors.not_supported(&path.child("scope"), other, &["Cluster", "Namespace"]),
    }
}

/// An object of the same namespace, by group, kind and name.
/// Source: validateIngressTypedLocalObjectReference.
fn local_object(errors: &mut Errors, object: &Value, path: &Path<'_>) {
    if let Some(group) = object["apiGroup"].as_str() {
        errors.invalid_each(&path.child("apiGroup"), group, names::dns1123_subdomain(group));
    }
    for key in ["kind", "name"] {
        let (text, at) = (object.str(key), path.child(key));
        if text.is_empty() {
            errors.required(&at, &format!("{key} is required"));
        } else {
            errors.invalid_each(&at, text, names::path_segment(text));
        }
    }
}

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    if spec.list("rules").is_empty() && !spec.has("defaultBackend") {
        let message = "either `defaultBackend` or `rules` must be specified";
        errors.invalid(&path, &spec["rules"], message);
    }
    if spec.has("defaultBackend") {
        backend(errors, &spec["defaultBackend"], &path.child("defaultBackend"));
    }
    let rules = path.child("rules");
    for (number, rule) in spec.list("rules").iter().enumerate() {
        self::rule(errors, rule, &rules.index(number));
    }
    let tls = path.child("tls");
    for (number, one) in spec.list("tls").iter().enumerate() {
        let at = tls.index(number);
        let hosts = at.child("hosts");
        for (number, host) in one.list("hosts").iter().filter_map(Value::as_str).enumerate() {
            errors.invalid_each(&hosts.index(number), host, host_name(host));
        }
        let secret = one.str("secretName");
        if !secret.is_empty() {
            let wrong = names::dns1123_subdomain(secret);
            errors.invalid_each(&at.child("secretName"), secret, wrong);
        }
    }
    if let Some(class) = spec["ingressClassName"].as_str() {
        let wrong = names::dns1123_subdomain(class);
        errors.invalid_each(&path.child("ingressClassName"), class, wrong);
    }
}

fn host_name(host: &str) -> Vec<String> {
    if host.contains('*') {
        names::wildcard_subdomain(host)
    } else {
        names::dns1123_subdomain(host)
    }
}

fn rule(errors: &mut Errors, rule: &Value, path: &Path<'_>) {
    let host = rule.str("host");
    if !host.is_empty() {
        let at = path.child("host");
        if names::parse_ip(host).is_some() {
            errors.invalid(&at, host, "must be a DNS name, not an IP address");
        }
        errors.invalid_each(&at, host, host_name(host));
    }
    if !rule.has("http") {
        return;
    }
    let http = path.child("http");
    let paths = http.child("paths");
    let list = rule["http"].list("paths");
    if list.is_empty() {
        errors.required(&paths, "");
    }
    for (number, one) in list.iter().enumerate() {
        http_path(errors, one, &paths.index(number));
    }
}

fn http_path(errors: &mut Errors, one: &Value, path: &Path<'_>) {
    const SEQUENCES: &[&str] = &["//", "/./", "/../", "%2f", "%2F"];
    let (text, at) = (one.str("path"), path.child("path"));
    match one["pathType"].as_str() {
        None => return errors.required(&path.child("pathType"), "pathType must be specified"),
        Some("Exact" | "Prefix") => {
            if !text.starts_with('/') {
                errors.invalid(&at, text, "must be an absolute path");
            }
            for sequence in SEQUENCES.iter().filter(|sequence| text.contains(**sequence)) {
                errors.invalid(&at, text, &format!("must not contain '{sequence}'"));
            }
            for end in ["/..", "/."].iter().filter(|end| text.ends_with(**end)) {
                errors.invalid(&at, text, &format!("cannot end with '{end}'"));
            }
        }
        Some("ImplementationSpecific") => {
            if !text.is_empty() && !text.starts_with('/') {
                errors.invalid(&at, text, "must be an absolute path");
            }
        }
        Some(other) => {
            let types = ["Exact", "ImplementationSpecific", "Prefix"];
            errors.not_supported(&path.child("pathType"), other, &types);
        }
    }
    backend(errors, &one["backend"], &path.child("backend"));
}

fn backend(errors: &mut Errors, backend: &Value, path: &Path<'_>) {
    let (resource, service) = (backend.has("resource"), backend.has("service"));
    match (resource, service) {
        (true, true) => {
            errors.invalid(path, "", "cannot set both resource and service backends");
        }
        (false, false) => {
            errors.invalid(path, "", "resource or service backend is required");
        }
        (true, false) => local_object(errors, &backend["resource"], &path.child("resource")),
        (false, true) => service_backend(errors, &backend["service"], path),
    }
}

fn service_backend(errors: &mut Errors, service: &Value, path: &Path<'_>) {
    let at = path.child("service");
    let name = service.str("name");
    if name.is_empty() {
        errors.required(&at.child("name"), "");
    } else {
        errors.invalid_each(&at.child("name"), name, names::dns1123_label(name));
    }
    let port = &service["port"];
    let (port_name, number) = (port.str("name"), port.int("number"));
    let port_path = at.child("port");
    if !port_name.is_empty() && number != 0 {
        errors.invalid(path, "", "cannot set both port name & port number");
    } else if !port_name.is_empty() {
        let wrong = names::port_name(port_name);
        errors.invalid_each(&port_path.child("name"), port_name, wrong);
    } else if number != 0 {
        if let Some(message) = names::port_number(number) {
            errors.invalid(&port_path.child("number"), number, &message);
        }
    } else {
        errors.required(path, "port name or number is required");
    }
}
