//! Images that do not exist, and images of which nothing is known.

use super::driver::Driver;
use protocol::pages::{config, targets};
use protocol::{PageQuery, View};

/// A pod that runs Prometheus with an image, and a ConfigMap with its configuration.
fn prometheus(image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: prometheus}}\nspec:\n  selector: {{matchLabels: {{app: p}}}}\n  template:\n    metadata: {{labels: {{app: p}}}}\n    spec:\n      volumes: [{{name: c, configMap: {{name: c}}}}]\n      containers:\n      - name: p\n        image: {image}\n        volumeMounts: [{{name: c, mountPath: /etc/prometheus}}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  prometheus.yml: |\n    scrape_configs:\n    - job_name: a\n      static_configs: [{{targets: [localhost:9090]}}]\n"
    )
}

fn target_page(driver: &mut Driver) -> targets::View {
    match driver.watch(PageQuery::Targets(targets::Query::default())) {
        View::Targets(view) => view,
        other => panic!("{other:?}"),
    }
}

fn config_page(driver: &mut Driver) -> config::View {
    match driver.watch(PageQuery::Config(config::Query::default())) {
        View::Config(view) => view,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_prometheus_whose_image_does_not_exist_is_a_problem_and_does_not_run() {
    for (image, meant) in [
        ("prom/prometheus:v2.48.0x", "prom/prometheus:v2.48.0"),
        ("prom/prometheus:3.1.0", "prom/prometheus:v3.1.0"),
        ("prom/prometheus:latst", "prom/prometheus:latest"),
        ("prom/promtheus", "prom/prometheus"),
        ("prom/promtheus:v3.1.0", "prom/prometheus:v3.1.0"),
    ] {
        let mut driver = Driver::with_files(&[("p.yaml", &prometheus(image))]);
        driver.advance(60_000);
        let analysis = driver.session.snapshot().analysis;
        let of_image = |one: &&text::Diagnostic| &*one.code == "image-not-found";
        let found: Vec<_> = analysis.diagnostics.iter().filter(of_image).collect();
        assert_eq!(found.len(), 1, "{image}: {:?}", analysis.diagnostics);
        assert_eq!(found[0].fixes[0].title, format!("Use {meant}"));
        assert!(found[0].help.as_ref().is_some_and(|help| help.contains("does not run")));
        assert_eq!(target_page(&mut driver).pools, [], "{image}");
        let page = config_page(&mut driver);
        let note = page.note.unwrap_or_else(|| panic!("{image}: the page says nothing"));
        assert!(note.title.starts_with("Prometheus does not run"), "{image}: {}", note.title);
        assert!(note.title.contains(meant), "{image}: {}", note.title);
    }
    let mut driver = Driver::with_files(&[("p.yaml", &prometheus("prom/prometheus:v2.48.0"))]);
    driver.advance(60_000);
    assert_eq!((target_page(&mut driver).up, config_page(&mut driver).note), (1, None));
}

/// A pod with an image, and a job that scrapes pods.
fn pod(image: &str, port: u16, more: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: app{more}}}\nspec:\n  containers:\n  - name: app\n    image: {image}\n    ports: [{{name: metrics, containerPort: {port}}}]\n"
    )
}

const PODS: &str = "scrape_configs:\n- job_name: pods\n  scrape_interval: 5s\n  kubernetes_sd_configs: [{role: pod}]\n";

fn row(files: &[(&str, &str)]) -> targets::Row {
    let mut driver = Driver::with_files(files);
    driver.advance(60_000);
    let mut rows = target_page(&mut driver).pools.remove(0).targets;
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

#[test]
fn what_an_unknown_image_answers_is_unknown_until_a_file_says_it() {
    use targets::State::{Undescribed, Up};
    let scraped = ", annotations: {prometheus.io/scrape: 'true'}";
    for (image, port, more, state) in [
        ("registry.example.com/team/app:1.2", 8080, "", Undescribed),
        ("registry.example.com/team/app:1.2", 8080, scraped, Undescribed),
        // Known by the image, or by the port of an exporter.
        ("acme/django:1", 8000, "", Up),
        ("registry.example.com/team/app:1.2", 9100, "", Up),
        ("prom/alertmanager:v0.28.1", 9093, "", Up),
        ("prom/alertmanager:v0.28.1", 9094, "", Undescribed),
    ] {
        let row = row(&[("prometheus.yml", PODS), ("app.yaml", &pod(image, port, more))]);
        assert_eq!(row.state, state, "{image} {port}");
        if state == Undescribed {
            let reason = &row.reasons[0].text;
            assert!(reason.starts_with(&format!("No file says what {image} answers.")), "{reason}");
            assert!(reason.contains("assumed to exist"), "{reason}");
            assert!(row.reasons[1].location.is_some(), "the way to the image");
        }
    }
}

#[test]
fn the_proposed_files_describe_the_container() {
    let app = pod("registry.example.com/team/app:1.2", 8080, "");
    let files = [("prometheus.yml", PODS), ("app.yaml", app.as_str())];
    let unknown = row(&files);
    let program = unknown.proposal.expect("a file");
    assert!(program.text.contains("container: app\n    namespace: default\n    port: 8080"));
    let body = unknown.body.expect("a file");
    let pasted = format!("{}# HELP a A.\n# TYPE a gauge\na 7\n", body.text);
    for (name, text) in [(&program.name, &program.text), (&body.name, &pasted)] {
        let described = [files[0], files[1], (name.as_str(), text.as_str())];
        assert_eq!(row(&described).state, targets::State::Up, "{text}");
        let driver = Driver::with_files(&described);
        let analysis = driver.session.snapshot().analysis;
        let codes: Vec<&str> = analysis.diagnostics.iter().map(|one| &*one.code).collect();
        assert_eq!(codes, ["scrapes-everything"], "{text}");
    }
}
