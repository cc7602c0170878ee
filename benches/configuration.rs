//! The cost of a keystroke in a configuration of 10,000 lines: reading, checks, decoding, lints,
//! notes. The budget is 50 ms in the browser.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use prometheus::explain::PrometheusHooks;
use prometheus::fields::root::ROOT;
use prometheus::lints::lint;
use prometheus::{Mode, NoFiles, load};
use schema::{Dialect, Subject, Type, notes};
use text::FileId;
use yaml::parse;

/// Jobs of 14 lines each.
fn configuration(lines: usize) -> String {
    let mut text = String::from("global:\n  scrape_interval: 15s\nscrape_configs:\n");
    for number in 0..lines / 14 {
        let _ = write!(
            text,
            "  - job_name: job-{number}
    scrape_interval: 30s
    metrics_path: /metrics
    kubernetes_sd_configs:
      - role: pod
        namespaces:
          names: [default]
    relabel_configs:
      - source_labels: [__meta_kubernetes_pod_label_app]
        regex: app-{number}
        action: keep
      - source_labels: [__meta_kubernetes_pod_name]
        target_label: pod
    sample_limit: 1000
"
        );
    }
    text
}

fn keystroke(criterion: &mut Criterion) {
    for lines in [1_000, 10_000] {
        let text = configuration(lines);
        let parsed = parse(FileId(1), &text);
        let loaded = load(&parsed, &NoFiles, Mode::Server);
        assert!(loaded.diagnostics.is_empty());
        let mut group = criterion.benchmark_group(format!("configuration of {lines} lines"));
        group.sample_size(20);
        group.bench_function("parse", |bench| bench.iter(|| parse(FileId(1), black_box(&text))));
        group.bench_function("check and decode", |bench| {
            bench.iter(|| load(black_box(&parsed), &NoFiles, Mode::Server));
        });
        group.bench_function("lint", |bench| {
            bench.iter(|| lint(&parsed, black_box(&text), &loaded.config, &NoFiles));
        });
        group.bench_function("notes", |bench| {
            let hooks = PrometheusHooks::new(&loaded.config);
            let ty = Type::Record(&ROOT);
            bench.iter(|| {
                let subject = Subject::first(&parsed, ty, Dialect::Prometheus, &hooks);
                subject.map(|subject| notes(&subject).len())
            });
        });
        group.finish();
    }
}

criterion_group!(benches, keystroke);
criterion_main!(benches);
