//! A target of the simulated system, its scrape loop, and the staleness markers that outlive it.

use std::sync::Arc;

use crate::scrape::{ScrapeReport, ScrapeSettings, TargetLoop};
use go::Duration;
use promql::{Labels, Timestamp};

/// The endpoint that answers a scrape.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// The connection fails with `error`, as Go prints it without the URL.
    Unreachable { error: Arc<str>, takes: FailureDelay },
    /// A process, with the requested path.
    Process { key: Arc<str>, path: Arc<str> },
    /// The endpoint is outside of the simulated system, and nothing says what it answers. The target is not
    /// scraped, so that no sample is invented.
    Unknown,
}

/// The time after which a connection fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureDelay {
    /// A few milliseconds.
    Immediate,
    /// The scrape timeout.
    Timeout,
}

/// A target of the target table.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// Labels after relabeling, including those that begin with `__`. They identify the target.
    pub labels: Labels,
    /// Labels that are added to its series.
    pub public: Labels,
    pub job: Arc<str>,
    pub url: Arc<str>,
    /// The resolved address, as Go prints it if the connection is refused.
    pub dialed: Arc<str>,
    pub interval: Duration,
    pub timeout: Duration,
    pub settings: Arc<ScrapeSettings>,
    /// An error that fails every scrape, such as that of `target_limit`.
    pub forced_error: Option<Arc<str>>,
    pub reach: Reach,
}

/// A target with its scrape loop.
pub(super) struct ActiveTarget {
    pub spec: TargetSpec,
    pub scraper: TargetLoop,
    pub last: Option<ScrapeReport>,
    /// The time of the next scrape.
    pub next: Timestamp,
}

impl ActiveTarget {
    /// Applies a reload to a target that stays. If the settings of its job changed, a new loop
    /// replaces the old one and does not know the series that the old one scraped.
    ///
    /// Source: prometheus scrape/scrape.go `restartLoops`, `reusableCache`.
    pub fn reload(&mut self, spec: TargetSpec) -> Option<PendingStaleness> {
        let mut ended = None;
        let unknown = spec.reach == Reach::Unknown && self.spec.reach != Reach::Unknown;
        if unknown {
            self.last = None;
        }
        if !unknown && self.spec.settings.same_but_sample_limit(&spec.settings) {
            self.scraper.set_limits(spec.settings.clone(), spec.timeout);
        } else {
            let next = TargetLoop::new(spec.public.clone(), spec.settings.clone(), spec.timeout);
            let scraper = std::mem::replace(&mut self.scraper, next);
            ended = PendingStaleness::of(scraper, self.next, self.spec.interval);
        }
        self.spec = spec;
        ended
    }
}

/// Staleness markers of a loop that has ended. They are written after two intervals and a tenth,
/// with the time of the scrape that would have been next. If the target was scraped again in the
/// meantime, the storage rejects them as out of order.
///
/// Source: prometheus scrape/scrape.go `endOfRunStaleness`.
pub(super) struct PendingStaleness {
    pub scraper: TargetLoop,
    /// The timestamp of the markers.
    pub stale: Timestamp,
    /// The time at which they are written.
    pub write: Timestamp,
}

impl PendingStaleness {
    /// Returns None if the loop has not scraped yet.
    pub fn of(scraper: TargetLoop, next: Timestamp, interval: Duration) -> Option<Self> {
        let interval = interval.millis().max(1);
        let write = next + interval + interval / 10;
        scraper.has_scraped().then_some(Self { scraper, stale: next, write })
    }
}
