//! What can happen to the system, each with the time at which it does.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{Duration, Timestamp};

/// Something that happens at an instant of simulated time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub at: Timestamp,
    pub kind: EventKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EventKind {
    /// Somebody causes `count` events of a stream of one process.
    Cause { process: Arc<str>, stream: Arc<str>, count: u32 },
    /// All traffic is `factor` times its normal rate from here on.
    Traffic { factor: f64 },
    /// The container starts anew: it answers nothing for a while, and its counters begin at zero.
    Restart { process: Arc<str> },
    /// Something is wrong for a while; with a process of its own, or with all.
    Fault { process: Option<Arc<str>>, fault: Fault, lasts: Duration },
    /// Prometheus scrapes nothing for a while.
    PrometheusDown { lasts: Duration },
}

/// What a scrape meets while a fault lasts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fault {
    /// Packets go nowhere.
    NetworkCut,
    /// Nothing listens: the container crashed and waits for its next start.
    CrashLoop,
    /// The answer takes this long.
    Slow { takes: Duration },
    /// The answer has this status.
    Status { code: u16 },
    /// The answer says that it is something else.
    ContentType { content_type: Arc<str> },
    /// The scrape is not made, as when the server is overloaded.
    Missed,
    /// The target's clock is off, and it exposes its own timestamps.
    ClockSkew { by: Duration },
}

/// How long a restarted container takes until it answers.
pub const RESTART_TAKES: Duration = Duration(4_000);

impl Event {
    /// The time in which the event is felt: `[at, end)`.
    pub fn end(&self) -> Timestamp {
        let lasts = match &self.kind {
            EventKind::Restart { .. } => RESTART_TAKES,
            EventKind::Fault { lasts, .. } | EventKind::PrometheusDown { lasts } => *lasts,
            EventKind::Cause { .. } | EventKind::Traffic { .. } => Duration(0),
        };
        self.at.saturating_add(lasts.millis())
    }

    pub fn lasts_at(&self, t: Timestamp) -> bool {
        self.at <= t && t < self.end()
    }
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
