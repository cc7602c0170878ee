//! CSIDrivers.
//!
//! Source: pkg/apis/storage/validation validateCSIDriverSpec, pkg/apis/storage/v1/defaults.go.

use super::{KIND, Kind, Update};
use crate::object::Value;
use crate::validation::{Errors, Path};

pub const CSI_DRIVER: Kind = Kind {
    group: "storage.k8s.io",
    kind: "CSIDriver",
    columns: crate::columns::CSI_DRIVER,
    plural: "csidrivers",
    namespaced: false,
    description: "What a storage driver can do.",
    defaults: |object| {
        let spec = object.entry("spec");
        spec.set_default("attachRequired", true);
        for key in ["podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"] {
            spec.set_default(key, false);
        }
        spec.set_default("fsGroupPolicy", "ReadWriteOnceWithFSType");
        if spec["volumeLifecycleModes"].is_empty() {
            spec.set("volumeLifecycleModes", &["Persistent"][..]);
        }
    },
    validate: |errors, object| driver(errors, &object["spec"]),
    validate_update: Update::With(|errors, new, old| {
        let (new, old) = (&new["spec"], &old["spec"]);
        driver(errors, new);
        let path = Path::new("spec");
        // The server's name of the field.
        let at = path.child("attachedRequired");
        errors.immutable(&at, &new["attachRequired"], &old["attachRequired"]);
        let modes = "volumeLifecycleModes";
        errors.immutable(&path.child(modes), &new[modes], &old[modes]);
    }),
    ..KIND
};

fn driver(errors: &mut Errors, spec: &Value) {
    let path = Path::new("spec");
    let policies = ["File", "None", "ReadWriteOnceWithFSType"];
    errors.one_of(&path.child("fsGroupPolicy"), spec.str("fsGroupPolicy"), &policies);
    token_requests(errors, spec.list("tokenRequests"), &path.child("tokenRequests"));
    for mode in spec.list("volumeLifecycleModes").iter().filter_map(Value::as_str) {
        errors.one_of(&path.child("volumeLifecycleModes"), mode, &["Persistent", "Ephemeral"]);
    }
    if let Some(period) = spec["nodeAllocatableUpdatePeriodSeconds"].as_int()
        && period < 10
    {
        let message = "must be greater than or equal to 10 seconds";
        errors.invalid(&path.child("nodeAllocatableUpdatePeriodSeconds"), period, message);
    }
}

/// Tokens that a driver gets for pods, one for each audience.
fn token_requests(errors: &mut Errors, requests: &[Value], path: &Path<'_>) {
    for (number, request) in requests.iter().enumerate() {
        let at = path.index(number);
        let audience = request.str("audience");
        if requests.iter().take(number).any(|earlier| earlier.str("audience") == audience) {
            errors.duplicate(&at.child("audience"), audience);
            continue;
        }
        let Some(seconds) = request["expirationSeconds"].as_int() else { continue };
        if seconds < 600 {
            let message = "may not specify a duration less than 10 minutes";
            errors.invalid(&at.child("expirationSeconds"), seconds, message);
        }
        if seconds > 1 << 32 {
            let message = "may not specify a duration larger than 2^32 seconds";
            errors.invalid(&at.child("expirationSeconds"), seconds, message);
        }
    }
}
