//! Completion of command lines: programs, subcommands, flags, kinds, names, namespaces, files.
//!
//! | file | content |
//! | --- | --- |
//! | `line` | the command around the cursor |
//! | `programs` | helm, promtool, minikube and the programs of the shell |
//! | `kubectl/complete` | kubectl |

pub(crate) mod line;
mod programs;

use cluster::ApiServer;

use crate::kubectl::{self, Config};
use line::Command;

/// Candidates at most.
const MOST: usize = 200;

/// The context of a completion.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub server: &'a ApiServer,
    pub config: &'a Config,
    /// Paths of the files, sorted.
    pub files: &'a [&'a str],
}

/// A candidate that replaces the word at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    pub text: String,
    /// A few words beside it; may be empty.
    pub detail: String,
}

impl Candidate {
    pub(crate) fn new(text: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { text: text.into(), detail: detail.into() }
    }
}

/// The candidates at a place of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// The byte offset at which the text begins that a candidate replaces. It ends at the cursor.
    pub start: usize,
    /// Sorted, each text once.
    pub items: Vec<Candidate>,
}

/// Completes the word before a byte offset of a line.
pub fn complete(line: &str, offset: usize, around: &Surroundings<'_>) -> Candidates {
    let before = line.get(..offset).unwrap_or(line);
    let command = line::command_at(before);
    let mut items = candidates(&command, around);
    // The part of the word behind `=`, or behind the last comma of a list, is replaced alone.
    let typed = command.current.as_str();
    items.retain(|item| item.text.starts_with(typed) && item.text != typed);
    items.sort();
    items.dedup_by(|a, b| a.text == b.text);
    items.truncate(MOST);
    Candidates { start: command.start, items }
}

fn candidates(command: &Command, around: &Surroundings<'_>) -> Vec<Candidate> {
    if command.redirects {
        return files(around, &command.current);
    }
    let Some((program, rest)) = command.words.split_first() else {
        return programs::names(around, &command.current);
    };
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    match program.as_str() {
        "kubectl" | "k" => kubectl::complete::complete(&words, &command.current, around),
        name => programs::complete(name, &words, &command.current, around),
    }
}

/// Files whose paths begin with a text, up to the end of the next folder.
pub(crate) fn files(around: &Surroundings<'_>, typed: &str) -> Vec<Candidate> {
    let typed_path = typed.strip_prefix("./").unwrap_or(typed);
    let dots = &typed[..typed.len() - typed_path.len()];
    let of_file = |path: &&str| {
        let rest = path.strip_prefix(typed_path)?;
        let end = rest.find('/').map_or(path.len(), |at| typed_path.len() + at + 1);
        let text = path.get(..end)?;
        let detail = if text.ends_with('/') { "folder" } else { "file" };
        Some(Candidate::new(format!("{dots}{text}"), detail))
    };
    around.files.iter().filter_map(of_file).collect()
}

#[cfg(test)]
mod tests;
