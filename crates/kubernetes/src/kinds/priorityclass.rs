//! PriorityClasses.
//!
//! Source: pkg/apis/scheduling/validation.

use super::{KIND, Kind, Update};
use crate::object::Value;
use crate::validation::{Errors, Path};

/// The highest priority that a class of a user may have.
const HIGHEST: i64 = 1_000_000_000;

pub const PRIORITY_CLASS: Kind = Kind {
    group: "scheduling.k8s.io",
    kind: "PriorityClass",
    columns: crate::columns::PRIORITY_CLASS,
    plural: "priorityclasses",
    short_names: &["pc"],
    namespaced: false,
    generation: true,
    description: "A priority by name, for scheduling.",
    defaults: |object| {
        object.set_default("preemptionPolicy", "PreemptLowerPriority");
    },
    validate: |errors, object| class(errors, object),
    validate_update: Update::With(|errors, new, old| {
        if new["value"] != old["value"] {
            errors.forbidden(&Path::new("value"), "may not be changed in an update.");
        }
        let policy = Path::new("preemptionPolicy");
        errors.immutable(&policy, &new["preemptionPolicy"], &old["preemptionPolicy"]);
    }),
    ..KIND
};

fn class(errors: &mut Errors, object: &Value) {
    let name = object["metadata"].str("name");
    let known = matches!(name, "system-node-critical" | "system-cluster-critical");
    if name.starts_with("system-") {
        if !known {
            let metadata = Path::new("metadata");
            let message = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a known system priority class"
            );
            errors.forbidden(&metadata.child("name"), &message);
        }
    } else if object.int("value") > HIGHEST {
        let message = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        errors.forbidden(&Path::new("value"), &message);
    }
    let policies = ["PreemptLowerPriority", "Never"];
    let policy = object.str("preemptionPolicy");
    errors.required_one_of(&Path::new("preemptionPolicy"), policy, &policies);
}
