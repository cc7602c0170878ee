//! Terminals: command lines that run while the time of the cluster passes.
//!
//! A terminal belongs to the state of the world. Whoever advances the world also advances what runs
//! in terminals, at the instants at which something changes, so that the output does not depend on the
//! size of the steps.

use std::collections::BTreeMap;

use promql::Timestamp;
use terminal::shell::{Printed, Run, Shell};

use crate::World;

/// Terminals that can be open at once.
pub const MOST_TERMINALS: usize = 8;
/// Bytes of output that wait for the caller in one terminal. The oldest pieces are dropped.
const MOST_WAITING: usize = 256 << 10;

/// All open terminals by their numbers.
pub(crate) type Terminals = BTreeMap<u32, Terminal>;

/// A shell with the command line that runs in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terminal {
    shell: Shell,
    run: Option<Run>,
    printed: Vec<Printed>,
    /// True if output was dropped since the caller took it last.
    dropped: bool,
}

/// An object that `kubectl edit` opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    pub api_version: String,
    pub kind: String,
    /// Empty for an object without a namespace.
    pub namespace: String,
    pub name: String,
}

/// What a terminal has printed since the last call, and whether a command runs in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    pub printed: Vec<Printed>,
    /// True if older output was dropped because there was too much of it.
    pub dropped: bool,
    pub running: bool,
    /// The exit code of the last command.
    pub exit: i32,
}

impl Terminal {
    fn take(&mut self) {
        let Some(run) = &mut self.run else { return };
        self.printed.extend(run.take_printed());
        if run.has_ended() {
            self.run = None;
        }
        let mut length: usize = self.printed.iter().map(|piece| text_of(piece).len()).sum();
        let mut gone = 0;
        while length > MOST_WAITING && gone + 1 < self.printed.len() {
            length -= self.printed.get(gone).map_or(0, |piece| text_of(piece).len());
            gone += 1;
        }
        self.dropped |= gone > 0;
        self.printed.drain(..gone);
    }
}

fn text_of(piece: &Printed) -> &str {
    match piece {
        Printed::Out(text) | Printed::Err(text) => text,
    }
}

impl World {
    /// Runs a command line in a terminal, which is opened if it is not there. The command goes on
    /// while time passes. Returns false if a command runs in the terminal, or if there are too many
    /// terminals.
    pub fn run_in_terminal(&mut self, terminal: u32, line: &str) -> bool {
        let terminals = &mut self.terminal.terminals;
        if !terminals.contains_key(&terminal) && terminals.len() >= MOST_TERMINALS {
            return false;
        }
        let one = terminals.entry(terminal).or_default();
        if one.run.is_some() {
            return false;
        }
        one.run = Some(one.shell.start(line));
        self.poll_terminals();
        true
    }

    /// Ends the command of a terminal as Ctrl+C does.
    pub fn interrupt(&mut self, terminal: u32) {
        if let Some(one) = self.terminal.terminals.get_mut(&terminal) {
            if let Some(run) = &mut one.run {
                run.cancel(&mut one.shell);
            }
            one.take();
        }
        self.close_forwards(terminal);
    }

    /// Closes a terminal with what runs in it.
    pub fn close_terminal(&mut self, terminal: u32) {
        self.terminal.terminals.remove(&terminal);
        self.close_forwards(terminal);
    }

    /// Ends what runs in all terminals. Their shells keep their state.
    pub fn interrupt_all(&mut self) {
        let all: Vec<u32> = self.terminal.terminals.keys().copied().collect();
        all.into_iter().for_each(|terminal| self.interrupt(terminal));
    }

    fn close_forwards(&mut self, terminal: u32) {
        self.terminal.forwards.retain(|_, forward| forward.terminal != Some(terminal));
    }

    /// Takes what a terminal has printed.
    pub fn take_screen(&mut self, terminal: u32) -> Screen {
        let Some(one) = self.terminal.terminals.get_mut(&terminal) else {
            return Screen::default();
        };
        Screen {
            printed: std::mem::take(&mut one.printed),
            dropped: std::mem::take(&mut one.dropped),
            running: one.run.is_some(),
            exit: one.shell.status,
        }
    }

    /// The numbers of the open terminals.
    pub fn open_terminals(&self) -> Vec<u32> {
        self.terminal.terminals.keys().copied().collect()
    }

    /// The exit code of the last command of a terminal.
    pub fn status_of_terminal(&self, terminal: u32) -> i32 {
        self.terminal.terminals.get(&terminal).map_or(0, |one| one.shell.status)
    }

    /// Takes the objects that `kubectl edit` opens.
    pub fn take_edited(&mut self) -> Vec<Edited> {
        std::mem::take(&mut self.terminal.edited)
    }

    /// Returns true if a command runs in a terminal.
    pub fn runs_commands(&self) -> bool {
        self.terminal.terminals.values().any(|one| one.run.is_some())
    }

    /// The time at which the wait of a command ends if nothing happens.
    pub(crate) fn terminals_wake_at(&self) -> Option<Timestamp> {
        let runs = self.terminal.terminals.values().filter_map(|one| one.run.as_ref());
        runs.filter_map(Run::wakes_at).min()
    }

    /// Looks at what runs in terminals: after each change of the cluster, and when time has passed.
    pub(crate) fn poll_terminals(&mut self) {
        if !self.runs_commands() {
            return;
        }
        // A command can change what another one waits for: a forward prints the connection of curl.
        for _ in 0..2 {
            for terminal in self.open_terminals() {
                self.poll_terminal(terminal);
            }
        }
    }

    fn poll_terminal(&mut self, terminal: u32) {
        let Some(one) = self.terminal.terminals.get_mut(&terminal) else { return };
        let Some(mut run) = one.run.take() else { return };
        let mut shell = std::mem::take(&mut one.shell);
        self.poll_in_terminal(&mut run, &mut shell, terminal);
        let ended = run.has_ended();
        // The command can not close its own terminal.
        let one = self.terminal.terminals.entry(terminal).or_default();
        (one.run, one.shell) = (Some(run), shell);
        one.take();
        if ended {
            self.close_forwards(terminal);
        }
    }
}
