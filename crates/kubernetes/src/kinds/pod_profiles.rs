//! Profiles of AppArmor in Pods: the field and the older annotation are kept in step.
//!
//! Source: pkg/registry/core/pod/strategy.go applyAppArmorVersionSkew.

use super::warnings::APP_ARMOR;
use crate::object::Value;
use crate::validation::pod::app_armor_of_annotation;

const PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
const LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// The annotation that stands for a profile.
fn annotation_of(profile: &Value) -> Option<String> {
    match profile.str("type") {
        "Unconfined" => Some("unconfined".to_owned()),
        "RuntimeDefault" => Some("runtime/default".to_owned()),
        "Localhost" => Some(format!("localhost/{}", profile["localhostProfile"].as_str()?)),
        _ => None,
    }
}

fn is_for_windows(object: &Value) -> bool {
    object["spec"]["os"].str("name") == "windows"
}

/// Warnings about annotations of a new Pod that no field goes with. They are given before the Pod is
/// validated.
pub fn warnings(object: &Value) -> Vec<String> {
    let of_pod = &object["spec"]["securityContext"]["appArmorProfile"];
    let annotations = &object["metadata"]["annotations"];
    let containers = LISTS.iter().flat_map(|list| object["spec"].list(list));
    containers
        .filter(|one| one["securityContext"]["appArmorProfile"].is_null())
        .filter_map(|one| {
            let key = format!("{PREFIX}{}", one.str("name"));
            let profile = app_armor_of_annotation(annotations.get(&key)?.as_str()?);
            let is_of_pod = profile.is_some_and(|profile| profile == *of_pod);
            (!is_of_pod).then(|| format!("metadata.annotations[{key}]: {APP_ARMOR}"))
        })
        .filter(|_| !is_for_windows(object))
        .collect()
}

/// Derives the annotation of a container from its field, or the field from its annotation.
pub fn sync(object: &mut Value) {
    if is_for_windows(object) {
        return;
    }
    let of_pod = object["spec"]["securityContext"]["appArmorProfile"].clone();
    let annotations = object["metadata"]["annotations"].clone();
    let mut added: Vec<(String, String)> = Vec::new();
    for list in LISTS {
        for container in object.entry("spec").items_mut(list) {
            let key = format!("{PREFIX}{}", container.str("name"));
            let own = &container["securityContext"]["appArmorProfile"];
            match annotations.get(&key).and_then(Value::as_str) {
                None => {
                    let profile = if own.is_null() { &of_pod } else { own };
                    added.extend(annotation_of(profile).map(|annotation| (key, annotation)));
                }
                Some(annotation) if own.is_null() => {
                    let profile = app_armor_of_annotation(annotation);
                    if let Some(profile) = profile.filter(|profile| *profile != of_pod) {
                        container.entry("securityContext").set("appArmorProfile", profile);
                    }
                }
                Some(_) => {}
            }
        }
    }
    for (key, annotation) in added {
        object.entry_at(&["metadata", "annotations"]).set(&key, annotation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{parse_json, to_json};

    #[test]
    fn fields_and_annotations_follow_each_other() {
        let mut pod = parse_json(
            r#"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/a":"localhost/x"}},
                "spec":{"containers":[{"name":"a"},{"name":"b","securityContext":{"appArmorProfile":{"type":"RuntimeDefault"}}},{"name":"c"}]}}"#,
        )
        .unwrap();
        assert_eq!(
            warnings(&pod),
            [
                "metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: deprecated since v1.30; use the \"appArmorProfile\" field instead"
            ]
        );
        sync(&mut pod);
        let containers = pod["spec"].list("containers");
        assert_eq!(
            to_json(&containers[0]["securityContext"]),
            r#"{"appArmorProfile":{"localhostProfile":"x","type":"Localhost"}}"#
        );
        assert!(containers[2]["securityContext"].is_null());
        assert_eq!(
            to_json(&pod["metadata"]["annotations"]),
            r#"{"container.apparmor.security.beta.kubernetes.io/a":"localhost/x","container.apparmor.security.beta.kubernetes.io/b":"runtime/default"}"#
        );
        assert_eq!(warnings(&pod), Vec::<String>::new());
    }
}
