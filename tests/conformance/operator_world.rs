//! The world of the Operator's recordings: an API server, the Operator, and pods that are set to
//! running and ready.

use std::collections::BTreeMap;

use cluster::ApiServer;
use cluster::apiserver::Key;
use cluster::controllers::Controllers;
use kubernetes::object::Value;
use operator::reconcile::{Operator, Synced, WORKLOADS};
use terminal::Output;
use terminal::kubectl::Kubectl;
use terminal::promtool::{Files, run};

pub struct World {
    pub server: ApiServer,
    controllers: Controllers,
    operator: Operator,
    /// Names of objects in the order in which they were applied.
    names: Vec<String>,
    /// The Endpoints of the kubelets are synced within the time of the case.
    kubelets: bool,
}

/// Rounds of syncs until nothing changes.
const ROUNDS: usize = 10;

impl World {
    /// A cluster with the ten definitions and an Operator with the flags of a case.
    pub fn new(case: &Value, flags: &[&str]) -> Self {
        let mut server = ApiServer::new(1_767_225_600, 1);
        let mut controllers = Controllers::default();
        controllers.settle(&mut server);
        let kind = server.kind("apiextensions.k8s.io/v1", "CustomResourceDefinition");
        for definition in operator::schema::definitions() {
            let kind = kind.expect("the kind of definitions");
            server.create(kind, "", definition).expect("the definition is accepted");
        }
        if case.bool("webhook") {
            server.add_webhook(&operator::admission::WEBHOOK);
        }
        let more = case.list("operator_args").iter().filter_map(Value::as_str);
        let flags: Vec<&str> = flags.iter().copied().chain(more).collect();
        let kubelets = flags.iter().any(|flag| flag.starts_with("--kubelet-sync-period"));
        Self { server, controllers, operator: Operator::new(&flags), names: Vec::new(), kubelets }
    }

    pub fn apply(&mut self, text: &str) -> Output {
        let files = |path: &str| (path == "input.yaml").then(|| text.to_owned());
        let mut kubectl = Kubectl::new(&mut self.server, &files, "default");
        let output = kubectl.run(&["apply", "-f", "input.yaml"]);
        self.controllers.settle(&mut self.server);
        output
    }

    /// Workloads are synced in the order in which they were applied.
    pub fn order(&mut self, inputs: &[Value]) {
        let workloads = inputs.iter().filter(|one| WORKLOADS.contains(&one.str("kind")));
        self.names = workloads.map(|one| one["metadata"].str("name").to_owned()).collect();
    }

    /// Runs the Operator until nothing changes. Returns all that it said.
    pub fn settle(&mut self, ready: bool) -> Synced {
        let mut said = Synced::default();
        for _ in 0..ROUNDS {
            let before = self.server.storage.revision();
            let mut keys = self.operator.workloads(&self.server);
            keys.sort_by_key(|key| self.names.iter().position(|name| **name == *key.name));
            for key in keys {
                let synced = self.operator.step(&mut self.server, &key);
                said.events.extend(synced.events);
                said.log.extend(synced.log);
            }
            if self.kubelets {
                self.operator.sync_kubelets(&mut self.server);
            }
            pods_of_sets(&mut self.server, ready);
            if self.server.storage.revision() == before {
                break;
            }
        }
        said
    }
}

/// Makes the pods of all StatefulSets, as the harness of the recordings had them.
fn pods_of_sets(server: &mut ApiServer, ready: bool) {
    let sets: Vec<Value> =
        server.storage.list("apps", "StatefulSet", "").map(|(_, set)| set.clone()).collect();
    for set in sets {
        let metadata = &set["metadata"];
        let (namespace, name) = (metadata.str("namespace"), metadata.str("name"));
        // Admission refuses pods of a class that does not exist.
        let class = set["spec"]["template"]["spec"].str("priorityClassName");
        let is_class = |key: &Key| key.kind == "PriorityClass" && *key.name == *class;
        if !class.is_empty() && !server.storage.iter().any(|(key, _)| is_class(key)) {
            continue;
        }
        for number in 0..set["spec"].int("replicas") {
            let pod_name = format!("{name}-{number}");
            let key = Key {
                kind: "Pod",
                group: "",
                namespace: namespace.into(),
                name: pod_name.as_str().into(),
            };
            if server.storage.contains(&key) {
                continue;
            }
            let mut pod = Value::map();
            pod.set("apiVersion", "v1");
            pod.set("kind", "Pod");
            let own = pod.entry("metadata");
            own.set("name", pod_name);
            own.set("namespace", namespace);
            own.set("labels", set["spec"]["template"]["metadata"]["labels"].clone());
            own.entry("labels").set("controller-revision-hash", "");
            let mut owner = Value::map();
            owner.set("kind", "StatefulSet");
            owner.set("name", name);
            owner.set("uid", metadata.str("uid"));
            own.set("ownerReferences", vec![owner]);
            if ready {
                let status = pod.entry("status");
                status.set("phase", "Running");
                let mut condition = Value::map();
                condition.set("type", "Ready");
                condition.set("status", "True");
                status.set("conditions", vec![condition]);
            }
            server.storage.put(key, pod);
        }
    }
}

/// The exit code of `promtool check config --syntax-only`.
pub fn promtool(name: &str, text: &str) -> i64 {
    let agent = name.ends_with(".prometheus-agent.yaml");
    let object = name.split('.').next().unwrap_or_default();
    let text =
        text.replace("$(POD_NAME)", &format!("prometheus-{object}-0")).replace("$(SHARD)", "0");
    let files = Files::new("/", BTreeMap::from([("/prometheus.yaml".to_owned(), text)]));
    let mut arguments = vec!["check", "config", "--syntax-only"];
    arguments.extend(agent.then_some("--agent"));
    arguments.push("/prometheus.yaml");
    let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
    i64::from(run(&arguments, "", &files, None).exit)
}

/// The exit code of `amtool check-config`.
pub fn amtool(text: &str) -> i64 {
    i64::from(operator::alertmanager::check(text).is_err())
}
