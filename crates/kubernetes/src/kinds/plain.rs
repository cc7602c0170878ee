//! Kinds with few rules of their own.

use super::{KIND, Kind, Update, keep_status, reset_status, warnings};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, meta, names, pod, resources};

pub const SERVICE_ACCOUNT: Kind = Kind {
    kind: "ServiceAccount",
    columns: crate::columns::NAME_AND_AGE,
    plural: "serviceaccounts",
    short_names: &["sa"],
    description: "An identity for processes in pods.",
    warnings: |object| {
        const KEY: &str = "kubernetes.io/enforce-mountable-secrets";
        let message = format!(
            "metadata.annotations[{KEY}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets"
        );
        object["metadata"]["annotations"].has(KEY).then_some(message).into_iter().collect()
    },
    ..KIND
};

pub const NODE: Kind = Kind {
    kind: "Node",
    columns: crate::columns::NODE,
    plural: "nodes",
    short_names: &["no"],
    namespaced: false,
    description: "A machine that runs pods.",
    validate: |errors, node| {
        let metadata = Path::new("metadata");
        taints(errors, &node["spec"], &metadata.child("taints"));
    },
    ..KIND
};

fn taints(errors: &mut Errors, spec: &Value, path: &Path<'_>) {
    for (number, taint) in spec.list("taints").iter().enumerate() {
        let at = path.index(number);
        meta::label_name(errors, taint.str("key"), &at.child("key"));
        let value = taint.str("value");
        let wrong = names::label_value(value);
        if !wrong.is_empty() {
            errors.invalid(&at.child("value"), value, &wrong.join(";"));
        }
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        errors.required_one_of(&at.child("effect"), taint.str("effect"), &effects);
        let pair = |taint: &Value| (taint["key"].clone(), taint["effect"].clone());
        if spec.list("taints").iter().take(number).any(|other| pair(other) == pair(taint)) {
            let id = types().named("io.k8s.api.core.v1.Taint");
            let bad = id.map_or_else(String::new, |id| internal::to_json(id, taint));
            let detail = "taints must be unique by key and effect pair";
            errors.duplicate_with(&at, Bad::raw(bad), detail);
        }
    }
}

pub const EVENT: Kind = Kind {
    kind: "Event",
    columns: crate::columns::EVENT,
    plural: "events",
    short_names: &["ev"],
    description: "A report of something that happened to an object.",
    ..KIND
};

pub const COMPONENT_STATUS: Kind = Kind {
    kind: "ComponentStatus",
    columns: crate::columns::COMPONENT_STATUS,
    plural: "componentstatuses",
    short_names: &["cs"],
    namespaced: false,
    description: "Health of a part of the control plane.",
    deprecated: Some("v1 ComponentStatus is deprecated in v1.19+"),
    ..KIND
};

pub const CUSTOM_RESOURCE_DEFINITION: Kind = Kind {
    group: "apiextensions.k8s.io",
    kind: "CustomResourceDefinition",
    columns: crate::columns::NAME_AND_CREATED,
    plural: "customresourcedefinitions",
    short_names: &["crd", "crds"],
    categories: &["api-extensions"],
    namespaced: false,
    generation: true,
    description: "A kind of its own, with a schema.",
    defaults: crate::crd::defaults,
    prepare_create: reset_status,
    prepare_update: keep_status,
    validate: crate::crd::validate,
    ..KIND
};

pub const API_SERVICE: Kind = Kind {
    group: "apiregistration.k8s.io",
    kind: "APIService",
    columns: crate::columns::API_SERVICE,
    plural: "apiservices",
    categories: &["api-extensions"],
    namespaced: false,
    description: "A group of kinds that another server serves.",
    ..KIND
};

pub const CONTROLLER_REVISION: Kind = Kind {
    group: "apps",
    kind: "ControllerRevision",
    columns: crate::columns::CONTROLLER_REVISION,
    plural: "controllerrevisions",
    description: "An earlier state of a StatefulSet or DaemonSet.",
    ..KIND
};

pub const LEASE: Kind = Kind {
    group: "coordination.k8s.io",
    kind: "Lease",
    columns: crate::columns::LEASE,
    plural: "leases",
    description: "A lock that is renewed: of leaders and of nodes.",
    ..KIND
};

pub const RUNTIME_CLASS: Kind = Kind {
    group: "node.k8s.io",
    kind: "RuntimeClass",
    columns: crate::columns::RUNTIME_CLASS,
    plural: "runtimeclasses",
    namespaced: false,
    description: "A container runtime that pods can ask for.",
    warnings: |object| {
        let keys = object["scheduling"].entries("nodeSelector").map(|(key, _)| key);
        let messages = keys.filter_map(|key| warnings::node_label(key));
        messages.map(|message| format!("scheduling.nodeSelector: {message}")).collect()
    },
    validate: runtime_class,
    validate_update: Update::With(|errors, new, old| {
        errors.immutable(&Path::new("handler"), &new["handler"], &old["handler"]);
        runtime_class(errors, new);
    }),
    ..KIND
};

/// Source: pkg/apis/node/validation ValidateRuntimeClass.
fn runtime_class(errors: &mut Errors, class: &Value) {
    let handler = class.str("handler");
    errors.invalid_each(&Path::new("handler"), handler, names::dns1123_label(handler));
    let fixed = &class["overhead"]["podFixed"];
    if class.has("overhead") {
        let mut overhead = Value::map();
        overhead.set("limits", fixed.clone());
        resources::requirements(errors, &overhead, &Path::new("overhead"), &[]);
    }
    let scheduling = Path::new("scheduling");
    if class.has("scheduling") {
        let own = &class["scheduling"];
        meta::labels(errors, &own["nodeSelector"], &scheduling.child("nodeSelector"));
        pod::tolerations(errors, own, &scheduling.child("tolerations"));
    }
}

pub const CSI_NODE: Kind = Kind {
    group: "storage.k8s.io",
    kind: "CSINode",
    columns: crate::columns::CSI_NODE,
    plural: "csinodes",
    namespaced: false,
    description: "Storage drivers on a node.",
    ..KIND
};

pub const VOLUME_ATTACHMENT: Kind = Kind {
    group: "storage.k8s.io",
    kind: "VolumeAttachment",
    columns: crate::columns::VOLUME_ATTACHMENT,
    plural: "volumeattachments",
    namespaced: false,
    description: "A volume that is attached to a node.",
    prepare_create: reset_status,
    prepare_update: keep_status,
    ..KIND
};
