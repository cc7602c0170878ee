//! Files as they come from real systems.

use super::driver::Driver;
use protocol::pages::checks;
use protocol::pages::targets::{self, State};
use protocol::{PageQuery, View};

/// URL, state and error of the targets after a minute.
fn targets(driver: &mut Driver) -> Vec<targets::Row> {
    driver.advance(60_000);
    match driver.watch(PageQuery::Targets(targets::Query::default())) {
        View::Targets(view) => view.pools.into_iter().flat_map(|pool| pool.targets).collect(),
        other => panic!("{other:?}"),
    }
}

fn states(driver: &mut Driver) -> Vec<(String, State, Option<String>)> {
    let row = |row: targets::Row| {
        let url = row.url.trim_start_matches("http://").trim_end_matches("/metrics").to_owned();
        (url, row.state, row.error)
    };
    targets(driver).into_iter().map(row).collect()
}

fn config(targets: &str) -> String {
    format!(
        "scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  static_configs: [{{targets: [{targets}]}}]\n"
    )
}

/// The reasons why the result of a query is empty.
fn empty(driver: &mut Driver, query: &str) -> Vec<String> {
    let tab = protocol::pages::query::Tab::Table;
    let query =
        protocol::pages::query::Query { query: Some(query.into()), tab, ..Default::default() };
    match driver.watch(PageQuery::Query(query)) {
        View::Query(view) => view.empty,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_empty_result_has_a_reason() {
    let text = config("localhost:9090, 'node-exporter:9100'");
    let mut driver = Driver::with_files(&[("prometheus.yml", &text)]);
    driver.advance(60_000);
    let unknown = "Targets of which no file says what they answer have no samples: node-exporter:9100. The page Targets offers to describe them.";
    for (query, reason) in [
        ("up{job=~\"nothere\"}", "No series of up has job=~\"nothere\"; its values are \"a\"."),
        ("up{job!~\".*\"}", "No series of up has job!~\".*\"; its values are \"a\"."),
        ("up{zone=\"x\"}", "The series of up have no label zone."),
        ("up offset 1d", "up begins only 23h59m later, at the time that the selector reads."),
        ("node_load1", "No series is called node_load1."),
        (
            "prometheus_http_request_duration_seconds",
            "No series is called prometheus_http_request_duration_seconds. Its series are called prometheus_http_request_duration_seconds_bucket, prometheus_http_request_duration_seconds_sum, prometheus_http_request_duration_seconds_count.",
        ),
        (
            "prometheus_http_request_total",
            "No series is called prometheus_http_request_total. Did you mean prometheus_http_requests_total?",
        ),
    ] {
        let reasons = empty(&mut driver, query);
        assert_eq!(reasons.last().map(String::as_str), Some(unknown), "{query}");
        assert_eq!(reasons[0], reason, "{query}");
    }
    let compared = empty(&mut driver, "up > 3");
    assert!(compared[0].starts_with("Every selector found series"), "{compared:?}");
}

#[test]
fn names_that_a_library_does_not_export_lead_to_those_that_it_does() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: shop, labels: {app: shop}}\nspec: {containers: [{name: shop, image: 'acme/django:1', ports: [{containerPort: 8000}]}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 8000}]}\n";
    let text = config("'shop:8000', 'localhost:9090'");
    let mut driver = Driver::with_files(&[("prometheus.yml", &text), ("shop.yaml", pod)]);
    driver.advance(60_000);
    for (query, reason) in [
        ("django_http_requests_total", "Did you mean django_http_requests_total_by_method_total?"),
        ("django_cache_hit_total", "Did you mean django_cache_get_hits_total?"),
        ("django_db_connections_total", "Did you mean django_db_new_connections_total?"),
        (
            "django_http_requests_latency_seconds_by_view_method",
            "Its series are called django_http_requests_latency_seconds_by_view_method_bucket, django_http_requests_latency_seconds_by_view_method_sum, django_http_requests_latency_seconds_by_view_method_count.",
        ),
    ] {
        let reasons = empty(&mut driver, query);
        assert!(reasons[0].ends_with(reason), "{query}: {reasons:?}");
    }
}

#[test]
fn a_host_that_no_file_describes_is_unknown_and_has_no_samples() {
    let text = config("localhost:9090, 'node-exporter:9100', '10.0.0.5:9100', 'localhost:9115'");
    let mut driver = Driver::with_files(&[("prometheus.yml", &text)]);
    let expected = [
        ("10.0.0.5:9100", State::Undescribed),
        ("localhost:9090", State::Up),
        ("localhost:9115", State::Undescribed),
        ("node-exporter:9100", State::Undescribed),
    ];
    let mut found = states(&mut driver);
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let expected: Vec<_> =
        expected.iter().map(|(url, state)| ((*url).to_owned(), *state, None)).collect();
    assert_eq!(found, expected);
    let summary = driver.session.summary();
    assert_eq!((summary.up, summary.down, summary.undescribed, summary.targets), (1, 0, 3, 4));
}

#[test]
fn with_manifests_what_is_outside_of_the_cluster_is_unknown() {
    let text = config("'example.com:80', '203.0.113.7:9100', 'nowhere:80', 'web.shop.svc:80'");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let mut driver = Driver::with_files(&[("prometheus.yml", &text), ("ns.yaml", namespace)]);
    for (url, state, error) in states(&mut driver) {
        let outside = url.starts_with("example.com") || url.starts_with("203.");
        assert_eq!(state == State::Undescribed, outside, "{url} {state:?} {error:?}");
        assert_eq!(error.is_some_and(|error| error.contains("no such host")), !outside, "{url}");
    }
}

#[test]
fn the_proposed_file_describes_what_answers() {
    let text = config("'node-exporter:9100', '[2001:db8::1]:80'");
    let mut driver = Driver::with_files(&[("prometheus.yml", &text)]);
    let proposals: Vec<_> =
        targets(&mut driver).into_iter().filter_map(|row| row.proposal).collect();
    assert_eq!(proposals.len(), 2);
    assert!(proposals[0].text.contains("includes: [node-exporter]"), "{}", proposals[0].text);
    for (index, file) in proposals.iter().enumerate() {
        driver.write(text::FileId(index as u32 + 10), &file.name, &file.text);
    }
    let found = states(&mut driver);
    assert!(found.iter().all(|(_, state, _)| *state == State::Up), "{found:?}");
    let snapshot = driver.session.snapshot();
    assert_eq!(snapshot.analysis.diagnostics.to_vec(), [], "the files have no findings");
    drop(driver);
}

/// Code and fixes of each finding of a workspace.
fn findings(files: &[(&str, &str)]) -> Vec<(String, String, Vec<String>)> {
    let driver = Driver::with_files(files);
    let snapshot = driver.session.snapshot();
    let found = snapshot.analysis.diagnostics.iter();
    found
        .map(|one| {
            let fixes = one.fixes.iter().map(|fix| fix.title.clone()).collect();
            (one.code.to_string(), one.message.clone(), fixes)
        })
        .collect()
}

const CHART_TEMPLATE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include \"x.fullname\" . }}\n  labels:\n    {{- include \"x.labels\" . | nindent 4 }}\nspec:\n  replicas: {{ .Values.replicaCount }}\n  selector:\n    matchLabels: {a: b}\n";

#[test]
fn a_template_or_a_file_of_another_program_is_one_finding() {
    for (name, text, code) in [
        ("deployment.yaml", CHART_TEMPLATE, "template-not-rendered"),
        (
            "prometheus.yml",
            "global:\n  scrape_interval: {{ interval }}\nscrape_configs:\n{% for job in jobs %}\n  - job_name: {{ job }}\n{% endfor %}\n",
            "template-not-rendered",
        ),
        (
            "alertmanager.yml",
            "global: {resolve_timeout: 5m}\nroute: {receiver: a}\nreceivers: [{name: a}]\n",
            "file-of-another-program",
        ),
        ("values.yaml", "replicaCount: 1\nimage: {repository: a}\n", "file-of-another-program"),
        ("a.yaml", "a: 1\n", "unrecognized-file"),
    ] {
        let found = findings(&[(name, text)]);
        let codes: Vec<&str> = found.iter().map(|(code, ..)| code.as_str()).collect();
        assert_eq!(codes, [code], "{name} {found:?}");
    }
}

fn with_flags(flags: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: prometheus}}\nspec:\n  selector: {{matchLabels: {{app: p}}}}\n  template:\n    metadata: {{labels: {{app: p}}}}\n    spec:\n      volumes: [{{name: c, configMap: {{name: c}}}}, {{name: d, emptyDir: {{}}}}]\n      containers:\n      - name: p\n        image: prom/prometheus\n        volumeMounts: [{{name: c, mountPath: /etc/prometheus}}, {{name: d, mountPath: /prometheus}}]\n        args: [--config.file=/etc/prometheus/prometheus.yml, --storage.tsdb.path=/prometheus, {flags}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n    - job_name: a\n      static_configs: [{{targets: [localhost:9090]}}]\n"
    )
}

#[test]
fn a_refused_command_line_stops_prometheus_and_has_a_finding() {
    for (flags, message, fix) in [
        (
            "--storage.tsdb.retention=360h",
            "unknown long flag '--storage.tsdb.retention'",
            Some("Use --storage.tsdb.retention.time"),
        ),
        ("-config.file=/a.yml", "unknown short flag '-c'", None),
        ("--storage.tsdb.retention.time=30x", "unknown unit", None),
        ("--web.enable-lifecylce", "unknown long flag", Some("Use --web.enable-lifecycle")),
    ] {
        let text = with_flags(flags);
        let found = findings(&[("p.yaml", &text)]);
        let (_, said, fixes) =
            found.iter().find(|(code, ..)| code.starts_with("prometheus-flag")).expect(flags);
        assert!(said.contains(message), "{flags}: {said}");
        assert_eq!(fixes.first().map(String::as_str), fix, "{flags}");
        let mut driver = Driver::with_files(&[("p.yaml", &text)]);
        assert_eq!(states(&mut driver), [], "{flags}: a server that has ended has no targets");
    }
    let mut driver = Driver::with_files(&[("p.yaml", &with_flags("--web.enable-lifecycle"))]);
    assert_eq!(states(&mut driver)[0].1, State::Up);
}

#[test]
fn findings_of_configurations_of_operators_and_old_guides() {
    let text = "scrape_configs:\n- job_name: a\n  bearer_token_file: /var/token\n  kubernetes_sd_configs: [{role: pod}]\n  relabel_configs:\n  - {source_labels: [__address__, __tmp_hash], regex: '(.+);', target_label: __tmp_hash}\n  - {source_labels: [__meta_kubernetes_pod_label_app], regex: web, action: keep}\n";
    let found = findings(&[("prometheus.yml", text)]);
    let expected = (
        "deprecated-field".to_owned(),
        "`bearer_token_file` is deprecated since 2.26".to_owned(),
        vec!["Use authorization.credentials_file".to_owned()],
    );
    assert_eq!(found, [expected]);
}

#[test]
fn a_proxy_answers_with_the_metrics_of_its_upstream() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: node, labels: {app: node}}\nspec:\n  containers:\n  - {name: exporter, image: 'quay.io/prometheus/node-exporter:v1.12.1', args: ['--web.listen-address=127.0.0.1:9101']}\n  - name: proxy\n    image: quay.io/brancz/kube-rbac-proxy:v0.22.1\n    args: ['--secure-listen-address=:9100', '--upstream=http://127.0.0.1:9101/']\n    ports: [{containerPort: 9100}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: node}\nspec: {selector: {app: node}, ports: [{name: https, port: 9100}, {name: direct, port: 9101}]}\n";
    let config = "scrape_configs:\n- job_name: proxied\n  scrape_interval: 5s\n  scheme: https\n  authorization: {credentials: token}\n  tls_config: {insecure_skip_verify: true}\n  static_configs: [{targets: ['node.default.svc:9100']}]\n- job_name: direct\n  scrape_interval: 5s\n  static_configs: [{targets: ['node.default.svc:9101']}]\n";
    let mut driver = Driver::with_files(&[("prometheus.yml", config), ("node.yaml", pod)]);
    let found = states(&mut driver);
    let of: Vec<State> = found.iter().map(|(_, state, _)| *state).collect();
    assert_eq!(of, [State::Up, State::Down], "{found:?}");
    let refused = found[1].2.as_deref().unwrap_or_default();
    assert!(refused.contains("connection refused"), "the exporter listens on localhost: {refused}");
    assert_eq!(empty(&mut driver, "node_load1{job='proxied'}"), [""; 0]);
}

#[test]
fn the_order_of_folders_is_not_said() {
    let needs = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n";
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    for (name, expected) in [("b.yaml", &["api-server-warns"][..]), ("setup/b.yaml", &[])] {
        let found = findings(&[("a.yaml", needs), (name, namespace)]);
        let codes: Vec<&str> = found.iter().map(|(code, ..)| code.as_str()).collect();
        assert_eq!(codes, expected, "{name}");
    }
}

#[test]
fn files_of_targets_are_found_by_one_rule() {
    let config =
        "scrape_configs:\n- job_name: a\n  file_sd_configs: [{files: ['targets/*.json']}]\n";
    let target = "[{\"targets\": [\"node:9100\"], \"labels\": {\"team\": \"a\"}}]\n";
    for (name, words) in [
        ("targets/api.json", None),
        ("api.json", Some("the workspace has no such file in \"targets\"")),
    ] {
        let files = [("prometheus.yml", config), (name, target)];
        let mut driver = Driver::with_files(&files);
        assert_eq!(states(&mut driver), [("node:9100".to_owned(), State::Undescribed, None)]);
        let found = findings(&files);
        let messages: Vec<&str> = found.iter().map(|(_, message, _)| message.as_str()).collect();
        assert_eq!(messages, Vec::from_iter(words), "{name}");
    }
}

#[test]
fn a_dropped_row_names_the_object_the_rule_and_the_value() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, annotations: {prometheus.io/scrape: 'True'}}\nspec: {containers: [{name: web, image: nginx, ports: [{containerPort: 80}]}]}\n";
    let config = |label: &str| {
        format!(
            "scrape_configs:\n- job_name: a\n  kubernetes_sd_configs: [{{role: pod}}]\n  relabel_configs:\n  - {{source_labels: [{label}], regex: 'true', action: keep}}\n"
        )
    };
    let annotation = "__meta_kubernetes_pod_annotation_prometheus_io_scrape";
    for (label, reason) in [
        (annotation, "The value is \"True\", which is not \"true\": upper and lower case differ"),
        ("__meta_kubernetes_pod_label_app", "There is no such label, so the value is empty"),
        ("__meta_kubernetes_pod_name", "The value is \"web\", which does not match \"true\""),
    ] {
        let mut driver =
            Driver::with_files(&[("prometheus.yml", &config(label)), ("pod.yaml", pod)]);
        let query = targets::Query { show: targets::Show::Dropped, ..Default::default() };
        let View::Targets(view) = driver.watch(PageQuery::Targets(query)) else { panic!() };
        let said = &view.pools[0].targets[0].reasons[0].text;
        let expected = format!(
            "Pod default/web: dropped by rule 1: keep where {label} matches true. {reason}"
        );
        assert_eq!(*said, expected);
    }
}

#[test]
fn a_misspelled_label_is_mended_on_the_likelier_side() {
    let deployment = |name: &str, selected: &str, given: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  selector: {{matchLabels: {{app: {selected}}}}}\n  template:\n    metadata: {{labels: {{app: {given}}}}}\n    spec: {{containers: [{{name: a, image: nginx}}]}}\n"
        )
    };
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: proxy}, ports: [{port: 80}]}\n";
    let refused = "api-server-refuses";
    let nothing = "service-selects-nothing";
    for (text, code, first) in [
        (deployment("proxy", "proxx", "proxy"), refused, "Select app=proxy"),
        (deployment("proxy", "proxy", "proxx"), refused, "Give the pods app=proxy"),
        (deployment("proxy", "proxx", "proxx") + service, nothing, "Give the pods app=proxy"),
        (deployment("proxx", "proxx", "proxx") + service, nothing, "Select app=proxx"),
    ] {
        let found = findings(&[("a.yaml", &text)]);
        let (.., fixes) = found.iter().find(|(known, ..)| known == code).expect(code);
        assert_eq!(fixes[0], first, "{text}");
        // The fix leaves no finding of its kind.
        let driver = Driver::with_files(&[("a.yaml", &text)]);
        let snapshot = driver.session.snapshot();
        let one = snapshot.analysis.diagnostics.iter().find(|one| one.code == code).unwrap();
        let fixed = text::apply_edits(&text, text::FileId(1), &one.fixes[0].edits).unwrap();
        let left = findings(&[("a.yaml", &fixed)]);
        assert!(left.iter().all(|(known, ..)| known != code), "{fixed} {left:?}");
    }
}

#[test]
fn a_rule_of_a_role_says_which_verbs_it_needs() {
    for (rule, expected) in [
        ("nonResourceURLs: [/metrics]", Some("a request of a path needs get")),
        ("apiGroups: ['']\n  resources: [pods]", Some("discovery needs list and watch")),
        ("apiGroups: ['']\n  resources: [nodes/metrics]", None),
    ] {
        let text = format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: a}}\nrules:\n- {rule}\n  verbs: [get]\n"
        );
        let driver = Driver::with_files(&[("a.yaml", &text)]);
        let hints = driver.last.annotations.iter().flat_map(|file| &file.inlay_hints);
        let verbs = text.find("verbs").unwrap() - 2;
        let at_verbs = hints.filter(|hint| hint.at as usize >= verbs);
        let found: Vec<&str> = at_verbs.map(|hint| hint.text.as_str()).collect();
        assert_eq!(found, Vec::from_iter(expected), "{rule}");
    }
}

fn query_page(driver: &mut Driver, query: &str) -> protocol::pages::query::View {
    let query = protocol::pages::query::Query {
        query: Some(query.into()),
        tab: protocol::pages::query::Tab::Table,
        ..Default::default()
    };
    match driver.watch(PageQuery::Query(query)) {
        View::Query(view) => view,
        other => panic!("{other:?}"),
    }
}

#[test]
fn queries_from_dashboards_have_values_for_variables_and_are_listed() {
    let dashboard = "{\"title\": \"Service\", \"schemaVersion\": 39, \"panels\": [{\"title\": \"Row\", \"panels\": [{\"title\": \"Requests\", \"targets\": [{\"expr\": \"rate(prometheus_http_requests_total[$__rate_interval])\"}]}]}]}";
    let files = [("prometheus.yml", &*config("localhost:9090")), ("d.json", dashboard)];
    let mut driver = Driver::with_files(&files);
    driver.advance(120_000);
    let listed = query_page(&mut driver, "up").dashboards;
    assert_eq!(listed[0].title, "Service: Requests");
    let view = query_page(&mut driver, &listed[0].expr);
    assert_eq!((view.problem, view.empty), (None, Vec::<String>::new()));
    assert_eq!(view.hints[0].message, "Variables of Grafana: $__rate_interval is 20s");
    let written = "rate(prometheus_http_requests_total[20s])";
    let rewrite = view.hints[0].rewrite.as_ref().map(|(_, query)| query.as_str());
    assert_eq!(rewrite, Some(written));
    let reasons = query_page(&mut driver, "up{job=\"$job\"}").empty;
    assert!(reasons[0].contains("$job is a variable of a Grafana dashboard"), "{reasons:?}");
    let reasons = query_page(&mut driver, "prometheus_http_requests_count_by_handler").empty;
    assert!(reasons[0].ends_with("Did you mean prometheus_http_requests_total?"), "{reasons:?}");
    let view = query_page(&mut driver, "holt_winters(up[5m], 0.5, 0.5)");
    assert_eq!(view.hints[0].code, "renamed-function");
}

#[test]
fn an_image_of_version_2_is_said_once_with_what_differs() {
    let text = with_flags("--storage.tsdb.retention=15d")
        .replace("image: prom/prometheus", "image: prom/prometheus:v2.48.0")
        .replace("[localhost:9090]", "[localhost:9090, example]");
    let found = findings(&[("p.yaml", &text)]);
    let codes: Vec<&str> = found.iter().map(|(code, ..)| code.as_str()).collect();
    assert_eq!(codes.iter().filter(|code| **code == "version-2-image").count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| !code.starts_with("prometheus-flag")), "{codes:?}");
    let driver = Driver::with_files(&[("p.yaml", &text)]);
    let snapshot = driver.session.snapshot();
    let mut diagnostics = snapshot.analysis.diagnostics.iter();
    let help =
        diagnostics.find_map(|one| one.help.clone().filter(|_| one.code == "version-2-image"));
    let help = help.unwrap_or_default();
    for part in ["a flag of this command line", "adds `:80`", "“Why?” has the table"] {
        assert!(help.contains(part), "{help}");
    }
    assert!(!help.contains("holt_winters"), "{help}");
    // A flag that neither version has ends the server.
    let mut driver =
        Driver::with_files(&[("p.yaml", &text.replace("retention=15d", "retantion=15d"))]);
    assert_eq!(states(&mut driver), []);
}

/// The areas of the table of changes, by the answer for the workspace.
fn areas(files: &[(&str, &str)], here: Option<bool>) -> Vec<String> {
    let query = checks::Query { open: Some("version-2-image".into()), ..Default::default() };
    let mut driver = Driver::with_files(files);
    let View::Checks(view) = driver.watch(PageQuery::Checks(query)) else {
        panic!("the page has no view")
    };
    let check = view.checks.into_iter().find(|check| check.code == "version-2-image").unwrap();
    let changes = check.page.unwrap().changes.into_iter();
    changes.filter(|change| change.here == here).map(|change| change.area).collect()
}

#[test]
fn the_table_of_changes_says_what_bears_on_the_workspace() {
    let always = ["Menus", "Log lines", "Memory and processors"];
    let plain = with_flags("--web.enable-lifecycle");
    assert_eq!(areas(&[("p.yaml", &plain)], Some(true)), always);
    for (from, to, area) in [
        ("[localhost:9090]", "[example]", "Targets without a port"),
        (
            "static_configs: [{targets: [localhost:9090]}]",
            "scrape_classic_histograms: true",
            "Classic histograms",
        ),
        (
            "scrape_configs:",
            "global: {external_labels: {a: '$HOST'}}\n    scrape_configs:",
            "`external_labels`",
        ),
        (
            "scrape_configs:",
            "remote_write: [{url: 'http://a'}]\n    scrape_configs:",
            "`remote_write`",
        ),
        (
            "scrape_configs:",
            "alerting: {alertmanagers: [{api_version: v1}]}\n    scrape_configs:",
            "Alertmanagers",
        ),
        ("--web.enable-lifecycle", "--storage.tsdb.retention=1d", "Flags"),
        ("--web.enable-lifecycle", "--enable-feature=agent", "Features"),
        ("--web.enable-lifecycle", "--enable-feature=native-histograms", "Native histograms"),
        ("--web.enable-lifecycle", "--web.console.templates=/c", "Consoles"),
    ] {
        let text =
            plain.replace(from, to).replace("prom/prometheus\n", "prom/prometheus:v2.48.0\n");
        let found = areas(&[("p.yaml", &text)], Some(true));
        assert!(found.iter().any(|one| one == area), "{area}: {found:?}");
    }
    for (expr, area) in [
        ("rate(x[1m])", "Ranges and lookback"),
        ("holt_winters(x[1m], 0.5, 0.5)", "Functions"),
        ("rate(x[300])", "Numbers and durations"),
        ("x_bucket{le=\"1\"}", "`le` and `quantile`"),
        ("prometheus_remote_storage_samples_in_total", "Metric names"),
    ] {
        let rules = format!("groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: {expr}\n");
        let found = areas(&[("p.yaml", &plain), ("r.yml", &rules)], Some(true));
        assert!(found.iter().any(|one| one == area), "{area}: {found:?}");
    }
    let not_known = areas(&[("p.yaml", &plain)], None);
    assert_eq!(not_known, ["`Content-Type`", "Duplicate samples", "Data directory"]);
}
