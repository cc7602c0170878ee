//! Typed reading and writing of the fields that controllers share: owners, conditions, pods.
//!
//! Source: pkg/controller/controller_utils.go, pkg/api/v1/pod/util.go.

use kubernetes::object::{Value, go_value, to_json};

use crate::apiserver::Key;

/// The owner that controls an object.
pub fn controller_of(object: &Value) -> Option<&Value> {
    object["metadata"].list("ownerReferences").iter().find(|owner| owner.bool("controller"))
}

/// True if the owner controls the object.
pub fn is_controlled_by(object: &Value, owner: &Value) -> bool {
    controller_of(object)
        .is_some_and(|reference| reference.str("uid") == owner["metadata"].str("uid"))
}

/// The key of the owner that controls an object, if it is of this kind.
pub fn owner_key(object: &Value, group: &'static str, kind: &'static str) -> Option<Key> {
    let owner = controller_of(object).filter(|owner| owner.str("kind") == kind)?;
    let namespace = object["metadata"].str("namespace");
    Some(Key { kind, group, namespace: namespace.into(), name: owner.str("name").into() })
}

/// The reference of a controller to itself.
pub fn owner_reference(owner: &Value) -> Value {
    let mut reference = Value::map();
    reference.set("apiVersion", owner.str("apiVersion"));
    reference.set("blockOwnerDeletion", true);
    reference.set("controller", true);
    reference.set("kind", owner.str("kind"));
    reference.set("name", owner["metadata"].str("name"));
    reference.set("uid", owner["metadata"].str("uid"));
    reference
}

/// The key of an object of a kind.
pub fn key_of(group: &'static str, kind: &'static str, object: &Value) -> Key {
    let metadata = &object["metadata"];
    Key {
        kind,
        group,
        namespace: metadata.str("namespace").into(),
        name: metadata.str("name").into(),
    }
}

pub fn pod_key(namespace: &str, name: &str) -> Key {
    Key { kind: "Pod", group: "", namespace: namespace.into(), name: name.into() }
}

pub fn is_deleting(object: &Value) -> bool {
    object["metadata"].has("deletionTimestamp")
}

/// True if a pod has ended.
pub fn is_terminal(pod: &Value) -> bool {
    matches!(pod["status"].str("phase"), "Succeeded" | "Failed")
}

/// True if a pod counts as a replica: it has not ended and is not being deleted.
pub fn is_active(pod: &Value) -> bool {
    !is_terminal(pod) && !is_deleting(pod)
}

/// True if a pod is being deleted and has not ended.
pub fn is_terminating(pod: &Value) -> bool {
    !is_terminal(pod) && is_deleting(pod)
}

/// The condition of a type.
pub fn condition<'a>(object: &'a Value, ty: &str) -> Option<&'a Value> {
    object["status"].list("conditions").iter().find(|one| one.str("type") == ty)
}

pub fn is_condition_true(object: &Value, ty: &str) -> bool {
    condition(object, ty).is_some_and(|one| one.str("status") == "True")
}

pub fn is_ready(pod: &Value) -> bool {
    is_condition_true(pod, "Ready")
}

/// Seconds since the epoch of a time in an object; None if there is none.
pub fn seconds_of(time: &Value) -> Option<i64> {
    Some(go::rfc3339::parse(time.as_str()?)?.unix())
}

/// When a pod became ready, in seconds since the epoch; None if it is not.
pub fn ready_since(pod: &Value) -> Option<i64> {
    condition(pod, "Ready")
        .filter(|one| one.str("status") == "True")
        .and_then(|one| seconds_of(&one["lastTransitionTime"]))
}

/// True if a pod has been ready for `min_ready` seconds.
pub fn is_available(pod: &Value, min_ready: i64, now: i64) -> bool {
    ready_since(pod).is_some_and(|since| min_ready == 0 || since + min_ready <= now)
}

/// Milliseconds until the next of the pods becomes available; None if no one waits.
pub fn next_available<'a>(
    pods: impl Iterator<Item = &'a Value>,
    min_ready: i64,
    now_ms: i64,
) -> Option<i64> {
    if min_ready == 0 {
        return None;
    }
    pods.filter_map(ready_since)
        .map(|since| (since + min_ready) * 1000)
        .filter(|at| *at > now_ms)
        .min()
        .map(|at| at - now_ms)
}

/// Sorts by creation, then by name.
pub fn by_creation(objects: &mut [Value]) {
    objects.sort_by(|a, b| {
        let key = |object: &Value| {
            let metadata = &object["metadata"];
            (metadata.str("creationTimestamp").to_owned(), metadata.str("name").to_owned())
        };
        key(a).cmp(&key(b))
    });
}

/// Puts a condition into a list, or replaces the one of its type in place.
pub fn set_condition(conditions: &mut Value, condition: Value) {
    let list = conditions.list_mut();
    match list.iter_mut().find(|one| one.str("type") == condition.str("type")) {
        Some(old) => *old = condition,
        None => list.push(condition),
    }
}

/// Takes a condition out of a list; an empty list becomes null.
pub fn remove_condition(status: &mut Value, ty: &str) {
    if !status.has("conditions") {
        return;
    }
    let list = status.entry("conditions").list_mut();
    list.retain(|one| one.str("type") != ty);
    if list.is_empty() {
        status.remove("conditions");
    }
}

/// Sets a number that is left out if it is 0, as `omitempty` does.
pub fn set_count(object: &mut Value, key: &str, count: i64) {
    if count == 0 {
        object.remove(key);
    } else {
        object.set(key, count);
    }
}

/// A number or a share: `25%` of a total, rounded up or down.
/// Source: apimachinery pkg/util/intstr GetScaledValueFromIntOrPercent.
pub fn scaled(value: &Value, total: i64, round_up: bool) -> i64 {
    match value.as_str() {
        None => value.as_int().unwrap_or_default(),
        Some(text) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or_default();
            let product = percent.saturating_mul(total);
            if round_up { (product + 99).div_euclid(100) } else { product.div_euclid(100) }
        }
    }
}

/// A pod as the template of an owner describes it, without a name.
/// Source: pkg/controller GetPodFromTemplate.
pub fn pod_from_template(template: &Value, owner: &Value) -> Value {
    let mut pod = Value::map();
    pod.set("apiVersion", "v1");
    pod.set("kind", "Pod");
    let metadata = pod.entry("metadata");
    for key in ["labels", "annotations", "finalizers"] {
        if !template["metadata"][key].is_empty() {
            metadata.set(key, template["metadata"][key].clone());
        }
    }
    let name = owner["metadata"].str("name");
    metadata.set("generateName", pod_prefix(name));
    metadata.set("ownerReferences", vec![owner_reference(owner)]);
    pod.set("spec", template["spec"].clone());
    pod
}

/// The beginning of generated names. A long name loses its dash.
fn pod_prefix(name: &str) -> String {
    if name.len() < 63 { format!("{name}-") } else { name.to_owned() }
}

/// The hash of a template, in the letters of ReplicaSet names. It is stable, and it is not the one
/// of Kubernetes, which hashes Go's print of the structure.
pub fn template_hash(template: &Value, collisions: Option<i64>) -> String {
    let mut text = to_json(template);
    if let Some(count) = collisions {
        text.push_str(&count.to_string());
    }
    let mut hash: u32 = 0x811c_9dc5;
    for byte in text.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    kubernetes::hash::safe_encode(hash)
}

/// A value in a message.
pub fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| go_value(value), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded() {
        for (value, total, up, expected) in [
            (Value::from("25%"), 3, true, 1),
            (Value::from("25%"), 3, false, 0),
            (Value::from("100%"), 4, false, 4),
            (Value::from(2), 9, true, 2),
        ] {
            assert_eq!(scaled(&value, total, up), expected);
        }
    }
}
