//! Tests of the whole engine: results, refusals, statistics and traces.

use std::cell::Cell;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::SampleValue;
use crate::histogram::{Buckets, CounterResetHint, FloatHistogram};
use crate::storage::Sample;
use crate::storage::Storage;
use crate::syntax::NodeId;
use crate::syntax::{FunctionId, ParserOptions, parse};
use go::number::stale_nan;

const MINUTE: i64 = 60_000;

fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied())
}

fn native(count: f64, schema: i32, hint: CounterResetHint) -> Arc<FloatHistogram> {
    Arc::new(FloatHistogram {
        counter_reset_hint: hint,
        schema,
        zero_threshold: 0.001,
        zero_count: 1.0,
        count: count + 1.0,
        sum: 2.0 * count,
        positive: Buckets::single_span(0, vec![count / 2.0, count / 2.0]),
        ..FloatHistogram::default()
    })
}

/// Counters with a reset and a gap, gauges with odd values, classic and native histograms, a
/// series of both kinds of samples, info series.
fn storage() -> Storage {
    let mut storage = Storage::unbounded();
    let mut add = |pairs: &[(&str, &str)], values: &[f64]| {
        for (i, &value) in values.iter().enumerate() {
            let time = i as i64 * MINUTE;
            storage.append(&labels(pairs), Sample::float(time, value)).unwrap();
        }
    };
    for (instance, values) in [
        ("a", [0.0, 60.0, 120.0, 20.0, 80.0, 140.0]),
        ("b", [10.0, 20.0, 30.0, 40.0, stale_nan(), 60.0]),
    ] {
        add(&[("__name__", "requests_total"), ("job", "api"), ("instance", instance)], &values);
        add(&[("__name__", "up"), ("job", "api"), ("instance", instance)], &[1.0; 6]);
        add(
            &[
                ("__name__", "target_info"),
                ("job", "api"),
                ("instance", instance),
                ("version", "2"),
            ],
            &[1.0; 6],
        );
    }
    add(
        &[("__name__", "odd"), ("job", "api")],
        &[f64::NAN, f64::INFINITY, -0.0, f64::MAX, f64::NEG_INFINITY, 1e-300],
    );
    for (bound, share) in [("0.1", 1.0), ("1", 3.0), ("+Inf", 4.0)] {
        let values: Vec<f64> = (0..6).map(|i| share * f64::from(i)).collect();
        add(&[("__name__", "latency_bucket"), ("job", "api"), ("le", bound)], &values);
    }
    for i in 0..6 {
        let time = i64::from(i) * MINUTE;
        let hint = if i == 3 { CounterResetHint::Reset } else { CounterResetHint::Unknown };
        let value = native(f64::from(4 * i), i % 3, hint);
        for name in ["native", "mixed"] {
            let labels = labels(&[("__name__", name), ("job", "api")]);
            let sample = if name == "mixed" && i % 2 == 0 {
                Sample::float(time, f64::from(i))
            } else {
                Sample::histogram(time, value.clone())
            };
            storage.append(&labels, sample).unwrap();
        }
    }
    storage
}

fn instant(query: &str, time: i64) -> Result<QueryResult, QueryError> {
    let ast = parse(query, &ParserOptions::ALL).unwrap();
    Engine::default().instant(&storage(), &ast, time)
}

fn numbers(value: &Value) -> Vec<(String, f64)> {
    let Value::Vector(samples) = value else { return Vec::new() };
    samples
        .iter()
        .map(|sample| match sample.value {
            SampleValue::Float(value) => (sample.labels.to_string(), value),
            SampleValue::Histogram(_) => (sample.labels.to_string(), f64::NAN),
        })
        .collect()
}

#[test]
fn answers_of_instant_queries() {
    for (query, expected) in [
        ("sum by (job) (requests_total)", &[(r#"{job="api"}"#, 200.0)][..]),
        (
            "increase(requests_total{instance=\"a\"}[5m])",
            &[(r#"{instance="a", job="api"}"#, 250.0)],
        ),
        (
            "topk(1, requests_total)",
            &[(r#"{__name__="requests_total", instance="a", job="api"}"#, 140.0)],
        ),
        (
            "up / on (instance) requests_total > bool 0",
            &[(r#"{instance="a"}"#, 1.0), (r#"{instance="b"}"#, 1.0)],
        ),
        ("histogram_quantile(0.5, latency_bucket)", &[(r#"{job="api"}"#, 0.55)]),
        (
            "max_over_time(requests_total{instance=\"a\"}[5m:1m])",
            &[(r#"{instance="a", job="api"}"#, 140.0)],
        ),
        ("absent(nothing{job=\"x\"})", &[(r#"{job="x"}"#, 1.0)]),
    ] {
        let got = numbers(&instant(query, 5 * MINUTE).unwrap().value);
        assert_eq!(got.len(), expected.len(), "{query}: {got:?}");
        for ((labels, value), (expected_labels, expected)) in got.iter().zip(expected) {
            assert_eq!(labels, expected_labels, "{query}");
            assert!((value - expected).abs() < 1e-9, "{query}: {value}");
        }
    }
}

#[cfg(feature = "experimental-functions")]
#[test]
fn refusals_have_prometheus_words() {
    for (query, message) in [
        (
            "label_replace(up, \"instance\", \"x\", \"job\", \".*\")",
            "vector cannot contain metrics with the same labelset",
        ),
        (
            "up + on (job) requests_total",
            "found duplicate series for the match group {job=\"api\"} on the right hand-side",
        ),
        ("requests_total + on (job) group_left odd + on (job) up", "found duplicate series"),
        ("topk(scalar(nothing), up)", "Parameter value is NaN"),
        (
            "double_exponential_smoothing(odd[5m], 2, 0.5)",
            "invalid smoothing factor. Expected: 0 < sf < 1, got: 2.000000",
        ),
        (
            "count_over_time(up[5m] smoothed)",
            "smoothed modifier can only be used with: delta, increase, rate - not with count_over_time",
        ),
        ("up[5m:1m:]", ""),
    ] {
        let Ok(ast) = parse(query, &ParserOptions::ALL) else {
            assert_eq!(message, "", "{query} does not parse");
            continue;
        };
        let result = Engine::default().instant(&storage(), &ast, 5 * MINUTE);
        let error = result.map(|result| numbers(&result.value)).unwrap_err();
        assert!(error.message.starts_with(message), "{query}: {error}");
        assert_eq!(error.kind, ErrorKind::Execution);
    }
}

#[test]
fn what_is_too_large_is_refused_at_once() {
    for query in [
        "max_over_time(up[1y:1ms])",
        "sum_over_time(vector(1)[100y:1ms])",
        "count_over_time(count_over_time(up[1y:1s])[1y:1s])",
        "rate(up[290y:1ms] offset -200y)",
    ] {
        let error = instant(query, 5 * MINUTE).map(|_| ()).unwrap_err();
        assert_eq!(error, QueryError::too_many_samples(), "{query}");
    }
    let ast = parse("up", &ParserOptions::ALL).unwrap();
    let few = EngineOptions { max_samples: 1, ..EngineOptions::default() };
    let error = Engine::new(few).instant(&storage(), &ast, 0).map(|_| ()).unwrap_err();
    assert_eq!(error, QueryError::too_many_samples());
}

#[test]
fn samples_in_windows_are_limited() {
    let query = "sum_over_time(sum_over_time(vector(1)[11d:1s])[11d:1s])";
    let ast = parse(query, &ParserOptions::ALL).unwrap();
    let few = EngineOptions { max_window_samples: 3_000_000, ..EngineOptions::default() };
    let error = Engine::new(few).instant(&storage(), &ast, 0).map(|_| ()).unwrap_err();
    assert_eq!(error.message, "query timed out in expression evaluation");
}

#[test]
fn an_interrupt_is_heard_between_series() {
    let ast = parse("sum(rate(requests_total[5m]))", &ParserOptions::ALL).unwrap();
    let asked = Cell::new(0);
    let interrupt = || {
        asked.set(asked.get() + 1);
        (asked.get() > 2).then_some(Interruption::TimedOut)
    };
    let time = QueryTime::Instant(5 * MINUTE);
    let result = Engine::default().evaluate(&storage(), &ast, time, Some(&interrupt));
    let error = result.map(|_| ()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    assert_eq!(error.message, "query timed out in expression evaluation");
}

#[test]
fn an_interrupt_is_heard_between_long_windows() {
    let query = "sum_over_time(sum_over_time(vector(1)[11d:1s])[11d:1s])";
    let ast = parse(query, &ParserOptions::ALL).unwrap();
    let asked = Cell::new(0);
    let interrupt = || {
        asked.set(asked.get() + 1);
        (asked.get() > 20).then_some(Interruption::Canceled)
    };
    let time = QueryTime::Instant(0);
    let result = Engine::default().evaluate(&storage(), &ast, time, Some(&interrupt));
    assert_eq!(result.map(|_| ()).unwrap_err().kind, ErrorKind::Canceled);
}

#[test]
fn long_chains_and_deep_parentheses_need_no_stack() {
    let chain = vec!["up"; 5_000].join(" or ");
    let ast = parse(&chain, &ParserOptions::ALL).unwrap();
    let result = Engine::default().instant(&storage(), &ast, 0).unwrap();
    assert_eq!(numbers(&result.value).len(), 2);
    let nested = format!("{}up{}", "(".repeat(10_000), ")".repeat(10_000));
    if let Ok(ast) = parse(&nested, &ParserOptions::ALL) {
        assert!(Engine::default().instant(&storage(), &ast, 0).is_ok());
    }
}

fn explain(query: &str, terms: Option<&TermsRequest>) -> Trace {
    let ast = parse(query, &ParserOptions::ALL).unwrap();
    let ticks = Cell::new(0.0);
    let clock = || {
        ticks.set(ticks.get() + 1.0);
        ticks.get()
    };
    let request = TraceRequest { clock: Some(&clock), terms };
    let time = QueryTime::Instant(5 * MINUTE);
    Engine::default().explain(&storage(), &ast, time, None, request).unwrap().1
}

#[test]
fn a_trace_tells_of_every_node() {
    let trace = explain("sum(rate(requests_total[5m])) / 2", None);
    let names: Vec<_> = trace.nodes.iter().map(|node| (node.node.0, node.series)).collect();
    assert_eq!(names, [(0, 2), (1, 2), (2, 1), (3, 0), (4, 1)]);
    let rate = &trace.nodes[1];
    assert_eq!(rate.cardinality.get("instance"), Some(&2));
    assert_eq!(rate.samples_read, 9);
    assert!(rate.milliseconds.is_some());
    assert_eq!((trace.nodes[0].samples, trace.nodes[0].samples_read), (9, 9));
    assert_eq!(trace.nodes[2].samples_read, 0);
}

#[test]
fn a_trace_tells_which_series_met() {
    let trace = explain("requests_total{instance=\"a\"} * on (instance) up", None);
    let matching = trace.nodes.iter().find_map(|node| node.matching.as_ref()).unwrap();
    assert_eq!((matching.matched, matching.only_left, matching.only_right), (1, 0, 1));
    let lonely = &matching.groups[0];
    assert_eq!(lonely.signature, labels(&[("instance", "b")]));
    assert!(lonely.left.is_empty() && lonely.right.len() == 1);
}

#[test]
fn terms_are_those_of_the_answer() {
    let of = |query: &str, node: u32, labels: Labels| {
        let request = TermsRequest { node: NodeId(node), labels, time: 5 * MINUTE };
        explain(query, Some(&request)).terms.unwrap()
    };
    let a = || labels(&[("instance", "a"), ("job", "api")]);
    let terms = of("sum(increase(requests_total[5m]))", 1, a());
    let Arithmetic::Rate { terms: rate, resets } = &terms.arithmetic else { panic!("{terms:?}") };
    assert_eq!(resets.len(), 1);
    assert_eq!((resets[0].before, resets[0].after), (120.0, 20.0));
    assert_eq!(rate.extrapolation.start_clause, StartClause::WindowStart);
    assert!(matches!(terms.result, Some(SampleValue::Float(value)) if value == rate.result));
    assert_eq!(terms.floats.len(), 5);
    for (query, function) in [
        ("irate(requests_total[5m])", FunctionId::Irate),
        ("resets(requests_total[5m])", FunctionId::Resets),
        ("deriv(requests_total[5m])", FunctionId::Deriv),
        ("max_over_time(requests_total[5m])", FunctionId::MaxOverTime),
    ] {
        let terms = of(query, 1, a());
        assert_eq!(terms.function, function);
        assert!(terms.result.is_some(), "{query}");
    }
    let terms = of("histogram_quantile(0.5, latency_bucket)", 2, labels(&[("job", "api")]));
    let Arithmetic::HistogramQuantile(quantile) = &terms.arithmetic else { panic!("{terms:?}") };
    assert_eq!((quantile.rank, quantile.observations, quantile.chosen), (10.0, 20.0, Some(1)));
}

/// Queries that mutations begin with: each function and operator at least once in some.
const SEEDS: &[&str] = &[
    "sum by (job) (rate(requests_total[5m]))",
    "histogram_quantile(0.9, sum by (le, job) (rate(latency_bucket[2m])))",
    "histogram_fraction(0, 0.5, native) + histogram_avg(native) * histogram_stddev(native)",
    "requests_total / ignoring (version) group_right () target_info or up unless mixed",
    "up * on (job, instance) group_left (version) target_info",
    "avg_over_time(mixed[3m]) + sum_over_time(native[4m:1m] offset 1m) - mad_over_time(odd[5m])",
    "topk(2, odd) or bottomk(1, up) or limitk(1, up) or limit_ratio(-0.5, up)",
    "quantile(0.3, odd) + stddev(up) * stdvar(odd) / count(up) and group(odd)",
    "count_values(\"v\", odd) or count_values without (job) (\"job\", native)",
    "label_replace(up, \"x\", \"$1-$2\", \"instance\", \"(.)(.*)\") or label_join(up, \"y\", \"-\", \"a\")",
    "predict_linear(requests_total[5m] @ 120, 60) - deriv(odd[5m]) ^ 2 % 3 atan2 1",
    "rate(requests_total[2m] smoothed) + increase(native[3m] anchored) - delta(mixed[2m] anchored)",
    "irate(native[3m]) + idelta(mixed[3m]) or resets(mixed[5m]) or changes(native[5m] anchored)",
    "up + fill_left (1) fill_right (0) requests_total == bool on (job) group_left odd",
    "info(up) or info(requests_total, {version=~\".+\"})",
    "sort_by_label_desc(up, \"instance\") or sort(odd) or sort_desc(up)",
    "max_of(time(), end()) - min_of(step(), range()) * scalar(odd) + pi()",
    "absent_over_time(up[1m:10s] @ start()) or absent(odd{a=\"b\"}) or vector(1)",
    "native >/ 0.5 </ 2 or native == native or native != mixed or -native",
    "day_of_year(odd) + days_in_month() - month(up) * hour(odd) or timestamp(up @ end())",
    "double_exponential_smoothing(odd[5m], 0.3, 0.4) or quantile_over_time(0.5, mixed[5m])",
    "clamp(odd, -1, 1) + round(odd, 0.1) - clamp_min(odd, 2) or sgn(odd) or ln(odd) or acosh(odd)",
    "ts_of_max_over_time(odd[5m]) or first_over_time(mixed[5m]) or last_over_time(up[5m:]) or odd smoothed",
    "histogram_quantiles(native, \"q\", 0.1, 0.9) or start_timestamp(up) or up offset -3m",
];

/// A piece of one query put in place of a piece of another.
fn mutated() -> impl Strategy<Value = String> {
    let piece = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..8usize);
    let edits = prop::collection::vec((0..SEEDS.len(), piece.clone(), piece), 0..4);
    (0..SEEDS.len(), edits).prop_map(|(seed, edits)| {
        let tokens = |text: &str| -> Vec<String> {
            let mut tokens: Vec<String> = Vec::new();
            for c in text.chars() {
                match tokens.last_mut() {
                    Some(last)
                        if c.is_alphanumeric() && last.ends_with(|l: char| l.is_alphanumeric()) =>
                    {
                        last.push(c);
                    }
                    _ => tokens.push(c.to_string()),
                }
            }
            tokens
        };
        let mut query = tokens(SEEDS[seed]);
        for (other, (at, _, len), (from, _, taken)) in edits {
            let other = tokens(SEEDS[other]);
            let (at, from) = (at.index(query.len() + 1), from.index(other.len()));
            let end = (at + len).min(query.len());
            let part = other[from..(from + taken).min(other.len())].to_vec();
            query.splice(at..end, part);
        }
        query.concat()
    })
}

/// Queries around another query, which replaces `_`.
const FRAMES: &[&str] = &[
    "sum by (job) (_)",
    "avg without (instance) (_)",
    "max(_)",
    "stddev by (__name__) (_)",
    "topk(2, _)",
    "bottomk(scalar(_), _)",
    "quantile(0.5, _)",
    "count_values(\"v\", _)",
    "limit_ratio(0.5, _)",
    "rate((_)[3m:30s])",
    "avg_over_time((_)[4m:1m] @ 120 offset 1m)",
    "changes((_)[3m:1m])",
    "predict_linear((_)[5m:], 10)",
    "abs(_)",
    "-(_)",
    "timestamp(_)",
    "histogram_quantile(0.7, _)",
    "histogram_quantiles(_, \"q\", 0.1, scalar(_))",
    "histogram_count(_)",
    "histogram_fraction(0, 1, _)",
    "label_replace(_, \"job\", \"$1\", \"instance\", \"(.*)\")",
    "label_join(_, \"__name__\", \"-\", \"job\", \"le\")",
    "sort_desc(_)",
    "absent(_)",
    "vector(scalar(_))",
    "info(_)",
    "year(_)",
    "clamp(_, 0, scalar(_))",
    "(_) + on (job, instance, le) (_)",
    "(_) * ignoring (le) group_left (version) (_)",
    "(_) / on (job) group_right () (_)",
    "(_) == bool fill (0) (_)",
    "(_) > 1",
    "2 ^ (_)",
    "(_) and on (job) (_)",
    "(_) or (_)",
    "(_) unless ignoring (instance) (_)",
    "(_) </ 1",
];

/// Seeds and mutations inside one another.
fn composed() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        3 => prop::sample::select(SEEDS).prop_map(str::to_owned),
        3 => prop::sample::select(&["up", "odd", "native", "mixed", "latency_bucket"][..])
            .prop_map(str::to_owned),
        1 => mutated(),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        (prop::sample::select(FRAMES), inner.clone(), inner).prop_map(|(frame, first, second)| {
            let mut parts = frame.split('_');
            let mut query = parts.next().unwrap_or_default().to_owned();
            let mut inner = [first, second].into_iter().cycle();
            for part in parts {
                // Names with an underscore are no places.
                let place = query.ends_with([' ', '(']) && part.starts_with([' ', ')', ',']);
                query.push_str(&if place { inner.next().unwrap_or_default() } else { "_".into() });
                query.push_str(part);
            }
            query
        })
    })
}

proptest! {
    #[test]
    fn no_query_panics(query in composed(), at in -3..9i64, flags in 0..8u8) {
        let Ok(ast) = parse(&query, &ParserOptions::ALL) else { return Ok(()) };
        let engine = Engine::new(EngineOptions {
            max_samples: 100_000,
            delayed_name_removal: flags & 1 != 0,
            use_start_timestamps: flags & 2 != 0,
            type_and_unit_labels: flags & 4 != 0,
            ..EngineOptions::default()
        });
        let storage = storage();
        let time = at * MINUTE;
        let once = engine.instant(&storage, &ast, time);
        let (start, end) = (time - MINUTE, time + 2 * MINUTE);
        let over = engine.range(&storage, &ast, start, end, Duration(MINUTE));
        for result in [once, over].into_iter().flatten() {
            for annotation in result.annotations.iter() {
                prop_assert!(!annotation.render(&query).contains("invalid position"));
            }
        }
    }
}

#[cfg(feature = "experimental-functions")]
#[test]
fn every_seed_can_be_evaluated() {
    let storage = storage();
    for seed in SEEDS {
        let ast =
            parse(seed, &ParserOptions::ALL).unwrap_or_else(|errors| panic!("{seed}: {errors}"));
        let result = Engine::default().instant(&storage, &ast, 3 * MINUTE);
        if let Err(error) = result {
            assert_eq!(error.kind, ErrorKind::Execution, "{seed}: {error}");
        }
    }
}
