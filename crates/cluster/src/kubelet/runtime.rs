//! Containers and the sandbox of a pod, as the runtime of a node holds them.

use std::collections::BTreeMap;

use crate::program::{Exit, Process};

/// A container without its process: what a relist of the runtime reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `containerd://…`
    pub id: String,
    pub name: String,
    /// The image that the specification named when the container was created.
    pub spec_image: String,
    /// The image with its tag.
    pub image: String,
    /// The image with its digest, if the runtime reports one.
    pub image_id: String,
    pub restarts: i64,
    /// Milliseconds since the epoch.
    pub started: i64,
    pub ended: Option<Ended>,
}

/// The end of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Milliseconds since the epoch.
    pub at: i64,
    pub code: i64,
    pub reason: &'static str,
    pub message: String,
}

impl Record {
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }
}

/// A container with its process.
#[derive(Clone, Debug)]
pub struct Container {
    pub record: Record,
    /// None if the process could not be started.
    pub process: Option<Box<dyn Process>>,
    /// Bytes.
    pub memory_limit: Option<i64>,
    /// True if the end of the log stands in for a missing termination message.
    pub message_from_log: bool,
    pub env: BTreeMap<String, String>,
    /// Files that were mounted with `subPath`, by their path, as they were at the start.
    pub fixed_files: BTreeMap<String, Option<String>>,
    pub stop: Option<Stop>,
    /// When the process was ended from outside, and the exit code.
    pub killed: Option<(i64, i64)>,
}

/// A container that is being stopped.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Milliseconds that are left of the grace period when the stage ends.
    pub grace: i64,
    pub stage: StopStage,
    /// When the event about a failed preStop hook is due.
    pub hook_fails_at: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopStage {
    /// The preStop hook runs until then.
    Hook { since: i64, until: i64 },
    /// Other containers have to end first, at most until then.
    Turn { since: i64, until: i64 },
    /// SIGTERM was sent; SIGKILL follows. An exit is noticed from `seen_from` on.
    Signalled { kill_at: i64, seen_from: i64 },
}

/// Bytes and lines of a log that become a termination message.
/// Source: kubecontainer MaxContainerTerminationMessageLogLength, MaxContainerTerminationMessageLogLines.
const LOG_BYTES: usize = 2048;
const MESSAGE_LINES: usize = 80;
/// Bytes of a termination message. Source: MaxContainerTerminationMessageLength.
const MESSAGE_BYTES: usize = 4096;

impl Container {
    /// The time at which the container ends if nothing more happens to it.
    pub fn end_time(&self) -> Option<i64> {
        if !self.record.is_running() {
            return None;
        }
        let own = self.own_end().map(|(at, _)| at);
        let end = own.into_iter().chain(self.kill_time()).min()?;
        match self.stop.as_ref().map(|stop| &stop.stage) {
            Some(StopStage::Signalled { seen_from, .. }) => Some(end.max(*seen_from)),
            _ => Some(end),
        }
    }

    /// The end of the process itself: when it ends, and how.
    fn own_end(&self) -> Option<(i64, Exit)> {
        let own = self.process.as_ref().and_then(|process| process.end(self.memory_limit));
        let own = own.map(|(at, exit)| (self.record.started + at, exit));
        let killed = self.killed.map(|(at, code)| (at, Exit { code, ..Exit::default() }));
        own.into_iter().chain(killed).min_by_key(|(at, _)| *at)
    }

    fn kill_time(&self) -> Option<i64> {
        match self.stop.as_ref()?.stage {
            StopStage::Signalled { kill_at, .. } => Some(kill_at),
            _ => None,
        }
    }

    /// Ends the container if its time is over. Returns true if it has ended now.
    pub fn settle(&mut self, now: i64) -> bool {
        if self.end_time().is_none_or(|at| at > now) {
            return false;
        }
        let own = self.own_end();
        let (at, exit) = match (own, self.kill_time()) {
            (Some((at, exit)), kill) if kill.is_none_or(|kill| at <= kill) => (at, exit),
            (_, Some(kill)) => (kill, Exit { code: 137, ..Exit::default() }),
            _ => return false,
        };
        self.finish(at, exit);
        true
    }

    fn finish(&mut self, at: i64, exit: Exit) {
        let reason = match exit.code {
            _ if exit.out_of_memory => "OOMKilled",
            0 => "Completed",
            _ => "Error",
        };
        let mut message = exit.message;
        let mut cut = message.len().min(MESSAGE_BYTES);
        while !message.is_char_boundary(cut) {
            cut -= 1;
        }
        message.truncate(cut);
        if message.is_empty() && exit.code != 0 && self.message_from_log {
            message = self.log_tail(at);
        }
        self.record.ended = Some(Ended { at, code: exit.code, reason, message });
        self.stop = None;
    }

    fn log_tail(&self, at: i64) -> String {
        let age = at - self.record.started;
        let lines = self.process.as_ref().map(|process| process.log(age)).unwrap_or_default();
        let first = lines.len().saturating_sub(MESSAGE_LINES);
        let text: String = lines.iter().skip(first).map(|(_, line)| format!("{line}\n")).collect();
        let mut cut = text.len().saturating_sub(LOG_BYTES);
        while !text.is_char_boundary(cut) {
            cut += 1;
        }
        text.get(cut..).unwrap_or_default().to_owned()
    }

    /// Milliseconds since the start.
    pub fn age(&self, now: i64) -> i64 {
        now - self.record.started
    }

    /// Sends SIGTERM; SIGKILL follows after `grace` milliseconds.
    /// `latency` is the time until the runtime can report an exit.
    pub fn signal(&mut self, now: i64, grace: i64, hook_fails_at: Option<i64>, latency: i64) {
        let age = self.age(now);
        if let Some(process) = &mut self.process {
            process.terminate(age);
        }
        let seen_from = now + latency.min(grace);
        let stage = StopStage::Signalled { kill_at: now + grace, seen_from };
        self.stop = Some(Stop { grace, stage, hook_fails_at });
    }
}

/// The sandbox of a pod: its network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    /// Number of earlier sandboxes of the pod.
    pub attempt: i64,
    pub ready: bool,
    pub address: String,
}

/// The containers and the sandbox of a pod at the last relist; the newest container comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub records: Vec<Record>,
    pub sandbox: Option<Sandbox>,
}

impl Snapshot {
    pub fn of(containers: &[Container], sandbox: Option<&Sandbox>) -> Self {
        let records = containers.iter().rev().map(|one| one.record.clone()).collect();
        Self { records, sandbox: sandbox.cloned() }
    }

    /// The newest container of a name.
    pub fn find(&self, name: &str) -> Option<&Record> {
        self.records.iter().find(|one| one.name == name)
    }

    /// True if a relist that finds `newer` reports a container that started or died.
    pub fn differs(&self, newer: &Self) -> bool {
        let ready = |snapshot: &Self| snapshot.sandbox.as_ref().map(|one| (one.attempt, one.ready));
        ready(self) != ready(newer)
            || newer.records.iter().any(|one| {
                let old = self.records.iter().find(|old| old.id == one.id);
                old.is_none_or(|old| old.is_running() != one.is_running())
            })
    }
}
