//! Updates of a Pod: images, deadlines, more tolerations and fewer scheduling gates are allowed.
//!
//! Source: pkg/apis/core/validation ValidatePodUpdate.

use super::{containers, pod};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Bad, Errors, Path, names};

const CHANGEABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// A Pod against the stored one.
pub fn pod_update(errors: &mut Errors, new_pod: &Value, old_pod: &Value) {
    pod(errors, new_pod);
    annotation_updates(errors, new_pod, old_pod);
    let path = Path::new("spec");
    let (new, old) = (&new_pod["spec"], &old_pod["spec"]);
    for key in ["containers", "initContainers"] {
        if new.list(key).len() != old.list(key).len() {
            let message = "pod updates may not add or remove containers";
            return errors.forbidden(&path.child(key), message);
        }
        for (number, container) in new.list(key).iter().enumerate() {
            let list = path.child(key);
            let at = list.index(number);
            if container.str("image").is_empty() {
                errors.required(&at.child("image"), "");
            }
            containers::image_without_blanks(errors, container, &at);
        }
    }
    if !deadline(errors, new, old, &path.child("activeDeadlineSeconds")) {
        return;
    }
    added_tolerations(errors, new, old, &path.child("tolerations"));
    removed_gates(errors, new, old, &path.child("schedulingGates"));
    let mut comparable = munged(new, old);
    if !old.list("schedulingGates").is_empty() {
        gated(errors, &mut comparable, old, &path);
    }
    if comparable != *old
        && let Some(id) = types().named("io.k8s.api.core.v1.PodSpec")
    {
        let diff = internal::diff(id, old, &comparable);
        errors.forbidden(&path, &format!("{CHANGEABLE}\n{diff}"));
    }
}

/// Annotations of profiles and of mirror pods stay as they are.
/// Source: ValidatePodSpecificAnnotationUpdates.
fn annotation_updates(errors: &mut Errors, new: &Value, old: &Value) {
    let metadata = Path::new("metadata");
    let path = metadata.child("annotations");
    let what = |key: &str| match key {
        "kubernetes.io/config.mirror" => Some("mirror pod annotation"),
        key if key.starts_with("container.apparmor.security.beta.kubernetes.io/") => {
            Some("AppArmor annotations")
        }
        _ => None,
    };
    let (new, old) = (&new["metadata"], &old["metadata"]);
    for (key, value) in old.entries("annotations") {
        if let Some(what) = what(key).filter(|_| new["annotations"].get(key) != Some(value)) {
            errors.forbidden(&path.key(key), &format!("may not remove or update {what}"));
        }
    }
    for (key, _) in new.entries("annotations") {
        if let Some(what) = what(key).filter(|_| !old["annotations"].has(key)) {
            errors.forbidden(&path.key(key), &format!("may not add {what}"));
        }
    }
}

/// A pod that scheduling gates hold may get more conditions on its node. Afterwards the comparable
/// spec has the stored ones. Source: validateNodeSelectorMutation, validateNodeAffinityMutation.
fn gated(errors: &mut Errors, spec: &mut Value, old: &Value, path: &Path<'_>) {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    let selector = &spec["nodeSelector"];
    let mut stored = old.entries("nodeSelector");
    if !stored.all(|(key, value)| selector.get(key) == Some(value)) {
        let message = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
        errors.invalid(&path.child("nodeSelector"), selector, message);
    }
    restore(spec, old, "nodeSelector");
    let affinity = path.child("affinity");
    let node = affinity.child("nodeAffinity");
    let required = node.child(REQUIRED);
    let at = required.child("nodeSelectorTerms");
    let terms = |spec: &Value| {
        spec["affinity"]["nodeAffinity"][REQUIRED].list("nodeSelectorTerms").to_vec()
    };
    let (new_terms, old_terms) = (terms(spec), terms(old));
    let shown = |name: &str, value: &Value| match types().named(name) {
        Some(id) => Bad::raw(internal::to_json(id, value)),
        None => Bad::raw(""),
    };
    if !old_terms.is_empty() && old_terms.len() != new_terms.len() {
        let id = "io.k8s.api.core.v1.NodeSelectorTerm";
        let items: Vec<String> = new_terms
            .iter()
            .map(|term| {
                types().named(id).map_or_else(String::new, |id| internal::to_json(id, term))
            })
            .collect();
        let bad = match items.is_empty() {
            true => "null".to_owned(),
            false => format!("[{}]", items.join(",")),
        };
        let message = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
        errors.invalid(&at, Bad::raw(bad), message);
    } else {
        for (number, (old, new)) in old_terms.iter().zip(&new_terms).enumerate() {
            if !only_adds(old, new) {
                let message = "only additions are allowed (no mutations or deletions)";
                let bad = shown("io.k8s.api.core.v1.NodeSelectorTerm", new);
                errors.invalid(&at.index(number), bad, message);
            }
        }
    }
    if spec.has("affinity") || old.has("affinity") {
        restore(spec.entry("affinity"), &old["affinity"], "nodeAffinity");
        if spec["affinity"].is_empty() {
            restore(spec, old, "affinity");
        }
    }
}

/// Returns true if a term has the requirements of the older one first.
fn only_adds(old: &Value, new: &Value) -> bool {
    const LISTS: [&str; 2] = ["matchExpressions", "matchFields"];
    // A term without requirements selects nothing: requirements would change that.
    if LISTS.iter().all(|list| old.list(list).is_empty()) {
        return LISTS.iter().all(|list| new.list(list).is_empty());
    }
    LISTS.iter().all(|list| new.list(list).starts_with(old.list(list)))
}

/// Sets a field to the stored one.
fn restore(spec: &mut Value, old: &Value, key: &str) {
    match old.get(key) {
        Some(value) => spec.set(key, value.clone()),
        None => {
            spec.remove(key);
        }
    }
}

/// The new spec with the stored values of what may change.
fn munged(new: &Value, old: &Value) -> Value {
    let mut spec = new.clone();
    for key in ["containers", "initContainers"] {
        let images: Vec<Value> = old.list(key).iter().map(|one| one["image"].clone()).collect();
        for (container, image) in spec.items_mut(key).iter_mut().zip(images) {
            container.set("image", image);
        }
    }
    for key in ["activeDeadlineSeconds", "schedulingGates", "tolerations"] {
        restore(&mut spec, old, key);
    }
    spec
}

/// Returns false if nothing else is checked.
fn deadline(errors: &mut Errors, new: &Value, old: &Value, path: &Path<'_>) -> bool {
    let (new, old) = (&new["activeDeadlineSeconds"], &old["activeDeadlineSeconds"]);
    match (new.as_int(), old.as_int()) {
        (Some(seconds), _) if !(0..=i64::from(i32::MAX)).contains(&seconds) => {
            errors.invalid(path, seconds, &names::range(0, i64::from(i32::MAX)));
            false
        }
        (Some(seconds), Some(before)) if before < seconds => {
            errors.invalid(path, seconds, "must be less than or equal to previous value");
            false
        }
        (None, Some(_)) => {
            errors.invalid(path, new, "must not update from a positive integer to nil value");
            true
        }
        _ => true,
    }
}

fn added_tolerations(errors: &mut Errors, new: &Value, old: &Value, path: &Path<'_>) {
    let bare = |toleration: &Value| {
        let mut toleration = toleration.clone();
        toleration.remove("tolerationSeconds");
        toleration
    };
    let kept = new.list("tolerations").iter().map(bare).collect::<Vec<_>>();
    if old.list("tolerations").iter().any(|one| !kept.contains(&bare(one))) {
        let message = "existing toleration can not be modified except its tolerationSeconds";
        return errors.forbidden(path, message);
    }
    super::scheduling::tolerations(errors, new, path);
}

fn removed_gates(errors: &mut Errors, new: &Value, old: &Value, path: &Path<'_>) {
    let known = |name: &str| old.list("schedulingGates").iter().any(|one| one.str("name") == name);
    for (number, gate) in new.list("schedulingGates").iter().enumerate() {
        let name = gate.str("name");
        if !known(name) {
            let message =
                format!("only deletion is allowed, but found new scheduling gate '{name}'");
            errors.forbidden(&path.index(number).child("name"), &message);
        }
    }
}
