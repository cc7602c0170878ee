//! The state of workloads as the recordings have it, and the names that stand for hashes.

use std::collections::BTreeMap;

use cluster::ApiServer;
use kubernetes::columns::Column;
use kubernetes::kinds::{self, Kind};
use kubernetes::object::Value as Object;
use serde_json::{Map, Value, json};

/// The namespace in which everything happens.
pub const NAMESPACE: &str = "default";

/// Names of ReplicaSets, ControllerRevisions and pods as the recordings have them: numbered in the
/// order in which they were made.
#[derive(Default)]
pub struct Names {
    /// Real names of ReplicaSets and ControllerRevisions, and what they become.
    hashed: BTreeMap<String, String>,
    /// Pods with random ends, and what they become.
    pods: BTreeMap<String, String>,
    /// Hashes of pod templates.
    hashes: Vec<String>,
    counts: BTreeMap<(&'static str, String), usize>,
}

/// Replaces the ends of names of pods that were never stored, behind the name of a ReplicaSet.
fn without_suffixes(text: &str) -> String {
    const LETTERS: &str = "bcdfghjklmnpqrstvwxz2456789";
    let mut parts = text.split(">-");
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        replaced.push_str(">-");
        let suffix = part.get(..5).filter(|five| five.chars().all(|c| LETTERS.contains(c)));
        if suffix.is_some() && replaced.rsplit('<').next().is_some_and(|id| id.starts_with("rs")) {
            replaced.push_str("<suffix>");
            replaced.push_str(&part[5..]);
        } else {
            replaced.push_str(part);
        }
    }
    replaced
}

fn objects<'a>(server: &'a ApiServer, kind: &str) -> impl Iterator<Item = &'a Object> {
    let row = kinds::KINDS.iter().find(|row| row.kind == kind).expect("a kind of the table");
    server.storage.list(row.group, row.kind, NAMESPACE).map(|(_, object)| object)
}

fn name(object: &Object) -> &str {
    object["metadata"].str("name")
}

/// The name of the controller of an object.
fn owner(object: &Object) -> &str {
    let owners = object["metadata"].list("ownerReferences");
    let controller = owners.iter().find(|owner| owner.bool("controller"));
    controller.map_or("", |owner| owner.str("name"))
}

impl Names {
    /// Notes objects that are new. Call it after each change.
    pub fn learn(&mut self, server: &ApiServer) {
        for (kind, short) in [("ReplicaSet", "rs"), ("ControllerRevision", "rev")] {
            let mut new: Vec<&Object> =
                objects(server, kind).filter(|one| !self.hashed.contains_key(name(one))).collect();
            new.sort_by_key(|one| one["metadata"].str("resourceVersion").parse::<u64>().ok());
            for object in new {
                let count = self.counts.entry((short, owner(object).to_owned())).or_default();
                *count += 1;
                let shown = format!("{}-<{short}{count}>", owner(object));
                let hash = name(object).rsplit('-').next().unwrap_or_default();
                self.hashes.push(hash.to_owned());
                self.hashed.insert(name(object).to_owned(), shown);
            }
        }
        for pod in objects(server, "Pod") {
            let prefix = pod["metadata"].str("generateName").trim_end_matches('-');
            let has_ordinal = pod["metadata"]["labels"].has("statefulset.kubernetes.io/pod-name");
            if !prefix.is_empty() && !has_ordinal && !self.pods.contains_key(name(pod)) {
                let controller = self.hashed.get(prefix).map_or(prefix, String::as_str);
                self.pods.insert(name(pod).to_owned(), format!("{controller}-<suffix>"));
            }
        }
    }

    /// A text with the names that stand for hashes.
    pub fn replace(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (real, shown) in self.pods.iter().rev().chain(self.hashed.iter().rev()) {
            if text.contains(real.as_str()) {
                text = text.replace(real.as_str(), shown);
            }
        }
        for hash in &self.hashes {
            text = text.replace(hash.as_str(), "<hash>");
        }
        without_suffixes(&text)
    }

    /// The name of one object.
    fn of<'a>(&'a self, real: &'a str) -> &'a str {
        self.hashed.get(real).or_else(|| self.pods.get(real)).map_or(real, String::as_str)
    }
}

/// Cells of an object's row by their headings. Numbers are numbers.
fn columns(kind: &str, object: &Object, now: i64, wanted: &[&str]) -> Value {
    let row: &Kind = kinds::KINDS.iter().find(|row| row.kind == kind).expect("a kind");
    let find = |name: &str| row.columns.iter().find(|column| column.name == name);
    let cell = |column: &Column| {
        let text = (column.cell)(object, now);
        text.parse::<i64>().map_or(Value::from(text), Value::from)
    };
    let cells = wanted.iter().filter_map(|name| Some(((*name).to_owned(), cell(find(name)?))));
    Value::Object(cells.collect())
}

/// The state of all workloads at one moment.
pub fn state(server: &ApiServer, names: &Names) -> Value {
    let now = server.time();
    let mut state = Map::new();
    if let Some(one) = objects(server, "Deployment").next() {
        state.insert("deployment".to_owned(), deployment(one, names, now));
    }
    let mut sets: Vec<&Object> = objects(server, "ReplicaSet").collect();
    sets.sort_by_key(|one| names.of(name(one)).to_owned());
    if !sets.is_empty() || state.contains_key("deployment") {
        let sets = sets.iter().map(|one| replica_set(one, names)).collect();
        state.insert("replicaSets".to_owned(), Value::Array(sets));
    }
    if let Some(one) = objects(server, "StatefulSet").next() {
        state.insert("statefulset".to_owned(), stateful_set(one, names, now));
        let pods =
            objects(server, "Pod").map(|pod| (name(pod).to_owned(), pod_row(pod, names, now)));
        state.insert("pods".to_owned(), Value::Object(pods.collect()));
    }
    if let Some(one) = objects(server, "DaemonSet").next() {
        state.insert("daemonset".to_owned(), daemon_set(one, now));
        state.insert("podsByRevision".to_owned(), by_revision(server, names));
    }
    state.insert("endpointsReady".to_owned(), json!(ready_endpoints(server)));
    Value::Object(state)
}

/// Addresses in the slices of the Service that are ready.
pub fn ready_endpoints(server: &ApiServer) -> usize {
    objects(server, "EndpointSlice")
        .flat_map(|slice| slice.list("endpoints"))
        .filter(|endpoint| endpoint["conditions"].bool("ready"))
        .map(|endpoint| endpoint.list("addresses").len())
        .sum()
}

/// The sum of the sizes that ReplicaSets should have.
pub fn desired(server: &ApiServer) -> i64 {
    objects(server, "ReplicaSet").map(|one| one["spec"].int("replicas")).sum()
}

/// The smallest number of available replicas of a workload; None without one.
pub fn available(server: &ApiServer) -> Option<i64> {
    let counted = objects(server, "Deployment").chain(objects(server, "StatefulSet"));
    let counts = counted.map(|one| one["status"].int("availableReplicas"));
    counts.chain(objects(server, "DaemonSet").map(|one| one["status"].int("numberAvailable"))).min()
}

fn conditions(object: &Object, names: &Names) -> Map<String, Value> {
    let shown = |one: &Object| {
        json!({
            "status": one.str("status"),
            "reason": one.str("reason"),
            "message": names.replace(one.str("message")),
        })
    };
    let list = object["status"].list("conditions");
    list.iter().map(|one| (one.str("type").to_owned(), shown(one))).collect()
}

fn deployment(object: &Object, names: &Names, now: i64) -> Value {
    let (spec, status) = (&object["spec"], &object["status"]);
    let mut shown = json!({
        "columns": columns("Deployment", object, now, &["READY", "UP-TO-DATE", "AVAILABLE"]),
        "specReplicas": spec.int("replicas"),
        "replicas": status.int("replicas"),
        "updated": status.int("updatedReplicas"),
        "ready": status.int("readyReplicas"),
        "available": status.int("availableReplicas"),
        "unavailable": status.int("unavailableReplicas"),
        "conditions": conditions(object, names),
    });
    if spec.bool("paused") {
        shown["paused"] = json!(true);
    }
    shown
}

fn replica_set(object: &Object, names: &Names) -> Value {
    let (metadata, status) = (&object["metadata"], &object["status"]);
    let mut shown = json!({
        "name": names.of(metadata.str("name")),
        "revision": metadata["annotations"].str("deployment.kubernetes.io/revision"),
        "desired": object["spec"].int("replicas"),
        "replicas": status.int("replicas"),
        "ready": status.int("readyReplicas"),
        "available": status.int("availableReplicas"),
    });
    let conditions = conditions(object, names);
    if !conditions.is_empty() {
        shown["conditions"] = Value::Object(conditions);
    }
    shown
}

fn stateful_set(object: &Object, names: &Names, now: i64) -> Value {
    let (spec, status) = (&object["spec"], &object["status"]);
    json!({
        "columns": columns("StatefulSet", object, now, &["READY"]),
        "specReplicas": spec.int("replicas"),
        "replicas": status.int("replicas"),
        "ready": status.int("readyReplicas"),
        "available": status.int("availableReplicas"),
        "current": status.int("currentReplicas"),
        "updated": status.int("updatedReplicas"),
        "currentRevision": names.of(status.str("currentRevision")),
        "updateRevision": names.of(status.str("updateRevision")),
    })
}

fn daemon_set(object: &Object, now: i64) -> Value {
    let status = &object["status"];
    let wanted = ["DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE"];
    json!({
        "columns": columns("DaemonSet", object, now, &wanted),
        "misscheduled": status.int("numberMisscheduled"),
        "unavailable": status.int("numberUnavailable"),
    })
}

/// The name of the ControllerRevision of a pod.
fn revision(pod: &Object, names: &Names) -> String {
    let label = pod["metadata"]["labels"].str("controller-revision-hash");
    let full = format!("{}-{label}", owner(pod));
    let known = names.hashed.get(label).or_else(|| names.hashed.get(&full));
    known.cloned().unwrap_or_else(|| label.to_owned())
}

fn pod_row(pod: &Object, names: &Names, now: i64) -> Value {
    let mut row = columns("Pod", pod, now, &["READY", "STATUS"]);
    if matches!(row["STATUS"].as_str(), Some("ErrImagePull" | "ImagePullBackOff")) {
        row["STATUS"] = json!("ErrImagePull or ImagePullBackOff");
    }
    row["revision"] = json!(revision(pod, names));
    row
}

/// Pods of a DaemonSet that are not being deleted, by revision.
fn by_revision(server: &ApiServer, names: &Names) -> Value {
    let mut counts: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for pod in objects(server, "Pod").filter(|pod| !pod["metadata"].has("deletionTimestamp")) {
        let ready = |one: &Object| one.str("type") == "Ready" && one.str("status") == "True";
        let is_ready = pod["status"].list("conditions").iter().any(ready);
        let count = counts.entry(revision(pod, names)).or_default();
        count.0 += 1;
        count.1 += i64::from(is_ready);
    }
    let shown = |(pods, ready): (i64, i64)| json!({ "pods": pods, "ready": ready });
    Value::Object(counts.into_iter().map(|(name, counts)| (name, shown(counts))).collect())
}
