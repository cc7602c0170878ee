//! The process of Prometheus: how it starts, reads its files again, and ends.
//!
//! Source: cmd/prometheus/main.go.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `command_line` | flags and their errors |
//! | `start` | the steps of the start, each of which can end the process |
//! | `reload` | what a configuration changes in a running server |
//! | `requests` | what a running server answers |
//! | `log` | log lines |

mod command_line;
mod log;
mod reload;
mod requests;
mod start;

use std::collections::BTreeMap;

use discovery::targets::Pool;
use go::Duration;
use prometheus::Mode;
use prometheus::rule_files::RuleGroup;

pub use command_line::{CommandLine, Refusal, command_line};
pub(crate) use command_line::{Given, read};
pub use log::{Level, LogLine};
pub use start::{Started, start};

use crate::files::Files;
use crate::state::Flags;

/// The surroundings of the process.
#[derive(Clone, Debug, Default)]
pub struct Host {
    pub files: Files,
    pub environment: BTreeMap<String, String>,
    /// Absolute paths of folders in which the user of the process may create files.
    pub writable: Vec<String>,
    /// Absolute paths of data folders that another process has locked.
    pub locked: Vec<String>,
    /// Addresses on which another process listens, such as `0.0.0.0:9090`.
    pub listening: Vec<String>,
}

/// A running server, as far as its files and flags decide.
#[derive(Debug)]
pub struct Process {
    pub flags: Flags,
    /// The configuration in force, as `/api/v1/status/config` shows it.
    pub config_yaml: String,
    pub reload_successful: bool,
    /// The pools of the jobs, sorted by name.
    pub pools: Vec<Pool>,
    pub groups: Vec<LoadedGroup>,
    pub retention: Retention,
    /// The log lines since the start, or since the owner has taken them.
    pub log: Vec<LogLine>,
    /// True after a request or a signal has ended the process.
    pub ended: bool,
    jobs: Vec<reload::JobState>,
    /// The texts that the automatic reload compares.
    watched: Vec<(String, Option<String>)>,
}

/// A rule group that is evaluated.
#[derive(Clone, Debug)]
pub struct LoadedGroup {
    /// Path of the rule file.
    pub file: String,
    pub interval: Duration,
    pub group: RuleGroup,
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

    /// The messages on the server's own page. Source: util/notifications.
    pub fn notifications(&self) -> Vec<&'static str> {
        match self.reload_successful {
            true => Vec::new(),
            false => vec!["Configuration reload has failed."],
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
