//! Faults and other events, with the time in which they last.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::signal::TrafficChange;
use go::Duration;
use promql::Timestamp;

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub at: Timestamp,
    /// The event lasts in `[at, until)`; [`FOREVER`] if it has no end.
    pub until: Timestamp,
    pub kind: EventKind,
}

/// The end of an event without end.
pub const FOREVER: Timestamp = Timestamp::MAX;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EventKind {
    /// The user causes `count` events of a stream of one process.
    Cause { process: Arc<str>, stream: Arc<str>, count: u32 },
    /// Multiplies all traffic by `factor`.
    Traffic { factor: f64 },
    /// Restarts the container: it does not answer for a while, and its counters start at zero.
    Restart { process: Arc<str> },
    /// A fault of one process, or of all.
    Fault { process: Option<Arc<str>>, fault: Fault },
    /// Prometheus neither scrapes nor evaluates rules.
    PrometheusDown,
}

/// A fault that affects scrapes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fault {
    /// Packets are lost.
    NetworkCut,
    /// The container exits after each start and restarts with back-off. Connections are refused.
    CrashLoop,
    /// The answer is delayed.
    Slow { takes: Duration },
    /// The answer has this status.
    Status { code: u16 },
    /// The answer has this Content-Type.
    ContentType { content_type: Arc<str> },
    /// The scrape is skipped, as by an overloaded server.
    Missed,
    /// The clock of the target is off. With `stamps`, its samples have explicit timestamps;
    /// otherwise only values that are times are affected.
    ClockSkew { by: Duration, stamps: bool },
}

/// The time from the restart of a container to its first answer.
pub const RESTART_TAKES: Duration = Duration(4_000);

/// The maximum restart back-off of the kubelet.
const LONGEST_BACK_OFF: i64 = 300_000;

impl EventKind {
    /// Returns true if the server does not run during the event. `server` is the key of its
    /// process.
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

/// Returns the first restart at or after `mended` of a container that crashed at `at`. The back-off
/// starts at 10 s and doubles up to five minutes.
///
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

/// Returns the traffic factor over time: the last factor without an end, multiplied by all factors
/// that have one.
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

/// Returns the status line: `404 Not Found`.
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
