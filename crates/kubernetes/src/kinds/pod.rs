//! Pods and pod templates.
//!
//! Source: pkg/registry/core/pod/strategy.go.

use super::{KIND, Kind, Update, keep_status, pod_defaults, warnings};
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
    warnings: |object| warnings::pod_spec(&object["spec"], &Path::new("spec")),
    ..KIND
};

/// A negative grace period is stored as one second.
fn positive_grace(object: &mut Value) {
    if object["spec"].int("terminationGracePeriodSeconds") < 0 {
        object.entry("spec").set("terminationGracePeriodSeconds", 1);
    }
}

/// Quality of service of a pod. Source: pkg/apis/core/helper/qos ComputePodQOS.
pub fn qos_class(spec: &Value) -> &'static str {
    let (mut any, mut guaranteed) = (false, true);
    let containers = spec.list("containers").iter().chain(spec.list("initContainers"));
    for container in containers {
        let resources = &container["resources"];
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
