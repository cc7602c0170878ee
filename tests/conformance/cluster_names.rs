//! Names that a cluster chose, as the recordings write them: `web-<hash>-<pod>`.
//!
//! Numbers in placeholders only tell objects apart; they are left out on both sides, and objects are
//! compared as a multiset.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cluster::ApiServer;
use conformance::read;
use go::Regex;
use kubernetes::object::{Map, Value, to_json};

use crate::cluster::shown;

pub struct Names {
    manifests: String,
    free: bool,
    pub has_nodes: bool,
    /// Hashes in names and labels.
    hashes: BTreeSet<String>,
    /// Beginnings of generated names.
    prefixes: BTreeSet<String>,
    /// Generated names of objects that are there, and the word for their end.
    present: BTreeMap<String, &'static str>,
    /// The placeholders of uids and addresses.
    values: BTreeMap<String, String>,
    ports: BTreeSet<i64>,
    numbered: Regex,
    time: Regex,
    uid: Regex,
    token: Regex,
    hash: Regex,
}

fn pattern(text: &str) -> Regex {
    Regex::unanchored(text).expect("the pattern is well formed")
}

/// Reasons that depend on two writers that meet by chance.
const BY_CHANCE: &[&str] = &[
    "FailedToCreateEndpoint",
    "FailedToUpdateEndpoint",
    "FailedToUpdateEndpointSlices",
    "ClusterIPNotAllocated",
];

impl Names {
    pub fn new(folder: &Path, free: bool) -> Self {
        let mut manifests = String::new();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("manifests") {
                manifests.push_str(&read(&entry.path()));
            }
        }
        Self {
            manifests,
            free,
            has_nodes: false,
            hashes: BTreeSet::new(),
            prefixes: BTreeSet::new(),
            present: BTreeMap::new(),
            values: BTreeMap::new(),
            ports: BTreeSet::new(),
            numbered: pattern(r"<(pod|slice|job|hash|rev)\d+>"),
            time: pattern(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"),
            uid: pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
            hash: pattern(r"-([bcdfghjklmnpqrstvwxz2456789]{7,10})\b"),
            token: pattern(r"kube-api-access-[a-z0-9]{5}"),
        }
    }

    /// Takes note of what is there now.
    pub fn learn(&mut self, server: &ApiServer) {
        self.present.clear();
        for (key, object) in server.storage.iter() {
            let metadata = &object["metadata"];
            self.hashes_of(object);
            match key.kind {
                "ReplicaSet" | "ReplicationController" | "DaemonSet" | "Job" => {
                    self.prefixes.insert(format!("{}-", key.name));
                }
                "Pod" | "EndpointSlice" if metadata.has("generateName") => {
                    let word = if key.kind == "Pod" { "pod" } else { "slice" };
                    self.prefixes.insert(metadata.str("generateName").to_owned());
                    self.present.insert(key.name.to_string(), word);
                }
                _ => {}
            }
        }
    }

    fn hashes_of(&mut self, object: &Value) {
        let labels = &object["metadata"]["labels"];
        for label in
            ["pod-template-hash", "controller-revision-hash", "controller.kubernetes.io/hash"]
        {
            let value = labels.str(label);
            let hash = value.rsplit('-').next().unwrap_or_default();
            if hash.len() > 5 && hash.len() < 11 && !self.manifests.contains(hash) {
                self.hashes.insert(hash.to_owned());
            }
        }
    }

    fn text(&self, text: &str) -> String {
        if self.time.is_match(text) && !self.manifests.contains(text) {
            return "<time>".to_owned();
        }
        let mut text = text.replace("(combined from similar events): ", "");
        for hash in &self.hashes {
            text = text.replace(hash, "<hash>");
        }
        text = self.token.replace_all(&text, "kube-api-access-<rand>");
        text = self.numbered.replace_all(&text, "<$1>");
        if let Some(known) = self.values.get(&text) {
            return known.clone();
        }
        text = self.uids(&text);
        if self.free {
            for node in ["node-1", "node-2"] {
                text = text.replace(node, "<node>");
            }
            text = text.replace("<ip:Node/<node>>", "<ip:Node>");
        }
        text
    }

    /// Replaces uids by what they stand for.
    fn uids(&self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(range) = self.uid.captures(rest).and_then(|found| found.get(0)) {
            let uid = rest.get(range.clone()).unwrap_or_default();
            out.push_str(&rest[..range.start]);
            out.push_str(self.values.get(uid).map_or("<uid>", String::as_str));
            rest = &rest[range.end..];
        }
        out + rest
    }

    /// Replaces generated ends of names.
    fn generated(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for prefix in &self.prefixes {
            let mut from = 0;
            while let Some(found) = text.get(from..).and_then(|rest| rest.find(prefix.as_str())) {
                let start = from + found + prefix.len();
                from = start;
                let Some(end) = text.get(start..start + 5) else { continue };
                let letters =
                    end.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte));
                let stops = text.get(start + 5..).is_none_or(|rest| {
                    !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
                });
                if letters && stops {
                    let name = format!("{prefix}{end}");
                    let word = self.present.get(&name).copied().unwrap_or("gone");
                    text.replace_range(start..start + 5, &format!("<{word}>"));
                }
            }
        }
        text
    }

    fn value(&self, value: &Value, own: bool) -> Value {
        match value {
            Value::String(text) if own => self.text(&self.generated(text)).into(),
            Value::String(text) => self.text(text).into(),
            Value::Int(int) if own && self.ports.contains(int) => "<nodePort>".into(),
            Value::List(list) => {
                list.iter().map(|item| self.value(item, own)).collect::<Vec<_>>().into()
            }
            Value::Map(map) => {
                let entries: Map = map
                    .iter()
                    .map(|(key, value)| (self.text(key), self.value(value, own)))
                    .collect();
                entries.into()
            }
            other => other.clone(),
        }
    }

    /// Finds what uids and addresses stand for.
    fn learn_values(&mut self, server: &ApiServer) {
        let listed: Vec<&Value> = server
            .storage
            .iter()
            .map(|(_, object)| object)
            .filter(|one| self.is_listed(one))
            .collect();
        let mut values = BTreeMap::new();
        for (key, object) in server.storage.iter() {
            let name = self.text(&self.generated(&key.name));
            let uid = object["metadata"].str("uid");
            if listed.iter().any(|one| one["metadata"].str("uid") == uid) {
                values.insert(uid.to_owned(), format!("<uid:{}/{name}>", key.kind));
            }
            let (status, spec) = (&object["status"], &object["spec"]);
            match key.kind {
                "Pod" if !spec.bool("hostNetwork") => {
                    values.insert(status.str("podIP").to_owned(), format!("<ip:Pod/{name}>"));
                }
                "Service" if !self.manifests.contains(spec.str("clusterIP")) => {
                    values.insert(spec.str("clusterIP").to_owned(), format!("<ip:Service/{name}>"));
                }
                "Node" => {
                    let text = if self.free {
                        "<ip:Node>".to_owned()
                    } else {
                        format!("<ip:Node/{name}>")
                    };
                    for address in status.list("addresses") {
                        values.insert(address.str("address").to_owned(), text.clone());
                    }
                }
                _ => {}
            }
            for port in spec.list("ports") {
                let port = port.int("nodePort");
                if port != 0 && !self.manifests.contains(&port.to_string()) {
                    self.ports.insert(port);
                }
            }
        }
        values.remove("");
        values.remove("None");
        self.values = values;
    }

    /// False for what recordings leave out.
    fn is_listed(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let (name, namespace) = (metadata.str("name"), metadata.str("namespace"));
        let service = metadata["labels"].str("kubernetes.io/service-name");
        if namespace.starts_with("kube-") {
            return false;
        }
        match object.str("kind") {
            "Event" | "Lease" => false,
            "Node" => self.has_nodes,
            "Namespace" => {
                !["default", "kube-system", "kube-public", "kube-node-lease"].contains(&name)
            }
            "PriorityClass" => !name.starts_with("system-"),
            "ClusterRole" | "ClusterRoleBinding" => {
                metadata["labels"].str("kubernetes.io/bootstrapping").is_empty()
            }
            "ServiceAccount" => name != "default" || namespace != "default",
            "ConfigMap" => name != "kube-root-ca.crt" || namespace != "default",
            "Service" | "Endpoints" => name != "kubernetes",
            "EndpointSlice" => service != "kubernetes",
            _ => true,
        }
    }

    fn prepared(&self, object: &Value, own: bool) -> Value {
        let mut object = object.clone();
        let kind = object.str("kind").to_owned();
        if kind == "Node" {
            object.remove("status");
            let labels = ["podCIDR", "podCIDRs"];
            labels.iter().for_each(|key| drop(object.entry("spec").remove(key)));
        }
        if kind == "Pod" && object["spec"].has("nodeName") {
            object.remove("status");
        }
        let metadata = object.entry("metadata");
        for key in ["uid", "resourceVersion", "creationTimestamp", "managedFields"] {
            metadata.remove(key);
        }
        if kind == "EndpointSlice" {
            metadata.remove("generation");
        }
        for annotation in [
            "kubectl.kubernetes.io/last-applied-configuration",
            "endpoints.kubernetes.io/last-change-trigger-time",
        ] {
            if metadata["annotations"].has(annotation) {
                let annotations = metadata.entry("annotations");
                annotations.remove(annotation);
                if annotations.is_empty() {
                    metadata.remove("annotations");
                }
            }
        }
        let mut object = self.value(&object, own);
        let value = |object: &mut Value, path: &[&str], key: &str, to: &str| {
            if object.at(path).has(key) {
                object.entry_at(path).set(key, to);
            }
        };
        value(&mut object, &["spec", "claimRef"], "resourceVersion", "<resourceVersion>");
        if own && kind == "ConfigMap" && object["data"].has("ca.crt") {
            value(&mut object, &["data"], "ca.crt", "<ca>");
        }
        if own && kind == "Secret" && object["data"].has("token") {
            value(&mut object, &["data"], "ca.crt", "<ca>");
            value(&mut object, &["data"], "token", "<token>");
        }
        sort(&mut object);
        object
    }

    pub fn compare_objects(
        &mut self,
        server: &ApiServer,
        expected: Vec<Value>,
    ) -> Result<(), String> {
        expected.iter().for_each(|object| self.hashes_of(object));
        self.learn_values(server);
        let found: Vec<Value> = server
            .storage
            .iter()
            .filter(|(_, object)| self.is_listed(object))
            .map(|(_, object)| self.prepared(object, true))
            .collect();
        let expected: Vec<Value> =
            expected.iter().map(|object| self.prepared(object, false)).collect();
        let (missing, more) = differences(expected, found);
        report(&missing, &more)
    }

    /// Hashes in events about objects that are gone.
    fn hashes_of_events(&mut self, events: &Value) {
        for event in events.as_list().unwrap_or_default() {
            for text in [event["regarding"].str("name"), event.str("message")] {
                let mut rest = text;
                while let Some(found) = self.hash.captures(rest) {
                    let (Some(all), Some(group)) = (found.get(0), found.get(1)) else { break };
                    let hash = &rest[group];
                    let digits = hash.bytes().filter(u8::is_ascii_digit).count();
                    if digits > 0 && !self.manifests.contains(hash) {
                        self.hashes.insert(hash.to_owned());
                    }
                    rest = &rest[all.end..];
                }
            }
        }
    }

    pub fn compare_events(
        &mut self,
        server: &ApiServer,
        expected: Value,
        partial: bool,
    ) -> Result<(), String> {
        self.hashes_of_events(&expected);
        let mut found: Vec<Value> = Vec::new();
        for (_, event) in server.storage.list("", "Event", "") {
            let about = &event["involvedObject"];
            if about.str("kind") == "Node" || BY_CHANCE.contains(&event.str("reason")) {
                continue;
            }
            let mut one = Value::map();
            for key in ["kind", "namespace", "name"] {
                if about.has(key) {
                    one.entry("regarding").set(key, about[key].clone());
                }
            }
            for (key, from) in [
                ("type", "type"),
                ("reason", "reason"),
                ("message", "message"),
                ("from", "reportingComponent"),
            ] {
                one.set(key, event[from].clone());
            }
            found.push(self.value(&one, true));
        }
        let expected: Vec<Value> = expected
            .as_list()
            .unwrap_or_default()
            .iter()
            .map(|one| self.value(one, false))
            .collect();
        let (expected, found) = (distinct(expected), distinct(found));
        let (missing, more) = differences(expected, found);
        report(&missing, if partial { &[] } else { &more })
    }
}

fn distinct(mut list: Vec<Value>) -> Vec<Value> {
    list.sort_by_key(to_json);
    list.dedup();
    list
}

/// Sorts lists whose order has no meaning.
fn sort(object: &mut Value) {
    let by_json = |list: &mut Value| list.list_mut().sort_by_key(to_json);
    if object["status"].has("conditions") {
        let list = object.entry("status").entry("conditions").list_mut();
        list.sort_by_key(|one| one.str("type").to_owned());
    }
    for key in ["endpoints", "ports"] {
        if object[key].as_list().is_some() {
            by_json(object.entry(key));
        }
    }
    if object["spec"]["taints"].as_list().is_some() {
        for taint in object.entry("spec").items_mut("taints") {
            taint.remove("timeAdded");
        }
        by_json(object.entry("spec").entry("taints"));
    }
    if object["spec"]["tolerations"].as_list().is_some() {
        by_json(object.entry("spec").entry("tolerations"));
    }
    for subset in object.items_mut("subsets") {
        for key in ["addresses", "notReadyAddresses", "ports"] {
            if subset.has(key) {
                by_json(subset.entry(key));
            }
        }
    }
    if object["subsets"].as_list().is_some() {
        by_json(object.entry("subsets"));
    }
}

/// The entries that only one side has.
fn differences(expected: Vec<Value>, mut found: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    let mut missing = Vec::new();
    for object in expected {
        match found.iter().position(|one| *one == object) {
            Some(at) => drop(found.remove(at)),
            None => missing.push(object),
        }
    }
    (missing, found)
}

fn report(missing: &[Value], more: &[Value]) -> Result<(), String> {
    if missing.is_empty() && more.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for object in missing {
        let same = |one: &&Value| {
            one["kind"] == object["kind"] && one["metadata"]["name"] == object["metadata"]["name"]
        };
        match more.iter().find(same).filter(|_| object.has("kind")) {
            Some(found) => {
                let name = object["metadata"].str("name");
                let at = difference(object, found, "").unwrap_or_default();
                text.push_str(&format!("\n      {} {name}: {at}", object.str("kind")));
            }
            None => text.push_str(&format!("\n      lacks {}", shown(object))),
        }
    }
    for object in more {
        let named = missing.iter().any(|one| {
            one["kind"] == object["kind"] && one["metadata"]["name"] == object["metadata"]["name"]
        });
        if !named || !object.has("kind") {
            text.push_str(&format!("\n      has besides {}", shown(object)));
        }
    }
    Err(text)
}

/// The first place at which two objects differ.
fn difference(expected: &Value, found: &Value, path: &str) -> Option<String> {
    match (expected, found) {
        (Value::Map(left), Value::Map(right)) => left.keys().chain(right.keys()).find_map(|key| {
            difference(&expected[&**key], &found[&**key], &format!("{path}.{key}"))
        }),
        (Value::List(left), Value::List(right)) if left.len() == right.len() => left
            .iter()
            .zip(right.iter())
            .find_map(|(left, right)| difference(left, right, &format!("{path}[]"))),
        _ if expected == found => None,
        _ => Some(format!("{path}: expected {}, found {}", shown(expected), shown(found))),
    }
}
