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
