//! PersistentVolumeClaims.
//!
//! Source: pkg/apis/core/validation ValidatePersistentVolumeClaimUpdate.

use super::{KIND, Kind, Update, keep_status};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::pod::volumes;
use crate::validation::{Errors, Path, resources};

pub const PERSISTENT_VOLUME_CLAIM: Kind = Kind {
    kind: "PersistentVolumeClaim",
    columns: crate::columns::PERSISTENT_VOLUME_CLAIM,
    plural: "persistentvolumeclaims",
    short_names: &["pvc"],
    description: "A request for storage.",
    defaults: |object| {
        object.entry("spec").set_default("volumeMode", "Filesystem");
        object.entry("status").set_default_str("phase", "Pending");
    },
    prepare_create: |object| {
        let mut status = Value::map();
        status.set("phase", "Pending");
        object.set("status", status);
        let spec = object.entry("spec");
        // A source that nothing can provide is dropped without a word.
        if spec.has("dataSource") && !is_known_source(&spec["dataSource"]) {
            spec.remove("dataSource");
        }
        // Both forms of the source are kept in step.
        if spec.has("dataSource") && !spec.has("dataSourceRef") {
            let source = spec["dataSource"].clone();
            spec.set("dataSourceRef", source);
        } else if spec.has("dataSourceRef")
            && !spec.has("dataSource")
            && !spec["dataSourceRef"].has("namespace")
        {
            let source = spec["dataSourceRef"].clone();
            spec.set("dataSource", source);
        }
    },
    prepare_update: keep_status,
    validate: |errors, object| {
        volumes::claim_spec(errors, &object["spec"], &Path::new("spec"));
    },
    validate_update: Update::With(update),
    warnings: |object| super::warnings::claim_spec(&object["spec"], &Path::new("spec")),
    ..KIND
};

/// Source: pkg/api/persistentvolumeclaim dataSourceIsPvcOrSnapshot.
fn is_known_source(source: &Value) -> bool {
    matches!(
        (source.str("apiGroup"), source.str("kind")),
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
    )
}

fn update(errors: &mut Errors, new: &Value, old: &Value) {
    let path = Path::new("spec");
    volumes::claim_spec(errors, &new["spec"], &path);
    let (mut comparable, mut stored) = (new["spec"].clone(), old["spec"].clone());
    // The volume's name may be set once, and so may a class that was left open.
    if stored.str("volumeName").is_empty() && !comparable.str("volumeName").is_empty() {
        stored.set("volumeName", comparable["volumeName"].clone());
    }
    if !stored.has("storageClassName") && comparable.has("storageClassName") {
        comparable.remove("storageClassName");
    }
    let class = "volumeAttributesClassName";
    let is_bound = new["status"].str("phase") == "Bound";
    if is_bound {
        match old["spec"].get(class) {
            Some(value) => comparable.set(class, value.clone()),
            None => {
                comparable.remove(class);
            }
        }
    }
    let size = |spec: &Value| spec["resources"]["requests"]["storage"].clone();
    let (new_size, old_size) = (size(&new["spec"]), size(&old["spec"]));
    if is_bound && comparable["resources"].has("requests") {
        comparable.entry_at(&["resources", "requests"]).set("storage", old_size.clone());
    }
    if comparable != stored
        && let Some(id) = types().named("io.k8s.api.core.v1.PersistentVolumeClaimSpec")
    {
        let diff = internal::diff(id, &stored, &comparable);
        let message = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        errors.forbidden(&path, &format!("{message}\n{diff}"));
    }
    let capacity = resources::quantity(&old["status"]["capacity"]["storage"]);
    let new_size = resources::quantity(&new_size);
    if new_size < resources::quantity(&old_size) && new_size <= capacity {
        let resources = path.child("resources");
        let requests = resources.child("requests");
        let message = "field can not be less than status.capacity";
        errors.forbidden(&requests.child("storage"), message);
    }
    let (new_mode, old_mode) = (&new["spec"]["volumeMode"], &old["spec"]["volumeMode"]);
    errors.immutable(&Path::new("volumeMode"), new_mode, old_mode);
    let (wanted, has_one) =
        (&new["spec"][class], old["status"].has("currentVolumeAttributesClassName"));
    if has_one && *wanted != old["spec"][class] && wanted.as_str().is_none_or(str::is_empty) {
        let to = if wanted.is_null() { "nil" } else { "empty string" };
        let message = format!(
            "update to {to} is forbidden when status.currentVolumeAttributesClassName is not nil"
        );
        errors.forbidden(&path.child(class), &message);
    }
}
