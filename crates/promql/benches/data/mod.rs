//! The data and the queries of the benchmarks of range queries: an hour at 15 seconds, 240 steps.

use go::Duration;
use promql::engine::QueryTime;
use promql::storage::{Sample, Storage};
use promql::{Labels, Timestamp};

pub const INTERVAL: i64 = 15_000;
pub const START: Timestamp = 1_700_000_000_000;
pub const END: Timestamp = START + (STEPS - 1) * INTERVAL;
const STEPS: i64 = 240;
/// Samples before the first step, so that its window is full.
const BEFORE: i64 = 40;

pub const QUERIES: &[(&str, &str)] = &[
    ("rate of 1,000 series", "rate(requests_total[5m])"),
    ("sum by of 1,000 rates", "sum by (node) (rate(requests_total[5m]))"),
    ("quantile of 100 x 12 buckets", "histogram_quantile(0.9, rate(latency_bucket[5m]))"),
    ("group_left join", "requests_total * on (pod) group_left (team) pod_info"),
    ("subquery", "max_over_time(sum(rate(requests_total{node=\"1\"}[1m]))[10m:30s])"),
    ("selector of 10,000 series", "temperature"),
    ("max_over_time of 1,000 series", "max_over_time(requests_total[5m])"),
    ("topk of 1,000 series", "topk(5, requests_total)"),
];

pub const fn range() -> QueryTime {
    QueryTime::Range { start: START, end: END, step: Duration(INTERVAL) }
}

/// Calls `add` with each sample, series by series: 1,000 counters, metadata to join them with, 100
/// classic histograms of 12 buckets, 10,000 gauges.
pub fn for_each_sample(mut add: impl FnMut(&Labels, Timestamp, f64)) {
    let mut series = |pairs: &[(&str, &str)], value: &dyn Fn(i64) -> f64| {
        let labels = Labels::from_pairs(pairs.iter().copied());
        for i in -BEFORE..STEPS {
            add(&labels, START + i * INTERVAL, value(i + BEFORE));
        }
    };
    let numbers: Vec<String> = (0..10_000).map(|i| format!("{i}")).collect();
    for n in 0..1_000_usize {
        let (pod, node) = (&numbers[n], &numbers[n % 50]);
        let pairs = [("__name__", "requests_total"), ("job", "api"), ("pod", pod), ("node", node)];
        // One in ten restarts now and then.
        let period = if n % 10 == 0 { 100 } else { 1_000_000 };
        series(&pairs, &|i| ((i + n as i64) % period) as f64 * 7.0);
    }
    for n in 0..1_000_usize {
        let pairs = [("__name__", "pod_info"), ("pod", &*numbers[n]), ("team", &numbers[n % 7])];
        series(&pairs, &|_| 1.0);
    }
    for pod in numbers.iter().take(100) {
        for bucket in 0..12_usize {
            let bound = if bucket == 11 { "+Inf".to_owned() } else { format!("{}", 1 << bucket) };
            let pairs = [("__name__", "latency_bucket"), ("pod", &**pod), ("le", &*bound)];
            series(&pairs, &|i| (i * (bucket as i64 + 1)) as f64);
        }
    }
    for number in &numbers {
        series(&[("__name__", "temperature"), ("sensor", number)], &|i| (i % 17) as f64);
    }
}

pub fn storage() -> Storage {
    let mut storage = Storage::unbounded();
    for_each_sample(|labels, time, value| {
        storage.append(labels, Sample::float(time, value)).expect("samples come in order");
    });
    storage
}
