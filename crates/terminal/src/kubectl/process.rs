//! Commands that wait for the cluster: started once, then advanced with its clock.
//!
//! A process holds no reference to the cluster, so that a copy of both continues from the same state.

use cluster::{ApiServer, Cluster};

use super::errors::{self, Failure};
use super::{Session, apply, delete, drain, get, rollout, scale, wait};
use crate::Output;

/// A command that was started.
#[derive(Clone, Debug)]
pub struct Process {
    session: Session,
    ended: bool,
}

/// The condition that a command waits for.
#[derive(Clone, Debug)]
pub(crate) enum Waiting {
    Apply(Box<apply::Applying>),
    Conditions(Box<wait::Conditions>),
    Creation(wait::Creation),
    Delete(delete::Deletion),
    Drain(Box<drain::Drain>),
    Held(Held),
    RolloutStatus(rollout::status::Watch),
    Reach(Box<Reach>),
    Scale(Box<scale::Scaling>),
    Watch(Box<get::watch::Watch>),
}

/// A request of a command to a container. The caller answers with [`Process::answer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Exec {
        namespace: String,
        pod: String,
        container: String,
        command: Vec<String>,
    },
    /// Ports of the own machine, each with that of the pod.
    Forward {
        namespace: String,
        pod: String,
        ports: Vec<(u16, u16)>,
    },
    /// `kubectl edit`: the object as its API version, kind, namespace and name.
    Edit {
        api_version: String,
        kind: String,
        namespace: String,
        name: String,
    },
}

/// A command that goes on until Ctrl+C, while the caller prints what it sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// `kubectl logs -f`: the containers whose logs it follows.
    Follow(Vec<Followed>),
    /// `kubectl port-forward`.
    Forward { namespace: String, pod: String, ports: Vec<(u16, u16)> },
}

/// A container whose log is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    pub namespace: String,
    pub pod: String,
    /// A pod of the same name with another UID is another pod.
    pub uid: String,
    pub container: String,
    /// The number of restarts at the start of the command.
    pub restarts: i64,
    /// Text in front of each line.
    pub prefix: String,
    /// True if each line begins with its time.
    pub timestamps: bool,
    /// Lines of the log that were printed or left out.
    pub seen: usize,
    /// True if the container has ended and its log is printed.
    pub ended: bool,
}

/// The state of a wait.
#[derive(Debug)]
pub(crate) enum Poll {
    /// The wait continues.
    Pending,
    /// The command is at its end, with its errors.
    Ended(Vec<Failure>),
}

/// The limit of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    /// Milliseconds that the wait can last; None if it has no limit.
    limit: Option<i64>,
    started: Option<i64>,
}

impl Deadline {
    /// A wait of at most `limit` milliseconds from the first poll on.
    pub const fn new(limit: Option<i64>) -> Self {
        Self { limit, started: None }
    }

    /// Returns true if the time has passed.
    pub fn passed(&mut self, now: i64) -> bool {
        let started = *self.started.get_or_insert(now);
        self.limit.is_some_and(|limit| now >= started.saturating_add(limit))
    }

    /// The time at which it passes, in milliseconds since the epoch.
    pub fn at(&self) -> Option<i64> {
        Some(self.started?.saturating_add(self.limit?))
    }
}

impl Waiting {
    fn poll(&mut self, server: &mut ApiServer, now: i64, session: &mut Session) -> Poll {
        match self {
            Self::Apply(applying) => applying.poll(server, now, session),
            Self::Reach(_) | Self::Held(_) => Poll::Pending,
            Self::Conditions(wait) => wait.poll(server, now, session),
            Self::Creation(wait) => wait.poll(server, now, session),
            Self::Delete(wait) => wait.poll(server, now, session),
            Self::Drain(wait) => wait.poll(server, now, session),
            Self::RolloutStatus(wait) => wait.poll(server, now, session),
            Self::Scale(wait) => wait.poll(server, now, session),
            Self::Watch(wait) => wait.poll(server, session),
        }
    }

    fn wakes_at(&self) -> Option<i64> {
        match self {
            Self::Apply(applying) => Some(applying.next),
            Self::Reach(_) | Self::Held(_) => None,
            Self::Conditions(wait) => wait.deadline.at(),
            Self::Creation(wait) => wait.deadline.at(),
            Self::Delete(wait) => wait.deadline.at(),
            Self::Drain(wait) => wait.wakes_at(),
            Self::RolloutStatus(wait) => wait.deadline.at(),
            Self::Scale(wait) => wait.deadline.at(),
            Self::Watch(_) => None,
        }
    }
}

impl Process {
    pub(crate) fn new(session: Session, failures: Vec<Failure>) -> Self {
        let mut process = Self { session, ended: false };
        if process.session.waiting.is_none() || !failures.is_empty() {
            process.end(failures);
        }
        process
    }

    /// Looks at the cluster once: prints what is new and ends if the wait is over. Call it after
    /// the start, after each change of the cluster, and at [`wakes_at`](Self::wakes_at). `now` is
    /// in milliseconds since the epoch.
    pub fn poll(&mut self, server: &mut ApiServer, now: i64) {
        let Some(mut waiting) = self.session.waiting.take() else { return };
        match waiting.poll(server, now, &mut self.session) {
            Poll::Pending => self.session.waiting = Some(waiting),
            Poll::Ended(failures) => self.end(failures),
        }
    }

    fn end(&mut self, failures: Vec<Failure>) {
        self.session.waiting = None;
        self.ended = true;
        if let Some(message) = errors::message(failures) {
            self.session.output.stderr.push_str(&message);
            self.session.output.exit = 1;
        }
    }

    /// Lets the time of a cluster pass until the command has ended, or until `limit`, in
    /// milliseconds since the epoch.
    pub fn run(&mut self, cluster: &mut Cluster, limit: i64) {
        loop {
            let now = cluster.now();
            self.poll(&mut cluster.server, now);
            let next = [cluster.next_time(), self.wakes_at()].into_iter().flatten().min();
            if self.ended || cluster.now() >= limit {
                return;
            }
            cluster.advance(next.unwrap_or(limit).min(limit));
        }
    }

    /// The time at which the wait ends if nothing happens; None if it has no limit.
    pub fn wakes_at(&self) -> Option<i64> {
        self.session.waiting.as_ref().and_then(Waiting::wakes_at)
    }

    /// The command's request to a container.
    pub fn reach(&self) -> Option<&Reach> {
        match &self.session.waiting {
            Some(Waiting::Reach(reach)) => Some(reach),
            _ => None,
        }
    }

    /// What a command that goes on until Ctrl+C sees.
    pub fn held_mut(&mut self) -> Option<&mut Held> {
        match &mut self.session.waiting {
            Some(Waiting::Held(held)) => Some(held),
            _ => None,
        }
    }

    /// Lets a command that has asked for something of a container go on until Ctrl+C.
    pub fn hold(&mut self, held: Held) {
        self.session.waiting = Some(Waiting::Held(held));
    }

    /// Prints what a held command sees.
    pub fn print(&mut self, output: &Output) {
        self.session.output.stdout.push_str(&output.stdout);
        self.session.output.stderr.push_str(&output.stderr);
    }

    /// Ends a command that has asked for something of a container, with what came of it.
    pub fn answer(&mut self, output: Output) {
        self.session.waiting = None;
        self.ended = true;
        self.session.output.stdout.push_str(&output.stdout);
        self.session.output.stderr.push_str(&output.stderr);
        self.session.output.exit = output.exit;
    }

    /// Returns true if the command has ended.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Returns the output so far, with the exit code if the command has ended.
    pub fn output(&self) -> &Output {
        &self.session.output
    }

    /// The output.
    pub fn into_output(self) -> Output {
        self.session.output
    }
}
