//! Targets with a web configuration file, credentials that are not there, and servers without a
//! mounted configuration.

use super::driver::Driver;
use protocol::pages::targets::{Query, Row, State};
use protocol::{PageQuery, View};

fn rows(driver: &mut Driver) -> Vec<Row> {
    driver.advance(60_000);
    match driver.watch(PageQuery::Targets(Query::default())) {
        View::Targets(view) => view.pools.into_iter().flat_map(|pool| pool.targets).collect(),
        other => panic!("{other:?}"),
    }
}

/// An exporter behind a Service, with the file if there is one.
fn exporter(file: Option<&str>) -> String {
    let map = file.map_or(String::new(), |text| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata:\n  web.yml: |\n    {text}\n---\n"
        )
    });
    let source = match file {
        Some(_) => "configMap: {name: web}",
        None => "secret: {secretName: web}",
    };
    format!(
        "{map}apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: node}}\nspec:\n  selector: {{matchLabels: {{app: node}}}}\n  template:\n    metadata: {{labels: {{app: node}}}}\n    spec:\n      containers:\n      - name: node\n        image: prom/node-exporter:v1.8.2\n        args: [--web.config.file=/etc/web/web.yml]\n        ports: [{{containerPort: 9100}}]\n        volumeMounts: [{{name: web, mountPath: /etc/web}}]\n      volumes: [{{name: web, {source}}}]\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: node}}\nspec: {{selector: {{app: node}}, ports: [{{port: 9100}}]}}\n"
    )
}

fn job(more: &str) -> String {
    format!(
        "scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  static_configs: [{{targets: ['node:9100']}}]\n{more}"
    )
}

const TLS: &str = "tls_server_config: {cert_file: /c, key_file: /k}";
const MUTUAL: &str = "tls_server_config: {cert_file: /c, key_file: /k, client_auth_type: RequireAndVerifyClientCert}";
const USERS: &str = "basic_auth_users: {prometheus: $2y$10$abc}";
const SKIP: &str = "  scheme: https\n  tls_config: {insecure_skip_verify: true}\n";
const PASSWORD: &str = "  basic_auth: {username: prometheus, password: x}\n";

#[test]
fn a_web_configuration_file_decides_about_tls_and_passwords() {
    let status = |text: &str| Some(format!("server returned HTTP status {text}"));
    let to_plain = || {
        let url = "Get \"https://node:9100/metrics\"";
        Some(format!("{url}: http: server gave HTTP response to HTTPS client"))
    };
    for (file, more, state, error) in [
        (Some("{}"), "", State::Up, None),
        (Some("{}"), "  scheme: https\n", State::Down, to_plain()),
        (Some(TLS), "", State::Down, status("400 Bad Request")),
        (Some(TLS), SKIP, State::Up, None),
        // The certificate is a file of which nothing is known.
        (Some(TLS), "  scheme: https\n", State::Undescribed, None),
        (
            Some(MUTUAL),
            SKIP,
            State::Down,
            Some(
                "Get \"https://node:9100/metrics\": remote error: tls: certificate required".into(),
            ),
        ),
        (Some(USERS), "", State::Down, status("401 Unauthorized")),
        (Some(USERS), PASSWORD, State::Up, None),
        (None, "", State::Undescribed, None),
        (None, SKIP, State::Undescribed, None),
    ] {
        let files = [("prometheus.yml", &*job(more)), ("node.yaml", &*exporter(file))];
        let rows = rows(&mut Driver::with_files(&files));
        let found = (rows[0].state, rows[0].error.clone());
        assert_eq!(found, (state, error), "{file:?} {more} {:?}", rows[0].reasons);
        if file.is_none() {
            let reason = &rows[0].reasons[0].text;
            assert!(reason.contains("/etc/web/web.yml, which is not in the workspace"), "{reason}");
        }
    }
}

#[test]
fn public_programs_without_metrics_answer_as_they_do() {
    let pod = |image: &str, port: u16, more: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a, labels: {{app: a}}}}\nspec:\n  containers:\n  - name: a\n    image: {image}\n    ports: [{{containerPort: {port}}}]\n{more}---\napiVersion: v1\nkind: Service\nmetadata: {{name: a}}\nspec: {{selector: {{app: a}}, ports: [{{port: 80, targetPort: {port}}}]}}\n"
        )
    };
    let own = "    volumeMounts: [{name: c, mountPath: /etc/nginx/conf.d}]\n  volumes: [{name: c, emptyDir: {}}]\n";
    let malformed = |line: &str| {
        format!(
            "Get \"http://a:80/metrics\": net/http: HTTP/1.x transport connection broken: malformed HTTP response \"{line}\""
        )
    };
    let config = "scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  static_configs: [{targets: ['a:80']}]\n";
    for (image, port, more, state, error) in [
        ("nginx:1.27", 80, "", State::Down, "server returned HTTP status 404 Not Found".to_owned()),
        // Its own configuration may have a path with metrics.
        ("nginx:1.27", 80, own, State::Undescribed, String::new()),
        (
            "redis:7",
            6379,
            "",
            State::Down,
            malformed("-ERR wrong number of arguments for 'get' command"),
        ),
        ("memcached", 11211, "", State::Down, malformed("ERROR")),
        ("postgres:16", 5432, "", State::Down, "Get \"http://a:80/metrics\": EOF".to_owned()),
        ("mysql:8", 3306, "", State::Undescribed, String::new()),
        ("acme/nginx:1", 80, "", State::Undescribed, String::new()),
    ] {
        let files = [("prometheus.yml", config), ("a.yaml", &*pod(image, port, more))];
        let rows = rows(&mut Driver::with_files(&files));
        let found = (rows[0].state, rows[0].error.clone().unwrap_or_default());
        assert_eq!(found, (state, error), "{image}");
    }
    let described = "matches: [{container: a}]\nincludes: [process]\n";
    let files =
        [("prometheus.yml", config), ("a.yaml", &*pod("nginx", 80, "")), ("w.yaml", described)];
    assert_eq!(rows(&mut Driver::with_files(&files))[0].state, State::Up);
}

#[test]
fn what_a_discovery_outside_of_the_cluster_finds_is_not_known() {
    let job = |discovery: &str| format!("scrape_configs:\n- job_name: a\n  {discovery}\n");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: a}, ports: [{port: 80}]}\n";
    let unknown = "What the service discovery finds is not known";
    let nothing = "Service discovery has found nothing";
    for (discovery, cluster, title) in [
        ("ec2_sd_configs: [{region: eu-west-1}]", false, unknown),
        ("http_sd_configs: [{url: 'http://a/targets'}]", false, unknown),
        ("dns_sd_configs: [{names: [_http._tcp.a]}]", false, unknown),
        ("dns_sd_configs: [{names: [_http._tcp.example.com]}]", true, unknown),
        ("dns_sd_configs: [{names: [nothere], type: A, port: 80}]", true, nothing),
        ("file_sd_configs: [{files: ['gone/*.yml']}]", false, nothing),
    ] {
        let config = job(discovery);
        let mut files = vec![("prometheus.yml", config.as_str())];
        files.extend(cluster.then_some(("s.yaml", service)));
        let mut driver = Driver::with_files(&files);
        let View::Targets(view) = driver.watch(PageQuery::Targets(Query::default())) else {
            panic!("the page has no view")
        };
        let note = view.pools[0].note.as_ref().map(|note| note.title.as_str());
        assert_eq!(note, Some(title), "{discovery}");
    }
}

/// Prometheus in a pod that mounts what `more` says.
fn prometheus(more: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: prometheus}}\nspec:\n  selector: {{matchLabels: {{app: p}}}}\n  template:\n    metadata: {{labels: {{app: p}}}}\n    spec:\n      containers:\n      - name: p\n        image: prom/prometheus:v3.14.0\n{more}"
    )
}

#[test]
fn a_server_without_a_mounted_configuration_scrapes_itself() {
    let other = "scrape_configs: [{job_name: other, static_configs: [{targets: ['x:1']}]}]\n";
    for files in [
        vec![("p.yaml", prometheus(""))],
        // Nothing brings this file into the container.
        vec![("p.yaml", prometheus("")), ("prometheus.yml", other.to_owned())],
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, &**text)).collect();
        let mut driver = Driver::with_files(&files);
        let rows = rows(&mut driver);
        let urls: Vec<(&str, State)> = rows.iter().map(|row| (&*row.url, row.state)).collect();
        assert_eq!(urls, [("http://localhost:9090/metrics", State::Up)]);
        let labels: Vec<String> =
            rows[0].labels.iter().map(|label| format!("{}={}", label.name, label.value)).collect();
        assert_eq!(labels, ["app=prometheus", "instance=localhost:9090", "job=prometheus"]);
        let snapshot = driver.session.snapshot();
        let codes: Vec<&str> = snapshot.analysis.diagnostics.iter().map(|one| &*one.code).collect();
        assert!(codes.contains(&"image-config-in-force"), "{codes:?}");
    }
    let elsewhere = prometheus("        args: [--config.file=/etc/prometheus/other.yml]\n");
    assert_eq!(rows(&mut Driver::with_files(&[("p.yaml", &elsewhere)])), []);
}

#[test]
fn credentials_are_read_before_the_target_is_dialed() {
    let config = "        volumeMounts: [{name: c, mountPath: /etc/prometheus}]\n      volumes: [{name: c, configMap: {name: c}}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n    - job_name: a\n      scrape_interval: 5s\n      authorization: {credentials_file: /etc/token}\n      static_configs: [{targets: ['localhost:9090', 'nowhere:80']}]\n";
    let mut driver = Driver::with_files(&[("p.yaml", &prometheus(config))]);
    let end = "unable to read authorization credentials: unable to read file /etc/token: open /etc/token: no such file or directory";
    for row in rows(&mut driver) {
        assert!(row.error.as_ref().is_some_and(|error| error.ends_with(end)), "{row:?}");
    }
}
