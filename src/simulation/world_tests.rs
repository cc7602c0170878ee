//! The system as a whole, run for minutes of simulated time.

use std::sync::Arc;

use super::events::{EventKind, Fault};
use super::scrape::{LabelLimits, ScrapeSettings};
use super::workload::library;
use super::world::{Body, ProcessSpec, Reach, Takes, TargetSpec, World};
use crate::model::{Duration, Labels, Timestamp};
use crate::storage::{SampleBuffer, Storage};
use crate::targets::Rules;

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
        interval: Duration::from_secs(15),
        timeout: Duration::from_secs(10),
        settings: Arc::new(ScrapeSettings {
            honor_labels: false,
            honor_timestamps: true,
            track_timestamps_staleness: false,
            fallback_scrape_protocol: "".into(),
            metric_relabel: Arc::new(Rules::default()),
            sample_limit: 0,
            body_size_limit: 0,
            labels: LabelLimits::default(),
            extra_scrape_metrics: false,
            legacy_names: false,
        }),
        forced_error: None,
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
    }]);
    world.set_targets(vec![target("proxy-service:8080", reach)]);
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

/// One number for all that is stored.
fn fingerprint(world: &World) -> u64 {
    let mut sum = 0_u64;
    for series in world.storage.iter() {
        let mut buffer = SampleBuffer::default();
        series.read(i64::MIN, i64::MAX, &mut buffer);
        let name = super::motion::seed_of(0, &series.labels().to_string());
        for (time, value) in buffer.float_times.iter().zip(&buffer.floats) {
            sum = sum.wrapping_add(super::motion::mix(name ^ *time as u64, value.to_bits()));
        }
    }
    sum
}

#[test]
fn scrapes_come_at_even_times() {
    let mut world = world(process("/metrics"));
    assert!(world.advance(START + 300_000, usize::MAX));
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
            world.advance(START + step, usize::MAX);
            if step == 60_000 {
                world.push(EventKind::Traffic { factor: 3.0 });
                world.push(EventKind::Restart { process: KEY.into() });
            }
        }
        fingerprint(&world)
    };
    let once = run(&[60_000, 600_000]);
    assert_eq!(once, run(&[1, 17_000, 60_000, 60_001, 333_000, 600_000]));
    assert_ne!(once, run(&[600_000]));
}

#[test]
fn a_caused_event_is_counted_at_the_next_scrape() {
    let mut world = world(process("/metrics"));
    world.advance(START + 60_000, usize::MAX);
    let cause =
        EventKind::Cause { process: KEY.into(), stream: "database_errors".into(), count: 3 };
    world.push(cause);
    world.advance(START + 120_000, usize::MAX);
    let values: Vec<f64> =
        samples(&world, "database_error_return_404_total").iter().map(|s| s.1).collect();
    assert_eq!(values, [0.0, 0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 3.0]);
    let truth = world.truth(KEY, "database_errors", (START, START + 120_000), 10);
    assert_eq!(truth, [START + 60_001; 3]);
}

#[test]
fn a_restart_begins_at_zero() {
    let mut world = world(process("/metrics"));
    world.advance(START + 120_000, usize::MAX);
    world.push(EventKind::Restart { process: KEY.into() });
    world.advance(START + 240_000, usize::MAX);
    let values: Vec<f64> =
        samples(&world, "giftcards_bought_total").iter().map(|sample| sample.1).collect();
    let falls = values.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert_eq!(falls, 1, "{values:?}");
}

#[test]
fn errors_are_those_that_prometheus_prints() {
    let nobody = |error: &str, takes| Reach::Nobody { error: error.into(), takes };
    for (reach, error) in [
        (process("/stats"), "server returned HTTP status 404 Not Found"),
        (
            nobody("dial tcp: lookup proxy-service on 10.96.0.10:53: no such host", Takes::Moment),
            "Get \"http://proxy-service:8080/metrics\": dial tcp: lookup proxy-service on 10.96.0.10:53: no such host",
        ),
        (
            nobody("", Takes::Timeout),
            "Get \"http://proxy-service:8080/metrics\": context deadline exceeded",
        ),
    ] {
        let mut world = world(reach);
        world.advance(START + 30_000, usize::MAX);
        assert_eq!(last_error(&world).as_deref(), Some(error));
        assert!(samples(&world, "up").iter().all(|&(_, value)| value == 0.0));
    }
}

#[test]
fn faults_last_as_long_as_they_should() {
    for (fault, expected) in [
        (Fault::NetworkCut, "context deadline exceeded"),
        (Fault::CrashLoop, "connect: connection refused"),
        (Fault::Slow { takes: Duration::from_secs(11) }, "context deadline exceeded"),
        (Fault::Status { code: 500 }, "server returned HTTP status 500 Internal Server Error"),
        (
            Fault::ContentType { content_type: "text/html".into() },
            "received unsupported Content-Type",
        ),
    ] {
        let mut world = world(process("/metrics"));
        world.advance(START + 60_000, usize::MAX);
        let lasts = Duration::from_secs(30);
        world.push(EventKind::Fault { process: None, fault, lasts });
        world.advance(START + 75_000, usize::MAX);
        let error = last_error(&world).unwrap_or_default();
        assert!(error.contains(expected), "{error}");
        world.advance(START + 120_000, usize::MAX);
        assert_eq!(last_error(&world), None);
        let down = samples(&world, "up").iter().filter(|sample| sample.1 == 0.0).count();
        assert_eq!(down, 2);
    }
    let mut world = world(process("/metrics"));
    world.push(EventKind::PrometheusDown { lasts: Duration::from_secs(60) });
    world.advance(START + 120_000, usize::MAX);
    assert_eq!(samples(&world, "up").len(), 4);
}

#[test]
fn targets_that_go_end_and_those_that_stay_go_on() {
    let mut world = world(process("/metrics"));
    world.advance(START + 60_000, usize::MAX);
    world.set_targets(vec![
        target("proxy-service:8080", process("/metrics")),
        target("other:1", process("/metrics")),
    ]);
    world.advance(START + 120_000, usize::MAX);
    assert_eq!(samples(&world, "up").len(), 8 + 4);
    world.set_targets(vec![target("other:1", process("/metrics"))]);
    let stale = samples(&world, "up").iter().filter(|(_, value)| value.is_nan()).count();
    assert_eq!(stale, 1);
    assert_eq!(world.reports().count(), 1);
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
