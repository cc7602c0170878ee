//! The processes of the simulated system: what runs, since when, and with which values.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::workload::{Process, Workload};
use promql::Timestamp;

/// A program that runs in some container.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessSpec {
    /// Unique: `namespace/pod/container:port`.
    pub key: Arc<str>,
    pub workload: Arc<Workload>,
    /// The path of its metrics; other paths are answered with 404.
    pub path: Arc<str>,
    /// A status with which the program answers all requests.
    pub status: Option<u16>,
    /// The start of the process, if it is known. Another start is a restart: counters begin again.
    pub started: Option<Timestamp>,
}

/// Processes by key.
pub(crate) type Processes = BTreeMap<Arc<str>, Running>;

/// A process with its history.
#[derive(Clone)]
pub(crate) struct Running {
    pub spec: ProcessSpec,
    pub process: Process,
    /// Times of events that the user caused, by stream.
    pub extra: BTreeMap<Arc<str>, Vec<Timestamp>>,
    /// Start and end of each run before the current one.
    pub(super) lifetimes: Vec<(Timestamp, Timestamp)>,
    /// Fixed values, by the index of the sample in the plan.
    pub(crate) pinned: Vec<(usize, f64)>,
}

/// One run of a process, from its start to its end.
pub(crate) struct Lifetime {
    pub started: Timestamp,
    pub ended: Timestamp,
}

/// The processes that a crash loop concerns: the one with `key`, or all but the server.
pub(super) fn crashing<'a>(
    processes: &'a mut Processes,
    key: Option<&'a Arc<str>>,
    server: Option<&'a Arc<str>>,
) -> impl Iterator<Item = &'a mut Running> {
    let all = processes.iter_mut();
    let crashes = move |known: &Arc<str>| match key {
        Some(key) => key == known,
        None => server != Some(known),
    };
    all.filter(move |(known, _)| crashes(known)).map(|(_, running)| running)
}

impl Running {
    /// All runs of the process, the current one last.
    pub fn lifetimes(&self) -> impl Iterator<Item = Lifetime> {
        let before = self.lifetimes.iter().map(|&(started, ended)| Lifetime { started, ended });
        before.chain([Lifetime { started: self.process.started, ended: Timestamp::MAX }])
    }

    /// Ends the current run at `at` and starts the next at `start`.
    pub(super) fn restart(&mut self, at: Timestamp, start: Timestamp) {
        if self.process.started < at {
            self.lifetimes.push((self.process.started, at));
        }
        self.process = self.process.restarted(start);
    }

    /// Replaces the values of pinned samples.
    pub fn pin(&self, values: &mut [f64]) {
        for &(place, value) in &self.pinned {
            if let Some(slot) = values.get_mut(place) {
                *slot = value;
            }
        }
    }
}
