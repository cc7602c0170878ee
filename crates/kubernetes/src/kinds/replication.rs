//! ReplicaSets and ReplicationControllers.
//!
//! Source: pkg/apis/apps/validation ValidateReplicaSetSpec, pkg/apis/core/validation
//! ValidateReplicationControllerSpec.

use super::{KIND, Kind, Update, deployment, keep_status, pod_defaults, reset_status, warnings};
use crate::object::Value;
use crate::validation::{Errors, Path, Rule, pod};

pub const REPLICA_SET: Kind = Kind {
    group: "apps",
    kind: "ReplicaSet",
    columns: crate::columns::REPLICA_SET,
    plural: "replicasets",
    short_names: &["rs"],
    categories: &["all"],
    generation: true,
    description: "A number of pods of one template.",
    defaults: |object| {
        let spec = object.entry("spec");
        pod_defaults::template(spec.entry("template"));
        spec.set_default("replicas", 1);
    },
    prepare_create: reset_replicas,
    prepare_update: keep_status,
    validate: |errors, object| replica_set(errors, &object["spec"]),
    validate_update: Update::With(|errors, new, old| {
        replica_set(errors, &new["spec"]);
        let path = Path::new("spec");
        let (new, old) = (&new["spec"]["selector"], &old["spec"]["selector"]);
        errors.immutable(&path.child("selector"), new, old);
    }),
    name_use: super::IN_POD_NAMES,
    warnings: |object| warnings::template(&object["spec"]["template"], &Path::new("spec")),
    ..KIND
};

fn reset_replicas(object: &mut Value) {
    reset_status(object);
    object.entry("status").set("replicas", 0);
}

fn replica_set(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    errors.non_negative(&path.child("replicas"), spec.int("replicas"));
    errors.non_negative(&path.child("minReadySeconds"), spec.int("minReadySeconds"));
    let empty = "empty selector is invalid for deployment";
    deployment::selector_and_template(errors, spec, &path, empty);
}

pub const REPLICATION_CONTROLLER: Kind = Kind {
    kind: "ReplicationController",
    columns: crate::columns::REPLICATION_CONTROLLER,
    plural: "replicationcontrollers",
    short_names: &["rc"],
    categories: &["all"],
    generation: true,
    description: "The older form of a ReplicaSet.",
    defaults: |object| {
        let spec = object.entry("spec");
        spec.set_default("replicas", 1);
        if spec.has("template") {
            pod_defaults::template(spec.entry("template"));
        }
        let labels = spec["template"]["metadata"]["labels"].clone();
        if !labels.is_empty() {
            if spec["selector"].is_empty() {
                spec.set("selector", labels.clone());
            }
            if object["metadata"]["labels"].is_empty() {
                object.entry("metadata").set("labels", labels);
            }
        }
    },
    prepare_create: reset_replicas,
    prepare_update: keep_status,
    validate: |errors, object| controller(errors, &object["spec"]),
    name_use: super::IN_POD_NAMES,
    warnings: |object| match object["spec"].has("template") {
        true => warnings::template(&object["spec"]["template"], &Path::new("spec")),
        false => Vec::new(),
    },
    ..KIND
};

fn controller(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    errors.non_negative(&path.child("minReadySeconds"), spec.int("minReadySeconds"));
    let selector = &spec["selector"];
    if selector.is_empty() {
        errors.required(&path.child("selector"), "");
    }
    errors.non_negative(&path.child("replicas"), spec.int("replicas"));
    let template = path.child("template");
    if !spec.has("template") {
        return errors.required(&template, "");
    }
    let labels = &spec["template"]["metadata"]["labels"];
    if !spec.entries("selector").all(|(key, value)| labels.get(key) == Some(value)) {
        let metadata = template.child("metadata");
        errors.breaks(&metadata.child("labels"), labels, Rule::SelectorMatchesTemplate);
    }
    pod::pod_template(errors, &spec["template"], &template);
    let spec_path = template.child("spec");
    let policy = spec["template"]["spec"].str("restartPolicy");
    if policy != "Always" {
        errors.not_supported(&spec_path.child("restartPolicy"), policy, &["Always"]);
    }
    if spec["template"]["spec"].has("activeDeadlineSeconds") {
        let message = "activeDeadlineSeconds in ReplicationController is not Supported";
        errors.forbidden(&spec_path.child("activeDeadlineSeconds"), message);
    }
}
