//! Names and addresses that a cluster chose, as the recordings of `system` write them.

use std::collections::{BTreeMap, BTreeSet};

use cluster::ApiServer;
use conformance::list;
use go::Regex;
use kubernetes::object::Value as Object;
use serde_json::Value;

/// The most numberings that are tried.
const MOST_NUMBERINGS: usize = 400;

/// Replaces the names of pods in a value.
type Renaming<'a> = &'a dyn Fn(&Value) -> Value;

/// What was seen of a cluster.
#[derive(Default)]
pub struct Names {
    /// ReplicaSets of each Deployment in the order of their creation: name and hash.
    sets: BTreeMap<(String, String), Vec<(String, String)>>,
    /// Pods with generated names: by the placeholder of their owner, name and address.
    pods: BTreeMap<String, Vec<(String, String)>>,
    /// Addresses of pods whose names are given.
    addresses: BTreeMap<String, String>,
    /// EndpointSlices of each Service.
    slices: BTreeMap<(String, String), Vec<String>>,
    services: BTreeMap<String, String>,
    uids: BTreeSet<String>,
    revisions: BTreeSet<String>,
}

fn key_of(object: &Object) -> (String, String) {
    let metadata = &object["metadata"];
    (metadata.str("namespace").to_owned(), metadata.str("name").to_owned())
}

/// The last number of an address.
fn number(address: &str) -> Vec<u32> {
    address.split('.').filter_map(|part| part.parse().ok()).collect()
}

impl Names {
    /// The revisions of the objects whose changes count as unrest.
    pub fn moving(&self, server: &ApiServer) -> String {
        let kinds = [("", "Pod"), ("", "Service"), ("discovery.k8s.io", "EndpointSlice")];
        let objects = kinds.iter().flat_map(|(group, kind)| server.storage.list(group, kind, ""));
        objects
            .map(|(_, object)| object["metadata"].str("resourceVersion"))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Notes what a cluster has now.
    pub fn learn(&mut self, server: &ApiServer) {
        for (_, object) in server.storage.iter() {
            self.uids.insert(object["metadata"].str("uid").to_owned());
        }
        for (_, set) in server.storage.list("apps", "ReplicaSet", "") {
            let (namespace, name) = key_of(set);
            let hash = set["metadata"]["labels"].str("pod-template-hash").to_owned();
            let owner = set["metadata"].list("ownerReferences").first();
            let Some(owner) = owner else { continue };
            let sets = self.sets.entry((namespace, owner.str("name").to_owned())).or_default();
            if !sets.iter().any(|(known, _)| *known == name) {
                sets.push((name, hash));
            }
        }
        for (_, pod) in server.storage.list("", "Pod", "") {
            self.learn_pod(pod);
        }
        for (_, slice) in server.storage.list("discovery.k8s.io", "EndpointSlice", "") {
            let (namespace, name) = key_of(slice);
            let service = slice["metadata"]["labels"].str("kubernetes.io/service-name").to_owned();
            let generated = !slice["metadata"].str("generateName").is_empty();
            let slices = self.slices.entry((namespace, service)).or_default();
            if generated && !slices.contains(&name) {
                slices.push(name);
            }
        }
        for (_, service) in server.storage.list("", "Service", "") {
            let address = service["spec"].str("clusterIP");
            let (_, name) = key_of(service);
            if !address.is_empty() && address != "None" && name != "kubernetes" {
                self.services.insert(address.to_owned(), name);
            }
        }
    }

    fn learn_pod(&mut self, pod: &Object) {
        let (namespace, name) = key_of(pod);
        let address = pod["status"].str("podIP").to_owned();
        let revision = pod["metadata"]["labels"].str("controller-revision-hash");
        if !revision.is_empty() {
            self.revisions.insert(revision.to_owned());
        }
        if pod["spec"].bool("hostNetwork") {
            self.note_pod(pod, &namespace, name, String::new());
        } else if !address.is_empty() {
            self.note_pod(pod, &namespace, name, address);
        }
    }

    fn note_pod(&mut self, pod: &Object, namespace: &str, name: String, address: String) {
        let owner = pod["metadata"].list("ownerReferences").first();
        let owned = owner.map(|owner| (owner.str("kind"), owner.str("name")));
        let prefix = match owned {
            Some(("ReplicaSet", set)) => self.set_placeholder(namespace, set),
            Some(("DaemonSet" | "Job", owner)) => owner.to_owned(),
            _ => {
                self.addresses.insert(address, name);
                return;
            }
        };
        let pods = self.pods.entry(prefix).or_default();
        match pods.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = address,
            None => pods.push((name, address)),
        }
    }

    /// `web-<hash1>` for the name of a ReplicaSet.
    fn set_placeholder(&self, namespace: &str, name: &str) -> String {
        for ((of, deployment), sets) in &self.sets {
            if let Some(at) = sets.iter().position(|(set, _)| set == name)
                && of == namespace
            {
                return format!("{deployment}-<hash{}>", at + 1);
            }
        }
        name.to_owned()
    }

    fn replacements(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for ((_, deployment), sets) in &self.sets {
            for (at, (name, hash)) in sets.iter().enumerate() {
                all.push((name.clone(), format!("{deployment}-<hash{}>", at + 1)));
                all.push((hash.clone(), format!("<hash{}>", at + 1)));
            }
        }
        for (prefix, pods) in &self.pods {
            let mut sorted: Vec<&(String, String)> = pods.iter().collect();
            sorted.sort_by_key(|(_, address)| number(address));
            for (at, (name, address)) in sorted.into_iter().enumerate() {
                let placeholder = format!("{prefix}-<pod{}>", at + 1);
                all.push((name.clone(), placeholder.clone()));
                all.push((address.clone(), format!("<podIP:{placeholder}>")));
            }
        }
        let addresses = self.addresses.iter();
        all.extend(addresses.map(|(ip, name)| (ip.clone(), format!("<podIP:{name}>"))));
        for ((_, service), names) in &self.slices {
            for (at, name) in names.iter().enumerate() {
                all.push((name.clone(), format!("{service}-<slice{}>", at + 1)));
            }
        }
        let services = self.services.iter();
        all.extend(services.map(|(ip, name)| (ip.clone(), format!("<clusterIP:{name}>"))));
        all.extend(self.uids.iter().map(|uid| (uid.clone(), "<uid>".to_owned())));
        all.extend(self.revisions.iter().map(|one| (one.clone(), "<revision>".to_owned())));
        all.retain(|(text, _)| !text.is_empty());
        all.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        all
    }

    /// A value with placeholders.
    pub fn write(&self, value: &Value) -> Value {
        let text = value.to_string();
        let replacements = self.replacements();
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        'text: while let Some(c) = rest.chars().next() {
            // What is replaced begins and ends where a word does.
            let inside = out.chars().last().is_some_and(|before| before.is_ascii_alphanumeric());
            if !inside {
                for (name, placeholder) in &replacements {
                    let Some(behind) = rest.strip_prefix(name.as_str()) else { continue };
                    let ends = !behind.starts_with(|c: char| c.is_ascii_alphanumeric());
                    if ends {
                        out.push_str(placeholder);
                        rest = behind;
                        continue 'text;
                    }
                }
            }
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        let pattern = |text: &str| Regex::unanchored(text).expect("the pattern is well formed");
        let out = pattern("containerd://[0-9a-f]+").replace_all(&out, "<containerID>");
        let time = pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z");
        let out = time.replace_all(&out, "<time>");
        let mut value: Value = serde_json::from_str(&out).unwrap_or_default();
        leave_out(&mut value);
        value
    }

    /// The differences under the numbering of pods that has the fewest.
    pub fn best_numbering(&self, differs: &dyn Fn(Renaming<'_>) -> Vec<String>) -> Vec<String> {
        let mut best = differs(&|value: &Value| value.clone());
        if best.is_empty() {
            return best;
        }
        let groups: Vec<(String, usize)> = self
            .pods
            .iter()
            .filter(|(_, pods)| (2..=4).contains(&pods.len()))
            .map(|(prefix, pods)| (prefix.clone(), pods.len()))
            .collect();
        let mut numberings: Vec<Vec<(String, Vec<usize>)>> = vec![Vec::new()];
        for (prefix, count) in groups {
            let with = numberings.iter().flat_map(|one| {
                permutations(count).into_iter().map(|order| {
                    let mut one = one.clone();
                    one.push((prefix.clone(), order));
                    one
                })
            });
            numberings = with.take(MOST_NUMBERINGS).collect();
        }
        for numbering in numberings {
            let wrong = differs(&|value: &Value| renumbered(value, &numbering));
            if wrong.len() < best.len() {
                best = wrong;
            }
        }
        best
    }
}

fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = permutations(count - 1);
    let longer = shorter.iter().flat_map(|one| {
        (0..count).map(move |at| {
            let mut one = one.clone();
            one.insert(at, count);
            one
        })
    });
    longer.collect()
}

fn renumbered(value: &Value, numbering: &[(String, Vec<usize>)]) -> Value {
    let mut text = value.to_string();
    for (prefix, order) in numbering {
        for (at, number) in order.iter().enumerate() {
            text = text
                .replace(&format!("{prefix}-<pod{}>", at + 1), &format!("{prefix}-<POD{number}>"));
        }
    }
    serde_json::from_str(&text.replace("<POD", "<pod")).unwrap_or_default()
}

/// Labels that depend on timing.
const BY_CHANCE: &str = "endpoints_kubernetes_io_last_change_trigger_time";

fn leave_out(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !key.ends_with(BY_CHANCE));
            fields.iter_mut().for_each(|(_, value)| leave_out(value));
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out),
        _ => {}
    }
}

/// The differences of two target tables.
pub fn differences(found: &Value, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for what in ["active", "dropped"] {
        let mut left = list(&found[what]).to_vec();
        for wanted in list(&expected[what]) {
            match left.iter().position(|one| same_target(one, wanted)) {
                Some(at) => drop(left.swap_remove(at)),
                None => wrong.push(format!("{what} lacks {}", difference(&left, wanted))),
            }
        }
        wrong.extend(left.iter().map(|one| {
            format!(
                "{what} has {} {} besides",
                one["scrapePool"], one["discoveredLabels"]["__address__"]
            )
        }));
    }
    wrong
}

fn same_target(found: &Value, expected: &Value) -> bool {
    let hidden = list(&expected["discoveredLabelsNotInEveryRun"]);
    expected.as_object().into_iter().flatten().all(|(key, value)| match key.as_str() {
        "discoveredLabelsNotInEveryRun" => true,
        "discoveredLabels" if !hidden.is_empty() => {
            let mut own = found[key].clone();
            if let Some(labels) = own.as_object_mut() {
                labels.retain(|name, _| !hidden.iter().any(|one| one == name));
            }
            own == *value
        }
        _ => found[key] == *value,
    })
}

/// A target, and how the one that is most like it differs.
fn difference(found: &[Value], wanted: &Value) -> String {
    let shown = format!("{} {}", wanted["scrapePool"], wanted["discoveredLabels"]["__address__"]);
    let differing = |own: &Value| -> Vec<String> {
        let mut all = Vec::new();
        for (key, value) in wanted.as_object().into_iter().flatten() {
            if own[key] == *value {
                continue;
            }
            let (Some(labels), Some(own)) = (value.as_object(), own[key].as_object()) else {
                all.push(format!("{key} {} instead of {value}", own[key]));
                continue;
            };
            let names: BTreeSet<&String> = labels.keys().chain(own.keys()).collect();
            for name in names.into_iter().filter(|name| labels.get(*name) != own.get(*name)) {
                let text = |labels: &serde_json::Map<String, Value>| {
                    labels.get(name).map_or("nothing".to_owned(), Value::to_string)
                };
                all.push(format!("{name} {} instead of {}", text(own), text(labels)));
            }
        }
        all
    };
    match found.iter().map(differing).min_by_key(Vec::len) {
        Some(least) => format!("{shown}: {}", least.join(", ")),
        None => shown,
    }
}
