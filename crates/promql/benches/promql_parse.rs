//! Parsing, checking and printing of queries as people write them: a microsecond each at most.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use promql::syntax::{ParserOptions, parse};

const ORDINARY: &[(&str, &str)] = &[
    ("selector", "http_requests_total{job=\"giftcards\",code!=\"200\"}"),
    ("rate", "sum by (job) (rate(http_requests_total{job=\"giftcards\"}[5m]))"),
    (
        "quantile",
        "histogram_quantile(0.9, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m])))",
    ),
    (
        "ratio",
        "sum(rate(http_errors_total[5m])) / on () group_left sum(rate(http_requests_total[5m])) > 0.05",
    ),
];

fn parsing(c: &mut Criterion) {
    let options = ParserOptions::default();
    let mut group = c.benchmark_group("parse");
    for (name, query) in ORDINARY {
        group.throughput(Throughput::Bytes(query.len() as u64));
        group.bench_function(*name, |b| b.iter(|| parse(black_box(query), &options)));
    }
    let regex = "up{job=~\"gift.*|proxy-[0-9]+\"}";
    group.bench_function("regex", |b| b.iter(|| parse(black_box(regex), &options)));
    let chain = "up".to_owned() + &" + up".repeat(40_000);
    group.throughput(Throughput::Bytes(chain.len() as u64));
    group.bench_function("chain of 40,000", |b| b.iter(|| parse(black_box(&chain), &options)));
    let deep = "(".repeat(10_000);
    group.bench_function("10,000 parentheses", |b| b.iter(|| parse(black_box(&deep), &options)));
    group.finish();

    let ast = parse(ORDINARY[2].1, &options).unwrap_or_else(|error| panic!("{error}"));
    c.bench_function("print quantile", |b| b.iter(|| black_box(&ast).to_string()));
}

criterion_group!(benches, parsing);
criterion_main!(benches);
