//! Terminals: command lines of the visitor, and what they print.
//!
//! A command goes on while simulated time passes. [`Run`](TerminalRequest::Run) starts it; each later
//! [`Update`](crate::Update) brings what it has printed since, until it ends.

use serde::{Deserialize, Serialize};

use crate::pages::Page;
use crate::stored::ObjectKey;
use crate::update::Completions;
use text::{FileId, Location};

/// Characters of a command line at most.
pub const MOST_LINE: usize = 16 << 10;
/// Terminals that can be open at once.
pub const MOST_TERMINALS: usize = 8;

/// A request of a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TerminalRequest {
    /// Runs a command line. The terminal is opened if it is not there.
    Run { terminal: u32, line: String },
    /// Ends the running command, as Ctrl+C does.
    Interrupt { terminal: u32 },
    /// Closes the terminal, and ends what runs in it.
    Close { terminal: u32 },
}

/// What happened in a terminal since the last update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TerminalUpdate {
    pub terminal: u32,
    /// True if the screen is cleared before the output is shown.
    pub clear: bool,
    /// True if output before these pieces was dropped because there was too much of it.
    pub dropped: bool,
    pub output: Vec<OutputPiece>,
    /// True if a command runs.
    pub running: bool,
    /// The exit code of the last command.
    pub exit: i32,
    /// Files of the workspace that commands have written.
    pub files: Vec<WrittenFile>,
    /// The place or the file that `kubectl edit` opens.
    pub opens: Option<Opened>,
}

/// A piece of output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputPiece {
    /// True for the standard error.
    pub error: bool,
    /// True for a line of the terminal itself: the way on after a command.
    pub note: bool,
    pub text: String,
    /// Names in the text that lead to a place of the page, in the order of the text.
    pub links: Vec<OutputLink>,
}

/// A name in a piece of output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputLink {
    /// Byte offsets in the text of the piece.
    pub start: u32,
    pub end: u32,
    pub target: LinkTarget,
}

/// The place that a name leads to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum LinkTarget {
    /// The manifest of an object.
    Manifest { object: ObjectKey, at: Location },
    /// A file of the workspace.
    File(FileId),
    /// A page that shows an object without a manifest of its own, such as a pod.
    Page { object: ObjectKey, page: Page },
    /// A command that is put at the prompt.
    Line(String),
    /// Simulated time that passes.
    Wait { millis: u64 },
}

/// A file that a command has written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    pub name: String,
    pub text: String,
}

/// An object that is opened in the editor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Opened {
    /// The manifest of the object.
    Manifest(Location),
    /// An object without a manifest in the workspace: a new file with it.
    NewFile(WrittenFile),
}

/// Completions at a place of a command line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineCompletions {
    pub terminal: u32,
    /// The line for which they were computed.
    pub line: String,
    /// The span is in bytes of the line. Items are sorted by their labels.
    pub completions: Completions,
}

/// A command that a beginner needs, with what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstCommand {
    pub line: &'static str,
    pub shows: &'static str,
}

/// The commands that `?` shows, in the order in which they help. NAME stands for the name of an
/// object of the visitor.
pub const FIRST_COMMANDS: &[FirstCommand] = &[
    first("kubectl get pods", "the pods, and whether they are ready"),
    first("kubectl get all -A", "the workloads and Services of all namespaces"),
    first("kubectl describe pod NAME", "an object and its events: why a pod does not start"),
    first("kubectl logs NAME", "what a container has written; -f follows it"),
    first("kubectl get endpointslices", "the addresses behind each Service"),
    first("kubectl get pods -w", "changes of pods as they happen; Ctrl+C ends it"),
    first("kubectl rollout status deployment/NAME", "waits until an update is complete"),
    first("kubectl scale deployment/NAME --replicas=3", "changes the number of pods"),
    first("kubectl delete pod NAME", "deletes a pod; its controller makes another one"),
    first("kubectl apply -f FILE", "stores the manifests of a file"),
    first("kubectl exec NAME -- wget -qO- localhost:9090/metrics", "a command in a container"),
    first("kubectl port-forward svc/NAME 9090", "a port of this machine that leads to a pod"),
    first("curl -s localhost:9090/api/v1/targets", "the targets as Prometheus tells them"),
    first("kubectl explain deployment.spec.replicas", "the description of a field"),
    first("promtool check config prometheus.yml", "mistakes in a configuration"),
];

const fn first(line: &'static str, shows: &'static str) -> FirstCommand {
    FirstCommand { line, shows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_commands_are_different_lines_that_fit() {
        for (number, command) in FIRST_COMMANDS.iter().enumerate() {
            assert!(command.line.len() < 60 && !command.shows.is_empty(), "{}", command.line);
            let before = &FIRST_COMMANDS[..number];
            assert!(before.iter().all(|other| other.line != command.line), "{}", command.line);
        }
    }
}
