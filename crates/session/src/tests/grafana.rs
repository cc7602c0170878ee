//! Files of Grafana: variables in rules, dashboards, datasources.

use super::driver::Driver;
use protocol::pages::query;
use protocol::{PageQuery, View};
use text::{Diagnostic, FileId, Severity, apply_edits};

fn findings(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let driver = Driver::with_files(files);
    driver.session.snapshot().analysis.diagnostics.to_vec()
}

const CONFIG: &str = "scrape_configs:\n- job_name: a\n  scrape_interval: 15s\n  static_configs: [{targets: ['localhost:9090']}]\n";

fn rules(expr: &str) -> String {
    format!("groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: {expr}\n")
}

#[test]
fn variables_in_rules_are_named_and_valued() {
    for (expr, message, fixed) in [
        (
            "rate(up[$__rate_interval])",
            "`$__rate_interval` is a variable of Grafana, which Prometheus does not know",
            Some("rate(up[1m])"),
        ),
        (
            "|\n      rate(up[$__rate_interval])\n      / rate(up[${__rate_interval}])",
            "`$__rate_interval` is a variable of Grafana, which Prometheus does not know",
            Some("|\n      rate(up[1m])\n      / rate(up[1m])"),
        ),
        // A range of one interval has no rate, and a rule has no range.
        (
            "rate(up[$__interval])",
            "`$__interval` is a variable of Grafana, which Prometheus does not know",
            None,
        ),
        (
            "increase(up[$__range])",
            "`$__range` is a variable of Grafana, which Prometheus does not know",
            None,
        ),
    ] {
        let text = rules(expr);
        let config = format!("rule_files: [r.yml]\n{CONFIG}");
        let files = [("prometheus.yml", &*config), ("r.yml", &*text)];
        let found = findings(&files);
        let errors: Vec<&Diagnostic> =
            found.iter().filter(|one| one.severity == Severity::Error).collect();
        let [one] = errors.as_slice() else { panic!("{expr}: {found:?}") };
        assert_eq!((&*one.code, &*one.message), ("grafana-variable", message), "{expr}");
        let help = one.help.as_deref().unwrap_or_default();
        assert!(help.contains("could not parse expression: "), "{help}");
        let fix = one.fixes.first().map(|fix| apply_edits(&text, FileId(2), &fix.edits).unwrap());
        assert_eq!(fix, fixed.map(rules), "{expr}");
        // The file still stops Prometheus, in its own words.
        let driver = Driver::with_files(&files);
        let refusal = driver.session.snapshot().stored.rules.refusal.clone().unwrap();
        assert!(refusal.error().contains("could not parse expression: "), "{refusal:?}");
    }
}

#[test]
fn a_variable_in_a_matcher_is_compared_as_it_stands() {
    for (expr, expected) in [
        ("sum(up{job=\"$job\"})", 1),
        ("sum(up{job=~\"${job:regex}\"})", 1),
        ("sum(up{job=~\"api$\"})", 0),
        ("label_replace(up, \"a\", \"$name\", \"job\", \"(?P<name>.*)\")", 0),
    ] {
        let text = rules(&format!("'{expr}'"));
        let found = findings(&[("prometheus.yml", CONFIG), ("r.yml", &text)]);
        let own: Vec<&Diagnostic> =
            found.iter().filter(|one| one.code == "grafana-variable").collect();
        assert_eq!(own.len(), expected, "{expr}: {found:?}");
        assert!(own.iter().all(|one| one.severity == Severity::Warning));
    }
}

fn datasource(url: &str) -> String {
    format!(
        "apiVersion: 1\ndatasources:\n- name: Prometheus\n  type: prometheus\n  access: proxy\n  url: {url}\n- name: Loki\n  type: loki\n  url: http://nowhere:3100\n"
    )
}

/// Prometheus with a Service in the namespace `mon`, and Grafana in the default namespace.
const CLUSTER: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: mon}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: prometheus, namespace: mon, labels: {app: p}}\nspec: {containers: [{name: p, image: 'prom/prometheus:v3.14.0', ports: [{containerPort: 9090}]}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: prometheus, namespace: mon}\nspec: {selector: {app: p}, ports: [{port: 80, targetPort: 9090}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: grafana, labels: {app: g}}\nspec: {containers: [{name: grafana, image: 'grafana/grafana:12.0.0', ports: [{containerPort: 3000}]}]}\n";

/// Severity and message of the findings in the file with the datasource.
fn of_datasource(url: &str, others: &[(&str, &str)]) -> Vec<(Severity, String)> {
    let text = datasource(url);
    let mut files = vec![("datasource.yaml", text.as_str())];
    files.extend(others);
    let found = findings(&files).into_iter().filter(|one| one.location.file == FileId(1));
    found.map(|one| (one.severity, one.message.to_string())).collect()
}

#[test]
fn the_url_of_a_datasource_is_resolved_by_the_dns_of_the_cluster() {
    use Severity::{Info, Warning};
    for (url, severity, message) in [
        (
            "http://prometheus.mon",
            Info,
            "From namespace default, the URL leads to Prometheus p in pod prometheus",
        ),
        (
            "http://u:p@prometheus.mon.svc.cluster.local:80/",
            Info,
            "From namespace default, the URL leads to Prometheus p in pod prometheus",
        ),
        ("https://prometheus.mon:80", Warning, "http: server gave HTTP response to HTTPS client"),
        ("http://prometheus:9090", Warning, "no such host"),
        ("http://prometheus.mon:9090", Warning, "context deadline exceeded"),
        ("http://localhost:9090", Warning, "connect: connection refused"),
    ] {
        let found = of_datasource(url, &[("cluster.yaml", CLUSTER)]);
        let [(own, said)] = found.as_slice() else { panic!("{url}: {found:?}") };
        assert_eq!(*own, severity, "{url}: {said}");
        assert!(said.ends_with(message), "{url}: {said}");
    }
    // Outside of the cluster, and where nothing is known.
    for url in ["https://prometheus.example.com", "http://$PROMETHEUS"] {
        let found = of_datasource(url, &[("cluster.yaml", CLUSTER)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains("is a provisioning file of Grafana"), "{found:?}");
    }
}

#[test]
fn a_datasource_in_a_config_map_is_looked_at_from_its_namespace() {
    let text = datasource("http://prometheus").replace('\n', "\n    ");
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: d, namespace: mon}}\ndata:\n  datasource.yaml: |\n    {text}\n"
    );
    let without_grafana = CLUSTER.replace("grafana/grafana:12.0.0", "nginx");
    let found = findings(&[("map.yaml", &map), ("cluster.yaml", &without_grafana)]);
    let own: Vec<&str> = found
        .iter()
        .filter(|one| one.code == "grafana-datasource")
        .map(|one| &*one.message)
        .collect();
    assert_eq!(own, ["From namespace mon, the URL leads to Prometheus p in pod prometheus"]);
}

#[test]
fn a_datasource_beside_a_compose_file_names_a_service() {
    use Severity::{Info, Warning};
    let compose = "services:\n  prometheus: {image: 'prom/prometheus:v3.14.0'}\n  grafana: {image: grafana/grafana}\n";
    for (url, expected) in [
        ("http://prometheus:9090", (Info, "The URL leads to Prometheus in the service prometheus")),
        (
            "http://prometeus:9090",
            (Warning, "The Compose file has no service prometeus. Did you mean prometheus?"),
        ),
        ("http://localhost:9090", (Warning, "dial tcp [::1]:9090: connect: connection refused")),
    ] {
        let found = of_datasource(url, &[("compose.yaml", compose), ("prometheus.yml", CONFIG)]);
        let (severity, message) = expected;
        assert_eq!(found, [(severity, message.to_owned())], "{url}");
    }
}

/// The value that a variable has on the page Query.
fn value(files: &[(&str, &str)], written: &str) -> String {
    let mut driver = Driver::with_files(files);
    driver.advance(60_000);
    let query = query::Query {
        query: Some(format!("rate(prometheus_http_requests_total[{written}])")),
        tab: query::Tab::Table,
        ..Default::default()
    };
    match driver.watch(PageQuery::Query(query)) {
        View::Query(view) => view.hints[0].message.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_interval_of_the_datasource_counts_for_variables() {
    let interval = |text: &str| {
        let url = format!("http://prometheus\n  jsonData: {{{text}}}");
        value(&[("prometheus.yml", CONFIG), ("d.yaml", &datasource(&url))], "$__rate_interval")
    };
    assert_eq!(interval("timeInterval: 30s"), "Variables of Grafana: $__rate_interval is 2m");
    // The default of Grafana is 15 s, also for a job that is scraped more often.
    let quick = CONFIG.replace("15s", "5s");
    let files = [("prometheus.yml", &*quick), ("d.yaml", &*datasource("http://prometheus"))];
    assert_eq!(value(&files, "$__rate_interval"), "Variables of Grafana: $__rate_interval is 1m");
    assert_eq!(
        value(&files[..1], "$__rate_interval"),
        "Variables of Grafana: $__rate_interval is 20s"
    );
}
