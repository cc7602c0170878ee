//! Properties of random small systems: the settled state is the one that time leads to, edits lead
//! to the state of a fresh apply, and both agree with the pure derivation of the end state.
//!
//! Left out of the comparison, because it is history: names of pods and their hashes, addresses,
//! nodes, uids and times; old ReplicaSets and revisions; Events; the order of starts. Workloads of
//! the systems become ready: a rollout that cannot finish keeps old pods, which is history too.

use std::collections::BTreeMap;
use std::sync::Arc;

use cluster::kubelet::NodeOptions;
use cluster::program::{Behaviors, read_behaviors};
use cluster::{Cluster, Options};
use kubernetes::decode::decode;
use kubernetes::object::{Value, to_json};
use kubernetes::objects::Resource;
use proptest::prelude::*;
use text::FileId;
use world::{World, programs};

const START: i64 = 1_767_225_600_000;
/// Simulated milliseconds of a run in time.
const RUN: i64 = 15 * 60_000;
/// Every container of an app listens on 8080.
const PROGRAMS: &str = "programs: [{match: {container: app}, starts: [{listen: [{port: 8080, from: 1s}], \
                        http: [{path: /metrics, body: \"m 1\\n\"}, {path: /ok}]}]}]";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Deployment,
    StatefulSet,
    DaemonSet,
}

/// A workload with its Service.
#[derive(Clone, Debug)]
struct App {
    kind: Kind,
    replicas: u8,
    tag: u8,
    probe: bool,
    /// The port that the Service leads to; None if there is no Service.
    service: Option<u16>,
}

/// Up to three apps; a missing one is not there, or deleted.
type System = [Option<App>; 3];

const NAMES: [&str; 3] = ["api", "db", "web"];

fn app() -> impl Strategy<Value = App> {
    let kind = prop_oneof![Just(Kind::Deployment), Just(Kind::StatefulSet), Just(Kind::DaemonSet)];
    let service = prop_oneof![Just(None), Just(Some(8080)), Just(Some(9999))];
    (kind, 0u8..4, 1u8..4, any::<bool>(), service).prop_map(
        |(kind, replicas, tag, probe, service)| App { kind, replicas, tag, probe, service },
    )
}

fn system() -> impl Strategy<Value = System> {
    [proptest::option::of(app()), proptest::option::of(app()), proptest::option::of(app())]
}

fn workload(name: &str, app: &App) -> String {
    let App { kind, replicas, tag, probe, .. } = app;
    let own = match kind {
        Kind::Deployment => format!("  replicas: {replicas}\n"),
        Kind::StatefulSet => format!("  replicas: {replicas}\n  serviceName: {name}\n"),
        Kind::DaemonSet => String::new(),
    };
    let probe = match probe {
        true => ", readinessProbe: {httpGet: {path: /ok, port: 8080}, periodSeconds: 2}",
        false => "",
    };
    format!(
        "apiVersion: apps/v1\nkind: {kind:?}\nmetadata: {{name: {name}}}\nspec:\n{own}  selector: \
         {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    \
         spec: {{containers: [{{name: app, image: 'app:{tag}', ports: [{{containerPort: 8080}}]{probe}}}]}}\n"
    )
}

fn service(name: &str, port: u16) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {name}}}, \
         ports: [{{port: 80, targetPort: {port}}}]}}\n"
    )
}

/// Prometheus in a pod, with the permission to see everything.
const PROMETHEUS: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  prometheus.yml: |
    global: {scrape_interval: 10s, scrape_timeout: 5s}
    scrape_configs:
    - job_name: pods
      kubernetes_sd_configs: [{role: pod}]
      relabel_configs: [{source_labels: [__meta_kubernetes_pod_label_app], target_label: app}]
    - job_name: endpoints
      kubernetes_sd_configs: [{role: endpoints}]
      relabel_configs: [{source_labels: [__meta_kubernetes_service_name], target_label: service}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: prometheus}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: default, namespace: default}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: prometheus}
spec:
  selector: {matchLabels: {app: prometheus}}
  template:
    metadata: {labels: {app: prometheus}}
    spec:
      containers:
      - name: prometheus
        image: prom/prometheus:v3.14.0
        ports: [{containerPort: 9090}]
        readinessProbe: {httpGet: {path: /-/ready, port: 9090}}
        volumeMounts: [{name: config, mountPath: /etc/prometheus}]
      volumes: [{name: config, configMap: {name: config}}]
";

/// The documents of a system by the name of their object.
fn documents(system: &System) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, app) in NAMES.iter().zip(system) {
        let Some(app) = app else { continue };
        all.insert(format!("{name} {:?}", app.kind), workload(name, app));
        if let Some(port) = app.service {
            all.insert(format!("{name} Service"), service(name, port));
        }
    }
    all
}

fn manifests(system: &System) -> String {
    let own = documents(system).into_values();
    let all: Vec<String> = own.chain([PROMETHEUS.to_owned()]).collect();
    all.join("---\n")
}

fn empty(seed: u64) -> World {
    let mut cluster = Cluster::new(Options { now: START, seed });
    cluster.server.add_kubernetes_service();
    cluster.server.publish_api_server("192.168.49.2", 8443);
    ["one", "two"].iter().for_each(|name| cluster.add_node(&NodeOptions::new(name)));
    let (described, diagnostics) = read_behaviors(FileId(0), PROGRAMS);
    assert_eq!(diagnostics, []);
    cluster.kubelets.programs = programs(described, Arc::new(Behaviors::default()));
    let mut world = World::new(cluster);
    world.advance(START + 2_000);
    world
}

fn apply(world: &mut World, system: &System) {
    let output = world.apply(&manifests(system));
    assert_eq!((output.exit, output.stderr.as_str()), (0, ""), "{output:?}");
}

/// Applies a system, and deletes what is not in it.
fn change(world: &mut World, from: &System, to: &System) {
    let (old, new) = (documents(from), documents(to));
    let gone: Vec<String> =
        old.into_iter().filter(|(name, _)| !new.contains_key(name)).map(|(_, text)| text).collect();
    if !gone.is_empty() {
        assert_eq!(world.delete(&gone.join("---\n")).exit, 0);
    }
    let output = world.apply(&manifests(to));
    // A Service of a workload that was deleted a moment ago may be made anew.
    assert_eq!(output.exit, 0, "{output:?}");
}

/// Counts of equal lines.
type Counts = BTreeMap<String, usize>;

fn count(lines: impl IntoIterator<Item = String>) -> Counts {
    let mut counts = Counts::new();
    lines.into_iter().for_each(|line| *counts.entry(line).or_default() += 1);
    counts
}

/// The template's part of a pod: labels and specification without the cluster's additions.
fn template(pod: &Value) -> String {
    let mut labels = pod["metadata"]["labels"].clone();
    for generated in [
        "pod-template-hash",
        "controller-revision-hash",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "pod-template-generation",
    ] {
        labels.remove(generated);
    }
    let mut spec = pod["spec"].clone();
    for generated in ["nodeName", "volumes", "affinity", "tolerations", "hostname", "subdomain"] {
        spec.remove(generated);
    }
    for container in spec.items_mut("containers") {
        container.remove("volumeMounts");
    }
    format!("{} {}", to_json(&labels), to_json(&spec))
}

/// Templates of live pods, with their readiness.
fn pods(world: &World) -> Counts {
    let pods = world.cluster.server.storage.list("", "Pod", "default");
    count(pods.filter(|(_, pod)| !pod["metadata"].has("deletionTimestamp")).map(|(_, pod)| {
        let mut conditions = pod["status"].list("conditions").iter();
        let ready = conditions.any(|one| one.str("type") == "Ready" && one.str("status") == "True");
        format!("{ready} {}", template(pod))
    }))
}

/// For each Service the number of its ready addresses with their ports.
fn endpoints(world: &World) -> Counts {
    let slices = world.cluster.server.storage.list("discovery.k8s.io", "EndpointSlice", "default");
    let lines = slices.flat_map(|(_, slice)| {
        let service = slice["metadata"]["labels"].str("kubernetes.io/service-name").to_owned();
        let port = slice.list("ports").first().map_or(0, |port| port.int("port"));
        let ready = slice.list("endpoints").iter().filter(|one| one["conditions"].bool("ready"));
        ready.map(move |_| format!("{service} {port}")).collect::<Vec<String>>()
    });
    count(lines.filter(|line| !line.starts_with("kubernetes ")))
}

/// Targets by job, app or Service, port, health and error, without addresses.
fn targets(world: &World) -> Counts {
    let servers = world.running_servers();
    let pools = servers.iter().flat_map(|(_, server)| server.process.scrape_pools());
    let lines = pools.flat_map(|pool| {
        let of_pool = pool.targets.into_iter().map(|target| {
            let label = |name: &str| target.labels.get(name).to_owned();
            let port = target.url.split('/').nth(2).and_then(|host| host.rsplit_once(':'));
            let error = match target.last_error.contains("refused") {
                true => "refused",
                false if target.last_error.is_empty() => "",
                false => "other",
            };
            format!(
                "{} {}{} {} {} {error}",
                pool.name,
                label("app"),
                label("service"),
                port.map_or("", |(_, port)| port),
                target.health.name()
            )
        });
        of_pool.collect::<Vec<String>>()
    });
    count(lines)
}

fn summary(world: &World) -> (Counts, Counts, Counts) {
    (pods(world), endpoints(world), targets(world))
}

fn settled(world: &World) -> World {
    let settled = world.settled();
    assert!(settled.at_rest);
    settled.world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn time_leads_to_the_settled_state(system in system(), seed in 0u64..1_000, slice in 1_000i64..60_000) {
        let mut world = empty(seed);
        apply(&mut world, &system);
        let settled = settled(&world);
        let end = world.now() + RUN;
        while world.now() < end {
            world.advance((world.now() + slice).min(end));
        }
        prop_assert_eq!(summary(&settled), summary(&world));
    }

    #[test]
    fn edits_lead_to_the_state_of_a_fresh_apply(
        systems in proptest::collection::vec(system(), 2..4),
        pauses in proptest::collection::vec(0i64..40_000, 3),
    ) {
        let mut world = empty(1);
        let mut last = &systems[0];
        apply(&mut world, last);
        for (system, pause) in systems.iter().zip(pauses.iter().cycle()).skip(1) {
            world.advance(world.now() + pause);
            change(&mut world, last, system);
            last = system;
        }
        let mut fresh = empty(2);
        apply(&mut fresh, last);
        prop_assert_eq!(summary(&settled(&world)), summary(&settled(&fresh)));
    }

    #[test]
    fn the_pure_derivation_agrees(system in system()) {
        let mut world = empty(1);
        apply(&mut world, &system);
        let settled = settled(&world);
        let own = documents(&system).into_values().collect::<Vec<String>>().join("---\n");
        let parsed = yaml::parse(FileId(0), &own);
        let mut nodes = settled.cluster.server.storage.list("", "Node", "");
        let nodes: Vec<yaml::Parsed> =
            nodes.by_ref().map(|(_, node)| yaml::parse(FileId(1), &to_json(node))).collect();
        let written = decode(nodes.iter().chain([&parsed]), "default").cluster;
        let state = kubernetes::controllers::run_plain(&written);
        let mut derived = Counts::new();
        for service in state.cluster.services.iter().filter(|one| &*one.meta.name.value != "kubernetes") {
            let reference = service.reference();
            let found = state.cluster.endpoints.get(&reference.namespace, &reference.name);
            for subset in found.iter().flat_map(|endpoints| &endpoints.subsets) {
                let port = subset.ports.first().and_then(|port| port.port.as_ref()).map_or(0, |port| port.value);
                *derived.entry(format!("{} {port}", reference.name)).or_default() += subset.addresses.len();
            }
        }
        derived.retain(|_, count| *count > 0);
        prop_assert_eq!(derived, endpoints(&settled));
        let pods = settled.cluster.server.storage.list("", "Pod", "default");
        let apps = count(pods.map(|(_, pod)| pod["metadata"]["labels"].str("app").to_owned()));
        let own = state.cluster.pods.iter().map(|pod| {
            let label = pod.meta.labels.iter().find(|entry| &*entry.key == "app");
            label.map(|entry| entry.value.to_string()).unwrap_or_default()
        });
        let mut expected = count(own);
        expected.insert("prometheus".to_owned(), 1);
        prop_assert_eq!(expected, apps);
    }
}
