//! From text to findings: reading YAML, and checking a configuration by its tables.
//!
//! The budget is 16 ms for 1,000 lines and 50 ms for 10,000, all stages of a keystroke together,
//! in the browser; this measures two of them natively.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use prometheus::{Mode, NoFiles, load};
use schema::{Dialect, NoHooks, Subject, Type, complete_at, explain_at, notes};
use text::FileId;
use yaml::parse;

const SIZES: [usize; 2] = [1_000, 10_000];

/// Jobs with discovery and relabelling, about as many lines as asked for.
fn configuration(lines: usize) -> String {
    let mut text = String::from(
        "global:\n  scrape_interval: 15s\n  external_labels: {zone: a}\nscrape_configs:\n",
    );
    let mut count = 4;
    for job in 0.. {
        if count >= lines {
            break;
        }
        let _ = write!(
            text,
            "  - job_name: 'job-{job}'   # the {job}th\n    metrics_path: /metrics/{job}\n    \
             scrape_interval: {}s\n    kubernetes_sd_configs:\n      - role: pod\n        namespaces:\n          \
             names: [shop, \"ns-{job}\"]\n    static_configs:\n      - targets:\n          - host-{job}:9100\n          \
             - 'host-{job}:9200'\n        labels:\n          team: web\n    relabel_configs:\n      \
             - source_labels: [__meta_kubernetes_pod_label_app, __address__]\n        separator: ';'\n        \
             regex: (.+);(.+):{job}\n        target_label: app\n        replacement: $1\n        \
             action: replace\n      - action: labelmap\n        regex: __meta_kubernetes_pod_label_(.+)\n",
            job + 5
        );
        count += 22;
    }
    text
}

/// Deployments and Services, about as many lines as asked for.
fn manifests(lines: usize) -> String {
    let mut text = String::new();
    for number in 0..lines / 32 {
        let _ = write!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{number}\n  labels:\n    \
             app: app-{number}\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: app-{number}\n  \
             template:\n    metadata:\n      labels:\n        app: app-{number}\n    spec:\n      containers:\n        \
             - name: main\n          image: registry/app:{number}\n          ports:\n            \
             - containerPort: 8080\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: app-{number}\nspec:\n  \
             selector: {{app: app-{number}}}\n  ports:\n    - port: 80\n      targetPort: 8080\n"
        );
    }
    text
}

fn reading(c: &mut Criterion) {
    let mut group = c.benchmark_group("yaml");
    for lines in SIZES {
        let text = configuration(lines);
        let broken = text.replacen("    metrics_path: /metrics/9\n", "    metrics_path\n", 1);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(BenchmarkId::new("parse", lines), &text, |b, text| {
            b.iter(|| parse(FileId(1), black_box(text)));
        });
        group.bench_with_input(
            BenchmarkId::new("parse with a break", lines),
            &broken,
            |b, text| {
                b.iter(|| parse(FileId(1), black_box(text)));
            },
        );
    }
    group.finish();
}

fn checking(c: &mut Criterion) {
    let mut group = c.benchmark_group("schema");
    for lines in SIZES {
        let text = configuration(lines);
        let parsed = parse(FileId(1), &text);
        group.bench_with_input(
            BenchmarkId::new("load configuration", lines),
            &parsed,
            |b, parsed| {
                b.iter(|| load(black_box(parsed), &NoFiles, Mode::Server));
            },
        );
        let ty = Type::Record(&prometheus::fields::root::ROOT);
        let subject =
            Subject::first(&parsed, ty, Dialect::Prometheus, &NoHooks).expect("a document");
        group.bench_with_input(BenchmarkId::new("notes", lines), &subject, |b, subject| {
            b.iter(|| notes(black_box(subject)));
        });
        let middle = (text.len() / 2) as u32;
        group.bench_with_input(BenchmarkId::new("explain", lines), &subject, |b, subject| {
            b.iter(|| explain_at(black_box(subject), middle));
        });
        group.bench_with_input(BenchmarkId::new("complete", lines), &subject, |b, subject| {
            b.iter(|| complete_at(black_box(subject), &parsed.source, &text, middle));
        });
        let objects = parse(FileId(2), &manifests(lines));
        group.bench_with_input(
            BenchmarkId::new("check manifests", lines),
            &objects,
            |b, objects| {
                b.iter(|| kubernetes::fields::check(black_box(objects)));
            },
        );
    }
    group.finish();
}

criterion_group!(benches, reading, checking);
criterion_main!(benches);
