//! kubectl: its reading of files, its requests, its words.
//!
//! | file | content |
//! | --- | --- |
//! | `read` | files into objects: documents, lists, errors with lines |
//! | `apply` | `kubectl apply`, client-side and server-side |
//! | `change` | `create`, `delete`, `patch`, `scale`, `label`, `annotate`, `set env`, `rollout` |
//! | `get`, `table` | `kubectl get` and its tables |
//! | `errors` | errors as kubectl prints them |
//!
//! Source: kubectl pkg/cmd, cli-runtime pkg/resource.

mod apply;
mod change;
mod errors;
mod get;
pub mod read;
mod table;

use cluster::ApiServer;

use crate::Output;
pub use apply::{Applied, apply_object};
pub use errors::{Failure, message};

/// What kubectl works with: a server, files, and the namespace of its context.
pub struct Kubectl<'a> {
    pub server: &'a mut ApiServer,
    /// The text of a file by its path; None if there is no such file.
    pub files: &'a dyn Fn(&str) -> Option<String>,
    pub namespace: &'a str,
}

/// Flags and other words of a command.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub words: Vec<String>,
    pub files: Vec<String>,
    /// The namespace that a flag names.
    pub namespace: Option<String>,
    pub flags: Vec<(String, String)>,
}

/// Flags that take no value.
const SWITCHES: &[&str] = &[
    "server-side",
    "force-conflicts",
    "overwrite",
    "all",
    "wait",
    "A",
    "all-namespaces",
    "show-labels",
    "show-kind",
    "no-headers",
    "ignore-not-found",
];

impl Arguments {
    fn parse(arguments: &[&str]) -> Self {
        let mut parsed = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some(flag) = argument.strip_prefix('-').filter(|flag| !flag.is_empty()) else {
                parsed.words.push((*argument).to_owned());
                continue;
            };
            let flag = flag.strip_prefix('-').unwrap_or(flag);
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (flag, None),
            };
            let switch = SWITCHES.contains(&name);
            let mut value = || match &value {
                Some(value) => value.clone(),
                None if switch => "true".to_owned(),
                None => rest.next().map(|value| (*value).to_owned()).unwrap_or_default(),
            };
            match name {
                "f" | "filename" => parsed.files.push(value()),
                "n" | "namespace" => parsed.namespace = Some(value()),
                name => {
                    let value = value();
                    parsed.flags.push((name.to_owned(), value));
                }
            }
        }
        parsed
    }

    pub fn flag(&self, names: &[&str]) -> Option<&str> {
        let found = self.flags.iter().find(|(name, _)| names.contains(&name.as_str()));
        found.map(|(_, value)| value.as_str())
    }
}

/// What a command has printed so far.
#[derive(Default)]
pub(crate) struct Session {
    pub output: Output,
    warned: Vec<String>,
}

impl Session {
    pub fn print(&mut self, line: &str) {
        self.output.stdout.push_str(line);
        self.output.stdout.push('\n');
    }

    /// A warning of the server. The same one is printed once.
    pub fn warn(&mut self, warnings: &[String]) {
        for warning in warnings {
            if !self.warned.contains(warning) {
                self.warned.push(warning.clone());
                self.output.stderr.push_str(&format!("Warning: {warning}\n"));
            }
        }
    }

    /// A warning of kubectl itself.
    pub fn note(&mut self, text: &str) {
        self.output.stderr.push_str(text);
        self.output.stderr.push('\n');
    }

    fn finish(mut self, failures: Vec<Failure>) -> Output {
        if let Some(message) = errors::message(failures) {
            self.output.stderr.push_str(&message);
            self.output.exit = 1;
        }
        self.output
    }
}

impl Kubectl<'_> {
    /// Runs a command, given as its words without the leading `kubectl`.
    pub fn run(&mut self, words: &[&str]) -> Output {
        let Some((command, rest)) = words.split_first() else { return Output::default() };
        let arguments = Arguments::parse(rest);
        let mut session = Session::default();
        // kubectl names itself after the command in each request.
        self.server.set_manager(match *command {
            "apply" => "kubectl-client-side-apply",
            "create" => "kubectl-create",
            "patch" => "kubectl-patch",
            "label" => "kubectl-label",
            "annotate" => "kubectl-annotate",
            "set" => "kubectl-set",
            "rollout" => "kubectl-rollout",
            _ => "kubectl",
        });
        let failures = match *command {
            "apply" => self.apply(&arguments, &mut session),
            "get" => self.get(&arguments, &mut session),
            "create" => self.create(&arguments, &mut session),
            "delete" => self.delete(&arguments, &mut session),
            "patch" => self.patch(&arguments, &mut session),
            "scale" => self.scale(&arguments, &mut session),
            "label" => self.set_metadata("labels", &arguments, &mut session),
            "annotate" => self.set_metadata("annotations", &arguments, &mut session),
            "set" => self.set_env(&arguments, &mut session),
            "rollout" => self.rollout(&arguments, &mut session),
            other => vec![Failure::Plain(format!("unknown command \"{other}\" for \"kubectl\""))],
        };
        session.finish(failures)
    }
}

#[cfg(test)]
mod tests;
