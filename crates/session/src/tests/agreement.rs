//! The world in simulated time and the derivation of the session agree: a fresh world with the stored
//! objects of a text settles in the state that the session derives from the text.
//!
//! Left out of the comparison, because they are chosen at random: names of pods, addresses. A
//! container that ends again and again is shown as `CrashLoopBackOff` at any moment. Metrics of the
//! cluster's components and of Prometheus itself are not compared: see [`COMPONENTS`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::driver::{Driver, workspace};
use crate::analysis::Analysis;
use crate::analysis::apply::Applier;
use crate::analysis::programs;
use crate::workspace::sources::Sources;
use ::world::{Settled, World};
use cluster::Options;
use kubernetes::columns::POD;
use kubernetes::object::Value;
use kubernetes::objects::PodStatus;
use promql::METRIC_NAME;
use protocol::Workspace;
use scenarios::SCENARIOS;
use simulation::world::{Reach, TargetSpec};

const START: i64 = 1_767_225_600_000;

/// Counts of equal lines.
type Counts = BTreeMap<String, usize>;

fn count(lines: impl IntoIterator<Item = String>) -> Counts {
    let mut counts = Counts::new();
    lines.into_iter().for_each(|line| *counts.entry(line).or_default() += 1);
    counts
}

/// What is compared.
#[derive(Debug, Default, PartialEq)]
struct Summary {
    /// Namespace, owner, readiness and status of each pod.
    pods: Counts,
    /// Service, port and readiness of each endpoint.
    endpoints: Counts,
    /// Job, URL, labels, health and error of each target.
    targets: Counts,
    /// Job and name of each metric.
    metrics: Counts,
}

/// Replaces names and addresses of pods by their owners.
#[derive(Default)]
struct Names(Vec<(String, String)>);

impl Names {
    fn add_service(&mut self, service: &str, address: &str) {
        if address.starts_with("10.") {
            self.0.push((address.to_owned(), format!("<Service {service}>")));
        }
    }

    fn add(&mut self, owner: &str, name: &str, address: &str) {
        self.0.push((name.to_owned(), format!("<{owner}>")));
        if !address.is_empty() && !address.starts_with("192.168.") {
            self.0.push((address.to_owned(), format!("<{owner}>")));
        }
    }

    /// Longer names are replaced first.
    fn sorted(mut self) -> Self {
        self.0.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        self
    }

    fn apply(&self, text: &str) -> String {
        let known = |text: String, (name, owner): &(String, String)| text.replace(name, owner);
        self.0.iter().fold(text.to_owned(), known)
    }
}

fn status(status: &str) -> &str {
    match status {
        "Error" | "CrashLoopBackOff" => "CrashLoopBackOff",
        status => status,
    }
}

/// The world of the stored objects, settled.
fn settled(sources: &Sources, analysis: &Analysis) -> Settled {
    let mut applier = Applier::default();
    applier.run(sources);
    let server = applier.cluster().expect("a state after a run").server.clone();
    let catalog = Arc::new(programs::catalog(sources, analysis.scenario));
    World::fresh(server, catalog, Options { now: START, seed: 1 }).settled()
}

/// The workload at the top of an object's owners: `Deployment shop/web`.
fn owner(world: &World, object: &Value) -> String {
    let metadata = &object["metadata"];
    let namespace = metadata.str("namespace");
    let Some(reference) = metadata.list("ownerReferences").first() else {
        return format!("{} {namespace}/{}", object.str("kind"), metadata.str("name"));
    };
    let (kind, name) = (reference.str("kind"), reference.str("name"));
    let group = if kind == "Job" { "batch" } else { "apps" };
    let storage = &world.cluster.server.storage;
    let group = if kind == "ReplicationController" { "" } else { group };
    let kinds = ["ReplicaSet", "Job", "StatefulSet", "DaemonSet", "CronJob", "Deployment"];
    let found = kinds.into_iter().find(|one| *one == kind).and_then(|kind| {
        let mut all = storage.list(group, kind, namespace);
        all.find(|(key, _)| *key.name == *name).map(|(_, object)| object.clone())
    });
    found.map_or_else(|| format!("{kind} {namespace}/{name}"), |found| owner(world, &found))
}

fn of_world(world: &World, instance: Option<String>) -> (Summary, Names) {
    let mut summary = Summary::default();
    let mut names = Names::default();
    let storage = &world.cluster.server.storage;
    let now = world.now().div_euclid(1000);
    let shown = POD.iter().find(|column| column.name == "STATUS").expect("a column").cell;
    let mut lines = Vec::new();
    for (_, pod) in storage.list("", "Pod", "") {
        let owner = owner(world, pod);
        names.add(&owner, pod["metadata"].str("name"), pod["status"].str("podIP"));
        let mut conditions = pod["status"].list("conditions").iter();
        let ready = conditions.any(|one| one.str("type") == "Ready" && one.str("status") == "True");
        lines.push(format!("{owner} {ready} {}", status(&shown(pod, now))));
    }
    summary.pods = count(lines);
    let mut lines = Vec::new();
    for (_, endpoints) in storage.list("", "Endpoints", "") {
        let metadata = &endpoints["metadata"];
        let service = format!("{}/{}", metadata.str("namespace"), metadata.str("name"));
        for subset in endpoints.list("subsets") {
            for port in subset.list("ports") {
                let (name, port) = (port.str("name"), port.int("port"));
                for (field, ready) in [("addresses", true), ("notReadyAddresses", false)] {
                    let addresses = subset.list(field).iter();
                    lines.extend(addresses.map(|_| format!("{service} {name} {port} {ready}")));
                }
            }
        }
    }
    summary.endpoints = count(lines);
    for (key, service) in storage.list("", "Service", "") {
        let name = format!("{}/{}", key.namespace, key.name);
        names.add_service(&name, service["spec"].str("clusterIP"));
    }
    let names = names.sorted();
    let of_instance = |name: &::world::ContainerName| {
        let mut pods = storage.list("", "Pod", &name.namespace);
        let pod = pods.find(|(key, _)| *key.name == *name.pod).map(|(_, pod)| owner(world, pod));
        pod == instance
    };
    let server = world.running_servers().into_iter().find_map(|(_, server)| {
        server.container.as_ref().filter(|name| of_instance(name)).map(|_| server)
    });
    let Some(server) = server else { return (summary, names) };
    let pools = server.process.scrape_pools();
    let all = pools.iter().flat_map(|pool| pool.targets.iter().map(move |target| (pool, target)));
    summary.targets = count(all.map(|(pool, target)| {
        let labels = &target.labels;
        let health = target.health.name();
        names
            .apply(&format!("{} {} {health} {labels} {}", pool.name, target.url, target.last_error))
    }));
    summary.metrics = metrics(&server.process.storage);
    (summary, names)
}

/// Jobs and names of metrics. Series of rules follow later than the scrapes.
fn metrics(storage: &promql::storage::Storage) -> Counts {
    let mut counts = Counts::new();
    for series in storage.iter() {
        let labels = series.labels();
        let name = labels.get(METRIC_NAME);
        if !name.starts_with("ALERTS") && !name.contains(':') {
            counts.insert(format!("{} {name}", labels.get("job")), 1);
        }
    }
    counts
}

/// The components whose metrics the library describes and the world does not have yet.
const COMPONENTS: [&str; 4] = ["apiserver", "cadvisor", "kubelet", "prometheus"];

/// The jobs that scrape components.
fn component_jobs(analysis: &Analysis) -> Vec<String> {
    let is_component = |spec: &TargetSpec| {
        let Reach::Process { key, .. } = &spec.reach else { return false };
        let process = analysis.processes.iter().find(|process| process.key == *key);
        process.is_some_and(|process| COMPONENTS.contains(&&*process.workload.name))
    };
    let routes = analysis.routes.iter().filter(|route| is_component(&route.spec));
    routes.map(|route| format!("{} ", route.spec.job)).collect()
}

fn of_session(driver: &Driver) -> Summary {
    let snapshot = driver.session.snapshot();
    let (stored, timeline) = (snapshot.stored, snapshot.timeline);
    let state = &stored.state;
    let mut summary = Summary::default();
    let mut names = Names::default();
    let ready = |status: &PodStatus| status.is_ready();
    summary.pods = count(state.cluster.pods.iter().map(|pod| {
        let key = (pod.meta.namespace.value.clone(), pod.meta.name.value.clone());
        let owner = state.replicas.get(&key).map_or_else(String::new, |(owner, _)| {
            format!("{} {}/{}", owner.kind.name(), owner.namespace, owner.name)
        });
        names.add(&owner, &key.1, &pod.status.pod_ip);
        let report = state.reports.get(&key).map(|report| report.status.to_string());
        format!("{owner} {} {}", ready(&pod.status), status(&report.unwrap_or_default()))
    }));
    summary.endpoints = count(state.cluster.endpoints.iter().flat_map(|endpoints| {
        let service = format!("{}/{}", endpoints.meta.namespace.value, endpoints.meta.name.value);
        let subsets = endpoints.subsets.iter().flat_map(|subset| {
            subset.ports.iter().flat_map(move |port| {
                let name = port.name.as_deref().unwrap_or_default().to_owned();
                let number = port.port.as_ref().map_or(0, |port| port.value);
                let (ready, other) = (&subset.addresses, &subset.not_ready_addresses);
                let ready = ready.iter().map(|_| true).chain(other.iter().map(|_| false));
                ready.map(move |ready| format!("{name} {number} {ready}"))
            })
        });
        subsets.map(move |line| format!("{service} {line}")).collect::<Vec<String>>()
    }));
    for service in state.cluster.services.iter() {
        let (meta, address) = (&service.meta, &service.cluster_ip.value);
        names.add_service(&format!("{}/{}", meta.namespace.value, meta.name.value), address);
    }
    let names = names.sorted();
    summary.targets = count(timeline.world.reports().map(|(spec, report, _)| {
        let labels = &spec.public;
        let (health, error) = match report.map(|report| &report.error) {
            None => ("unknown", ""),
            Some(None) => ("up", ""),
            Some(Some(error)) => ("down", error.as_str()),
        };
        names.apply(&format!("{} {} {health} {labels} {error}", spec.job, spec.url))
    }));
    summary.metrics = metrics(&timeline.world.storage);
    summary
}

fn difference(name: &str, derived: &Counts, settled: &Counts) -> String {
    let lines = |sign: &str, a: &Counts, b: &Counts| -> String {
        let only = a.iter().filter(|(line, count)| b.get(*line) != Some(count));
        only.map(|(line, count)| format!("  {sign} {count} {line}\n")).collect()
    };
    let both = lines("-", derived, settled) + &lines("+", settled, derived);
    if both.is_empty() { both } else { format!("{name}\n{both}") }
}

/// The differences between the session and the settled world, empty if there are none.
fn disagreement(driver: &mut Driver) -> String {
    driver.advance(120_000);
    let snapshot = driver.session.snapshot();
    let instance = snapshot.stored.instances.first().map(|instance| &instance.owner);
    let instance =
        instance.map(|one| format!("{} {}/{}", one.kind.name(), one.namespace, one.name));
    let has_instance = instance.is_some();
    let settled = settled(snapshot.timeline.stored(), snapshot.stored);
    let (mut world, _) = of_world(&settled.world, instance);
    let components = component_jobs(snapshot.stored);
    let mut derived = of_session(driver);
    // The server of a text without Prometheus runs beside the cluster.
    if !has_instance {
        derived.targets.clear();
        derived.metrics.clear();
    }
    for counts in [&mut world.metrics, &mut derived.metrics] {
        counts.retain(|line, _| !components.iter().any(|job| line.starts_with(job)));
    }
    let at_rest = if settled.at_rest { "" } else { "the world does not come to rest\n" };
    [
        at_rest.to_owned(),
        difference("pods", &derived.pods, &world.pods),
        difference("endpoints", &derived.endpoints, &world.endpoints),
        difference("targets", &derived.targets, &world.targets),
        difference("metrics", &derived.metrics, &world.metrics),
    ]
    .concat()
}

/// The scenarios that a world can settle: no world runs the Prometheus Operator yet.
fn without_operator() -> impl Iterator<Item = &'static scenarios::Scenario> {
    SCENARIOS.iter().filter(|scenario| scenario.file("operator.yaml").is_none())
}

#[test]
fn scenarios_settle_as_they_are_derived() {
    let all = without_operator().map(|scenario| {
        let found = disagreement(&mut Driver::with_workspace(workspace(scenario.name)));
        if found.is_empty() { found } else { format!("== {}\n{found}", scenario.name) }
    });
    let all: String = all.collect();
    assert!(all.is_empty(), "\n{all}");
}

/// Changes of a scenario's text: a piece of text, and the one that replaces it.
///
/// Left out are changes on which both are known to differ: the derivation does not make the probes
/// (a port or path of a probe), the world knows no names outside of the cluster (`ExternalName`), and
/// a Prometheus that ends at its start may be found running for a moment.
pub(super) const MUTATIONS: &[(&str, &str)] = &[
    ("replicas: 1", "replicas: 3"),
    ("replicas: 3", "replicas: 0"),
    ("replicas: 2", "replicas: 1"),
    ("replicas: 1", "replicas: 0"),
    ("containerPort: 8080", "containerPort: 8081"),
    ("targetPort: http", "targetPort: metrics"),
    ("targetPort: 8080", "targetPort: 9999"),
    ("targetPort: 8000", "targetPort: 8001"),
    ("port: 8080", "port: 8081"),
    ("port: 8000", "port: 80"),
    ("type: ClusterIP", "type: NodePort"),
    ("app: django", "app: djongo"),
    ("app: proxy", "app: web"),
    ("image: nginx", "image: httpd"),
    ("kind: Deployment", "kind: DaemonSet"),
    ("kind: ClusterRoleBinding", "kind: ClusterRoleBindings"),
    ("kind: ConfigMap", "kind: Secret"),
    ("metrics_path: ", "metrics_path: /x"),
    ("role: pod", "role: endpoints"),
    ("role: node", "role: pod"),
    ("scrape_interval: 15s", "scrape_interval: 10s"),
    ("scheme: https", "scheme: http"),
    ("insecure_skip_verify: true", "insecure_skip_verify: false"),
    ("value: jewelry-shop.example.com", "value: '*'"),
    ("serviceAccountName: ", "serviceAccountName: no-"),
    ("- nodes", "- pods"),
    ("- endpoints", "- services"),
    ("verbs: [", "verbs: [watch] #"),
    ("configMap:", "secret:"),
    ("mountPath: /etc/prometheus", "mountPath: /etc/prom"),
    ("claimName: ", "claimName: no-"),
    ("storage: ", "storage: 1"),
    ("memory: ", "memory: 1Mi #"),
    ("namespace: ", "namespace: other-"),
    ("ReadWriteOnce", "ReadWriteMany"),
    ("clusterIP: None", "clusterIP: 10.96.3.4"),
    ("action: keep", "action: drop"),
];

/// The places at which a mutation can be made, as file and offset.
fn places(workspace: &Workspace, (from, _): (&str, &str)) -> Vec<(usize, usize)> {
    let files = workspace.files.iter().enumerate();
    let places = files.flat_map(|(file, content)| {
        content.text.match_indices(from).map(move |(offset, _)| (file, offset))
    });
    places.collect()
}

fn mutate(workspace: &mut Workspace, (from, to): (&str, &str), (file, offset): (usize, usize)) {
    workspace.files[file].text.replace_range(offset..offset + from.len(), to);
}

/// Every mutation at each of its first places.
#[test]
fn each_mutation_settles_as_it_is_derived() {
    let mut all = BTreeMap::<String, Vec<String>>::new();
    for scenario in without_operator() {
        for mutation in MUTATIONS {
            let original = workspace(scenario.name);
            for place in places(&original, *mutation).into_iter().take(4) {
                let mut workspace = original.clone();
                mutate(&mut workspace, *mutation, place);
                let name = format!("{} {mutation:?} at {place:?}", scenario.name);
                let found = disagreement(&mut Driver::with_workspace(workspace));
                if !found.is_empty() {
                    all.entry(found).or_default().push(name);
                }
            }
        }
    }
    let all: String = all.iter().map(|(found, names)| format!("== {names:#?}\n{found}")).collect();
    assert!(all.is_empty(), "\n{all}");
}
