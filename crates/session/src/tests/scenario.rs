//! The scenarios as they open: each with its target table after two minutes.

use super::driver::{Driver, workspace};
use protocol::pages::targets;
use protocol::{PageQuery, Request, View};

/// Opens a scenario, lets two minutes go by and looks at the targets.
fn table(scenario: &str) -> targets::View {
    edited(scenario, &[])
}

/// The same with texts replaced, wherever they stand.
fn edited(scenario: &str, edits: &[(&str, &str)]) -> targets::View {
    let mut workspace = workspace(scenario);
    for (from, to) in edits {
        assert!(workspace.files.iter().any(|file| file.text.contains(from)), "{from}");
        for file in &mut workspace.files {
            file.text = file.text.replace(from, to);
        }
    }
    let mut driver = Driver::with_workspace(workspace);
    driver.send(Request::Watch { query: PageQuery::Targets(targets::Query::default()) });
    for _ in 0..8 {
        driver.send(Request::Advance { millis: 15_000 });
    }
    match driver.view {
        Some(View::Targets(view)) => view,
        other => panic!("{other:?}"),
    }
}

/// Job, state and URL, with the error behind them, row by row.
fn rows(view: &targets::View) -> Vec<String> {
    let rows = view.pools.iter().flat_map(|pool| pool.targets.iter().map(move |row| (pool, row)));
    rows.map(|(pool, row)| {
        let error = row.error.as_ref().map_or(String::new(), |error| format!(" {error}"));
        format!("{} {:?} {}{error}", pool.job, row.state, row.url)
    })
    .collect()
}

#[test]
fn giftcard_has_one_target_and_it_is_up() {
    let view = table("giftcard");
    assert_eq!(rows(&view), ["proxy-job Up http://proxy-service:8080/metrics"]);
    assert!(view.note.is_none() && view.dropped == 0 && view.failed == 0);
}

#[test]
fn addresses_and_paths_are_asked_for_as_go_writes_them() {
    let url = |address: &str| format!("http://{address}/metrics");
    let invalid = url("proxy-service:web");
    for (from, to, expected) in [
        ("'/metrics'", "metrics", format!("Up {}", url("proxy-service:8080"))),
        (
            "service:8080'",
            "service:65536'",
            format!(
                "Down {0} Get \"{0}\": dial tcp: address 65536: invalid port",
                url("proxy-service:65536")
            ),
        ),
        (
            "service:8080'",
            "service:web'",
            format!("Down {invalid} parse \"{invalid}\": invalid port \":web\" after host"),
        ),
        (
            "interval: 15s",
            "interval: 1ms",
            format!("Down {0} Get \"{0}\": context deadline exceeded", url("proxy-service:8080")),
        ),
    ] {
        let view = edited("giftcard", &[(from, to)]);
        assert_eq!(rows(&view), [format!("proxy-job {expected}")], "{to}");
    }
}

#[test]
fn populare_has_two_targets_up_among_many() {
    let view = table("populare");
    let status = |at: &str, status: &str| {
        format!(
            "kubernetes-service-endpoints Down http://{at}/metrics server returned HTTP status {status}"
        )
    };
    let refused = |at: &str| {
        format!(
            "kubernetes-service-endpoints Down http://{at}/metrics Get \"http://{at}/metrics\": dial tcp {at}: connect: connection refused"
        )
    };
    let expected = [
        "prometheus Up http://localhost:9090/metrics".to_owned(),
        // The API server requires TLS, the job has none.
        status("192.168.49.2:8443", "400 Bad Request"),
        status("10.244.0.3:8000", "404 Not Found"),
        status("10.244.0.4:8000", "404 Not Found"),
        "kubernetes-service-endpoints Up http://10.244.0.5:8000/metrics".to_owned(),
        refused("10.244.0.6:51820"),
        status("10.244.0.7:80", "404 Not Found"),
        status("10.244.0.8:8000", "404 Not Found"),
        status("10.244.0.9:7700", "401 Unauthorized"),
        status("10.244.0.10:8080", "404 Not Found"),
        status("10.244.0.11:8080", "404 Not Found"),
        status("10.244.0.12:8025", "404 Not Found"),
        status("10.244.0.13:15672", "404 Not Found"),
        // Port 53 is discovered for UDP and for TCP; the rules leave two targets that are one.
        refused("10.244.0.14:53"),
        refused("10.244.0.14:9153"),
    ];
    assert_eq!(rows(&view), expected);
    assert_eq!((view.up, view.down, view.dropped), (2, 13, 1));
}

#[test]
fn jewelry_shop_scrapes_the_cluster_and_is_refused_by_django() {
    let view = table("jewelry-shop");
    let all = rows(&view);
    let django = |at: &str| {
        format!("django Down http://{at}:8000/metrics server returned HTTP status 400 Bad Request")
    };
    let expected = [
        "prometheus Up http://localhost:9090/metrics".to_owned(),
        django("10.244.0.3"),
        django("10.244.0.4"),
        django("10.244.0.5"),
        "kubernetes-apiservers Up https://192.168.49.2:8443/metrics".to_owned(),
        "kubernetes-nodes Up https://192.168.49.2:10250/metrics".to_owned(),
        "kubernetes-pods Up http://10.244.0.10:8080/internal/metrics".to_owned(),
    ];
    assert_eq!(all, expected);
    let row = &view.pools[1].targets[0];
    assert!(row.reasons[0].text.contains("ALLOWED_HOSTS"), "{:?}", row.reasons);
    assert!(row.reasons[1].location.is_some());
    for job in ["postgresql", "redis", "nginx", "celery"] {
        let pool = view.pools.iter().find(|pool| pool.job == job).expect("a pool");
        assert_eq!(pool.active, 0, "the exporter of {job} is not deployed yet");
    }
}

#[test]
fn django_answers_to_the_hosts_that_it_allows() {
    for (hosts, state) in [
        ("'*'", "Up"),
        ("10.244.0.4", "Down"),
        ("shop.example.com,10.244.0.3", "Up"),
        ("''", "Down"),
    ] {
        let value = format!("value: {hosts}");
        let view = edited("jewelry-shop", &[("value: jewelry-shop.example.com", &value)]);
        let first = rows(&view).into_iter().find(|row| row.starts_with("django ")).expect("a row");
        assert!(first.starts_with(&format!("django {state} ")), "{hosts}: {first}");
    }
}

#[test]
fn wiki_chart_has_two_targets_up() {
    let view = table("wiki-chart");
    assert_eq!(
        rows(&view),
        [
            "fastapi Up http://wiki-chart-fastapi:8000/metrics",
            "prometheus Up http://localhost:9090/metrics",
        ]
    );
}

/// The error of a job after a change of its TLS settings or permissions, and a location that the
/// reason refers to.
#[test]
fn the_api_server_and_the_kubelets_want_to_know_who_asks() {
    const CA: &str = "          ca_file: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt\n";
    const TOKEN: &str = "        authorization:\n          credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token\n";
    const SKIP: &str = "          insecure_skip_verify: true\n";
    let (api, node) = ("kubernetes-apiservers", "kubernetes-nodes");
    for (job, from, to, error) in [
        (
            api,
            CA,
            "",
            "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        ),
        (api, CA, "          server_name: kubernetes\n", "certificate signed by unknown authority"),
        (
            api,
            "        tls_config:\n",
            "        tls_config:\n          server_name: nobody\n",
            "kubernetes.default, kubernetes, localhost, not nobody",
        ),
        (api, TOKEN, "", "server returned HTTP status 403 Forbidden"),
        (api, "[/metrics]", "[/version]", "server returned HTTP status 403 Forbidden"),
        (
            api,
            TOKEN,
            "        authorization: {credentials: abc}\n",
            "server returned HTTP status 401 Unauthorized",
        ),
        (api, "scheme: https", "scheme: http", "server returned HTTP status 400 Bad Request"),
        (
            api,
            "serviceaccount/token",
            "serviceaccount/tokem",
            "unable to read authorization credentials: unable to read file /var/run/secrets/kubernetes.io/serviceaccount/tokem: open /var/run/secrets/kubernetes.io/serviceaccount/tokem: no such file or directory",
        ),
        (
            node,
            SKIP,
            "",
            "cannot validate certificate for 192.168.49.2 because it doesn't contain any IP SANs",
        ),
        (node, TOKEN, "", "server returned HTTP status 401 Unauthorized"),
        (node, "nodes/metrics, ", "", "server returned HTTP status 403 Forbidden"),
        (
            node,
            "      - job_name: kubernetes-nodes\n",
            "      - job_name: kubernetes-nodes\n        metrics_path: /metrics/other\n",
            "server returned HTTP status 404 Not Found",
        ),
    ] {
        let view = edited("jewelry-shop", &[(from, to)]);
        let pool = view.pools.iter().find(|pool| pool.job == job).expect("a pool");
        let row = &pool.targets[0];
        let found = row.error.as_deref().unwrap_or_default();
        assert!(found.ends_with(error), "{job}, {to:?} for {from:?}: {found}");
        let of_request = !error.starts_with("server returned");
        assert_eq!(found.starts_with("Get \"http"), of_request, "{found}");
        assert!(!row.reasons.is_empty(), "{found}");
    }
}

#[test]
fn by_way_of_the_api_server_other_rights_count() {
    let by_proxy = [(
        "        relabel_configs:\n          - action: labelmap\n",
        "        relabel_configs:\n          - {target_label: __address__, replacement: 'kubernetes.default.svc:443'}\n          - {source_labels: [__meta_kubernetes_node_name], target_label: __metrics_path__, replacement: /api/v1/nodes/$1/proxy/metrics/cadvisor}\n          - action: labelmap\n",
    )];
    let row = |edits: &[(&str, &str)]| {
        let view = edited("jewelry-shop", edits);
        let pool = view.pools.iter().find(|pool| pool.job == "kubernetes-nodes").expect("a pool");
        pool.targets[0].clone()
    };
    let refused = row(&by_proxy);
    assert_eq!(refused.error.as_deref(), Some("server returned HTTP status 403 Forbidden"));
    let allowed = row(&[by_proxy[0], ("nodes/metrics", "nodes/proxy")]);
    assert_eq!(allowed.state, targets::State::Up, "{allowed:?}");
    assert_eq!(
        allowed.url,
        "https://kubernetes.default.svc:443/api/v1/nodes/minikube/proxy/metrics/cadvisor"
    );
}

#[test]
fn a_job_whose_authority_is_missing_has_no_pool() {
    let view = edited("jewelry-shop", &[("serviceaccount/ca.crt", "serviceaccount/ca.pem")]);
    let pool = view.pools.iter().find(|pool| pool.job == "kubernetes-nodes").expect("a line");
    assert!(pool.targets.is_empty());
    let note = pool.note.as_ref().expect("why");
    assert!(note.location.is_some());
    let error = "error creating HTTP client: unable to read CA cert: unable to read file /var/run/secrets/kubernetes.io/serviceaccount/ca.pem: open /var/run/secrets/kubernetes.io/serviceaccount/ca.pem: no such file or directory";
    assert!(note.lines[0].contains(error), "{note:?}");
}

#[test]
fn what_answers_without_metrics_says_why() {
    for (from, to, error, reason) in [
        ("'/metrics'", "/stats", "404 Not Found", "has its metrics at /metrics"),
        ("metrics_path:", "scheme: https\n        metrics_path:", "HTTPS client", "plain HTTP"),
    ] {
        let view = edited("giftcard", &[(from, to)]);
        let row = &view.pools[0].targets[0];
        assert!(row.error.as_ref().is_some_and(|text| text.contains(error)), "{row:?}");
        assert!(row.reasons[0].text.contains(reason), "{row:?}");
        assert!(row.reasons[1].location.is_some());
    }
}

#[test]
fn what_a_scenario_watches_is_there_to_be_seen() {
    for scenario in scenarios::SCENARIOS {
        let view = table(scenario.name);
        assert_eq!(view.sparklines.len(), scenario.watch.len(), "{}", scenario.name);
        for pulse in &view.sparklines {
            let last = pulse.lines.first().and_then(|line| line.values.last().copied().flatten());
            assert!(last.is_some() && pulse.now.is_some(), "{}: {}", scenario.name, pulse.query);
        }
    }
}

#[test]
fn rules_in_a_config_map_count_where_they_are_mounted_as_named() {
    let rules = |edits: &[(&str, &str)]| {
        let mut workspace = workspace("wiki-chart");
        for (from, to) in edits {
            assert!(workspace.files[0].text.contains(from), "{from}");
            workspace.files[0].text = workspace.files[0].text.replacen(from, to, 1);
        }
        Driver::with_workspace(workspace).session.analysis.rules.clone()
    };
    let groups = |edits: &[(&str, &str)]| rules(edits).active().len();
    assert_eq!(groups(&[]), 1);
    assert_eq!(groups(&[("- rules.yml", "- /etc/prometheus/r*.yml")]), 1);
    // The pattern names the configuration, too, which is no rule file.
    let refused = rules(&[("- rules.yml", "- /etc/prometheus/*.yml")]).refusal.clone();
    assert_eq!(refused.map(|one| one.path).as_deref(), Some("/etc/prometheus/prometheus.yml"));
    assert_eq!(groups(&[("- rules.yml", "- rules/*.yml")]), 0);
    assert_eq!(groups(&[("- rules.yml", "- /etc/rules.yml")]), 0);
    assert_eq!(groups(&[("  rules.yml: |", "  other.yml: |")]), 0);
}
