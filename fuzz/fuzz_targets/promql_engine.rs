//! Any text that parses: evaluating it over a few series of every kind ends, within its limits and
//! without a panic, at an instant and over a range, and its trace agrees with its result.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use go::Duration;
use promql::engine::{Engine, EngineOptions, QueryTime, TraceRequest};
use promql::syntax::{ParserOptions, parse};
use promql::promqltest::{Command, Script};
use promql::storage::Storage;

const SERIES: &str = "
load 15s
  a_total{job=\"x\", instance=\"1\"} 0+3x20 1+2x19
  a_total{job=\"x\", instance=\"2\"} 5 _ 7 stale 9x5 NaN 3 Inf 4
  a_total{job=\"y\", instance=\"1\"} 1e300+1e300x20
  b{job=\"x\"} 1 -1 2 -2 0 0.5 -0
  h_bucket{le=\"0.1\"} 0+1x20
  h_bucket{le=\"1\"} 0+2x20
  h_bucket{le=\"+Inf\"} 0+3x20
  h {{schema:0 count:6 sum:9 buckets:[1 2 3]}}+{{schema:0 count:3 sum:4 buckets:[1 1 1]}}x20
  n {{schema:-53 count:3 sum:4 custom_values:[1 5] buckets:[1 1 1]}}x10
";

fn storage() -> &'static Storage {
    static STORAGE: OnceLock<Storage> = OnceLock::new();
    STORAGE.get_or_init(|| {
        let mut storage = Storage::unbounded();
        for command in Script::parse(SERIES).expect("the series are written right").commands {
            if let Command::Load(load) = command {
                load.store(&mut storage).expect("the series can be stored");
            }
        }
        storage
    })
}

fuzz_target!(|query: &str| {
    let Ok(ast) = parse(query, &ParserOptions::ALL) else { return };
    let options = EngineOptions { max_samples: 50_000, ..EngineOptions::default() };
    let engine = Engine::new(options);
    let storage = storage();
    let times = [
        QueryTime::Instant(200_000),
        QueryTime::Range { start: 0, end: 300_000, step: Duration::from_secs(20) },
    ];
    for time in times {
        let plain = engine.evaluate(storage, &ast, time, None);
        let traced = engine.explain(storage, &ast, time, None, TraceRequest::default());
        // Looking must not change what is seen.
        assert_eq!(plain.is_ok(), traced.is_ok());
        if let (Ok(plain), Ok((traced, _))) = (plain, traced) {
            assert_eq!(format!("{:?}", plain.value), format!("{:?}", traced.value));
        }
    }
});
