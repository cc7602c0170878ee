//! Prometheus in pods: start, probes, reload, crash, storage.

use std::sync::Arc;

use cluster::kubelet::NodeOptions;
use cluster::program::{Behaviors, read_behaviors};
use cluster::{Cluster, Options};
use promql::Timestamp;
use server::Request;
use text::FileId;

use crate::{ServerId, World, programs};

const START: Timestamp = 1_767_225_600_000;

/// A node, the programs of the world, and objects.
pub(crate) fn world(manifests: &str) -> World {
    let mut cluster = Cluster::new(Options { now: START, seed: 3 });
    cluster.server.add_kubernetes_service();
    cluster.add_node(&NodeOptions::new("minikube"));
    let text = "programs: [{match: {container: web}, starts: [{listen: [{port: 8080}], http: [{path: \
                /metrics, body: 'm 1\n'}]}]}]";
    let (described, diagnostics) = read_behaviors(FileId(0), text);
    assert_eq!(diagnostics, []);
    cluster.kubelets.programs = programs(described, Arc::new(Behaviors::default()));
    let mut world = World::new(cluster);
    world.advance(START + 2_000);
    apply(&mut world, manifests);
    world
}

pub(crate) fn apply(world: &mut World, manifests: &str) {
    let output = world.apply(manifests);
    assert_eq!(output.exit, 0, "{}", output.stderr);
}

fn after(world: &mut World, seconds: i64) {
    world.advance(world.now() + seconds * 1000);
}

pub(crate) fn config_map(config: &str) -> String {
    let config: String = config.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: config}}\ndata:\n  prometheus.yml: |\n{config}---\n"
    )
}

pub(crate) const GOOD: &str = "global: {scrape_interval: 5s, scrape_timeout: 3s}\nscrape_configs:\n- job_name: own\n  \
                    static_configs: [{targets: ['localhost:9090', 'prometheus:9090']}]";

/// A pod of Prometheus with more arguments and more containers.
pub(crate) fn pod(args: &str, more: &str) -> String {
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: prometheus, labels: {{app: prometheus}}}}
spec:
  containers:
  - name: prometheus
    image: prom/prometheus:v3.14.0
    args: [--config.file=/etc/prometheus/prometheus.yml, --web.enable-lifecycle{args}]
    ports: [{{containerPort: 9090}}]
    readinessProbe: {{httpGet: {{path: /-/ready, port: 9090}}, periodSeconds: 1}}
    livenessProbe: {{httpGet: {{path: /-/healthy, port: 9090}}, periodSeconds: 1}}
    volumeMounts: [{{name: config, mountPath: /etc/prometheus}}]
{more}
  volumes:
  - name: config
    configMap: {{name: config}}
---
apiVersion: v1
kind: Service
metadata: {{name: prometheus}}
spec: {{selector: {{app: prometheus}}, ports: [{{port: 9090}}]}}
"
    )
}

fn status(world: &World) -> (String, i64) {
    let server = &world.cluster.server;
    let kind = kubernetes::kinds::find("v1", "Pod").expect("a kind");
    let Ok(pod) = server.get(kind, "default", "prometheus") else { return ("gone".into(), 0) };
    let container = &pod["status"].list("containerStatuses").first().cloned().unwrap_or_default();
    let state = &container["state"];
    let word = match () {
        () if container.bool("ready") => "ready",
        () if state.has("running") => "running",
        () if state.has("waiting") => state["waiting"].str("reason"),
        () if state.has("terminated") => state["terminated"].str("reason"),
        () => "unknown",
    };
    (word.to_owned(), container.int("restartCount"))
}

fn log(world: &World) -> String {
    let kubelets = &world.cluster.kubelets;
    let lines = kubelets.log("default", "prometheus", "prometheus", false, world.now());
    lines.unwrap_or_default().into_iter().map(|(_, line)| line + "\n").collect()
}

/// The URL, health and error of each target of the only server.
fn targets(world: &World) -> Vec<String> {
    let servers = world.running_servers();
    let [(ServerId::Container(_), server)] = servers[..] else { return Vec::new() };
    let pools = server.process.scrape_pools();
    let targets = pools.iter().flat_map(|pool| &pool.targets);
    let shown = targets.map(|one| format!("{} {} {}", one.url, one.health.name(), one.last_error));
    shown.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn a_pod_runs_a_server_that_scrapes_itself() {
    let mut world = world(&(config_map(GOOD) + &pod("", "")));
    after(&mut world, 30);
    assert_eq!(status(&world), ("ready".to_owned(), 0), "{}", log(&world));
    assert_eq!(
        targets(&world),
        ["http://localhost:9090/metrics up", "http://prometheus:9090/metrics up"]
    );
    assert!(log(&world).contains("msg=\"Server is ready to receive web requests.\""));
}

#[test]
fn a_bad_flag_or_file_ends_the_container() {
    for (config, args, words) in [
        (GOOD, ", --storage.tsdb.retention=15d", "unknown long flag '--storage.tsdb.retention'"),
        ("scrape_configs: [{}]", "", "job_name is empty"),
    ] {
        let mut world = world(&(config_map(config) + &pod(args, "")));
        after(&mut world, 60);
        let (state, restarts) = status(&world);
        assert!(restarts >= 1 && state != "ready", "{state} {restarts}");
        assert!(log(&world).contains(words), "{}", log(&world));
    }
}

#[test]
fn a_changed_file_counts_after_a_reload() {
    let mut world = world(&(config_map(GOOD) + &pod("", "")));
    after(&mut world, 20);
    apply(&mut world, &config_map("scrape_configs: [{job_name: none}]"));
    after(&mut world, 180);
    assert_eq!(targets(&world).len(), 2);
    let id = world.running_servers()[0].0.clone();
    let reload =
        Request { method: "POST".into(), target: "/-/reload".into(), ..Request::default() };
    assert_eq!(world.request(&id, &reload).map(|response| response.status), Some(200));
    after(&mut world, 10);
    assert_eq!(targets(&world), Vec::<String>::new());
}

#[test]
fn a_sidecar_reloads() {
    let sidecar = "  - name: reloader
    image: quay.io/prometheus-operator/prometheus-config-reloader:v0.94.1
    args: [--watched-dir=/etc/config, '--reload-url=http://127.0.0.1:9090/-/reload']
    volumeMounts: [{name: config, mountPath: /etc/config}]";
    let mut world = world(&(config_map(GOOD) + &pod("", sidecar)));
    after(&mut world, 30);
    assert_eq!(targets(&world).len(), 2);
    apply(&mut world, &config_map("scrape_configs: [{job_name: none}]"));
    after(&mut world, 180);
    assert_eq!(targets(&world), Vec::<String>::new(), "{}", log(&world));
}

#[test]
fn samples_outlive_the_pod_on_a_claim() {
    let claim = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {capacity: {storage: 1Gi}, \
                 accessModes: [ReadWriteOnce], hostPath: {path: /v}, storageClassName: ''}\n---\n\
                 apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: \
                 [ReadWriteOnce], storageClassName: '', resources: {requests: {storage: 1Gi}}}\n---\n";
    let with_claim = pod(", --storage.tsdb.path=/data", "")
        .replace("mountPath: /etc/prometheus}", "mountPath: /etc/prometheus}, {name: data, mountPath: /data}")
        .replace(
            "    configMap: {name: config}",
            "    configMap: {name: config}\n  - name: data\n    persistentVolumeClaim: {claimName: data}",
        );
    let manifests = config_map(GOOD) + claim + &with_claim;
    let mut world = world(&manifests);
    after(&mut world, 60);
    let samples = |world: &World| {
        world
            .running_servers()
            .first()
            .map_or(0, |(_, server)| server.process.storage.sample_count())
    };
    let before = samples(&world);
    assert!(before > 50, "{before} {}", log(&world));
    let pod_only = with_claim.split("---").next().unwrap_or_default();
    let output = world.delete(pod_only);
    assert_eq!(output.exit, 0, "{}", output.stderr);
    after(&mut world, 40);
    assert_eq!(status(&world).0, "gone");
    apply(&mut world, &with_claim);
    after(&mut world, 3);
    assert!(samples(&world) >= before, "{} {before}", samples(&world));
    // A second server on the same claim finds the lock.
    let second = pod_only.replace("{name: prometheus, labels", "{name: second, labels");
    apply(&mut world, &second);
    after(&mut world, 5);
    let kubelets = &world.cluster.kubelets;
    let lines = kubelets.log("default", "second", "prometheus", false, world.now());
    let lines = format!("{lines:?}");
    assert!(lines.contains("lock DB directory: resource temporarily unavailable"), "{lines}");
}

#[test]
fn a_clone_goes_on_by_itself() {
    let mut world = world(&(config_map(GOOD) + &pod("", "")));
    after(&mut world, 20);
    let samples = |world: &World| {
        world
            .running_servers()
            .first()
            .map_or(0, |(_, server)| server.process.storage.sample_count())
    };
    let (mut clone, before) = (world.clone(), samples(&world));
    after(&mut clone, 30);
    assert!(samples(&clone) > before);
    assert_eq!(samples(&world), before);
    after(&mut world, 30);
    assert_eq!(samples(&world), samples(&clone));
}
