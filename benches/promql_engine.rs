//! Range queries as dashboards ask them: an hour at 15 seconds, 240 steps.

use std::hint::black_box;
use std::time::Duration as Wall;

use criterion::{Criterion, criterion_group, criterion_main};
use playground::model::{Duration, Labels};
use playground::promql::engine::{Engine, EngineOptions, QueryTime};
use playground::promql::syntax::{ParserOptions, parse};
use playground::storage::{Sample, Storage};

const INTERVAL: i64 = 15_000;
const START: i64 = 1_700_000_000_000;
const STEPS: i64 = 240;
/// Samples before the first step, so that its window is full.
const BEFORE: i64 = 40;

/// 1,000 counters, 100 classic histograms of 12 buckets, 10,000 gauges, and metadata to join with.
fn storage() -> Storage {
    let mut storage = Storage::unbounded();
    let mut add = |pairs: &[(&str, &str)], value: &dyn Fn(i64) -> f64| {
        let labels = Labels::from_pairs(pairs.iter().copied());
        for i in -BEFORE..STEPS {
            let sample = Sample::float(START + i * INTERVAL, value(i + BEFORE));
            storage.append(&labels, sample).expect("samples come in order");
        }
    };
    let numbers: Vec<String> = (0..10_000).map(|i| format!("{i}")).collect();
    for n in 0..1_000_usize {
        let (pod, node) = (&numbers[n], &numbers[n % 50]);
        let pairs = [("__name__", "requests_total"), ("job", "api"), ("pod", pod), ("node", node)];
        // One in ten restarts now and then.
        let period = if n % 10 == 0 { 100 } else { 1_000_000 };
        add(&pairs, &|i| ((i + n as i64) % period) as f64 * 7.0);
        add(&[("__name__", "pod_info"), ("pod", pod), ("team", &numbers[n % 7])], &|_| 1.0);
    }
    for n in 0..100_usize {
        for bucket in 0..12_usize {
            let bound = if bucket == 11 { "+Inf".to_owned() } else { format!("{}", 1 << bucket) };
            let pairs = [("__name__", "latency_bucket"), ("pod", &*numbers[n]), ("le", &*bound)];
            add(&pairs, &|i| (i * (bucket as i64 + 1)) as f64);
        }
    }
    for number in &numbers {
        add(&[("__name__", "temperature"), ("sensor", number)], &|i| (i % 17) as f64);
    }
    storage
}

const QUERIES: &[(&str, &str)] = &[
    ("rate of 1,000 series", "rate(requests_total[5m])"),
    ("sum by of 1,000 rates", "sum by (node) (rate(requests_total[5m]))"),
    ("quantile of 100 x 12 buckets", "histogram_quantile(0.9, rate(latency_bucket[5m]))"),
    ("group_left join", "requests_total * on (pod) group_left (team) pod_info"),
    ("subquery", "max_over_time(sum(rate(requests_total{node=\"1\"}[1m]))[10m:30s])"),
    ("selector of 10,000 series", "temperature"),
    ("max_over_time of 1,000 series", "max_over_time(requests_total[5m])"),
    ("topk of 1,000 series", "topk(5, requests_total)"),
];

fn range_queries(c: &mut Criterion) {
    let storage = storage();
    let engine = Engine::new(EngineOptions::default());
    let time = QueryTime::Range {
        start: START,
        end: START + (STEPS - 1) * INTERVAL,
        step: Duration(INTERVAL),
    };
    let mut group = c.benchmark_group("range");
    group.sample_size(10).measurement_time(Wall::from_secs(2)).warm_up_time(Wall::from_secs(1));
    for (name, query) in QUERIES {
        let ast = parse(query, &ParserOptions::ALL).expect("the query parses");
        group.bench_function(*name, |b| {
            b.iter(|| engine.evaluate(&storage, black_box(&ast), time, None).expect("an answer"));
        });
    }
    group.finish();
}

criterion_group!(benches, range_queries);
criterion_main!(benches);
