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

/// A Prometheus with these lines in its spec, the Deployment with its Service, and the monitor.
fn system(spec: &str, monitor: &str) -> String {
    let all = format!("{PROMETHEUS}---\n{WEB}---\n{monitor}");
    all.replace("  serviceMonitorSelector: {matchLabels: {release: stack}}\n", spec)
}

#[test]
fn a_fix_removes_its_finding_and_makes_none() {
    let every = "  serviceMonitorSelector: {}\n  podMonitorSelector: {}\n  probeSelector: {}\n";
    let in_shop = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n";
    let pods =
        MONITOR.replace("ServiceMonitor", "PodMonitor").replace("endpoints", "podMetricsEndpoints");
    let probe = "apiVersion: monitoring.coreos.com/v1\nkind: Probe\nmetadata: {name: web}\nspec:\n  prober: {url: 'black.box.svc:9115'}\n  targets: {staticConfig: {static: [a]}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: blackbox}\nspec: {selector: {app: web}, ports: [{port: 9115, targetPort: metrics}]}\n";
    for (code, text) in [
        ("not-taken-by-prometheus", system("", MONITOR)),
        (
            "not-taken-by-prometheus",
            system("  serviceMonitorSelector: {matchLabels: {a: b, release: stack}}\n", MONITOR),
        ),
        (
            "not-taken-by-prometheus",
            in_shop.to_owned()
                + &system("", &MONITOR.replace("name: web}", "name: web, namespace: shop}")),
        ),
        ("monitor-port-not-found", system(every, &MONITOR.replace("port: http", "port: '9113'"))),
        (
            "monitor-port-not-found",
            system(every, &MONITOR.replace("port: http", "targetPort: 9000")),
        ),
        (
            "monitor-port-not-found",
            system(every, MONITOR)
                .replace("{name: http, port: 9113, targetPort", "{port: 9113, targetPort"),
        ),
        ("monitor-port-not-found", system(every, &pods)),
        (
            "monitor-selects-pods",
            system(every, MONITOR).replace(
                "{name: web, labels: {app: web}}\nspec",
                "{name: web, labels: {svc: a}}\nspec",
            ),
        ),
        (
            "monitor-selects-pods",
            system(every, &MONITOR.replace("port: http", "port: metrics"))
                .replace("{name: web, labels: {app: web}}\nspec", "{name: web}\nspec"),
        ),
        (
            "monitor-namespace-not-searched",
            in_shop.to_owned()
                + &system(
                    &format!("{every}  serviceMonitorNamespaceSelector: {{}}\n"),
                    &MONITOR.replace("name: web}", "name: web, namespace: shop}"),
                ),
        ),
        ("prober-not-found", system(every, probe)),
    ] {
        let driver = Driver::with_files(&[("all.yaml", &text)]);
        let found = &driver.session.analysis.diagnostics;
        let one = found
            .iter()
            .find(|one| one.code == code)
            .unwrap_or_else(|| panic!("{code}\n{text}{found:#?}"));
        assert!(!one.fixes.is_empty(), "{code} {text}");
        let before = codes(&driver.session.analysis);
        for fix in &one.fixes {
            let fixed = text::apply_edits(&text, text::FileId(1), &fix.edits).unwrap();
            let driver = Driver::with_files(&[("all.yaml", &fixed)]);
            let after = codes(&driver.session.analysis);
            assert!(!after.contains(&code), "{fixed}");
            let is_new = |code: &&str| !before.contains(code);
            assert!(!after.iter().any(is_new), "{after:?} {before:?} {fixed}");
        }
    }
}
