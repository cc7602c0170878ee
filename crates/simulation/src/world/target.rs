//! A target of the simulated system.

use std::sync::Arc;

use crate::scrape::{ScrapeSettings, ScrapeTarget};
use go::Duration;
use promql::Labels;

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
    /// The HTTP status with which the program refuses requests for the host of the target.
    pub refused: Option<u16>,
    pub reach: Reach,
}

impl ScrapeTarget for TargetSpec {
    fn job(&self) -> &Arc<str> {
        &self.job
    }

    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn public_labels(&self) -> &Labels {
        &self.public
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn interval(&self) -> Duration {
        self.interval
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    fn settings(&self) -> &Arc<ScrapeSettings> {
        &self.settings
    }

    fn is_known(&self) -> bool {
        self.reach != Reach::Unknown
    }
}
