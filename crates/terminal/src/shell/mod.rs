//! The shell of the terminal: quoting, pipes, redirections, conditions, loops and scripts over the
//! programs of a world.
//!
//! | file | content |
//! | --- | --- |
//! | `syntax` | words, commands, instructions |
//! | `lex`, `parse` | text into instructions |
//! | `expand` | variables, `$(…)`, braces and file patterns |
//! | `run` | the machine that runs instructions and can wait |
//! | `tools` | programs that only work on text: `grep`, `head`, `sort` and the like |
//!
//! A command line is a state machine: [`Run::poll`] continues until a program waits, so that a caller
//! advances it with its clock. Commands, nesting and output are limited; nothing hangs.

mod arithmetic;
mod expand;
mod lex;
mod parse;
mod run;
mod syntax;
mod tools;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Output;
use crate::kubectl::Process;
pub use run::{Printed, Run};

/// The world in which commands run.
pub trait World {
    /// The text of a file; None if there is none.
    fn read_file(&self, path: &str) -> Option<String>;

    /// The names in a folder, sorted; None if there is no such folder. The empty path is the folder
    /// in which commands are typed.
    fn list_folder(&self, path: &str) -> Option<Vec<String>>;

    /// Writes a file.
    ///
    /// # Errors
    /// The reason, as written after the name of the file.
    fn write_file(&mut self, path: &str, text: &str) -> Result<(), String>;

    /// Starts a program with its arguments; the first word is its name. None if there is no program
    /// of that name.
    fn start(&mut self, words: &[String], stdin: &str) -> Option<Job>;

    /// Looks at a program that waits for the cluster.
    fn poll(&mut self, process: &mut Process);

    /// The time in milliseconds since the epoch.
    fn now(&self) -> i64;

    /// The names of all programs.
    fn programs(&self) -> &[&'static str];
}

/// The text that `clear` prints.
pub const CLEAR: &str = tools::CLEAR;

/// The names of the commands of the shell itself.
pub fn command_names() -> impl Iterator<Item = &'static str> {
    tools::NAMES.iter().copied()
}

/// A program that was started.
#[derive(Clone, Debug)]
pub enum Job {
    Ended(Output),
    /// kubectl, which may wait for the cluster.
    Kubectl(Box<Process>),
    /// Ends at a time in milliseconds since the epoch.
    Sleep(i64),
}

/// The state of a shell between command lines.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    pub variables: BTreeMap<String, String>,
    functions: BTreeMap<String, Arc<[syntax::Instruction]>>,
    /// The exit code of the last command: `$?`.
    pub status: i32,
}

impl Shell {
    /// Starts a command line.
    pub fn start(&self, text: &str) -> Run {
        Run::after(text, self.status)
    }

    /// Returns true if the shell itself has the command that words begin with.
    pub fn knows(words: &[&str]) -> bool {
        words.first().is_some_and(|name| tools::knows(name))
    }

    /// Runs a command line whose programs do not wait: one that would wait ends where its wait
    /// begins.
    pub fn run(&mut self, text: &str, world: &mut dyn World) -> Output {
        let mut run = self.start(text);
        run.finish(self, world);
        run.into_output()
    }
}
