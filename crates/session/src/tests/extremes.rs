//! Numbers at the ends of their types, in requests, in a stored log and in files. Each is answered;
//! tests are compiled with overflow checks.

use std::time::{Duration, Instant};

use super::driver::Driver;
use protocol::pages::{metrics, query, rate_lab, rules, targets};
use protocol::{
    Action, ActionKind, Choice, EventLog, Fault, LAST_TIME, LoggedEvent, PageQuery, Request, Scope,
    UNTIL_ENDED,
};

const TIMES: [u64; 8] =
    [0, 1, LAST_TIME, LAST_TIME + 1, 1 << 53, i64::MAX as u64, u64::MAX - 1, u64::MAX];

/// Slices of a run that a test waits for; a run to the last time takes more.
const SLICES: usize = 3;

/// No request works longer than a slice of simulated time does in a test build.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a request and some continuations, then gives the run up.
fn bounded(driver: &mut Driver, request: Request) {
    let said = format!("{request:?}");
    let begun = Instant::now();
    driver.send(request);
    for _ in 0..SLICES {
        if driver.last.clock.goal.is_none() {
            break;
        }
        driver.send(Request::Continue { show: false });
    }
    driver.send(Request::Stop);
    let short: String = said.chars().take(200).collect();
    assert!(begun.elapsed() < PATIENCE, "{short} takes {:?}", begun.elapsed());
    assert!(driver.last.clock.now <= LAST_TIME, "{short}: {}", driver.last.clock.now);
}

/// A system in which time passes quickly: nothing is scraped.
fn empty() -> Driver {
    Driver::with_files(&[("prometheus.yml", "global: {}\n")])
}

#[test]
fn time_ends_at_the_last_time() {
    for at in TIMES {
        let mut driver = empty();
        driver.run(Request::Seek { at });
        assert_eq!(driver.last.clock.now, at.min(LAST_TIME), "{at}");
        driver.run(Request::Advance { millis: at });
        assert_eq!(driver.last.clock.now, at.saturating_mul(2).min(LAST_TIME), "{at}");
        driver.run(Request::NextScrape);
        driver.run(Request::Seek { at: 0 });
        assert_eq!(driver.last.clock.now, 0, "and back");
    }
}

#[test]
fn any_time_is_gone_to() {
    let mut driver = Driver::open("giftcard");
    for at in TIMES {
        bounded(&mut driver, Request::Advance { millis: at });
        bounded(&mut driver, Request::NextScrape);
        bounded(&mut driver, Request::Seek { at });
        bounded(&mut driver, Request::Seek { at: 0 });
    }
}

#[test]
fn any_log_is_replayed() {
    let choice = |kind: ActionKind, duration| Choice { kind, scope: Scope::All, duration };
    let skew = |minutes| ActionKind::Fault(Fault::ClockSkew { minutes, in_samples: true });
    let visit = |times| ActionKind::Visit { action: "visit".into(), times };
    let kinds = [
        skew(i32::MAX),
        skew(i32::MIN),
        visit(u32::MAX),
        ActionKind::Use { workload: "nginx".into(), action: "visit".into(), times: u32::MAX },
        ActionKind::Traffic { factor: f64::MAX },
        ActionKind::Traffic { factor: f64::NAN },
        ActionKind::Traffic { factor: -1.0 },
        ActionKind::Fault(Fault::Status(u16::MAX)),
        ActionKind::StopPrometheus,
        ActionKind::RestartContainer,
    ];
    for kind in kinds {
        for (at, duration, until) in [
            (0, Some(u32::MAX), None),
            (1, Some(0), Some(0)),
            (20_000, Some(u32::MAX), Some(u64::MAX - 1)),
            (20_000, None, Some(UNTIL_ENDED)),
            (u64::MAX, Some(u32::MAX), Some(1)),
        ] {
            let start = Action::Start(choice(kind.clone(), duration));
            let end = Action::End(choice(kind.clone(), duration));
            let event = |at, action| LoggedEvent { at, action, label: String::new(), until };
            let events = vec![event(at, start), event(at.saturating_add(30_000), end)];
            let mut driver = Driver::open("giftcard");
            let workspace = driver.workspace.clone();
            let log = EventLog { now: 60_000, events, delays: true, ..EventLog::default() };
            bounded(&mut driver, Request::Open { workspace, revision: 1, log });
        }
    }
}

#[test]
fn any_question_is_answered() {
    let mut driver = Driver::open("giftcard");
    driver.advance(60_000);
    for at in TIMES {
        for tab in [query::Tab::Table, query::Tab::Graph, query::Tab::Explain] {
            for step in [None, Some(0), Some(1), Some(at)] {
                let query = query::Query {
                    query: Some("rate(up[5m])".into()),
                    tab,
                    range: at,
                    step,
                    end: Some(at),
                    truth: true,
                    terms: None,
                };
                driver.watch(PageQuery::Query(query));
            }
        }
    }
    driver.watch(PageQuery::Metrics(metrics::Query::default()));
    driver.watch(PageQuery::Targets(targets::Query::default()));
}

#[test]
fn any_lab_is_evaluated() {
    const NUMBERS: [i64; 7] =
        [i64::MIN, -1, 0, 1, LAST_TIME as i64, i64::MAX / 1_000_000, i64::MAX];
    let mut driver = empty();
    for number in NUMBERS {
        let changes: [&dyn Fn(&mut protocol::lab::Lab); 12] = [
            &|lab| lab.scrape_interval = go::Duration(number),
            &|lab| lab.first_scrape = number,
            &|lab| lab.jitter = go::Duration(number),
            &|lab| lab.length = go::Duration(number),
            &|lab| lab.range = go::Duration(number),
            &|lab| lab.at = number,
            &|lab| lab.step = go::Duration(number),
            &|lab| lab.restarts = vec![number, number],
            &|lab| lab.counter.resets = vec![number],
            &|lab| lab.counter.events = vec![(number, f64::MAX), (number, f64::NAN)],
            &|lab| {
                lab.placed = vec![protocol::lab::Placed { id: u32::MAX, at: number, value: 1.0 }]
            },
            &|lab| {
                lab.length = go::Duration(number);
                lab.scrape_interval = go::Duration(1);
                lab.step = go::Duration(1);
                lab.range = go::Duration(number);
            },
        ];
        for (at, change) in changes.iter().enumerate() {
            let begun = Instant::now();
            for preset in protocol::lab::PRESETS {
                let mut query = rate_lab::Query::of_preset(preset.id);
                let mut lab = (*query.lab).clone();
                change(&mut lab);
                query.lab = lab.into();
                driver.watch(PageQuery::RateLab(query));
            }
            assert!(begun.elapsed() < PATIENCE, "change {at} to {number}");
        }
    }
}

#[test]
fn any_duration_of_a_file_is_simulated() {
    for duration in ["1ms", "292y", "106751d", "9223372036854ms"] {
        let config = format!(
            "global:\n  scrape_interval: {duration}\n  scrape_timeout: 1ms\n  evaluation_interval: {duration}\n\
             rule_files: [rules.yml]\nscrape_configs:\n- job_name: a\n  static_configs: [{{targets: ['a:1']}}]\n"
        );
        let rules = format!(
            "groups:\n- name: g\n  interval: {duration}\n  query_offset: {duration}\n  limit: 9223372036854775807\n  rules:\n  \
             - alert: A\n    expr: up offset -{duration} == 0\n    for: {duration}\n    keep_firing_for: {duration}\n  \
             - record: r\n    expr: rate(up[{duration}:1m])\n"
        );
        let mut driver = Driver::with_files(&[("prometheus.yml", &config), ("rules.yml", &rules)]);
        bounded(&mut driver, Request::Advance { millis: 60_000 });
        bounded(&mut driver, Request::NextScrape);
        bounded(&mut driver, Request::Seek { at: 0 });
    }
}

#[test]
fn any_rule_test_ends() {
    for duration in ["0", "1ms", "1m", "292y", "9223372036854ms"] {
        for values in ["1x3", "0+1e308x1999999", "9223372036854775807x2", "_x1999999"] {
            for start in ["0", "9223372036854775807", "1e300", "-1e300", "9999-12-31T23:59:59Z"] {
                let tests = format!(
                    "rule_files: [rules.yml]\nevaluation_interval: {duration}\ntests:\n- interval: {duration}\n  \
                     start_timestamp: {start}\n  input_series:\n  - {{series: up, values: {values}}}\n  \
                     alert_rule_test:\n  - {{eval_time: {duration}, alertname: A}}\n  \
                     promql_expr_test:\n  - {{expr: 'up offset -{duration}', eval_time: {duration}}}\n"
                );
                let rules = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n    for: 292y\n";
                let files = [
                    ("prometheus.yml", "rule_files: [rules.yml]\n"),
                    ("rules.yml", rules),
                    ("tests.yml", &*tests),
                ];
                let mut driver = Driver::with_files(&files);
                let begun = Instant::now();
                driver.watch(PageQuery::Rules(rules::Query {
                    run_tests: true,
                    ..Default::default()
                }));
                assert!(
                    begun.elapsed() < PATIENCE,
                    "{duration} {values} {start}: {:?}",
                    begun.elapsed()
                );
            }
        }
    }
}
