//! ControllerRevisions: the templates that a StatefulSet or DaemonSet has had.
//!
//! Source: pkg/controller/history controller_history.go.

use kubernetes::object::{Value, to_json};
use kubernetes::validation::meta;

use super::objects::{is_controlled_by, key_of, owner_reference};
use crate::apiserver::Key;
use crate::engine::ControllerContext;

/// The part of its owner that a revision keeps: the template, as a patch.
pub fn data_of(owner: &Value) -> Value {
    let mut template = owner["spec"]["template"].clone();
    template.set("$patch", "replace");
    let mut data = Value::map();
    data.entry("spec").set("template", template);
    data
}

/// A hash of the data of a revision, in the letters of generated names.
pub fn hash(data: &Value, collisions: i64) -> String {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in to_json(data).bytes().chain(collisions.to_string().bytes()) {
        hash = hash.wrapping_mul(0x0100_0193) ^ u32::from(byte);
    }
    kubernetes::hash::safe_encode(hash)
}

/// Revisions of an owner, by number.
pub fn list(context: &mut ControllerContext<'_>, owner: &Value) -> Vec<Value> {
    let namespace = owner["metadata"].str("namespace");
    let selector = &owner["spec"]["selector"];
    let all: Vec<(Key, Value)> = context
        .server
        .storage
        .list("apps", "ControllerRevision", namespace)
        .filter(|(_, one)| {
            is_controlled_by(one, owner)
                || super::objects::controller_of(one).is_none()
                    && meta::selects(selector, &one["metadata"]["labels"])
        })
        .map(|(key, one)| (key.clone(), one.clone()))
        .collect();
    let mut revisions = Vec::new();
    for (key, mut one) in all {
        if !is_controlled_by(&one, owner) {
            super::deployment::adopt(context, &key, &mut one, owner);
        }
        revisions.push(one);
    }
    revisions.sort_by_key(|one| (one.int("revision"), one["metadata"].str("name").to_owned()));
    revisions
}

/// Stores a new revision and returns it.
pub fn create(
    context: &mut ControllerContext<'_>,
    owner: &Value,
    number: i64,
    label: &str,
    annotations: Value,
) -> Value {
    let data = data_of(owner);
    let hash = hash(&data, owner["status"].int("collisionCount"));
    let name = format!("{}-{hash}", owner["metadata"].str("name"));
    let mut labels = owner["spec"]["template"]["metadata"]["labels"].clone();
    labels.set(label, &*hash);
    let namespace = owner["metadata"].str("namespace").to_owned();
    context.server.put_system("apps/v1", "ControllerRevision", &namespace, &name, |revision| {
        let metadata = revision.entry("metadata");
        metadata.set("labels", labels);
        if !annotations.is_empty() {
            metadata.set("annotations", annotations);
        }
        metadata.set("ownerReferences", vec![owner_reference(owner)]);
        revision.set("data", data);
        revision.set("revision", number);
    });
    let key = Key {
        kind: "ControllerRevision",
        group: "apps",
        namespace: namespace.into(),
        name: name.into(),
    };
    context.server.storage.get(&key).cloned().unwrap_or_default()
}

/// Gives a revision another number.
pub fn renumber(context: &mut ControllerContext<'_>, revision: &Value, number: i64) -> Value {
    let mut revision = revision.clone();
    if revision.int("revision") != number {
        revision.set("revision", number);
        let key = key_of("apps", "ControllerRevision", &revision);
        context.server.write(&key, revision.clone());
    }
    revision
}

/// Deletes the oldest revisions beyond the limit that no pod uses.
pub fn truncate(
    context: &mut ControllerContext<'_>,
    revisions: &[Value],
    live: &[String],
    limit: i64,
) {
    let unused: Vec<&Value> = revisions
        .iter()
        .filter(|one| !live.iter().any(|name| name == one["metadata"].str("name")))
        .collect();
    let surplus = unused.len().saturating_sub(limit.max(0) as usize);
    for one in unused.into_iter().take(surplus) {
        let key = key_of("apps", "ControllerRevision", one);
        context.server.storage.remove(&key);
    }
}
