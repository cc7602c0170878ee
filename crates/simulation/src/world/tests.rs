//! Runs of the whole system over minutes of simulated time.

use std::sync::Arc;

use super::{Body, Budget, FailureDelay, ProcessSpec, Reach, TargetSpec, World};
use crate::events::{EventKind, Fault};
use crate::scrape::ScrapeSettings;
use crate::workload::library;
use discovery::targets::Rules;
use go::Duration;
use prometheus::config::RelabelAction;
use promql::storage::{SampleBuffer, Storage};
use promql::{Labels, Timestamp};

const START: Timestamp = 1_700_000_000_000;
const KEY: &str = "default/proxy-1/proxy:8080";

fn target(instance: &str, reach: Reach) -> TargetSpec {
    let labels =
        Labels::from_pairs([("__address__", instance), ("instance", instance), ("job", "proxy")]);
    TargetSpec {
        public: labels.filtered(|label| !label.name.starts_with("__")),
        labels,
        job: "proxy".into(),
        url: format!("http://{instance}/metrics").into(),
        dialed: "10.96.0.20:8080".into(),
        interval: Duration::from_secs(15),
        timeout: Duration::from_secs(10),
        settings: Arc::new(ScrapeSettings::plain()),
        forced_error: None,
        refused: None,
        reach,
    }
}

fn process(path: &str) -> Reach {
    Reach::Process { key: KEY.into(), path: path.into() }
}

fn world(reach: Reach) -> World {
    let mut world = World::new(11, START, Storage::unbounded());
    world.set_processes(vec![ProcessSpec {
        key: KEY.into(),
        workload: library().by_name("giftcard").unwrap().clone(),
        path: "/metrics".into(),
        status: None,
        started: None,
    }]);
    world.set_targets(vec![target("proxy-service:8080", reach)], &|_| true);
    world
}

fn samples(world: &World, name: &str) -> Vec<(Timestamp, f64)> {
    let mut samples = Vec::new();
    for series in world.storage.iter().filter(|series| series.labels().metric_name() == name) {
        let mut buffer = SampleBuffer::default();
        series.read(i64::MIN, i64::MAX, &mut buffer);
        samples.extend(buffer.float_times.into_iter().zip(buffer.floats));
    }
    samples
}

fn last_error(world: &World) -> Option<String> {
    world.reports().next().and_then(|(_, report, _)| report.and_then(|r| r.error.clone()))
}

#[test]
fn scrapes_come_at_even_times() {
    let mut world = world(process("/metrics"));
    assert!(world.advance(START + 300_000, &mut Budget::unlimited()));
    let up = samples(&world, "up");
    assert_eq!(up.len(), 20);
    assert!(up.iter().all(|&(_, value)| value == 1.0));
    assert!(up.windows(2).all(|pair| pair[1].0 - pair[0].0 == 15_000));
    assert_eq!(world.now(), START + 300_000);
}

#[test]
fn the_same_inputs_give_the_same_samples() {
    let run = |steps: &[i64]| {
        let mut world = world(process("/metrics"));
        for &step in steps {
            world.advance(START + step, &mut Budget::unlimited());
            if step == 60_000 {
                world.push(EventKind::Traffic { factor: 3.0 }, None);
                world.push(EventKind::Restart { process: KEY.into() }, None);
            }
        }
        world.storage.fingerprint()
    };
    let once = run(&[60_000, 600_000]);
    assert_eq!(once, run(&[1, 17_000, 60_000, 60_001, 333_000, 600_000]));
    assert_ne!(once, run(&[600_000]));
}

#[test]
fn a_caused_event_is_counted_at_the_next_scrape() {
    let mut world = world(process("/metrics"));
    world.advance(START + 60_000, &mut Budget::unlimited());
    let cause =
        EventKind::Cause { process: KEY.into(), stream: "database_errors".into(), count: 3 };
    world.push(cause, None);
    world.advance(START + 120_000, &mut Budget::unlimited());
    let values: Vec<f64> =
        samples(&world, "database_error_return_404_total").iter().map(|s| s.1).collect();
    assert_eq!(values, [0.0, 0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 3.0]);
    let truth = world.ground_truth(KEY, "database_errors", (START, START + 120_000), 10);
    assert_eq!(truth, [START + 60_001; 3]);
}

#[test]
fn a_restart_begins_at_zero() {
    let mut world = world(process("/metrics"));
    world.advance(START + 120_000, &mut Budget::unlimited());
    world.push(EventKind::Restart { process: KEY.into() }, None);
    world.advance(START + 240_000, &mut Budget::unlimited());
    let values: Vec<f64> =
        samples(&world, "giftcards_bought_total").iter().map(|sample| sample.1).collect();
    let falls = values.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert_eq!(falls, 1, "{values:?}");
}

#[test]
fn errors_are_those_that_prometheus_prints() {
    let nobody = |error: &str, takes| Reach::Unreachable { error: error.into(), takes };
    for (reach, error) in [
        (process("/stats"), "server returned HTTP status 404 Not Found"),
        (
            nobody(
                "dial tcp: lookup proxy-service on 10.96.0.10:53: no such host",
                FailureDelay::Immediate,
            ),
            "Get \"http://proxy-service:8080/metrics\": dial tcp: lookup proxy-service on 10.96.0.10:53: no such host",
        ),
        (
            nobody("", FailureDelay::Timeout),
            "Get \"http://proxy-service:8080/metrics\": context deadline exceeded",
        ),
    ] {
        let mut world = world(reach);
        world.advance(START + 30_000, &mut Budget::unlimited());
        assert_eq!(last_error(&world).as_deref(), Some(error));
        assert!(samples(&world, "up").iter().all(|&(_, value)| value == 0.0));
    }
}

#[test]
fn faults_last_as_long_as_they_should() {
    for (fault, expected) in [
        (Fault::NetworkCut, "context deadline exceeded"),
        (Fault::CrashLoop, "dial tcp 10.96.0.20:8080: connect: connection refused"),
        (Fault::Slow { takes: Duration::from_secs(11) }, "context deadline exceeded"),
        (Fault::Status { code: 500 }, "server returned HTTP status 500 Internal Server Error"),
        (
            Fault::ContentType { content_type: "text/html".into() },
            "received unsupported Content-Type",
        ),
    ] {
        let mut world = world(process("/metrics"));
        world.advance(START + 60_000, &mut Budget::unlimited());
        world.push(EventKind::Fault { process: None, fault }, Some(Duration::from_secs(30)));
        world.advance(START + 75_000, &mut Budget::unlimited());
        let error = last_error(&world).unwrap_or_default();
        assert!(error.contains(expected), "{error}");
        world.advance(START + 120_000, &mut Budget::unlimited());
        assert_eq!(last_error(&world), None);
        let down = samples(&world, "up").iter().filter(|sample| sample.1 == 0.0).count();
        assert_eq!(down, 2);
    }
    let mut world = world(process("/metrics"));
    world.push(EventKind::PrometheusDown, Some(Duration::from_secs(60)));
    world.advance(START + 120_000, &mut Budget::unlimited());
    assert_eq!(samples(&world, "up").len(), 4);
}

#[test]
fn targets_that_go_end_and_those_that_stay_go_on() {
    let mut world = world(process("/metrics"));
    world.advance(START + 60_000, &mut Budget::unlimited());
    world.set_targets(
        vec![
            target("proxy-service:8080", process("/metrics")),
            target("other:1", process("/metrics")),
        ],
        &|_| true,
    );
    world.advance(START + 120_000, &mut Budget::unlimited());
    assert_eq!(samples(&world, "up").len(), 8 + 4);
    let next = next_of(&world, "proxy-service:8080");
    world.set_targets(vec![target("other:1", process("/metrics"))], &|_| true);
    assert_eq!(world.reports().count(), 1);
    // Prometheus waits for two scrapes that might have been, and a tenth of an interval.
    world.advance(next + 15_000 + 1_499, &mut Budget::unlimited());
    assert!(stale_times(&world).is_empty());
    world.advance(next + 15_000 + 1_500, &mut Budget::unlimited());
    assert_eq!(stale_times(&world), [next], "the time is that of the next scrape");
}

/// A reload that changes what a scrape makes of its samples begins with loops that know nothing of
/// the old ones, whose markers come two scrapes later; another `sample_limit` leaves them as they are.
#[test]
fn a_reload_forgets_what_was_scraped_where_more_than_a_limit_is_another() {
    const NAME: &str = "giftcards_bought_total";
    let mut drop = crate::testing::rule(RelabelAction::Drop);
    drop.source_labels = vec!["__name__".into()];
    drop.regex = NAME.into();
    let metric_relabel = Arc::new(Rules::new([&drop], false));
    let limit = |settings: ScrapeSettings| ScrapeSettings { sample_limit: 500, ..settings };
    let plain = ScrapeSettings::plain;
    for (settings, forgets) in
        [(limit(plain()), false), (ScrapeSettings { metric_relabel, ..plain() }, true)]
    {
        let mut world = world(process("/metrics"));
        world.advance(START + 60_000, &mut Budget::unlimited());
        let next = next_of(&world, "proxy-service:8080");
        let mut spec = target("proxy-service:8080", process("/metrics"));
        spec.settings = Arc::new(settings);
        world.set_targets(vec![spec], &|_| true);
        world.advance(next, &mut Budget::unlimited());
        let (_, report, _) = world.reports().next().unwrap();
        let report = report.unwrap();
        let all = report.samples_post_metric_relabeling;
        assert_eq!(report.series_added, if forgets { all } else { 0 });
        let markers = |world: &World, name: &str| {
            samples(world, name).into_iter().filter(|one| one.1.is_nan()).collect::<Vec<_>>()
        };
        world.advance(next + 16_499, &mut Budget::unlimited());
        assert!(markers(&world, NAME).is_empty(), "{forgets}");
        world.advance(next + 16_500, &mut Budget::unlimited());
        let times: Vec<Timestamp> = markers(&world, NAME).iter().map(|one| one.0).collect();
        assert_eq!(times, if forgets { vec![next] } else { vec![] });
        assert!(stale_times(&world).is_empty(), "what goes on is not ended");
    }
}

fn next_of(world: &World, instance: &str) -> Timestamp {
    let found = world.reports().find(|(spec, ..)| spec.labels.get("instance") == instance);
    found.map(|(_, _, next)| next).unwrap()
}

fn stale_times(world: &World) -> Vec<Timestamp> {
    let all = samples(world, "up").into_iter();
    all.filter(|(_, value)| value.is_nan()).map(|(time, _)| time).collect()
}

#[test]
fn a_target_that_comes_back_in_time_has_no_markers() {
    let mut world = world(process("/metrics"));
    world.advance(START + 60_000, &mut Budget::unlimited());
    let back = || vec![target("proxy-service:8080", process("/metrics"))];
    for (away, markers) in [(5_000, 0), (15_000, 0), (60_000, 1)] {
        let before = stale_times(&world).len();
        world.set_targets(Vec::new(), &|_| true);
        world.advance(world.now() + away, &mut Budget::unlimited());
        world.set_targets(back(), &|_| true);
        world.advance(world.now() + 120_000, &mut Budget::unlimited());
        assert_eq!(stale_times(&world).len() - before, markers, "{away} ms away");
    }
}

#[test]
fn a_job_that_goes_or_a_server_that_restarts_leaves_no_markers() {
    let mut world = world(process("/metrics"));
    world.advance(START + 60_000, &mut Budget::unlimited());
    world.set_targets(Vec::new(), &|job| job != "proxy");
    world.advance(START + 180_000, &mut Budget::unlimited());
    assert!(stale_times(&world).is_empty());

    world.set_targets(vec![target("other:1", process("/metrics"))], &|_| true);
    world.advance(START + 240_000, &mut Budget::unlimited());
    world.set_targets(Vec::new(), &|_| true);
    world.push(EventKind::PrometheusDown, Some(Duration::from_secs(5)));
    world.advance(START + 400_000, &mut Budget::unlimited());
    assert!(stale_times(&world).is_empty());
}

#[test]
fn the_body_is_what_curl_would_show() {
    let world = world(process("/metrics"));
    let labels = target("proxy-service:8080", process("/")).labels;
    let Some(Body::Text { text, content_type }) = world.body("proxy", &labels) else {
        panic!("the process answers");
    };
    assert_eq!(&*content_type, "text/plain; version=0.0.4; charset=utf-8");
    assert!(text.contains("# TYPE database_error_return_404_total counter\n"), "{text}");
    assert!(text.contains("giftcard_http_request_duration_seconds_bucket{le=\"+Inf\"}"));
}

#[test]
fn a_fault_can_be_ended_before_its_time() {
    let fault = EventKind::Fault { process: Some(KEY.into()), fault: Fault::NetworkCut };
    let mut world = world(process("/metrics"));
    world.push(fault.clone(), Some(Duration::from_secs(600)));
    world.advance(START + 60_000, &mut Budget::unlimited());
    assert_eq!(world.going_on().count(), 1);
    world.end(&fault);
    assert_eq!(world.going_on().count(), 0);
    world.advance(START + 90_000, &mut Budget::unlimited());
    assert_eq!(last_error(&world), None);
    let up: Vec<f64> = samples(&world, "up").iter().map(|sample| sample.1).collect();
    assert_eq!(up, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn a_crashed_container_is_up_at_the_next_try_and_counts_from_zero() {
    let mut world = world(process("/metrics"));
    world.advance(START + 600_000, &mut Budget::unlimited());
    world.push(
        EventKind::Fault { process: None, fault: Fault::CrashLoop },
        Some(Duration::from_secs(60)),
    );
    // Tries come 10 s, 30 s and 70 s after the crash.
    world.advance(START + 669_999, &mut Budget::unlimited());
    assert!(last_error(&world).is_some());
    world.advance(START + 700_000, &mut Budget::unlimited());
    assert_eq!(last_error(&world), None);
    let values: Vec<f64> =
        samples(&world, "giftcards_bought_total").iter().map(|sample| sample.1).collect();
    let before = values.iter().copied().filter(|value| !value.is_nan()).fold(0.0, f64::max);
    assert!(values.last().is_some_and(|last| *last < before / 4.0), "{values:?}");
}

#[test]
fn traffic_of_a_burst_comes_and_goes() {
    let mut world = world(process("/metrics"));
    world.advance(START + 300_000, &mut Budget::unlimited());
    world.push(EventKind::Traffic { factor: 20.0 }, Some(Duration::from_secs(60)));
    world.advance(START + 660_000, &mut Budget::unlimited());
    let bought = samples(&world, "giftcards_bought_total");
    let at = |time: Timestamp| {
        bought.iter().filter(|sample| sample.0 <= time).map(|sample| sample.1).next_back().unwrap()
    };
    let (calm, burst) =
        (at(START + 300_000) - at(START + 15_000), at(START + 375_000) - at(START + 300_000));
    let after = at(START + 660_000) - at(START + 375_000);
    assert!(burst > 2.0 * calm, "{burst} in a minute, {calm} in five");
    assert!(after < burst / 2.0, "{after}");
}

#[test]
fn a_clock_that_is_off_matters_only_for_samples_with_its_time() {
    let skewed = |by: i64, stamps: bool, honor: bool| {
        let mut spec = target("proxy-service:8080", process("/metrics"));
        let settings = ScrapeSettings { honor_timestamps: honor, ..(*spec.settings).clone() };
        spec.settings = Arc::new(settings);
        let mut world = world(process("/metrics"));
        world.storage = Storage::new(promql::storage::Options::default());
        world.set_targets(vec![spec], &|_| true);
        world.advance(START + 120_000, &mut Budget::unlimited());
        let fault = Fault::ClockSkew { by: Duration::from_secs(by), stamps };
        world.push(EventKind::Fault { process: None, fault }, None);
        world.advance(START + 240_000, &mut Budget::unlimited());
        let report = world.reports().next().and_then(|(_, report, _)| report.cloned()).unwrap();
        assert_eq!(report.error, None, "the scrape itself works");
        let stored = samples(&world, "giftcards_bought_total");
        let last = stored.iter().filter(|sample| !sample.1.is_nan()).map(|sample| sample.0).max();
        assert!(last.is_some(), "{by} {stamps} {honor}: {stored:?} {report:?}");
        (report, (last.unwrap() - START) / 1000)
    };
    let (_, last) = skewed(-300, false, true);
    assert!((225..=240).contains(&last), "Prometheus stamps them: {last}");
    let (report, last) = skewed(-300, true, true);
    assert!(last <= 120, "{last}");
    let refused = report.refused;
    assert_eq!(refused.out_of_order, report.samples_scraped);
    assert_eq!(
        refused.warnings(),
        [format!("Error on ingesting out-of-order samples num_dropped={}", refused.out_of_order)]
    );
    let (report, last) = skewed(300, true, true);
    assert_eq!(report.refused, Default::default());
    assert!((525..=540).contains(&last), "samples from the future: {last}");
    for by in [1200, -7200] {
        let (report, last) = skewed(by, true, true);
        assert_eq!(report.refused.out_of_bounds, report.samples_scraped);
        assert!(last <= 120, "{last}");
    }
    let (report, last) = skewed(-7200, true, false);
    assert_eq!(report.refused, Default::default());
    assert!((225..=240).contains(&last), "not honored: {last}");
}

#[test]
fn what_was_pinned_is_exposed() {
    let mut world = world(process("/metrics"));
    world.pin(KEY, "giftcards_bought_total", -7.0);
    world.advance(START + 30_000, &mut Budget::unlimited());
    assert!(samples(&world, "giftcards_bought_total").iter().all(|sample| sample.1 == -7.0));
    let labels = target("proxy-service:8080", process("/")).labels;
    let Some(Body::Text { text, .. }) = world.body("proxy", &labels) else { panic!("a body") };
    assert!(text.contains("giftcards_bought_total -7\n"), "{text}");
}

#[test]
fn the_truth_goes_through_restarts() {
    let mut world = world(process("/metrics"));
    let stream = {
        let workload = &world.process(KEY).unwrap().workload;
        workload.streams.keys().next().unwrap().clone()
    };
    world.advance(START + 300_000, &mut Budget::unlimited());
    let before = world.ground_truth(KEY, &stream, (START, START + 300_000), 100_000);
    world.push(EventKind::Restart { process: KEY.into() }, None);
    world.advance(START + 600_000, &mut Budget::unlimited());
    let all = world.ground_truth(KEY, &stream, (START, START + 600_000), 100_000);
    assert!(!before.is_empty() && all.starts_with(&before) && all.len() > before.len());
    let down = START + 300_000..START + 304_000;
    assert!(!all.iter().any(|at| down.contains(at)), "nobody serves while it restarts");
}

#[test]
fn a_run_stops_when_its_budget_is_used_up_and_goes_on_from_there() {
    let mut whole = world(process("/metrics"));
    whole.advance(START + 600_000, &mut Budget::unlimited());
    let mut parts = world(process("/metrics"));
    let mut calls = 0;
    while !parts.advance(START + 600_000, &mut Budget(200)) {
        calls += 1;
        assert!(parts.now() < START + 600_000);
    }
    assert!(calls > 5, "{calls}");
    assert_eq!(parts.storage.fingerprint(), whole.storage.fingerprint());
}

#[test]
fn the_exact_value_is_the_sample_at_its_time_and_known_between() {
    let mut world = world(process("/metrics"));
    world.advance(START + 300_000, &mut Budget::unlimited());
    world.push(EventKind::Restart { process: KEY.into() }, None);
    world.advance(START + 600_000, &mut Budget::unlimited());
    let series = world
        .storage
        .iter()
        .find(|series| series.labels().metric_name() == "giftcards_bought_total")
        .unwrap();
    let source = world.source_of(series.labels()).unwrap();
    let mut buffer = SampleBuffer::default();
    series.read(i64::MIN, i64::MAX, &mut buffer);
    let exact = world.exact(&source, &buffer.float_times);
    for ((at, sample), exact) in buffer.float_times.iter().zip(&buffer.floats).zip(exact) {
        assert!(sample.is_nan() || exact == Some(*sample), "{at}: {sample} {exact:?}");
    }
    // Only the samples of the time without a server are missing.
    let whole = (START, START + 600_000);
    let halves = [(START, START + 300_000), (START + 300_000, START + 600_000)];
    let sums: f64 = world.exact_increase(&source, &halves).into_iter().flatten().sum();
    assert_eq!(world.exact_increase(&source, &[whole]), [Some(sums)]);
    assert!(sums > buffer.floats.last().copied().unwrap());
    assert!(world.exact(&source, &[START + 301_000]) == [None], "it is down");
    assert_eq!(world.source_of(&Labels::from_pairs([("__name__", "up")])), None);
}
