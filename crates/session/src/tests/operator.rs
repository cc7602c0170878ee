//! Custom resources of the Prometheus Operator.

use super::driver::Driver;
use crate::analysis::Analysis;
use protocol::pages::monitors::{Monitor, Query};
use protocol::{PageQuery, View};

const MONITOR: &str = "apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  endpoints:
  - port: http
    interval: 15s
";

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: nginx/nginx-prometheus-exporter, ports: [{name: metrics, containerPort: 9113}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 9113, targetPort: metrics}]
";

const PROMETHEUS: &str = "apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: k8s}
spec:
  serviceMonitorSelector: {matchLabels: {release: stack}}
  serviceAccountName: prometheus
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: prometheus}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: prometheus}
rules:
- apiGroups: ['']
  resources: [services, endpoints, pods]
  verbs: [get, list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: prometheus}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: prometheus}
subjects: [{kind: ServiceAccount, name: prometheus, namespace: default}]
";

fn codes(analysis: &Analysis) -> Vec<&str> {
    analysis.diagnostics.iter().map(|one| &*one.code).collect()
}

/// The number of targets of each job.
fn targets(analysis: &Analysis) -> Vec<(String, usize)> {
    let pools = analysis.table.pools.iter();
    pools.map(|pool| (pool.job.name.to_string(), pool.active.len())).collect()
}

#[test]
fn a_monitor_alone_is_answered_under_an_assumption() {
    let driver = Driver::with_files(&[("monitor.yaml", MONITOR), ("web.yaml", WEB)]);
    let analysis = &driver.session.analysis;
    assert_eq!(
        codes(analysis),
        ["operator-assumed", "prometheus-object-assumed"],
        "{:#?}",
        analysis.diagnostics
    );
    assert_eq!(targets(analysis), [("serviceMonitor/default/web/0".to_owned(), 2)]);
}

#[test]
fn a_prometheus_object_runs_what_the_operator_writes() {
    let monitor = MONITOR.replace("name: web}", "name: web, labels: {release: stack}}");
    let driver = Driver::with_files(&[
        ("monitor.yaml", &monitor),
        ("web.yaml", WEB),
        ("prometheus.yaml", PROMETHEUS),
    ]);
    let analysis = &driver.session.analysis;
    let expected = ["storage-on-no-volume", "operator-assumed"];
    assert_eq!(codes(analysis), expected, "{:#?}", analysis.diagnostics);
    let in_workspace =
        |one: &text::Diagnostic| driver.session.snapshot().sources.get(one.location.file).is_some();
    assert!(analysis.diagnostics.iter().all(in_workspace));
    assert_eq!(targets(analysis), [("serviceMonitor/default/web/0".to_owned(), 2)]);
    assert_eq!(analysis.server.pod.as_deref(), Some("prometheus-k8s-0"));
}

/// Opens the scenario and waits for its first scrapes.
fn stack() -> Driver {
    let mut driver = Driver::open("kube-prometheus-stack");
    driver.advance(60_000);
    driver
}

fn monitors(driver: &mut Driver) -> Vec<Monitor> {
    let View::Monitors(view) = driver.watch(PageQuery::Monitors(Query {})) else {
        panic!("monitors")
    };
    view.monitors
}

#[test]
fn every_monitor_of_the_scenario_has_targets_that_are_up() {
    let mut driver = stack();
    assert_eq!(driver.session.analysis.diagnostics.as_slice(), [], "no finding");
    for monitor in monitors(&mut driver) {
        assert!(monitor.passes, "{monitor:#?}");
        let last = monitor.gates.last().unwrap();
        assert!(last.passed > 0 && last.passed == last.of, "{monitor:#?}");
    }
}
