//! Times, ranges, steps and counts at the ends of their types. Tests are compiled with overflow
//! checks, so that arithmetic that wraps fails here instead of giving a wrong time or a loop without
//! an end.

use std::time::Instant;

use go::Duration;
use promql::engine::{Engine, EngineOptions, MAX_STEPS, QueryTime};
use promql::promqltest::{ScriptEngine, run_script};
use promql::storage::{Sample, Storage};
use promql::syntax::{ParserOptions, parse};
use promql::{Labels, Timestamp};
use proptest::prelude::*;

/// Seconds within which every query has an answer or an error.
const PATIENCE: u64 = 20;

const TIMES: [Timestamp; 11] = [
    i64::MIN,
    i64::MIN + 1,
    -9_223_372_036_855,
    -1,
    0,
    1,
    60_000,
    1_767_225_600_000,
    9_223_372_036_854,
    i64::MAX - 1,
    i64::MAX,
];

/// Durations as a query writes them. The longest one has 2⁶³ nanoseconds.
const DURATIONS: [&str; 9] =
    ["1ms", "1m", "1h30m", "292y", "106751d", "9223372036854ms", "0", "1e18", "9223372036"];

const TEMPLATES: [&str; 18] = [
    "up",
    "up offset D",
    "up offset -D",
    "up @ T offset D",
    "rate(up[D])",
    "rate(up[D] offset E)",
    "increase(up[D] @ T)",
    "rate(up[D] anchored)",
    "increase(up[D] smoothed offset -E)",
    "sum_over_time(up[D:E])",
    "max_over_time(rate(up[1m])[D:E] offset -E)",
    "min_over_time(up[D:E] @ T)",
    "predict_linear(up[D], 1e308)",
    "topk(1e308, up) + quantile(-1e308, up)",
    "month(vector(T)) + year(vector(1e308)) + days_in_month(vector(-1e308))",
    "round(up, 5e-324) + clamp(up, -1e308, 1e308)",
    "histogram_quantile(1e308, up) or limitk(1e18, up)",
    "absent_over_time(up[D:E] offset E)",
];

fn storage() -> Storage {
    let mut storage = Storage::unbounded();
    for (series, values) in [("a", [1.0, f64::MAX]), ("b", [f64::MIN, f64::NAN])] {
        let labels = Labels::from_pairs([("__name__", "up"), ("job", series)]);
        for (at, value) in [0, 60_000].into_iter().zip(values) {
            storage.append(&labels, Sample::float(at, value)).expect("samples in order");
        }
    }
    storage
}

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(values)
}

fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![prop::sample::select(&TIMES[..]), any::<i64>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn queries_are_answered(
        template in one_of(&TEMPLATES),
        (range, step) in (one_of(&DURATIONS), one_of(&DURATIONS)),
        (start, end, at) in (time(), time(), time()),
        every in time(),
    ) {
        let at = format!("{:.3}", at as f64 / 1000.0);
        let query = template.replace('D', range).replace('E', step).replace('T', &at);
        let Ok(ast) = parse(&query, &ParserOptions::ALL) else { return Ok(()) };
        let storage = storage();
        let options = EngineOptions { max_samples: 100_000, ..EngineOptions::default() };
        let engine = Engine::new(options);
        // The HTTP API refuses more steps.
        let least = (i128::from(end) - i128::from(start)) / MAX_STEPS as i128;
        let every = every.max(i64::try_from(least).unwrap_or(i64::MAX).saturating_add(1));
        let asked = Instant::now();
        for time in [
            QueryTime::Instant(start),
            QueryTime::Range { start, end, step: Duration(every) },
            QueryTime::Range { start: 0, end: 120_000, step: Duration(every.max(100)) },
        ] {
            // An answer or an error: both end.
            let _ = engine.evaluate(&storage, &ast, time, None);
        }
        prop_assert!(asked.elapsed().as_secs() < PATIENCE, "{query} takes too long");
    }

    #[test]
    fn scripts_are_read_and_run(
        interval in one_of(&DURATIONS),
        at in one_of(&DURATIONS),
        step in one_of(&DURATIONS),
        value in one_of(&["1", "1x3", "1+1x3", "0-1e308x3", "_x2", "9223372036854775807x2", "1x1999999", "1x18446744073709551616"]),
    ) {
        let asked = Instant::now();
        let load = format!("load {interval}\n  up {value} {value}\n\n");
        for eval in [
            format!("eval instant at {at} up\n  {{}} 1\n\n"),
            format!("eval range from 0 to {at} step {step} up\n  {{}} 1\n\n"),
        ] {
            let options = EngineOptions { max_samples: 100_000, ..EngineOptions::default() };
            run_script("a.test", &format!("{load}{eval}"), &ScriptEngine::new(options));
        }
        prop_assert!(asked.elapsed().as_secs() < PATIENCE);
    }
}
