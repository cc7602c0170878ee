//! The state of the server at the moment of a request, as plain data.

use std::collections::BTreeMap;

use discovery::targets::Pool;
use go::Duration;
use prometheus::config::ScrapeConfig;
use promql::engine::Engine;
use promql::storage::Storage;
use promql::syntax::ParserOptions;
use promql::{Labels, Timestamp};
use rules::GroupRun;

/// A running server.
pub struct ServerState<'a> {
    pub now: Timestamp,
    pub readiness: Readiness,
    pub runtime: Runtime,
    pub build: BuildInfo,
    pub flags: Flags,
    /// The configuration in force, as `/api/v1/status/config` shows it.
    pub config_yaml: String,
    pub external_labels: Labels,
    /// The jobs, those of `scrape_config_files` among them.
    pub scrape_configs: &'a [ScrapeConfig],
    pub storage: &'a Storage,
    pub head: Head,
    /// Empty unless exemplars are stored.
    pub exemplars: Vec<ExemplarSeries>,
    pub engine: &'a Engine,
    pub parser: ParserOptions,
    /// One for each job.
    pub pools: Vec<ScrapePool>,
    /// One for each group of the rule files.
    pub groups: Vec<RuleGroupState<'a>>,
    pub alertmanagers: Alertmanagers,
    pub notifications: Vec<Notification>,
    /// The body of `/metrics`, in the Prometheus text format.
    pub metrics: String,
}

/// Readiness to answer queries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    /// The write-ahead log is still being read.
    NotReady,
    #[default]
    Ready,
    Stopping,
}

/// The process, as `/api/v1/status/runtimeinfo` shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runtime {
    pub started: Timestamp,
    pub working_directory: String,
    pub hostname: String,
    pub reload_successful: bool,
    /// When the configuration was loaded last.
    pub last_reload: Timestamp,
    pub wal_corruptions: i64,
    pub goroutines: i64,
    pub max_procs: i64,
    /// Bytes; `i64::MAX` is no limit.
    pub memory_limit: i64,
    /// The environment variables of these names.
    pub gogc: String,
    pub godebug: String,
    /// `15d`, `15d or 1GB`.
    pub storage_retention: String,
}

/// The build, as `/api/v1/status/buildinfo` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildInfo {
    pub version: String,
    pub revision: String,
    pub branch: String,
    pub build_user: String,
    pub build_date: String,
    pub go_version: String,
}

/// All command line flags by name, without dashes, with the values in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub BTreeMap<String, String>);

impl Flags {
    /// The value of a flag, empty if it is unknown.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Returns true if a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name) == "true"
    }

    /// Returns true if `--enable-feature` lists a feature.
    pub fn has_feature(&self, feature: &str) -> bool {
        self.get("enable-feature").split(',').any(|one| one.trim() == feature)
    }
}

/// The part of the storage that is not in blocks yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Samples before this time are in blocks.
    pub start: Timestamp,
}

/// A series with its exemplars, in the order of their times.
#[derive(Clone, Debug, PartialEq)]
pub struct ExemplarSeries {
    pub labels: Labels,
    pub exemplars: Vec<Exemplar>,
}

/// An example after a sample, such as a trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemplar {
    pub labels: Labels,
    pub value: f64,
    pub time: Timestamp,
}

/// A job's targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScrapePool {
    pub name: String,
    pub targets: Vec<TargetState>,
    /// Discovered labels of the dropped targets that are kept for display.
    pub dropped: Vec<Labels>,
    /// All dropped targets.
    pub dropped_count: usize,
}

/// An active target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetState {
    pub discovered: Labels,
    /// The labels of its series.
    pub labels: Labels,
    pub url: String,
    /// `__scrape_interval__` and `__scrape_timeout__` as they are written.
    pub interval: String,
    pub timeout: String,
    pub health: TargetHealth,
    /// Empty if the last scrape worked.
    pub last_error: String,
    pub last_scrape: Option<Timestamp>,
    /// Seconds.
    pub last_duration: f64,
    /// Metadata of metric families from the last scrapes, sorted by name.
    pub metadata: Vec<Metadata>,
}

/// The outcome of the last scrape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetHealth {
    #[default]
    Unknown,
    Up,
    Down,
}

impl TargetHealth {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// Type, help and unit of a metric family.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metadata {
    pub family: String,
    /// `counter`, `gauge`, …
    pub metric_type: String,
    pub help: String,
    pub unit: String,
}

impl ScrapePool {
    /// The targets of a pool as they are before their first scrape.
    pub fn of_pool(pool: &Pool) -> Self {
        let targets = pool.active.iter().map(|target| TargetState {
            discovered: target.discovered.clone(),
            labels: target.public_labels(),
            url: target.url.clone(),
            interval: target.interval_text().to_owned(),
            timeout: target.timeout_text().to_owned(),
            ..TargetState::default()
        });
        let dropped = pool.dropped.iter().take(pool.listed_dropped);
        Self {
            name: pool.name.to_string(),
            targets: targets.collect(),
            dropped: dropped.map(|target| target.discovered.clone()).collect(),
            dropped_count: pool.dropped.len(),
        }
    }
}

/// A rule group with the state of its rules.
#[derive(Clone, Debug)]
pub struct RuleGroupState<'a> {
    /// Path of the rule file.
    pub file: String,
    pub run: &'a GroupRun,
    pub interval: Duration,
    /// Seconds that the last evaluation took.
    pub evaluation_seconds: f64,
    pub last_evaluation: Option<Timestamp>,
}

/// URLs of the Alertmanagers, with the path of their API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alertmanagers {
    pub active: Vec<String>,
    pub dropped: Vec<String>,
}

/// A message on Prometheus's own page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    pub text: String,
    pub date: Timestamp,
    pub active: bool,
}
