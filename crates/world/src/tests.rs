//! Small systems: targets follow the cluster.

use std::sync::Arc;

use cluster::kubelet::NodeOptions;
use cluster::program::read_behaviors;
use cluster::{Cluster, Options};
use kubernetes::object::parse_json;
use promql::Timestamp;
use text::FileId;

use crate::{ServerOptions, ServiceAccount, ServicePorts, World};

const START: Timestamp = 1_767_225_600_000;
const PROGRAMS: &str = "programs: [{match: {container: web}, starts: [{listen: [{port: 8080}], http: \
                        [{path: /metrics, body: 'm 1\n'}]}]}]";

fn world(config: &str) -> World {
    let mut cluster = Cluster::new(Options { now: START, seed: 3 });
    cluster.server.add_kubernetes_service();
    cluster.add_node(&NodeOptions::new("minikube"));
    let (behaviors, diagnostics) = read_behaviors(FileId(0), PROGRAMS);
    assert_eq!(diagnostics, []);
    cluster.kubelets.programs = Arc::new(behaviors);
    let mut world = World::new(cluster);
    world.advance(START + 2_000);
    let options = ServerOptions {
        args: vec!["--config.file=/etc/prometheus/prometheus.yml".to_owned()],
        files: vec![("/etc/prometheus/prometheus.yml".to_owned(), config.to_owned())],
        account: ServiceAccount::new("default", "default"),
        hostname: "prometheus-0".to_owned(),
    };
    assert!(world.start_server(&options).is_ok());
    world
}

fn create(world: &mut World, kind: (&str, &str), object: &str) {
    let object = parse_json(object).expect("it is JSON");
    let kind = kubernetes::kinds::find(kind.0, kind.1).expect("a kind");
    let namespace = if kind.namespaced { "default" } else { "" };
    world.cluster.server.create(kind, namespace, &object).expect("it is accepted");
}

const POD: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},
    "spec":{"containers":[{"name":"web","image":"web:1","ports":[{"containerPort":8080}]}]}}"#;

/// URL, health and error of each target.
fn targets(world: &World) -> Vec<String> {
    let pools = world.servers()[0].process.scrape_pools();
    let targets = pools.iter().flat_map(|pool| &pool.targets);
    targets
        .map(|one| {
            format!("{} {} {}", one.url, one.health.name(), one.last_error).trim().to_owned()
        })
        .collect()
}

#[test]
fn a_pod_becomes_a_target_once_it_may_be_listed() {
    let config = "global: {scrape_interval: 5s, scrape_timeout: 3s}\nscrape_configs:\n\
                  - job_name: pods\n  kubernetes_sd_configs: [{role: pod}]\n";
    let mut world = world(config);
    create(&mut world, ("v1", "Pod"), POD);
    world.advance(START + 30_000);
    assert_eq!(targets(&world), Vec::<String>::new());
    let refused = world.servers()[0].process.log.iter().find_map(|line| line.field("err"));
    assert!(refused.is_some_and(|error| error.contains("pods is forbidden")), "{refused:?}");
    let role = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding",
        "metadata":{"name":"p"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io",
        "kind":"ClusterRole","name":"cluster-admin"},
        "subjects":[{"kind":"ServiceAccount","name":"default","namespace":"default"}]}"#;
    create(&mut world, ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"), role);
    world.advance(START + 80_000);
    let kind = kubernetes::kinds::find("v1", "Pod").expect("a kind");
    let pod = world.cluster.server.get(kind, "default", "web").expect("the pod");
    let address = pod["status"].str("podIP").to_owned();
    assert_eq!(targets(&world), [format!("http://{address}:8080/metrics up")]);
}

#[test]
fn services_answer_by_name() {
    let config = "global: {scrape_interval: 5s, scrape_timeout: 3s}\nscrape_configs:\n\
                  - job_name: s\n  static_configs: [{targets: ['web', 'web:81', 'wbe', 'localhost:9090']}]\n";
    let mut world = world(config);
    world.service_ports = ServicePorts::Refuse;
    create(&mut world, ("v1", "Pod"), POD);
    let service = r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},
        "spec":{"clusterIP":"10.96.0.50","selector":{"app":"web"},"ports":[{"port":80,"targetPort":8080}]}}"#;
    create(&mut world, ("v1", "Service"), service);
    world.advance(START + 30_000);
    assert_eq!(
        targets(&world),
        [
            "http://web/metrics up",
            "http://web:81/metrics down Get \"http://web:81/metrics\": dial tcp 10.96.0.50:81: connect: connection refused",
            "http://wbe/metrics down Get \"http://wbe/metrics\": dial tcp: lookup wbe on 10.96.0.10:53: no such host",
            "http://localhost:9090/metrics up",
        ]
    );
}
