//! Annotations of pods that the server reads.
//!
//! Source: pkg/apis/core/validation ValidatePodSpecificAnnotations.

use super::{os, relative_path};
use crate::object::Value;
use crate::validation::{Errors, Path};

const MIRROR: &str = "kubernetes.io/config.mirror";
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// The annotations of a pod or a template, with the spec that they are about.
pub fn check(errors: &mut Errors, annotations: &Value, spec: &Value, path: &Path<'_>) {
    if let Some(value) = annotations[MIRROR].as_str()
        && spec.str("nodeName").is_empty()
    {
        let message = "must set spec.nodeName if mirror pod annotation is set";
        errors.invalid(&path.key(MIRROR), value, message);
    }
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

/// The profile of AppArmor that an annotation stands for.
/// Source: pkg/api/pod ApparmorFieldForAnnotation.
pub fn app_armor_of_annotation(annotation: &str) -> Option<Value> {
    let mut profile = Value::map();
    match annotation {
        "unconfined" => profile.set("type", "Unconfined"),
        "runtime/default" => profile.set("type", "RuntimeDefault"),
        _ => {
            let name = annotation.strip_prefix("localhost/").filter(|name| !name.is_empty())?;
            profile.set("type", "Localhost");
            profile.set("localhostProfile", name);
        }
    }
    Some(profile)
}

/// A field and an annotation that say the same must agree.
/// Source: pkg/apis/core/validation validateSeccompAnnotationsAndFields,
/// validateAppArmorAnnotationsAndFieldsMatchOnCreate.
pub fn agree(errors: &mut Errors, annotations: &Value, spec: &Value, path: &Path<'_>) {
    let of_pod = &spec["securityContext"];
    let context = path.child("securityContext");
    if let Some(annotation) = annotations[SECCOMP_POD].as_str() {
        let at = context.child("seccompProfile");
        same_profile(errors, annotation, &of_pod["seccompProfile"], "seccomp", &at);
    }
    let mut visit = |what: &str, key: &str, prefix: &str, default: &Value| {
        for list in os::LISTS {
            let at = path.child(list);
            for (number, container) in spec.list(list).iter().enumerate() {
                let own = &container["securityContext"][key];
                let profile = if own.is_null() { default } else { own };
                let name = format!("{prefix}{}", container.str("name"));
                let Some(annotation) = annotations[&*name].as_str() else { continue };
                let at = at.index(number);
                let context = at.child("securityContext");
                same_profile(errors, annotation, profile, what, &context.child(key));
            }
        }
    };
    visit("seccomp", "seccompProfile", SECCOMP_CONTAINER, &Value::Null);
    if spec["os"].str("name") != "windows" {
        visit("apparmor", "appArmorProfile", APP_ARMOR, &of_pod["appArmorProfile"]);
    }
}

fn same_profile(
    errors: &mut Errors,
    annotation: &str,
    profile: &Value,
    what: &str,
    path: &Path<'_>,
) {
    let default = matches!(annotation, "runtime/default" | "docker/default");
    let local = annotation.strip_prefix("localhost/");
    let same_type = match profile.str("type") {
        "Unconfined" => annotation == "unconfined",
        "RuntimeDefault" => default && (what == "seccomp" || annotation == "runtime/default"),
        "Localhost" => local.is_some(),
        _ => return,
    };
    if !same_type {
        let message = format!("{what} type in annotation and field must match");
        errors.forbidden(&path.child("type"), &message);
    } else if let Some(local) = local
        && profile["localhostProfile"].as_str() != Some(local)
    {
        let message = format!("{what} profile in annotation and field must match");
        errors.forbidden(&path.child("localhostProfile"), &message);
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
    fn annotations_and_fields_agree() {
        let annotations = parse_json(
            r#"{"container.apparmor.security.beta.kubernetes.io/a":"runtime/default",
                "container.apparmor.security.beta.kubernetes.io/b":"localhost/x",
                "container.seccomp.security.alpha.kubernetes.io/a":"docker/default",
                "seccomp.security.alpha.kubernetes.io/pod":"unconfined"}"#,
        )
        .unwrap();
        let spec = parse_json(
            r#"{"securityContext":{"appArmorProfile":{"type":"Unconfined"},"seccompProfile":{"type":"RuntimeDefault"}},
                "containers":[
                  {"name":"a","securityContext":{"seccompProfile":{"type":"RuntimeDefault"}}},
                  {"name":"b","securityContext":{"appArmorProfile":{"type":"Localhost","localhostProfile":"y"}}},
                  {"name":"c"}]}"#,
        )
        .unwrap();
        let mut errors = Errors::default();
        agree(&mut errors, &annotations, &spec, &Path::new("spec"));
        let texts: Vec<String> = errors.list.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match",
                "spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match",
                "spec.containers[1].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match",
            ]
        );
    }

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
