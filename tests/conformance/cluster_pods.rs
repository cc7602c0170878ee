//! The stand-in for kubelets of the `cluster` data: pods do what their annotations say.

use std::collections::BTreeMap;

use cluster::Cluster;
use cluster::apiserver::Key;
use cluster::controllers::objects::set_condition;
use kubernetes::object::{Map, Value, parse_json};

/// Changes made to pods, and the time of the next change.
#[derive(Default)]
pub struct Pods {
    /// By uid: the last stage, and when the next one comes.
    stages: BTreeMap<String, (Stage, i64)>,
    addresses: i64,
    failed_owners: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Running,
    Done,
    Ending,
}

fn millis(text: &str) -> i64 {
    let (number, factor) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60_000),
        None => (text.trim_end_matches('s'), 1000),
    };
    number.parse::<i64>().unwrap_or_default() * factor
}

impl Pods {
    /// The revision of the last change of an object other than an event.
    pub fn revision(&self, cluster: &Cluster) -> u64 {
        let revision = |object: &Value| {
            object["metadata"].str("resourceVersion").parse::<u64>().unwrap_or_default()
        };
        let objects = cluster.server.storage.iter().filter(|(key, _)| key.kind != "Event");
        let (mut highest, mut count) = (0, 0);
        for (_, object) in objects {
            highest = highest.max(revision(object));
            count += 1;
        }
        highest * 100_000 + count
    }

    pub fn next(&self) -> Option<i64> {
        let waiting = self.stages.values().filter(|(stage, _)| *stage != Stage::Done);
        waiting.map(|(_, at)| *at).min()
    }

    pub fn add_node(&mut self, cluster: &mut Cluster, node: Value) {
        let name = node["metadata"].str("name").to_owned();
        let annotations = node["metadata"]["annotations"].clone();
        let mut capacity: Map = [
            ("cpu", Value::from("2")),
            ("ephemeral-storage", Value::from("50Gi")),
            ("memory", Value::from("4Gi")),
            ("pods", Value::from("110")),
        ]
        .into_iter()
        .collect();
        for pair in annotations.str("sim/capacity").split(',') {
            if let Some((resource, amount)) = pair.split_once('=') {
                capacity.insert(resource, amount.into());
            }
        }
        let ready = if annotations.str("sim/not-ready") == "true" { "False" } else { "True" };
        self.addresses += 1;
        let address = format!("192.168.49.{}", self.addresses + 1);
        let Some(row) = cluster.server.kind("v1", "Node") else { return };
        let mut object = node;
        object.set("apiVersion", "v1");
        object.set("kind", "Node");
        let labels = object.entry("metadata").entry("labels");
        for (label, value) in [
            ("beta.kubernetes.io/arch", "amd64"),
            ("beta.kubernetes.io/os", "linux"),
            ("kubernetes.io/arch", "amd64"),
            ("kubernetes.io/hostname", &*name),
            ("kubernetes.io/os", "linux"),
        ] {
            labels.set(label, value);
        }
        if cluster.server.create(row, "", &object).is_err() {
            return;
        }
        let key = Key { kind: "Node", group: "", namespace: "".into(), name: name.as_str().into() };
        let Some(mut node) = cluster.server.storage.get(&key).cloned() else { return };
        let status = node.entry("status");
        status.set("capacity", capacity.clone());
        status.set("allocatable", capacity);
        let addresses = format!(r#"[{{"type":"InternalIP","address":"{address}"}}]"#);
        status.set("addresses", parse_json(&addresses).unwrap_or_default());
        let conditions = format!(r#"[{{"type":"Ready","status":"{ready}"}}]"#);
        status.set("conditions", parse_json(&conditions).unwrap_or_default());
        cluster.server.write(&key, node);
    }

    /// Does what is due now.
    pub fn act(&mut self, cluster: &mut Cluster) {
        let now = cluster.now();
        let pods: Vec<(Key, Value)> = cluster
            .server
            .storage
            .list("", "Pod", "")
            .filter(|(_, pod)| !pod["spec"].str("nodeName").is_empty())
            .map(|(key, pod)| (key.clone(), pod.clone()))
            .collect();
        self.stages.retain(|uid, _| pods.iter().any(|(_, pod)| pod["metadata"].str("uid") == uid));
        for (key, pod) in pods {
            let uid = pod["metadata"].str("uid").to_owned();
            let stage = self.stages.get(&uid).copied();
            if pod["metadata"].has("deletionTimestamp") {
                self.end(cluster, &key, pod, stage, now);
                continue;
            }
            match stage {
                None => {
                    let next = self.start(cluster, &key, pod);
                    let entry =
                        next.map_or((Stage::Done, 0), |after| (Stage::Running, now + after));
                    self.stages.insert(uid, entry);
                }
                Some((Stage::Running, at)) if at <= now => {
                    self.later(cluster, &key, pod);
                    self.stages.insert(uid, (Stage::Done, 0));
                }
                _ => {}
            }
        }
    }

    /// A deleted pod fails, then it is removed.
    fn end(
        &mut self,
        cluster: &mut Cluster,
        key: &Key,
        pod: Value,
        stage: Option<(Stage, i64)>,
        now: i64,
    ) {
        let uid = pod["metadata"].str("uid").to_owned();
        let wait = match pod["metadata"]["annotations"].str("sim/terminate-after") {
            "" => 200,
            text => millis(text),
        };
        match stage {
            Some((Stage::Ending, at)) if at <= now => {
                let mut pod = pod;
                if !matches!(pod["status"].str("phase"), "Succeeded" | "Failed") {
                    set_phase(&mut pod, "Failed", &cluster.server.timestamp());
                    cluster.server.write(key, pod);
                }
                let Some(row) = cluster.server.row_of(key) else { return };
                let _ = cluster.server.delete_with(
                    row,
                    &key.namespace,
                    &key.name,
                    Default::default(),
                    Some(0),
                );
                self.stages.insert(uid, (Stage::Done, 0));
            }
            Some((Stage::Ending | Stage::Done, _))
                if stage.is_some_and(|(one, _)| one == Stage::Ending) => {}
            _ => {
                self.stages.insert(uid, (Stage::Ending, now + wait));
            }
        }
    }

    /// Gives a pod its first status. Returns when there is more to do.
    fn start(&mut self, cluster: &mut Cluster, key: &Key, mut pod: Value) -> Option<i64> {
        let time = cluster.server.timestamp();
        let node = Key {
            kind: "Node",
            group: "",
            namespace: "".into(),
            name: pod["spec"].str("nodeName").into(),
        };
        let host = cluster
            .server
            .storage
            .get(&node)
            .and_then(|node| node["status"].list("addresses").first().cloned())
            .map(|address| address.str("address").to_owned())
            .unwrap_or_default();
        self.addresses += 1;
        let address = if pod["spec"].bool("hostNetwork") {
            host.clone()
        } else {
            format!("10.244.{}.{}", self.addresses / 250, self.addresses % 250 + 2)
        };
        let status = pod.entry("status");
        status.set("podIP", &*address);
        let mut one = Value::map();
        one.set("ip", &*address);
        status.set("podIPs", vec![one]);
        status.set("hostIP", host);
        status.set("startTime", &*time);
        let (phase, ready, after) = self.plan(&pod);
        let gates_open = pod["spec"].list("readinessGates").iter().all(|gate| {
            cluster::controllers::objects::is_condition_true(&pod, gate.str("conditionType"))
        });
        set_phase(&mut pod, phase, &time);
        set_ready(&mut pod, ready && gates_open, &time);
        cluster.server.write(key, pod);
        after
    }

    /// The phase of a new pod, whether it is ready, and when there is more to do.
    fn plan(&mut self, pod: &Value) -> (&'static str, bool, Option<i64>) {
        let annotations = &pod["metadata"]["annotations"];
        let index = annotations.str("batch.kubernetes.io/job-completion-index");
        let listed = |name: &str| {
            let text = annotations.str(name);
            !text.is_empty() && text.split(',').any(|one| one == index)
        };
        let owner =
            pod["metadata"].list("ownerReferences").first().map(|one| one.str("uid").to_owned());
        let first = owner.is_some_and(|uid| {
            !annotations.str("sim/fail-first").is_empty() && {
                let new = !self.failed_owners.contains(&uid);
                self.failed_owners.push(uid);
                new
            }
        });
        let completes = annotations.str("sim/complete-after");
        let heeds =
            annotations.str("sim/complete-indexes").is_empty() || listed("sim/complete-indexes");
        if !annotations.str("sim/fail").is_empty() || first || listed("sim/fail-indexes") {
            ("Failed", false, None)
        } else if !annotations.str("sim/image-missing").is_empty() {
            ("Pending", false, None)
        } else if !completes.is_empty() && heeds {
            ("Running", true, Some(millis(completes)))
        } else if !annotations.str("sim/never-ready").is_empty()
            || !annotations.str("sim/crash-loop").is_empty()
        {
            ("Running", false, None)
        } else if !annotations.str("sim/ready-after").is_empty() {
            ("Running", false, Some(millis(annotations.str("sim/ready-after"))))
        } else {
            ("Running", true, None)
        }
    }

    fn later(&mut self, cluster: &mut Cluster, key: &Key, mut pod: Value) {
        let time = cluster.server.timestamp();
        if pod["metadata"]["annotations"].str("sim/complete-after").is_empty() {
            set_ready(&mut pod, true, &time);
        } else {
            set_phase(&mut pod, "Succeeded", &time);
            set_ready(&mut pod, false, &time);
        }
        cluster.server.write(key, pod);
    }
}

fn set_phase(pod: &mut Value, phase: &str, time: &str) {
    let containers: Vec<Value> = pod["spec"]
        .list("containers")
        .iter()
        .map(|container| {
            let mut status = Value::map();
            status.set("name", container.str("name"));
            if matches!(phase, "Succeeded" | "Failed") {
                status.entry_at(&["state", "terminated"]).set("finishedAt", time);
            }
            status
        })
        .collect();
    let status = pod.entry("status");
    status.set("phase", phase);
    status.set("containerStatuses", containers);
    if phase == "Failed" {
        set_ready(pod, false, time);
    }
}

fn set_ready(pod: &mut Value, ready: bool, time: &str) {
    let value = if ready { "True" } else { "False" };
    let mut condition = Value::map();
    condition.set("type", "Ready");
    condition.set("status", value);
    condition.set("lastTransitionTime", time);
    set_condition(pod.entry("status").entry("conditions"), condition);
}
