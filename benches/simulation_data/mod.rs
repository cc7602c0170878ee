//! A hundred targets with five hundred series each, scraped every 15 seconds: what the simulation
//! is measured with, natively and in WebAssembly.

use std::sync::Arc;

use go::Duration;
use promql::storage::{Options, Storage};
use promql::{Labels, Timestamp};
use simulation::scrape::ScrapeSettings;
use simulation::workload::decode;
use simulation::world::{ProcessSpec, Reach, TargetSpec, World};
use text::FileId;
use yaml::parse;

/// Samples of a slice, as the page's worker has them.
pub const SLICE: usize = 150_000;

pub const TARGETS: usize = 100;
pub const START: Timestamp = 1_767_225_600_000;
const INTERVAL: i64 = 15;

/// The metrics of ordinary programs: half of the series in histograms, a third counters, the rest
/// gauges; of some streams there is traffic all the time, of others hardly ever any.
const WORKLOAD: &str = r#"{
    "name": "measured", "title": "Measured",
    "streams": {
        "busy": { "random": { "rate": 40 } },
        "daily": { "daily": { "rate": 5, "swing": 0.8 } },
        "rare": { "random": { "rate": 0.01 } },
        "bursty": { "bursty": { "rate": 0.5, "every": 600, "length": 30 } }
    },
    "families": [
        { "name": "http_requests", "type": "counter", "help": "Requests.", "of": "busy",
          "each": { "code": ["200", "404", "500"], "handler": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], "method": ["get", "post"] } },
        { "name": "jobs", "type": "counter", "help": "Jobs.", "of": "daily",
          "each": { "queue": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], "result": ["ok", "failed"] } },
        { "name": "errors", "type": "counter", "help": "Errors.", "of": "rare",
          "each": { "kind": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], "place": ["1", "2", "3", "4", "5"] } },
        { "name": "sent_bytes", "type": "counter", "unit": "bytes", "help": "Bytes.", "of": "bursty", "by": 1460,
          "each": { "device": ["eth0", "eth1", "eth2", "eth3", "lo"], "direction": ["in", "out"] } },
        { "name": "http_request_duration_seconds", "type": "histogram", "unit": "seconds", "help": "Durations.", "of": "busy",
          "takes": { "median": 0.06, "spread": 0.9 }, "buckets": [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
          "each": { "handler": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] } },
        { "name": "job_duration_seconds", "type": "histogram", "unit": "seconds", "help": "Durations.", "of": "daily",
          "takes": { "median": 2, "spread": 1.2 }, "buckets": [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800],
          "each": { "queue": ["a", "b", "c", "d", "e", "f", "g"] } },
        { "name": "temperature", "type": "gauge", "help": "Wanders.", "level": { "between": { "low": 20, "high": 70, "every": 300 } },
          "each": { "sensor": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], "place": ["1", "2", "3"] } },
        { "name": "connections", "type": "gauge", "help": "Whole.", "level": { "between": { "low": 0, "high": 40, "every": 60 } }, "whole": true,
          "each": { "state": ["idle", "active", "waiting", "closing", "open"], "pool": ["a", "b", "c", "d", "e", "f", "g", "h"] } },
        { "name": "limit", "type": "gauge", "help": "Constant.", "level": { "constant": { "value": 1024 } },
          "each": { "kind": ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], "place": ["1", "2", "3", "4", "5", "6"] } },
        { "name": "build", "type": "info", "help": "Version.", "series": [{ "labels": { "version": "1.2.3" } }] }
    ]
}"#;

/// The world before its first scrape, bounded as the page's is.
pub fn world() -> World {
    let parsed = parse(FileId(0), WORKLOAD);
    let (workload, found) = decode(parsed.root().expect("a workload"), FileId(0));
    assert!(found.is_empty(), "{found:?}");
    let workload = Arc::new(workload);
    let storage = Storage::new(Options {
        retention: Some(Duration::from_secs(24 * 3600)),
        max_bytes: 512 << 20,
        max_series: 200_000,
        ..Options::default()
    });
    let mut world = World::new(11, START, storage);
    let key = |number: usize| -> Arc<str> { format!("default/web-{number}/web:8080").into() };
    world.set_processes(
        (0..TARGETS)
            .map(|number| ProcessSpec {
                key: key(number),
                workload: workload.clone(),
                path: "/metrics".into(),
                status: None,
                started: None,
            })
            .collect(),
    );
    world.set_targets((0..TARGETS).map(|number| target(number, key(number))).collect(), &|_| true);
    world
}

fn target(number: usize, key: Arc<str>) -> TargetSpec {
    let instance = format!("10.244.{}.{}:8080", number / 250, number % 250 + 1);
    let labels = Labels::from_pairs([
        ("__address__", instance.as_str()),
        ("instance", instance.as_str()),
        ("job", "web"),
        ("namespace", "default"),
        ("pod", &format!("web-{number}")),
    ]);
    TargetSpec {
        public: labels.filtered(|label| !label.name.starts_with("__")),
        labels,
        job: "web".into(),
        url: format!("http://{instance}/metrics").into(),
        dialed: instance.as_str().into(),
        interval: Duration::from_secs(INTERVAL),
        timeout: Duration::from_secs(10),
        settings: Arc::new(ScrapeSettings::plain()),
        refused: None,
        reach: Reach::Process { key, path: "/metrics".into() },
        forced_error: None,
    }
}
