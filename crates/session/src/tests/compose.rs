//! Compose files beside a configuration.

use super::driver::Driver;
use protocol::pages::targets::{self, State};
use protocol::{PageQuery, View};

const COMPOSE: &str = "services:\n  prometheus:\n    image: prom/prometheus:v3.1.0\n    command: ['--config.file=/etc/prometheus/prometheus.yml', '--web.enable-lifecycle']\n    ports: ['9090:9090']\n  node-exporter:\n    image: prom/node-exporter:v1.8.2\n    container_name: host-metrics\n  db-exporter:\n    image: quay.io/prometheuscommunity/postgres-exporter\n    expose: ['9187']\n  app:\n    image: acme/shop:1\n    ports: ['8080:80']\n  web:\n    build: .\n";

fn config(targets: &str) -> String {
    format!(
        "scrape_configs:\n- job_name: a\n  scrape_interval: 5s\n  static_configs: [{{targets: [{targets}]}}]\n"
    )
}

fn row(compose: &str, target: &str) -> targets::Row {
    let files = [("prometheus.yml", &*config(&format!("'{target}'"))), ("compose.yaml", compose)];
    let mut driver = Driver::with_files(&files);
    driver.advance(60_000);
    let View::Targets(view) = driver.watch(PageQuery::Targets(targets::Query::default())) else {
        panic!("the page has no view")
    };
    view.pools[0].targets[0].clone()
}

/// The state, and the error or the reason.
fn outcome(compose: &str, target: &str) -> (State, String) {
    let row = row(compose, target);
    let reason = row.reasons.first().map(|reason| reason.text.clone());
    (row.state, row.error.or(reason).unwrap_or_default())
}

#[test]
fn services_answer_as_their_images_would() {
    for (target, state, text) in [
        ("prometheus:9090", State::Up, ""),
        ("localhost:9090", State::Up, ""),
        ("node-exporter:9100", State::Up, ""),
        ("host-metrics:9100", State::Up, ""),
        ("db-exporter:9187", State::Up, ""),
        (
            "node-exporter:9200",
            State::Undescribed,
            "Port 9200 of the service node-exporter is not known; those of node_exporter are 9100.",
        ),
        (
            "prometheus:9100",
            State::Undescribed,
            "The service prometheus runs Prometheus, which listens on port 9090.",
        ),
        (
            "app:80",
            State::Undescribed,
            "No program is known for the image acme/shop:1 of the service app.",
        ),
        (
            "web:80",
            State::Undescribed,
            "The image of the service web is built, so that its program is not known.",
        ),
        (
            "node_exporter:9100",
            State::Undescribed,
            "The Compose file has no service node_exporter. Did you mean node-exporter?",
        ),
        (
            "example.com:80",
            State::Undescribed,
            "No file says what example.com:80 is, nor what answers there.",
        ),
        (
            "localhost:9100",
            State::Down,
            "Get \"http://localhost:9100/metrics\": dial tcp [::1]:9100: connect: connection refused",
        ),
    ] {
        assert_eq!(outcome(COMPOSE, target), (state, text.to_owned()), "{target}");
    }
}

#[test]
fn a_server_on_the_host_reaches_published_ports() {
    let without = COMPOSE.replace("prom/prometheus:v3.1.0", "acme/other");
    let with_ports =
        without.replace("    container_name: host-metrics\n", "    ports: ['9101:9100']\n");
    for (compose, target, state) in [
        (&with_ports, "localhost:9101", State::Up),
        (&with_ports, "host.docker.internal:9101", State::Up),
        (&with_ports, "localhost:9100", State::Undescribed),
        (&without, "localhost:9101", State::Undescribed),
        (&with_ports, "localhost:9090", State::Undescribed),
    ] {
        assert_eq!(outcome(compose, target).0, state, "{target}");
    }
    let on_host = COMPOSE.replace("    ports: ['9090:9090']\n", "    network_mode: host\n");
    assert_eq!(outcome(&on_host, "localhost:9100").0, State::Undescribed);
}

#[test]
fn a_file_that_describes_the_address_comes_first() {
    let compose = COMPOSE;
    let config = config("'app:80'");
    let program = "matches: [{address: 'app:80'}]\nincludes: [process]\n";
    let files = [("prometheus.yml", &*config), ("compose.yaml", compose), ("app.yaml", program)];
    let mut driver = Driver::with_files(&files);
    driver.advance(60_000);
    let View::Targets(view) = driver.watch(PageQuery::Targets(targets::Query::default())) else {
        panic!("the page has no view")
    };
    assert_eq!(view.pools[0].targets[0].state, State::Up);
    assert_eq!(driver.session.snapshot().analysis.diagnostics.to_vec(), []);
}

#[test]
fn the_command_of_the_service_is_the_command_line_of_the_server() {
    let refused = COMPOSE.replace("--web.enable-lifecycle", "--web.enable-lifecycel");
    let config = config("'prometheus:9090'");
    let files = [("prometheus.yml", &*config), ("compose.yaml", &*refused)];
    let driver = Driver::with_files(&files);
    let snapshot = driver.session.snapshot();
    let found: Vec<&str> = snapshot.analysis.diagnostics.iter().map(|one| &*one.message).collect();
    assert_eq!(found, ["unknown long flag '--web.enable-lifecycel'"]);
    assert!(snapshot.stored.server.stopped.is_some());
}
