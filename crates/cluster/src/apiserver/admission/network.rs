//! Admission of Ingresses: the default class.
//!
//! Source: plugin/pkg/admission/network/defaultingressclass.

use std::cmp::Reverse;

use kubernetes::kinds::Kind;
use kubernetes::object::Value;

use crate::apiserver::ApiServer;

const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";
/// The old way to name a class.
const ANNOTATION: &str = "kubernetes.io/ingress.class";

/// Sets the class of a new Ingress that names none. Of several default classes the newest counts,
/// then the first by name.
pub fn fill(server: &ApiServer, kind: &Kind, object: &mut Value) {
    let named =
        object["spec"].has("ingressClassName") || object["metadata"]["annotations"].has(ANNOTATION);
    if kind.kind != "Ingress" || named {
        return;
    }
    let classes = server.storage.list("networking.k8s.io", "IngressClass", "");
    let default = classes
        .filter(|(_, class)| class["metadata"]["annotations"].str(DEFAULT_CLASS) == "true")
        .max_by_key(|(key, class)| {
            (class["metadata"].str("creationTimestamp").to_owned(), Reverse(key.name.to_string()))
        });
    if let Some((key, _)) = default {
        let name = key.name.to_string();
        object.entry("spec").set("ingressClassName", name);
    }
}
