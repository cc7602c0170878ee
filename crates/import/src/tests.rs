//! Imports as a whole.

use super::*;
use serde_json::json;

fn raw(name: &str, bytes: impl Into<Vec<u8>>) -> RawFile {
    RawFile { name: name.into(), bytes: bytes.into(), from: Given::Chosen }
}

fn one(name: &str, text: impl Into<Vec<u8>>) -> Imported {
    import(vec![raw(name, text)])
}

fn text<'a>(imported: &'a Imported, name: &str) -> &'a str {
    let found = imported.files.iter().find(|file| file.name == name);
    found.map_or_else(|| panic!("{name} is not in {:?}", names(imported)), |file| &file.text)
}

fn names(imported: &Imported) -> Vec<&str> {
    imported.files.iter().map(|file| file.name.as_str()).collect()
}

#[test]
fn plain_files_stay_as_they_are() {
    let imported = import(vec![
        raw("../conf//prometheus.yml", "a: 1\r\n"),
        raw("a.yml", "1"),
        raw("a.yml", "2"),
        raw("photo.png", vec![0x89, b'P', 0, 1]),
        RawFile { name: "x/README.md".into(), bytes: b"#".to_vec(), from: Given::Folder },
        RawFile { name: "x/b.yml".into(), bytes: b"b".to_vec(), from: Given::Folder },
        RawFile { name: String::new(), bytes: b"up 1\n".to_vec(), from: Given::Pasted },
    ]);
    assert_eq!(
        names(&imported),
        ["conf/prometheus.yml", "a.yml", "2-a.yml", "x/b.yml", "pasted.prom"]
    );
    assert_eq!(text(&imported, "conf/prometheus.yml"), "a: 1\r\n");
    assert_eq!(imported.notes.len(), 2, "{:?}", imported.notes);
    assert_eq!(imported.notes[1], "photo.png is not text and is skipped.");
    assert!(!imported.live);
    for (given, expected) in [
        ("", "file.yaml"),
        ("..", "file.yaml"),
        ("a\u{7}b.yml", "ab.yml"),
        ("C:\\conf\\a.yml", "C:/conf/a.yml"),
        (&format!("{}.yml", "ä".repeat(200)), &format!("{}.yml", "ä".repeat(125))),
    ] {
        assert_eq!(clean_name(given), expected);
    }
}

#[test]
fn the_configuration_is_shown_first() {
    let config = "global: {}\nscrape_configs: []\n";
    for (files, expected) in [
        (&[("docker-compose.yml", "services: {}\n"), ("prometheus.yml", "global: {}\n")][..], 1),
        (&[("a.yml", config), ("x/prometheus.yaml", config)], 1),
        (&[("alertmanager.yml", "route: {}\n"), ("p.yml", config)], 1),
        (&[("a.yml", " scrape_configs: []\n"), ("b.yml", "a: 1\n")], 0),
        (&[], 0),
    ] {
        let imported = import(files.iter().map(|(name, text)| raw(name, *text)).collect());
        assert_eq!(imported.first, expected, "{files:?}");
    }
}

const CONFIG: &str = "global:\n  scrape_interval: 15s\n  evaluation_interval: 30s\nscrape_configs:\n- job_name: pods\n  scrape_interval: 15s\n  relabel_configs:\n  - source_labels: [__meta_kubernetes_pod_name]\n    target_label: pod\n  kubernetes_sd_configs:\n  - role: pod\n  static_configs:\n  - targets:\n    - a:1\n- job_name: mon/0\n  params:\n    token: [abc]\n  consul_sd_configs:\n  - server: http://user:xxxxx@consul:8500\n";

/// A bundle with two jobs.
fn bundle() -> serde_json::Value {
    let labels = |own: serde_json::Value, job: &str| {
        let mut labels = json!({"__metrics_path__": "/metrics", "__scheme__": "http", "__scrape_interval__": "15s",
            "__scrape_timeout__": "10s", "__always_scrape_classic_histograms__": "false",
            "__convert_classic_histograms_to_nhcb__": "false", "__scrape_native_histograms__": "false", "job": job});
        for (name, value) in own.as_object().unwrap() {
            labels[name] = value.clone();
        }
        labels
    };
    let active = |discovered, labels, pool, url: &str| {
        json!({"discoveredLabels": discovered, "labels": labels,
        "scrapePool": pool, "scrapeUrl": url, "health": "up", "lastError": "", "scrapeInterval": "15s", "scrapeTimeout": "10s"})
    };
    json!({
        "status_config": {"status": "success", "data": {"yaml": CONFIG}},
        "status_flags": {"status": "success", "data": {"config.file": "/etc/prometheus/prometheus.yml", "log.level": "info",
            "storage.tsdb.retention.time": "30d", "web.enable-lifecycle": "true", "auto-gomemlimit": "false", "storage.tsdb.old": "1"}},
        "status_buildinfo": {"data": {"version": "3.14.0"}},
        "status_runtimeinfo": {"data": {"hostname": "prometheus-0", "goroutineCount": 42}},
        "metadata": {"data": {"jobs_total": [{"type": "counter", "help": "Jobs.", "unit": ""}]}},
        "alerts": {"data": {"alerts": []}},
        "rules": {"data": {"groups": [{"name": "g", "file": "/etc/prometheus/rules/a.yml", "interval": 30, "limit": 0, "rules": [
            {"type": "alerting", "name": "Down", "query": "up == 0", "duration": 300, "keepFiringFor": 0, "labels": {"severity": "page"},
             "annotations": {"summary": "{{ $labels.instance }}"}},
            {"type": "recording", "name": "a:b", "query": "sum(up)", "labels": {}}]},
            {"name": "h", "file": "/etc/prometheus/rules/a.yml", "interval": 60, "limit": 5, "rules": []}]}},
        "targets": {"data": {"activeTargets": [
            active(labels(json!({"__address__": "a:1"}), "pods"), json!({"instance": "a:1", "job": "pods"}), "pods", "http://a:1/metrics"),
            active(labels(json!({"__address__": "10.0.0.1:80", "__meta_kubernetes_pod_name": "web"}), "pods"),
                json!({"instance": "10.0.0.1:80", "job": "pods", "pod": "web"}), "pods", "http://10.0.0.1:80/metrics"),
            active(labels(json!({"__address__": "n:1", "__meta_consul_dc": "x", "__scheme__": "https", "__param_token": "abc"}), "mon/0"),
                json!({"instance": "n:1", "job": "mon/0"}), "mon/0", "https://n:1/metrics?token=abc")],
            "droppedTargets": [], "droppedTargetCounts": {"pods": 3}}},
    })
}

#[test]
fn a_bundle_becomes_a_workspace() {
    let imported = one("prometheus-bundle.json", bundle().to_string());
    assert_eq!(
        names(&imported),
        [
            "prometheus.yml",
            "kubernetes_sd_configs/pods.yml",
            "consul_sd_configs/mon/0.yml",
            "a.yml",
            "prometheus.args",
            "prometheus-answers.json"
        ]
    );
    assert_eq!(imported.title, "Prometheus 3.14.0 on prometheus-0");
    assert!(imported.live);
    assert_eq!(
        text(&imported, "kubernetes_sd_configs/pods.yml"),
        "# Targets that prometheus-0 found by kubernetes_sd_configs. The file replaces the discovery.\n- targets:\n  - 10.0.0.1:80\n  labels:\n    __meta_kubernetes_pod_name: web\n"
    );
    assert!(text(&imported, "consul_sd_configs/mon/0.yml").ends_with(
        "- targets:\n  - n:1\n  labels:\n    __meta_consul_dc: x\n    __scheme__: https\n"
    ));
    assert_eq!(
        text(&imported, "a.yml"),
        "# From /etc/prometheus/rules/a.yml.\ngroups:\n- name: g\n  rules:\n  - alert: Down\n    expr: up == 0\n    for: 5m\n    labels:\n      severity: page\n    annotations:\n      summary: '{{ $labels.instance }}'\n  - record: a:b\n    expr: sum(up)\n- name: h\n  interval: 1m\n  limit: 5\n  rules: []\n"
    );
    assert_eq!(
        text(&imported, "prometheus.args"),
        "--no-auto-gomemlimit\n--config.file=/etc/prometheus/prometheus.yml\n--storage.tsdb.retention.time=30d\n--web.enable-lifecycle\n"
    );
    let answers = text(&imported, "prometheus-answers.json");
    for secret in ["abc", "user", "goroutine", "alerts"] {
        assert!(imported.files.iter().all(|file| !file.text.contains(secret)), "{secret}");
    }
    assert!(text(&imported, "prometheus.yml").contains("server: http://consul:8500"));
    let read = bundle::Answers::parse(answers).unwrap();
    assert_eq!(
        (
            read.listed(),
            read.hostname.as_str(),
            read.metadata["jobs_total"][0].metric_type.as_str()
        ),
        (3, "prometheus-0", "counter")
    );
    assert_eq!(
        imported.notes,
        [
            "Flags that Prometheus 3.14 does not have are left out: storage.tsdb.old.",
            "The server lists 0 of 3 dropped targets (keep_dropped_targets).",
            "The relabeling was not recorded, because the script needs jq for it.",
            "Credentials in URLs and parameters were taken out.",
        ]
    );
}

#[test]
fn parts_of_a_bundle_that_are_absent_or_broken_are_said() {
    for (bundle, files, note) in [
        (
            json!({"targets": {"data": {"activeTargets": null}}}),
            1,
            "The bundle has no configuration (status/config: it is absent)",
        ),
        (
            json!({"status_config": null, "targets": {"error": "x"}}),
            0,
            "The bundle has no targets (targets: x)",
        ),
        (
            json!({"status_config": {"data": {"yaml": "a: ["}}, "rules": {"data": null}}),
            1,
            "The bundle has no rules (rules: it has no data)",
        ),
        (json!({"status": "success", "data": {"yaml": "global: {}\n"}}), 1, ""),
        (
            json!({"status": "success", "data": {"groups": []}}),
            0,
            "The bundle has no configuration",
        ),
    ] {
        let imported = one("x.json", bundle.to_string());
        assert_eq!(imported.files.len(), files, "{bundle}: {:?}", names(&imported));
        assert!(
            note.is_empty() || imported.notes.iter().any(|one| one.starts_with(note)),
            "{bundle}: {:?}",
            imported.notes
        );
    }
    // A dashboard and a file of targets are no bundles.
    for other in [
        r#"{"panels": [], "title": "targets"}"#,
        r#"[{"targets": ["a:1"]}]"#,
        r#"{"targets": ["a"]}"#,
        "{",
    ] {
        assert_eq!(names(&one("x.json", other)), ["x.json"]);
    }
}

/// An object as `kubectl get -o yaml` prints it.
fn yaml_of(object: &serde_json::Value) -> String {
    let object = kubernetes::object::parse_json(&object.to_string()).unwrap();
    kubernetes::object::to_yaml(&object)
}

/// The output of `kubectl get deploy,pods,svc,… -A -o json`.
fn list() -> serde_json::Value {
    let meta = |name: &str, namespace: &str| {
        json!({"name": name, "namespace": namespace, "uid": "1", "resourceVersion": "7",
        "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": [], "annotations": {"deployment.kubernetes.io/revision": "1"}})
    };
    let mut owned = meta("web-5d8-x", "shop");
    owned["ownerReferences"] =
        json!([{"kind": "ReplicaSet", "name": "web-5d8", "controller": true}]);
    let mut node = meta("node-1", "");
    node.as_object_mut().unwrap().remove("namespace");
    json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("web", "shop"), "spec": {"replicas": 2}, "status": {"replicas": 2}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": owned, "spec": {}},
        {"apiVersion": "v1", "kind": "Service", "metadata": meta("web", "shop"), "spec": {"clusterIP": "172.20.1.1", "clusterIPs": ["172.20.1.1"], "type": "ClusterIP"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": meta("headless", "shop"), "spec": {"clusterIP": "None"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": meta("kubernetes", "default"), "spec": {}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("kube-root-ca.crt", "shop"), "data": {}},
        {"apiVersion": "v1", "kind": "Event", "metadata": meta("e", "shop")},
        {"apiVersion": "v1", "kind": "Node", "metadata": node, "status": {"addresses": []}},
    ]})
}

#[test]
fn exported_objects_become_manifests() {
    let yaml = yaml_of(&list());
    for (name, text_of) in [("all.json", list().to_string()), ("all.yaml", yaml)] {
        let imported = one(name, text_of);
        assert_eq!(names(&imported), ["cluster.yaml", "cluster-shop.yaml"], "{name}");
        assert_eq!(
            text(&imported, "cluster-shop.yaml"),
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  replicas: 2\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  type: ClusterIP\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: headless\n  namespace: shop\nspec:\n  clusterIP: None\n"
        );
        assert!(text(&imported, "cluster.yaml").contains("status:\n  addresses: []"));
        assert_eq!(
            imported.notes,
            [
                "Objects that controllers and the API server create are left out: 1 ConfigMap, 1 Event, 1 Pod, 1 Service."
            ]
        );
        assert_eq!((imported.live, imported.title.as_str()), (true, "Cluster"));
    }
    let manifest = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n";
    assert_eq!(text(&one("a.yaml", manifest), "a.yaml"), manifest, "a manifest stays as it is");
}

#[test]
fn the_configuration_of_the_operator_is_unpacked() {
    let config = "scrape_configs:\n- job_name: a\n  basic_auth:\n    username: u\n    password: hunter2\n  authorization: {credentials: 'tok en'}\n  http_sd_configs:\n  - url: http://u:p@h/\n";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, config.as_bytes()).unwrap();
    let packed = go::base64::encode(&encoder.finish().unwrap());
    let secret = |data: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "prometheus-k8s", "namespace": "monitoring"},
        "data": {"prometheus.yaml.gz": data}})
    };
    let imported = one("s.yaml", yaml_of(&secret(&packed)));
    assert_eq!(names(&imported), ["prometheus.yml"]);
    assert_eq!(
        text(&imported, "prometheus.yml"),
        "scrape_configs:\n- job_name: a\n  basic_auth:\n    username: u\n    password: <secret>\n  authorization: {credentials: <secret>}\n  http_sd_configs:\n  - url: http://h/\n"
    );
    assert_eq!(
        imported.notes[0],
        "prometheus.yml is the configuration in the Secret monitoring/prometheus-k8s."
    );
    assert!(imported.live);
    for broken in ["!", "aGVsbG8="] {
        let imported = one("s.json", secret(broken).to_string());
        assert!(
            imported.notes[0].starts_with(
                "The configuration in the Secret monitoring/prometheus-k8s cannot be read"
            ),
            "{:?}",
            imported.notes
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(.|\n|\\{|\"targets\"|\"data\"|:|kind: |uid: |- |null)*") {
        one("a.yaml", text);
    }
}

#[test]
fn json_that_is_too_large_is_skipped_with_a_note() {
    let filler = " ".repeat(content::MOST_JSON);
    let imported = one("bundle.json", format!("{{{filler}\"config\": {{}}}}"));
    assert_eq!(names(&imported), [""; 0]);
    assert_eq!(
        imported.notes,
        ["bundle.json has 16 MiB of JSON and is skipped; at most 16 MiB are read."]
    );
}
