//! Updates of a Pod: images, deadlines, more tolerations and fewer scheduling gates are allowed.
//!
//! Source: pkg/apis/core/validation ValidatePodUpdate.

use super::{containers, pod};
use crate::internal;
use crate::object::Value;
use crate::types::types;
use crate::validation::{Errors, Path, names};

const CHANGEABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// A Pod against the stored one.
pub fn pod_update(errors: &mut Errors, new: &Value, old: &Value) {
    pod(errors, new);
    let path = Path::new("spec");
    let (new, old) = (&new["spec"], &old["spec"]);
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
    let comparable = munged(new, old);
    if comparable != *old
        && let Some(id) = types().named("io.k8s.api.core.v1.PodSpec")
    {
        let diff = internal::diff(id, old, &comparable);
        errors.forbidden(&path, &format!("{CHANGEABLE}\n{diff}"));
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
        match old.get(key) {
            Some(value) => spec.set(key, value.clone()),
            None => {
                spec.remove(key);
            }
        }
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
