//! The Operator as a keyed step over the API server.
//!
//! A step reads the stored objects, works out the sync, writes what it requests and puts the status.
//! It has no state: a step for a workload that is in order changes nothing.

use std::collections::BTreeSet;

use cluster::apiserver::{Event as Change, Propagation};
use cluster::{ApiServer, apiserver::Key};
use kubernetes::object::Value;

use super::status::{self, Cluster, Reconciled};
use super::{Event, INVALID, Line, SyncOutcome, kubelets, sync};
use crate::options::Options;
use crate::select::{Chosen, KINDS, Verdict};
use crate::workload::object;
use crate::workload::prometheus::Names;

pub use crate::schema::GROUP;

/// Kinds that the Operator runs.
pub static WORKLOADS: &[&str] = &["Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler"];

/// Kinds whose changes may concern any workload.
static INPUTS: &[&str] = &[
    "ServiceMonitor",
    "PodMonitor",
    "Probe",
    "ScrapeConfig",
    "PrometheusRule",
    "AlertmanagerConfig",
    "Namespace",
    "Secret",
    "ConfigMap",
    "StorageClass",
    "Service",
];

/// Kinds that a workload owns.
static OWNED: &[&str] = &["StatefulSet", "DaemonSet", "Pod"];

const MANAGER: &str = "PrometheusOperator";
const FINALIZER: &str = "monitoring.coreos.com/status-cleanup";

/// Events and log lines of a step. Its writes are in the API server.
#[derive(Clone, Debug, Default)]
pub struct Synced {
    pub events: Vec<Event>,
    pub log: Vec<Line>,
    /// The error with which the sync failed; it is tried again.
    pub error: Option<String>,
}

/// The Operator with its flags.
#[derive(Clone, Debug, Default)]
pub struct Operator {
    pub options: Options,
}

impl Operator {
    pub fn new<T: AsRef<str>>(arguments: &[T]) -> Self {
        Self { options: Options::parse(arguments) }
    }

    /// The workloads that a change concerns.
    pub fn keys(&self, server: &ApiServer, change: &Change) -> Vec<Key> {
        let key = &change.key;
        if key.group == GROUP && WORKLOADS.contains(&key.kind) {
            return vec![key.clone()];
        }
        if INPUTS.contains(&key.kind) || OWNED.contains(&key.kind) {
            return self.workloads(server);
        }
        Vec::new()
    }

    /// The keys of all workloads that the Operator manages.
    pub fn workloads(&self, server: &ApiServer) -> Vec<Key> {
        let of_kind = |kind: &'static str| server.storage.list(GROUP, kind, "");
        let all = WORKLOADS.iter().flat_map(|kind| of_kind(kind));
        all.filter(|(_, object)| self.options.manages(object)).map(|(key, _)| key.clone()).collect()
    }

    /// Writes the Service and Endpoints of the kubelets. The Operator does so every three minutes.
    /// Returns the nodes without an address.
    pub fn sync_kubelets(&self, server: &mut ApiServer) -> Vec<String> {
        let nodes: Vec<Value> =
            server.storage.list("", "Node", "").map(|(_, node)| node.clone()).collect();
        let made = kubelets(&nodes, &self.options);
        for object in made.objects {
            let metadata = &object["metadata"];
            let (namespace, name) = (metadata.str("namespace"), metadata.str("name"));
            if let Some(kind) = server.kind("v1", object.str("kind")) {
                // A namespace that is not there is tried again with the next sync.
                let _ = server.apply(kind, namespace, name, &object, MANAGER, true);
            }
        }
        made.without_address
    }

    /// Brings what belongs to a workload closer to what it should be.
    pub fn step(&self, server: &mut ApiServer, key: &Key) -> Synced {
        let Some(mut workload) = server.storage.get(key).cloned() else { return Synced::default() };
        if !self.options.manages(&workload) || workload["metadata"].has("deletionTimestamp") {
            return Synced::default();
        }
        if self.options.config_resource_status {
            let finalizers = workload.entry("metadata").entry("finalizers").list_mut();
            if !finalizers.iter().any(|one| one.as_str() == Some(FINALIZER)) {
                finalizers.push(FINALIZER.into());
                server.update(key, workload.clone());
            }
        }
        let objects = inputs(server);
        let mut outcome = sync(&workload, &objects, &self.options);
        let refused = write_all(server, &workload, &outcome);
        let error = refused.or(outcome.error.take());
        if error.is_none() && !workload["spec"].bool("paused") {
            remove_excess(server, &workload, &outcome.sets);
        }
        if self.options.config_resource_status {
            bind(server, &workload, &outcome.selection.objects);
        }
        put_status(server, key, &outcome, error.as_deref());
        let mut log = std::mem::take(&mut outcome.log);
        if let Some(error) = &error {
            let text = format!("sync \"{}/{}\" failed: {error}", key.namespace, key.name);
            let fields = vec![("logger", "UnhandledError".to_owned()), ("err", text)];
            log.push(Line { level: "error", message: "Unhandled Error", fields });
        }
        Synced { events: std::mem::take(&mut outcome.events), log, error }
    }
}

/// The stored objects that a sync reads.
fn inputs(server: &ApiServer) -> Vec<Value> {
    let read = |kind: &str| INPUTS.contains(&kind);
    server
        .storage
        .iter()
        .filter(|(key, _)| read(key.kind))
        .map(|(_, object)| object.clone())
        .collect()
}

/// Writes the objects in order. The first refusal ends it.
fn write_all(
    server: &mut ApiServer,
    workload: &Value,
    outcome: &SyncOutcome<'_>,
) -> Option<String> {
    let namespace = workload["metadata"].str("namespace");
    for write in &outcome.writes {
        let object = &write.object;
        let name = object["metadata"].str("name");
        let Some(kind) = server.kind(object.str("apiVersion"), object.str("kind")) else {
            continue;
        };
        if write.only_if_absent && server.storage.contains(&Key::new(kind, namespace, name)) {
            continue;
        }
        let stored = server.storage.get(&Key::new(kind, namespace, name)).cloned();
        let object = &with_other_owners(object, stored.as_ref());
        let mut written = server.apply(kind, namespace, name, object, MANAGER, true);
        let is_set = object.str("kind") == "StatefulSet";
        if is_set && written.is_err() && server.get(kind, namespace, name).is_ok() {
            // Fields that may not change: the set is created again, and adopts the pods.
            let _ = server.delete(kind, namespace, name, Propagation::Orphan);
            written = server.apply(kind, namespace, name, object, MANAGER, true);
        }
        if let Err(status) = written {
            return Some(format!("{}: {}", write.failure, status.message));
        }
    }
    None
}

/// A Service may belong to several workloads: it keeps the owners that it has.
/// Source: pkg/k8s/network.go CreateOrUpdateService.
fn with_other_owners(object: &Value, stored: Option<&Value>) -> Value {
    let mut object = object.clone();
    let Some(stored) = stored.filter(|_| object.str("kind") == "Service") else { return object };
    let mut owners: Vec<Value> = stored["metadata"].list("ownerReferences").to_vec();
    for own in object["metadata"].list("ownerReferences") {
        if !owners.iter().any(|one| one.str("uid") == own.str("uid")) {
            owners.push(own.clone());
        }
    }
    object.entry("metadata").set("ownerReferences", owners);
    object
}

/// Deletes StatefulSets of shards that are not wanted anymore.
fn remove_excess(server: &mut ApiServer, workload: &Value, wanted: &[String]) {
    let uid = workload["metadata"].str("uid");
    let owned = |set: &Value| {
        set["metadata"].list("ownerReferences").iter().any(|owner| owner.str("uid") == uid)
    };
    let excess: Vec<Key> = server
        .storage
        .list("apps", "StatefulSet", workload["metadata"].str("namespace"))
        .filter(|(key, set)| owned(set) && !wanted.iter().any(|name| **name == *key.name))
        .map(|(key, _)| key.clone())
        .collect();
    for key in excess {
        if let Some(kind) = server.row_of(&key) {
            let _ = server.delete(kind, &key.namespace, &key.name, Propagation::Foreground);
        }
    }
}

fn put_status(server: &mut ApiServer, key: &Key, outcome: &SyncOutcome<'_>, error: Option<&str>) {
    let Some(mut workload) = server.storage.get(key).cloned() else { return };
    let list = |kind: &'static str, group: &'static str| -> Vec<Value> {
        let found = server.storage.list(group, kind, &key.namespace);
        found.map(|(_, object)| object.clone()).collect()
    };
    let (sets, pods) = (list("StatefulSet", "apps"), list("Pod", ""));
    let now = server.timestamp();
    let cluster = Cluster { sets: &sets, pods: &pods, now: &now };
    let (reason, message) = match (error, &outcome.reason) {
        (Some(error), _) => ("ReconciliationFailed", error),
        (None, Some((reason, message))) => (*reason, &**message),
        (None, None) => ("", ""),
    };
    let reconciled = Reconciled { succeeded: error.is_none(), reason, message };
    let name = &*key.name;
    let status = match key.kind {
        "Alertmanager" => {
            let selector = format!(
                "alertmanager={name},app.kubernetes.io/instance={name},\
                 app.kubernetes.io/managed-by=prometheus-operator,app.kubernetes.io/name=alertmanager"
            );
            let set = format!("alertmanager-{name}");
            status::single(&workload, &set, &selector, &cluster, &reconciled)
        }
        "ThanosRuler" => {
            status::single(&workload, &format!("thanos-ruler-{name}"), "", &cluster, &reconciled)
        }
        _ => {
            let names = Names::new(&workload);
            let mut labels: Vec<String> = names
                .selector(&workload)
                .into_iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            labels.sort();
            let selector = labels.join(",");
            status::prometheus(&workload, &names.base, &selector, &cluster, &reconciled)
        }
    };
    workload.set("status", status);
    server.write(key, workload);
}

/// Notes in the status of each selected object whether the workload takes it, and takes the note out
/// of others. Source: pkg/operator/config_resource.go.
fn bind(server: &mut ApiServer, workload: &Value, chosen: &[Chosen<'_>]) {
    let now = server.timestamp();
    let mut bound = BTreeSet::new();
    for one in chosen {
        let key = key_of(one.object);
        bound.insert(key.clone());
        let mut binding = object! {
            "group": GROUP,
            "resource": resource(workload.str("kind")),
            "namespace": workload["metadata"].str("namespace"),
            "name": workload["metadata"].str("name"),
        };
        let mut condition = object! {
            "type": "Accepted",
            "status": if one.verdict == Verdict::Accepted { "True" } else { "False" },
            "observedGeneration": one.object["metadata"].int("generation"),
            "lastTransitionTime": &*now,
        };
        if let Verdict::Rejected(reason) = &one.verdict {
            condition.set("reason", INVALID);
            condition.set("message", &**reason);
        }
        binding.set("conditions", vec![condition]);
        change_bindings(server, &key, workload, Some(binding));
    }
    let kinds = KINDS.iter().map(|kind| kind.kind);
    let others: Vec<Key> = kinds
        .flat_map(|kind| server.storage.list(GROUP, kind, ""))
        .map(|(key, _)| key.clone())
        .filter(|key| !bound.contains(key))
        .collect();
    for key in others {
        change_bindings(server, &key, workload, None);
    }
}

fn key_of(object: &Value) -> Key {
    let kinds = KINDS.iter().map(|kind| kind.kind).chain(["AlertmanagerConfig"]);
    let kind = kinds.into_iter().find(|kind| *kind == object.str("kind")).unwrap_or_default();
    let metadata = &object["metadata"];
    let (namespace, name) = (metadata.str("namespace").into(), metadata.str("name").into());
    Key { kind, group: GROUP, namespace, name }
}

fn resource(kind: &str) -> &'static str {
    match kind {
        "Alertmanager" => "alertmanagers",
        "ThanosRuler" => "thanosrulers",
        "PrometheusAgent" => "prometheusagents",
        _ => "prometheuses",
    }
}

fn change_bindings(server: &mut ApiServer, key: &Key, workload: &Value, binding: Option<Value>) {
    let Some(mut object) = server.storage.get(key).cloned() else { return };
    let metadata = &workload["metadata"];
    let own = |one: &Value| {
        one.str("resource") == resource(workload.str("kind"))
            && one.str("name") == metadata.str("name")
            && one.str("namespace") == metadata.str("namespace")
    };
    let bindings = object["status"].list("bindings");
    let found = bindings.iter().position(own);
    match (found, binding) {
        (None, None) => return,
        (Some(at), None) => {
            object.entry_at(&["status", "bindings"]).list_mut().remove(at);
        }
        (Some(at), Some(mut binding)) => {
            // A verdict that has not changed keeps its time.
            let same = |one: &Value| (one.str("status").to_owned(), one.str("message").to_owned());
            let old = bindings.get(at).map(|one| one["conditions"].clone()).unwrap_or_default();
            let old = old.as_list().and_then(|list| list.first()).cloned().unwrap_or_default();
            for new in binding.items_mut("conditions") {
                if same(new) == same(&old) {
                    new.set("lastTransitionTime", old.str("lastTransitionTime"));
                }
            }
            if let Some(slot) = object.entry_at(&["status", "bindings"]).list_mut().get_mut(at) {
                *slot = binding;
            }
        }
        (None, Some(binding)) => {
            object.entry_at(&["status", "bindings"]).list_mut().push(binding);
        }
    }
    server.write(key, object);
}
