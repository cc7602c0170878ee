//! PodDisruptionBudgets.
//!
//! Source: pkg/apis/policy/validation ValidatePodDisruptionBudgetSpec.

use super::{KIND, Kind, deployment, keep_status, reset_status};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, meta};

pub const POD_DISRUPTION_BUDGET: Kind = Kind {
    group: "policy",
    kind: "PodDisruptionBudget",
    columns: crate::columns::POD_DISRUPTION_BUDGET,
    plural: "poddisruptionbudgets",
    short_names: &["pdb"],
    generation: true,
    description: "How many pods may be evicted at the same time.",
    prepare_create: reset_status,
    prepare_update: keep_status,
    validate: |errors, object| spec(errors, &object["spec"]),
    ..KIND
};

fn spec(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    if spec.has("minAvailable") && spec.has("maxUnavailable") {
        let id = types().named("io.k8s.api.policy.v1.PodDisruptionBudgetSpec");
        let bad = Bad::raw(id.map_or_else(String::new, |id| internal::to_json(id, spec)));
        errors.invalid(&path, bad, "minAvailable and maxUnavailable cannot be both set");
    }
    for key in ["minAvailable", "maxUnavailable"] {
        if spec.has(key) {
            deployment::positive_int_or_percent(errors, &spec[key], &path.child(key));
            deployment::not_over_100(errors, &spec[key], &path.child(key));
        }
    }
    meta::label_selector(errors, &spec["selector"], &path.child("selector"));
    if let Some(policy) = spec["unhealthyPodEvictionPolicy"].as_str() {
        let policies = ["AlwaysAllow", "IfHealthyBudget"];
        errors.one_of(&path.child("unhealthyPodEvictionPolicy"), policy, &policies);
    }
}
