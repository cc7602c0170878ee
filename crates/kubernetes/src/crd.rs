//! CustomResourceDefinitions: kinds that a workspace brings with it.
//!
//! Source: staging/src/k8s.io/apiextensions-apiserver.

use crate::object::Value;
use crate::validation::{Errors, Path};

/// Defaults of a definition.
pub fn defaults(object: &mut Value) {
    let kind = object["spec"]["names"].str("kind").to_owned();
    let names = object.entry_at(&["spec", "names"]);
    names.set_default_str("singular", &kind.to_lowercase());
    names.set_default_str("listKind", &format!("{kind}List"));
    let conversion = object.entry_at(&["spec", "conversion"]);
    conversion.set_default_str("strategy", "None");
}

/// Checks a definition.
pub fn validate(errors: &mut Errors, object: &Value) {
    let spec = &object["spec"];
    let path = Path::new("spec");
    let expected = format!("{}.{}", spec["names"].str("plural"), spec.str("group"));
    let name = object["metadata"].str("name");
    if name != expected {
        let metadata = Path::new("metadata");
        let message = "must be spec.names.plural+\".\"+spec.group";
        errors.invalid(&metadata.child("name"), name, message);
    }
    errors.one_of(&path.child("scope"), spec.str("scope"), &["Cluster", "Namespaced"]);
}
