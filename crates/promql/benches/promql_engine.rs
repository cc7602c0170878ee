//! Range queries as dashboards ask them.

mod data;

use std::hint::black_box;
use std::time::Duration as Wall;

use criterion::{Criterion, criterion_group, criterion_main};
use data::{QUERIES, range, storage};
use promql::engine::Engine;
use promql::syntax::{ParserOptions, parse};

fn range_queries(c: &mut Criterion) {
    let storage = storage();
    let engine = Engine::default();
    let mut group = c.benchmark_group("range");
    group.sample_size(10).measurement_time(Wall::from_secs(2)).warm_up_time(Wall::from_secs(1));
    for (name, query) in QUERIES {
        let ast = parse(query, &ParserOptions::ALL).expect("the query parses");
        group.bench_function(*name, |b| {
            b.iter(|| {
                engine.evaluate(&storage, black_box(&ast), range(), None).expect("an answer")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, range_queries);
criterion_main!(benches);
