//! The commands that the systems of the scenarios teach, on clusters made of their manifests.

use std::sync::Arc;

use cluster::kubelet::NodeOptions;
use cluster::program::Behaviors;
use cluster::{Cluster, Options, StorageProvisioner};
use world::workloads::{Catalog, WorkloadPrograms};
use world::{World, programs};

const START: i64 = 1_767_225_600_000;
/// Simulated milliseconds until a system is up.
const UP: i64 = 120_000;

/// A cluster on which the manifests of a scenario were applied two minutes ago.
fn world(name: &str) -> World {
    let scenario = scenarios::scenario(name).expect("a scenario");
    let mut cluster = Cluster::new(Options { now: START, seed: 7 });
    cluster.server.add_kubernetes_service();
    cluster.server.publish_api_server("192.168.49.2", 8443);
    cluster.add_node(&NodeOptions::new("minikube"));
    cluster.set_storage_provisioner(StorageProvisioner::Running);
    let catalog = Catalog { described: Vec::new(), rules: scenario.workloads };
    let others = Arc::new(WorkloadPrograms::new(Arc::new(catalog), 0));
    cluster.kubelets.programs = programs(Behaviors::default(), others);
    let mut world = World::new(cluster);
    world.advance(START + 2_000);
    let files = Arc::make_mut(&mut world.terminal.files);
    for (name, text) in scenario.texts() {
        files.insert(name.to_owned(), text.to_owned());
    }
    let set_up = format!(
        "minikube addons enable default-storageclass; kubectl create namespace {0}; \
         kubectl config set-context --current --namespace={0}",
        scenario.namespace
    );
    let _ = world.command(&set_up);
    for (_, text) in scenario.texts().filter(|(_, text)| text.contains("\nkind: ")) {
        let _ = world.apply(text);
    }
    world.advance(START + UP);
    world
}

/// Runs command lines one after the other: exit code, a part of the output, a part of the errors.
fn check(world: &mut World, lines: &[(&str, i32, &str, &str)]) {
    for (line, exit, stdout, stderr) in lines {
        let output = world.command(line);
        assert_eq!(output.exit, *exit, "{line}: {}{}", output.stdout, output.stderr);
        assert!(output.stdout.contains(stdout), "{line}: {}", output.stdout);
        assert!(output.stderr.contains(stderr), "{line}: {}", output.stderr);
    }
}

#[test]
fn giftcard_is_reached_and_heals_itself() {
    let mut world = world("giftcard");
    check(
        &mut world,
        &[
            ("minikube ip", 0, "192.168.49.2\n", ""),
            (
                "minikube service proxy-service",
                0,
                "│ default   │ proxy-service │             │ No node port │",
                "service default/proxy-service has no node port",
            ),
            ("minikube service prometheus", 115, "", "Service 'prometheus' was not found"),
            ("curl -s localhost:9090/-/healthy", 7, "", ""),
            (
                "kubectl port-forward svc/prometheus-service 9090",
                0,
                "Forwarding from 127.0.0.1:9090",
                "",
            ),
            ("curl -s localhost:9090/-/healthy", 0, "Prometheus Server is Healthy.", ""),
            ("promtool query instant http://localhost:9090 'count(up)'", 0, "=>", ""),
            (
                "promtool check config prometheus.yml",
                1,
                "",
                "promtool: error: path 'prometheus.yml' does not exist, try --help",
            ),
            (
                "POD=$(kubectl get pods -l app=proxy -o name | head -1); kubectl delete $POD",
                0,
                "deleted",
                "",
            ),
            ("kubectl get $POD", 1, "", "NotFound"),
            (
                "kubectl wait pod -l app=proxy --for=condition=Ready --timeout=60s",
                0,
                "condition met",
                "",
            ),
        ],
    );
}

#[test]
fn the_wiki_answers_to_a_loop_and_refuses_what_it_lacks() {
    let mut world = world("wiki-chart");
    check(
        &mut world,
        &[
            ("kubectl get pvc", 0, "Bound", ""),
            ("kubectl top pods", 1, "", "error: Metrics API not available"),
            (
                "kubectl create volumesnapshot snap --source-pvc=data",
                1,
                "",
                "error: unknown flag: --source-pvc\nSee 'kubectl create --help' for usage.",
            ),
            (
                "kubectl create pvc copy --from-snapshot=snap",
                1,
                "",
                "error: unknown flag: --from-snapshot",
            ),
            (
                "kubectl get cm -o yaml > /tmp/rendered.yaml && grep -A 30 'kind: ConfigMap' /tmp/rendered.yaml | head -2",
                0,
                "kind: ConfigMap",
                "",
            ),
            ("echo \"\"; echo a \\\n  b # comment", 0, "\na b\n", ""),
            ("minikube addons enable storage-provisioner", 0, "addon is enabled", ""),
            (
                "minikube addons enable metrics-server",
                0,
                "The 'metrics-server' addon is enabled",
                "",
            ),
            ("kubectl top pods", 1, "", "(ServiceUnavailable): the server is currently unable"),
            ("sleep 100; kubectl top pods", 0, "MEMORY(bytes)", ""),
            (
                "kubectl top pod wiki-chart-prometheus-xxx",
                1,
                "",
                "\"default/wiki-chart-prometheus-xxx\" not found",
            ),
            ("minikube addons enable default-storageclass", 0, "addon is enabled", ""),
            ("jq .", 127, "", "kubectl -o jsonpath"),
            ("kubectl edit deploy/x", 1, "", "NotFound"),
            ("helm list", 0, "NAME", ""),
        ],
    );
}

#[test]
fn users_are_created_in_a_loop() {
    let mut world = world("wiki-chart");
    let service = "kubectl get svc -o name | grep -i fastapi | head -1";
    check(&mut world, &[(&format!("kubectl port-forward $({service}) 8000"), 0, "Forwarding", "")]);
    let count = "curl -s localhost:8000/metrics | grep '^users_created_total' | cut -d' ' -f2";
    let number = |world: &mut World| -> f64 {
        let output = world.command(count);
        output.stdout.trim().parse().unwrap_or_else(|_| panic!("{output:?}"))
    };
    let before = number(&mut world);
    let looped = "for i in {1..10}; do curl -s -X POST http://localhost:8000/users \
                  -H 'Content-Type: application/json' -d \"{\\\"name\\\": \\\"TestUser$i\\\"}\"; done";
    assert_eq!(world.command(looped).exit, 0);
    assert!(number(&mut world) >= before + 10.0);
}

#[test]
fn the_commands_of_the_wiki_are_answered_as_written() {
    let mut world = world("wiki-chart");
    check(
        &mut world,
        &[
            ("kubectl apply -f prometheus-configmap.yaml", 0, "unchanged", ""),
            (
                "kubectl get pods -l app.kubernetes.io/component=monitoring",
                0,
                "1/1     Running",
                "",
            ),
            (
                "kubectl describe pod -l app.kubernetes.io/component=monitoring",
                0,
                "Successfully assigned",
                "",
            ),
            (
                "kubectl logs -l app.kubernetes.io/component=monitoring --tail=50",
                0,
                "Server is ready",
                "",
            ),
            (
                "kubectl get endpoints wiki-chart-prometheus",
                0,
                ":9090",
                "v1 Endpoints is deprecated",
            ),
            ("kubectl get storageclass", 0, "standard (default)", ""),
            ("kubectl describe pvc wiki-chart-prometheus-pvc", 0, "ProvisioningSucceeded", ""),
            (
                "helm lint ./wiki-chart",
                1,
                "stat wiki-chart/Chart.yaml: no such file",
                "1 chart(s) failed",
            ),
            ("helm template wiki-chart ./wiki-chart > /tmp/rendered.yaml", 1, "", "not found"),
            // The image has wget and no curl.
            (
                "kubectl exec -it deploy/wiki-chart-prometheus -- curl -X POST http://localhost:9090/-/reload",
                1,
                "",
                "exec: \"curl\": executable file not found in $PATH",
            ),
            (
                "kubectl exec -it deploy/wiki-chart-prometheus -- wget -qO- --post-data='' http://localhost:9090/-/reload",
                0,
                "",
                "",
            ),
            ("kubectl logs deploy/wiki-chart-prometheus --tail=1", 0, "Completed loading", ""),
            (
                "kubectl exec -it wiki-chart-prometheus-xxx -- \\\n  wget -O- http://wiki-chart-fastapi:8000/metrics",
                1,
                "",
                "pods \"wiki-chart-prometheus-xxx\" not found",
            ),
            (
                "kubectl exec deploy/wiki-chart-prometheus -- wget -O- http://wiki-chart-fastapi:8000/metrics",
                0,
                "users_created_total",
                "",
            ),
            (
                "kubectl exec deploy/wiki-chart-fastapi -- curl http://localhost:8000/metrics",
                0,
                "# HELP",
                "",
            ),
            (
                "kubectl exec deploy/wiki-chart-prometheus -- ls -R /prometheus",
                0,
                "/prometheus/wal:\n00000000",
                "",
            ),
            ("minikube service prometheus", 115, "", "Service 'prometheus' was not found"),
        ],
    );
}

#[test]
fn a_forwarded_port_ends_with_its_pod() {
    let mut world = world("giftcard");
    for target in ["deployment/prometheus-deployment 9090", "svc/prometheus-service 9091:9090"] {
        let line = format!("kubectl port-forward {target}");
        assert!(world.run_in_terminal(1, &line));
        let screen = format!("{:?}", world.take_screen(1));
        assert!(screen.contains("Forwarding from 127.0.0.1:"), "{screen}");
        world.interrupt(1);
    }
    assert!(world.run_in_terminal(1, "kubectl port-forward deployment/proxy-deployment 8080"));
    assert_eq!(world.command("kubectl delete pod -l app=proxy").exit, 0);
    world.advance(world.now() + 40_000);
    let screen = world.take_screen(1);
    assert!(!screen.running && screen.exit == 1, "{screen:?}");
    assert!(format!("{screen:?}").contains("lost connection to pod"), "{screen:?}");
}

#[test]
fn scripts_of_the_jewelry_shop_run() {
    let mut world = world("jewelry-shop");
    check(
        &mut world,
        &[
            (
                "chmod +x install-prometheus.sh && ./install-prometheus.sh",
                0,
                "Prometheus is ready. To reach it from this machine:",
                "",
            ),
            // The scrapes of Django are refused: a check of discovery alone would not tell.
            ("bash validate-prometheus.sh > /tmp/result.txt; echo $?", 0, "1\n", ""),
            (
                "cat /tmp/result.txt",
                0,
                "✅ Test 6: Prometheus service discovery is working\n❌ Test 7",
                "",
            ),
            ("tail -1 /tmp/result.txt", 0, "9 passed, 1 failed\n", ""),
            ("kubectl set env deploy/django ALLOWED_HOSTS='*'", 0, "env updated", ""),
            ("kubectl rollout status deploy/django; sleep 60", 0, "successfully rolled out", ""),
            ("./validate-prometheus.sh | tail -1", 0, "10 passed, 0 failed\n", ""),
            (
                "kubectl port-forward -n jewelry-shop svc/prometheus 9090:9090",
                0,
                "Forwarding from 127.0.0.1:9090 -> 9090",
                "",
            ),
            ("curl -s localhost:9090/-/ready", 0, "Prometheus Server is Ready.", ""),
        ],
    );
}

#[test]
fn populare_tells_why_targets_are_down() {
    let mut world = world("populare");
    check(
        &mut world,
        &[
            ("kubectl get pods", 0, "Running", ""),
            ("kubectl get endpointslices", 0, "ADDRESSTYPE", ""),
            ("kubectl get svc -o name | wc -l", 0, "", ""),
            ("kubctl get pods", 127, "", "bash: kubctl: command not found, did you mean kubectl?"),
        ],
    );
}
