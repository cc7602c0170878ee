//! What can happen to the system, each with the time in which it does.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::signal::TrafficChange;
use go::Duration;
use promql::Timestamp;

/// Something that happens in simulated time.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub at: Timestamp,
    /// It is felt in `[at, until)`; [`FOREVER`] where nothing ends it.
    pub until: Timestamp,
    pub kind: EventKind,
}

/// The end of what does not end by itself.
pub const FOREVER: Timestamp = Timestamp::MAX;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EventKind {
    /// Somebody causes `count` events of a stream of one process.
    Cause { process: Arc<str>, stream: Arc<str>, count: u32 },
    /// All traffic is `factor` times its normal rate.
    Traffic { factor: f64 },
    /// The container starts anew: it answers nothing for a while, and its counters begin at zero.
    Restart { process: Arc<str> },
    /// Something is wrong with one process, or with all.
    Fault { process: Option<Arc<str>>, fault: Fault },
    /// Prometheus neither scrapes nor evaluates rules.
    PrometheusDown,
}

/// What a scrape meets while a fault lasts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fault {
    /// Packets go nowhere.
    NetworkCut,
    /// Nothing listens: the container ends as soon as it starts, and waits for its next start.
    CrashLoop,
    /// The answer takes this long.
    Slow { takes: Duration },
    /// The answer has this status.
    Status { code: u16 },
    /// The answer says that it is something else.
    ContentType { content_type: Arc<str> },
    /// The scrape is not made, as when the server is overloaded.
    Missed,
    /// The target's clock is off. Where it `stamps` its samples with that clock, they come with
    /// its time; otherwise Prometheus's own clock counts, and only values that are times are off.
    ClockSkew { by: Duration, stamps: bool },
}

/// How long a restarted container takes until it answers.
pub const RESTART_TAKES: Duration = Duration(4_000);

/// The longest wait between two starts of a container that crashes.
const LONGEST_BACK_OFF: i64 = 300_000;

impl EventKind {
    /// Whether the server itself does not run while this goes on. `server` is its own process.
    pub fn stops_server(&self, server: Option<&str>) -> bool {
        match self {
            Self::PrometheusDown => true,
            Self::Fault { process: Some(process), fault: Fault::CrashLoop } => {
                server == Some(&**process)
            }
            _ => false,
        }
    }
}

impl Event {
    pub fn lasts_at(&self, t: Timestamp) -> bool {
        self.at <= t && t < self.until
    }
}

/// When the kubelet starts a container that crashed at `at`, and at each start since, for the first
/// time at or after `mended`: it waits 10 s, and twice as long each time up to five minutes.
/// Source: Kubernetes' documentation, Pod lifecycle, "Container restarts".
pub fn start_after_crash(at: Timestamp, mended: Timestamp) -> Timestamp {
    let (mut start, mut wait) = (at, 10_000);
    loop {
        start += wait;
        if start >= mended {
            return start;
        }
        wait = (wait * 2).min(LONGEST_BACK_OFF);
    }
}

/// What events make of the traffic: the last factor without an end, times all that have one.
pub fn traffic_changes(events: &[(Timestamp, Timestamp, f64)]) -> Vec<TrafficChange> {
    let mut times: Vec<Timestamp> = events
        .iter()
        .flat_map(|&(at, until, _)| [at, until])
        .filter(|&time| time != FOREVER)
        .collect();
    times.sort_unstable();
    times.dedup();
    let factor_at = |time: Timestamp| {
        let going_on = |event: &&(Timestamp, Timestamp, f64)| event.0 <= time && time < event.1;
        let (mut lasting, mut passing) = (1.0, 1.0);
        for &(_, until, factor) in events.iter().filter(going_on) {
            if until == FOREVER { lasting = factor } else { passing *= factor }
        }
        lasting * passing
    };
    times.into_iter().map(|at| TrafficChange { at, factor: factor_at(at) }).collect()
}

/// A status line as HTTP writes it: `404 Not Found`.
pub fn status_line(code: u16) -> String {
    let reason = match code {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => return code.to_string(),
    };
    format!("{code} {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kubelet_waits_longer_each_time() {
        for (mended, start) in [
            (0, 10_000),
            (10_000, 10_000),
            (10_001, 30_000),
            (120_000, 150_000),
            (300_000, 310_000),
            (311_000, 610_000),
            (700_000, 910_000),
        ] {
            assert_eq!(start_after_crash(5, 5 + mended), 5 + start, "{mended}");
        }
    }

    #[test]
    fn a_burst_ends_where_the_traffic_was_before() {
        let changes = |events: &[(Timestamp, Timestamp, f64)]| -> Vec<(Timestamp, f64)> {
            traffic_changes(events).iter().map(|change| (change.at, change.factor)).collect()
        };
        assert_eq!(changes(&[(10, FOREVER, 3.0)]), [(10, 3.0)]);
        assert_eq!(
            changes(&[(10, FOREVER, 3.0), (20, 50, 10.0), (30, FOREVER, 0.5)]),
            [(10, 3.0), (20, 30.0), (30, 5.0), (50, 0.5)]
        );
    }
}
