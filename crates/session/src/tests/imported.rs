//! Files as an import makes them: answers of a live server, its command line, and exported objects.

use super::driver::Driver;
use ::import::bundle::{ANSWERS_FILE, flags::ARGUMENTS_FILE};
use promql::assist::{Facts, MetricKind};
use protocol::pages::targets::{Comparison, Query, State};
use protocol::{PageQuery, View, Workspace};

const CONFIG: &str = "scrape_configs:\n- job_name: pods\n  scrape_interval: 5s\n  kubernetes_sd_configs: [{role: pod}, {role: node}]\n  relabel_configs:\n  - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}\n  - {source_labels: [pod], regex: debug, action: drop}\n";
const SAMPLE: &str = "- targets: ['10.0.0.1:80', '10.0.0.2:80']\n  labels: {__meta_kubernetes_pod_name: web}\n- targets: ['10.0.0.3:80']\n  labels: {__meta_kubernetes_pod_name: debug}\n";

fn answers() -> serde_json::Value {
    let labels = |address: &str, pod: &str| {
        serde_json::json!({
            "__address__": address, "__meta_kubernetes_pod_name": pod, "job": "pods", "__scheme__": "http", "__metrics_path__": "/metrics",
            "__scrape_interval__": "5s", "__scrape_timeout__": "5s", "__always_scrape_classic_histograms__": "false",
            "__convert_classic_histograms_to_nhcb__": "false", "__scrape_native_histograms__": "false",
        })
    };
    let active = |address: &str| {
        serde_json::json!({
            "discoveredLabels": labels(address, "web"), "labels": {"instance": address, "job": "pods", "pod": "web"}, "scrapePool": "pods",
            "scrapeUrl": format!("http://{address}/metrics"), "health": "down", "lastError": "x", "scrapeInterval": "5s", "scrapeTimeout": "5s",
        })
    };
    serde_json::json!({
        "targets": {"data": {
            "activeTargets": [active("10.0.0.1:80"), active("10.0.0.2:80")],
            "droppedTargets": [{"discoveredLabels": labels("10.0.0.3:80", "debug"), "scrapePool": "pods"}],
            "droppedTargetCounts": {"pods": 1},
        }},
        "metadata": {"data": {"queue_total": [{"type": "gauge", "help": "Jobs in the queue.", "unit": ""}],
            "wait_seconds": [{"type": "histogram", "help": "Wait.", "unit": ""}]}},
        "status_buildinfo": {"data": {"version": "3.14.0"}},
    })
}

fn open(config: &str, arguments: &str) -> Driver {
    let answers = answers().to_string();
    Driver::with_files(&[
        ("prometheus.yml", config),
        ("kubernetes_sd_configs/pods.yml", SAMPLE),
        (ARGUMENTS_FILE, arguments),
        (ANSWERS_FILE, &answers),
    ])
}

fn comparison(driver: &mut Driver) -> Comparison {
    match driver.watch(PageQuery::Targets(Query::default())) {
        View::Targets(view) => view.comparison.expect("a comparison"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn targets_are_compared_with_those_of_the_server() {
    let mut driver = open(CONFIG, "--web.enable-lifecycle\n");
    let found = comparison(&mut driver);
    assert_eq!(
        (found.targets, found.equal_targets, found.all_differences, found.down),
        (3, 3, 0, 2),
        "{found:#?}"
    );
    assert_eq!((found.version.as_str(), found.cut_jobs.len()), ("3.14.0", 0));
    let snapshot = driver.session.snapshot();
    assert_eq!(snapshot.analysis.diagnostics.to_vec(), []);
}

#[test]
fn a_row_says_what_the_server_said() {
    let mut answers = answers();
    let targets = &mut answers["targets"]["data"]["activeTargets"];
    targets[0]["health"] = "up".into();
    targets[0]["lastError"] = "".into();
    targets[0]["lastScrape"] = "2026-11-30T12:00:00.5+01:00".into();
    targets[0]["lastScrapeDuration"] = 0.0042.into();
    targets[1]["lastScrape"] = "0001-01-01T00:00:00Z".into();
    answers["status_runtimeinfo"] = serde_json::json!({"data": {"hostname": "prom-7"}});
    let answers = answers.to_string();
    let mut driver = Driver::with_files(&[
        ("prometheus.yml", CONFIG),
        ("kubernetes_sd_configs/pods.yml", SAMPLE),
        (ANSWERS_FILE, &answers),
    ]);
    let View::Targets(view) = driver.watch(PageQuery::Targets(Query::default())) else {
        panic!("the page has no view")
    };
    let rows = view.pools.iter().flat_map(|pool| &pool.targets);
    let said: Vec<(State, String)> =
        rows.map(|row| (row.state, row.server.as_ref().unwrap().sentence())).collect();
    let up = "prom-7 said: UP at 2026-11-30T12:00:00+01:00, after a scrape of 4 ms. Its answers have no samples.";
    let expected = [
        (State::Undescribed, up.to_owned()),
        (State::Undescribed, "prom-7 had not scraped it yet.".to_owned()),
    ];
    assert_eq!(said, expected);
}

#[test]
fn an_edit_shows_what_it_would_change() {
    let kept = CONFIG
        .replace("regex: debug", "regex: other")
        .replace("target_label: pod", "target_label: name");
    let found = comparison(&mut open(&kept, ""));
    let fields: Vec<(String, String, String)> = found
        .differences
        .iter()
        .flat_map(|one| {
            one.fields
                .iter()
                .map(|field| (field.field.clone(), field.here.clone(), field.server.clone()))
        })
        .collect();
    let field = |field: &str, here: &str, server: &str| {
        (field.to_owned(), here.to_owned(), server.to_owned())
    };
    assert_eq!(
        fields,
        [
            field("name", "web", ""),
            field("pod", "", "web"),
            field("name", "web", ""),
            field("pod", "", "web"),
            field("state", "active", "dropped"),
        ]
    );
    assert_eq!((found.equal_targets, found.all_differences), (0, 3));
    let renamed = comparison(&mut open(&CONFIG.replace("job_name: pods", "job_name: other"), ""));
    assert_eq!(
        (renamed.unknown_jobs, renamed.targets, renamed.equal_targets),
        (vec!["pods".to_owned()], 3, 0)
    );
}

#[test]
fn metadata_gives_the_types_of_metrics() {
    let driver = open(CONFIG, "");
    let snapshot = driver.session.snapshot();
    let facts = crate::ide::world_facts(&snapshot);
    for (metric, kind) in [
        ("queue_total", Some(MetricKind::Gauge)),
        ("wait_seconds", Some(MetricKind::Histogram)),
        ("wait_seconds_bucket", Some(MetricKind::Counter)),
        ("other", None),
    ] {
        assert_eq!(facts.metric_kind(metric), kind, "{metric}");
    }
    assert_eq!(facts.metric_help("queue_total").as_deref(), Some("Jobs in the queue."));
}

#[test]
fn the_command_line_of_the_server_is_checked() {
    for (arguments, message) in [
        ("--storage.tsdb.retention.time=30x\n", "unknown unit"),
        ("# comment\n\n--no-such-flag\n", "unknown long flag '--no-such-flag'"),
    ] {
        let driver = open(CONFIG, arguments);
        let snapshot = driver.session.snapshot();
        let found = &snapshot.analysis.diagnostics;
        assert!(found.iter().any(|one| one.message.contains(message)), "{arguments}: {found:?}");
        assert!(snapshot.stored.server.stopped.is_some());
        assert!(snapshot.stored.table.pools.is_empty());
    }
    let driver = open("rule_files: [a.yml]\nscrape_configs: []\n", "--agent\n");
    let snapshot = driver.session.snapshot();
    assert!(snapshot.analysis.refusal.is_some(), "an agent has no rules");
}

#[test]
fn answers_of_another_form_are_said() {
    let driver = Driver::with_files(&[("prometheus.yml", CONFIG), (ANSWERS_FILE, "[]")]);
    let snapshot = driver.session.snapshot();
    let found: Vec<&str> = snapshot.analysis.diagnostics.iter().map(|one| &*one.code).collect();
    assert!(found.contains(&"answers-unreadable"), "{found:?}");
}

/// A Deployment, its ReplicaSet and its pod, as `kubectl get` prints them.
const EXPORTED: &str = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: web, namespace: default, uid: a, resourceVersion: \"7\", generation: 1}\n  spec:\n    selector: {matchLabels: {app: web}}\n    template:\n      metadata: {labels: {app: web}, creationTimestamp: null}\n      spec:\n        containers: [{name: web, image: prom/node-exporter, ports: [{containerPort: 9100}]}]\n  status: {replicas: 1}\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: web-5d8-x, namespace: default, uid: b, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d8, uid: c, controller: true}]}\n  spec: {containers: [{name: web, image: a}]}\n- apiVersion: v1\n  kind: Service\n  metadata: {name: web, namespace: default, uid: d}\n  spec: {selector: {app: web}, clusterIP: 172.20.0.9, clusterIPs: [172.20.0.9], ports: [{port: 9100}]}\n";

#[test]
fn exported_objects_run() {
    let raw =
        protocol::RawFile { name: "all.yaml".into(), bytes: EXPORTED.into(), ..Default::default() };
    let imported = ::import::import(vec![raw]);
    let config = "scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  kubernetes_sd_configs: [{role: pod}]\n- job_name: b\n  scrape_interval: 5s\n  static_configs: [{targets: ['web:9100']}]\n";
    let files = imported.files.iter().map(|file| (file.name.as_str(), file.text.as_str()));
    let files = files.chain([("prometheus.yml", config)]);
    let mut driver = Driver::with_workspace(Workspace::from_files("", files, 1));
    driver.advance(60_000);
    let View::Targets(view) = driver.watch(PageQuery::Targets(Query::default())) else {
        panic!("the page has no view")
    };
    let states: Vec<State> =
        view.pools.iter().flat_map(|pool| &pool.targets).map(|row| row.state).collect();
    assert_eq!(states, [State::Up, State::Up]);
    assert_eq!(view.refused, []);
}
