//! The settled state of small systems.

use crate::pod_tests::{GOOD, apply, config_map, pod, world};

#[test]
fn a_settled_world_has_scraped_each_target() {
    let world = world(&(config_map(GOOD) + &pod("", "")));
    let before = world.now();
    let settled = world.settled();
    assert!(settled.at_rest);
    assert_eq!(world.now(), before);
    let servers = settled.world.running_servers();
    let pools = servers.iter().flat_map(|(_, server)| server.process.scrape_pools());
    let targets: Vec<_> = pools.flat_map(|pool| pool.targets).collect();
    assert_eq!(targets.len(), 2);
    assert!(targets.iter().all(|target| target.last_scrape.is_some()));
    let minutes = (settled.world.now() - before) / 60_000;
    assert!(minutes < 2, "{minutes} minutes");
}

#[test]
fn what_does_not_rest_ends_after_fifteen_minutes() {
    // The target is scraped once a day.
    let config = "scrape_configs: [{job_name: own, scrape_interval: 1d, static_configs: [{targets: [\
                  'localhost:9090', 'a:1', 'b:1', 'c:1', 'd:1', 'e:1', 'f:1']}]}]";
    let world = world(&(config_map(config) + &pod("", "")));
    let settled = world.settled();
    assert!(!settled.at_rest);
    assert_eq!(settled.world.now() - world.now(), 15 * 60_000);
}

#[test]
fn a_crash_loop_comes_to_rest_after_five_restarts() {
    let world = world(&(config_map("scrape_configs: [{}]") + &pod("", "")));
    let settled = world.settled();
    assert!(settled.at_rest);
    let server = &settled.world.cluster.server;
    let kind = kubernetes::kinds::find("v1", "Pod").expect("a kind");
    let pod = server.get(kind, "default", "prometheus").expect("it is there");
    let container = pod["status"].list("containerStatuses").first().cloned().unwrap_or_default();
    assert_eq!(container.int("restartCount"), 5);
}

#[test]
fn commands_run_while_time_passes() {
    let mut world = world(&(config_map(GOOD) + &pod("", "")));
    apply(&mut world, DEPLOYMENT);
    let before = world.now();
    let output = world.command(
        "kubectl rollout status deployment/web && kubectl get pods -l app=web -o name | wc -l",
    );
    assert!(
        output.stdout.ends_with("deployment \"web\" successfully rolled out\n3\n"),
        "{output:?}"
    );
    assert!(world.now() > before + 300);
}

#[test]
fn commands_reach_into_containers() {
    let mut world = world(&(config_map(GOOD) + &pod("", "")));
    apply(&mut world, DEPLOYMENT);
    world.advance(world.now() + 20_000);
    for (command, exit, words) in [
        ("kubectl exec prometheus -- cat /etc/prometheus/prometheus.yml", 0, "job_name: own"),
        ("kubectl exec prometheus -- ls /etc/prometheus", 0, "prometheus.yml\n"),
        ("kubectl exec prometheus -- sh -c 'env | grep HOSTNAME'", 0, "HOSTNAME=prometheus\n"),
        ("kubectl exec prometheus -- wget -qO- http://web/metrics", 0, "m 1"),
        (
            "kubectl exec prometheus -- wget -qO- http://wbe/",
            1,
            "command terminated with exit code 1\n",
        ),
        // The image of Prometheus has no curl.
        (
            "kubectl exec prometheus -- curl -s http://web/metrics",
            1,
            "exec: \"curl\": executable file not found in $PATH",
        ),
        (
            "kubectl exec prometheus -- nslookup prometheus",
            0,
            "Name:\tprometheus.default.svc.cluster.local\n",
        ),
        ("kubectl exec prometheus -- cat /etc/resolv.conf", 0, "search default.svc.cluster.local"),
        (
            "kubectl exec prometheus -- nope",
            1,
            "exec: \"nope\": executable file not found in $PATH",
        ),
        ("kubectl exec prometheus -- kill -HUP 1", 0, ""),
        ("kubectl exec deploy/web -- cat /no", 1, "No such file or directory"),
        ("curl -s localhost:9091/-/ready", 7, ""),
        (
            "kubectl port-forward svc/prometheus 9091:9090",
            0,
            "Forwarding from 127.0.0.1:9091 -> 9090\n",
        ),
        ("curl -s localhost:9091/-/ready", 0, "Prometheus Server is Ready.\n"),
        ("curl -s 'localhost:9091/api/v1/query?query=up' | grep -c success", 0, "1\n"),
        ("curl -s -X POST localhost:9091/-/reload", 0, ""),
        ("curl http://web/", 6, "curl: (6) Could not resolve host: web\n"),
        ("kubectl logs prometheus | grep -c 'Loading configuration file'", 0, "3\n"),
    ] {
        let output = world.command(command);
        assert_eq!(output.exit, exit, "{command}: {output:?}");
        let printed = output.stdout.clone() + &output.stderr;
        assert!(printed.contains(words), "{command}: {output:?}");
    }
}

pub(crate) const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'web:1', ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
";
