//! The journal: every input of a world, and the way back to any moment.
//!
//! The same start and the same entries give the same state. Snapshots are clones at intervals, so
//! that going back replays little.

use serde::{Deserialize, Serialize};

use promql::Timestamp;
use terminal::Output;

use crate::World;
use crate::fault::Fault;

/// An input of a world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "camelCase")]
pub enum Input {
    /// `kubectl apply` of manifests.
    Apply {
        manifests: String,
    },
    /// `kubectl delete --wait=false` of manifests.
    Delete {
        manifests: String,
    },
    /// A file of the workspace has a new text, or is gone.
    Edit {
        path: String,
        text: Option<String>,
    },
    /// A command line of the terminal. It lasts as long as it runs.
    Command {
        line: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        stdin: String,
    },
    /// A command line in a terminal. It goes on while time passes.
    Run {
        terminal: u32,
        line: String,
    },
    /// Ctrl+C in a terminal.
    Interrupt {
        terminal: u32,
    },
    /// A terminal is closed.
    CloseTerminal {
        terminal: u32,
    },
    Fault(Fault),
    /// Time passes until then, in milliseconds since the epoch.
    Advance {
        to: Timestamp,
    },
}

/// An input with the time at which it came, in milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Timestamp,
    #[serde(flatten)]
    pub input: Input,
}

/// Simulated milliseconds between two snapshots at first.
const INTERVAL: i64 = 10 * 60_000;
/// Entries between two snapshots at most.
const ENTRIES: usize = 50;
/// Snapshots that are kept. If there are more, every second one goes and the interval doubles.
const SNAPSHOTS: usize = 16;

/// A world with its journal.
pub struct History {
    world: World,
    entries: Vec<Entry>,
    /// States with the number of entries that led to them. The first is the start.
    snapshots: Vec<(usize, World)>,
    interval: i64,
}

impl World {
    /// Takes an input. Returns what a command has printed. Time does not pass beyond `limit`, in
    /// milliseconds since the epoch.
    pub fn take(&mut self, input: &Input, limit: Timestamp) -> Output {
        match input {
            Input::Apply { manifests } => {
                self.kubectl_until(&["apply", "-f", "-"], manifests, limit)
            }
            Input::Delete { manifests } => {
                self.kubectl_until(&["delete", "--wait=false", "-f", "-"], manifests, limit)
            }
            Input::Edit { path, text } => {
                let files = std::sync::Arc::make_mut(&mut self.terminal.files);
                match text {
                    Some(text) => files.insert(path.clone(), text.clone()),
                    None => files.remove(path),
                };
                Output::default()
            }
            Input::Command { line, stdin } => self.command_with(line, stdin, limit),
            Input::Run { terminal, line } => {
                Output::default().ended(i32::from(!self.run_in_terminal(*terminal, line)))
            }
            Input::Interrupt { terminal } => {
                self.interrupt(*terminal);
                Output::default()
            }
            Input::CloseTerminal { terminal } => {
                self.close_terminal(*terminal);
                Output::default()
            }
            Input::Fault(fault) => Output::default().ended(i32::from(!self.fault(fault))),
            Input::Advance { to } => {
                self.advance((*to).min(limit));
                Output::default()
            }
        }
    }
}

/// The longest that one input lasts, in milliseconds.
const LONGEST: i64 = 3_600_000;

impl History {
    pub fn new(world: World) -> Self {
        let snapshots = vec![(0, world.clone())];
        Self { world, entries: Vec::new(), snapshots, interval: INTERVAL }
    }

    /// A history that is replayed from its start.
    pub fn replay(start: World, entries: &[Entry]) -> Self {
        let mut history = Self::new(start);
        for entry in entries {
            history.world.advance(entry.at);
            history.take(entry.input.clone());
        }
        history
    }

    /// The present state.
    pub fn world(&self) -> &World {
        &self.world
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Takes an input and writes it down. Returns what a command has printed.
    pub fn take(&mut self, input: Input) -> Output {
        let at = self.world.now();
        let limit = match input {
            Input::Advance { to } => to,
            _ => at.saturating_add(LONGEST),
        };
        let output = self.world.take(&input, limit);
        // Time that passes in steps is one entry, unless a snapshot lies between two steps.
        let open = self.snapshots.last().is_some_and(|(count, _)| *count < self.entries.len());
        match (self.entries.last_mut().filter(|_| open), &input) {
            (Some(Entry { input: Input::Advance { to: last }, .. }), Input::Advance { to }) => {
                *last = (*last).max(*to);
            }
            _ => self.entries.push(Entry { at, input }),
        }
        self.snapshot();
        output
    }

    /// Takes back the last input that is no passing of time, and all that came after it. Returns
    /// false if there is none.
    pub fn undo(&mut self) -> bool {
        let is_input = |entry: &Entry| !matches!(entry.input, Input::Advance { .. });
        let Some(last) = self.entries.iter().rposition(is_input) else { return false };
        let at = self.entries.get(last).map_or(self.world.now(), |entry| entry.at);
        let world = self.state(last, at);
        self.entries.truncate(last);
        self.snapshots.retain(|(count, _)| *count <= last);
        self.world = world;
        true
    }

    /// The state at a time in milliseconds since the epoch; the start if the time is earlier. Later
    /// times than that of the present state are simulated without an input.
    pub fn at(&self, time: Timestamp) -> World {
        let count = self.entries.iter().take_while(|entry| entry.at <= time).count();
        self.state(count, time)
    }

    /// The state after the first entries, at a time.
    fn state(&self, count: usize, time: Timestamp) -> World {
        let early = |snapshot: &&(usize, World)| snapshot.0 <= count && snapshot.1.now() <= time;
        let found = self.snapshots.iter().rev().find(early).or_else(|| self.snapshots.first());
        let Some((known, snapshot)) = found else { return self.world.clone() };
        let mut world = snapshot.clone();
        for entry in self.entries.get(*known..count).unwrap_or_default() {
            world.advance(entry.at.min(time));
            world.take(&entry.input, time);
        }
        if world.now() < time {
            world.advance(time);
        }
        world
    }

    fn snapshot(&mut self) {
        let Some((count, last)) = self.snapshots.last() else { return };
        let since = self.world.now() - last.now();
        if since < self.interval && self.entries.len() - count < ENTRIES {
            return;
        }
        self.snapshots.push((self.entries.len(), self.world.clone()));
        if self.snapshots.len() > SNAPSHOTS {
            self.interval *= 2;
            let mut number = 0;
            self.snapshots.retain(|_| {
                number += 1;
                number % 2 == 1
            });
        }
    }
}
