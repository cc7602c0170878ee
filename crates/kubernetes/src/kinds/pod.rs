//! Pods and pod templates.
//!
//! Source: pkg/registry/core/pod/strategy.go.

use super::{KIND, Kind, Update, keep_status, pod_defaults, pod_profiles, warnings};
use crate::object::Value;
use crate::validation::{Path, pod, resources};

pub const POD: Kind = Kind {
    kind: "Pod",
    columns: crate::columns::POD,
    plural: "pods",
    short_names: &["po"],
    categories: &["all"],
    generation: true,
    description: "Containers that run together on a node.",
    defaults: pod_defaults::pod,
    prepare_create: |object| {
        positive_grace(object);
        merge_label_keys(object);
        pod_profiles::sync(object);
        let class = qos_class(&object["spec"]);
        let mut status = Value::map();
        status.set("phase", "Pending");
        status.set("qosClass", class);
        object.set("status", status);
    },
    prepare_update: |new, old| {
        positive_grace(new);
        keep_status(new, old);
    },
    validate: pod::pod,
    validate_create: pod::pod_create,
    validate_update: Update::With(pod::pod_update),
    name_use: Some("the Pod's hostname"),
    warnings: warnings::pod,
    ..KIND
};

/// A negative grace period is stored as one second.
fn positive_grace(object: &mut Value) {
    if object["spec"].int("terminationGracePeriodSeconds") < 0 {
        object.entry("spec").set("terminationGracePeriodSeconds", 1);
    }
}

/// Adds the values of a new pod's labels to the selectors that name their keys.
/// Source: pkg/registry/core/pod/strategy.go applyMatchLabelKeysAndMismatchLabelKeys,
/// mutateTopologySpreadConstraints.
fn merge_label_keys(object: &mut Value) {
    let labels = object["metadata"]["labels"].clone();
    let spec = object.entry("spec");
    for kind in ["podAffinity", "podAntiAffinity"] {
        if !spec["affinity"].has(kind) {
            continue;
        }
        let affinity = spec.entry_at(&["affinity", kind]);
        for term in affinity.items_mut("requiredDuringSchedulingIgnoredDuringExecution") {
            merge_keys(term, &labels);
        }
        for term in affinity.items_mut("preferredDuringSchedulingIgnoredDuringExecution") {
            merge_keys(term.entry("podAffinityTerm"), &labels);
        }
    }
    for constraint in spec.items_mut("topologySpreadConstraints") {
        merge_keys(constraint, &labels);
    }
}

fn merge_keys(term: &mut Value, labels: &Value) {
    if !term.has("labelSelector") {
        return;
    }
    for (list, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        let keys = term.list(list).to_vec();
        for key in keys.iter().filter_map(Value::as_str) {
            let Some(value) = labels.get(key) else { continue };
            let mut expression = Value::map();
            expression.set("key", key);
            expression.set("operator", operator);
            expression.set("values", vec![value.clone()]);
            let selector = term.entry("labelSelector");
            selector.entry("matchExpressions").list_mut().push(expression);
        }
    }
}

/// Quality of service of a pod. Source: pkg/apis/core/helper/qos ComputePodQOS.
pub fn qos_class(spec: &Value) -> &'static str {
    let (mut any, mut guaranteed) = (false, true);
    let containers = spec.list("containers").iter().chain(spec.list("initContainers"));
    // Resources of the whole pod count instead of those of its containers.
    let whole = spec.get("resources").filter(|resources| !resources.is_null());
    let of_containers = containers.filter(|_| whole.is_none()).map(|one| &one["resources"]);
    for resources in whole.into_iter().chain(of_containers) {
        for name in ["cpu", "memory"] {
            let quantity = |list: &str| resources::quantity(&resources[list][name]);
            let (request, limit) = (quantity("requests"), quantity("limits"));
            any |= !request.is_zero() || !limit.is_zero();
            guaranteed &= !limit.is_zero() && request == limit;
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

pub const POD_TEMPLATE: Kind = Kind {
    kind: "PodTemplate",
    columns: crate::columns::POD_TEMPLATE,
    plural: "podtemplates",
    generation: true,
    description: "A template of pods that nothing runs.",
    defaults: |object| pod_defaults::template(object.entry("template")),
    validate: |errors, object| {
        pod::pod_template(errors, &object["template"], &Path::new("template"));
    },
    ..KIND
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{parse_json, to_json};

    #[test]
    fn resources_of_the_pod_have_the_last_word_on_its_class() {
        for (spec, class) in [
            (r#"{"containers":[{}]}"#, "BestEffort"),
            (r#"{"containers":[{"resources":{"requests":{"cpu":"1"}}}]}"#, "Burstable"),
            (
                r#"{"resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"1","memory":"1Gi"}},"containers":[{"resources":{"requests":{"cpu":"500m"}}}]}"#,
                "Guaranteed",
            ),
            (
                r#"{"resources":{"limits":{"cpu":"1"},"requests":{"cpu":"1"}},"containers":[{}]}"#,
                "Burstable",
            ),
        ] {
            assert_eq!(qos_class(&parse_json(spec).unwrap()), class, "{spec}");
        }
    }

    #[test]
    fn label_keys_are_merged_into_selectors() {
        let mut object = parse_json(
            r#"{"metadata":{"labels":{"app":"web","v":"2"}},"spec":{"topologySpreadConstraints":[
                {"labelSelector":{"matchLabels":{"app":"web"}},"matchLabelKeys":["v","none"]},
                {"matchLabelKeys":["v"]}]}}"#,
        )
        .unwrap();
        merge_label_keys(&mut object);
        let constraints = object["spec"].list("topologySpreadConstraints");
        assert_eq!(
            to_json(&constraints[0]["labelSelector"]["matchExpressions"]),
            r#"[{"key":"v","operator":"In","values":["2"]}]"#
        );
        assert!(!constraints[1].has("labelSelector"));
    }
}
