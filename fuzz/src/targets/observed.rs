//! What Prometheus scrapes and answers: expositions, programs, the HTTP API.

use std::cell::RefCell;
use std::sync::Arc;

use cluster::{Cluster, Options};
use server::Request;
use simulation::exposition::review::{explain, families, findings};
use simulation::exposition::{Entry, Format, parse};
use simulation::workload::{self, Influences, Process, decode_file, library};
use text::FileId;
use world::{ServerId, ServerOptions, World};

use crate::input::text;
use crate::seeds::START;

/// A body in every format: records lie one behind the other, and everything has an explanation.
pub fn exposition(data: &[u8]) {
    let body = text(data);
    for format in [Format::PrometheusText, Format::OpenMetrics] {
        let read = parse(&body, format);
        let mut end = 0;
        for record in &read.records {
            assert!(record.span.start >= end && body.get(record.span.range()).is_some());
            end = record.span.end;
            explain(&record.entry);
            if let Entry::Sample(sample) = &record.entry {
                assert!(sample.labels.iter().all(|label| !label.value.is_empty()));
            }
        }
        if let Some(error) = &read.error {
            assert!(error.line as usize <= body.split('\n').count() + 1, "{error}");
        }
        families(&read);
        findings(&read);
    }
}

/// A workload file, or a pasted body, as a program that runs.
pub fn workload(data: &[u8]) {
    let source = text(data);
    let parsed = yaml::parse(FileId(1), &source);
    let described = decode_file(&parsed, library());
    let (pasted, notes) = workload::paste(&source, "web_8080", FileId(1));
    for note in notes {
        assert!(source.get(note.span.range()).is_some(), "{}", note.text);
    }
    for one in described.diagnostics.iter().chain(&pasted.diagnostics) {
        assert!(source.get(one.location.span.range()).is_some(), "{}", one.code);
    }
    for workload in [described.workload, pasted.workload] {
        let process = Process::new(Arc::clone(&workload), 7, START);
        for after in [0, 15_000, 86_400_000] {
            let shown = process.families(START + after, Influences::default(), true);
            let body = simulation::exposition::write(&shown, Format::PrometheusText);
            if after == 15_000 && body.len() < 100_000 {
                parse(&body, Format::PrometheusText);
            }
        }
        process.restarted(START + 20_000).families(START + 30_000, Influences::default(), false);
    }
}

/// A server that has scraped itself for a minute.
fn server() -> World {
    let config = "global: {scrape_interval: 5s}\nrule_files: [rules.yml]\nscrape_configs:\n- job_name: own\n  \
                  static_configs: [{targets: ['localhost:9090', 'gone:1']}]\n";
    let rules = "groups: [{name: a, rules: [{alert: Down, expr: up == 0, for: 10s}, {record: r, expr: sum(up)}]}]\n";
    let mut cluster = Cluster::new(Options { now: START, seed: 3 });
    cluster.server.add_kubernetes_service();
    let mut world = World::new(cluster);
    let options = ServerOptions {
        args: ["--config.file=prometheus.yml", "--web.enable-lifecycle", "--web.enable-admin-api"]
            .map(str::to_owned)
            .into(),
        files: [("prometheus.yml", config), ("rules.yml", rules)]
            .map(|(name, text)| (format!("/prometheus/{name}"), text.to_owned()))
            .into(),
        account: world::ServiceAccount::new("default", "default"),
        hostname: "prometheus".to_owned(),
    };
    assert!(world.start_server(&options).is_ok(), "the server starts");
    world.advance(START + 60_000);
    world
}

/// The first line is `METHOD TARGET`, then a header a line, and after an empty line the body.
pub fn http_api(data: &[u8]) {
    thread_local!(static SERVER: RefCell<World> = RefCell::new(server()));
    let input = text(data);
    let (head, body) = input.split_once("\n\n").unwrap_or((&input, ""));
    let mut lines = head.lines();
    let (method, target) = lines.next().unwrap_or_default().split_once(' ').unwrap_or(("GET", "/"));
    let headers = lines.filter_map(|line| line.split_once(": "));
    let request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: body.to_owned(),
    };
    SERVER.with_borrow(|world| {
        let mut world = world.clone();
        let response = world.request(&ServerId::Beside(0), &request);
        if let Some(response) = response {
            assert!((100..600).contains(&response.status), "{}", response.status);
        }
    });
}
