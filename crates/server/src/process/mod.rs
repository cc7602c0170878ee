//! The process of Prometheus: how it starts, what it does in time, reads its files again, and ends.
//!
//! Source: cmd/prometheus/main.go.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `command_line` | flags and their errors |
//! | `start` | the steps of the start, each of which can end the process |
//! | `clock` | what happens next, and when |
//! | `reload` | what a configuration changes in a running server |
//! | `discovering` | the providers of each job and what they have found |
//! | `scraping` | scrape pools and their loops |
//! | `evaluating` | rule groups |
//! | `notifying` | alerts on their way to the Alertmanagers |
//! | `remote_write` | samples on their way to other storages |
//! | `database` | the files of the database: blocks, head chunks, log |
//! | `requests` | what a running server answers |
//! | `log` | log lines |

mod clock;
mod command_line;
mod database;
mod discovering;
mod evaluating;
mod log;
mod notifying;
mod reload;
mod remote_write;
mod requests;
mod scraping;
mod start;

use std::collections::BTreeMap;
use std::sync::Arc;

use discovery::targets::Pool;
use go::Duration;
use prometheus::Mode;
use promql::storage::Storage;
use promql::{Labels, Timestamp};
use rules::PromqlRules;

pub(crate) use command_line::PROMETHEUS;
pub use command_line::{CommandLine, Refusal, command_line};
pub use evaluating::RunningGroup;
pub use log::{Level, LogLine};
pub use start::{Started, start};

use crate::files::Files;
use crate::state::Flags;

/// The folder of a pod in which the kubelet mounts the token of its service account.
pub(crate) const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The version that is simulated.
pub(crate) const SERVER_VERSION: &str = "3.14.0";

/// The surroundings of the process.
#[derive(Clone, Debug, Default)]
pub struct Host {
    pub files: Files,
    pub environment: BTreeMap<String, String>,
    /// The name of the machine or pod.
    pub hostname: String,
    /// Addresses besides loopback that lead to the process.
    pub addresses: Vec<String>,
    /// Absolute paths of folders in which the user of the process may create files.
    pub writable: Vec<String>,
    /// Absolute paths of folders on file systems that nobody can write.
    pub read_only: Vec<String>,
    /// Absolute paths of data folders that another process has locked.
    pub locked: Vec<String>,
    /// Addresses on which another process listens, such as `0.0.0.0:9090`.
    pub listening: Vec<String>,
}

/// The phase of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The time at which the process begins to listen.
    Opening {
        until: Timestamp,
    },
    /// The write-ahead log is read until this time. The server answers, but is not ready.
    Replaying {
        until: Timestamp,
    },
    Ready,
    Ended {
        exit_code: i32,
    },
}

/// A running server.
#[derive(Clone)]
pub struct Process {
    pub flags: Flags,
    /// The configuration in force, as `/api/v1/status/config` shows it.
    pub config_yaml: String,
    pub reload_successful: bool,
    /// The pools of the jobs, sorted by name.
    pub pools: Vec<Arc<Pool>>,
    pub groups: Vec<RunningGroup>,
    pub retention: Retention,
    /// The log lines since the start, or since the owner has taken them.
    pub log: Vec<LogLine>,
    pub storage: Storage,
    phase: Phase,
    started: Timestamp,
    now: Timestamp,
    last_reload: Timestamp,
    external_labels: Labels,
    /// `--web.external-url`, or what the server makes of its host name. Without a slash at the end.
    external_url: String,
    jobs: Vec<discovering::Job>,
    loops: scraping::Loops,
    /// When the scrape manager looks at what discovery has found.
    next_sync: Timestamp,
    rules: PromqlRules,
    notifier: notifying::Notifier,
    remotes: Vec<remote_write::RemoteWrite>,
    /// Samples that were stored so far.
    appended: u64,
    /// The texts that the automatic reload compares, and when.
    watched: Vec<(String, Option<String>)>,
    next_watch: Option<Timestamp>,
    /// `basic_auth_users` of the web configuration: names and hashes.
    users: Vec<(String, String)>,
    data: DataSource,
    /// The metrics about the server that its owner has provided.
    provided_metrics: Option<String>,
}

/// The origin of the samples, scrape reports and evaluations of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataSource {
    /// The process scrapes its targets, evaluates its rules and writes to other storages.
    #[default]
    Own,
    /// The owner of the process does that, and provides the results with [`Process::provide`].
    Provided,
    /// Nothing reads the data. The process starts, reloads and ends, and finds no targets.
    Unused,
}

/// The limits of the storage. None is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    pub time: Option<Duration>,
    /// Bytes.
    pub size: Option<i64>,
}

impl Process {
    fn mode(&self) -> Mode {
        mode(&self.flags)
    }

    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The exit code of a process that has ended.
    pub fn exit_code(&self) -> Option<i32> {
        match self.phase {
            Phase::Ended { exit_code } => Some(exit_code),
            _ => None,
        }
    }

    /// Sets the origin of the data.
    pub fn set_data_source(&mut self, data: DataSource) {
        self.data = data;
    }

    pub fn data_source(&self) -> DataSource {
        self.data
    }

    /// The time of the last reload that was accepted, or of the start.
    pub fn last_reload(&self) -> Timestamp {
        self.last_reload
    }

    /// The clock, in milliseconds since the epoch.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The messages on the server's own page. Source: util/notifications.
    pub fn notifications(&self) -> Vec<&'static str> {
        match (self.phase, self.reload_successful) {
            (Phase::Ready, false) => vec!["Configuration reload has failed."],
            _ => Vec::new(),
        }
    }

    fn logs(&mut self, line: LogLine) {
        self.log.push(line);
    }
}

fn mode(flags: &Flags) -> Mode {
    if flags.is_on("agent") { Mode::Agent } else { Mode::Server }
}

#[cfg(test)]
mod tests;
