//! Completion of helm, promtool, minikube and the programs of the shell.

use super::{Candidate, Surroundings, files};
use crate::{helm, minikube, promtool, shell};

/// Programs besides those of the shell, with what they are.
const PROGRAMS: &[(&str, &str)] = &[
    ("curl", "sends a request"),
    ("helm", "charts and releases"),
    ("kubectl", "the cluster"),
    ("minikube", "addresses and add-ons"),
    ("promtool", "checks and queries of Prometheus"),
    ("wget", "sends a request"),
];

/// The names of all programs, and scripts.
pub(super) fn names(around: &Surroundings<'_>, typed: &str) -> Vec<Candidate> {
    if typed.contains('/') {
        return files(around, typed);
    }
    let programs = PROGRAMS.iter().map(|(name, what)| Candidate::new(*name, *what));
    let tools = shell::command_names().map(|name| Candidate::new(name, "shell"));
    programs.chain(tools).collect()
}

/// The candidates for the word behind a program and its words.
pub(super) fn complete(
    program: &str,
    words: &[&str],
    typed: &str,
    around: &Surroundings<'_>,
) -> Vec<Candidate> {
    match program {
        "helm" => with_files(helm::complete(words, typed), typed, around),
        "promtool" => with_files(commands(&promtool::PROMTOOL, words, typed), typed, around),
        "minikube" => minikube::complete(words, around.server),
        "curl" | "wget" | "echo" => Vec::new(),
        _ => files(around, typed),
    }
}

/// Files are offered where a program has no word of its own.
fn with_files(own: Vec<Candidate>, typed: &str, around: &Surroundings<'_>) -> Vec<Candidate> {
    if own.is_empty() && !typed.starts_with('-') { files(around, typed) } else { own }
}

/// Subcommands and flags of a program that kingpin parses.
fn commands(program: &kingpin::Command, words: &[&str], typed: &str) -> Vec<Candidate> {
    let mut command = program;
    let mut flags: Vec<&kingpin::Flag> = program.flags.iter().collect();
    for word in words {
        if let Some(next) = command.commands.iter().find(|one| one.name == *word) {
            command = next;
            flags.extend(next.flags);
        }
    }
    if typed.starts_with('-') {
        let shown = flags.into_iter().filter(|flag| !flag.hidden);
        return shown.map(|flag| Candidate::new(format!("--{}", flag.name), flag.help)).collect();
    }
    let shown = command.commands.iter().filter(|one| !one.hidden);
    shown.map(|one| Candidate::new(one.name, one.help)).collect()
}
