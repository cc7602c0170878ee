//! All objects and events of a cluster at rest, after manifests and commands.
//!
//! The recordings have no real kubelets but a stand-in that follows annotations of pods; `cluster_pods`
//! does the same. So the status of pods with a node is compared to nothing: both sides would be a
//! stand-in's.

use std::path::Path;

use cluster::apiserver::{Key, Propagation};
use cluster::{Cluster, Options};
use conformance::{Tally, read};
use kubernetes::object::{Value, from_yaml, to_json};
use terminal::kubectl::Kubectl;
use text::FileId;

use crate::cluster_names::Names;
use crate::cluster_pods::Pods;

const START: i64 = 1_767_225_600_000;
/// Milliseconds without a change after which a cluster is at rest.
const REST: i64 = 5000;
/// The same where autoscalers are, which look every 15 seconds.
const REST_OF_AUTOSCALERS: i64 = 17_000;
/// Milliseconds after which a cluster that does not come to rest is read anyway.
const LONGEST: i64 = 60_000;

pub fn run(folder: &Path, tally: &mut Tally) {
    for case in conformance::folders(folder) {
        tally.case(&conformance::file_name(&case), || compare(&case));
    }
}

fn documents(path: &Path) -> Vec<Value> {
    let parsed = yaml::parse(FileId(0), &read(path));
    let documents = parsed.documents.iter().filter_map(|document| from_yaml(&document.root).ok());
    documents.filter(|document| !document.is_null()).collect()
}

/// A cluster with the stand-in for its kubelets.
struct World<'a> {
    folder: &'a Path,
    cluster: Cluster,
    pods: Pods,
    names: Names,
    quiet: i64,
}

fn compare(folder: &Path) -> Result<(), String> {
    let case = documents(&folder.join("case.yaml")).pop().unwrap_or_default();
    let mut world = World {
        folder,
        cluster: Cluster::new(Options { now: START, seed: 1 }),
        pods: Pods::default(),
        quiet: if case.str("topic") == "hpa" { REST_OF_AUTOSCALERS } else { REST },
        names: Names::new(folder, case.str("placement") == "free"),
    };
    world.names.has_nodes = folder.join("nodes.yaml").is_file();
    world.cluster.server.add_kubernetes_service();
    world.add_nodes();
    world.rest();
    world.kubectl("apply -f manifests.yaml")?;
    world.rest();
    for step in case.list("then") {
        if step.has("apply") {
            world.kubectl(&format!("apply -f {}", step.str("apply")))?;
        } else if step.has("kubectl") {
            world.kubectl(step.str("kubectl"))?;
        }
        world.rest();
    }
    world.names.learn(&world.cluster.server);
    let expected = documents(&folder.join("objects.yaml"));
    world.names.compare_objects(&world.cluster.server, expected)?;
    let events = documents(&folder.join("events.yaml")).pop().unwrap_or_default();
    let partial = case.str("events") == "partial";
    world.names.compare_events(&world.cluster.server, events, partial)
}

impl World<'_> {
    fn add_nodes(&mut self) {
        let mut nodes = documents(&self.folder.join("nodes.yaml"));
        if nodes.is_empty() {
            for name in ["node-1", "node-2"] {
                let mut node = Value::map();
                node.entry("metadata").set("name", name);
                nodes.push(node);
            }
        }
        for node in nodes {
            self.pods.add_node(&mut self.cluster, node);
        }
    }

    /// Lets time pass until nothing has changed for five seconds.
    fn rest(&mut self) {
        let start = self.cluster.now();
        let mut changed = start;
        let mut revision = self.pods.revision(&self.cluster);
        loop {
            self.pods.act(&mut self.cluster);
            self.names.learn(&self.cluster.server);
            let now = self.pods.revision(&self.cluster);
            if now != revision {
                (revision, changed) = (now, self.cluster.now());
            }
            let quiet = changed + self.quiet;
            let next = [self.cluster.next_time(), self.pods.next()].into_iter().flatten().min();
            let at = next.unwrap_or(quiet).min(quiet).min(start + LONGEST);
            if at >= quiet || at >= start + LONGEST {
                self.cluster.advance(at);
                return;
            }
            self.cluster.advance(at);
        }
    }

    fn kubectl(&mut self, command: &str) -> Result<(), String> {
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["delete", rest @ ..] => self.delete(rest),
            ["cordon", node] => self.cordon(node),
            ["taint", "node", node, taint] => self.taint(node, taint),
            ["drain", node, ..] => self.drain(node),
            ["create", "job", name, from] => return self.create_job(name, from),
            ["label", kind, "-l", selector, rest @ ..] => {
                for key in self.selected(kind, selector) {
                    let mut words = vec!["label", kind, &key.name];
                    words.extend(rest);
                    self.run(&words)?;
                }
            }
            words => return self.run(words),
        }
        Ok(())
    }

    fn run(&mut self, words: &[&str]) -> Result<(), String> {
        let folder = self.folder;
        let files = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
        let server = &mut self.cluster.server;
        let output = Kubectl::new(server, &files, "default").run(words);
        self.cluster.server.set_manager("");
        // Refusals are part of some cases; a command that does not exist is a gap of ours.
        match output.stderr.contains("unknown command") {
            true => Err(output.stderr),
            false => Ok(()),
        }
    }

    fn selected(&self, kind: &str, selector: &str) -> Vec<Key> {
        let Some(row) = self.cluster.server.kind_named(kind) else { return Vec::new() };
        let (label, value) = selector.split_once('=').unwrap_or((selector, ""));
        let all = self.cluster.server.storage.list(row.group, row.kind, "default");
        all.filter(|(_, object)| object["metadata"]["labels"].str(label) == value)
            .map(|(key, _)| key.clone())
            .collect()
    }

    fn delete(&mut self, words: &[&str]) {
        let propagation = if words.contains(&"--cascade=orphan") {
            Propagation::Orphan
        } else if words.contains(&"--cascade=foreground") {
            Propagation::Foreground
        } else {
            Propagation::Background
        };
        let Some(row) = words.first().and_then(|kind| self.cluster.server.kind_named(kind)) else {
            return;
        };
        let names: Vec<String> = match words.get(1..3) {
            Some(["-l", selector]) => {
                let keys = self.selected(words[0], selector);
                keys.iter().map(|key| key.name.to_string()).collect()
            }
            _ => words.get(1).map(|name| (*name).to_owned()).into_iter().collect(),
        };
        for name in names {
            let _ = self.cluster.server.delete(row, "default", &name, propagation);
        }
    }

    fn change_node(&mut self, name: &str, change: impl FnOnce(&mut Value)) {
        let key = Key { kind: "Node", group: "", namespace: "".into(), name: name.into() };
        if let Some(mut node) = self.cluster.server.storage.get(&key).cloned() {
            change(&mut node);
            self.cluster.server.write(&key, node);
        }
    }

    fn cordon(&mut self, name: &str) {
        self.change_node(name, |node| node.entry("spec").set("unschedulable", true));
    }

    fn taint(&mut self, name: &str, text: &str) {
        let (pair, effect) = text.split_once(':').unwrap_or((text, ""));
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let mut taint = Value::map();
        for (field, text) in [("key", key), ("value", value), ("effect", effect)] {
            taint.set(field, text);
        }
        self.change_node(name, |node| {
            node.entry("spec").entry("taints").list_mut().push(taint);
        });
    }

    /// Evicts the pods of a node as kubectl does, for at most twenty seconds.
    fn drain(&mut self, name: &str) {
        self.cordon(name);
        for _ in 0..4 {
            let pods: Vec<Key> = self
                .cluster
                .server
                .storage
                .list("", "Pod", "")
                .filter(|(_, pod)| {
                    let owner = pod["metadata"].list("ownerReferences").first();
                    pod["spec"].str("nodeName") == name
                        && owner.is_none_or(|owner| owner.str("kind") != "DaemonSet")
                        && !pod["metadata"].has("deletionTimestamp")
                })
                .map(|(key, _)| key.clone())
                .collect();
            for key in pods {
                let _ = self.cluster.server.evict(&key.namespace, &key.name);
            }
            self.rest();
        }
    }

    fn create_job(&mut self, name: &str, from: &str) -> Result<(), String> {
        let cron = from.rsplit('/').next().unwrap_or_default();
        let key =
            Key { kind: "CronJob", group: "batch", namespace: "default".into(), name: cron.into() };
        let server = &mut self.cluster.server;
        let cron = server.storage.get(&key).cloned().ok_or("no such CronJob")?;
        let mut job = cron["spec"]["jobTemplate"].clone();
        job.set("apiVersion", "batch/v1");
        job.set("kind", "Job");
        let metadata = job.entry("metadata");
        metadata.set("name", name);
        metadata.entry("annotations").set("cronjob.kubernetes.io/instantiate", "manual");
        let mut owner = Value::map();
        owner.set("apiVersion", "batch/v1");
        owner.set("kind", "CronJob");
        owner.set("name", cron["metadata"].str("name"));
        owner.set("uid", cron["metadata"].str("uid"));
        owner.set("controller", true);
        metadata.set("ownerReferences", vec![owner]);
        let row = server.kind("batch/v1", "Job").ok_or("no such kind")?;
        server.create(row, "default", &job).map(|_| ()).map_err(|status| status.message)
    }
}

/// An object for a message.
pub fn shown(object: &Value) -> String {
    to_json(object)
}
