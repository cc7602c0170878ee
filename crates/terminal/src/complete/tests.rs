//! Completions on a small cluster.

use cluster::ApiServer;

use super::*;
use crate::kubectl::Kubectl;

const OBJECTS: &str = "\
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: default}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop, labels: {app: web}}, spec: {containers: [{name: main, image: nginx}, {name: side, image: nginx}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: default}, spec: {containers: [{name: db, image: nginx}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: default}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: b}]}}}}
";

fn texts(line: &str) -> (usize, Vec<String>) {
    let mut server = ApiServer::new(0, 1);
    let files = |path: &str| (path == "all.yaml").then(|| OBJECTS.to_owned());
    let output = Kubectl::new(&mut server, &files, "default").run(&["apply", "-f", "all.yaml"]);
    assert_eq!(output.exit, 0, "{output:?}");
    let config = Config::default();
    let files = ["chart/Chart.yaml", "chart/values.yaml", "prometheus.yml", "run.sh"];
    let around = Surroundings { server: &server, config: &config, files: &files };
    let found = complete(line, line.len(), &around);
    (found.start, found.items.into_iter().map(|item| item.text).collect())
}

#[test]
fn words_are_completed() {
    for (line, start, expected) in [
        ("kubec", 0, &["kubectl"][..]),
        ("kubectl ro", 8, &["rollout"]),
        ("kubectl rollout st", 16, &["status"]),
        ("kubectl get deploy", 12, &["deployments"]),
        ("kubectl get pods ", 17, &["db"]),
        ("kubectl get pods -n shop ", 25, &["web-1"]),
        ("kubectl get pods -nshop w", 24, &["web-1"]),
        ("kubectl describe po/", 17, &["po/db"]),
        ("kubectl logs -n sh", 16, &["shop"]),
        ("kubectl logs -n shop web-1 -c ", 30, &["main", "side"]),
        ("kubectl get pods -n shop -l ", 28, &["app=web"]),
        ("kubectl get pods --all-n", 17, &["--all-namespaces"]),
        ("kubectl get pods -o js", 20, &["json", "jsonpath="]),
        ("kubectl get pods --output=ya", 17, &["--output=yaml"]),
        ("kubectl rollout status deployment/", 23, &["deployment/web"]),
        ("kubectl scale deploy", 14, &["deployment/web", "deployments"]),
        ("kubectl apply -f pro", 17, &["prometheus.yml"]),
        ("kubectl apply -f chart/", 17, &["chart/Chart.yaml", "chart/values.yaml"]),
        ("kubectl config use-context ", 27, &["minikube"]),
        ("kubectl explain endpointsl", 16, &["endpointslices"]),
        ("promtool check conf", 15, &["config"]),
        ("promtool check config p", 22, &["prometheus.yml"]),
        ("helm upg", 5, &["upgrade"]),
        ("helm get man", 9, &["manifest"]),
        ("helm install x ch", 15, &["chart/"]),
        ("helm install --dry", 13, &["--dry-run"]),
        ("minikube ser", 9, &["service"]),
        ("cat ru", 4, &["run.sh"]),
        ("./ru", 0, &["./run.sh"]),
        ("kubectl get pods > pro", 19, &["prometheus.yml"]),
        ("kubectl get pods | gre", 19, &["grep"]),
        ("kubectl nope ", 13, &[]),
        ("curl ", 5, &[]),
    ] {
        let (at, found) = texts(line);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!((at, &found[..]), (start, expected), "{line}");
    }
}

#[test]
fn any_place_of_a_line_can_be_completed() {
    let server = ApiServer::new(0, 1);
    let config = Config::default();
    let around = Surroundings { server: &server, config: &config, files: &[] };
    let line = "kubectl -n=é get 'ü \"$(k logs --container=$x; > ∞ --";
    for offset in 0..=line.len() + 1 {
        let found = complete(line, offset, &around);
        assert!(found.start <= line.len());
    }
}
