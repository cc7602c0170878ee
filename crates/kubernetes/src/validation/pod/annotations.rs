//! Annotations of pods that the server reads.
//!
//! Source: pkg/apis/core/validation ValidatePodSpecificAnnotations.

use super::{os, relative_path};
use crate::object::Value;
use crate::validation::{Errors, Path};

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// The annotations of a pod or a template, with the spec that they are about.
pub fn check(errors: &mut Errors, annotations: &Value, spec: &Value, path: &Path<'_>) {
    if let Some(cost) = annotations[DELETION_COST].as_str() {
        let plain = !cost.starts_with('+') && (cost == "0" || !cost.starts_with('0'));
        if !plain || cost.parse::<i32>().is_err() {
            errors.invalid(&path.key(DELETION_COST), cost, "must be a 32bit integer");
        }
    }
    let map = || annotations.as_map().into_iter().flat_map(|map| map.iter());
    if let Some(profile) = annotations[SECCOMP_POD].as_str() {
        seccomp(errors, profile, &path.child(SECCOMP_POD));
    }
    for (key, value) in map().filter(|(key, _)| key.starts_with(SECCOMP_CONTAINER)) {
        seccomp(errors, value.as_str().unwrap_or_default(), &path.child(key));
    }
    for (key, value) in map() {
        let Some(name) = key.strip_prefix(APP_ARMOR) else { continue };
        let lists = os::LISTS.iter().flat_map(|list| spec.list(list));
        if !lists.into_iter().any(|container| container.str("name") == name) {
            errors.invalid(&path.key(key), name, "container not found");
        }
        let profile = value.as_str().unwrap_or_default();
        let is_known = matches!(profile, "" | "runtime/default" | "unconfined");
        if !is_known && !profile.starts_with("localhost/") {
            let message = format!("invalid AppArmor profile name: {}", go::quote::quote(profile));
            errors.invalid(&path.key(key), profile, &message);
        }
    }
}

fn seccomp(errors: &mut Errors, profile: &str, path: &Path<'_>) {
    match profile {
        "runtime/default" | "docker/default" | "unconfined" => {}
        _ => match profile.strip_prefix("localhost/") {
            Some(file) => relative_path(errors, file, path),
            None => errors.invalid(path, profile, "must be a valid seccomp profile"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::parse_json;

    #[test]
    fn profiles_are_checked() {
        let annotations = r#"{
            "container.apparmor.security.beta.kubernetes.io/gone": "runtime/default",
            "container.apparmor.security.beta.kubernetes.io/web": "default",
            "container.seccomp.security.alpha.kubernetes.io/web": "localhost/a",
            "controller.kubernetes.io/pod-deletion-cost": "1.5",
            "seccomp.security.alpha.kubernetes.io/pod": "default"
        }"#;
        let spec = parse_json(r#"{"containers":[{"name":"web"}]}"#).unwrap();
        let mut errors = Errors::default();
        check(&mut errors, &parse_json(annotations).unwrap(), &spec, &Path::new("a"));
        let texts: Vec<String> = errors.list.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "a[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"1.5\": must be a 32bit integer",
                "a.seccomp.security.alpha.kubernetes.io/pod: Invalid value: \"default\": must be a valid seccomp profile",
                "a[container.apparmor.security.beta.kubernetes.io/gone]: Invalid value: \"gone\": container not found",
                "a[container.apparmor.security.beta.kubernetes.io/web]: Invalid value: \"default\": invalid AppArmor profile name: \"default\"",
            ]
        );
    }
}
