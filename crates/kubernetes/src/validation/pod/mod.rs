//! Pod specs, in Pods and in templates.
//!
//! Source: pkg/apis/core/validation ValidatePodSpec, ValidatePodTemplateSpec.

mod annotations;
mod containers;
mod env;
mod handlers;
mod os;
pub mod pod_resources;
mod scheduling;
mod security;
mod update;
pub mod volumes;

pub use annotations::{app_armor_of_annotation, check as check_annotations};
pub use handlers::port_number_or_name;
pub use scheduling::{node_selector, tolerations};
pub use update::pod_update;

use super::{Bad, Errors, Path, meta, names, resources};
use crate::internal;
use crate::object::Value;
use crate::types::types;

/// The object that a pod spec belongs to.
#[derive(Clone, Copy, Default)]
pub struct SpecOwner<'a> {
    /// The spec is that of a Pod, not of a template.
    pub is_pod: bool,
    /// Name of the Pod, if there is one already.
    pub pod_name: Option<&'a str>,
}

/// A Pod that is created or changed, without its metadata.
pub fn pod(errors: &mut Errors, pod: &Value) {
    let metadata = Path::new("metadata");
    let spec = &pod["spec"];
    let annotations = &pod["metadata"]["annotations"];
    annotations::check(errors, annotations, spec, &metadata.child("annotations"));
    let path = Path::new("spec");
    let owner = SpecOwner { is_pod: true, pod_name: Some(pod["metadata"].str("name")) };
    pod_spec(errors, spec, &path, owner);
    for key in ["containers", "initContainers"] {
        let list = path.child(key);
        for (number, container) in spec.list(key).iter().enumerate() {
            containers::image_without_blanks(errors, container, &list.index(number));
        }
    }
}

/// Checks that apply only when a Pod is created.
pub fn pod_create(errors: &mut Errors, pod: &Value) {
    let (spec, path) = (&pod["spec"], Path::new("spec"));
    if !spec.list("ephemeralContainers").is_empty() {
        errors.forbidden(&path.child("ephemeralContainers"), "cannot be set on create");
    }
    if !spec.str("nodeName").is_empty() && !spec.list("schedulingGates").is_empty() {
        let message = "cannot be set until all schedulingGates have been cleared";
        errors.forbidden(&path.child("nodeName"), message);
    }
    annotations::agree(errors, &pod["metadata"]["annotations"], spec, &path);
}

/// The template of a workload: metadata and spec.
pub fn pod_template(errors: &mut Errors, template: &Value, path: &Path<'_>) {
    let metadata = &template["metadata"];
    meta::labels(errors, &metadata["labels"], &path.child("labels"));
    meta::annotations(errors, &metadata["annotations"], &path.child("annotations"));
    let own = &metadata["annotations"];
    annotations::check(errors, own, &template["spec"], &path.child("annotations"));
    let spec = path.child("spec");
    pod_spec(errors, &template["spec"], &spec, SpecOwner::default());
    annotations::agree(errors, own, &template["spec"], &spec);
    if !template["spec"].list("ephemeralContainers").is_empty() {
        let message = "ephemeral containers not allowed in pod template";
        errors.forbidden(&spec.child("ephemeralContainers"), message);
    }
}

/// The spec of a pod.
pub fn pod_spec(errors: &mut Errors, spec: &Value, path: &Path<'_>, owner: SpecOwner<'_>) {
    if !spec.has("terminationGracePeriodSeconds") {
        errors.required(&path.child("terminationGracePeriodSeconds"), "");
    }
    let known = volumes::volumes(errors, spec, &path.child("volumes"), owner);
    resource_claims(errors, spec, &path.child("resourceClaims"));
    let claims: Vec<&str> = spec
        .list("resourceClaims")
        .iter()
        .map(|claim| claim.str("name"))
        .filter(|name| !name.is_empty())
        .collect();
    let all = containers::All { spec, volumes: &known, claims: &claims };
    all.check(errors, path);
    pod_resources::check(errors, spec, path, &claims);
    if owner.is_pod || spec.bool("hostNetwork") {
        host_network_ports(errors, spec, path, owner);
    }
    let policies = ["Always", "OnFailure", "Never"];
    errors.required_one_of(&path.child("restartPolicy"), spec.str("restartPolicy"), &policies);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    errors.required_one_of(&path.child("dnsPolicy"), spec.str("dnsPolicy"), &policies);
    meta::labels(errors, &spec["nodeSelector"], &path.child("nodeSelector"));
    security::pod_context(errors, spec, &path.child("securityContext"));
    scheduling::affinity(errors, &spec["affinity"], &path.child("affinity"));
    dns_config(errors, spec, &path.child("dnsConfig"));
    scheduling::gates(errors, spec, path);
    let constraints = path.child("topologySpreadConstraints");
    scheduling::spread_constraints(errors, spec, &constraints);
    os::host_processes(errors, spec, path);
    host_users(errors, spec, path);
    hostname_override(errors, spec, path);
    spec_names(errors, spec, path);
    env::file_volumes(errors, spec, path);
}

/// The claims of a pod for devices.
/// Source: pkg/apis/core/validation validatePodResourceClaims.
fn resource_claims(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    const SOURCES: [&str; 2] = ["resourceClaimName", "resourceClaimTemplateName"];
    let mut seen: Vec<&str> = Vec::new();
    for (number, claim) in spec.list("resourceClaims").iter().enumerate() {
        let at = path.index(number);
        let name = claim.str("name");
        if name.is_empty() {
            errors.required(&at.child("name"), "");
        } else if seen.contains(&name) {
            errors.duplicate(&at.child("name"), name);
        } else {
            errors.invalid_each(&at.child("name"), name, names::dns1123_label(name));
            seen.push(name);
        }
        let sources = SOURCES.iter().filter(|key| claim.has(key)).count();
        let message = match sources {
            1 => "",
            0 => "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
            _ => {
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            }
        };
        if !message.is_empty() {
            let id = types().named("io.k8s.api.core.v1.PodResourceClaim");
            let bad = id.map_or_else(String::new, |id| internal::to_json(id, claim));
            errors.invalid(&at, Bad::raw(bad), message);
        }
        for key in SOURCES {
            if let Some(name) = claim[key].as_str() {
                errors.invalid_each(&at.child(key), name, names::dns1123_subdomain(name));
            }
        }
    }
}

fn host_network_ports(errors: &mut Errors, spec: &Value, path: &Path<'_>, owner: SpecOwner<'_>) {
    if !spec.bool("hostNetwork") {
        return;
    }
    let containers = path.child("containers");
    for (number, container) in spec.list("containers").iter().enumerate() {
        let container_path = containers.index(number);
        let ports = container_path.child("ports");
        for (number, port) in container.list("ports").iter().enumerate() {
            let (host, own) = (port.int("hostPort"), port.int("containerPort"));
            if (owner.is_pod || host != 0) && host != own {
                let message = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid(&ports.index(number).child("hostPort"), host, message);
            }
        }
    }
}

/// What a user namespace of its own excludes. Source: validateHostUsers.
fn host_users(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    const MESSAGE: &str = "when `hostUsers` is false";
    if spec["hostUsers"].as_bool() != Some(false) {
        return;
    }
    for (key, name) in
        [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")]
    {
        if spec.bool(key) {
            errors.forbidden(&path.child(name), MESSAGE);
        }
    }
    for key in os::LISTS {
        let list = path.child(key);
        for (number, container) in spec.list(key).iter().enumerate() {
            if !container.list("volumeDevices").is_empty() {
                errors.forbidden(&list.index(number).child("volumeDevices"), MESSAGE);
            }
        }
    }
}

/// Source: validatePodHostName.
fn hostname_override(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let Some(name) = spec["hostnameOverride"].as_str() else { return };
    let at = path.child("hostnameOverride");
    for key in ["setHostnameAsFQDN", "hostNetwork"] {
        if spec.bool(key) {
            errors.forbidden(&at, &format!("may not be specified when {key} is true"));
        }
    }
    if name.len() > 64 {
        errors.too_long(&at, 64);
    }
    errors.invalid_each(&at, name, names::dns1123_subdomain(name));
}

/// Names and numbers at the end of the spec, in the server's order.
fn spec_names(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    for key in ["serviceAccountName", "nodeName"] {
        let name = spec.str(key);
        if !name.is_empty() {
            errors.invalid_each(&path.child(key), name, names::dns1123_subdomain(name));
        }
    }
    if let Some(deadline) = spec["activeDeadlineSeconds"].as_int()
        && !(1..=i64::from(i32::MAX)).contains(&deadline)
    {
        let message = names::range(1, i64::from(i32::MAX));
        errors.invalid(&path.child("activeDeadlineSeconds"), deadline, &message);
    }
    for key in ["hostname", "subdomain"] {
        let name = spec.str(key);
        if !name.is_empty() {
            errors.invalid_each(&path.child(key), name, names::dns1123_label(name));
        }
    }
    scheduling::tolerations(errors, spec, &path.child("tolerations"));
    let aliases = path.child("hostAliases");
    for (number, alias) in spec.list("hostAliases").iter().enumerate() {
        let at = aliases.index(number);
        let ip = alias.str("ip");
        errors.invalid_each(&at.child("ip"), ip, names::ip(ip));
        let hostnames = at.child("hostnames");
        for (number, name) in alias.list("hostnames").iter().filter_map(Value::as_str).enumerate() {
            errors.invalid_each(&hostnames.index(number), name, names::dns1123_subdomain(name));
        }
    }
    for key in ["priorityClassName", "runtimeClassName"] {
        if let Some(name) = spec[key].as_str()
            && (key != "priorityClassName" || !name.is_empty())
        {
            errors.invalid_each(&path.child(key), name, names::dns1123_subdomain(name));
        }
    }
    if let Some(policy) = spec["preemptionPolicy"].as_str() {
        let policies = ["PreemptLowerPriority", "Never"];
        errors.required_one_of(&path.child("preemptionPolicy"), policy, &policies);
    }
    if spec.has("overhead") {
        let mut overhead = Value::map();
        overhead.set("limits", spec["overhead"].clone());
        resources::requirements(errors, &overhead, &path.child("overhead"), &[]);
    }
    os::os(errors, spec, path);
}

fn dns_config(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let config = &spec["dnsConfig"];
    let servers = config.list("nameservers");
    if spec.str("dnsPolicy") == "None" {
        if config.is_null() {
            return errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        }
        if servers.is_empty() {
            let message = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            return errors.required(&path.child("nameservers"), message);
        }
    }
    if servers.len() > 3 {
        let message = "must not have more than 3 nameservers";
        errors.invalid(&path.child("nameservers"), &config["nameservers"], message);
    }
    for (number, server) in servers.iter().filter_map(Value::as_str).enumerate() {
        let wrong = names::ip(server);
        errors.invalid_each(&path.child("nameservers").index(number), server, wrong);
    }
    let searches = config.list("searches");
    if searches.len() > 32 {
        let message = "must not have more than 32 search paths";
        errors.invalid(&path.child("searches"), &config["searches"], message);
    }
    let length: usize = searches.iter().filter_map(Value::as_str).map(|one| one.len() + 1).sum();
    if length > 2049 {
        let message =
            "must not have more than 2048 characters (including spaces) in the search list";
        errors.invalid(&path.child("searches"), &config["searches"], message);
    }
    for (number, search) in searches.iter().filter_map(Value::as_str).enumerate() {
        if search != "." {
            let search = search.strip_suffix('.').unwrap_or(search);
            let wrong = names::subdomain_with_underscore(search);
            errors.invalid_each(&path.child("searches").index(number), search, wrong);
        }
    }
    for (number, option) in config.list("options").iter().enumerate() {
        if option.str("name").is_empty() {
            errors.required(&path.child("options").index(number), "must not be empty");
        }
    }
}

/// A path below a directory.
pub(super) fn relative_path(errors: &mut Errors, text: &str, path: &Path<'_>) {
    if text.starts_with('/') {
        errors.invalid(path, text, "must be a relative path");
    }
    no_backsteps(errors, text, path);
}

pub(super) fn no_backsteps(errors: &mut Errors, text: &str, path: &Path<'_>) {
    if text.split('/').any(|part| part == "..") {
        errors.invalid(path, text, "must not contain '..'");
    }
}
