//! VolumeAttributesClasses.
//!
//! Source: pkg/apis/storage/validation ValidateVolumeAttributesClass.

use super::{KIND, Kind, Update, storageclass};
use crate::object::Value;
use crate::validation::{Errors, Path};

pub const VOLUME_ATTRIBUTES_CLASS: Kind = Kind {
    group: "storage.k8s.io",
    kind: "VolumeAttributesClass",
    columns: crate::columns::VOLUME_ATTRIBUTES_CLASS,
    plural: "volumeattributesclasses",
    short_names: &["vac"],
    namespaced: false,
    description: "Attributes of volumes that can change while they are in use.",
    validate: class,
    validate_update: Update::With(|errors, new, old| {
        for key in ["driverName", "parameters"] {
            if new[key] != old[key] {
                let message = format!("updates to {key} are forbidden.");
                errors.forbidden(&Path::new(key), &message);
            }
        }
        class(errors, new);
    }),
    ..KIND
};

fn class(errors: &mut Errors, object: &Value) {
    storageclass::provisioner(errors, object.str("driverName"), &Path::new("driverName"));
    let parameters = Path::new("parameters");
    storageclass::parameters(errors, object, &parameters);
    if object["parameters"].is_empty() {
        errors.required(&parameters, "must contain at least one key/value pair");
    }
}
