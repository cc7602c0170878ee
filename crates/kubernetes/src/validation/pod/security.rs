//! Security contexts of pods and containers.
//!
//! Source: pkg/apis/core/validation validatePodSpecSecurityContext, ValidateSecurityContext.

use super::{os, relative_path};
use crate::object::Value;
use crate::validation::{Bad, Errors, Path, names};
use crate::{internal, types::types};

fn id(errors: &mut Errors, value: &Value, path: &Path<'_>) {
    if let Some(id) = value.as_int()
        && !(0..=i64::from(i32::MAX)).contains(&id)
    {
        errors.invalid(path, id, &names::range(0, i64::from(i32::MAX)));
    }
}

/// The security context of a pod. `spec` holds it and the host's namespaces.
pub fn pod_context(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    let context = &spec["securityContext"];
    for key in ["fsGroup", "runAsUser", "runAsGroup"] {
        id(errors, &context[key], &path.child(key));
    }
    for (number, group) in context.list("supplementalGroups").iter().enumerate() {
        id(errors, group, &path.child("supplementalGroups").index(number));
    }
    if spec.bool("shareProcessNamespace") && spec.bool("hostPID") {
        let message = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&path.child("shareProcessNamespace"), true, message);
    }
    sysctls(errors, spec, &path.child("sysctls"));
    if let Some(policy) = context["fsGroupChangePolicy"].as_str() {
        errors.one_of(&path.child("fsGroupChangePolicy"), policy, &["Always", "OnRootMismatch"]);
    }
    seccomp(errors, &context["seccompProfile"], &path.child("seccompProfile"));
    os::windows_options(errors, &context["windowsOptions"], &path.child("windowsOptions"));
    app_armor(errors, &context["appArmorProfile"], &path.child("appArmorProfile"));
    if let Some(policy) = context["supplementalGroupsPolicy"].as_str() {
        errors.one_of(&path.child("supplementalGroupsPolicy"), policy, &["Merge", "Strict"]);
    }
    if let Some(policy) = context["seLinuxChangePolicy"].as_str() {
        errors.one_of(&path.child("seLinuxChangePolicy"), policy, &["MountOption", "Recursive"]);
    }
}

fn sysctls(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    const REGEX: &str = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
    let mut seen: Vec<&str> = Vec::new();
    for (number, sysctl) in spec["securityContext"].list("sysctls").iter().enumerate() {
        let list = path.index(number);
        let at = list.child("name");
        let name = sysctl.str("name");
        let segment = |part: &str| {
            names::dns1123_label(&part.replace('_', "-")).is_empty()
                && !part.starts_with('_')
                && !part.ends_with('_')
        };
        if name.is_empty() {
            errors.required(&at, "");
        } else if name.len() > 253 || !name.split(['.', '/']).all(segment) {
            let message = format!("must have at most 253 characters and match regex {REGEX}");
            errors.invalid(&at, name, &message);
        } else if seen.contains(&name) {
            errors.duplicate(&at, name);
        }
        let dotted = name.replace('/', ".");
        if spec.bool("hostNetwork") && dotted.starts_with("net.") {
            errors.invalid(&at, name, "may not be specified when 'hostNetwork' is true");
        }
        let ipc = dotted.starts_with("kernel.shm")
            || dotted.starts_with("kernel.msg")
            || dotted.starts_with("fs.mqueue.")
            || dotted == "kernel.sem";
        if spec.bool("hostIPC") && ipc {
            errors.invalid(&at, name, "may not be specified when 'hostIPC' is true");
        }
        seen.push(name);
    }
}

fn seccomp(errors: &mut Errors, profile: &Value, path: &Path<'_>) {
    const TYPES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];
    if profile.is_null() {
        return;
    }
    let ty = profile.str("type");
    if ty.is_empty() {
        errors.required(&path.child("type"), "type is required when seccompProfile is set");
    } else {
        errors.one_of(&path.child("type"), ty, TYPES);
    }
    let at = path.child("localhostProfile");
    match (ty, profile["localhostProfile"].as_str()) {
        ("Localhost", None) => {
            errors.required(&at, "must be set when seccomp type is Localhost");
        }
        ("Localhost", Some(text)) => relative_path(errors, text, &at),
        (_, Some(_)) => {
            let bad = Bad::raw(internal("io.k8s.api.core.v1.SeccompProfile", profile));
            errors.invalid(&at, bad, "can only be set when seccomp type is Localhost");
        }
        (_, None) => {}
    }
}

fn internal(name: &str, value: &Value) -> String {
    types().named(name).map_or_else(String::new, |id| internal::to_json(id, value))
}

fn app_armor(errors: &mut Errors, profile: &Value, path: &Path<'_>) {
    const TYPES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];
    if profile.is_null() {
        return;
    }
    let at = path.child("localhostProfile");
    let local = profile["localhostProfile"].as_str();
    match profile.str("type") {
        "Localhost" => match local {
            None => errors.required(&at, "must be set when AppArmor type is Localhost"),
            Some(text) if text.trim() != text => {
                errors.invalid(&at, text, "must not be padded with whitespace");
            }
            Some("") => errors.required(&at, "must be set when AppArmor type is Localhost"),
            Some(text) if text.len() > 4095 => errors.too_long(&at, 4095),
            Some(_) => {}
        },
        "RuntimeDefault" | "Unconfined" => {
            if let Some(text) = local {
                errors.invalid(&at, text, "can only be set when AppArmor type is Localhost");
            }
        }
        "" => errors.required(&path.child("type"), "type is required when appArmorProfile is set"),
        other => errors.not_supported(&path.child("type"), other, TYPES),
    }
}

/// The security context of a container. `own_users` is true for a pod with a user namespace.
pub fn container_context(errors: &mut Errors, context: &Value, own_users: bool, path: &Path<'_>) {
    if context.is_empty() {
        return;
    }
    for key in ["runAsUser", "runAsGroup"] {
        id(errors, &context[key], &path.child(key));
    }
    if let Some(mount) = context["procMount"].as_str() {
        errors.one_of(&path.child("procMount"), mount, &["Default", "Unmasked"]);
        if mount == "Unmasked" && !own_users {
            let message = "`hostUsers` must be false to use `Unmasked`";
            errors.invalid(&path.child("procMount"), mount, message);
        }
    }
    seccomp(errors, &context["seccompProfile"], &path.child("seccompProfile"));
    if context["allowPrivilegeEscalation"].as_bool() == Some(false) {
        let bad = || Bad::raw(internal("io.k8s.api.core.v1.SecurityContext", context));
        if context.bool("privileged") {
            let message = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            errors.invalid(path, bad(), message);
        }
        let added = context["capabilities"].list("add");
        if added.iter().any(|one| one.as_str() == Some("CAP_SYS_ADMIN")) {
            let message = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            errors.invalid(path, bad(), message);
        }
    }
    os::windows_options(errors, &context["windowsOptions"], &path.child("windowsOptions"));
    app_armor(errors, &context["appArmorProfile"], &path.child("appArmorProfile"));
}
