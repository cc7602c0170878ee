//! ResourceQuotas.
//!
//! Source: pkg/apis/core/validation ValidateResourceQuotaSpec.

use super::{KIND, Kind, Update, keep_status, reset_status};
use crate::object::Value;
use crate::validation::{Errors, Path, resources};

pub const RESOURCE_QUOTA: Kind = Kind {
    kind: "ResourceQuota",
    columns: crate::columns::RESOURCE_QUOTA,
    plural: "resourcequotas",
    short_names: &["quota"],
    description: "How much of everything a namespace may use.",
    prepare_create: reset_status,
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"]),
    validate_update: Update::With(|errors, new, old| {
        spec(errors, &new["spec"]);
        let path = Path::new("spec");
        let (new, old) = (&new["spec"]["scopes"], &old["spec"]["scopes"]);
        errors.immutable(&path.child("scopes"), new, old);
    }),
    ..KIND
};

const SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    let hard = path.child("hard");
    for (name, value) in spec.entries("hard") {
        let at = hard.key(name);
        resources::quota_resource_name(errors, name, &at);
        resources::resource_quantity(errors, name, value, &at);
    }
    let scopes: Vec<&str> = spec.list("scopes").iter().filter_map(Value::as_str).collect();
    let at = path.child("scopes");
    for scope in &scopes {
        if !SCOPES.contains(scope) {
            errors.invalid(&at, &spec["scopes"], "unsupported scope");
        }
        for (name, _) in spec.entries("hard") {
            if !scope_fits(scope, name) {
                let message = "unsupported scope applied to resource";
                errors.invalid(&at, &spec["scopes"], message);
            }
        }
    }
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            errors.invalid(&at, &spec["scopes"], "conflicting scopes");
        }
    }
}

/// Scopes are about pods. Source: helper.IsResourceQuotaScopeValidForResource.
fn scope_fits(scope: &str, resource: &str) -> bool {
    const COMPUTE: &[&str] = &[
        "cpu",
        "memory",
        "ephemeral-storage",
        "requests.cpu",
        "requests.memory",
        "requests.ephemeral-storage",
        "limits.cpu",
        "limits.memory",
        "limits.ephemeral-storage",
    ];
    match scope {
        "BestEffort" => resource == "pods",
        _ => resource == "pods" || COMPUTE.contains(&resource) || resource.contains('/'),
    }
}
